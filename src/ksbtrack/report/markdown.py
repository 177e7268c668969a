"""What people write in Markdown (accounts, comments), as HTML that is safe to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksbtrack.report.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token
    from markupsafe import Markup

_TABLE_TAGS = {"table", "thead", "tbody", "tr", "th", "td"}
ALLOWED_TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "a", "hr"} | _TABLE_TAGS
"""No headings (they would break the report's own order), no images, nothing that loads or runs."""
ALLOWED_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}, "th": {"scope"}}
ALLOWED_SCHEMES = {"https", "mailto"}

MAX_TABLE_COLUMNS = 8
"""Columns of a table; with more there is no room for a word in each, and the rows show as they were typed."""
MAX_TABLE_CELLS = 400
"""Cells of all tables of a text, four pages: to lay them out takes ten times as long as the same words in lines."""
MAX_LEVEL = 12
"""Levels of quotes and lists. Deeper ones leave no room for words, and the parser drops them at 20."""


def safe_html(text: str) -> Markup:
    """Give HTML that shows CommonMark text with tables, and can do nothing else.

    Raw HTML shows as the text it is. A heading becomes a paragraph, an image a link to it. A link holds plain
    text only, as PDF/UA wants it, and leads to https or mailto addresses; any other is left as text. A text
    with deeper levels than `MAX_LEVEL` shows as it was typed, and so does a table that is too large.

    Args:
        text: the author's Markdown, of a length that loading has already limited.
    """
    import nh3
    from markdown_it import MarkdownIt
    from markupsafe import Markup, escape

    reader = MarkdownIt("commonmark", {"html": False}).disable("image").enable("table")
    tokens = reader.parse(printable(text))
    if _has_large_table(tokens):
        tokens = reader.disable("table").parse(printable(text))
    if any(token.level >= MAX_LEVEL for token in tokens):
        return Markup("<pre>{}</pre>").format(escape(printable(text)))
    tokens = list(_plain(tokens))
    html = reader.renderer.render(tokens, reader.options, {})
    clean = nh3.clean(html, tags=ALLOWED_TAGS, attributes=ALLOWED_ATTRIBUTES, url_schemes=ALLOWED_SCHEMES)
    return Markup(clean)


def _has_large_table(tokens: list[Token]) -> bool:
    cells = columns = 0
    for token in tokens:
        columns = 0 if token.type == "tr_open" else columns + (token.type in ("th_open", "td_open"))
        cells += token.type in ("th_open", "td_open")
        if columns > MAX_TABLE_COLUMNS or cells > MAX_TABLE_CELLS:
            return True
    return False


def _plain(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.type = token.type.replace("heading", "paragraph")
            token.tag = "p"
        if token.type == "th_open":
            # A reader of the page says for each cell what it stands under.
            token.attrs = {"scope": "col"}
        if token.type == "inline":
            token.children = list(_plain_links(token.children or []))
        yield token


def _plain_links(children: list[Token]) -> Iterator[Token]:
    """Give inline tokens in which each link is one run of text; links cannot stand in one another."""
    address: str | None = None
    words: list[str] = []
    for token in children:
        if token.type == "link_open":
            address, words = str(token.attrGet("href") or ""), []
        elif token.type == "link_close":
            yield from _link(address or "", "".join(words))
            address = None
        elif address is not None:
            words.append(" " if token.type in ("softbreak", "hardbreak") else token.content)
        else:
            yield token


def _link(address: str, words: str) -> Iterator[Token]:
    from markdown_it.token import Token

    text = Token("text", "", 0, content=words.strip() or address)
    if address.partition(":")[0].casefold() not in ALLOWED_SCHEMES:
        yield text
        return
    yield Token("link_open", "a", 1, attrs={"href": address})
    yield text
    yield Token("link_close", "a", -1)
