"""Rows of claims and of logged hours: read once where they come again, since cohorts repeat themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ksbtrack.cohort.cells import CELLS, COLUMN_NAMES, Reading, as_text, column_at, early_days, tidied, unseen
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

Cells = Sequence[Any]
"""A row as the sorted tables give it: number of the learner, number of the row, then each documented column."""

_CODE_FROM = 3
"""The place in a row of claims from which on it says the same for all pieces of all learners."""
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
        self._known: dict[tuple[str, ...], dict[Cells, _ReadClaim]] = {}
        self._numbers: dict[tuple[str, str, str], int] = {}

    def read(
        self, rows: Sequence[Cells], standards: Mapping[str, Standard], reading: Reading
    ) -> dict[str, list[Claim]]:
        """Give the sound claims of a learner by the id of their piece.

        Args:
            rows: the learner's.
            standards: those that the claims may name, the learner's own first; if empty, codes are not looked up.
            reading: takes what is wrong.
        """
        claims: dict[str, list[Claim]] = {}
        numbers: dict[str, list[int]] = {}
        known = self._known.setdefault(tuple(map(_name, standards.values())), {})
        for row in rows:
            found = known.get(row[_CODE_FROM:])
            if found is None:
                found = self._keep(row[_CODE_FROM:], known, standards)
            piece = row[2]
            if found.claim is None or piece is None:
                _tell_wrong(row, found, reading)
            elif piece in claims:
                claims[piece].append(found.claim)
                numbers[piece].append(found.number)
            else:
                claims[piece], numbers[piece] = [found.claim], [found.number]
        for piece, used in numbers.items():
            if len(set(used)) < len(used):
                _tell_repeated(piece, rows, known, reading)
        return claims

    def _keep(self, cells: Cells, known: dict[Cells, _ReadClaim], standards: Mapping[str, Standard]) -> _ReadClaim:
        if len(known) > KEPT:
            known.clear()
        found = known[cells] = self._read(cells, standards)
        return found

    def _read(self, cells: Cells, standards: Mapping[str, Standard]) -> _ReadClaim:
        named = tidied(TableName.CLAIMS, cells)
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


def _tell_wrong(row: Cells, found: _ReadClaim, reading: Reading) -> None:
    problems = list(found.problems)
    if row[2] is None:
        place = column_at(TableName.CLAIMS, "evidence")
        problems.append(Problem("missing-cell", place, "no evidence", "each claim is of a piece", "Fill in its id."))
    reading.tell(problems, TableName.CLAIMS, row[1], tidied(TableName.CLAIMS, row[2:]))


def _tell_repeated(piece: str, rows: Sequence[Cells], known: Mapping[Cells, _ReadClaim], reading: Reading) -> None:
    """Tell of each claim that its piece makes already."""
    seen: set[int] = set()
    for row in rows:
        read = known.get(row[_CODE_FROM:])
        if row[2] != piece or read is None or read.claim is None:
            continue
        if read.number in seen:
            place, code = column_at(TableName.CLAIMS, "code"), quoted(row[3])
            problem = Problem("duplicate-claim", place, code, "this piece claims it already", "Delete one of the two.")
            reading.tell([problem], TableName.CLAIMS, row[1], {})
        seen.add(read.number)


class HoursRows:
    """Reads rows of logged hours; a class, since what is kept must outlive each learner."""

    def __init__(self) -> None:
        """Begin with nothing kept."""
        self._known: dict[tuple[str, ...], dict[Cells, LoggedHours]] = {}

    def read(
        self, rows: Sequence[Cells], standards: Mapping[str, Standard], reading: Reading
    ) -> tuple[LoggedHours, ...] | None:
        """Give the logged hours of a learner by date; None where there are none, as there is no log then.

        Args:
            rows: the learner's.
            standards: those that the codes may name, the learner's own first; if empty, codes are not looked up.
            reading: takes what is wrong.
        """
        if not rows:
            return None
        file = reading.files["hours"]
        if len(rows) > MAX_LOG_ROWS:
            reading.told.append(Fault(_too_many(Source(file, rows[MAX_LOG_ROWS][1])), reading.key))
            return None
        known = self._known.setdefault(tuple(map(_name, standards.values())), {})
        logged: list[tuple[LoggedHours, Source]] = []
        for row in rows:
            entry = known.get(row[2:]) or self._read(row, known, standards, reading)
            if entry is not None:
                logged.append((entry, Source(file, row[1])))
        if len({entry.date for entry, _ in logged}) < len(logged):
            reading.told.extend(Fault(problem, reading.key, column="hours") for problem in long_days(logged))
        return tuple(sorted((entry for entry, _ in logged), key=lambda entry: entry.date))

    def _read(
        self, row: Cells, known: dict[Cells, LoggedHours], standards: Mapping[str, Standard], reading: Reading
    ) -> LoggedHours | None:
        table = TableName.HOURS
        named = tidied(table, row[2:])
        problems = [*unseen(table, named), *early_days(table, named)]
        if not problems:
            try:
                entry = logged_row([named.get(name, "") for name in COLUMN_NAMES[table][1:]], Source(CELLS), standards)
            except KsbtrackError as error:
                problems = [_with_column(problem) for problem in error.problems]
            else:
                if len(known) > KEPT:
                    known.clear()
                known[row[2:]] = entry
                return entry
        reading.tell(problems, table, row[1], named)
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
    return Problem(problem.code, column_at(TableName.HOURS, name), problem.found, problem.expected, problem.fix)
