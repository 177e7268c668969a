"""What `ksbtrack standards import` shows: what came of each record, and what was repaired or not taken."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType

from ksbtrack.formats.standards_import import Import, merged_counts
from ksbtrack.models.importing import NoteKind
from ksbtrack.problems import several
from ksbtrack.terminal.marks import grid, heading, indented, plain

MOST_SHOWN = 12
"""Lines of one list in the terminal; `--report` has the rest."""

_HEADINGS = {
    NoteKind.UNUSABLE: "Not taken",
    NoteKind.REPAIRED: "Repaired",
    NoteKind.UNKNOWN: "Not known from this source",
    NoteKind.UNREAD: "Not read",
}


def import_view(result: Import, folder: str) -> Group:
    """Give what the command prints.

    Args:
        result: what was read.
        folder: where the files are now, as the user named it.
    """
    written = sorted({record.file for record in result.records if record.file})
    total = several(len(result.records), "record")
    parts: list[RenderableType] = [
        plain(f"{result.source}: {total} read as {result.format}, {several(len(written), 'standard')} in {folder}")
    ]
    if 0 < len(written) <= MOST_SHOWN:
        parts.append(indented(plain("\n".join(written))))
    if result.unusable:
        parts.append(heading("Records that became no standard", str(len(result.unusable))))
        parts.append(indented(Group(*_unusable(result))))
    for kind, title in _HEADINGS.items():
        rows = [(what, count) for found, what, count in merged_counts(result) if found is kind]
        if rows:
            table = grid(None, 1)
            for what, count in rows[:MOST_SHOWN]:
                table.add_row(plain(f"{count:,}"), plain(what))
            if len(rows) > MOST_SHOWN:
                table.add_row("", plain(f"and {len(rows) - MOST_SHOWN:,} more; --report FILE writes them all"))
            parts += [heading(title, f"{sum(count for _, count in rows):,}"), indented(table)]
    return Group(*parts)


def _unusable(result: Import) -> Iterator[RenderableType]:
    for record in result.unusable[:MOST_SHOWN]:
        reasons = [note.what for note in record.notes if note.kind is NoteKind.UNUSABLE]
        yield plain(f"{record.name}: {' '.join(reasons[-2:])}")
    if len(result.unusable) > MOST_SHOWN:
        yield plain(f"and {len(result.unusable) - MOST_SHOWN:,} more")
