"""An HTML page, read as a browser would and broken down into what tests ask about."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "br", "col", "wbr", "hr", "img", "input", "link", "base", "source", "embed", "area"})

APART = frozenset({"br", "p", "li", "tr", "td", "th", "h1", "h2", "h3", "title"})
"""What begins on a line or in a cell of its own, so that its text does not run into the one before."""


@dataclass
class Element:
    """One element with its attributes, children and all text in it."""

    tag: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Give the text in it, white space folded."""
        return " ".join("".join(self.pieces).split())

    def all(self, *tags: str) -> list[Element]:
        """Give all descendants of the tags, in the order of the page; every one without tags."""
        found: list[Element] = []
        for child in self.children:
            if not tags or child.tag in tags:
                found.append(child)
            found += child.all(*tags)
        return found

    def by_id(self, name: str) -> Element:
        """Give the one element with an id."""
        (found,) = (element for element in self.all() if element.attributes.get("id") == name)
        return found

    def with_class(self, name: str) -> list[Element]:
        """Give the elements that have a class."""
        return [element for element in self.all() if name in element.attributes.get("class", "").split()]


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in APART:
            self.handle_data(" ")
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            if element.tag == "root" or "style" not in [inner.tag for inner in self.open]:
                element.pieces.append(data)
        if self.open[-1].tag == "style":
            self.open[-1].pieces.append(data)


def read_page(html: str) -> Element:
    """Give the root of a page; an element that is closed in the wrong order fails."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert [element.tag for element in builder.open] == ["root"], "an element is not closed"
    return builder.root
