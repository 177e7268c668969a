"""What an attachment really is, told from its content, at a small cost whatever it holds."""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf.settings import get_qpdf_limits
from PIL import Image

from ksbtrack.files import attachments, images, pdfs
from ksbtrack.files.attachments import inspect_file
from ksbtrack.models.portfolio import AttachedFile, FileKind
from ksbtrack.problems import KsbtrackError, Source
from raw_files import (
    CATALOGUE,
    MEBIBYTE,
    PAGE,
    archive,
    chain_pdf,
    flat_png,
    image,
    locked_pdf,
    object_stream_pdf,
    pages_pdf,
    pdf,
    reference_stream_bomb,
    tiny_gif,
    tree,
)

HERE = Source("mine/evidence/E01.md", 6)
HTML = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in</body></html>\n"
SVG = b"<?xml version='1.0'?>\n<!-- drawn -->\n<svg xmlns='http://www.w3.org/2000/svg'/>\n"
PROGRAM = b"MZ\x90\0\3\0\0\0" + bytes(60)


def inspected(folder: Path, name: str, content: bytes) -> AttachedFile:
    (folder / name).write_bytes(content)
    return inspect_file(folder, name, HERE)


def refused(folder: Path, name: str, content: bytes) -> str:
    with pytest.raises(KsbtrackError) as raised:
        inspected(folder, name, content)
    assert len(raised.value.problems) == 1
    return str(raised.value)


def code_of(folder: Path, name: str, content: bytes) -> str:
    return refused(folder, name, content).split(": ")[1]


# What is right


@pytest.mark.parametrize(
    ("name", "content", "kind", "pages"),
    [
        ("plan.pdf", pages_pdf(3), FileKind.PDF, 3),
        ("PLAN.PDF", b"scanner\n" + pages_pdf(1), FileKind.PDF, 1),
        ("packed.pdf", object_stream_pdf([[PAGE], [PAGE]]), FileKind.PDF, 2),
        ("drawing.ai", pages_pdf(2), FileKind.PDF, 2),
        ("photo.png", image("PNG"), FileKind.IMAGE, 1),
        ("grey.png", image("PNG", mode="L"), FileKind.IMAGE, 1),
        ("photo.jpg", image("JPEG"), FileKind.IMAGE, 1),
        ("photo.JPEG", image("JPEG") + b"notes of the camera", FileKind.IMAGE, 1),
        ("short.gif", image("GIF", frames=4), FileKind.IMAGE, 4),
        ("moving.png", image("PNG", frames=3), FileKind.IMAGE, 3),
        ("photo.webp", image("WEBP"), FileKind.IMAGE, 1),
        ("moving.webp", image("WEBP", frames=3), FileKind.IMAGE, 3),
        ("scan.tif", image("TIFF", frames=3), FileKind.IMAGE, 3),
        ("old.bmp", image("BMP"), FileKind.IMAGE, 1),
        ("photo.avif", image("AVIF"), FileKind.IMAGE, 1),
        ("notes.txt", "Übung\n".encode(), FileKind.TEXT, None),
        ("notes.md", b"\xef\xbb\xbf# Notes\n", FileKind.TEXT, None),
        ("export.csv", "Datum;Stück é\r\n".encode("cp1252"), FileKind.TEXT, None),
        ("export.csv", "Datum\tStück\r\n".encode("utf-16"), FileKind.TEXT, None),
        ("page.html", HTML, FileKind.TEXT, None),
        ("saved.txt", HTML, FileKind.TEXT, None),
        ("chart.svg", SVG, FileKind.TEXT, None),
        ("report.docx", archive({"[Content_Types].xml": b"<Types/>"}), FileKind.OTHER, None),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), FileKind.OTHER, None),
        ("letter.rtf", b"{\\rtf1 Dear}", FileKind.OTHER, None),
        ("talk.mp4", b"\0\0\0\x20ftypisom" + bytes(40), FileKind.OTHER, None),
        ("model.blend", b"\1\2\3\0anything", FileKind.OTHER, None),
        ("no_ending", b"text", FileKind.TEXT, None),
    ],
)
def test_a_sound_file_is_told_by_its_content(
    tmp_path: Path, name: str, content: bytes, kind: FileKind, pages: int | None
) -> None:
    found = inspected(tmp_path, name, content)
    assert found == AttachedFile(
        name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest(), kind=kind, pages=pages
    )


def test_a_file_read_in_pieces_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files over `MAX_AT_ONCE` are streamed; a low limit sends small ones the same way."""
    samples = {
        "plan.pdf": pages_pdf(3),
        "photo.png": image("PNG"),
        "photo.jpg": image("JPEG"),
        "scan.tif": image("TIFF", frames=3),
        "notes.txt": b"text " * 1000,
        "report.docx": archive({"a": b"b"}),
    }
    at_once = [inspected(tmp_path, name, content) for name, content in samples.items()]
    monkeypatch.setattr(attachments, "MAX_AT_ONCE", 10)
    monkeypatch.setattr(attachments, "_CHUNK", 100)
    monkeypatch.setattr(images, "_CHUNK", 7)
    assert [inspect_file(tmp_path, name, HERE) for name in samples] == at_once


def test_a_pdf_that_its_owner_restricted_opens_and_says_so(tmp_path: Path) -> None:
    found = inspected(tmp_path, "plan.pdf", locked_pdf(user="", owner="boss"))
    assert (found.pages, found.is_restricted) == (2, True)
    assert not inspected(tmp_path, "free.pdf", pages_pdf(2)).is_restricted


# What is wrong, word for word


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "a.pdf",
            b"",
            "empty-attachment: found 'a.pdf', which is empty; a file of evidence has something in it.\n"
            "  Copy or save it again from the original.",
        ),
        (
            "a.pdf",
            locked_pdf(user="secret", owner="boss"),
            "encrypted-pdf: found 'a.pdf', which asks for a password; evidence must open without one.\n"
            "  Save a copy without a password, and name that.",
        ),
        (
            "a.pdf",
            pages_pdf(3)[:-200],
            "damaged-pdf: found 'a.pdf', which does not open without repair; "
            "a PDF must be whole, so that every assessor's program can open it.\n"
            "  Export or print it to PDF again from the original.",
        ),
        (
            "a.pdf",
            pages_pdf(5001),
            "pdf-too-large: found 'a.pdf', which has more than 5,000 pages; "
            "one PDF may have at most 5,000 pages, and what describes them must be of a likely size.\n"
            "  Split it, or print the pages that are needed to a new PDF.",
        ),
        (
            "a.pdf",
            HTML,
            "wrong-file-type: found 'a.pdf', whose content is an HTML page; "
            "a name that ends in .pdf promises a PDF file.\n"
            "  Save or download the right file again, or rename it to end in .html if that is what it should be.",
        ),
        (
            "a.docx",
            PROGRAM,
            "wrong-file-type: found 'a.docx', whose content is a program; "
            "a name that ends in .docx promises a ZIP archive or an Office file.\n"
            "  Save or download the right file again.",
        ),
        (
            "a.jpg",
            image("JPEG")[:-2],
            "damaged-image: found 'a.jpg', which breaks off or does not hold together; an image must be whole.\n"
            "  Copy or export it again from the original.",
        ),
        (
            "a.png",
            flat_png(13_000, 13_000),
            "image-too-large: found 'a.png', which has 13,000 × 13,000 pixels; "
            "an image may have at most 120,000,000 pixels and 200 frames.\n"
            "  Save it with fewer pixels; save a long animation as a video, and many scanned pages as a PDF.",
        ),
        (
            "a.gif",
            tiny_gif(300),
            "image-too-large: found 'a.gif', which has more than 200 frames; "
            "an image may have at most 120,000,000 pixels and 200 frames.\n"
            "  Save it with fewer pixels; save a long animation as a video, and many scanned pages as a PDF.",
        ),
        (
            "a.xlsx",
            archive({"sheet": os.urandom(500)})[:-30],
            "damaged-archive: found 'a.xlsx', which breaks off before its table of contents; "
            "an Office file or ZIP archive must be whole.\n"
            "  Copy or save it again from the original.",
        ),
    ],
)
def test_each_fault_has_one_message(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    assert refused(tmp_path, name, content) == f"mine/evidence/E01.md:6: {message}"


def test_a_file_that_no_portal_takes_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "talk.mp4").open("wb") as stream:
        stream.truncate(2 * 1024**3 + 1)  # a hole on the disk: it takes no room
    with pytest.raises(KsbtrackError) as raised:
        inspect_file(tmp_path, "talk.mp4", HERE)
    assert str(raised.value) == (
        "mine/evidence/E01.md:6: attachment-too-large: found 'talk.mp4', which has 2,147,483,649 bytes; "
        "one file may have at most 2,147,483,648, the most that a submission portal takes.\n"
        "  Cut it, or save it with a lower quality."
    )


def test_a_file_that_grows_over_the_limit_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "talk.mp4").write_bytes(bytes(1000))
    monkeypatch.setattr(attachments, "MAX_AT_ONCE", 10)
    monkeypatch.setattr(attachments, "_CHUNK", 100)
    monkeypatch.setattr(attachments, "MAX_ATTACHMENT_BYTES", 900)
    status = (tmp_path / "talk.mp4").stat()
    monkeypatch.setattr(os, "fstat", lambda _: os.stat_result((*status[:6], 899, *status[7:])))
    with pytest.raises(KsbtrackError) as raised:
        inspect_file(tmp_path, "talk.mp4", HERE)
    assert "attachment-too-large: found 'talk.mp4', which has 1,000 bytes" in str(raised.value)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", SVG, "an SVG drawing"),
        ("a.pdf", b"Dear assessor", "plain text"),
        ("a.pdf", b"\0\1\2\3", "data of an unknown kind"),
        ("a.pdf", HTML + b"%PDF-1.7", "an HTML page"),
        ("a.png", HTML, "an HTML page"),
        ("a.png", SVG, "an SVG drawing"),
        ("a.png", image("JPEG"), "a JPEG image"),
        ("a.jpg", b"#!/bin/sh\nrm -r /\n", "a program"),
        ("a.docx", pages_pdf(), "a PDF file"),
        (
            "a.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60),
            "an Office file of the old kind or with a password",
        ),
        ("a.doc", b"{\\rtf1}", "a rich text (RTF)"),
        ("a.mp4", b"\n<html>Video not found</html>", "an HTML page"),
        ("a.csv", archive({"a": b"b"}), "a ZIP archive or an Office file"),
        ("a.txt", PROGRAM, "a program"),
        ("a.txt", b"good so far" + bytes(2000), "data of an unknown kind"),
        ("a.csv", b"a,b\n" * 1000 + b"\0", "data of an unknown kind"),
        ("a.gif", b"\x7fELF" + bytes(60), "a program"),
        ("a.pdf", b"<!-- a -->" * 90 + b"<body>", "an HTML page"),
    ],
)
def test_a_name_that_promises_something_else_is_refused_with_what_it_is(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    assert f"wrong-file-type: found '{name}', whose content is {words}; " in refused(tmp_path, name, content)


def test_many_comments_before_no_page_take_no_time() -> None:
    """A pattern that could match comments in many ways would try them all: 2 to the power of 100."""
    assert attachments.sniff(b"<!---->" * 146 + b"<") == "text"


# Damage


@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"])
def test_an_image_that_breaks_off_anywhere_is_found_out(tmp_path: Path, format_name: str) -> None:
    whole = image(format_name)
    name = f"a.{format_name.lower()}"
    assert inspected(tmp_path, name, whole).pages == 1
    for kept in (len(whole) - 1, len(whole) - 12, len(whole) * 3 // 4, len(whole) // 2, len(whole) // 4, 60, 32):
        assert code_of(tmp_path, name, whole[:kept]) == "damaged-image", kept


@pytest.mark.parametrize("format_name", ["GIF", "WEBP", "PNG", "TIFF"])
def test_an_animation_that_breaks_off_is_found_out(tmp_path: Path, format_name: str) -> None:
    whole = image(format_name, frames=5)
    assert code_of(tmp_path, f"a.{format_name.lower()}", whole[: len(whole) * 2 // 3]) == "damaged-image"


def test_a_changed_byte_in_a_png_is_found_out(tmp_path: Path) -> None:
    whole = bytearray(image("PNG"))
    whole[len(whole) // 2] ^= 1
    assert code_of(tmp_path, "a.png", bytes(whole)) == "damaged-image"


def test_a_jpeg_without_a_picture_is_found_out_though_its_preview_has_an_end(tmp_path: Path) -> None:
    preview = image("JPEG", (8, 8))
    whole = io.BytesIO()
    exif = Image.Exif()
    exif[0x9286] = preview.decode("latin-1")
    Image.effect_noise((40, 30), 50).save(whole, "JPEG", exif=b"Exif\0\0" + preview)
    assert whole.getvalue().count(b"\xff\xd9") > 1
    assert code_of(tmp_path, "a.jpg", whole.getvalue()[:-2]) == "damaged-image"


@pytest.mark.parametrize(
    ("name", "content", "size"),
    [
        ("a.gif", b"GIF89a" + struct.pack("<HHBBB", 60_000, 60_000, 0, 0, 0) + tiny_gif(1)[19:], "60,000 × 60,000"),
        ("a.gif", tiny_gif(1).replace(b",\0\0\0\0\1\0\1\0", b",\0\0\0\0\xff\xff\xff\xff"), "65,535 × 65,535"),
        ("a.webp", b"RIFF\x12\0\0\0WEBPVP8L\5\0\0\0\x2f\xff\xff\xff\x0f\0", "16,384 × 16,384"),
    ],
)
def test_a_canvas_too_large_to_open_is_refused_unopened(tmp_path: Path, name: str, content: bytes, size: str) -> None:
    assert f"image-too-large: found '{name}', which has {size} pixels" in refused(tmp_path, name, content)


def test_the_largest_photograph_of_a_telephone_is_welcome(tmp_path: Path) -> None:
    assert inspected(tmp_path, "a.png", flat_png(12_000, 9_000)).pages == 1


@pytest.mark.parametrize(
    ("found", "content"),
    [
        ("which has no pages", pdf({1: CATALOGUE, 2: tree(b"", 0)})),
        ("whose list of pages does not hold together", pdf({1: CATALOGUE, 2: tree(b"3 0 R", 2_147_483_647), 3: PAGE})),
        ("whose list of pages does not hold together", pdf({1: CATALOGUE, 2: tree(b"3 0 R", -1), 3: PAGE})),
        ("which does not open without repair", pdf({1: CATALOGUE, 2: tree(b"2 0 R", 1)})),
        ("which does not open without repair", pdf({1: CATALOGUE, 2: tree(b"3 0 R", 1), 3: tree(b"2 0 R", 1)})),
        ("which does not open without repair", pdf({1: CATALOGUE, 2: tree(b"3 0 R 3 0 R", 2), 3: PAGE})),
        ("which does not open without repair", pdf({1: CATALOGUE, 2: tree(b"3 0 R 9 0 R", 2), 3: PAGE})),
        ("which does not open without repair", pdf({1: CATALOGUE, 2: tree(b"3 0 R 7", 2), 3: PAGE})),
        ("which does not open without repair", pdf({1: CATALOGUE, 2: b"<</Type/Pages/Count 1/Kids 3>>", 3: PAGE})),
        ("which does not open without repair", pdf({1: b"<</Type/Catalog>>", 2: PAGE})),
        (
            "which does not open without repair",
            pdf({1: b"<</Pages 2 0 R/X%s%s>>" % (b"[" * 20_000, b"]" * 20_000), 2: PAGE}),
        ),
        ("which does not open without repair", chain_pdf(400)),
        ("which does not open without repair", b"%PDF-1.7\n"),
        ("which does not open without repair", pages_pdf().replace(b"startxref", b"startxerf")),
    ],
)
def test_a_pdf_that_does_not_hold_together_is_damaged(
    tmp_path: Path, found: str, content: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    assert f"damaged-pdf: found 'a.pdf', {found}; " in refused(tmp_path, "a.pdf", content)
    assert capfd.readouterr() == ("", "")


def test_a_pdf_for_which_a_certificate_is_needed_counts_as_locked(tmp_path: Path) -> None:
    content = pdf(
        {1: CATALOGUE, 2: tree(b"", 0), 3: b"<</Filter/Adobe.PubSec/V 4/R 4>>"}, b"/Encrypt 3 0 R/ID[<00><00>]"
    )
    assert code_of(tmp_path, "a.pdf", content) == "encrypted-pdf"


def test_the_limits_of_other_users_of_pikepdf_come_back(tmp_path: Path) -> None:
    before = get_qpdf_limits()
    inspected(tmp_path, "a.pdf", pages_pdf())
    refused(tmp_path, "b.pdf", pages_pdf()[:-40])
    assert get_qpdf_limits() == before


def test_the_limits_hold_while_a_pdf_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, int | bool]] = []
    counted = pdfs._leaves

    def looking(opened: pikepdf.Pdf) -> int | None:
        seen.append(get_qpdf_limits())
        return counted(opened)

    monkeypatch.setattr(pdfs, "_leaves", looking)
    inspected(tmp_path, "a.pdf", pages_pdf())
    large = pages_pdf(3000)
    inspected(tmp_path, "b.pdf", large)
    assert [(limits["max_stream_filters"], limits["parser_max_nesting"]) for limits in seen] == [(1, 100)] * 2
    assert [limits["flate_max_memory"] for limits in seen] == [128 * 1024, 16 * len(large)]


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 70_000, 300_000])
def test_unpacked_size_counts_what_zlib_gives(size: int) -> None:
    content = (b"1 0 " * 100_000)[:size]
    file = b"<<>>stream\r\n" + zlib.compress(content) + b"\nendstream <<>>stream\n" + zlib.compress(b"q Q" * 1000)
    assert pdfs.unpacked_size(file, 1_000_000) == size


@pytest.mark.parametrize("entries", [b"/Type /ObjStm /Filter /LZWDecode", b"/Filter [/LZWDecode]\n/N 9 /Type/ObjStm"])
def test_object_streams_packed_in_a_way_without_a_limit_are_too_large_unread(entries: bytes) -> None:
    assert pdfs.unpacked_size(b"4 0 obj <<" + entries + b">> stream\n80 endstream", 1000) > 1000


def test_unpacked_size_stops_once_over_the_limit_and_counts_a_stream_that_breaks_off() -> None:
    bomb = zlib.compress(b"1 0 " * 1_000_000)
    assert 1000 < pdfs.unpacked_size(b"stream\n" + bomb, 1000) < 200_000
    assert pdfs.unpacked_size(b"stream\n" + bomb[: len(bomb) // 2], 10**9) > 1_000_000
    broken = bomb[:-4] + b"\0\0\0\0"
    assert pdfs.unpacked_size(b"stream\n" + broken, 10**9) > 3_000_000


# What it costs

BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "double-flate-references.pdf": ("damaged-pdf", lambda: reference_stream_bomb(2, 600 * MEBIBYTE)),
    "double-flate-objects.pdf": ("damaged-pdf", lambda: object_stream_pdf([[PAGE]], 2, 600 * MEBIBYTE)),
    "flate-references.pdf": ("damaged-pdf", lambda: reference_stream_bomb(1, 8 * MEBIBYTE)),
    "flate-objects.pdf": ("pdf-too-large", lambda: object_stream_pdf([[PAGE]], 1, 8 * MEBIBYTE)),
    "many-object-streams.pdf": ("pdf-too-large", lambda: object_stream_pdf([[PAGE]] * 8, 1, MEBIBYTE)),
    "numbers.pdf": ("pdf-too-large", lambda: object_stream_pdf([[PAGE, b"[%s]" % (b"0 " * 4_000_000)]])),
    "names.pdf": ("pdf-too-large", lambda: object_stream_pdf([[PAGE, b"[%s]" % (b"[%s]" % (b"/" * 90_000) * 80)]])),
    "just-below-the-limits.pdf": ("", lambda: object_stream_pdf([[PAGE, b"[%s]" % (b"/" * 90_000)]] * 11)),
    "one-page-many-times.pdf": (
        "pdf-too-large",
        lambda: object_stream_pdf([[PAGE, tree(b"4 0 R " * 900_000, 900_000)]]),
    ),
    "kids-bomb.pdf": (
        "damaged-pdf",
        lambda: pdf(
            {1: CATALOGUE, **{n: tree(b"%d 0 R " % (n + 1) * 10, 10 ** (9 - n)) for n in range(2, 9)}, 9: PAGE}
        ),
    ),
    "huge-count.pdf": ("damaged-pdf", lambda: pdf({1: CATALOGUE, 2: tree(b"3 0 R", 2_147_483_647), 3: PAGE})),
    "huge-size.pdf": ("damaged-pdf", lambda: pages_pdf().replace(b"/Size 4", b"/Size 2147483647")),
    "huge-table.pdf": ("damaged-pdf", lambda: pages_pdf().replace(b"xref\n0 4\n", b"xref\n0 999999999\n")),
    "circular-prev.pdf": (
        "damaged-pdf",
        lambda: pages_pdf().replace(b"/Root", b"/Prev %d/Root" % pages_pdf().index(b"xref\n0")),
    ),
    "tree-loop.pdf": ("damaged-pdf", lambda: pdf({1: CATALOGUE, 2: tree(b"2 0 R", 1)})),
    "deep-tree.pdf": ("damaged-pdf", lambda: chain_pdf(20_000)),
    "deep-array.pdf": (
        "damaged-pdf",
        lambda: pdf({1: b"<</Pages 2 0 R/X%s%s>>" % (b"[" * 20_000, b"]" * 20_000), 2: tree(b"3 0 R", 1), 3: PAGE}),
    ),
    "many-pages.pdf": ("pdf-too-large", lambda: pages_pdf(20_000)),
    "half-objects.pdf": ("damaged-pdf", lambda: b"%PDF-1.7\n" + b"1 0 obj<</A[[[[[[[[\nstream\n" * 400),
    "13000.png": ("image-too-large", lambda: flat_png(13_000, 13_000)),
    "30000.png": ("image-too-large", lambda: flat_png(30_000, 30_000)),
    "largest.png": ("", lambda: flat_png(12_000, 10_000)),
    "frames.gif": ("image-too-large", lambda: tiny_gif(300)),
    "many-frames.gif": ("image-too-large", lambda: tiny_gif(60_000)),
    "canvas.webp": ("image-too-large", lambda: b"RIFF\x12\0\0\0WEBPVP8L\5\0\0\0\x2f\xff\xff\xff\x0f\0"),
    "truncated.png": ("damaged-image", lambda: image("PNG")[:-20]),
    "truncated.jpg": ("damaged-image", lambda: image("JPEG")[:-20]),
    "page.pdf": ("wrong-file-type", lambda: HTML),
    "page.png": ("wrong-file-type", lambda: HTML),
    "drawing.png": ("wrong-file-type", lambda: SVG),
    "bomb.docx": ("", lambda: archive({"word/document.xml": bytes(64 * MEBIBYTE)})),
}
MEASURE = """
import json, resource, sys, time
from pathlib import Path
import pikepdf, PIL.PngImagePlugin, PIL.JpegImagePlugin
from ksbtrack.files.attachments import inspect_file
from ksbtrack.problems import KsbtrackError, Source

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

# A safety net, should a limit of ours not hold: far above what is asserted below.
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
folder, name = Path(sys.argv[1]), sys.argv[2]
before, begin = peak(), time.process_time()
try:
    inspect_file(folder, name, Source("x", 1))
    code = ""
except KsbtrackError as error:
    code = error.problems[0].code
print(json.dumps([code, time.process_time() - begin, peak() - before]))
"""


@pytest.mark.parametrize("name", BOMBS)
def test_no_small_file_costs_more_than_two_seconds_or_500_megabytes(tmp_path: Path, name: str) -> None:
    code, made = BOMBS[name]
    (tmp_path / name).write_bytes(made())
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path), name], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    found, seconds, megabytes = json.loads(done.stdout)
    assert found == code
    assert seconds < 2
    assert megabytes < 500


def test_the_bombs_are_small_and_really_are_bombs() -> None:
    """One that does not unpack to much would prove nothing."""
    twice = BOMBS["double-flate-objects.pdf"][1]()
    assert len(twice) < 4096
    once = zlib.decompressobj().decompress(twice[twice.index(b"stream\n") + 7 :])
    assert len(once) > 600 * 1000
    unpacker, todo, size = zlib.decompressobj(), once, 0
    while todo:
        size += len(unpacker.decompress(todo, MEBIBYTE))
        todo = unpacker.unconsumed_tail
    assert size > 599 * MEBIBYTE
