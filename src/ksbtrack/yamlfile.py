"""YAML in, plain text with line numbers out.

One pass over libyaml's events. Every scalar stays the text its author wrote (`1.10`, `no` and `010` are words); the
models give types. What could make a file mean something else than it seems to mean is refused: anchors and aliases,
tags, a key given twice, a second document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import yaml
from yaml import events

from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

MAX_BYTES = 1_048_576
"""Bytes in one YAML file. The longest real standard is under 150 kB; a portfolio of 1,000 pieces is many files."""
MAX_DEPTH = 16
"""Levels of nesting. The deepest file of ours has 7; libyaml itself slows down by the square of the depth."""
MAX_NODES = 50_000
"""Keys, values and lists in one file: ten times what a standard of 150 statements with its duties needs."""
Plain = Any
"""str, None, a list of these or a dict from str to these. (Any, since mypy has no useful recursive type here.)"""
Path = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True)
class YamlText:
    """One parsed file: the plain value, and the line on which each of its parts stands.

    Attributes:
        file: the path as messages show it.
        value: text, None, lists and dicts.
        lines: path of keys and indexes to line, counted from 1. For a key's value it is the key's line.
    """

    file: str
    value: Plain
    lines: Mapping[Path, int]

    def source(self, path: Path = ()) -> Source:
        """Give the place of the part at `path`, or of its nearest parent that the file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return Source(self.file, self.lines.get(path, 1))


def decode(raw: bytes, file: str) -> str:
    """Give the text of a file: UTF-8, without byte order mark, with line feeds only.

    Args:
        raw: the file's bytes.
        file: the path for messages.

    Raises:
        KsbtrackError: `not-utf-8`, `bad-character`.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise KsbtrackError(
            Problem(
                "not-utf-8",
                Source(file, line),
                f"the byte 0x{raw[error.start]:02X}",
                "the file must be text in UTF-8",
                "Save it again with the encoding UTF-8.",
            )
        ) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    bad = _FORBIDDEN.search(text)
    if bad:
        raise KsbtrackError(
            Problem(
                "bad-character",
                Source(file, text.count("\n", 0, bad.start()) + 1),
                f"the character U+{ord(bad.group()):04X}",
                "text must not hold control characters or marks that reverse the direction of text",
                "Delete it: such a character cannot be seen and can make text read differently from what it says.",
            )
        )
    return text


def parse_yaml(text: str, file: str, first_line: int = 1) -> YamlText:
    """Give the plain value of a YAML text.

    Args:
        text: what `decode` returned.
        file: the path for messages.
        first_line: the line of the file on which `text` begins.

    Raises:
        KsbtrackError: with the first problem found: `file-too-large`, `bad-yaml`, `duplicate-key`, `yaml-alias`,
            `yaml-tag`, `yaml-key`, `yaml-documents`, `yaml-too-deep`, `yaml-too-many`, `empty-file`, `hidden-comment`.
    """
    if len(text) > MAX_BYTES:
        raise KsbtrackError(too_large(file, len(text), MAX_BYTES))
    builder = _Builder(file, first_line, text)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        raise KsbtrackError(_syntax_problem(error, file, first_line, text)) from error
    except RecursionError as error:
        raise KsbtrackError(builder.too_deep(first_line)) from error
    return builder.finished()


def too_large(file: str, size: int, limit: int) -> Problem:
    """Give the problem of a file over its limit, both in bytes."""
    return Problem(
        "file-too-large",
        Source(file),
        f"{size:,} bytes",
        f"such a file may have at most {limit:,}",
        "Split it, or take out what does not belong in it.",
    )


class _Builder:
    """The value under construction: a stack of open lists and dicts, fed with events."""

    def __init__(self, file: str, first_line: int, text: str) -> None:
        self.file = file
        self.offset = first_line
        self.rows = text.split("\n")
        self.lines: dict[Path, int] = {}
        self.root: list[Plain] = []
        self.open: list[dict[str, Plain] | list[Plain]] = []
        self.path: list[str | int] = []
        self.key: list[str | None] = []
        self.nodes = 0
        self.documents = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, events.ScalarEvent):
            self.scalar(event)
        elif isinstance(event, events.CollectionStartEvent):
            self.start(event)
        elif isinstance(event, events.CollectionEndEvent):
            self.end()
        elif isinstance(event, events.AliasEvent):
            self.refuse_alias(event)
        elif isinstance(event, events.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self.error(
                    "yaml-documents",
                    event,
                    "a second document ('---')",
                    "a file holds one document",
                    "Put the second one into a file of its own.",
                )

    def line(self, event: yaml.Event) -> int:
        mark = event.start_mark
        return self.offset + (int(mark.line) if mark else 0)

    def error(self, code: str, event: yaml.Event, found: str, expected: str, fix: str) -> KsbtrackError:
        return KsbtrackError(Problem(code, Source(self.file, self.line(event)), found, expected, fix))

    def refuse_alias(self, event: yaml.Event) -> None:
        raise self.error(
            "yaml-alias",
            event,
            quoted(
                ("&" if isinstance(event, events.NodeEvent) and not isinstance(event, events.AliasEvent) else "*")
                + str(getattr(event, "anchor", ""))
            ),
            "anchors (&) and aliases (*) are not used here",
            "Write the text out, or put it in quotes if it should begin with that sign.",
        )

    def check_node(self, event: events.ScalarEvent | events.CollectionStartEvent) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.error(
                "yaml-too-many",
                event,
                f"more than {MAX_NODES:,} values",
                "no real file has so many",
                "Split the file.",
            )
        if event.anchor:
            self.refuse_alias(event)
        if event.tag not in (None, "!"):
            raise self.error(
                "yaml-tag",
                event,
                quoted(str(event.tag)),
                "tags (!) are not used here",
                "Delete it, or put the text in quotes if it should begin with '!'.",
            )

    def scalar(self, event: events.ScalarEvent) -> None:
        self.check_node(event)
        text = str(event.value)
        if self.open and isinstance(self.open[-1], dict) and self.key[-1] is None:
            self.take_key(text, event)
            return
        plain = not event.style
        if plain:
            self.check_plain(event)
        bad = _FORBIDDEN.search(text)
        if bad:
            raise self.error(
                "bad-character",
                event,
                f"the character U+{ord(bad.group()):04X}",
                "text must not hold control characters or marks that reverse the direction of text",
                "Delete it: such a character cannot be seen and can make text read differently from what it says.",
            )
        self.put(None if plain and text in ("", "~", "null") else text, event)

    def check_plain(self, event: events.ScalarEvent) -> None:
        """Refuse a plain text that YAML cut short at ' #', as in `title: Task #3`."""
        end = event.end_mark
        rest = self.rows[end.line][end.column :] if end and end.line < len(self.rows) else ""
        if event.value and re.match(r" +#[^\s#]", rest):
            raise self.error(
                "hidden-comment",
                event,
                quoted(rest.strip()),
                "YAML reads ' #' as the start of a comment and drops the rest of the line",
                "Put the whole text in quotes, or write a space after # if a comment is meant.",
            )

    def take_key(self, text: str, event: events.ScalarEvent) -> None:
        parent = cast(dict[str, Plain], self.open[-1])
        if text == "<<":
            raise self.error(
                "yaml-alias",
                event,
                quoted(text),
                "anchors (&) and aliases (*) are not used here",
                "Write the keys out.",
            )
        if not text or _FORBIDDEN.search(text):
            raise self.key_error(event, quoted(text))
        if text in parent:
            first = self.lines[(*self.path, text)]
            raise self.error(
                "duplicate-key",
                event,
                f"the key {quoted(text)} again",
                f"it was given on line {first} already",
                "Keep one of the two.",
            )
        parent[text] = None
        self.lines[(*self.path, text)] = self.line(event)
        self.key[-1] = text

    def key_error(self, event: yaml.Event, found: str) -> KsbtrackError:
        return self.error("yaml-key", event, found, "a key is a word", "Write a word before the colon.")

    def put(self, value: Plain, event: yaml.Event) -> None:
        if not self.open:
            self.root.append(value)
            self.lines[()] = self.line(event)
            return
        parent = self.open[-1]
        if isinstance(parent, list):
            self.lines[(*self.path, len(parent))] = self.line(event)
            parent.append(value)
        else:
            key = cast(str, self.key[-1])
            parent[key] = value
            self.key[-1] = None

    def start(self, event: events.CollectionStartEvent) -> None:
        self.check_node(event)
        if len(self.open) >= MAX_DEPTH:
            raise KsbtrackError(self.too_deep(self.line(event)))
        if self.open and isinstance(self.open[-1], dict) and self.key[-1] is None:
            raise self.key_error(event, "a list or a mapping as a key")
        value: dict[str, Plain] | list[Plain] = {} if isinstance(event, events.MappingStartEvent) else []
        step: str | int | None = None
        if self.open:
            parent = self.open[-1]
            step = len(parent) if isinstance(parent, list) else self.key[-1]
        self.put(value, event)
        if step is not None:
            self.path.append(step)
        self.open.append(value)
        self.key.append(None)

    def end(self) -> None:
        self.open.pop()
        self.key.pop()
        if self.open:
            self.path.pop()

    def too_deep(self, line: int) -> Problem:
        return Problem(
            "yaml-too-deep",
            Source(self.file, line),
            f"more than {MAX_DEPTH} levels of nesting",
            "no real file is so deep",
            "Look for a stray '[', '{' or '- '.",
        )

    def finished(self) -> YamlText:
        if not self.root or self.root[0] is None:
            raise KsbtrackError(
                Problem(
                    "empty-file",
                    Source(self.file, self.offset),
                    "nothing but white space and comments",
                    "the file must say something",
                    "Restore it, or delete it if it is not needed.",
                )
            )
        return YamlText(self.file, self.root[0], self.lines)


_FRIENDLY: tuple[tuple[str, str], ...] = (
    ("cannot start any token", "Put the text in quotes: YAML does not let it begin with that character."),
    (
        "mapping values are not allowed",
        "Put the text in quotes: a colon and a space inside it look like a new key.",
    ),
    ("did not find expected key", "Check the indentation and the quotes of this line and the one before it."),
    ("could not find expected ':'", "Write 'key: text', or indent the line as part of the text above it."),
    (
        "did not find expected",
        "Check the brackets, quotes and indentation of this line and the one before it.",
    ),
    ("found unexpected end of stream", "Close the quotes or brackets that are still open."),
)


def _syntax_problem(error: yaml.YAMLError, file: str, first_line: int, text: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    reason = str(getattr(error, "problem", None) or error).split("\n")[0]
    number = int(mark.line) if mark else 0
    rows = text.split("\n")
    row = rows[number] if number < len(rows) else ""
    if row[: len(row) - len(row.lstrip())].count("\t"):
        fix = "Indent with spaces: YAML does not allow tabs there."
    else:
        fix = next(
            (advice for words, advice in _FRIENDLY if words in reason),
            "Check this line and the one before it.",
        )
    return Problem(
        "bad-yaml",
        Source(file, number + first_line),
        quoted(row.strip()),
        f"YAML cannot read it ({reason})",
        fix,
    )
