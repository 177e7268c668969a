"""Changes to YAML that a person wrote, in which every other character stays as it is.

A file is not written anew from its values: comments, quotes, indentation and empty lines are the author's. The parser
says where each value begins and ends; the new text takes the place of exactly that, or stands on a line of its own.
Such a line never parts a value from the remarks that belong to it: what a remark proposes can still be used afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from ksbtrack.formats.yaml_text import in_quotes, scalar

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BREAK = re.compile(r"\r\n|\r|\n")
_REMARK = re.compile(r"( *)#( *)(.*)")
_INDENT = "  "

Tree = str | date | Sequence["Tree"] | Mapping[str, "Tree"]
"""What can be written: text, a day, a list or a mapping of these."""
Place = tuple[str | int, ...]


class Edit(NamedTuple):
    """One change: the characters from `start` to before `end` make place for `text`."""

    start: int
    end: int
    text: str


class Remark(NamedTuple):
    """A line that is a remark: where its words would begin if they were none, the words, and where the line ends."""

    column: int
    words: str
    end: int


def with_keys(text: str, path: Place, values: Mapping[str, str | date | None]) -> str:
    """Give a YAML text in which a mapping has other values for some keys; a mapping that is not there is made.

    Args:
        text: a YAML text that our reader takes, with any kind of line ends.
        path: keys and indexes that lead to the mapping.
        values: by key, in the order in which new ones are written; None takes a key out.
    """
    for key in [key for key, value in values.items() if value is None]:
        above = _at(text, path)
        if isinstance(above, MappingNode):
            text = _applied(text, _removals(text, above, key))
    found = _at(text, path)
    kept = {key: value for key, value in values.items() if value is not None}
    if isinstance(found, MappingNode):
        return _applied(text, _settings(text, found, kept))
    return _with_part(text, path, kept)


def with_entry(text: str, path: Place, entry: Mapping[str, Tree]) -> str:
    """Give a YAML text in which a list has one more entry at its end; a list that is not there is made.

    Args:
        text: see `with_keys`.
        path: keys that lead to the list.
        entry: the entry, written in the manner of the one before it.
    """
    return with_entries(text, path, (entry,))


def with_entries(text: str, path: Place, entries: Sequence[str | Mapping[str, Tree]]) -> str:
    """Give a YAML text in which a list has more entries at its end; a list that is not there is made.

    Args:
        text: see `with_keys`.
        path: keys that lead to the list.
        entries: mappings, each written in the manner of the last entry so far, and texts.
    """
    found = _at(text, path)
    if not isinstance(found, SequenceNode) or not found.value:
        text = _with_part(text, path, tuple(entries[:1]))
        return with_entries(text, path, entries[1:]) if len(entries) > 1 else text
    last = found.value[-1]
    if found.flow_style:
        return _applied(text, [Edit(*_after(last), "".join(f", {in_flow(entry)}" for entry in entries))])
    start = " " * found.start_mark.column
    is_block = isinstance(last, MappingNode | SequenceNode) and not last.flow_style
    lines: list[str] = []
    for entry in entries:
        if is_block and not isinstance(entry, str):
            lines += _entry_lines(entry, start)
        else:
            lines.append(f"{start}- {in_flow(entry)}")
    return _applied(text, [_new_lines(text, _behind_remarks(text, last, len(start)), lines)])


def with_value(text: str, path: Place, value: Tree) -> str:
    """Give a YAML text in which another value stands, on one line, in the place of one that is there.

    Args:
        text: see `with_keys`.
        path: keys and indexes that lead to the value, which is a text or stands between braces.
        value: the new value.
    """
    found = _at(text, path)
    if found is None:
        raise ValueError("a value is wanted at the path")
    return _applied(text, [Edit(found.start_mark.index, _end(found), in_flow(value))])


def _with_part(text: str, path: Place, value: Tree) -> str:
    """Give the text with a value at a path where nothing stands, in the nearest mapping that is there."""
    for depth in range(len(path) - 1, -1, -1):
        key = path[depth]
        above = _at(text, path[:depth])
        if isinstance(above, MappingNode) and isinstance(key, str):
            return _applied(text, _settings(text, above, {key: value}))
        value = {key: value} if isinstance(key, str) else (value,)
    raise ValueError("a mapping is wanted at the top of the text")


def _at(text: str, path: Place) -> Node | None:
    """Give the node at a path; None where there is none."""
    node: Node | None = yaml.compose(text, Loader=_LOADER)
    for step in path:
        if isinstance(node, MappingNode):
            node = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            return None
    return node


def _applied(text: str, edits: Sequence[Edit]) -> str:
    parts, done = [], 0
    for edit in sorted(edits, key=lambda edit: edit.start):
        parts += [text[done : edit.start], edit.text]
        done = edit.end
    return "".join([*parts, text[done:]])


def _end(node: Node) -> int:
    """Give the offset behind the last character of a node's own text; the parser's end of a block is further on."""
    return int(_last_in(node).end_mark.index)


def _last_in(node: Node) -> Node:
    """Give the last node in a block, at any depth, that is no block itself."""
    while isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]
    return node


def _after(node: Node) -> tuple[int, int]:
    return _end(node), _end(node)


def _line_end(text: str, node: Node) -> int:
    """Give the offset of the end of the line on which a node ends, before the line break."""
    last = _last_in(node)
    end = _end(last)
    if isinstance(last, ScalarNode) and last.style in ("|", ">"):
        # Such a text ends behind its line break and the empty lines after it, which belong to it only after a plus.
        before = text[:end].rstrip(" ")
        keeps_empty_lines = "+" in text[last.start_mark.index : last.start_mark.index + 3]
        return len(before) - len(line_break_at_end(before)) if keeps_empty_lines else len(before.rstrip("\r\n"))
    found = _BREAK.search(text, end)
    return found.start() if found else len(text)


def line_break_at_end(text: str) -> str:
    """Give the line break with which a text ends; nothing if it ends with another character."""
    return next((mark for mark in ("\r\n", "\n", "\r") if text.endswith(mark)), "")


def _break_of(text: str) -> str:
    """Give the kind of line break that a text has."""
    found = _BREAK.search(text)
    return found.group() if found else "\n"


def _new_lines(text: str, end: int, lines: Sequence[str]) -> Edit:
    """Give the change that puts lines behind the one that ends at an offset."""
    mark = _break_of(text)
    return Edit(end, end, "".join(f"{mark}{line}" for line in lines))


def _remarks(text: str, end: int) -> Iterator[Remark]:
    """Yield the remarks on the lines that follow an offset, up to the first line that is neither remark nor empty."""
    while found := _BREAK.match(text, end):
        start = found.end()
        following = _BREAK.search(text, start)
        end = following.start() if following else len(text)
        line = text[start:end]
        remark = _REMARK.fullmatch(line)
        if remark:
            # One space after the sign is part of the manner of writing remarks.
            yield Remark(len(remark[1]) + max(len(remark[2]) - 1, 0), remark[3], end)
        elif line.strip():
            return


def _behind_remarks(text: str, node: Node, column: int) -> int:
    """Give the offset of the end of a node's last line, or of the last remark after it that is set in further."""
    end = _line_end(text, node)
    for remark in _remarks(text, end):
        if remark.column <= column:
            break
        end = remark.end
    return end


def _remark_about(text: str, end: int, key: str, column: int) -> Remark | None:
    """Give the remark after an offset that proposes a key where the keys of a mapping begin in a column, if any."""
    for remark in _remarks(text, end):
        if remark.column < column:
            return None
        if remark.column == column and re.match(rf"{re.escape(key)}:(?!\S)", remark.words):
            return remark
    return None


def _placed(text: str, end: int, key: str, value: Tree, column: int) -> list[Edit]:
    """Give the changes that write a key behind an offset, and each part of its value behind the remark about it."""
    if not isinstance(value, Mapping):
        return [_new_lines(text, end, _lines(key, value, " " * column))]
    inner = column + len(_INDENT)
    edits, plain = [], [f"{' ' * column}{key}:"]
    for name, part in value.items():
        if remark := _remark_about(text, end, name, inner):
            edits += _placed(text, remark.end, name, part, inner)
        else:
            plain += _lines(name, part, " " * inner)
    return [_new_lines(text, end, plain), *edits]


def _settings(text: str, mapping: MappingNode, values: Mapping[str, Tree]) -> list[Edit]:
    """Give the changes that set keys of a mapping: in their place if it has them, else behind its last one.

    A new key whose name a remark proposes stands behind that remark, so that its other remarks are about it.
    """
    present = {key.value: (key, value) for key, value in mapping.value}
    edits = [
        edit
        for key, value in values.items()
        if key in present
        for edit in _set(text, mapping, present[key][0], present[key][1], value)
    ]
    new = {key: value for key, value in values.items() if key not in present}
    if not new:
        return edits
    if not mapping.value:
        inside = mapping.start_mark.index + 1
        return [Edit(inside, mapping.end_mark.index - 1, in_flow(new)[1:-1])]
    last = mapping.value[-1][1]
    if mapping.flow_style:
        return [*edits, Edit(*_after(last), "".join(f", {key}: {in_flow(value)}" for key, value in new.items()))]
    column = mapping.value[0][0].start_mark.column
    ends = [_line_end(text, value) for _, value in mapping.value]
    lines = []
    for key, value in new.items():
        remark = next(filter(None, (_remark_about(text, end, key, column) for end in ends)), None)
        if remark:
            edits += _placed(text, remark.end, key, value, column)
        else:
            lines += _lines(key, value, " " * column)
    return [*edits, _new_lines(text, _behind_remarks(text, last, column), lines)]


def _set(text: str, mapping: MappingNode, key: Node, old: Node, value: Tree) -> Iterator[Edit]:
    """Yield the change that gives a key another value."""
    start, end = old.start_mark.index, old.end_mark.index
    if isinstance(value, str | date):
        if old.value == (value if isinstance(value, str) else value.isoformat()):
            return
        new = _in_manner_of(old, value, is_in_flow=bool(mapping.flow_style))
        if isinstance(old, ScalarNode) and old.style in ("|", ">"):
            end = _line_end(text, old)
        yield Edit(start, end, new if start == 0 or text[start - 1] in " \t" else f" {new}")
    elif start == end and not mapping.flow_style:
        lines = _lines(key.value, value, " " * key.start_mark.column)
        yield (
            _new_lines(text, _line_end(text, old), lines[1:])
            if len(lines) > 1
            else Edit(start, end, f" {in_flow(value)}")
        )
    else:
        yield Edit(start, end, f" {in_flow(value)}" if start == end else in_flow(value))


def _in_manner_of(old: Node, value: str | date, *, is_in_flow: bool) -> str:
    """Give a scalar in the kind of quotes that the old one has."""
    text = value if isinstance(value, str) else value.isoformat()
    style = old.style if isinstance(old, ScalarNode) else None
    if style == '"':
        return in_quotes(text)
    if style == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return in_flow(value) if is_in_flow else scalar(value)


def _removals(text: str, mapping: MappingNode, name: str) -> list[Edit]:
    """Give the change that takes a key out of a mapping, with its lines or its comma; none if it is not there."""
    places = [place for place, (key, _) in enumerate(mapping.value) if key.value == name]
    if not places:
        return []
    place = places[0]
    key, value = mapping.value[place]
    start = key.start_mark.index
    line_start = start - key.start_mark.column
    if mapping.flow_style and len(mapping.value) == 1:
        return [Edit(mapping.start_mark.index + 1, mapping.end_mark.index - 1, "")]
    if not mapping.flow_style and not text[line_start:start].strip(" "):
        end = _line_end(text, value)
        found = _BREAK.match(text, end)
        return [Edit(line_start, found.end() if found else end, "")]
    if place < len(mapping.value) - 1:
        return [Edit(start, mapping.value[place + 1][0].start_mark.index, "")]
    return [Edit(_end(mapping.value[place - 1][1]) if place else start, _end(value), "")]


def in_flow(value: Tree) -> str:
    """Give a value on one line, as it stands between braces."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {in_flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, str):
        text = scalar(value)
        return in_quotes(value) if "," in text and text == value else text
    if isinstance(value, date):
        return scalar(value)
    return "[" + ", ".join(map(in_flow, value)) + "]"


def _lines(key: str, value: Tree, indent: str) -> list[str]:
    """Give a key and its value on lines of their own; a list of plain texts stays on one."""
    if isinstance(value, Mapping):
        return [f"{indent}{key}:", *(line for name in value for line in _lines(name, value[name], indent + _INDENT))]
    if isinstance(value, str | date):
        return [f"{indent}{key}: {scalar(value)}"]
    entries = [entry for entry in value if isinstance(entry, Mapping)]
    if not entries:
        return [f"{indent}{key}: {in_flow(value)}"]
    return [f"{indent}{key}:", *(line for entry in entries for line in _entry_lines(entry, indent + _INDENT))]


def _entry_lines(entry: Mapping[str, Tree], indent: str) -> list[str]:
    """Give a mapping as an entry of a list, with a line for each key."""
    inner = indent + _INDENT
    lines = [line for key, value in entry.items() for line in _lines(key, value, inner)]
    return [f"{indent}- {lines[0].removeprefix(inner)}", *lines[1:]]
