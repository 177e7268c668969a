"""Cells and where they stand: the path in a model, the column it came from, and what a message may show of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ksbtrack.cohort.table_columns import COLUMNS, CellKind, TableColumn, TableName
from ksbtrack.formats.delimited_text import PROTECTED
from ksbtrack.models.cohort import Fault
from ksbtrack.problems import Problem, Source, quoted
from ksbtrack.yamlfile import Path, YamlText, bad_character

CELLS = "\0cells"
"""Stands for the row in the place of a problem while a row is read; its line is the column's number, from 1."""
FIRST_YEAR = "1901"
"""The first year of a day in a table: spreadsheets make days of 1899 and 1900 of empty cells and of noughts."""
MONTHS = 12
"""The months of a year: a larger number in a date is a day."""
DAYS = 31
"""The days of the longest month: a larger number in a date is no day."""
NAMED_DAY = (
    "(?i)^[\\s\xa0]*(\\d{1,2})[\\s\xa0./-]+"
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
    "[\\s\xa0,./-]+(\\d{4}|\\d{2})[\\s\xa0]*$"
)
"""A day whose month is a word, as in 4 Sep 2023 or 4-Sep-23: day, month and year."""
CENTURIES = {"20": ("00", "29"), "19": ("70", "99")}
"""Centuries of years with two digits, each with the first and last: those between can be of either."""

_TOO_EARLY = f"no day here is before {FIRST_YEAR}; spreadsheets make such days of empty cells"
_NAMED_DAY = re.compile(NAMED_DAY)
_TWO_WAYS = re.compile(r"\s*([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})\s*")
_EARLY = re.compile(r"1[0-8][0-9]{2}-|1900-|0[0-9]{3}-")
_SERIAL = re.compile(r"[1-9][0-9]{4}(\.[0-9]+)?")
COLUMN_NAMES = {table: tuple(column.name for column in columns) for table, columns in COLUMNS.items()}
_DAYS = {
    table: tuple(column.name for column in columns if column.kind is CellKind.DAY) for table, columns in COLUMNS.items()
}
_PATHS: dict[TableName, dict[str, Path]] = {
    TableName.LEARNERS: {
        **{
            name: ("learner", name)
            for name in ("uln", "name", "born", "age_at_start", "weekly_hours", "employer", "provider", "role")
        },
        **{name: ("dates", name) for name in ("start", "original_start", "planned_gateway", "gateway")},
        "prior_learning_hours": ("records", "prior_learning_hours"),
    },
    TableName.EVIDENCE: {
        "state": ("acceptance", "state"),
        "accepted_by": ("acceptance", "by"),
        "accepted_role": ("acceptance", "role"),
        "accepted_on": ("acceptance", "on"),
        "witness_name": ("witness", "name"),
        "witness_role": ("witness", "role"),
        "witness_relationship": ("witness", "relationship"),
        "witness_signed": ("witness", "signed"),
        **{name: ("privacy", name) for name in ("contains_personal_data", "redacted", "consent")},
    },
}
"""Where the models have what a column holds; a column that is not listed has its own name there."""
_LINES: dict[TableName, dict[Path, int]] = {
    table: {
        (): 0,
        **{_PATHS.get(table, {}).get(column.name, (column.name,)): place for place, column in enumerate(columns, 1)},
    }
    for table, columns in COLUMNS.items()
}
HIDDEN_WORDS = {
    "bad-date": ("a date is written year-month-day", "Write it like 2026-11-22."),
    "bad-number": ("a whole number of 0 or more is wanted here", "Correct the number."),
    "contradiction": ("it does not fit what else is said of the learner", "Correct one of them."),
    "text-too-long": ("fewer characters fit here", "Shorten it."),
    "bad-character": ("a cell holds no control characters and no heaps of accents", "Write the cell again."),
}
"""What a message expects and advises where it must not show a value, by the code of the problem."""


@dataclass(frozen=True, slots=True)
class Row:
    """The row of a table while it is read: which table, the name of its file for messages, and the row's number."""

    table: TableName
    file: str
    number: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One learner while their rows are read.

    Attributes:
        key: names the learner.
        files: the tables that are there, each as messages name it.
        numbers: the number of each row of each table; empty while they are not known, since nothing seems wrong.
        told: what was found to be wrong so far.
    """

    key: str
    files: Mapping[str, str]
    numbers: Mapping[TableName, Sequence[int]]
    told: list[Fault] = field(default_factory=list)

    def number(self, table: TableName, place: int) -> int:
        """Give the number of the row at a place among the learner's rows of a table, from 0."""
        return self.numbers[table][place] if self.numbers else 0

    def source(self, table: TableName, place: int) -> Source:
        """Give the row at a place among the learner's rows of a table, for messages."""
        return Source(self.files.get(table.value, ""), self.number(table, place))

    def tell(self, problems: Iterable[Problem], table: TableName, place: int, cells: Mapping[str, str]) -> None:
        """Keep problems of a row as faults of the learner.

        Args:
            problems: their places are columns, by `column_at`, or files of others.
            table: the table of the row.
            place: of the row among the learner's rows of the table, from 0.
            cells: what stands in it, by column.
        """
        row = Row(table, self.files.get(table.value, ""), self.number(table, place))
        self.told.extend(fault(problem, row, cells, self.key) for problem in problems)


def as_text(table: TableName, value: Any) -> YamlText:
    """Give the values of a row as loading takes them; each part's line is the number of its column."""
    return YamlText(CELLS, value, _LINES[table])


def column_at(table: TableName, name: str) -> Source:
    """Give the place of a column in the row that is read."""
    place = next(number for number, column in enumerate(COLUMNS[table], 1) if column.name == name)
    return Source(CELLS, place)


def fault(problem: Problem, row: Row, cells: Mapping[str, str | None], learner: str) -> Fault:
    """Give the fault of a row: its place is the row, and it names the column without showing what must not be shown.

    Args:
        problem: as the reader of the values gave it.
        row: the row.
        cells: what stands in it, by column.
        learner: the key of the learner it belongs to.
    """
    if problem.source.file != CELLS:
        return Fault(problem, learner)
    if problem.code == "missing-key":
        problem = _missing_cell(problem, row.table)
    place = problem.source.line
    column = COLUMNS[row.table][place - 1] if place else None
    source = Source(row.file, row.number)
    _, _, sheet = row.file.rpartition(".xlsx/")
    sheet = sheet if ".xlsx/" in row.file else ""
    if column is None:
        return Fault(replace(problem, source=source), learner, sheet)
    told = _told(problem, column, cells.get(column.name))
    return Fault(replace(told, source=source), learner, sheet, column.name)


def _missing_cell(problem: Problem, table: TableName) -> Problem:
    """Give the problem of a key that is missing as one of the column that would hold it."""
    key = problem.found.partition("'")[2].partition("'")[0]
    name = "accepted_on" if (table, key) == (TableName.EVIDENCE, "on") else key
    return Problem(
        "missing-cell",
        column_at(table, name) if name in COLUMN_NAMES[table] else Source(CELLS),
        f"no {name}",
        "each row has one" if problem.expected == "it is needed here" else problem.expected,
        "Fill in the empty cell, or delete the row.",
    )


def _told(problem: Problem, column: TableColumn, cell: str | None) -> Problem:
    in_column = f"in the column {column.name}"
    if problem.code == "missing-option":
        fix = "Fill in the column option." if column.name == "option" else problem.fix
        return replace(problem, found="no option" if column.name == "option" else problem.found, fix=fix)
    if problem.code == "missing-cell":
        return problem
    is_day = column.kind is CellKind.DAY and problem.code == "bad-date" and cell is not None
    told = _wrong_day(problem, cell or "", in_column) if is_day else None
    if not column.is_shown and told is not None and told.expected != problem.expected:
        return replace(told, found=f"a value that is not shown here, {in_column}")
    if not column.is_shown:
        expected, fix = HIDDEN_WORDS.get(problem.code, ("it cannot be read as that", "Look at the cell."))
        return replace(problem, found=f"a value that is not shown here, {in_column}", expected=expected, fix=fix)
    return told or replace(
        problem, found=f"{problem.found} {in_column}", fix=problem.fix.replace("portfolio.yaml", "the table")
    )


def _wrong_day(problem: Problem, cell: str, in_column: str) -> Problem:
    """Give the words about a day that cannot be read: one of two readings, a number of a spreadsheet, or no day."""
    found = f"{quoted(cell)} {in_column}"
    parts = _TWO_WAYS.fullmatch(cell)
    if parts:
        return _wrong_numbers(replace(problem, found=found), *map(int, parts.groups()))
    named = _NAMED_DAY.fullmatch(cell)
    if named and len(named[3]) == len("23") and not any(low <= named[3] <= high for low, high in CENTURIES.values()):
        expected = "two digits of a year can be of two centuries"
        return Problem("ambiguous-date", problem.source, found, expected, "Write all four digits of the year.")
    if named:
        expected, fix = "no such day is in the calendar", "Correct the date, or empty the cell."
        return replace(problem, found=found, expected=expected, fix=fix)
    if _SERIAL.fullmatch(cell):
        expected = "it looks like the number by which a spreadsheet counts days"
        return replace(
            problem, found=found, expected=expected, fix="Give the cells the format of dates, and save again."
        )
    return replace(problem, found=found)


def _wrong_numbers(problem: Problem, first: int, second: int, year: int) -> Problem:
    """Give the words about a day in three numbers, the year last."""
    fix = "Write days year-month-day, like 2026-11-22."
    if year < int(FIRST_YEAR):
        return replace(problem, expected=_TOO_EARLY, fix="Empty the cell, or correct the date.")
    if 0 < first <= MONTHS and 0 < second <= MONTHS:
        expected = "it can be read with the day first or with the month first, and the column does not tell which"
        return Problem("ambiguous-date", problem.source, problem.found, expected, fix)
    if 0 < first <= MONTHS < second <= DAYS:
        expected = "the month seems to stand first, as nobody in Britain writes it"
        return replace(problem, expected=expected, fix=fix)
    expected = "no such day is in the calendar"
    return replace(problem, expected=expected, fix="Correct the date, or empty the cell.")


def each_day_once(problems: Iterable[Problem]) -> list[Problem]:
    """Leave out the second problem of a day: one of 1899 is before the first year here, and before that of any file."""
    told: set[Source] = set()
    found = []
    for problem in problems:
        if problem.code != "bad-date" or problem.source not in told:
            found.append(problem)
        if problem.code == "bad-date":
            told.add(problem.source)
    return found


def unseen(table: TableName, cells: Mapping[str, str | None]) -> list[Problem]:
    """Give a problem for each cell that holds what nobody can see, or heaps of accents."""
    problems = []
    for name, cell in cells.items():
        if cell and not (cell.isascii() and cell.isprintable()):
            place = column_at(table, name)
            found = bad_character(cell, lambda _, place=place: place)  # type: ignore[misc]
            problems += [found] if found else []
    return problems


def tidied(table: TableName, cells: Sequence[Any]) -> dict[str, str]:
    """Give what stands in a row by column, tidied; empty cells are left out.

    Args:
        table: its table.
        cells: those of all documented columns, or of the last ones.
    """
    names = COLUMN_NAMES[table][-len(cells) :]
    return {name: text for name, cell in zip(names, cells, strict=True) if (text := tidy(cell))}


def early_days(table: TableName, cells: Mapping[str, str]) -> list[Problem]:
    """Give a problem for each day before `FIRST_YEAR`."""
    return [
        Problem(
            "bad-date",
            column_at(table, name),
            quoted(cells[name]),
            _TOO_EARLY,
            "Empty the cell, or correct the date.",
        )
        for name in _DAYS[table]
        if name in cells and _EARLY.match(cells[name])
    ]


def tidy(cell: str | None) -> str | None:
    """Give a cell without white space around it and without the mark against formulas; None if nothing is left."""
    text = (cell or "").strip()
    if text.startswith("'") and PROTECTED.match(text):
        text = text[1:]
    return text or None


def split_codes(cell: str | None) -> list[str]:
    """Give the codes or ids that a cell lists, parted by spaces, commas or semicolons."""
    return [code for code in re.split(r"[\s;,]+", cell or "") if code]
