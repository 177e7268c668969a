"""Every kind of file becomes pages, a card or a page about it, each valid by itself."""

from __future__ import annotations

import io
import re
import shutil
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pypdf
import pytest
from PIL import Image

from evidence_files import busy_pdf, changed, mark, marks_on_first_page, piece_with, prepared, tagged_pdf, untagged_pdf
from ksbtrack.models.portfolio import Claim
from ksbtrack.showcase.files import prepare_files
from ksbtrack.showcase.images import BAND, RESOLUTION
from ksbtrack.showcase.office import MADE_BY_LIBREOFFICE
from ksbtrack.showcase.papers import NO_TAGS, RESTRICTED, TAGS_LOST
from ksbtrack.showcase.parts import Form, PreparedFile
from ksbtrack.showcase.texts import (
    MAX_CELL_CHARACTERS,
    MAX_TABLE_COLUMNS,
    MAX_TABLE_ROWS,
    MAX_TEXT_CHARACTERS,
    read_table,
)
from raw_files import archive, image, locked_pdf
from validators import page_validation_failures, verapdf_failures, verapdf_is_here

SIDES = (595.28, 841.89)


def words(file: PreparedFile) -> str:
    """Give the text of all pages, as a second library reads it."""
    reader = pypdf.PdfReader(io.BytesIO(file.pdf))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def sheets(file: PreparedFile) -> list[tuple[float, float]]:
    reader = pypdf.PdfReader(io.BytesIO(file.pdf))
    return [(round(float(page.mediabox.width), 2), round(float(page.mediabox.height), 2)) for page in reader.pages]


def alternatives(file: PreparedFile) -> list[str]:
    """Give the words that stand for each figure of a file."""
    with pikepdf.open(io.BytesIO(file.pdf)) as pdf:
        kids = pdf.Root.StructTreeRoot.K[0].K
        return [str(kid.Alt) for kid in kids if kid.S == "/Figure"]


def pictures(file: PreparedFile) -> list[Image.Image]:
    """Give the pictures of all pages, as a second library unpacks them."""
    reader = pypdf.PdfReader(io.BytesIO(file.pdf))
    found = [picture.image for page in reader.pages for picture in page.images]
    assert all(found)
    return [picture for picture in found if picture is not None]


def sound(seconds: int) -> bytes:
    """Give a recording of silence."""
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(1)
        made.setframerate(1000)
        made.writeframes(bytes([128]) * 1000 * seconds)
    return out.getvalue()


def photograph(format_name: str = "JPEG", size: tuple[int, int] = (400, 300), **saved: object) -> bytes:
    """Give a picture red at its left and blue at its right."""
    made = Image.new("RGB", size, (0, 0, 255))
    made.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    made.save(out, format_name, **saved)
    return out.getvalue()


KINDS: dict[str, Callable[[], bytes]] = {
    "tagged.pdf": tagged_pdf,
    "untagged.pdf": untagged_pdf,
    "photo.jpg": photograph,
    "drawing.png": lambda: photograph("PNG"),
    "noise.png": lambda: image("PNG"),
    "grey.png": lambda: image("PNG", mode="L"),
    "clear.png": lambda: image("PNG", mode="RGBA"),
    "picture.webp": lambda: image("WEBP"),
    "scan.tiff": lambda: image("TIFF", frames=3),
    "fax.tif": lambda: image("TIFF", mode="1"),
    "press.jpg": lambda: image("JPEG", mode="CMYK"),
    "moving.gif": lambda: image("GIF", frames=3),
    "old.bmp": lambda: image("BMP"),
    "new.avif": lambda: image("AVIF"),
    "note.txt": "Notes\n\n  £5 – naïve 你好 \U0001f600\n".encode,
    "note.md": lambda: b"# Plan\n\nA [link](https://example.org) and *more*.\n\n- one\n- two\n",
    "old.txt": lambda: "caf\xe9".encode("cp1252"),
    "wide.txt": lambda: "Wide".encode("utf-16"),
    "table.csv": lambda: b"a,b\n1,2\n3\n",
    "table.tsv": lambda: b"a\tb\n1\t2\n",
    "settings.json": lambda: b'{"a": [1, 2]}',
    "talk.wav": lambda: sound(2),
    "talk.mp3": lambda: b"\xff\xfb\x90\0" * 300,
    "pages.html": lambda: b"<!doctype html><title>x</title><script>1</script>",
    "drawing.svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "all.zip": lambda: archive({"a.txt": b"a"}),
    "data.bin": lambda: b"\0\1\2\3",
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_becomes_valid_pages_and_the_same_bytes_twice(name: str, tmp_path: Path) -> None:
    content = KINDS[name]()
    first = prepared(tmp_path, name, content)

    assert page_validation_failures(first.pdf) == []
    assert first.pages == len(pypdf.PdfReader(io.BytesIO(first.pdf)).pages) > 0
    assert (first.piece, first.number, first.name, first.size) == ("E07", 1, f"evidence/{name}", len(content))
    assert prepared(tmp_path, name, content) == first


@pytest.mark.skipif(not verapdf_is_here(), reason="needs Java and libjaxb-java")
def test_verapdf_agrees(tmp_path: Path) -> None:
    failures = {}
    for name, content in KINDS.items():
        (tmp_path / "made.pdf").write_bytes(prepared(tmp_path, name, content()).pdf)
        failures[name] = verapdf_failures(tmp_path / "made.pdf")
    assert failures == {name: [] for name in KINDS}


def test_a_valid_pdf_joins_as_it_is(tmp_path: Path) -> None:
    file = prepared(tmp_path, "plan.pdf", tagged_pdf("<h1>Plan</h1><p>What I planned."))

    assert (file.form, file.pages, file.evidence_pages, file.notes, file.removed) == (Form.PAGES, 1, 1, (), ())
    with pikepdf.open(io.BytesIO(file.pdf)) as pdf:
        assert [str(kid.S) for kid in pdf.Root.StructTreeRoot.K[0].K] == ["/H1", "/P"]
        assert b'<rdf:li xml:lang="x-default">My plan</rdf:li>' in pdf.Root.Metadata.read_bytes()
    assert "What I planned." in words(file)


def test_an_untagged_pdf_becomes_described_pages_with_its_text(tmp_path: Path) -> None:
    two = untagged_pdf("<h1>Plan</h1><p>First<p style='break-before:page'>Second")
    file = prepared(tmp_path, "plan.pdf", two)

    assert (file.form, file.pages, file.evidence_pages, file.notes) == (Form.PAGES, 2, 2, (NO_TAGS,))
    assert alternatives(file) == [
        f"Page {page} of 2 of the file plan.pdf, evidence E07: Plan for a group. This is an untagged copy of the page."
        for page in (1, 2)
    ]
    assert "First" in words(file)
    assert "Second" in words(file)


def test_tags_that_break_the_rules_give_way_to_described_pages(tmp_path: Path) -> None:
    def confuse(pdf: pikepdf.Pdf) -> None:
        pdf.Root.StructTreeRoot.K[0].K[0].S = pikepdf.Name.H3

    file = prepared(tmp_path, "plan.pdf", changed(tagged_pdf(), confuse))

    assert (file.form, file.notes) == (Form.PAGES, (TAGS_LOST,))
    assert len(alternatives(file)) == 1
    assert page_validation_failures(file.pdf) == []


def test_orientation_and_size_of_pages_are_kept(tmp_path: Path) -> None:
    def turn(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj.Rotate = 450
        pdf.pages[0].obj.MediaBox = pikepdf.Array([400, 700, 0, 0])
        pdf.pages[0].obj.CropBox = pikepdf.Array([-50, 100, 300, 900])

    file = prepared(tmp_path, "plan.pdf", changed(untagged_pdf(), turn))

    (page,) = pypdf.PdfReader(io.BytesIO(file.pdf)).pages
    assert page.rotation == 90
    assert list(page.mediabox) == [0, 0, 400, 700]
    assert list(page.cropbox) == [0, 100, 300, 700]


@pytest.mark.parametrize("is_tagged", [True, False])
def test_links_to_the_web_and_within_the_file_stay(is_tagged: bool, tmp_path: Path) -> None:
    body = '<h1 id="b">B</h1><p>A <a href="https://example.org/a">page</a>, <a href="#b">above</a>'
    content = (tagged_pdf if is_tagged else untagged_pdf)(body)
    file = prepared(tmp_path, "plan.pdf", content)

    links = marks_on_first_page(file.pdf)
    assert [link.get("/A", {}).get("/URI") for link in links] == ["https://example.org/a", None]
    assert links[1]["/Dest"][0].get_object()["/Type"] == "/Page"
    assert file.removed == ()
    assert page_validation_failures(file.pdf) == []


def test_a_pdf_without_its_fonts_is_attached_behind_a_page_that_says_why(tmp_path: Path) -> None:
    def add_text(pdf: pikepdf.Pdf) -> None:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        pdf.pages[0].obj.Resources.Font = pikepdf.Dictionary(F=font)
        pdf.pages[0].obj.Contents = pdf.make_stream(b"BT /F 12 Tf 50 50 Td (Hello) Tj ET")

    content = changed(untagged_pdf(), add_text)
    file = prepared(tmp_path, "plan.pdf", content)

    assert (file.form, file.pages, file.evidence_pages) == (Form.ATTACHED, 1, 1)
    assert "Not shown as pages: a font is not embedded in it." in file.notes
    assert "This file is attached to this document" in words(file)
    assert "a font is not embedded in it" in words(file)
    assert file.sha256.startswith(words(file).partition("(SHA-256) ")[2][:8])


def test_layers_that_are_switched_off_do_not_come_to_light(tmp_path: Path) -> None:
    def hide(pdf: pikepdf.Pdf) -> None:
        layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=pikepdf.String("Answers")))
        usual = pikepdf.Dictionary(OFF=pikepdf.Array([layer]))
        pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=pikepdf.Array([layer]), D=usual)

    file = prepared(tmp_path, "plan.pdf", changed(untagged_pdf(), hide))

    assert file.form is Form.ATTACHED
    assert "layers that are switched off" in words(file)


def with_layer(usual: dict[str, Any], *, usage: str = "/ON", policy: str = "") -> bytes:
    """Give a PDF with a layer that is listed under the keys of the usual settings, and used as it is or by policy."""

    def add(pdf: pikepdf.Pdf) -> None:
        states = pikepdf.Dictionary(View=pikepdf.Dictionary(ViewState=pikepdf.Name(usage)))
        layer = pdf.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=pikepdf.String("Answers"), Usage=states)
        )
        own = pikepdf.Dictionary({key: pikepdf.Array([layer]) for key in usual if key != "/AS"})
        if "/AS" in usual:
            kinds = pikepdf.Array([pikepdf.Name.View])
            event = pikepdf.Name(usual["/AS"])
            own.AS = pikepdf.Array([pikepdf.Dictionary(OCGs=pikepdf.Array([layer]), Event=event, Category=kinds)])
        pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=pikepdf.Array([layer]), D=own)
        member = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCMD, OCGs=pikepdf.Array([layer])))
        if policy:
            member.P = pikepdf.Name(policy)
        pdf.pages[0].obj.Resources.Properties = pikepdf.Dictionary(L=member if policy else layer)

    return changed(untagged_pdf(), add)


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (with_layer({"/ON": True}), Form.PAGES),
        (with_layer({"/OFF": True}), Form.ATTACHED),
        (with_layer({"/ON": True}, policy="/AllOn"), Form.PAGES),
        (with_layer({"/ON": True}, policy="/AllOff"), Form.ATTACHED),
        (with_layer({"/ON": True}, policy="/AnyOff"), Form.ATTACHED),
        (with_layer({"/ON": True, "/AS": "/View"}), Form.PAGES),
        (with_layer({"/ON": True, "/AS": "/View"}, usage="/OFF"), Form.ATTACHED),
        (with_layer({"/ON": True, "/AS": "/Print"}, usage="/OFF"), Form.PAGES),
    ],
)
def test_only_what_every_viewer_shows_is_shown(tmp_path: Path, content: bytes, form: Form) -> None:
    assert prepared(tmp_path, "plan.pdf", content).form is form


def test_a_page_says_what_an_attached_file_can_still_do(tmp_path: Path) -> None:
    def without_font(pdf: pikepdf.Pdf) -> None:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page = pdf.pages[0].obj
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=pdf.make_indirect(font)))
        page.Contents = pdf.make_stream(b"BT /F 20 Tf 100 700 Td (Hello) Tj ET")

    file = prepared(tmp_path, "form.pdf", changed(busy_pdf(), without_font))

    assert (file.form, file.removed) == (Form.ATTACHED, ())
    (said,) = [note for note in file.notes if note.startswith("The file itself still has: ")]
    for words_of_one in ("scripts (JavaScript)", "1 action that starts a program", "1 embedded file", "1 form field,"):
        assert words_of_one in said
    assert "stays" not in said and "a copy" not in said
    assert said in words(file)


def test_an_owner_s_restriction_is_said(tmp_path: Path) -> None:
    file = prepared(tmp_path, "plan.pdf", locked_pdf(user="", owner="secret"))

    assert (file.form, file.pages) == (Form.PAGES, 2)
    assert file.notes == (RESTRICTED, NO_TAGS)
    assert not pypdf.PdfReader(io.BytesIO(file.pdf)).is_encrypted


def test_a_photograph_is_turned_upright_brought_to_size_and_says_nothing_of_the_camera(tmp_path: Path) -> None:
    notes = Image.Exif()
    notes[0x0112] = 6  # to be turned right by a quarter
    notes[0x010F] = "Camera of Example"
    notes.get_ifd(0x8825)[1] = "N"
    content = photograph("JPEG", (3000, 2000), exif=notes)
    assert b"Camera of Example" in content
    file = prepared(tmp_path, "photo.jpg", content)

    assert sheets(file) == [SIDES]
    (picture,) = pictures(file)
    assert picture.height == round((SIDES[1] - 2 * BAND) / 72 * RESOLUTION)
    assert abs(picture.height / picture.width - 1.5) < 0.01
    red, _, blue = picture.convert("RGB").getpixel((700, 100))  # type: ignore[misc]
    assert (red > 200, blue < 50) == (True, True)
    assert b"Camera of Example" not in file.pdf
    assert b"Exif" not in file.pdf
    assert alternatives(file) == [
        "A picture handed in as evidence E07: Plan for a group. File photo.jpg. "
        "What it shows is described in the account of the piece."
    ]


def test_a_wide_picture_lies_on_a_sheet_across_and_a_small_one_is_not_blown_up(tmp_path: Path) -> None:
    assert sheets(prepared(tmp_path, "wide.png", photograph("PNG", (400, 300)))) == [(SIDES[1], SIDES[0])]

    with pikepdf.open(io.BytesIO(prepared(tmp_path, "small.png", photograph("PNG", (96, 96))).pdf)) as pdf:
        assert b"q 72.00 0 0 72.00 " in pdf.pages[0].obj.Contents.read_bytes()


def test_clear_parts_are_white_and_few_colours_stay_exact(tmp_path: Path) -> None:
    out = io.BytesIO()
    made = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    made.paste((12, 34, 56, 255), (0, 0, 20, 40))
    made.save(out, "PNG")

    (picture,) = pictures(prepared(tmp_path, "clear.png", out.getvalue()))
    assert picture.convert("RGB").getpixel((5, 5)) == (12, 34, 56)
    assert picture.convert("RGB").getpixel((35, 5)) == (255, 255, 255)


def test_each_page_of_a_tiff_is_a_page_and_of_an_animation_the_first(tmp_path: Path) -> None:
    scan = prepared(tmp_path, "scan.tiff", image("TIFF", frames=3))
    assert (scan.pages, scan.evidence_pages, scan.notes) == (3, 3, ())
    assert alternatives(scan)[2].startswith("Page 3 of 3 of a picture handed in as evidence E07")

    moving = prepared(tmp_path, "moving.gif", image("GIF", frames=3))
    assert (moving.pages, moving.notes) == (1, ("A moving picture: the first of its 3 frames is shown.",))


def test_fifty_photographs_stay_small(tmp_path: Path) -> None:
    """Five megabytes each would make 250; noise is the worst that a camera can give."""
    content = image("JPEG", (4000, 3000))
    assert len(content) > 3_000_000
    assert len(prepared(tmp_path, "photo.jpg", content).pdf) < 1_500_000


def test_text_is_shown_as_typed_with_what_no_font_has_named(tmp_path: Path) -> None:
    file = prepared(tmp_path, "note.txt", "One\n  two £5 你 <b>&amp;</b>".encode())

    assert words(file).startswith("EVIDENCE E07 · FILE 1 note.txt Plan for a group One two £5 [U+4F60] <b>&amp;")
    assert (file.form, file.evidence_pages) == (Form.PAGES, 0)


def test_markdown_is_shown_as_meant(tmp_path: Path) -> None:
    file = prepared(tmp_path, "note.md", b"# Plan\n\n*Well* <script>x</script> ![a](http://h/x.png)\n\n- one")
    assert "# Plan" not in words(file)
    assert "*Well*" not in words(file)
    assert "<script>x</script>" in words(file)


def test_a_long_text_is_cut_and_says_so(tmp_path: Path) -> None:
    file = prepared(tmp_path, "log.txt", b"word " * (MAX_TEXT_CHARACTERS // 5 + 1))
    assert file.notes == ("Only the first 200,000 of 200,005 characters are shown.",)
    assert file.notes[0] in words(file)


def test_a_wide_and_long_table_lies_across_and_says_what_is_cut(tmp_path: Path) -> None:
    row = ",".join(["x" * (MAX_CELL_CHARACTERS + 1)] + ["y"] * MAX_TABLE_COLUMNS)
    file = prepared(tmp_path, "table.csv", "\n".join([row] + ["1,2"] * (MAX_TABLE_ROWS + 5)).encode())

    assert sheets(file)[0] == (SIDES[1], SIDES[0])
    assert file.notes == (
        "Only the first 500 rows are shown; the file has more.",
        "Only the first 16 of 17 columns are shown.",
        "Cells are cut after 400 characters.",
    )
    assert page_validation_failures(file.pdf) == []


def test_a_recording_is_a_card_with_its_length_and_what_to_listen_for(tmp_path: Path) -> None:
    claims = (
        Claim(code="K2", where="0:00:02", why="How I close"),
        Claim(code="K1", where="0:00:01", why="How I begin"),
        Claim(code="K3", where="p. 2"),
    )
    file = prepared(tmp_path, "talk one.wav", sound(2), claims)

    assert (file.form, file.pages, file.evidence_pages, file.seconds) == (Form.CARD, 1, 0, 2.0)
    text = words(file)
    assert "This recording travels beside this document" in text
    assert "Length 0:00:02 (hours, minutes, seconds)" in text
    assert text.endswith("K1 0:00:01 How I begin K2 0:00:02 How I close")
    (link,) = marks_on_first_page(file.pdf)
    assert link["/A"]["/URI"] == "files/evidence/talk%20one.wav"


def test_sound_under_the_ending_of_a_film_is_sound(tmp_path: Path) -> None:
    assert "Kind Sound (MP4)" in words(prepared(tmp_path, "talk.mp4", sound(2)))


def test_a_time_stands_on_the_card_of_the_one_recording_that_it_means(tmp_path: Path) -> None:
    claims = (
        Claim(code="K1", where="0:00:02"),
        Claim(code="K2", where="0:00:05"),
        Claim(code="K3", where="long.wav 0:00:01"),
        Claim(code="K4", where="talk.wav 0:00:09"),
    )
    piece = piece_with(tmp_path, {"talk.wav": sound(3), "long.wav": sound(6)}, claims)
    talk, long = prepare_files(tmp_path, [piece])[0]

    assert re.findall(r"\bK\d\b", words(talk)) == ["K1"]
    assert re.findall(r"\bK\d\b", words(long)) == ["K3", "K2"]


def test_a_time_that_may_be_in_a_recording_of_unknown_length_stands_on_no_card(tmp_path: Path) -> None:
    files = {"odd.mp4": b"\0\0\0\x08free" + b"\0" * 100, "long.wav": sound(6)}
    piece = piece_with(tmp_path, files, (Claim(code="K1", where="0:00:02"), Claim(code="K2", where="long.wav 0:00:05")))
    odd, long = prepare_files(tmp_path, [piece])[0]

    assert re.findall(r"\bK\d\b", words(odd)) == []
    assert re.findall(r"\bK\d\b", words(long)) == ["K2"]


def test_a_recording_that_does_not_say_its_length_says_that(tmp_path: Path) -> None:
    file = prepared(tmp_path, "talk.mp4", b"\0\0\0\x08free" + b"\0" * 100)
    assert (file.form, file.seconds, file.notes) == (Form.CARD, None, ("Its length is not known.",))
    assert "length not known" in words(file)


def test_a_file_without_pages_travels_beside(tmp_path: Path) -> None:
    file = prepared(tmp_path, "data.bin", b"\0\1\2\3")
    assert (file.form, file.notes) == (
        Form.BESIDE,
        ("Not shown as pages: nothing here can make pages of a BIN file.",),
    )
    assert "This file travels beside this document" in words(file)
    (link,) = marks_on_first_page(file.pdf)
    assert link["/A"]["/URI"] == "files/evidence/data.bin"


def test_files_come_in_the_order_of_pieces_and_their_files(tmp_path: Path) -> None:
    first = piece_with(tmp_path, {"b.txt": b"b", "a.pdf": untagged_pdf()}, id_="E02")
    second = piece_with(tmp_path, {"c.png": image("PNG")}, id_="E01")

    files, problems = prepare_files(tmp_path, [first, second])
    assert [(file.piece, file.number, file.name) for file in files] == [
        ("E02", 1, "evidence/b.txt"),
        ("E02", 2, "evidence/a.pdf"),
        ("E01", 1, "evidence/c.png"),
    ]
    assert problems == []


def test_no_pieces_need_no_process(tmp_path: Path) -> None:
    assert prepare_files(tmp_path, []) == ([], [])


def test_a_field_s_look_stays_on_the_page(tmp_path: Path) -> None:
    def add(pdf: pikepdf.Pdf) -> None:
        name = next(iter(pdf.pages[0].obj.Resources.Font.keys()))
        look = pdf.make_stream(
            f"BT {name} 12 Tf 2 2 Td <0001> Tj ET 5 5 20 20 re f".encode(),
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Form,
            BBox=pikepdf.Array([0, 0, 100, 40]),
        )
        field = mark("Widget", FT=pikepdf.Name.Tx, T=pikepdf.String("a"), AP=pikepdf.Dictionary(N=look), F=4)
        pdf.pages[0].obj.Annots = pikepdf.Array([pdf.make_indirect(field)])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pdf.pages[0].obj.Annots)

    with pikepdf.open(io.BytesIO(prepared(tmp_path, "form.pdf", changed(untagged_pdf(), add)).pdf)) as pdf:
        drawings = [item.read_bytes() for item in pdf.objects if isinstance(item, pikepdf.Stream)]
    assert any(b"5 5 20 20 re f" in drawing for drawing in drawings)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_gives_tagged_pages_and_the_same_bytes_twice(tmp_path: Path) -> None:
    content = rb"{\rtf1\ansi{\fonttbl{\f0 DejaVu Sans;}}\f0 Plan \par Second line\par\page Second page}"
    file = prepared(tmp_path, "plan.rtf", content)

    assert (file.form, file.pages, file.evidence_pages) == (Form.PAGES, 2, 2)
    assert file.notes == (MADE_BY_LIBREOFFICE,)
    assert "Second page" in words(file)
    assert page_validation_failures(file.pdf) == []
    assert prepared(tmp_path, "plan.rtf", content) == file


def test_a_remark_before_a_table_is_no_row_of_it() -> None:
    rows, notes = read_table("# Group 1; deleted in 2026\nlearner,Mon\n1,6\n")
    assert rows == [["learner", "Mon"], ["1", "6"]]
    assert notes == ["The file begins with the remark: Group 1; deleted in 2026"]


@pytest.mark.parametrize(("text", "cells"), [("a;b\n1,5;2\n2;3\n", 2), ("a\tb\tc\n1\t2\t3\n", 3), ("a,b\n1,2\n", 2)])
def test_what_stands_between_cells_is_what_most_lines_have(text: str, cells: int) -> None:
    assert {len(row) for row in read_table(text)[0]} == {cells}
