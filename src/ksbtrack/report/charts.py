"""Charts of statements and pieces, as inline SVG: plain values in, safe markup out.

Every chart says all it shows in its title, and tells a status by its shape; colour comes second. The figures
stand beside it in the templates. None gives a percentage.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ksbtrack.models.analysis import Status
from ksbtrack.models.values import listed
from ksbtrack.report.shapes import Point, box, lines, number, shape, shapes, svg, text
from ksbtrack.report.words import counted, shortened

WIDTH = 680
"""Pixels: the text width of an A4 page with margins of 15 mm, so that a chart needs no scaling on paper."""
CELL_WITH_SHAPE = 44
"""Pixels from which on a part of a bar has room for a shape beside its number."""
GRID_ROWS = 54
"""Pieces in one grid: as many as fit on one page below a heading."""
GRID_COLUMNS = 40
"""Statements in one grid; with more, a cell would be too small to tell shapes apart."""
GRID_RADIUS = 4.6
"""Pixels of a shape in a grid."""
DIGIT_WIDTH = 5.9
"""Pixels of one digit in the totals of a grid."""


@dataclass(frozen=True, slots=True)
class StripGroup:
    """A group of statements with their statuses, in the standard's order.

    Attributes:
        label: a word or two beside the cells.
        title: the group's whole name.
        cells: code and status.
    """

    label: str
    title: str
    cells: tuple[tuple[str, Status], ...]


@dataclass(frozen=True, slots=True)
class GridRow:
    """One piece in the grid: its label, and what it is worth for each code that it claims."""

    label: str
    cells: Mapping[str, Status]


def strip(groups: Sequence[StripGroup]) -> Markup:
    """Draw one cell a statement: shape and code, grouped.

    Args:
        groups: in the standard's order, at least one cell in all.
    """
    left, height, gap = 132, 24, 3
    parts: list[Markup] = []
    top = 0
    for group in groups:
        longest = max(len(code) for code, _ in group.cells)
        width = max(40, 27 + round(6.6 * longest))
        per_row = max(1, (WIDTH - left + gap) // (width + gap))
        parts.append(text((0, top + 16), shortened(group.label, 26), colour="muted", size=9.5))
        for place, (code, status) in enumerate(group.cells):
            row, column = divmod(place, per_row)
            at = (left + column * (width + gap), top + row * (height + gap))
            parts.append(_cell(at, (width, height), code, status))
        top += -(-len(group.cells) // per_row) * (height + gap) + 3
    return svg(WIDTH, top - 6, _strip_title(groups), parts)


def _cell(at: Point, size: Point, words: str, status: Status) -> Markup:
    """Draw a box in a status's colours with its shape and a word."""
    (x, y), (width, height) = at, size
    frame = box((x + 0.5, y + 0.5), (width - 1, height - 1), fill=f"{status}-tint", edge=status.value, round_by=4)
    return frame + shape(status, x + 12, y + height / 2, 6) + text((x + 21, y + height / 2 + 4), words)


def _strip_title(groups: Sequence[StripGroup]) -> str:
    return " ".join(f"{group.title}: {by_status(group.cells)}." for group in groups if group.cells)


def by_status(cells: Iterable[tuple[str, Status]]) -> str:
    """Give codes sorted by status as a sentence: "met: K1 and K2; not met: K3"."""
    codes: dict[Status, list[str]] = {status: [] for status in Status}
    for code, status in cells:
        codes[status].append(code)
    return "; ".join(f"{status.words.lower()}: {listed(found)}" for status, found in codes.items() if found)


def bar(title: str, counts: Mapping[Status, int], widest: int) -> Markup:
    """Draw one assessment method as a stacked bar, each part labelled with its number and shape.

    Args:
        title: the method.
        counts: statements by status.
        widest: the number of statements that fills the width, so that bars can be compared.
    """
    parts: list[Markup] = []
    x, height = 0.0, 25
    shown = {status: counts[status] for status in Status if counts.get(status)}
    for status, count in shown.items():
        width = WIDTH * count / max(widest, 1)
        if width >= CELL_WITH_SHAPE:
            parts.append(_cell((x, 0), (width - 1, height), str(count), status))
        else:
            frame = box((x + 0.5, 0.5), (width - 2, height - 1), fill=f"{status}-tint", edge=status.value)
            middle = (x + width / 2 - 0.5, height / 2 + 4)
            parts.append(frame + text(middle, str(count), anchor="middle", size=9.5))
        x += width
    said = ", ".join(f"{count} {status.words.lower()}" for status, count in shown.items())
    return svg(WIDTH, height, f"{title}: {said}", parts)


def grids(codes: Sequence[str], rows: Sequence[GridRow]) -> list[Markup]:
    """Draw pieces by statements; long or wide ones are split into several drawings with their own headings.

    The last drawing of each set of codes ends with the number of pieces that count; a 1 stands in a frame,
    since that statement hangs on a single piece.

    Args:
        codes: all statements, in the standard's order.
        rows: the pieces, in the portfolio's order.
    """
    drawings = []
    columns, height = _even_share(len(codes), GRID_COLUMNS), _even_share(len(rows), GRID_ROWS)
    for left in range(0, len(codes), columns):
        some_codes = codes[left : left + columns]
        for top in range(0, len(rows), height):
            some_rows = rows[top : top + height]
            is_last = top + height >= len(rows)
            totals = [_counting(code, rows) for code in some_codes] if is_last else []
            drawings.append(_grid(some_codes, some_rows, totals))
    return drawings


def _even_share(count: int, most: int) -> int:
    """Give how many fit in each of as few parts as possible, all but the last of one size."""
    parts = max(1, -(-count // most))
    return max(1, -(-count // parts))


def _counting(code: str, rows: Sequence[GridRow]) -> int:
    return sum(1 for row in rows if row.cells.get(code) is Status.MET)


def _grid(codes: Sequence[str], rows: Sequence[GridRow], totals: Sequence[int]) -> Markup:
    left, row_height = 165, 14
    head = 12 + 6 * max(len(code) for code in codes)
    cell = min(24.0, (WIDTH - left) / len(codes))
    right, bottom = left + cell * len(codes), head + row_height * len(rows)
    middles = {code: left + cell * (place + 0.5) for place, code in enumerate(codes)}
    tops = [head + row_height * place for place in range(len(rows) + 1)]
    edges = [left + cell * place for place in range(len(codes) + 1)]
    parts = [
        lines([((0, y), (right, y)) for y in tops] + [((x, head), (x, bottom)) for x in edges]),
        *(_column_head(middles[code], head, code) for code in codes),
    ]
    for y, row in zip(tops, rows, strict=False):
        parts.append(text((0, y + 10.5), shortened(row.label, 29), size=9.5))
    for status in Status:
        places = [
            (middle, y + row_height / 2)
            for y, row in zip(tops, rows, strict=False)
            for code, middle in middles.items()
            if row.cells.get(code) is status
        ]
        parts += [shapes(status, places, GRID_RADIUS)] if places else []
    if totals:
        parts.append(text((0, bottom + 14), "Pieces that count", size=9.5))
        parts += [_total((middles[code], bottom), cell, total) for code, total in zip(codes, totals, strict=True)]
    return svg(WIDTH, bottom + (22 if totals else 2), _grid_title(codes, rows, totals), parts)


def _total(at: Point, cell: float, total: int) -> Markup:
    x, y = at
    width = min(14, cell - 2)
    frame = box((x - width / 2, y + 3), (width, 15), fill="partly_met-tint", edge="partly_met", round_by=3)
    # Anchored at its start, since WeasyPrint draws each text with another anchor as a drawing of its own.
    words = text((x - DIGIT_WIDTH * len(str(total)) / 2, y + 14), str(total), size=9.5)
    return frame + words if total == 1 else words


def _column_head(x: float, bottom: float, code: str) -> Markup:
    """Give a code that reads upwards, so that long codes fit too."""
    place = f"translate({number(x + 3.5)} {number(bottom - 5)}) rotate(-90)"
    return Markup('<g transform="{}">{}</g>').format(place, text((0, 0), code, size=10))


def _grid_title(codes: Sequence[str], rows: Sequence[GridRow], totals: Sequence[int]) -> str:
    said = []
    for row in rows:
        cells = [(code, row.cells[code]) for code in codes if code in row.cells]
        said.append(
            f"{row.label}: {by_status(cells)}." if cells else f"{row.label}: none of {codes[0]} to {codes[-1]}."
        )
    if totals:
        numbers = (f"{code} {total}" for code, total in zip(codes, totals, strict=True))
        said.append(f"{counted(sum(totals), 'use')} that count, by statement: {listed(numbers)}.")
    return " ".join(said)
