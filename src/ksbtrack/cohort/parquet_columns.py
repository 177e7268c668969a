"""Columns of a Parquet file as text: what each type means, and which types mean nothing here."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ksbtrack.cohort.headings import header_from
from ksbtrack.cohort.table_columns import COLUMN_OF, CellKind, TableName
from ksbtrack.problems import KsbtrackError, Problem, Source, visible

_WHOLE = frozenset(
    ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT")
)
_NUMBERS = frozenset((CellKind.KEY, CellKind.TEXT, CellKind.NUMBER))
_MOMENTS = frozenset(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"))
_ADVICE = {
    CellKind.DAY: "a day is a date, or text such as 2026-11-22",
    CellKind.FLAG: "yes or no is a truth value or text",
    CellKind.CODES: "codes are text, or a list of texts",
    CellKind.CHOICE: "it is text",
    CellKind.NUMBER: "a number is a number or text",
    CellKind.KEY: "it is text or a whole number",
    CellKind.TEXT: "it is text",
}


def parquet_columns(
    table: TableName, described: Sequence[tuple[str, str]], source: Source, filled: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Give the expression that makes text of each documented column of a Parquet file.

    Args:
        table: what the file should hold.
        described: name and type of each column, as duckdb describes it.
        source: the file, for messages.
        filled: columns of learners that something else fills, so that they need not be there.

    Raises:
        KsbtrackError: `missing-column`, `ambiguous-column`; `unusable-column` for a type that cannot mean what is
            wanted. Columns that are not documented can have any type: they are not read.
    """
    header = header_from([name for name, _ in described], 0, table, source, filled)
    problems: list[Problem] = []
    expressions: dict[str, str] = {}
    for name, places in header.columns.items():
        kind = COLUMN_OF[table][name].kind
        parts = []
        for place in places:
            heading, type_name = described[place]
            part = _as_text(kind, _identifier(heading), type_name)
            if part is None:
                problems.append(_unusable(name, heading, type_name, kind, source))
            else:
                parts.append(part)
        if parts:
            expressions[name] = parts[0] if len(parts) == 1 else f"coalesce({', '.join(parts)})"
    if problems:
        raise KsbtrackError(*problems)
    return expressions


def _as_text(kind: CellKind, column: str, type_name: str) -> str | None:
    """Give the expression that makes text of a column; None where its type cannot mean what is wanted."""
    if type_name == "VARCHAR" or type_name.startswith("ENUM"):
        return f"cast({column} as varchar)"
    if type_name == "DATE" or type_name in _MOMENTS:
        return f"strftime({column}, '%Y-%m-%d')" if kind is CellKind.DAY else None
    others = {
        ("BOOLEAN", CellKind.FLAG): f"case {column} when true then 'yes' when false then 'no' end",
        ("VARCHAR[]", CellKind.CODES): f"array_to_string({column}, ';')",
        ("UUID", CellKind.KEY): f"cast({column} as varchar)",
    }
    return others.get((type_name, kind)) or (_number_as_text(column, type_name) if kind in _NUMBERS else None)


def _number_as_text(column: str, type_name: str) -> str | None:
    if type_name in _WHOLE:
        return f"cast({column} as varchar)"
    if type_name in ("FLOAT", "DOUBLE"):
        # What is no number is how data frames write an empty cell.
        whole = f"cast(cast({column} as bigint) as varchar)"
        return (
            f"case when isnan({column}) or isinf({column}) then null "
            f"when {column} = trunc({column}) and abs({column}) < 1e15 then {whole} else cast({column} as varchar) end"
        )
    if type_name.startswith("DECIMAL"):
        text = f"cast({column} as varchar)"
        return f"case when contains({text}, '.') then rtrim(rtrim({text}, '0'), '.') else {text} end"
    return None


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _unusable(name: str, heading: str, type_name: str, kind: CellKind, source: Source) -> Problem:
    shown = re.split(r"[(\[]", type_name, maxsplit=1)[0].lower() if type_name[-1:] != "]" else "list"
    return Problem(
        "unusable-column",
        source,
        f"the column {visible(heading)} ({name}) of the type {shown}",
        _ADVICE[kind],
        "Write the column again as text."
        if "TIME ZONE" not in type_name
        else "Which day a moment belongs to depends on the place: write the column as dates.",
    )
