"""Tags and texts are found as a browser finds them, in time that grows with the page alone."""

from __future__ import annotations

import time

import pytest

from ksbtrack.formats.html_tokens import html_tokens
from ksbtrack.formats.source_text import clean_line


def tags(page: str) -> list[tuple[str, dict[str, str]]]:
    return [(token.name, dict(token.attributes)) for token in html_tokens(page) if token.name]


def texts(page: str) -> list[str]:
    return [token.text for token in html_tokens(page) if not token.name]


@pytest.mark.parametrize(
    ("tag", "name", "attributes"),
    [
        ("<p>", "p", {}),
        ("</P >", "/p", {}),
        ("<br/>", "br", {}),
        ("<A HREF=x Class = 'b c'>", "a", {"href": "x", "class": "b c"}),
        ('<a href="x>y" b>', "a", {"href": "x>y", "b": ""}),
        ("<a href=x/y>", "a", {"href": "x/y"}),
        ('<a x="1" x="2">', "a", {"x": "1"}),
        ("<a x=\"&lt;b&gt; &amp;amp; &quot;\" y='&#39;'>", "a", {"x": '<b> &amp; "', "y": "'"}),
        ('<a x="1"y="2">', "a", {"x": "1", "y": "2"}),
        ('<a\n\tx\n=\n"line\nbreak">', "a", {"x": "line\nbreak"}),
        ("<my-tag data-x=1>", "my-tag", {"data-x": "1"}),
    ],
)
def test_a_tag(tag: str, name: str, attributes: dict[str, str]) -> None:
    assert tags(f"a{tag}b") == [(name, attributes)]
    assert texts(f"a{tag}b") == ["a", "b"]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("a &amp; b", ["a & b"]),
        ("a < b", ["a ", "<", " b"]),
        ("a <!-- <p> --> b", ["a ", " b"]),
        ("a <!doctype x> <?xml y?> b", ["a ", " ", " b"]),
        ("<script>if (a<b) '</p>'</script>b", ["b"]),
        ("<title>a <b></title>c", ["a <b>", "c"]),
        ("a <p class='x", ["a ", "<p class='x"]),
        ("a <p", ["a ", "<p"]),
        ("a <!-- b", ["a "]),
        ("", []),
    ],
)
def test_texts(page: str, words: list[str]) -> None:
    assert texts(page) == words


def test_the_places_of_tags() -> None:
    page = "ab<p x=1>c</p>"
    assert [page[token.offset : token.end] for token in html_tokens(page)] == ["ab", "<p x=1>", "c", "</p>"]


@pytest.mark.parametrize(
    "part",
    [
        "<",
        "<a ",
        "<a b='",
        "<a b=\"' c='\"",
        "<!--",
        "<![CDATA[",
        "</",
        "<script>",
        "<svg>",
        "</math>",
        "<a b c d ",
        "&#",
        "<p>",
    ],
)
def test_a_hostile_page_costs_its_length(part: str) -> None:
    """A quarter of a million of them took hours where each was looked for from the beginning again."""
    page = "<svg>" + part * 250_000
    began = time.process_time()
    assert sum(1 for _ in html_tokens(page)) <= len(page)
    clean_line("<b>x</b>" + part * 20_000)
    assert time.process_time() - began < 10
