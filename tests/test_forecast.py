"""The forecast: the learner's own pace, its range, when it says nothing, and how fast it is."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from case_text import Plain, case_from
from drawn_cases import told_cases
from ksbtrack.analysis import analyse
from ksbtrack.load import load_case
from ksbtrack.models.case import Case
from ksbtrack.models.forecast import Forecast
from ksbtrack.models.portfolio import Break, LoggedHours
from ksbtrack.planning.assumptions import assuming
from ksbtrack.planning.forecasts import forecast, week_ends
from ksbtrack.planning.safe_days import days_before
from ksbtrack.report.forecast import forecast_figures, forecast_view
from ksbtrack.report.html import render_html
from ksbtrack.rules.period import days_between

TYPICAL = Path(__file__).resolve().parent.parent / "docs" / "examples" / "typical"
ON = date(2026, 3, 13)


def typical(on: date = ON) -> Case:
    return load_case(TYPICAL, on)


def with_dates(case: Case, **changes: object) -> Case:
    dates = case.portfolio.dates.model_copy(update=changes)
    return dataclasses.replace(case, portfolio=case.portfolio.model_copy(update={"dates": dates}))


def with_log(case: Case, rows: list[tuple[date, str]]) -> Case:
    log = tuple(LoggedHours(date=day, hours=Decimal(hours), activity="Training") for day, hours in rows)
    return dataclasses.replace(case, portfolio=case.portfolio.model_copy(update={"off_the_job": log}))


def made(case: Case) -> Forecast:
    return forecast(analyse(case))


def test_expected_and_actual_of_the_typical_example() -> None:
    found = made(typical())
    assert found.target == date(2026, 3, 27)
    assert (found.statements.actual, found.statements.wanted) == (Decimal(21), Decimal(27))
    # 375 of 389 days have passed: 27 statements at an even pace.
    assert found.statements.expected == Decimal("26.0")
    assert found.statements.history[-1][1] == 21
    assert found.hours is not None
    assert (found.hours.actual, found.hours.wanted) == (Decimal("194.5"), Decimal("333.5"))


def test_the_range_is_in_order_and_ends_where_nine_of_ten_futures_have_all() -> None:
    found = made(typical()).statements
    assert found.early and found.middle and found.late
    assert ON < found.early <= found.middle <= found.late
    assert found.ahead[0].day == ON
    assert found.ahead[-1].day == found.late
    for one in found.ahead:
        assert found.actual <= one.low <= one.middle <= one.high <= found.wanted  # type: ignore[operator]
    assert found.ahead[-1].low == found.wanted
    first_full = next(one.day for one in found.ahead if one.high == found.wanted)
    assert first_full == found.early


def test_a_steady_pace_has_a_narrow_range_where_the_pace_leads() -> None:
    """Six hours every week: what is missing is there after as many weeks, in every future."""
    case = with_dates(typical(), gateway=date(2026, 12, 18), planned_gateway=None)
    weeks = days_between(case.portfolio.dates.first, case.on + timedelta(days=1), case.breaks) // 7
    case = with_log(case, [(case.on - timedelta(days=7 * back), "6") for back in range(weeks)])
    hours = made(case).hours
    assert hours is not None and hours.wanted is not None
    more = ceil((hours.wanted - hours.actual) / 6)
    assert (hours.early, hours.late) == (case.on + timedelta(days=7 * more),) * 2


def test_the_same_case_has_the_same_forecast() -> None:
    assert made(typical()) == made(typical())


def test_breaks_to_come_do_not_count() -> None:
    case = typical()
    pause = Break(start=ON + timedelta(days=8), end=ON + timedelta(days=37))
    later = made(with_dates(case, breaks=(pause,))).statements
    now = made(case).statements
    assert now.early and later.early
    # The break begins after one week: each day after that is thirty days later.
    assert later.early - now.early == timedelta(days=30)
    ends = week_ends(with_dates(case, breaks=(pause,)))
    assert ends[1] == ON + timedelta(days=7)
    assert ends[2] == ON + timedelta(days=44)


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (
            typical(date(2025, 4, 20)),
            "There are fewer than three days on which a statement became met: too little to tell a pace.",
        ),
        (
            with_dates(typical(), breaks=(Break(start=date(2026, 3, 1)),)),
            "The break in learning since 1 March 2026 has no end yet.",
        ),
        (with_dates(typical(), gateway=date(2026, 3, 12)), "Gateway on 12 March 2026 is past."),
    ],
    ids=["few points", "open break", "past gateway"],
)
def test_it_says_nothing_where_nothing_can_be_said(case: Case, why: str) -> None:
    found = made(case).statements
    assert found.why_not == why
    assert (found.early, found.middle, found.late, found.ahead) == (None, None, None, ())
    assert dict(forecast_figures(made(case), found))["All may be there"] == f"Cannot be told. {why}"


def test_two_points_are_too_few_and_three_are_enough() -> None:
    days = [(ON - timedelta(days=7 * back), "6") for back in range(3)]
    fewer, enough = (made(with_log(typical(), days[:count])).hours for count in (2, 3))
    assert fewer is not None and enough is not None
    assert fewer.why_not and not enough.why_not


def test_hours_that_are_asked_for_grow_with_the_day_of_gateway() -> None:
    found = made(typical())
    assert found.hours is not None
    assert found.hours.early is None
    assert found.hours.ahead[0].wanted < found.hours.ahead[-1].wanted
    words = dict(forecast_figures(found, found.hours))
    assert words["All may be there"] == (
        "Not at this pace: even in one of ten futures later than three years of learning."
    )
    assert words["Asked for"].startswith("333.5 for the gateway day, and more for each week after it: ")


def test_assumed_hours_take_the_place_of_the_own_pace() -> None:
    found = made(assuming(typical(), ["hours +9/week"]))
    assert found.hours is not None
    assert found.hours.early == found.hours.late is not None
    assert found.statements == made(typical()).statements
    assert dict(forecast_figures(found, found.hours))["Assumed pace"] == "9 a week from now on"


@pytest.mark.parametrize("rows", [[], [(ON - timedelta(days=3), "6")]], ids=["no day", "one day"])
def test_assumed_hours_need_no_pace_of_the_past(rows: list[tuple[date, str]]) -> None:
    case = with_log(typical(date(2025, 3, 5) if not rows else ON), rows)
    alone = made(case).hours
    assert alone is not None
    assert "fewer than three" in alone.why_not
    found = made(assuming(case, ["hours +30/week"]))
    assert found.hours is not None
    assert found.hours.why_not == ""
    assert found.hours.early == found.hours.late is not None
    assert "Hours" in render_html(analyse(found.case))


def test_assumed_hours_are_not_foreseen_where_no_week_of_learning_comes() -> None:
    case = with_dates(typical(), gateway=date(2026, 3, 12))
    found = made(assuming(case, ["hours +9/week"])).hours
    assert found is not None
    assert found.why_not == "Gateway on 12 March 2026 is past."


def test_a_chart_has_its_range_and_says_it_in_words() -> None:
    from ksbtrack.report.timecharts import climb

    part = forecast_view(analyse(typical())).parts[0]
    assert part.climb is not None
    drawn = climb(part.climb, part.last, [])
    assert "Statements: 21 of 27 on 13 March 2026. By 25 September 2026 between 27 and 27." in drawn
    assert drawn.count("<path") >= 4


def test_latest_safe_days_leave_out_breaks() -> None:
    target = date(2026, 6, 26)
    pause = ((date(2026, 6, 1), date(2026, 6, 20)),)
    assert days_before(target, 5, ()) == date(2026, 6, 21)
    assert days_before(target, 5, pause) == date(2026, 6, 21)
    assert days_before(target, 6, pause) == date(2026, 5, 31)
    for days in range(40):
        assert days_between(days_before(target, days, pause), target, pause) == days


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(told_cases())
def test_every_forecast_is_in_order(plain: Plain) -> None:
    found = made(case_from(plain))
    for progress in filter(None, (found.statements, found.hours)):
        told = [day for day in (progress.early, progress.middle, progress.late) if day]
        assert told == sorted(told)
        assert all(day > found.case.on for day in told)
        assert not (progress.why_not and told)
        assert [day for day, _ in progress.history] == sorted({day for day, _ in progress.history})
        assert forecast_figures(found, progress)


def test_the_even_pace_of_a_chart_stands_still_in_a_break_and_is_its_own_figure() -> None:
    from ksbtrack.report.timecharts import even_pace

    away = Break(start=date(2025, 6, 2), end=date(2025, 9, 28))
    case = with_dates(typical(), breaks=(away,), planned_gateway=date(2026, 7, 31))
    part = forecast_view(analyse(case)).parts[0]
    assert part.climb is not None
    corners = even_pace(part.climb)
    first, begin, back, last = corners
    assert [day for day, _ in corners] == [
        date(2025, 3, 3),
        date(2025, 6, 2),
        date(2025, 9, 29),
        date(2026, 7, 31),
    ]
    assert begin[1] == back[1]
    assert (first[1], last[1]) == (Decimal(0), Decimal(27))
    share = Decimal((ON - back[0]).days) / (last[0] - back[0]).days
    drawn = back[1] + (last[1] - back[1]) * share
    assert f"{drawn:.1f}" == "17.5"
    assert dict(part.figures)["An even pace would have"] == "17.5, for gateway on 31 July 2026"
    assert even_pace(dataclasses.replace(part.climb, target=None)) == ()


def test_the_words_below_a_chart_say_what_the_grey_bands_are() -> None:
    page = render_html(analyse(typical()))
    assert "an even pace to gateway (dotted), which stands still in breaks in learning (grey bands)" in page
