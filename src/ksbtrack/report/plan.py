"""Gaps and plan: where in the job each gap can arise, and the fewest steps that close most of them."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from ksbtrack.models.analysis import Action, Analysis, CompetencyVerdict, Remedy, Status
from ksbtrack.models.crosswalk import Confidence
from ksbtrack.models.job import DutyLink, Job, JobDuty
from ksbtrack.models.planning import Plan, PlanStep
from ksbtrack.models.portfolio import AcceptanceState
from ksbtrack.models.standard import Competency, CompetencyKind, Standard
from ksbtrack.models.values import in_words, listed
from ksbtrack.planning.new_pieces import job_of
from ksbtrack.planning.plans import make_plan
from ksbtrack.report.markdown import safe_html
from ksbtrack.report.words import EFFORTS, Vocabulary, advised, counted, effort_words, shortened, subject_names

COMMENT_LENGTH = 1200
"""Characters of an assessor's comment that the report quotes; the piece itself holds the whole."""
PLACE_LENGTH = 150
"""Characters of a duty or statement that says where in the job a gap can be closed."""

MAX_DUTIES = 3
"""Duties whose link is spelt out in a row; of the others the codes are named."""
MAX_NAMED = 20
"""Statements or pieces that a sentence names; the rest are counted."""

_DONE_IN_WORK = frozenset({CompetencyKind.SKILL, CompetencyKind.DUTY})


@dataclass(frozen=True, slots=True)
class GapRow:
    """One statement that is not yet shown, and what to do about it."""

    code: str
    status: Status
    next: str
    owner: str
    effort: str
    places: tuple[str, ...]
    also_helps: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of the plan."""

    text: str
    who: str
    closes: str
    then: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """The plan as section 5 prints it.

    Attributes:
        summary: how many steps close how many gaps.
        steps: in the order in which to begin them.
        left: why gaps stay open, as sentences.
        notes: what a reader should know, as sentences.
        judged_by: whose judgement it is where in the job a gap can arise; empty where no job is known.
        beside: what rests on one piece alone, and which pieces could go.
    """

    summary: str
    steps: tuple[StepLine, ...]
    left: tuple[str, ...]
    notes: tuple[str, ...]
    judged_by: str
    beside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comment:
    """What an assessor wrote when a piece was referred back."""

    piece: str
    title: str
    by: str
    html: Markup


def gap_rows(analysis: Analysis, words: Vocabulary) -> tuple[GapRow, ...]:
    """Give each statement that decides and is not met, in the standard's order, with its best next step."""
    is_open = [verdict for verdict in analysis.competencies if not verdict.status.holds and not verdict.is_desirable]
    return tuple(_gap(analysis, verdict, is_open, words) for verdict in is_open)


def _gap(analysis: Analysis, verdict: CompetencyVerdict, is_open: list[CompetencyVerdict], words: Vocabulary) -> GapRow:
    standard = analysis.case.standard
    best = verdict.remedies[0] if verdict.remedies else None
    return GapRow(
        code=verdict.code,
        status=verdict.status,
        next=advised(best.text, words) if best else "Nothing can be done about this from here.",
        owner=advised(best.owner, words).rstrip(".") if best else "",
        effort=EFFORTS[best.effort] if best else "",
        places=_places(job_of(analysis.case), standard, standard.by_code[verdict.code]),
        also_helps=", ".join(_also_helped(analysis, verdict, best, is_open)),
    )


def _places(job: Job | None, standard: Standard, statement: Competency) -> tuple[str, ...]:
    """Say where in the learner's job a statement can be shown; without a job, as far as the standard itself says so."""
    if job is None:
        return (_place(standard, statement),)
    reaching = sorted(job.reaching(statement.code), key=lambda found: list(Confidence).index(found[1].confidence))
    if not reaching:
        return (job.unreached.get(statement.code, "No duty reaches it."),)
    said = [_linked(duty, link) for duty, link in reaching[:MAX_DUTIES]]
    rest = [duty.code for duty, _ in reaching[MAX_DUTIES:]]
    return (*said, f"Also {listed(rest)}.") if rest else tuple(said)


def _linked(duty: JobDuty, link: DutyLink) -> str:
    return (
        f"{duty.code}: {shortened(duty.text, PLACE_LENGTH)} "
        f"({link.relation.value}, {link.confidence.value} confidence: {link.why.rstrip('.')})"
    )


def _place(standard: Standard, statement: Competency) -> str:
    """Say where in the job a statement can be shown, as far as the standard itself says so."""
    for duty in standard.duties:
        if statement.code in duty.competencies:
            return f"{duty.code}: {shortened(duty.text, PLACE_LENGTH)}"
    pair = standard.by_code.get(statement.pairs_with or "")
    for found in (statement, pair):
        if found and found.kind in _DONE_IN_WORK:
            name = "This work itself" if found is statement else f"With its pair {found.code}"
            return f"{name}: {shortened(found.text, PLACE_LENGTH)}"
    return "The standard ties it to no single task."


def _also_helped(
    analysis: Analysis, verdict: CompetencyVerdict, best: Remedy | None, is_open: list[CompetencyVerdict]
) -> list[str]:
    """Give the other open statements that the same step would help.

    A step on a piece that is there helps whatever else waits for that piece; a new piece can be planned to show the
    statement's pair as well.
    """
    if best is None:
        return []
    pieces = {subject.partition(":")[0] for subject in best.subject.split()}
    pair = analysis.case.standard.by_code[verdict.code].pairs_with
    helped = []
    for other in is_open:
        waits = pieces.intersection((*other.on_the_way, *other.to_check))
        is_pair = best.action is Action.ADD_PIECE and other.code == pair
        if other.code != verdict.code and (waits or is_pair):
            helped.append(other.code)
    return helped


def assessor_comments(analysis: Analysis) -> tuple[Comment, ...]:
    """Give what assessors wrote about the pieces that they had referred back by the day, in the portfolio's order."""
    return tuple(
        Comment(
            piece.id,
            piece.title,
            _signed(piece.acceptance.by, piece.acceptance.role)
            + (f", {in_words(piece.acceptance.on)}" if piece.acceptance.on else ""),
            safe_html(shortened(piece.acceptance.comment, COMMENT_LENGTH)),
        )
        for piece in analysis.case.portfolio.evidence
        if piece.acceptance.state is AcceptanceState.REFERRED
        and piece.acceptance.comment
        and (piece.acceptance.on is None or piece.acceptance.on <= analysis.case.on)
    )


def _signed(name: str | None, role: str | None) -> str:
    return ", ".join(filter(None, (name, role))) or "An assessor"


def plan_view(analysis: Analysis, words: Vocabulary) -> PlanView | None:
    """Give the plan for the day of an analysis; None where nothing is open.

    Args:
        analysis: what `analyse` returned.
        words: those of the standard.
    """
    plan = make_plan(analysis.case)
    if not plan.gaps and not plan.steps:
        return None
    names = subject_names(analysis.case.standard)
    job = job_of(analysis.case)
    return PlanView(
        summary=f"{counted(len(plan.steps), 'step')} {'closes' if len(plan.steps) == 1 else 'close'} "
        f"{len(plan.closed)} of {counted(len(plan.gaps), 'gap')}. Then the decision is: {plan.decision.words}."
        + (" No fewer steps of these kinds close as many." if plan.is_proved else ""),
        steps=tuple(_step_line(plan, step, names, words) for step in plan.steps),
        left=tuple(f"{names.get(gap.subject, gap.subject)}: {gap.open_because}" for gap in plan.left),
        notes=plan.notes,
        judged_by=job.judged_by if job else "",
        beside=tuple(_beside(plan)),
    )


def _step_line(plan: Plan, step: PlanStep, names: dict[str, str], words: Vocabulary) -> StepLine:
    who = f"Who: {advised(step.owner, words).rstrip('.')}. Effort: {effort_words(step)}."
    if step.start_by is not None:
        late = ", which is past" if step.start_by < plan.asked else ""
        who += f" Latest safe day to begin: {in_words(step.start_by)}{late}."
    if step.note:
        who += f" {step.note}"
    named = listed(names.get(subject, subject) for subject in (step.closes or step.helps))
    closes = named if step.closes else f"Helps {named}"
    return StepLine(
        text=advised(step.text, words),
        who=who,
        closes=closes if step.is_sure else f"Finds out about {named}",
        then=step.decision.words,
    )


def _beside(plan: Plan) -> list[str]:
    said = []
    for words, found in (
        ("Rest on one piece alone", plan.single_source),
        ("Pieces of which any one could go, and every statement would still be shown", plan.redundant),
    ):
        if found:
            more = f" and {len(found) - MAX_NAMED} more" if len(found) > MAX_NAMED else ""
            said.append(f"{words}: {', '.join(found[:MAX_NAMED])}{more}.")
    return said
