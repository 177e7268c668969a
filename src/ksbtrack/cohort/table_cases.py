"""Learners from sorted tables: the rows of some of them at a time, each with their own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ksbtrack.cohort.cases import LearnerRows, case_reader
from ksbtrack.cohort.table_columns import COLUMNS, TableName
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
    for rows in _rows_of_learners(_opened(chunk.place), chunk):
        found = reader.case(rows, chunk.files)
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


def _rows_of_learners(connection: DuckDBPyConnection, chunk: Chunk) -> Iterator[LearnerRows]:
    """Yield the rows of each learner of a chunk for whom every row could be read."""
    span = [chunk.first, chunk.last]
    blocked = {
        seq for (seq,) in connection.execute("select seq from blocked where seq >= ? and seq < ?", span).fetchall()
    }
    learners: dict[int, LearnerRows] = {}
    for row in connection.execute(_selection(connection, TableName.LEARNERS), span).fetchall():
        if row[0] not in blocked and (chunk.only is None or row[4] in chunk.only):
            learners[row[0]] = LearnerRows(row)
    for table in _OTHERS:
        name = table.value
        for row in connection.execute(_selection(connection, table), span).fetchall():
            rows = learners.get(row[0])
            if rows is not None:
                getattr(rows, name).append(row)
    yield from learners.values()


@lru_cache(maxsize=len(TableName))
def _selection(connection: DuckDBPyConnection, table: TableName) -> str:
    """Give the statement that selects each documented column of a table, those that are not there as nothing."""
    there = {name for (name, *_) in connection.execute(f"describe {table.value}").fetchall()}
    is_learners = table is TableName.LEARNERS
    before = "seq, row, twin_by_key, twin_by_uln, key" if is_learners else "seq, row"
    columns = COLUMNS[table] if is_learners else COLUMNS[table][1:]
    listed = ", ".join(f'"{column.name}"' if column.name in there else "null" for column in columns)
    return f"select {before}, {listed} from {table.value} where seq >= ? and seq < ? order by seq, row"
