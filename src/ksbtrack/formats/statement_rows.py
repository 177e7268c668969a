"""The rows of a table of statements: which column is what, also where no heading says it, and what each row holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ksbtrack.formats.framework_names import KIND_NAMES
from ksbtrack.formats.sheet_headers import find_headings, match_headers
from ksbtrack.formats.source_record import code_in
from ksbtrack.formats.statement_kinds import kind_word, split_code
from ksbtrack.models.importing import ImportNote, NoteKind
from ksbtrack.models.sheets import Column, Headings, Row, Sheet
from ksbtrack.models.standard import CompetencyKind
from ksbtrack.problems import quoted

FEWEST_CODES = 2
"""Codes in a column by which it is known where no heading says what it is."""
_TEXT_LENGTH = 12
"""Characters on average from which a column without a heading can be that of the texts."""
_READ = (
    *(Column.KIND, Column.METHOD, Column.DUTIES, Column.CODES, Column.GUID),
    *(Column.PASS, Column.DISTINCTION, Column.GRADING),
)
"""The columns that are read beside code and text."""
_HEADING = ("heading", "section", "area", "group title")
_CRITERIA = (
    (Column.PASS, "Pass criteria"),
    (Column.DISTINCTION, "Distinction criteria"),
    (Column.GRADING, "Grading criteria"),
)
_DUTY = re.compile(r"duty\s*([0-9]{1,3})[.:)]?", re.IGNORECASE)
_DUTY_TEXT = re.compile(r"\s*duty\s*([0-9]{1,3})\s*[:.)\u2013\u2014-]?\s+(?=\S)", re.IGNORECASE)
_NUMBER = re.compile(r"([0-9]{1,3})(?:\.0)?")
_KIND_OF_NAME = {name.casefold(): kind for kind, name in KIND_NAMES.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row about a statement or a duty.

    Attributes:
        code: as it reads; empty where the row has none.
        text: as it stands.
        where: its place.
        kind: the word for its kind, of its own row or of the section above it; empty where there is none.
        heading: of its group.
        methods: the cell with the methods.
        duties: the cell with the duties that it belongs to, or with the statements that a duty maps to.
        guid: its identifier.
        criteria: names and texts of grading criteria.
    """

    code: str
    text: str
    where: str
    kind: str = ""
    heading: str = ""
    methods: str = ""
    duties: str = ""
    guid: str = ""
    criteria: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which column of a sheet is what.

    Attributes:
        first: number of the row above the first that counts; 0 where no row names the columns.
        code: index of the column of codes; None where they stand before the texts.
        text: index of the column of texts.
        heading: index of the column of group headings.
        headings: the other columns.
    """

    first: int
    code: int | None
    text: int | None
    heading: int | None
    headings: Headings


def entries_of(sheet: Sheet, notes: list[ImportNote]) -> Iterator[Entry]:
    """Yield what each row of a sheet says of a statement or duty; what says nothing of one has a note."""
    layout = _layout(sheet, notes)
    if layout is None:
        name = f"The sheet {quoted(sheet.name)}" if sheet.name else "The table"
        notes.append(
            ImportNote(NoteKind.UNREAD, sheet.where(0) if sheet.name else "file", f"{name} has no statements.")
        )
        return
    section = sheet.name if kind_word(sheet.name) else ""
    for row in sheet.rows:
        if row.number <= layout.first or _names_columns_again(row, layout):
            continue
        filled = [cell for cell in row.cells if cell]
        if len(filled) == 1 and kind_word(filled[0]):
            section = filled[0]
            continue
        yield from _entry(sheet, row, layout, section, notes)


def _names_columns_again(row: Row, layout: _Layout) -> bool:
    """Say whether a row is the heading of a table once more, as at the top of each printed page."""
    again = match_headers(row.cells).columns
    return layout.first > 0 and len(again) > 1 and again.keys() == layout.headings.columns.keys()


def _entry(sheet: Sheet, row: Row, layout: _Layout, section: str, notes: list[ImportNote]) -> Iterator[Entry]:
    columns = layout.headings
    where = sheet.where(row)
    kind = row.cell(columns.index(Column.KIND)) or section
    written, text = row.cell(layout.code), row.cell(layout.text)
    code = _code(written, kind)
    if not code and (parts := _split(text if text or layout.code is None else written)):
        code, text = parts
    if not code and not text:
        return
    if not code and written:
        what = f"{quoted(written)} is no code of a statement, so the row was not taken."
        notes.append(ImportNote(NoteKind.UNUSABLE, where, what))
        return
    yield Entry(
        code=code,
        text=text,
        where=where,
        kind=kind,
        heading=row.cell(layout.heading),
        methods="\n".join(_cells(row, columns, Column.METHOD)),
        duties="\n".join((*_cells(row, columns, Column.DUTIES), *_cells(row, columns, Column.CODES))),
        guid=row.cell(columns.index(Column.GUID)),
        criteria=tuple((name, cell) for column, name in _CRITERIA for cell in _cells(row, columns, column)),
    )


def _cells(row: Row, columns: Headings, column: Column) -> list[str]:
    return [cell for index in columns.columns.get(column, ()) if (cell := row.cell(index))]


def _code(written: str, kind: str) -> str:
    """Give the code that a cell holds: `K1`, `k 1.`, `Duty 1`, or a number among statements of one kind."""
    plain = written.strip().strip(".:)(").strip()
    duty, number = _DUTY.fullmatch(plain), _NUMBER.fullmatch(plain)
    if duty:
        return f"D{duty.group(1)}"
    prefix = kind_word(kind)
    if number and prefix:
        return f"{prefix}{number.group(1)}"
    return code_in(plain) or ""


def _split(text: str) -> tuple[str, str] | None:
    duty = _DUTY_TEXT.match(text)
    if duty:
        return f"D{duty.group(1)}", text[duty.end() :]
    parts = split_code(text)
    return (code_in(parts[0]) or "", parts[1]) if parts else None


def _layout(sheet: Sheet, notes: list[ImportNote]) -> _Layout | None:
    """Give which column is what; None where no column has codes or texts of statements."""
    found = find_headings(sheet) or _single_heading(sheet)
    first, names = (found[0].number, found[0].cells) if found else (0, ())
    rows = [row for row in sheet.rows if row.number > first]
    columns = dict(found[1].columns) if found else {}
    others = found[1].others if found else ()
    heading = next((index for index in others if names[index].strip().casefold() in _HEADING), None)
    code, text = _named(rows, columns)
    taken = {code, text, heading, *(index for indexes in columns.values() for index in indexes)}
    code = _column_of_codes(rows, taken) if code is None else code
    text = _column_of_texts(rows, {*taken, code}) if text is None else text
    if text is None:
        # Code and words stand in one cell.
        code, text = None, code
    if text is None or not _has_statements(rows, code, text, sheet, Column.KIND in columns):
        return None
    if not found:
        what = "No row names the columns; what they are was told by what is in them."
        notes.append(ImportNote(NoteKind.REPAIRED, sheet.where(sheet.rows[0]), what))
    used = {code, text, heading, *(index for column in _READ for index in columns.get(column, ()))}
    for index, name in enumerate(names):
        if name.strip() and index not in used:
            what = f"A standard has no place for the column {quoted(name)}."
            notes.append(ImportNote(NoteKind.UNREAD, sheet.where(first, index), what))
    return _Layout(first, code, text, heading, Headings(columns))


def _named(rows: Sequence[Row], columns: dict[Column, tuple[int, ...]]) -> tuple[int | None, int | None]:
    """Give the columns of codes and of texts that headings name, and take them out of the others.

    A table of duties and their statements has the duty itself under the heading of duties.
    """
    codes, texts = columns.pop(Column.CODE, ()), columns.pop(Column.TEXT, ())
    if not codes and not texts and Column.DUTIES in columns and Column.CODES in columns:
        texts = columns.pop(Column.DUTIES)
    elif not codes:
        codes = columns.pop(Column.CODES, ())
    # Of several that may be, such as `ID` and `KSB`, the one with codes in it.
    counts = _count(rows, set(), _is_code)
    return max(codes, key=lambda index: counts.get(index, 0), default=None), next(iter(texts), None)


def _is_code(cell: str) -> int:
    return int(bool(_code(cell, "")))


def _is_number(cell: str) -> int:
    return int(bool(_NUMBER.fullmatch(cell)))


def _single_heading(sheet: Sheet) -> tuple[Row, Headings] | None:
    """Give the row that names the one column that a table has, such as `KSB` above `K1: words`."""
    found = find_headings(sheet, needed=1)
    if found is None or not {Column.CODE, Column.TEXT} & found[1].columns.keys():
        return None
    row, headings = found
    # A section's name, such as `Knowledge`, or a first statement is no heading.
    return (row, headings) if not any(_split(cell) or _code(cell, "") for cell in row.cells) else None


def _column_of_codes(rows: Sequence[Row], taken: set[int | None]) -> int | None:
    has_sections = any(len(row.cells) == 1 and kind_word(row.cells[0]) for row in rows)
    # Below a heading such as `Skills` statements may be numbered from 1.
    for weight in (_is_code, _is_number) if has_sections else (_is_code,):
        counts = _count(rows, taken, weight)
        best = max(counts, key=lambda index: (counts[index], -index), default=None)
        if best is not None and counts[best] >= FEWEST_CODES:
            return best
    return None


def _column_of_texts(rows: Sequence[Row], taken: set[int | None]) -> int | None:
    lengths = _count(rows, taken, len)
    best = max(lengths, key=lambda index: (lengths[index], -index), default=None)
    return best if best is not None and lengths[best] >= _TEXT_LENGTH * max(1, len(rows) // 2) else None


def _count(rows: Sequence[Row], taken: set[int | None], weight: Callable[[str], int]) -> Mapping[int, int]:
    counts: dict[int, int] = {}
    for row in rows:
        for index, cell in enumerate(row.cells):
            if cell and index not in taken:
                counts[index] = counts.get(index, 0) + weight(cell)
    return counts


def _has_statements(rows: Sequence[Row], code: int | None, text: int, sheet: Sheet, has_kinds: bool) -> bool:
    """Say whether any row has a code, or texts of a kind that a column, the sheet or a section names."""
    if has_kinds or kind_word(sheet.name):
        return True
    sections = any(len(row.cells) == 1 and kind_word(row.cells[0]) for row in rows)
    return sections or any(_code(row.cell(code), "") or _split(row.cell(text)) for row in rows)


def kind_named(word: str) -> CompetencyKind | None:
    """Give the kind that a word such as `Experience` names, as an export writes it; None for another word."""
    return _KIND_OF_NAME.get(word.strip().casefold())
