"""The page about a cohort in a real browser: filter, sort, search, paging, keyboard, and nothing from outside."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from browser import Browser, Page, opened_browser
from html_pages import read_page
from ksbtrack.cohort.changes import Judged, cohort_changes
from ksbtrack.load import load_policy
from ksbtrack.models.analysis import Action, Decision
from ksbtrack.models.cohort import LearnerVerdict, NextStep
from ksbtrack.report.cohort_page import cohort_html, cohort_page, cohort_paper_html
from ksbtrack.report.cohort_view import FIX_WORDS, MOST_READY, cohort_view
from ksbtrack.report.report_names import report_name
from made_up_verdicts import DAY, HOSTILE, MEANINGS, hostile_cohort, made_up_cohort, made_up_verdict, run_of

LARGE = 5_000
USABLE_SECONDS = 3.0
"""Until the first rows of a page with 5,000 learners are there, on a machine with other things to do: 0.4 s alone."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with opened_browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def large_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(list(made_up_cohort(LARGE)()), tmp_path_factory.mktemp("large"))


def written(verdicts: Sequence[LearnerVerdict], folder: Path, **more: Any) -> Path:
    path = folder / "cohort.html"
    path.write_text(cohort_html(run_of(verdicts), lambda: verdicts, MEANINGS, **more), encoding="utf-8")
    return path


@pytest.fixture
def shown(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Give what opens a page; afterwards nothing may have been fetched or complained about."""
    pages: list[Page] = []

    def show(source: Path | Sequence[LearnerVerdict], **more: Any) -> Page:
        path = source if isinstance(source, Path) else written(source, tmp_path, **more)
        page = browser.page()
        pages.append(page)
        page.open(path)
        return page

    yield show
    for page in pages:
        page.evaluate("1")
        assert page.complaints == []
        outside = [address for address in page.fetched[1:] if not address.startswith("data:image/svg+xml,")]
        assert outside == []
        assert page.fetched[0].startswith("file:")


def texts(page: Page, selector: str) -> list[str]:
    found: list[str] = page.evaluate(
        f"[...document.querySelectorAll({json.dumps(selector)})].filter(each => each.checkVisibility())"
        ".map(each => each.textContent)"
    )
    return found


def names(page: Page) -> list[str]:
    return texts(page, "#table tbody th > bdi, #table tbody th > a > bdi")


def keys(page: Page) -> list[str]:
    return texts(page, "#table tbody th .muted")


def choose(page: Page, name: str, label: str) -> None:
    """Choose an entry of a list by its words."""
    page.evaluate(
        f"(() => {{ const list = document.getElementById({json.dumps(name)}); "
        f"const found = [...list.options].find(each => each.text === {json.dumps(label)}); "
        "list.value = found.value; list.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


def focus(page: Page) -> str:
    said: str = page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id")
    return said


def tab_to(page: Page, words: str, most: int = 80) -> None:
    """Go on with the Tab key until the focus is on something."""
    for _ in range(most):
        page.press("Tab")
        if focus(page) == words:
            return
    pytest.fail(f"{words!r} cannot be reached with the Tab key")


def test_a_page_with_thousands_of_learners_shows_its_first_rows_soon(
    shown: Callable[..., Page], large_page: Path
) -> None:
    begin = time.monotonic()
    page = shown(large_page)
    page.wait_for("document.querySelectorAll('#table tbody tr').length > 0")
    assert time.monotonic() - begin < USABLE_SECONDS
    assert texts(page, "#shown") == ["Showing 1 to 100 of 5,000 learners"]
    assert keys(page) == [f"L{number:05}" for number in range(100)]


def test_every_filter_shows_the_learners_that_it_names(shown: Callable[..., Page], large_page: Path) -> None:
    verdicts = list(made_up_cohort(LARGE)())
    page = shown(large_page)
    cases: tuple[tuple[str, str, Callable[[LearnerVerdict], bool]], ...] = (
        ("by-decision", "Cannot tell yet", lambda each: each.decision is Decision.CANNOT_TELL),
        ("by-pace", "At risk", lambda each: each.pace.status.words == "At risk"),
        ("by-standard", "XX9002@1.0 Bell founder", lambda each: each.standard == "XX9002@1.0"),
        ("by-assessor", "Example Assessor 3", lambda each: each.assessor == "Example Assessor 3"),
        ("by-group", "Group 11", lambda each: each.group == "Group 11"),
        ("by-requirement", "Maths", lambda each: "maths" in each.blocking),
    )
    left = verdicts
    for name, label, holds in cases:
        choose(page, name, label)
        alone = [each.key for each in verdicts if holds(each)]
        assert texts(page, "#shown")[0].endswith(f" of {len(alone):,} learners")
        assert keys(page) == alone[:100]
        page.evaluate("document.querySelector('#filters button[type=reset]').click()")
        page.wait_for("document.getElementById('shown').textContent.includes('5,000')")
    for name, label, holds in (cases[0], cases[4]):
        choose(page, name, label)
        left = [each for each in left if holds(each)]
    assert keys(page) == [each.key for each in left][:100]
    assert 0 < len(left) < 100


def test_overdue_learners_can_be_shown_alone(shown: Callable[..., Page], large_page: Path) -> None:
    page = shown(large_page)
    page.evaluate("document.getElementById('by-overdue').click()")
    late = [each.key for each in made_up_cohort(LARGE)() if each.is_overdue and each.decision is not Decision.READY]
    assert keys(page) == late[:100]


def test_search_finds_names_and_references_without_accents(shown: Callable[..., Page], large_page: Path) -> None:
    page = shown(large_page)
    page.evaluate("document.getElementById('search').focus()")
    page.type("learner 4999")
    assert keys(page) == ["L04999"]
    page.evaluate("document.getElementById('search').value = ''")
    page.type("l00042")
    assert keys(page) == ["L00042"]
    page.type(" and nobody")
    assert texts(page, "#shown") == ["No learner matches."]
    other = shown(hostile_cohort())
    other.evaluate("document.getElementById('search').focus()")
    other.type("ZOE")
    assert names(other)[0] == HOSTILE[3]
    assert len(keys(other)) == 1


def test_pages_turn_and_the_last_one_keeps_the_focus(shown: Callable[..., Page]) -> None:
    page = shown(list(made_up_cohort(250)()))
    tab_to(page, "Next")
    page.press("Enter")
    assert texts(page, "#shown") == ["Showing 101 to 200 of 250 learners"]
    page.press("Enter")
    assert keys(page) == [f"L{number:05}" for number in range(200, 250)]
    assert texts(page, "#page") == ["Page 3 of 3"]
    assert focus(page) == "Previous"
    page.press("Enter")
    assert texts(page, "#page") == ["Page 2 of 3"]


def test_the_keyboard_alone_sorts_and_its_focus_is_seen(shown: Callable[..., Page]) -> None:
    verdicts = list(made_up_cohort(60)())
    page = shown(verdicts)
    tab_to(page, "Planned gateway")
    outline = page.evaluate(
        "(() => { const style = getComputedStyle(document.activeElement); "
        "return [style.outlineStyle, parseFloat(style.outlineWidth)]; })()"
    )
    assert outline[0] == "solid" and outline[1] >= 2
    page.press("Enter")
    known = sorted((each for each in verdicts if each.planned_gateway), key=lambda each: str(each.planned_gateway))
    unknown = [each.key for each in verdicts if not each.planned_gateway]
    assert keys(page) == [each.key for each in known] + unknown
    sorting = "document.activeElement.parentElement.getAttribute('aria-sort')"
    assert page.evaluate(sorting) == "ascending"
    page.press(" ")
    assert page.evaluate(sorting) == "descending"
    falling = sorted(known, key=lambda each: str(each.planned_gateway), reverse=True)
    assert keys(page) == [each.key for each in falling] + unknown
    assert focus(page) == "Planned gateway"


def test_names_and_numbers_sort_as_people_count(shown: Callable[..., Page]) -> None:
    page = shown(list(made_up_cohort(30)()))
    page.evaluate("document.querySelector('#table th button').click()")
    assert names(page)[:11] == [f"Example Learner {number}" for number in range(11)]


def test_everything_can_be_reached_with_the_tab_key_in_the_order_of_the_page(shown: Callable[..., Page]) -> None:
    page = shown(list(made_up_cohort(150)()), without_report=())
    met = []
    for _ in range(60):
        page.press("Tab")
        met.append(focus(page))
    for words in ("Go to the table of learners", "All learners", "search", "Show all again", "Learner", "Steps left"):
        assert words in met
    assert [met.index(words) for words in ("search", "by-overdue", "Learner", "Example Learner 0")] == sorted(
        met.index(words) for words in ("search", "by-overdue", "Learner", "Example Learner 0")
    )


def test_with_one_standard_chosen_only_its_requirements_have_columns(shown: Callable[..., Page]) -> None:
    page = shown(list(made_up_cohort(60)()))
    page.ask("Emulation.setDeviceMetricsOverride", width=700, height=800, deviceScaleFactor=1, mobile=False)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "only the table may be wider"
    both = texts(page, "#table th.grid")
    assert set(both) == {
        "Every statement is shown",
        "English",
        "Casting log",
        "Maths",
        "Off-the-job training",
        "Confirmations",
    }
    choose(page, "by-standard", "XX9002@1.0 Bell founder")
    assert texts(page, "#table th.grid") == [
        each for each in both if each in {"Every statement is shown", "English", "Casting log"}
    ]
    wide = page.evaluate(
        "[...document.querySelectorAll('#table tr')].map(row => [...row.children].filter(each => !each.hidden).length)"
    )
    assert len(set(wide)) == 1


def test_what_learners_are_called_is_only_text(shown: Callable[..., Page]) -> None:
    page = shown(hostile_cohort(), without_report=())
    assert page.evaluate("document.title") == "Cohort on 22 November 2026: who is ready, who is late, and why"
    assert page.evaluate("document.querySelectorAll('script').length") == 2
    assert page.evaluate("document.querySelectorAll('[onclick], #table b').length") == 0
    assert names(page) == list(HOSTILE)


def test_the_longest_name_leaves_the_table_readable(shown: Callable[..., Page]) -> None:
    page = shown(hostile_cohort())
    wide = page.evaluate("Math.max(...[...document.querySelectorAll('#table tbody th')].map(each => each.offsetWidth))")
    assert wide < 400
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_policy_of_the_page_stops_scripts_and_fetching(browser: Browser, tmp_path: Path) -> None:
    page = browser.page()
    page.open(written(list(made_up_cohort(3)()), tmp_path))
    page.evaluate(
        "(() => { const script = document.createElement('script'); script.textContent = 'window.taken = 1'; "
        "document.body.append(script); const image = new Image(); image.src = 'http://127.0.0.1:9/x.png'; "
        "document.body.append(image); })()"
    )
    page.wait_for("true")
    assert page.evaluate("window.taken === undefined")
    assert sum("Content Security Policy" in words for words in page.complaints) >= 2


def test_reports_are_linked_but_those_that_failed(shown: Callable[..., Page]) -> None:
    verdicts = list(made_up_cohort(3)())
    page = shown(verdicts, without_report=("L00001",))
    links = page.evaluate("[...document.querySelectorAll('#table a')].map(each => each.getAttribute('href'))")
    assert links == [f"reports/{report_name(key)}" for key in ("L00000", "L00002")]


@pytest.mark.parametrize("count", [0, 1])
def test_a_cohort_of_none_or_one(shown: Callable[..., Page], count: int) -> None:
    page = shown(list(made_up_cohort(count)()))
    assert texts(page, "h1") == ["0 learners on 22 November 2026" if count == 0 else "1 learner on 22 November 2026"]
    assert texts(page, "#shown") == [
        "There is no learner with a verdict." if count == 0 else "Showing 1 to 1 of 1 learner"
    ]


def test_where_all_are_ready_nothing_stands_in_the_way(shown: Callable[..., Page]) -> None:
    ready = [each for each in made_up_cohort(200)() if each.decision is Decision.READY]
    page = shown(ready)
    headings = ["Where they stand", f"Ready for gateway {len(ready)}", "All learners", "What the words mean"]
    assert texts(page, "h2") == headings
    assert set(texts(page, "#table tbody td:nth-child(2)")) == {"Ready"}


def one_step_left(number: int, action: Action, subject: str) -> LearnerVerdict:
    made = next(each for each in made_up_cohort(1000)() if each.blocking and int(each.key[1:]) >= number * 20)
    step = NextStep("Do it.", action.value, subject, "you", "hours", made.blocking[:1])
    return replace(made, key=f"X{number}", blocking=made.blocking[:1], next_steps=(step,), steps_left=1)


def test_what_frees_most_is_counted_by_what_is_left_to_do_not_by_what_is_open() -> None:
    employer = [one_step_left(number, Action.GET_CONFIRMATION, "employer") for number in range(3)]
    pieces = [one_step_left(number, Action.ACCEPT_PIECE, f"E{number:02}") for number in range(3, 5)]
    # One requirement is open, as for the others, but three things are left to do: no single one frees them.
    far = [replace(each, key=f"Y{each.key}", steps_left=3) for each in employer * 4]
    view = cohort_view([*employer, *pieces, *far])
    assert [(fix.text, fix.learners) for fix in view.fixes] == [
        ("The employer confirms.", 3),
        ("An assessor decides on one piece.", 2),
    ]
    page = read_page(cohort_paper_html(run_of([*employer, *pieces, *far]), view, MEANINGS))
    told = " ".join(each.text for each in page.all("p"))
    assert '5 learners have one thing left to do. What frees most: "The employer confirms."' in told
    assert "It is all that is known to be left for 3 learners." in told


def test_where_nobody_is_one_thing_away_the_page_says_so() -> None:
    far = [replace(one_step_left(1, Action.LOG_HOURS, "off_the_job"), steps_left=2)]
    page = read_page(cohort_paper_html(run_of(far), cohort_view(far), MEANINGS))
    assert "Nobody is one thing away from being ready." in [each.text for each in page.all("p")]


def test_every_action_has_words_for_a_meeting() -> None:
    assert list(FIX_WORDS) == list(Action)


def test_who_is_ready_is_named_the_earliest_gateway_first() -> None:
    ready = [each for each in made_up_cohort(400)() if each.decision is Decision.READY]
    view = cohort_view(made_up_cohort(400)())
    assert len(ready) > MOST_READY
    assert len(view.ready) == MOST_READY
    days = [each.planned_gateway or date.max for each in view.ready]
    assert days == sorted(each.planned_gateway or date.max for each in ready)[:MOST_READY]
    page = read_page(cohort_paper_html(run_of(made_up_cohort(400)()), view, MEANINGS))
    named = " ".join(each.text for each in page.by_id("ready").all("th"))
    assert all(each.name in named for each in view.ready)


def test_what_changed_since_an_earlier_run_is_on_the_page(shown: Callable[..., Page], tmp_path: Path) -> None:
    now = [made_up_verdict(number) for number in range(5)]
    flipped = replace(now[2], decision=Decision.NOT_READY, fingerprint="0" * 32)
    changes = cohort_changes(Judged(DAY, [*now[:2], flipped, now[3]]), Judged(DAY, now), load_policy())
    run = replace(run_of(now), changes=changes)
    path = tmp_path / "changed.html"
    path.write_text(cohort_html(run, lambda: now, MEANINGS), encoding="utf-8")
    page = shown(path)
    rows = texts(page, "#changes tbody tr")
    assert len(rows) == 2
    assert rows[0].startswith("Example Learner 2 L00002Not ready, now Ready")
    assert rows[1].startswith("Example Learner 4 L00004")


def test_without_scripts_the_page_says_where_the_rows_are() -> None:
    page = read_page(cohort_html(run_of(()), lambda: (), MEANINGS))
    assert "cohort.xlsx" in page.all("noscript")[0].text


def test_the_page_comes_in_pieces_that_make_the_same_page() -> None:
    cohort = made_up_cohort(300)
    run, view = run_of(cohort()), cohort_view(cohort())
    parts = list(cohort_page(run, view, cohort(), MEANINGS))
    assert len(parts) == 302
    whole = b"".join(parts).decode()
    assert whole == cohort_html(run, cohort, MEANINGS)
    data = json.loads(re.findall(r'id="data">(.*?)</script>', whole, re.DOTALL)[0])
    assert [row[0] for row in data["rows"]] == [each.key for each in cohort()]


def test_the_paper_shows_all_but_the_table(tmp_path: Path) -> None:
    verdicts = [*made_up_cohort(40)(), *hostile_cohort()]
    page = read_page(cohort_paper_html(run_of(verdicts), cohort_view(verdicts), MEANINGS))
    assert [heading.text for heading in page.all("h2")] == [
        "Where they stand",
        f"Ready for gateway {sum(each.decision is Decision.READY for each in verdicts)}",
        "What stands in the way",
        f"Overdue and not ready {cohort_view(verdicts).overdue_count}",
        "Closest to ready",
        "What the words mean",
    ]
    assert not page.all("script")
