"""What an attachment really is: its size, its mark, its kind by content, its pages."""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ksbtrack.files.images import FRAMES, count_frames
from ksbtrack.files.names import path_inside
from ksbtrack.files.opening import open_inside, unreadable
from ksbtrack.files.pdfs import count_pages
from ksbtrack.models.portfolio import AttachedFile, FileKind
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

MAX_ATTACHMENT_BYTES = 2 * 1024**3
"""Bytes of one attachment: the most that any submission portal takes. It is read in pieces: size costs time only.

Source: file size at most 2 GB (ACE360).
"""
MAX_AT_ONCE = 16 * 1024**2
"""Bytes of a file that is read in one piece: most documents are smaller, and 16 MiB are little memory."""

_CHUNK = 1024 * 1024
_HEAD = 1024
_CONTROL = re.compile("[\x00-\x06\x0e-\x1a\x1c-\x1f]")

# For each kind of content: words for it, and the endings that promise it, the usual one first.
_FORMATS: dict[str, tuple[str, tuple[str, ...]]] = {
    "pdf": ("a PDF file", (".pdf",)),
    "png": ("a PNG image", (".png",)),
    "jpeg": ("a JPEG image", (".jpg", ".jpeg", ".jpe", ".jfif")),
    "gif": ("a GIF image", (".gif",)),
    "webp": ("a WebP image", (".webp",)),
    "tiff": ("a TIFF image", (".tif", ".tiff")),
    "bmp": ("a BMP image", (".bmp",)),
    "heif": ("a HEIC image", (".heic", ".heif", ".hif")),
    "avif": ("an AVIF image", (".avif",)),
    "zip": (
        "a ZIP archive or an Office file",
        (".zip", ".docx", ".docm", ".dotx", ".xlsx", ".xlsm", ".pptx", ".pptm", ".ppsx", ".odt", ".ods", ".odp"),
    ),
    "ole": ("an Office file of the old kind or with a password", (".doc", ".xls", ".ppt", ".msg", ".pub")),
    "rtf": ("a rich text (RTF)", (".rtf",)),
    "html": ("an HTML page", (".html", ".htm", ".xhtml")),
    "svg": ("an SVG drawing", (".svg",)),
    "text": ("plain text", (".txt", ".md", ".markdown", ".csv", ".tsv", ".json", ".yaml", ".yml", ".xml", ".log")),
    "recording": (
        "a recording",
        (
            *(".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".wmv", ".3gp", ".mpg", ".mpeg", ".ogv"),
            *(".mp3", ".m4a", ".wav", ".ogg", ".oga", ".opus", ".flac", ".aac", ".wma", ".amr"),
        ),
    ),
    "program": ("a program", ()),
    "unknown": ("data of an unknown kind", ()),
}
ENDINGS = {ending: name for name, (_, endings) in _FORMATS.items() for ending in endings}
"""The format that each ending of a name promises, as `sniff` calls it."""
FORMAT_WORDS = {name: words for name, (words, _) in _FORMATS.items()}
"""Words for each format that `sniff` tells apart."""
_TEXTS = ("text", "html", "svg")

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"{\\rtf", "rtf"),
    (b"\x7fELF", "program"),
    (b"#!", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\xfe\xed\xfa", "program"),
    (b"\xce\xfa\xed\xfe", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
)
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_REMARKS = ((b"<!--", b"-->"), (b"<?xml", b">"))
_MARKUP = re.compile(rb"<(?:!doctype\s+)?(html|head|body|script|svg)\b", re.I)


def inspect_file(folder: Path, name: str, source: Source, base: str = "", *, keep_broken: bool = False) -> AttachedFile:
    """Give what a file that a piece or a record names really is.

    A name with a slash is a path from the portfolio folder; a name without one lies in the folder `base`.

    Args:
        folder: the portfolio folder.
        name: as it was written.
        source: where it was written, for messages.
        base: `evidence` for the files of a piece; empty for the portfolio folder itself.
        keep_broken: gives a file whose content cannot be opened with its `problem`, instead of raising it.

    Returns:
        With `is_missing` where there is no such file.

    Raises:
        KsbtrackError: with one of `unsafe-path`, `symlink`, `not-a-file`, `not-a-folder`, `name-collision`,
            `unreadable-file`, `empty-attachment`, `attachment-too-large`, `wrong-file-type`, `encrypted-pdf`,
            `damaged-pdf`, `pdf-too-large`, `damaged-image`, `image-too-large`, `damaged-archive`.
    """
    path = path_inside(name, base, source)
    stream = open_inside(folder, path, source)
    if stream is None:
        return AttachedFile(name=path, is_missing=True)
    with stream:
        try:
            return _inspected(stream, path, source, keep_broken=keep_broken)
        except OSError as error:
            raise unreadable(path, source, error) from error


def _inspected(stream: BinaryIO, path: str, source: Source, *, keep_broken: bool) -> AttachedFile:
    size = os.fstat(stream.fileno()).st_size
    _refuse_length(size, path, source)
    whole = stream.read(size + 1) if size <= MAX_AT_ONCE else None
    if whole is None:
        size, mark = _streamed_mark(stream, path, source)
        content = stream
    else:
        size, mark = len(whole), hashlib.sha256(whole).hexdigest()
        content = io.BytesIO(whole)
    _refuse_length(size, path, source)
    file = AttachedFile(name=path, size=size, sha256=mark)
    try:
        if not size:
            raise _empty(path, source)
        found = _actual_format(content, path, source)
        file = file.model_copy(update={"kind": _kind(found)})
        pages, is_restricted = _pages(content, found, whole, file, source)
    except KsbtrackError as error:
        if not keep_broken:
            raise
        return file.model_copy(update={"problem": error.problems[0]})
    return file.model_copy(update={"pages": pages, "is_restricted": is_restricted})


def _pages(
    content: BinaryIO, found: str, whole: bytes | None, file: AttachedFile, source: Source
) -> tuple[int | None, bool]:
    """Give how many pages a file has, where that means anything, and whether its owner restricted it."""
    if found == "pdf":
        content.seek(0)
        return count_pages(content, file.size, whole, file.name, source)
    if found == "zip" and not zipfile.is_zipfile(content):
        raise _damaged_archive(file.name, source)
    return count_frames(content, found, file.name, source) if found in FRAMES else None, False


def _kind(found: str) -> FileKind:
    if found == "pdf":
        return FileKind.PDF
    if found in FRAMES:
        return FileKind.IMAGE
    return FileKind.TEXT if found in _TEXTS else FileKind.OTHER


def _empty(path: str, source: Source) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "empty-attachment",
            source,
            f"{quoted(path)}, which is empty",
            "a file of evidence has something in it",
            "Copy or save it again from the original.",
        )
    )


def _refuse_length(size: int, path: str, source: Source) -> None:
    if size > MAX_ATTACHMENT_BYTES:
        raise KsbtrackError(
            Problem(
                "attachment-too-large",
                source,
                f"{quoted(path)}, which has {size:,} bytes",
                f"one file may have at most {MAX_ATTACHMENT_BYTES:,}, the most that a submission portal takes",
                "Cut it, or save it with a lower quality.",
            )
        )


def _streamed_mark(stream: BinaryIO, path: str, source: Source) -> tuple[int, str]:
    """Give size and SHA-256 of a long file, without ever reading more than allowed of one that grows meanwhile."""
    size, mark = 0, hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        _refuse_length(size, path, source)
        mark.update(chunk)
    return size, mark.hexdigest()


def _actual_format(content: BinaryIO, path: str, source: Source) -> str:
    """Give the format of the content, after a check that the name promises nothing else."""
    content.seek(0)
    head = content.read(_HEAD)
    ending = PurePosixPath(path).suffix.casefold()
    promised = ENDINGS.get(ending)
    found = sniff(head)
    if promised == "pdf" and found in ("text", "unknown") and b"%PDF-" in head:
        return "pdf"  # the standard lets something stand before the mark
    if promised in _TEXTS and found in (*_TEXTS, "program", "unknown"):
        # Any language's source is text, whatever it begins with; but it must be text to its end.
        found = promised if _is_text(content) else "unknown" if found in _TEXTS else found
    elif promised == "recording" and found == "unknown":
        found = "recording"
    if promised and found != promised:
        raise _wrong_type(path, ending, found, source)
    return found


def sniff(head: bytes) -> str:
    """Give the format that the first bytes of a file show, as a key of the table of formats.

    Args:
        head: the first 1,024 bytes, or all if there are fewer.
    """
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    for is_so, name in (
        (head[:4] == b"RIFF" and head[8:12] == b"WEBP", "webp"),
        (head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS, "heif"),
        (head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"), "avif"),
        (head[:2] == b"BM" and head[6:10] == b"\0\0\0\0", "bmp"),
        (head[:2] == b"MZ" and b"\0" in head, "program"),
    ):
        if is_so:
            return name
    markup = _MARKUP.match(_after_remarks(head.removeprefix(codecs.BOM_UTF8)))
    if markup:
        return "svg" if markup.group(1).lower() == b"svg" else "html"
    return "text" if _is_text(io.BytesIO(head), is_cut=len(head) == _HEAD) else "unknown"


def _after_remarks(head: bytes) -> bytes:
    """Give what follows the white space, comments and XML declaration with which a page may begin.

    Step by step and not by one pattern: early releases of Python 3.11 match possessive quantifiers wrongly.
    """
    place = 0
    while True:
        while head[place : place + 1].isspace():
            place += 1
        ending = next((end for start, end in _REMARKS if head.startswith(start, place)), None)
        if ending is None:
            return head[place:]
        place = head.find(ending, place) + len(ending)
        if place < len(ending):
            return b""


def _is_text(content: BinaryIO, *, is_cut: bool = False) -> bool:
    """Say whether bytes are text to the end: UTF-8, UTF-16 with its mark, or the code of western Windows."""
    content.seek(0)
    has_mark = content.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    encodings = ("utf-16",) if has_mark else ("utf-8", "cp1252")
    return any(_decodes(content, encoding, is_cut) for encoding in encodings)


def _decodes(content: BinaryIO, encoding: str, is_cut: bool) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    content.seek(0)
    try:
        while chunk := content.read(_CHUNK):
            if _CONTROL.search(decoder.decode(chunk)):
                return False
        decoder.decode(b"", final=not is_cut)
    except UnicodeDecodeError:
        return False
    return True


def _wrong_type(path: str, ending: str, found: str, source: Source) -> KsbtrackError:
    words, endings = _FORMATS[found]
    promised, _ = _FORMATS[ENDINGS[ending]]
    rename = f", or rename it to end in {endings[0]} if that is what it should be" if endings else ""
    return KsbtrackError(
        Problem(
            "wrong-file-type",
            source,
            f"{quoted(path)}, whose content is {words}",
            f"a name that ends in {ending} promises {promised}",
            f"Save or download the right file again{rename}.",
        )
    )


def _damaged_archive(path: str, source: Source) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "damaged-archive",
            source,
            f"{quoted(path)}, which breaks off before its table of contents",
            "an Office file or ZIP archive must be whole",
            "Copy or save it again from the original.",
        )
    )
