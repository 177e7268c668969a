"""Whatever a file holds, the answer is a case or problems: nothing else is ever raised."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from broken_cases import SOUND
from html_pages import read_page
from ksbtrack.analysis import analyse
from ksbtrack.load import load_case
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Dates, LoggedHours
from ksbtrack.models.values import FIRST_YEAR, LAST_YEAR
from ksbtrack.problems import KsbtrackError
from ksbtrack.report.html import render_html
from ksbtrack.report.markdown import ALLOWED_TAGS, safe_html
from ksbtrack.yamlfile import decode, parse_yaml

ON = date(2026, 11, 22)
FILES = (
    "learner/portfolio.yaml",
    "learner/evidence/E01.md",
    "learner/off-the-job.csv",
    "standards/EX0001-1.0.yaml",
    "overlay.yaml",
    "policy.yaml",
)
PIECES_OF_TEXT = (
    *("", " ", "\n", "\t", "\r\n", ":", ": ", "- ", "[", "]", "{", "}", '"', "'", " #x", "&a ", "*a", "!!int ", "<<: "),
    *("---\n", "|\n", "? ", "%", "@", "`", "null", "no", "unknown", "0", "-1", "1e9", ".inf", "9" * 30, "010", "1.10"),
    *("0001-01-01", "9999-12-31", "2024-02-30", "2024-02-29", "K1", "K99", "²", "٣", "XS10b:G7.1", "ST0148", "EX0001"),
    *("../x", "/etc/passwd", ",", ";", "any_of: [", "extends: EX0001@1.0\n", "\ufeff", "\u202e", "e" + "\u0301" * 40),
    *("a" * 300, "😀", "{{x}}", "<b>", "id", "start", "end", "on", "subject"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(SOUND, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(standard: str | None = None) -> Case:
    return load_case(
        "learner", ON, standard=standard, folders=["standards"], overlays=["overlay.yaml"], policy="policy.yaml"
    )


@contextlib.contextmanager
def problems_allowed() -> Iterator[None]:
    """Let a file be refused: with a message in one line and its advice, that any terminal can show."""
    try:
        yield
    except KsbtrackError as error:
        assert error.problems
        for problem in error.problems:
            where, advice = str(problem).split("\n")
            assert where.startswith(f"{problem.source}: {problem.code}: found ")
            assert advice.startswith("  ")
            assert where.isprintable()
            where.encode("utf-8")


EDITS = st.lists(
    st.tuples(
        st.sampled_from(FILES),
        st.integers(min_value=0, max_value=1_500),
        st.integers(min_value=0, max_value=12),
        st.sampled_from(PIECES_OF_TEXT) | st.text(max_size=20),
    ),
    min_size=1,
    max_size=3,
)
STEADY = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@STEADY
@given(edits=EDITS)
@example(edits=[("standards/EX0001-1.0.yaml", 0, 0, "")])
def test_an_edited_portfolio_loads_or_is_refused(edits: list[tuple[str, int, int, str]], folder: Path) -> None:
    """Each edit puts a piece of text in the place of a few characters."""
    shutil.copytree(SOUND, folder, dirs_exist_ok=True)
    for name, place, length, text in edits:
        old = (folder / name).read_text("utf-8", errors="surrogateescape")
        place = min(place, len(old))  # noqa: PLW2901 - a short file's edits go to its end
        new = (old[:place] + text + old[place + length :]).encode("utf-8", errors="surrogatepass")
        (folder / name).write_bytes(new)
    for standard in (None, "EX0001"):
        with problems_allowed():
            render_html(analyse(load(standard)))


@STEADY
@given(name=st.sampled_from(FILES), content=st.binary(max_size=300))
def test_any_bytes_in_place_of_a_file_load_or_are_refused(name: str, content: bytes, folder: Path) -> None:
    shutil.copytree(SOUND, folder, dirs_exist_ok=True)
    (folder / name).write_bytes(content)
    for standard in (None, "EX0001"):
        with problems_allowed():
            analyse(load(standard))


YAML_TOKENS = st.lists(st.sampled_from(PIECES_OF_TEXT), max_size=12).map("".join)


@settings(STEADY, max_examples=500)
@given(text=YAML_TOKENS | st.text(max_size=60))
def test_any_text_is_yaml_or_is_refused(text: str) -> None:
    with problems_allowed():
        read = parse_yaml(decode(text.encode("utf-8", errors="surrogatepass"), "a.yaml"), "a.yaml")
        assert all(1 <= line <= text.count("\n") + text.count("\r") + 1 for line in read.lines.values())
        assert not [value for _, value in texts_in(read.value) if "\0" in value]


def texts_in(value: object) -> Iterator[tuple[str, str]]:
    """Yield each text of a plain value with its key; nothing but text, lists, mappings and None is allowed."""
    if isinstance(value, dict):
        for key, part in value.items():
            assert isinstance(key, str)
            yield from ((key, text) for _, text in texts_in(part))
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part)
    elif value is not None:
        assert isinstance(value, str)
        yield "", value


DAYS = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)) | st.sampled_from(
    [date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31), date(2024, 2, 29), date(2023, 9, 4), date(2025, 8, 1)]
)


@settings(STEADY, max_examples=80)
@given(
    days=st.lists(DAYS, min_size=7, max_size=7).map(sorted),
    on=DAYS,
    weekly=st.sampled_from([None, "1", "29.9999", "30", "168"]),
    is_known=st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_no_date_that_a_file_can_hold_is_too_much_for_the_rules(
    days: list[date], on: date, weekly: str | None, is_known: list[bool], folder: Path
) -> None:
    """The first and the last year of the calendar are far away, so that no sum with a date leaves it."""
    known = dict(zip(("original_start", "gateway", "planned_gateway", "end"), is_known, strict=True))
    dates = Dates.model_validate(
        {
            "original_start": days[0] if known["original_start"] else None,
            "start": days[1],
            "breaks": ({"start": days[2], "end": days[3] if known["end"] else None},),
            "gateway": days[5] if known["gateway"] else None,
            "planned_gateway": days[6] if known["planned_gateway"] else None,
        }
    )
    case = load()
    learner = case.portfolio.learner.model_copy(
        update={"weekly_hours": Decimal(weekly) if weekly else None, "born": max(days[0], date(1901, 1, 1))}
    )
    log = tuple(LoggedHours(date=day, hours=Decimal("7.5"), activity="Reading") for day in days)
    portfolio = case.portfolio.model_copy(update={"dates": dates, "learner": learner, "off_the_job": log})
    analysis = analyse(dataclasses.replace(case, portfolio=portfolio, on=on))
    assert analysis.decision.words
    assert "<h1" in render_html(analysis)


def test_the_years_that_a_date_can_have_leave_room_on_both_sides() -> None:
    century = timedelta(days=36_525)
    assert (date(FIRST_YEAR, 1, 1) - 15 * century).year > date.min.year
    assert (date(LAST_YEAR, 12, 31) + 15 * century).year < date.max.year


MARKDOWN = (
    *("*", "_", "`", "~", "#", ">", "- ", "1. ", "[", "]", "(", ")", "![", "<", ">", "&", "\\", "|", "\n", "\n\n"),
    *("    ", "a", "<b>", "</p>", "<!--", "http://x", "https://x", "javascript:x", "[x]: y\n", "---\n", "\t"),
    *("😀", "\u0301"),
)


@settings(STEADY, max_examples=400)
@given(text=st.lists(st.sampled_from(MARKDOWN) | st.text(max_size=4), max_size=25).map("".join))
def test_any_markdown_becomes_well_formed_harmless_html(text: str) -> None:
    with problems_allowed():
        page = read_page(safe_html(decode(text.encode("utf-8", errors="surrogatepass"), "E01.md")))
        assert {element.tag for element in page.all()} <= ALLOWED_TAGS
        assert {name for element in page.all() for name in element.attributes} <= {"href", "rel", "start"}
        assert all(link.attributes["href"].startswith(("https:", "mailto:")) for link in page.all("a"))
