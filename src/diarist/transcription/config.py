"""How engines are run. Apart from the engines, so that settings load no library."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class FasterWhisperConfig:
    """How the model is run.

    Attributes:
        device: `cpu`, `cuda`, or `auto` for the GPU where there is one.
        compute_type: CTranslate2's name for the arithmetic; `auto` for int8 on a CPU and
            float16 on a GPU.
        replicas: batches in work at once; 0 for one a core (CPU) or one (GPU).
        threads: threads of each replica; 0 for what the cores allow.
        batch_size: windows in a batch; 0 for 4 (CPU) or 16 (GPU).
    """

    device: str = "auto"
    compute_type: str = "auto"
    replicas: int = 0
    threads: int = 0
    batch_size: int = 0


@dataclass(frozen=True)
class RemoteConfig:
    """Where the server is and how to talk to it.

    Attributes:
        base_url: up to and with `/v1`.
        api_key: sent as a bearer token, if given.
        timeout_s: for one chunk, upload and answer together.
        attempts: tries in all for errors that pass.
        parallel_chunks: requests at the same time.
        word_times: whether to ask for `verbose_json` with words; servers and models that know
            only plain `json` get it switched off by themselves after the first refusal.
    """

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    timeout_s: float = 600.0
    attempts: int = 4
    parallel_chunks: int = 2
    word_times: bool = True
