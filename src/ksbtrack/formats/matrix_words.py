"""The names in the cells of a matrix: codes and pieces as people write them, with the places behind them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple

from ksbtrack.models.places import read_place
from ksbtrack.models.portfolio import Portfolio
from ksbtrack.models.standard import Standard

NOTHING = frozenset(
    {"", "-", "–", "—", "no", "n", "none", "0", "false", "n/a", "na", "not applicable", "✗", "✘", "❌", "☐"}
)
"""Cells, in lower case, that say that there is nothing."""
MARKS = frozenset(
    {"x", "✓", "✔", "✅", "☑", "☒", "●", "•", "*", "yes", "y", "true", "1", "met", "claimed", "evidenced"}
)
"""Cells of a cross table, in lower case, that say that there is something, but not where."""

_CODE = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z]{1,4})[ \t._-]{0,2}([0-9]{1,3}(?:\.[0-9]{1,3})?)(?![A-Za-z0-9])", re.ASCII
)
_PIECE = re.compile(
    r"(?<![A-Za-z0-9_-])(?:[A-Za-z][A-Za-z_-]{0,30}[ \t.]{0,2}[0-9]{1,6}|[A-Za-z][A-Za-z0-9_-]{0,39})(?![A-Za-z0-9_-])",
    re.ASCII,
)
_PAGE = re.compile(r"(?:p|pp|pg)[.\s]|(?:page|pages|slide|min|minute)\s", re.I)
_BETWEEN = " \t,;:&+/()[]{}–—-|"
_RANGE = re.compile(r"\s*(?:-|–|—|to)\s*", re.I)
_RANGE_BEHIND = re.compile(r"[ \t]*(?:-|–|—|to)[ \t]*([0-9]{1,3})(?![A-Za-z0-9.])", re.I)
_AND = re.compile(r"^(?:see|at|on)\s+|\s*\b(?:and|see|in|at|on)$", re.I)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class Hit(NamedTuple):
    """A name in a text.

    Attributes:
        name: as portfolio or standard write it; empty where it looks like one, but they have none of that name.
        written: as it stands in the text.
        behind: what follows it up to the next name, without the signs between.
        is_declared: a colon follows it, so that what is behind it belongs to it.
    """

    name: str
    written: str
    behind: str
    is_declared: bool = False


class Hits(NamedTuple):
    """The names in a line, the words before the first, and the ranges that were taken for all of their codes."""

    hits: tuple[Hit, ...]
    before: str
    ranges: tuple[str, ...] = ()


@dataclass(frozen=True)
class Names:
    """The names that a matrix can use: codes of a standard, and pieces of a portfolio."""

    standard: Standard
    portfolio: Portfolio

    @cached_property
    def codes(self) -> dict[str, str]:
        """Give the codes by how they read without capitals, spaces and noughts."""
        found = _unique((normal(code), code) for code in self.standard.by_code)
        return {normal(alias): code for alias, code in self.standard.code_of_alias.items()} | found

    @cached_property
    def order(self) -> list[str]:
        """Give the codes in the standard's order."""
        return [statement.code for statement in self.standard.competencies]

    @cached_property
    def prefixes(self) -> frozenset[str]:
        """Give the letters with which codes begin, in lower case."""
        return frozenset({"k", "s", "b", *(re.sub(r"[^a-z].*", "", code.casefold()) for code in self.order)})

    @cached_property
    def pieces(self) -> dict[str, str]:
        """Give the ids of the pieces by how they read without capitals, spaces and noughts; none that two share."""
        return _unique((normal(piece.id), piece.id) for piece in self.portfolio.evidence)

    @cached_property
    def whole_ids(self) -> dict[str, str]:
        """Give the ids of the pieces by their lower case."""
        return {piece.id.casefold(): piece.id for piece in self.portfolio.evidence}

    def piece_id(self, written: str) -> str:
        """Give the piece whose id a text is, whatever its capitals, spaces and noughts; nothing if it is none."""
        return self.whole_ids.get(written.strip().casefold()) or self.pieces.get(normal(written), "")

    @cached_property
    def by_id(self) -> list[str]:
        """Give the ids of the pieces."""
        return [piece.id for piece in self.portfolio.evidence]

    @cached_property
    def piece_prefixes(self) -> frozenset[str]:
        """Give the letters with which ids of pieces begin, in lower case."""
        letters = (re.match(r"[A-Za-z_-]*", piece.id) for piece in self.portfolio.evidence)
        return frozenset(found.group().casefold() for found in letters if found)

    @cached_property
    def titles(self) -> dict[str, str]:
        """Give the ids of the pieces by title, by file name, and by file name without ending; none that two share."""
        named = [(folded(piece.title), piece.id) for piece in self.portfolio.evidence]
        for piece in self.portfolio.evidence:
            paths = {PurePosixPath(file.name) for file in piece.attached}
            named += [
                (folded(name), piece.id) for name in {path.name for path in paths} | {path.stem for path in paths}
            ]
        return _unique(named)

    @cached_property
    def wordings(self) -> dict[str, str]:
        """Give the codes by the statement's words; none that two statements share."""
        return _unique((folded(statement.text), statement.code) for statement in self.standard.competencies)

    def code(self, written: str) -> str:
        """Give the code that a whole text names; nothing if it names none."""
        return self.codes.get(normal(written), "")

    def piece(self, written: str) -> str:
        """Give the piece that a whole text names by id, title or file; nothing if it names none."""
        return self.piece_id(written) or self.titles.get(folded(written), "")

    def codes_in(self, line: str) -> Hits:
        """Give the codes in a line, such as `K1, k 2`, `S1-S4` or `(K8 S14)`; a range stands for all of its codes."""
        whole = self.code(line)
        if whole:
            return Hits((Hit(whole, line.strip(), ""),), "")
        matches = [match for match in _CODE.finditer(line) if self._is_like_a_code(match)]
        hits = list(_hits(line, matches, lambda match: self.codes.get(normal(match.group()), "")))
        return self._with_ranges(line, matches, hits)

    def _is_like_a_code(self, match: re.Match[str]) -> bool:
        return match[1].casefold() in self.prefixes and not _PAGE.match(match.group())

    def _with_ranges(self, line: str, matches: Sequence[re.Match[str]], hits: list[Hit]) -> Hits:
        """Give the hits with those between the two ends of each range."""
        spread: list[Hit] = []
        ranges: list[str] = []
        for place, hit in enumerate(hits):
            spread.append(hit)
            end = matches[place + 1].start() if place + 1 < len(matches) else len(line)
            behind = line[matches[place].end() : end]
            short = _RANGE_BEHIND.match(behind)
            if short:
                last = self.codes.get(normal(matches[place][1] + short[1]), "")
                inner = self._between(hit.name, last)
            else:
                last = hits[place + 1].name if _RANGE.fullmatch(behind) and place + 1 < len(hits) else ""
                # The end of the range is a hit of its own.
                inner = self._between(hit.name, last)[:-1]
            if short and inner:
                spread[-1] = hit._replace(behind=_trimmed(behind[short.end() :]))
            if last:
                spread += [Hit(code, code, "") for code in inner]
                ranges.append(f"{hit.name} to {last}")
        return Hits(tuple(spread), _before(line, matches), tuple(ranges))

    def _between(self, first: str, last: str) -> list[str]:
        """Give the codes after one up to and with another one that has the same letters."""
        if not first or not last or re.sub(r"[0-9.]", "", first) != re.sub(r"[0-9.]", "", last):
            return []
        return self.order[self.order.index(first) + 1 : self.order.index(last) + 1]

    def pieces_in(self, line: str) -> Hits:
        """Give the pieces in a line, such as `E01: p. 2-3` or `E 1, e02 (p. 4)`."""
        first, colon, rest = line.partition(":")
        declared = self.piece_id(first)
        if colon and declared and not any(self._known(match) for match in _PIECE.finditer(rest)):
            return Hits((Hit(declared, first.strip(), " ".join(rest.split()), True),), "")
        whole = self.piece(line)
        if whole:
            return Hits((Hit(whole, line.strip(), ""),), "")
        matches = [match for match in _PIECE.finditer(line) if self._known(match) or self._is_like_a_piece(match)]
        return Hits(tuple(_hits(line, matches, self._known)), _before(line, matches))

    def _known(self, match: re.Match[str]) -> str:
        # An id without a figure could be any word of a sentence.
        has_figure = any(c.isdigit() for c in match.group())
        return self.piece_id(match.group()) if has_figure else ""

    def _is_like_a_piece(self, match: re.Match[str]) -> bool:
        letters = re.fullmatch(r"([A-Za-z_-]+)[ \t.]{0,2}[0-9]+", match.group())
        return bool(letters and letters[1].casefold() in self.piece_prefixes and not _PAGE.match(match.group()))

    def meant_by(self, day: date) -> str:
        """Give the piece whose id a spreadsheet may have taken for a day, such as SEP-2; nothing if there is none."""
        month = _MONTHS[day.month - 1]
        forms = (f"{month}{day.day}", f"{day.day}{month}", f"{month}{day.year % 100}", f"{month}{day.year}")
        return next((self.pieces[form] for form in forms if form in self.pieces), "")


def normal(name: str) -> str:
    """Give a code or id without what people leave out or put in: capitals, spaces, dots and noughts in front."""
    plain = re.sub(r"[\s_-]+|\.(?![0-9])|(?<![0-9])\.", "", unicodedata.normalize("NFKC", name).casefold())
    return re.sub(r"(?<![0-9.])0+(?=[0-9])", "", plain)


def folded(text: str) -> str:
    """Give words without capitals, punctuation and white space, to see whether two texts say the same."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def same_place(words: str) -> str:
    """Give a place without what does not matter in it, to see whether two are the same: p. 2-3 is P.2–3, not p. 23."""
    return re.sub(r"\s+", "", words.casefold().replace("–", "-"))


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give a mapping of the keys that lead to one value only."""
    found: dict[str, set[str]] = {}
    for key, value in pairs:
        if key:
            found.setdefault(key, set()).add(value)
    return {key: next(iter(values)) for key, values in found.items() if len(values) == 1}


def _hits(line: str, matches: Sequence[re.Match[str]], name: Callable[[re.Match[str]], str]) -> Iterator[Hit]:
    for place, match in enumerate(matches):
        end = matches[place + 1].start() if place + 1 < len(matches) else len(line)
        behind = line[match.end() : end]
        is_declared = behind.lstrip().startswith(":")
        yield Hit(name(match), match.group().strip(), _trimmed(behind), is_declared)


def _before(line: str, matches: Sequence[re.Match[str]]) -> str:
    return _trimmed(line[: matches[0].start()] if matches else line)


def _trimmed(words: str) -> str:
    """Give the words between two names without the signs and joining words at their ends."""
    plain = _AND.sub("", words.strip(_BETWEEN)).strip(_BETWEEN)
    return plain if any(c.isalnum() or c in "✓✔?" for c in plain) else ""


def names_a_place(words: str) -> bool:
    """Say whether words name a place in a piece: pages, a time, or something with a number such as `slide 4`.

    Numbers alone name none: after a code they may be meant as codes.
    """
    place = read_place(words)
    is_numbered = any(c.isdigit() for c in words) and any(c.isalpha() for c in words)
    return bool(place.pages or place.times or is_numbered)
