"""Where a difference between two judgements comes from, in the same words for one learner and for a cohort."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from ksbtrack.models.changes import Cause, RuleMarks, Traced
from ksbtrack.models.policy import Dated, DatedValue, DecidedBy, Policy
from ksbtrack.models.values import in_words, listed
from ksbtrack.problems import quoted

Passed = tuple[str, DatedValue[object] | None, DatedValue[object] | None]
"""A rule of which another value holds now: its title, the value before, the value now; None is not known."""


_OF_A_RULE: dict[str, Any] = {
    "decided_by": True,
    "values": {"__all__": {"since": True, "until": True, "value": True, "source": True}},
}
"""What of a dated rule decides, or stands as its source in a verdict: not its title, unit and notes."""


def policy_mark(policy: Policy) -> str:
    """Give the mark of what a policy decides: estimates for plans, facts, titles and notes are not in it.

    Args:
        policy: after all layers.
    """
    rules = {name: _OF_A_RULE for name in type(policy).model_fields if isinstance(getattr(policy, name), Dated)}
    deciding = policy.model_dump_json(include={**rules, "sufficiency": True})
    return hashlib.sha256(deciding.encode()).hexdigest()[:32]


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


def in_order(causes: Iterable[Traced]) -> tuple[Traced, ...]:
    """Give causes each once, in the order of what explains most."""
    order = list(Cause)
    return tuple(sorted(dict.fromkeys(causes), key=lambda traced: order.index(traced.cause)))


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


def assumed_words(before: Sequence[str], after: Sequence[str]) -> str:
    """Say what is assumed on two sides.

    Args:
        before: the assumptions of the earlier side, as they were asked.
        after: those of the later one.
    """
    then, since = (listed(map(quoted, words)) if words else "nothing" for words in (before, after))
    return f"Assumed now: {since}; before: {then}."
