"""YAML in, plain text with line numbers out.

One pass over libyaml's events. Every scalar stays the text its author wrote (`1.10`, `no` and `010` are words); the
models give types. What could make a file mean something else than it seems to mean is refused: anchors and aliases,
tags, a key given twice, a second document.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

import yaml
from yaml import events

from ksbtrack.problems import KsbtrackError, Problem, Source, quoted
from ksbtrack.yamlsyntax import syntax_problem

MAX_BYTES = 1_048_576
"""Bytes in one YAML file. The longest real standard is under 150 kB; a portfolio of 1,000 pieces is many files."""
MAX_DEPTH = 16
"""Levels of nesting. The deepest file of ours has 7; libyaml itself slows down by the square of the depth."""
MAX_NODES = 50_000
"""Keys, values and lists in one file: ten times what a standard of 150 statements with its duties needs."""
MAX_MARKS = 30
"""Accents on one letter, as in Unicode's stream-safe text; more are never language, and slow to set."""
Plain = Any
"""str, None, a list of these or a dict from str to these. (Any, since mypy has no useful recursive type here.)"""
Path = tuple[str | int, ...]

_KEY = "a key is a word"
_WRITE_KEY = "Write a word before the colon."
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Control characters; NEL, LS and PS, which are line breaks to YAML but not to editors; marks that turn the direction of
# text around; what is no character at all.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)
_OTHER_ENCODINGS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))
_FOREIGN_RUN = re.compile(f"[^\x00-\u02ff]{{{MAX_MARKS + 1},}}")


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

    def at(self, path: Path) -> Plain:
        """Give the part at a path of keys and indexes; None where the file has nothing there, or something else."""
        part = self.value
        for step in path:
            if isinstance(part, dict):
                part = part.get(step)
            elif isinstance(part, list) and isinstance(step, int) and step < len(part):
                part = part[step]
            else:
                return None
        return part

    def texts(self, *path: str | int) -> list[tuple[int, str]]:
        """Give the texts of the list at a path with their indexes; nothing where there is no list."""
        part = self.at(path)
        entries = part if isinstance(part, list) else []
        return [(index, entry) for index, entry in enumerate(entries) if isinstance(entry, str)]


def decode(raw: bytes, file: str) -> str:
    """Give the text of a file: UTF-8, without byte order mark, with line feeds only.

    Args:
        raw: the file's bytes.
        file: the path for messages.

    Raises:
        KsbtrackError: `not-utf-8`, `bad-character`, `too-many-accents`.
    """
    for mark, encoding in _OTHER_ENCODINGS:
        if raw.startswith(mark):
            raise KsbtrackError(_not_utf_8(file, 1, f"text in {encoding}"))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise KsbtrackError(_not_utf_8(file, line, f"the byte 0x{raw[error.start]:02X}")) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    problem = bad_character(text, lambda offset: Source(file, text.count("\n", 0, offset) + 1))
    if problem:
        raise KsbtrackError(problem)
    return text


def _not_utf_8(file: str, line: int, found: str) -> Problem:
    return Problem(
        "not-utf-8",
        Source(file, line),
        found,
        "the file must be text in UTF-8",
        "Save it again with the encoding UTF-8; a spreadsheet calls that 'CSV UTF-8'.",
    )


def bad_character(text: str, place: Callable[[int], Source]) -> Problem | None:
    """Give the problem of the first character that cannot stay.

    Args:
        text: what may hold it.
        place: gives the source of an offset in it.
    """
    bad = _FORBIDDEN.search(text)
    if bad:
        return Problem(
            "bad-character",
            place(bad.start()),
            f"the character U+{ord(bad.group()):04X}",
            "text must not hold control characters, other line breaks, or marks that reverse the direction of text",
            "Delete it: such a character cannot be seen and can make text read differently from what it says.",
        )
    offset = _heap_of_marks(text)
    if offset is None:
        return None
    return Problem(
        "too-many-accents",
        place(offset),
        f"more than {MAX_MARKS} accents on one letter",
        "no language has so many",
        "Delete them; such text is made to break whatever shows it.",
    )


def _heap_of_marks(text: str) -> int | None:
    """Give the offset of a letter's first mark too many; None if there is none."""
    for run in _FOREIGN_RUN.finditer(text):
        count = 0
        for offset in range(*run.span()):
            count = count + 1 if unicodedata.category(text[offset]) in ("Mn", "Me") else 0
            if count > MAX_MARKS:
                return offset
    return None


def without_forbidden(text: str) -> str:
    """Give text of another format without the characters and the heaps of accents that no file of ours may hold."""
    kept = _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if _heap_of_marks(kept) is None:
        return kept
    letters, count = [], 0
    for character in kept:
        count = count + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if count <= MAX_MARKS:
            letters.append(character)
    return "".join(letters)


def parse_yaml(text: str, file: str, first_line: int = 1) -> YamlText:
    """Give the plain value of a YAML text.

    Args:
        text: what `decode` returned.
        file: the path for messages.
        first_line: the line of the file on which `text` begins.

    Raises:
        KsbtrackError: with every problem up to the first place where YAML cannot be read on: `file-too-large`,
            `bad-yaml`, `duplicate-key`, `yaml-alias`, `yaml-tag`, `yaml-key`, `yaml-documents`, `yaml-too-deep`,
            `yaml-too-many`, `empty-file`, `hidden-comment`, `bad-character`, `too-many-accents`.
    """
    if len(text) > MAX_BYTES:
        raise KsbtrackError(too_large(file, len(text), MAX_BYTES))
    builder = _Builder(file, first_line, text)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        raise KsbtrackError(*builder.problems, syntax_problem(error, file, first_line, builder.rows)) from error
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


def empty_file(source: Source) -> Problem:
    """Give the problem of a file, or of the front matter of one, in which nothing is said."""
    return Problem(
        "empty-file",
        source,
        "nothing but white space and comments",
        "the file must say something",
        "Restore it, or delete it if it is not needed.",
    )


class _Builder:
    """The value under construction: a stack of open lists and dicts, fed with events.

    A fault after which the file can be read on is noted; one that makes the rest meaningless is raised.
    """

    def __init__(self, file: str, first_line: int, text: str) -> None:
        self.file = file
        self.offset = first_line
        self.rows = text.split("\n")
        self.problems: list[Problem] = []
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
            self.note_alias(event, f"*{event.anchor}")
            self.put_or_take_key(None, f"*{event.anchor}", event)
        elif isinstance(event, events.DocumentStartEvent):
            self.document(event)

    def document(self, event: events.DocumentStartEvent) -> None:
        self.documents += 1
        if event.tags:
            self.note_tag(event, "%TAG")
        if self.documents > 1:
            self.stop(
                "yaml-documents",
                event,
                "a second document ('---')",
                "a file holds one document",
                "Put the second one into a file of its own.",
            )

    def line(self, event: yaml.Event) -> int:
        mark = event.start_mark
        return self.offset + (int(mark.line) if mark else 0)

    def note(self, code: str, event: yaml.Event, found: str, expected: str, fix: str) -> None:
        self.problems.append(Problem(code, Source(self.file, self.line(event)), found, expected, fix))

    def stop(self, code: str, event: yaml.Event, found: str, expected: str, fix: str) -> NoReturn:
        self.note(code, event, found, expected, fix)
        raise KsbtrackError(*self.problems)

    def note_alias(self, event: yaml.Event, found: str) -> None:
        self.note(
            "yaml-alias",
            event,
            quoted(found),
            "anchors (&), aliases (*) and merge keys (<<) are not used here",
            "Write the text out, or put it in quotes if it should begin with that sign.",
        )

    def note_tag(self, event: yaml.Event, found: str) -> None:
        self.note(
            "yaml-tag",
            event,
            quoted(found),
            "tags (!) are not used here",
            "Delete it, or put the text in quotes if it should begin with '!'.",
        )

    def check_node(self, event: events.ScalarEvent | events.CollectionStartEvent) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.stop(
                "yaml-too-many",
                event,
                f"more than {MAX_NODES:,} values",
                "no real file has so many",
                "Split the file.",
            )
        if event.anchor:
            self.note_alias(event, f"&{event.anchor}")
        if event.tag is not None:
            self.note_tag(event, str(event.tag).replace("tag:yaml.org,2002:", "!!"))

    def scalar(self, event: events.ScalarEvent) -> None:
        self.check_node(event)
        text = str(event.value)
        plain = not event.style
        if plain:
            self.check_plain(event)
        elif event.style == '"':
            # Only double quotes can bring in what `decode` has not seen, as in "\\u0007".
            problem = bad_character(text, lambda _: Source(self.file, self.line(event)))
            if problem:
                self.problems.append(problem)
        self.put_or_take_key(None if plain and text in ("", "~", "null") else text, text, event)

    def check_plain(self, event: events.ScalarEvent) -> None:
        """Find a plain text that YAML cut short at ' #', as in `title: Task #3` or `title: #3`."""
        end = event.end_mark
        rest = self.rows[end.line][end.column :] if end and end.line < len(self.rows) else ""
        if re.match(r" +#[^\s#]", rest):
            self.note(
                "hidden-comment",
                event,
                quoted(rest.strip()),
                "YAML reads ' #' as the start of a comment and drops the rest of the line",
                "Put the whole text in quotes, or write a space after # if a comment is meant.",
            )

    def waits_for_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1], dict) and self.key[-1] is None

    def put_or_take_key(self, value: Plain, text: str, event: yaml.Event) -> None:
        if self.waits_for_key():
            self.take_key(text, event)
        else:
            self.put(value, event)

    def take_key(self, text: str, event: yaml.Event) -> None:
        parent = cast(dict[str, Plain], self.open[-1])
        if text == "<<":
            self.note_alias(event, text)
        elif not text:
            self.note("yaml-key", event, quoted(text), _KEY, _WRITE_KEY)
        if text in parent:
            self.note(
                "duplicate-key",
                event,
                f"the key {quoted(text)} again",
                f"it was given on line {self.lines[(*self.path, text)]} already",
                "Keep one of the two.",
            )
        parent[text] = None
        self.lines[(*self.path, text)] = self.line(event)
        self.key[-1] = text

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
            self.stop(
                "yaml-too-deep",
                event,
                f"more than {MAX_DEPTH} levels of nesting",
                "no real file is so deep",
                "Look for a stray '[', '{' or '- '.",
            )
        if self.waits_for_key():
            self.stop("yaml-key", event, "a list or a mapping as a key", _KEY, _WRITE_KEY)
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

    def finished(self) -> YamlText:
        if not self.root or self.root[0] is None:
            self.problems.append(empty_file(Source(self.file, self.offset)))
        if self.problems:
            raise KsbtrackError(*self.problems)
        return YamlText(self.file, self.root[0], self.lines)
