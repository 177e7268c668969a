"""What made a requirement stand otherwise: its statements, a rule's date, what it looked at, or the day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from ksbtrack.comparison.causes import in_order, only_time_words, passed_words
from ksbtrack.comparison.sides import (
    Sides,
    assumed_cause,
    assumes_gateway,
    of_requirement,
    other_standard,
    unexplained,
)
from ksbtrack.models.case import AssumedPart
from ksbtrack.models.changes import Cause, Difference, Traced, TracedDifference
from ksbtrack.models.reported import ReportedRequirement
from ksbtrack.models.values import in_words, listed
from ksbtrack.rules.words import ended

DATES = {
    "start": "start",
    "original_start": "original start",
    "planned_gateway": "planned gateway",
    "gateway": "gateway",
}
"""The learner's dates, as a sentence names them."""


def requirement_differences(sides: Sides, statements: tuple[TracedDifference, ...]) -> Iterator[TracedDifference]:
    """Yield each requirement that stands otherwise with its causes, in the standard's order.

    Args:
        sides: the two reports.
        statements: those that stand otherwise, with theirs.
    """
    old, new = sides.before.requirements, sides.after.requirements
    for name in dict.fromkeys((*new, *old)):
        was, now = old.get(name), new.get(name)
        shown = now or was
        if shown is None or (was and now and was.status is now.status):
            continue
        difference = Difference(name, was.status if was else None, now.status if now else None, shown.title)
        yield TracedDifference(difference, in_order(_requirement_causes(sides, was, now, statements)))


def _requirement_causes(
    sides: Sides,
    was: ReportedRequirement | None,
    now: ReportedRequirement | None,
    statements: tuple[TracedDifference, ...],
) -> Iterator[Traced]:
    if sides.is_other_standard:
        yield other_standard(sides)
        return
    if was is None or now is None:
        verb = "asks for this" if was is None else "does not ask for this any more"
        yield Traced(Cause.RULE_BOOK, sides.after.standard, f"{sides.after.standard} {verb}.")
        return
    found = [cause for one in statements for cause in one.causes] if _adds_up(now) else []
    found += _of_rules(sides, was, now)
    found += _of_inputs(sides, was, now, has_rule=bool(found))
    yield from found or [unexplained(sides, "learner", "hours")]


def _adds_up(requirement: ReportedRequirement) -> bool:
    """Say whether a requirement only adds up the statements: its inputs are how many are met, and of how many."""
    return {"met", "of"} <= requirement.inputs.keys()


def _of_rules(sides: Sides, was: ReportedRequirement, now: ReportedRequirement) -> Iterator[Traced]:
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
        yield Traced(Cause.RULE_DATE, was.id, f"Another rule holds: {ended(now.source)} Before: {ended(was.source)}")


def _of_inputs(sides: Sides, was: ReportedRequirement, now: ReportedRequirement, *, has_rule: bool) -> Iterator[Traced]:
    """Yield what the rule looked at and found otherwise: what is assumed, the record that changed, or the day."""
    if _adds_up(now) and has_rule:
        return
    told = list(_found_otherwise(sides, was, now))
    touched = sides.touched_pieces()
    is_unchanged = sides.is_unchanged("learner", "hours") and not touched
    if assumed := of_requirement(sides, was, now):
        if all(found.part is AssumedPart.GATEWAY for found in assumed):
            besides = _besides_gateway(sides, was, now, told, is_unchanged=is_unchanged)
            if besides and not has_rule:
                yield besides
                return
        cause = assumed_cause(sides, assumed, was.id, is_same_record=is_unchanged)
        yield replace(cause, text=f"{cause.text} {_capital(_joined(told))}".strip())
        return
    if is_unchanged:
        if sides.is_later and not has_rule and _day_tells(sides, was, now, told):
            words = only_time_words(sides.before.on, sides.after.on)
            seen = _capital(_joined([*_reached(sides, was, now), *told]))
            yield Traced(Cause.TIME, "", f"{words} {seen}".strip() + sides.also_rules)
        return
    moved = list(_moved(sides))
    if told or moved:
        yield Traced(Cause.RECORDS, was.id, _capital(_joined([*moved, *told])))
    elif touched:
        yield Traced(Cause.RECORDS, was.id, f"Changed since the earlier report: {listed(touched)}.")


def _besides_gateway(
    sides: Sides, was: ReportedRequirement, now: ReportedRequirement, told: list[str], *, is_unchanged: bool
) -> Traced | None:
    """Give the day or the record that did it, where another gateway is assumed too; None where neither is known to."""
    if is_unchanged:
        same = [value for name, value in now.inputs.items() if was.inputs.get(name) == value]
        if not (now.status.holds and sides.day_is_enough(same, of_gateway=True)):
            return None
        days = f"{in_words(sides.before.on)} and {in_words(sides.after.on)}"
        words = f"Nothing on record changed between {days}; the day is enough for it, without what is assumed."
        seen = _capital(_joined([*_reached(sides, was, now), *told]))
        return Traced(Cause.TIME, "", f"{words} {seen}".strip() + sides.also_rules)
    if told and not sides.is_cut_short:
        words = f"{_capital(_joined(told))} Another gateway is assumed too, which may have a part in it."
        return Traced(Cause.RECORDS, was.id, words)
    return None


def _found_otherwise(sides: Sides, was: ReportedRequirement, now: ReportedRequirement) -> Iterator[str]:
    """Yield each input of another value; one that a side lacks only where no other differs.

    What a rule looks at hangs on what it finds: whoever holds a qualification is not asked for the age.
    """
    names = [
        name
        for name in dict.fromkeys((*now.inputs, *was.inputs))
        if was.inputs.get(name) != now.inputs.get(name) and not _is_the_day(sides, was, now, name)
    ]
    shared = [name for name in names if name in was.inputs and name in now.inputs]
    for name in shared or names:
        before, after = (_day_words(side.inputs.get(name, "")) for side in (was, now))
        yield f"{_input_words(name)}: {before}, now {after}"


def _moved(sides: Sides) -> Iterator[str]:
    """Yield each date of the learner that is another one; not gateway, where a report only assumes it."""
    for key, words in DATES.items():
        if key == "gateway" and any(assumes_gateway(side) for side in (sides.before, sides.after)):
            continue
        before, after = (side.dates.get(key, "") for side in (sides.before, sides.after))
        if before != after:
            yield f"{words} on record: {_day_words(before)}, now {_day_words(after)}"


def _day_tells(sides: Sides, was: ReportedRequirement, now: ReportedRequirement, told: list[str]) -> bool:
    """Say whether the day explains what differs although nothing on record did.

    Where the rules are other ones too, a day that the rule looked at has to have passed; a value that another program
    finds in the same records by the same rules is the day's as well.
    """
    same = (value for name, value in now.inputs.items() if was.inputs.get(name) == value)
    return not sides.rules or any(sides.days_between(same)) or (sides.only_program and bool(told))


def _reached(sides: Sides, was: ReportedRequirement, now: ReportedRequirement) -> Iterator[str]:
    """Yield each day that the rule looked at on both sides, and that came between the two reports."""
    for name, value in now.inputs.items():
        if was.inputs.get(name) == value and _is_day(value) and any(sides.days_between([value])):
            yield f"{_input_words(name)}: {_day_words(value)}"


def _is_the_day(sides: Sides, was: ReportedRequirement, now: ReportedRequirement, name: str) -> bool:
    """Say whether an input is only the day asked about, or the gateway, of each report."""
    values = was.inputs.get(name), now.inputs.get(name)
    days = [(sides.before.on, sides.after.on), (sides.before.gateway, sides.after.gateway)]
    return any(values == (then.isoformat(), later.isoformat()) for then, later in days)


def _input_words(name: str) -> str:
    return name.replace("_", " ")


def _joined(parts: list[str]) -> str:
    return ended("; ".join(parts)) if parts else ""


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
