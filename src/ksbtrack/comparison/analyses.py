"""What differs for one learner between two reports, and what made it so: computed from what both reports say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from ksbtrack.comparison.causes import Passed, changed_rules, in_order, passed_rules
from ksbtrack.comparison.requirement_causes import requirement_differences
from ksbtrack.comparison.sides import (
    NO_MARKS,
    Sides,
    assumed_cause,
    differently_assumed,
    of_piece,
    other_standard,
    unexplained,
)
from ksbtrack.models.case import AssumedPart
from ksbtrack.models.changes import AnalysisChanges, Cause, Difference, PieceDifference, Traced, TracedDifference
from ksbtrack.models.policy import Policy
from ksbtrack.models.reported import Reported, ReportedPiece, ReportedStatement
from ksbtrack.models.values import listed
from ksbtrack.rules.words import ended


def analysis_changes(before: Reported, after: Reported, policy: Policy | None = None) -> AnalysisChanges:
    """Give everything that differs between an earlier report on a learner and a later one, with its causes.

    Args:
        before: the earlier report.
        after: the later one, on the same learner.
        policy: the dated rules of the later report, where they are at hand: then the day is named from which another
            value holds.
    """
    sides = Sides(
        before,
        after,
        tuple(_rules(before, after)),
        tuple(_passed(before, after, policy)),
        differently_assumed(before, after),
    )
    pieces = tuple(_pieces(sides))
    by_piece = {piece.id: piece.cause for piece in pieces}
    statements = tuple(_statements(sides, by_piece))
    requirements = tuple(requirement_differences(sides, statements))
    found = chain(
        (cause for one in requirements for cause in one.causes),
        (cause for one in statements for cause in one.causes),
        (piece.cause for piece in pieces),
    )
    return AnalysisChanges(
        before=before.on,
        after=after.on,
        learner=after.learner,
        standard_before=before.standard,
        standard_after=after.standard,
        decision_before=before.decision,
        decision_after=after.decision,
        causes=in_order(found),
        requirements=requirements,
        statements=statements,
        pieces=pieces,
        assumed_before=tuple(found.words for found in before.assumptions),
        assumed_after=tuple(found.words for found in after.assumptions),
        is_assumed_alike=not sides.assumed,
    )


def _rules(before: Reported, after: Reported) -> Iterator[str]:
    if before.standard == after.standard and before.marks and after.marks:
        yield from changed_rules(before.marks.rules, after.marks.rules, after.standard)
    elif before.policy != after.policy:
        yield f"another policy ({' '.join(after.policy)}, before {' '.join(before.policy)})"


def _passed(before: Reported, after: Reported, policy: Policy | None) -> Iterator[Passed]:
    """Yield the rules of which another value holds, where the policy at hand is the one of the later report."""
    if policy is not None and (policy.title, policy.version) == after.policy:
        yield from passed_rules(policy, (before.on, after.on), (before.gateway, after.gateway))


# Pieces


def _pieces(sides: Sides) -> Iterator[PieceDifference]:
    old, new = sides.before.pieces, sides.after.pieces
    for name in dict.fromkeys((*new, *old)):
        was, now = old.get(name), new.get(name)
        counted = [piece.counts_for if piece else () for piece in (was, now)]
        is_same = was and now and was.status is now.status and set(counted[0]) == set(counted[1])
        if not is_same and (shown := now or was):
            yield PieceDifference(
                id=name,
                title=shown.title,
                before=was.status if was else None,
                after=now.status if now else None,
                gained=tuple(code for code in counted[1] if code not in counted[0]),
                lost=tuple(code for code in counted[0] if code not in counted[1]),
                cause=_piece_cause(sides, was, now, shown),
            )


def _piece_cause(sides: Sides, was: ReportedPiece | None, now: ReportedPiece | None, shown: ReportedPiece) -> Traced:
    name = shown.id
    assumed = of_piece(sides, name)
    if was and now and assumed:
        is_same = was.fingerprint == now.fingerprint and was.mark == now.mark
        return assumed_cause(sides, assumed, name, is_same_record=is_same)
    if was is None:
        return Traced(Cause.RECORDS, name, f"{name} is new{_now(now)}")
    if now is None:
        return Traced(Cause.RECORDS, name, f"{name} is not in the portfolio any more.")
    if was.fingerprint != now.fingerprint:
        return Traced(Cause.RECORDS, name, f"{name} was changed: its facts, account, files or claims{_now(now)}")
    if was.mark and now.mark and was.mark != now.mark:
        words = f"{name}: another decision, signature or confirmation is on record{_now(now)}"
        return Traced(Cause.RECORDS, name, words)
    return _untouched_cause(sides, was, now)


def _untouched_cause(sides: Sides, was: ReportedPiece, now: ReportedPiece) -> Traced:
    """Give the cause for a piece on whose own record nothing is known to have changed."""
    name = now.id
    if sides.is_other_standard:
        return Traced(Cause.STANDARD, name, f"{name}, unchanged, is judged by {sides.after.standard}{_now(now)}")
    what_it_did = _what_the_day_did(was, now)
    gateway = [found for found in sides.assumed if found.part is AssumedPart.GATEWAY]
    if gateway and not sides.day_is_enough([what_it_did, *was.reasons]):
        return assumed_cause(sides, gateway, name, is_same_record=True)
    if sides.rules and not (sides.is_later and any(sides.days_between([what_it_did]))):
        also = "; the day is another one too" if sides.is_later else ""
        return Traced(Cause.RULE_BOOK, name, f"{name}, unchanged, is judged by {listed(sides.rules)}{also}{_now(now)}")
    if not was.mark:
        return Traced(Cause.RECORDS, name, f"{name}: its records changed, or the day alone; {NO_MARKS}{_now(now)}")
    if sides.is_later:
        words = f"{name}: nothing on record changed, but the day. {what_it_did}{sides.also_rules}"
        return Traced(Cause.TIME, name, words)
    return Traced(Cause.RECORDS, name, f"{name}: what it counts for hangs on other records{_now(now)}")


def _now(now: ReportedPiece | None) -> str:
    """Give the end of a sentence on a piece: why it does not count now, where it does not."""
    reason = now.reasons[0] if now and now.reasons else ""
    return f". {ended(reason)}" if reason else "."


def _what_the_day_did(was: ReportedPiece, now: ReportedPiece) -> str:
    """Say why a piece that nobody touched does not count now, or why it did not."""
    if now.reasons:
        return ended(now.reasons[0])
    return f"Before: {ended(was.reasons[0])}" if was.reasons else "It counts now."


# Statements


def _statements(sides: Sides, by_piece: Mapping[str, Traced]) -> Iterator[TracedDifference]:
    old, new = sides.before.statements, sides.after.statements
    for code in dict.fromkeys((*new, *old)):
        was, now = old.get(code), new.get(code)
        if was and now and was.status is now.status:
            continue
        difference = Difference(code, was.status if was else None, now.status if now else None)
        yield TracedDifference(difference, in_order(_statement_causes(sides, was, now, by_piece)))


def _statement_causes(
    sides: Sides, was: ReportedStatement | None, now: ReportedStatement | None, by_piece: Mapping[str, Traced]
) -> Iterator[Traced]:
    found = list(_of_wording(sides, was, now))
    if was and now:
        concerned = _concerned(was) ^ _concerned(now)
        found += [by_piece[name] for name in by_piece if name in {piece for piece, _ in concerned}]
    yield from found or [unexplained(sides)]


def _concerned(statement: ReportedStatement) -> set[tuple[str, str]]:
    """Give the pieces of a statement, each with what it is to it."""
    return {(piece, role) for role in ("pieces", "on_the_way", "to_check") for piece in getattr(statement, role)}


def _of_wording(sides: Sides, was: ReportedStatement | None, now: ReportedStatement | None) -> Iterator[Traced]:
    shown = now or was
    code = shown.code if shown else ""
    if sides.is_other_standard:
        yield other_standard(sides)
    if was is None or now is None:
        if not sides.is_other_standard:
            verb = "asks for" if was is None else "does not ask any more for"
            yield Traced(Cause.RULE_BOOK, code, f"{sides.after.standard} {verb} {code}.")
    elif _words(was.text) != _words(now.text):
        cause = Cause.STANDARD if sides.is_other_standard else Cause.RULE_BOOK
        yield Traced(cause, code, f"{code} has other words now.")


def _words(text: str) -> list[str]:
    return text.split()
