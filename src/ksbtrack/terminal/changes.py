"""What `ksbtrack cohort --since` shows: who flipped and why, then who came and went."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType

from ksbtrack.models.changes import ChangeKind, CohortChanges, LearnerChange
from ksbtrack.models.values import in_words, listed
from ksbtrack.problems import several
from ksbtrack.terminal.marks import heading, indented, plain

SHOWN = 20
"""Learners of one kind of change that are shown; of more it is said how many."""
NAMED = 8
"""Requirements or statements of a learner that are named."""


def changes_view(changes: CohortChanges) -> Group:
    """Give the changes since an earlier run.

    Args:
        changes: what `cohort_changes` returned.
    """
    since = f"Since {in_words(changes.before)}"
    parts: list[RenderableType] = [heading(since, f"{several(changes.same, 'learner')} as before")]
    for kind in ChangeKind:
        found = [change for change in changes.changes if change.kind is kind]
        if found:
            parts.append(heading(kind.words, several(len(found), "learner")))
            parts += _learners(found)
    return Group(*parts)


def _learners(found: Sequence[LearnerChange]) -> list[RenderableType]:
    lines: list[RenderableType] = []
    for change in found[:SHOWN]:
        lines.append(indented(plain(f"{change.key}, {change.name}{_decisions(change)}", "bold")))
        lines += [indented(plain(detail), 4) for detail in change.details]
        lines += [indented(plain(f"{each.words}."), 4) for each in change.requirements[:NAMED]]
        if change.statements:
            codes = [each.name for each in change.statements]
            more = f" and {len(codes) - NAMED} more" if len(codes) > NAMED else ""
            named = ", ".join(codes[:NAMED]) + more if more else listed(codes)
            lines.append(indented(plain(f"Statements that stand otherwise: {named}."), 4))
    if len(found) > SHOWN:
        lines.append(indented(plain(f"and {several(len(found) - SHOWN, 'learner')} more", "dim")))
    return lines


def _decisions(change: LearnerChange) -> str:
    if change.before and change.after and change.before is not change.after:
        return f": {change.before.words}, now {change.after.words}"
    decision = change.after or change.before
    return f": {decision.words}" if decision else ""
