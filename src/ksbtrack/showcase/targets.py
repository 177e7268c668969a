"""Where a claim points in the showcase: the pages of its place, or a time with the file that it is a time of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from ksbtrack.models.portfolio import Claim, Evidence
from ksbtrack.showcase.parts import Form, Numbers, PreparedFile

NO_PLACE = "no place named"
"""What stands for the place of a claim that names none."""
LINK = "ksb:to/"
"""What the address of a link inside the showcase begins with; the name of a place follows."""

_ONLY_NUMBERS = re.compile(r"(?:pages?|pg|pp?|to|and|[^a-z])*", re.I)


class Target(NamedTuple):
    """One place in the showcase that a claim points to.

    Attributes:
        words: the author's words or a time; empty where the pages say it all.
        place: name of the place that the link leads to.
        last: name of the last page of a stretch of several; empty for one place.
        is_pages: whether the place is the very page that the claim names; else it is where the words lead.
    """

    words: str
    place: str
    last: str = ""
    is_pages: bool = False

    @property
    def address(self) -> str:
        """Give where its link leads."""
        return LINK + self.place

    def pages(self, numbers: Numbers) -> str:
        """Give its final page or pages in words; blank where they are not known yet."""
        return pages_between(numbers, self.place, self.last)


def pages_between(numbers: Numbers, place: str, last: str = "") -> str:
    """Give "page 41", or "pages 41–42"; a number that is not known yet is blank.

    Args:
        numbers: the final page of each place.
        place: name of the first page.
        last: name of the last page, if there is more than one.
    """
    first = numbers.get(place, "")
    return f"pages {first}–{numbers.get(last, '')}" if last else f"page {first}"


def place_targets(claim: Claim, piece: Evidence, files: Sequence[PreparedFile]) -> list[Target]:
    """Give the places of the showcase that a claim names, in the order written; at least one.

    A place that names a file means that file; else pages mean the first file that reaches so far, and a time means
    the first recording. Pages of a file that is not shown as pages stay the author's words, with the page that
    stands for the file; words that name neither pages nor a time lead to the file if there is only one, else to the
    piece. A claim without a place leads to its piece.

    Args:
        claim: one of the piece's.
        piece: the piece.
        files: the piece's prepared files, in order.
    """
    place = claim.place
    if not place.text:
        return [Target(NO_PLACE, f"piece-{piece.id}")]
    named = _named_file(place.text, files)
    said = "" if _ONLY_NUMBERS.fullmatch(place.text) else place.text
    found = [*_of_pages(place.pages, said, named, files), *_of_times(place.times, said, named, piece, files)]
    if found:
        return found
    alone = named or (files[0] if len(files) == 1 else None)
    return [Target(place.text, _file_place(alone) if alone else f"piece-{piece.id}")]


def _named_file(text: str, files: Sequence[PreparedFile]) -> PreparedFile | None:
    """Give the file whose name stands in the words; of two, the one with the longer name."""
    words = text.casefold()
    named = [file for file in files if PurePosixPath(file.name).name.casefold() in words]
    return max(named, key=lambda file: len(file.name), default=None)


def _of_pages(
    stretches: Sequence[tuple[int, int]], said: str, named: PreparedFile | None, files: Sequence[PreparedFile]
) -> Iterator[Target]:
    for first, last in stretches:
        file = named or next((file for file in files if file.evidence_pages >= last), None)
        if file is None or file.evidence_pages < last:
            continue
        if file.form is not Form.PAGES:
            spoken = f"p. {first}" if first == last else f"p. {first}–{last}"
            yield Target(said or f"{spoken} of {PurePosixPath(file.name).name}", _file_place(file))
        else:
            page = f"page-{file.piece}-{file.number}-"
            yield Target(said, f"{page}{first}", f"{page}{last}" if last > first else "", is_pages=True)


def _of_times(
    times: Sequence[int], said: str, named: PreparedFile | None, piece: Evidence, files: Sequence[PreparedFile]
) -> Iterator[Target]:
    recording = named or next((file for file in files if file.form is Form.CARD), None)
    place = _file_place(recording) if recording else f"piece-{piece.id}"
    for seconds in times:
        yield Target(said or clock(seconds), place)


def _file_place(file: PreparedFile) -> str:
    return f"file-{file.piece}-{file.number}"


def clock(seconds: int) -> str:
    """Give a moment of a recording as hours, minutes and seconds, such as 0:03:10."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
