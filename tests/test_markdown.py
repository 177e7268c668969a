"""Markdown of other people's making, as HTML that can do nothing."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from html_pages import read_page
from ksbtrack.report.markdown import ALLOWED_TAGS, safe_html


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("I *did* **it**.", "<p>I <em>did</em> <strong>it</strong>.</p>\n"),
        ("# Week 3\n\nText", "<p>Week 3</p>\n<p>Text</p>\n"),
        ("Week 3\n======", "<p>Week 3</p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>\n"),
        (
            "| day | hours |\n|---|--:|\n| Monday | **2** |",
            '<table>\n<thead>\n<tr>\n<th scope="col">day</th>\n<th scope="col">hours</th>\n</tr>\n</thead>\n'
            "<tbody>\n<tr>\n<td>Monday</td>\n<td><strong>2</strong></td>\n</tr>\n</tbody>\n</table>\n",
        ),
        ("a\x07b", "<p>a\ufffdb</p>\n"),
        ("", ""),
    ],
)
def test_text_keeps_its_form(written: str, shown: str) -> None:
    assert safe_html(written) == shown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[the log](https://a.b/c)", '<p><a href="https://a.b/c" rel="noopener noreferrer">the log</a></p>\n'),
        ("[**the** `log`](https://a.b)", '<p><a href="https://a.b" rel="noopener noreferrer">the log</a></p>\n'),
        ("<me@example.org>", '<p><a href="mailto:me@example.org" rel="noopener noreferrer">me@example.org</a></p>\n'),
        ("[](https://a.b)", '<p><a href="https://a.b" rel="noopener noreferrer">https://a.b</a></p>\n'),
        ('[a](https://a.b "title")', '<p><a href="https://a.b" rel="noopener noreferrer">a</a></p>\n'),
        ("[a](http://127.0.0.1/)", "<p>a</p>\n"),
        ("[a](/etc/passwd)", "<p>a</p>\n"),
        ("[a](//host/x)", "<p>a</p>\n"),
        ("[a](file:///etc/passwd)", "<p>[a](file:///etc/passwd)</p>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("![a](https://a.b/c.png)", '<p>!<a href="https://a.b/c.png" rel="noopener noreferrer">a</a></p>\n'),
        ("![a](file:///c.png)", "<p>![a](file:///c.png)</p>\n"),
    ],
)
def test_links_are_plain_and_lead_to_https_or_mail_only(written: str, shown: str) -> None:
    assert safe_html(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<style>*{}</style>",
        "<base href=//evil>",
        "<svg><image href='file:///etc/passwd'/></svg>",
        "<link rel=attachment href=file:///etc/passwd>",
        "<!-- hidden -->",
    ],
)
def test_raw_html_shows_as_the_text_it_is(written: str) -> None:
    page = read_page(safe_html(written))
    assert {element.tag for element in page.all()} <= {"p"}
    assert page.text == written


@given(st.text(st.sampled_from("#[]()!<>*_`-+>1. \n\tahttps:/&;\"'{}%\\|~^=")))
def test_whatever_is_written_only_allowed_elements_come_out(written: str) -> None:
    elements = read_page(safe_html(written)).all()
    assert {element.tag for element in elements} <= ALLOWED_TAGS
    assert {name for element in elements for name in element.attributes} <= {"href", "rel", "start"}
    for element in elements:
        if element.tag == "a":
            assert element.text
            assert not element.children


@pytest.mark.parametrize("written", ["> " * 40 + "deep", "- " * 40 + "deep", "> " * 5000, "1. " * 400 + "deep"])
def test_too_many_levels_show_as_typed(written: str) -> None:
    page = read_page(safe_html(written))
    assert {element.tag for element in page.all()} <= {"pre", "p", "hr"}
    assert page.text == " ".join(written.split()) or not page.text


@pytest.mark.parametrize("written", ["[" * 20_000, "[`" * 10_000, "*a" * 10_000, "<" * 20_000, "![" * 10_000])
def test_no_text_of_the_longest_length_is_slow(written: str) -> None:
    begin = time.process_time()
    assert len(safe_html(written)) >= 10_000
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(("columns", "rows"), [(9, 1), (8, 60)])
def test_a_table_that_is_too_large_shows_as_typed(columns: int, rows: int) -> None:
    line = "|" + "x|" * columns
    html = safe_html("\n".join([line, "|" + "-|" * columns, *[line] * rows]))
    assert "<table" not in html
    assert html.count("x|") == columns * (rows + 1)


def test_a_cell_can_do_no_more_than_a_line() -> None:
    html = safe_html("| a |\n|---|\n| <script>x</script> [b](javascript:x) ![c](http://127.0.0.1/c.png) |")
    assert "<table>" in html
    assert "<script" not in html
    assert "href" not in html
    assert "src" not in html
