"""What `ksbtrack sample` shows: each piece with its reason, then what is covered and what is not."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from ksbtrack.models.sampling import Aspect, Part, Sample
from ksbtrack.models.values import in_words
from ksbtrack.problems import several, visible
from ksbtrack.terminal.marks import grid, heading, indented, plain

NAMED = 12
"""Parts of one kind that are named; of more it is said how many."""


def sample_view(sample: Sample) -> Group:
    """Give a sample.

    Args:
        sample: what `draw_sample` returned.
    """
    drawn = f"{len(sample.picks)} of {several(sample.population, 'decision')} on pieces"
    parts: list[RenderableType] = [
        Text.assemble((f"Sample of {drawn}", "bold"), f"  {in_words(sample.on)}, seed {sample.seed}")
    ]
    rows = grid(None, 1)
    for number, pick in enumerate(sample.picks, 1):
        piece = pick.candidate
        said = f"{piece.learner}, {piece.name}: {piece.piece} {piece.title}"
        by = f"{piece.decision} by {piece.assessor or 'nobody on record'}"
        day = f" on {in_words(piece.decided_on)}" if piece.decided_on else ""
        lines = (said, f"{piece.kind.replace('_', ' ')}, {by}{day}", pick.reason, "")
        rows.add_row(plain(str(number)), Text("\n".join(map(visible, lines))))
    parts.append(indented(rows))
    parts.append(heading("Covered", f"{len(sample.covered)} of {len(sample.covered) + len(sample.not_covered)}"))
    parts += [indented(line) for line in _by_aspect(list(sample.covered))]
    if sample.not_covered:
        parts.append(heading("Not covered", _needed(sample)))
        parts += [indented(line) for line in _by_aspect(sample.not_covered)]
    return Group(*parts)


def _needed(sample: Sample) -> str:
    said = f"{several(sample.size, 'piece')} {'is' if sample.size == 1 else 'are'} not enough"
    return said if sample.at_least is None else f"{said}; {sample.at_least} are needed at least"


def _by_aspect(parts: Sequence[Part]) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for aspect in Aspect:
        names = [part.label for part in parts if part.aspect is aspect]
        if names:
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            lines.append(plain(f"{aspect.words}: {', '.join(names[:NAMED])}{more}"))
    return lines
