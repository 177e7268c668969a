"""The plan: the fewest steps that close the most gaps, each with its owner, its effort and what it changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from ksbtrack.analysis import analyse
from ksbtrack.models.analysis import Action, Analysis, Decision, Effort, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.planning import Plan, PlannedGap, PlanSettings, PlanStep, Work
from ksbtrack.models.standard import RequirementRule
from ksbtrack.models.values import in_words, listed, natural_key
from ksbtrack.planning.choosing import best_choice, closed_by
from ksbtrack.planning.layout import (
    Draft,
    DraftGap,
    Layout,
    demands_of,
    laid_out_statements,
    requirement_gaps,
    verified_gaps,
)
from ksbtrack.planning.mending import said_together
from ksbtrack.planning.new_pieces import add_new_pieces, job_of, written_up
from ksbtrack.planning.safe_days import latest_start
from ksbtrack.planning.work import largest, settings_of
from ksbtrack.problems import KsbtrackError, Problem, Source
from ksbtrack.rules.tally import Tally
from ksbtrack.rules.words import YOU, counted

MOST_WAITS = 12
"""Times that a plan is made for a later day, since the one before turned out too early; each requirement asks once."""
Waits = dict[str, Remedy]
"""What waiting closes, by requirement."""


def make_plan(
    case: Case,
    *,
    most_pieces: int | None = None,
    by: date | None = None,
    settings: PlanSettings | None = None,
) -> Plan:
    """Give what to do next: as many gaps closed as can be, with the fewest steps, then with the least effort.

    Where gateway is not possible yet, the plan is made for the first day on which it is. With `by` it is made for that
    day, with the steps alone that can be done until then.

    Args:
        case: the question.
        most_pieces: how many pieces of evidence may be made or mended; as many as it takes if left out. Other steps do
            not count: a qualification, hours or a signature takes the place of no piece.
        by: the day by which all is to be done.
        settings: what is taken for granted; as the policy says if left out.

    Raises:
        KsbtrackError: `dates-reversed`.
    """
    if by is not None and by < case.on:
        raise KsbtrackError(
            Problem(
                "dates-reversed",
                Source("--by"),
                f"{by.isoformat()}, before {case.on.isoformat()}",
                "a plan is made from the day asked about to a later one",
                "Correct --by or --on.",
            )
        )
    analysis, waits = _on_its_day(case, by)
    layout = Layout(case, analysis, settings or settings_of(case.policy), by)
    shown, counted = laid_out_statements(layout)
    new = add_new_pieces(layout, shown)
    requirements = requirement_gaps(layout, counted)
    verified = verified_gaps(layout)
    verdicts = {verdict.code: verdict.status for verdict in analysis.competencies}
    gaps = {
        found.code: DraftGap(
            found.code,
            "",
            verdicts[found.code],
            is_statement=True,
            demands=demands_of(layout, found, new.get(found.code, ())),
        )
        for found in shown
    } | {gap.subject: gap for gap in verified}
    layout.gaps = [gaps[code] for code in analysis.case.standard.by_code if code in gaps] + requirements
    choice = best_choice(layout.question(most_pieces))
    taken = [layout.drafts[step] for step in choice.taken]
    worded = written_up(layout, taken, shown)
    steps = _steps(layout, choice.taken, worded, waits, most_pieces)
    planned = (*_planned_gaps(layout, choice.closed, most_pieces), *_waited_for(layout, waits))
    return Plan(
        analysis=analysis,
        asked=case.on,
        by=by,
        most_pieces=most_pieces,
        steps=steps,
        gaps=planned,
        decision=_decision(layout, choice.closed),
        redundant=_redundant(analysis, counted),
        single_source=tuple(finding.subject for finding in analysis.findings if finding.rule == "single_source"),
        notes=tuple(_notes(case, analysis, choice.is_proved)),
        is_proved=choice.is_proved,
    )


def _on_its_day(case: Case, by: date | None) -> tuple[Analysis, Waits]:
    """Give the analysis of the day for which to plan, and what waiting until then closes."""
    judged = analyse(case if by is None else replace(case, on=by))
    waits: Waits = {}
    for _ in range(MOST_WAITS):
        later = {
            verdict.id: remedy
            for verdict in judged.requirements
            if not verdict.is_desirable and not verdict.status.holds
            for remedy in verdict.remedies
            if remedy.action is Action.WAIT_UNTIL and (by is None or date.fromisoformat(remedy.details["on"]) <= by)
        }
        if not later:
            break
        waits |= later
        judged = analyse(
            waited(judged.case, max(date.fromisoformat(remedy.details["on"]) for remedy in later.values()))
        )
    return judged, waits


def waited(case: Case, day: date) -> Case:
    """Give the case on a later day, with a gateway on record moved to it where that is earlier.

    Args:
        case: the question.
        day: the day until which to wait.
    """
    dates = case.portfolio.dates
    if dates.gateway and dates.gateway < day:
        moved = dates.model_copy(update={"gateway": day})
        case = replace(case, portfolio=case.portfolio.model_copy(update={"dates": moved}))
    return replace(case, on=max(day, case.on))


_STAGES = {Action.CHOOSE_SHOWCASE: 3, Action.GET_CONFIRMATION: 4}
"""What comes after all pieces are as they will be: who confirms vouches for what they see."""


def _steps(
    layout: Layout, taken: Sequence[int], worded: dict[str, Remedy], waits: Waits, most: int | None
) -> tuple[PlanStep, ...]:
    """Give the steps in the order in which to begin them.

    Waiting first, since everything else is planned for that day; then what takes weeks, then what helps most; what is
    signed at gateway last.
    """
    question = layout.question(most)
    helps = {step: _helped(layout, taken, step) for step in taken}

    def key(step: int) -> tuple[object, ...]:
        draft = layout.drafts[step]
        effort = largest(draft.remedies)
        stage = max(_STAGES.get(remedy.action, 0 if effort is Effort.WEEKS else 1) for remedy in draft.remedies)
        return stage, -len(helps[step]), -list(Effort).index(effort), natural_key(draft.name)

    ordered = sorted(taken, key=key)
    steps = [_waiting(layout, subject, remedy) for subject, remedy in waits.items()]
    closed_before: set[int] = set(closed_by(question, ()))
    for place, step in enumerate(ordered, 1):
        closed = closed_by(question, ordered[:place])
        draft = layout.drafts[step]
        remedies = (worded[draft.name],) if draft.name in worded else draft.remedies
        steps.append(
            PlanStep(
                name=draft.name,
                remedies=remedies,
                text=_text(layout, draft, remedies),
                owner=_owners(remedies),
                effort=largest(remedies),
                work=draft.work,
                is_piece=draft.is_piece,
                is_sure=draft.is_sure,
                helps=tuple(layout.gaps[gap].subject for gap in helps[step]),
                closes=tuple(layout.gaps[gap].subject for gap in closed if gap not in closed_before),
                decision=_decision(layout, closed),
                duty=draft.duty,
                start_by=latest_start(layout.asked, draft.work),
            )
        )
        closed_before.update(closed)
    return tuple(steps)


def _waiting(layout: Layout, subject: str, remedy: Remedy) -> PlanStep:
    return PlanStep(
        name=subject,
        remedies=(remedy,),
        text=remedy.text,
        owner=remedy.owner,
        effort=remedy.effort,
        work=layout.work((remedy,)),
        is_piece=False,
        is_sure=True,
        helps=(subject,),
        closes=(subject,),
        decision=_decision(layout, ()),
        duty="",
        start_by=None,
    )


def _helped(layout: Layout, taken: Sequence[int], step: int) -> tuple[int, ...]:
    """Give the gaps that are closed with all steps and not without one of them, or to which it is one of several."""
    question = layout.question(None)
    closed = closed_by(question, taken)
    return tuple(
        gap
        for gap in closed
        if any(
            step in way and way <= set(taken)
            for demand in layout.gaps[gap].demands
            for source in demand.sources
            for way in source
        )
    )


def _text(layout: Layout, draft: Draft, remedies: tuple[Remedy, ...]) -> str:
    piece = layout.case.portfolio.by_id.get(draft.name)
    if draft.is_piece and piece is not None and not draft.codes:
        return said_together(piece, remedies)
    return " ".join(dict.fromkeys(remedy.text for remedy in remedies))


def _owners(remedies: Iterable[Remedy]) -> str:
    """Give who does what is done, each once, in order."""
    names = dict.fromkeys(name for remedy in remedies for name in remedy.owner.split(", then "))
    return ", then ".join(names) or YOU


def _decision(layout: Layout, closed: Iterable[int]) -> Decision:
    """Give the decision once some gaps are closed."""
    held = set(closed)
    rules = {requirement.rule for requirement in layout.case.standard.requirements if not requirement.desirable}
    if not rules:
        return Decision.CANNOT_TELL
    left = [
        gap.status
        for place, gap in enumerate(layout.gaps)
        if place not in held and (not gap.is_statement or RequirementRule.EVERY_STATEMENT in rules)
    ]
    if any(status.fails for status in left):
        return Decision.NOT_READY
    return Decision.CANNOT_TELL if left else Decision.READY


def _planned_gaps(layout: Layout, closed: Sequence[int], most: int | None) -> Iterable[PlannedGap]:
    """Yield the gaps with why those are open that the plan leaves so."""
    job = job_of(layout.case)
    every = range(len(layout.drafts))
    possible, in_time = (set(closed_by(layout.question(None, in_time=timed), every)) for timed in (False, True))
    for place, gap in enumerate(layout.gaps):
        because = ""
        if place not in possible:
            because = "Nothing is known that would close it from here."
        elif place not in in_time and layout.by is not None:
            left = counted(layout.days_left() or 0, "day")
            because = f"There is no time for it: {left} of learning are left until {in_words(layout.by)}."
        elif place not in closed:
            because = f"It needs more than the {counted(most or 0, 'piece')} that may be made or mended."
        yield PlannedGap(
            subject=gap.subject,
            title=gap.title,
            status=gap.status,
            is_statement=gap.is_statement,
            is_closed=place in closed,
            open_because=because,
            duties=job.reaching(gap.subject) if job and gap.is_statement else (),
            unreached=job.unreached.get(gap.subject, "") if job and gap.is_statement else "",
        )


def _waited_for(layout: Layout, waits: Waits) -> Iterable[PlannedGap]:
    """Yield the requirements that nothing but waiting closes, where they are not open for another reason by then."""
    left = {gap.subject for gap in layout.gaps}
    for verdict in layout.analysis.requirements:
        if verdict.id in waits and verdict.id not in left:
            yield PlannedGap(
                subject=verdict.id,
                title=verdict.title,
                status=Status.NOT_MET,
                is_statement=False,
                is_closed=True,
                open_because="",
                duties=(),
                unreached="",
            )


def _redundant(analysis: Analysis, counted_pieces: Tally) -> tuple[str, ...]:
    """Give the pieces of which each could go, and every statement that it counts for would still be shown."""
    case = analysis.case
    names = []
    for verdict in analysis.pieces:
        codes = verdict.counts_for
        if codes and all(_is_shown_without(case, counted_pieces, code, verdict.id) for code in codes):
            names.append(verdict.id)
    return tuple(names)


def _is_shown_without(case: Case, counted_pieces: Tally, code: str, name: str) -> bool:
    settings = case.settings[code]
    rest = [piece for piece in counted_pieces.counting.get(code, ()) if piece.id != name]
    return (
        len(rest) >= max(1, settings.pieces_per_competency or 0)
        and len({piece.kind for piece in rest}) >= (settings.kinds_per_competency or 0)
        and len({piece.date for piece in rest}) >= (settings.days_per_competency or 0)
    )


def _notes(case: Case, analysis: Analysis, is_proved: bool) -> Iterable[str]:
    """Yield what a reader should know of a plan."""
    dates = case.portfolio.dates
    if analysis.case.on != case.on:
        yield f"The plan is made for {in_words(analysis.case.on)}: what has to hold then is what counts."
    if case.standard.is_apprenticeship and dates.gateway and dates.gateway < case.on:
        yield (
            f"Gateway on {in_words(dates.gateway)} is past: what is made after it does not count, so new "
            "evidence needs a later gateway."
        )
    if case.on < dates.first:
        yield f"Learning begins on {in_words(dates.first)} only: nothing can be made before."
    if not case.portfolio.evidence:
        yield "The portfolio holds no evidence yet."
    if job_of(case) is None and case.standard.is_apprenticeship:
        yield "No job leads to this standard: name it in portfolio.yaml (job), and each gap shows where it can arise."
    if not is_proved:
        yield "The search was stopped by its limit: another plan may be better."


def left_words(plan: Plan) -> str:
    """Give the gaps that a plan leaves open as a sentence; empty if it leaves none.

    Args:
        plan: what `make_plan` returned.
    """
    names = [gap.subject if gap.is_statement else f'"{gap.title}"' for gap in plan.left]
    return f"Left open: {listed(names)}." if names else ""


def whole_work(plan: Plan) -> Work:
    """Give the work of all steps together; the days are those of the longest step, since steps can go on side by side.

    Args:
        plan: what `make_plan` returned.
    """
    return Work(
        hours=sum((step.work.hours for step in plan.steps), Decimal(0)),
        days=max((step.work.days for step in plan.steps), default=0),
    )
