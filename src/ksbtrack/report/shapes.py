"""The shape and colour of each status, and the frame of every chart: SVG without words of anybody else's."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from ksbtrack.models.analysis import Status
from ksbtrack.report.words import printable

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

_HOOK = "M-2.9 -2.6C-2.9 -6.4 3.1 -6.4 3.1 -2.6C3.1 -.2 0 -.2 0 2.4"
_WHITE_LINE = 'fill="none" stroke="#fff"'
_WHITE_DOT = '<circle cx="0" cy="5.7" r="1.4" fill="#fff"/>'
_SHAPES = {
    Status.MET: (
        f'<circle r="10" fill="{{colour}}"/><path d="M-4.8 .4L-1.5 3.8L4.8 -3.6" {_WHITE_LINE} stroke-width="2.6"/>'
    ),
    Status.PARTLY_MET: (
        '<circle r="8.7" fill="#fff" stroke="{colour}" stroke-width="2.6"/>'
        '<path d="M0 -8.7A8.7 8.7 0 0 0 0 8.7Z" fill="{colour}"/>'
    ),
    Status.NOT_MET: (
        '<rect x="-9" y="-9" width="18" height="18" fill="{colour}"/>'
        f'<path d="M-4.2 -4.2L4.2 4.2M4.2 -4.2L-4.2 4.2" {_WHITE_LINE} stroke-width="2.6"/>'
    ),
    Status.UNKNOWN: (
        '<path d="M0 -10.6L10.6 0L0 10.6L-10.6 0Z" fill="#fff" stroke="{colour}" stroke-width="1.9"/>'
        f'<path d="{_HOOK}" fill="none" stroke="{{colour}}" stroke-width="2"/>'
        '<circle cx="0" cy="5.4" r="1.3" fill="{colour}"/>'
    ),
    Status.NOT_NEEDED: '<path d="M-8 0H8" fill="none" stroke="{colour}" stroke-width="3.2"/>',
    Status.CHECK_AGAIN: (
        '<path d="M0 -10.5L11 9H-11Z" fill="{colour}"/>'
        f'<path d="M0 -4.6V2.6" {_WHITE_LINE} stroke-width="2.4"/>{_WHITE_DOT}'
    ),
}
"""Each drawn around 0, 0 with a radius of about 10."""


def shape(status: Status, x: float, y: float, radius: float) -> Markup:
    """Give the status's shape around a point.

    Args:
        status: decides form and colour.
        x: pixels from the left.
        y: pixels from the top.
        radius: pixels.
    """
    place = f"translate({number(x)} {number(y)}) scale({number(radius / 10)})"
    return Markup(f'<g transform="{place}">{_SHAPES[status].format(colour=COLOURS[status.value])}</g>')


def icon(status: Status) -> str:
    """Give the shape as an SVG file of its own, 24 pixels square, for the style sheet."""
    drawing = _SHAPES[status].format(colour=COLOURS[status.value])
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="-12 -12 24 24">{drawing}</svg>\n'


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
    """Give many straight lines as one drawing, which is faster to print than each by itself."""
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
