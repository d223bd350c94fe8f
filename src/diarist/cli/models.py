"""`diarist models`: which there are, which are here, and how to fetch one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from diarist.cli.text import note

if TYPE_CHECKING:
    from diarist.transcription.models import ModelStore

models_app = typer.Typer(
    help="List, fetch and check the models that turn speech into text.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_Names = Annotated[list[str] | None, typer.Argument(metavar="[MODEL]…")]


@models_app.command("list")
def list_models() -> None:
    """Print each model: name, languages, size of its weights, and where it is."""
    from diarist.transcription.catalogue import MODELS  # noqa: PLC0415 - loaded where it is used

    store = _store()
    for model in MODELS.values():
        located = store.locate(model.name)
        where = located.source if located else "not here"
        languages = "about 100 languages" if model.multilingual else "English only"
        cells = (model.name, languages, f"{model.weights_mb} MB", where)
        print("\t".join(cells).expandtabs(20) if sys.stdout.isatty() else "\t".join(cells))


@models_app.command("pull")
def pull(models: Annotated[list[str], typer.Argument(metavar="MODEL…")]) -> None:
    """Fetch models from the hub, at a pinned revision, and check them."""
    from diarist.cli.pulling import pull_with_bar  # noqa: PLC0415 - loads rich

    store = _store()
    for name in models:
        print(pull_with_bar(store, name))


@models_app.command("verify")
def verify(models: _Names = None) -> None:
    """Check every file of models against the published digests; all that are here by default."""
    store = _store()
    names = models or [located.name for located in store.installed()]
    if not names:
        note("no model is on this machine; `diarist models list` shows which there are")
    for name in names:
        path = store.verified(name)
        print(f"{name}\tas published\t{path}")


@models_app.command("path")
def path(model: Annotated[str, typer.Argument(metavar="MODEL")]) -> None:
    """Print the folder of a model, checked; weights in packages are unpacked first."""
    print(_store().verified(model))


def _store() -> ModelStore:
    from diarist.bootstrap.engines import model_store  # noqa: PLC0415 - loads pydantic
    from diarist.settings import load_settings  # noqa: PLC0415 - likewise

    return model_store(load_settings())
