"""Files made to harm, to hide or to break: each is named, explained and bounded, and harms no other."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from evidence_files import (
    busy_pdf,
    changed,
    mark,
    marks_on_first_page,
    piece_with,
    prepared,
    script,
    tagged_pdf,
    untagged_pdf,
    with_marks,
)
from ksbtrack.files.showing import MAX_SHOWN_PAGES
from ksbtrack.models.portfolio import AttachedFile, FileKind
from ksbtrack.problems import KsbtrackError, Problem
from ksbtrack.showcase import cleaning, images, office, papers, workers
from ksbtrack.showcase.files import prepare_file, prepare_files
from ksbtrack.showcase.parts import Form
from raw_files import MEBIBYTE, archive, flat_png, image, locked_pdf, packed, pages_pdf, tiny_gif
from test_showcase_files import words
from validators import page_validation_failures

FORBIDDEN = (
    "/JS",
    "/JavaScript",
    "/Launch",
    "/SubmitForm",
    "/ImportData",
    "/EmbeddedFile",
    "/EF",
    "/AA",
    "/OpenAction",
    "/AcroForm",
    "/XFA",
    "/RichMedia",
    "/FileAttachment",
    "/Sig",
    "file:",
)


def everything_in(content: bytes) -> Iterator[str]:
    """Yield every key, name and text that a PDF's objects hold, reachable or not."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        to_see: list[Any] = [pdf.trailer, *pdf.objects]
        while to_see:
            item = to_see.pop()
            if isinstance(item, (Dictionary, pikepdf.Stream)):
                for key, value in item.items():
                    yield key
                    to_see += [value] if _is_direct(value) else []
            elif isinstance(item, Array):
                to_see += [inner for inner in item if _is_direct(inner)]
            elif isinstance(item, (Name, String)):
                yield str(item)


def _is_direct(item: Any) -> bool:
    return not isinstance(item, pikepdf.Object) or not item.is_indirect


def problem_of(folder: Path, name: str, content: bytes, kind: FileKind = FileKind.PDF) -> Problem:
    """Give the one problem of a file that loading may or may not have let through."""
    piece = piece_with(folder, {"plan.txt": b"Plan"})
    file = AttachedFile(name=f"evidence/{name}", size=len(content), kind=kind)
    with pytest.raises(KsbtrackError) as raised:
        prepare_file(content, file, piece, 1)
    (problem,) = raised.value.problems
    assert f"evidence/{name}" in problem.found
    return problem


@pytest.mark.parametrize("is_tagged", [True, False])
def test_nothing_that_acts_is_left_in_a_pdf_and_all_of_it_is_listed(is_tagged: bool, tmp_path: Path) -> None:
    content = busy_pdf(is_tagged=is_tagged)
    assert set(FORBIDDEN) - {"/ImportData", "/EmbeddedFile", "file:"} <= set(everything_in(content))
    file = prepared(tmp_path, "plan.pdf", content)

    found = set(everything_in(file.pdf))
    assert not {word for word in found if word in FORBIDDEN or word.startswith("file:") or "alert" in word}
    assert file.form is Form.PAGES
    assert page_validation_failures(file.pdf) == []
    assert set(file.removed) == {
        "5 scripts (JavaScript)",
        "1 action that starts a program",
        "1 action that sends a form",
        "1 link to a place that is no web page",
        "1 embedded file",
        "1 form in a format of its own (XFA)",
        "1 form field, of which the look stays",
        "1 field for a digital signature, of which the look stays: a copy cannot hold it",
        "1 attached file",
        "1 film, sound or scene",
        "1 comment, of which the mark stays",
    }
    links = marks_on_first_page(file.pdf)
    assert [link.get("/A", {}).get("/URI") for link in links] == ["https://example.org/plan", None]


def test_no_script_hides_behind_a_tag_or_a_drawing(tmp_path: Path) -> None:
    def hide(pdf: pikepdf.Pdf) -> None:
        bad = pdf.make_indirect(mark("Link", A=Dictionary(S=Name.Launch, F=String("calc.exe"))))
        element = pdf.Root.StructTreeRoot.K[0]
        element.K.append(Dictionary(Type=Name.OBJR, Obj=bad, Pg=pdf.pages[0].obj))
        pdf.pages[0].obj.Annots = Array([bad])
        pdf.pages[0].obj.Resources.Properties = Dictionary(X=Dictionary(AA=Dictionary(O=script())))
        pdf.pages[0].obj.PieceInfo = Dictionary(Secret=String("diary"))

    file = prepared(tmp_path, "plan.pdf", changed(tagged_pdf(), hide))

    found = set(everything_in(file.pdf))
    assert not {"/Launch", "/JavaScript", "/AA", "/PieceInfo", "diary", "calc.exe"} & found
    assert set(file.removed) == {"1 script (JavaScript)", "1 action that starts a program"}


@pytest.mark.parametrize(("flags", "is_drawn"), [(0, True), (4, True), (2, False), (32, False), (36, False)])
def test_a_mark_that_no_screen_shows_is_not_drawn_onto_the_page(tmp_path: Path, flags: int, is_drawn: bool) -> None:
    def note(pdf: pikepdf.Pdf) -> None:
        look = pdf.make_stream(
            b"0 0 1 rg 0 0 77 77 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 100, 100])
        )
        pdf.pages[0].obj.Annots = Array([pdf.make_indirect(mark("Square", F=flags, AP=Dictionary(N=look)))])

    file = prepared(tmp_path, "plan.pdf", changed(untagged_pdf(), note))

    with pikepdf.open(io.BytesIO(file.pdf)) as pdf:
        streams = [item.read_bytes() for item in pdf.objects if isinstance(item, pikepdf.Stream)]
    assert any(b"77 77 re" in content for content in streams) is is_drawn
    kept = "of which the mark stays" if is_drawn else "hidden or without a mark of its own"
    assert file.removed == (f"1 comment, {kept}",)


def bomb(times: int, megabytes: int) -> bytes:
    """Give a PDF whose one page unpacks to many megabytes of spaces."""

    def fill(pdf: pikepdf.Pdf) -> None:
        stream = pdf.make_stream(packed(b"", times, megabytes * MEBIBYTE))
        stream.Filter = Array([Name.FlateDecode] * times)
        pdf.pages[0].obj.Contents = stream

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pages_pdf())) as pdf:
        fill(pdf)
        pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


@pytest.mark.parametrize("times", [1, 2])
def test_a_pdf_that_unpacks_to_a_gigabyte_is_refused_in_little_memory(times: int, tmp_path: Path) -> None:
    content = bomb(times, 1024)
    assert len(content) < (1_200_000 if times == 1 else 5_000)
    begin = time.monotonic()
    problem = problem_of(tmp_path, "plan.pdf", content)

    assert problem.code == "pdf-too-large"
    assert "268,435,456 bytes in one stream" in problem.found
    assert time.monotonic() - begin < 10


def test_many_streams_together_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "MAX_UNPACKED_BYTES", 1000)
    assert problem_of(tmp_path, "plan.pdf", untagged_pdf()).code == "pdf-too-large"


def test_a_pdf_of_5000_pages_is_refused_by_name(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, "plan.pdf", pages_pdf(5_000))
    assert (problem.code, problem.found) == ("too-many-pages", "'evidence/plan.pdf', which has 5,000 pages")
    assert str(MAX_SHOWN_PAGES) in problem.expected


@pytest.mark.parametrize(
    ("box", "found"),
    [
        (None, "whose page 1 has no size"),
        ([0, 0, 100], "whose page 1 has no size"),
        ([0, 0, String("a"), 9], "whose page 1 has no size"),
        ([0, 0, 10**9, 10**9], "whose page 1 measures 1,000,000,000 × 1,000,000,000 points"),
        ([0, 0, 14_401, 100], "whose page 1 measures 14,401 × 100 points"),
        ([0, 0, 0, 0], "whose page 1 measures 0 × 0 points"),
    ],
)
def test_odd_sheets_are_refused_by_name(box: list[object] | None, found: str, tmp_path: Path) -> None:
    def odd(pdf: pikepdf.Pdf) -> None:
        del pdf.pages[0].obj.MediaBox
        if box is not None:
            pdf.pages[0].obj.MediaBox = Array(box)

    problem = problem_of(tmp_path, "plan.pdf", changed(pages_pdf(), odd))
    assert (problem.code, problem.found) == ("bad-page-size", f"'evidence/plan.pdf', {found}")


def test_a_crop_beside_the_sheet_is_passed_over(tmp_path: Path) -> None:
    def odd(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj.CropBox = Array([5000, 5000, 6000, 6000])
        pdf.pages[0].obj.Rotate = 45

    file = prepared(tmp_path, "plan.pdf", changed(untagged_pdf(), odd))
    with pikepdf.open(io.BytesIO(file.pdf)) as pdf:
        assert not {"/CropBox", "/Rotate"} & set(pdf.pages[0].obj.keys())


def test_locked_and_broken_pdfs_are_named(tmp_path: Path) -> None:
    assert problem_of(tmp_path, "plan.pdf", locked_pdf(user="a", owner="b")).code == "encrypted-pdf"
    assert problem_of(tmp_path, "plan.pdf", b"%PDF-1.7\nnothing").code == "damaged-pdf"
    assert problem_of(tmp_path, "plan.pdf", b"<!doctype html>").code == "damaged-pdf"


def test_a_pdf_that_can_be_mended_is_mended_and_says_so(tmp_path: Path) -> None:
    whole = untagged_pdf()
    piece = piece_with(tmp_path, {"plan.pdf": whole})
    file = prepare_file(whole[: whole.rindex(b"xref")], piece.attached[0], piece, 1)
    assert (file.form, file.pages) == (Form.PAGES, 1)
    assert papers.MENDED in file.notes


def test_pictures_that_are_too_large_or_broken_are_named(tmp_path: Path) -> None:
    large = problem_of(tmp_path, "huge.png", flat_png(30_000, 30_000), FileKind.IMAGE)
    assert (large.code, large.found) == ("image-too-large", "'evidence/huge.png', which has 30,000 × 30,000 pixels")

    broken = problem_of(tmp_path, "half.png", image("PNG")[:-600], FileKind.IMAGE)
    assert broken.code == "damaged-image"


def test_a_tiff_of_too_many_pages_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_SHOWN_FRAMES", 2)
    assert problem_of(tmp_path, "scan.tiff", image("TIFF", frames=3), FileKind.IMAGE).code == "image-too-large"


def test_an_animation_of_two_hundred_frames_is_one_page(tmp_path: Path) -> None:
    file = prepared(tmp_path, "moving.gif", tiny_gif(200))
    assert (file.pages, file.notes) == (1, ("A moving picture: the first of its 200 frames is shown.",))


def test_a_zip_bomb_in_a_document_is_refused_before_anything_opens_it(tmp_path: Path) -> None:
    content = archive({"word/document.xml": b" " * (office.MAX_MARKUP_BYTES + 1)})
    assert len(content) < 100_000
    problem = problem_of(tmp_path, "plan.docx", content, FileKind.OTHER)
    assert (problem.code, problem.found) == (
        "archive-too-large",
        "'evidence/plan.docx', which unpacks to more than 50,000,000 bytes",
    )


def test_a_document_of_too_many_parts_or_broken_ones_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "MAX_PARTS", 2)
    many = archive({f"{number}.xml": b"" for number in range(3)})
    assert problem_of(tmp_path, "plan.docx", many, FileKind.OTHER).code == "archive-too-large"
    broken = bytearray(archive({"a.xml": b"a" * 999}))
    broken[40:44] = b"\xff\xff\xff\xff"
    assert problem_of(tmp_path, "plan.docx", bytes(broken), FileKind.OTHER).code == "damaged-archive"


def fake_soffice(folder: Path, body: str) -> None:
    """Put a program that stands for LibreOffice where it is looked for."""
    program = folder / "soffice"
    program.write_text(f"#!{sys.executable}\nimport pathlib, sys, time\n{body}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty folder that is all of PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


DOCUMENT = archive({"word/document.xml": b"<w/>"})


def test_without_libreoffice_a_document_travels_beside(programs: Path, tmp_path: Path) -> None:
    file = prepared(tmp_path, "plan.docx", DOCUMENT)
    assert list(programs.iterdir()) == []
    assert (file.form, file.pages, file.evidence_pages) == (Form.BESIDE, 1, 0)
    assert "LibreOffice, which makes pages of it, was not there" in words(file)


def test_libreoffice_is_called_with_a_folder_and_settings_of_its_own(programs: Path, tmp_path: Path) -> None:
    (tmp_path / "made.pdf").write_bytes(untagged_pdf("<h1>Plan</h1><p>From an office document"))
    fake_soffice(
        programs,
        f"""
seen = pathlib.Path({str(tmp_path)!r})
profile = pathlib.Path(sys.argv[1].removeprefix("-env:UserInstallation=file://"))
settings = (profile / "user" / "registrymodifications.xcu").read_text()
assert "DisableMacrosExecution" in settings
assert sys.argv[2] == "--headless"
assert sys.argv[-4].startswith("pdf:calc_pdf_Export:"), sys.argv
assert pathlib.Path(sys.argv[-1]).name == "document.xlsx"
(seen / "profile").write_text(str(profile))
out = pathlib.Path(sys.argv[-2])
out.mkdir()
(out / "document.pdf").write_bytes((seen / "made.pdf").read_bytes())
""",
    )
    file = prepared(tmp_path, "sheet.xlsx", DOCUMENT)

    assert (file.form, file.pages, file.evidence_pages) == (Form.PAGES, 1, 1)
    assert file.notes == (office.MADE_BY_LIBREOFFICE, papers.NO_TAGS)
    assert "From an office document" in words(file)
    assert not Path((tmp_path / "profile").read_text()).exists()


@pytest.mark.parametrize("body", ["sys.exit(1)", "raise SystemExit(0)"])
def test_a_document_that_libreoffice_cannot_read_travels_beside(body: str, programs: Path, tmp_path: Path) -> None:
    fake_soffice(programs, body)
    file = prepared(tmp_path, "plan.docx", DOCUMENT)
    assert file.form is Form.BESIDE
    assert "LibreOffice could not make pages of it" in words(file)
    assert "a part of LibreOffice that was not there, such as Calc for workbooks" in words(file)


def test_a_document_on_which_libreoffice_hangs_is_named(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_soffice(programs, "time.sleep(60)")
    monkeypatch.setattr(office, "CONVERSION_SECONDS", 1)
    problem = problem_of(tmp_path, "plan.docx", DOCUMENT, FileKind.OTHER)
    assert (problem.code, problem.found) == (
        "file-too-costly",
        "'evidence/plan.docx', of which LibreOffice made no pages within 1 seconds",
    )


def _sleep(seconds: float) -> str:
    time.sleep(seconds)
    return f"slept {seconds}"


def _fill(megabytes: int) -> int:
    return len(bytes(megabytes * MEBIBYTE))


def _end(number: int) -> int:
    if number:
        os._exit(number)
    return number


def _compute(seconds: int) -> int:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        zlib.compress(b"a" * 100_000)
    return seconds


def test_a_task_that_hangs_is_ended_and_the_others_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "TASK_SECONDS", 2)
    begin = time.monotonic()
    assert list(workers.in_workers(_sleep, [0, 600, 0.1])) == [
        "slept 0",
        workers.Costly("which takes more than 2 seconds to open"),
        "slept 0.1",
    ]
    assert time.monotonic() - begin < 20


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
@pytest.mark.parametrize(
    ("function", "task", "reason"),
    [
        (_fill, workers.MAX_MEMORY_BYTES // MEBIBYTE, "which takes more than 2,048 MiB of memory to open"),
        (_end, 3, "which brought down the process that opened it, or took too long there"),
    ],
)
def test_a_task_that_takes_all_memory_or_its_process_with_it_harms_no_other(
    function: Callable[[int], object], task: int, reason: str
) -> None:
    assert list(workers.in_workers(function, [0, task, 0])) == [0, workers.Costly(reason), 0]


def test_a_file_that_costs_too_much_is_named_and_the_rest_is_prepared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    costly = workers.Costly("which takes more than 2 seconds to open")
    monkeypatch.setattr("ksbtrack.showcase.files.in_workers", _all_but(costly))
    piece = piece_with(tmp_path, {"a.txt": b"a", "b.txt": b"b"})

    files, problems = prepare_files(tmp_path, [piece], skip_broken=True)
    assert [problem.code for problem in problems] == ["file-too-costly"]
    assert problems[0].found == "'evidence/a.txt', which takes more than 2 seconds to open"
    assert [(file.name, file.form) for file in files] == [
        ("evidence/a.txt", Form.LEFT_OUT),
        ("evidence/b.txt", Form.PAGES),
    ]
    assert "This file could not be opened" in words(files[0])


def _all_but(costly: workers.Costly) -> Callable[..., Iterator[object]]:
    """Give what stands for the processes, in which the first of several tasks costs too much."""

    def in_workers(function: Callable[[object], object], tasks: list[object]) -> Iterator[object]:
        for index, task in enumerate(tasks):
            yield costly if not index and len(tasks) > 1 else function(task)

    return in_workers


def test_all_problems_come_together_or_a_page_for_each(tmp_path: Path) -> None:
    piece = piece_with(
        tmp_path, {"gone.txt": b"a", "many.pdf": pages_pdf(600), "changed.txt": b"one", "good.txt": b"good"}
    )
    (tmp_path / "evidence" / "gone.txt").unlink()
    (tmp_path / "evidence" / "changed.txt").write_bytes(b"two")

    with pytest.raises(KsbtrackError) as raised:
        prepare_files(tmp_path, [piece])
    codes = ["missing-file", "too-many-pages", "changed-file"]
    assert sorted(problem.code for problem in raised.value.problems) == sorted(codes)

    files, problems = prepare_files(tmp_path, [piece], skip_broken=True)
    assert [problem.code for problem in problems] == codes
    assert [file.form for file in files] == [Form.LEFT_OUT] * 3 + [Form.PAGES]
    for file in files:
        assert page_validation_failures(file.pdf) == []
    assert "'evidence/many.pdf', which has 600 pages" in words(files[1])


def test_a_link_put_in_a_file_s_place_is_not_followed(tmp_path: Path) -> None:
    piece = piece_with(tmp_path, {"plan.txt": b"Plan"})
    (tmp_path / "secret.txt").write_bytes(b"Plan")
    (tmp_path / "evidence" / "plan.txt").unlink()
    (tmp_path / "evidence" / "plan.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(KsbtrackError) as raised:
        prepare_files(tmp_path, [piece])
    assert [problem.code for problem in raised.value.problems] == ["symlink"]


def test_a_program_without_a_guard_gets_its_files_too(tmp_path: Path) -> None:
    """New processes usually run the main program again, which then would begin new processes itself."""
    piece_with(tmp_path, {"plan.txt": b"Plan"})
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pathlib import Path\n"
        "from evidence_files import piece_with\n"
        "from ksbtrack.showcase.files import prepare_files\n"
        "folder = Path(__file__).parent\n"
        "files, _ = prepare_files(folder, [piece_with(folder, {'plan.txt': b'Plan'})])\n"
        "print(len(files), files[0].form)\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "1 pages\n"


@pytest.mark.parametrize("name", ["x" * 90 + ".txt", "a\u00a0b.txt", "<b>&amp;.txt", "A'B\".txt"])
def test_odd_names_show_as_they_are(name: str, tmp_path: Path) -> None:
    file = prepared(tmp_path, name, b"Plan")
    assert page_validation_failures(file.pdf) == []
    assert "".join(name.split()) in "".join(words(file).split())


def test_a_comment_alone_leaves_links_and_page_valid(tmp_path: Path) -> None:
    web = mark("Link", A=Dictionary(S=Name.URI, URI=String("http://example.org")))
    file = prepared(tmp_path, "plan.pdf", with_marks(untagged_pdf(), mark("Highlight"), web))
    assert file.removed == ("1 comment, hidden or without a mark of its own",)
    assert page_validation_failures(file.pdf) == []


def test_computing_is_limited_where_the_clock_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(workers.in_workers(_compute, [0])) == [0]
    assert workers.TASK_CPU_SECONDS < workers.TASK_SECONDS


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("line.txt", b"a" * 200_000),
        ("words.txt", b"word " * 40_000),
        ("brackets.md", b"[" * 50_000 + b"> " * 5_000),
        ("emphasis.md", b"word *it* and\n" * 14_000),
        ("accents.txt", ("e" + "\u0301" * 60).encode() * 1_000),
        ("cells.csv", ("a,b\n" + "\n".join(",".join(["words " * 60] * 16) for _ in range(500))).encode()),
        ("quotes.csv", b'"' * 100_001),
        ("columns.csv", b"," * 100_000),
    ],
)
def test_texts_made_to_cost_time_are_laid_out_in_little(name: str, content: bytes, tmp_path: Path) -> None:
    begin = time.process_time()
    file = prepared(tmp_path, name, content)
    assert time.process_time() - begin < workers.TASK_CPU_SECONDS / 2
    assert file.form is Form.PAGES
