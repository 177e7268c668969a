"""What a cell of a workbook says, as text: dates are numbers there, and only their format tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from ksbtrack.formats.workbook_parts import Attributes, Parts

_DAY_FORMATS = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
_TIME_FORMATS = frozenset({*range(18, 22), *range(45, 48)})
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.I)
_LAST_SERIAL = 2_958_465
"""9999-12-31, the last day that a spreadsheet knows."""
_LAST_BEFORE_SLIP = 59
"""28 February 1900: after it spreadsheets count a 29 February that there never was."""
_SECONDS = 86_400


class Shown(StrEnum):
    """As what a number format shows a number."""

    NUMBER = "number"
    DAY = "day"
    TIME = "time"


def read_styles(parts: Parts, name: str) -> list[Shown]:
    """Give, for each style that cells refer to, as what it shows a number."""
    formats: dict[str, Shown] = {}
    shown: list[Shown] = []
    is_inside = False

    def start(element: str, attributes: Attributes) -> None:
        nonlocal is_inside
        if element == "numFmt":
            formats[attributes.get("numFmtId", "")] = _by_code(attributes.get("formatCode", ""))
        elif element == "cellXfs":
            is_inside = True
        elif element == "xf" and is_inside:
            number = attributes.get("numFmtId", "")
            shown.append(formats.get(number) or _built_in(number))

    def end(element: str) -> None:
        nonlocal is_inside
        if element == "cellXfs":
            is_inside = False

    parts.parse(name, start, end)
    return shown


def _built_in(number: str) -> Shown:
    value = int(number) if re.fullmatch(r"[0-9]{1,4}", number) else 0
    if value in _DAY_FORMATS:
        return Shown.DAY
    return Shown.TIME if value in _TIME_FORMATS else Shown.NUMBER


def _by_code(code: str) -> Shown:
    """Give as what a format such as `dd/mm/yyyy` shows a number."""
    letters = _LITERAL.sub("", code.partition(";")[0][:200]).casefold()
    if "general" in letters:
        return Shown.NUMBER
    if "y" in letters or "d" in letters or re.search(r"mmm", letters):
        return Shown.DAY
    return Shown.TIME if re.search(r"[hs]", letters) else Shown.NUMBER


def number_text(written: str, shown: Shown, *, begins_1904: bool) -> str:
    """Give a number as its cell shows it: a day as year-month-day, a time as hours:minutes:seconds.

    Args:
        written: as the workbook stores it.
        shown: as what its style shows it.
        begins_1904: the workbook counts days from 1904, as those of old Macintosh computers do.
    """
    if not re.fullmatch(r"[+-]?[0-9]{1,30}(?:\.[0-9]{0,40})?(?:[eE][+-]?[0-9]{1,3})?", written):
        return written
    value = float(written)
    if shown is not Shown.NUMBER and 0 <= value <= _LAST_SERIAL:
        return _time(value) if shown is Shown.TIME else _day(value, begins_1904=begins_1904)
    if re.fullmatch(r"[0-9]{1,15}", written):
        return written
    return format(value, ".15g")


def _time(value: float) -> str:
    seconds = round(value * _SECONDS)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _day(value: float, *, begins_1904: bool) -> str:
    if value < 1 and not begins_1904:
        return _time(value)
    first = datetime(1904, 1, 1) if begins_1904 else datetime(1899, 12, 30 if value > _LAST_BEFORE_SLIP else 31)  # noqa: DTZ001 - a day of the calendar
    moment = first + timedelta(seconds=round(value * _SECONDS))
    if value == int(value):
        return moment.date().isoformat()
    return moment.isoformat(sep=" ", timespec="minutes" if not moment.second else "seconds")


def style_of(styles: Sequence[Shown], written: str) -> Shown:
    """Give as what a cell's style shows a number."""
    index = int(written) if re.fullmatch(r"[0-9]{1,6}", written) else 0
    return styles[index] if index < len(styles) else Shown.NUMBER
