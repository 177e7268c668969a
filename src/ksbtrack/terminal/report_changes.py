"""What `ksbtrack changes` shows: the decision then and now, what stands otherwise, and what made it so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ksbtrack.models.changes import AnalysisChanges
from ksbtrack.models.statuses import Status
from ksbtrack.report.changes import ChangeRow, changes_view
from ksbtrack.terminal.characters import visible
from ksbtrack.terminal.marks import COLOURS, Marks, grid, heading, indented, plain


def report_changes_view(changes: AnalysisChanges, marks: Marks) -> Group:
    """Give what `ksbtrack changes` shows of one learner.

    Args:
        changes: what `analysis_changes` returned.
        marks: the shape of each status.
    """
    view = changes_view(changes)
    parts: list[RenderableType] = [plain(changes.learner, "bold")]
    for (words, status), day, standard in zip(
        view.decisions, view.days, (changes.standard_before, changes.standard_after), strict=True
    ):
        parts.append(Text.assemble(f"{visible(day)}  {visible(standard)}  ", _word(status, marks, words)))
    parts.append(plain(" ".join(view.summary[1:])))
    for title, rows in (
        ("Requirements", view.requirements),
        ("Statements", view.statements),
        ("Pieces", view.pieces),
    ):
        if rows:
            parts += [heading(title, str(len(rows))), indented(_rows(rows, marks))]
    return Group(*parts)


def _rows(rows: Sequence[ChangeRow], marks: Marks) -> Table:
    table = grid(None, 1)
    for row in rows:
        table.add_row(plain(row.name, "bold"), Group(*_told(row, marks)))
    return table


def _told(row: ChangeRow, marks: Marks) -> Iterator[RenderableType]:
    was, now = (
        _word(status, marks, status.words) if status else (row.missing, "dim") for status in (row.before, row.after)
    )
    yield Text.assemble(was, " -> ", now)
    for kind, text in row.causes:
        yield plain(f"{kind}. {text}")
    if row.counts:
        yield plain(f"{row.name} {row.counts}.", "dim")


def _word(status: Status, marks: Marks, words: str) -> tuple[str, str]:
    return f"{marks[status]} {words}", COLOURS[status]
