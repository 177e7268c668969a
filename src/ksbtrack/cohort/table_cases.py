"""Learners from sorted tables: the rows of some of them at a time, each with their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ksbtrack.cohort.cases import LearnerRows, case_reader
from ksbtrack.cohort.sorting import CELL_END, ROW_END
from ksbtrack.cohort.table_columns import TableName
from ksbtrack.cohort.tables import open_sorted
from ksbtrack.models.cohort import Chunk, Fault, LearnerCase

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_OTHERS = tuple(table for table in TableName if table is not TableName.LEARNERS)


def table_cases(chunk: Chunk) -> Iterator[LearnerCase | Fault]:
    """Yield the case of each learner of a chunk in their order, or everything that is wrong with their rows.

    A learner whom a row names that could not be read at all has no case: that row is told for all of them together.

    Args:
        chunk: with the file of the sorted tables.
    """
    reader = case_reader(chunk.question)
    connection = _opened(chunk.place)
    for seq, rows in _rows_of_learners(connection, chunk):
        found = reader.case(rows, chunk.files)
        if isinstance(found, list):
            # Read again with the numbers of all rows: who has nothing wrong needs none of them.
            found = reader.case(_with_numbers(connection, seq, rows), chunk.files)
        if isinstance(found, LearnerCase):
            yield found
        else:
            yield from found


@lru_cache(maxsize=1)
def _opened(place: str) -> DuckDBPyConnection:
    """Give a connection to sorted tables; it stays open for the chunks that follow."""
    return open_sorted(Path(place))


def forget_tables(place: str) -> None:
    """Close the sorted tables in this process, so that their file can go."""
    if _opened.cache_info().currsize:
        _opened(place).close()
        _opened.cache_clear()


def _rows_of_learners(connection: DuckDBPyConnection, chunk: Chunk) -> Iterator[tuple[int, LearnerRows]]:
    """Yield the rows of each learner of a chunk for whom every row could be read, with the learner's number."""
    span = [chunk.first, chunk.last]
    blocked = set(connection.execute("select seq from blocked where seq >= ? and seq < ?", span).fetchall())
    learners: dict[int, LearnerRows] = {}
    for seq, row, by_key, by_uln, key, text in connection.execute(
        "select seq, row, twin_by_key, twin_by_uln, key, text from learners where seq >= ? and seq < ? order by seq",
        span,
    ).fetchall():
        if (seq,) not in blocked and (chunk.only is None or key in chunk.only):
            by_reference = text.partition(CELL_END)[0].strip() == key
            twin = (by_key, "learner" if by_reference else "uln") if by_key else (by_uln, "uln") if by_uln else None
            learners[seq] = LearnerRows(key, row, twin, text)
    for table in _OTHERS:
        # One text for all rows of a learner: fetching each cell of each row alone takes five times as long.
        joined = f"string_agg(text, chr({ord(ROW_END)}) order by row)"
        statement = f"select seq, {joined} from {table.value} where seq >= ? and seq < ? group by seq"
        for seq, text in connection.execute(statement, span).fetchall():
            if seq in learners:
                learners[seq].others[table] = text.split(ROW_END)
    yield from learners.items()


def _with_numbers(connection: DuckDBPyConnection, seq: int, rows: LearnerRows) -> LearnerRows:
    """Give a learner's rows with their numbers."""
    numbers: dict[TableName, list[int]] = {}
    for table in _OTHERS:
        found = connection.execute(f"select row from {table.value} where seq = ? order by row", [seq]).fetchall()
        numbers[table] = [row for (row,) in found]
    return replace(rows, numbers=numbers)
