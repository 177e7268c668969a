"""Plain text as HTML and back again, without losing a space; and what HTML of others says."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

MAX_HTML = 100_000
"""Characters of one HTML text that are read: five times the longest statement, all of them written as codes."""

_ODD_SPACE = re.compile(r"(?<!\S) | (?=\s|$)|[\t\xa0]")
"""Spaces that HTML would show as fewer, or that a spreadsheet would make plain ones."""
_STARTS_A_FORMULA = re.compile(r"['=+\-@]")
_SPACES = re.compile(r"[ \t\n\r\f]+")
_BREAKS = frozenset(
    ("br", "div", "dd", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "table", "tr", "ul")
)
_HIDDEN = frozenset(("script", "style", "template", "iframe", "object", "noscript", "svg", "math", "head", "title"))
_BULLET = "\N{BULLET} "


def html_of(text: str) -> str:
    """Give plain text as HTML in which `text_of` finds the same text again.

    Nothing in it is a sign to HTML, nor a quote or a backslash, which some readers of CSV take for more than they are.

    Args:
        text: of one line or more.
    """
    lines = []
    for line in text.split("\n"):
        parts, last = [], 0
        for match in _ODD_SPACE.finditer(line):
            parts += [_escaped(line[last : match.start()]), f"&#{ord(match.group())};"]
            last = match.end()
        lines.append("".join([*parts, _escaped(line[last:])]))
    return "<br />".join(lines)


def _escaped(text: str) -> str:
    return html.escape(text).replace("\\", "&#92;")


def text_of(markup: str) -> tuple[str, bool]:
    """Give what a browser would show of HTML as plain text, and whether more than breaks was left out.

    Spaces and line ends count as HTML counts them; one that is written as a code stays.

    Args:
        markup: HTML, or plain text that has no sign of it.
    """
    parser = _Text()
    parser.feed(markup)
    parser.close()
    return parser.text(), parser.has_more


class _Text(HTMLParser):
    """Gathers the text of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self.is_soft = True
        """The last sign is a space or a break after which HTML shows no further space."""
        self.hidden = 0
        self.has_more = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.has_more |= tag not in ("br", "p") or bool(attrs)
        if tag in _HIDDEN:
            self.hidden += 1
        elif tag == "br":
            self.new_line()
        elif tag == "li":
            self.new_block()
            self.put(_BULLET)
            self.is_soft = True
        elif tag in _BREAKS:
            self.new_block()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in _HIDDEN:
            self.hidden -= 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self.hidden = max(0, self.hidden - 1)
        elif tag in _BREAKS | {"li"} and tag != "br":
            self.new_block()

    def handle_data(self, data: str) -> None:
        if self.hidden or not data:
            return
        text = _SPACES.sub(" ", data)
        if self.is_soft:
            text = text.removeprefix(" ")
        if text:
            self.put(text)
            self.is_soft = text.endswith(" ")

    def handle_entityref(self, name: str) -> None:
        self.exactly(html.unescape(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        self.exactly(html.unescape(f"&#{name};"))

    def handle_comment(self, data: str) -> None:
        del data
        self.has_more = True

    def exactly(self, text: str) -> None:
        """Take text that is written as a code: a space in it stays."""
        if not self.hidden and text:
            self.put(text)
            self.is_soft = False

    def put(self, text: str) -> None:
        self.parts.append(text)

    def new_line(self) -> None:
        if self.parts and self.is_soft and self.parts[-1].endswith(" "):
            self.parts[-1] = self.parts[-1][:-1]
        self.put("\n")
        self.is_soft = True

    def new_block(self) -> None:
        if self.parts and not self.parts[-1].endswith("\n"):
            self.new_line()

    def text(self) -> str:
        return "".join(self.parts).strip()


def shortened(text: str, limit: int, *, escape: bool = False) -> str:
    """Give text on one line of at most `limit` characters; a longer one is cut after a word, with a sign for it.

    Args:
        text: of any length.
        limit: the most characters.
        escape: writes the signs of HTML as codes, which count.
    """
    line = " ".join(text.split())
    if len(_shown(line, escape)) <= limit:
        return _shown(line, escape)
    kept = line[: limit - 1]
    while len(_shown(kept, escape)) >= limit:
        kept = kept[:-1]
    at_word = kept.rpartition(" ")[0]
    return _shown((at_word or kept).rstrip(), escape) + "…"


def _shown(text: str, escape: bool) -> str:
    if not escape:
        return text
    # Written as a code the first sign begins no formula, should somebody open the file in a spreadsheet.
    first = f"&#{ord(text[0])};" if _STARTS_A_FORMULA.match(text) else ""
    return first + html.escape(text[1:] if first else text, quote=False).replace("\\", "&#92;")


def with_name(name: str, text: str) -> str:
    """Give the words of an entry that has a name and a text: the name first, unless it is a short form of the text.

    Args:
        name: one line.
        text: nothing, where the name is all there is.
    """
    stem = name.removesuffix("…").removesuffix("...").strip()
    if not text or " ".join(text.split()).startswith(" ".join(stem.split())):
        return text or name
    return f"{name}\n{text}" if name else text
