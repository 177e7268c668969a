"""Sheets for the conversation: what is on them, and that nothing else is."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from pikepdf import Array, Object, OutlineItem, Pdf

from html_pages import Element, read_page
from ksbtrack.analysis import analyse
from ksbtrack.cli import main
from ksbtrack.load import load_case
from ksbtrack.models.analysis import Analysis
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Records
from ksbtrack.models.standard import CompetencyKind, Standard
from ksbtrack.problems import KsbtrackError
from ksbtrack.showcase.build import build_showcase
from ksbtrack.showcase.built import read_built
from ksbtrack.showcase.prompts import (
    FIXED,
    METHOD_PROMPT,
    NO_PIECE_PROMPT,
    PROMPTS,
    PromptsView,
    prompts_html,
    prompts_pdf,
    prompts_view,
)
from made_up import analysis, lantern_standard, wharf_profile
from validators import page_validation_failures, verapdf_failures, verapdf_is_here

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/prompts.md").read_text("utf-8")
READY = ROOT / "docs/examples/ready"
DAY = date(2024, 9, 20)


def ready() -> Analysis:
    """Give the analysis of the example that is ready."""
    return analyse(load_case(READY, DAY))


def view_of(made: Analysis) -> PromptsView:
    """Give the sheets of an analysis for its own showcase."""
    portfolio = made.case.portfolio
    return prompts_view(made, [portfolio.by_id[name] for name in portfolio.showcase])


def lantern(**changes: object) -> Analysis:
    """Give a made-up analysis with a showcase of three pieces."""
    return analysis(lantern_standard(**changes), showcase=["E1", "E2", "E3"])


def page_of(view: PromptsView) -> Element:
    """Give the sheets as a browser reads them."""
    return read_page(prompts_html(view))


def test_every_method_has_a_sheet_and_every_statement_stands_once() -> None:
    made = lantern()
    view = view_of(made)
    assert [sheet.title for sheet in view.sheets] == ["Observation", "Discussion", "KSBs of which no method is known"]
    watch, talk, rest = view.sheets
    assert [block.code for block in watch.blocks] == ["S1", "S2", "S3", "S4", "S5", "B1"]
    assert watch.notes == ("Assesses S1 to S5 and B1.", "Assessed every time: S1.")
    assert (talk.blocks, talk.prompt) == ((), METHOD_PROMPT)
    assert rest.notes == ("Which of these Discussion assesses is not known. Nothing is guessed.",)
    codes = [block.code for sheet in view.sheets for block in sheet.blocks]
    assert sorted(codes) == sorted(statement.code for statement in made.case.standard.competencies)


def test_where_every_method_is_known_what_no_method_is_named_for_stands_apart() -> None:
    methods = [method.model_dump(mode="json") for method in lantern_standard().methods[:1]]
    for method in methods:
        method["figures"] = []
    rest = view_of(lantern(methods=methods)).sheets[-1]
    assert (rest.title, rest.notes) == ("KSBs that no method is named for", ())


def test_a_profile_has_one_sheet_that_says_that_no_method_is_named() -> None:
    made = analysis(wharf_profile(), showcase=["E1"])
    (sheet,) = view_of(made).sheets
    assert sheet.title == "Statements that no method is named for"
    assert sheet.notes == (FIXED["rest_no_methods"],)
    assert {block.prompt for block in sheet.blocks} <= {*dict(PROMPTS).values(), NO_PIECE_PROMPT}


def test_every_kind_of_statement_has_a_prompt_of_its_own() -> None:
    assert [kind for kind, _ in PROMPTS] == list(CompetencyKind)


def test_a_statement_names_the_pieces_of_the_showcase_and_no_other() -> None:
    made = ready()
    view = view_of(made)
    chosen = set(made.case.portfolio.showcase)
    blocks = {block.code: block for sheet in view.sheets for block in sheet.blocks}
    for code, block in blocks.items():
        claiming = {claim.piece.id for claim in made.case.claims if claim.competency.code == code}
        assert {line.piece for line in block.evidence} == claiming & chosen
    assert blocks["K1"].evidence[0].place == "p. 2"
    assert blocks["S2"].evidence[-1].place == "0:00:40"


def test_no_sentence_stands_there_that_nobody_wrote() -> None:
    """What is left of the page without the standard's, the portfolio's and the fixed wordings is nothing."""
    made = ready()
    page = page_of(view_of(made))
    (body,) = page.all("main")
    left = body.text
    standard, portfolio = made.case.standard, made.case.portfolio
    known = [standard.attribution, standard.title, standard.reference, standard.version, portfolio.learner.name]
    known += [statement.text for statement in standard.competencies]
    for method in standard.methods:
        known += [method.title, " ".join(method.form.split())]
        known += [part for figure in method.figures for part in (figure.name, figure.value, figure.unit) if part]
    for piece in portfolio.evidence:
        known += [piece.title, *(part for claim in piece.claims for part in (claim.why, claim.where) if part)]
    known += [line for _, line in PROMPTS] + [METHOD_PROMPT, NO_PIECE_PROMPT]
    known += [
        words.format(codes="", units="KSBs", Units="KSBs", methods="Observation or Professional discussion")
        for words in FIXED.values()
    ]
    known += [*view_of(made).statement_notes, "our reading of the source", "not known"]
    for words in sorted({" ".join(words.split()) for words in known}, key=len, reverse=True):
        left = left if words.isdigit() else left.replace(words, " ")
    codes = "|".join([*standard.by_code, *portfolio.by_id])
    assert re.sub(rf"\b(?:{codes})\b|[\s:;.,()0-9]", "", left) == ""


def test_the_page_has_every_fixed_wording_word_for_word() -> None:
    for kind, words in PROMPTS:
        assert f"| `{kind.value}` | {words} |" in PAGE
    assert f"| {NO_PIECE_PROMPT} |" in PAGE
    assert f"| {METHOD_PROMPT} |" in PAGE
    for words in FIXED.values():
        shown = words.format(codes="K1 to K3", units="KSBs", Units="KSBs", methods="Observation or Discussion")
        assert f"\n- {shown}\n" in PAGE
    assert PAGE.count("\n- ") - 5 == len(FIXED)


def test_a_built_showcase_gives_its_pages(tmp_path: Path) -> None:
    made = ready()
    pieces = [made.case.portfolio.by_id[name] for name in ("E01", "E08", "E12")]
    built = build_showcase(READY, made, pieces)
    file = tmp_path / "showcase.pdf"
    file.write_bytes(built.pdf)
    read = read_built(file, made.case.portfolio)
    view = prompts_view(made, pieces, read)
    places = {
        (line.piece, block.code): (line.place, line.note)
        for sheet in view.sheets
        for block in sheet.blocks
        for line in block.evidence
    }
    first = read.numbers["file-E01-1"]
    assert places["E01", "K3"] == (f"page {first}", "")
    assert places["E01", "S3"] == (f"pages {first}–{first + 1}", "")
    assert places["E08", "S2"][0].startswith("0:00:40, page ")
    assert places["E12", "B5"][0].endswith(f", page {read.numbers['file-E12-2']}")
    assert FIXED["built"] in page_of(view).text


def test_what_a_built_showcase_does_not_have_keeps_its_own_place(tmp_path: Path) -> None:
    made = ready()
    portfolio = made.case.portfolio
    file = tmp_path / "showcase.pdf"
    file.write_bytes(build_showcase(READY, made, [portfolio.by_id["E01"]]).pdf)
    edited = portfolio.by_id["E01"].model_copy(update={"fingerprint": "0" * 32})
    pieces = [edited, portfolio.by_id["E02"]]
    fewer = portfolio.model_copy(update={"evidence": tuple(pieces), "showcase": ("E01", "E02"), "records": Records()})
    case = replace(made.case, portfolio=fewer)
    view = prompts_view(analyse(case), pieces, read_built(file, portfolio))
    blocks = {block.code: block for sheet in view.sheets for block in sheet.blocks}
    assert [(line.piece, line.note, line.place) for line in blocks["K3"].evidence] == [
        ("E01", FIXED["changed"], "p. 1")
    ]
    assert [(line.piece, line.note) for line in blocks["K2"].evidence] == [("E02", FIXED["not_in_it"])]


def test_a_showcase_of_somebody_else_is_refused(tmp_path: Path) -> None:
    made = ready()
    file = tmp_path / "showcase.pdf"
    file.write_bytes(build_showcase(READY, made, [made.case.portfolio.by_id["E01"]]).pdf)
    other = load_case(ROOT / "docs/examples/typical", DAY).portfolio
    with pytest.raises(KsbtrackError) as raised:
        read_built(file, other)
    assert str(raised.value) == (
        f"{file.as_posix()}: other-learner: found a showcase of 'Robin Example'; the portfolio is that of "
        "'Jamie Example'.\n  Name the showcase of this portfolio, or build it again."
    )


def test_without_a_piece_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "portfolio.yaml").write_text(
        "learner: {name: Example Learner}\nstandard: ST0148@1.0\ndates: {start: 2023-09-04}\n"
    )
    output = tmp_path / "out.html"
    assert main(["prompts", str(tmp_path), "-o", str(output)]) == 2
    assert "nothing-selected: found no piece for the showcase" in capsys.readouterr().err
    assert not output.exists()


def test_the_command_writes_both_formats_and_nothing_over_what_it_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["prompts", str(READY), "--on", "2024-09-20"]
    page = tmp_path / "prompts.html"
    assert main([*asked, "-o", str(page)]) == 0
    assert capsys.readouterr().out == f"{page.as_posix()}: 3 sheets, 27 statements, 10 pieces.\n"
    assert main([*asked, "--select", "e01", "-o", str(page)]) == 0
    assert capsys.readouterr().out.endswith("27 statements, 1 piece.\n")
    assert main([*asked, "-o", str(tmp_path / "prompts.docx")]) == 64
    assert main([*asked, "-o", str(READY / "portfolio.yaml.html")[:-5]]) == 64
    assert main([*asked, "-o", str(tmp_path / "a.pdf"), "--showcase", str(tmp_path / "a.pdf")]) == 64


def test_the_pdf_is_for_everyone_and_for_keeping(tmp_path: Path) -> None:
    view = view_of(lantern())
    content = prompts_pdf(view)
    assert page_validation_failures(content) == []
    assert prompts_pdf(view) == content
    if verapdf_is_here():
        file = tmp_path / "prompts.pdf"
        file.write_bytes(content)
        assert verapdf_failures(file) == []


def destination_of(item: OutlineItem) -> Object:
    """Give the page to which a bookmark leads."""
    assert isinstance(item.destination, Array)
    return item.destination[0]


@pytest.mark.parametrize("learner", [ready, lantern])
def test_each_method_begins_on_a_page_of_its_own(learner: Callable[[], Analysis]) -> None:
    view = view_of(learner())
    with Pdf.open(io.BytesIO(prompts_pdf(view))) as opened, opened.open_outline() as outline:
        numbers = {page.obj.objgen: number for number, page in enumerate(opened.pages)}
        pages = [numbers[destination_of(item).objgen] for item in outline.root]
        assert [item.title for item in outline.root] == [sheet.title for sheet in view.sheets]
    assert len(view.sheets) > 1
    assert pages[0] == 0
    assert sorted(set(pages)) == pages


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{ view }}", "a" * 400, "שלום \u0301\u0301", "&lt;"])
def test_what_a_portfolio_says_is_text(text: str) -> None:
    made = lantern()
    portfolio = made.case.portfolio
    first = portfolio.by_id["E1"].model_copy(update={"title": text})
    case = Case(
        made.case.standard,
        portfolio.model_copy(update={"evidence": (first, *portfolio.evidence[1:])}),
        made.case.policy,
        made.case.on,
    )
    shown = prompts_html(prompts_view(analyse(case), [first]))
    assert html.escape(text, quote=False) in shown
    assert "<script" not in shown


def test_headings_have_no_gaps_and_links_lead_nowhere() -> None:
    page = page_of(view_of(ready()))
    levels = [int(element.tag[1]) for element in page.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert page.all("a", "img", "script") == []


def test_the_same_showcase_gives_the_same_sheets() -> None:
    assert prompts_html(view_of(lantern())) == prompts_html(view_of(lantern()))


def test_a_standard_without_statements_has_its_methods_alone() -> None:
    standard: Standard = lantern_standard(groups=[], duties=[], methods=[])
    made = analyse(Case(standard, lantern().case.portfolio, lantern().case.policy, DAY))
    assert prompts_view(made, made.case.portfolio.evidence[:1]).sheets == ()
