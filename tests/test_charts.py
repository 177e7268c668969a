"""Charts: what they draw, what they say in words, and that no value makes them fail."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from html_pages import Element, read_page
from ksbtrack.models.analysis import Status
from ksbtrack.report.charts import GRID_COLUMNS, GRID_RADIUS, GRID_ROWS, WIDTH, GridRow, StripGroup, bar, grids, strip
from ksbtrack.report.shapes import COLOURS, icon
from ksbtrack.report.shapes import shapes as shapes_at
from ksbtrack.report.timecharts import BurnUp, Landmark, TimelineRow, burn_up, timeline

START, LAST = date(2023, 9, 4), date(2024, 10, 21)
STATUSES = st.sampled_from(list(Status))


def drawn(markup: str) -> Element:
    (chart,) = read_page(markup).all("svg")
    return chart


def title(markup: str) -> str:
    return drawn(markup).all("title")[0].text


def boxes(markup: str) -> list[Element]:
    """Give the frames and cells."""
    return drawn(markup).all("rect")


def shapes(markup: str) -> list[Element]:
    """Give the shapes of statuses, each of which is one outline moved to its place."""
    return [element for element in drawn(markup).all("path") if "transform" in element.attributes]


def ticks(markup: str) -> list[tuple[float, float]]:
    """Give the middles of the discs of pieces that count in a grid, which draws all of them as one outline."""
    outlines = [path.attributes["d"] for path in drawn(markup).all("path") if "fill-rule" in path.attributes]
    starts = [re.findall(r"M([-0-9.]+) ([-0-9.]+)C", outline) for outline in outlines]
    return [(float(x) + GRID_RADIUS, float(y)) for found in starts for x, y in found]


def words(markup: str) -> list[str]:
    return [element.text for element in drawn(markup).all("text")]


def test_the_strip_has_one_cell_a_statement_and_says_them_by_status() -> None:
    groups = [
        StripGroup("Knowledge", "What you know", (("K1", Status.MET), ("K2", Status.NOT_MET), ("K10", Status.MET))),
        StripGroup("Skills", "What you do", (("S1", Status.UNKNOWN),)),
    ]
    chart = strip(groups)
    assert words(chart) == ["Knowledge", "K1", "K2", "K10", "Skills", "S1"]
    assert title(chart) == "What you know: met: K1 and K10; not met: K2. What you do: not known: S1."


@given(st.lists(st.lists(STATUSES, min_size=1, max_size=70), min_size=1, max_size=6))
def test_no_cell_of_the_strip_leaves_the_page_or_covers_another(groups: list[list[Status]]) -> None:
    given_groups = [
        StripGroup("Duties", "Duties", tuple((f"G7.{number}", status) for number, status in enumerate(group)))
        for group in groups
    ]
    cells = [
        tuple(float(cell.attributes[name]) for name in ("x", "y", "width", "height"))
        for cell in boxes(strip(given_groups))
    ]
    assert len(cells) == sum(map(len, groups))
    assert all(x >= 0 and x + width <= WIDTH for x, _, width, _ in cells)
    assert len({(x, y) for x, y, _, _ in cells}) == len(cells)


def test_a_bar_labels_each_part_with_its_number() -> None:
    chart = bar("Observation", {Status.MET: 8, Status.NOT_MET: 3, Status.UNKNOWN: 0}, 11)
    assert words(chart) == ["8", "3"]
    assert title(chart) == "Observation: 8 met, 3 not met"


def test_parts_of_a_bar_are_as_wide_as_their_share() -> None:
    parts = boxes(bar("Observation", {Status.MET: 30, Status.NOT_MET: 10}, 80))
    first, second = (float(part.attributes["width"]) for part in parts)
    assert first == pytest.approx(WIDTH * 30 / 80, abs=3)
    assert second == pytest.approx(WIDTH * 10 / 80, abs=3)


def test_the_grid_counts_what_counts_and_frames_what_hangs_on_one_piece() -> None:
    rows = [
        GridRow("E1 project", {"K1": Status.MET, "K2": Status.MET}),
        GridRow("E2 feedback", {"K1": Status.MET, "K3": Status.PARTLY_MET}),
    ]
    (chart,) = grids(["K1", "K2", "K3"], rows)
    assert words(chart)[-4:] == ["Pieces that count", "2", "1", "0"]
    assert len(boxes(chart)) == 1
    assert title(chart).startswith("E1 project: met: K1 and K2. E2 feedback: met: K1; partly met: K3.")
    assert title(chart).endswith("by statement: K1 2, K2 1 and K3 0.")


@given(st.integers(1, 2 * GRID_COLUMNS + 3), st.integers(1, 3 * GRID_ROWS + 3))
def test_a_large_grid_is_split_and_loses_nothing(columns: int, pieces: int) -> None:
    codes = [f"K{number}" for number in range(columns)]
    rows = [GridRow(f"E{number}", {codes[number % columns]: Status.MET}) for number in range(pieces)]
    charts = grids(codes, rows)
    assert sum(len(ticks(chart)) for chart in charts) == pieces
    labels = [word for chart in charts for word in words(chart) if word.startswith("E")]
    assert sorted(set(labels)) == sorted(f"E{number}" for number in range(pieces))
    assert all(float(drawn(chart).attributes["height"]) < 900 for chart in charts)


def test_each_shape_of_a_grid_stands_in_its_row_and_column() -> None:
    codes = ["K1", "K2", "K3"]
    rows = [GridRow("E1", {"K3": Status.MET}), GridRow("E2", {"K1": Status.MET, "K2": Status.NOT_MET})]
    (chart,) = grids(codes, rows)
    heads = [float(x) for x in re.findall(r"translate\(([0-9.]+) [0-9.]+\) rotate", chart)]
    labels = [float(label.attributes["y"]) for label in drawn(chart).all("text") if label.text.startswith("E")]
    assert len(ticks(chart)) == 2
    for (x, y), (column, row) in zip(ticks(chart), ((2, 0), (0, 1)), strict=True):
        assert abs(x - heads[column]) < 4
        assert abs(y - labels[row]) < 4
    (square,) = re.findall(rf'fill="{COLOURS["not_met"]}" fill-rule="evenodd" d="M([0-9.]+) ([0-9.]+)H', chart)
    assert abs(float(square[0]) + GRID_RADIUS - heads[1]) < 4
    assert abs(float(square[1]) + GRID_RADIUS - labels[1]) < 4


@pytest.mark.parametrize("status", list(Status))
def test_many_shapes_as_one_outline_are_each_the_shape_itself(status: Status) -> None:
    itself = re.findall(r' d="([^"]+)"', shapes_at(status, [(0, 0)], 10))[0]
    assert re.sub(r"[^A-Z]", "", itself) == re.sub(r"[^A-Z]", "", re.findall(r' d="([^"]+)"', icon(status))[0])
    wanted = [
        float(number) for number in re.findall(r"-?[0-9]*\.?[0-9]+", re.findall(r' d="([^"]+)"', icon(status))[0])
    ]
    assert [float(number) for number in re.findall(r"-?[0-9]*\.?[0-9]+", itself)] == wanted
    two = re.findall(r' d="([^"]+)"', shapes_at(status, [(0, 0), (30, 0)], 10))[0]
    assert two.startswith(itself)
    assert len(re.findall("[A-Z]", two)) == 2 * len(re.findall("[A-Z]", itself))


def test_a_piece_that_claims_nothing_is_said_to() -> None:
    (chart,) = grids(["K1", "K2"], [GridRow("E1 project", {})])
    assert "E1 project: none of K1 to K2." in title(chart)


def test_the_timeline_says_each_piece_with_its_day() -> None:
    rows = [TimelineRow("Project", ((date(2024, 1, 9), "E2", Status.NOT_MET), (date(2023, 12, 1), "E1", Status.MET)))]
    chart = timeline(rows, START, LAST, [Landmark(START, "Start")])
    assert title(chart) == (
        "Project: E1 on 1 December 2023, met; E2 on 9 January 2024, not met. Start: 4 September 2023."
    )
    assert words(chart)[-1] == "Project (2)"


@given(st.dates(), st.dates(), st.dates(), st.dates())
def test_no_day_of_the_calendar_leaves_the_chart(first: date, other: date, day: date, mark: date) -> None:
    first, last = sorted((first, other))
    rows = [TimelineRow("Project", ((day, "E1", Status.MET),))]
    markup = timeline(rows, first, last, [Landmark(mark, "As of")])
    chart = drawn(markup)
    assert len(shapes(markup)) == 1
    for element in shapes(markup):
        x = float(re.findall(r"translate\(([-0-9.]+)", element.attributes["transform"])[0])
        assert 0 <= x <= WIDTH
    assert len(chart.all("text")) < 20


def test_words_of_near_landmarks_do_not_touch() -> None:
    marks = [Landmark(LAST - timedelta(days=20), "As of"), Landmark(LAST - timedelta(days=10), "Planned gateway")]
    chart = drawn(timeline([TimelineRow("Project", ())], START, LAST, marks))
    as_of, planned = (element for element in chart.all("text") if element.text in ("As of", "Planned gateway"))
    same_line = as_of.attributes["y"] == planned.attributes["y"]
    apart = float(planned.attributes["x"]) - float(as_of.attributes["x"])
    assert not same_line or (as_of.attributes["text-anchor"] == "end" and apart > 0)


HOURS = BurnUp(
    logged=((date(2023, 9, 11), Decimal(6)), (date(2023, 9, 18), Decimal("13.5"))),
    eligible=((date(2023, 9, 11), Decimal(6)),),
    target=Decimal("327.5"),
    breaks=((date(2024, 2, 5), date(2024, 3, 1)),),
)


def test_the_burn_up_names_its_lines_at_their_ends() -> None:
    chart = burn_up(HOURS, START, LAST, [])
    assert words(chart)[-3:] == ["Eligible 6", "Logged 13.5", "Target 327.5"]
    assert title(chart) == ("Hours: target 327.5, logged 13.5, eligible 6. Break from 5 February 2024 to 1 March 2024.")


def test_an_unknown_target_has_no_line() -> None:
    chart = burn_up(BurnUp((), (), None, ()), START, LAST, [])
    assert words(chart)[-2:] == ["Logged 0", "Eligible 0"]
    assert title(chart).startswith("Hours: target not known, logged 0")


@given(st.decimals(0, 10**14, places=1), st.decimals(0, 10**14, places=1))
def test_any_number_of_hours_fits(logged: Decimal, target: Decimal) -> None:
    chart = drawn(burn_up(BurnUp(((START, logged),), (), target, ()), START, LAST, []))
    ends = [element for element in chart.all("text") if re.match("Target|Logged|Eligible", element.text)]
    levels = sorted(float(element.attributes["y"]) for element in ends)
    assert all(lower - upper >= 12.9 for upper, lower in pairwise(levels))
    assert len(chart.all("text")) < 30
