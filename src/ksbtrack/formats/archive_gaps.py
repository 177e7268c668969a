"""Bytes of a ZIP archive that belong to no entry: before, between and after them, where no program shows them."""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Iterator
from typing import IO

_HEADER = struct.Struct("<4s22xHH")
_HEADER_MARK = b"PK\x03\x04"
_END = struct.Struct("<4s16xH")
_END_MARK = b"PK\x05\x06"
_END_SIZE = 22
_MAX_COMMENT = 65_535
_SIZE_FOLLOWS = 0x08
# The sizes that may follow an entry: with or without a mark of their own, of four or eight bytes.
_FOLLOWING = (12, 16, 20, 24)


def gaps(archive: zipfile.ZipFile) -> Iterator[str]:
    """Yield a sentence for each place where an archive holds bytes that belong to nothing.

    Args:
        archive: open for reading, on a real file.
    """
    stream = archive.fp
    if stream is None:
        raise ValueError("the archive is closed")
    entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
    end = 0
    for number, entry in enumerate(entries):
        extra = entry.header_offset - end
        if extra and not (number and entries[number - 1].flag_bits & _SIZE_FOLLOWS and extra in _FOLLOWING):
            place = "before its start" if number == 0 else "between its files"
            yield f"The archive holds bytes {place} that belong to no file."
        end = _end_of(stream, entry)
    extra = archive.start_dir - end
    if extra and not (entries and entries[-1].flag_bits & _SIZE_FOLLOWS and extra in _FOLLOWING):
        yield "The archive holds bytes before its table of contents that belong to no file."
    if archive.comment:
        yield "The archive has a comment, which was not there."
    if _after_end(stream):
        yield "The archive holds bytes after its end that belong to no file."


def _end_of(stream: IO[bytes], entry: zipfile.ZipInfo) -> int:
    """Give where the bytes of an entry end.

    Raises:
        BadZipFile: no entry begins where the table of contents says.
    """
    stream.seek(entry.header_offset)
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size or not header.startswith(_HEADER_MARK):
        raise zipfile.BadZipFile("no entry where the table of contents says")
    _, name, more = _HEADER.unpack(header)
    return int(entry.header_offset + _HEADER.size + name + more + entry.compress_size)


def _after_end(stream: IO[bytes]) -> int:
    """Give how many bytes follow the end of an archive and its comment."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _END_SIZE - _MAX_COMMENT))
    tail = stream.read()
    # The library takes an end without comment at the very end of the file first, and else the last one that it finds.
    start = len(tail) - _END_SIZE
    if not (tail[start:].startswith(_END_MARK) and tail.endswith(b"\0\0")):
        start = tail.rfind(_END_MARK)
    if start < 0 or start + _END_SIZE > len(tail):
        return 0
    _, comment = _END.unpack(tail[start : start + _END_SIZE])
    return int(len(tail) - start - _END_SIZE - comment)
