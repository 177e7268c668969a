"""Where a claim points in the showcase: the pages of its place, or a time with the file that it is a time of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from ksbtrack.files.attachments import ENDINGS
from ksbtrack.models.meant import Meant, NamedPlace, Outcome, named_place
from ksbtrack.models.portfolio import Claim, Evidence
from ksbtrack.problems import KsbtrackError, Problem
from ksbtrack.showcase.parts import Form, Numbers, PreparedFile

NO_PLACE = "no place named"
"""What stands for the place of a claim that names none."""
LINK = "ksb:to/"
"""What the address of a link inside the showcase begins with; the name of a place follows."""

_UNSEEN = (Form.BESIDE, Form.LEFT_OUT)
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
    the first recording that is long enough. Where a file before it has a length that nobody knows, the place leads to
    the piece, since it may be in either. Pages of a file that is not shown as pages stay the author's words, with
    the page that stands for the file; words that name neither pages nor a time lead to the file if there is only one,
    else to the piece. A claim without a place leads to its piece.

    Args:
        claim: one of the piece's.
        piece: the piece.
        files: the piece's prepared files, in order.

    Raises:
        KsbtrackError: what `place_problem` gives.
    """
    if not claim.place.text:
        return [Target(NO_PLACE, f"piece-{piece.id}")]
    problem = place_problem(claim, piece, files)
    if problem:
        raise KsbtrackError(problem)
    named = _named(claim, files)
    place = named.place
    said = "" if _ONLY_NUMBERS.fullmatch(place.text) else place.text
    found: list[Target] = []
    if place.pages:
        found += _of_pages(place.pages, said, _file_of(named.of_pages(_pages(files)), files))
    recording = named.of_times(_lengths(files))
    # "log entry 14:05, page 2" of a PDF names a page, and no moment of anything.
    if place.times and not (found and recording.outcome is Outcome.NOWHERE):
        found += _of_times(place.times, said, _file_of(recording, files), piece)
    if found:
        return found
    likely = [files[file] for file in named.named] or files
    return [Target(place.text, _file_place(likely[0]) if len(likely) == 1 else f"piece-{piece.id}")]


def place_problem(claim: Claim, piece: Evidence, files: Sequence[PreparedFile]) -> Problem | None:
    """Give what is wrong with the place of a claim: `place-beyond-end` or `ambiguous-place`; None if nothing is.

    Pages and lengths that cannot be told are no problem: those of a file beside the document, for one.

    Args:
        claim: one of the piece's.
        piece: the piece.
        files: the piece's prepared files, in order.
    """
    named = _named(claim, files)
    if named.alike:
        return _ambiguous(claim, piece, [files[file] for file in named.alike])
    for is_asked, meant, ends in (
        (named.place.pages, named.of_pages(_pages(files)), _last_page),
        (named.place.times, named.of_times(_lengths(files)), _last_moment),
    ):
        if is_asked and meant.outcome is Outcome.UNCLEAR:
            return _ambiguous(claim, piece, [files[file] for file in meant.between])
        if is_asked and meant.outcome is Outcome.BEYOND:
            file = None if meant.file is None else files[meant.file]
            return _beyond(claim, piece, ends([file] if file else files, is_named=file is not None))
    return None


def _named(claim: Claim, files: Sequence[PreparedFile]) -> NamedPlace:
    return named_place(claim.place, [file.name for file in files])


def _pages(files: Sequence[PreparedFile]) -> list[int | None]:
    """Give the pages of each file that a claim can name; None for one beside the document, which nobody counted."""
    return [
        None if file.form in _UNSEEN and not file.evidence_pages and not _is_recording(file) else file.evidence_pages
        for file in files
    ]


def _lengths(files: Sequence[PreparedFile]) -> list[float | None]:
    """Give the seconds of each recording; None where they are not known, and 0 for what is no recording."""
    return [file.seconds if _is_recording(file) else 0 for file in files]


def _is_recording(file: PreparedFile) -> bool:
    """Say whether a file is a recording: by its card, or by its name where it could not be opened."""
    ending = PurePosixPath(file.name).suffix.casefold()
    return file.form is Form.CARD or (file.form in _UNSEEN and ENDINGS.get(ending) == "recording")


def _last_page(files: Sequence[PreparedFile], *, is_named: bool) -> str:
    last = max(file.evidence_pages for file in files)
    name = files[0].name if is_named or len(files) == 1 else "its longest file"
    return f"{name} ends on page {last}" if last else f"{name} has no pages"


def _last_moment(files: Sequence[PreparedFile], *, is_named: bool) -> str:
    recordings = [file for file in files if file.seconds]
    last = max(file.seconds or 0 for file in recordings)
    name = recordings[0].name if is_named or len(recordings) == 1 else "its longest recording"
    return f"{name} ends at {clock(int(last))}"


def _beyond(claim: Claim, piece: Evidence, ends: str) -> Problem:
    return Problem(
        "place-beyond-end",
        piece.source,
        f'a place that is not there: {piece.id} shows {claim.code} at "{claim.place.text}", but {ends}',
        "each place is a page or a time that the file has",
        f"Correct the place at which {piece.id} shows {claim.code}.",
    )


def _ambiguous(claim: Claim, piece: Evidence, files: Sequence[PreparedFile]) -> Problem:
    names = [file.name for file in files]
    choice = f"{', '.join(names[:-1])} or {names[-1]}"
    return Problem(
        "ambiguous-place",
        piece.source,
        f'{piece.id}, which shows {claim.code} at "{claim.place.text}": {choice}',
        "a place names one file",
        f"Write which one is meant, such as {names[-1]}; claim places in two files one by one.",
    )


def _file_of(meant: Meant, files: Sequence[PreparedFile]) -> PreparedFile | None:
    """Give the file that is meant; None where there are several that it may be."""
    return None if meant.file is None or meant.between else files[meant.file]


def _of_pages(stretches: Sequence[tuple[int, int]], said: str, file: PreparedFile | None) -> Iterator[Target]:
    """Yield where pages lie; nothing for those of a file whose pages nobody can count, which stay words."""
    if file is None or not file.evidence_pages:
        return
    for first, last in stretches:
        if file.form is not Form.PAGES:
            spoken = f"p. {first}" if first == last else f"p. {first}–{last}"
            yield Target(said or f"{spoken} of {PurePosixPath(file.name).name}", _file_place(file))
        else:
            page = f"page-{file.piece}-{file.number}-"
            yield Target(said, f"{page}{first}", f"{page}{last}" if last > first else "", is_pages=True)


def _of_times(times: Sequence[int], said: str, file: PreparedFile | None, piece: Evidence) -> Iterator[Target]:
    place = _file_place(file) if file else f"piece-{piece.id}"
    for seconds in times:
        yield Target(said or clock(seconds), place)


def _file_place(file: PreparedFile) -> str:
    return f"file-{file.piece}-{file.number}"


def clock(seconds: int) -> str:
    """Give a moment of a recording as hours, minutes and seconds, such as 0:03:10."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
