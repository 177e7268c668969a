"""Where a difference between two judgements comes from, in the same words for one learner and for a cohort."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ksbtrack.models.changes import RuleMarks
from ksbtrack.models.policy import Dated, DatedValue, DecidedBy, Policy
from ksbtrack.models.values import in_words

Passed = tuple[str, DatedValue[object] | None, DatedValue[object] | None]
"""A rule of which another value holds now: its title, the value before, the value now; None is not known."""


def changed_rules(before: RuleMarks, after: RuleMarks, standard: str) -> list[str]:
    """Give what differs between the rules of two judgements, as nouns.

    Args:
        before: the rules of the earlier one.
        after: those of the later one.
        standard: by which both were made, such as `ST0148@1.0`.
    """
    old, new = before.standards.get(standard), after.standards.get(standard)
    found = [f"other words of {standard}"] if old and new and old != new else []
    found += ["another policy"] if before.policy != after.policy else []
    return found + ([f"version {after.program} of ksbtrack"] if before.program != after.program else [])


def passed_rules(policy: Policy, days: tuple[date, date], gateways: tuple[date, date]) -> Iterator[Passed]:
    """Yield each rule of which another value holds by the days that decide.

    Args:
        policy: the dated rules.
        days: asked about, then and now.
        gateways: that decide, then and now.
    """
    deciding = {DecidedBy.DAY: days, DecidedBy.GATEWAY: gateways}
    for name in type(policy).model_fields:
        rule = getattr(policy, name)
        if isinstance(rule, Dated) and rule.decided_by in deciding:
            held, holds = (rule.on(day) for day in deciding[rule.decided_by])
            if held is not holds:
                yield rule.title, held, holds


def passed_words(passed: Passed) -> str:
    """Say that another value of a rule holds, and since when."""
    title, _, holds = passed
    since = f" since {in_words(holds.since)}" if holds and holds.since else ""
    return f"{title}: another value holds{since}."


def only_time_words(before: date, after: date) -> str:
    """Say that the day is all that differs."""
    return f"Nothing changed between {in_words(before)} and {in_words(after)} but the day."
