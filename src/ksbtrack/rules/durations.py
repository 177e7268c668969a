"""Gateway requirements about time: minimum duration and off-the-job hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_UP, Decimal

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.standard import Requirement
from ksbtrack.models.values import in_words, listed
from ksbtrack.rules.period import (
    DAYS_IN_WEEK,
    Earliest,
    dated_source,
    earliest_gateway,
    eligible_hours,
    open_breaks,
    practical_days,
    weekly_hours,
)
from ksbtrack.rules.words import PROVIDER, YOU, plain

LOG = "off-the-job.csv"


def minimum_duration(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Say whether the minimum duration is complete at gateway.

    Part-time starts from 1 August 2023 may end after the full-time minimum once the off-the-job minimum is met.

    Yields:
        Exactly one finding.

    Unit: days or calendar months. Source: `minimum_duration_days` and its neighbours in standards/policy.yaml.
    """
    earliest, note = _with_early_end(case, earliest_gateway(case))
    at_least, at_most = earliest.at_least, earliest.at_most
    status = Status.UNKNOWN
    if at_most is not None and case.gateway >= at_most:
        status = Status.MET
    elif at_least is not None and case.gateway < at_least:
        status = Status.NOT_MET
    yield Finding(
        "minimum_duration",
        requirement.id,
        status,
        _duration_reason(case, status, earliest) + note,
        {
            "start": case.portfolio.dates.first.isoformat(),
            "gateway": case.gateway.isoformat(),
            "minimum": earliest.length,
            "earliest_gateway": at_least.isoformat() if at_least else "unknown",
            "breaks": str(len(case.breaks)),
        },
        _duration_remedy(status, requirement, earliest),
        earliest.source,
    )


def _with_early_end(case: Case, earliest: Earliest) -> tuple[Earliest, str]:
    """Give the bounds with the early end of a part-time apprenticeship taken into account, and a sentence about it.

    The early end is open once the off-the-job minimum is met and closed while it is not; else it is not known which.
    """
    early = earliest.early
    if early is None or early.at_least is None:
        return earliest, ""
    wanted = hours_needed(case, earliest)
    enough = _has_enough(case, wanted, _logged(case))
    if enough is Status.MET:
        return early, " A part-time apprenticeship may end then, since the off-the-job hours are complete."
    if enough is Status.NOT_MET:
        day = in_words(early.at_least)
        return earliest, f" It may end from {day} on, once the off-the-job hours are complete."
    doubt = "whether it may end early depends on the off-the-job hours"
    facts = dict.fromkeys((*earliest.facts, *([LOG] if case.portfolio.off_the_job is None else wanted.facts)))
    doubts = "; ".join(filter(None, (earliest.doubt, doubt)))
    return replace(earliest, at_least=early.at_least, doubt=doubts, facts=tuple(facts)), ""


def _duration_reason(case: Case, status: Status, earliest: Earliest) -> str:
    if earliest.at_least is None:
        return f"The minimum duration is not known: {earliest.doubt}."
    start, day = in_words(case.portfolio.dates.first), in_words(earliest.at_least)
    breaks = " and breaks in learning" if case.breaks else ""
    begin = f"The minimum of {earliest.length}{breaks} from {start} is complete on {day}"
    # Without a gateway on record the day asked about is taken for one, and nobody should read that a gateway is set.
    gateway = f"{'for' if case.portfolio.dates.gateway else 'were'} gateway on {in_words(case.gateway)}"
    if status is Status.UNKNOWN:
        return f"{begin} at the earliest; the exact day is not known: {earliest.doubt}."
    if status is Status.MET:
        return f"{begin}, in time {gateway}."
    at_best = "" if earliest.at_most == earliest.at_least else " at the earliest"
    return f"{begin}{at_best}, too late {gateway}."


def _duration_remedy(status: Status, requirement: Requirement, earliest: Earliest) -> Remedy | None:
    if status is Status.NOT_MET and earliest.at_least is not None:
        return Remedy(
            Action.WAIT_UNTIL,
            requirement.id,
            f"Go through gateway on {in_words(earliest.at_least)} or later.",
            PROVIDER,
            Effort.WAIT,
            {"on": earliest.at_least.isoformat()},
        )
    return record_facts(requirement, earliest.facts) if status is Status.UNKNOWN else None


_FACT_WORDS = {
    LOG: "the off-the-job log (off-the-job.csv)",
    "learner.weekly_hours": "the weekly hours at the start (learner.weekly_hours)",
    "dates.breaks": "each break in learning with its first and last day (dates.breaks)",
    "minimum_hours": "the hours published for the standard (minimum_hours in an overlay file)",
}


def record_facts(requirement: Requirement, facts: Iterable[str]) -> Remedy | None:
    """Give the remedy of recording facts; None where no record would help.

    Args:
        requirement: what they are needed for.
        facts: keys of portfolio.yaml, files, or keys of the standard.
    """
    wanted = list(dict.fromkeys(facts))
    if not wanted:
        return None
    return Remedy(
        Action.RECORD_FACT,
        requirement.id,
        f"Record {listed(_FACT_WORDS[fact] for fact in wanted)}.",
        PROVIDER,
        Effort.MINUTES,
        {"fact": " ".join(wanted)},
    )


@dataclass(frozen=True, slots=True)
class HoursNeeded:
    """The off-the-job minimum of one learner.

    Attributes:
        at_least: hours that are needed in any case; 0 where nothing is known.
        at_most: hours that are enough in any case; None where none can be said to be.
        how: how the number comes about, or why it is not known, as a clause.
        facts: the records that would end the doubt.
        source: the dated rule.
    """

    at_least: Decimal
    at_most: Decimal | None
    how: str
    facts: tuple[str, ...]
    source: str

    @property
    def needed(self) -> Decimal | None:
        """Give the minimum; None where it is not known."""
        return self.at_least if self.at_least == self.at_most else None


def hours_needed(case: Case, earliest: Earliest | None = None) -> HoursNeeded:
    """Give the off-the-job minimum by the rule of the learner's start date.

    The practical period runs to gateway, and at least as long as the minimum duration asks. Without a gateway on record
    the day asked about is taken for it; a planned one is no more than a plan. A part-time apprentice who ends early
    still needs the hours of the extended period.

    Args:
        case: the question.
        earliest: what `earliest_gateway` gives, if it is known already.

    Unit: hours. Source: the values `off_the_job_...` in standards/policy.yaml.
    """
    first, policy, weekly = case.portfolio.dates.first, case.policy, weekly_hours(case)
    percent = policy.off_the_job_percent.on(first)
    weekly_rule = policy.off_the_job_weekly_hours.on(first)
    published = policy.off_the_job_published_hours.on(first)
    if published is not None and published.value:
        return _published(case, dated_source(published, "start"))
    rule = percent or weekly_rule
    if rule is None:
        how = f"no rule is known to us for a start on {in_words(first)}"
        return HoursNeeded(Decimal(0), None, how, (), "standards/policy.yaml, off_the_job_percent: no value")
    if weekly is None:
        how, facts = "the weekly hours at the start are not recorded", ("learner.weekly_hours", *open_breaks(case))
        return HoursNeeded(Decimal(0), None, how, facts, dated_source(rule, "start"))
    threshold = policy.off_the_job_full_time_from_weekly_hours.on(first)
    if percent is None and threshold and weekly < threshold.value:
        percent = policy.off_the_job_percent_part_time.on(first)
    earliest = earliest or earliest_gateway(case)
    if percent is not None:
        how = f"{plain(percent.value)} % of {plain(weekly)} hours a week"
        return _over_period(case, percent.value * weekly / 100, how, dated_source(percent, "start"), earliest)
    return _over_period(case, rule.value, f"{plain(rule.value)} hours a week", dated_source(rule, "start"), earliest)


def _over_period(case: Case, hours_a_week: Decimal, how: str, source: str, earliest: Earliest) -> HoursNeeded:
    """Give hours a week times the weeks of the practical period, rounded up to a tenth of an hour."""
    days = practical_days(case, earliest)
    at_least, at_most = (
        (hours_a_week * number / DAYS_IN_WEEK).quantize(Decimal("0.1"), rounding=ROUND_UP) for number in days
    )
    weeks = [f"{Decimal(number) / DAYS_IN_WEEK:.1f}" for number in days]
    how = f"{how} for {weeks[1] if weeks[0] == weeks[1] else ' to '.join(weeks)} weeks"
    if not case.portfolio.dates.gateway and days[1] > earliest.days:
        how += f", were gateway on {in_words(case.gateway)}"
    return HoursNeeded(at_least, at_most, how, () if at_least == at_most else open_breaks(case), source)


def _published(case: Case, source: str) -> HoursNeeded:
    floor = case.policy.off_the_job_floor_hours.on(case.portfolio.dates.first)
    least = floor.value if floor else Decimal(0)
    hours = case.standard.minimum_hours
    prior = case.portfolio.records.prior_learning_hours or Decimal(0)
    if hours is None:
        how = f"no minimum hours are known to us for {case.standard.identity}; they are never below {plain(least)}"
        return HoursNeeded(least, None, how, ("minimum_hours",), source)
    how = f"{plain(hours)} hours published for {case.standard.identity}"
    if prior:
        how += f", less {plain(prior)} hours of prior learning, never below {plain(least)}"
    needed = max(hours - prior, least)
    return HoursNeeded(needed, needed, how, (), source)


def _logged(case: Case) -> Decimal:
    return sum((row.hours for row in eligible_hours(case)), Decimal(0))


def _has_enough(case: Case, wanted: HoursNeeded, logged: Decimal) -> Status:
    """Say whether the eligible hours reach the minimum: met, not met or unknown."""
    if case.portfolio.off_the_job is None:
        return Status.UNKNOWN
    if wanted.at_most is not None and logged >= wanted.at_most:
        return Status.MET
    return Status.NOT_MET if logged < wanted.at_least else Status.UNKNOWN


def off_the_job(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Say whether the eligible off-the-job hours reach the minimum.

    Yields:
        Exactly one finding.

    Unit: hours. Source: the values `off_the_job_...` in standards/policy.yaml.
    """
    wanted = hours_needed(case)
    has_log = case.portfolio.off_the_job is not None
    logged = _logged(case)
    status = _has_enough(case, wanted, logged)
    remedy = None
    if not has_log:
        reason = "There is no off-the-job log, so the hours are not known."
        remedy = record_facts(requirement, (LOG, *wanted.facts))
    elif status is Status.UNKNOWN:
        reason = f"{_logged_words(logged)}; how many are needed is not known: {wanted.how}."
        remedy = record_facts(requirement, wanted.facts)
    else:
        least = wanted.at_most if status is Status.MET and wanted.at_most is not None else wanted.at_least
        at_least = "" if wanted.at_most is not None else "at least "
        reason = f"{_logged_words(logged)}; {at_least}{plain(least)} are needed ({wanted.how})."
        remedy = _log_hours(requirement, least - logged) if status is Status.NOT_MET else None
    yield Finding(
        "off_the_job",
        requirement.id,
        status,
        reason,
        {
            "eligible_hours": plain(logged) if has_log else "unknown",
            "logged_hours": plain(case.portfolio.logged_hours) if has_log else "unknown",
            "needed_hours": plain(wanted.needed) if wanted.needed is not None else "unknown",
            "counted_from": case.portfolio.dates.first.isoformat(),
            "counted_to": case.last_day.isoformat(),
        },
        remedy,
        wanted.source,
    )


def _logged_words(hours: Decimal) -> str:
    return "1 eligible hour is logged" if hours == 1 else f"{plain(hours)} eligible hours are logged"


def _log_hours(requirement: Requirement, short: Decimal) -> Remedy:
    more = "1 more hour" if short == 1 else f"{plain(short)} more hours"
    return Remedy(
        Action.LOG_HOURS,
        requirement.id,
        f"Do and log {more} of off-the-job training.",
        f"{YOU} and {PROVIDER}",
        Effort.WEEKS,
        {"hours": str(short)},
    )
