"""Places as people write them: pages, times, and words that are neither."""

from __future__ import annotations

import pytest

from ksbtrack.models.places import read_place


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("p. 2", ((2, 2),)),
        ("p2", ((2, 2),)),
        ("P. 2-3", ((2, 3),)),
        ("pp. 2\u20133", ((2, 3),)),
        ("pages 2, 4 and 6", ((2, 2), (4, 4), (6, 6))),
        ("page 3 to 5; p. 9", ((3, 5), (9, 9))),
        ("p. 5-2", ((2, 5),)),
        ("the whole page", ()),
        ("question 4", ()),
        ("map 3", ()),
        ("p. 12a", ()),
        ("p. 0", ()),
    ],
)
def test_pages(text: str, pages: tuple[tuple[int, int], ...]) -> None:
    assert read_place(text).pages == pages
    assert read_place(text).times == ()


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("0:03:10", (190,)),
        ("3:10", (190,)),
        ("00:01:05-00:02:00", (65, 120)),
        ("at 95:30", (5730,)),
        ("1:75", ()),
        ("1:02:03:04", ()),
    ],
)
def test_times(text: str, times: tuple[int, ...]) -> None:
    assert read_place(text).times == times
    assert read_place(text).pages == ()


def test_a_place_can_be_both() -> None:
    place = read_place("0:03:10 and transcript p. 2")
    assert (place.pages, place.times, place.last_page) == (((2, 2),), (190,), 2)
