"""The showcase's own pages: what they say, that every link leads somewhere, and that numbers move nothing."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from html_pages import Element, read_page
from ksbtrack.analysis import analyse
from ksbtrack.load import load_case
from ksbtrack.models.analysis import Analysis, Status
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Claim, Evidence
from ksbtrack.models.standard import Standard
from ksbtrack.problems import KsbtrackError, Problem, Source
from ksbtrack.report.pdf import html_to_pdf
from ksbtrack.rules.confirmed import confirmation_fingerprint
from ksbtrack.showcase.accounts import PARTS, read_account
from ksbtrack.showcase.pages import back_html, front_html
from ksbtrack.showcase.parts import Form, PreparedFile
from ksbtrack.showcase.targets import LINK, NO_PLACE, Target, pages_between, place_problem, place_targets
from ksbtrack.showcase.view import ShowcaseView, showcase_view
from made_up import DAY, lantern_standard, piece, policy, portfolio, wharf_profile
from validators import page_validation_failures, verapdf_failures, verapdf_is_here

EXAMPLES = Path(__file__).parents[1] / "docs/examples"
Write = Callable[[ShowcaseView, Mapping[str, int]], str]
DAYS = {"ready": date(2024, 9, 20), "typical": date(2026, 3, 13), "dorset": date(2026, 6, 26)}
EVIL = '<script>alert(1)</script> & "quotes" {{ view }} \u202e\x07'


class Same(dict[str, int]):
    """Numbers in which every place is on the same page."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def __missing__(self, place: str) -> int:
        return self.number

    def get(self, place: str, default: Any = None) -> Any:
        return self.number


def prepared(pieces: Sequence[Evidence]) -> list[PreparedFile]:
    """Give prepared files as they would be, without their pages."""
    return [
        PreparedFile(
            found.id,
            number,
            file.name,
            file.sha256 or f"{number:064}",
            file.size,
            Form.CARD if file.name.endswith((".wav", ".mp3")) else Form.PAGES,
            b"",
            file.pages or 1,
            file.pages or 0,
        )
        for found in pieces
        for number, file in enumerate(found.attached, 1)
    ]


def made(standard: Standard | None = None, count: int = 6, **changes: Any) -> Analysis:
    standard = standard or lantern_standard()
    if "evidence" in changes:
        changes = {"showcase": [found["id"] for found in changes["evidence"]]} | changes
    return analyse(Case(standard, portfolio(standard, count, **changes), policy(), DAY))


def pieces_with(*changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give made-up pieces as plain values, one for each set of changes."""
    return [piece(lantern_standard(), number) | dict(change) for number, change in enumerate(changes, 1)]


def view_of(analysis: Analysis, **options: Any) -> ShowcaseView:
    pieces = analysis.case.portfolio.evidence
    return showcase_view(analysis, pieces, prepared(pieces), **options)


def example(name: str) -> ShowcaseView:
    analysis = analyse(load_case(EXAMPLES / name, DAYS[name]))
    pieces = [analysis.case.portfolio.by_id[found] for found in analysis.case.portfolio.showcase]
    return showcase_view(analysis, pieces, prepared(pieces))


def hostile() -> ShowcaseView:
    """Give a showcase in which every text that a user writes is as bad as it gets."""
    found = made(
        evidence=pieces_with(
            {"title": EVIL, "account": EVIL + "\n\n# Heading\n\n###### Deep\n\n" + "word " * 200},
            {"title": "عنوان القطعة بالعربية " * 8, "account": "هذا نص عربي طويل. " * 40, "made_by": EVIL},
            {"title": "A very long title " * 11, "claims": []},
            {"claims": [{"code": "K1", "standard": "XX9001@1.2", "where": EVIL, "why": "why " * 49}]},
            {"privacy": {"contains_personal_data": "yes"}, "witness": {"name": EVIL}},
        ),
        learner={"name": "Bartholomew " * 12, "employer": EVIL, "provider": EVIL, "role": "keeper " * 25},
        records={"confirmations": [{"by": "employer", "of": "own_work", "name": EVIL, "role": EVIL, "on": DAY}]},
    )
    problem = Problem("encrypted-pdf", Source(EVIL, 4), EVIL, "a PDF that opens without a password", "Save it again.")
    return view_of(found, with_uln=True, private_reason=EVIL, left_out=[problem])


def edges() -> ShowcaseView:
    """Give a showcase whose words end at each place of a line, so that a digit more could begin another one."""
    files = [{"name": f"evidence/{'n' * length}.pdf", "kind": "pdf", "pages": 3} for length in range(62, 96)]
    codes = [statement.code for statement in lantern_standard().competencies]
    claims = [
        {"code": codes[number % len(codes)], "standard": "XX9001@1.2", "where": f"row {'o' * number}"}
        for number in range(1, 45)
    ]
    return view_of(made(evidence=pieces_with({"attached": files, "claims": claims})))


VIEWS: dict[str, Callable[[], ShowcaseView]] = {
    "lantern": lambda: view_of(made()),
    "wharf": lambda: view_of(made(wharf_profile(), 5)),
    "revised": lambda: view_of(made(lantern_standard(regime="apprenticeship_assessment"))),
    "empty": lambda: view_of(made(count=0, records={})),
    "hostile": hostile,
    "edges": edges,
    **{name: lambda name=name: example(name) for name in DAYS},  # type: ignore[misc]
}


@pytest.fixture(params=VIEWS)
def view(request: pytest.FixtureRequest) -> ShowcaseView:
    """Give a showcase of each kind."""
    return VIEWS[str(request.param)]()


def both(view: ShowcaseView) -> tuple[Element, Element]:
    return read_page(front_html(view, Same(47))), read_page(back_html(view, Same(47)))


def front(found: Analysis, **options: Any) -> Element:
    return read_page(front_html(view_of(found, **options), {}))


def back(found: Analysis, **options: Any) -> Element:
    return read_page(back_html(view_of(found, **options), {}))


# ---------------------------------------------------------------- both documents


def test_headings_start_at_one_and_leave_no_level_out(view: ShowcaseView) -> None:
    for page in both(view):
        levels = [int(heading.tag[1]) for heading in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert all(heading.text for heading in page.all("h1", "h2", "h3"))


def test_each_document_has_a_title_and_its_language(view: ShowcaseView) -> None:
    for page in both(view):
        (root,) = page.all("html")
        assert root.attributes["lang"] == "en-GB"
        assert [title.text for title in page.all("title")] == [" ".join(view.title.split())]


def test_every_link_leads_to_a_place_that_there_is(view: ShowcaseView) -> None:
    pages = both(view)
    ids = [element.attributes["id"] for page in pages for element in page.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    files = {line.place for line in view.manifest}
    inside = {f"page{place.removeprefix('file')}-{number}" for place in files for number in range(1, 40)}
    links = [link for page in pages for link in page.all("a") if link.attributes["href"].startswith(LINK)]
    assert links
    for link in links:
        assert link.attributes["href"].removeprefix(LINK) in {*ids, *files, *inside}
        assert link.children == []
        assert link.text


def test_the_places_that_others_link_to_are_there(view: ShowcaseView) -> None:
    before, after = both(view)
    names = {element.attributes.get("id") for element in before.all()}
    assert {"contents", "about", "how", *(f"piece-{found.id}" for found in view.pieces)} <= names
    names = {element.attributes.get("id") for element in after.all()}
    codes = [statement.code for group in view.groups for statement in group.statements]
    assert {"annex-a", "annex-b", "declarations", "redactions", "manifest"} <= names
    assert {f"annex-a-{code}" for code in codes} <= names
    assert {f"annex-b-{found.id}" for found in view.pieces} <= names


def test_tables_have_the_same_number_of_cells_in_every_row(view: ShowcaseView) -> None:
    for page in both(view):
        for table in page.all("table"):
            widths = {
                sum(int(cell.attributes.get("colspan", "1")) for cell in row.all("th", "td")) for row in table.all("tr")
            }
            assert len(widths) == 1
            assert all(cell.attributes["scope"] in ("row", "col") for cell in table.all("th"))
            assert not any("rowspan" in cell.attributes for cell in table.all())


def test_what_users_write_is_only_ever_text() -> None:
    for page in both(hostile()):
        assert page.all("script") == []
        assert "alert(1)" in page.text
        assert "{{ view }}" in page.text
        assert "\x07" not in page.text


@pytest.mark.parametrize("html", [front_html, back_html], ids=["front", "back"])
@pytest.mark.parametrize("name", ["wharf", "empty", "hostile", "edges", "typical"])
def test_numbers_move_nothing_and_the_pages_are_valid(name: str, html: Write, tmp_path: Path) -> None:
    view = VIEWS[name]()
    without, large = html_to_pdf(html(view, {})), html_to_pdf(html(view, Same(9999)))
    assert places_in(without) == places_in(large)
    assert links_in_the_bands(large) == []
    assert page_validation_failures(large) == []
    if verapdf_is_here():
        (tmp_path / "pages.pdf").write_bytes(large)
        assert verapdf_failures(tmp_path / "pages.pdf") == []


def places_in(content: bytes) -> list[tuple[Any, ...]]:
    """Give the page and spot of each link and each place in a PDF, and the number of its pages last."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pages: dict[Any, int] = {page.objgen: number for number, page in enumerate(pdf.pages)}
        names = [] if "/Names" not in pdf.Root else list(pdf.Root.Names.Dests.Names)
        spots: list[tuple[Any, ...]] = [
            (str(name), pages[spot[0].objgen], float(spot[2]), float(spot[3]))
            for name, spot in zip(names[::2], names[1::2], strict=True)
        ]
        for number, page in enumerate(pdf.pages):
            for link in page.get("/Annots", ()):
                _, bottom, _, top = map(float, link.Rect)
                spots.append((number, str(link.A.URI), round(bottom, 2), round(top, 2)))
        return [*spots, (len(pdf.pages),)]


def links_in_the_bands(content: bytes) -> list[str]:
    """Give the links that reach into the 14 mm at the head or foot of a page, where numbers are stamped."""
    band = 14 / 25.4 * 72
    found = []
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for page in pdf.pages:
            height = float(page.mediabox[3])
            for link in page.get("/Annots", ()):
                bottom, top = sorted(float(link.Rect[at]) for at in (1, 3))
                found += [str(link.A.URI)] if bottom < band or top > height - band else []
    return found


def test_the_pages_are_the_golden_ones(golden: Callable[[str, str], None]) -> None:
    found = made(
        evidence=pieces_with({}, {"account": "**Situation:** Dark.\n\n**Result:** Light."}), off_the_job=None, count=2
    )
    numbers = {name: number for number, name in enumerate(_names(view_of(found)), 3)}
    for name, html in (("front", front_html), ("back", back_html)):
        text = re.sub(r"<style>.*?</style>", "", html(view_of(found), numbers), flags=re.S)
        golden(f"showcase-{name}.html", re.sub(r'content="ksbtrack [^"]+"', 'content="ksbtrack"', text))


def _names(view: ShowcaseView) -> Iterator[str]:
    for page in both(view):
        for link in page.all("a"):
            yield link.attributes["href"].removeprefix(LINK)


# ---------------------------------------------------------------- cover, contents, about


def test_the_cover_says_who_and_what_and_leaves_the_number_of_the_learner_out() -> None:
    found = made(learner={"name": "Wick Lumen", "uln": "9000000008", "employer": "Harbour Lights"})
    cover = front(found).by_id("cover").text
    for words in ("Wick Lumen", "Lantern keeper (XX9001, version 1.2)", "Harbour Lights", "Example: this learner is"):
        assert words in cover
    assert "9000000008" not in front(found).text + back(found).text
    assert "9000000008" in front(found, with_uln=True).by_id("cover").text
    assert "invented" not in front(made(invented="no")).by_id("cover").text


def test_the_contents_name_every_part_with_its_page() -> None:
    found = view_of(made())
    names = ["about", "how", *(f"piece-E{number}" for number in range(1, 7))]
    numbers = {name: 100 + number for number, name in enumerate(names)} | {"annex-a": 300, "file-E1-1": 400}
    lines = [line.text for line in read_page(front_html(found, numbers)).by_id("contents").all("li")]
    assert lines[0] == "About me and my role 100"
    assert lines[2].startswith("E1 Night watch number 1 102")
    assert "evidence" not in lines[2]
    assert lines[3] == "watch-1.pdf 400"
    assert lines[-5] == "Annex A: from KSB to evidence 300"


def test_what_is_not_on_record_about_the_learner_is_not_made_up() -> None:
    about = front(made(learner={"name": "Wick Lumen"})).by_id("about").text
    assert "Role not on record" in about
    assert "Employer not on record" in about
    assert "Hours a week" not in about


def test_what_is_left_out_is_said_on_the_cover_and_named_in_the_manifest() -> None:
    problem = Problem("damaged-pdf", Source("folder/evidence/a.pdf"), "a damaged PDF", "a PDF that opens", "Mend it.")
    found = made(folder="folder")
    assert "1 file could not be put in" in front(found, left_out=[problem]).by_id("cover").text
    manifest = back(found, left_out=[problem]).by_id("manifest").text
    assert "evidence/a.pdf: found a damaged PDF; a PDF that opens." in manifest
    assert "folder/" not in manifest


# ---------------------------------------------------------------- pieces


def test_a_piece_has_its_facts_claims_files_and_who_confirms() -> None:
    found = view_of(made())
    numbers = {"page-E1-1-2": 41, "file-E1-1": 40}
    page = read_page(front_html(found, numbers)).by_id("piece-E1")
    for words in (
        "E1 Night watch number 1",
        "Observation record, made on 31 October 2023",
        "watch-1.pdf (3 pages here)",
    ):
        assert words in page.text
    rows = [[cell.text for cell in row.all("th", "td")] for row in page.all("tr")]
    assert rows[0] == ["KSB", "Where to look", "Why it counts"]
    assert ["K5", "page 41", ""] in rows
    assert "from page 40" in page.text
    confirms = page.with_class("confirms")[0].text
    assert "Witness: Flint Ash, keeper. Relationship: Supervisor. Signed on 31 October 2023." in confirms
    assert "Accepted by Tinder Spark, assessor, 9 November 2023." in confirms


def test_an_acceptance_after_the_day_is_none_yet() -> None:
    early = analyse(Case(lantern_standard(), portfolio(lantern_standard(), 1), policy(), date(2023, 11, 1)))
    page = read_page(front_html(view_of(early), {})).by_id("piece-E1").text
    assert "Not accepted yet: submitted" in page
    assert "Accepted by" not in page


def test_a_piece_that_nobody_vouches_for_says_so() -> None:
    bare = pieces_with({"witness": None, "signatures": [], "acceptance": {"state": "draft"}})
    assert "Nobody is on record as confirming this piece." in front(made(evidence=bare)).by_id("piece-E1").text


def test_a_file_that_is_not_among_the_prepared_ones_is_said_to_be_left_out() -> None:
    found = made(count=1)
    view = showcase_view(found, found.case.portfolio.evidence, [])
    page = read_page(front_html(view, {})).by_id("piece-E1")
    assert "watch-1.pdf (left out of this document)" in page.text


ACCOUNTS = {
    "headings": ("# Context\n\nA.\n\n## My part\n\nB.\n\n## Outcome\n\nC.", ["Situation", "What I did", "Result"]),
    "bold": ("**Result:** C.\n\n**Situation.** A.", ["Situation", "Result"]),
    "bold line": ("**What I did**\n\nA.\n\n__How__: B.", ["What I did", "How"]),
    "numbers": ("## 1. Situation\n\nA.\n\n## 2) Why?\n\nB.", ["Situation", "Why"]),
    "intro": ("Hello.\n\n## Why\n\nA.\n\n## Result\n\nB.", ["Account", "Why", "Result"]),
    "others": ("## Why\n\nA.\n\n## Thanks\n\nT.\n\n## Result\n\nB.", ["Why", "Result", "More of the account"]),
    "deeper": ("## Why\n\nA.\n\n### Thanks\n\nT.\n\n## Result\n\nB.", ["Why", "Result"]),
    "one only": ("## Result\n\nA.", ["Account"]),
    "in a sentence": ("**How** I did it matters.\n\n**Why** too.", ["Account"]),
    "in a list": ("- **Why:** A.\n- **Result:** B.", ["Account"]),
    "plain": ("Just words.", ["Account"]),
    "addresses elsewhere": ("## Why\n\n[a]\n\n## Result\n\nB.\n\n[a]: https://example.invalid", ["Account"]),
    "nothing": ("  \n", []),
}


@pytest.mark.parametrize("name", ACCOUNTS)
def test_an_account_is_put_into_the_parts_that_its_author_gave_it(name: str) -> None:
    text, parts = ACCOUNTS[name]
    account = read_account(text)
    assert [part.heading for part in account.parts] == parts
    shown = " ".join([*(part.body for part in account.parts), account.confirms])
    said = re.findall(r"\b[A-C]\.|words\.|Hello\.|T\.", text)
    assert all(words in shown for words in said)
    assert "<h" not in shown


def test_what_an_author_says_of_who_confirms_stands_there() -> None:
    account = read_account("## Situation\n\nA.\n\n## Result\n\nB.\n\n## Witness\n\nEmber saw it.")
    assert "Ember saw it." in account.confirms
    assert [part.heading for part in account.parts] == ["Situation", "Result"]


def test_no_heading_means_two_parts() -> None:
    meanings = [meaning for words in PARTS.values() for meaning in words]
    assert len(meanings) == len(set(meanings))


# ---------------------------------------------------------------- where claims point


def _files(*forms: tuple[str, Form, int]) -> list[PreparedFile]:
    return [
        PreparedFile("E1", number, f"evidence/{name}", "0" * 64, 1, form, b"", pages or 1, pages)
        for number, (name, form, pages) in enumerate(forms, 1)
    ]


SHORT, LONG = ("short.pdf", Form.PAGES, 2), ("long.pdf", Form.PAGES, 9)
TALK, BESIDE = ("talk.mp3", Form.CARD, 0), ("deck.odp", Form.ATTACHED, 9)
PLACES: dict[str, tuple[str | None, list[tuple[str, Form, int]], list[Target]]] = {
    "one page": ("p. 2", [SHORT], [Target("", "page-E1-1-2", "", True)]),
    "a stretch": ("p. 2-3", [LONG], [Target("", "page-E1-1-2", "page-E1-1-3", True)]),
    "two": ("pages 1 and 4", [LONG], [Target("", "page-E1-1-1", "", True), Target("", "page-E1-1-4", "", True)]),
    "first that reaches": ("p. 5", [SHORT, LONG], [Target("", "page-E1-2-5", "", True)]),
    "named file": ("long.pdf, p. 1", [SHORT, LONG], [Target("long.pdf, p. 1", "page-E1-2-1", "", True)]),
    "more words": ("p. 2, row 4", [SHORT], [Target("p. 2, row 4", "page-E1-1-2", "", True)]),
    "time": ("0:03:10", [SHORT, TALK], [Target("0:03:10", "file-E1-2")]),
    "time without recording": ("3:10", [SHORT], [Target("0:03:10", "piece-E1")]),
    "time of the day and a page": (
        "log entry 14:05, page 2",
        [SHORT],
        [Target("log entry 14:05, page 2", "page-E1-1-2", "", True)],
    ),
    "not shown as pages": ("p. 2-3", [BESIDE], [Target("p. 2–3 of deck.odp", "file-E1-1")]),
    "words, one file": ("chart, bar 2", [SHORT], [Target("chart, bar 2", "file-E1-1")]),
    "words, two files": ("chart, bar 2", [SHORT, LONG], [Target("chart, bar 2", "piece-E1")]),
    "longest end of a path": (
        "where: evidence/b/x.pdf p. 3",
        [("a/x.pdf", Form.PAGES, 9), ("b/x.pdf", Form.PAGES, 9)],
        [Target("where: evidence/b/x.pdf p. 3", "page-E1-2-3", "", True)],
    ),
    "whatever the case": (
        "A/X.PDF p. 3",
        [("b/x.pdf", Form.PAGES, 9), ("a/x.pdf", Form.PAGES, 9)],
        [Target("A/X.PDF p. 3", "page-E1-2-3", "", True)],
    ),
    "whole parts of a path": (
        "plan.pdf p. 1",
        [("old-plan.pdf", Form.PAGES, 9), ("plan.pdf", Form.PAGES, 9)],
        [Target("plan.pdf p. 1", "page-E1-2-1", "", True)],
    ),
    "a name within a name": (
        "my plan.pdf p. 1",
        [("plan.pdf", Form.PAGES, 9), ("my plan.pdf", Form.PAGES, 9)],
        [Target("my plan.pdf p. 1", "page-E1-2-1", "", True)],
    ),
    "a number in a name": (
        "map p3.pdf, p. 2",
        [("map p3.pdf", Form.PAGES, 9)],
        [Target("map p3.pdf, p. 2", "page-E1-1-2", "", True)],
    ),
    "one file for all pages": (
        "pages 1 and 4",
        [SHORT, LONG],
        [Target("", "page-E1-2-1", "", True), Target("", "page-E1-2-4", "", True)],
    ),
    "a time and a page of two files": (
        "talk.mp3 0:00:10, long.pdf p. 5",
        [TALK, LONG],
        [
            Target("talk.mp3 0:00:10, long.pdf p. 5", "page-E1-2-5", "", True),
            Target("talk.mp3 0:00:10, long.pdf p. 5", "file-E1-1"),
        ],
    ),
    "pages that nobody counted come first": (
        "p. 2",
        [("deck.odp", Form.BESIDE, 0), LONG],
        [Target("p. 2", "piece-E1")],
    ),
    "pages that nobody counted, and one too short": (
        "p. 4",
        [SHORT, ("deck.odp", Form.BESIDE, 0), SHORT],
        [Target("p. 4", "piece-E1")],
    ),
    "pages that nobody counted": ("p. 4", [("deck.odp", Form.BESIDE, 0)], [Target("p. 4", "file-E1-1")]),
    "words, two files named": ("short.pdf and long.pdf", [SHORT, LONG], [Target("short.pdf and long.pdf", "piece-E1")]),
    "no file": ("p. 1", [], [Target("p. 1", "piece-E1")]),
    "nothing": (None, [SHORT], [Target(NO_PLACE, "piece-E1")]),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_claim_points_to_its_place(name: str) -> None:
    where, forms, expected = PLACES[name]
    found = Evidence.model_validate(piece(lantern_standard(), 1))
    claim = Claim.model_validate({"code": "K1", "where": where})
    assert place_targets(claim, found, _files(*forms)) == expected


SCAN = ("scan.tiff", Form.PAGES, 3)
SAME = [("a/x.pdf", Form.PAGES, 9), ("b/x.pdf", Form.PAGES, 9)]
REFUSED: dict[str, tuple[str, list[tuple[str, Form, int]], str, str]] = {
    "past the end": ("p. 12", [SHORT], "place-beyond-end", "evidence/short.pdf ends on page 2"),
    "past the end of all": ("p. 12", [SHORT, LONG], "place-beyond-end", "its longest file ends on page 9"),
    "past the end of the named": ("short.pdf p. 7-8", [SHORT, LONG], "place-beyond-end", "short.pdf ends on page 2"),
    "past the end of a scan": ("scan.tiff p. 9", [SCAN, LONG], "place-beyond-end", "scan.tiff ends on page 3"),
    "past the end of an attached file": ("p. 10", [BESIDE], "place-beyond-end", "deck.odp ends on page 9"),
    "a page of a recording": ("talk.mp3 p. 2", [TALK, LONG], "place-beyond-end", "talk.mp3 has no pages"),
    "two of one name": ("x.pdf p. 3", SAME, "ambiguous-place", "evidence/a/x.pdf or evidence/b/x.pdf"),
    "a folder of neither": ("c/x.pdf p. 3", SAME, "ambiguous-place", "evidence/a/x.pdf or evidence/b/x.pdf"),
    "two of one name, words": ("x.pdf, row 3", SAME, "ambiguous-place", "evidence/a/x.pdf or evidence/b/x.pdf"),
    "pages of two": (
        "short.pdf p. 1, long.pdf p. 2",
        [SHORT, LONG],
        "ambiguous-place",
        "short.pdf or evidence/long.pdf",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_place_that_is_not_there_or_in_two_files_is_a_problem(name: str) -> None:
    where, forms, code, words = REFUSED[name]
    found = Evidence.model_validate(piece(lantern_standard(), 1))
    claim = Claim.model_validate({"code": "K1", "where": where})
    with pytest.raises(KsbtrackError) as raised:
        place_targets(claim, found, _files(*forms))
    (problem,) = raised.value.problems
    assert problem.code == code
    assert words in problem.found


TALKS = {"talk.wav": 65.0, "long.wav": 300.0, "odd.wav": None}
MOMENTS: dict[str, tuple[str, list[str], str | None]] = {
    "the first that is long enough": ("0:01:05", ["talk.wav", "long.wav"], "talk.wav"),
    "the first is too short": ("0:01:30", ["talk.wav", "long.wav"], "long.wav"),
    "its last moment counts": ("0:00:10 and 0:01:30", ["talk.wav", "long.wav"], "long.wav"),
    "a length not known may do": ("0:05:01", ["talk.wav", "odd.wav"], "odd.wav"),
    "the named one": ("long.wav 0:00:10", ["talk.wav", "long.wav"], "long.wav"),
    "none is long enough": ("0:05:01", ["talk.wav", "long.wav"], None),
    "the named one is too short": ("talk.wav 0:05:00", ["talk.wav", "long.wav"], None),
    "what is no recording is not meant": ("0:05:01", ["talk.wav", "deck.odp"], None),
}


@pytest.mark.parametrize("name", MOMENTS)
def test_a_time_leads_to_the_one_recording_that_it_means(name: str) -> None:
    where, talks, expected = MOMENTS[name]
    found = Evidence.model_validate(piece(lantern_standard(), 1))
    claim = Claim.model_validate({"code": "K1", "where": where})
    forms = [(talk, Form.CARD if talk.endswith(".wav") else Form.BESIDE, 0) for talk in talks]
    files = [replace(file, seconds=TALKS.get(talk)) for talk, file in zip(talks, _files(*forms), strict=True)]
    if expected is None:
        problem = place_problem(claim, found, files)
        assert problem is not None and problem.code == "place-beyond-end"
        assert " ends at 0:0" in problem.found
    else:
        targets = place_targets(claim, found, files)
        assert {target.place for target in targets} == {f"file-E1-{talks.index(expected) + 1}"}


def test_a_time_that_may_be_in_two_recordings_leads_to_the_piece() -> None:
    found = Evidence.model_validate(piece(lantern_standard(), 1))
    claim = Claim.model_validate({"code": "K1", "where": "0:01:30"})
    files = _files(*((name, Form.CARD, 0) for name in ("odd.wav", "talk.wav", "long.wav")))
    files = [replace(file, seconds=seconds) for file, seconds in zip(files, (None, 65.0, 300.0), strict=True)]
    assert place_problem(claim, found, files) is None
    assert place_targets(claim, found, files) == [Target("0:01:30", "piece-E1")]


def test_pages_are_named_as_one_or_as_a_stretch() -> None:
    assert pages_between({"a": 41}, "a") == "page 41"
    assert pages_between({"a": 41, "b": 42}, "a", "b") == "pages 41–42"
    assert pages_between({}, "a") == "page "


# ---------------------------------------------------------------- annexes


def _annex_rows(page: Element) -> dict[str, list[list[str]]]:
    rows: dict[str, list[list[str]]] = {}
    for body in page.by_id("annex-a").all("tbody"):
        cells = [[cell.text for cell in row.all("th", "td")] for row in body.all("tr")]
        rows[cells[0][0]] = cells
    return rows


def test_annex_a_has_every_statement_once_and_a_row_for_each_claim() -> None:
    found = made()
    rows = _annex_rows(back(found))
    assert list(rows) == [statement.code for statement in found.case.standard.competencies]
    for code, (_, *claims) in rows.items():
        assert all(row[0] == code for row in claims)
        wanted = [claim.piece.id for claim in found.case.claims if claim.competency.code == code]
        assert [row[1].split()[0] for row in claims] == (wanted or ["No"])


def test_a_row_of_annex_a_says_all_that_an_assessor_needs() -> None:
    pieces = pieces_with({"claims": [{"code": "S1", "standard": "XX9001@1.2", "where": "p. 2-3", "why": "It burns."}]})
    view = view_of(made(evidence=pieces))
    page = read_page(back_html(view, {"page-E1-1-2": 41, "page-E1-1-3": 42}))
    band, row = _annex_rows(page)["S1"]
    assert band[1] == "keep a lantern, part 1 Method: Observation; others not known. Must assess: yes."
    assert row == [
        "S1",
        "E1 Night watch number 1",
        "pages 41–42",
        "It burns.",
        "observation record",
        "31 October 2023",
        "Tinder Spark, assessor, 9 November 2023",
        "Met",
        "",
    ]
    (link,) = [link for link in page.by_id("annex-a").all("a") if link.text == "pages 41–42"]
    assert link.attributes["href"] == "ksb:to/page-E1-1-2"


def test_what_no_source_says_of_a_method_is_not_known() -> None:
    open_rows = _annex_rows(back(made()))
    assert "Must assess: not known." in open_rows["S2"][0][1]
    told = [
        {"id": "watch", "title": "Observation", "form": "A watch.", "assesses": ["S1", "S2"], "must_assess": ["S1"]}
    ]
    rows = _annex_rows(back(made(lantern_standard(methods=told))))
    assert rows["S1"][0][1].endswith("Method: Observation. Must assess: yes.")
    assert rows["S2"][0][1].endswith("Method: Observation. Must assess: no.")
    assert rows["K1"][0][1].endswith("Method: none. Must assess: no.")


def test_the_status_of_a_row_is_what_the_piece_is_worth_for_that_statement() -> None:
    found = made(count=7)
    verdicts = {verdict.code: verdict for verdict in found.competencies}
    words = set()
    for code, (_, *claims) in _annex_rows(back(found)).items():
        for row in claims:
            if row[1].startswith("No piece"):
                continue
            name, status = row[1].split()[0], row[7]
            words.add(status)
            assert (status == Status.MET.words) == (name in verdicts[code].pieces)
            assert (status == Status.PARTLY_MET.words) == (name in verdicts[code].on_the_way)
    assert {"Met", "Partly met", "Not met"} <= words


def test_a_statement_that_only_other_pieces_show_names_them() -> None:
    found = made()
    everything = found.case.portfolio.evidence
    view = showcase_view(found, everything[1:2], prepared(everything[1:2]))
    rows = _annex_rows(read_page(back_html(view, {})))
    assert rows["K4"][1] == ["K4", "No piece in this showcase. In the portfolio, E1 would count."]
    verdicts = {verdict.code: verdict for verdict in found.competencies}
    heads = {code: claims[0] for code, claims in rows.items()}
    unshown = [code for code, claims in rows.items() if claims[1][1].startswith("No piece")]
    assert {heads[code][2] for code in unshown if verdicts[code].status is Status.MET} == {"Not shown here"}
    assert all(heads[code][2] == verdicts[code].status.words for code in rows if code not in unshown)


def test_only_claims_on_the_standard_at_hand_are_shown() -> None:
    pieces = pieces_with({"claims": [{"code": "K1", "standard": "XX9999@1", "where": "p. 1"}]})
    page = back(made(evidence=pieces))
    assert all(rows[1][1] == "No piece in this showcase." for rows in _annex_rows(page).values())


def test_annex_b_goes_from_each_piece_to_its_statements() -> None:
    pieces = pieces_with(
        {"claims": [{"code": "K1", "standard": "XX9001@1.2", "where": "p. 1", "state": "confirmed"}]},
        {"claims": [{"code": "K2", "standard": "XX9001@1.2", "where": "p. 3"}]},
        {"claims": []},
    )
    page = read_page(back_html(view_of(made(evidence=pieces)), {"page-E1-1-1": 7, "page-E2-1-3": 9}))
    rows = [[cell.text for cell in row.all("th", "td")] for row in page.by_id("annex-b").all("tr")][1:]
    assert [row[2:] for row in rows] == [["K1 page 7", "K1"], ["K2 page 9", "none"], ["none", "none"]]
    links = [link.attributes["href"] for link in page.by_id("annex-b-E1").all("a")]
    assert links == ["ksb:to/piece-E1", "ksb:to/annex-a-K1", "ksb:to/page-E1-1-1"]


# ---------------------------------------------------------------- declarations, redactions, manifest


def _declared(**record: Any) -> list[list[str]]:
    records = {"confirmations": [{"by": "employer", "name": "Ember Glow", "role": "harbour master"} | record]}
    found = made(count=2, records=records)
    rows = [row.all("th", "td") for row in back(found).by_id("declarations").all("tr")[1:]]
    return [[cell.text for cell in cells] for cells in rows]


def test_a_confirmation_fills_in_the_declaration_of_the_same_thing_alone() -> None:
    rows = _declared(of="competence", on="2024-09-12")
    assert [row[0] for row in rows] == ["Employer", "Employer", "Apprentice", "Training provider"]
    assert rows[0] == ["Employer", "The evidence in this showcase is valid and attributable to Wick Lumen.", "", "", ""]
    assert rows[1][2:] == ["Ember Glow, harbour master", "confirmed on record", "12 September 2024"]
    assert all(row[2:] == ["", "", ""] for row in rows[2:])


@pytest.mark.parametrize(
    "record",
    [
        {"on": "2024-09-21"},
        {"on": "2023-10-01"},
        {"on": None},
        {"on": "2024-09-12", "name": None},
        {"on": "2024-09-12", "fingerprint": "0" * 32},
    ],
    ids=["after the day", "before the evidence", "without a day", "without a name", "overtaken by a change"],
)
def test_a_confirmation_that_does_not_hold_fills_in_nothing_and_is_listed(record: dict[str, Any]) -> None:
    assert all(row[2:] == ["", "", ""] for row in _declared(of="own_work", **record))
    records = {"confirmations": [{"by": "employer", "name": "Ember Glow", "of": "own_work"} | record]}
    assert "Employer: own work" in back(made(count=2, records=records)).by_id("declarations").text


def test_a_confirmation_with_the_mark_of_what_is_there_holds() -> None:
    mark = confirmation_fingerprint(portfolio(lantern_standard(), 2).evidence)
    assert _declared(of="own_work", on="2024-09-12", fingerprint=mark)[0][4] == "12 September 2024"


def test_a_confirmation_that_leaves_a_selected_piece_out_fills_in_nothing() -> None:
    records = {"confirmations": [{"by": "employer", "name": "Ember Glow", "of": "own_work", "on": "2024-09-12"}]}
    rows = back(made(count=3, records=records)).by_id("declarations").all("tr")[1:]
    assert [cell.text for cell in rows[0].all("td")][1:] == ["", "", ""]


def test_the_redaction_log_says_how_personal_data_were_dealt_with_and_why_they_are_shown() -> None:
    found = made(
        evidence=pieces_with(
            {"privacy": {"contains_personal_data": "yes"}},
            {"privacy": {"contains_personal_data": "yes", "redacted": "yes"}},
            {},
        )
    )
    log = back(found, private_reason="All of them agreed.").by_id("redactions")
    rows = [[cell.text for cell in row.all("th", "td")] for row in log.all("tr")[1:]]
    assert [(row[0], row[5]) for row in rows] == [
        ("E1", "Shown unredacted"),
        ("E2", "Redacted, as the author recorded"),
    ]
    assert "The reason given: All of them agreed." in log.text
    assert "not redacted" in front(found, private_reason="All of them agreed.").by_id("cover").text
    assert "The reason given" not in back(found).text


def test_the_redaction_log_tells_apart_who_recorded_no_such_data_and_who_recorded_nothing() -> None:
    def said(*privacy: dict[str, Any]) -> str:
        return back(made(evidence=pieces_with(*privacy))).by_id("redactions").text

    no = {"privacy": {"contains_personal_data": "no"}}
    assert "In these pieces the author recorded no personal data of others." in said(no, no)
    assert "In E1 the author recorded no personal data of others. Of E2 it is not recorded whether it holds" in said(
        no, {}
    )
    assert "recorded no personal data" not in said({}, {})
    assert "Of E1 and E2 it is not recorded whether they hold personal data of others." in said({}, {})


def test_the_manifest_names_every_file_with_its_whole_fingerprint() -> None:
    found = made(count=1)
    (file,) = prepared(found.case.portfolio.evidence)
    changed = PreparedFile(
        file.piece, 1, file.name, file.sha256, file.size, Form.ATTACHED, b"", 1, 3, None, ("Not tagged.",), ("a form",)
    )
    view = showcase_view(found, found.case.portfolio.evidence, [changed])
    (row,) = read_page(back_html(view, {})).by_id("manifest").all("tr")[1:]
    assert [cell.text for cell in row.all("th", "td")] == [
        "E1",
        "evidence/watch-1.pdf",
        "PDF",
        "41,001 bytes",
        file.sha256,
        "attached to this document",
        "Not tagged. Taken out: a form.",
    ]
    assert "Some files cannot be shown as pages" in read_page(front_html(view, {})).by_id("how").text


def test_the_same_showcase_gives_the_same_pages() -> None:
    assert front_html(view_of(made()), {}) == front_html(view_of(made()), {})
    assert back_html(view_of(made()), {}) == back_html(view_of(made()), {})
