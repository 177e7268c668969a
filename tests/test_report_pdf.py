"""The readiness report as PDF: valid twice over, complete, and the same whatever is in the fields."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from pikepdf import OutlineItem, Pdf
from pypdf import PdfReader

from ksbtrack.formats.analysis_json import analysis_json
from ksbtrack.models.analysis import Analysis
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Portfolio
from ksbtrack.models.standard import Standard
from ksbtrack.report.readiness import ATTACHMENT_NAME, report_pdf
from made_up import DAY, analysis, lantern_standard, piece, policy, portfolio, unjudged, wharf_profile
from validators import page_validation_failures, verapdf_failures, verapdf_is_here

LONG_WORD = "w" * 2_000
"""A word of the length that no line can hold."""


def with_long_words() -> Analysis:
    """Give an analysis whose names, titles and statements are as long as loading allows."""
    from ksbtrack.analysis import analyse

    plain = lantern_standard().model_dump(mode="json")
    plain["title"] = "T" * 200
    for group in plain["groups"]:
        group["title"] = "Group " * 33
        for statement in group["statements"][:1]:
            statement["text"] = LONG_WORD
    standard = Standard.model_validate(plain)
    pieces = [piece(standard, number) | {"title": "N" * 200, "id": f"E{'9' * 37}{number:02}"} for number in range(1, 9)]
    for one in pieces:
        if "comment" in one["acceptance"]:
            one["acceptance"]["comment"] = f"{LONG_WORD} " * 3 + "> " * 30
        one["attached"][0]["name"] = "evidence/" + "f" * 200 + ".pdf"
    learner = {"name": "Anna " * 39, "employer": "E" * 200, "provider": "P " * 100, "role": "R" * 200}
    given: Portfolio = portfolio(standard, evidence=pieces, learner=learner, showcase=[])
    return analyse(Case(standard, given, policy(), DAY))


def with_many_scripts() -> Analysis:
    """Give an analysis with right-to-left, combining and 4-byte characters, and some that no font of ours has."""
    standard = lantern_standard()
    titles = [
        "سجل المراقبة ١",
        "תיעוד שיחה",
        "Nguye\u0302\u0303n x\u0323\u0308",
        "中文标题",
        "a 🎉 b",
        "\u200fmixed שלום abc",
    ]
    pieces = [piece(standard, number) | {"title": title} for number, title in enumerate(titles, 1)]
    learner = {"name": "محمد بن عبد الله", "employer": 'חברת האור בע"מ', "provider": "Ω ж 𝟘"}
    return analysis(standard, evidence=pieces, learner=learner)


CASES: dict[str, Callable[[], Analysis]] = {
    "apprenticeship": analysis,
    "profile": lambda: analysis(wharf_profile(), 7),
    "every status": unjudged,
    "empty": lambda: analysis(count=0, off_the_job=None, records={}),
    "many pieces": lambda: analysis(count=200),
    "long words": with_long_words,
    "many scripts": with_many_scripts,
}


@pytest.fixture(scope="module", params=list(CASES))
def made(request: pytest.FixtureRequest) -> tuple[Analysis, bytes]:
    """Give each analysis with its PDF."""
    found = CASES[request.param]()
    return found, report_pdf(found, analysis_json(found))


def test_it_is_valid_as_ua_1_and_a_3a(made: tuple[Analysis, bytes], tmp_path: Path) -> None:
    _, pdf = made
    assert page_validation_failures(pdf) == []
    if verapdf_is_here():
        (tmp_path / "report.pdf").write_bytes(pdf)
        assert verapdf_failures(tmp_path / "report.pdf") == []


def test_it_is_titled_and_carries_the_analysis(made: tuple[Analysis, bytes]) -> None:
    found, pdf = made
    with Pdf.open(io.BytesIO(pdf)) as opened:
        standard = found.case.standard
        title = f"Readiness report: {found.case.portfolio.learner.name}, {standard.title} "
        assert str(opened.docinfo["/Title"]).startswith(title[:60])
        assert opened.Root.Lang == "en-GB"
        assert list(opened.attachments) == [ATTACHMENT_NAME]
        assert opened.attachments[ATTACHMENT_NAME].get_file().read_bytes() == analysis_json(found).encode()


def test_every_page_is_a4_and_numbered(made: tuple[Analysis, bytes]) -> None:
    _, pdf = made
    reader = PdfReader(io.BytesIO(pdf))
    for number, page in enumerate(reader.pages, 1):
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
        assert f"Page {number} of {len(reader.pages)}" in page.extract_text()


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def test_the_decision_is_on_the_first_page() -> None:
    found = analysis()
    first = " ".join(PdfReader(io.BytesIO(report_pdf(found, "{}"))).pages[0].extract_text().split())
    assert "Not ready for gateway, as of 20 September 2024" in first
    for step in found.next_steps:
        assert step.remedy.text in first
    for word in ("Wick Lumen", "KSBs met", "Requirements met", "Not known", "Your employer decides about gateway"):
        assert word in first
    assert "Every statement is evidenced" not in " ".join(
        line for line in first.splitlines() if line.startswith("1. Gateway")
    )


def test_bookmarks_name_the_sections() -> None:
    with Pdf.open(io.BytesIO(report_pdf(analysis(), "{}"))) as opened, opened.open_outline() as outline:
        names = list(bookmarks(outline.root))
    for name in ("1. Gateway checklist", "2. KSBs one by one", "5. Evidence quality", "7. Sign-offs"):
        assert name in names
    assert "In this report" not in names


def bookmarks(items: Iterable[OutlineItem]) -> Iterator[str]:
    for item in items:
        yield item.title
        yield from bookmarks(item.children)


def test_nothing_of_a_long_word_is_lost() -> None:
    found = with_long_words()
    text = text_of(report_pdf(found, "{}")).replace(" ", "")
    assert LONG_WORD in text
    assert "Anna" * 39 in text


def test_a_hostile_field_fetches_nothing_and_shows() -> None:
    payload = "<link rel=attachment href=file:///etc/passwd>"
    found = analysis(learner={"name": payload, "employer": "url(http://127.0.0.1/x)"})
    pdf = report_pdf(found, "{}")
    assert payload in text_of(pdf)
    with Pdf.open(io.BytesIO(pdf)) as opened:
        assert list(opened.attachments) == [ATTACHMENT_NAME]


def test_the_same_analysis_gives_the_same_bytes() -> None:
    assert report_pdf(analysis(), "{}") == report_pdf(analysis(), "{}")
