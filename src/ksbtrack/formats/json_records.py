"""The records of a JSON file one at a time, however long the file is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from ksbtrack.files.opening import open_named_file
from ksbtrack.formats.json_text import MAX_JSON_DEPTH, TooDeepError, parse_json, shallow_events, too_deep
from ksbtrack.problems import KsbtrackError, Problem, Source

MAX_RECORD_BYTES = 8 * 1024**2
"""Bytes of one record, and of a file that is read whole: two hundred times the average of the official feed, and what
Python makes of so much stays under 200 MB."""
_CHUNK = 64 * 1024
_MARK = b"\xef\xbb\xbf"


class _Measured:
    """A stream that counts its lines, and does not go on when one record takes too many bytes."""

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
            raise KsbtrackError(too_large(self.shown, self.lines))
        return chunk


def json_records(path: Path) -> Iterator[Any]:
    """Yield the entries of a file that is one list, or the one value that it is, in its order.

    Args:
        path: JSON as UTF-8. A list of any length is read entry by entry; what is no list has the size of a record.

    Raises:
        KsbtrackError: `bad-json`, `not-utf-8`, `record-too-large`, `missing-file`, `not-a-file`, `unreadable-file`.
    """
    shown = path.as_posix()
    with open_named_file(path, shown) as opened:
        size = os.fstat(opened.fileno()).st_size
        if size <= MAX_RECORD_BYTES:
            value = parse_json(opened.read(), shown)
            yield from value if isinstance(value, list) else (value,)
            return
        head = opened.read(_CHUNK)
        opened.seek(len(_MARK) if head.startswith(_MARK) else 0)
        if head.removeprefix(_MARK).lstrip()[:1] != b"[":
            raise KsbtrackError(too_large(shown, 1))
        yield from _entries(_Measured(opened, shown))


def _entries(stream: _Measured) -> Iterator[Any]:
    import ijson

    try:
        # Numbers with a point come as decimals, which keep the digits of the source: version 1.10 is not 1.1.
        for value in ijson.items(ijson.parse(shallow_events(stream, MAX_JSON_DEPTH)), "item"):
            stream.since_record = 0
            yield value
    except TooDeepError as error:
        raise KsbtrackError(too_deep(stream.shown, stream.lines)) from error
    except ijson.JSONError as error:
        is_short = isinstance(error, ijson.IncompleteJSONError)
        raise KsbtrackError(
            Problem(
                "bad-json",
                Source(stream.shown, stream.lines),
                "the end of the file in the middle" if is_short else "text that is no JSON",
                "the records before it were read, and none was taken",
                "The file was cut off or changed: save or fetch it again.",
            )
        ) from error


def too_large(shown: str, line: int) -> Problem:
    """Give the problem of a record, or of a file that is one, with more bytes than any standard needs."""
    return Problem(
        "record-too-large",
        Source(shown, line),
        f"a record of more than {MAX_RECORD_BYTES // 1024**2} MiB",
        "the longest standard has less than a tenth of that",
        "Check that it is a file of standards, and fetch it again.",
    )
