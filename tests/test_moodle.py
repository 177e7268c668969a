"""Moodle's CSV of competency frameworks: what Moodle would make of our file, and what we make of others' files."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings

from exchanged import HOSTILE, standards
from ksbtrack import KsbtrackError, load_standard
from ksbtrack.formats.html_text import html_of, shortened, text_of, with_name
from ksbtrack.formats.moodle import COLUMNS, write_moodle
from ksbtrack.formats.moodle_reading import read_moodle
from ksbtrack.formats.standards_exchange import format_of
from ksbtrack.models.importing import Given, Imported, NoteKind
from ksbtrack.models.standard import CompetencyKind, Standard
from made_up import lantern_standard

SHIPPED = ("ST0148", "XS10a", "XS10b", "XS10c")
HEADINGS = ",".join(COLUMNS)
OLD_HEADINGS = (
    '"Parent id number","Id number",Shortname,Description,"Description format","Scale values","Scale configuration",'
    '"Rule type (optional)","Rule outcome (optional)","Rule config (optional)",'
    '"Cross referenced competency id numbers","Exported id (optional)","Is framework",Taxonomy'
)
"""As Moodle wrote them before 3.5 or so."""
FRAMEWORK = ",FW,Lanterns,<p>About lanterns</p>,1,,,,,,,,1,"


def rows_as_php(content: bytes) -> list[list[str]]:
    """Give the rows of a CSV file as PHP reads them, to which a backslash takes the meaning from a quote after it."""
    text = content.decode().replace('\\"', "\x01")
    rows = list(csv.reader(io.StringIO(text), strict=True))
    return [[cell.replace("\x01", '\\"') for cell in row] for row in rows]


def faults(standard: Standard) -> list[str]:
    """Give what Moodle would refuse, cut or misread in an export."""
    header, framework, *rows = rows_as_php(write_moodle(standard).content)
    found = [] if header == list(COLUMNS) else ["header"]
    found += [f"{len(row)} cells: {row[:3]}" for row in (framework, *rows) if len(row) != len(COLUMNS)]
    if [framework[0], framework[12], framework[13]] != ["", "1", "competency,competency,competency,competency"]:
        found.append("the framework")
    if framework[5:7] != ["Not yet competent,Competent", '[{"scaleid":"2"},{"id":2,"scaledefault":1,"proficient":1}]']:
        found.append("the scale")
    names = [row[1] for row in rows]
    found += [f"{name} twice" for name in set(names) if names.count(name) > 1]
    for row in (framework, *rows):
        found += [f"too long: {cell}" for cell in row[1:3] if not 0 < len(cell) <= 100]
        found += [f"a tag: {row[2]}"] if "<" in row[2] or ">" in row[2] else []
        found += [f"a formula: {cell}" for cell in row if re.match(r"[=+\-@\t\r]", cell)]
        found += [f"no HTML: {row[3]}"] if row[3] and not re.fullmatch(r"<p>(?:[^<>\"]|<br />)*</p>", row[3]) else []
        found += [] if row[4] == "1" else ["the description format"]
    for position, row in enumerate(rows):
        found += [f"{row[1]} before its parent"] if row[0] and row[0] not in names[:position] else []
        found += [] if row[9] == "null" and row[12] == "0" and row[13] == "" else [f"the rule of {row[1]}"]
        related = [name.replace("%2C", ",") for name in row[10].split(",") if name]
        found += [f"{row[1]} refers to {name}" for name in related if name not in names]
    return found


@pytest.mark.parametrize("reference", SHIPPED)
def test_moodle_takes_an_export(reference: str) -> None:
    assert faults(load_standard(reference)) == []


@settings(max_examples=60, deadline=None)
@given(standards())
def test_moodle_takes_a_drawn_export(standard: Standard) -> None:
    assert faults(standard) == []


def test_what_moodle_would_refuse_is_found() -> None:
    title = "K" * 100
    group = {"prefix": "K", "kind": "knowledge", "title": title, "statements": [{"code": "K1", "text": "t"}]}
    assert faults(lantern_standard(groups=[group], duties=[], methods=[])) == []
    assert rows_as_php(b'a,"b \\" c",d\n') == [["a", 'b \\" c', "d"]]


def test_long_titles_are_cut_and_told() -> None:
    title = "A title of many words " * 9
    group = {"prefix": "K", "kind": "knowledge", "title": title, "statements": [{"code": "K1", "text": "t"}]}
    exported = write_moodle(lantern_standard(title=title, groups=[group], duties=[], methods=[]))
    assert "The ends of 2 titles: a name has at most 100 characters." in exported.lost


@pytest.mark.parametrize("text", HOSTILE)
def test_text_comes_back_from_html(text: str) -> None:
    assert text_of(f"<p>{html_of(text)}</p>") == (text.strip(), False)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One\n  line</p>", "One line"),
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("<ul><li>one</li><li>two <b>words</b></li></ul>", "• one\n• two words"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("before<script>alert('x')</script> after<style>p{}</style>", "before after"),
        ("<!-- a remark -->text", "text"),
        ("3 < 5 & 7 > 6", "3 < 5 & 7 > 6"),
        ("cut <b off", "cut <b off"),
        ("", ""),
    ],
)
def test_html_of_others_becomes_text(markup: str, text: str) -> None:
    assert text_of(markup)[0] == text


@pytest.mark.parametrize("sign", ["<!--", "<a ", "<a b='", '<a b="">', "</", "<![CDATA[", "&#", "<p>"])
def test_html_takes_no_more_time_than_its_length(sign: str) -> None:
    # Python's own parser takes minutes for some of these.
    text, _ = text_of(sign * (100_000 // len(sign)))
    assert len(text) <= 100_000


@pytest.mark.parametrize(
    ("name", "text", "both"),
    [
        ("Short", "Short and more", "Short and more"),
        ("Short and mo…", "Short and more", "Short and more"),
        ("Another", "Text", "Another\nText"),
        ("Alone", "", "Alone"),
        ("", "Text", "Text"),
    ],
)
def test_a_name_is_kept_where_the_text_does_not_say_it(name: str, text: str, both: str) -> None:
    assert with_name(name, text) == both


def test_names_are_cut_after_a_word() -> None:
    assert shortened("one two three", 9) == "one two…"
    assert shortened("one two", 7) == "one two"
    assert shortened("x" * 20, 9) == "xxxxxxxx…"
    assert shortened("a < b", 7, escape=True) == "a…"
    assert shortened("=1", 10, escape=True) == "&#61;1"


def read(lines: str | bytes, folder: Path, given: Given | None = None, *, is_known: bool = True) -> Imported:
    """Read a framework from a file."""
    file = folder / "framework.csv"
    file.write_bytes(lines if isinstance(lines, bytes) else lines.encode())
    if is_known:
        assert format_of(file) == "moodle"
    (imported,) = read_moodle(file, given or Given("XX01", "1.0"))
    return imported


def said(imported: Imported, *kinds: NoteKind) -> list[str]:
    """Give what the notes of some kinds say."""
    return [note.what for note in imported.notes if note.kind in kinds]


def test_a_framework_of_others_is_read(tmp_path: Path) -> None:
    # In the shape of the framework with which Moodle tests its own import: names cut without a sign, line ends in HTML,
    # a level that goes with many.
    lines = f"""{OLD_HEADINGS}
,FW-CORE,Lanterns,"<p>Keeping lanterns
matters.<br></p>",1,"Not yet competent,Competent","[{{""scaleid"":""2""}}]",,,,,,1,competency
,levels,Levels,"<p>Each level.<br></p>",1,,,,0,null,,1,,
levels,level-1,"Level 1","<p>Level 1 is for
beginners.<br></p>",1,,,,0,null,"L-1,L-2",2,,
,light,Light,,1,,,,0,null,,3,,
light,L-1,"Trims the wick so that the light is even and the glass stays clean until the next wee","<p>Trims the wick
so that the light is even and the glass stays clean until the next week.<br></p>",1,,,,0,null,level-1,4,,
light,L-2,"Says ""stop"", then \\"waits\\".","<p>Waits.</p>",1,,,,0,null,level-1,5,,
"""
    imported = read(lines, tmp_path)
    standard = imported.standard
    assert standard
    assert [(group.title, [one.text for one in group.statements]) for group in standard.groups] == [
        ("Levels", ["Level 1 is for beginners."]),
        (
            "Light",
            [
                "Trims the wick so that the light is even and the glass stays clean until the next week.",
                'Says "stop", then \\"waits\\".\nWaits.',
            ],
        ),
    ]
    assert [one.aliases for one in standard.competencies] == [("level-1",), ("L-1",), ("L-2",)]
    assert standard.overview[0].value == "Keeping lanterns matters."
    assert "A link to a statement that goes with several: a standard has only pairs." in said(imported, NoteKind.UNREAD)
    assert said(imported, NoteKind.UNUSABLE) == []


def test_the_headings_in_another_language_go_by_their_place(tmp_path: Path) -> None:
    lines = f"a,b,c,d,e,f,g,h,i,j,k,l,m,n\n{FRAMEWORK}\n,K1,Light,<p>about light</p>,1,,,,,,,,,\n"
    imported = read(lines, tmp_path, is_known=False)
    assert imported.standard
    assert imported.standard.by_code["K1"].text == "Light\nabout light"


def test_columns_in_another_order_are_found(tmp_path: Path) -> None:
    lines = "ID number;Is framework;Parent ID number;Short name;Remark\nFW;yes;;Lanterns;\nK1;;;Light;seen\n"
    imported = read(lines, tmp_path)
    assert imported.standard
    assert imported.standard.by_code["K1"].text == "Light"
    assert "The column 'Remark'." in said(imported, NoteKind.UNREAD)


def test_missing_columns_are_told(tmp_path: Path) -> None:
    file = tmp_path / "framework.csv"
    file.write_text("Short name,Description\nLight,x\n", encoding="utf-8")
    with pytest.raises(KsbtrackError) as caught:
        list(read_moodle(file, Given("XX01")))
    assert str(caught.value).replace(tmp_path.as_posix(), "") == (
        "/framework.csv: unknown-format: found no column 'Parent ID number' and 'ID number'; a competency framework of "
        f"Moodle has the columns {', '.join(COLUMNS)}.\n"
        "  Check that it is the right file, or name its format with --format."
    )


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (f'{HEADINGS}\n,K1,"Light,x\n', "/framework.csv:2: bad-csv: found a quote that is never closed"),
        (f'{HEADINGS}\n,K1,"Li"ght" x,y\n', "/framework.csv:2: bad-csv: found"),
        ("\n\n", "/framework.csv:1: empty-file: found nothing but white space and comments"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(lines: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "framework.csv"
    file.write_text(lines, encoding="utf-8")
    with pytest.raises(KsbtrackError) as caught:
        list(read_moodle(file, Given("XX01")))
    assert str(caught.value).replace(tmp_path.as_posix(), "").startswith(message)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_other_encodings_are_read(encoding: str, tmp_path: Path) -> None:
    lines = f"{HEADINGS}\n{FRAMEWORK}\n,K1,naïve – café,,1,,,,,,,,,\n"
    imported = read(lines.encode(encoding), tmp_path, is_known=encoding != "utf-16")
    assert imported.standard
    assert imported.standard.by_code["K1"].text == "naïve – café"
    assert any("western Windows" in what for what in said(imported, NoteKind.REPAIRED)) == (encoding == "cp1252")


def test_what_is_neither_utf_8_nor_of_windows_is_told(tmp_path: Path) -> None:
    file = tmp_path / "framework.csv"
    file.write_bytes(f"{HEADINGS}\n".encode() + b"\x81\x8d")
    with pytest.raises(KsbtrackError) as caught:
        list(read_moodle(file, Given("XX01")))
    assert str(caught.value).replace(tmp_path.as_posix(), "") == (
        "/framework.csv: not-utf-8: found text that is neither UTF-8 nor the code of western Windows; "
        "the file must be text in UTF-8.\n"
        "  Save it again with the encoding UTF-8; a spreadsheet calls that 'CSV UTF-8'."
    )


def test_odd_rows_are_told(tmp_path: Path) -> None:
    lines = f"""{HEADINGS}
{FRAMEWORK}
,K1,Light,<p>light</p>,1,,,,,,"K9,S%2C1",,,
,K1,Light again,,1,,,,,,,,,
nowhere,S1,Orphan,,1,"a,b",,core_competency\\competency_rule_points,2,,,,,
,,No number,,1,,,,,,,,,
,B1,,,1,,,,,,,,,
,FW2,Another,,1,,,,,,,,1,
,B2,Too long,{"x" * 100_001},1,,,,,,,,,,more
"""
    imported = read(lines, tmp_path)
    assert imported.standard
    assert set(said(imported, NoteKind.UNUSABLE)) == {
        "A link to no statement of this source.",
        "A statement without words was not taken.",
        "A second framework in one file was not taken.",
        "A description of 100,001 characters was not taken; 100,000 fit.",
    }
    assert {
        "An ID number that another row has already.",
        "A row without an ID number.",
        "It stands below an item that is not there; it has no heading.",
    } <= set(said(imported, NoteKind.REPAIRED))
    assert {"The rule type.", "The scale values.", "More cells than columns; the last ones were not read."} <= set(
        said(imported, NoteKind.UNREAD)
    )


def test_without_a_row_for_the_framework_the_title_is_the_reference(tmp_path: Path) -> None:
    imported = read(f"{HEADINGS}\n,K1,Light,,1,,,,,,,,,\n", tmp_path)
    assert imported.standard
    assert imported.standard.title == "XX01"
    assert "No row is the framework itself, so nothing says its name." in said(imported, NoteKind.UNKNOWN)


def test_links_that_moodle_keeps_on_both_sides_come_back(tmp_path: Path) -> None:
    lines = f"""{HEADINGS}
,XX9001@1.2,Lanterns,,1,,,,,,,,1,
,knowledge K,Light,,1,,,,,,,,,
knowledge K,K1,one,,1,,,,,,"S1,duty D1",,,
,skill S,Keep,,1,,,,,,,,,
skill S,S1,two,,1,,,,,,"K1,duty D1",,,
,duties,Duties,,1,,,,,,,,,
duties,duty D1,lights,,1,,,,,,"K1,S1",,,
"""
    standard = read(lines, tmp_path, Given()).standard
    assert standard
    assert standard.identity == "XX9001@1.2"
    assert [(one.code, one.kind, one.pairs_with) for one in standard.competencies] == [
        ("K1", CompetencyKind.KNOWLEDGE, "S1"),
        ("S1", CompetencyKind.SKILL, "K1"),
    ]
    assert standard.duties[0].competencies == ("K1", "S1")


def test_ten_thousand_rows_are_read(tmp_path: Path) -> None:
    rows = "".join(f",i{number},s{number},<p>t</p>,1,,,,,,,,,\n" for number in range(10_000))
    imported = read(f"{HEADINGS}\n{FRAMEWORK}\n{rows}", tmp_path)
    assert imported.standard is None
    words = "It has 10,000 statements; a standard has at most 999. Import its parts one by one."
    assert words in said(imported, NoteKind.UNUSABLE)
