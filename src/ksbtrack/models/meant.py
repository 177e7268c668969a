"""Which of a piece's files a place means: the one that its words name, else the first that reaches so far.

A file of unknown length ends the search: whether it reaches so far cannot be told, so nor can which one is meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from typing import NamedTuple

from ksbtrack.models.places import Place, read_place

_BEFORE, _AFTER = r"(?<![\w.-])", r"(?![\w-]|\.\w)"

Length = int | float | Decimal
"""Pages or seconds of a file; 0 where it has none."""


class Outcome(Enum):
    """What is known of a place in the files of its piece."""

    THERE = auto()
    BEYOND = auto()
    UNCLEAR = auto()
    UNKNOWN = auto()
    NOWHERE = auto()


class Meant(NamedTuple):
    """The file that pages or times are of.

    Attributes:
        outcome: there; beyond the end; unclear which of several files is named; unknown, since a file's length is;
            or nowhere, since no file has such places.
        file: its position among the files; None where it is not known which one.
        between: positions of the files that the words name alike, whether it is unclear or all of them end before; of
            an unknown one, of all that it may be in, if there are several.
    """

    outcome: Outcome
    file: int | None = None
    between: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A place with the files that its words name.

    Attributes:
        place: its pages and times, read without the names of files: `map p3.pdf, p. 1` is page 1.
        named: positions of the files that are named, in the order of the files.
        alike: positions of those that the same words name, so that nobody can tell which one is meant.
    """

    place: Place
    named: tuple[int, ...] = ()
    alike: tuple[int, ...] = ()

    def of_pages(self, pages: Sequence[int | None]) -> Meant:
        """Give the file that the pages are of.

        Args:
            pages: of each file; None where they cannot be counted.
        """
        meant = self._of(self.place.last_page or 0, pages)
        # Who names a file and a page of it says that there is one.
        is_without = meant.outcome is Outcome.NOWHERE and meant.file is not None
        return meant._replace(outcome=Outcome.BEYOND) if is_without else meant

    def of_times(self, seconds: Sequence[Length | None]) -> Meant:
        """Give the recording that the times are of.

        Args:
            seconds: that each file lasts; None where it is a recording whose length cannot be told.
        """
        return self._of(max(self.place.times, default=0), seconds)

    def _of(self, last: int, lengths: Sequence[Length | None]) -> Meant:
        if self.alike:
            own = [lengths[file] for file in self.alike]
            is_beyond = any(own) and all(length is not None and length < last for length in own)
            return Meant(Outcome.BEYOND if is_beyond else Outcome.UNCLEAR, None, self.alike)
        # "talk.wav 0:01:00, transcript.pdf p. 2" names two files, of which one has pages and one has times.
        named = [file for file in self.named if lengths[file] != 0] or list(self.named)
        if len(named) > 1:
            return Meant(Outcome.UNCLEAR, None, tuple(named))
        if named:
            return Meant(_outcome(last, lengths[named[0]]), named[0])
        reaching = [file for file, length in enumerate(lengths) if length is None or (length and length >= last)]
        if not reaching:
            return Meant(Outcome.BEYOND if any(lengths) else Outcome.NOWHERE)
        # One that nobody can measure and that comes first may be the one that reaches: then no later one is meant.
        if lengths[reaching[0]] is None:
            return Meant(Outcome.UNKNOWN, reaching[0], tuple(reaching) if len(reaching) > 1 else ())
        return Meant(Outcome.THERE, reaching[0])


def _outcome(last: int, length: Length | None) -> Outcome:
    if length is None:
        return Outcome.UNKNOWN
    if not length:
        return Outcome.NOWHERE
    return Outcome.THERE if last <= length else Outcome.BEYOND


class _Found(NamedTuple):
    """Words that name a file: where they begin and end, and its position."""

    begin: int
    end: int
    file: int


def named_place(place: Place, names: Sequence[str]) -> NamedPlace:
    """Give a place with the files that its words name.

    Of each file the longest end of its path that stands in the words counts, in whole parts and whatever the case:
    `b/x.pdf` names evidence/b/x.pdf and not evidence/a/x.pdf, and `x.pdf` names both of them alike.

    Args:
        place: as it was read.
        names: paths of the piece's files inside the portfolio folder.
    """
    words = _plain(place.text)
    found = [match for file, name in enumerate(names) for match in _matches(words, name, file)]
    # "talk one.wav" does not name "one.wav" too, and "b/x.pdf" does not name "a/x.pdf".
    kept = [one for one in found if not any(_is_within(one, other) for other in found)]
    if not kept:
        return NamedPlace(place)
    files: dict[tuple[int, int], set[int]] = {}
    for one in kept:
        files.setdefault((one.begin, one.end), set()).add(one.file)
    alike = {file for named in files.values() if len(named) > 1 for file in named}
    rest = "".join(
        ";" if any(one.begin <= at < one.end for one in kept) else character for at, character in enumerate(words)
    )
    read = read_place(rest)
    return NamedPlace(
        Place(place.text, read.pages, read.times, read.last_page),
        tuple(sorted({one.file for one in kept})),
        tuple(sorted(alike)),
    )


def _matches(words: str, name: str, file: int) -> Iterator[_Found]:
    """Yield where words name a file, each time by the longest end of its path."""
    parts = _plain(name).split("/")
    if parts[-1] not in words:
        return
    for length in range(len(parts), 0, -1):
        end = re.escape("/".join(parts[-length:]))
        for match in re.finditer(f"{_BEFORE}{end}{_AFTER}", words):
            yield _Found(match.start(), match.end(), file)


def _is_within(one: _Found, other: _Found) -> bool:
    is_shorter = one.end - one.begin < other.end - other.begin
    return is_shorter and other.begin <= one.begin and one.end <= other.end


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
