"""Text and dates as other people's files have them, as a standard can hold them; what had to be repaired is told."""

from __future__ import annotations

import html
import re
import unicodedata
from datetime import date
from typing import NamedTuple

from ksbtrack.formats.html_tokens import html_tokens
from ksbtrack.models.values import has_likely_year

MOST_DECODINGS = 3
"""Times that entities may have been written as entities: the feed does it twice; what goes on is no text."""

# fmt: off
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figure", "footer", "h1", "h2", "h3",
    "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead",
    "tr", "ul",
))
_INLINE = frozenset((
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "img", "mark", "q", "s", "small", "span",
    "strong", "sub", "sup", "u",
))
# fmt: on
_NO_TEXT = frozenset(["script", "style", "template", "iframe", "object", "noscript", "svg", "math", "head"])
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)\b[^<>]*>|<!--")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
_SPACES = re.compile(r"[^\S\n]+")
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]00:00(?::00(?:\.0+)?)?\s*(?:Z|[+-]00:?00)?)?")
_BRITISH = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: 00:00(?::00)?)?")
_FIRST_YEAR_OF_A_DATE = 1901
"""The feed writes "no date" as the first day of year 1 or of 1900."""


class Cleaned(NamedTuple):
    """Text as a standard holds it.

    Attributes:
        text: without tags, entities and invisible characters; empty where there was nothing else.
        repairs: what was done to it beside taking white space off its ends, as clauses.
    """

    text: str
    repairs: tuple[str, ...] = ()


def clean_line(raw: str) -> Cleaned:
    """Give text on one line: a title, a statement, the text of a duty.

    Args:
        raw: as the source has it: HTML or not, decoded or not.
    """
    text, repairs = clean_prose(raw)
    line = " ".join(text.split())
    if "\n" in text:
        repairs = (*repairs, "line breaks became spaces")
    return Cleaned(line, repairs)


def clean_prose(raw: str) -> Cleaned:
    """Give text with its paragraphs and list entries on lines of their own.

    Args:
        raw: as the source has it: HTML or not, decoded or not.
    """
    repairs = []
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    decoded = _decoded(text)
    if decoded != text:
        repairs.append("HTML became plain text")
    visible = "".join(_seen(character) for character in _INVISIBLE.sub("", decoded))
    if visible != decoded:
        repairs.append("characters that cannot be seen were taken out")
    text = unicodedata.normalize("NFC", visible)
    if "\u00a0" in text:
        repairs.append("non-breaking spaces became spaces")
    lines = [_SPACES.sub(" ", line).strip() for line in text.split("\n")]
    kept = [line for index, line in enumerate(lines) if line or (index and lines[index - 1])]
    text = "\n".join(kept).strip("\n")
    if any("  " in line.strip() for line in visible.split("\n")):
        repairs.append("several spaces became one")
    return Cleaned(text, tuple(repairs))


def _decoded(text: str) -> str:
    """Give text without HTML, however often it was escaped; what only looks like a sign of HTML stays."""
    for _ in range(MOST_DECODINGS):
        has_tags = any(_is_html(match) for match in _TAG.finditer(text))
        plain = _without_tags(text) if has_tags else html.unescape(text) if _ENTITY.search(text) else text
        if plain == text:
            return text
        text = plain
    return text


def _is_html(match: re.Match[str]) -> bool:
    name = match.group(1)
    return name is None or name.casefold() in _BLOCKS | _INLINE | _NO_TEXT


def _without_tags(text: str) -> str:
    """Give what a browser would show of a piece of HTML; a sign such as `<name>` that is no tag of HTML stays."""
    parts: list[str] = []
    hidden: list[str] = []
    for token in html_tokens(text):
        name = token.name.removeprefix("/")
        if name != token.name:
            if name in hidden:
                del hidden[hidden.index(name) :]
            elif name in _BLOCKS:
                parts.append("\n")
        elif name in _NO_TEXT:
            # Each once, so that a thousand of them cost no more than one.
            hidden += [] if name in hidden else [name]
        elif name in _BLOCKS:
            parts.append("\n\u2022 " if name == "li" and not hidden else "\n")
        elif name not in _INLINE and not hidden:
            # Text, or a word between signs that only looks like a tag.
            parts.append(token.text if not name else text[token.offset : token.end])
    return "".join(parts)


def _seen(character: str) -> str:
    """Give a character that a person can see, white space, or nothing."""
    if character in "\n\u00a0" or character.isprintable():
        return character
    category = unicodedata.category(character)
    if character == "\t" or category.startswith("Z"):
        return " "
    # What stands for text in the other direction stays out too: it can make a sentence read as another one.
    return ""


class ReadDay(NamedTuple):
    """A date of the source.

    Attributes:
        day: None where there is none, or none that can be read.
        fault: a clause that says why it cannot be read; empty where it can, or where there is none.
        repair: a clause that says in which form it stood; empty where it stood as a date does.
    """

    day: date | None
    fault: str = ""
    repair: str = ""


def read_source_day(raw: object) -> ReadDay:
    """Give the day of a date such as `2017-11-07T00:00:00 +00:00`, `2017-11-07` or `07/11/2017`.

    Args:
        raw: as the source has it; nothing, an empty text and the year 1 stand for no date.
    """
    if raw is None or raw == "":
        return ReadDay(None)
    text = str(raw).strip()
    match, british = _DAY.fullmatch(text), _BRITISH.fullmatch(text)
    if match:
        year, month, number = (int(part) for part in match.groups())
    elif british:
        number, month, year = (int(part) for part in british.groups())
    else:
        return ReadDay(None, "is no date at midnight")
    if year < _FIRST_YEAR_OF_A_DATE:
        return ReadDay(None)
    try:
        day = date(year, month, number)
    except ValueError:
        return ReadDay(None, "is no day in the calendar")
    if not has_likely_year(day):
        return ReadDay(None, "is in no likely year")
    return ReadDay(day, "", "" if text == day.isoformat() else "was written in another form")
