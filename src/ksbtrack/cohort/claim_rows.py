"""Rows of claims and of logged hours: read once where they come again, since cohorts repeat themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ksbtrack.cohort.cells import CELLS, COLUMN_NAMES, Reading, as_text, column_at, early_days, tidied, unseen
from ksbtrack.cohort.sorting import CELL_END
from ksbtrack.cohort.table_columns import TableName
from ksbtrack.load.checked import checked
from ksbtrack.load.claims import resolve_code
from ksbtrack.load.log import MAX_LOG_ROWS, logged_row, long_days
from ksbtrack.models.cohort import Fault
from ksbtrack.models.portfolio import Claim, LoggedHours
from ksbtrack.models.standard import Standard
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

KEPT = 50_000
"""Claims, decisions or logged hours that are kept: 25 MB at most. Beyond that, keeping begins anew."""

_COLUMN_OF_HOURS = {
    "bad-date": "date",
    "bad-number": "hours",
    "unknown-code": "codes",
    "unknown-standard": "codes",
    "text-too-long": "activity",
}


class _ReadClaim(NamedTuple):
    """A claim that was read once: what it says, a number that those which say the same share, what is wrong with it."""

    claim: Claim | None
    number: int
    problems: tuple[Problem, ...] = ()


class ClaimRows:
    """Reads rows of claims; a class, since what is kept must outlive each learner."""

    def __init__(self) -> None:
        """Begin with nothing kept."""
        self._known: dict[tuple[str, ...], dict[str, _ReadClaim]] = {}
        self._numbers: dict[tuple[str, str, str], int] = {}

    def read(self, rows: Sequence[str], standards: Mapping[str, Standard], reading: Reading) -> dict[str, list[Claim]]:
        """Give the sound claims of a learner by the id of their piece.

        Args:
            rows: the learner's, each the text of its cells but the learner.
            standards: those that the claims may name, the learner's own first; if empty, codes are not looked up.
            reading: takes what is wrong.
        """
        claims: dict[str, list[Claim]] = {}
        numbers: dict[str, list[int]] = {}
        known = self._known.setdefault(tuple(map(_name, standards.values())), {})
        for place, row in enumerate(rows):
            piece, _, said = row.partition(CELL_END)
            found = known.get(said) or self._keep(said, known, standards)
            if found.claim is None or not piece:
                _tell_wrong(row, place, found, reading)
            elif piece in claims:
                claims[piece].append(found.claim)
                numbers[piece].append(found.number)
            else:
                claims[piece], numbers[piece] = [found.claim], [found.number]
        for piece, used in numbers.items():
            if len(set(used)) < len(used):
                _tell_repeated(piece, rows, known, reading)
        return claims

    def _keep(self, said: str, known: dict[str, _ReadClaim], standards: Mapping[str, Standard]) -> _ReadClaim:
        if len(known) > KEPT:
            known.clear()
        found = known[said] = self._read(said, standards)
        return found

    def _read(self, said: str, standards: Mapping[str, Standard]) -> _ReadClaim:
        named = tidied(TableName.CLAIMS, said.split(CELL_END))
        try:
            problems = unseen(TableName.CLAIMS, named)
            if problems:
                raise KsbtrackError(*problems)
            claim = checked(Claim, as_text(TableName.CLAIMS, named))
            if standards:
                origin, code = resolve_code(named["code"], standards, column_at(TableName.CLAIMS, "code"))
                claim = claim.model_copy(update={"standard": origin, "code": code})
        except KsbtrackError as error:
            return _ReadClaim(None, -1, error.problems)
        same = (claim.standard, claim.code, claim.where or "")
        return _ReadClaim(claim, self._numbers.setdefault(same, len(self._numbers)))


def _name(standard: Standard) -> str:
    """Give what tells a standard from others, and one option of it from another."""
    return f"{standard.identity}/{standard.option.id}" if standard.option else standard.identity


def _tell_wrong(row: str, place: int, found: _ReadClaim, reading: Reading) -> None:
    problems = list(found.problems)
    cells = tidied(TableName.CLAIMS, row.split(CELL_END))
    if "evidence" not in cells:
        at = column_at(TableName.CLAIMS, "evidence")
        problems.append(Problem("missing-cell", at, "no evidence", "each claim is of a piece", "Fill in its id."))
    reading.tell(problems, TableName.CLAIMS, place, cells)


def _tell_repeated(piece: str, rows: Sequence[str], known: Mapping[str, _ReadClaim], reading: Reading) -> None:
    """Tell of each claim that its piece makes already."""
    seen: set[int] = set()
    for place, row in enumerate(rows):
        name, _, said = row.partition(CELL_END)
        read = known.get(said)
        if name != piece or read is None or read.claim is None:
            continue
        if read.number in seen:
            at, code = column_at(TableName.CLAIMS, "code"), quoted(said.partition(CELL_END)[0])
            problem = Problem("duplicate-claim", at, code, "this piece claims it already", "Delete one of the two.")
            reading.tell([problem], TableName.CLAIMS, place, {})
        seen.add(read.number)


class HoursRows:
    """Reads rows of logged hours; a class, since what is kept must outlive each learner."""

    def __init__(self) -> None:
        """Begin with nothing kept."""
        self._known: dict[tuple[str, ...], dict[str, LoggedHours]] = {}

    def read(
        self, rows: Sequence[str], standards: Mapping[str, Standard], reading: Reading
    ) -> tuple[LoggedHours, ...] | None:
        """Give the logged hours of a learner by date; None where there are none, as there is no log then.

        Args:
            rows: the learner's, each the text of its cells but the learner.
            standards: those that the codes may name, the learner's own first; if empty, codes are not looked up.
            reading: takes what is wrong.
        """
        if not rows:
            return None
        table = TableName.HOURS
        if len(rows) > MAX_LOG_ROWS:
            reading.told.append(Fault(_too_many(reading.source(table, MAX_LOG_ROWS)), reading.key))
            return None
        known = self._known.setdefault(tuple(map(_name, standards.values())), {})
        logged: list[tuple[LoggedHours, Source]] = []
        for place, row in enumerate(rows):
            entry = known.get(row)
            if entry is None:
                entry = _read_hours(row, place, standards, reading)
                if entry is None:
                    continue
                if len(known) > KEPT:
                    known.clear()
                known[row] = entry
            logged.append((entry, reading.source(table, place)))
        if len({entry.date for entry, _ in logged}) < len(logged):
            reading.told.extend(Fault(problem, reading.key, column="hours") for problem in long_days(logged))
        return tuple(sorted((entry for entry, _ in logged), key=lambda entry: entry.date))


def _read_hours(row: str, place: int, standards: Mapping[str, Standard], reading: Reading) -> LoggedHours | None:
    table = TableName.HOURS
    named = tidied(table, row.split(CELL_END))
    problems = [*unseen(table, named), *early_days(table, named)]
    if not problems:
        try:
            return logged_row([named.get(name, "") for name in COLUMN_NAMES[table][1:]], Source(CELLS), standards)
        except KsbtrackError as error:
            problems = [_with_column(problem) for problem in error.problems]
    reading.tell(problems, table, place, named)
    return None


def _too_many(source: Source) -> Problem:
    return Problem(
        "too-many-rows",
        source,
        f"more than {MAX_LOG_ROWS:,} rows of one learner",
        "no apprenticeship's log has so many",
        "Put each learner's own hours into the table.",
    )


def _with_column(problem: Problem) -> Problem:
    """Give a problem of a row of hours with the column that it is about."""
    name = problem.found.removeprefix("no ") if problem.code == "missing-cell" else _COLUMN_OF_HOURS.get(problem.code)
    if name not in COLUMN_NAMES[TableName.HOURS]:
        return problem
    return replace(problem, source=column_at(TableName.HOURS, name))
