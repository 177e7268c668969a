"""The gateway requirement that learning goes on: no long time without any."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.standard import Requirement
from ksbtrack.models.values import in_words
from ksbtrack.rules.durations import LOG, record_facts
from ksbtrack.rules.period import DAYS_IN_WEEK, ONE_DAY, dated_source, days_between, eligible_hours
from ksbtrack.rules.words import PROVIDER, YOU


def active_learning(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Say whether some active learning is logged at least every four weeks of the practical period.

    Breaks in learning do not count as time without learning. Days before the rule began are not looked at.

    Yields:
        Exactly one finding.

    Unit: weeks. Source: `active_learning_weeks` in standards/policy.yaml.
    """
    last = case.last_day
    rule = case.policy.active_learning_weeks.on(last)
    if rule is None or case.portfolio.off_the_job is None:
        yield _unknown(requirement, last, dated_source(rule, "day") if rule else "")
        return
    source = dated_source(rule, "day")
    begin = max(case.portfolio.dates.first, rule.since or date.min)
    days = sorted({row.date for row in eligible_hours(case) if row.date >= begin})
    gaps = list(_gaps(case, [begin, *days, last], rule.value * DAYS_IN_WEEK))
    inputs = {
        "days_with_entries": str(len(days)),
        "gaps": str(len(gaps)),
        "since": begin.isoformat(),
        "until": last.isoformat(),
    }
    if not gaps:
        reason = f"From {in_words(begin)} to {in_words(last)} learning is logged at least every {rule.value} weeks."
        yield Finding("active_learning", requirement.id, Status.MET, reason, inputs, None, source)
        return
    start, end, length = max(gaps, key=lambda gap: gap[2])
    others = f", and there are {len(gaps)} such gaps in all" if len(gaps) > 1 else ""
    reason = (
        f"No learning is logged for {length} days between {in_words(start)} and {in_words(end)}; "
        f"the limit is {rule.value} weeks{others}."
    )
    yield Finding(
        "active_learning", requirement.id, Status.NOT_MET, reason, inputs, _log_learning(requirement, gaps), source
    )


def _unknown(requirement: Requirement, last: date, source: str) -> Finding:
    """Give the finding where there is no log, or no rule that we know; then there is no source either."""
    about, inputs = requirement.id, {"until": last.isoformat()}
    if not source:
        reason = f"No rule about learning in every month is known to us for {in_words(last)}."
        source = "standards/policy.yaml, active_learning_weeks: no value"
        return Finding("active_learning", about, Status.UNKNOWN, reason, inputs, None, source)
    reason = "There is no off-the-job log, so it is not known whether learning went on."
    remedy = record_facts(requirement, [LOG])
    return Finding("active_learning", about, Status.UNKNOWN, reason, {**inputs, "log": "none"}, remedy, source)


def _log_learning(requirement: Requirement, gaps: list[tuple[date, date, int]]) -> Remedy:
    start, end, _ = max(gaps, key=lambda gap: gap[2])
    others = ", and in the other gaps" if len(gaps) > 1 else ""
    return Remedy(
        Action.LOG_LEARNING,
        requirement.id,
        f"Log the learning that took place between {in_words(start)} and {in_words(end)}{others}, or record a break "
        "in learning if there was none.",
        f"{YOU} and {PROVIDER}",
        Effort.HOURS,
        {"gaps": " ".join(f"{gap[0].isoformat()}/{gap[1].isoformat()}" for gap in gaps)},
    )


def _gaps(case: Case, edges: list[date], limit: int) -> Iterator[tuple[date, date, int]]:
    """Yield first day, last day and length of each stretch between two edges that is too long, breaks taken out."""
    for start, end in pairwise(edges):
        if (end - start).days > limit:
            length = days_between(start + ONE_DAY, end + ONE_DAY, case.breaks)
            if length > limit:
                yield start, end, length
