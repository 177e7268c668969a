"""The showcase as a whole: every link on its page, valid, the same bytes, and what it refuses."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest

from ksbtrack import analyse
from ksbtrack.load import load_case
from ksbtrack.problems import KsbtrackError
from ksbtrack.showcase.build import Showcase, build_showcase
from synthetic import GATEWAY, write_portfolio
from validators import page_validation_failures, verapdf_failures, verapdf_is_here

PIECES, PAGES = 50, 4
EXAMPLES = {
    "ready": date(2024, 9, 20),
    "typical": date(2026, 3, 13),
    "dorset": date(2026, 6, 26),
}
EXAMPLES_FOLDER = Path(__file__).resolve().parents[1] / "docs/examples"


def built(folder: Path, day: date, **options: Any) -> Showcase:
    """Give the showcase of a portfolio's own selection."""
    analysis = analyse(load_case(folder, day))
    by_id = {piece.id: piece for piece in analysis.case.portfolio.evidence}
    pieces = [by_id[name] for name in analysis.case.portfolio.showcase]
    return build_showcase(folder, analysis, pieces, **options)


@dataclass(frozen=True)
class Large:
    """A showcase of 50 pieces, each with one file of four pages whose sizes tell which page it is."""

    content: bytes
    reader: pypdf.PdfReader
    claims: Counter[tuple[int, int]]
    numbers: dict[str, int]
    texts: tuple[str, ...]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Large:
    folder = write_portfolio(tmp_path_factory.mktemp("large") / "portfolio", PIECES, pages=PAGES)
    for number in range(1, PIECES + 1):
        with pikepdf.Pdf.new() as pdf:
            for page in range(1, PAGES + 1):
                pdf.add_blank_page(page_size=(400 + number, 700 + page))
            pdf.save(folder / f"evidence/E{number:03}.pdf")
    listed = ", ".join(f"E{number:03}" for number in range(1, PIECES + 1))
    text = (folder / "portfolio.yaml").read_text()
    (folder / "portfolio.yaml").write_text(re.sub("showcase: .*", f"showcase: [{listed}]", text))
    case = load_case(folder, GATEWAY)
    claims = Counter(
        (int(made.piece.id[1:]), page)
        for made in case.claims
        for first, last in made.claim.place.pages
        for page in (first,)
    )
    content = built(folder, GATEWAY).pdf
    reader = pypdf.PdfReader(io.BytesIO(content))
    numbers = {str(item.title): reader.get_destination_page_number(item) or 0 for item in _flat(reader.outline)}
    return Large(content, reader, claims, numbers, tuple(page.extract_text() for page in reader.pages))


def _flat(outline: Any) -> Iterator[Any]:
    for item in outline:
        if isinstance(item, list):
            yield from _flat(item)
        else:
            yield item


def links(reader: pypdf.PdfReader, first: int, end: int) -> Iterator[tuple[int, pypdf.generic.DictionaryObject, int]]:
    """Yield each link of some pages that leads to a page of the document: where it is, itself, where it leads."""
    places = {page.indirect_reference.idnum: place for place, page in enumerate(reader.pages)}  # type: ignore[union-attr]
    for place in range(first, end):
        for reference in reader.pages[place].get("/Annots") or ():
            annotation = reference.get_object()
            if "/Dest" in annotation:
                yield place, annotation, places[annotation["/Dest"][0].idnum]


def evidence_at(page: pypdf.PageObject) -> tuple[int, int] | None:
    """Give number of the piece and page of its file by the size of a page; None for the showcase's own pages."""
    width, height = float(page.mediabox.width) - 400, float(page.mediabox.height) - 700
    is_evidence = width.is_integer() and 1 <= width <= PIECES and height.is_integer() and 1 <= height <= PAGES
    return (int(width), int(height)) if is_evidence else None


def test_every_claim_has_a_link_in_annex_a_to_the_very_page_that_it_names(large: Large) -> None:
    annex_a, annex_b = (
        large.numbers["Annex A: from statement to evidence"],
        large.numbers["Annex B: from evidence to statement"],
    )
    reached = [evidence_at(large.reader.pages[target]) for _, _, target in links(large.reader, annex_a, annex_b)]
    assert Counter(found for found in reached if found) == large.claims


def test_every_claim_has_a_link_in_annex_b_too(large: Large) -> None:
    first, end = large.numbers["Annex B: from evidence to statement"], large.numbers["Declarations"]
    reached = Counter(evidence_at(large.reader.pages[target]) for _, _, target in links(large.reader, first, end))
    del reached[None]
    assert reached == large.claims


def test_a_link_says_the_page_number_that_is_stamped_where_it_leads(large: Large) -> None:
    seen = 0
    for _, annotation, target in links(large.reader, 0, len(large.reader.pages)):
        number = re.search(r"[Pp]age (\d+)$", str(annotation["/Contents"]))
        assert number and int(number.group(1)) == target + 1
        seen += 1
    assert seen > 3 * sum(large.claims.values())


def test_a_row_of_annex_a_prints_the_number_of_the_page_that_it_leads_to(large: Large) -> None:
    first, end = (
        large.numbers["Annex A: from statement to evidence"],
        large.numbers["Annex B: from evidence to statement"],
    )
    for place in range(first, end):
        text = large.texts[place]
        printed = Counter(int(number) for number in re.findall(r"\bpage (\d+)\b", text))
        leading = Counter(
            target + 1
            for at, _, target in links(large.reader, place, place + 1)
            if evidence_at(large.reader.pages[target])
        )
        assert not leading - printed, f"page {place + 1}"


def test_every_page_is_stamped_with_its_number_and_evidence_with_its_piece(large: Large) -> None:
    total = len(large.reader.pages)
    assert total > PIECES * (PAGES + 1)
    for place, page in enumerate(large.reader.pages):
        text = large.texts[place]
        assert f"Page {place + 1} of {total}" in text
        if found := evidence_at(page):
            assert f"E{found[0]:03} · file 1 · page {found[1]} of {PAGES}" in text


def test_a_page_of_evidence_leads_back_to_its_piece_in_annex_b(large: Large) -> None:
    backward = {}
    for place, page in enumerate(large.reader.pages):
        if found := evidence_at(page):
            ((_, _, target),) = links(large.reader, place, place + 1)
            assert f"E{found[0]:03}" in large.texts[target]
            backward[found] = target
    assert len(backward) == PIECES * PAGES


def test_the_outline_leads_to_each_piece_and_its_file(large: Large) -> None:
    for number in range(1, PIECES + 1):
        title = next(title for title in large.numbers if title.startswith(f"E{number:03} "))
        assert f"E{number:03}" in large.texts[large.numbers[title]]
        assert evidence_at(large.reader.pages[large.numbers[f"E{number:03}.pdf"]]) == (number, 1)


def test_page_labels_are_the_stamped_numbers(large: Large) -> None:
    assert large.reader.page_labels[:3] == ["1", "2", "3"]
    assert large.reader.page_labels[-1] == str(len(large.reader.pages))


def test_fifty_pieces_are_valid(large: Large, tmp_path: Path) -> None:
    assert page_validation_failures(large.content) == []
    if verapdf_is_here():
        (tmp_path / "large.pdf").write_bytes(large.content)
        assert verapdf_failures(tmp_path / "large.pdf") == []


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> tuple[str, Showcase]:
    return request.param, built(EXAMPLES_FOLDER / request.param, EXAMPLES[request.param])


def test_the_showcase_of_each_example_is_valid(example: tuple[str, Showcase], tmp_path: Path) -> None:
    _, showcase = example
    assert page_validation_failures(showcase.pdf) == []
    if verapdf_is_here():
        (tmp_path / "showcase.pdf").write_bytes(showcase.pdf)
        assert verapdf_failures(tmp_path / "showcase.pdf") == []


def test_cover_tables_and_cards_of_each_example_say_what_its_story_tells(example: tuple[str, Showcase]) -> None:
    name, showcase = example
    told = {
        "ready": ("27 of 27", "E12-feedback.csv, comment 6", "not_sure disagree", "This recording travels", "0:04:58"),
        "typical": ("12 of 27", "The file begins with the remark: Level 1 group."),
        "dorset": ("33 of 62", "last checked", "2025-02-18"),
    }
    text = " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(showcase.pdf)).pages).split())
    assert [words for words in told[name] if words not in text] == []


def test_only_shipped_fonts_draw_the_showcases_own_pages(example: tuple[str, Showcase]) -> None:
    reader = pypdf.PdfReader(io.BytesIO(example[1].pdf))
    names = {
        str(font.get_object()["/BaseFont"]).partition("+")[2].partition("-")[0]
        for page in reader.pages[:3]
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert names <= {"Inter", "DejaVu"}


def test_the_bytes_do_not_depend_on_where_and_when(tmp_path: Path) -> None:
    contents = set()
    for number, zone in enumerate(("UTC", "Asia/Tokyo")):
        folder = tmp_path / f"copy{number}" / "portfolio"
        shutil.copytree(EXAMPLES_FOLDER / "ready", folder)
        output = tmp_path / f"{number}.pdf"
        command = [sys.executable, "-m", "ksbtrack", "showcase", str(folder), "-o", str(output), "--on", "2024-09-20"]
        environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": str(number), "LC_ALL": ("C", "C.UTF-8")[number]}
        subprocess.run(command, check=True, env=environment, cwd=folder.parent, capture_output=True)
        contents.add(output.read_bytes())
    assert len(contents) == 1


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_portfolio(tmp_path / "portfolio", 3, pages=1)


def refused(folder: Path, **options: Any) -> list[tuple[str, str]]:
    """Give the codes and findings with which a showcase is refused."""
    with pytest.raises(KsbtrackError) as caught:
        built(folder, GATEWAY, **options)
    return [(problem.code, problem.found) for problem in caught.value.problems]


def mark_private(folder: Path) -> None:
    piece = folder / "evidence/E001.md"
    piece.write_text(piece.read_text().replace("claims:", "privacy: {contains_personal_data: yes}\nclaims:", 1))


def test_personal_data_of_others_are_not_shown(small: Path) -> None:
    mark_private(small)
    assert refused(small) == [("personal-data", "E001, which holds personal data of others that are not redacted")]
    assert refused(small, private_reason="  ")[0][0] == "personal-data"


def test_with_a_reason_they_are_shown_and_the_log_prints_it(small: Path) -> None:
    mark_private(small)
    showcase = built(small, GATEWAY, private_reason="The panel asked to see it")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(showcase.pdf)).pages)
    assert "The panel asked to see it" in " ".join(text.split())


def test_a_reason_that_no_piece_needs_says_nothing_of_private_data(small: Path) -> None:
    assert built(small, GATEWAY, private_reason="just in case").pdf == built(small, GATEWAY).pdf


def test_a_place_past_the_end_of_the_file_is_a_problem_not_a_page(small: Path) -> None:
    piece = small / "evidence/E002.md"
    piece.write_text(piece.read_text().replace("where: p. 1", "where: p. 9", 1))
    ((code, found),) = refused(small)
    assert code == "place-beyond-end"
    assert 'at "p. 9", but its file ends on page 1' in found


def _two_files(folder: Path, where: str) -> None:
    """Give E002 the files a/x.pdf of 3 pages and b/x.pdf of 9, told apart by their width, and one place."""
    for name, width, pages in (("a", 410, 3), ("b", 420, 9)):
        (folder / "evidence" / name).mkdir()
        with pikepdf.Pdf.new() as pdf:
            for page in range(1, pages + 1):
                pdf.add_blank_page(page_size=(width, 700 + page))
            pdf.save(folder / "evidence" / name / "x.pdf")
    piece = folder / "evidence/E002.md"
    text = piece.read_text().replace("files: [E002.pdf]", "files: [evidence/a/x.pdf, evidence/b/x.pdf]")
    piece.write_text(text.replace("where: p. 1", f"where: {where}"))


def test_of_two_files_of_one_name_the_matrix_leads_to_the_one_that_is_named(small: Path) -> None:
    _two_files(small, "evidence/b/x.pdf p. 3")
    reader = pypdf.PdfReader(io.BytesIO(built(small, GATEWAY).pdf))
    numbers = {str(item.title): reader.get_destination_page_number(item) or 0 for item in _flat(reader.outline)}
    first, end = numbers["Annex A: from statement to evidence"], numbers["Annex B: from evidence to statement"]
    targets = [reader.pages[target].mediabox for _, _, target in links(reader, first, end)]
    sizes = {(int(box.width), int(box.height)) for box in targets if int(box.width) in (410, 420)}
    assert sizes == {(420, 703)}


@pytest.mark.parametrize(
    ("where", "code"),
    [("x.pdf p. 3", "ambiguous-place"), ("a/x.pdf p. 7-8", "place-beyond-end"), ("p. 10", "place-beyond-end")],
)
def test_a_place_in_no_file_or_in_two_is_refused(small: Path, where: str, code: str) -> None:
    _two_files(small, where)
    assert {found for found, _ in refused(small)} == {code}


def test_a_showcase_needs_a_piece(small: Path) -> None:
    text = (small / "portfolio.yaml").read_text()
    (small / "portfolio.yaml").write_text(re.sub("showcase: .*", "showcase: []", text))
    assert refused(small) == [("nothing-selected", "no piece for the showcase")]


def test_the_learners_number_is_printed_only_on_request(small: Path) -> None:
    text = (small / "portfolio.yaml").read_text()
    (small / "portfolio.yaml").write_text(text.replace("born:", 'uln: "9000000008", born:', 1))
    for options, is_there in (({}, False), ({"with_uln": True}, True)):
        content = built(small, GATEWAY, **options).pdf
        assert ("9000000008" in pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()) is is_there
