"""Tables of a cohort, sorted by learner in a file of their own, whatever their size and order.

duckdb reads and sorts them within a limit of memory. It is told every type, reaches no file but those of the cohort,
and loads nothing from elsewhere. Only documented columns are read; what stands in others never leaves its file.
"""

from __future__ import annotations

import csv
import errno
import glob
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ksbtrack.cohort.delimited import TextRow, look_through, text_rows
from ksbtrack.cohort.headings import MatchedHeader, header_of
from ksbtrack.cohort.parquet_columns import parquet_columns
from ksbtrack.cohort.sorting import BAD_ROWS, bad_rows, clean_days, fill_learners, fill_rows, orphans, set_aside
from ksbtrack.cohort.table_columns import TableName
from ksbtrack.cohort.table_files import FileFormat, TableFile, TableFiles, table_files
from ksbtrack.files.writing import cannot_write
from ksbtrack.formats.sheet_headers import MAX_ROWS_BEFORE_HEADER
from ksbtrack.models.cohort import Fault
from ksbtrack.models.sheets import Sheet
from ksbtrack.problems import KsbtrackError, Problem, Source

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY_MEGABYTES = 256
"""Memory for sorting; what does not fit goes to the disk. A run as a whole keeps within 1 GB."""
SORTED_FILE = "sorted.duckdb"
"""The name of the file with the sorted tables in the folder for the work."""
_LONGEST_ROW = 4_000_000
"""Characters of a row that the fast reader takes: more than all cells of a row may have."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
_DISK_WORDS = ("disk space", "max_temp_directory_size")
_WRITING_WORDS = ("Could not write", "Could not create", "Could not sync", "Failed to create checkpoint")
"""How the library that sorts begins what it says of writing, where the system gave no reason that we know."""
_MAKE_ROOM = (
    "Sorting needs room for the tables once more, in one file: free some space, lift the limit, or give another folder "
    "for temporary files (TMPDIR)."
)


@dataclass(frozen=True, slots=True)
class SortedTables:
    """The tables of a cohort as they lie sorted: where, how many learners, and what could not be read.

    Attributes:
        place: the file.
        learners: how many there are; they are numbered from 0 in the order of their table.
        files: the tables that are there, by name, each as messages name it.
        notes: what was not taken as it stood, as sentences.
    """

    place: Path
    learners: int
    files: Mapping[str, str]
    notes: tuple[str, ...]

    def faults(self) -> Iterator[Fault]:
        """Yield rows that could not be read at all, then rows of learners who are not in the table of learners."""
        with open_sorted(self.place) as connection:
            yield from bad_rows(connection)
            yield from orphans(connection, self.files)


def sort_tables(source: Path, work: Path, threads: int = 2, filled: frozenset[str] = frozenset()) -> SortedTables:
    """Read the tables of a cohort and sort them by learner.

    Args:
        source: a workbook, or a folder of tables.
        work: an empty folder on a disk with room for the tables once more.
        threads: how many the sorting may use.
        filled: columns of learners that something else fills afterwards, so that they need not be there.

    Raises:
        KsbtrackError: `missing-table`, `ambiguous-table`, `missing-column`, `ambiguous-column`, `unusable-column`,
            `bad-csv`, `not-a-table`, `cannot-write`, and the faults of workbooks and texts.
    """
    files = table_files(source)
    place = work / SORTED_FILE
    notes = list(files.notes)
    with _connected(place, source, work, threads) as connection:
        headers = _read_all(connection, files, work, notes, filled)
        fill_learners(connection, headers[TableName.LEARNERS])
        for table in TableName:
            if table is not TableName.LEARNERS:
                fill_rows(connection, table, headers.get(table, ()))
        set_aside(connection, work / BAD_ROWS)
        (learners,) = connection.execute("select count(*) from learners").fetchone() or (0,)
        shown = {table.value: file.shown for table, file in files.tables.items()}
        connection.execute("checkpoint")
    return SortedTables(place, learners, shown, tuple(notes))


@contextmanager
def _connected(place: Path, source: Path, work: Path, threads: int) -> Iterator[DuckDBPyConnection]:
    """Give a connection that may touch the source and the work folder, and nothing else."""
    import duckdb

    folder = source.parent if source.is_file() else source
    try:
        connection = duckdb.connect(str(place), config=_config(threads, MEMORY_MEGABYTES))
        with connection:
            reachable = ", ".join(_literal(str(path.resolve()) + "/") for path in (folder, work))
            connection.execute(f"set allowed_directories = [{reachable}]")
            connection.execute(f"set temp_directory = {_literal(str(work.resolve()))}")
            connection.execute("set enable_progress_bar = false")
            connection.execute("set enable_external_access = false")
            connection.execute("set lock_configuration = true")
            yield connection
    except duckdb.Error as error:
        raise _in_our_words(error, source, work) from error


def _config(threads: int, megabytes: int) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": f"{megabytes}MB",
        "threads": str(threads),
    }


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _in_our_words(error: Exception, source: Path, work: Path) -> KsbtrackError:
    """Give what the reader of tables refused; its own words may quote a row, and are not handed on."""
    if (no_room := without_room(error, work)) is not None:
        return no_room
    found = type(error).__name__.removesuffix("Exception").removesuffix("Error") or "an error"
    return KsbtrackError(
        Problem(
            "not-a-table",
            Source(source.as_posix()),
            f"tables that cannot be sorted ({found})",
            "each is whole, and there is room on the disk to sort them",
            "Write them again from the program that holds them.",
        )
    )


def without_room(error: Exception, place: Path) -> KsbtrackError | None:
    """Give the error for sorted tables that found no room on the disk; None if something else is wrong.

    Args:
        error: of the library that sorts.
        place: their file or folder.
    """
    words = str(error)
    number = next((number for number in _NO_ROOM if os.strerror(number) in words), 0)
    if not number and any(part in words for part in _DISK_WORDS):
        number = errno.ENOSPC
    if not number and any(part in words for part in _WRITING_WORDS):
        number = errno.EIO
    if not number:
        return None
    (problem,) = cannot_write(place, OSError(number, "")).problems
    return KsbtrackError(replace(problem, fix=_MAKE_ROOM))


def open_sorted(place: Path) -> DuckDBPyConnection:
    """Give a connection that only reads the sorted tables.

    Raises:
        KsbtrackError: `unreadable-file` where this machine does not reach them.
    """
    import duckdb

    locked = {"enable_external_access": "false", "lock_configuration": "true"}
    try:
        return duckdb.connect(str(place), read_only=True, config=_config(1, READ_MEGABYTES) | locked)
    except duckdb.IOException as error:
        raise KsbtrackError(
            Problem(
                "unreadable-file",
                Source(place.as_posix()),
                "sorted tables that cannot be opened here",
                "every machine that works on a cohort reaches the folder with its sorted tables",
                "Give all machines the same folder for temporary files (TMPDIR), or work on one machine.",
            )
        ) from error


READ_MEGABYTES = 96
"""Memory for reading the rows of some learners: a few row groups of each table."""


def _read_all(
    connection: DuckDBPyConnection, files: TableFiles, work: Path, notes: list[str], filled: frozenset[str]
) -> dict[TableName, tuple[str, ...]]:
    """Read each table as `raw_<name>`, with its row numbers and its documented columns; give these columns."""
    found: dict[TableName, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for table, file in files.tables.items():
        try:
            if file.format is FileFormat.PARQUET:
                found[table] = _read_parquet(connection, file, work, filled)
            elif file.sheet is not None:
                found[table] = _read_sheet(connection, file, file.sheet, work, filled)
            else:
                found[table] = _read_text(connection, file, work, notes, filled)
            clean_days(connection, table, found[table])
        except KsbtrackError as error:
            problems += error.problems
    if problems:
        raise KsbtrackError(*problems)
    return found


def _plainly_named(path: Path, work: Path) -> str:
    """Give a name for a file in which no sign means several files, as the reader of tables takes them."""
    named = str(path.resolve())
    if glob.escape(named) == named and "{" not in named:
        return named
    link = work / f"source-{len(list(work.iterdir()))}{path.suffix}"
    try:
        link.symlink_to(named)
    except OSError as error:
        raise cannot_write(link, error) from error
    return str(link)


def _read_parquet(
    connection: DuckDBPyConnection, file: TableFile, work: Path, filled: frozenset[str]
) -> tuple[str, ...]:
    import duckdb

    path = _plainly_named(file.path, work)
    try:
        described = connection.execute("describe select * from read_parquet(?)", [path]).fetchall()
        types = [(str(row[0]), str(row[1])) for row in described]
        selected = parquet_columns(file.table, types, Source(file.shown), filled)
        listed = ", ".join(f'{expression} as "{name}"' for name, expression in selected.items())
        connection.execute(
            f'create temp table "raw_{file.table.value}" as select file_row_number + 1 as row, {listed} '
            "from read_parquet(?, file_row_number = true)",
            [path],
        )
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        if without_room(error, work) is not None:
            raise
        raise KsbtrackError(
            Problem(
                "not-a-table",
                Source(file.shown),
                "a Parquet file that is damaged or breaks off",
                "a Parquet file is whole",
                "Write it again from the program that holds the table.",
            )
        ) from error
    return tuple(selected)


def _read_text(
    connection: DuckDBPyConnection, file: TableFile, work: Path, notes: list[str], filled: frozenset[str]
) -> tuple[str, ...]:
    """Read a text the fast way, and row by row where its rows are not one plain line each."""
    import duckdb

    text = look_through(file.path, file.shown, file.table, work, filled)
    notes += [text.note] if text.note else []
    name = f"raw_{file.table.value}"
    if text.is_plain:
        width = len(text.header.headings)
        columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(width))
        try:
            connection.execute(
                f'create temp table "{name}" as select row_number() over () + {text.header.number} as row, '
                f"{_text_columns(text.header)} from read_csv(?, header = false, skip = {text.header.number}, "
                f"columns = {{{columns}}}, auto_detect = false, delim = ?, quote = '\"', escape = '\"', "
                f"strict_mode = true, max_line_size = {_LONGEST_ROW})",
                [_plainly_named(text.path, work), text.delimiter],
            )
            (count,) = connection.execute(f'select count(*) from "{name}"').fetchone() or (0,)
            if count == text.lines - text.header.number:
                return tuple(text.header.columns)
            connection.execute(f'drop table "{name}"')
        except duckdb.InvalidInputException:
            pass  # A row that is none: read row by row, each is told with its place.
    return _read_rows(connection, file, text.header, text_rows(text), work)


def _text_columns(header: MatchedHeader) -> str:
    return ", ".join(f'{_first_of(places)} as "{name}"' for name, places in header.columns.items())


def _first_of(places: tuple[int, ...]) -> str:
    if len(places) == 1:
        return f"c{places[0]}"
    return "coalesce(" + ", ".join(f"nullif(trim(c{place}), '')" for place in places) + ")"


def _read_sheet(
    connection: DuckDBPyConnection, file: TableFile, sheet: Sheet, work: Path, filled: frozenset[str]
) -> tuple[str, ...]:
    first = [(row.number, row.cells) for row in sheet.rows[:MAX_ROWS_BEFORE_HEADER]]
    _, header = header_of({"": first}, file.table, file.shown, filled)
    rows = (TextRow(row.number, list(row.cells)) for row in sheet.rows if row.number > header.number)
    return _read_rows(connection, file, header, rows, work)


def _read_rows(
    connection: DuckDBPyConnection, file: TableFile, header: MatchedHeader, rows: Iterator[TextRow], work: Path
) -> tuple[str, ...]:
    """Write rows into a plain text of the documented columns, and read that; rows that are none are set aside."""
    name = file.table.value
    names = list(header.columns)
    plain = work / f"{name}.plain.csv"
    try:
        with (
            plain.open("w", encoding="utf-8", newline="") as target,
            (work / BAD_ROWS).open("a", encoding="utf-8", newline="") as others,
        ):
            sound, bad = (csv.writer(written, lineterminator="\n") for written in (target, others))
            for row in rows:
                if row.problem is None:
                    sound.writerow([row.number, *(_cell(row.cells, header.columns[column]) for column in names)])
                else:
                    keys = [_cell(row.cells, header.columns.get(key, ())) for key in ("learner", "uln")]
                    found = row.problem
                    bad.writerow([name, row.number, *keys, found.source.file, found.found, found.expected, found.fix])
    except OSError as error:
        raise cannot_write(work, error) from error
    types = ", ".join(["'row': 'BIGINT'", *(f"'{column}': 'VARCHAR'" for column in names)])
    connection.execute(
        f'create temp table "raw_{name}" as select * from read_csv(?, header = false, columns = {{{types}}}, '
        f"auto_detect = false, delim = ',', quote = '\"', escape = '\"', max_line_size = {_LONGEST_ROW}, "
        "parallel = false)",
        [glob.escape(str(plain.resolve()))],
    )
    plain.unlink()
    return tuple(names)


def _cell(cells: list[str], places: tuple[int, ...]) -> str:
    """Give the first cell that is not empty."""
    for place in places:
        if place < len(cells) and cells[place].strip():
            return cells[place].strip()
    return ""
