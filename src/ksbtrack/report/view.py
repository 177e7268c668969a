"""The analysis as a page says it: every sentence, number and order that the templates print.

Nothing is judged here; what the analysis found is put into words and lists.
"""

from __future__ import annotations

from dataclasses import dataclass

from ksbtrack.models.analysis import Analysis, RequirementVerdict, Status, Step
from ksbtrack.models.portfolio import Dates
from ksbtrack.models.standard import Requirement, Standard
from ksbtrack.models.values import in_words, listed
from ksbtrack.report.changes import ChangesView, changes_view
from ksbtrack.report.charts import StripGroup
from ksbtrack.report.forecast import ForecastView, forecast_view
from ksbtrack.report.hours import HoursView, hours_view
from ksbtrack.report.looked_at import looked_at
from ksbtrack.report.plan import Comment, GapRow, PlanView, assessor_comments, gap_rows, plan_view
from ksbtrack.report.quality import QualityView, quality_view
from ksbtrack.report.records import RecordsView, records_view
from ksbtrack.report.statements import (
    MethodView,
    StatementGroup,
    method_view,
    statement_groups,
    statement_notes,
    status_counts,
    strip_groups,
    without_method,
)
from ksbtrack.report.words import (
    DECISION_SHAPES,
    EFFORTS,
    TRUST_WORDS,
    Vocabulary,
    advised,
    counted,
    sentence,
    shortened,
    subject_names,
    vocabulary,
)

RUNNING_LENGTH = 60
"""Characters of a name in the running head: what fits beside the standard on one line."""


WHAT_IF = "What if, not the records"
"""What stands on each page of a report in which something is assumed."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the three numbers of the first page: what is counted, how many, and of how many (or of what)."""

    label: str
    count: str
    of: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """One of the things to do next."""

    text: str
    owner: str
    effort: str
    helps: str


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """One row of the checklist."""

    id: str
    title: str
    status: Status
    is_desirable: bool
    reason: str
    looked_at: str
    next: str
    source: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    """Everything that the templates print, in their order."""

    words: Vocabulary
    title: str
    running: str
    running_day: str
    name: str
    standard_name: str
    is_invented: bool
    decision: str
    decision_status: Status
    day: str
    iso_day: str
    reason: str
    figures: tuple[Figure, ...]
    steps: tuple[StepRow, ...]
    also: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    requirements: tuple[RequirementRow, ...]
    strip: tuple[StripGroup, ...]
    status_counts: tuple[tuple[Status, int], ...]
    desirable_counts: tuple[tuple[Status, int], ...]
    groups: tuple[StatementGroup, ...]
    statement_notes: tuple[str, ...]
    methods: tuple[MethodView, ...]
    widest_method: int
    has_unknown_method: bool
    without_method: str
    gap_summary: str
    gaps: tuple[GapRow, ...]
    plan: PlanView | None
    forecast: ForecastView | None
    assumed: tuple[tuple[str, str], ...]
    kind: str
    comments: tuple[Comment, ...]
    quality: QualityView
    hours: HoursView | None
    changes: ChangesView | None
    records: RecordsView
    left_out: tuple[str, ...]


def report_view(analysis: Analysis) -> ReportView:
    """Give the analysis in the words and order of the readiness report.

    Args:
        analysis: what `analyse` returned.
    """
    case = analysis.case
    standard, learner = case.standard, case.portfolio.learner
    words, gaps = vocabulary(standard), gap_rows(analysis, vocabulary(standard))
    what_if = f"{WHAT_IF}: " if case.assumptions else ""
    standard_name = f"{standard.title} ({standard.reference}, version {standard.version})"
    return ReportView(
        words=words,
        title=f"{what_if}Readiness report: {learner.name}, {standard.title} ({standard.reference} {standard.version})",
        running=shortened(learner.name, RUNNING_LENGTH),
        running_day=f"{what_if}{standard.reference} {standard.version}, as of {in_words(case.on)}",
        name=learner.name,
        standard_name=standard_name,
        is_invented=case.portfolio.invented,
        decision=analysis.decision.words,
        decision_status=DECISION_SHAPES[analysis.decision],
        day=in_words(case.on),
        iso_day=case.on.isoformat(),
        reason=sentence(analysis.reason),
        figures=_figures(analysis, words),
        steps=tuple(_step(step, subject_names(standard), words) for step in analysis.next_steps),
        also=_also(analysis),
        facts=tuple(_facts(analysis)),
        requirements=_requirements(analysis, words),
        strip=strip_groups(analysis),
        status_counts=status_counts(analysis, are_desirable=False),
        desirable_counts=status_counts(analysis, are_desirable=True),
        groups=statement_groups(analysis),
        statement_notes=tuple(statement_notes(standard)),
        methods=tuple(method_view(method, analysis) for method in standard.methods),
        widest_method=max((len(method.assesses or ()) for method in standard.methods), default=0),
        has_unknown_method=any(method.assesses is None for method in standard.methods),
        without_method=without_method(standard),
        gap_summary=_gap_summary(gaps, words),
        gaps=gaps,
        plan=plan_view(analysis, words),
        forecast=forecast_view(analysis) if standard.is_apprenticeship else None,
        assumed=tuple((found.words, found.means) for found in case.assumptions),
        kind=WHAT_IF if case.assumptions else "Readiness report",
        comments=assessor_comments(analysis),
        quality=quality_view(analysis),
        hours=hours_view(analysis) if standard.is_apprenticeship else None,
        changes=changes_view(analysis.changes) if analysis.changes else None,
        records=records_view(analysis),
        left_out=tuple(_left_out(standard)),
    )


def _figures(analysis: Analysis, words: Vocabulary) -> tuple[Figure, ...]:
    totals = analysis.totals
    unknown = [
        counted(number, noun)
        for number, noun in (
            (totals.competencies_unknown, words.unit),
            (totals.requirements_unknown, "requirement"),
        )
        if number
    ]
    return (
        Figure(sentence(f"{words.units} met").rstrip("."), str(totals.competencies_met), f"of {totals.competencies}"),
        Figure("Requirements met", str(totals.requirements_met), f"of {totals.requirements}"),
        Figure(
            "Not known",
            str(totals.competencies_unknown + totals.requirements_unknown),
            listed(unknown) if unknown else "",
        ),
    )


def _step(step: Step, names: dict[str, str], words: Vocabulary) -> StepRow:
    remedy = step.remedy
    return StepRow(
        advised(remedy.text, words),
        advised(remedy.owner, words).rstrip("."),
        EFFORTS[remedy.effort],
        shortened(", ".join(names.get(helped, helped) for helped in step.helps), 160),
    )


def _also(analysis: Analysis) -> tuple[str, ...]:
    """Name the other standards of the portfolio, which this report leaves out."""
    case = analysis.case
    named = dict.fromkeys((case.portfolio.standard, *case.portfolio.also))
    return tuple(name for name in named if name != case.standard.identity)


def _facts(analysis: Analysis) -> list[tuple[str, str]]:
    case = analysis.case
    standard, learner = case.standard, case.portfolio.learner
    level = f", {standard.level.words}" if standard.level else ""
    rule_set = f"{case.policy.title}, {case.policy.version}"
    if not standard.is_apprenticeship:
        rule_set += " (only its settings for evidence)"
    version = standard.version + (f", plan {standard.plan}" if standard.plan else "")
    facts = [
        ("Name", learner.name),
        ("Role", learner.role or ""),
        ("Employer", learner.employer or ""),
        ("Provider", learner.provider or ""),
        ("Standard", f"{standard.reference} {standard.title}{level}"),
        ("Version and plan" if standard.plan else "Version", version),
        ("Started", _start(case.portfolio.dates)),
        ("Gateway", _gateway(case.portfolio.dates) if standard.is_apprenticeship else ""),
        ("As of", in_words(case.on)),
        ("Rule set", rule_set),
    ]
    return [(name, value) for name, value in facts if value]


def _start(dates: Dates) -> str:
    if dates.first == dates.start:
        return in_words(dates.start)
    return f"{in_words(dates.start)} (first on {in_words(dates.first)}, which decides the rules)"


def _gateway(dates: Dates) -> str:
    if dates.gateway:
        return in_words(dates.gateway)
    return f"planned for {in_words(dates.planned_gateway)}" if dates.planned_gateway else "no day on record"


def _requirements(analysis: Analysis, words: Vocabulary) -> tuple[RequirementRow, ...]:
    declared = {requirement.id: requirement for requirement in analysis.case.standard.requirements}
    return tuple(_requirement(verdict, declared.get(verdict.id), words) for verdict in analysis.requirements)


def _requirement(verdict: RequirementVerdict, declared: Requirement | None, words: Vocabulary) -> RequirementRow:
    notes = []
    if declared and declared.dispensation:
        given = declared.dispensation
        since = f"from {in_words(given.since)} " if given.since else ""
        notes.append(f"Waived by a dispensation for gateways {since}to {in_words(given.until)} ({given.source}).")
    if declared and declared.trust.is_doubtful:
        notes.append("This requirement is " + TRUST_WORDS[declared.trust] + ".")
    if declared and declared.note:
        notes.append(sentence(declared.note))
    return RequirementRow(
        id=verdict.id,
        title=verdict.title,
        status=verdict.status,
        is_desirable=verdict.is_desirable,
        reason=sentence(verdict.reason),
        looked_at=looked_at(verdict.inputs, verdict.title),
        next=advised(verdict.remedies[0].text, words) if verdict.remedies and not verdict.status.holds else "",
        source=sentence(verdict.source),
        notes=tuple(notes),
    )


def _gap_summary(gaps: tuple[GapRow, ...], words: Vocabulary) -> str:
    verb = "is" if len(gaps) == 1 else "are"
    return f"{counted(len(gaps), words.unit)} {verb} not shown in full yet. Each row names the step that helps most."


def _left_out(standard: Standard) -> list[str]:
    """Say which sections this report does not have, and why."""
    lines = []
    if not standard.is_apprenticeship:
        lines.append("Off-the-job training and minimum duration: an employer's role profile asks for neither.")
    if not standard.methods:
        lines.append("Assessment methods: the standard names none.")
    return lines
