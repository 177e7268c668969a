"""What `ksbtrack check` shows: the decision, what to do next, every statement and every requirement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ksbtrack.formats.explanation import name_of
from ksbtrack.models.analysis import (
    Analysis,
    CompetencyVerdict,
    Finding,
    Remedy,
    RequirementVerdict,
    Status,
    Step,
)
from ksbtrack.models.standard import CompetencyKind
from ksbtrack.models.values import in_words
from ksbtrack.report.quality import TITLES
from ksbtrack.report.words import DECISION_SHAPES, EFFORTS, counted, sentence, vocabulary, with_day_words
from ksbtrack.terminal.assumed import assumed_lines
from ksbtrack.terminal.characters import visible
from ksbtrack.terminal.marks import COLOURS, Marks, grid, heading, indented, marked, of_one_width, plain

MAX_HELPED = 8
"""Codes that a step names as helped; the rest are counted."""
KINDS = {
    CompetencyKind.KNOWLEDGE: "Knowledge",
    CompetencyKind.SKILL: "Skills",
    CompetencyKind.BEHAVIOUR: "Behaviours",
    CompetencyKind.DUTY: "Duties",
    CompetencyKind.EXPERIENCE: "Experience",
    CompetencyKind.QUALIFICATION: "Qualifications",
    CompetencyKind.KNOWLEDGE_AND_SKILL: "Knowledge and skills",
    CompetencyKind.EMPLOYABILITY: "Employability",
}
"""What the statements of each kind are called together."""
WARNINGS = TITLES | {
    "ineligible_hours": "Hours in the log that do not count",
    "reconstructed_wording": "Wordings not seen in an official copy",
    "unknown_method_mapping": "Not known which statements a method assesses",
}
"""Rules that warn, in the report's words; those that its sections spell out have words here."""


def check_view(analysis: Analysis, explain: str, marks: Marks) -> Group:
    """Give what `ksbtrack check` shows.

    Args:
        analysis: of the standard asked about; with those of the other standards that the portfolio names.
        explain: the command that explains a subject under the same question, without the subject.
        marks: what `marks_for` returned.
    """
    found = [verdict.status for verdict in analysis.competencies]
    found += [verdict.status for verdict in analysis.requirements]
    marks = of_one_width(marks, found)
    parts: list[RenderableType] = [_decision(analysis, marks), *assumed_lines(analysis.case)]
    if analysis.next_steps:
        parts += [heading("Next"), indented(numbered(analysis.next_steps))]
    parts += [*_strip(analysis, marks), *_requirements(analysis, marks), *_other_standards(analysis.others, marks)]
    totals = analysis.totals
    parts.append(heading("Evidence", f"{counted(totals.pieces, 'piece')}, {totals.pieces_counting} count"))
    if analysis.warnings:
        parts += _warnings(analysis.warnings)
    if not analysis.case.assumptions:
        # What is assumed cannot be explained: the command knows the records alone, and would say something else.
        parts.append(plain(f"\nWhy: {explain} {_example_subject(analysis)}", "dim"))
    return Group(*parts)


def _warnings(warnings: Sequence[Finding]) -> Iterable[RenderableType]:
    """Yield how many warnings there are, and what they warn of, the commonest first."""
    table = grid(None, 1)
    for rule, number in Counter(finding.rule for finding in warnings).most_common():
        words = WARNINGS.get(rule) or sentence(rule.replace("_", " ")).rstrip(".")
        table.add_row(plain(f"{number:>{len(str(len(warnings)))}}"), plain(words))
    yield Text.assemble(("Warnings", "bold"), f"  {len(warnings)}, which never decide")
    yield indented(table)


def _example_subject(analysis: Analysis) -> str:
    """Give the first subject that needs explaining, so that the command shown is worth trying."""
    verdicts: list[CompetencyVerdict | RequirementVerdict] = [*analysis.competencies, *analysis.requirements]
    open_ones = [verdict for verdict in verdicts if not verdict.status.holds and not verdict.is_desirable]
    return name_of((open_ones or verdicts)[0]) if verdicts else "K1"


def _decision(analysis: Analysis, marks: Marks) -> RenderableType:
    case = analysis.case
    status = DECISION_SHAPES[analysis.decision]
    standard = case.standard
    table = grid(None, 1)
    invented = " (invented)" if case.portfolio.invented else ""
    table.add_row(
        Text(f"{marks[status].strip()} {analysis.decision.words}", style=f"bold {COLOURS[status]}"),
        plain(f"{case.portfolio.learner.name}{invented} on {in_words(case.on)}"),
    )
    table.add_row("", plain(f"{standard.reference} {standard.version} {standard.title}"))
    return Group(table, plain(f"\n{analysis.reason}"))


def numbered(steps: Iterable[Step]) -> Table:
    """Give things to do, each with its number, owner and effort."""
    table = grid(None, 1)
    for number, step in enumerate(steps, start=1):
        table.add_row(str(number), _remedy(step.remedy, step.helps))
    return table


def _remedy(remedy: Remedy, helps: Sequence[str] = ()) -> Text:
    more = f" and {len(helps) - MAX_HELPED} more" if len(helps) > MAX_HELPED else ""
    helped = f" · helps {', '.join(helps[:MAX_HELPED])}{more}" if helps else ""
    who = f"{remedy.owner} · {EFFORTS[remedy.effort]}{helped}"
    return Text.assemble(visible(remedy.text), "\n", (visible(who), "dim"))


def _counts(met: int, not_met: int, unknown: int, every: int) -> str:
    rest = [f"{number} {word}" for number, word in ((not_met, "not met"), (unknown, "not known")) if number]
    return ", ".join([f"{met} of {every} met", *rest])


def _strip(analysis: Analysis, marks: Marks) -> Iterable[RenderableType]:
    """Yield the statements as code and shape, in their groups, and the words of the shapes that occur."""
    standard, totals = analysis.case.standard, analysis.totals
    by_code = {verdict.code: verdict for verdict in analysis.competencies}
    widest = max((len(code) for code in by_code), default=2)
    table = grid(None, 1)
    for (kind, _), groups in groupby(standard.groups, key=lambda group: (group.kind, group.prefix)):
        verdicts = [by_code[statement.code] for group in groups for statement in group.statements]
        cells = [
            Text(f"{marks[verdict.status]} {verdict.code:<{widest}}", style=COLOURS[verdict.status])
            for verdict in verdicts
        ]
        if cells:
            table.add_row(plain(KINDS[kind]), Columns(cells, padding=(0, 2), equal=True))
    counts = _counts(
        totals.competencies_met,
        totals.competencies_not_met,
        totals.competencies_unknown,
        totals.competencies,
    )
    name = vocabulary(standard).units
    yield heading(name[0].upper() + name[1:], counts)
    yield indented(table)
    found = {verdict.status for verdict in analysis.competencies}
    legend = [f"{marks[status].strip()} {status.words}" for status in Status if status in found]
    yield indented(plain("   ".join(legend), "dim"))
    wishes = [verdict.code for verdict in analysis.competencies if verdict.is_desirable]
    if wishes:
        yield indented(plain(f"Desirable, so never deciding: {', '.join(wishes)}", "dim"))


def _requirements(analysis: Analysis, marks: Marks) -> Iterable[RenderableType]:
    totals = analysis.totals
    counts = _counts(
        totals.requirements_met,
        totals.requirements_not_met,
        totals.requirements_unknown,
        totals.requirements,
    )
    table = grid(None, 1)
    for verdict in analysis.requirements:
        title = verdict.title + (" (desirable)" if verdict.is_desirable else "")
        table.add_row(
            marked(verdict.status, marks),
            Text.assemble((visible(title), "bold"), "\n", visible(sentence(with_day_words(verdict.reason)))),
        )
    yield heading("Requirements", counts)
    yield indented(table)


def _other_standards(others: Sequence[Analysis], marks: Marks) -> Iterable[RenderableType]:
    if not others:
        return
    yield heading("Also")
    marks = of_one_width(marks, [DECISION_SHAPES[other.decision] for other in others])
    table = grid(None, None, 1)
    for other in others:
        totals = other.totals
        met = f"{totals.competencies_met} of {totals.competencies} {vocabulary(other.case.standard).units}, "
        met += f"{totals.requirements_met} of {totals.requirements} requirements met"
        table.add_row(
            plain(other.case.standard.identity),
            marked(DECISION_SHAPES[other.decision], marks, other.decision.words),
            plain(met),
        )
    yield indented(table)
