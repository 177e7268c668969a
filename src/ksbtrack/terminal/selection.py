"""Which pieces were chosen, and why, as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from ksbtrack.models.values import listed
from ksbtrack.problems import several
from ksbtrack.submission.selection import Selection


def selection_lines(selection: Selection) -> list[str]:
    """Give which pieces were chosen and why, what can be left out, and what one piece alone carries.

    Args:
        selection: whether or not a choice was found.
    """
    return list(_lines(selection))


def _lines(selection: Selection) -> Iterator[str]:
    chosen = listed(selection.pieces) if selection.fits else "none"
    yield f"Chosen: {chosen}. {selection.reason}"
    if selection.fits and not selection.is_first:
        yield "Another choice of as many pieces may come before it in the order of ids; that was not found out."
    if selection.stopping and not selection.is_proved:
        yield "Perhaps fewer statements would stop it; that was not found out."
    if selection.redundant:
        yield f"Can be left out, one at a time: {listed(selection.redundant)}."
    if selection.not_needed:
        yield f"Could be shown, but not needed: {listed(selection.not_needed)}."
    if selection.only_carriers:
        carried = listed(f"{code} ({piece})" for code, piece in selection.only_carriers.items())
        yield f"Carried by one piece alone: {carried}."
    if selection.kept_out:
        yield f"{several(len(selection.kept_out), 'piece')} cannot be shown:"
    for reason in selection.kept_out.values():
        yield f"  {reason}"
