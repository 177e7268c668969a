"""What makes a piece count that is there and does not: all that stands in its way, as one step of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import AcceptanceState, Evidence
from ksbtrack.models.standard import RequirementRule
from ksbtrack.models.values import listed
from ksbtrack.rules.competencies import behaviour_not_verified
from ksbtrack.rules.records import confirmations
from ksbtrack.rules.tally import Tally
from ksbtrack.rules.words import ASSESSOR, ended

_MENDS = frozenset(
    {
        Action.ACCEPT_PIECE,
        Action.REWORK_PIECE,
        Action.SIGN_PIECE,
        Action.COMPLETE_WITNESS,
        Action.REPLACE_FILE,
        Action.CORRECT_PLACE,
        Action.CONFIRM_CLAIM,
        Action.REVIEW_CLAIM,
    }
)
"""What mends a piece that is there. One of the wrong time or kind is better replaced by a new one."""
_EDITS = frozenset({Action.COMPLETE_WITNESS, Action.REPLACE_FILE, Action.CORRECT_PLACE, Action.REWORK_PIECE})
"""After these a piece is another one than was accepted and confirmed."""
_ACCEPTS = frozenset({Action.ACCEPT_PIECE, Action.REWORK_PIECE})
_ORDER = (
    Action.REWORK_PIECE,
    Action.REPLACE_FILE,
    Action.COMPLETE_WITNESS,
    Action.SIGN_PIECE,
    Action.CORRECT_PLACE,
    Action.REVIEW_CLAIM,
    Action.ACCEPT_PIECE,
    Action.CONFIRM_CLAIM,
)
"""What is done to a piece before what: an assessor decides on what is complete."""
ConfirmedBy = tuple[str, str]
"""Party, and what it confirms."""


def waiting_pieces(tally: Tally, code: str) -> Iterator[Evidence]:
    """Yield the pieces that claim a statement and do not count for it."""
    for pile in (tally.on_the_way, tally.to_check, tally.not_counting):
        yield from pile.get(code, ())


def mends(tally: Tally, piece: Evidence, code: str) -> tuple[Remedy, ...] | None:
    """Give what makes a piece count for a statement; None where a new piece is better.

    Args:
        tally: the pieces behind each statement.
        piece: one that claims the statement and does not count for it.
        code: the statement.
    """
    faults = [fault for fault in tally.faults_of(piece, code) if not fault.status.holds]
    remedies = [fault.remedy for fault in faults]
    if not all(remedy is not None and remedy.action in _MENDS for remedy in remedies):
        return None
    return tuple(remedy for remedy in remedies if remedy is not None)


def in_order(piece: Evidence, remedies: Iterable[Remedy]) -> tuple[Remedy, ...]:
    """Give the remedies of a piece, each once, in the order in which they are done.

    A piece that is edited after it was accepted has to be accepted again.

    Args:
        piece: what they are done to.
        remedies: for all statements that the piece shall count for.
    """
    unique = {(remedy.action, remedy.subject): remedy for remedy in remedies}
    ordered = sorted(unique.values(), key=lambda remedy: _ORDER.index(remedy.action))
    is_accepted = piece.acceptance.state is AcceptanceState.ACCEPTED and piece.acceptance.fingerprint
    if is_accepted and any(map(_is_edit, ordered)) and not any(found.action in _ACCEPTS for found in ordered):
        place = next((at for at, found in enumerate(ordered) if found.action is Action.CONFIRM_CLAIM), len(ordered))
        ordered.insert(place, _accept_again(piece))
    return tuple(ordered)


def is_edited(remedies: Iterable[Remedy]) -> bool:
    """Say whether remedies make another piece of the one that was accepted and confirmed."""
    return any(map(_is_edit, remedies))


def _is_edit(remedy: Remedy) -> bool:
    # What a witness signs is part of what an assessor sees; the other signatures stand beside it.
    is_witness = remedy.action is Action.SIGN_PIECE and "witness" in remedy.details.get("by", "")
    return remedy.action in _EDITS or is_witness


def _accept_again(piece: Evidence) -> Remedy:
    return Remedy(
        Action.ACCEPT_PIECE,
        piece.id,
        f"Then have {piece.id} accepted again, since it is no longer what was accepted.",
        ASSESSOR,
        Effort.HOURS,
    )


def said_together(piece: Evidence, remedies: tuple[Remedy, ...]) -> str:
    """Give what is done to a piece as sentences."""
    actions = {remedy.action for remedy in remedies}
    if actions == {Action.ACCEPT_PIECE}:
        return f"Have {piece.id} accepted: {ended(piece.title)}" if len(remedies) == 1 else remedies[0].text
    if actions == {Action.CONFIRM_CLAIM}:
        codes = listed(remedy.subject.split(":")[1] for remedy in remedies)
        return f"Have the {'claims' if len(remedies) > 1 else 'claim'} of {piece.id} on {codes} confirmed."
    said = [remedy.text for remedy in remedies if remedy.action is not Action.CONFIRM_CLAIM]
    confirmed = [remedy.subject.split(":")[1] for remedy in remedies if remedy.action is Action.CONFIRM_CLAIM]
    if confirmed:
        what = "claims" if len(confirmed) > 1 else "claim"
        said.append(f"Have its {what} on {listed(confirmed)} confirmed.")
    return " ".join(dict.fromkeys(said))


def to_be_renewed(case: Case, changed: Case, tally: Tally) -> dict[ConfirmedBy, Remedy]:
    """Give the confirmations that hold now and do not after a change, with what renews each.

    Args:
        case: the question.
        changed: the same after the change.
        tally: the pieces behind each statement; none of it is used to say what is confirmed.
    """
    before, after = _unconfirmed(case, tally), _unconfirmed(changed, tally)
    return {who: remedy for who, remedy in after.items() if who not in before}


def _unconfirmed(case: Case, tally: Tally) -> dict[ConfirmedBy, Remedy]:
    found: list[Finding] = list(behaviour_not_verified(case, tally))
    for requirement in case.standard.requirements:
        if requirement.rule is RequirementRule.CONFIRMATIONS and not requirement.desirable:
            found += confirmations(case, requirement)
    return {
        (finding.remedy.details["by"], finding.remedy.details["of"]): finding.remedy
        for finding in found
        if finding.remedy and not finding.status.holds
    }


def edited(case: Case, name: str) -> Case:
    """Give the case in which a piece is another one than it was."""
    evidence = tuple(
        piece.model_copy(update={"fingerprint": "edited"}) if piece.id == name else piece
        for piece in case.portfolio.evidence
    )
    return replace(case, portfolio=case.portfolio.model_copy(update={"evidence": evidence}))
