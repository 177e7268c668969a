"""What a learner record return (ILR) says of an apprentice's programme: dates, the standard's code and hours, no more.

Plain and small, since a return has tens of thousands of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from ksbtrack.models.portfolio import Break
from ksbtrack.problems import Source


class Completion(Enum):
    """How an aim stands: the meaning of CompStatus."""

    CONTINUING = 1
    COMPLETED = 2
    WITHDRAWN = 3
    BREAK = 6

    @property
    def words(self) -> str:
        """Give it as a sentence says it."""
        return _WORDS[self]


_WORDS = {
    Completion.CONTINUING: "continuing",
    Completion.COMPLETED: "completed",
    Completion.WITHDRAWN: "withdrawn",
    Completion.BREAK: "on a break in learning",
}


@dataclass(frozen=True, slots=True)
class ProgrammeAim:
    """One apprenticeship programme aim: a learner who came back after a break has a second one.

    Attributes:
        line: of the return, where the aim begins.
        start: first day of learning (LearnStartDate), of the restart where there was one.
        original_start: first day before a break or change of provider (OrigLearnStartDate).
        planned_end: LearnPlanEndDate.
        actual_end: last day of learning (LearnActEndDate).
        lars_code: the standard's code (StdCode).
        assessment_organisation: EPAOrgID.
        completion: CompStatus.
        outcome: the code of Outcome, as it stands.
        planned_hours: off the job, as planned.
        actual_hours: off the job, as given at the end; during the programme there are none.
        prior_learning_hours: off the job, by which prior learning reduced the plan.
    """

    line: int
    start: date
    original_start: date | None = None
    planned_end: date | None = None
    actual_end: date | None = None
    lars_code: int | None = None
    assessment_organisation: str | None = None
    completion: Completion | None = None
    outcome: int | None = None
    planned_hours: Decimal | None = None
    actual_hours: Decimal | None = None
    prior_learning_hours: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ReturnedLearner:
    """One learner of a return, by what others know them by, with their programme aims.

    Attributes:
        uln: unique learner number; None where it is not yet known.
        reference: the provider's own (LearnRefNumber).
        aims: by start, at least one.
        source: file and line.
    """

    uln: str | None
    reference: str | None
    aims: tuple[ProgrammeAim, ...]
    source: Source

    def aims_on(self, lars_code: int | None) -> tuple[ProgrammeAim, ...]:
        """Give the aims on one standard by start; without a code, those on the standard of the latest aim."""
        code = self.aims[-1].lars_code if lars_code is None else lars_code
        return tuple(aim for aim in self.aims if aim.lars_code == code)


def breaks_between(aims: tuple[ProgrammeAim, ...]) -> tuple[Break, ...]:
    """Give the breaks in learning that the aims on one standard tell of, by their first day.

    An aim that ended for a break is followed by the break, up to the day before the next aim begins; without a next
    one the break goes on.
    """
    found = []
    for place, aim in enumerate(aims):
        if aim.completion is not Completion.BREAK or aim.actual_end is None:
            continue
        first = aim.actual_end + timedelta(days=1)
        after = [later.start for later in aims[place + 1 :] if later.start > aim.actual_end]
        last = min(after) - timedelta(days=1) if after else None
        if last is None or first <= last:
            found.append(Break(start=first, end=last))
    return tuple(found)
