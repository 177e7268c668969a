"""From the analysis of a learner to the plain values that every output of a cohort shows."""

from __future__ import annotations

from collections.abc import Iterable

from ksbtrack.cohort.pace import pace_of
from ksbtrack.models.analysis import Analysis, RequirementVerdict, Status
from ksbtrack.models.cohort import LearnerCase, LearnerVerdict, NextStep, RequirementStatus

EVERY_STATEMENT = "every_statement"
"""The rule that only adds up what others found about the statements."""


def verdict_of(learner: LearnerCase, analysis: Analysis) -> LearnerVerdict:
    """Give what the outputs say of one learner.

    Args:
        learner: who, and where they are declared.
        analysis: what `analyse` gave for their case.
    """
    case, totals = analysis.case, analysis.totals
    portfolio, dates = case.portfolio, case.portfolio.dates
    blocking = [verdict for verdict in analysis.requirements if not verdict.is_desirable and not verdict.status.holds]
    is_through = dates.gateway is not None and dates.gateway <= case.on
    return LearnerVerdict(
        key=learner.key,
        name=portfolio.learner.name,
        uln=portfolio.learner.uln,
        source=learner.source,
        standard=case.standard.identity,
        standard_title=case.standard.title,
        assessor=learner.assessor,
        group=learner.group,
        employer=portfolio.learner.employer or "",
        provider=portfolio.learner.provider or "",
        start=dates.first,
        planned_gateway=dates.planned_gateway,
        gateway=dates.gateway,
        is_overdue=dates.planned_gateway is not None and dates.planned_gateway < case.on and not is_through,
        decision=analysis.decision,
        reason=analysis.reason,
        requirements=tuple(
            RequirementStatus(verdict.id, verdict.title, verdict.status, verdict.is_desirable)
            for verdict in analysis.requirements
        ),
        statements={verdict.code: verdict.status for verdict in analysis.competencies},
        desirable=tuple(verdict.code for verdict in analysis.competencies if verdict.is_desirable),
        blocking=tuple(verdict.id for verdict in blocking),
        faults=tuple(sorted(_faults(analysis, blocking))),
        statements_met=totals.competencies_met,
        statements_not_met=totals.competencies_not_met,
        statements_unknown=totals.competencies_unknown,
        statements_of=totals.competencies,
        pieces=totals.pieces,
        pieces_counting=totals.pieces_counting,
        next_steps=tuple(
            NextStep(
                text=step.remedy.text,
                action=step.remedy.action.value,
                subject=step.remedy.subject,
                owner=step.remedy.owner,
                effort=step.remedy.effort.value,
                helps=step.helps,
            )
            for step in analysis.next_steps
        ),
        steps_left=len({(remedy.action, remedy.subject) for verdict in blocking for remedy in verdict.remedies}),
        pace=pace_of(analysis),
        fingerprint=learner.fingerprint,
        counting=tuple(verdict.id for verdict in analysis.pieces if verdict.status is Status.MET),
        assumed=tuple(assumed.words for assumed in case.assumptions),
    )


def _faults(analysis: Analysis, blocking: Iterable[RequirementVerdict]) -> set[str]:
    """Give the rules whose findings keep a deciding statement or requirement from being met."""
    open_ones = {verdict.id for verdict in blocking}
    open_ones |= {
        verdict.code for verdict in analysis.competencies if not verdict.is_desirable and not verdict.status.holds
    }
    return {
        finding.rule
        for finding in analysis.findings
        if finding.decides
        and finding.subject in open_ones
        and not finding.status.holds
        and finding.rule != EVERY_STATEMENT
    }
