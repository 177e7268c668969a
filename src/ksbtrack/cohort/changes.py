"""What differs between two runs over a cohort, and why: computed from the verdicts of both, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from ksbtrack.comparison.causes import assumed_words, changed_rules, only_time_words, passed_rules, passed_words
from ksbtrack.models.analysis import Decision, Status
from ksbtrack.models.changes import Cause, ChangeKind, CohortChanges, Difference, LearnerChange, RuleMarks, ShortVerdict
from ksbtrack.models.cohort import LearnerVerdict, PaceStatus
from ksbtrack.models.policy import Policy
from ksbtrack.models.values import in_words, listed, natural_key
from ksbtrack.planning.assumption_meanings import meanings_of
from ksbtrack.problems import several

NAMED = 8
"""Pieces that a sentence names; of more it says how many."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One of two runs.

    Attributes:
        on: the day asked about.
        verdicts: of its learners.
        marks: by what rules; None where the run did not note it.
        without: keys of learners who have no verdict, since something could not be read.
    """

    on: date
    verdicts: Iterable[LearnerVerdict | ShortVerdict]
    marks: RuleMarks | None = None
    without: Collection[str] = ()


def cohort_changes(before: Judged, after: Judged, policy: Policy) -> CohortChanges:
    """Give everything that differs for learners between an earlier run and a later one.

    Args:
        before: the earlier run; its verdicts are gone through once, and kept in short.
        after: the later one; gone through once.
        policy: the rules of the later run, for the dates in them.
    """
    shared: dict[tuple[str, ...], tuple[str, ...]] = {}
    unread_before = frozenset(before.without)
    earlier = {verdict.key: verdict for verdict in _shortened(before.verdicts, shared)}
    found: list[LearnerChange] = []
    same = 0
    for now in _shortened(after.verdicts, shared):
        was = earlier.pop(now.key, None)
        change = (
            _change(was, now, before=before, after=after, policy=policy)
            if was
            else _appeared(now, now.key in unread_before)
        )
        if change is None:
            same += 1
        else:
            found.append(change)
    unread = frozenset(after.without)
    for key, was in earlier.items():
        kind = ChangeKind.LOST if key in unread else ChangeKind.LEFT
        found.append(LearnerChange(kind, key, was.name, was.decision, None))
    order = list(ChangeKind)
    found.sort(key=lambda change: (order.index(change.kind), natural_key(change.key), change.key))
    return CohortChanges(before.on, after.on, tuple(found), same)


def short(verdict: LearnerVerdict, shared: dict[tuple[str, ...], tuple[str, ...]]) -> ShortVerdict:
    """Give what a comparison needs of a verdict.

    Args:
        verdict: the whole.
        shared: lists of names that learners have in common, each kept once.
    """

    def once(names: Iterable[str]) -> tuple[str, ...]:
        return shared.setdefault(kept := tuple(names), kept)

    return ShortVerdict(
        key=verdict.key,
        name=verdict.name,
        standard=verdict.standard,
        decision=verdict.decision,
        start=verdict.start,
        planned_gateway=verdict.planned_gateway,
        gateway=verdict.gateway,
        requirements=once(each.id for each in verdict.requirements),
        titles=once(each.title for each in verdict.requirements),
        required=tuple(each.status for each in verdict.requirements),
        codes=once(verdict.statements),
        shown=tuple(verdict.statements.values()),
        pieces=verdict.pieces,
        counted=verdict.pieces_counting,
        counting=once(verdict.counting),
        fingerprint=verdict.fingerprint,
        assumed=once(verdict.assumed),
        is_late=verdict.is_overdue and verdict.decision is not Decision.READY,
        pace=verdict.pace.status.value,
    )


def _shortened(
    verdicts: Iterable[LearnerVerdict | ShortVerdict], shared: dict[tuple[str, ...], tuple[str, ...]]
) -> Iterator[ShortVerdict]:
    return (verdict if isinstance(verdict, ShortVerdict) else short(verdict, shared) for verdict in verdicts)


def _appeared(now: ShortVerdict, was_unread: bool) -> LearnerChange:
    kind = ChangeKind.FOUND if was_unread else ChangeKind.APPEARED
    return LearnerChange(kind, now.key, now.name, None, now.decision)


def _change(
    was: ShortVerdict, now: ShortVerdict, *, before: Judged, after: Judged, policy: Policy
) -> LearnerChange | None:
    requirements = tuple(_differences(was.requirements, was.required, now.requirements, now.required, now.titles))
    kind = _kind(was, now, bool(requirements))
    if kind is None:
        return None
    statements = tuple(_differences(was.codes, was.shown, now.codes, now.shown))
    causes = dict(_causes(was, now, before, after, policy))
    return LearnerChange(
        kind=kind,
        key=now.key,
        name=now.name,
        before=was.decision,
        after=now.decision,
        causes=tuple(causes),
        details=(*causes.values(), *_in_time(was, now), *_pieces(was, now)),
        requirements=requirements,
        statements=statements,
    )


def _kind(was: ShortVerdict, now: ShortVerdict, has_moved: bool) -> ChangeKind | None:
    if was.decision is not now.decision:
        return ChangeKind.FLIPPED
    if has_moved:
        return ChangeKind.MOVED
    if now.is_late and not was.is_late:
        return ChangeKind.LATE
    return ChangeKind.PACE if was.pace != now.pace else None


def _in_time(was: ShortVerdict, now: ShortVerdict) -> Iterator[str]:
    """Yield what differs against the time that has passed, which decides nothing."""
    if now.is_late and not was.is_late:
        planned = f", {in_words(now.planned_gateway)}, is past" if now.planned_gateway else " is past"
        yield f"Overdue now: the planned gateway{planned}."
    if was.pace != now.pace and was.pace and now.pace:
        yield f"Pace: {PaceStatus(was.pace).words}, now {PaceStatus(now.pace).words}."


def _differences(
    names: tuple[str, ...],
    statuses: tuple[Status, ...],
    names_now: tuple[str, ...],
    statuses_now: tuple[Status, ...],
    titles_now: tuple[str, ...] = (),
) -> Iterator[Difference]:
    """Yield what stands otherwise, in the order of now, then what is not asked for any more."""
    was = dict(zip(names, statuses, strict=True))
    titles = dict(zip(names_now, titles_now, strict=True)) if titles_now else {}
    for name, status in zip(names_now, statuses_now, strict=True):
        if was.get(name) is not status:
            yield Difference(name, was.get(name), status, titles.get(name, ""))
    gone = was.keys() - set(names_now)
    yield from (Difference(name, status, None) for name, status in was.items() if name in gone)


def _causes(
    was: ShortVerdict, now: ShortVerdict, before: Judged, after: Judged, policy: Policy
) -> Iterator[tuple[Cause, str]]:
    """Yield each cause with its sentence, what explains most first."""
    are_known = before.marks is not None and after.marks is not None
    rules = changed_rules(before.marks, after.marks, now.standard) if before.marks and after.marks else []
    is_same = was.fingerprint == now.fingerprint
    is_other_standard = was.standard != now.standard
    is_assumed_otherwise = meanings_of(was.assumed) != meanings_of(now.assumed)
    is_judged_otherwise = bool(rules) and not is_same
    if is_other_standard:
        yield Cause.STANDARD, f"On {now.standard}, before on {was.standard}."
    if is_assumed_otherwise:
        unsure = "what it did and what the rules did" if is_judged_otherwise else "if the records changed too, that"
        unsure = f"{unsure[0].upper()}{unsure[1:]} cannot be told apart."
        yield Cause.ASSUMPTION, f"{assumed_words(was.assumed, now.assumed)} {unsure}"
    if is_judged_otherwise:
        also = (
            "the records changed too, or the day alone did it" if before.on != after.on else "the records changed too"
        )
        yield Cause.RULE_BOOK, f"Judged by {listed(rules)}; if {also}, that cannot be told apart."
    if not (is_same or is_other_standard or is_assumed_otherwise or is_judged_otherwise):
        yield Cause.RECORDS, _records_sentence(was, now, are_known)
    gateways = was.gateway or before.on, now.gateway or after.on
    passed = [passed_words(rule) for rule in passed_rules(policy, (before.on, after.on), gateways)]
    if passed:
        yield Cause.RULE_DATE, " ".join(passed)
    if is_same and not passed and before.on != after.on:
        yield Cause.TIME, only_time_words(before.on, after.on)


def _records_sentence(was: ShortVerdict, now: ShortVerdict, rules_are_known: bool) -> str:
    """Say what shows that the records changed; where the rules of a run are not noted, that they may have."""
    said = ["The records changed." if rules_are_known else "The records or the rules changed."]
    for name, old, new in (
        ("Start", was.start, now.start),
        ("Planned gateway", was.planned_gateway, now.planned_gateway),
        ("Gateway", was.gateway, now.gateway),
    ):
        if old != new:
            said.append(f"{name}: {in_words(old) if old else 'none'}, now {in_words(new) if new else 'none'}.")
    return " ".join(said)


def _pieces(was: ShortVerdict, now: ShortVerdict) -> Iterator[str]:
    """Yield how many pieces count now and did before, and which."""
    if (was.pieces, was.counted) != (now.pieces, now.counted):
        held = (f"{several(state.pieces, 'piece')}, of which {state.counted} count" for state in (was, now))
        yield f"{next(held)}, now {next(held)}."
    before, after = set(was.counting), set(now.counting)
    for words, names in (("Counting now", after - before), ("Not counting any more", before - after)):
        if names:
            yield f"{words}: {_named(sorted(names, key=natural_key))}."


def _named(names: list[str]) -> str:
    return listed(names) if len(names) <= NAMED else f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
