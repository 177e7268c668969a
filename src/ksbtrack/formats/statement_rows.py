"""The rows of a table of statements: which column is what, also where no heading says it, and what each row holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ksbtrack.formats.framework_names import KIND_NAMES
from ksbtrack.formats.sheet_headers import find_headings
from ksbtrack.formats.source_record import MOST_CODES, TOO_HIGH, code_in, is_too_high
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
UNNAMED_COLUMN = "A column that no heading names was not read; name its columns, and put statements below one another."
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
        names: the row that names the columns; None where no row does.
        code: index of the column of codes; None where they stand before the texts.
        text: index of the column of texts.
        heading: index of the column of group headings.
        headings: the other columns.
        has_numbers: whether numbers in the column of codes count within each kind.
    """

    names: Row | None
    code: int | None
    text: int | None
    heading: int | None
    headings: Headings
    has_numbers: bool = True


def entries_of(sheet: Sheet, notes: list[ImportNote]) -> Iterator[Entry]:
    """Yield what each row of a sheet says of a statement or duty; what says nothing of one has a note."""
    layout = _layout(sheet, notes)
    if layout is None:
        name = f"The sheet {quoted(sheet.name)}" if sheet.name else "The table"
        notes.append(
            ImportNote(NoteKind.UNREAD, sheet.where(0) if sheet.name else "file", f"{name} has no statements.")
        )
        return
    rows = list(_rows_with_kinds(sheet, layout))
    if _run_through(rows, layout):
        what = "The numbers run through all kinds, so they are no codes; codes go by position."
        notes.append(ImportNote(NoteKind.REPAIRED, sheet.where(rows[0][0]), what))
        layout = replace(layout, has_numbers=False)
    for row, kind in rows:
        yield from _entry(sheet, row, layout, kind, notes)


def _rows_with_kinds(sheet: Sheet, layout: _Layout) -> Iterator[tuple[Row, str]]:
    """Yield each row that can be about a statement, with the word for its kind: its own, or the section's above it."""
    section = sheet.name if kind_word(sheet.name) else ""
    names = _folded(layout.names) if layout.names else None
    for row in sheet.rows:
        # The heading may stand once more, as at the top of each printed page.
        if layout.names and (row.number <= layout.names.number or _folded(row) == names):
            continue
        filled = [cell for cell in row.cells if cell]
        if len(filled) == 1 and kind_word(filled[0]):
            section = filled[0]
        else:
            yield row, row.cell(layout.headings.index(Column.KIND)) or section


def _folded(row: Row) -> list[str]:
    return [cell.casefold() for cell in row.cells]


def _run_through(rows: Sequence[tuple[Row, str]], layout: _Layout) -> bool:
    """Say whether numbers in the column of codes do not begin anew with each kind."""
    lowest: dict[str, int] = {}
    for row, kind in rows:
        number, prefix = _NUMBER.fullmatch(row.cell(layout.code)), kind_word(kind)
        if number and prefix:
            lowest[prefix] = min(int(number.group(1)), lowest.get(prefix, MOST_CODES))
    return len(lowest) > 1 and max(lowest.values()) > 1


def _entry(sheet: Sheet, row: Row, layout: _Layout, kind: str, notes: list[ImportNote]) -> Iterator[Entry]:
    columns = layout.headings
    where = sheet.where(row)
    written, text = row.cell(layout.code), row.cell(layout.text)
    if not layout.has_numbers and _NUMBER.fullmatch(written):
        written = ""
    code = _code(written, kind)
    if not code and (parts := _split(text if text or layout.code is None else written)):
        code, text = parts
    if not code and not text:
        return
    if not code and written:
        what = f"{quoted(written)} is no code of a statement, so the row was not taken."
        what = TOO_HIGH if is_too_high(written) else what
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
    names, columns, others = (found[0], dict(found[1].columns), found[1].others) if found else (None, {}, ())
    rows = [row for row in sheet.rows if names is None or row.number > names.number]
    heading = next((i for i in others if names and names.cell(i).strip().casefold() in _HEADING), None)
    has_kinds = _has_kinds(rows, sheet, Column.KIND in columns)
    code, text = _named(rows, columns)
    taken = {code, text, heading, *(index for indexes in columns.values() for index in indexes)}
    code = _column_of_codes(rows, taken, has_kinds) if code is None else code
    text = _column_of_texts(rows, {*taken, code}) if text is None else text
    if text is None:
        # Code and words stand in one cell.
        code, text = None, code
    if text is None or not (has_kinds or any(_code(row.cell(code), "") or _split(row.cell(text)) for row in rows)):
        return None
    if names is None:
        what = "No row names the columns; what they are was told by what is in them."
        notes.append(ImportNote(NoteKind.REPAIRED, sheet.where(sheet.rows[0]), what))
    used = {code, text, heading, *(index for column in _READ for index in columns.get(column, ()))}
    if names is None:
        for index in sorted(_count(rows, used, len)):
            filled = next(row for row in rows if row.cell(index))
            has_statements = any(_split(row.cell(index)) for row in rows)
            kind = NoteKind.UNUSABLE if has_statements else NoteKind.UNREAD
            notes.append(ImportNote(kind, sheet.where(filled, index), UNNAMED_COLUMN))
    for index, name in enumerate(names.cells if names else ()):
        if name.strip() and index not in used:
            what = f"A standard has no place for the column {quoted(name)}."
            notes.append(ImportNote(NoteKind.UNREAD, sheet.where(names or 0, index), what))
    return _Layout(names, code, text, heading, Headings(columns))


def _has_kinds(rows: Sequence[Row], sheet: Sheet, has_column: bool) -> bool:
    """Say whether a column, the sheet's name or sections say what kind statements are."""
    sections = any(len(row.cells) == 1 and kind_word(row.cells[0]) for row in rows)
    return has_column or sections or bool(kind_word(sheet.name))


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


def _column_of_codes(rows: Sequence[Row], taken: set[int | None], has_kinds: bool) -> int | None:
    # Statements of a kind that something else names may be numbered from 1.
    for weight in (_is_code, _is_number) if has_kinds else (_is_code,):
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


def kind_named(word: str) -> CompetencyKind | None:
    """Give the kind that a word such as `Experience` names, as an export writes it; None for another word."""
    return _KIND_OF_NAME.get(word.strip().casefold())
