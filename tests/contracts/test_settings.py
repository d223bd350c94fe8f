"""Settings say what they mean, and a wrong one is named."""

from __future__ import annotations

import pytest

from diarist.errors import SettingsError
from diarist.settings import PREFIX, Settings, load_settings, setting_names


def test_every_setting_is_described() -> None:
    def fields_of(kind: type) -> list[tuple[str, str | None]]:
        found: list[tuple[str, str | None]] = []
        for name, field in kind.model_fields.items():  # type: ignore[attr-defined]  # pydantic
            inner = getattr(field.annotation, "model_fields", None)
            found += fields_of(field.annotation) if inner else [(name, field.description)]
        return found

    assert [name for name, description in fields_of(Settings) if not description] == []


def test_a_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIARIST_TRANSCRIPTION__BEAM_SIZE", "3")

    assert load_settings().transcription.beam_size == 3


def test_a_table_may_be_given_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIARIST_REMOTE", '{"attempts": 2}')

    assert load_settings().remote.attempts == 2


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DIARIST_TRANSCRIPTION__MODLE", "DIARIST_TRANSCRIPTION__MODEL"),
        ("DIARIST_MODELS_ROOT", "DIARIST_MODELS__ROOT"),
    ],
)
def test_a_misspelled_setting_is_named_with_the_one_that_was_meant(name: str, meant: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({name: "x"})

    assert name in caught.value.message
    assert meant in caught.value.hint


def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIARIST_TRANSCRIPTION__BEAM_SIZE", "many")

    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert "DIARIST_TRANSCRIPTION__BEAM_SIZE" in caught.value.message


def test_names_of_other_programs_are_left_alone() -> None:
    assert load_settings({"DIARY_TYPO": "x", "PATH": "/bin"}) is not None


def test_a_secret_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIARIST_REMOTE__API_KEY", "sk-very-secret")

    assert "very-secret" not in repr(load_settings())


def test_names_are_those_of_the_environment() -> None:
    assert all(name.startswith(PREFIX) and name == name.upper() for name in setting_names())
