"""What `ksbtrack standards export` shows: the file, and what its format cannot hold."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType

from ksbtrack.models.standard import Standard
from ksbtrack.problems import several
from ksbtrack.terminal.marks import grid, heading, indented, plain


def export_view(standard: Standard, format_name: str, file: str, lost: Sequence[str]) -> Group:
    """Give what the command prints.

    Args:
        standard: what was written.
        format_name: the format.
        file: where it is now, as the user named it.
        lost: what the format cannot hold, a sentence each.
    """
    count = several(len(standard.competencies), "statement")
    parts: list[RenderableType] = [plain(f"{file}: {standard.identity} written as {format_name}, {count}")]
    if lost:
        table = grid(None, 1)
        for sentence in lost:
            table.add_row("-", plain(sentence))
        parts += [heading("Not in the file, since the format has no place for it", str(len(lost))), indented(table)]
    return Group(*parts)
