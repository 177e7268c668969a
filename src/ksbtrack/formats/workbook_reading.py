"""XLSX in, tables of text out: values as they were stored, whatever is hidden, merged or calculated is noted.

Read with the XML parser of the standard library instead of a library for workbooks: those believe what a file says of
its own size, stop at marks that many programs write wrongly, and know far more of a workbook than a table needs.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ksbtrack.formats.sheet_cells import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Tally, too_large
from ksbtrack.formats.workbook_parts import Attributes, Parts, damaged, unescaped
from ksbtrack.formats.workbook_values import Shown, number_text, read_styles, style_of
from ksbtrack.models.importing import ImportNote, NoteKind
from ksbtrack.models.sheets import Row, Sheet, SheetFormat, Sheets, column_letters
from ksbtrack.problems import KsbtrackError, Problem, Source, several

MAX_SHEETS = 100
"""Sheets of a workbook: one for each learner of the largest group known, and room."""
MAX_MERGED = 20_000
"""Merged areas of a sheet: more than two for each statement of the largest list."""

_NAMED = 5
"""Places that a note names."""
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_TRUE = ("1", "true", "on")


class _Tab(NamedTuple):
    """A sheet as the workbook lists it."""

    name: str
    part: str
    is_hidden: bool


@dataclass
class _Found:
    """What was met in a sheet besides its cells, with the first place of each.

    Attributes:
        merged: first row, last row and column of each merged area of more than one row.
    """

    formulas: list[str] = field(default_factory=list)
    empty_formulas: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[str] = field(default_factory=list)
    merged: list[tuple[int, int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class _Book:
    """What all sheets of a workbook share."""

    strings: list[str]
    styles: list[Shown]
    begins_1904: bool


def read_workbook(content: bytes, shown: str, most_rows: int = MAX_ROWS) -> Sheets:
    """Give the tables of an XLSX file.

    Formulas give the values that were stored with them. Rows and sheets that are hidden are read like any other. A
    merged area gives its text to every row that it covers.

    Args:
        content: the whole file.
        shown: the path for messages.
        most_rows: rows of all sheets together, for those who know of larger tables.

    Raises:
        KsbtrackError: `not-a-table`, `bad-workbook`, `archive-too-large`, `table-too-large`, `empty-file`.
    """
    parts = Parts(content, shown)
    other = parts.kind()
    if other:
        raise KsbtrackError(_not_a_workbook(other, shown))
    main = next((part for kind, part in parts.relations("").values() if kind == "officeDocument"), "xl/workbook.xml")
    tabs, begins_1904 = _tabs(parts, main)
    related = dict(parts.relations(main).values())
    strings = _strings(parts, related.get("sharedStrings", ""))
    styles = read_styles(parts, related["styles"]) if parts.has(related.get("styles", "")) else []
    notes: list[ImportNote] = []
    tally = Tally(Sheet(shown, "", ()), notes, most_rows)
    sheets = []
    for tab in tabs:
        sheet = Sheet(shown, tab.name, (), tab.is_hidden)
        tally.sheet = sheet
        read = _SheetReading(sheet, _Book(strings, styles, begins_1904), tally)
        parts.parse(tab.part, read.start, read.end, read.text)
        rows = _with_merged(read.rows, read.found, sheet)
        if rows:
            notes += _notes(sheet, read.found)
            sheets.append(replace(sheet, rows=rows))
    tally.finish()
    return Sheets(shown, SheetFormat.XLSX, tuple(sheets), tuple(notes))


def _not_a_workbook(found: str, shown: str) -> Problem:
    return Problem(
        "not-a-table",
        Source(shown),
        found,
        "a table is a spreadsheet (.xlsx) or a text with commas, semicolons or tabs between its cells (.csv, .tsv)",
        "Open it in a spreadsheet program and save it as .xlsx.",
    )


def _tabs(parts: Parts, main: str) -> tuple[list[_Tab], bool]:
    """Give the sheets of a workbook in the order of their tabs, and whether it counts days from 1904."""
    related = parts.relations(main)
    tabs: list[_Tab] = []
    begins_1904 = False

    def start(element: str, attributes: Attributes) -> None:
        nonlocal begins_1904
        if element == "workbookPr":
            begins_1904 = attributes.get("date1904", "") in _TRUE
        elif element == "sheet":
            kind, part = related.get(attributes.get("id", ""), ("", ""))
            if kind == "worksheet":
                hidden = attributes.get("state", "visible") != "visible"
                tabs.append(_Tab(attributes.get("name", "") or f"Sheet{len(tabs) + 1}", part, hidden))

    parts.parse(main, start)
    if not tabs or len(tabs) > MAX_SHEETS:
        raise damaged(parts.shown, several(len(tabs), "sheet") if tabs else "no sheet")
    return tabs, begins_1904


def _strings(parts: Parts, name: str) -> list[str]:
    """Give the texts that cells refer to by number; guides to pronunciation are left out."""
    if not parts.has(name):
        return []
    strings: list[str] = []
    pieces: list[str] = []
    state = {"t": False, "rPh": False}

    def start(element: str, _: Attributes) -> None:
        if element == "si":
            pieces.clear()
        elif element in state:
            state[element] = True

    def end(element: str) -> None:
        if element == "si":
            strings.append(unescaped("".join(pieces)))
        elif element in state:
            state[element] = False

    def text(words: str) -> None:
        if state["t"] and not state["rPh"]:
            pieces.append(words)

    parts.parse(name, start, end, text)
    return strings


class _SheetReading:
    """The state between two marks of a sheet's XML: a row and a cell that have begun."""

    def __init__(self, sheet: Sheet, book: _Book, tally: Tally) -> None:
        self.sheet, self.book, self.tally = sheet, book, tally
        self.rows: list[Row] = []
        self.found = _Found()
        self._number = 0
        self._cells: dict[int, str] = {}
        self._dates: list[int] = []
        self._column = -1
        self._cell: Attributes = {}
        self._has_formula = False
        self._inside = ""
        self._is_pronounced = False
        self._words: list[str] = []

    def start(self, element: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        if element == "c":
            self._begin_cell(attributes)
        elif element in ("v", "t"):
            self._inside = element
        elif element == "f":
            self._has_formula = True
        elif element == "rPh":
            self._is_pronounced = True
        elif element == "row":
            written = attributes.get("r", "")
            self._number = int(written) if re.fullmatch(r"[0-9]{1,7}", written) else self._number + 1
            self._cells, self._dates, self._column = {}, [], -1
            if attributes.get("hidden", "") in _TRUE:
                self.found.hidden_rows.append(self._number)
        elif element == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif element == "col" and attributes.get("hidden", "") in _TRUE:
            first = attributes.get("min", "")
            self.found.hidden_columns += (
                [column_letters(int(first) - 1)] if re.fullmatch("[1-9][0-9]{0,4}", first) else []
            )

    def text(self, words: str) -> None:
        """Take text."""
        if self._inside and not self._is_pronounced:
            self._words.append(words)

    def end(self, element: str) -> None:
        """Take the end of an element."""
        if element in ("v", "t"):
            self._inside = ""
        elif element == "c":
            self._end_cell()
        elif element == "rPh":
            self._is_pronounced = False
        elif element == "row":
            width = max(self._cells, default=-1) + 1
            row = self.tally.row(self._number, [self._cells.get(i, "") for i in range(width)], self._dates)
            if row is not None:
                self.rows.append(row)
            self._cells = {}

    def _begin_cell(self, attributes: Attributes) -> None:
        at = _REFERENCE.fullmatch(attributes.get("r", ""))
        self._column = _column_index(at[1]) if at else self._column + 1
        self._cell, self._has_formula, self._words = attributes, False, []

    def _end_cell(self) -> None:
        written = "".join(self._words)
        if not written and not self._has_formula:
            return
        place = f"{column_letters(self._column)}{self._number}"
        if self._has_formula:
            (self.found.formulas if written else self.found.empty_formulas).append(place)
        text = self._value(written, place)
        if not text.strip():
            return
        if self._column >= MAX_COLUMNS:
            raise KsbtrackError(too_large(self.sheet, self._number, f"a cell in column {column_letters(self._column)}"))
        self._cells[self._column] = text

    def _value(self, written: str, place: str) -> str:
        kind = self._cell.get("t", "n")
        if kind == "s":
            index = int(written) if re.fullmatch(r"[0-9]{1,9}", written.strip()) else -1
            if not 0 <= index < len(self.book.strings):
                raise damaged(self.sheet.file, f"a text in {place} that is not there")
            return self.book.strings[index]
        if kind in ("inlineStr", "str"):
            return unescaped(written)
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(written.strip(), written)
        if kind == "e":
            self.found.errors.append(f"{place} ({written[:20]})")
            return ""
        if kind != "n" or not written:
            return written
        shown = style_of(self.book.styles, self._cell.get("s", "0"))
        text = number_text(written.strip(), shown, begins_1904=self.book.begins_1904)
        if shown is not Shown.NUMBER:
            self._dates.append(self._column)
        return text

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        one, two = _REFERENCE.fullmatch(first), _REFERENCE.fullmatch(last)
        if one and two and int(two[2]) > int(one[2]):
            if len(self.found.merged) >= MAX_MERGED:
                raise KsbtrackError(too_large(self.sheet, 0, f"more than {MAX_MERGED:,} merged areas"))
            self.found.merged.append((int(one[2]), int(two[2]), _column_index(one[1])))


def _column_index(letters: str) -> int:
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def _with_merged(rows: list[Row], found: _Found, sheet: Sheet) -> tuple[Row, ...]:
    """Give the rows with the text of each merged area in all of those that it covers."""
    if not found.merged:
        return tuple(rows)
    place = {row.number: index for index, row in enumerate(rows)}
    numbers = sorted(place)
    filled = 0
    for first, last, column in found.merged:
        text = rows[place[first]].cell(column) if first in place else ""
        for number in _between(numbers, first + 1, last) if text else ():
            row = rows[place[number]]
            filled += max(len(row.cells), column + 1)
            if filled > MAX_CELLS:
                raise KsbtrackError(too_large(sheet, number, "merged areas of more cells than fit here"))
            cells = [*row.cells, *[""] * (column + 1 - len(row.cells))]
            if not cells[column]:
                cells[column] = text
                rows[place[number]] = replace(row, cells=tuple(cells))
    return tuple(rows)


def _between(numbers: list[int], first: int, last: int) -> list[int]:
    return numbers[bisect_left(numbers, first) : bisect_right(numbers, last)]


def _notes(sheet: Sheet, found: _Found) -> Iterator[ImportNote]:
    """Yield what a reader of the table should know that its cells do not say."""
    where = sheet.where(0).partition(", row")[0]
    if sheet.is_hidden:
        yield ImportNote(NoteKind.REPAIRED, where, "The sheet is hidden; it was read like the others.")
    merged = [f"rows {one} to {two}" for one, two, _ in found.merged]
    for places, words, kind in (
        (found.formulas, "Formulas: the values stored with them were read", NoteKind.REPAIRED),
        (found.empty_formulas, "Formulas without a stored value: nothing was read", NoteKind.UNUSABLE),
        (found.errors, "Errors of the spreadsheet: nothing was read", NoteKind.UNUSABLE),
        (found.hidden_columns, "Hidden columns: read like the others", NoteKind.REPAIRED),
        (list(map(str, found.hidden_rows)), "Hidden rows: read like the others", NoteKind.REPAIRED),
        (
            merged,
            "Merged cells: each row has the text",
            NoteKind.REPAIRED,
        ),
    ):
        if places:
            more = ", ..." if len(places) > _NAMED else ""
            yield ImportNote(kind, where, f"{words} ({', '.join(places[:_NAMED])}{more}).", len(places))
