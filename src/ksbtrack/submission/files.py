"""From the files of the chosen pieces to what they really are, and so to a submission."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ksbtrack.files.attachments import ENDINGS, FORMAT_WORDS, sniff
from ksbtrack.files.opening import open_inside
from ksbtrack.files.showing import beyond_showing
from ksbtrack.models.analysis import Analysis
from ksbtrack.models.portfolio import AttachedFile
from ksbtrack.models.profile import SubmissionProfile
from ksbtrack.models.submission import FileFacts, Submission
from ksbtrack.problems import Source
from ksbtrack.submission.recordings import measured

HEAD = 1024
"""Bytes from which the format of a file is told."""
MAX_CONTENTS = 16 * 1024 * 1024
"""Bytes of the table of contents of an archive: that of 100,000 files. Python keeps all of it in memory."""
MAX_MANIFEST = 1024 * 1024
"""Bytes of the list of parts of an OpenDocument file that are searched for a password."""

USUAL = frozenset(
    {
        *(".pdf", ".png", ".jpg", ".jpeg", ".gif", ".txt", ".csv", ".md", ".html", ".htm"),
        *(".docx", ".xlsx", ".pptx", ".mp3", ".mp4", ".wav", ".m4a"),
    }
)
"""Endings of the files that every usual computer opens as it is: our own list, since no source that we know has one."""
_OFFICE = {"word/": "a Word document", "xl/": "an Excel workbook", "ppt/": "a PowerPoint presentation"}
_OFFICE_ENDINGS = {
    "a Word document": (".docx", ".docm", ".dotx"),
    "an Excel workbook": (".xlsx", ".xlsm"),
    "a PowerPoint presentation": (".pptx", ".pptm", ".ppsx"),
    "an OpenDocument text": (".odt",),
    "an OpenDocument spreadsheet": (".ods",),
    "an OpenDocument presentation": (".odp",),
    "a ZIP archive": (".zip",),
}
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": "an OpenDocument text",
    b"application/vnd.oasis.opendocument.spreadsheet": "an OpenDocument spreadsheet",
    b"application/vnd.oasis.opendocument.presentation": "an OpenDocument presentation",
}
_MPEG_4 = frozenset({"MPEG-4", "QuickTime"})
_OGG = frozenset({"Ogg"})
_MATROSKA = frozenset({"Matroska", "WebM"})
_MPEG = frozenset({"MPEG-PS", "MPEG-TS", "MPEG Video"})
_HOLDS = {
    **dict.fromkeys((".mp4", ".m4a", ".m4v", ".mov", ".3gp"), _MPEG_4),
    **dict.fromkeys((".ogg", ".oga", ".ogv", ".opus"), _OGG),
    **dict.fromkeys((".mkv", ".webm"), _MATROSKA),
    **dict.fromkeys((".mpg", ".mpeg"), _MPEG),
    **dict.fromkeys((".wma", ".wmv"), frozenset({"Windows Media"})),
    ".mp3": frozenset({"MPEG Audio"}),
    ".wav": frozenset({"Wave"}),
    ".avi": frozenset({"AVI"}),
    ".flac": frozenset({"FLAC"}) | _OGG,
    ".aac": frozenset({"ADTS"}) | _MPEG_4,
    ".amr": frozenset({"AMR"}),
}
"""For each ending of a recording, what MediaInfo calls the formats that it promises."""
_LONGEST_KIND = 100
_ENCRYPTED = 1
_END_OF_ARCHIVE = b"PK\x05\x06"
_LONGEST_END = 65_557


def read_submission(analysis: Analysis, profile: SubmissionProfile, select: Iterable[str] = ()) -> Submission:
    """Give the chosen pieces with what their files really are.

    Args:
        analysis: of a portfolio that was loaded from a folder.
        profile: what the submission is checked against.
        select: ids of the pieces; the portfolio's showcase if none are named.

    Raises:
        KeyError: the portfolio has no such piece.
        KsbtrackError: a file that was there when the portfolio was loaded is a link or a folder now.
    """
    portfolio = analysis.case.portfolio
    chosen = dict.fromkeys(select or portfolio.showcase)
    pieces = tuple(portfolio.by_id[name] for name in chosen)
    folder = Path(portfolio.folder)
    return Submission(
        analysis=analysis,
        profile=profile,
        pieces=pieces,
        files={file.name: file_facts(folder, file) for piece in pieces for file in piece.attached},
    )


def file_facts(folder: Path, file: AttachedFile) -> FileFacts:
    """Give what a look into a file finds; what cannot be told is None.

    Args:
        folder: the portfolio folder.
        file: as the portfolio has it.

    Raises:
        KsbtrackError: `symlink`, `not-a-file`, `not-a-folder`, `unreadable-file`, `name-collision`.
    """
    stream = None if file.is_missing else open_inside(folder, file.name, Source(file.name))
    if stream is None:
        return FileFacts()
    with stream:
        ending = PurePosixPath(file.name).suffix.casefold()
        found = sniff(stream.read(HEAD))
        if ENDINGS.get(ending) == "recording":
            return _recording(stream, ending)
        if found == "zip":
            return _archive(stream, ending)
        return FileFacts(
            needs_password=None if found in ("ole", "unknown") else False,
            content=FORMAT_WORDS[found],
            is_as_named=_is_as_named(ending, found),
            is_usual=ending in USUAL or not ending,
            beyond_showing=beyond_showing(stream, file.size, found, file.pages),
        )


def _is_as_named(ending: str, found: str) -> bool | None:
    """Say whether an ending promises what was found; None for one that we do not know and that may well promise it.

    Where an ending promises something, loading has looked: a file that is something else is refused there. Texts and
    programs have all kinds of endings.
    """
    if ending in ENDINGS:
        return True
    if ending and found in ("zip", "ole", "unknown"):
        return None
    return bool(ending) and found in ("text", "html", "svg", "program")


def _recording(stream: BinaryIO, ending: str) -> FileFacts:
    found = measured(stream)
    if found is None:
        return FileFacts(is_recording=True, content=None, is_as_named=None, is_usual=ending in USUAL)
    # A format that we have no ending for may be what the name promises.
    own = _HOLDS.get(ending, frozenset())
    is_other = bool(own) and found.format not in own and any(found.format in names for names in _HOLDS.values())
    recording = f"a recording in the format {found.format}" if is_other else "a recording"
    return FileFacts(
        is_recording=True,
        seconds=found.seconds,
        content=recording if found.tracks else "data without sound or pictures",
        is_as_named=bool(found.tracks) and not is_other,
        is_usual=ending in USUAL,
    )


def _archive(stream: BinaryIO, ending: str) -> FileFacts:
    """Give what an Office file or archive is, from its table of contents and the beginning of two small parts."""
    unknown = FileFacts(needs_password=None, content=None, is_as_named=None, is_usual=ending in USUAL)
    if not _has_small_contents(stream):
        return unknown
    try:
        with zipfile.ZipFile(stream) as archive:
            if any(entry.flag_bits & _ENCRYPTED for entry in archive.infolist()):
                return unknown._replace(needs_password=True)
            names = frozenset(archive.namelist())
            content = _office(archive, names)
            is_locked = _is_locked_open_document(archive, names)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError, struct.error):
        return unknown
    return FileFacts(
        needs_password=is_locked,
        content=content,
        is_as_named=ending in _OFFICE_ENDINGS[content] or (None if ending and ending not in ENDINGS else False),
        is_usual=ending in USUAL,
    )


def _has_small_contents(stream: BinaryIO) -> bool:
    """Say whether the table of contents of an archive is small enough to be read."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _LONGEST_END))
    end = stream.read(_LONGEST_END)
    place = end.rfind(_END_OF_ARCHIVE)
    if place < 0 or len(end) < place + 16:
        return False
    (length,) = struct.unpack_from("<I", end, place + 12)
    return bool(length <= MAX_CONTENTS)


def _office(archive: zipfile.ZipFile, names: Collection[str]) -> str:
    if "mimetype" in names:
        kind = _beginning(archive, "mimetype", _LONGEST_KIND).strip()
        return next((words for start, words in _OPEN_DOCUMENT.items() if kind.startswith(start)), "a ZIP archive")
    if "[Content_Types].xml" in names:
        return next(
            (words for start, words in _OFFICE.items() if any(name.startswith(start) for name in names)),
            "a ZIP archive",
        )
    return "a ZIP archive"


def _is_locked_open_document(archive: zipfile.ZipFile, names: Collection[str]) -> bool:
    name = "META-INF/manifest.xml"
    return name in names and b"encryption-data" in _beginning(archive, name, MAX_MANIFEST)


def _beginning(archive: zipfile.ZipFile, name: str, length: int) -> bytes:
    """Give the first bytes of a part.

    Raises:
        NotImplementedError: it is packed in a way that no Office program uses, and that may ask for any memory.
    """
    if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError(name)
    with archive.open(name) as file:
        return file.read(length)
