"""What a command line wishes of a job, as the job engine takes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from diarist.bootstrap.engines import LOCAL_ENGINE, model_store
from diarist.cli.arguments import vocabulary_of
from diarist.jobs.options import JobOptions
from diarist.settings import Settings
from diarist.transcription.choice import AUTO
from diarist.transcription.languages import code_of


@dataclass(frozen=True)
class Wishes:
    """What was typed; empty values leave the choice to the worker."""

    model: str = ""
    language: str = ""
    translate: bool = False
    vocabulary: tuple[str, ...] = ()
    wants_entry: bool = True


def options_of(wishes: Wishes, settings: Settings) -> JobOptions:
    """Return the options of jobs.

    Raises:
        UnknownLanguageError, UnknownModelError, InputError: if something is misspelled.
    """
    return JobOptions(
        model=_model(wishes.model, settings),
        language=code_of(wishes.language) if wishes.language else None,
        translate=wishes.translate,
        vocabulary=vocabulary_of(wishes.vocabulary),
        wants_entry=wishes.wants_entry,
    )


def _model(name: str, settings: Settings) -> str:
    """Return a model as any worker on this machine finds it.

    Workers on other machines may have models that are not here, so only a machine of its own
    can tell that a name is wrong.
    """
    if not name or name == AUTO or settings.transcription.engine != LOCAL_ENGINE:
        return name
    is_embedded = not settings.queue.redis_url.get_secret_value()
    located = model_store(settings).locate(name) if is_embedded or Path(name).is_dir() else None
    if located is None or located.model is not None or located.path is None:
        return name
    return str(located.path.absolute())
