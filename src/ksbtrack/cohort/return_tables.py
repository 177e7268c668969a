"""Filling the sorted tables of a cohort from a learner record return, before anybody reads a learner from them."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ksbtrack.cohort.returned import Filled, ReturnIndex, filled, index_of
from ksbtrack.cohort.sorting import CELL_END
from ksbtrack.cohort.table_columns import COLUMNS, RecordKind, TableName
from ksbtrack.cohort.tables import MEMORY_MEGABYTES, SortedTables, without_room
from ksbtrack.files.writing import cannot_write
from ksbtrack.formats.ilr import read_return
from ksbtrack.load.folders import StandardFiles, resolved, standard_files
from ksbtrack.load.standards import load_identity
from ksbtrack.models.cohort import Fault, LearnerVerdict
from ksbtrack.models.portfolio import Break
from ksbtrack.models.standard import Standard
from ksbtrack.problems import KsbtrackError, Problem, Source, several

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FETCHED = 2_000
_INSERTED = 500


class LarsCodes:
    """The LARS codes of the standards in some folders.

    A class, since a standard is read once for all learners who are on it.
    """

    def __init__(self, folders: Sequence[str]) -> None:
        """Find the standards; they are read when somebody asks for them.

        Raises:
            KsbtrackError: `not-a-folder`, `too-many-files`.
        """
        self._files: StandardFiles = standard_files(folders)
        self._codes: dict[str, int | None] = {}
        self._by_code: dict[int, list[Standard]] | None = None

    def code_of(self, name: str) -> int | None:
        """Give the code of a standard named with or without its version; None if it has none or cannot be read."""
        if name not in self._codes:
            standard = self._read(name)
            self._codes[name] = standard.lars_code if standard else None
        return self._codes[name]

    def standard_of(self, code: int, start: date) -> str | None:
        """Give the one version with a code whose starts include a day, as `reference@version`."""
        if self._by_code is None:
            self._by_code = {}
            for identity in self._files.by_identity:
                standard = self._read(identity)
                if standard is not None and standard.lars_code:
                    self._by_code.setdefault(standard.lars_code, []).append(standard)
        fitting = [
            standard.identity
            for standard in self._by_code.get(code, ())
            if (standard.earliest_start or start) <= start <= (standard.latest_start or start)
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _read(self, name: str) -> Standard | None:
        source = Source("standard")
        try:
            return load_identity(resolved(name, self._files, source), self._files, source)
        except KsbtrackError:
            # Whoever judges the learner says what is wrong with it, with its place.
            return None


class ReturnBeside:
    """A return that was read beside a cohort, and what it has to say about it.

    A class, since what it says is collected while learners are gone through.
    """

    def __init__(self, path: Path, folders: Sequence[str]) -> None:
        """Read the return.

        Raises:
            KsbtrackError: as `read_return`.
        """
        self._shown = path.as_posix()
        self._index = index_of(read_return(path))
        self._codes = LarsCodes(folders)
        self._told: list[Problem] = []

    def fill(self, tables: SortedTables) -> None:
        """Fill what the sorted tables leave empty."""
        self._told += fill_tables(tables, self._index, self._codes)

    def compare(self, verdicts: Iterable[LearnerVerdict]) -> None:
        """Compare learners who have folders: these leave nothing empty that a return could fill."""
        for verdict in verdicts:
            found = self._index.of(verdict.uln, None, verdict.source)
            if isinstance(found, Problem):
                self._told.append(found)
            elif found is not None:
                cells = {"standard": verdict.standard, "start": verdict.start.isoformat()}
                compared = filled(
                    cells, (), found, verdict.source, lars_code=self._codes.code_of, standard_of=self._codes.standard_of
                )
                self._told += compared.differences

    def faults(self) -> Iterator[Fault]:
        """Yield what is wrong in the return, then where it contradicts the cohort; none of it prevents a verdict."""
        yield from (Fault(problem) for problem in (*self._index.faults, *self._told))

    def notes(self) -> tuple[str, ...]:
        """Say how many learners of the return are not in the cohort."""
        others = self._index.count - len(self._index.found)
        if not others:
            return ()
        are = "is" if others == 1 else "are"
        return (f"{self._shown} has {several(others, 'apprentice')} who {are} not in the cohort.",)


def fill_tables(tables: SortedTables, index: ReturnIndex, codes: LarsCodes) -> Iterator[Problem]:
    """Fill what the tables leave empty from a return; yield the contradictions, in the order of the rows.

    Everything is filled once the last contradiction was taken.

    Args:
        tables: as `sort_tables` gave them.
        index: the learners of the return.
        codes: of the standards.
    """
    file = tables.files[TableName.LEARNERS.value]
    additions: list[tuple[int, dict[str, str], Filled]] = []
    with _changing(tables.place) as connection:
        breaks = _breaks(connection)
        for seq, row, cells in list(_learners(connection)):
            at = Source(file, row)
            returned = index.of(cells.get("uln"), cells.get("learner"), at)
            if isinstance(returned, Problem):
                yield returned
            elif returned is not None:
                added = filled(
                    cells,
                    breaks.get(seq, ()),
                    returned,
                    at,
                    lars_code=codes.code_of,
                    standard_of=codes.standard_of,
                )
                additions.append((seq, cells, added))
                yield from added.differences
        _write(connection, additions)


@contextmanager
def _changing(place: Path) -> Iterator[DuckDBPyConnection]:
    """Give a connection that changes the sorted tables, and reaches no other file."""
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "enable_external_access": "false",
        "lock_configuration": "true",
        "memory_limit": f"{MEMORY_MEGABYTES}MB",
        "threads": "1",
    }
    try:
        with duckdb.connect(str(place), config=config) as connection:
            yield connection
    except duckdb.Error as error:
        raise without_room(error, place) or cannot_write(place, OSError(errno.EIO, "")) from error


def _learners(connection: DuckDBPyConnection) -> Iterator[tuple[int, int, dict[str, str]]]:
    """Yield number, row and the cells that are not empty of each learner."""
    found = connection.cursor().execute("select seq, row, text from learners order by seq")
    while rows := found.fetchmany(_FETCHED):
        for seq, row, text in rows:
            yield seq, row, _cells(TableName.LEARNERS, text)


def _cells(table: TableName, text: str) -> dict[str, str]:
    """Give the cells of a row that are not empty, by column."""
    cells = (cell.strip() for cell in text.split(CELL_END))
    return {name: cell for name, cell in zip(_names(table), cells, strict=True) if cell}


def _names(table: TableName) -> list[str]:
    """Give the columns whose cells are in a row's text."""
    return [column.name for column in COLUMNS[table]][0 if table is TableName.LEARNERS else 1 :]


def _text(table: TableName, cells: Mapping[str, str]) -> str:
    return CELL_END.join(cells.get(name, "") for name in _names(table))


def _breaks(connection: DuckDBPyConnection) -> dict[int, tuple[Break, ...]]:
    """Give the breaks on record by the learner's number; what cannot be read is told by whoever reads it."""
    found: dict[int, tuple[Break, ...]] = {}
    for seq, text in connection.execute("select seq, text from records where seq is not null").fetchall():
        cells = _cells(TableName.RECORDS, text)
        if cells.get("record", "").casefold() != RecordKind.BREAK:
            continue
        try:
            last = date.fromisoformat(cells["end"]) if "end" in cells else None
            found[seq] = (*found.get(seq, ()), Break(start=date.fromisoformat(cells["start"]), end=last))
        except (ValueError, KeyError):
            continue
    return found


def _write(connection: DuckDBPyConnection, additions: Sequence[tuple[int, dict[str, str], Filled]]) -> None:
    """Put what a return adds into the tables: cells into the learners' rows, breaks as records."""
    rows = [
        (seq, _text(TableName.LEARNERS, {**cells, **added.cells})) for seq, cells, added in additions if added.cells
    ]
    if rows:
        connection.execute("create temp table filled (seq integer, text varchar)")
        _insert(connection, "filled", rows)
        connection.execute("update learners set text = filled.text from filled where learners.seq = filled.seq")
    records = [
        (seq, 0, _text(TableName.RECORDS, _record(pause))) for seq, _, added in additions for pause in added.breaks
    ]
    if records:
        _insert(connection, "records (seq, row, text)", records)


def _record(pause: Break) -> dict[str, str]:
    end = {"end": pause.end.isoformat()} if pause.end else {}
    return {"record": RecordKind.BREAK.value, "start": pause.start.isoformat(), **end}


def _insert(connection: DuckDBPyConnection, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows many at a time: one at a time takes a hundred times as long."""
    for first in range(0, len(rows), _INSERTED):
        some = rows[first : first + _INSERTED]
        marks = ", ".join(["(" + ", ".join("?" * len(some[0])) + ")"] * len(some))
        connection.execute(f"insert into {into} values {marks}", [value for row in some for value in row])
