"""What the look at written accounts says: advice for their author, never a verdict."""

from __future__ import annotations

from dataclasses import dataclass

from ksbtrack.problems import Source


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that an author could write better.

    Attributes:
        check: the name of the check; docs/lint-accounts.md has a heading for each.
        piece: id of the piece.
        source: file and line.
        what: a sentence on what was seen.
        seen: the author's own words there; empty where something is missing.
        why: why that matters to whoever reads the account.
        example: better wording, made up.
        is_accepted: the piece is accepted, so that a change to it would have to be accepted again.
    """

    check: str
    piece: str
    source: Source
    what: str
    seen: str
    why: str
    example: str
    is_accepted: bool


@dataclass(frozen=True, slots=True)
class AccountAdvice:
    """What there is to say about the accounts of a portfolio.

    Attributes:
        pieces: ids of those that were looked at, in the portfolio's order.
        advice: by piece, then by line.
        other_language: ids of those whose account is not in English: only what shows without words was looked at.
    """

    pieces: tuple[str, ...]
    advice: tuple[Advice, ...]
    other_language: tuple[str, ...] = ()
