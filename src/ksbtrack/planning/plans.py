"""The plan: the fewest steps that close the most gaps, each with its owner, its effort and what it changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from ksbtrack.models.analysis import Analysis, Decision, Effort, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.planning import Plan, PlannedGap, PlanSettings, PlanStep
from ksbtrack.models.standard import RequirementRule
from ksbtrack.models.values import in_words, natural_key
from ksbtrack.planning.choosing import Question, best_choice, closed_by
from ksbtrack.planning.hours_pace import hours_note
from ksbtrack.planning.judged_day import DATED, is_over, judged_day, with_later_gateway
from ksbtrack.planning.layout import Draft, DraftGap, Layout, Shown, demands_of, laid_out_statements
from ksbtrack.planning.mending import said_together
from ksbtrack.planning.new_pieces import add_new_pieces, job_of, written_up
from ksbtrack.planning.requirement_steps import goes_on, requirement_gaps, verified_gaps
from ksbtrack.planning.safe_days import days_before
from ksbtrack.planning.work import largest, settings_of
from ksbtrack.problems import KsbtrackError, Problem, Source
from ksbtrack.rules.tally import Tally
from ksbtrack.rules.words import YOU, counted


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
    layout, shown, counted = _best_layout(case, by, settings or settings_of(case.policy), most_pieces)
    choice = best_choice(layout.question(most_pieces))
    worded = written_up(layout, [layout.drafts[step] for step in choice.taken], shown)
    steps = _steps(layout, choice.taken, worded, most_pieces)
    analysis = layout.analysis
    return Plan(
        analysis=analysis,
        asked=case.on,
        by=by,
        most_pieces=most_pieces,
        steps=steps,
        gaps=tuple(_in_order(analysis, (*_planned_gaps(layout, choice.closed, most_pieces), *_closed_by_day(layout)))),
        decision=_decision(layout, choice.closed),
        redundant=_redundant(analysis, counted),
        single_source=tuple(finding.subject for finding in analysis.findings if finding.rule == "single_source"),
        notes=tuple(_notes(case, layout, choice.is_proved)),
        is_proved=choice.is_proved,
    )


def _best_layout(
    case: Case, by: date | None, settings: PlanSettings, most: int | None
) -> tuple[Layout, list[Shown], Tally]:
    """Give all steps and gaps, with a later gateway where the one on record is too early to close them all."""
    recorded = case.portfolio.dates.gateway if case.standard.is_apprenticeship else None
    layout = Layout(judged_day(case, by), settings, by)
    if not layout.leaves_time_to_agree():
        layout = Layout(judged_day(case, by, until=recorded), settings, by)
    laid_out = _laid_out(layout, most)
    open_gaps = _never_closed(laid_out[0])
    if recorded is None or recorded >= (by or case.on) or not open_gaps:
        return laid_out
    layout = Layout(with_later_gateway(case, by), settings, by)
    if not layout.leaves_time_to_agree():
        return laid_out
    later = _laid_out(layout, most)
    return later if _never_closed(later[0]) < open_gaps else laid_out


def _never_closed(layout: Layout) -> int:
    """Give the number of gaps that stay open whatever is done."""
    return len(layout.gaps) - len(closed_by(layout.question(None), range(len(layout.drafts))))


def _laid_out(layout: Layout, most: int | None) -> tuple[Layout, list[Shown], Tally]:
    """Give a layout with all its steps and gaps, what is missing for each statement, and the pieces behind it."""
    shown, counted = laid_out_statements(layout)
    new = add_new_pieces(layout, shown, is_limited=most is not None)
    requirements = requirement_gaps(layout, counted)
    verified = verified_gaps(layout)
    verdicts = {verdict.code: verdict.status for verdict in layout.analysis.competencies}
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
    layout.gaps = [gaps[code] for code in layout.case.standard.by_code if code in gaps] + requirements
    return layout, shown, counted


def _steps(layout: Layout, taken: Sequence[int], worded: dict[str, Remedy], most: int | None) -> tuple[PlanStep, ...]:
    """Give the steps in the order in which to begin them.

    The day first, since everything else is planned for it; then what takes weeks, then what helps most; what is signed
    at gateway last.
    """
    question = layout.question(most)
    helps = _helped(layout, question, taken)
    stages = _days_of_stages(layout, taken)

    def key(step: int) -> tuple[object, ...]:
        draft = layout.drafts[step]
        effort = largest(draft.remedies)
        is_last = draft.stage if draft.stage > 1 else 0
        return (
            is_last,
            effort is not Effort.WEEKS,
            -len(helps[step]),
            -list(Effort).index(effort),
            natural_key(draft.name),
        )

    ordered = sorted(taken, key=key)
    steps = [*_agreeing(layout, helps), *(_waiting(layout, *wait) for wait in layout.day.waits.items())]
    closed_before: set[int] = set(closed_by(question, ()))
    for place, step in enumerate(ordered, 1):
        closed = closed_by(question, ordered[:place])
        draft = layout.drafts[step]
        remedies = (worded[draft.name],) if draft.name in worded else draft.remedies
        days_after = sum(days for stage, days in stages.items() if stage > draft.stage) if draft.stage else 0
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
                start_by=_start_by(layout, draft, draft.work.days + days_after),
                note=hours_note(layout, draft),
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
        note="",
    )


def _agreeing(layout: Layout, helps: dict[int, tuple[int, ...]]) -> Iterable[PlanStep]:
    """Yield the step of agreeing a later gateway, where that is part of the plan and anything comes of it."""
    remedy = layout.day.agreed
    if remedy is None:
        return
    closes = tuple(gap.subject for gap in layout.day.by_agreeing)
    needing = {
        gap
        for step, gaps in helps.items()
        if any(found.action in DATED for found in layout.drafts[step].remedies)
        for gap in gaps
    }
    helped = (*closes, *layout.day.waits, *(layout.gaps[gap].subject for gap in sorted(needing)))
    if helped:
        made = _waiting(layout, remedy.subject, remedy)
        yield replace(made, closes=closes, helps=tuple(dict.fromkeys(helped)))


def _days_of_stages(layout: Layout, taken: Iterable[int]) -> dict[int, int]:
    """Give the days that the longest step of each stage takes."""
    days: dict[int, int] = {}
    for step in taken:
        draft = layout.drafts[step]
        days[draft.stage] = max(days.get(draft.stage, 0), draft.work.days)
    return days


def _start_by(layout: Layout, draft: Draft, days: int) -> date | None:
    """Give the last safe day to begin what is done so many days of learning later."""
    is_under_way = layout.are_hours_counted(draft) or any(goes_on(layout, remedy) for remedy in draft.remedies)
    if layout.target is None or is_under_way:
        return None
    day = days_before(layout.target, days, layout.asked.breaks)
    # Hours before learning began do not count.
    return None if draft.logs_hours and day < layout.asked.portfolio.dates.first else day


def _helped(layout: Layout, question: Question, taken: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """Give the gaps by step that are closed with all steps and to which it is one of several, or the only one."""
    held = set(taken)
    helped: dict[int, list[int]] = {step: [] for step in taken}
    for gap in closed_by(question, taken):
        ways = (way for demand in layout.gaps[gap].demands for source in demand.sources for way in source)
        for step in {step for way in ways if way <= held for step in way}:
            helped[step].append(gap)
    return {step: tuple(gaps) for step, gaps in helped.items()}


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
            because = gap.open_because or "Nothing is known that would close it from here."
        elif place not in in_time:
            because = _no_time(layout, gap)
        elif place not in closed:
            because = _no_pieces(most or 0)
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


def _no_time(layout: Layout, gap: DraftGap) -> str:
    """Say why something cannot be done in time."""
    if is_over(layout.asked):
        return f"Gateway on {in_words(layout.asked.gateway)} is past: what is dated after it does not count."
    days, last = layout.days_left() or 0, layout.last_day
    assert last is not None
    left = f"{counted(days, 'day')} of learning {'is' if days == 1 else 'are'} left until {in_words(last)}"
    signed = ", and whoever confirms signs at the end" if layout.signing and gap.is_statement else ""
    steps = {step for demand in gap.demands for source in demand.sources for way in source for step in way}
    notes = (hours_note(layout, layout.drafts[step]) for step in sorted(steps))
    return " ".join(filter(None, (f"There is no time for it: {left}{signed}.", *notes)))


def _no_pieces(most: int) -> str:
    if not most:
        return "No piece may be made or mended."
    those = "The 1 piece that may be made or mended goes" if most == 1 else f"The {most} that may be made or mended go"
    return f"{those} to other gaps, or it needs more."


def _in_order(analysis: Analysis, gaps: Iterable[PlannedGap]) -> list[PlannedGap]:
    """Give gaps in the standard's order, requirements after statements."""
    requirements = (requirement.id for requirement in analysis.case.standard.requirements)
    order = {subject: place for place, subject in enumerate((*analysis.case.standard.by_code, *requirements))}
    return sorted(gaps, key=lambda gap: (not gap.is_statement, order[gap.subject]))


def _closed_by_day(layout: Layout) -> Iterable[PlannedGap]:
    """Yield what is closed by the day alone, where it is not open for another reason by then."""
    job = job_of(layout.case)
    for gap in layout.day.by_agreeing:
        if gap.is_statement and job:
            yield replace(gap, duties=job.reaching(gap.subject), unreached=job.unreached.get(gap.subject, ""))
        else:
            yield gap
    left = {gap.subject for gap in layout.gaps}
    for verdict in layout.analysis.requirements:
        if verdict.id in layout.day.waits and verdict.id not in left:
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


def _notes(case: Case, layout: Layout, is_proved: bool) -> Iterable[str]:
    """Yield what a reader should know of a plan."""
    dates, analysis = case.portfolio.dates, layout.analysis
    if analysis.case.on != case.on:
        yield f"The plan is made for {in_words(analysis.case.on)}: what has to hold then is what counts."
    if is_over(case) and layout.gaps and layout.day.agreed is None:
        yield f"Gateway on {in_words(case.gateway)} is past: what is dated after it does not count."
    if case.on < dates.first:
        yield f"Learning begins on {in_words(dates.first)} only: nothing can be made before."
    if not case.portfolio.evidence:
        yield "The portfolio holds no evidence yet."
    yield from _job_notes(case, layout)
    if not is_proved:
        yield "The search was stopped by its limit: another plan may be better."


def _job_notes(case: Case, layout: Layout) -> Iterable[str]:
    """Yield why no gap shows where in the job it can arise, where there is one that could."""
    if job_of(case) is not None or not case.standard.is_apprenticeship:
        return
    if not any(gap.is_statement for gap in layout.gaps):
        return
    job = case.portfolio.work
    if job is not None:
        yield f"The job on record leads to {job.standard}, not to {case.standard.identity}."
    elif case.portfolio.job is not None:
        yield f"No crosswalk leads from {case.portfolio.job} to {case.standard.identity}."
    else:
        yield "No job leads to this standard: name it in portfolio.yaml (job), and each gap shows where it can arise."
