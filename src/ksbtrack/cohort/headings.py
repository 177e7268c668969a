"""Which row of a table names its columns, and which cell of a row holds which column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from ksbtrack.cohort.table_columns import COLUMNS, KEY_COLUMNS, ULN_HEADINGS, TableName, folded, matched_columns
from ksbtrack.problems import KsbtrackError, Problem, Source

_ULN = frozenset(folded(heading) for heading in (*ULN_HEADINGS, "uln"))
Rows = Sequence[tuple[int, Sequence[str]]]
"""The first rows of a table: number and cells."""
FROM_RETURN = frozenset(("standard", "start"))
"""Columns of learners that need not be there where a learner record return fills them."""


@dataclass(frozen=True, slots=True)
class MatchedHeader:
    """The row that names the columns.

    Attributes:
        number: of the row, counted from 1; of a text its line; 0 where a file names its columns elsewhere.
        headings: its cells.
        columns: for each documented column that is there, the cells that hold it. The first that is not empty counts:
            only the column that names the learner can have two, the reference and the ULN.
    """

    number: int
    headings: tuple[str, ...]
    columns: Mapping[str, tuple[int, ...]]


def header_of(
    rows_by_delimiter: Mapping[str, Rows], table: TableName, shown: str, filled: frozenset[str] = frozenset()
) -> tuple[str, MatchedHeader]:
    """Give the sign between cells and the header: of all rows read with any sign, the one that knows most columns.

    Args:
        rows_by_delimiter: the first rows of a text, read with each sign that may stand between its cells.
        table: what the text should hold.
        shown: its path for messages.
        filled: columns of learners that something else fills, so that they need not be there.

    Raises:
        KsbtrackError: `missing-column`, `ambiguous-column`.
    """
    best: tuple[int, str, int, Sequence[str]] = (-1, next(iter(rows_by_delimiter)), 1, ())
    for delimiter, rows in rows_by_delimiter.items():
        for number, cells in rows:
            known = len(matched_columns(table, cells))
            if known > best[0]:
                best = (known, delimiter, number, cells)
    return best[1], header_from(best[3], best[2], table, Source(shown, best[2]), filled)


def header_from(
    headings: Sequence[str], number: int, table: TableName, source: Source, filled: frozenset[str] = frozenset()
) -> MatchedHeader:
    """Give the header that a row of headings is.

    Args:
        headings: its cells.
        number: of the row.
        table: what it should head.
        source: where it stands.
        filled: columns of learners that something else fills, so that they need not be there.

    Raises:
        KsbtrackError: `missing-column`, `ambiguous-column`.
    """
    found = matched_columns(table, headings)
    without = filled if table is TableName.LEARNERS else frozenset()
    problems = [*_missing(table, found.keys() | without, source), *_ambiguous(table, headings, found, source)]
    if problems:
        raise KsbtrackError(*problems)
    learner = found.get("learner", [])
    # The reference goes before the ULN where a table has both.
    learner.sort(key=lambda place: _is_uln(headings[place]))
    return MatchedHeader(number, tuple(headings), {name: tuple(places) for name, places in found.items()})


def _missing(table: TableName, found: Set[str], source: Source) -> list[Problem]:
    needed = [column.name for column in COLUMNS[table] if column.is_needed and column.name not in found]
    if table is TableName.LEARNERS and not any(key in found for key in KEY_COLUMNS):
        needed.insert(0, " or ".join(KEY_COLUMNS))
    return [
        Problem(
            "missing-column",
            source,
            f"no column {name}",
            f"the table {table.value} needs it",
            "Name it in the first row, as docs/cohort-tables.md or the template has it.",
        )
        for name in needed
    ]


def _ambiguous(
    table: TableName, headings: Sequence[str], found: Mapping[str, list[int]], source: Source
) -> list[Problem]:
    return [
        Problem(
            "ambiguous-column",
            source,
            f"{len(places)} columns that mean {name}: {', '.join(str(place + 1) for place in places)}",
            "each column is there once",
            f"Head the one that is meant '{name}', and give the others another heading.",
        )
        for name, places in found.items()
        if len(places) > (len({_is_uln(headings[place]) for place in places}) if name == "learner" else 1)
    ]


def _is_uln(heading: str) -> bool:
    return folded(heading) in _ULN
