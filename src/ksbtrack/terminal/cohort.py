"""A run over a cohort on the terminal: how many of each, and where the results are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ksbtrack.models.cohort import CohortRun
from ksbtrack.models.values import in_words
from ksbtrack.problems import several, visible


def cohort_view(run: CohortRun, written: Sequence[str]) -> RenderableType:
    """Give the counts of a run and the files that it wrote.

    Args:
        run: the counts.
        written: names of the files.
    """
    head = Text(f"{several(run.learners, 'learner')} of {visible(run.source)} on {in_words(run.on)}", style="bold")
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    table.add_column()
    for decision, count in run.decisions.items():
        table.add_row(f"{count:,}", decision.words)
    if run.not_judged:
        table.add_row(f"{run.not_judged:,}", "without a verdict, since something about them could not be read")
    paces = Table.grid(padding=(0, 2))
    paces.add_column(justify="right")
    paces.add_column()
    for pace, count in run.paces.items():
        paces.add_row(f"{count:,}", pace.words)
    overdue = f"{run.overdue:,} past their planned gateway, {run.overdue_not_ready:,} of them not found ready"
    parts: list[RenderableType] = [
        head,
        *_assumed(run),
        Text(),
        table,
        Text(),
        Text("Pace", style="bold"),
        paces,
        Text(),
        Text(overdue),
    ]
    parts += [Text(f"Note: {visible(note)}") for note in run.notes]
    if run.faults:
        parts.append(Text(f"{several(run.faults, 'fault')}: failures.csv names each with its place."))
    parts += [Text(), *(Text(visible(name)) for name in written)]
    return Group(*parts)


def _assumed(run: CohortRun) -> Iterator[Text]:
    if run.assumed:
        yield Text("\nWHAT IF: this is not what the records say. Assumed:", style="bold yellow")
    for words, count in run.assumed.items():
        yield Text(f"  {visible(words)}: fits {several(count, 'learner')}", style="yellow")
