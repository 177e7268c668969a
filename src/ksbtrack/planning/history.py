"""What grew on which day: statements that became met, and off-the-job hours that count."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from ksbtrack.models.analysis import Analysis
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Confirmation, Evidence, Party
from ksbtrack.models.standard import RequirementRule
from ksbtrack.rules.period import eligible_hours
from ksbtrack.rules.records import is_of_behaviours

Growth = tuple[tuple[date, Decimal], ...]
"""Day and how much came on it, oldest first, each day once."""


def statements_met(analysis: Analysis) -> Growth:
    """Give how many of the statements that are met now became so on each day.

    A statement became met on the day on which the last of the pieces that it needs was accepted, or made where no
    acceptance is recorded. What counts no more is not in it.

    Args:
        analysis: on the day asked about.
    """
    case = analysis.case
    verified = {statement.code for statement in case.standard.verified_by_employer}
    days = []
    for verdict in analysis.competencies:
        if verdict.is_desirable or not verdict.status.holds:
            continue
        if verdict.code in verified:
            days.append(_verified_on(case.portfolio.records.confirmations, case))
        else:
            days.append(_met_on(case, verdict.code, [case.portfolio.by_id[name] for name in verdict.pieces]))
    return _by_day((day, Decimal(1)) for day in days)


def _met_on(case: Case, code: str, pieces: list[Evidence]) -> date:
    """Give the first day on which enough pieces counted, of enough kinds and from enough days."""
    settings = case.settings[code]
    held: list[Evidence] = []
    for piece in sorted(pieces, key=counts_from):
        held.append(piece)
        if (
            len(held) >= (settings.pieces_per_competency or 1)
            and len({one.kind for one in held}) >= (settings.kinds_per_competency or 0)
            and len({one.date for one in held}) >= (settings.days_per_competency or 0)
        ):
            return counts_from(piece)
    # A statement that asks for no piece is met from the first day on.
    return counts_from(held[-1]) if held else case.portfolio.dates.first


def counts_from(piece: Evidence) -> date:
    """Give the day from which a piece counts: that of its acceptance, or of its making where none is recorded."""
    return max(piece.date, piece.acceptance.on or piece.date)


def _verified_on(records: Iterable[Confirmation], case: Case) -> date:
    given = [record.on for record in records if record.by is Party.EMPLOYER and is_of_behaviours(record) and record.on]
    return min((day for day in given if day <= case.last_day), default=case.on)


def hours_logged(case: Case) -> Growth:
    """Give the eligible hours of each day.

    Args:
        case: the question.
    """
    return _by_day((row.date, row.hours) for row in eligible_hours(case))


def asks_for_hours(case: Case) -> bool:
    """Say whether the standard has a requirement about off-the-job hours."""
    return any(requirement.rule is RequirementRule.OFF_THE_JOB for requirement in case.standard.requirements)


def _by_day(rows: Iterable[tuple[date, Decimal]]) -> Growth:
    grown: dict[date, Decimal] = {}
    for day, much in rows:
        grown[day] = grown.get(day, Decimal(0)) + much
    return tuple(sorted(grown.items()))


def running(growth: Growth) -> Growth:
    """Give the running total at the end of each day."""
    totals, total = [], Decimal(0)
    for day, much in growth:
        total += much
        totals.append((day, total))
    return tuple(totals)
