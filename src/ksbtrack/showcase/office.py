"""Office documents of pieces, made into pages by LibreOffice where it is installed."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import subprocess
import tempfile
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ksbtrack.models.portfolio import AttachedFile, Evidence
from ksbtrack.problems import KsbtrackError, Problem, quoted
from ksbtrack.showcase.cards import divider
from ksbtrack.showcase.papers import NotShown, paper_pages
from ksbtrack.showcase.parts import Form, PreparedFile

FILTERS = {
    "writer_pdf_Export": (".docx", ".docm", ".dotx", ".odt", ".rtf", ".doc"),
    "calc_pdf_Export": (".xlsx", ".xlsm", ".ods", ".xls"),
    "impress_pdf_Export": (".pptx", ".pptm", ".ppsx", ".odp", ".ppt"),
}
"""For each of LibreOffice's ways to make a PDF, the endings of the documents that it is for."""
OFFICE_ENDINGS = {ending: name for name, endings in FILTERS.items() for ending in endings}

CONVERSION_SECONDS = 60
"""Seconds for one document: most take 1 to 3, and the whole file must be ready within `TASK_SECONDS`."""
MAX_UNPACKED_BYTES = 300 * 1000**2
"""Bytes that an Office file's parts may unpack to: slides full of photographs have 100 MB."""
MAX_MARKUP_BYTES = 50 * 1000**2
"""Bytes that one of its parts in XML may unpack to: a thesis has 5 MB, and a parser takes ten times as much memory."""
MAX_PARTS = 10_000
"""Parts of an Office file: slides with a thousand pictures have 3,000."""

MADE_BY_LIBREOFFICE = (
    "Its pages were made with LibreOffice; lines and pages may break elsewhere than in the program that wrote it."
)

_CHUNK = 1024 * 1024
_MARKUP = (".xml", ".rels", ".vml")
_OPTIONS = '{"UseTaggedPDF":{"type":"boolean","value":"true"},"SelectPdfVersion":{"type":"long","value":"3"}}'
# Nothing runs, nothing is fetched, links to other files are not followed.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" \
oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" \
oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" \
oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" \
oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" \
oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def prepare_office(content: bytes, file: AttachedFile, piece: Evidence, number: int) -> PreparedFile:
    """Give the pages that LibreOffice makes of a document; without it, the page that says the file travels beside.

    Args:
        content: the whole file.
        file: what loading found about it.
        piece: the piece that it belongs to.
        number: its place among the piece's files, from 1.

    Raises:
        KsbtrackError: `archive-too-large`, `damaged-archive`, `file-too-costly`, or what `paper_pages` raises.
    """
    ending = PurePosixPath(file.name).suffix.casefold()
    if zipfile.is_zipfile(io.BytesIO(content)):
        _refuse_bomb(content, file, piece)
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        reason = "LibreOffice, which makes pages of it, was not there when this document was made"
        return divider(file, piece, number, Form.BESIDE, (reason,))
    pdf = _converted(program, content, ending, file, piece)
    if pdf is None:
        reason = (
            "LibreOffice could not make pages of it: it may have a password, be damaged, or need a part of LibreOffice "
            "that was not there, such as Calc for workbooks"
        )
        return divider(file, piece, number, Form.BESIDE, (reason,))
    shown = paper_pages(pdf, file, piece, number)
    if isinstance(shown, NotShown):
        return divider(file, piece, number, Form.BESIDE, shown.reasons)
    return replace(shown, notes=(MADE_BY_LIBREOFFICE, *shown.notes))


def _refuse_bomb(content: bytes, file: AttachedFile, piece: Evidence) -> None:
    """Refuse an Office file whose parts unpack to too much: what they really unpack to, not what they say.

    Raises:
        KsbtrackError: `archive-too-large`, `damaged-archive`.
    """
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS:
                raise _too_large(file, piece, f"which has {len(parts):,} parts")
            for part in parts:
                size = 0
                limit = MAX_MARKUP_BYTES if part.filename.casefold().endswith(_MARKUP) else MAX_UNPACKED_BYTES
                with archive.open(part) as opened:
                    while chunk := opened.read(_CHUNK):
                        size += len(chunk)
                        if size > limit or total + size > MAX_UNPACKED_BYTES:
                            most = min(limit, MAX_UNPACKED_BYTES)
                            raise _too_large(file, piece, f"which unpacks to more than {most:,} bytes")
                total += size
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged(file, piece) from error


def _converted(program: str, content: bytes, ending: str, file: AttachedFile, piece: Evidence) -> bytes | None:
    """Give the PDF that LibreOffice makes of a document, in a folder and with settings of its own.

    Returns:
        None where it makes none.

    Raises:
        KsbtrackError: `file-too-costly`.
    """
    with tempfile.TemporaryDirectory(prefix="ksbtrack-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        settings = folder / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(_SETTINGS, encoding="utf-8")
        # Never under its own name, which could be anything.
        document = folder / f"document{ending}"
        document.write_bytes(content)
        command = [
            program,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--nolockcheck",
            "--nodefault",
            "--convert-to",
            f"pdf:{OFFICE_ENDINGS[ending]}:{_OPTIONS}",
            "--outdir",
            str(folder / "out"),
            str(document),
        ]
        if not _ended_well(command, folder):
            raise KsbtrackError(
                Problem(
                    "file-too-costly",
                    piece.source,
                    f"{quoted(file.name)}, of which LibreOffice made no pages within {CONVERSION_SECONDS} seconds",
                    "opening a file takes a limited time and memory, so that no file can stop the others",
                    "Hand in a PDF of the pages that are needed.",
                )
            )
        made = folder / "out" / "document.pdf"
        return made.read_bytes() if made.is_file() else None


def _ended_well(command: list[str], folder: Path) -> bool:
    """Run a command in a group of processes of its own; say whether it ended in time. After that, all of it ends."""
    environment = {**os.environ, "HOME": str(folder), "SOURCE_DATE_EPOCH": "0", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            process.wait(timeout=CONVERSION_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        finally:
            with contextlib.suppress(OSError):
                if hasattr(os, "killpg"):
                    os.killpg(process.pid, signal.SIGKILL)
                else:
                    process.kill()
    return True


def _too_large(file: AttachedFile, piece: Evidence, what: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "archive-too-large",
            piece.source,
            f"{quoted(file.name)}, {what}",
            "an Office file must unpack to a likely size",
            "Export it as a PDF, and name that.",
        )
    )


def _damaged(file: AttachedFile, piece: Evidence) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "damaged-archive",
            piece.source,
            f"{quoted(file.name)}, which does not unpack",
            "an Office file or ZIP archive must be whole",
            "Copy or save it again from the original.",
        )
    )
