"""From a finished page to a PDF: valid twice over, the same bytes everywhere, and nothing fetched."""

from __future__ import annotations

import ctypes.util
import gc
import hashlib
import html as markup
import io
import os
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Object, Pdf
from pypdf import PdfReader

from ksbtrack.problems import KsbtrackError, Problem
from ksbtrack.report.pdf import SYSTEM_LIBRARIES, Attachment, _shipped_fonts, html_to_pdf
from validators import page_validation_failures, verapdf_failures, verapdf_is_here

STYLE = """
@page { size: A4; margin: 20mm; @bottom-right { content: "Page " counter(page) " of " counter(pages) } }
html { font: 10pt/1.4 Inter, "DejaVu Sans" }
table { table-layout: fixed; width: 100% }
tr { break-inside: avoid }
th { text-align: left; font-weight: 600 }
b { font-weight: 600 }
.toc span::after { content: target-counter(attr(data-to), page) }
.roman { list-style-type: lower-roman }
.bare { list-style-type: none }
"""
CHART = """
<svg width="300" height="60" viewBox="0 0 300 60"><title>Pieces: K1 has 3, K2 has 1</title>
<rect x="0" y="0" width="90" height="20"/><text x="100" y="16" font-size="12" opacity="0.8">K1: 3 ✓</text></svg>
"""
SCRIPTS = """
<p>Decomposed: Nguye\u0302\u0303n, x\u0323\u0308; Arabic: السلام عليكم; Hebrew: שָׁלוֹם; Greek: Ελληνικά; 4 bytes: 𝟘 😀</p>
<p>Not in any of our fonts: 你好, 👩🏽\u200d💻, \ue000, \U000e0041; left out: \x07\x1b.</p>
"""


def page_of(body: str, head: str = "", title: str = "Readiness report") -> str:
    """Give a page with the head that every report has."""
    return (
        f'<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="dcterms.created" content="2024-09-10"><style>{STYLE}</style>{head}</head>'
        f"<body><h1>Report</h1>{body}</body></html>"
    )


def whole_report() -> str:
    """Give a page with everything that a report has, over several sheets."""
    rows = "".join(
        f'<tr><th scope="row">K{n}</th><td>{"Words " * 25}</td><td><a href="#end">E{n:02}</a></td></tr>'
        for n in range(1, 40)
    )
    return page_of(
        f"""
        <p class="toc"><a href="#end">The end</a> <span data-to="#end"></span></p>
        <h2>Lists</h2><ul><li>One<ol><li>First</li><li>Second</li></ol></li><li>Two</li></ul>
        <ol class="roman"><li>i</li></ol><ul class="bare"><li>Bare</li></ul>
        <dl><dt>Term</dt><dd>Meaning</dd></dl>
        <h2>Statements</h2><table><thead><tr><th>Code</th><th>Text</th><th>Piece</th></tr></thead>
        <tbody>{rows}</tbody></table>
        {CHART}<p><b>Bold</b>, <i>italic</i>, <a href="https://example.org/">a link</a>.</p>{SCRIPTS}
        <h2 id="end">The end</h2>
        """
    )


ANALYSIS = Attachment(
    name="analysis.json",
    content=b'{"decision": "not_ready"}\r',
    description="What the pages show, for machines",
    media_type="application/json",
    created=date(2024, 9, 10),
    modified=date(2024, 9, 11),
)
UNDATED = Attachment("a hours ü.csv", b"date,hours\n", "The hours", "text/csv", relationship="Source")


@pytest.fixture(scope="module")
def report() -> bytes:
    return html_to_pdf(whole_report(), attachments=[UNDATED, ANALYSIS])


@pytest.fixture
def opened(report: bytes) -> Iterator[Pdf]:
    with Pdf.open(io.BytesIO(report)) as pdf:
        yield pdf


def problem_of(html: str) -> Problem:
    """Give the one problem with a page."""
    with pytest.raises(KsbtrackError) as caught:
        html_to_pdf(html)
    (problem,) = caught.value.problems
    return problem


# Validity


def test_one_file_is_pdf_ua_1_and_pdf_a_3a_by_page_validation(report: bytes) -> None:
    assert page_validation_failures(report) == []


@pytest.mark.skipif(not verapdf_is_here(), reason="veraPDF needs Java and the package libjaxb-java")
def test_one_file_is_pdf_ua_1_and_pdf_a_3a_by_verapdf(report: bytes, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(report)
    assert verapdf_failures(tmp_path / "report.pdf") == []


def test_the_judges_see_a_fault(tmp_path: Path) -> None:
    faulty = html_to_pdf(page_of('<img alt="" src="ksb:icons/met.svg">'))
    assert any(failure.startswith("ua1 ") for failure in page_validation_failures(faulty))
    if verapdf_is_here():
        (tmp_path / "faulty.pdf").write_bytes(faulty)
        assert any(failure.startswith("ua1 7.3-1") for failure in verapdf_failures(tmp_path / "faulty.pdf"))


def test_the_metadata_can_be_read_without_a_pdf_reader(report: bytes) -> None:
    assert report.count(b'pdfuaid:part="1"') == 1
    assert b'part="3"' in report
    assert b'conformance="A"' in report


def test_title_language_and_dates_are_those_of_the_page(opened: Pdf) -> None:
    assert str(opened.docinfo["/Title"]) == "Readiness report"
    assert str(opened.docinfo["/CreationDate"]) == "D:20240910"
    assert "/ModDate" not in opened.docinfo
    assert str(opened.Root.Lang) == "en-GB"
    assert opened.Root.ViewerPreferences.DisplayDocTitle


def tags(pdf: Pdf, kind: str) -> list[Object]:
    """Give a PDF's structure elements of one kind, in the order of the file."""
    return [o for o in pdf.objects if isinstance(o, Dictionary) and o.get("/S") == Name(kind) and "/P" in o]


def test_headers_say_whether_they_head_a_row_or_a_column(opened: Pdf) -> None:
    scopes: dict[str, set[str]] = {}
    for header in tags(opened, "/TH"):
        scopes.setdefault(str(header.P.P.S), set()).add(str(header.A.Scope))
    assert scopes == {"/THead": {"/Column"}, "/TBody": {"/Row"}}


def test_a_header_row_without_thead_heads_columns() -> None:
    table = "<table><tr><th>Code</th><th>Text</th></tr><tr><td>K1</td><td>Words</td></tr></table>"
    with Pdf.open(io.BytesIO(html_to_pdf(page_of(table)))) as pdf:
        assert [str(header.A.Scope) for header in tags(pdf, "/TH")] == ["/Column", "/Column"]


def test_lists_say_how_they_are_numbered(opened: Pdf) -> None:
    numbering = [str(element.A.ListNumbering) for element in tags(opened, "/L")]
    assert numbering == ["/Disc", "/Decimal", "/LowerRoman", "/None", "/None"]


# Attachments


def test_attachments_travel_with_name_kind_and_dates(opened: Pdf) -> None:
    files = {
        name: (f.get_file().read_bytes(), f.description, str(f.obj.AFRelationship))
        for name, f in opened.attachments.items()
    }
    assert files == {
        "analysis.json": (ANALYSIS.content, ANALYSIS.description, "/Data"),
        "a hours ü.csv": (UNDATED.content, UNDATED.description, "/Source"),
    }
    streams = [f.get_file().obj for f in opened.attachments.values()]
    kinds = {
        str(s.Subtype): {key: str(s.Params[key]) for key in ("/CreationDate", "/ModDate") if key in s.Params}
        for s in streams
    }
    assert kinds == {
        "/application/json": {"/CreationDate": "D:20240910000000Z", "/ModDate": "D:20240911000000Z"},
        "/text/csv": {},
    }


def test_attachments_are_associated_once_and_listed_in_order(opened: Pdf) -> None:
    associated = opened.Root.AF
    assert isinstance(associated, Array)
    assert len({entry.objgen for entry in associated}) == len(associated) == 2
    names = [bytes(name) for name in list(opened.Root.Names.EmbeddedFiles.Names)[::2]]
    assert names == sorted(names)


# Fonts


def fonts_of(pdf: bytes) -> set[str]:
    """Give the names of the fonts in a PDF, without their subset tags."""
    with Pdf.open(io.BytesIO(pdf)) as opened:
        return {str(o.BaseFont).split("+")[1] for o in opened.objects if isinstance(o, Dictionary) and "/BaseFont" in o}


OURS = {"Inter", "Inter-Semi-Bold", "Inter-Italic", "DejaVu-Sans", "DejaVu-Sans-Bold"}


def test_a_report_has_no_fonts_but_ours(report: bytes) -> None:
    assert {"Inter", "Inter-Semi-Bold", "Inter-Italic", "DejaVu-Sans"} <= fonts_of(report) <= OURS


@pytest.mark.parametrize("family", ["serif", "monospace", "Noto Sans, Arial", "emoji", "system-ui", "Liberation Sans"])
def test_no_font_of_the_machine_comes_in_whatever_a_style_asks_for(family: str) -> None:
    chart = f'<svg width="90" height="20" font-family="{family}"><title>T</title><text y="9">Words ✓ 😀</text></svg>'
    pdf = html_to_pdf(page_of(f'<p style="font-family:{family};font-weight:800">Words ✓ 😀 שלום</p>{chart}'))
    assert fonts_of(pdf) <= OURS


def words_of(pdf: bytes) -> str:
    """Give the text that a reader gets out of a PDF, in composed characters."""
    text = " ".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages)
    return unicodedata.normalize("NFC", " ".join(text.split()))


def test_the_text_can_be_taken_out_again(report: bytes) -> None:
    text = words_of(report)
    assert "Decomposed: Nguy\u1ec5n, " in text
    assert "Not in any of our fonts: [U+4F60, U+597D], [woman, personal computer], [U+E000], ; left out: ." in text


@pytest.mark.parametrize(
    "text",
    [
        "x\u0323\u0308 and plain x",
        "q\u0303 and plain q",
        "Z\u0337\u031b\u0351 and plain Z",
        "שָׁלוֹם שלום",
        "office, flag",
        "naïve café — £5 ½",
    ],
)
def test_marks_are_read_with_their_letters_and_letters_without_them(text: str) -> None:
    assert words_of(html_to_pdf(page_of(f"<p>{text}</p>"))).endswith(
        f" {unicodedata.normalize('NFC', text)} Page 1 of 1"
    )


def test_a_letter_that_a_font_draws_by_a_private_glyph_is_read_from_its_mark() -> None:
    pdf = html_to_pdf(page_of("<p>i\u0307\u0323</p>"))
    assert "\u200bi\u0323\u0307" in unicodedata.normalize("NFC", words_of(pdf)).replace("\u1ecb", "i\u0323")
    assert page_validation_failures(pdf) == []


@given(st.text(alphabet=st.characters(), max_size=60))
@settings(max_examples=40, deadline=None)
def test_any_text_gives_a_valid_file(text: str) -> None:
    body = f"<h2>{markup.escape(text)}</h2><p><b>{markup.escape(text)}</b></p>"
    pdf = html_to_pdf(page_of(body, title=f"T {markup.escape(text)}"))
    assert page_validation_failures(pdf) == []
    assert fonts_of(pdf) <= OURS


# The same bytes

PROGRAM = """
import hashlib, sys
sys.path.insert(0, {tests!r})
from test_pdf import ANALYSIS, UNDATED, whole_report
from ksbtrack.report.pdf import html_to_pdf
print(hashlib.sha256(html_to_pdf(whole_report(), attachments=[ANALYSIS, UNDATED])).hexdigest())
"""


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "1700000000"},
        {"PYTHONHASHSEED": "7", "TZ": "America/New_York", "LC_ALL": "tr_TR.UTF-8", "LANG": "ar_EG.UTF-8"},
        {
            "PYTHONHASHSEED": "42",
            "LC_ALL": "C",
            "PYTHONUTF8": "0",
            "FONTCONFIG_FILE": "/dev/null",
            "HOME": "/nonexistent",
        },
    ],
)
def test_the_bytes_do_not_depend_on_process_folder_locale_time_zone_or_hash_seed(
    report: bytes, surroundings: dict[str, str], tmp_path: Path
) -> None:
    tests = Path(__file__).resolve().parent
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "TMPDIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(tests=str(tests))],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=environment | surroundings,
    )
    assert done.stdout.strip() == hashlib.sha256(report).hexdigest()
    assert not list(tmp_path.iterdir()), "something was left behind"


SECONDS_FROM_1904_TO_1970 = 2_082_844_800


def test_without_harfbuzz_subset_the_bytes_do_not_depend_on_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    html = page_of("<p>Words</p>")
    html_to_pdf(html)
    made = []
    with monkeypatch.context() as patch:
        patch.setattr("weasyprint.pdf.fonts.harfbuzz_subset", None)
        for moment in (1e9, 2e9):
            patch.setattr(time, "time", lambda moment=moment: moment)
            made.append(html_to_pdf(html))
    assert made[0] == made[1]
    assert made[0] != html_to_pdf(html), "both ways of subsetting agree, so this test has shown nothing"
    with Pdf.open(io.BytesIO(made[0])) as pdf:
        fonts = [
            TTFont(io.BytesIO(o.FontFile3.read_bytes()))
            for o in pdf.objects
            if isinstance(o, Dictionary) and "/FontFile3" in o
        ]
        assert [font["head"].modified - SECONDS_FROM_1904_TO_1970 for font in fonts] == [0, 0]


# Nothing fetched


@pytest.fixture(scope="module")
def requests_seen() -> Iterator[tuple[str, list[str]]]:
    seen: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/secret", seen
    server.shutdown()
    server.server_close()
    thread.join()


SVG = '<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9"><title>T</title>{}</svg>'
REFUSED = {
    "img": ("", '<img alt="a" src="{}">'),
    "stylesheet": ('<link rel="stylesheet" href="{}">', ""),
    "import": ('<style>@import "{}";</style>', ""),
    "import url": ("<style>@import url({});</style>", ""),
    "font face": ("<style>@font-face {{ font-family: Z; src: url({}) }}</style>", ""),
    "link attachment": ('<link rel="attachment" href="{}">', ""),
    "a attachment": ("", '<a rel="attachment" href="{}">x</a>'),
    "background": ("", '<p style="background: url({})">x</p>'),
    "border image": ("", '<p style="border: 1px solid; border-image: url({}) 1">x</p>'),
    "list style": ("", '<ul style="list-style-image: url({})"><li>x</li></ul>'),
    "content": ("<style>p::before {{ content: url({}) }}</style>", "<p>x</p>"),
    "colour profile": ("<style>@color-profile --z {{ src: url({}) }}</style>", ""),
    "object": ("", '<object data="{}">x</object>'),
    "embed": ("", '<embed src="{}">'),
    "svg image": ("", SVG.format('<image href="{}" width="9" height="9"/>')),
    "svg xlink image": ("", SVG.format('<image xlink:href="{}" width="9" height="9"/>')),
}
IGNORED = {
    "iframe": '<iframe src="{}"></iframe>',
    "script": '<script src="{}"></script>',
    "video": '<video src="{0}" poster="{0}"></video>',
    "image button": '<input type="image" src="{}">',
    "source set": '<picture><source srcset="{0}"><img alt="a" srcset="{0}"></picture>',
    "mask": '<p style="mask-image: url({})">x</p>',
    "svg use": SVG.format('<use href="{}#a"/>'),
    "svg fill": SVG.format('<rect width="9" height="9" fill="url({}#a)"/>'),
    "svg filter": SVG.format(
        '<rect width="9" height="9" mask="url({0}#a)" clip-path="url({0}#b)" filter="url({0}#c)"/>'
    ),
    "svg import": SVG.format("<style>@import url({});</style>"),
    "refresh": '<meta http-equiv="refresh" content="0;url={}">',
}


@pytest.mark.parametrize("way", REFUSED)
def test_whatever_asks_for_a_resource_fails_the_render(way: str, requests_seen: tuple[str, list[str]]) -> None:
    address, seen = requests_seen
    head, body = REFUSED[way]
    for asked in (address, "file:///etc/passwd", "secret.txt", "ksb:fonts/../../secret.txt", "data:text/plain,x"):
        problem = problem_of(page_of(body.format(asked), head.format(asked)))
        assert (problem.code, problem.found) == ("refused-resource", f"'{asked}'")
    assert not seen


@pytest.mark.parametrize("way", IGNORED)
def test_what_weasyprint_does_not_know_fetches_nothing(way: str, requests_seen: tuple[str, list[str]]) -> None:
    address, seen = requests_seen
    for asked in (address, "file:///etc/passwd"):
        pdf = html_to_pdf(page_of(IGNORED[way].format(asked)))
        with Pdf.open(io.BytesIO(pdf)) as opened:
            assert not opened.attachments
            assert not any(b"root:" in o.read_bytes() for o in opened.objects if o._type_name == "stream")
    assert not seen


def test_a_base_address_does_not_help(requests_seen: tuple[str, list[str]]) -> None:
    address, seen = requests_seen
    assert problem_of(page_of('<img alt="a" src="y">', f'<base href="{address}">')).code == "refused-resource"
    assert not seen


def test_each_refused_address_is_told_once() -> None:
    image = '<img alt="a" src="{}">'
    with pytest.raises(KsbtrackError) as caught:
        html_to_pdf(page_of(image.format("https://example.org/a.png") * 2 + image.format("b.png")))
    assert str(caught.value) == (
        "the report's pages: refused-resource: found 'b.png'; "
        "a report's pages load nothing but its own fonts and icons.\n"
        "  Take the image, style sheet, link or url() that loads it out of the template.\n"
        "the report's pages: refused-resource: found 'https://example.org/a.png'; "
        "a report's pages load nothing but its own fonts and icons.\n"
        "  Take the image, style sheet, link or url() that loads it out of the template."
    )


# Pages that cannot be rendered


@pytest.mark.parametrize(
    ("html", "found"),
    [
        (page_of('<p style="font-size: 1e9px">x</p>'), "ZeroDivisionError from WeasyPrint"),
        (page_of("<div>" * 500), "RecursionError from WeasyPrint"),
        (page_of("", title=" "), "a page without a title"),
        ("", "a page without a title"),
        ("<title>T</title><p>x</p>", "a page that does not name its language"),
        (
            page_of("<p>x</p>", r'<style>p::before { content: "\4f60" }</style>'),
            "characters that the report's fonts lack, in its styles: '你'",
        ),
    ],
)
def test_a_page_that_cannot_be_a_valid_pdf_is_a_problem(html: str, found: str) -> None:
    assert str(problem_of(html)) == (
        f"the report's pages: render-failed: found {found}; every page can be laid out as an accessible PDF.\n"
        "  Write the report as .html, which needs no layout, and send that file with a bug report."
    )


def test_a_full_temporary_folder_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    # Fonts pass through it when they are loaded, which is once in a process.
    _shipped_fonts.cache_clear()
    problem = problem_of(page_of("<p>x</p>"))
    assert (problem.code, problem.source.file) == ("cannot-write", (tmp_path / "gone").as_posix())


@pytest.mark.parametrize("html", [page_of("<p>x</p>"), page_of('<p style="font-size: 1e9px">x</p>')])
def test_the_process_is_left_as_it_was(html: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "5")
    monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    before = dict(os.environ), gc.get_threshold(), ctypes.util.find_library
    try:
        html_to_pdf(html)
    except KsbtrackError:
        assert "1e9px" in html
    assert (dict(os.environ), gc.get_threshold(), ctypes.util.find_library) == before


# What is not installed

WITHOUT_PANGO = """
import cffi
def dlopen(self, name, flags=0):
    raise OSError(f"cannot load library {name!r}: {name}: cannot open shared object file: No such file or directory")
cffi.FFI.dlopen = dlopen
from ksbtrack.problems import KsbtrackError
from ksbtrack.report.pdf import html_to_pdf
for attempt in range(2):
    try:
        html_to_pdf("<title>T</title>")
    except KsbtrackError as error:
        print(error)
"""


def run(program: str) -> str:
    """Give what a program prints; it must say nothing on standard error."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert not done.stderr
    return done.stdout


def test_a_missing_system_library_is_a_problem_with_the_command_that_installs_it() -> None:
    message = (
        "this machine: missing-library: found 'cannot load library 'libgobject-2.0-0': libgobject-2.0-0: c…'; "
        "a PDF needs WeasyPrint 70 or later and the libraries it loads (Pango, HarfBuzz).\n"
        f"  Install them: {SYSTEM_LIBRARIES}\n"
    )
    assert run(WITHOUT_PANGO) == message * 2


def test_an_old_weasyprint_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    html_to_pdf(page_of("<p>x</p>"))
    monkeypatch.setattr("weasyprint.VERSION", "69.1")
    assert str(problem_of(page_of("<p>x</p>"))) == (
        "this machine: missing-library: found WeasyPrint 69.1; "
        "a PDF needs WeasyPrint 70 or later and the libraries it loads (Pango, HarfBuzz).\n"
        "  Install it: pip install 'weasyprint>=70.0'"
    )


def test_weasyprint_is_loaded_only_when_a_pdf_is_made() -> None:
    program = (
        "import ksbtrack.report.pdf, sys; print(*(name in sys.modules for name in ('weasyprint', 'fontTools', 'cffi')))"
    )
    assert run(program) == "False False False\n"


def test_loading_weasyprint_says_nothing_and_starts_no_compiler() -> None:
    program = (
        "import subprocess\n"
        "def popen(*arguments, **options): raise AssertionError(arguments)\n"
        "subprocess.Popen = popen\n"
        "from ksbtrack.report.pdf import html_to_pdf\n"
        "html_to_pdf('<html lang=en><title>T</title><p>x')"
    )
    assert run(program) == ""
