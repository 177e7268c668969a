"""PDF attachments: whether they open, and how many pages they have."""

from __future__ import annotations

import re
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

if TYPE_CHECKING:
    import pikepdf

MAX_PDF_PAGES = 5_000
"""Pages of one PDF. Whole showcases have 500; nobody reads more than ten times that, and a claim names a page."""
MAX_NESTING = 100
"""Levels of arrays and dictionaries: real files have under 20, and a parser's own stack is finite."""
MAX_FILTERS = 1
"""Filters of one stream that must be unpacked to find the pages. One packs by 1,000 at most, two by a million."""
MAX_CONTAINER = 100_000
"""Entries of one array or dictionary: the flat list of pages of twenty of the largest PDFs allowed."""
MAX_TREE_DEPTH = 50
"""Levels of the page tree: writers that balance it need 5 for a million pages."""
UNPACKED_ALWAYS = 1024 * 1024
"""Bytes that the object streams of any PDF may unpack to. A parsed byte can cost 150 bytes of memory."""
UNPACKED_RATIO = 32
"""Times its own size that a larger PDF's object streams may unpack to; real ones stay under 10."""
STREAM_ALWAYS = 128 * 1024
"""Bytes that a single one of them may unpack to; it holds where the others cannot be counted, as in a locked file."""
STREAM_RATIO = 16
"""Times the file's size that a single one may unpack to."""
MAX_UNPACKED = 256 * 1024 * 1024
"""Bytes that they may unpack to in any case: over a million objects."""

_STREAM = re.compile(rb"\bstream\s*")
_OLD_PACKING = re.compile(rb"/ObjStm[^>]{0,400}/LZW|/LZW[^>]{0,400}/ObjStm")
_BLANK = b"\0\t\n\f\r "
_NUMBER_STARTS = (b"", *(bytes((sign,)) for sign in b"0123456789+-.%"))
_FIRST_BYTES = 64
_CHUNK = 65_536
# qpdf's limits hold for the whole process, so two files are never counted at once.
_ONE_AT_A_TIME = threading.Lock()


def count_pages(stream: BinaryIO, size: int, whole: bytes | None, path: str, source: Source) -> tuple[int, bool]:
    """Give the number of pages of a PDF, and whether its owner restricted it.

    Args:
        stream: the file, open for reading.
        size: its bytes.
        whole: its content, if it was small enough to be read at once.
        path: path for messages.
        source: where the file is named.

    Raises:
        KsbtrackError: `encrypted-pdf`, `damaged-pdf`, `pdf-too-large`.
    """
    limit = min(UNPACKED_ALWAYS + UNPACKED_RATIO * size, MAX_UNPACKED)
    if whole is not None and unpacked_size(whole, limit) > limit:
        raise _too_large(path, source, f"which unpacks to more than {limit:,} bytes of structure")
    import pikepdf  # slow to import, and many portfolios have no PDF

    try:
        with (
            qpdf_limits(size),
            pikepdf.open(
                stream,
                attempt_recovery=False,
                inherit_page_attributes=False,
                # Not mapped into memory: a mapped file that shrinks meanwhile ends the whole process.
                access_mode=pikepdf.AccessMode.stream,
            ) as pdf,
        ):
            pages = _counted(pdf, path, source)
            is_restricted = bool(pdf.is_encrypted)
    except pikepdf.PasswordError as error:
        raise _encrypted(path, source) from error
    except (pikepdf.PdfError, ValueError, TypeError, AttributeError, LookupError, RuntimeError) as error:
        if "unsupported encryption" in str(error):
            raise _encrypted(path, source) from error
        raise _damaged(path, source, "which does not open without repair") from error
    return pages, is_restricted


def _counted(pdf: pikepdf.Pdf, path: str, source: Source) -> int:
    pages = _leaves(pdf)
    if pdf.get_warnings():
        raise _damaged(path, source, "which does not open without repair")
    if pages is None:
        raise _too_large(path, source, f"which has more than {MAX_PDF_PAGES:,} pages")
    # What the tree says must be what is there: viewers differ in which of the two they believe.
    if pdf.Root.Pages.get("/Count") != pages:
        raise _damaged(path, source, "whose list of pages does not hold together")
    if not pages:
        raise _damaged(path, source, "which has no pages")
    return pages


def _leaves(pdf: pikepdf.Pdf) -> int | None:
    """Count the leaves of the page tree; None if there are too many.

    qpdf's own list of pages mends what is wrong with the tree as it goes, writes to standard error and has no limit.

    Raises:
        ValueError: the tree has a loop, something that is no page, or is too deep.
    """
    from pikepdf import Array, Dictionary

    to_see: list[tuple[object, int]] = [(pdf.Root.Pages, 0)]
    seen: set[tuple[int, int]] = set()
    nodes = pages = 0
    while to_see:
        node, depth = to_see.pop()
        nodes += 1
        if not isinstance(node, Dictionary) or depth > MAX_TREE_DEPTH:
            raise ValueError("the page tree has something else in it, or is too deep")
        if node.is_indirect:
            if node.objgen in seen:
                raise ValueError("the page tree has a page twice, or a loop")
            seen.add(node.objgen)
        kids = node.get("/Kids")
        if kids is None:
            pages += 1
        elif not isinstance(kids, Array):
            raise ValueError("the page tree has no list where one must be")
        elif len(kids) > MAX_PDF_PAGES:
            return None
        else:
            to_see.extend((kid, depth + 1) for kid in kids)
        if pages > MAX_PDF_PAGES or nodes > 2 * MAX_PDF_PAGES:
            return None
    return pages


@contextmanager
def qpdf_limits(size: int) -> Iterator[None]:
    """Let qpdf unpack only what is likely while a PDF is open; only one is at a time.

    Args:
        size: bytes of the file.
    """
    from pikepdf.settings import set_qpdf_limits

    unpacked = min(max(STREAM_ALWAYS, STREAM_RATIO * size), MAX_UNPACKED)
    with _ONE_AT_A_TIME:
        previous = set_qpdf_limits(
            parser_max_nesting=MAX_NESTING,
            parser_max_container_size=MAX_CONTAINER,
            max_stream_filters=MAX_FILTERS,
            flate_max_memory=unpacked,
            png_max_memory=unpacked,
            tiff_max_memory=unpacked,
            run_length_max_memory=unpacked,
            dct_max_memory=unpacked,
        )
        try:
            yield
        finally:
            # qpdf takes its limits as keywords of several types; what it gave is what it takes.
            set_qpdf_limits(**previous)  # type: ignore[arg-type]


def unpacked_size(whole: bytes, limit: int) -> int:
    """Give how many bytes the object streams of a PDF unpack to, without keeping them; stop once over the limit.

    qpdf limits each stream, but a small file can have many, and it keeps all of their objects in memory. An object
    stream begins with numbers; every stream that does so counts, whatever its dictionary says it is.

    Args:
        whole: the file.
        limit: bytes after which counting is pointless.
    """
    view = memoryview(whole)
    total = 0
    if _OLD_PACKING.search(whole):
        # qpdf sets no limit to LZW, which no writer of object streams has ever used.
        return limit + 1
    for match in _STREAM.finditer(whole):
        total += _unpacked(view[match.end() :], limit - total)
        if total > limit:
            break
    return total


def _unpacked(packed: memoryview, limit: int) -> int:
    unpacker = zlib.decompressobj()
    size = 0
    try:
        first = unpacker.decompress(packed[:_CHUNK], _FIRST_BYTES)
        if first.strip(_BLANK)[:1] not in _NUMBER_STARTS:
            return 0
        size, position = len(first), _CHUNK
        rest = unpacker.unconsumed_tail
        while size <= limit and not unpacker.eof and (rest or position < len(packed)):
            if not rest:
                rest = bytes(packed[position : position + _CHUNK])
                position += _CHUNK
            size += len(unpacker.decompress(rest, _CHUNK))
            rest = unpacker.unconsumed_tail
    except zlib.error:
        # No stream of this kind, or one that breaks off: what came before the fault counts, as qpdf uses it too.
        return size
    return size


def _damaged(path: str, source: Source, what: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "damaged-pdf",
            source,
            f"{quoted(path)}, {what}",
            "a PDF must be whole, so that every assessor's program can open it",
            "Export or print it to PDF again from the original.",
        )
    )


def _encrypted(path: str, source: Source) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "encrypted-pdf",
            source,
            f"{quoted(path)}, which asks for a password",
            "evidence must open without one",
            "Save a copy without a password, and name that.",
        )
    )


def _too_large(path: str, source: Source, what: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "pdf-too-large",
            source,
            f"{quoted(path)}, {what}",
            f"one PDF may have at most {MAX_PDF_PAGES:,} pages, and what describes them must be of a likely size",
            "Split it, or print the pages that are needed to a new PDF.",
        )
    )
