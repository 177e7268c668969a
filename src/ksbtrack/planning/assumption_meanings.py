"""What assumptions mean however they are spelled, and in one order: two spellings of one thing are no difference."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from ksbtrack.planning.assumption_forms import understood
from ksbtrack.problems import KsbtrackError


@lru_cache(maxsize=1_000)
def meaning_of(words: str) -> str:
    """Give what an assumption is about and says, the same for all its spellings; strange words stand for themselves.

    Args:
        words: such as `accept e12`; an earlier run may have some that nobody understands now.
    """
    said = " ".join(words.split())
    try:
        found = understood(said)
    except KsbtrackError:
        return said.casefold()
    parts = found.says if isinstance(found.says, tuple) else (found.says,)
    return f"{found.about}: {', '.join(_plain(part) for part in parts)}"


def meanings_of(assumed: Iterable[str]) -> frozenset[str]:
    """Give what some assumptions mean, without their order."""
    return frozenset(map(meaning_of, assumed))


def in_one_order(assumed: Iterable[str]) -> tuple[str, ...]:
    """Give assumptions in an order that hangs on what they mean, not on how they were named."""
    return tuple(sorted(assumed, key=lambda words: (meaning_of(words), words)))


def _plain(part: object) -> str:
    return f"{part.normalize():f}" if isinstance(part, Decimal) else str(part or "")
