"""Look at every recording before the first is transcribed: what cannot work fails at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diarist.audio.probe import probe
from diarist.cli.batch.outcome import Outcome, Prepared, name_of
from diarist.cli.inputs import NotFound, Source
from diarist.cli.outputs import OutputPlan, check
from diarist.errors import DiaristError


def survey(
    found: Iterable[Source | NotFound], plan: OutputPlan, *, skip_existing: bool
) -> Iterator[Prepared | Outcome]:
    """Read the headers of recordings and choose where their results go.

    Args:
        found: what the user named.
        plan: names for the results.
        skip_existing: a recording with all its results is left alone.

    Yields:
        In the same order, what is ready to be transcribed, and what is settled already.
    """
    for one in found:
        if isinstance(one, NotFound):
            yield Outcome(one.name, "failed", error=one.error)
        else:
            yield _surveyed(one, plan, skip_existing=skip_existing)


def _surveyed(source: Source, plan: OutputPlan, *, skip_existing: bool) -> Prepared | Outcome:
    paths = plan.paths_for(source)
    if skip_existing and paths and all(path.exists() for path in paths.values()):
        return Outcome(name_of(source), "skipped", outputs=paths)
    try:
        check(paths, may_overwrite=plan.may_overwrite)
        with source.opened() as stream:
            info = probe(stream, source.name)
        return Prepared(source, info, source.recorded_at(info.recorded_at), paths)
    except DiaristError as error:
        return Outcome(name_of(source), "failed", error=error)
