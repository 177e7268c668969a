"""Tables as text with a sign between the cells: CSV and TSV, as spreadsheets and databases write them."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from ksbtrack.formats.sheet_cells import MAX_ROWS, Tally, named_notes, too_large
from ksbtrack.formats.sheet_headers import MAX_ROWS_BEFORE_HEADER, match_headers
from ksbtrack.models.importing import ImportNote, NoteKind
from ksbtrack.models.sheets import Sheet, SheetFormat, Sheets
from ksbtrack.problems import KsbtrackError, Problem, Source, several

DELIMITERS = (",", "\t", ";", "|")
"""The signs that may stand between cells; of two that fit alike, the earlier one is taken."""
PROTECTED = re.compile(r"'+\s*[=+\-@\uff0b\uff0d\uff1d\uff20]|'+[\t\r\n]")
"""How a cell begins that was written with an apostrophe so that no spreadsheet takes it for a formula."""

MAX_READ_COLUMNS = 20_000
"""Cells of a row before those that are too many are put into the last column: a text of 30,000 characters with a comma
after each word has 5,000."""

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SEPARATOR_LINE = re.compile(r"sep=([,;|\t])\r?\n?", re.I)


class _Lines(NamedTuple):
    """What a text's rows are: the line on which each begins, and its cells."""

    rows: list[tuple[int, list[str]]]
    is_lenient: bool = False


def read_delimited(content: bytes, shown: str) -> Sheets:
    """Give the table in a text.

    A cell that was protected from being taken for a formula loses its apostrophe: so what we write reads back as it
    was. Where the header has fewer columns than a row, the surplus is taken for commas in the row's last column.

    Args:
        content: the whole file: UTF-8, UTF-16 with its mark, or the code of western Windows.
        shown: the path for messages.

    Raises:
        KsbtrackError: `not-a-table`, `bad-csv`, `table-too-large`, `not-utf-8`, `empty-file`.
    """
    notes: list[ImportNote] = []
    text = _decoded(content, shown, notes)
    text, delimiter, first_line = _delimiter(text)
    read = _split(text, delimiter, shown, first_line)
    if read.is_lenient:
        words = "Quotes do not come in pairs, so that they were taken as letters."
        notes.append(ImportNote(NoteKind.REPAIRED, "file", words))
    width = _header_width(read.rows)
    sheet = Sheet(shown, "", ())
    tally = Tally(sheet, notes)
    rows, longer = [], []
    for number, cells in read.rows:
        taken = cells
        if width and len(cells) > width:
            taken = _in_columns(cells, width, delimiter)
            longer.append(sheet.where(number, width - 1))
        row = tally.row(number, [_unprotected(cell) for cell in taken])
        if row is not None:
            rows.append(row)
    tally.finish()
    notes += named_notes(
        longer, "More cells than columns: the last column got what was too many, as parts of its text."
    )
    kind = SheetFormat.TSV if delimiter == "\t" else SheetFormat.CSV
    return Sheets(shown, kind, (replace(sheet, rows=tuple(rows)),), tuple(notes))


def _decoded(content: bytes, shown: str, notes: list[ImportNote]) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise KsbtrackError(_not_decodable(shown, encoding.removesuffix("-sig").upper())) from error
        text = _from_windows(content, shown, notes)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise KsbtrackError(
            Problem(
                "not-a-table",
                Source(shown, line),
                "a NUL character",
                "a table as text has none; a file in UTF-16 begins with a mark that says so",
                "Save it again as .xlsx, or with the encoding UTF-8; a spreadsheet calls that 'CSV UTF-8'.",
            )
        )
    return text


def _from_windows(content: bytes, shown: str, notes: list[ImportNote]) -> str:
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise KsbtrackError(_not_decodable(shown, "UTF-8 or the code of western Windows")) from error
    words = "Not UTF-8: read in the code of western Windows (cp1252); look at dashes, quotes and accents."
    notes.append(ImportNote(NoteKind.REPAIRED, "file", words))
    return text


def _not_decodable(shown: str, expected: str) -> Problem:
    return Problem(
        "not-utf-8",
        Source(shown),
        f"bytes that are not text in {expected}",
        "the file must be text in UTF-8",
        "Save it again with the encoding UTF-8; a spreadsheet calls that 'CSV UTF-8'.",
    )


def _delimiter(text: str) -> tuple[str, str, int]:
    """Give the text, the sign between its cells, and the line on which it begins.

    A first line `sep=;` says it. Else it is the sign with which a row among the first names most columns that we know;
    of those that do so alike, the one that parts the first lines into most cells.
    """
    said = _SEPARATOR_LINE.match(text)
    if said:
        return text[said.end() :], said.group(1), 2
    lines = text[:100_000].splitlines()[:MAX_ROWS_BEFORE_HEADER]

    def fit(delimiter: str) -> tuple[int, int]:
        rows = list(csv.reader(lines, delimiter=delimiter))
        known = max((len(match_headers(row).columns) for row in rows), default=0)
        return known, sum(len(row) - 1 for row in rows)

    return text, max(DELIMITERS, key=fit), 1


def _split(text: str, delimiter: str, shown: str, first_line: int) -> _Lines:
    """Give the rows of a text.

    Between tabs stray quotes are common, and nothing there needs quotes: such a text is then read without them.
    """
    try:
        return _Lines(_rows(text, delimiter, shown, first_line))
    except KsbtrackError:
        if delimiter != "\t":
            raise
        return _Lines(_rows(text, delimiter, shown, first_line, quoting=csv.QUOTE_NONE), is_lenient=True)


def _rows(
    text: str, delimiter: str, shown: str, first_line: int, *, quoting: int = csv.QUOTE_MINIMAL
) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, quoting=quoting)  # type: ignore[arg-type]
    rows: list[tuple[int, list[str]]] = []
    while True:
        line = reader.line_num + first_line
        try:
            cells = next(reader)
        except StopIteration:
            return rows
        except csv.Error as error:
            raise KsbtrackError(_unreadable(Source(shown, line), str(error))) from error
        while cells and not cells[-1].strip():
            cells.pop()
        if len(rows) > MAX_ROWS or len(cells) > MAX_READ_COLUMNS:
            # Looked at before all rows are there: a file can hold millions.
            found = f"more than {MAX_ROWS:,} rows" if len(rows) > MAX_ROWS else several(len(cells), "cell")
            raise KsbtrackError(too_large(Sheet(shown, "", ()), line, found))
        if cells:
            rows.append((line, cells))


def _unreadable(source: Source, reason: str) -> Problem:
    expected = "quotes stand around a whole cell, and twice where one is meant inside it"
    if "end of data" in reason:
        found, fix = "a quote that is never closed", "Close the quote that is opened on this line."
    elif "field limit" in reason:
        found = f"a cell of more than {csv.field_size_limit():,} characters"
        expected, fix = "no table has cells so long", "Look for a quote that is never closed."
    else:
        found, fix = "a closing quote with text after it", "Correct the quotes on this line."
    return Problem("bad-csv", source, found, expected, fix)


def _header_width(rows: Sequence[tuple[int, list[str]]]) -> int:
    """Give how many columns the header fixes; 0 where no row is one."""
    best, width = 1, 0
    for _, cells in rows[:MAX_ROWS_BEFORE_HEADER]:
        known = len(match_headers(cells).columns)
        if known > best:
            best, width = known, len(cells)
    return width


def _in_columns(cells: Sequence[str], width: int, delimiter: str) -> list[str]:
    """Give a row with as many cells as there are columns; the last one gets the rest."""
    return [*cells[: width - 1], delimiter.join(cells[width - 1 :])]


def _unprotected(cell: str) -> str:
    return cell[1:] if PROTECTED.match(cell) else cell
