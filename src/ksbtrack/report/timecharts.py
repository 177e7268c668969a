"""Charts along the calendar, as inline SVG: the evidence timeline and the off-the-job burn-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from markupsafe import Markup

from ksbtrack.models.analysis import Status
from ksbtrack.models.forecast import Ahead
from ksbtrack.models.values import in_words
from ksbtrack.report.charts import WIDTH
from ksbtrack.report.shapes import COLOURS, box, line, number, shape, svg, text
from ksbtrack.report.words import hours_words
from ksbtrack.rules.period import ONE_DAY, days_between

MOST_STEPS = 6
"""Lines of the hours' scale; more would hide the curves."""
MONTHS_OF_A_YEAR = 12
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 600, 1_200, 6_000, 24_000)
"""Months between two labels of a calendar; the last one is enough for all the years that a date can have."""
MOST_TICKS = 9
"""Labels along a calendar axis; more would touch each other."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The days that a chart spans, and the pixels they are drawn on."""

    first: date
    last: date
    left: float
    right: float

    def x(self, day: date) -> float:
        """Give the place of a day; one outside the axis stands at its end."""
        span = max((self.last - self.first).days, 1)
        share = (day - self.first).days / span
        return self.left + (self.right - self.left) * min(max(share, 0.0), 1.0)

    def has(self, day: date) -> bool:
        """Say whether the axis spans a day."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Landmark:
    """A day that matters on every calendar chart, such as the day asked about."""

    day: date
    words: str


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """The pieces of one kind: their day, id and what they are worth."""

    kind: str
    marks: tuple[tuple[date, str, Status], ...]


@dataclass(frozen=True, slots=True)
class BurnUp:
    """Off-the-job hours over time, as running totals.

    Attributes:
        logged: day and all hours logged by then, oldest first.
        eligible: the same for the hours that count.
        target: the hours asked for; None where the rule book we have does not say.
        breaks: first and last day of each break in learning.
    """

    logged: tuple[tuple[date, Decimal], ...]
    eligible: tuple[tuple[date, Decimal], ...]
    target: Decimal | None
    breaks: tuple[tuple[date, date], ...]


@dataclass(frozen=True, slots=True)
class Climb:
    """Something that grows until it is enough, as it was and as it may go on.

    Attributes:
        unit: what is counted, in the plural.
        history: day and running total, oldest first.
        on: the day asked about.
        actual: the total on that day.
        wanted: the total that is enough.
        first: the first day of learning.
        target: the day by which it should be enough; None where that is not known.
        ahead: the range to come.
        breaks: first and last day of each break in learning.
    """

    unit: str
    history: tuple[tuple[date, Decimal], ...]
    on: date
    actual: Decimal
    wanted: Decimal
    first: date
    target: date | None
    ahead: tuple[Ahead, ...]
    breaks: tuple[tuple[date, date], ...]


def timeline(rows: Sequence[TimelineRow], first: date, last: date, landmarks: Sequence[Landmark]) -> Markup:
    """Draw each piece on its day, one row a kind.

    Args:
        rows: kinds with their pieces.
        first: first day of the axis; a piece outside is drawn at its end, and the title gives its real date.
        last: last day of the axis.
        landmarks: days drawn as lines.
    """
    row_height, top = 17, 28
    bottom = top + row_height * len(rows)
    axis = Axis(first, last, 150, WIDTH - 10)
    parts = _calendar(axis, top, bottom) + _landmarks(axis, landmarks, top, bottom)
    for place, row in enumerate(rows):
        y = top + row_height * (place + 0.5)
        parts.append(text((0, y + 4), f"{row.kind} ({len(row.marks)})"))
        seen: dict[int, int] = {}
        for day, _, status in sorted(row.marks):
            x = axis.x(day)
            crowd = seen.get(round(x / 6), 0)
            seen[round(x / 6)] = crowd + 1
            parts.append(shape(status, x, y + (0, -5, 5)[crowd % 3], 4.6))
    return svg(WIDTH, bottom + 18, _timeline_title(rows, landmarks), parts)


def _timeline_title(rows: Sequence[TimelineRow], landmarks: Sequence[Landmark]) -> str:
    said = [
        f"{row.kind.capitalize()}: "
        + "; ".join(f"{name} on {in_words(day)}, {status.words.lower()}" for day, name, status in sorted(row.marks))
        + "."
        for row in rows
    ]
    return " ".join(said + [f"{mark.words}: {in_words(mark.day)}." for mark in landmarks])


def _calendar(axis: Axis, top: float, bottom: float) -> list[Markup]:
    """Draw the base line with a label at the first of some months."""
    first = axis.first.year * MONTHS_OF_A_YEAR + axis.first.month - 1
    last = axis.last.year * MONTHS_OF_A_YEAR + axis.last.month - 1
    step = next(step for step in MONTH_STEPS if last - first <= MOST_TICKS * step)
    parts = [line((axis.left, bottom), (axis.right, bottom), colour="muted")]
    for place in range(first - first % step, last + 1, step):
        year, month = divmod(place, MONTHS_OF_A_YEAR)
        day = date(max(year, 1), month + 1, 1)
        if axis.has(day):
            x = axis.x(day)
            words = f"{in_words(day).split()[1][:3]} {year}" if step < MONTHS_OF_A_YEAR else str(year)
            parts.append(line((x, top), (x, bottom)))
            parts.append(text((x, bottom + 14), words, anchor="middle", colour="muted", size=9.5))
    return parts


def _landmarks(axis: Axis, landmarks: Sequence[Landmark], top: float, bottom: float) -> list[Markup]:
    """Draw the lines with their words above; where two lines are near, one's words go to its left.

    If that leaves no room either, the words of the later line stand a line higher.
    """
    parts: list[Markup] = []
    marks = sorted((mark for mark in landmarks if axis.has(mark.day)), key=lambda mark: mark.day)
    places = [axis.x(mark.day) for mark in marks]
    for place, (mark, x) in enumerate(zip(marks, places, strict=True)):
        width = 5.4 * len(mark.words) + 8
        right = places[place + 1] if place + 1 < len(marks) else WIDTH
        left = places[place - 1] if place else 0
        anchor, start = ("start", x + 4) if right - x > width else ("end", x - 4)
        level = top - 4 if anchor == "start" or x - left > width else top - 15
        parts.append(line((x, level - 8), (x, bottom), colour="accent", width=1.2, dash="4 3"))
        parts.append(text((start, level), mark.words, anchor=anchor, colour="accent", size=9.5))
    return parts


def burn_up(hours: BurnUp, first: date, last: date, landmarks: Sequence[Landmark]) -> Markup:
    """Draw logged and eligible hours as they grew, against the target.

    Args:
        hours: running totals.
        first: first day of the axis.
        last: last day of the axis.
        landmarks: days drawn as lines.
    """
    top, bottom = 28, 172
    axis = Axis(first, last, 40, WIDTH - 110)
    totals = [total for _, total in hours.logged] + [hours.target or Decimal(0), Decimal(1)]
    step = _hour_step(max(totals))
    highest = step * (int(max(totals) / step) + 1)

    def y(total: Decimal) -> float:
        return bottom - (bottom - top) * float(total / highest)

    parts = [
        box((axis.x(start), top), (max(axis.x(end) - axis.x(start), 1), bottom - top), fill="unknown-tint")
        for start, end in hours.breaks
    ]
    for mark in range(0, highest + 1, step):
        parts.append(line((axis.left, y(Decimal(mark))), (axis.right, y(Decimal(mark)))))
        label = text((axis.left - 5, y(Decimal(mark)) + 4), f"{mark:,}", anchor="end", colour="muted", size=9.5)
        parts.append(label)
    parts += _calendar(axis, bottom, bottom) + _landmarks(axis, landmarks, top, bottom)
    ends: list[tuple[float, str]] = []
    if hours.target is not None:
        level = y(hours.target)
        parts.append(line((axis.left, level), (axis.right, level), colour="ink", width=1.6, dash="7 4"))
        ends.append((level, f"Target {hours_words(hours.target)}"))
    looks = (("Logged", hours.logged, "muted", 1.4, "3 3"), ("Eligible", hours.eligible, "accent", 2.6, ""))
    for name, curve, colour, width, dash in looks:
        parts.append(_curve([(axis.x(day), y(total)) for day, total in curve], colour, width, dash))
        total = curve[-1][1] if curve else Decimal(0)
        ends.append((y(total), f"{name} {hours_words(total)}"))
    parts += _end_labels(ends, axis.right + 6, bottom)
    return svg(WIDTH, bottom + 18, _burn_up_title(hours, landmarks), parts)


def climb(made: Climb, last: date, landmarks: Sequence[Landmark]) -> Markup:
    """Draw what grew, an even pace to the target, and the range in which it may go on.

    Args:
        made: what grows.
        last: last day of the axis.
        landmarks: days drawn as lines.
    """
    top, bottom = 28, 150
    axis = Axis(made.first, last, 40, WIDTH - 110)
    most = max([made.wanted, made.actual, *(max(one.high, one.wanted) for one in made.ahead), Decimal(1)])
    step = _hour_step(most)
    highest = step * (int(most / step) + 1)

    def place(day: date, total: Decimal) -> tuple[float, float]:
        return axis.x(day), bottom - (bottom - top) * float(total / highest)

    parts = [
        box((axis.x(start), top), (max(axis.x(end) - axis.x(start), 1), bottom - top), fill="unknown-tint")
        for start, end in made.breaks
    ]
    for mark in range(0, highest + 1, step):
        level = place(made.first, Decimal(mark))[1]
        parts.append(line((axis.left, level), (axis.right, level)))
        parts.append(text((axis.left - 5, level + 4), f"{mark:,}", anchor="end", colour="muted", size=9.5))
    parts += _calendar(axis, bottom, bottom) + _landmarks(axis, landmarks, top, bottom)
    if len(made.ahead) > 1:
        around = [place(one.day, one.high) for one in made.ahead]
        around += [place(one.day, one.low) for one in reversed(made.ahead)]
        parts.append(_area(around, "check_again-tint", "check_again"))
        parts.append(_line_through([place(one.day, one.middle) for one in made.ahead], "check_again", 1.4, "2 2"))
    even = even_pace(made)
    if even:
        parts.append(_line_through([place(*point) for point in even], "muted", 1.2, "1 3"))
    enough = [(made.first, made.wanted), (made.on, made.wanted), *((one.day, one.wanted) for one in made.ahead)]
    level = place(*enough[-1])[1]
    parts.append(_line_through([*(place(*point) for point in enough), (axis.right, level)], "ink", 1.6, "7 4"))
    curve = [(made.first, Decimal(0)), *made.history, (made.on, made.actual)]
    parts.append(_curve([place(*point) for point in curve if point[0] <= made.on], "accent", 2.6, ""))
    ends = [
        (level, f"Enough {hours_words(enough[-1][1])}"),
        (place(made.on, made.actual)[1], f"Now {hours_words(made.actual)}"),
    ]
    parts += _end_labels(ends, axis.right + 6, bottom)
    return svg(WIDTH, bottom + 18, _climb_title(made, landmarks), parts)


def even_pace(made: Climb) -> tuple[tuple[date, Decimal], ...]:
    """Give day and total of the corners of an even pace to the target, which stands still in each break in learning.

    Args:
        made: what grows.

    Returns:
        The oldest first; nothing where no target is known, or no day of learning lies before it.
    """
    target = made.target
    if target is None:
        return ()
    days = days_between(made.first, target, made.breaks)
    if not days:
        return ()
    breaks = [(first, min(last + ONE_DAY, target)) for first, last in made.breaks if made.first <= first < target]
    corners = [made.first, *(day for both in breaks for day in both), target]
    return tuple((day, made.wanted * days_between(made.first, day, made.breaks) / days) for day in corners)


def _climb_title(made: Climb, landmarks: Sequence[Landmark]) -> str:
    said = [
        f"{made.unit.capitalize()}: {hours_words(made.actual)} of {hours_words(made.wanted)} on {in_words(made.on)}.",
        *(
            f"By {in_words(one.day)} between {hours_words(one.low)} and {hours_words(one.high)}."
            for one in made.ahead[-1:]
        ),
        *(f"{mark.words}: {in_words(mark.day)}." for mark in landmarks),
        *(f"Break from {in_words(start)} to {in_words(end)}." for start, end in made.breaks),
    ]
    return " ".join(said)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def _area(points: Sequence[tuple[float, float]], fill: str, edge: str) -> Markup:
    return Markup('<path d="{}Z" fill="{}" stroke="{}" stroke-width="0.6"/>').format(
        _path(points), COLOURS[fill], COLOURS[edge]
    )


def _line_through(points: Sequence[tuple[float, float]], colour: str, width: float, dash: str) -> Markup:
    return Markup('<path d="{}" fill="none" stroke="{}" stroke-width="{}" stroke-dasharray="{}"/>').format(
        _path(points), COLOURS[colour], number(width), dash
    )


def _hour_step(highest: Decimal) -> int:
    """Give the round number of hours that splits the scale into at most six."""
    unit = 10
    while highest > MOST_STEPS * 5 * unit:
        unit *= 10
    return next(step for step in (unit, 2 * unit, 5 * unit) if highest <= MOST_STEPS * step)


def _curve(points: Sequence[tuple[float, float]], colour: str, width: float, dash: str) -> Markup:
    """Draw a running total as steps: hours are there from their day on, not on the way to it."""
    if not points:
        return Markup("")
    path = [f"M{number(points[0][0])} {number(points[0][1])}"]
    path += [f"H{number(x)}V{number(y)}" for x, y in points[1:]]
    dashes = Markup(' stroke-dasharray="{}"').format(dash) if dash else Markup("")
    return Markup('<path d="{}" fill="none" stroke="{}" stroke-width="{}"{}/>').format(
        "".join(path), COLOURS[colour], number(width), dashes
    )


def _end_labels(ends: Sequence[tuple[float, str]], x: float, bottom: float) -> list[Markup]:
    """Write each line's name and number at its end, moved apart where they would touch."""
    parts: list[Markup] = []
    room = bottom + 4
    for level, words in sorted(ends, reverse=True):
        y = min(level + 4, room)
        parts.append(text((x, y), words, size=10))
        room = y - 13
    return parts


def _burn_up_title(hours: BurnUp, landmarks: Sequence[Landmark]) -> str:
    logged = hours.logged[-1][1] if hours.logged else Decimal(0)
    eligible = hours.eligible[-1][1] if hours.eligible else Decimal(0)
    target = "not known" if hours.target is None else hours_words(hours.target)
    said = [
        f"Hours: target {target}, logged {hours_words(logged)}, eligible {hours_words(eligible)}.",
        *(f"{mark.words}: {in_words(mark.day)}." for mark in landmarks),
        *(f"Break from {in_words(start)} to {in_words(end)}." for start, end in hours.breaks),
    ]
    return " ".join(said)
