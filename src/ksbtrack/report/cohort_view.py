"""What the page and the paper about a cohort show: counts, who is close, who is late, what stands in the way."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from ksbtrack.models.analysis import Action, Decision, Status
from ksbtrack.models.cohort import Fix, LearnerVerdict, Obstacle, PaceStatus
from ksbtrack.models.values import natural_key
from ksbtrack.report.report_names import report_name

MOST_READY = 50
"""Ready learners that are listed; the table of all learners can show the rest of them alone."""
MOST_CLOSE = 20
"""Learners that are listed as closest to ready: what a meeting gets through."""
MOST_OVERDUE = 50
"""Learners that are listed as overdue; the table of all learners can show the rest of them alone."""

FIX_WORDS = {
    Action.ACCEPT_PIECE: "An assessor decides on one piece.",
    Action.REWORK_PIECE: "One piece is reworked and accepted.",
    Action.ADD_PIECE: "One new piece for {subject} is made and accepted.",
    Action.CORRECT_DATE: "The date of one piece is corrected.",
    Action.REPLACE_PIECE: "One piece is replaced by another.",
    Action.COMPLETE_WITNESS: "What is missing about one witness is added.",
    Action.SIGN_PIECE: "One piece is signed.",
    Action.REPLACE_FILE: "One file is replaced.",
    Action.CONFIRM_CLAIM: "An assessor confirms one claim.",
    Action.REVIEW_CLAIM: "One claim is looked at again.",
    Action.CORRECT_PLACE: "The place of one claim is corrected.",
    Action.WAIT_UNTIL: "Gateway waits for its first possible day.",
    Action.LOG_HOURS: "The missing hours are trained and logged.",
    Action.LOG_LEARNING: "Learning is logged where the log has a gap.",
    Action.ACHIEVE_QUALIFICATION: "The qualification is achieved: {title}.",
    Action.ATTACH_CERTIFICATE: "The certificate is attached: {title}.",
    Action.RECORD_FACT: "What is not known is put on record: {title}.",
    Action.CHOOSE_SHOWCASE: "The pieces of the showcase are chosen.",
    Action.GET_CONFIRMATION: "The {subject} confirms.",
}
"""What is done, for a meeting about many learners: without the names and days of one of them."""

DECISION_STATUS = {
    Decision.READY: Status.MET,
    Decision.NOT_READY: Status.NOT_MET,
    Decision.CANNOT_TELL: Status.UNKNOWN,
}
"""The status whose shape and colour a decision has."""
PACE_STATUS = {
    PaceStatus.ON_TRACK: Status.MET,
    PaceStatus.BEHIND: Status.PARTLY_MET,
    PaceStatus.AT_RISK: Status.NOT_MET,
    PaceStatus.CANNOT_TELL: Status.UNKNOWN,
}
"""The status whose shape and colour a pace has."""

LETTERS = {
    Status.MET: "m",
    Status.PARTLY_MET: "p",
    Status.NOT_MET: "n",
    Status.UNKNOWN: "u",
    Status.NOT_NEEDED: "-",
    Status.CHECK_AGAIN: "c",
}
"""A status as one character: what a page with thousands of learners has room for."""


Requirement = tuple[str, str]
"""Id and title of a requirement."""


@dataclass(frozen=True, slots=True)
class CohortView:
    """What both forms of the page show beside the table of all learners.

    Attributes:
        decisions: how many of each.
        paces: how many of each.
        ready: learners who can go through gateway, the earliest planned gateway first.
        fixes: what would free somebody by itself, what frees most first.
        closest: learners that are not ready, those with the fewest steps left first.
        overdue: learners past their planned gateway who are not ready, the longest first.
        overdue_count: all of them.
        obstacles: what stands in the way most often first.
        requirements: id and title of every requirement of any standard, in the order met; standards that call one
            id by several titles mean several requirements.
        standards: identity and title, with how many learners have it.
    """

    decisions: dict[Decision, int]
    paces: dict[PaceStatus, int]
    ready: tuple[LearnerVerdict, ...]
    fixes: tuple[Fix, ...]
    closest: tuple[LearnerVerdict, ...]
    overdue: tuple[LearnerVerdict, ...]
    overdue_count: int
    obstacles: tuple[Obstacle, ...]
    requirements: tuple[Requirement, ...]
    standards: tuple[tuple[str, str, int], ...]


@dataclass(slots=True)
class CohortTally:
    """The view while learners go by, one at a time; `view` gives it when all have."""

    decisions: Counter[Decision] = field(default_factory=Counter)
    paces: Counter[PaceStatus] = field(default_factory=Counter)
    requirements: dict[Requirement, None] = field(default_factory=dict)
    standards: Counter[tuple[str, str]] = field(default_factory=Counter)
    blocking: Counter[Requirement] = field(default_factory=Counter)
    alone: Counter[Requirement] = field(default_factory=Counter)
    fixes: Counter[str] = field(default_factory=Counter)
    overdue_count: int = 0
    _ready: list[_Ranked] = field(default_factory=list)
    _closest: list[_Ranked] = field(default_factory=list)
    _overdue: list[_Ranked] = field(default_factory=list)

    def add(self, verdict: LearnerVerdict) -> None:
        """Count one learner."""
        self.decisions[verdict.decision] += 1
        self.paces[verdict.pace.status] += 1
        self.standards[verdict.standard, verdict.standard_title] += 1
        asked = {held.id: (held.id, held.title) for held in verdict.requirements}
        self.requirements.update(dict.fromkeys(asked.values()))
        blocking = [asked[name] for name in verdict.blocking]
        self.blocking.update(blocking)
        if len(blocking) == 1:
            self.alone[blocking[0]] += 1
        if verdict.decision is Decision.READY:
            planned = verdict.gateway or verdict.planned_gateway or date.max
            _keep(self._ready, _Ranked((planned, natural_key(verdict.key)), verdict), MOST_READY)
            return
        if verdict.steps_left == 1 and verdict.next_steps:
            self.fixes[fix_words(verdict)] += 1
        steps = (verdict.steps_left, len(verdict.blocking), natural_key(verdict.key))
        _keep(self._closest, _Ranked(steps, verdict), MOST_CLOSE)
        if verdict.is_overdue:
            self.overdue_count += 1
            _keep(self._overdue, _Ranked((verdict.planned_gateway, natural_key(verdict.key)), verdict), MOST_OVERDUE)

    def view(self) -> CohortView:
        """Give what was counted."""
        obstacles = [Obstacle(named[1], count, self.alone[named]) for named, count in self.blocking.items()]
        return CohortView(
            decisions={decision: self.decisions[decision] for decision in Decision},
            paces={pace: self.paces[pace] for pace in PaceStatus},
            ready=tuple(ranked.verdict for ranked in sorted(self._ready, reverse=True)),
            fixes=tuple(Fix(text, count) for text, count in sorted(self.fixes.items(), key=_most_first)),
            closest=tuple(ranked.verdict for ranked in sorted(self._closest, reverse=True)),
            overdue=tuple(ranked.verdict for ranked in sorted(self._overdue, reverse=True)),
            overdue_count=self.overdue_count,
            obstacles=tuple(sorted(obstacles, key=lambda item: (-item.learners, -item.alone, item.title))),
            requirements=tuple(self.requirements),
            standards=tuple((*named, self.standards[named]) for named in sorted(self.standards)),
        )


@dataclass(frozen=True, slots=True)
class _Ranked:
    """A learner in a heap whose first is the one to give up: the order is turned round."""

    rank: tuple[object, ...]
    verdict: LearnerVerdict

    def __lt__(self, other: _Ranked) -> bool:
        return other.rank < self.rank


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def fix_words(verdict: LearnerVerdict) -> str:
    """Give the one thing that a learner has left, in words that are the same for all who have it left."""
    step = verdict.next_steps[0]
    titles = [held.title for held in verdict.requirements if held.id in verdict.blocking]
    return FIX_WORDS[Action(step.action)].format(subject=step.subject, title=titles[0] if titles else step.subject)


def _keep(heap: list[_Ranked], ranked: _Ranked, most: int) -> None:
    heapq.heappush(heap, ranked)
    if len(heap) > most:
        heapq.heappop(heap)


def cohort_view(verdicts: Iterable[LearnerVerdict]) -> CohortView:
    """Give the view of learners that pass by once."""
    tally = CohortTally()
    for verdict in verdicts:
        tally.add(verdict)
    return tally.view()


def requirement_letters(verdict: LearnerVerdict, requirements: Iterable[Requirement]) -> str:
    """Give a learner's requirements as one character each; a space where the standard has no such requirement."""
    held = {(each.id, each.title): LETTERS[each.status] for each in verdict.requirements}
    return "".join(held.get(named, " ") for named in requirements)


def days_late(verdict: LearnerVerdict, on: date) -> int:
    """Give the days since the planned gateway. Unit: days."""
    return (on - verdict.planned_gateway).days if verdict.planned_gateway else 0


def table_rows(
    verdicts: Iterable[LearnerVerdict], view: CohortView, without_report: Container[str] | None
) -> Iterator[list[object]]:
    """Yield each learner as the page's script reads it; templates/cohort/cohort.js names the places.

    Args:
        verdicts: in the order in which they are shown at first.
        view: names the columns of requirements.
        without_report: keys of learners who have no readiness report beside the page; None where nobody has one.
    """
    standards = {identity: place for place, (identity, _, _) in enumerate(view.standards)}
    decisions, paces = list(Decision), list(PaceStatus)
    for verdict in verdicts:
        step = verdict.next_steps[0].text if verdict.next_steps else ""
        yield [
            verdict.key,
            verdict.name,
            standards[verdict.standard],
            decisions.index(verdict.decision),
            paces.index(verdict.pace.status),
            verdict.statements_met,
            verdict.statements_of,
            verdict.pace.expected,
            verdict.planned_gateway.isoformat() if verdict.planned_gateway else "",
            int(verdict.is_overdue and verdict.decision is not Decision.READY),
            requirement_letters(verdict, view.requirements),
            verdict.steps_left,
            step,
            verdict.assessor,
            verdict.group,
            verdict.pace.latest_safe.isoformat() if verdict.pace.latest_safe else "",
            "" if without_report is None or verdict.key in without_report else report_name(verdict.key),
        ]
