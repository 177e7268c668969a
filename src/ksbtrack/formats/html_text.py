"""Plain text as HTML and back again, without losing a space; and what HTML of others says."""

from __future__ import annotations

import html
import re

from ksbtrack.formats.html_tokens import html_tokens
from ksbtrack.yamlfile import without_forbidden

MAX_HTML = 100_000
"""Characters of one HTML text that are read: five times the longest statement, all of them written as codes."""

_ODD_SPACE = re.compile(r"(?<!\S) | (?=\s|$)|[\t\xa0]")
"""Spaces that HTML would show as fewer, or that a spreadsheet would make plain ones."""
_STARTS_A_FORMULA = re.compile(r"['=+\-@]")
_SPACES = re.compile(r"[ \t\n\r\f]+")
_BREAKS = frozenset(
    ("br", "div", "dd", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "table", "tr", "ul")
)
_HIDDEN = frozenset(("script", "style", "template", "iframe", "object", "noscript", "svg", "math", "head", "title"))
_KEPT = (("&#32;", "\ufdd0"), ("&#9;", "\ufdd1"))
"""Spaces as `html_of` writes them, and what stands for them meanwhile: no text can hold such a character."""
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

    Spaces and line ends count as HTML counts them; a space that is written as a code stays.

    Args:
        markup: HTML, or plain text that has no sign of it.
    """
    marked = without_forbidden(markup)
    for code, mark in _KEPT:
        marked = marked.replace(code, mark)
    shown = _Shown()
    # Remarks and declarations are passed over, with all that follows where one is never closed.
    shown.has_more = "<!" in marked or "<?" in marked
    for token in html_tokens(marked):
        if token.name:
            shown.tag(token.name, has_attributes=bool(token.attributes))
        else:
            shown.words(token.text)
    text = "".join(shown.parts)
    for code, mark in _KEPT:
        text = text.replace(mark, html.unescape(code))
    return text.strip(), shown.has_more


class _Shown:
    """The text of a piece of HTML as it grows: what comes next depends on what stands there already."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.is_soft = True
        """The last sign is a space or a break, after which HTML shows no further space."""
        self.hidden = 0
        self.has_more = False

    def tag(self, name: str, *, has_attributes: bool) -> None:
        """Take the beginning or, with a stroke before its name, the end of an element."""
        element = name.removeprefix("/")
        self.has_more |= element not in ("br", "p") or has_attributes
        if element in _HIDDEN:
            self.hidden = max(0, self.hidden + (-1 if name.startswith("/") else 1))
        elif name == "br":
            self.new_line()
        elif name == "li":
            self.new_block()
            self.parts.append(_BULLET)
        elif element in _BREAKS:
            self.new_block()

    def words(self, text: str) -> None:
        """Take text between two tags."""
        folded = _SPACES.sub(" ", text)
        if self.is_soft:
            folded = folded.removeprefix(" ")
        if folded and not self.hidden:
            self.parts.append(folded)
            self.is_soft = folded.endswith(" ")

    def new_line(self) -> None:
        """Begin a new line."""
        if self.parts and self.parts[-1].endswith(" "):
            self.parts[-1] = self.parts[-1][:-1]
        self.parts.append("\n")
        self.is_soft = True

    def new_block(self) -> None:
        """Begin a new line, unless one has just begun."""
        if self.parts and not self.parts[-1].endswith("\n"):
            self.new_line()


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
