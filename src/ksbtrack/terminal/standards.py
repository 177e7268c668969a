"""What `ksbtrack standards` shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table

from ksbtrack.models.standard import Standard
from ksbtrack.report.words import counted
from ksbtrack.terminal.marks import grid, heading, indented, plain


def standards_view(standards: Iterable[Standard]) -> Table:
    """Give what `ksbtrack standards list` shows: one line a standard."""
    table = grid(None, None, 1)
    for standard in standards:
        level = standard.level.words if standard.level else standard.kind.value
        table.add_row(plain(standard.identity, "bold"), plain(level), plain(standard.title))
    return table


def standard_view(standard: Standard) -> Group:
    """Give what `ksbtrack standards show` shows: statements, methods, requirements and rights."""
    level = standard.level.words if standard.level else standard.kind.value
    parts: list[RenderableType] = [plain(f"{standard.identity} {standard.title}, {level}", "bold")]
    for group in standard.groups:
        table = grid(None, 1)
        for statement in group.statements:
            note = f" [{statement.trust.value}]" if statement.trust.is_doubtful else ""
            desirable = " (desirable)" if statement.desirable else ""
            table.add_row(plain(statement.code), plain(statement.text + desirable + note))
        parts += [heading(group.title, counted(len(group.statements), "statement")), indented(table)]
    for title, rows in (
        ("Assessment methods", [(method.title, _assessed(method.assesses)) for method in standard.methods]),
        ("Requirements", [(requirement.id, requirement.title) for requirement in standard.requirements]),
    ):
        table = grid(None, 1)
        for name, words in rows:
            table.add_row(plain(name), plain(words))
        if rows:
            parts += [heading(title), indented(table)]
    return Group(*parts, heading("Rights"), indented(plain(standard.attribution)))


def _assessed(codes: Sequence[str] | None) -> str:
    return "statements not known" if codes is None else ", ".join(codes)
