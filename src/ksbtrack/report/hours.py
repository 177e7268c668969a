"""Off-the-job hours and dates: the target, what was logged, what counts, and the breaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ksbtrack.models.analysis import Analysis, RequirementVerdict
from ksbtrack.models.portfolio import LoggedHours
from ksbtrack.models.standard import RequirementRule
from ksbtrack.models.values import in_words
from ksbtrack.report.timecharts import BurnUp
from ksbtrack.report.words import counted, hours_words, sentence
from ksbtrack.rules.durations import hours_needed
from ksbtrack.rules.period import days_of_learning, is_eligible

_RULES = (RequirementRule.MINIMUM_DURATION, RequirementRule.OFF_THE_JOB, RequirementRule.ACTIVE_LEARNING)


@dataclass(frozen=True, slots=True)
class HoursView:
    """What section 7 prints.

    Attributes:
        burn_up: None where there is no log.
        figures: name and value.
        breaks: sentences.
        verdicts: the requirements about time.
    """

    burn_up: BurnUp | None
    figures: tuple[tuple[str, str], ...]
    breaks: tuple[str, ...]
    verdicts: tuple[RequirementVerdict, ...]


def hours_view(analysis: Analysis) -> HoursView:
    """Give the hours and dates of an apprenticeship in words and running totals."""
    case = analysis.case
    rules = {requirement.id: requirement.rule for requirement in case.standard.requirements}
    target = hours_needed(case)
    log = case.portfolio.off_the_job
    burn_up = None
    if log is not None:
        eligible = [row for row in log if is_eligible(case, row)]
        burn_up = BurnUp(_running(list(log)), _running(eligible), target.needed, _breaks(analysis))
    return HoursView(
        burn_up=burn_up,
        figures=_figures(analysis, burn_up, sentence(target.how)),
        breaks=tuple(_break_sentence(start, end) for start, end in _breaks(analysis)),
        verdicts=tuple(verdict for verdict in analysis.requirements if rules.get(verdict.id) in _RULES),
    )


def _running(rows: list[LoggedHours]) -> tuple[tuple[date, Decimal], ...]:
    """Give the running total at the end of each day that has hours, oldest first."""
    totals: dict[date, Decimal] = {}
    total = Decimal(0)
    for row in sorted(rows, key=lambda row: row.date):
        total += row.hours
        totals[row.date] = total
    return tuple(totals.items())


def _breaks(analysis: Analysis) -> tuple[tuple[date, date], ...]:
    """Give each break by its first and last day; one that goes on lasts to the day asked about."""
    return tuple(
        (pause.start, pause.end or max(analysis.case.on, pause.start)) for pause in analysis.case.portfolio.dates.breaks
    )


def _break_sentence(start: date, end: date) -> str:
    return f"Break in learning from {in_words(start)} to {in_words(end)} ({counted((end - start).days + 1, 'day')})."


def _figures(analysis: Analysis, burn_up: BurnUp | None, how: str) -> tuple[tuple[str, str], ...]:
    case = analysis.case
    figures: list[tuple[str, str]] = []
    if burn_up is None:
        figures.append(("Logged", "There is no off-the-job log, so the hours are not known."))
    else:
        logged = burn_up.logged[-1][1] if burn_up.logged else Decimal(0)
        eligible = burn_up.eligible[-1][1] if burn_up.eligible else Decimal(0)
        target = "not known" if burn_up.target is None else f"{hours_words(burn_up.target)} hours"
        figures += [
            ("Target", f"{target}: {how[:1].lower()}{how[1:]}"),
            ("Logged", f"{hours_words(logged)} hours"),
            ("Eligible", f"{hours_words(eligible)} hours"),
            ("Not eligible", f"{hours_words(logged - eligible)} hours{_why_not(analysis, logged - eligible)}"),
        ]
    days = days_of_learning(case, min(case.gateway, case.on))
    figures.append(("Time so far", f"{counted(days, 'day')} of learning, breaks taken out"))
    return tuple(figures)


def _why_not(analysis: Analysis, hours: Decimal) -> str:
    """Give the hours for each reason for which some do not count, as the warning has them; nothing if all count."""
    if not hours:
        return ""
    said = (warning.reason for warning in analysis.warnings if warning.rule == "ineligible_hours")
    parts = (reason.partition(": ")[2].rstrip(".") for reason in said)
    return f": {next(parts, 'outside the practical period, in a break, or after the day asked about')}"
