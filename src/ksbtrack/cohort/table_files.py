"""Which file holds which table of a cohort, and what kind of file each is, by its content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from ksbtrack.cohort.table_columns import TableName
from ksbtrack.files.attachments import sniff
from ksbtrack.files.names import bad_name, is_text
from ksbtrack.files.opening import open_named_file
from ksbtrack.models.sheets import Sheet
from ksbtrack.problems import KsbtrackError, Problem, Source

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".parquet")
"""Endings of the files that can be a table in a folder; what a file is says its content."""
MAX_SHEET_ROWS = 1_048_576
"""Rows of a workbook's tables: what one sheet can hold. The number of cells is limited besides."""

_PARQUET = b"PAR1"


class FileFormat(StrEnum):
    """How a table is written."""

    TEXT = "text"
    WORKBOOK = "workbook"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class TableFile:
    """One table of a cohort.

    Attributes:
        table: which.
        path: its file.
        shown: the file for messages; of a sheet with its name, as in `cohort.xlsx/evidence`.
        format: how it is written.
        sheet: its rows, where it is a sheet of a workbook.
    """

    table: TableName
    path: Path
    shown: str
    format: FileFormat
    sheet: Sheet | None = None


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The tables of a cohort, and what was not taken as it stood while they were looked for, as sentences."""

    tables: dict[TableName, TableFile]
    notes: tuple[str, ...]


def has_tables(source: Path) -> bool:
    """Say whether a source is a cohort as tables: a file, or a folder with a table of learners."""
    return source.is_file() or bool(_named(source, TableName.LEARNERS))


def table_files(source: Path) -> TableFiles:
    """Give the tables of a cohort.

    Args:
        source: a workbook with a sheet for each table, or a folder with a file for each.

    Raises:
        KsbtrackError: `missing-table`, `ambiguous-table`, `not-a-table`, `bad-name`, and the faults of workbooks.
    """
    whole = source.resolve().as_posix()
    if not is_text(whole):
        raise KsbtrackError(bad_name(whole))
    if source.is_file():
        return _of_workbook(source)
    tables: dict[TableName, TableFile] = {}
    notes: list[str] = []
    problems: list[Problem] = []
    for table in TableName:
        paths = _named(source, table)
        if len(paths) > 1:
            problems.append(_ambiguous(source, table, [path.name for path in paths]))
        elif paths:
            shown = paths[0].as_posix()
            try:
                tables[table] = _table_file(paths[0], shown, table, notes)
            except KsbtrackError as error:
                problems += error.problems
    if problems:
        raise KsbtrackError(*problems)
    return TableFiles(tables, (*notes, *_not_there(tables, source.as_posix())))


def _named(folder: Path, table: TableName) -> list[Path]:
    """Give the files of a folder that are named like a table."""
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.stem.casefold() == table.value and path.suffix.casefold() in ENDINGS and path.is_file()
    )


def _ambiguous(source: Path, table: TableName, names: list[str]) -> Problem:
    return Problem(
        "ambiguous-table",
        Source(source.as_posix()),
        " and ".join(names),
        f"the table {table.value} is there once",
        "Move those that are not meant into another folder.",
    )


def _table_file(path: Path, shown: str, table: TableName, notes: list[str]) -> TableFile:
    kind = format_of(path, shown)
    if kind is not FileFormat.WORKBOOK:
        return TableFile(table, path, shown, kind)
    sheets = _sheets(path, shown, notes)
    own = [sheet for sheet in sheets if sheet.name.strip().casefold() == table.value]
    chosen = own or sheets
    if len(chosen) != 1:
        found = f"{len(sheets)} sheets"
        expected = f"one of them is called {table.value}, or it is the only one"
        raise KsbtrackError(
            Problem("missing-table", Source(shown), found, expected, "Give the sheet that is meant that name.")
        )
    return TableFile(table, path, f"{shown}/{chosen[0].name}", kind, chosen[0])


def format_of(path: Path, shown: str) -> FileFormat:
    """Give how a file is written, by its first bytes.

    Raises:
        KsbtrackError: `missing-file`, `not-a-file`, `unreadable-file`, `not-a-table`.
    """
    with open_named_file(path, shown) as file:
        head = file.read(1024)
    if head.startswith(_PARQUET):
        return FileFormat.PARQUET
    found = sniff(head)
    if found == "zip":
        return FileFormat.WORKBOOK
    if path.suffix.casefold() in (".parquet", ".xlsx") or found not in ("text", "unknown", "program"):
        raise KsbtrackError(
            Problem(
                "not-a-table",
                Source(shown),
                f"a file that is called {path.suffix.casefold()} and is none"
                if path.suffix.casefold() in (".parquet", ".xlsx")
                else "another kind of file",
                "a table of a cohort is a text (.csv), a workbook (.xlsx) or a Parquet file (.parquet)",
                "Write the table again from the program that holds it.",
            )
        )
    return FileFormat.TEXT


def _of_workbook(source: Path) -> TableFiles:
    shown = source.as_posix()
    if format_of(source, shown) is not FileFormat.WORKBOOK:
        raise KsbtrackError(
            Problem(
                "missing-table",
                Source(shown),
                "a single table",
                "a cohort is a folder of tables or of portfolios, or a workbook with a sheet for each table",
                "Name the folder that holds it; its table of learners is called learners.",
            )
        )
    notes: list[str] = []
    tables: dict[TableName, TableFile] = {}
    for sheet in _sheets(source, shown, notes):
        name = sheet.name.strip().casefold()
        if name in TableName.__members__.values():
            table = TableName(name)
            if table in tables:
                raise KsbtrackError(_ambiguous(source, table, [tables[table].shown, f"{shown}/{sheet.name}"]))
            tables[table] = TableFile(table, source, f"{shown}/{sheet.name}", FileFormat.WORKBOOK, sheet)
    if TableName.LEARNERS not in tables:
        raise KsbtrackError(
            Problem(
                "missing-table",
                Source(shown),
                "no sheet called learners",
                f"the sheets of a cohort are called {', '.join(TableName)}",
                "Give the sheet of the learners that name; ksbtrack cohort template shows what belongs into it.",
            )
        )
    return TableFiles(tables, (*notes, *_not_there(tables, shown)))


def _sheets(path: Path, shown: str, notes: list[str]) -> list[Sheet]:
    """Give the sheets of a workbook with any row.

    Raises:
        KsbtrackError: the faults of workbooks; `table-too-large` says that other formats have no such limit.
    """
    from ksbtrack.files.opening import read_whole_file
    from ksbtrack.formats.sheets import MAX_SHEET_BYTES
    from ksbtrack.formats.workbook_reading import read_workbook

    try:
        content = read_whole_file(path, shown, MAX_SHEET_BYTES)
        book = read_workbook(content, shown, most_rows=MAX_SHEET_ROWS)
    except KsbtrackError as error:
        raise KsbtrackError(*(_larger(problem) for problem in error.problems)) from error
    notes += [f"{shown}, {note.where}: {note.what}" for note in book.notes]
    return list(book.sheets)


def _larger(problem: Problem) -> Problem:
    if problem.code not in ("table-too-large", "file-too-large"):
        return problem
    expected = "a workbook of a cohort has fewer; tables as CSV or Parquet may be of any size"
    return replace(problem, expected=expected, fix="Save each sheet as a file of its own, as CSV.")


def _not_there(tables: dict[TableName, TableFile], shown: str) -> list[str]:
    return [
        f"{shown} has no table {table.value}: nothing of that kind is known of anyone."
        for table in TableName
        if table not in tables
    ]
