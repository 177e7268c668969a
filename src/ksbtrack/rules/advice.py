"""What to do for a statement that is not shown: the lightest thing that helps, else a new piece."""

from __future__ import annotations

from collections.abc import Iterable

from ksbtrack.models.analysis import Action, Effort, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Evidence
from ksbtrack.models.values import listed
from ksbtrack.rules.claims import wording_today
from ksbtrack.rules.tally import Pieces, Tally
from ksbtrack.rules.words import ASSESSOR, YOU

_MENDABLE = (
    Action.ACCEPT_PIECE,
    Action.REWORK_PIECE,
    Action.SIGN_PIECE,
    Action.COMPLETE_WITNESS,
    Action.REPLACE_FILE,
    Action.CORRECT_PLACE,
)
"""What mends a piece that is there; a piece of the wrong time or kind is better replaced by a new one."""


def names(pieces: Iterable[Evidence]) -> str:
    """Give the ids of pieces as a sentence lists them."""
    return listed(piece.id for piece in pieces)


def ids(pieces: Iterable[Evidence]) -> str:
    """Give the ids of pieces for the inputs of a finding."""
    return ", ".join(piece.id for piece in pieces) or "none"


def advice(case: Case, tally: Tally, code: str, missing: int) -> Remedy:
    """Give what makes a statement have as many counting pieces as it needs.

    Args:
        case: the question.
        tally: the pieces behind each statement.
        code: the statement.
        missing: how many pieces are missing, at least 1.
    """
    on_the_way = tally.on_the_way.get(code, ())
    if len(tally.to_check.get(code, ())) >= missing:
        return check_again(case, tally, code, missing)
    if len(on_the_way) >= missing:
        return _have_accepted(tally, code, on_the_way[:missing])
    mended = _mend(tally, code) if missing == 1 else None
    return mended or add(code, missing - len(on_the_way), "", on_the_way)


def _mend(tally: Tally, code: str) -> Remedy | None:
    """Give the lightest remedy that alone makes a piece count which claims the statement; None if there is none."""
    remedies = []
    for piece in tally.not_counting.get(code, ()):
        faults = list(tally.faults_of(piece, code))
        if len(faults) == 1 and faults[0].remedy and faults[0].remedy.action in _MENDABLE:
            remedies.append(faults[0].remedy)
    efforts = list(Effort)
    return min(remedies, key=lambda remedy: efforts.index(remedy.effort), default=None)


def add(code: str, count: int, difference: str, waiting: Pieces = (), **details: str) -> Remedy:
    """Give the remedy of adding new pieces.

    Args:
        code: the statement that they show.
        count: how many, at least 1.
        difference: how they differ from those that are there, as the end of "pieces that show K1".
        waiting: pieces that wait for an assessor and are needed as well.
        details: the difference for programs.
    """
    what = f"a piece that shows {code}" if count == 1 else f"{count} pieces that show {code}"
    them = "it" if count == 1 else "them"
    first = f"Have {names(waiting)} accepted, and add" if waiting else "Add"
    if waiting:
        details["waiting"] = " ".join(piece.id for piece in waiting)
    return Remedy(
        Action.ADD_PIECE,
        code,
        f"{first} {what}{difference}, and have {them} accepted.",
        f"{YOU}, then {ASSESSOR}",
        Effort.DAYS,
        {"count": str(count), **details},
    )


def _have_accepted(tally: Tally, code: str, pieces: Pieces) -> Remedy:
    """Give the remedy of having pieces accepted, or their claims confirmed, or both."""
    unconfirmed = [piece for piece in pieces if _waits_for(tally, piece, code, "claim_not_confirmed")]
    unaccepted = [piece for piece in pieces if _waits_for(tally, piece, code, "not_yet_accepted")]
    confirm = " ".join(f"{piece.id}:{code}" for piece in unconfirmed)
    claims = ""
    if unconfirmed:
        claims = f"the {'claim' if len(unconfirmed) == 1 else 'claims'} of {names(unconfirmed)} on {code} confirmed"
    if not unaccepted:
        return Remedy(Action.CONFIRM_CLAIM, confirm, f"Have {claims}.", ASSESSOR, Effort.MINUTES)
    return Remedy(
        Action.ACCEPT_PIECE,
        " ".join(piece.id for piece in unaccepted),
        f"Have {names(unaccepted)} accepted{f', and {claims}' if claims else ''}.",
        ASSESSOR,
        Effort.HOURS,
        {"code": code, "confirm": confirm} if confirm else {"code": code},
    )


def _waits_for(tally: Tally, piece: Evidence, code: str, rule: str) -> bool:
    return any(fault.rule == rule and fault.status is Status.PARTLY_MET for fault in tally.faults_of(piece, code))


def check_again(case: Case, tally: Tally, code: str, count: int | None = None) -> Remedy:
    """Give the remedy of looking again at pieces whose content or whose mapping changed.

    Args:
        case: the question.
        tally: the pieces behind each statement.
        code: the statement.
        count: how many of the pieces to check; None for all.
    """
    pieces = tally.to_check.get(code, ())[:count]
    changed = [piece for piece in pieces if piece.acceptance.fingerprint not in (None, piece.fingerprint)]
    do_they, the_pieces = ("does it", "the piece") if len(pieces) == 1 else ("do they", "the pieces")
    details = wording_today(case.standard.by_code[code])
    if changed:
        details["accepted"] = " ".join(f"{piece.id}={piece.fingerprint}" for piece in changed)
    return Remedy(
        Action.REVIEW_CLAIM,
        " ".join(f"{piece.id}:{code}" for piece in pieces),
        f"Have {names(pieces)} checked again: {do_they} still show {code}? Record the answer in {the_pieces}.",
        f"{YOU}, then {ASSESSOR}",
        Effort.MINUTES,
        details,
    )
