"""What a person typed into the search field, and how the two databases are asked for it.

    walk home       both words, anywhere in a passage
    "walk home"     one behind the other
    wal*            words that begin so
    -rain           not this word; likewise -"heavy rain" and -rain*

Anything else is text: operators of databases are words, what is no word is ignored, and of quotes
that do not pair the last is. What is asked for reaches a database only as the ASCII words of
`folding.py`, so there is nothing in it that could be taken for syntax.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from diarist.errors import UnsupportedRequestError
from diarist.storage.folding import folded

LONGEST_QUERY = 10_000
"""Characters that are read of a query."""

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂〝〞", '"'))
_TERM = re.compile(
    r"""(?P<minus>-*) (?: "(?P<phrase>[^"]*)" | (?P<word>[^\s"*]+) ) (?P<star>\*+(?![^\s"]))?""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Term:
    """Words that stand one behind the other; mostly it is one.

    Attributes:
        words: folded.
        is_prefix: the last of them may go on.
    """

    words: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True)
class Query:
    """What a passage must have in it, all of it, and what it must not have in it."""

    wanted: tuple[Term, ...]
    excluded: tuple[Term, ...] = ()


def parse_query(text: str) -> Query:
    """Read what was typed.

    Raises:
        UnsupportedRequestError: if there is no word in it to look for, or if it is too long.
    """
    if len(text) > LONGEST_QUERY:
        raise UnsupportedRequestError(
            f"the search has {len(text):,} characters, and {LONGEST_QUERY:,} are read",
            hint="Search for fewer words.",
        )
    wanted: dict[Term, None] = {}
    excluded: dict[Term, None] = {}
    for match in _TERM.finditer(text.translate(_QUOTES)):
        words = tuple(folded(match["word"] or match["phrase"] or "").split())
        if words:
            terms = excluded if match["minus"] else wanted
            terms[Term(words, bool(match["star"]))] = None
    if not wanted:
        raise UnsupportedRequestError(
            "the search says only what is not wanted" if excluded else "the search has no words",
            hint='Type a word to look for, such as: walk -rain "on the way home" swim*',
        )
    return Query(tuple(wanted), tuple(excluded))


def fts5_expression(query: Query) -> str:
    """Return a query as the full-text index of SQLite reads it."""
    wanted = " AND ".join(map(_fts5_term, query.wanted))
    excluded = " OR ".join(map(_fts5_term, query.excluded))
    return f"({wanted}) NOT ({excluded})" if excluded else wanted


def tsquery(query: Query) -> str:
    """Return a query as PostgreSQL's type `tsquery` reads it."""
    excluded = ["!" + term for term in _tsquery_terms(query.excluded)]
    return " & ".join([*_tsquery_terms(query.wanted), *excluded])


def owner_word(owner_id: UUID) -> str:
    """Return a word that marks the passages of an owner in PostgreSQL's index.

    No folded word looks like it: behind an "x" there, a number in base 36 never begins with "y".
    """
    return f"xy{owner_id.hex}"


def _fts5_term(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + ("*" if term.is_prefix else "")


def _tsquery_terms(terms: Sequence[Term]) -> list[str]:
    return [
        "(" + " <-> ".join(f"'{word}'" for word in term.words) + (":*)" if term.is_prefix else ")")
        for term in terms
    ]
