"""The Occupational Maps of Skills England: an occupation as its API gives it, with codes and identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ksbtrack.formats.json_records import json_records
from ksbtrack.formats.loading_back import loads_back
from ksbtrack.formats.source_record import SourceDuty, SourceRecord, SourceStatement, code_in, imported
from ksbtrack.formats.source_text import clean_line, clean_prose
from ksbtrack.formats.stated import fact, stated, told_nature_of, version_in
from ksbtrack.formats.statement_kinds import gap_notes
from ksbtrack.models.importing import Given, Imported, ImportNote, NoteKind
from ksbtrack.models.values import listed
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

_LISTS = (
    ("knowledges", "K", "knowledgeId"),
    ("skills", "S", "skillId"),
    ("behaviours", "B", "behaviourId"),
)
"""The lists of statements: key, prefix of the codes, key of the code in an entry."""
_LINKS = (
    (("mappedKnowledge", "mappedKnowledges"), ("mappedKnowledgeIds", "mappedKnowledgesIds")),
    (("mappedSkills", "mappedSkill"), ("mappedSkillsIds", "mappedSkillIds")),
    (("mappedBehaviour", "mappedBehaviours"), ("mappedBehaviourIds", "mappedBehavioursIds")),
)
"""The lists of links of a duty: keys of the codes, keys of the identifiers."""
_LINES = (("statusName", "Status"),)
_OF_MAP = (("routeName", "Route"), ("pathwayName", "Pathway"), ("clusterName", "Cluster"))
_PROSE = (("overview", "Role"), ("summary", "Occupation"))
_NAMES = (("typicalJobTitles", "Typical job titles"), ("keywords", "Keywords"))
_RESULTS = "results"
"""The key of the list in an answer to a search."""
_STANDARD = re.compile(r"(?:ST|FA|AU)[0-9]{4}")
_READ = frozenset(
    (
        "stdCode",
        "name",
        "versionNo",
        "level",
        "status",
        "products",
        "mapHierarchy",
        "duties",
        *(key for key, *_ in (*_LISTS, *_LINES, *_PROSE, *_NAMES)),
    )
)
_READ_OF_DUTY = frozenset(
    ("dutyId", "id", "dutyDetail", "isThisACoreDuty", *(key for pair in _LINKS for keys in pair for key in keys))
)


def looks_like_occupational_maps(keys: frozenset[str]) -> bool:
    """Say whether a record of JSON is an occupation of this API, or an answer to a search, by its keys."""
    return ("stdCode" in keys and bool(keys & {"versionNo", "statusName", "knowledges", "duties"})) or _RESULTS in keys


def read_occupational_maps(path: Path, given: Given) -> Iterator[Imported]:
    """Yield each occupation of a file in its order.

    Args:
        path: JSON: one occupation, a list of them, or an answer to a search.
        given: used for an occupation that names no single standard, no version or no name.

    Raises:
        KsbtrackError: `not-a-standard`, `bad-json`, `record-too-large`, or any fault of reading.
    """
    shown = path.as_posix()
    number = 0
    for value in json_records(path):
        is_search = isinstance(value, dict) and "stdCode" not in value and isinstance(value.get(_RESULTS), list)
        for record in value[_RESULTS] if is_search else (value,):
            number += 1
            if isinstance(record, dict) and "stdCode" in record:
                yield loads_back(read_occupation(record, given))
            else:
                what = f"Record {number} has no 'stdCode', so it is no occupation."
                yield Imported(f"record {number}", None, (ImportNote(NoteKind.UNUSABLE, "", what),))
    if not number:
        raise KsbtrackError(_empty(shown))


def _empty(shown: str) -> Problem:
    return Problem(
        "not-a-standard",
        Source(shown),
        "an empty list",
        "an answer of the Occupational Maps API has occupations",
        "Ask for one that it has, with the duties and statements expanded (expand=occupation.dutiesKSB).",
    )


def read_occupation(record: Mapping[str, Any], given: Given) -> Imported:
    """Give what one occupation declares.

    Args:
        record: an object of the API.
        given: used where it does not say it.
    """
    notes: list[ImportNote] = []
    _leave_unread(record, _READ, "", notes)
    occupation = "".join(_line(record, "stdCode", notes).split()).upper()
    standard = _standard(record, notes)
    said = {
        "reference": standard or ("" if given.reference else occupation),
        "version": version_in(_line(record, "versionNo", notes)),
        "title": _line(record, "name", notes),
    }
    facts = stated(said, given, notes)
    if facts is None:
        return Imported(said["title"] or "an occupation", None, tuple(notes))
    if facts["reference"] != occupation:
        what = f"The version is that of the occupation {occupation}; that of the apprenticeship can be another."
        notes.append(ImportNote(NoteKind.UNKNOWN, "versionNo", what))
    level = _line(record, "level", notes).removesuffix(".0")
    facts |= told_nature_of(facts["reference"], notes)
    facts |= {
        "level": level if re.fullmatch("[1-8]", level) else None,
        "sources": (f"Occupational Maps of Skills England as JSON, {occupation} {said['version']}".strip(),),
        "overview": tuple(_overview(record, occupation, notes)),
    }
    statements = list(_statements(record, notes))
    duties = list(_duties(record, statements, notes))
    name = f"{facts['reference']}@{facts['version']}"
    notes += gap_notes([code for item in statements if (code := code_in(item.id, item.prefix))], "record")
    return imported(SourceRecord(name, facts, statements, duties, (), tuple(notes)))


def _standard(record: Mapping[str, Any], notes: list[ImportNote]) -> str:
    """Give the apprenticeship among the products of an occupation; nothing where there is none, or several."""
    products = record.get("products")
    codes = [
        str(entry.get("productCode", "")).strip().upper()
        for entry in (products if isinstance(products, list) else [])
        if isinstance(entry, dict)
    ]
    found = list(dict.fromkeys(code for code in codes if _STANDARD.fullmatch(code)))
    if len(found) == 1:
        return found[0]
    what = (
        f"The occupation has several standards, {listed(found)}; give the one that is meant with --reference."
        if found
        else "The occupation names no standard; give it with --reference."
    )
    notes.append(ImportNote(NoteKind.UNKNOWN, "products", what))
    return ""


def _overview(record: Mapping[str, Any], occupation: str, notes: list[ImportNote]) -> Iterator[dict[str, Any]]:
    if occupation:
        yield fact("Occupation code", occupation)
    hierarchy = record.get("mapHierarchy")
    on_map = hierarchy if isinstance(hierarchy, dict) else {}
    for fields, rows in ((record, _LINES), (on_map, _OF_MAP)):
        for key, name in rows:
            if text := _line(fields, key, notes):
                yield fact(name, text)
    for key, name in _NAMES:
        texts = [clean_line(text).text for text in _named(record.get(key))]
        if any(texts):
            yield fact(name, "; ".join(text for text in texts if text))
    for key, name in _PROSE:
        value = record.get(key)
        cleaned = clean_prose(value) if isinstance(value, str) else None
        if cleaned and cleaned.text:
            yield fact(name, cleaned.text)


def _named(value: object) -> Iterator[str]:
    """Yield the entries of a list, which are texts, or objects with a name."""
    for entry in value if isinstance(value, list) else ():
        found = entry.get("name", entry.get("title", "")) if isinstance(entry, dict) else entry
        if isinstance(found, str):
            yield found


def _statements(record: Mapping[str, Any], notes: list[ImportNote]) -> Iterator[SourceStatement]:
    for key, prefix, id_key in _LISTS:
        for index, entry in enumerate(_entries(record, key, notes)):
            where = f"{key}[{index}]"
            fields = entry if isinstance(entry, dict) else {}
            _leave_unread(fields, frozenset((id_key, "id", "detail")), where, notes)
            text = fields.get("detail")
            guid = _id(fields.get("id"))
            name = _id(fields.get(id_key)) or guid
            yield SourceStatement(prefix, name, text if isinstance(text, str) else "", where, guid)


def _duties(
    record: Mapping[str, Any], statements: Sequence[SourceStatement], notes: list[ImportNote]
) -> Iterator[SourceDuty]:
    code_of = {item.guid.casefold(): item.id for item in statements if item.guid}
    for index, entry in enumerate(_entries(record, "duties", notes)):
        where = f"duties[{index}]"
        fields = entry if isinstance(entry, dict) else {}
        _leave_unread(fields, _READ_OF_DUTY, where, notes)
        text = fields.get("dutyDetail")
        is_core = fields.get("isThisACoreDuty") not in (False, 0, "0", "false")
        if not is_core:
            what = "A duty that is not core belongs to options, which the source does not name."
            notes.append(ImportNote(NoteKind.UNKNOWN, where, what))
        guid = _id(fields.get("id"))
        yield SourceDuty(
            id=_id(fields.get("dutyId")) or guid,
            text=text if isinstance(text, str) else "",
            where=where,
            links=tuple(_links(fields, code_of, where, notes)),
            core=is_core,
            guid=guid,
        )


def _links(fields: Mapping[str, Any], code_of: Mapping[str, str], where: str, notes: list[ImportNote]) -> Iterator[str]:
    """Yield what a duty links to: by codes, else by identifiers; where both stand and differ, by both."""
    for code_keys, id_keys in _LINKS:
        codes = [_id(name) for key in code_keys for name in _entries(fields, key, notes, where)]
        ids = [
            code_of.get(_id(name).casefold(), _id(name))
            for key in id_keys
            for name in _entries(fields, key, notes, where)
        ]
        if codes and ids and {code_in(code) or code for code in codes} != {code_in(code) or code for code in ids}:
            what = f"{quoted(code_keys[0])} and {quoted(id_keys[0])} do not say the same; both were taken."
            notes.append(ImportNote(NoteKind.REPAIRED, where, what))
            codes = list(dict.fromkeys((*codes, *ids)))
        yield from codes or ids


def _entries(fields: Mapping[str, Any], key: str, notes: list[ImportNote], above: str = "") -> list[Any]:
    value = fields.get(key)
    if isinstance(value, list):
        return value
    if value is not None:
        where = f"{above}.{key}" if above else key
        notes.append(ImportNote(NoteKind.UNUSABLE, where, "Something else than a list."))
    return []


def _line(fields: Mapping[str, Any], key: str, notes: list[ImportNote]) -> str:
    value = fields.get(key)
    if value is None:
        return ""
    if isinstance(value, bool | dict | list):
        notes.append(ImportNote(NoteKind.UNUSABLE, key, "Something else than a text or a number."))
        return ""
    return clean_line(str(value)).text


def _leave_unread(fields: Mapping[str, Any], read: frozenset[str], where: str, notes: list[ImportNote]) -> None:
    """Note the fields that say something and have no place in a standard."""
    for key in sorted(fields.keys() - read):
        if fields[key] not in (None, "", [], {}):
            what = f"A standard has no place for {quoted(key)}."
            notes.append(ImportNote(NoteKind.UNREAD, f"{where}.{key}" if where else key, what))


def _id(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
