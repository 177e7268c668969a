"""JSON from other people's files: whole, bounded, with the place of a fault."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn, Protocol

from ksbtrack.problems import KsbtrackError, Problem, Source, quoted, several
from ksbtrack.yamlfile import decode

MAX_JSON_DEPTH = 40
"""Levels of nesting. A standard has six and a page of search results eight; Python itself stops near a thousand."""
_DIGITS = 300
_CHUNK = 64 * 1024
_OPENING = ("start_map", "start_array")
_CLOSING = ("end_map", "end_array")
# A text is passed over once and for good, closed or not: trying again from each quote takes the square of the time.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


class SupportsRead(Protocol):
    """Something that gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Give so many bytes, or fewer at the end."""


class WrittenNumber(float):
    """A number with a point that is written as its source has it: the version 1.10 is not 1.1."""

    def __new__(cls, digits: str) -> WrittenNumber:
        """Give the number that digits mean."""
        number = super().__new__(cls, digits)
        number.digits = digits
        return number

    digits: str

    def __str__(self) -> str:
        """Give the digits of the source."""
        return self.digits


def parse_json(raw: bytes, file: str) -> Any:
    """Give the value of a JSON text: lists, dicts, text, numbers, truth values and None.

    Args:
        raw: the file's bytes.
        file: the path for messages.

    Raises:
        KsbtrackError: `bad-json`, `not-utf-8`.
    """
    text = _decoded(raw, file)
    _refuse_depth(text, file)
    try:
        # Not strict: line breaks and tabs inside a text are common, and nothing else in it hangs on them.
        return json.loads(
            text,
            strict=False,
            parse_constant=lambda word: _refuse_word(word, file),
            parse_int=lambda digits: _whole_number(digits, file),
            parse_float=WrittenNumber,
            object_pairs_hook=lambda pairs: _object(pairs, file),
        )
    except json.JSONDecodeError as error:
        raise KsbtrackError(_bad_json(text, error, file)) from error


class TooDeepError(ValueError):
    """Values of a JSON file lie in each other deeper than anything that we read."""


def shallow_events(stream: SupportsRead, most: int) -> Iterator[tuple[str, Any]]:
    """Yield the events of a JSON file as ijson gives them, up to where its values lie too deep in each other.

    A reader by values keeps, for each level, the names of all levels above it: a file of some kilobytes could fill all
    memory.

    Args:
        stream: read as far as events are taken.
        most: levels.

    Raises:
        TooDeepError: at the first value that is too deep.
        ijson.JSONError: it is no JSON.
    """
    import ijson

    depth = 0
    for event, value in ijson.basic_parse(stream, use_float=False, buf_size=_CHUNK):
        if event in _OPENING:
            depth += 1
            if depth > most:
                raise TooDeepError(f"more than {most} levels")
        elif event in _CLOSING:
            depth -= 1
        yield event, value


def _decoded(raw: bytes, file: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return decode(raw, file)


def _object(pairs: list[tuple[str, Any]], file: str) -> dict[str, Any]:
    """Give an object; a name given twice would lose what the first one says."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise KsbtrackError(
            Problem(
                "bad-json",
                Source(file),
                f"{quoted(twice)} twice in one object",
                "each name stands there once",
                "Delete one of the two, or save or fetch the file again.",
            )
        )
    return found


def _whole_number(digits: str, file: str) -> int:
    """Give a number; one with so many digits that Python needs the square of the time is none of a standard's."""
    return int(digits) if len(digits) <= _DIGITS else _refuse_word(digits, file)


def _refuse_word(word: str, file: str) -> NoReturn:
    raise KsbtrackError(
        Problem("bad-json", Source(file), quoted(word), "JSON has no such number", "Save or fetch the file again.")
    )


def _refuse_depth(text: str, file: str) -> None:
    depth = 0
    for match in _BRACKETS.finditer(text):
        sign = match.group()
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(sign, 0)
        if depth > MAX_JSON_DEPTH:
            raise KsbtrackError(too_deep(file, text.count("\n", 0, match.start()) + 1))


def too_deep(file: str, line: int = 0) -> Problem:
    """Give the problem of a file whose values lie in each other deeper than those of any standard."""
    return Problem(
        "bad-json",
        Source(file, line),
        f"more than {MAX_JSON_DEPTH} levels of nesting",
        "no standard is so deep",
        "Look for a stray '[' or '{', or save the file again.",
    )


def _bad_json(text: str, error: json.JSONDecodeError, file: str) -> Problem:
    """Give the problem of a text that is no JSON, with what stands where reading stopped."""
    if not text[error.pos :].strip() or error.msg.startswith("Unterminated string"):
        return Problem(
            "bad-json",
            Source(file, text.rstrip().count("\n") + 1),
            f"the end of the file after {several(len(text.rstrip()), 'character')}",
            "the JSON is not finished there",
            "The file was cut off: save or fetch it again.",
        )
    line = text[error.pos :].partition("\n")[0]
    return Problem(
        "bad-json",
        Source(file, error.lineno),
        f"{quoted(line)} at column {error.colno}",
        "that is no JSON there",
        "Correct it, or save or fetch the file again.",
    )
