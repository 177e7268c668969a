"""Moving a portfolio to another version of its standard, as a plan: pure, and nothing is lost by it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ksbtrack.comparison.claims import claim_moves
from ksbtrack.load.pieces import piece_fingerprint
from ksbtrack.models.comparison import Change, Comparison, Pair
from ksbtrack.models.migration import ClaimMove, LogMove, MigrationPlan, Outcome, SignOffMove
from ksbtrack.models.portfolio import Acceptance, Confirmation, Evidence, LoggedHours, Portfolio
from ksbtrack.models.values import MAX_NAME, in_words, listed, natural_key
from ksbtrack.rules.confirmed import confirmation_fingerprint, covered_pieces, is_changed_since
from ksbtrack.rules.records import the_confirmation


def plan_migration(portfolio: Portfolio, comparison: Comparison) -> MigrationPlan:
    """Give everything that moving a portfolio to another version of one of its standards changes.

    Each claim on the older version is carried, to be checked again, or orphaned; each logged code moves too. A sign-off
    on what is the same but for its codes keeps its worth; any other one on what changes is to be given again.

    Args:
        portfolio: as it was loaded; it names the older version.
        comparison: of the older version with the newer one.
    """
    moves = {piece.id: claim_moves(piece, comparison) for piece in portfolio.evidence}
    pieces = tuple(_moved_piece(piece, moves[piece.id]) for piece in portfolio.evidence)
    marks = {
        piece.fingerprint: moved.fingerprint
        for piece, moved in zip(portfolio.evidence, pieces, strict=True)
        if moved.fingerprint != piece.fingerprint and _is_carried(moves[piece.id])
    }
    evidence = tuple(_with_mark(piece, moved, marks) for piece, moved in zip(portfolio.evidence, pieces, strict=True))
    named = {comparison.old.identity: comparison.new.identity}
    after = portfolio.model_copy(
        update={
            "standard": named.get(portfolio.standard, portfolio.standard),
            "also": tuple(named.get(name, name) for name in portfolio.also),
            "option": _option(portfolio, comparison),
            "evidence": evidence,
            "off_the_job": _moved_log(portfolio, comparison),
        }
    )
    given = {
        place: _confirmation_mark(portfolio, after, record, marks, comparison)
        for place, record in enumerate(portfolio.records.confirmations)
    }
    records = tuple(
        record.model_copy(update={"fingerprint": given[place] or record.fingerprint})
        for place, record in enumerate(portfolio.records.confirmations)
    )
    after = after.model_copy(update={"records": portfolio.records.model_copy(update={"confirmations": records})})
    marks |= {
        record.fingerprint: mark
        for place, record in enumerate(portfolio.records.confirmations)
        if record.fingerprint and (mark := given[place])
    }
    every = tuple(move for piece in portfolio.evidence for move in moves[piece.id])
    return MigrationPlan(
        comparison,
        portfolio,
        after,
        every,
        tuple(_log_moves(portfolio, comparison)),
        tuple(_sign_offs(portfolio, after, moves)),
        marks,
        tuple(_notes(portfolio, comparison, every)),
    )


def _option(portfolio: Portfolio, comparison: Comparison) -> str | None:
    """Give the option that the portfolio names afterwards: of its own standard, where that has options."""
    if comparison.old.identity != portfolio.standard:
        return portfolio.option
    option = comparison.new.option
    return option.id if option else None


def _is_carried(moves: Sequence[ClaimMove]) -> bool:
    return all(move.outcome is Outcome.CARRIED for move in moves)


def _moved_piece(piece: Evidence, moves: Sequence[ClaimMove]) -> Evidence:
    """Give a piece with its claims where they go, and the mark that it then has; its acceptance is as before."""
    if not moves:
        return piece
    by_place = {move.place: move for move in moves}
    claims = []
    for place, claim in enumerate(piece.claims):
        move = by_place.get(place)
        claims += [claim] if move is None else list(move.targets[:1])
    claims += [claim for move in moves for claim in move.targets[1:]]
    # In the order of the file, in which an orphan keeps its place among those that were orphans before.
    kept = (*piece.orphaned_claims, *(move.kept for move in moves if move.kept))
    moved = piece.model_copy(update={"claims": tuple(claims), "orphaned_claims": kept})
    return moved.model_copy(update={"fingerprint": piece_fingerprint(moved)})


def _with_mark(piece: Evidence, moved: Evidence, marks: Mapping[str, str]) -> Evidence:
    """Give a moved piece whose acceptance has the new mark, where what was accepted is the same but for its codes."""
    seen = piece.acceptance.fingerprint
    if seen != piece.fingerprint or seen not in marks:
        return moved
    acceptance: Acceptance = moved.acceptance.model_copy(update={"fingerprint": marks[seen]})
    return moved.model_copy(update={"acceptance": acceptance})


def _confirmation_mark(
    before: Portfolio, after: Portfolio, record: Confirmation, marks: Mapping[str, str], comparison: Comparison
) -> str | None:
    """Give the new mark of a confirmation that still says what it said; None where it has none, or does not.

    It was given for what the older version asks for: where the newer one asks for anything else, it is to be given
    again.
    """
    if not record.fingerprint or is_changed_since(before, record):
        return None
    pieces = covered_pieces(before, record.covers)
    now = covered_pieces(after, record.covers)
    are_same = all(
        one.fingerprint == other.fingerprint or one.fingerprint in marks for one, other in zip(pieces, now, strict=True)
    )
    asks_for_the_same = all(pair.is_certain_and_same for pair in comparison.pairs if pair.new)
    mark = confirmation_fingerprint(now)
    return mark if are_same and asks_for_the_same and mark != record.fingerprint else None


def _sign_offs(before: Portfolio, after: Portfolio, moves: Mapping[str, Sequence[ClaimMove]]) -> Iterator[SignOffMove]:
    """Yield what becomes of each sign-off with a mark that held and that the migration touches."""
    for piece, moved in zip(before.evidence, after.evidence, strict=True):
        seen = piece.acceptance.fingerprint
        if seen != piece.fingerprint or moved.fingerprint == piece.fingerprint:
            continue
        holds = moved.acceptance.fingerprint == moved.fingerprint
        changed = [move.claim.code for move in moves[piece.id] if move.outcome is not Outcome.CARRIED]
        reason = (
            f"{piece.id} is still {piece.acceptance.state.value}: only version and codes changed."
            if holds
            else f"{piece.id} is to be looked at again by the assessor, for {listed(dict.fromkeys(changed))}."
        )
        yield SignOffMove(piece.id, holds, reason)
    for record, moved_record in zip(before.records.confirmations, after.records.confirmations, strict=True):
        if not record.fingerprint or is_changed_since(before, record):
            continue
        holds = not is_changed_since(after, moved_record)
        if holds and record.fingerprint == moved_record.fingerprint:
            continue
        name = the_confirmation(record.by, record)
        reason = f"{name} holds: only version and codes changed." if holds else f"{name} is to be given again."
        yield SignOffMove(name, holds, reason[:1].upper() + reason[1:])


def logged_codes(comparison: Comparison, own: str) -> dict[str, tuple[str, ...]]:
    """Give the new codes for each code of the older version as the log has it, where these differ.

    Args:
        comparison: of the two versions.
        own: the identity of the portfolio's own standard before; codes of another one stand with its identity.
    """
    is_bare = comparison.old.identity == own
    found: dict[str, tuple[str, ...]] = {}
    for statement in comparison.old.competencies:
        pair = comparison.of_old_code[statement.code]
        before = statement.code if is_bare else f"{statement.origin}:{statement.code}"
        after = tuple(one.code if is_bare else f"{one.origin}:{one.code}" for one in pair.new)
        if after != (before,):
            found[before] = after
    return found


def _moved_log(portfolio: Portfolio, comparison: Comparison) -> tuple[LoggedHours, ...] | None:
    if portfolio.off_the_job is None:
        return None
    now = logged_codes(comparison, portfolio.standard)
    rows = []
    for row in portfolio.off_the_job:
        gone = [code for code in row.codes if now.get(code) == ()]
        codes = tuple(dict.fromkeys(code for old in row.codes for code in now.get(old, (old,))))
        activity = with_gone(row.activity, gone, comparison.old.identity)
        rows.append(row.model_copy(update={"codes": codes, "activity": activity}) if codes != row.codes else row)
    return tuple(rows)


def with_gone(activity: str, codes: Sequence[str], identity: str) -> str:
    """Give the words of a logged activity with the codes that are gone, so that the row still says what it said.

    Words that would be too long then stay as they are.
    """
    if not codes:
        return activity
    longer = f"{activity} ({', '.join(code.rpartition(':')[2] for code in codes)} of {identity})"
    return longer if len(longer) <= MAX_NAME else activity


def _log_moves(portfolio: Portfolio, comparison: Comparison) -> Iterator[LogMove]:
    rows = Counter(code for row in portfolio.off_the_job or () for code in row.codes)
    for code, new in sorted(
        logged_codes(comparison, portfolio.standard).items(), key=lambda item: natural_key(item[0])
    ):
        if rows[code]:
            yield LogMove(code, new, rows[code])


def _notes(portfolio: Portfolio, comparison: Comparison, moves: Sequence[ClaimMove]) -> Iterator[str]:
    """Yield what a person has to look at besides: words that name codes, claims confirmed for other words."""
    old, new = comparison.old, comparison.new
    moved = {
        statement.code: pair
        for pair in comparison.pairs
        for statement in pair.old
        if pair.change not in (Change.UNCHANGED, Change.REWORDED)
    }
    option = _option(portfolio, comparison)
    if option != portfolio.option:
        before = f"no option of {old.identity}" if portfolio.option is None else f"the option {portfolio.option}"
        after = f"names {option}" if option else f"names none: {new.identity} has no options to choose from"
        yield f"The portfolio named {before}; now it {after}."
    for piece in portfolio.evidence:
        words = " ".join(filter(None, (piece.title, piece.account, *(claim.why for claim in piece.claims))))
        named = dict.fromkeys(
            code for code in re.findall(r"(?<![\w.-])[A-Z]{1,4}[0-9]{1,3}(?:\.[0-9]{1,3})?(?![\w-])", words)
        )
        codes = [code for code in named if code in moved]
        if codes:
            yield (
                f"The words of {piece.id} name {listed(codes)} of {old.identity}, and stay as they are; in "
                f"{new.identity} {'it is' if len(codes) == 1 else 'they are'} {_now(codes, moved)}."
            )
    lost = [
        f"{move.piece}:{move.claim.code}"
        for move in moves
        if move.outcome is Outcome.CHECK_AGAIN and move.claim.state.value == "confirmed"
    ]
    if lost:
        yield f"An assessor had confirmed {listed(lost)} for other words; that is to be confirmed again."
    now = logged_codes(comparison, portfolio.standard)
    for row in portfolio.off_the_job or ():
        gone = [code for code in row.codes if now.get(code) == ()]
        if gone and with_gone(row.activity, gone, old.identity) == row.activity:
            yield (
                f"The entry of {in_words(row.date)} in off-the-job.csv loses {listed(gone)}: its words leave no "
                "room for it. The back-up has it."
            )
    added = sum(pair.change is Change.ADDED for pair in comparison.pairs)
    if added:
        yield f"{new.identity} asks for {added} more: no claim of this portfolio is on what was added."


def _now(codes: Sequence[str], moved: Mapping[str, Pair]) -> str:
    return listed(" and ".join(one.code for one in moved[code].new) or f"gone ({code})" for code in codes)
