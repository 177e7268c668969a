"""The records of a JSON file one at a time, however long the file is."""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from ksbtrack.files.opening import open_named_file
from ksbtrack.problems import KsbtrackError, Problem, Source

MAX_RECORD_BYTES = 8 * 1024**2
"""Bytes of one record: forty times the longest of the official feed. Python needs ten times as much for it."""
_CHUNK = 64 * 1024
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class _Measured:
    """A stream that counts lines, and refuses to go on when one record takes too many bytes."""

    def __init__(self, stream: BinaryIO, shown: str) -> None:
        self.stream = stream
        self.shown = shown
        self.lines = 1
        self.since_record = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self.stream.read(_CHUNK if size < 0 else size)
        self.since_record += len(chunk)
        self.lines += chunk.count(b"\n")
        if self.since_record > MAX_RECORD_BYTES + _CHUNK:
            raise KsbtrackError(
                Problem(
                    "record-too-large",
                    Source(self.shown, self.lines),
                    f"a record of more than {MAX_RECORD_BYTES // 1024**2} MB",
                    "no standard needs so much",
                    "Check that it is a file of standards, and fetch it again.",
                )
            )
        return chunk


def json_records(path: Path) -> Iterator[Any]:
    """Yield the entries of a file that is one list, or the one value that it is, in its order.

    Args:
        path: JSON as UTF-8; as UTF-16 or UTF-32 where it begins with their mark.

    Raises:
        KsbtrackError: `bad-json`, `record-too-large`, `missing-file`, `not-a-file`, `unreadable-file`.
    """
    import ijson

    shown = path.as_posix()
    with open_named_file(path, shown) as opened:
        stream = _Measured(_as_utf8(opened), shown)
        try:
            first = _first_sign(stream.stream)
            if first != b"[":
                yield _one_value(stream, shown)
                return
            for value in ijson.items(stream, "item", use_float=True, buf_size=_CHUNK):
                stream.since_record = 0
                yield value
        except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
            raise KsbtrackError(_bad_json(path, shown, stream.lines, error)) from error


def _as_utf8(opened: BinaryIO) -> BinaryIO:
    head = opened.read(4)
    opened.seek(0)
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            if encoding == "utf-8":
                opened.seek(len(mark))
                return opened
            return io.BufferedReader(_Recoded(opened, encoding))
    return opened


class _Recoded(io.RawIOBase):
    """A stream of another encoding as UTF-8."""

    def __init__(self, opened: BinaryIO, encoding: str) -> None:
        self.opened = opened
        self.decoder = codecs.getincrementaldecoder(encoding)()
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.rest:
            chunk = self.opened.read(_CHUNK)
            self.rest = self.decoder.decode(chunk, final=not chunk).encode("utf-8", "surrogatepass")
            if not chunk:
                break
        taken = self.rest[: len(buffer)]
        self.rest = self.rest[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)


def _first_sign(stream: BinaryIO) -> bytes:
    """Give the first byte that is no white space, without taking it from the stream."""
    start = stream.tell() if stream.seekable() else None
    if start is None:
        peeked: bytes = stream.peek(1024)  # type: ignore[attr-defined]  # what is not seekable here is buffered
        return peeked.lstrip()[:1]
    sign = stream.read(1024).lstrip()[:1]
    stream.seek(start)
    return sign


def _one_value(stream: _Measured, shown: str) -> Any:
    parts = []
    while chunk := stream.read(_CHUNK):
        parts.append(chunk)
    try:
        return json.loads(b"".join(parts))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise KsbtrackError(_located(shown, error, 1)) from error


def _bad_json(path: Path, shown: str, lines: int, error: Exception) -> Problem:
    """Give the problem of a list that cannot be read on, with its line as far as that is known."""
    if path.stat().st_size <= MAX_RECORD_BYTES:
        try:
            json.loads(path.read_bytes())
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as exact:
            return _located(shown, exact, lines)
    return _located(shown, error, lines)


def _located(shown: str, error: Exception, line: int) -> Problem:
    where, found = Source(shown, line), "text that is no JSON"
    if isinstance(error, json.JSONDecodeError):
        is_short = error.pos >= len(error.doc.rstrip())
        where = Source(shown, error.lineno)
        found = "an end in the middle" if is_short else f"text that is no JSON, at character {error.colno} of the line"
    elif isinstance(error, UnicodeDecodeError):
        found = "bytes that are not UTF-8"
    elif isinstance(error, RecursionError):
        found = "lists within lists without end"
    elif "ncomplete" in type(error).__name__ or "premature" in str(error):
        found = "an end in the middle"
    return Problem(
        "bad-json",
        where,
        found,
        "the file is JSON from its first to its last sign",
        "Fetch or export the file again; a download may have stopped early.",
    )
