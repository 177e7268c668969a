"""Tables of statements, as people keep them in spreadsheets: CSV, TSV and XLSX, with or without headings we know."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ksbtrack.formats.delimited_text import read_delimited
from ksbtrack.formats.framework_names import KIND_NAMES
from ksbtrack.formats.loading_back import loads_back
from ksbtrack.formats.sheets import find_headings, read_sheets
from ksbtrack.formats.source_record import (
    FAMILIES,
    Family,
    SourceDuty,
    SourceRecord,
    SourceStatement,
    code_in,
    imported,
)
from ksbtrack.formats.source_text import clean_line, clean_prose
from ksbtrack.formats.stated import fact, stated, told_nature_of, version_in
from ksbtrack.formats.statement_kinds import PREFIXES, is_duty, prefix_of, unique_in_order
from ksbtrack.formats.statement_rows import Entry, entries_of, kind_named
from ksbtrack.models.importing import Given, Imported, ImportNote, NoteKind
from ksbtrack.models.sheets import Sheet, Sheets
from ksbtrack.models.standard import Method, Standard
from ksbtrack.models.values import MAX_NAME, Known, listed, natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source

NOT_KNOWN = "The table names the method and does not say what happens in it."
"""The form of a method of which a table has only the name."""

_LABELS = {
    "reference": ("reference", "standard reference", "standard code", "ref", "standard"),
    "version": ("version", "standard version", "version number"),
    "title": ("title", "standard title", "name of standard", "standard name", "apprenticeship"),
    "level": ("level",),
}
_REFERENCE = re.compile(r"(?<![A-Za-z0-9])((?:ST|FA|AU)[0-9]{4})(?![0-9])", re.IGNORECASE)
_VERSION = re.compile(
    r"(?:\bversion|(?<![A-Za-z])v|@)[\s_-]*([0-9]{1,3}[.-][0-9]{1,3})(?![0-9])"
    r"|(?<=[0-9]{4}[-_ ])([0-9]{1,3}\.[0-9]{1,3})(?![0-9])",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]{2,2000})[)\]]")
_CODES = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,3}\s?[0-9]{1,3}(?![0-9])")
_BETWEEN_CODES = re.compile(r"[\s,;&/+:]|\band\b|\bKSBs?\b", re.IGNORECASE)
_DUTY_NAMES = re.compile(r"(?:duty|\bd)?\s*([0-9]{1,3})(?![0-9])", re.IGNORECASE)
_SHORT_METHOD = re.compile(r"[A-Za-z]{1,5}\s?[0-9]{0,2}")


def is_statement_table(head: bytes) -> bool:
    """Say whether a file is a workbook, or a text whose first rows are those of a table of statements.

    Args:
        head: its first bytes.
    """
    if head.startswith(b"PK\x03\x04"):
        return b"xl/" in head or b"[Content_Types].xml" in head
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "ignore").encode()
    whole_lines = head[: head.rfind(b"\n") + 1] or head
    try:
        sheets = read_delimited(whole_lines, "")
    except KsbtrackError:
        return False
    return any(True for sheet in sheets.sheets for _ in entries_of(sheet, []))


def read_statement_table(path: Path, given: Given) -> Iterator[Imported]:
    """Yield the standard that the tables of a file hold; sheets that name different standards are one each.

    Args:
        path: CSV, TSV or XLSX.
        given: used where neither the tables nor the file's name say which standard it is.

    Raises:
        KsbtrackError: `not-a-standard`, `not-a-table`, or any other fault of reading.
    """
    sheets = read_sheets(path)
    together = _by_standard(sheets)
    notes: dict[str, list[ImportNote]] = {
        name: list(sheets.notes) if not at else [] for at, name in enumerate(together)
    }
    entries = {name: [e for sheet in found for e in entries_of(sheet, notes[name])] for name, found in together.items()}
    if not any(entries.values()):
        raise KsbtrackError(_no_statements(sheets))
    for name, found in together.items():
        yield _read(entries[name], found, path, given, notes[name])


def _no_statements(sheets: Sheets) -> Problem:
    return Problem(
        "not-a-standard",
        Source(sheets.file),
        "a table without statements",
        "a table of statements has a column of codes such as K1 and a column of texts",
        "Check that it is the right file; name its columns Code and Statement.",
    )


def _by_standard(sheets: Sheets) -> dict[str, list[Sheet]]:
    """Give the sheets by the standard that their names say; all together where not two of them say another."""
    named = {sheet.name: _identity(sheet.name) for sheet in sheets.sheets}
    if len({name for name in named.values() if any(name)}) < 2:  # noqa: PLR2004 - one standard is no choice
        return {"": list(sheets.sheets)}
    together: dict[str, list[Sheet]] = {}
    for sheet in sheets.sheets:
        reference, version = named[sheet.name]
        together.setdefault(f"{reference}@{version}" if reference or version else sheet.name, []).append(sheet)
    return together


def _identity(text: str) -> tuple[str, str]:
    """Give reference and version that stand in a name such as `ST0499 v1.2`; nothing for what does not."""
    reference, version = _REFERENCE.search(text), _VERSION.search(text)
    number = next((group for group in version.groups() if group), "") if version else ""
    return (reference.group(1).upper() if reference else "", version_in(number))


def _read(
    entries: Sequence[Entry], sheets: Sequence[Sheet], path: Path, given: Given, notes: list[ImportNote]
) -> Imported:
    said = _said(sheets)
    for key, value in zip(("reference", "version"), _identity(path.stem), strict=True):
        if value and not said.get(key) and not getattr(given, key):
            said[key] = value
            what = f"The table does not say its {key}; {value} is from the name of the file."
            notes.append(ImportNote(NoteKind.REPAIRED, key, what))
    facts = stated(said, given, notes)
    if facts is None:
        return Imported(path.name, None, tuple(notes))
    gathered = _gathered(entries, notes)
    level = said.get("level", "")
    facts |= told_nature_of(facts["reference"], notes)
    facts |= {
        "level": level or None,
        "sources": (f"A table of statements, {path.name}"[:MAX_NAME],),
        "overview": tuple(_criteria(entries)),
    }
    name = f"{facts['reference']}@{facts['version']}"
    duties = list(_duties(gathered, notes))
    record = SourceRecord(
        name, facts, gathered.statements, duties, (), tuple(notes), Known.NOT_STATED, gathered.families
    )
    found = imported(record)
    if found.standard is None:
        return found
    methods = tuple(_methods(gathered.methods, found.standard))
    return loads_back(Imported(found.name, found.standard.model_copy(update={"methods": methods}), found.notes))


def _said(sheets: Sequence[Sheet]) -> dict[str, str]:
    """Give what rows above tables say of the standard, by label and value or in a title, and the names of tabs."""
    said: dict[str, str] = {}
    for sheet in sheets:
        header = find_headings(sheet)
        above = [row for row in sheet.rows if header and row.number < header[0].number]
        for row in above:
            for index, cell in enumerate(row.cells):
                label, colon, rest = cell.partition(":")
                key = next((key for key, names in _LABELS.items() if label.strip().casefold() in names), "")
                value = rest.strip() if colon and rest.strip() else row.cell(index + 1)
                if key and value and _fits(key, value):
                    said.setdefault(key, value)
        for text in (*(cell for row in above for cell in row.cells), sheet.name):
            for key, value in zip(("reference", "version"), _identity(text), strict=True):
                if value:
                    said.setdefault(key, value)
    return said


def _fits(key: str, value: str) -> bool:
    """Say whether a value is one of what its label promises."""
    patterns = {"reference": r"(?=.*[0-9])[A-Za-z][A-Za-z0-9]{1,11}", "level": "[1-8]"}
    if key == "version":
        return bool(version_in(value))
    return bool(re.fullmatch(patterns.get(key, ".+"), value))


@dataclass(slots=True)
class _Gathered:
    """The rows of a table, sorted.

    Attributes:
        statements: in their order.
        families: of the statements, in their order.
        duties: rows about duties.
        links: for each duty, the statements whose rows name it.
        methods: for each name of a method, the statements whose rows have it.
    """

    statements: list[SourceStatement] = field(default_factory=list)
    families: tuple[Family, ...] = FAMILIES
    duties: list[Entry] = field(default_factory=list)
    links: dict[str, list[str]] = field(default_factory=dict)
    methods: dict[str, list[str]] = field(default_factory=dict)


def _gathered(entries: Sequence[Entry], notes: list[ImportNote]) -> _Gathered:
    gathered = _Gathered()
    of_duties = [entry for entry in entries if is_duty(entry.code, entry.kind)]
    others = [entry for entry in entries if not is_duty(entry.code, entry.kind)]
    # In a role profile duties are what is shown; beside knowledge, skills and behaviours they are what these map to.
    gathered.duties = of_duties if any(code_prefix(entry.code) in PREFIXES for entry in others) else []
    statements: list[SourceStatement] = []
    own: dict[str, Family] = {}
    known = _known_methods(entries)
    for entry in others if gathered.duties else entries:
        family = _family(entry, notes)
        if family is None:
            continue
        family = own.setdefault(family.prefix, family)
        heading = "" if entry.heading == family.title else entry.heading
        statements.append(SourceStatement(family.prefix, entry.code, entry.text, entry.where, entry.guid, heading))
        for method in _parts(entry.methods, known):
            gathered.methods.setdefault(method, []).append(entry.code)
        for duty in _DUTY_NAMES.findall(entry.duties):
            gathered.links.setdefault(f"D{duty}", []).append(entry.code)
    gathered.statements = unique_in_order(statements, "table", notes)
    gathered.families = (*FAMILIES, *(family for prefix, family in own.items() if prefix not in PREFIXES))
    return gathered


def _family(entry: Entry, notes: list[ImportNote]) -> Family | None:
    """Give the family of a statement: one of the usual ones, or one of the kind that its row names."""
    prefix, kind = code_prefix(entry.code), kind_named(entry.kind)
    if prefix and prefix not in PREFIXES and kind:
        return Family(prefix, kind, entry.heading or KIND_NAMES[kind])
    usual = prefix_of(entry.code, entry.kind, entry.where, notes)
    return next((family for family in FAMILIES if family.prefix == usual), None)


def code_prefix(code: str) -> str:
    """Give what a code begins with, up to the number that counts: K for K1, G7 for G7.1."""
    letters = re.match("[A-Z]*", code)
    prefix = letters.group() if letters else ""
    return code.partition(".")[0] if "." in code and prefix not in PREFIXES else prefix


def _known_methods(entries: Sequence[Entry]) -> frozenset[str]:
    """Give what stands in cells of methods by itself: what a comma in another cell stands between."""
    return frozenset(part.casefold() for entry in entries for part in _lines(entry.methods) if "," not in part)


def _lines(cell: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;\n|]", cell) if part.strip()]


def _parts(cell: str, known: frozenset[str]) -> list[str]:
    """Give the methods that a cell names.

    A comma can belong to a name, as in "Discussion, underpinned by a portfolio"; it stands between two where both
    stand by themselves in other rows, or are as short as AM1.
    """
    found: list[str] = []
    for line in _lines(cell):
        parts = [part.strip() for part in re.split(r"\s*[,/&+]\s*|\s+and\s+", line) if part.strip()]
        is_list = all(part.casefold() in known or _SHORT_METHOD.fullmatch(part) for part in parts)
        found += parts if is_list else [line]
    return list(dict.fromkeys(found))


def _methods(methods: Mapping[str, Sequence[str]], standard: Standard) -> Iterator[Method]:
    """Yield each method with the statements that it assesses, in the standard's order."""
    together: dict[str, tuple[str, set[str]]] = {}
    for name, named in methods.items():
        cleaned = clean_line(name).text[:MAX_NAME]
        together.setdefault(cleaned.casefold(), (cleaned, set()))[1].update(named)
    used: set[str] = set()
    for position, (title, codes) in enumerate((row for row in together.values() if row[0]), 1):
        own_id = re.sub(r"[^a-z0-9]+", "_", title.casefold()).strip("_")[:40].rstrip("_")
        if not own_id[:1].isalpha() or own_id in used:
            own_id = f"method_{position}"
        used.add(own_id)
        assessed = tuple(item.code for item in standard.competencies if item.code in codes)
        yield Method(id=own_id, title=title, form=NOT_KNOWN, assesses=assessed)


def _duties(gathered: _Gathered, notes: list[ImportNote]) -> Iterator[SourceDuty]:
    """Yield the duties with what their rows and those of the statements link them to."""
    seen = set()
    for entry in gathered.duties:
        seen.add(entry.code)
        links = [*linked_codes(entry.text), *_codes(entry.duties), *gathered.links.get(entry.code, ())]
        yield SourceDuty(entry.code, entry.text, entry.where, tuple(dict.fromkeys(links)), guid=entry.guid)
    unnamed = sorted(gathered.links.keys() - seen, key=natural_key)
    if unnamed:
        what = "The table names duties without their words; their codes stand in for these."
        notes.append(ImportNote(NoteKind.UNKNOWN, "table", what, len(unnamed)))
    for code in unnamed:
        yield SourceDuty(code, code, "table", tuple(dict.fromkeys(gathered.links[code])))


def linked_codes(text: str) -> list[str]:
    """Give the codes that stand in brackets in a text, such as `(K11, S11, S12)` or `(K8 S14)`; other brackets pass."""
    found: list[str] = []
    for match in _IN_BRACKETS.finditer(text):
        if not _BETWEEN_CODES.sub("", _CODES.sub("", match.group(1))):
            found += _codes(match.group(1))
    return found


def _codes(text: str) -> list[str]:
    return [code for name in _CODES.findall(text) if (code := code_in(name)) and code_prefix(code) in PREFIXES]


def _criteria(entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    """Yield each text of grading criteria once, with the codes of the rows that have it: no rule uses them."""
    together: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        for name, text in entry.criteria:
            codes = together.setdefault((name, clean_prose(text).text), [])
            codes += [entry.code] if entry.code and entry.code not in codes else []
    for (name, text), codes in together.items():
        if text:
            title = f"{name} of {listed(codes)}" if codes else name
            yield fact(title if len(title) <= MAX_NAME else f"{title[: MAX_NAME - 1]}…", text, Known.NOT_STATED)
