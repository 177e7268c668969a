"""The shape and colour of each status, and the frame of every chart: SVG without words of anybody else's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from ksbtrack.models.statuses import Status
from ksbtrack.report.printable import printable

COLOURS = {
    "ink": "#16232e",
    "muted": "#52606b",
    "line": "#d3dbe0",
    "tint": "#f3f6f8",
    "accent": "#17506b",
    "masthead": "#e9f0f4",
    "met": "#1b7340",
    "met-tint": "#e7f3eb",
    "partly_met": "#a85b00",
    "partly_met-tint": "#fcf1df",
    "not_met": "#b3261e",
    "not_met-tint": "#fbebe9",
    "unknown": "#5b6670",
    "unknown-tint": "#eef1f3",
    "not_needed": "#5b6670",
    "not_needed-tint": "#ffffff",
    "check_again": "#a85b00",
    "check_again-tint": "#fcf1df",
}
"""Words and shapes have a contrast of at least 4.5 to 1. The style sheet takes its colours from here."""

ICON_ADDRESS = "ksb:icons/"
"""Where a PDF's style sheet finds the shapes; only the report's fetcher knows this scheme."""

Point = tuple[float, float]
"""Pixels from the left and from the top."""

FONTS = "Inter, 'DejaVu Sans', sans-serif"
"""SVG text does not inherit the page's font, so each chart names it."""

_DISC = "M-10 0C-10 -5.52 -5.52 -10 0 -10C5.52 -10 10 -5.52 10 0C10 5.52 5.52 10 0 10C-5.52 10 -10 5.52 -10 0Z"
_DOT = "M-1.4 4.4H1.4V7.2H-1.4Z"
_SHAPES = {
    Status.MET: _DISC + "M-5.8 1.3L-1.4 5.8L5.8 -2.7L3.8 -4.5L-1.6 1.8L-3.8 -.5Z",
    Status.PARTLY_MET: _DISC + "M0 -7.3C4.03 -7.3 7.3 -4.03 7.3 0C7.3 4.03 4.03 7.3 0 7.3Z",
    Status.NOT_MET: (
        "M-9 -9H9V9H-9Z"
        "M-5.1 -3.2L-1.9 0L-5.1 3.2L-3.2 5.1L0 1.9L3.2 5.1L5.1 3.2L1.9 0L5.1 -3.2L3.2 -5.1L0 -1.9L-3.2 -5.1Z"
    ),
    Status.UNKNOWN: (
        "M0 -11.6L11.6 0L0 11.6L-11.6 0ZM0 -9L-9 0L0 9L9 0Z"
        "M-4 -2.4C-4 -7.7 4.1 -7.7 4.1 -2.4C4.1 .2 1 .5 1 2.6H-1C-1 -.4 2.1 -.4 2.1 -2.4C2.1 -5 -2 -5 -2 -2.4Z"
        "M-1.2 4H1.2V6.4H-1.2Z"
    ),
    Status.NOT_NEEDED: "M-8 -1.6H8V1.6H-8Z",
    Status.CHECK_AGAIN: "M0 -10.5L11 9H-11ZM-1.3 -4.6H1.3V2.8H-1.3Z" + _DOT,
}
"""Each drawn around 0, 0 with a radius of about 10, as one outline with holes, which show the ground."""


def shape(status: Status, x: float, y: float, radius: float) -> Markup:
    """Give the status's shape around a point.

    Args:
        status: decides form and colour.
        x: pixels from the left.
        y: pixels from the top.
        radius: pixels.
    """
    place = f"translate({number(x)} {number(y)}) scale({number(radius / 10)})"
    return Markup('<path transform="{}" {}/>').format(place, _outline(status))


def shapes(status: Status, places: Iterable[Point], radius: float) -> Markup:
    """Give the status's shape around each of many points as one drawing, which is drawn faster than many.

    Args:
        status: decides form and colour.
        places: points so far apart that no two shapes touch: where they did, a hole would show.
        radius: pixels.
    """
    outline = "".join(_placed(_PARTS[status], place, radius / 10) for place in places)
    return Markup('<path fill="{}" fill-rule="evenodd" d="{}"/>').format(COLOURS[status.value], outline)


def _placed(parts: Sequence[tuple[str, Sequence[float]]], place: Point, scale: float) -> str:
    """Give an outline around a point; each command of an outline has points, or one coordinate, or nothing."""
    across, down = place
    drawn = []
    for command, values in parts:
        starts = {"H": (across,), "V": (down,)}.get(command, (across, down))
        moved = (starts[at % len(starts)] + scale * value for at, value in enumerate(values))
        drawn.append(command + " ".join(map(number, moved)))
    return "".join(drawn)


def _parts(outline: str) -> list[tuple[str, list[float]]]:
    """Give the commands of an outline with their numbers."""
    return [(part[0], [float(value) for value in part[1:].split()]) for part in re.findall("[A-Z][^A-Z]*", outline)]


_PARTS = {status: _parts(outline) for status, outline in _SHAPES.items()}


def icon(status: Status) -> str:
    """Give the shape as an SVG file of its own, 24 pixels square, for the style sheet."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="-12 -12 24 24">'
        f"<path {_outline(status)}/></svg>\n"
    )


def _outline(status: Status) -> Markup:
    return Markup('fill="{}" fill-rule="evenodd" d="{}"').format(COLOURS[status.value], _SHAPES[status])


def svg(width: float, height: float, title: str, parts: list[Markup]) -> Markup:
    """Give a whole chart.

    Args:
        width: pixels.
        height: pixels.
        title: all that the chart shows, in words: screen readers and PDF readers have nothing else.
        parts: the drawing, already safe.
    """
    opening = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{w}" height="{h}" viewBox="0 0 {w} {h}" '
        'font-family="{fonts}" font-size="11"><title>{title}</title>'
    ).format(w=number(width), h=number(height), fonts=FONTS, title=printable(title))
    return opening + Markup("").join(parts) + Markup("</svg>")


def number(value: float) -> str:
    """Give a coordinate with two decimals at most, the same on every machine."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def text(at: Point, words: str, *, anchor: str = "start", colour: str = "ink", size: float = 11) -> Markup:
    """Give a word or two in a chart; `at` is on the base line."""
    return Markup('<text x="{}" y="{}" text-anchor="{}" fill="{}" font-size="{}">{}</text>').format(
        number(at[0]), number(at[1]), anchor, COLOURS[colour], number(size), words
    )


def line(start: Point, end: Point, *, colour: str = "line", width: float = 1, dash: str = "") -> Markup:
    """Give a straight line."""
    dashes = Markup(' stroke-dasharray="{}"').format(dash) if dash else Markup("")
    return Markup('<path d="M{} {}L{} {}" fill="none" stroke="{}" stroke-width="{}"{}/>').format(
        *(number(value) for value in (*start, *end)), COLOURS[colour], number(width), dashes
    )


def lines(ends: Iterable[tuple[Point, Point]], *, colour: str = "line", width: float = 1) -> Markup:
    """Give many straight lines as one drawing."""
    path = "".join(f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}" for (x1, y1), (x2, y2) in ends)
    return Markup('<path d="{}" fill="none" stroke="{}" stroke-width="{}"/>').format(
        path, COLOURS[colour], number(width)
    )


def box(at: Point, size: Point, *, fill: str, edge: str = "", round_by: float = 0) -> Markup:
    """Give a rectangle; `fill` and `edge` are names in `COLOURS`."""
    stroke = Markup(' stroke="{}"').format(COLOURS[edge]) if edge else Markup("")
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="{}" fill="{}"{}/>').format(
        *(number(value) for value in (*at, *size, round_by)), COLOURS[fill], stroke
    )
