"""Tables that people keep in spreadsheets, read safely: CSV, TSV and XLSX, told apart by what is in the file.

    table = read_sheets(Path("ksbs.csv"))
    for sheet in table.sheets:
        found = find_headings(sheet)
        if found:
            header, headings = found
            for row in sheet.rows:
                if row.number > header.number:
                    code = row.cell(headings.index(Column.CODE))

All cells are text; dates are written year-month-day. `sheet.where(row, index)` says where a cell stands for notes,
`sheet.source(row)` for problems. What could not be taken as it stood is in `table.notes`.
"""

from __future__ import annotations

from pathlib import Path

from ksbtrack.files.attachments import FORMAT_WORDS, sniff
from ksbtrack.files.opening import read_whole_file
from ksbtrack.formats.delimited_text import read_delimited
from ksbtrack.formats.sheet_headers import find_headings, match_headers
from ksbtrack.models.sheets import Column, Headings, Row, Sheet, SheetFormat, Sheets
from ksbtrack.problems import KsbtrackError, Problem, Source
from ksbtrack.yamlfile import empty_file

__all__ = [
    "Column",
    "Headings",
    "Row",
    "Sheet",
    "SheetFormat",
    "Sheets",
    "find_headings",
    "match_headers",
    "read_sheets",
    "sheets_of",
]

MAX_SHEET_BYTES = 20_000_000
"""Bytes of a file of tables: 10,000 statements take 2 MB, a matrix of 2,000 pieces 5 MB."""

_HEAD = 1024


def read_sheets(path: Path, shown: str = "") -> Sheets:
    """Give the tables in a file that the user named.

    Args:
        path: the file.
        shown: the path for messages; without it, as it was given.

    Raises:
        KsbtrackError: see `sheets_of`; `missing-file`, `not-a-file`, `file-too-large`, `unreadable-file`.
    """
    shown = shown or path.as_posix()
    return sheets_of(read_whole_file(path, shown, MAX_SHEET_BYTES), shown)


def sheets_of(content: bytes, shown: str) -> Sheets:
    """Give the tables in a file's bytes.

    Args:
        content: the whole file.
        shown: the path for messages.

    Raises:
        KsbtrackError: `not-a-table` for anything but a table, with what it is instead; `empty-file`, `bad-csv`,
            `bad-workbook`, `table-too-large`, `archive-too-large`, `not-utf-8`.
    """
    if not content.strip():
        raise KsbtrackError(empty_file(Source(shown, 1)))
    found = sniff(content[:_HEAD])
    if found == "zip":
        from ksbtrack.formats.workbook_reading import read_workbook

        return read_workbook(content, shown)
    if found in ("text", "unknown", "program") and not _is_markup(content):
        return read_delimited(content, shown)
    raise KsbtrackError(_not_a_table(found if found not in ("text", "unknown") else "markup", shown))


def _is_markup(content: bytes) -> bool:
    """Say whether a text is XML, such as the tables that Excel 2003 wrote under .xls."""
    head = content[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith((b"<?xml", b"<table", b"<TABLE", b"<!"))


def _not_a_table(found: str, shown: str) -> Problem:
    words = "XML or a piece of HTML" if found == "markup" else FORMAT_WORDS[found]
    return Problem(
        "not-a-table",
        Source(shown),
        words,
        "a table is a spreadsheet (.xlsx) or a text with commas, semicolons or tabs between its cells (.csv, .tsv)",
        "Open it in a spreadsheet program and save it as .xlsx."
        if found in ("html", "ole", "markup")
        else "Name the file that holds the table.",
    )
