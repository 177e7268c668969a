"""Tables out: CSV and XLSX in which every cell is text, whatever it begins with; same tables, same bytes."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from ksbtrack.formats.sheet_cells import MAX_CELL, UNSEEN
from ksbtrack.problems import KsbtrackError, Problem, Source

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

STARTS_A_FORMULA = re.compile(r"['\s]*[=+\-@\uff0b\uff0d\uff1d\uff20]|'*[\t\r\n]")
"""How a cell begins that a spreadsheet could take for a formula, or that an apostrophe would be taken from.

Source: OWASP, CSV Injection.
"""
LONGEST_NAME = 31
"""Characters of a sheet's name: no spreadsheet program takes more."""

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_FIRST_MOMENT = datetime(1980, 1, 1)  # noqa: DTZ001 - a file's time has no zone
_CODE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]|[^\w\s&().,'-]")
INK, PAPER, LINE = "1F2A37", "FFFFFF", "D5DAE1"
HEADING = "1E3A5F"
_A4 = 9
_LONGEST_CODE = 8
"""Characters that one character can become in a workbook."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """How a column looks.

    Attributes:
        heading: its name.
        width: in characters.
        is_centred: its cells stand in the middle.
        is_bold: its cells are what people look for.
        colours: background and letters, six hexadecimal digits each, of the cells that have these texts.
    """

    heading: str
    width: int
    is_centred: bool = False
    is_bold: bool = False
    colours: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """A table to write.

    Attributes:
        name: of its sheet.
        columns: from the left.
        rows: texts, as many in each as there are columns.
        fixed: columns at the left that stay in sight.
        has_filter: its rows can be chosen by their texts.
        has_headings: the first row names the columns.
    """

    name: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    fixed: int = 1
    has_filter: bool = True
    has_headings: bool = True


def csv_bytes(table: Table) -> bytes:
    """Give a table as CSV: UTF-8 with its mark, commas, and the line ends that spreadsheets write.

    A cell that could be taken for a formula gets an apostrophe in front, which `read_delimited` takes away again.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for row in ([column.heading for column in table.columns], *table.rows):
        writer.writerow([_protected(_sayable(cell)) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _protected(cell: str) -> str:
    return f"'{cell}" if STARTS_A_FORMULA.match(cell) else cell


def _sayable(cell: str) -> str:
    """Give text with the code of each character that a workbook cannot hold, and plain line ends."""
    plain = cell.replace("\r\n", "\n").replace("\r", "\n")
    return plain if plain.isprintable() else UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", plain)


def xlsx_bytes(tables: Sequence[Table], title: str, subject: str = "") -> bytes:
    """Give tables as a workbook, a sheet each: a fixed and coloured row of headings, wrapped text, filters.

    Args:
        tables: in the order of the tabs; at least one.
        title: of the workbook, for its properties and the foot of printed pages.
        subject: for its properties.

    Raises:
        KsbtrackError: `table-too-large`, where a text does not fit into a cell.
    """
    from openpyxl import Workbook

    # Before anything is begun: a workbook that is left half written leaves a file behind.
    for table in tables:
        _refuse_long_texts(table)
    book = Workbook(write_only=True)
    properties = book.properties
    properties.creator, properties.title, properties.subject = "ksbtrack", _sayable(title), _sayable(subject)
    properties.language = "en-GB"
    properties.created = _FIRST_MOMENT
    names: list[str] = []
    for table in tables:
        names.append(sheet_name(table.name, names))
        _add_sheet(book, table, names[-1], title)
    written = io.BytesIO()
    book.save(written)
    return _with_fixed_times(written.getvalue())


def sheet_name(wanted: str, taken: Sequence[str] = ()) -> str:
    """Give a name that a sheet can have, and that no other one has."""
    plain = " ".join(_NOT_IN_NAMES.sub(" ", wanted).split()).strip("'")[:LONGEST_NAME].strip() or "Sheet"
    name, number = plain, 1
    while name.casefold() in {other.casefold() for other in taken}:
        number += 1
        end = f" {number}"
        name = plain[: LONGEST_NAME - len(end)] + end
    return name


def _add_sheet(book: Workbook, table: Table, name: str, title: str) -> None:
    from openpyxl.utils import get_column_letter

    sheet: Any = book.create_sheet(name)
    for index, column in enumerate(table.columns, 1):
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    top = 2 if table.has_headings else 1
    sheet.freeze_panes = f"{get_column_letter(table.fixed + 1)}{top}" if table.has_headings else None
    sheet.sheet_view.showGridLines = False
    _set_up_print(sheet, table, title)
    styles = _Styles(table)
    if table.has_headings:
        sheet.append([styles.heading(sheet, column) for column in table.columns])
    for row in table.rows:
        sheet.append([styles.cell(sheet, index, text) for index, text in enumerate(row)])
    if table.has_filter and table.has_headings:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(table.rows) + 1}"


def _set_up_print(sheet: Any, table: Table, title: str) -> None:
    """Have the sheet printed across the page, as wide as it is, with headings and numbers on each page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    if table.has_headings:
        sheet.print_title_rows = "1:1"
    # The sign & begins an order in these lines.
    sheet.oddFooter.left.text = _sayable(title).replace("&", "&&")[:200]
    sheet.oddFooter.right.text = "&P / &N"


class _Styles:
    """The looks of a table's cells, made once: a workbook compares each new one with all that it has."""

    def __init__(self, table: Table) -> None:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        self.table = table
        self._make: Any = WriteOnlyCell
        line = Side(style="thin", color=LINE)
        self._border = Border(bottom=line, right=line)
        self._plain, self._bold = Font(color=INK), Font(color=INK, bold=True)
        self._left = Alignment(vertical="top", wrap_text=True)
        self._centred = Alignment(vertical="top", horizontal="center", wrap_text=True)
        self._title = Font(color=PAPER, bold=True), PatternFill("solid", fgColor=HEADING)
        self._title_alignment = Alignment(vertical="center", wrap_text=True)
        self._coloured = {
            colours: (PatternFill("solid", fgColor=colours[0]), Font(color=colours[1], bold=True))
            for column in table.columns
            for colours in column.colours.values()
        }

    def heading(self, sheet: Any, column: TableColumn) -> Any:
        """Give the cell of a heading."""
        cell = self._text(sheet, column.heading)
        cell.font, cell.fill = self._title
        cell.alignment, cell.border = self._centred if column.is_centred else self._title_alignment, self._border
        return cell

    def cell(self, sheet: Any, index: int, text: str) -> Any:
        """Give a cell of a row."""
        column = self.table.columns[index]
        cell = self._text(sheet, text)
        cell.border = self._border
        cell.alignment = self._centred if column.is_centred else self._left
        cell.font = self._bold if column.is_bold else self._plain
        colours = column.colours.get(text)
        if colours is not None:
            cell.fill, cell.font = self._coloured[colours]
        return cell

    def _text(self, sheet: Any, text: str) -> Any:
        words = said(text)
        cell = self._make(sheet, value=words or None)
        if words:
            # A text to the end, whatever it looks like: neither a formula nor an error of the spreadsheet.
            cell.data_type = "s"
            cell.quotePrefix = bool(STARTS_A_FORMULA.match(words))
        return cell


def said(text: str) -> str:
    """Give a text as a workbook holds it: what looks like the code of a character is none."""
    return _CODE.sub("_x005F_", _sayable(text))


def _refuse_long_texts(table: Table) -> None:
    for row in table.rows:
        for text in row:
            if len(text) > MAX_CELL // _LONGEST_CODE and len(words := said(text)) > MAX_CELL:
                raise KsbtrackError(too_long(table.name, words))


def too_long(name: str, text: str) -> Problem:
    """Give the problem of a text that does not fit into a cell of a sheet."""
    return Problem(
        "table-too-large",
        Source(f"sheet {name}"),
        f"a text of {len(text):,} characters",
        f"a cell of a spreadsheet can hold {MAX_CELL:,}",
        "Write the table as CSV, or shorten the text.",
    )


def _with_fixed_times(content: bytes) -> bytes:
    """Give a workbook with no trace of when it was made."""
    written = io.BytesIO()
    fix_times(io.BytesIO(content), written)
    return written.getvalue()


def fix_times(made: BinaryIO, written: BinaryIO) -> None:
    """Copy a workbook without any trace of when it was made: neither in its properties nor in the archive.

    Args:
        made: the workbook as it was made.
        written: takes the copy.
    """
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            if name == "docProps/core.xml":
                part = source.read(name)
                target.writestr(entry, re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>1980-01-01T00:00:00Z", part))
                continue
            # Known beforehand, so that only a part that needs it has the large form, which not every program reads.
            entry.file_size = source.getinfo(name).file_size
            with source.open(name) as part_file, target.open(entry, "w") as copy:
                shutil.copyfileobj(part_file, copy)
