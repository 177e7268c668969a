"""What differs for one learner between two reports, and what made it so: computed from what both reports say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain

from ksbtrack.comparison.causes import Passed, changed_rules, only_time_words, passed_rules, passed_words
from ksbtrack.models.changes import (
    AnalysisChanges,
    Cause,
    Difference,
    PieceDifference,
    Traced,
    TracedDifference,
)
from ksbtrack.models.policy import Policy
from ksbtrack.models.reported import Reported, ReportedPiece, ReportedRequirement, ReportedStatement
from ksbtrack.models.values import in_words, listed

DATES = {
    "start": "start",
    "original_start": "original start",
    "planned_gateway": "planned gateway",
    "gateway": "gateway",
}
"""The learner's dates, as a sentence names them."""
NO_MARKS = "the earlier report keeps no marks that would tell"


@dataclass(frozen=True, slots=True)
class _Sides:
    """Two reports, with what holds for every difference between them."""

    before: Reported
    after: Reported
    rules: tuple[str, ...]
    passed: tuple[Passed, ...]

    @property
    def is_other_standard(self) -> bool:
        return self.before.standard != self.after.standard

    @property
    def is_later(self) -> bool:
        return self.before.on != self.after.on

    def is_unchanged(self, *parts: str) -> bool:
        """Say whether both reports have marks, and those of some records are the same."""
        old, new = self.before.marks, self.after.marks
        return bool(old and new) and all(getattr(old, part) == getattr(new, part) for part in parts)


def analysis_changes(before: Reported, after: Reported, policy: Policy | None = None) -> AnalysisChanges:
    """Give everything that differs between an earlier report on a learner and a later one, with its causes.

    Args:
        before: the earlier report.
        after: the later one, on the same learner.
        policy: the dated rules of the later report, where they are at hand: then the day is named from which another
            value holds.
    """
    sides = _Sides(before, after, tuple(_rules(before, after)), tuple(_passed(before, after, policy)))
    pieces = tuple(_pieces(sides))
    by_piece = {piece.id: piece.cause for piece in pieces}
    statements = tuple(_statements(sides, by_piece))
    requirements = tuple(_requirements(sides, statements))
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
        causes=_in_order(found),
        requirements=requirements,
        statements=statements,
        pieces=pieces,
        assumed_before=before.assumptions,
        assumed_after=after.assumptions,
    )


def _in_order(causes: Iterable[Traced]) -> tuple[Traced, ...]:
    """Give causes each once, in the order of what explains most."""
    order = list(Cause)
    return tuple(sorted(dict.fromkeys(causes), key=lambda traced: order.index(traced.cause)))


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


def _pieces(sides: _Sides) -> Iterator[PieceDifference]:
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


def _piece_cause(sides: _Sides, was: ReportedPiece | None, now: ReportedPiece | None, shown: ReportedPiece) -> Traced:
    name = shown.id
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


def _untouched_cause(sides: _Sides, was: ReportedPiece, now: ReportedPiece) -> Traced:
    """Give the cause for a piece on whose own record nothing is known to have changed."""
    name = now.id
    if sides.is_other_standard:
        return Traced(Cause.STANDARD, name, f"{name}, unchanged, is judged by {sides.after.standard}{_now(now)}")
    if sides.rules:
        also = "; the day is another one too" if sides.is_later else ""
        return Traced(Cause.RULE_BOOK, name, f"{name}, unchanged, is judged by {listed(sides.rules)}{also}{_now(now)}")
    if not was.mark:
        return Traced(Cause.RECORDS, name, f"{name}: its records changed, or the day alone; {NO_MARKS}{_now(now)}")
    if sides.is_later:
        return Traced(
            Cause.TIME, name, f"{name}: nothing on record changed, but the day. {_what_the_day_did(was, now)}"
        )
    return Traced(Cause.RECORDS, name, f"{name}: what it counts for hangs on other records{_now(now)}")


def _now(now: ReportedPiece | None) -> str:
    """Give the end of a sentence on a piece: why it does not count now, where it does not."""
    reason = now.reasons[0] if now and now.reasons else ""
    return f". {_ended(reason)}" if reason else "."


def _what_the_day_did(was: ReportedPiece, now: ReportedPiece) -> str:
    """Say why a piece that nobody touched does not count now, or why it did not."""
    if now.reasons:
        return _ended(now.reasons[0])
    return f"Before: {_ended(was.reasons[0])}" if was.reasons else "It counts now."


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


# Statements


def _statements(sides: _Sides, by_piece: Mapping[str, Traced]) -> Iterator[TracedDifference]:
    old, new = sides.before.statements, sides.after.statements
    for code in dict.fromkeys((*new, *old)):
        was, now = old.get(code), new.get(code)
        if was and now and was.status is now.status:
            continue
        difference = Difference(code, was.status if was else None, now.status if now else None)
        yield TracedDifference(difference, _in_order(_statement_causes(sides, was, now, by_piece)))


def _statement_causes(
    sides: _Sides, was: ReportedStatement | None, now: ReportedStatement | None, by_piece: Mapping[str, Traced]
) -> Iterator[Traced]:
    found = list(_of_wording(sides, was, now))
    if was and now:
        concerned = _concerned(was) ^ _concerned(now)
        found += [by_piece[name] for name in by_piece if name in {piece for piece, _ in concerned}]
    yield from found or [_unexplained(sides)]


def _concerned(statement: ReportedStatement) -> set[tuple[str, str]]:
    """Give the pieces of a statement, each with what it is to it."""
    return {(piece, role) for role in ("pieces", "on_the_way", "to_check") for piece in getattr(statement, role)}


def _of_wording(sides: _Sides, was: ReportedStatement | None, now: ReportedStatement | None) -> Iterator[Traced]:
    shown = now or was
    code = shown.code if shown else ""
    if sides.is_other_standard:
        yield _other_standard(sides)
    if was is None or now is None:
        if not sides.is_other_standard:
            verb = "asks for" if was is None else "does not ask any more for"
            yield Traced(Cause.RULE_BOOK, code, f"{sides.after.standard} {verb} {code}.")
    elif _words(was.text) != _words(now.text):
        cause = Cause.STANDARD if sides.is_other_standard else Cause.RULE_BOOK
        yield Traced(cause, code, f"{code} has other words now.")


def _words(text: str) -> list[str]:
    return text.split()


def _other_standard(sides: _Sides) -> Traced:
    return Traced(
        Cause.STANDARD, sides.after.standard, f"On {sides.after.standard}, before on {sides.before.standard}."
    )


def _unexplained(sides: _Sides, *parts: str) -> Traced:
    """Give the cause of what neither a piece nor a wording explains.

    Args:
        sides: the two reports.
        parts: the records that it could hang on; those of the learner, if none is named.
    """
    if sides.rules:
        words = f"Judged by {listed(sides.rules)}; if the records changed too, that cannot be told apart."
        return Traced(Cause.RULE_BOOK, sides.after.standard, words)
    if sides.is_later and sides.is_unchanged(*(parts or ("learner",))):
        return Traced(Cause.TIME, "", only_time_words(sides.before.on, sides.after.on))
    if sides.before.marks and sides.after.marks:
        return Traced(Cause.RECORDS, "", "The records changed.")
    return Traced(Cause.RECORDS, "", f"The records or the rules changed, or the day alone: {NO_MARKS}.")


# Requirements


def _requirements(sides: _Sides, statements: tuple[TracedDifference, ...]) -> Iterator[TracedDifference]:
    old, new = sides.before.requirements, sides.after.requirements
    for name in dict.fromkeys((*new, *old)):
        was, now = old.get(name), new.get(name)
        shown = now or was
        if shown is None or (was and now and was.status is now.status):
            continue
        difference = Difference(name, was.status if was else None, now.status if now else None, shown.title)
        yield TracedDifference(difference, _in_order(_requirement_causes(sides, was, now, statements)))


def _requirement_causes(
    sides: _Sides,
    was: ReportedRequirement | None,
    now: ReportedRequirement | None,
    statements: tuple[TracedDifference, ...],
) -> Iterator[Traced]:
    if sides.is_other_standard:
        yield _other_standard(sides)
        return
    if was is None or now is None:
        verb = "asks for this" if was is None else "does not ask for this any more"
        yield Traced(Cause.RULE_BOOK, sides.after.standard, f"{sides.after.standard} {verb}.")
        return
    found = [cause for one in statements for cause in one.causes] if _adds_up(now) else []
    found += _of_rules(sides, was, now)
    found += _of_inputs(sides, was, now, has_rule=bool(found))
    yield from found or [_unexplained(sides, "learner", "hours")]


def _adds_up(requirement: ReportedRequirement) -> bool:
    """Say whether a requirement only adds up the statements: its inputs are how many are met, and of how many."""
    return {"met", "of"} <= requirement.inputs.keys()


def _of_rules(sides: _Sides, was: ReportedRequirement, now: ReportedRequirement) -> Iterator[Traced]:
    """Yield the rules of which another value holds now, where the requirement rests on that value."""
    found = False
    for passed in sides.passed:
        sources = {value.source for value in passed[1:] if value}
        if any(source in one.source for source in sources for one in (was, now)):
            found = True
            yield Traced(Cause.RULE_DATE, passed[0], passed_words(passed))
    until = was.inputs.get("dispensation_until", "")
    if until and until < sides.after.gateway.isoformat() and now.inputs.get("dispensation_until") != until:
        yield Traced(Cause.RULE_DATE, was.id, f"A dispensation ended on {_day_words(until)}.")
    elif not found and was.source != now.source and not sides.rules:
        yield Traced(Cause.RULE_DATE, was.id, f"Another rule holds: {_ended(now.source)} Before: {_ended(was.source)}")


def _of_inputs(
    sides: _Sides, was: ReportedRequirement, now: ReportedRequirement, *, has_rule: bool
) -> Iterator[Traced]:
    """Yield what the rule looked at and found otherwise: the record that changed, or what the day made of it."""
    told = [
        f"{_input_words(name)}: {_day_words(was.inputs.get(name, ''))}, now {_day_words(now.inputs.get(name, ''))}"
        for name in dict.fromkeys((*now.inputs, *was.inputs))
        if was.inputs.get(name) != now.inputs.get(name) and not _is_the_day(sides, was, now, name)
    ]
    dates = [{key: side.dates.get(key, "") for key in DATES} for side in (sides.before, sides.after)]
    moved = [
        f"{words} on record: {_day_words(dates[0][key])}, now {_day_words(dates[1][key])}"
        for key, words in DATES.items()
        if dates[0][key] != dates[1][key]
    ]
    if _adds_up(now) and has_rule:
        return
    if sides.is_unchanged("learner", "hours") and not _touched_pieces(sides):
        if sides.is_later and not sides.rules and not has_rule:
            words = only_time_words(sides.before.on, sides.after.on)
            yield Traced(Cause.TIME, "", f"{words} {_capital(_joined([*_reached(sides, was, now), *told]))}".strip())
        return
    if told or moved:
        yield Traced(Cause.RECORDS, was.id, _capital(_joined([*moved, *told])))
    elif touched := _touched_pieces(sides):
        yield Traced(Cause.RECORDS, was.id, f"Changed since the earlier report: {listed(touched)}.")


def _reached(sides: _Sides, was: ReportedRequirement, now: ReportedRequirement) -> Iterator[str]:
    """Yield each day that the rule looked at on both sides, and that came between the two reports."""
    then, later = sides.before.on.isoformat(), sides.after.on.isoformat()
    for name, value in now.inputs.items():
        if was.inputs.get(name) == value and _is_day(value) and then < value <= later:
            yield f"{_input_words(name)}: {_day_words(value)}"


def _touched_pieces(sides: _Sides) -> list[str]:
    """Give the pieces of which anything on record changed, or that are on one side only."""
    old, new = sides.before.pieces, sides.after.pieces
    marks = [{name: (piece.fingerprint, piece.mark) for name, piece in side.items()} for side in (old, new)]
    return [name for name in dict.fromkeys((*new, *old)) if marks[0].get(name) != marks[1].get(name)]


def _is_the_day(sides: _Sides, was: ReportedRequirement, now: ReportedRequirement, name: str) -> bool:
    """Say whether an input is only the day asked about, or the gateway, of each report."""
    values = was.inputs.get(name), now.inputs.get(name)
    days = [(sides.before.on, sides.after.on), (sides.before.gateway, sides.after.gateway)]
    return any(values == (then.isoformat(), later.isoformat()) for then, later in days)


def _input_words(name: str) -> str:
    return name.replace("_", " ")


def _joined(parts: list[str]) -> str:
    return _ended("; ".join(parts)) if parts else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _day_words(text: str) -> str:
    if not text:
        return "none"
    return in_words(date.fromisoformat(text)) if _is_day(text) else text


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
