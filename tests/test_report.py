"""The readiness report as HTML: what it says, that everyone can read it, and that a field is only ever text."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from html_pages import Element, read_page
from ksbtrack.analysis import analyse
from ksbtrack.formats.analysis_json import analysis_json
from ksbtrack.load import load_case
from ksbtrack.models.analysis import Analysis, Decision, Status
from ksbtrack.models.portfolio import Portfolio
from ksbtrack.models.standard import Standard
from ksbtrack.paths import shipped_folder
from ksbtrack.report.html import SECTIONS, render_html, render_paper_html
from ksbtrack.report.looked_at import looked_at
from ksbtrack.report.shapes import COLOURS, icon
from ksbtrack.report.words import FIXED_SENTENCE
from made_up import DAY, analysis, lantern_standard, piece, portfolio, unjudged, wharf_profile

MADE_UP: dict[str, Callable[[], Analysis]] = {
    "lantern": analysis,
    "wharf": lambda: analysis(wharf_profile(), 7),
    "empty": lambda: analysis(count=0, off_the_job=None, records={}),
    "many": lambda: analysis(count=200),
    "revised": lambda: analysis(lantern_standard(regime="apprenticeship_assessment")),
    "unjudged": unjudged,
    "early": lambda: analysis(day=date(2023, 8, 1)),
}
"""Analyses of every kind that the report must be able to show, by name."""

EXAMPLES = Path(__file__).parents[1] / "docs/examples"

RENDERERS = {"screen": render_html, "paper": render_paper_html}


@pytest.fixture(params=[f"{name}-{medium}" for name in MADE_UP for medium in RENDERERS])
def page(request: pytest.FixtureRequest) -> Element:
    """Give each made-up report, for each medium."""
    name, medium = str(request.param).split("-")
    return read_page(RENDERERS[medium](MADE_UP[name]()))


def lantern() -> Element:
    return read_page(render_html(analysis()))


GOLDEN: dict[str, Callable[[], Analysis]] = {
    "apprenticeship": unjudged,
    "profile": lambda: unjudged(wharf_profile(), 7),
    "empty": lambda: unjudged(count=0, off_the_job=None, records={}),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_page_is_the_golden_one(name: str, golden: Callable[[str, str], None]) -> None:
    html = render_html(GOLDEN[name]())
    golden(f"report-{name}.html", re.sub(r'content="ksbtrack [^"]+"', 'content="ksbtrack"', html))


def test_each_section_has_a_template_and_each_template_is_used() -> None:
    names = {path.name.removesuffix(".html.j2") for path in (shipped_folder("templates") / "report").glob("*.j2")}
    assert names == {section.name for section in SECTIONS} | {"report", "macros"}


# ---------------------------------------------------------------- what the first page says


def test_the_first_page_says_who_what_when_and_by_which_rules() -> None:
    first = lantern().by_id("decision").text
    for words in (
        "Wick Lumen",
        "Lantern keeper (XX9001, version 1.2)",
        "1.2, plan XX9001/P1",
        "as of 20 September 2024",
        "Not ready",
        "Gateway rules for apprenticeships in England",
        "Your employer decides about gateway",
        "Invented example",
        FIXED_SENTENCE,
    ):
        assert words in first


def test_the_first_page_has_three_numbers_and_they_are_the_totals() -> None:
    found = analysis()
    totals = found.totals
    boxes = [item.text for item in lantern().with_class("figures")[0].all("li")]
    unknown = totals.competencies_unknown + totals.requirements_unknown
    assert boxes == [
        f"KSBs met {totals.competencies_met} of {totals.competencies}",
        f"Requirements met {totals.requirements_met} of {totals.requirements}",
        f"Not known {unknown}",
    ]


def test_what_is_not_known_is_split_into_statements_and_requirements() -> None:
    found = analysis(off_the_job=None, learner={"name": "Wick Lumen"})
    boxes = [item.text for item in read_page(render_html(found)).with_class("figures")[0].all("li")]
    assert found.totals.requirements_unknown > 1
    assert boxes[2] == f"Not known {found.totals.requirements_unknown} {found.totals.requirements_unknown} requirements"


def test_each_step_names_who_and_how_much_work_it_is() -> None:
    found = analysis()
    steps = lantern().with_class("steps")[0].all("li")
    assert len(steps) == len(found.next_steps) == 3
    for step, item in zip(found.next_steps, steps, strict=True):
        assert item.text.startswith(step.remedy.text)
        assert f"Who: {step.remedy.owner[:1].upper()}{step.remedy.owner[1:]}. Effort: " in item.text


@pytest.mark.parametrize(
    ("decision", "shape"),
    [(Decision.READY, "met"), (Decision.NOT_READY, "not_met"), (Decision.CANNOT_TELL, "unknown")],
)
def test_the_decision_is_a_word_and_a_shape(decision: Decision, shape: str) -> None:
    found = analysis()
    changed = Analysis(
        **{name: getattr(found, name) for name in Analysis.__dataclass_fields__} | {"decision": decision}
    )
    (verdict,) = read_page(render_html(changed)).with_class("verdict")
    assert verdict.attributes["class"] == f"verdict {shape}"
    assert verdict.text.startswith(f"{decision.words} for gateway")


def test_the_first_page_the_checklist_and_the_plan_begin_with_the_same_step() -> None:
    found = analysis()
    page = lantern()
    first = page.with_class("steps")[0].all("li")[0].all("strong")[0].text
    assert first == found.next_steps[0].remedy.text
    nexts = [row.text for row in page.by_id("checklist").with_class("next")]
    for verdict in found.requirements:
        if verdict.remedies and not verdict.status.holds:
            assert f"Next: {verdict.remedies[0].text}" in nexts
    assert f"Next: {first}" in nexts


def test_other_standards_of_the_portfolio_are_named_with_their_command() -> None:
    assert "also targets" not in lantern().by_id("decision").text
    first = read_page(render_html(analysis(also=["XS10b@2008-06"]))).by_id("decision")
    assert "This portfolio also targets XS10b@2008-06. That is another report:" in first.text
    assert [code.text for code in first.all("code")] == ["ksbtrack report … --standard XS10b@2008-06"]


def test_nothing_left_to_do_is_said() -> None:
    found = analysis()
    done = Analysis(**{name: getattr(found, name) for name in Analysis.__dataclass_fields__} | {"next_steps": ()})
    first = read_page(render_html(done)).by_id("decision")
    assert not first.with_class("steps")
    assert "Nothing in the records stands in the way of gateway." in first.text


# ---------------------------------------------------------------- the words


def visible(page: Element) -> str:
    """Give what a reader sees: the text, and what charts say in their titles."""
    (body,) = page.all("body")
    return body.text


def test_every_status_is_its_word_and_nothing_else_is_called_one(page: Element) -> None:
    words = {status.value: status.words for status in Status}
    marked = page.with_class("status")
    assert marked or not page.all("table")
    for element in marked:
        (status,) = (name for name in element.attributes["class"].split() if name in words)
        assert element.text == words[status]


def test_each_status_has_a_shape_of_its_own() -> None:
    drawn = {re.sub(r"#[0-9a-f]{6}", "", icon(status)) for status in Status}
    assert len(drawn) == len(Status)


@pytest.mark.parametrize("name", [name for name in COLOURS if not name.endswith("-tint")])
def test_words_in_every_colour_can_be_read(name: str) -> None:
    if name in ("line", "tint", "masthead"):
        assert contrast(COLOURS["muted"], COLOURS[name]) >= 4.0 or name == "line"
        return
    grounds = ["#ffffff", COLOURS["tint"], COLOURS.get(f"{name}-tint", "#ffffff")]
    assert min(contrast(COLOURS[name], ground) for ground in grounds) >= 4.5


def contrast(one: str, two: str) -> float:
    """Give the contrast of two colours by WCAG 2."""
    lighter, darker = sorted((luminance(one), luminance(two)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_no_word_promises_or_boasts(page: Element) -> None:
    assert not re.findall(r"(?i)\b(pass|passed|guaranteed?|compliant|compliance|AI says)\b", visible(page))


def test_there_is_no_percentage_but_in_a_rule(page: Element) -> None:
    for name in ("decision", "statements", "methods", "plan", "quality", "signoffs"):
        if any(section.attributes.get("id") == name for section in page.all("section")):
            assert "%" not in page.by_id(name).text
    assert not [chart for chart in page.all("svg") if re.search(r"(?i)gauge|radar|pie\b", chart.text)]


def test_dates_are_words_everywhere(page: Element) -> None:
    commands = [code.text for code in page.all("code")]
    seen = visible(page)
    for command in commands:
        seen = seen.replace(command, "")
    assert not re.findall(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", seen)
    assert "20 September 2024" in seen or "1 August 2023" in seen


def test_a_profile_has_no_words_of_an_apprenticeship() -> None:
    page = read_page(render_html(analysis(wharf_profile(), 7)))
    rules = page.by_id("appendix").text
    seen = visible(page).replace("Gateway rules for apprenticeships in England", "").replace(rules, "")
    assert not re.findall(r"(?i)\b(gateway|apprentice|KSBs?)\b", seen)
    assert "for this grade" in seen
    assert "Post holder" in seen
    assert "the post holder’s own work" in rules
    assert not [section for section in page.all("section") if section.attributes["id"] in ("hours", "methods")]
    assert "Off-the-job training and minimum duration: an employer's role profile asks for neither." in rules
    assert "Assessment methods: the standard names none." in rules


def test_each_regime_has_its_own_words() -> None:
    old = visible(lantern())
    new = visible(read_page(render_html(MADE_UP["revised"]())))
    assert "The end-point assessment follows gateway." in old
    assert "Gateway checklist" in old
    assert "end-point" not in new.casefold()
    assert "The apprenticeship assessment may take place during the programme." in new
    assert "Gateway to completion checklist" in new
    assert "Your employer verifies the behaviours once" in new
    assert "verifies the behaviours once" not in old


def test_a_profile_has_no_assessor() -> None:
    seen = visible(read_page(render_html(analysis(wharf_profile(), 7))))
    assert "Rework E5 as the reviewer asks" in seen
    assert "What reviewers wrote about pieces they referred back" in seen
    assert not re.findall(r"(?i)\b(your|the) assessor", seen)
    assert "What assessors wrote" in visible(lantern())


def test_unofficial_wording_is_marked_once_with_its_codes() -> None:
    marks = re.findall(r"The wording of K3 to K6 is reconstructed: [^.]+\.", lantern().by_id("statements").text)
    assert len(marks) == 1


def test_the_attribution_and_the_sources_of_the_standard_are_printed() -> None:
    appendix = lantern().by_id("appendix").text
    assert "Made-up statements, free for every use." in appendix
    assert "A made-up source" in appendix


# ---------------------------------------------------------------- the sections


def test_the_checklist_has_every_requirement_with_reason_rule_and_dispensation() -> None:
    found = analysis()
    rows = lantern().by_id("checklist").all("tbody")[0].all("tr")
    assert len(rows) == len(found.requirements)
    for row, verdict in zip(rows, found.requirements, strict=True):
        assert row.text.startswith(f"{verdict.status.words} {verdict.title}")
        assert verdict.reason.rstrip(".") in row.text
    ict = lantern().by_id("requirement-ict").text
    assert "Waived by a dispensation for gateways to 28 July 2024 (A made-up dispensation)." in ict
    assert "This requirement is our reading of the source." in ict


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"met": "1", "of": "9", "not_met": "K1", "unknown": "none"}, "The status of each of the 9 statements."),
        ({"start": "2025-03-03", "gateway": "2026-03-13", "minimum": "372 days", "breaks": "0"},
         "Start on 3 March 2025; gateway on 13 March 2026; a minimum of 372 days; breaks in learning: none."),
        ({"eligible_hours": "unknown", "needed_hours": "3"}, "Eligible among them: not known; hours needed: 3."),
        ({"wanted": "maths at level 2", "needed_by": "2026-03-13", "recorded": "none"},
         "Asked for: maths at level 2; on record: none; by 13 March 2026."),
        ({"by (employer)": "employer", "recorded (employer)": "0", "by (provider)": "provider",
          "on (provider)": "2026-03-11"},
         "Employer: on record: none. Provider: dated 11 March 2026."),
        ({"a_new_input": "2026-03-11"}, "A new input: 11 March 2026."),
        ({}, ""),
    ],
)  # fmt: skip
def test_what_was_looked_at_reads_as_words(inputs: dict[str, str], words: str) -> None:
    assert looked_at(inputs) == words


@pytest.mark.parametrize("example", ["typical", "ready", "dorset"])
def test_every_input_of_the_rules_about_requirements_has_words(example: str) -> None:
    found = analyse(load_case(EXAMPLES / example, on=DAY))
    for verdict in found.requirements:
        said = looked_at(verdict.inputs)
        assert said
        names = "|".join(key.partition(" ")[0].replace("_", " ") for key in verdict.inputs if "_" in key)
        assert not names or not re.search(rf"(?i)(^|[.:;] )({names}):", said)


def test_the_strip_counts_desirable_statements_apart() -> None:
    found = analyse(load_case(EXAMPLES / "dorset", on=date(2026, 6, 26)))
    legend = read_page(render_html(found)).with_class("legend")[0].text
    deciding, _, desirable = legend.partition("Desirable, besides:")
    assert sum(map(int, re.findall("[0-9]+", deciding))) == found.totals.competencies
    assert f"Met {found.totals.competencies_met} " in deciding
    wished = [verdict for verdict in found.competencies if verdict.is_desirable]
    assert sum(map(int, re.findall("[0-9]+", desirable))) == len(wished) > 0


def test_a_log_without_hours_is_said_and_not_drawn() -> None:
    hours = read_page(render_html(analysis(off_the_job=[]))).by_id("hours")
    assert "The off-the-job log has no hours yet." in hours.text
    assert len(hours.all("svg")) == 1, "the statements' chart alone"
    assert lantern().by_id("hours").all("svg")


def test_every_statement_has_its_row_with_status_pieces_and_reason() -> None:
    page, found = lantern(), analysis()
    for verdict in found.competencies:
        row = page.by_id(f"statement-{verdict.code}")
        cells = [cell.text for cell in row.children]
        assert cells[0] == verdict.code
        assert cells[2] == verdict.status.words
        assert cells[3] == (", ".join(verdict.pieces) or "none")
        assert cells[4]


def test_an_unknown_mapping_is_said_and_a_known_one_is_drawn() -> None:
    methods = lantern().by_id("methods")
    assert "Not known: which KSBs this method assesses." in methods.text
    (bar,) = methods.all("svg")
    counts = [int(number) for number in re.findall(r"([0-9]+) (?:met|not met|partly met)", bar.all("title")[0].text)]
    assert sum(counts) == 6


def test_the_plan_says_where_in_the_job_and_what_else_it_helps() -> None:
    rows = {row.children[0].text.split()[0]: row for row in lantern().by_id("plan").all("tbody")[0].all("tr")}
    assert "D1: light the lantern at dusk" in rows["K1"].text
    assert "With its pair S2: keep a lantern, part 2" in rows["K2"].text
    assert "The standard ties it to no single task." in rows["B1"].text


def test_a_step_on_a_piece_helps_all_that_waits_for_it() -> None:
    standard = lantern_standard()
    waiting = piece(standard, 3) | {"claims": ["K1", "S1", "B1"]}
    waiting["claims"] = [{"code": code, "standard": standard.identity} for code in ("K1", "S1", "B1")]
    page = read_page(render_html(analysis(standard, evidence=[waiting], showcase=[])))
    (row,) = (row for row in page.by_id("plan").all("tbody")[0].all("tr") if row.text.startswith("K1"))
    assert row.children[3].text == "S1, B1"


def test_an_assessors_comment_is_markdown_made_safe() -> None:
    (comment,) = lantern().with_class("comment")
    assert [strong.text for strong in comment.all("strong")] == ["what you did"]
    assert [link.attributes["href"] for link in comment.all("a")] == ["#piece-E5", "https://example.invalid/log"]


def test_the_plan_alone_quotes_a_comment() -> None:
    row = lantern().by_id("piece-E5").text
    assert "E5 was referred back on 5 April 2024." in row
    assert "what you did" not in row


def test_every_check_that_found_nothing_is_named() -> None:
    quality = lantern().by_id("quality").text
    assert re.search(r"Looked for and not found: [^.]*the same file twice", quality)
    assert "Rests on a single piece" in quality


def test_sign_offs_have_marks_and_room_to_sign() -> None:
    section = lantern().by_id("signoffs")
    assert "Ember Glow, harbour master" in section.text
    assert re.search(r"the showcase [0-9a-f]{16}", section.text)
    blank = section.all("table")[1].all("tbody")[0].all("tr")
    assert [row.children[0].text for row in blank] == ["Employer", "Training provider", "Apprentice"]
    assert all(cell.text == "" for row in blank for cell in row.children[1:])


def test_the_mark_of_the_evidence_changes_with_any_piece() -> None:
    standard = lantern_standard()
    pieces = [piece(standard, number) for number in (1, 2)]
    changed = [pieces[0], pieces[1] | {"fingerprint": "f" * 32}]

    def mark(evidence: list[dict[str, Any]]) -> str:
        page = read_page(render_html(analysis(standard, evidence=evidence)))
        found = re.search(r"the evidence with the mark ([0-9a-f]{16})", page.by_id("signoffs").text)
        assert found
        return found[1]

    assert mark(pieces) == mark(pieces[::-1])
    assert mark(pieces) != mark(changed)


def test_the_appendix_has_every_reason_and_every_rule() -> None:
    page, found = lantern(), analysis()
    appendix = page.by_id("appendix").text
    for finding in found.findings:
        assert finding.reason.rstrip(".") in appendix
        assert " ".join(finding.source.split()).rstrip(".") in appendix
    for status in Status:
        assert status.words in appendix


def test_every_mark_is_printed_or_begun_and_the_json_has_it_in_full() -> None:
    standard = lantern_standard()
    evidence = [piece(standard, number) for number in range(1, 5)]
    for number, one in enumerate(evidence):
        one["attached"][0]["sha256"] = hashlib.sha256(bytes([number])).hexdigest()
    found = analysis(standard, evidence=evidence)
    appendix, figures = read_page(render_html(found)).by_id("appendix").text, analysis_json(found)
    for shown in found.case.portfolio.evidence:
        assert shown.fingerprint in appendix
        for file in shown.attached:
            assert f"{file.name} (42 kB, 3 pages) {file.sha256[:16]}" in appendix
            assert file.sha256 in figures


def test_the_appendix_names_each_rule_once_with_all_that_it_found() -> None:
    (table,) = (table for table in lantern().by_id("appendix").all("table") if "What it found" in table.text)
    rows = [row.text for row in table.all("tbody")[0].all("tr")]
    assert len(rows) == len({(finding.rule, finding.source) for finding in analysis().findings})
    for finding in analysis().findings:
        name = finding.rule.replace("_", " ").capitalize()
        reasons = [row for row in rows if row.startswith(name) and finding.reason.rstrip(".") in row]
        assert reasons
        assert not finding.decides or f", {finding.status.words.lower()}: " in reasons[0]


def test_a_missing_file_is_in_the_manifest_as_missing() -> None:
    standard = lantern_standard()
    lost = piece(standard, 1) | {"attached": [{"name": "evidence/lost.pdf", "is_missing": True}]}
    page = read_page(render_html(analysis(standard, evidence=[lost], showcase=[])))
    assert "evidence/lost.pdf (missing)" in page.by_id("appendix").text


# ---------------------------------------------------------------- a page that everyone can read


def test_headings_start_at_one_and_leave_no_gap(page: Element) -> None:
    levels = [int(heading.tag[1]) for heading in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert all(next_level <= level + 1 for level, next_level in pairwise(levels))
    assert levels[0] == 1


def test_language_title_and_ids_are_there(page: Element) -> None:
    assert page.all("html")[0].attributes["lang"] == "en-GB"
    assert re.fullmatch(r"Readiness report: Wick Lumen, .+ \(XX\S+ [0-9.]+\)", page.all("title")[0].text)
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))


def test_links_lead_somewhere_and_hold_plain_text(page: Element) -> None:
    ids = {element.attributes.get("id") for element in page.all()}
    for link in page.all("a"):
        assert link.text
        assert not link.children
        target = link.attributes["href"]
        assert target.startswith("https://") or target.removeprefix("#") in ids


def test_each_chart_says_all_it_shows(page: Element) -> None:
    for chart in page.all("svg"):
        assert chart.children[0].tag == "title"
        assert len(chart.children[0].text) > 10
        assert chart.attributes["font-family"].startswith("Inter")
        assert {"width", "height", "viewBox"} <= {name if name != "viewbox" else "viewBox" for name in chart.attributes}


def test_tables_are_even_and_have_headers(page: Element) -> None:
    for table in page.all("table"):
        columns = len(table.all("col"))
        for row in table.all("tr"):
            assert len(row.children) == columns
            assert all(cell.tag in ("th", "td") for cell in row.children)
        headers = table.all("th")
        assert headers
        assert all(header.attributes.get("scope") in ("row", "col") for header in headers)
        assert not [cell for cell in table.all("th", "td") if {"rowspan", "colspan"} & cell.attributes.keys()]
        assert not [inner for cell in table.all("td", "th") for inner in cell.all("table")]


def test_what_scrolls_can_be_reached_by_keyboard(page: Element) -> None:
    for region in page.with_class("wide"):
        assert region.attributes["tabindex"] == "0"
        assert region.attributes["aria-label"]


def test_the_page_needs_nothing_from_outside(page: Element) -> None:
    allowed = r"data:image/svg\+xml,|ksb:icons/"
    for address in re.findall(r'url\("?([^")]*)', page.all("style")[0].text):
        assert re.match(allowed, address)
    assert "@import" not in page.all("style")[0].text
    assert not page.all("script", "link", "img", "iframe", "object", "embed", "base", "form", "input")
    for element in page.all():
        assert not {"src", "srcset", "style", "background"} & element.attributes.keys() or element.tag == "col"
        assert not [name for name in element.attributes if name.startswith("on")]


# ---------------------------------------------------------------- fields are text, whatever they hold

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><link rel=attachment href=file:///etc/passwd>',
    "{{ 7*7 }}{% for a in b %}{# c #}",
    "</title></style><base href=http://127.0.0.1/>",
    "url(http://127.0.0.1/x) @import 'file:///etc/passwd';",
    "&lt;b&gt; &amp; \u202fx",
    "شكرا עברית a\u0301\u0323 \U0001f525",
)


def replaced(value: Any, payload: str, keep: frozenset[str]) -> Any:
    """Give plain values in which every free text is the payload; ids, codes, dates and choices stay."""
    if isinstance(value, dict):
        return {key: item if key in keep else replaced(item, payload, keep) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [replaced(item, payload, keep) for item in value]
    return payload if isinstance(value, str) else value


KEPT = frozenset(
    re.findall(
        r"\w+",
        """
        reference version kind level plan regime extends prefix code pairs_with trust codes_trust id rule subject by
        assesses must_assess competencies standard state original_start fingerprint sha256 weekly_hours showcase files
        planned_gateway end
        aliases origin of made_against covers since until start gateway on date signed awarded barred_kinds lineage also
        hours
        """,
    )
)
"""Fields whose values must fit a pattern or a list, so that loading refuses anything else in them."""


def hostile_analysis(payload: str) -> Analysis:
    """Give an analysis in which every free text of standard and portfolio is the payload."""
    standard = Standard.model_validate(replaced(lantern_standard().model_dump(mode="json"), payload, KEPT))
    plain = replaced(portfolio(lantern_standard()).model_dump(mode="json"), payload, KEPT)
    for one in plain["evidence"]:
        one["source"] = {"file": payload, "line": 1}
    given = Portfolio.model_validate(plain)
    return analysis(standard, evidence=given.evidence, learner=given.learner, records=given.records)


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize("medium", RENDERERS)
def test_a_hostile_field_shows_as_the_text_it_is(payload: str, medium: str) -> None:
    page = read_page(RENDERERS[medium](hostile_analysis(payload)))
    tags = {element.tag for element in page.all()}
    assert tags <= {element.tag for element in read_page(RENDERERS[medium](analysis())).all()}
    shown = normalize("NFC", " ".join(payload.split()))
    assert shown in page.by_id("decision").text
    assert shown in page.by_id("statements").text
    assert shown in page.by_id("quality").text
    assert shown in page.by_id("signoffs").text
    assert shown in page.by_id("appendix").text
    assert "49" not in page.by_id("decision").all("h1")[0].text


@pytest.mark.parametrize("payload", ["a\x00b", "a\x1bb", "a\ue000b", "a\u0378b", "a\udfffb"])
def test_characters_without_a_shape_are_replaced_visibly(payload: str) -> None:
    found = analysis()
    learner = found.case.portfolio.learner.model_copy(update={"name": payload})
    html = render_html(analysis(learner=learner))
    assert payload not in html
    assert "a\ufffdb" in html


def test_an_empty_portfolio_says_so_and_draws_nothing_from_nothing() -> None:
    page = read_page(render_html(MADE_UP["empty"]()))
    assert "There is no evidence in this portfolio yet." in page.by_id("quality").text
    assert "There is no off-the-job log, so the hours are not known." in page.by_id("hours").text
    assert "No confirmation is on record." in page.by_id("signoffs").text
    assert not page.by_id("quality").all("svg")


def test_a_standard_without_statements_requirements_or_methods_still_gives_a_page() -> None:
    bare = lantern_standard(groups=[], requirements=[], methods=[], duties=[])
    page = read_page(render_html(analysis(bare, count=0)))
    assert "This standard lists no requirements besides its KSBs." in page.by_id("checklist").text
    assert "There are no statements." in page.by_id("statements").text


# ---------------------------------------------------------------- same input, same bytes


def test_the_same_analysis_gives_the_same_page() -> None:
    assert render_html(analysis()) == render_html(analysis())


def test_no_hash_seed_locale_or_time_zone_changes_the_page() -> None:
    program = (
        "import hashlib; from made_up import analysis; from ksbtrack.report.html import render_html;"
        "print(hashlib.sha256(render_html(analysis()).encode()).hexdigest())"
    )
    folder = Path(__file__).resolve().parent

    def run(**variables: str) -> str:
        path = os.pathsep.join([str(folder), str(folder.parent / "src")])
        environment = os.environ | {"PYTHONPATH": path} | variables
        command = [sys.executable, "-c", program]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert len({run(PYTHONHASHSEED=seed, TZ=zone, LC_ALL=name) for seed, zone, name in surroundings()}) == 1


def surroundings() -> Iterator[tuple[str, str, str]]:
    yield "0", "UTC", "C"
    yield "7", "Asia/Tokyo", "C.UTF-8"


def test_the_day_asked_about_is_the_day_on_the_page() -> None:
    assert f'content="{DAY.isoformat()}"' in render_html(analysis())
