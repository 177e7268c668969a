"""Workbooks of records: dates and numbers as what they are, text as text, rows written as they come.

A cell never becomes a formula, whatever a record says: text is written as text to the end. The same records give the
same bytes, and a sheet of any length takes the memory of one row.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO

from ksbtrack.formats.sheet_cells import MAX_CELL
from ksbtrack.formats.sheet_writing import (
    HEADING,
    INK,
    LINE,
    PAPER,
    STARTS_A_FORMULA,
    fix_times,
    said,
    sheet_name,
    too_long,
)
from ksbtrack.problems import KsbtrackError, Problem, Source

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook

Cell = str | int | date | None
"""What a cell can hold; None leaves it empty."""
MAX_SHEET_ROWS = 1_048_576
"""Rows of a sheet with its headings: no spreadsheet program takes more."""

_FIRST_MOMENT = datetime(1980, 1, 1)  # noqa: DTZ001 - a file's time has no zone
_DAY = "dd mmm yyyy"
"""A day without doubt: no reader can take the month for the day."""
_A4 = 9


class CellForm(StrEnum):
    """How the cells of a column stand."""

    TEXT = "text"
    WRAPPED = "wrapped"
    CENTRED = "centred"
    NUMBER = "number"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class RecordColumn:
    """How a column looks.

    Attributes:
        heading: its name.
        width: in characters.
        form: of its cells.
        is_bold: its cells are what people look for.
        colours: background and letters, six hexadecimal digits each, of the cells that have these texts.
    """

    heading: str
    width: int
    form: CellForm = CellForm.TEXT
    is_bold: bool = False
    colours: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordSheet:
    """A sheet to write.

    Attributes:
        name: of the sheet.
        columns: from the left.
        fixed: columns at the left that stay in sight.
        has_filter: its rows can be chosen by what stands in them.
        is_steep: headings stand upright, for many narrow columns; only those of centred columns.
    """

    name: str
    columns: tuple[RecordColumn, ...]
    fixed: int = 1
    has_filter: bool = True
    is_steep: bool = False


Row = Sequence[Cell]
"""As many cells as there are columns."""
Filled = tuple[tuple[RecordSheet, ...], Iterable[Sequence[Row]]]
"""Sheets that are filled together, and what goes into them: a row for each of them at a time."""


def write_workbook(file: BinaryIO, filled: Iterable[Filled], title: str, subject: str = "") -> None:
    """Write a workbook, a sheet each: headings that stay in sight, filters, pages that fit their paper.

    Args:
        file: takes it.
        filled: the sheets in the order of the tabs; their rows go to the disk as they come.
        title: of the workbook, for its properties and the foot of printed pages.
        subject: for its properties.

    Raises:
        KsbtrackError: `table-too-large`.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    properties = book.properties
    properties.creator, properties.title, properties.subject = "ksbtrack", said(title), said(subject)
    properties.language = "en-GB"
    properties.created = _FIRST_MOMENT
    try:
        names: list[str] = []
        for sheets, rows in filled:
            begun = []
            for sheet in sheets:
                names.append(sheet_name(sheet.name, names))
                begun.append(_Writing(book, sheet, names[-1], title))
            for row_of_each in rows:
                for writing, row in zip(begun, row_of_each, strict=True):
                    writing.add(row)
            for writing in begun:
                writing.finish()
        with tempfile.TemporaryFile(prefix="ksbtrack-") as made:
            book.save(made)
            made.seek(0)
            fix_times(made, file)
    except BaseException:
        _leave_nothing(book)
        raise


def _leave_nothing(book: Workbook) -> None:
    """Close the sheets that were begun: their rows lie in files of the temporary folder until then."""
    for sheet in book.worksheets:
        kept: Any = sheet
        if not kept.closed:
            kept.close()
        kept._writer.cleanup()


class _Writing:
    """A sheet while its rows come; a class, since the rows that are written must be counted."""

    def __init__(self, book: Workbook, sheet: RecordSheet, name: str, title: str) -> None:
        """Begin with the headings."""
        self._made: Any = book.create_sheet(name)
        self._sheet = sheet
        self._rows = 1
        _set_up(self._made, sheet, title)
        self._looks = _Looks(self._made, sheet)
        self._made.append(self._looks.headings())

    def add(self, row: Row) -> None:
        """Write a row."""
        self._rows += 1
        if self._rows > MAX_SHEET_ROWS:
            raise KsbtrackError(_too_many(self._sheet.name))
        self._made.append(self._looks.cells(row))

    def finish(self) -> None:
        """Have the rows chosen by what stands in them."""
        from openpyxl.utils import get_column_letter

        if self._sheet.has_filter:
            self._made.auto_filter.ref = f"A1:{get_column_letter(len(self._sheet.columns))}{self._rows}"


def _set_up(made: Any, sheet: RecordSheet, title: str) -> None:
    """Set widths, what stays in sight, and how the sheet is printed: as wide as a page, with headings and numbers."""
    from openpyxl.utils import get_column_letter

    for index, column in enumerate(sheet.columns, 1):
        made.column_dimensions[get_column_letter(index)].width = column.width
    made.freeze_panes = f"{get_column_letter(sheet.fixed + 1)}2"
    made.sheet_view.showGridLines = False
    made.page_setup.orientation = "landscape"
    made.page_setup.paperSize = _A4
    made.page_setup.fitToWidth, made.page_setup.fitToHeight = 1, 0
    made.sheet_properties.pageSetUpPr.fitToPage = True
    made.print_title_rows = "1:1"
    # The sign & begins an order in these lines.
    made.oddFooter.left.text = said(title).replace("&", "&&")[:200]
    made.oddFooter.right.text = "&P / &N"


def _too_many(name: str) -> Problem:
    return Problem(
        "table-too-large",
        Source(f"sheet {name}"),
        f"more than {MAX_SHEET_ROWS - 1:,} rows",
        "no spreadsheet can hold so many",
        "Use the Parquet or JSON file, which hold any number.",
    )


class _Looks:
    """The looks of a sheet's cells, each made once: a workbook compares every new one with all that it has."""

    def __init__(self, made: Any, sheet: RecordSheet) -> None:
        """Make the looks of each column."""
        self._made, self._sheet = made, sheet
        self._plain = [self._look(column) for column in sheet.columns]
        self._quoted = [self._look(column, is_quoted=True) for column in sheet.columns]
        self._coloured = [
            {text: self._look(column, colours) for text, colours in column.colours.items()} for column in sheet.columns
        ]

    def headings(self) -> list[Any]:
        """Give the cells of the first row."""
        from openpyxl.styles import Alignment, Font, PatternFill

        cells = []
        for column in self._sheet.columns:
            cell = self._text(column.heading)
            cell.font, cell.fill = Font(color=PAPER, bold=True), PatternFill("solid", fgColor=HEADING)
            is_upright = self._sheet.is_steep and column.form is CellForm.CENTRED
            cell.alignment = Alignment(
                vertical="bottom", wrap_text=not is_upright, textRotation=90 if is_upright else 0
            )
            cells.append(cell)
        return cells

    def cells(self, row: Row) -> list[Any]:
        """Give the cells of a row."""
        return [self._cell(index, value) for index, value in enumerate(row)]

    def _cell(self, index: int, value: Cell) -> Any:
        from openpyxl.cell import WriteOnlyCell

        if isinstance(value, str):
            cell = self._text(value)
            look = self._coloured[index].get(value)
            if look is None:
                look = (self._quoted if STARTS_A_FORMULA.match(value) else self._plain)[index]
        else:
            given: Any = value  # openpyxl takes days too, whatever its types say
            cell = WriteOnlyCell(self._made, value=given)
            look = self._plain[index]
        cell._style = look
        return cell

    def _text(self, text: str) -> Any:
        from openpyxl.cell import WriteOnlyCell

        words = said(text)
        if len(words) > MAX_CELL:
            raise KsbtrackError(too_long(self._sheet.name, words))
        cell = WriteOnlyCell(self._made, value=words or None)
        if words:
            # A text to the end, whatever it looks like: neither a formula nor an error of the spreadsheet.
            cell.data_type = "s"
        return cell

    def _look(self, column: RecordColumn, colours: tuple[str, str] | None = None, *, is_quoted: bool = False) -> Any:
        """Give the look of a column's cells: what openpyxl keeps of a cell that was given it."""
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        cell: Any = WriteOnlyCell(self._made)
        line = Side(style="thin", color=LINE)
        cell.border = Border(bottom=line, right=line)
        cell.font = Font(color=colours[1] if colours else INK, bold=column.is_bold or colours is not None)
        if colours:
            cell.fill = PatternFill("solid", fgColor=colours[0])
        horizontal = {CellForm.CENTRED: "center", CellForm.NUMBER: "right", CellForm.DAY: "right"}.get(column.form)
        cell.alignment = Alignment(vertical="top", horizontal=horizontal, wrap_text=column.form is CellForm.WRAPPED)
        if column.form is CellForm.DAY:
            cell.number_format = _DAY
        elif column.form is CellForm.NUMBER:
            cell.number_format = "#,##0"
        cell.quotePrefix = is_quoted
        return cell._style
