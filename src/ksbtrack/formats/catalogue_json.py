"""Lists of statements in JSON, as people make them for programs of their own: versions with codes, or a bare list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from ksbtrack.formats.json_records import json_records
from ksbtrack.formats.loading_back import loads_back
from ksbtrack.formats.source_record import SourceDuty, SourceRecord, SourceStatement, code_in, imported
from ksbtrack.formats.source_text import clean_line, clean_prose
from ksbtrack.formats.stated import fact, stated, told_nature_of, version_in
from ksbtrack.formats.statement_kinds import is_duty, prefix_of, split_code, unique_in_order
from ksbtrack.models.importing import Given, Imported, ImportNote, NoteKind
from ksbtrack.models.values import MAX_COUNT, Known, listed
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted, several

MOST_ENTRIES = 20_000
"""Entries of a bare list: more than there are codes for; one longer than that is no list of one standard."""

_CODE_KEYS = ("code", "ksbCode", "ksb_code", "ref", "reference", "ksb", "id", "key")
_TEXT_KEYS = ("statement", "text", "detail", "description", "wording", "details", "content")
_KIND_KEYS = ("kind", "type", "category", "group")
_GUID_KEYS = ("guid", "uuid", "identifier")
_LIST_KEYS = ("ksbs", "statements", "competencies", "items")
_FAMILY_KEYS = ("knowledge", "skills", "behaviours", "knowledges", "behaviors")
_LINK_KEYS = ("ksbs", "competencies", "codes", "mapped", "mappedKsbs")
_SOURCE_KEYS = ("source", "sources", "url", "urls")
_REFERENCE_KEYS = ("standardCode", "standardReference", "referenceNumber", "reference", "standard")
_VERSION_KEYS = ("apprenticeshipVersion", "standardVersion", "version")
_TITLE_KEYS = ("title", "name", "standardTitle")
_LINES = (
    ("occupationCode", "Occupation code"),
    ("occupationVersion", "Version of the occupation"),
    ("status", "Status"),
)
_NUMBERS = (("typicalDurationMonths", "Typical duration", "months"), ("fundingBandGbp", "Maximum funding", "pounds"))
_COUNTS = "counts"
_APPRENTICESHIP_VERSIONS = "apprenticeshipVersions"
_READ = frozenset(
    (
        *(*_LIST_KEYS, *_FAMILY_KEYS, *_SOURCE_KEYS, *_REFERENCE_KEYS, *_VERSION_KEYS, *_TITLE_KEYS),
        *(key for key, *_ in (*_LINES, *_NUMBERS)),
        *(_COUNTS, _APPRENTICESHIP_VERSIONS, "notes", "level", "larsCode", "duties", "kinds"),
    )
)


def looks_like_catalogue(keys: frozenset[str]) -> bool:
    """Say whether a record of JSON is a list of versions, a version, or a statement of a bare list, by its keys."""
    is_statement = bool(keys & set(_CODE_KEYS) and keys & set(_TEXT_KEYS))
    # What says what its keys mean elsewhere is no list of ours: a badge has an id and a description too.
    return "@context" not in keys and ("versions" in keys or _has_list(keys) or is_statement)


def _has_list(keys: frozenset[str]) -> bool:
    return bool(keys & set(_LIST_KEYS)) or len(keys & set(_FAMILY_KEYS)) > 1


def read_catalogue(path: Path, given: Given) -> Iterator[Imported]:
    """Yield each version that a list of statements has; a bare list is one.

    Where one version of an occupation serves several versions of the apprenticeship, each of these is a standard.

    Args:
        path: JSON: `{"versions": [...]}`, one version, a list of versions, or a list of statements.
        given: used where the file does not name the standard, its version or its title.

    Raises:
        KsbtrackError: `not-a-standard`, `too-many`, `bad-json`, `record-too-large`, or any fault of reading.
    """
    shown = path.as_posix()
    bare: list[Any] = []
    number = 0
    for value in json_records(path):
        if isinstance(value, dict) and isinstance(value.get("versions"), list):
            above = {key: value[key] for key in value if key != "versions"}
            for version in value["versions"]:
                number += 1
                yield from _version(version, above, given, f"versions[{number - 1}]")
        elif isinstance(value, dict) and _has_list(frozenset(value)):
            number += 1
            yield from _version(value, {}, given, f"record {number}")
        else:
            bare.append(value)
            if len(bare) > MOST_ENTRIES:
                raise KsbtrackError(_too_many(shown))
    if bare and any(_is_statement(entry) for entry in bare):
        yield from _version({"ksbs": bare}, {}, given, "list")
    elif not number:
        raise KsbtrackError(_no_statements(shown))


def _is_statement(entry: object) -> bool:
    if isinstance(entry, str):
        return split_code(entry) is not None
    return isinstance(entry, dict) and bool(_first(entry, _TEXT_KEYS))


def _too_many(shown: str) -> Problem:
    return Problem(
        "too-many",
        Source(shown),
        f"more than {MOST_ENTRIES:,} entries",
        "no standard has so many statements",
        "Check that it is a list of statements; import the statements of each standard by themselves.",
    )


def _no_statements(shown: str) -> Problem:
    return Problem(
        "not-a-standard",
        Source(shown),
        "JSON without statements",
        "a list of them has entries with a code and a text",
        "Check that it is the right file.",
    )


def _version(value: object, above: Mapping[str, Any], given: Given, place: str) -> Iterator[Imported]:
    """Yield a standard for each version of the apprenticeship that an entry speaks of."""
    if not isinstance(value, dict):
        yield Imported(place, None, (ImportNote(NoteKind.UNUSABLE, place, "It is no object with statements."),))
        return
    fields = {**above, **value}
    served = [version_in(str(name)) or str(name) for name in _list(fields.get(_APPRENTICESHIP_VERSIONS))]
    for version in served or [""]:
        notes: list[ImportNote] = []
        if len(served) > 1:
            of_occupation = _text(fields, ("occupationVersion",))
            what = f"One list of statements{f', version {of_occupation} of the occupation,' if of_occupation else ''} "
            what += f"serves {listed(served)}; each became a standard."
            notes.append(ImportNote(NoteKind.REPAIRED, _APPRENTICESHIP_VERSIONS, what))
        yield loads_back(_standard(fields, version, given, place, notes))


def _standard(fields: Mapping[str, Any], version: str, given: Given, place: str, notes: list[ImportNote]) -> Imported:
    reference = _text(fields, _REFERENCE_KEYS).upper()
    of_occupation = _text(fields, ("occupationCode",)).upper()
    said = {
        "reference": reference or ("" if given.reference else of_occupation),
        "version": version or _text(fields, _VERSION_KEYS) or _text(fields, ("occupationVersion",)),
        "title": _text(fields, _TITLE_KEYS),
    }
    facts = stated(said, given, notes)
    if facts is None:
        return Imported(place, None, tuple(notes))
    for key in sorted(fields.keys() - _READ - {"generatedFrom"}):
        notes.append(ImportNote(NoteKind.UNREAD, key, f"A standard has no place for {quoted(key)}."))
    level = _text(fields, ("level",)).removesuffix(".0")
    lars = _text(fields, ("larsCode",))
    facts |= told_nature_of(facts["reference"], notes)
    facts |= {
        "level": level if re.fullmatch("[1-8]", level) else None,
        "lars_code": lars if re.fullmatch("[1-9][0-9]{0,5}", lars) else None,
        "sources": tuple(_sources(fields)),
        "overview": tuple(_overview(fields, notes)),
    }
    entries = list(_entries(fields, place))
    statements = _statements(entries, notes)
    _compare_counts(fields, statements, notes)
    duties = [_duty(entry, where) for where, entry, kind in entries if _is_duty(entry, kind)]
    duties += [_duty(entry, f"duties[{index}]") for index, entry in enumerate(_list(fields.get("duties")))]
    name = f"{facts['reference']}@{facts['version']}"
    record = SourceRecord(name, facts, statements, duties, (), tuple(notes), Known.NOT_STATED)
    return imported(record)


def _sources(fields: Mapping[str, Any]) -> Iterator[str]:
    yield "A list of statements in JSON"
    for key in ("generatedFrom", *_SOURCE_KEYS):
        value = fields.get(key)
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and (cleaned := clean_line(text).text):
                yield cleaned[:2_000]


def _overview(fields: Mapping[str, Any], notes: list[ImportNote]) -> Iterator[dict[str, Any]]:
    for key, name in _LINES:
        if text := _text(fields, (key,)):
            yield fact(name, text, Known.NOT_STATED)
    for key, name, unit in _NUMBERS:
        text = _text(fields, (key,)).removesuffix(".0")
        if re.fullmatch("[0-9]{1,7}", text) and int(text) <= MAX_COUNT:
            yield fact(name, f"{int(text):,} {unit}", Known.NOT_STATED)
        elif text:
            notes.append(ImportNote(NoteKind.UNUSABLE, key, f"{quoted(text)} is no whole number."))
    value = fields.get("notes")
    texts = value if isinstance(value, list) else [value]
    remarks = "\n".join(clean_prose(text).text for text in texts if isinstance(text, str))
    if remarks.strip():
        yield fact("Notes of the list", remarks, Known.NOT_STATED)


def _entries(fields: Mapping[str, Any], place: str) -> Iterator[tuple[str, Any, str]]:
    """Yield the entries of every list of statements with their places and the kind that the list has."""
    for key in (*_LIST_KEYS, *_FAMILY_KEYS):
        kind = key if key in _FAMILY_KEYS else ""
        value = fields.get(key)
        pairs = value.items() if isinstance(value, dict) else enumerate(_list(value))
        for name, entry in pairs:
            # {"K1": "text"} is a list of statements too.
            whole = {"code": name, "text": entry} if isinstance(value, dict) and isinstance(entry, str) else entry
            yield f"{place}.{key}[{name}]", whole, kind


def _is_duty(entry: object, kind: str) -> bool:
    if not isinstance(entry, dict):
        return False
    return is_duty(_text(entry, _CODE_KEYS), _text(entry, _KIND_KEYS) or kind)


def _statements(entries: Sequence[tuple[str, Any, str]], notes: list[ImportNote]) -> list[SourceStatement]:
    items = (_statement(entry, kind, where, notes) for where, entry, kind in entries if not _is_duty(entry, kind))
    return unique_in_order([item for item in items if item], "list", notes)


def _statement(entry: object, kind: str, where: str, notes: list[ImportNote]) -> SourceStatement | None:
    if isinstance(entry, str):
        entry = dict(zip(("code", "text"), split_code(entry) or ("", entry), strict=True))
    if not isinstance(entry, dict):
        notes.append(ImportNote(NoteKind.UNUSABLE, where, "Neither a text nor an object with one."))
        return None
    code, text = _text(entry, _CODE_KEYS), _first(entry, _TEXT_KEYS)
    if not code_in(code) and text and (parts := split_code(text)):
        code, text = parts
    prefix = prefix_of(code, _text(entry, _KIND_KEYS) or kind, where, notes)
    if prefix is None:
        return None
    read = {*_CODE_KEYS, *_TEXT_KEYS, *_KIND_KEYS, *_GUID_KEYS}
    for key in sorted(entry.keys() - read):
        if entry[key] not in (None, "", [], {}):
            notes.append(ImportNote(NoteKind.UNREAD, f"{where}.{key}", f"A standard has no place for {quoted(key)}."))
    # A list may number each kind from 1: then the kind says what stands before the number.
    number = f"{prefix}{code}" if re.fullmatch("[0-9]{1,3}", code) else code
    return SourceStatement(prefix, number, text, where, _text(entry, _GUID_KEYS))


def _duty(entry: object, where: str) -> SourceDuty:
    if isinstance(entry, str):
        return SourceDuty("", entry, where)
    fields = entry if isinstance(entry, dict) else {}
    links = [str(name) for key in _LINK_KEYS for name in _list(fields.get(key))]
    return SourceDuty(
        _text(fields, (*_CODE_KEYS, "dutyId")), _first(fields, (*_TEXT_KEYS, "title")), where, tuple(links)
    )


def _compare_counts(fields: Mapping[str, Any], statements: Sequence[SourceStatement], notes: list[ImportNote]) -> None:
    """Note where a list has more or fewer statements than it says of itself."""
    counts = fields.get(_COUNTS)
    for key, said in counts.items() if isinstance(counts, dict) else ():
        prefix = prefix_of("", str(key), _COUNTS, [])
        found = sum(item.prefix == prefix for item in statements)
        if prefix and isinstance(said, int) and said != found:
            what = f"It counts {several(said, 'statement')} as {key} and has {found}."
            notes.append(ImportNote(NoteKind.UNUSABLE, _COUNTS, what))


def _first(fields: Mapping[str, Any], keys: Sequence[str]) -> str:
    """Give the first of some fields that has a text, as it stands."""
    found = (fields.get(key) for key in keys)
    return next((text for text in found if isinstance(text, str) and text.strip()), "")


def _text(fields: Mapping[str, Any], keys: Sequence[str]) -> str:
    """Give the first of some fields that has a text or a number, cleaned."""
    for key in keys:
        value = fields.get(key)
        if (
            isinstance(value, str | int | float | Decimal)
            and not isinstance(value, bool)
            and (text := clean_line(str(value)).text)
        ):
            return text
    return ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
