"""What `ksbtrack plan` shows: the steps, what they close, and where in the job each gap can arise."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from ksbtrack.models.forecast import Forecast
from ksbtrack.models.job import DutyLink, JobDuty
from ksbtrack.models.planning import Plan, PlannedGap, PlanStep
from ksbtrack.models.values import in_words, listed
from ksbtrack.report.forecast import forecast_figures
from ksbtrack.report.words import DECISION_SHAPES, counted, effort_words, sentence, shortened, subject_names
from ksbtrack.terminal.assumed import assumed_lines
from ksbtrack.terminal.characters import visible
from ksbtrack.terminal.marks import COLOURS, Marks, grid, heading, indented, plain

DUTY_LENGTH = 60
"""Characters of a duty that stand beside its link."""
MAX_NAMED = 12
"""Pieces or statements that a line names; the rest are counted."""


def plan_view(plan: Plan, made: Forecast, marks: Marks) -> Group:
    """Give what `ksbtrack plan` shows.

    Args:
        plan: what `make_plan` returned.
        made: what `forecast` returned.
        marks: what `marks_for` returned.
    """
    parts: list[RenderableType] = [_decisions(plan, marks), *assumed_lines(plan.analysis.case)]
    parts += [plain(f"\n{note}", "dim") for note in plan.notes]
    if plan.steps:
        parts += [heading("Plan", _summary(plan)), indented(_steps(plan))]
    if plan.left:
        parts += [heading("Left open", counted(len(plan.left), "gap")), indented(_left(plan))]
    job = plan.analysis.case.portfolio.work
    if job is not None and any(gap.is_statement for gap in plan.gaps):
        parts += [
            heading("Where it can arise", job.name),
            indented(_places(plan)),
            indented(plain(job.judged_by, "dim")),
        ]
    parts += [*_forecast(made), *_beside(plan)]
    return Group(*parts)


def _decisions(plan: Plan, marks: Marks) -> RenderableType:
    case = plan.analysis.case
    before, after = DECISION_SHAPES[plan.analysis.decision], DECISION_SHAPES[plan.decision]
    invented = " (invented)" if case.portfolio.invented else ""
    words = Text.assemble(
        (f"{marks[before].strip()} {plan.analysis.decision.words}", f"bold {COLOURS[before]}"),
        "  once all is done: ",
        (f"{marks[after].strip()} {plan.decision.words}", f"bold {COLOURS[after]}"),
    )
    who = visible(f"{case.portfolio.learner.name}{invented} on {in_words(case.on)}, {case.standard.identity}")
    return Group(words, Text(who))


def _summary(plan: Plan) -> str:
    closed = len(plan.closed)
    words = f"{counted(len(plan.steps), 'step')}, {closed} of {counted(len(plan.gaps), 'gap')} closed"
    if plan.most_pieces is not None:
        words += f", with at most {counted(plan.most_pieces, 'piece')} made or mended"
    return words + (f", done by {in_words(plan.by)}" if plan.by else "")


def _steps(plan: Plan) -> RenderableType:
    table = grid(None, 1)
    names = subject_names(plan.analysis.case.standard)
    for number, step in enumerate(plan.steps, 1):
        table.add_row(str(number), _step(plan, step, names))
    return table


def _step(plan: Plan, step: PlanStep, names: dict[str, str]) -> Text:
    lines = [f"{step.owner} · {effort_words(step)} · {_effect(step, names)}"]
    if step.start_by is not None:
        late = " (that is past)" if step.start_by < plan.asked else ""
        lines.append(f"begin by {in_words(step.start_by)}{late} · then: {step.decision.words}")
    else:
        lines.append(f"then: {step.decision.words}")
    if step.note:
        lines.append(step.note)
    return Text.assemble(visible(sentence(step.text)), ("\n" + visible("\n".join(lines)), "dim"))


def _effect(step: PlanStep, names: dict[str, str]) -> str:
    """Say what a step is for: what it finds out, what it closes, or what it helps to close."""
    if not step.is_sure:
        does, subjects = "finds out about", step.helps
    else:
        does, subjects = ("closes", step.closes) if step.closes else ("helps", step.helps)
    return f"{does} {listed(names.get(subject, subject) for subject in subjects)}" if subjects else does


def _left(plan: Plan) -> RenderableType:
    table = grid(None, 1)
    for gap in plan.left:
        name = gap.subject if gap.is_statement else ""
        table.add_row(plain(name), plain(gap.open_because if name else f"{gap.title}: {gap.open_because}"))
    return table


def _places(plan: Plan) -> RenderableType:
    table = grid(None, 1)
    for gap in plan.gaps:
        if gap.is_statement:
            table.add_row(plain(gap.subject), _place(gap))
    return table


def _place(gap: PlannedGap) -> Text:
    if not gap.duties:
        return plain(sentence(gap.unreached) if gap.unreached else "The job says nothing about it.")
    return Text("\n").join(_linked(duty, link) for duty, link in gap.duties)


def _linked(duty: JobDuty, link: DutyLink) -> Text:
    return Text.assemble(
        visible(f"{duty.code} {shortened(duty.text, DUTY_LENGTH)}"),
        (f"\n{link.relation.value}, {link.confidence.value} confidence: {visible(link.why)}", "dim"),
    )


def _forecast(made: Forecast) -> Iterator[RenderableType]:
    """Yield the figures of each progress."""
    yield heading("Forecast", "if it goes on as so far")
    for progress in (made.statements, made.hours):
        if progress is not None:
            table = grid(None, 1)
            for name, value in forecast_figures(made, progress):
                table.add_row(plain(name), plain(value))
            yield indented(plain(progress.unit.capitalize(), "bold"))
            yield indented(table, 4)


def _beside(plan: Plan) -> Iterator[RenderableType]:
    """Yield what rests on one piece alone, and which pieces could go."""
    if plan.single_source or plan.redundant:
        yield heading("Besides")
    for words, names in (
        ("Rest on one piece alone", plan.single_source),
        ("Pieces of which any one could go", plan.redundant),
    ):
        if names:
            more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
            yield indented(plain(f"{words}: {', '.join(names[:MAX_NAMED])}{more}."))
