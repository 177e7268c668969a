"""Gateway requirements about time: minimum duration, off-the-job hours, active learning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_UP, Decimal

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.standard import Requirement
from ksbtrack.models.values import in_words
from ksbtrack.rules.period import (
    DAYS_IN_WEEK,
    Earliest,
    dated_source,
    earliest_gateway,
    eligible_hours,
    is_in_break,
    weeks_of_learning,
)

PROVIDER = "your provider"


def minimum_duration(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Say whether the minimum duration is complete at gateway.

    Part-time starts from 1 August 2023 may end after the full-time minimum once the off-the-job minimum is met.

    Yields:
        Exactly one finding.

    Unit: days or calendar months. Source: `minimum_duration_days` and its neighbours in standards/policy.yaml.
    """
    earliest = earliest_gateway(case)
    at_least, at_most = earliest.at_least, earliest.at_most
    early_end = _early_end(case, earliest)
    if early_end:
        at_least, at_most = early_end
    status = Status.UNKNOWN
    if at_most is not None and case.gateway >= at_most:
        status = Status.MET
    elif at_least is not None and case.gateway < at_least:
        status = Status.NOT_MET
    yield Finding(
        "minimum_duration",
        requirement.id,
        status,
        _duration_reason(case, status, at_least, earliest),
        {
            "start": case.portfolio.dates.first.isoformat(),
            "gateway": case.gateway.isoformat(),
            "minimum": earliest.length,
            "earliest_gateway": at_least.isoformat() if at_least else "unknown",
            "breaks": str(len(case.portfolio.dates.breaks)),
        },
        _duration_remedy(status, requirement, at_least, earliest),
        earliest.source,
    )


def _early_end(case: Case, earliest: Earliest) -> tuple[date | None, date | None] | None:
    """Give the bounds for a part-time learner who may end early; None where the rule does not apply."""
    rule = case.policy.part_time_early_end.on(case.portfolio.dates.first)
    days = case.policy.minimum_duration_days.on(case.portfolio.dates.first)
    weekly = case.portfolio.learner.weekly_hours
    below = case.policy.part_time_below_weekly_hours.on(case.portfolio.dates.first)
    if not (rule and rule.value and days and below and weekly and weekly < below.value) or earliest.at_most is None:
        return None
    breaks = earliest.at_most - case.portfolio.dates.first
    full_time = case.portfolio.dates.first + timedelta(days=days.value)
    for pause in case.portfolio.dates.breaks:
        if pause.start < full_time and pause.end is not None:
            full_time += pause.end - pause.start + timedelta(days=1)
    full_time = min(full_time, earliest.at_most) if breaks else full_time
    hours = hours_needed(case, earliest)
    logged = sum((row.hours for row in eligible_hours(case)), Decimal(0))
    if case.portfolio.off_the_job is None or hours.needed is None:
        return full_time, earliest.at_most
    return (full_time, full_time) if logged >= hours.needed else (earliest.at_least, earliest.at_most)


def _duration_reason(case: Case, status: Status, at_least: date | None, earliest: Earliest) -> str:
    start = in_words(case.portfolio.dates.first)
    if at_least is None:
        return f"The minimum duration is not known: {earliest.doubt}."
    begin = f"From {start} the minimum of {earliest.length} is complete on {in_words(at_least)}"
    breaks = ", breaks in learning added" if case.portfolio.dates.breaks else ""
    if status is Status.UNKNOWN:
        return (
            f"{begin} at the earliest; the exact day is not known: {earliest.doubt or 'the off-the-job hours decide'}."
        )
    ending = "by" if status is Status.MET else "after"
    return f"{begin}{breaks}, {ending} the gateway day {in_words(case.gateway)}."


def _duration_remedy(
    status: Status, requirement: Requirement, at_least: date | None, earliest: Earliest
) -> Remedy | None:
    if status is Status.NOT_MET and at_least is not None:
        return Remedy(
            Action.WAIT_UNTIL,
            requirement.id,
            f"Go through gateway on {in_words(at_least)} or later.",
            PROVIDER,
            Effort.WAIT,
            {"on": at_least.isoformat()},
        )
    if status is Status.UNKNOWN and at_least is not None:
        fact = earliest.fact or "off-the-job.csv"
        return Remedy(
            Action.RECORD_FACT,
            requirement.id,
            f"Record what is missing ({fact}).",
            PROVIDER,
            Effort.MINUTES,
            {"fact": fact},
        )
    return None


@dataclass(frozen=True, slots=True)
class HoursNeeded:
    """The off-the-job minimum of one learner.

    Attributes:
        needed: hours; None where it is not known.
        at_least: hours that are needed in any case; 0 where nothing is known.
        how: how the number comes about, or why it is not known, as a clause.
        fact: the record that would end the doubt.
        source: the dated rule.
    """

    needed: Decimal | None
    at_least: Decimal
    how: str
    fact: str
    source: str


def hours_needed(case: Case, earliest: Earliest | None = None) -> HoursNeeded:
    """Give the off-the-job minimum by the rule of the learner's start date.

    The practical period runs to gateway, and at least as long as the minimum duration asks.

    Unit: hours. Source: the values `off_the_job_...` in standards/policy.yaml.
    """
    first = case.portfolio.dates.first
    policy, learner = case.policy, case.portfolio.learner
    earliest = earliest or earliest_gateway(case)
    end = max(case.gateway, earliest.without_early_end or case.gateway)
    weeks = weeks_of_learning(case, end)
    percent = policy.off_the_job_percent.on(first)
    weekly_rule = policy.off_the_job_weekly_hours.on(first)
    published = policy.off_the_job_published_hours.on(first)
    if percent is not None:
        return _share(case, percent.value, weeks, dated_source(percent, "start"))
    if weekly_rule is not None:
        threshold = policy.off_the_job_full_time_from_weekly_hours.on(first)
        part_time = policy.off_the_job_percent_part_time.on(first)
        if learner.weekly_hours is None:
            source = dated_source(weekly_rule, "start")
            return HoursNeeded(None, Decimal(0), "the weekly hours are not recorded", "learner.weekly_hours", source)
        if threshold and part_time and learner.weekly_hours < threshold.value:
            return _share(case, part_time.value, weeks, dated_source(part_time, "start"))
        how = f"{weekly_rule.value} hours a week for {weeks:.1f} weeks"
        return HoursNeeded(_up(weekly_rule.value * weeks), Decimal(0), how, "", dated_source(weekly_rule, "start"))
    if published is not None and published.value:
        return _published(case, dated_source(published, "start"))
    return HoursNeeded(
        None,
        Decimal(0),
        f"no rule is known to us for a start on {in_words(first)}",
        "",
        "standards/policy.yaml, off_the_job_percent",
    )


def _up(hours: Decimal) -> Decimal:
    return hours.quantize(Decimal("0.1"), rounding=ROUND_UP)


def _share(case: Case, percent: Decimal, weeks: Decimal, source: str) -> HoursNeeded:
    weekly = case.portfolio.learner.weekly_hours
    if weekly is None:
        return HoursNeeded(None, Decimal(0), "the weekly hours are not recorded", "learner.weekly_hours", source)
    how = f"{percent} % of {weekly} hours a week for {weeks:.1f} weeks"
    return HoursNeeded(_up(percent / 100 * weekly * weeks), Decimal(0), how, "", source)


def _published(case: Case, source: str) -> HoursNeeded:
    floor = case.policy.off_the_job_floor_hours.on(case.portfolio.dates.first)
    least = floor.value if floor else Decimal(0)
    hours = case.standard.minimum_hours
    prior = case.portfolio.records.prior_learning_hours or Decimal(0)
    if hours is None:
        how = f"no minimum hours are published for {case.standard.identity}; they are never below {least}"
        return HoursNeeded(None, least, how, "minimum_hours in an overlay file", source)
    how = f"{hours} hours published for {case.standard.identity}"
    if prior:
        how += f", less {prior} hours of prior learning, never below {least}"
    return HoursNeeded(max(hours - prior, least), least, how, "", source)


def off_the_job(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Say whether the eligible off-the-job hours reach the minimum.

    Yields:
        Exactly one finding.

    Unit: hours. Source: the values `off_the_job_...` in standards/policy.yaml.
    """
    wanted = hours_needed(case)
    has_log = case.portfolio.off_the_job is not None
    logged = sum((row.hours for row in eligible_hours(case)), Decimal(0))
    least = wanted.needed if wanted.needed is not None else wanted.at_least
    if not has_log or (wanted.needed is None and logged >= wanted.at_least):
        status = Status.UNKNOWN
    else:
        status = Status.MET if wanted.needed is not None and logged >= wanted.needed else Status.NOT_MET
    if not has_log:
        reason = "There is no off-the-job log, so the hours are not known."
        fact: str = "off-the-job.csv"
    elif status is Status.UNKNOWN:
        reason = f"{logged} eligible hours are logged; the minimum is not known: {wanted.how}."
        fact = wanted.fact
    else:
        reason = f"{logged} of {least} hours are logged and eligible ({wanted.how})."
        fact = ""
    yield Finding(
        "off_the_job",
        requirement.id,
        status,
        reason,
        {
            "eligible_hours": str(logged) if has_log else "unknown",
            "logged_hours": str(case.portfolio.logged_hours) if has_log else "unknown",
            "needed_hours": str(wanted.needed) if wanted.needed is not None else "unknown",
            "counted_from": case.portfolio.dates.first.isoformat(),
            "counted_to": min(case.gateway, case.on).isoformat(),
        },
        _hours_remedy(status, requirement, least - logged, fact),
        wanted.source,
    )


def _hours_remedy(status: Status, requirement: Requirement, short: Decimal, fact: str) -> Remedy | None:
    if status is Status.NOT_MET:
        return Remedy(
            Action.LOG_HOURS,
            requirement.id,
            f"Do and log {short.normalize():f} more hours of off-the-job training.",
            "you and your provider",
            Effort.WEEKS,
            {"hours": str(short)},
        )
    if status is Status.UNKNOWN and fact:
        return Remedy(
            Action.RECORD_FACT,
            requirement.id,
            "Add the off-the-job log (off-the-job.csv)." if fact == "off-the-job.csv" else f"Record {fact}.",
            PROVIDER,
            Effort.MINUTES,
            {"fact": fact},
        )
    return None


def active_learning(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Say whether some active learning is logged at least every four weeks of the practical period.

    Breaks in learning do not count as time without learning. Days before the rule began are not looked at.

    Yields:
        Exactly one finding.

    Unit: weeks. Source: `active_learning_weeks` in standards/policy.yaml.
    """
    last = min(case.gateway, case.on)
    rule = case.policy.active_learning_weeks.on(last)
    if rule is None:
        yield _no_active_learning_rule(requirement, last)
        return
    if case.portfolio.off_the_job is None:
        yield Finding(
            "active_learning",
            requirement.id,
            Status.UNKNOWN,
            "There is no off-the-job log, so it is not known whether learning went on.",
            {"log": "none"},
            _hours_remedy(Status.UNKNOWN, requirement, Decimal(0), "off-the-job.csv"),
            dated_source(rule, "day"),
        )
        return
    limit = rule.value * DAYS_IN_WEEK
    begin = max(case.portfolio.dates.first, rule.since or date.min)
    days = sorted({row.date for row in eligible_hours(case) if row.date >= begin})
    gaps = [gap for gap in _gaps(case, begin, last, days) if gap[2] > limit]
    status = Status.NOT_MET if gaps else Status.MET
    reason = f"Learning is logged at least every {rule.value} weeks since {in_words(begin)}."
    remedy = None
    if gaps:
        start, end, length = max(gaps, key=lambda gap: gap[2])
        others = f" ({len(gaps)} such gaps in all)" if len(gaps) > 1 else ""
        reason = (
            f"No learning is logged for {length} days between {in_words(start)} and {in_words(end)}; the limit is "
            f"{rule.value} weeks{others}."
        )
        remedy = Remedy(
            Action.LOG_LEARNING,
            requirement.id,
            f"Log the learning that took place between {in_words(start)} and {in_words(end)}, or record a break in "
            "learning if there was none.",
            "you and your provider",
            Effort.HOURS,
            {"gaps": " ".join(f"{gap[0].isoformat()}/{gap[1].isoformat()}" for gap in gaps)},
        )
    yield Finding(
        "active_learning",
        requirement.id,
        status,
        reason,
        {
            "entries": str(len(days)),
            "gaps": str(len(gaps)),
            "since": begin.isoformat(),
            "until": last.isoformat(),
        },
        remedy,
        dated_source(rule, "day"),
    )


def _no_active_learning_rule(requirement: Requirement, last: date) -> Finding:
    return Finding(
        "active_learning",
        requirement.id,
        Status.NOT_NEEDED,
        f"The rule of learning in every month is not known to hold on {in_words(last)}.",
        {"until": last.isoformat()},
        None,
        "standards/policy.yaml, active_learning_weeks",
    )


def _gaps(case: Case, begin: date, last: date, days: list[date]) -> Iterator[tuple[date, date, int]]:
    """Yield first day, last day and length in days of each stretch between two entries, breaks taken out."""
    edges = [begin, *days, last]
    for start, end in zip(edges, edges[1:], strict=False):
        length = (end - start).days
        if length > 0:
            away = sum(is_in_break(case, start + timedelta(days=offset)) for offset in range(1, length + 1))
            yield start, end, length - away
