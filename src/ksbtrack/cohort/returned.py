"""A learner record return beside a cohort's tables: it fills what they leave empty, and contradicts what they say.

What a table says stands. A contradiction is told with both places, and prevents no verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from ksbtrack.models.ilr import Completion, ProgrammeAim, ReturnedLearner, breaks_between
from ksbtrack.models.portfolio import Break
from ksbtrack.problems import Problem, Source, quoted

LarsCode = Callable[[str], int | None]
"""Gives the LARS code of a standard by the words that name it; None if it has none, or there is no such standard."""
StandardOf = Callable[[int, date], str | None]
"""Gives `reference@version` of the one standard with a LARS code that a learner with such a start is on, or None."""


@dataclass(slots=True)
class ReturnIndex:
    """The learners of a return by what names them, and what could not be read of it.

    Attributes:
        by_uln: learners by ULN; None where two records have the same.
        by_reference: learners by the provider's reference; None where two records have the same.
        faults: of the return itself.
        found: lines of the learners that were found in the cohort.
        count: learners.
    """

    by_uln: dict[str, ReturnedLearner | None] = field(default_factory=dict)
    by_reference: dict[str, ReturnedLearner | None] = field(default_factory=dict)
    faults: list[Problem] = field(default_factory=list)
    found: set[int] = field(default_factory=set)
    count: int = 0

    def of(self, uln: str | None, reference: str | None, at: Source) -> ReturnedLearner | Problem | None:
        """Give the record of a learner, or why it cannot be told whose it is, or None if there is none.

        Args:
            uln: of the learner, if it is on record.
            reference: the provider's, if it is on record.
            at: where the learner is declared.
        """
        known = [
            index[name]
            for index, name in ((self.by_uln, uln), (self.by_reference, reference))
            if name is not None and name in index
        ]
        records = {found.source.line: found for found in known if found is not None}
        self.found |= records.keys()
        if None in known or len(records) > 1:
            return Problem(
                "return-differs",
                at,
                "several records of the return for one learner",
                "a learner has one record; nothing was taken from any of them",
                "Correct ULN and reference in the return or in the table.",
            )
        return next(iter(records.values()), None)


def index_of(returned: Iterable[ReturnedLearner | Problem]) -> ReturnIndex:
    """Give the learners of a return by what names them.

    Args:
        returned: as `read_return` gives them.
    """
    index = ReturnIndex()
    for each in returned:
        if isinstance(each, Problem):
            index.faults.append(each)
            continue
        index.count += 1
        for names, name in ((index.by_uln, each.uln), (index.by_reference, each.reference)):
            if name is not None:
                names[name] = None if name in names else each
    return index


@dataclass(frozen=True, slots=True)
class Filled:
    """What a return adds to a learner's row.

    Attributes:
        cells: by column, as text.
        breaks: in learning.
        differences: contradictions.
    """

    cells: Mapping[str, str]
    breaks: tuple[Break, ...]
    differences: tuple[Problem, ...]


def filled(
    cells: Mapping[str, str],
    breaks: tuple[Break, ...],
    returned: ReturnedLearner,
    at: Source,
    *,
    lars_code: LarsCode,
    standard_of: StandardOf,
) -> Filled:
    """Give what a return adds to a learner's row, and where the two contradict each other.

    Args:
        cells: those of the row that are not empty, by column.
        breaks: those on record.
        returned: the learner's record.
        at: the row.
        lars_code: of a standard by name.
        standard_of: by LARS code.
    """
    told = _Differences(at, returned)
    named = cells.get("standard")
    version = cells.get("standard_version")
    code = lars_code(f"{named}@{version}" if named and version and "@" not in named else named) if named else None
    aims = returned.aims_on(code)
    if not aims:
        latest = returned.aims[-1]
        told.add(f"standard {quoted(named or '')} with LARS code {code}", f"StdCode {latest.lars_code}", latest)
        return Filled({}, (), tuple(told.problems))
    added: dict[str, str] = {}
    if named is None:
        _fill_standard(added, aims, standard_of, told)
    _fill_dates(added, cells, aims, told)
    _fill_hours(added, cells, aims, told)
    found = breaks_between(aims)
    if breaks:
        for pause in found:
            if not any(_meet(pause, other) for other in breaks):
                told.add("other breaks", f"a break from {pause.start} to {pause.end or 'now'}", aims[-1])
    if aims[-1].completion is Completion.WITHDRAWN:
        told.add("a learner", "CompStatus 3 (withdrawn)", aims[-1])
    return Filled(added, () if breaks else found, tuple(told.problems))


class _Differences:
    """Collects contradictions between a row and a record.

    A class, since each of several steps adds to them.
    """

    def __init__(self, at: Source, returned: ReturnedLearner) -> None:
        self.at = at
        self.file = returned.source.file
        self.problems: list[Problem] = []

    def add(self, here: str, there: str, aim: ProgrammeAim) -> None:
        self.problems.append(
            Problem(
                "return-differs",
                self.at,
                f"{here}, and {there} in {Source(self.file, aim.line)}",
                "table and return should say the same; what the table says was taken",
                "Correct the one that is wrong.",
            )
        )


def _fill_standard(
    added: dict[str, str], aims: tuple[ProgrammeAim, ...], standard_of: StandardOf, told: _Differences
) -> None:
    code, first = aims[-1].lars_code, _first_day(aims)
    found = standard_of(code, first) if code is not None else None
    if found is not None:
        added["standard"] = found
    else:
        what = f"StdCode {code}, which is that of no one standard here for a start on {first}"
        told.add("no standard", "no StdCode" if code is None else what, aims[-1])


def _fill_dates(
    added: dict[str, str], cells: Mapping[str, str], aims: tuple[ProgrammeAim, ...], told: _Differences
) -> None:
    """Fill start and original start; one that the table has may be that of any of the aims."""
    latest, first = aims[-1], _first_day(aims)
    starts = {aim.start.isoformat() for aim in aims} | {first.isoformat()}
    start, original = cells.get("start"), cells.get("original_start")
    if start is None:
        added["start"] = start = latest.start.isoformat()
    elif start not in starts:
        told.add(f"start {quoted(start)}", f"LearnStartDate {latest.start}", latest)
        return
    if original is not None:
        # A record of one aim that names no original start says nothing about it.
        if original != first.isoformat() and (first < latest.start or original > start):
            told.add(f"original_start {quoted(original)}", f"a first start on {first}", latest)
    elif first.isoformat() < start:
        added["original_start"] = first.isoformat()
    planned = cells.get("planned_gateway")
    if planned and latest.planned_end and planned > latest.planned_end.isoformat():
        told.add(f"planned_gateway {quoted(planned)}", f"LearnPlanEndDate {latest.planned_end} before it", latest)


def _first_day(aims: tuple[ProgrammeAim, ...]) -> date:
    """Give the original start that a record tells of: the earliest that is named, or the aim that ended for a break.

    An aim from which the learner withdrew begins nothing that a later one goes on with, unless that one says so.
    """
    named = [aim.original_start for aim in aims if aim.original_start is not None]
    paused = [aim.start for aim in aims[:-1] if aim.completion is Completion.BREAK]
    return min([*named, *paused, aims[-1].start])


def _fill_hours(
    added: dict[str, str], cells: Mapping[str, str], aims: tuple[ProgrammeAim, ...], told: _Differences
) -> None:
    """Fill the hours of prior learning from the latest aim that has them."""
    latest = next((aim for aim in reversed(aims) if aim.prior_learning_hours is not None), None)
    if latest is None or latest.prior_learning_hours is None:
        return
    hours = latest.prior_learning_hours
    held = cells.get("prior_learning_hours")
    if held is None:
        added["prior_learning_hours"] = format(hours.normalize(), "f")
    elif _number(held) != hours:
        told.add(f"prior_learning_hours {quoted(held)}", f"HRSAmount {hours} of HRSCode 4", latest)


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _meet(one: Break, other: Break) -> bool:
    return one.start <= (other.end or date.max) and other.start <= (one.end or date.max)
