"""Places as people write them: pages, times, and words that are neither."""

from __future__ import annotations

import pytest

from ksbtrack.models.meant import Meant, Outcome, named_place
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
        ("p. 2 to p. 4", ((2, 4),)),
        ("page 2 - page 4, p.7", ((2, 4), (7, 7))),
        ("p. 2 and p. 4", ((2, 2), (4, 4))),
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


NAMES = ["evidence/a/x.pdf", "evidence/b/x.pdf", "evidence/re\u0301sume\u0301 p7.pdf"]


@pytest.mark.parametrize(
    ("text", "named", "alike"),
    [
        ("p. 2", (), ()),
        ("a/x.pdf p. 2", (0,), ()),
        ("see EVIDENCE/B/X.PDF, p. 2", (1,), ()),
        ("(b/x.pdf) p. 2", (1,), ()),
        ("x.pdf p. 2", (0, 1), (0, 1)),
        ("c/x.pdf p. 2", (0, 1), (0, 1)),
        ("a/x.pdf p. 2 and x.pdf", (0, 1), (0, 1)),
        ("a/x.pdf and b/x.pdf p. 2", (0, 1), ()),
        ("max.pdf p. 2", (), ()),
        ("x.pdf.old p. 2", (), ()),
        ("R\u00e9sum\u00e9 p7.pdf, p. 2", (2,), ()),
    ],
)
def test_a_file_is_named_by_the_longest_end_of_its_path(
    text: str, named: tuple[int, ...], alike: tuple[int, ...]
) -> None:
    found = named_place(read_place(text), NAMES)
    assert (found.named, found.alike, found.place.pages) == (named, alike, ((2, 2),))


@pytest.mark.parametrize(
    ("text", "pages", "expected"),
    [
        ("p. 2", [1, 9, 9], Meant(Outcome.THERE, 1)),
        ("p. 2", [1, None, 1], Meant(Outcome.UNKNOWN, 1)),
        ("p. 2", [None, 9, 1], Meant(Outcome.UNKNOWN, 0, (0, 1))),
        ("p. 2", [9, None, 1], Meant(Outcome.THERE, 0)),
        ("p. 2", [1, 0, 1], Meant(Outcome.BEYOND)),
        ("p. 2", [0, 0, 0], Meant(Outcome.NOWHERE)),
        ("a/x.pdf p. 2", [1, 9, 9], Meant(Outcome.BEYOND, 0)),
        ("a/x.pdf p. 2", [None, 9, 9], Meant(Outcome.UNKNOWN, 0)),
        ("a/x.pdf p. 2", [0, 9, 9], Meant(Outcome.BEYOND, 0)),
        ("a/x.pdf, b/x.pdf p. 2", [0, 9, 9], Meant(Outcome.THERE, 1)),
        ("a/x.pdf, b/x.pdf p. 2", [9, 9, 9], Meant(Outcome.UNCLEAR, None, (0, 1))),
        ("x.pdf p. 2", [9, 9, 9], Meant(Outcome.UNCLEAR, None, (0, 1))),
        ("x.pdf p. 12", [9, 3, 12], Meant(Outcome.BEYOND, None, (0, 1))),
        ("x.pdf p. 12", [9, None, 12], Meant(Outcome.UNCLEAR, None, (0, 1))),
    ],
)
def test_pages_are_of_the_named_file_or_of_the_first_that_reaches(
    text: str, pages: list[int | None], expected: Meant
) -> None:
    assert named_place(read_place(text), NAMES).of_pages(pages) == expected
