"""The analysis as a page says it: every sentence, number and order that the templates print.

Nothing is judged here; what the analysis found is put into words and lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from ksbtrack.models.analysis import Analysis, CompetencyVerdict, RequirementVerdict, Status, Step
from ksbtrack.models.portfolio import Dates
from ksbtrack.models.standard import CompetencyKind, Method, Requirement, Standard
from ksbtrack.models.values import Known, in_words, listed
from ksbtrack.report.charts import StripGroup
from ksbtrack.report.hours import HoursView, hours_view
from ksbtrack.report.plan import Comment, GapRow, assessor_comments, gap_rows
from ksbtrack.report.quality import QualityView, quality_view
from ksbtrack.report.records import RecordsView, records_view
from ksbtrack.report.words import (
    DECISION_SHAPES,
    EFFORTS,
    Vocabulary,
    code_ranges,
    counted,
    inputs_in_words,
    sentence,
    shortened,
    subject_names,
    vocabulary,
)

RUNNING_LENGTH = 60
"""Characters of a name in the running head: what fits beside the standard on one line."""


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
    inputs: tuple[tuple[str, str], ...]
    next: str
    source: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement with what is shown of it."""

    code: str
    text: str
    status: Status
    is_desirable: bool
    pieces: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatementGroup:
    """Statements under their heading."""

    title: str
    rows: tuple[StatementRow, ...]
    note: str


@dataclass(frozen=True, slots=True)
class MethodView:
    """One assessment method: what is known of it, and how much of what it assesses is shown.

    Attributes:
        counts: statements by status; None where it is not known which ones it assesses.
        codes: the statements by status, in words.
        figures: name, value with unit, and a remark on how sure it is.
    """

    title: str
    form: str
    counts: dict[Status, int] | None
    codes: str
    must_assess: str
    figures: tuple[tuple[str, str, str], ...]


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
    facts: tuple[tuple[str, str], ...]
    requirements: tuple[RequirementRow, ...]
    strip: tuple[StripGroup, ...]
    status_counts: tuple[tuple[Status, int], ...]
    groups: tuple[StatementGroup, ...]
    statement_notes: tuple[str, ...]
    methods: tuple[MethodView, ...]
    widest_method: int
    has_unknown_method: bool
    without_method: str
    gap_summary: str
    gaps: tuple[GapRow, ...]
    comments: tuple[Comment, ...]
    quality: QualityView
    hours: HoursView | None
    records: RecordsView
    left_out: tuple[str, ...]


def report_view(analysis: Analysis) -> ReportView:
    """Give the analysis in the words and order of the readiness report.

    Args:
        analysis: what `analyse` returned.
    """
    case = analysis.case
    standard, learner = case.standard, case.portfolio.learner
    words, gaps = vocabulary(standard), gap_rows(analysis)
    standard_name = f"{standard.title} ({standard.reference}, version {standard.version})"
    return ReportView(
        words=words,
        title=f"Readiness report: {learner.name}, {standard.title} ({standard.reference} {standard.version})",
        running=shortened(learner.name, RUNNING_LENGTH),
        running_day=f"{standard.reference} {standard.version}, as of {in_words(case.on)}",
        name=learner.name,
        standard_name=standard_name,
        is_invented=case.portfolio.invented,
        decision=analysis.decision.words,
        decision_status=DECISION_SHAPES[analysis.decision],
        day=in_words(case.on),
        iso_day=case.on.isoformat(),
        reason=sentence(analysis.reason),
        figures=_figures(analysis, words),
        steps=tuple(_step(step, subject_names(standard)) for step in analysis.next_steps),
        facts=tuple(_facts(analysis)),
        requirements=_requirements(analysis),
        strip=_strip(analysis),
        status_counts=_status_counts(analysis),
        groups=_groups(analysis),
        statement_notes=tuple(_statement_notes(standard)),
        methods=tuple(_method(method, analysis) for method in standard.methods),
        widest_method=max((len(method.assesses or ()) for method in standard.methods), default=0),
        has_unknown_method=any(method.assesses is None for method in standard.methods),
        without_method=_without_method(standard),
        gap_summary=_gap_summary(gaps, words),
        gaps=gaps,
        comments=assessor_comments(analysis),
        quality=quality_view(analysis),
        hours=hours_view(analysis) if standard.is_apprenticeship else None,
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


def _step(step: Step, names: dict[str, str]) -> StepRow:
    remedy = step.remedy
    return StepRow(
        sentence(remedy.text),
        sentence(remedy.owner).rstrip("."),
        EFFORTS[remedy.effort],
        shortened(", ".join(names.get(helped, helped) for helped in step.helps), 160),
    )


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


def _requirements(analysis: Analysis) -> tuple[RequirementRow, ...]:
    declared = {requirement.id: requirement for requirement in analysis.case.standard.requirements}
    return tuple(_requirement(verdict, declared.get(verdict.id)) for verdict in analysis.requirements)


def _requirement(verdict: RequirementVerdict, declared: Requirement | None) -> RequirementRow:
    notes = []
    if declared and declared.dispensation:
        given = declared.dispensation
        since = f"from {in_words(given.since)} " if given.since else ""
        notes.append(f"Waived by a dispensation for gateways {since}to {in_words(given.until)} ({given.source}).")
    if declared and declared.trust is not Known.OFFICIAL:
        notes.append("This requirement is " + TRUST_WORDS[declared.trust] + ".")
    if declared and declared.note:
        notes.append(sentence(declared.note))
    return RequirementRow(
        id=verdict.id,
        title=verdict.title,
        status=verdict.status,
        is_desirable=verdict.is_desirable,
        reason=sentence(verdict.reason),
        inputs=inputs_in_words(verdict.inputs),
        next=sentence(verdict.remedies[0].text) if verdict.remedies and not verdict.status.holds else "",
        source=sentence(verdict.source),
        notes=tuple(notes),
    )


TRUST_WORDS = {
    Known.OFFICIAL: "official",
    Known.RECONSTRUCTED: "reconstructed: restored from a paraphrased copy, with public fragments as a check",
    Known.OURS: "our reading of the source",
}


def _strip(analysis: Analysis) -> tuple[StripGroup, ...]:
    """Give the groups with a short label: what their statements are, or their title where that is not enough."""
    statuses = {verdict.code: verdict.status for verdict in analysis.competencies}
    groups = [group for group in analysis.case.standard.groups if group.statements]
    kinds = [group.kind for group in groups]
    return tuple(
        StripGroup(
            KIND_WORDS[group.kind] if kinds.count(group.kind) == 1 else group.title,
            group.title,
            tuple((found.code, statuses[found.code]) for found in group.statements),
        )
        for group in groups
    )


KIND_WORDS = {
    CompetencyKind.KNOWLEDGE: "Knowledge",
    CompetencyKind.SKILL: "Skills",
    CompetencyKind.BEHAVIOUR: "Behaviours",
    CompetencyKind.DUTY: "Duties",
    CompetencyKind.EXPERIENCE: "Experience",
    CompetencyKind.QUALIFICATION: "Qualifications",
    CompetencyKind.KNOWLEDGE_AND_SKILL: "Knowledge and skills",
}


def _status_counts(analysis: Analysis) -> tuple[tuple[Status, int], ...]:
    """Give the figures of the strip: how many statements have each status that occurs."""
    statuses = [verdict.status for verdict in analysis.competencies]
    return tuple((status, statuses.count(status)) for status in Status if status in statuses)


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


def _groups(analysis: Analysis) -> tuple[StatementGroup, ...]:
    verdicts = {verdict.code: verdict for verdict in analysis.competencies}
    return tuple(
        StatementGroup(
            group.title,
            tuple(_statement(found.text, verdicts[found.code]) for found in group.statements),
            sentence(group.note or ""),
        )
        for group in analysis.case.standard.groups
        if group.statements
    )


def _statement(text: str, verdict: CompetencyVerdict) -> StatementRow:
    return StatementRow(
        code=verdict.code,
        text=text,
        status=verdict.status,
        is_desirable=verdict.is_desirable,
        pieces=verdict.pieces,
        reasons=tuple(sentence(reason) for reason in _reasons(verdict)),
    )


def _reasons(verdict: CompetencyVerdict) -> tuple[str, ...]:
    """Give the reasons; the first one of a statement that is met without its list of pieces, which stand beside it."""
    first, *others = verdict.reasons or ("",)
    return (first.partition(":")[0] if verdict.status.holds else first, *others)


def _statement_notes(standard: Standard) -> list[str]:
    """Say once which statements are not in official words, and whose codes are ours."""
    codes = [statement.code for statement in standard.competencies]
    by_trust = {
        trust: [statement.code for statement in found]
        for trust, found in groupby(
            sorted(standard.competencies, key=lambda statement: statement.trust), key=lambda found: found.trust
        )
    }
    notes = [
        f"The wording of {code_ranges(marked, codes)} is {TRUST_WORDS[trust]}."
        for trust, marked in by_trust.items()
        if trust is not Known.OFFICIAL
    ]
    ours = [
        statement.code for group in standard.groups if group.codes_trust is Known.OURS for statement in group.statements
    ]
    wishes = [statement.code for statement in standard.competencies if statement.desirable]
    if wishes:
        verb = "is" if len(wishes) == 1 else "are"
        notes.append(f"{code_ranges(wishes, codes)} {verb} desirable only, and never decides anything.")
    if ours:
        notes.append(f"The codes {code_ranges(ours, codes)} are ours: the source lists these without codes.")
    return notes


def _method(method: Method, analysis: Analysis) -> MethodView:
    counts: dict[Status, int] | None = None
    codes = ""
    if method.assesses is not None:
        found = _by_status(analysis, method.assesses)
        counts = {status: len(some) for status, some in found.items()}
        order = [statement.code for statement in analysis.case.standard.competencies]
        codes = "; ".join(
            f"{status.words.lower()}: {code_ranges(some, order)}" for status, some in found.items() if some
        )
    return MethodView(
        title=method.title,
        form=sentence(method.form),
        counts=counts,
        codes=sentence(codes),
        must_assess=", ".join(method.must_assess),
        figures=tuple(
            (
                sentence(figure.name).rstrip("."),
                " ".join(filter(None, (figure.value, figure.unit))) if figure.value else "not known",
                ""
                if not figure.value or figure.trust is Known.OFFICIAL
                else TRUST_WORDS[figure.trust].partition(":")[0],
            )
            for figure in method.figures
        ),
    )


def _by_status(analysis: Analysis, codes: tuple[str, ...]) -> dict[Status, list[str]]:
    found: dict[Status, list[str]] = {status: [] for status in Status}
    for verdict in analysis.competencies:
        if verdict.code in codes:
            found[verdict.status].append(verdict.code)
    return found


def _without_method(standard: Standard) -> str:
    """Say which statements no method is known to assess, where the mapping of every method is known."""
    if not standard.methods or any(method.assesses is None for method in standard.methods):
        return ""
    codes = [statement.code for statement in standard.competencies]
    left = [code for code in codes if not standard.methods_of(code)]
    return code_ranges(left, codes) if left else ""
