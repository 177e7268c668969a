"""Moodle's CSV of competency frameworks, as Moodle exports it and as people make it in a spreadsheet."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ksbtrack.files.opening import read_whole_file
from ksbtrack.formats.drafts import other_format, standard_of
from ksbtrack.formats.framework_names import identity_in, kind_and_prefix
from ksbtrack.formats.html_text import MAX_HTML, text_of, with_name
from ksbtrack.formats.json_records import MAX_RECORD_BYTES
from ksbtrack.formats.moodle import COLUMNS, DUTIES, DUTY, OPTION, OPTIONAL_DUTY, OPTIONS, SCALE
from ksbtrack.formats.php_csv import CsvRow, csv_rows, decoded_csv
from ksbtrack.models.drafting import Draft, Role, TreeItem
from ksbtrack.models.importing import Given, Imported, ImportNote, NoteKind
from ksbtrack.models.values import listed
from ksbtrack.problems import KsbtrackError, Source, quoted
from ksbtrack.yamlfile import empty_file

_PLAIN_FORMATS = ("2", "4")
"""Of descriptions: plain text and Markdown; the others are HTML."""
_NOT_IN_HEADINGS = re.compile(r"\(optional\)|[^a-z]")
_OWN_NUMBER = re.compile(r"[0-9]+")
_NEEDED = ("Parent ID number", "ID number", "Short name")


def looks_like_moodle(head: bytes) -> bool:
    """Say whether a text begins with the headings of a Moodle competency framework."""
    first = head.decode("utf-8", "replace").lstrip("\ufeff").lstrip().partition("\n")[0]
    folded = _folded(first)
    return all(_folded(name) in folded for name in (*_NEEDED, "Is framework"))


def _folded(heading: str) -> str:
    return _NOT_IN_HEADINGS.sub("", heading.casefold())


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row: its cells by the headings of `COLUMNS`, and its place."""

    cells: dict[str, str]
    where: str

    def cell(self, heading: str) -> str:
        return self.cells.get(heading, "")

    @property
    def is_framework(self) -> bool:
        return self.cell("Is framework").casefold() in ("1", "true", "yes")

    @property
    def name(self) -> str:
        return html.unescape(self.cell("Short name"))


def read_moodle(path: Path, given: Given) -> Iterator[Imported]:
    """Yield the framework of a file.

    Args:
        path: the file.
        given: what the framework's ID number, such as `ST0148@1.0`, does not say.

    Raises:
        KsbtrackError: `bad-csv`, `not-utf-8`, `empty-file`, `unknown-format`, `file-too-large`, or that the file is not
            there.
    """
    shown = path.as_posix()
    notes: list[ImportNote] = []
    rows = csv_rows(decoded_csv(read_whole_file(path, shown, MAX_RECORD_BYTES), shown, notes), shown)
    if not rows:
        raise KsbtrackError(empty_file(Source(shown, 1)))
    entries = list(_entries(rows, shown, notes))
    yield standard_of(_draft(entries, notes), given)


def _entries(rows: Sequence[CsvRow], shown: str, notes: list[ImportNote]) -> Iterator[_Entry]:
    heads, *others = rows
    columns = _columns(heads.cells, shown)
    for row in others:
        cells = {heading: row.cells[index] for heading, index in columns.items() if index < len(row.cells)}
        yield _Entry(cells, f"line {row.line}")
        if len(row.cells) > len(heads.cells):
            what = "More cells than columns; the last ones were not read."
            notes.append(ImportNote(NoteKind.UNREAD, f"line {row.line}", what))
    for index, heading in enumerate(heads.cells):
        if index not in columns.values() and heading:
            notes.append(ImportNote(NoteKind.UNREAD, f"line {heads.line}", f"The column {quoted(heading)}."))


def _columns(heads: Sequence[str], shown: str) -> dict[str, int]:
    """Give the place of each column by its heading; by its place where the headings are in another language.

    Raises:
        KsbtrackError: `unknown-format`.
    """
    known = {_folded(name): name for name in COLUMNS}
    found = {known[_folded(cell)]: index for index, cell in reversed(list(enumerate(heads))) if _folded(cell) in known}
    missing = [name for name in _NEEDED if name not in found]
    if not missing:
        return found
    if len(heads) == len(COLUMNS):
        return {name: index for index, name in enumerate(COLUMNS)}
    found_words = f"no column {listed(quoted(name) for name in missing)}"
    expected = f"a competency framework of Moodle has the columns {', '.join(COLUMNS)}"
    raise other_format(shown, found_words, expected)


def _draft(entries: Sequence[_Entry], notes: list[ImportNote]) -> Draft:
    frameworks = [entry for entry in entries if entry.is_framework]
    framework = frameworks[0] if frameworks else None
    for other in frameworks[1:]:
        notes.append(ImportNote(NoteKind.UNUSABLE, other.where, "A second framework in one file was not taken."))
    if framework is None:
        notes.append(ImportNote(NoteKind.UNKNOWN, "", "No row is the framework itself, so nothing says its name."))
    own = framework.cell("ID number") if framework else ""
    reference, version = identity_in(own)
    description = _description(framework, notes) if framework else ""
    if framework and framework.cell("Scale values") not in ("", SCALE):
        what = f"The scale {quoted(framework.cell('Scale values'))}."
        notes.append(ImportNote(NoteKind.UNREAD, framework.where, what))
    items = _items([entry for entry in entries if not entry.is_framework], own, notes)
    return Draft(
        title=framework.name if framework else "",
        items=tuple(_linked(items, notes)),
        reference=reference,
        version=version,
        attribution=description if reference else "",
        remarks=() if reference else (("Description", description),),
        source=f"Moodle competency framework {quoted(own)}",
        notes=tuple(notes),
    )


def _items(entries: Sequence[_Entry], framework: str, notes: list[ImportNote]) -> list[TreeItem]:
    parents = {entry.cell("Parent ID number") for entry in entries}
    known: set[str] = set()
    items: list[TreeItem] = []
    for entry in entries:
        own, parent = entry.cell("ID number"), entry.cell("Parent ID number")
        if not own or own in known:
            what = "An ID number that another row has already." if own else "A row without an ID number."
            notes.append(ImportNote(NoteKind.REPAIRED, entry.where, what))
        # No ID number of a file has a line break, so this is nobody else's.
        name = own if own and own not in known else f"\n{entry.where}"
        known.add(name)
        item = _item(entry, name, "" if parent == framework else parent, name in parents, notes)
        items.append(replace(item, sequence=len(items)))
    return items


def _item(entry: _Entry, name: str, parent: str, is_heading: bool, notes: list[ImportNote]) -> TreeItem:
    description = _description(entry, notes)
    own = entry.cell("ID number")
    role, code = _role(own, parent)
    kind, prefix = kind_and_prefix(own) if is_heading else (None, "")
    for heading in ("Rule type (optional)", "Scale values"):
        if entry.cell(heading):
            notes.append(ImportNote(NoteKind.UNREAD, entry.where, f"The {heading.partition(' (')[0].casefold()}."))
    # A name that is the code again says nothing.
    words = "" if description and entry.name == own else entry.name
    exported = entry.cell("Exported ID (optional)")
    related = entry.cell("Cross-referenced competency ID numbers").split(",")
    return TreeItem(
        id=name,
        where=entry.where,
        text=entry.name if is_heading else with_name(words, description),
        parent=parent,
        code=code,
        kind=kind,
        prefix=prefix,
        note=description if is_heading else "",
        # Moodle's own numbers mean nothing elsewhere.
        guid=None if _OWN_NUMBER.fullmatch(exported) else exported or None,
        links=tuple(link.strip().replace("%2C", ",") for link in related if link.strip()),
        role=role,
        is_core=not own.startswith(OPTIONAL_DUTY),
    )


def _role(own: str, parent: str) -> tuple[Role, str]:
    """Give what a row is, and its code."""
    if not parent and own in (DUTIES, OPTIONS):
        return Role.HEADING, ""
    for start, heading, role in (
        (DUTY, DUTIES, Role.DUTY),
        (OPTIONAL_DUTY, DUTIES, Role.DUTY),
        (OPTION, OPTIONS, Role.OPTION),
    ):
        if parent == heading and own.startswith(start):
            return role, own.removeprefix(start)
    return Role.OF_PLACE, own


def _description(entry: _Entry, notes: list[ImportNote]) -> str:
    markup = entry.cell("Description")
    if entry.cell("Description format") in _PLAIN_FORMATS:
        return markup
    if len(markup) > MAX_HTML:
        what = f"A description of {len(markup):,} characters was not taken; {MAX_HTML:,} fit."
        notes.append(ImportNote(NoteKind.UNUSABLE, entry.where, what))
        return ""
    text, has_more = text_of(markup)
    if has_more:
        notes.append(ImportNote(NoteKind.REPAIRED, entry.where, "HTML became plain text."))
    return text


def _linked(items: Sequence[TreeItem], notes: list[ImportNote]) -> Iterator[TreeItem]:
    """Yield the items with links as a standard has them; Moodle keeps each on both sides."""
    roles = {item.id: item.role for item in items}
    of_duties: dict[str, list[str]] = {}
    for item in items:
        for link in item.links:
            if roles.get(link) is Role.DUTY and item.role is not Role.DUTY:
                of_duties.setdefault(link, []).append(item.id)
    for item in items:
        if item.role is Role.DUTY:
            links = dict.fromkeys((*item.links, *of_duties.get(item.id, ())))
            yield replace(item, links=tuple(links))
        else:
            yield replace(item, links=tuple(link for link in item.links if roles.get(link) is not Role.DUTY))
