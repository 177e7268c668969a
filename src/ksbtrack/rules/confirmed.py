"""What a confirmation covers, and whether that is still what was seen when it was given."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from ksbtrack.models.portfolio import Confirmation, Evidence, Portfolio
from ksbtrack.models.values import natural_key


def covered_pieces(portfolio: Portfolio, covers: Iterable[str]) -> tuple[Evidence, ...]:
    """Give the pieces of the showcase and those that a confirmation names besides, each once, in natural order.

    Args:
        portfolio: holds the pieces.
        covers: the ids that the confirmation names.
    """
    names = sorted({*portfolio.showcase, *covers}, key=natural_key)
    return tuple(portfolio.by_id[name] for name in names if name in portfolio.by_id)


def confirmation_fingerprint(pieces: Iterable[Evidence]) -> str:
    """Give the mark of several pieces as a person who confirms sees them: 32 hexadecimal digits.

    It changes when one of them is edited, comes in or goes out; not with who accepted them, nor with other pieces.

    Args:
        pieces: what is covered, in any order.
    """
    seen = sorted([piece.id, piece.fingerprint] for piece in pieces)
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:32]


def is_changed_since(portfolio: Portfolio, record: Confirmation) -> bool:
    """Say whether what a confirmation covers is no longer what was seen; of one without a mark nobody can tell."""
    if not record.fingerprint:
        return False
    return record.fingerprint != confirmation_fingerprint(covered_pieces(portfolio, record.covers))
