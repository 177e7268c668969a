"""What becomes of a single claim when its standard gets another version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ksbtrack.models.comparison import Change, Comparison, Pair
from ksbtrack.models.migration import ClaimMove, Outcome
from ksbtrack.models.portfolio import Claim, ClaimState, Evidence
from ksbtrack.models.standard import Competency, Standard
from ksbtrack.models.values import listed
from ksbtrack.rules.claims import is_of_version


class _Wish(NamedTuple):
    """Where a claim wants to go, before claims that would be alike are looked at."""

    place: int
    claim: Claim
    outcome: Outcome
    targets: tuple[Claim, ...]
    change: Change | None
    reason: str


def claim_moves(piece: Evidence, comparison: Comparison) -> tuple[ClaimMove, ...]:
    """Give what becomes of each claim of a piece on the older version, in the order of the claims.

    Where two claims would become one, that is name the same statement at the same place, the one that holds goes
    first, else the first; the other is kept as an orphan, so that its words are not lost.

    Args:
        piece: with claims that name standard and code as these are declared.
        comparison: of the two versions.
    """
    wishes = [
        _wish(place, claim, comparison)
        for place, claim in enumerate(piece.claims)
        if (known := comparison.old.by_code.get(claim.code)) and known.origin == claim.standard
    ]
    moves: dict[int, ClaimMove] = {}
    taken: set[tuple[str, str, str]] = set()
    for wish in sorted(wishes, key=lambda wish: (wish.outcome is not Outcome.CARRIED, wish.place)):
        free = tuple(target for target in wish.targets if _key(target) not in taken)
        taken |= {_key(target) for target in free}
        outcome, reason = wish.outcome, wish.reason
        if wish.targets and not free:
            outcome = Outcome.ORPHANED
            codes = listed(target.code for target in wish.targets)
            reason = f"Another claim of {piece.id} is on {codes} at the same place already."
        kept = _orphan(wish.claim, comparison) if outcome is Outcome.ORPHANED else None
        moves[wish.place] = ClaimMove(piece.id, wish.place, wish.claim, outcome, free, kept, wish.change, reason)
    return tuple(moves[place] for place in sorted(moves))


def _key(claim: Claim) -> tuple[str, str, str]:
    return claim.standard, claim.code, " ".join((claim.where or "").split())


def _wish(place: int, claim: Claim, comparison: Comparison) -> _Wish:
    old, new = comparison.old, comparison.new
    named = old.by_code[claim.code]
    if not _holds(claim, named, old):
        there = _in_the_new_version(claim, new)
        if there is not None:
            reason = f"Its own marks say that it is about {there.code} of {new.identity}."
            return _Wish(place, claim, Outcome.CARRIED, (_carried(claim, there),), None, reason)
        meant = _with_mark(claim, old)
        if meant is None:
            return _not_about_this_version(place, claim, named, comparison)
        named = meant
    pair = comparison.of_old_code[named.code]
    if not pair.new:
        near = f" Nearest is its {pair.nearest.code}, {pair.nearest.alike} % alike." if pair.nearest else ""
        reason = f"No statement of {new.identity} took the place of {named.code}.{near}"
        return _Wish(place, claim, Outcome.ORPHANED, (), pair.change, reason)
    if pair.is_certain_and_same and len(pair.new) == 1:
        target = _carried(claim, pair.new[0])
        return _Wish(place, claim, Outcome.CARRIED, (target,), pair.change, _same_words(claim, pair))
    targets = tuple(_to_check(claim, named, statement) for statement in _candidates(claim, named, pair))
    return _Wish(place, claim, Outcome.CHECK_AGAIN, targets, pair.change, _why_check(named, pair))


def _holds(claim: Claim, statement: Competency, standard: Standard) -> bool:
    """Say whether a claim is about a statement as it stands, in the manner of `mapped_to_another_version`."""
    if claim.fingerprint:
        return claim.fingerprint == statement.fingerprint
    against = claim.made_against or claim.standard
    return against == statement.origin or is_of_version(standard, statement, against)


def _in_the_new_version(claim: Claim, new: Standard) -> Competency | None:
    """Give the statement of the newer version that a claim's own marks name: by its words, else by that version."""
    same = new.by_code.get(claim.code)
    if claim.fingerprint:
        if same is not None and same.fingerprint == claim.fingerprint:
            return same
        return _with_mark(claim, new)
    is_named = same is not None and claim.made_against and is_of_version(new, same, claim.made_against)
    return same if is_named else None


def _with_mark(claim: Claim, standard: Standard) -> Competency | None:
    """Give the one statement whose words have the mark that a claim records."""
    found = [statement for statement in standard.competencies if statement.fingerprint == claim.fingerprint]
    return found[0] if len(found) == 1 else None


def _not_about_this_version(place: int, claim: Claim, named: Competency, comparison: Comparison) -> _Wish:
    """Give the way of a claim that was to be checked again before: it follows its code, and keeps its marks."""
    pair = comparison.of_old_code[named.code]
    was = f"It was to be checked again already, as made against {claim.made_against or claim.standard}"
    if not pair.new:
        reason = f"{was}; no statement of {comparison.new.identity} took the place of {named.code}."
        return _Wish(place, claim, Outcome.ORPHANED, (), pair.change, reason)
    targets = tuple(
        claim.model_copy(
            update={
                "code": statement.code,
                "standard": statement.origin,
                "made_against": claim.made_against or claim.standard,
            }
        )
        for statement in pair.new
    )
    return _Wish(place, claim, Outcome.CHECK_AGAIN, targets, pair.change, f"{was}.")


def _candidates(claim: Claim, named: Competency, pair: Pair) -> Sequence[Competency]:
    """Give the statements that a claim goes to: all, but for one that was moved to one of them already."""
    there = [statement for statement in pair.new if statement.code == claim.code]
    return there if there and claim.code != named.code else pair.new


def _carried(claim: Claim, statement: Competency) -> Claim:
    """Give a claim that holds for the same words; its version is recorded, unless there is nothing to record."""
    is_bare = not (claim.made_against or claim.fingerprint) and claim.code == statement.code
    marks = {} if is_bare else {"made_against": statement.origin, "fingerprint": statement.fingerprint}
    return claim.model_copy(update={"code": statement.code, "standard": statement.origin, **marks})


def _to_check(claim: Claim, named: Competency, statement: Competency) -> Claim:
    """Give a claim on other words: it names the version and the words that it was made with, so that it is found.

    That an assessor confirmed it was said of the other words.
    """
    mark = claim.fingerprint or named.fingerprint
    return claim.model_copy(
        update={
            "code": statement.code,
            "standard": statement.origin,
            "state": ClaimState.CLAIMED,
            "made_against": claim.made_against or named.origin,
            # Where the words are the same, a mark would say that nothing is to be checked.
            "fingerprint": None if mark == statement.fingerprint else mark,
        }
    )


def _orphan(claim: Claim, comparison: Comparison) -> Claim:
    named = comparison.old.by_code[claim.code]
    return claim.model_copy(
        update={
            "standard": "",
            "made_against": claim.made_against or claim.standard,
            "fingerprint": claim.fingerprint or (None if claim.made_against else named.fingerprint),
            "orphaned_in": comparison.new.identity,
        }
    )


def _same_words(claim: Claim, pair: Pair) -> str:
    code = pair.new[0].code
    return "The same words under the same code." if code == claim.code else f"The same words, which are {code} now."


def _why_check(named: Competency, pair: Pair) -> str:
    return " ".join(_sentences(named, pair))


def _sentences(named: Competency, pair: Pair) -> Iterator[str]:
    codes = listed(statement.code for statement in pair.new)
    if len(pair.new) > 1:
        yield f"{named.code} was split into {codes}."
    elif len(pair.old) > 1:
        yield f"{listed(statement.code for statement in pair.old)} were merged into {codes}."
    elif pair.is_same_text:
        yield f"The same words are {codes} now, a statement of another kind."
    else:
        now = "It has other words now" if codes == named.code else f"It has other words and is {codes} now"
        yield f"{now}, {pair.alike} % alike."
    if pair.is_proposed:
        yield "Nobody has confirmed that it took this place."
