"""What looks like a personal name, address or number in a text, without knowing anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ksbtrack.linting.account_words import (
    E_MAIL,
    FIRST_NAMES,
    INSURANCE_NUMBER,
    LEARNER_NUMBER,
    TELEPHONE,
    TITLED,
)
from ksbtrack.models.portfolio import Portfolio

Known = frozenset[str]
"""Words of names that the portfolio's own records have, in small letters."""

A_NAME = "a name"
"""The kind of what looks like the name of somebody."""
_NAME_WORD = re.compile(r"\b[A-Z][^\W\d_]+(?:[’'-][^\W\d_]+)*")
_SURNAME = re.compile(r" (?P<name>[A-Z][^\W\d_]+(?:[’'-][^\W\d_]+)*)")
_NAMESAKE = re.compile(r"(?:^|[^\w])(?:St|Saint|Queen|King)\.? $")
"""What stands before the name of a saint or a monarch, who gave it to a place."""
_PLACE = re.compile(
    r"(?: [A-Z][\w'’-]+)? "
    r"(?:School|College|Academy|Street|Road|Avenue|Primary|Nursery|University|Hospital)\b"
)
"""What stands after a name that a place has; a further name may stand between.

"Aisha's College tutor" is the tutor of somebody: after a possessive nothing tells a place from a person.
"""
_CITED = re.compile(r"(?:['’]s?)?(?: [A-Z][\w'’-]+)? \((?:19|20)[0-9]{2}\b")
"""A year in brackets after a name: a book is named."""
_POSSESSIVE = re.compile(r"['’]s?$")


class PersonalName(NamedTuple):
    """Something that looks personal: where it stands, what it looks like, and its words."""

    place: int
    kind: str
    words: str


def known_names(portfolio: Portfolio) -> Known:
    """Give the words of the names that are on record: the learner, whoever signs or confirms, the workplace."""
    learner = portfolio.learner
    names = [learner.name, learner.employer, learner.provider]
    names += [record.name for record in portfolio.records.confirmations]
    for piece in portfolio.evidence:
        names += [piece.made_by, piece.acceptance.by, piece.witness.name if piece.witness else None]
        names += [signature.name for signature in piece.signatures]
    return frozenset(word.casefold() for name in names if name for word in re.findall(r"[^\W\d_]+", name))


def names_in(text: str, known: Known, *, is_english: bool) -> Iterator[PersonalName]:
    """Yield what looks personal, each once, in the order of the text.

    Args:
        text: without code and addresses of pages.
        known: names that may stand there.
        is_english: whether first names and titles mean anything in the text.
    """
    found = [*_numbers(text), *(_names(text, known) if is_english else ())]
    seen: set[str] = set()
    for name in sorted(found):
        key = name.words.casefold()
        if key not in seen:
            # Who was named in full is meant by the first name or the surname too.
            seen.update((key, key.partition(" ")[0], key.rpartition(" ")[2]))
            yield name


def _numbers(text: str) -> Iterator[PersonalName]:
    for pattern, kind in (
        (E_MAIL, "an e-mail address"),
        (TELEPHONE, "a telephone number"),
        (INSURANCE_NUMBER, "a National Insurance number"),
        (LEARNER_NUMBER, "a unique learner number"),
    ):
        yield from (PersonalName(found.start(), kind, found.group().strip()) for found in pattern.finditer(text))


def _names(text: str, known: Known) -> Iterator[PersonalName]:
    taken: set[int] = set()
    for found in TITLED.finditer(text):
        if _POSSESSIVE.sub("", found["name"]).casefold() not in known:
            taken.add(found.start("name"))
            yield PersonalName(found.start(), A_NAME, _POSSESSIVE.sub("", found.group()))
    for word in _NAME_WORD.finditer(text):
        name = _POSSESSIVE.sub("", word.group())
        if word.start() in taken or name.casefold() not in FIRST_NAMES or name.casefold() in known:
            continue
        if _is_of_a_place(text, word.start(), word.start() + len(name)) or _CITED.match(text, word.start() + len(name)):
            continue
        surname = _SURNAME.match(text, word.end()) if name == word.group() else None
        last = ""
        if surname:
            # Lewis is a first name too; here it is none.
            taken.add(surname.start("name"))
            last = f" {_POSSESSIVE.sub('', surname['name'])}"
        yield PersonalName(word.start(), A_NAME, name + last)


def _is_of_a_place(text: str, start: int, end: int) -> bool:
    """Say whether a name between two places of a text is that of a school or a street rather than of somebody."""
    return bool(_NAMESAKE.search(text[max(start - len("^Saint. "), 0) : start]) or _PLACE.match(text, end))
