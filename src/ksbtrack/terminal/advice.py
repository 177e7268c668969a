"""What `ksbtrack lint` shows: each piece of advice at its place, with better wording."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from ksbtrack.linting.accounts import ACCOUNT_CHECKS
from ksbtrack.models.advice import AccountAdvice, Advice
from ksbtrack.models.values import listed
from ksbtrack.problems import several, visible
from ksbtrack.terminal.marks import indented, plain

NAMED = 12
"""Pieces that a line names; of more it says how many."""
HEDGE = "Advice by fixed rules that understand no text; it changes no verdict, and you may well know better."


def advice_view(found: AccountAdvice) -> Group:
    """Give the advice in the way of compilers, file and line first, so that an editor leads from each to its place.

    Args:
        found: what `account_advice` returned.
    """
    parts: list[RenderableType] = []
    for advice in found.advice:
        parts += _advice(advice)
    if parts:
        parts.append(plain(""))
    parts.append(plain(summary(found), "bold"))
    if found.other_language:
        parts.append(
            plain(
                "Not in English, so only addresses and numbers of people were looked at: "
                f"{_named(found.other_language)}.",
                "dim",
            )
        )
    if accepted := tuple(dict.fromkeys(advice.piece for advice in found.advice if advice.is_accepted)):
        note = (
            f"Accepted already: {_named(accepted)}. A change would have to be accepted again, so leave what can stay."
        )
        parts.append(plain(note, "dim"))
    if found.advice:
        parts.append(plain(HEDGE, "dim"))
    return Group(*parts)


def summary(found: AccountAdvice) -> str:
    """Give how many accounts were looked at, and what was said how often, as a sentence."""
    counts = {check.name: sum(advice.check == check.name for advice in found.advice) for check in ACCOUNT_CHECKS}
    said = [f"{count} {name}" for name, count in counts.items() if count]
    return f"{several(len(found.pieces), 'account')}: {', '.join(said) if said else 'no advice'}."


def _advice(advice: Advice) -> Iterator[RenderableType]:
    yield Text.assemble(f"{advice.source}: ", ("advice", "cyan"), f": {advice.check}", overflow="fold")
    seen = f' You wrote: "{advice.seen}"' if advice.seen else ""
    yield indented(
        Text.assemble(
            visible(f"{advice.what}{seen}"), "\n", visible(advice.why), "\n", (f"→ {visible(advice.example)}", "dim")
        )
    )


def _named(pieces: tuple[str, ...]) -> str:
    if len(pieces) <= NAMED:
        return listed(pieces)
    return f"{', '.join(pieces[:NAMED])} and {len(pieces) - NAMED} more"
