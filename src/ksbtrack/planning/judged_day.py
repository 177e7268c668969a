"""The day for which a plan is made: later than the one asked about where gateway is, and never after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from ksbtrack.analysis import analyse
from ksbtrack.models.analysis import Action, Analysis, Effort, Remedy
from ksbtrack.models.case import Assumption, Case
from ksbtrack.models.planning import PlannedGap
from ksbtrack.models.standard import RequirementRule
from ksbtrack.models.values import in_words
from ksbtrack.planning.assumptions import read_assumptions
from ksbtrack.rules.words import PROVIDER, YOU

MOST_WAITS = 12
"""Times that a plan is made for a later day, since the one before turned out too early; each requirement asks once."""
DATED = frozenset(
    {
        Action.ACCEPT_PIECE,
        Action.REWORK_PIECE,
        Action.ADD_PIECE,
        Action.REPLACE_PIECE,
        Action.SIGN_PIECE,
        Action.WAIT_UNTIL,
        Action.LOG_HOURS,
        Action.ACHIEVE_QUALIFICATION,
        Action.GET_CONFIRMATION,
    }
)
"""What bears the day on which it is done, so that it counts for no gateway before; the rest puts records right."""


@dataclass(frozen=True, slots=True)
class JudgedDay:
    """The day for which a plan is made, and what it takes to get there.

    Attributes:
        asked: the question as it was asked, with a later gateway where one is to be agreed.
        analysis: of the day.
        waits: what waiting closes, by requirement.
        agreed: of agreeing a later gateway; None where that is no part of the plan.
        by_agreeing: the gaps that are closed by this alone.
    """

    asked: Case
    analysis: Analysis
    waits: dict[str, Remedy]
    agreed: Remedy | None = None
    by_agreeing: tuple[PlannedGap, ...] = ()


def judged_day(case: Case, by: date | None, *, until: date | None = None) -> JudgedDay:
    """Give the day for which to plan with the gateway that is on record, or a later one where that is not possible.

    Args:
        case: the question.
        by: the day by which all is to be done; the day asked about where that is None.
        until: the last day that can be waited for; that of `by` where that is None.
    """
    analysis = analyse(_on(case, by or case.on))
    until = until or by
    # No waiting helps where a gateway on record is over.
    waits = {} if is_over(case) else _waits(analysis, until)
    while waits:
        day = max(date.fromisoformat(remedy.details["on"]) for remedy in waits.values())
        analysis = analyse(_on(_with_gateway(analysis.case, day), max(day, analysis.case.on)))
        more = _waits(analysis, until)
        if len(waits) >= MOST_WAITS or not more:
            break
        waits |= more
    return JudgedDay(case, analysis, waits, _agree_possible(case, analysis.case))


def with_later_gateway(case: Case, by: date | None) -> JudgedDay:
    """Give the day for which to plan if a later gateway than the one on record is agreed.

    Args:
        case: the question; it has a gateway on record.
        by: the day by which all is to be done.
    """
    recorded = case.portfolio.dates.gateway
    assert recorded is not None
    target = by or case.on
    before = analyse(_on(case, target))
    moved = _on(_with_gateway(case, target), case.on)
    day = judged_day(moved, by)
    still_open = {gap.subject for gap in _gaps(day.analysis)} | day.waits.keys()
    return replace(
        day,
        agreed=_agree(recorded, target, by),
        by_agreeing=tuple(gap for gap in _gaps(before) if gap.subject not in still_open),
    )


def is_over(case: Case) -> bool:
    """Say whether a gateway is on record and past: what is done now bears a day after it."""
    return case.gateway < case.on


def _with_gateway(case: Case, day: date) -> Case:
    """Give the case with a gateway on record moved to a day where it is earlier."""
    dates = case.portfolio.dates
    if not dates.gateway or dates.gateway >= day:
        return case
    moved = dates.model_copy(update={"gateway": day})
    return replace(case, portfolio=case.portfolio.model_copy(update={"dates": moved}))


def _on(case: Case, day: date) -> Case:
    """Give the case on a day, with the hours that are assumed for each week up to it."""
    later = replace(case, on=day)
    told: list[Assumption] = []
    for made in case.assumptions:
        if made.hours_a_week is None:
            told.append(made)
            continue
        (found,) = read_assumptions([made.words])
        log = case.on_record.off_the_job
        later = replace(later, portfolio=later.portfolio.model_copy(update={"off_the_job": log}))
        later, means = found.change(later)
        told.append(replace(made, means=means))
    return replace(later, assumptions=tuple(told))


def _waits(analysis: Analysis, by: date | None) -> dict[str, Remedy]:
    return {
        verdict.id: remedy
        for verdict in analysis.requirements
        if not verdict.is_desirable and not verdict.status.holds
        for remedy in verdict.remedies
        if remedy.action is Action.WAIT_UNTIL and (by is None or date.fromisoformat(remedy.details["on"]) <= by)
    }


def _agree_possible(case: Case, later: Case) -> Remedy | None:
    """Give the step of agreeing a gateway that is possible, where the one on record is too early to be."""
    recorded, moved = case.portfolio.dates.gateway, later.portfolio.dates.gateway
    if recorded is None or moved is None or moved <= recorded:
        return None
    why = f"the one on record, {in_words(recorded)}, is too early"
    return _agreeing(f"for {in_words(moved)} or later", why, moved)


def _agree(recorded: date, target: date, by: date | None) -> Remedy:
    day = f"for {in_words(by)} or later" if by else "for a day after all that follows"
    why = f"what is dated after the one on record, {in_words(recorded)}, does not count for that one"
    return _agreeing(day, why, target)


def _agreeing(day: str, why: str, target: date) -> Remedy:
    return Remedy(
        Action.WAIT_UNTIL,
        "gateway",
        f"Agree a gateway {day} with your employer and provider, and record it: {why}.",
        f"{YOU} and {PROVIDER}",
        Effort.MINUTES,
        {"on": target.isoformat()},
    )


def _gaps(analysis: Analysis) -> list[PlannedGap]:
    """Give what decides and does not hold, as closed."""
    asked = {requirement.id: requirement.rule for requirement in analysis.case.standard.requirements}
    found = [
        (verdict.code, "", verdict.status, True)
        for verdict in analysis.competencies
        if not verdict.is_desirable and not verdict.status.holds
    ]
    found += [
        (verdict.id, verdict.title, verdict.status, False)
        for verdict in analysis.requirements
        if not verdict.is_desirable
        and not verdict.status.holds
        and asked[verdict.id] is not RequirementRule.EVERY_STATEMENT
    ]
    return [
        PlannedGap(subject, title, status, is_statement, is_closed=True, open_because="", duties=(), unreached="")
        for subject, title, status, is_statement in found
    ]
