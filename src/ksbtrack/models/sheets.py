"""Tables of text as spreadsheets hold them: rows with their numbers, sheets by name, columns by meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ksbtrack.models.importing import ImportNote
from ksbtrack.problems import Source, visible

_LETTERS = 26


class SheetFormat(StrEnum):
    """What a file of tables is, by its content."""

    CSV = "csv"
    TSV = "tsv"
    XLSX = "xlsx"


class Column(StrEnum):
    """What the cells of a column say; `ksbtrack.formats.sheet_headers.SYNONYMS` has the headings that mean it."""

    CODE = "code"
    """One statement's code."""
    CODES = "codes"
    """The codes that one piece shows."""
    TEXT = "text"
    KIND = "kind"
    """Knowledge, skill or behaviour; or the kind of a piece."""
    METHOD = "method"
    EVIDENCE = "evidence"
    """Ids of pieces, perhaps with places in them."""
    TITLE = "title"
    PLACE = "place"
    """Where in a piece: pages or times."""
    WHY = "why"
    STATUS = "status"
    GRADING = "grading"
    """Criteria of which the heading does not say whether they are for a pass or a distinction."""
    PASS = "pass"
    DISTINCTION = "distinction"
    DUTIES = "duties"
    GUID = "guid"


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not blank.

    Attributes:
        number: counted from 1, as the spreadsheet counts; of a CSV file the line on which the row begins.
        cells: text without white space around it, empty where nothing stands; as many as up to the last that is not.
        dates: indexes of the cells that the spreadsheet holds as dates, perhaps against what their author meant.
    """

    number: int
    cells: tuple[str, ...]
    dates: frozenset[int] = frozenset()

    def cell(self, index: int | None) -> str:
        """Give the text of a cell; nothing where the row ends before it, or where there is no such column."""
        return self.cells[index] if index is not None and index < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table.

    Attributes:
        file: the path for messages.
        name: as its tab has it; empty for a CSV file.
        rows: those that are not blank, in the order of the file.
        is_hidden: people who open the file do not see it.
    """

    file: str
    name: str
    rows: tuple[Row, ...]
    is_hidden: bool = False

    def source(self, row: Row | int = 0) -> Source:
        """Give the place of a row for problems: file and line, or file, sheet and row."""
        number = row.number if isinstance(row, Row) else row
        return Source(f"{self.file}/{self.name}" if self.name else self.file, number)

    def where(self, row: Row | int, index: int | None = None) -> str:
        """Give the place of a row or cell for notes, such as `sheet KSBs, row 4, column B` or `line 4, column 2`.

        Args:
            row: the row, or its number.
            index: the cell's, from 0; None for the row as a whole.
        """
        number = row.number if isinstance(row, Row) else row
        if not self.name:
            return f"line {number}" if index is None else f"line {number}, column {index + 1}"
        column = "" if index is None else f", column {column_letters(index)}"
        return f"sheet {visible(self.name)}, row {number}{column}"


@dataclass(frozen=True, slots=True)
class Sheets:
    """A file of tables.

    Attributes:
        file: the path for messages.
        format: what it is.
        sheets: those with any row, in the order of their tabs; a CSV file has one.
        notes: what was not taken as it stood: another encoding, results of formulas, what is hidden or merged.
    """

    file: str
    format: SheetFormat
    sheets: tuple[Sheet, ...]
    notes: tuple[ImportNote, ...] = ()

    def rows(self) -> Iterator[tuple[Sheet, Row]]:
        """Yield each row with its sheet."""
        return ((sheet, row) for sheet in self.sheets for row in sheet.rows)


@dataclass(frozen=True, slots=True)
class Headings:
    """What the columns of a table are, by the row that names them.

    Attributes:
        columns: for each meaning, the indexes of the columns that have it, from the left.
        others: indexes of the columns whose heading has no meaning that we know; blank headings are left out.
    """

    columns: Mapping[Column, tuple[int, ...]]
    others: tuple[int, ...] = ()

    def index(self, column: Column) -> int | None:
        """Give the first column with a meaning; None if there is none."""
        return next(iter(self.columns.get(column, ())), None)


def column_letters(index: int) -> str:
    """Give the letters that a spreadsheet shows over a column: A for 0, AA for 26."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, _LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters
