"""Filling the sorted tables of a cohort from a learner record return, before anybody reads a learner from them."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ksbtrack.cohort.returned import Filled, ReturnIndex, filled, index_of
from ksbtrack.cohort.table_columns import TableName
from ksbtrack.cohort.tables import MEMORY_MEGABYTES, SortedTables
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

FILLED = ("standard", "start", "original_start", "prior_learning_hours")
"""The columns of `learners` that a return fills."""
_READ = ("learner", "uln", "standard_version", "planned_gateway", *FILLED)
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
    additions: list[tuple[int, Filled]] = []
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
                additions.append((seq, added))
                yield from added.differences
        _write_cells(connection, additions)
        _write_breaks(connection, additions)


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
    except duckdb.IOException as error:
        raise cannot_write(place, OSError(errno.ENOSPC, "no space left")) from error


def _learners(connection: DuckDBPyConnection) -> Iterator[tuple[int, int, dict[str, str]]]:
    """Yield number, row and the cells that are not empty of each learner."""
    names = [name for name in _READ if name in _columns(connection, "learners")]
    listed = ", ".join(f"nullif(trim({name}), '')" for name in names)
    found = connection.cursor().execute(f"select seq, row, {listed} from learners order by seq")
    while rows := found.fetchmany(_FETCHED):
        for seq, row, *values in rows:
            yield seq, row, {name: str(value) for name, value in zip(names, values, strict=True) if value}


def _breaks(connection: DuckDBPyConnection) -> dict[int, tuple[Break, ...]]:
    """Give the breaks on record by the learner's number; what cannot be read is told by whoever reads it."""
    if not {"record", "start"} <= _columns(connection, "records"):
        return {}
    end = '"end"' if "end" in _columns(connection, "records") else "null"
    found: dict[int, tuple[Break, ...]] = {}
    selected = f"select seq, start, {end} from records where seq is not null and lower(trim(record)) = 'break'"
    for seq, first, last in connection.execute(selected).fetchall():
        try:
            pause = Break(
                start=date.fromisoformat(first.strip()), end=date.fromisoformat(last.strip()) if last else None
            )
        except (ValueError, AttributeError):
            continue
        found[seq] = (*found.get(seq, ()), pause)
    return found


def _write_cells(connection: DuckDBPyConnection, additions: Sequence[tuple[int, Filled]]) -> None:
    rows = [(seq, *(added.cells.get(name) for name in FILLED)) for seq, added in additions if added.cells]
    if not rows:
        return
    there = _columns(connection, "learners")
    for name in FILLED:
        if name not in there:
            connection.execute(f"alter table learners add column {name} varchar")
    connection.execute(f"create temp table filled (seq integer, {', '.join(f'{name} varchar' for name in FILLED)})")
    _insert(connection, "filled", rows)
    kept = ", ".join(f"{name} = coalesce(nullif(trim(learners.{name}), ''), filled.{name})" for name in FILLED)
    connection.execute(f"update learners set {kept} from filled where learners.seq = filled.seq")


def _write_breaks(connection: DuckDBPyConnection, additions: Sequence[tuple[int, Filled]]) -> None:
    rows = [
        (seq, 0, "break", pause.start.isoformat(), pause.end.isoformat() if pause.end else None)
        for seq, added in additions
        for pause in added.breaks
    ]
    if not rows:
        return
    there = _columns(connection, "records")
    for name in ("record", "start", "end"):
        if name not in there:
            connection.execute(f'alter table records add column "{name}" varchar')
    _insert(connection, 'records (seq, row, record, start, "end")', rows)


def _insert(connection: DuckDBPyConnection, into: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows many at a time: one at a time takes a hundred times as long."""
    for first in range(0, len(rows), _INSERTED):
        some = rows[first : first + _INSERTED]
        marks = ", ".join(["(" + ", ".join("?" * len(some[0])) + ")"] * len(some))
        connection.execute(f"insert into {into} values {marks}", [value for row in some for value in row])


def _columns(connection: DuckDBPyConnection, table: str) -> set[str]:
    return {str(name) for (name, *_) in connection.execute(f"describe {table}").fetchall()}
