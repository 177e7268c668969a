"""What a look into real files finds: lengths, passwords, contents that are not what their names say."""

from __future__ import annotations

import io
import sys
import wave
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest

from evidence_files import piece_with
from ksbtrack.files.attachments import inspect_file
from ksbtrack.models.portfolio import AttachedFile, Claim, Evidence
from ksbtrack.models.submission import FileFacts
from ksbtrack.problems import KsbtrackError, Source
from ksbtrack.showcase.files import prepare_file
from ksbtrack.showcase.parts import PreparedFile
from ksbtrack.submission import files as submission_files
from ksbtrack.submission import recordings
from ksbtrack.submission.files import file_facts
from raw_files import archive, flat_png, image, pages_pdf, tiny_gif

WORD = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>"}
EXCEL = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
ODT = {"mimetype": b"application/vnd.oasis.opendocument.text", "META-INF/manifest.xml": b"<manifest/>"}
LOCKED_ODT = ODT | {"META-INF/manifest.xml": b"<manifest><encryption-data/></manifest>"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def sound(seconds: float) -> bytes:
    """Give a WAV file of silence."""
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", "not compressed"))
        file.writeframes(b"\x80" * round(8000 * seconds))
    return stream.getvalue()


def locked(members: Mapping[str, bytes]) -> bytes:
    """Give an archive whose members are marked as encrypted in its table of contents."""
    content = bytearray(archive(members))
    place = content.find(b"PK\x01\x02")
    while place >= 0:
        content[place + 8] |= 1
        place = content.find(b"PK\x01\x02", place + 1)
    return bytes(content)


def facts_of(folder: Path, name: str, content: bytes) -> FileFacts:
    """Give the facts of a file as loading a portfolio would come to them."""
    (folder / "evidence").mkdir(exist_ok=True)
    (folder / "evidence" / name).write_bytes(content)
    return file_facts(folder, inspect_file(folder, name, Source(name), "evidence"))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.docx", archive(WORD), FileFacts(content="a Word document")),
        ("a.odt", archive(ODT), FileFacts(content="an OpenDocument text", is_usual=False)),
        ("a.pdf", pages_pdf(2), FileFacts(content="a PDF file")),
        ("a.png", image("PNG"), FileFacts(content="a PNG image")),
        ("a.txt", b"Plain.", FileFacts(content="plain text")),
        ("a.docx", archive(EXCEL), FileFacts(content="an Excel workbook", is_as_named=False)),
        ("a.docx", archive({"notes.txt": b"Plain."}), FileFacts(content="a ZIP archive", is_as_named=False)),
        ("a.zip", archive({"notes.txt": b"Plain."}), FileFacts(content="a ZIP archive", is_usual=False)),
        ("a.zip", archive(WORD), FileFacts(content="a Word document", is_as_named=False, is_usual=False)),
        ("notes", pages_pdf(1), FileFacts(content="a PDF file", is_as_named=False)),
        ("a.xyz", pages_pdf(1), FileFacts(content="a PDF file", is_as_named=False, is_usual=False)),
        ("a.docx", locked(WORD), FileFacts(needs_password=True, is_as_named=None)),
        ("a.odt", archive(LOCKED_ODT), FileFacts(needs_password=True, content="an OpenDocument text", is_usual=False)),
        (
            "a.doc",
            OLE,
            FileFacts(needs_password=None, content="an Office file of the old kind or with a password", is_usual=False),
        ),
        ("a.vtt", b"WEBVTT", FileFacts(content="plain text", is_usual=False)),
        ("a.exe", b"MZ" + b"\0" * 300, FileFacts(content="a program", is_usual=False)),
        (
            "a.epub",
            archive({"notes.txt": b"Plain."}),
            FileFacts(content="a ZIP archive", is_as_named=None, is_usual=False),
        ),
        (
            "a.dwg",
            bytes(range(256)),
            FileFacts(needs_password=None, content="data of an unknown kind", is_as_named=None, is_usual=False),
        ),
        ("a.wav", sound(1.5), FileFacts(is_recording=True, seconds=Decimal("1.5"), content="a recording")),
    ],
)
def test_what_a_file_is(tmp_path: Path, name: str, content: bytes, expected: FileFacts) -> None:
    assert facts_of(tmp_path, name, content) == expected


def test_a_recording_without_sound_or_pictures_is_none(tmp_path: Path) -> None:
    found = facts_of(tmp_path, "a.mp4", bytes(range(1, 256)) * 40)
    assert (found.is_recording, found.seconds, found.is_as_named) == (True, None, False)
    assert found.content == "data without sound or pictures"


def test_a_file_that_is_missing_has_no_facts(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    assert file_facts(tmp_path, inspect_file(tmp_path, "a.wav", Source("a"), "evidence")) == FileFacts()


def test_a_file_that_became_a_link_meanwhile_is_refused(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence/a.wav").write_bytes(sound(1))
    file = inspect_file(tmp_path, "a.wav", Source("a"), "evidence")
    (tmp_path / "evidence/a.wav").unlink()
    (tmp_path / "evidence/a.wav").symlink_to("/etc/passwd")
    with pytest.raises(KsbtrackError) as raised:
        file_facts(tmp_path, file)
    assert raised.value.problems[0].code == "symlink"


@pytest.mark.parametrize("program", ["import time; time.sleep(60)", "raise SystemExit(3)", "print('a lot ' * 99)"])
def test_whatever_goes_wrong_in_the_other_process_the_length_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    (tmp_path / "broken_measuring.py").write_text(program, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(recordings, "__name__", "broken_measuring")
    monkeypatch.setattr(recordings, "SECONDS", 1)
    found = facts_of(tmp_path, "a.wav", sound(1))
    assert (found.is_recording, found.seconds, found.is_as_named, found.content) == (True, None, None, None)


def test_without_an_interpreter_the_length_is_not_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    assert facts_of(tmp_path, "a.wav", sound(1)).seconds is None


def test_the_file_is_measured_from_its_start(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(sound(2))
    with (tmp_path / "a.wav").open("rb") as stream:
        stream.read(1000)
        assert recordings.measured(stream) == recordings.Recorded(1, Decimal(2), "Wave")


def test_a_vast_table_of_contents_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = archive(WORD)
    monkeypatch.setattr(submission_files, "MAX_CONTENTS", 10)
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda _: pytest.fail("read"))
    found = facts_of(tmp_path, "a.docx", content)
    assert (found.needs_password, found.content, found.is_as_named) == (None, None, None)


@pytest.mark.parametrize("packing", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_packing_that_no_office_program_uses_is_not_unpacked(tmp_path: Path, packing: int) -> None:
    """The head of an LZMA stream can ask for four gigabytes of memory."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as made:
        for name, content in ODT.items():
            made.writestr(name, content)
    found = facts_of(tmp_path, "a.odt", stream.getvalue())
    assert (found.needs_password, found.content, found.is_as_named) == (None, None, None)


@pytest.mark.parametrize("cut", [60, 120])
def test_a_damaged_table_of_contents_is_not_known(tmp_path: Path, cut: int) -> None:
    content = bytearray(archive(WORD))
    content[-22 - cut : -22] = b"\xff" * cut
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence/a.docx").write_bytes(content)
    found = file_facts(tmp_path, AttachedFile(name="evidence/a.docx", size=len(content)))
    assert (found.needs_password, found.content, found.is_as_named) == (None, None, None)


def one_page(width: float, height: float) -> bytes:
    """Give a PDF of one page of a size."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(300, 300))
        pdf.pages[0].obj.MediaBox = [0, 0, width, height]
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.pdf", pages_pdf(500), ""),
        ("a.pdf", pages_pdf(501), "has 501 pages"),
        ("a.pdf", one_page(14_400, 100), ""),
        ("a.pdf", one_page(20_000, 100), "page 1 measures 20,000 × 100 points"),
        ("a.pdf", one_page(0, 100), "page 1 measures 0 × 100 points"),
        ("a.png", flat_png(7_000, 7_000), ""),
        ("a.png", flat_png(10_000, 6_000), "has 10,000 × 6,000 pixels"),
        ("a.tiff", image("TIFF", frames=101), "has 101 pages"),
        ("a.gif", tiny_gif(150), ""),
    ],
)
def test_what_a_showcase_would_refuse_is_known_before(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    assert facts_of(tmp_path, name, content).beyond_showing == expected
    claim = Claim(code="K1", where="p. 1")
    piece = piece_with(tmp_path, {name: content}, (claim,))
    refused = isinstance(_prepared(tmp_path, piece), KsbtrackError)
    assert refused is bool(expected)


def _prepared(folder: Path, piece: Evidence) -> KsbtrackError | PreparedFile:
    content = (folder / piece.attached[0].name).read_bytes()
    try:
        return prepare_file(content, piece.attached[0], piece, 1)
    except KsbtrackError as error:
        return error


@pytest.mark.parametrize("name", ["talk.mp4", "talk.mp3", "talk.ogg"])
def test_a_recording_in_another_format_than_its_name_promises(tmp_path: Path, name: str) -> None:
    facts = facts_of(tmp_path, name, sound(2))
    assert (facts.is_as_named, facts.content) == (False, "a recording in the format Wave")
    assert facts_of(tmp_path, "talk.wav", sound(2)).is_as_named
