"""The exact place in a file that a claim points to: pages, or moments of a recording."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PAGE = r"(?:pages?|pg\.?|pp?\.?)\s*"
_NUMBERS = rf"[0-9]{{1,6}}(?:\s*(?:[-\u2013,;&]|to|and)\s*(?:{_PAGE})?[0-9]{{1,6}})*"
_PAGES = re.compile(rf"(?<![A-Za-z0-9]){_PAGE}({_NUMBERS})(?![A-Za-z0-9])", re.I)
_SPAN = re.compile(rf"([0-9]+)(?:\s*(?:[-\u2013]|to)\s*(?:{_PAGE})?([0-9]+))?", re.I)
_TIME = re.compile(r"(?<![0-9:])(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-5][0-9])(?![0-9:])")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a piece's files a claim is shown.

    Attributes:
        text: as the author wrote it.
        pages: first and last page of each stretch, in the order written.
        times: moments of a recording, in seconds from its beginning, in the order written.
        last_page: the last page named; None where no page is.
    """

    text: str
    pages: tuple[tuple[int, int], ...] = ()
    times: tuple[int, ...] = ()
    last_page: int | None = None


def without_pages(text: str) -> str:
    """Give what stands in words besides the pages that they name.

    Args:
        text: as the author wrote it.
    """
    return _PAGES.sub(" ", text)


NOWHERE = Place("")
"""The place of a claim that names none."""


def read_place(text: str) -> Place:
    """Give the pages and times that words such as `p. 2-3` or `0:03:10` name; other words stay as text.

    A stretch written backwards, `p. 5-2`, is read as it was meant. Pages begin with 1: `p. 0` names none.
    """
    pages = [
        (min(first, last), max(first, last))
        for found in _PAGES.findall(text)
        for first, last in ((int(one), int(other or one)) for one, other in _SPAN.findall(found))
        if first and last
    ]
    times = [int(hours or 0) * 3600 + int(minutes) * 60 + int(rest) for hours, minutes, rest in _TIME.findall(text)]
    return Place(text, tuple(pages), tuple(times), max((last for _, last in pages), default=None))
