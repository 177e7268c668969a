"""A page of an occupation, as browsers save it, becomes the standard that it shows."""

from __future__ import annotations

import base64
import codecs
import html
import json
import time
from pathlib import Path

import pytest

from feed_records import guid
from ksbtrack import load_standard
from ksbtrack.formats.occupation_page import MAX_PAGE_BYTES, NO_END, is_occupation_page, read_occupation_page
from ksbtrack.formats.skills_england import read_skills_england
from ksbtrack.formats.source_record import TOO_HIGH, WORDS_NOT_TAKEN
from ksbtrack.formats.standards_exchange import HEAD_BYTES, format_of
from ksbtrack.formats.standards_import import import_standards
from ksbtrack.models.importing import Given, Imported, NoteKind
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import MAX_TEXT
from ksbtrack.problems import KsbtrackError
from source_files import ADDRESS, CODES, DUTIES, STATEMENTS, page

FEED_OF_2020 = Path(__file__).resolve().parents[2] / "shared/data/standards/ifate-2020-with-ksbs.json"


def read(content: str | bytes, folder: Path, given: Given | None = None) -> Imported:
    path = folder / "page.html"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (found,) = read_occupation_page(path, given or Given())
    return found


def standard_of(found: Imported) -> Standard:
    assert found.standard is not None, found.notes
    return found.standard


def said(found: Imported, kind: NoteKind) -> list[str]:
    return [f"{note.where}: {note.what}" for note in found.notes if note.kind is kind]


def shown(standard: Standard) -> tuple[dict[str, str], dict[str, tuple[str, tuple[str, ...]]]]:
    return (
        {item.code: item.text for item in standard.competencies},
        {duty.code: (duty.text, duty.competencies) for duty in standard.duties},
    )


def test_a_page_is_the_standard_that_it_shows(tmp_path: Path) -> None:
    standard = standard_of(read(page(head=ADDRESS), tmp_path))

    assert standard.identity == "ST9001@1.2"
    assert standard.title == "Example maker"
    assert shown(standard) == (STATEMENTS, DUTIES)
    assert [item.code for item in standard.competencies] == CODES
    assert "Open Government Licence v3.0" in standard.attribution
    assert standard.sources[1:] == ("https://skillsengland.education.gov.uk/apprenticeships/st9001-v1-2",)
    assert standard.requirements[-1].rule == "assessment_plan"


def test_what_is_written_loads_back_the_same(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page(head=ADDRESS), "utf-8")
    import_standards(path, tmp_path / "standards")
    (found,) = read_occupation_page(path, Given())

    assert load_standard("ST9001@1.2", folders=[tmp_path / "standards"]) == found.standard


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-16", []),
        ("cp1252", ["page: It is not in UTF-8; it was read in the code of western Windows."]),
    ],
)
def test_encodings_of_browsers(tmp_path: Path, encoding: str, note: list[str]) -> None:
    statements = STATEMENTS | {"K1": "How “examples” are made – café"}
    found = read(page(statements, head=ADDRESS).encode(encoding), tmp_path)

    assert standard_of(found).by_code["K1"].text == "How “examples” are made – café"
    assert [text.partition(" Look")[0] for text in said(found, NoteKind.REPAIRED)] == note


def test_the_encoding_that_a_page_names_needs_no_note(tmp_path: Path) -> None:
    text = page(STATEMENTS | {"K1": "Café"}, head=ADDRESS).replace('charset="utf-8"', "charset=windows-1252")
    found = read(text.encode("cp1252"), tmp_path)

    assert standard_of(found).by_code["K1"].text == "Café"
    assert said(found, NoteKind.REPAIRED) == []


def test_an_encoding_that_we_do_not_read_is_located(tmp_path: Path) -> None:
    text = page(STATEMENTS | {"K2": "日本"}, head=ADDRESS).replace('charset="utf-8"', 'charset="shift_jis"')
    with pytest.raises(KsbtrackError, match=r"page\.html:\d+: not-utf-8: found the byte 0x93"):
        read(text.encode("shift_jis"), tmp_path)


def test_a_page_saved_as_one_file(tmp_path: Path) -> None:
    content = base64.encodebytes(page(head=ADDRESS).encode()).decode()
    archive = (
        "From: <Saved by Blink>\r\nSubject: Example maker\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----X"\r\n\r\n\r\n'
        "------X\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0=\r\n"
        f"------X\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n{content}\r\n------X--\r\n"
    )
    assert is_occupation_page(archive.encode())
    assert shown(standard_of(read(archive, tmp_path))) == (STATEMENTS, DUTIES)


def test_attributes_in_any_order_case_and_quotes(tmp_path: Path) -> None:
    text = page({"K1": "How", "S1": "Make &amp; mend"}, {"D1": ("Make", ("K1", "S1"))}, head=ADDRESS)
    rewritten = (
        text.replace('<tr class="duty-row" data-duty-title="Duty 1"', "<TR DATA-DUTY-TITLE='Duty 1' CLASS=duty-row")
        .replace('<span class="ksb-item"', "<SPAN")
        .replace('data-ksb-id="K1"', "class='big KSB-item' data-ksb-id=k&nbsp;1")
        .replace("</span>", "</SPAN>")
    )
    assert shown(standard_of(read(rewritten, tmp_path))) == (
        {"K1": "How", "S1": "Make & mend"},
        {"D1": ("Make", ("K1", "S1"))},
    )


def test_a_statement_under_several_duties_is_one(tmp_path: Path) -> None:
    found = read(page(STATEMENTS, {"D1": ("Make", CODES), "D2": ("Keep", CODES)}, head=ADDRESS), tmp_path)

    assert shown(standard_of(found))[0] == STATEMENTS
    assert [duty.competencies for duty in standard_of(found).duties] == [tuple(CODES)] * 2
    assert said(found, NoteKind.UNUSABLE) == []


def test_two_texts_under_one_code_are_told(tmp_path: Path) -> None:
    other = '<span class="ksb-item" data-dutyid="2" data-ksb-id="S1" data-ksb-text="Mend an example"></span>'
    found = read(page(head=ADDRESS).replace("</table>", f"</table>{other}"), tmp_path)

    assert standard_of(found).by_code["S1"].text == "Make an example"
    assert said(found, NoteKind.UNUSABLE) == [
        "line 10: S1 has other words here: 'Mend an example'. Those of line 8 were taken."
    ]
    assert standard_of(found).duties[1].competencies == ("K2", "K10", "S2", "S1")


@pytest.mark.parametrize(
    ("row", "item"),
    [
        ('data-dutyid="7a"', "7A"),
        ('id="7a"', "7a"),
        ("", "Duty 1"),
        ("", "1"),
        ("", "d1"),
    ],
)
def test_a_statement_outside_the_rows_names_its_duty(tmp_path: Path, row: str, item: str) -> None:
    text = page({"K1": "How"}, {"D1": ("Make", ())}, head=ADDRESS).replace("<tr ", f"<tr {row} ")
    outside = f'<span class="ksb-item" data-dutyid="{item}" data-ksb-id="K1" data-ksb-text="How"></span>'
    found = read(text.replace("</table>", f"</table>{outside}"), tmp_path)

    assert shown(standard_of(found))[1] == {"D1": ("Make", ("K1",))}


def test_the_identifier_of_a_duty_is_learned_from_its_row(tmp_path: Path) -> None:
    outside = f'<span class="ksb-item" data-dutyid="{guid(2)}" data-ksb-id="B2" data-ksb-text="Be kind"></span>'
    found = read(page(head=ADDRESS).replace("</table>", f"</table>{outside}"), tmp_path)

    assert standard_of(found).duties[1].competencies == ("K2", "K10", "S2", "B2")


def test_a_link_to_no_duty_is_told(tmp_path: Path) -> None:
    outside = '<span class="ksb-item" data-dutyid="none" data-ksb-id="B2" data-ksb-text="Be kind"></span>'
    found = read(page(head=ADDRESS).replace("</table>", f"</table>{outside}"), tmp_path)

    assert "B2" in standard_of(found).by_code
    assert said(found, NoteKind.UNUSABLE) == ["line 10: B2 names a duty that the page does not have."]


def test_a_table_inside_a_row_belongs_to_the_row(tmp_path: Path) -> None:
    inner = '<table><tr><td><span class="ksb-item" data-ksb-id="B2" data-ksb-text="Be kind"></span></td></tr></table>'
    found = read(page(head=ADDRESS).replace("<td>Duty 2</td>", f"<td>{inner}</td>"), tmp_path)

    assert standard_of(found).duties[1].competencies == ("B2", "K2", "K10", "S2")


def test_a_duty_that_the_page_repeats_is_one(tmp_path: Path) -> None:
    text = page(head=ADDRESS)
    table = text[text.index("<table>") : text.index("</table>") + len("</table>")]
    assert shown(standard_of(read(text.replace(table, table + table), tmp_path))) == (STATEMENTS, DUTIES)


def test_a_gap_in_the_codes_is_told(tmp_path: Path) -> None:
    found = read(page(head=ADDRESS), tmp_path)
    assert said(found, NoteKind.UNKNOWN) == [
        "page: There is no K3, K4, K5, K6, K7, K8 and K9. That can be right: an option leaves numbers out. Compare it "
        "with the standard."
    ]


@pytest.mark.parametrize(
    ("head", "body", "identity"),
    [
        (ADDRESS, "", "ST9001@1.2"),
        (ADDRESS.replace("st9001-v1-2", "st9001"), "<dt>Version:</dt><dd>1.3</dd>", "ST9001@1.3"),
        (
            ADDRESS.replace("apprenticeships/st9001-v1-2", "apprenticeship-standards/example-maker-st9001"),
            "",
            "ST9001@unknown",
        ),
        (
            '<meta property="og:url" content="https://example.org/apprenticeships/ST9001-v2.0?view=epa">',
            "",
            "ST9001@2.0",
        ),
        ("", "<p>Reference: ST9001</p><p>Version: 1.4</p>", "ST9001@1.4"),
        ("", "<b>ST9001</b> <i>Version 1.4</i>", "ST9001@1.4"),
        (ADDRESS.replace("apprenticeships/st9001", "occupations/OCC9001"), "<p>Product: ST9001</p>", "ST9001@1.2"),
        (ADDRESS.replace("apprenticeships/st9001", "occupations/OCC9001"), "", "OCC9001@1.2"),
        (ADDRESS, "<a>ST0001</a><a>ST0002</a><p>Version: 9.9</p>", "ST9001@1.2"),
        ("", "<p>ST9001, from v1.1 to v1.2</p>", "ST9001@unknown"),
    ],
)
def test_a_page_says_which_standard_it_shows(tmp_path: Path, head: str, body: str, identity: str) -> None:
    assert standard_of(read(page(head=head, body=body), tmp_path)).identity == identity


def test_where_a_browser_saved_the_page_from(tmp_path: Path) -> None:
    mark = "<!-- saved from url=(0066)https://skillsengland.education.gov.uk/occupations/OCC9001-v1-2 -->\n"
    standard = standard_of(read(page().replace("\n", f"\n{mark}", 1), tmp_path))

    assert standard.identity == "OCC9001@1.2"
    assert standard.overview[0].value == "OCC9001"


def test_what_is_given_fills_what_the_page_does_not_say(tmp_path: Path) -> None:
    head = ADDRESS.replace("apprenticeships/st9001-v1-2", "occupations/OCC9001")
    found = read(page(head=head), tmp_path, Given("ST9001", "1.1", "Another title"))

    assert standard_of(found).identity == "ST9001@1.1"
    assert standard_of(found).title == "Example maker"
    assert said(found, NoteKind.UNREAD) == [
        "title: The source says 'Example maker'; --title 'Another title' was not used."
    ]


def test_a_page_that_names_nothing_needs_a_reference(tmp_path: Path) -> None:
    found = read(page(), tmp_path)

    assert found.standard is None
    assert "reference: Nothing says which standard it is: give it with --reference." in said(found, NoteKind.UNUSABLE)


def test_words_about_another_level_are_not_the_level(tmp_path: Path) -> None:
    words = "<p>English and maths at level 2</p>"
    assert standard_of(read(page(head=ADDRESS, body=words), tmp_path)).level is None
    labelled = f"{words}<dt>Level:</dt><dd>4</dd>"
    assert standard_of(read(page(head=ADDRESS, body=labelled), tmp_path)).level == "4"


def test_html_and_scripts_in_every_field(tmp_path: Path) -> None:
    bad = "<script>alert(1)</script><b onclick='x()'>{}</b> &lt;img src=x onerror=y&gt;&amp;amp; =1+1"
    statements = {code: bad.format(code) for code in STATEMENTS}
    duties = {name: (bad.format(name), codes) for name, (_, codes) in DUTIES.items()}
    found = read(page(statements, duties, head=ADDRESS, title=html.escape(bad.format("T"))), tmp_path)
    standard = standard_of(found)

    texts = [*(item.text for item in standard.competencies), *(duty.text for duty in standard.duties), standard.title]
    assert texts == [f"{name} & =1+1" for name in (*CODES, *DUTIES, "T")]
    assert "HTML became plain text." in " ".join(said(found, NoteKind.REPAIRED))


def test_a_statement_that_is_too_long_is_asked_for_without_its_words(tmp_path: Path) -> None:
    found = read(page(STATEMENTS | {"K2": "x" * 100_000}, head=ADDRESS), tmp_path)

    assert standard_of(found).by_code["K2"].text == WORDS_NOT_TAKEN
    assert f"line 9: K2 has 100,000 characters; {MAX_TEXT:,} fit." in said(found, NoteKind.UNUSABLE)


def test_more_statements_than_there_are_codes_for(tmp_path: Path) -> None:
    many = {f"K{number}": "How" for number in range(1, 10_001)}
    found = read(page(many, {"D1": ("All", list(many))}, head=ADDRESS), tmp_path)

    assert found.standard is None
    assert said(found, NoteKind.UNUSABLE) == [
        f"line 8 and 9000 other places: {TOO_HIGH}",
        ": It has more statements than there are codes for, so none was taken.",
    ]


@pytest.mark.parametrize("code", ["X1", "K", "", "12", "<b>", "K1K2"])
def test_a_code_that_is_none_is_told(tmp_path: Path, code: str) -> None:
    odd = f'<span class="ksb-item" data-ksb-id="{html.escape(code)}" data-ksb-text="Odd"></span>'
    found = read(page(head=ADDRESS).replace("</table>", f"</table>{odd}"), tmp_path)

    assert shown(standard_of(found))[0] == STATEMENTS
    assert any("begin with K, TK, S, TS, B and ESB." in text for text in said(found, NoteKind.UNUSABLE))


def test_a_page_that_was_cut_off_has_what_came_before(tmp_path: Path) -> None:
    text = page(head=ADDRESS)
    found = read(text[: text.index('data-ksb-text="Where')], tmp_path)
    assert list(standard_of(found).by_code) == ["K1", "S1", "B1"]


def test_a_page_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KsbtrackError, match="file-too-large"):
        read(page(head=ADDRESS) + " " * MAX_PAGE_BYTES, tmp_path)


@pytest.mark.parametrize(
    ("content", "is_page"),
    [
        (page().encode(), True),
        (page().encode("utf-16"), True),
        (b"\n <HTML><body>", True),
        (b"Code,Statement\nK1,How <html> is made\n", False),
        (b"Code,Statement\nK1,How it is made\n", False),
        (b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n", False),
        (codecs.BOM_UTF8, False),
    ],
)
def test_how_a_page_is_known(content: bytes, is_page: bool) -> None:
    assert is_occupation_page(content[:HEAD_BYTES]) is is_page


def test_the_command_knows_a_page_by_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "saved.txt"
    path.write_text(page(head=ADDRESS), "utf-8")
    assert format_of(path) == "occupation-page"


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_page_that_breaks_off_is_told(share: float, tmp_path: Path) -> None:
    whole = page(head=ADDRESS)
    assert f"page: {NO_END}" not in said(read(whole, tmp_path), NoteKind.UNKNOWN)
    cut = read(whole[: int(len(whole) * share)], tmp_path)
    assert f"page: {NO_END}" in said(cut, NoteKind.UNKNOWN)


def test_a_part_of_a_page_is_not_said_to_be_cut_off(tmp_path: Path) -> None:
    part = read(
        '<span class="ksb-item" data-ksb-id="K1" data-ksb-text="Know"></span>', tmp_path, Given("ST9001", "1.0")
    )
    assert f"page: {NO_END}" not in said(part, NoteKind.UNKNOWN)


@pytest.mark.skipif(not FEED_OF_2020.exists(), reason="the real records are not here")
def test_the_real_statements_of_54_standards_come_back_from_a_page(tmp_path: Path) -> None:
    """Real words with quotes, ampersands and accents, in the shape of a page: nothing is lost or changed."""
    records = json.loads(FEED_OF_2020.read_bytes())
    count = 0
    for found, record in zip(read_skills_england(FEED_OF_2020, Given()), records, strict=True):
        standard = standard_of(found)
        statements = {item.code: item.text for item in standard.competencies}
        duties = {duty.code: (duty.text, duty.competencies) for duty in standard.duties}
        content = page(statements, duties, title=html.escape(record["title"]))
        again = standard_of(read(content, tmp_path, Given(standard.reference, "1.0")))
        linked = {code for _, codes in duties.values() for code in codes}
        assert shown(again)[0] == {code: text for code, text in statements.items() if code in linked}
        assert shown(again)[1] == duties
        count += 1
    assert count == 54


def test_a_hostile_head_of_an_archive_costs_nothing() -> None:
    began = time.process_time()
    assert not is_occupation_page(b"From: x\n" * 5_000)
    assert time.process_time() - began < 1
