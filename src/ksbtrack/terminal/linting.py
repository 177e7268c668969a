"""What `ksbtrack standards lint` shows: each remark at its place, then how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.text import Text

from ksbtrack.models.linting import Lint, Remark, Severity
from ksbtrack.problems import several, visible
from ksbtrack.terminal.marks import indented, plain

SPELT_OUT = 3
"""Remarks of one check on one file that are shown one by one; of more the first stands for all."""
NAMED = 12
"""Places, or files, that are named; of more it is said how many."""

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def lint_view(lint: Lint) -> Group:
    """Give the remarks in the way of compilers, file and line first, so that an editor leads from each to its place.

    Args:
        lint: what `lint_standards` returned.
    """
    parts: list[RenderableType] = []
    for _, group in groupby(lint.remarks, key=lambda remark: remark.source.file):
        by_check: dict[tuple[str, str], list[Remark]] = {}
        for remark in group:
            by_check.setdefault((remark.check, remark.standard), []).append(remark)
        for found in by_check.values():
            for remark in found if len(found) <= SPELT_OUT else found[:1]:
                parts += _remark(remark, found)
    if parts:
        parts.append(plain(""))
    parts.append(plain(summary(lint), "bold"))
    if lint.passed_over:
        passed = several(len(lint.passed_over), "file")
        names = _named(lint.passed_over)
        parts.append(plain(f"Passed over, without reference and version: {passed}: {names}.", "dim"))
    return Group(*parts)


def summary(lint: Lint) -> str:
    """Give how many standards were looked at and how many remarks there are, as a sentence."""
    said = [several(count, severity.value) for severity, count in lint.counts.items() if count]
    return f"{several(len(lint.standards), 'standard')}: {', '.join(said) if said else 'no remarks'}."


def _remark(remark: Remark, found: Sequence[Remark]) -> Iterator[RenderableType]:
    yield Text.assemble(
        f"{remark.source}: ", (remark.severity.value, COLOURS[remark.severity]), f": {remark.check}", overflow="fold"
    )
    words = remark.what
    if len(found) > SPELT_OUT:
        names = dict.fromkeys(remark.subject or f"line {remark.source.line}" for remark in found)
        words = f"{len(found)} times, at {_named(list(names))}. The first: {words}"
    yield indented(Text.assemble(visible(words), "\n", (f"→ {visible(remark.fix)}", "dim")))


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED:,} more" if len(names) > NAMED else "")
