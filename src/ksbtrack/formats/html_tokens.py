"""The tags and texts of a page as a browser finds them, in one pass: a hostile page costs no more than its length."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_TAG_NAME = re.compile(r"/?[A-Za-z][^\s/>]*+")
# The groups are possessive: what was read once is never read again in another way.
_ATTRIBUTE = re.compile(
    r"""[\s/]*+ (?: (?P<name> [^\s/>] [^\s/>=]*+ )
                    (?: \s*+ = \s*+ (?P<value> "[^"]*+" | '[^']*+' | [^\s>"'] [^\s>]*+ )? )?+ )?+""",
    re.VERBOSE,
)
_RAW = frozenset(["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"])
"""Elements in which a sign of HTML is text, up to their own end."""
_END_OF = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}


class Token(NamedTuple):
    """A tag, or the text between two tags.

    Attributes:
        name: of the element, in small letters, with a stroke before it where it ends; empty for text.
        attributes: of a tag by name, decoded; of an attribute given twice the first.
        text: decoded; empty for a tag.
        offset: where it begins.
        end: the place after it.
    """

    name: str
    attributes: Mapping[str, str]
    text: str
    offset: int
    end: int


def html_tokens(page: str) -> Iterator[Token]:
    """Yield the tags and texts of a page in their order; comments, declarations and scripts are passed over.

    Args:
        page: HTML of any kind. A tag that is never closed, with all that follows it, is text.
    """
    place = 0
    while place < len(page):
        sign = page.find("<", place)
        end = len(page) if sign < 0 else sign
        if end > place:
            yield _text(page, place, end)
        if sign < 0:
            return
        place, token = _marked(page, sign)
        if token is None:
            continue
        yield token
        if token.name in _RAW:
            end = _end_of_raw(page, place, token.name)
            if end > place and token.name in ("title", "textarea"):
                yield _text(page, place, end)
            place = end


def _text(page: str, place: int, end: int) -> Token:
    return Token("", {}, html.unescape(page[place:end]), place, end)


def _marked(page: str, sign: int) -> tuple[int, Token | None]:
    """Give the place after what begins with the sign `<`, and the tag if it is one."""
    if page.startswith("<!--", sign):
        return _after(page, "-->", sign + 2), None
    if page.startswith(("<!", "<?"), sign):
        return _after(page, ">", sign), None
    match = _TAG_NAME.match(page, sign + 1)
    if match is None:
        # A sign of its own, such as "costs < 5".
        return sign + 1, Token("", {}, "<", sign, sign + 1)
    place, attributes = _attributes(page, match.end())
    if place > len(page):
        return len(page), _text(page, sign, len(page))
    return place, Token(match.group().casefold(), attributes, "", sign, place)


def _attributes(page: str, place: int) -> tuple[int, dict[str, str]]:
    """Give the place after a tag and its attributes; one past the end of the page if the tag is never closed."""
    attributes: dict[str, str] = {}
    while place < len(page) and page[place] != ">":
        found = _ATTRIBUTE.match(page, place)
        is_open = found is not None and page[found.end() : found.end() + 1] in ("'", '"')
        if found is None or found.end() == place or (is_open and found.group().rstrip().endswith("=")):
            # The quote of a value that is never closed.
            break
        if found["name"]:
            attributes.setdefault(found["name"].casefold(), html.unescape(_unquoted(found["value"] or "")))
        place = found.end()
    return (place + 1 if page[place : place + 1] == ">" else len(page) + 1), attributes


def _unquoted(value: str) -> str:
    return value[1:-1] if value[:1] in ("'", '"') else value


def _after(page: str, sign: str, place: int) -> int:
    end = page.find(sign, place)
    return len(page) if end < 0 else end + len(sign)


def _end_of_raw(page: str, place: int, name: str) -> int:
    """Give the place of the end tag of a raw element."""
    end = _END_OF[name].search(page, place)
    return end.start() if end else len(page)
