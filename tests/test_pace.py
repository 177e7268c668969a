"""Pace: statements shown against those of an even pace, over days of learning alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksbtrack.analysis import analyse
from ksbtrack.cohort.pace import ASSESSING_DAYS, latest_safe_day, pace_of
from ksbtrack.models.analysis import Analysis
from ksbtrack.models.case import Case
from ksbtrack.models.cohort import Pace, PaceStatus
from ksbtrack.models.portfolio import Break, Dates
from ksbtrack.rules.period import days_between
from made_up import analysis, lantern_standard, wharf_profile

START = date(2024, 1, 1)
GATEWAY = date(2025, 4, 5)


def asked(on: date, shown: int, of: int = 20, breaks: tuple[Break, ...] = (), planned: date | None = GATEWAY) -> Pace:
    """Give the pace of a learner with so many statements met on a day."""
    made: Analysis = analysis(lantern_standard())
    dates = Dates.model_construct(
        start=START, original_start=None, planned_gateway=planned, gateway=None, breaks=breaks
    )
    case = Case(made.case.standard, made.case.portfolio.model_copy(update={"dates": dates}), made.case.policy, on)
    totals = replace(
        made.totals,
        competencies=of,
        competencies_met=shown,
        competencies_not_met=of - shown,
        competencies_unknown=0,
    )
    return pace_of(replace(made, case=case, totals=totals))


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        (10, PaceStatus.ON_TRACK),
        (9, PaceStatus.ON_TRACK),
        (8, PaceStatus.BEHIND),
        (6, PaceStatus.BEHIND),
        (5, PaceStatus.AT_RISK),
        (0, PaceStatus.AT_RISK),
        (20, PaceStatus.ON_TRACK),
    ],
)
def test_half_of_the_time_half_of_the_statements(shown: int, status: PaceStatus) -> None:
    """Twenty statements in 460 days: after 230 of them an even pace has ten; a tenth of all is two, a quarter five."""
    pace = asked(START + timedelta(days=230), shown)
    assert (pace.expected, pace.days_learnt, pace.days_planned) == (10, 230, 460)
    assert pace.status is status
    assert str(shown) in pace.reason or shown == pace.of


def test_a_break_is_no_time() -> None:
    away = Break(start=START + timedelta(days=100), end=START + timedelta(days=149))
    pace = asked(START + timedelta(days=200), 5, breaks=(away,))
    assert (pace.days_learnt, pace.days_planned) == (150, 410)
    assert pace.expected == 20 * 150 // 410


def test_in_a_break_nothing_moves() -> None:
    away = Break(start=START + timedelta(days=100), end=START + timedelta(days=149))
    first, last = (asked(START + timedelta(days=day), 5, breaks=(away,)) for day in (100, 150))
    assert (first.expected, first.days_learnt) == (last.expected, last.days_learnt)


def test_after_the_latest_safe_day_what_is_missing_is_at_risk() -> None:
    safe = GATEWAY - timedelta(days=ASSESSING_DAYS)
    assert asked(safe, 19).status is PaceStatus.ON_TRACK
    late = asked(safe + timedelta(days=1), 19)
    assert (late.status, late.latest_safe) == (PaceStatus.AT_RISK, safe)
    assert "latest safe day" in late.reason
    assert asked(safe + timedelta(days=1), 20).status is PaceStatus.ON_TRACK


def test_after_the_planned_gateway_what_is_missing_is_at_risk() -> None:
    pace = asked(GATEWAY + timedelta(days=1), 19)
    assert pace.status is PaceStatus.AT_RISK
    assert "is past" in pace.reason


@pytest.mark.parametrize(
    ("on", "planned", "words"),
    [
        (START - timedelta(days=1), GATEWAY, "starts on 1 January 2024"),
        (GATEWAY, None, "No planned gateway"),
    ],
)
def test_without_dates_nobody_can_tell(on: date, planned: date | None, words: str) -> None:
    pace = asked(on, 3, planned=planned)
    assert pace.status is PaceStatus.CANNOT_TELL
    assert words in pace.reason
    assert pace.expected is None


def test_a_role_profile_has_no_gateway() -> None:
    made = analysis(wharf_profile())
    pace = pace_of(analyse(made.case))
    assert (pace.status, pace.latest_safe) == (PaceStatus.CANNOT_TELL, None)


def test_every_status_has_a_word_and_a_colour() -> None:
    assert len({status.words for status in PaceStatus}) == len({status.colour for status in PaceStatus}) == 4


day_pairs = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 60)), max_size=4)


@given(day_pairs, st.integers(1, 500))
def test_days_of_learning_are_those_in_no_break(pairs: list[tuple[int, int]], days: int) -> None:
    listed = []
    begin = 0
    for gap, length in pairs:
        begin += gap + 1
        listed.append((START + timedelta(days=begin), START + timedelta(days=begin + length)))
        begin += length + 1
    breaks = tuple(listed)
    last = START + timedelta(days=days)
    counted = [START + timedelta(days=day) for day in range(days)]
    learnt = sum(not any(first <= day <= end for first, end in breaks) for day in counted)
    assert days_between(START, last, breaks) == learnt
    safe = latest_safe_day(last, START, breaks)
    assert START <= safe <= last
    if learnt > ASSESSING_DAYS:
        assert days_between(safe, last, breaks) == ASSESSING_DAYS
        assert not any(first <= safe - timedelta(days=1) <= end and first <= safe <= end for first, end in breaks)
