"""The official feed of apprenticeship standards (Skills England; before it IfATE): one record, or all of them.

Both dialects are read: that of 2020, which has no reference and no version, and that of today; for apprenticeships
(ST), foundation apprenticeships (FA) and apprenticeship units (AU).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ksbtrack.formats.json_records import json_records
from ksbtrack.formats.source_record import (
    OPEN_GOVERNMENT_LICENCE,
    SourceDuty,
    SourceRecord,
    SourceStatement,
    apprenticeship_requirements,
    imported,
)
from ksbtrack.formats.source_text import clean_line, clean_prose, read_source_day
from ksbtrack.formats.stated import own_spelling
from ksbtrack.models.importing import Given, Imported, ImportNote, NoteKind
from ksbtrack.models.standard import StandardKind
from ksbtrack.models.values import MAX_COUNT, MAX_HOURS, MAX_NAME, MAX_TEXT
from ksbtrack.problems import quoted

_LISTS = (
    ("knowledges", "K", "knowledgeId"),
    ("technicalKnowledges", "TK", "id"),
    ("skills", "S", "skillId"),
    ("technicalSkills", "TS", "id"),
    ("behaviours", "B", "behaviourId"),
    ("employabilitySkillsAndBehaviours", "ESB", "id"),
)
"""The lists of statements: key, prefix of the codes, key of the id in an entry."""

_LINKS = ("mappedKnowledge", "mappedSkills", "mappedBehaviour")
_LINES = (
    ("status", "Status"),
    ("route", "Route"),
    ("pathway", "Pathway"),
    ("cluster", "Cluster"),
    ("ssa1", "Sector subject area, tier 1"),
    ("ssa2", "Sector subject area, tier 2"),
    ("regulatedBody", "Regulated by"),
    ("integratedDegree", "Degree"),
    ("learningAimClassCode", "Learning aim class"),
)
"""Fields that become an entry of the overview as they stand."""
_NUMBERS = (
    ("typicalDuration", "Typical duration", "months"),
    ("ePALength", "Length of the end-point assessment", "months"),
    ("maxFunding", "Maximum funding", "pounds"),
)
_DAYS = (("approvedForDelivery", "Approved for delivery"), ("latestEndDate", "Latest end date"))
_PROSE = (("overviewOfRole", "Role"), ("occupationalSummary", "Occupation"))
_PAGES = (("assessmentPlanUrl", "Assessment plan"), ("standardPageUrl", "Page of the standard"))
_TITLES = (
    ("typicalJobTitles", "Typical job titles"),
    ("jobRoles", "Job roles"),
    ("keywords", "Keywords"),
    ("optionsUnstructuredTemplate", "Options, in words"),
)
_DETAILS = (
    ("qualifications", "Qualification", ("qualificationId",)),
    ("regulationDetail", "Regulation", ()),
    ("professionalRecognition", "Professional recognition", ()),
)
"""Lists of objects that become an entry each: key, name, and the keys in them that say nothing to a person."""
_READ = frozenset(
    (
        "referenceNumber",
        "larsCode",
        "title",
        "level",
        "version",
        "versionNumber",
        "minimumHoursForCompliance",
        "earliestStartDate",
        "latestStartDate",
        "coreAndOptions",
        "regulated",
        "duties",
        "options",
        "foundation",
        *(key for key, *_ in (*_DETAILS, *_LISTS, *_LINES, *_NUMBERS, *_DAYS, *_PROSE, *_PAGES, *_TITLES)),
    )
)
_READ_OF_DUTY = frozenset(("dutyID", "dutyId", "dutyDetail", "isThisACoreDuty", "mappedOptions", *_LINKS))
_LARS_PREFIX = "LARS"
"""What stands before the LARS code where a record has no reference: ours, and no official reference begins so."""


def looks_like_skills_england(keys: frozenset[str]) -> bool:
    """Say whether a record of JSON is one of this feed, by its keys."""
    is_titled = "title" in keys and bool(keys & {"referenceNumber", "larsCode"})
    return is_titled and bool(keys & {key for key, *_ in _LISTS})


def read_skills_england(path: Path, given: Given) -> Iterator[Imported]:
    """Yield each record of a feed, or the one record of a file, in its order.

    Args:
        path: JSON; a whole feed is read record by record.
        given: used for a record that has no reference or no version.

    Raises:
        KsbtrackError: `bad-json`, `record-too-large`, or any fault of reading.
    """
    for number, value in enumerate(json_records(path), 1):
        if not isinstance(value, dict):
            what = f"Record {number} is no object, so it names no standard."
            yield Imported(f"record {number}", None, (ImportNote(NoteKind.UNUSABLE, "", what),))
        else:
            yield read_record(value, given, f"record {number}")


def read_record(record: Mapping[str, Any], given: Given, place: str) -> Imported:
    """Give what one record declares.

    Args:
        record: an object of the feed.
        given: used where it has no reference or no version.
        place: how messages name it if it has no title.
    """
    inner = record.get("foundation")
    fields = {**record, **inner} if isinstance(inner, dict) else record
    reading = _Reading(fields)
    facts = reading.facts(given)
    name = f"{facts['reference']}@{facts['version']}" if "reference" in facts else reading.line("title") or place
    if "reference" not in facts:
        reading.note(NoteKind.UNUSABLE, "referenceNumber", "It has neither a reference nor a LARS code.")
        return Imported(name, None, tuple(reading.notes))
    if others := [key for key, *_ in _LISTS if not isinstance(fields.get(key), list | None)]:
        # Else a whole kind of statements would be missing, and nobody be asked for it.
        reading.note(NoteKind.UNUSABLE, others[0], "Something else than a list of statements, so none was taken.")
        return Imported(name, None, tuple(reading.notes))
    statements = list(reading.statements())
    duties = list(reading.duties())
    options = list(reading.options())
    return imported(SourceRecord(name, facts, statements, duties, options, tuple(reading.notes)))


class _Reading:
    """One record while it is read: its fields, and what was noted."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = fields
        self.notes: list[ImportNote] = []
        self.leave_unread(fields, _READ, "")

    def leave_unread(self, fields: Mapping[str, Any], read: frozenset[str], where: str) -> None:
        """Note the fields that say something and have no place in a standard."""
        for key in sorted(fields.keys() - read):
            if fields[key] not in (None, "", [], {}):
                what = f"A standard has no place for {quoted(key)}."
                self.note(NoteKind.UNREAD, f"{where}.{key}" if where else key, what)

    def note(self, kind: NoteKind, where: str, what: str) -> None:
        self.notes.append(ImportNote(kind, where, what))

    def line(self, key: str) -> str:
        """Give a field as text on one line; nothing if it has none."""
        return self.text_of(self.fields.get(key), key, MAX_NAME)

    def text_of(self, value: object, where: str, limit: int) -> str:
        if value is None or value == "":
            return ""
        if isinstance(value, bool | dict | list):
            self.note(NoteKind.UNUSABLE, where, "Something else than a text or a number.")
            return ""
        cleaned = clean_line(str(value)) if limit <= MAX_NAME else clean_prose(str(value))
        for repair in cleaned.repairs:
            self.note(NoteKind.REPAIRED, where, f"{repair[0].upper()}{repair[1:]}.")
        if isinstance(value, str) and value != value.strip():
            self.note(NoteKind.REPAIRED, where, "White space at the ends was taken off.")
        if len(cleaned.text) > limit:
            self.note(NoteKind.REPAIRED, where, f"It was cut after {limit:,} characters.")
            return cleaned.text[: limit - 1].rstrip() + "\u2026"
        return cleaned.text

    def number(self, key: str, most: int = MAX_COUNT) -> int | None:
        """Give a field as a whole number above 0; 0 and nothing stand for none."""
        text = self.line(key)
        if not text or text == "0":
            return None
        whole = text.removesuffix(".0")
        if not (whole.isascii() and whole.isdigit()) or int(whole[:12]) > most:
            self.note(NoteKind.UNUSABLE, key, f"No number: {quoted(text)}.")
            return None
        return int(whole) or None

    def day(self, key: str) -> Any:
        """Give a field as a date; None where there is none, or none that can be read."""
        read = read_source_day(self.fields.get(key))
        if read.fault:
            self.note(NoteKind.UNUSABLE, key, f"{quoted(str(self.fields[key]))} {read.fault}.")
        elif read.repair:
            self.note(NoteKind.REPAIRED, key, "A date was written in another form.")
        return read.day

    def facts(self, given: Given) -> dict[str, Any]:
        """Give the fields of a standard that are not lists of statements, duties or options."""
        reference, version = self._identity(given)
        facts: dict[str, Any] = {"version": version}
        if reference:
            facts["reference"] = reference
        title = self.line("title") or given.title
        if not title:
            self.note(NoteKind.UNKNOWN, "title", "The record has no title.")
        lars = self.number("larsCode")
        # Units have no gateway, so nothing is required there.
        is_unit = (reference or "").startswith("AU")
        facts |= {
            "title": title or reference or "unknown",
            "kind": StandardKind.APPRENTICESHIP,
            "level": self._level(),
            "lars_code": lars,
            "minimum_hours": self._hours(),
            "earliest_start": self.day("earliestStartDate"),
            "latest_start": self.day("latestStartDate"),
            "attribution": OPEN_GOVERNMENT_LICENCE,
            "sources": tuple(self._sources(reference, version)),
            "overview": tuple(self._overview(is_unit=is_unit)),
        }
        if not is_unit:
            facts["requirements"] = apprenticeship_requirements(self._page("assessmentPlanUrl") or None)
        return facts

    def _identity(self, given: Given) -> tuple[str | None, str]:
        reference = "".join(self.line("referenceNumber").split()).upper()
        if not reference and given.reference:
            reference = own_spelling(given.reference)
        if not reference:
            lars = self.number("larsCode")
            if lars is None:
                return None, "unknown"
            reference = f"{_LARS_PREFIX}{lars}"
            self.note(
                NoteKind.UNKNOWN, "referenceNumber", f"It has no reference; {_LARS_PREFIX} and its code stand in."
            )
        version = self.line("version") or self.line("versionNumber") or given.version or ""
        if not version:
            self.note(NoteKind.UNKNOWN, "version", "The record does not say which version it is.")
        return reference, version or "unknown"

    def _level(self) -> str | None:
        level = self.line("level").removesuffix(".0")
        if level in {str(number) for number in range(1, 9)}:
            return level
        what = f"No level: {quoted(level)}." if level else "The record names no level."
        self.note(NoteKind.UNKNOWN, "level", what)
        return None

    def _hours(self) -> str | None:
        hours = self.number("minimumHoursForCompliance", MAX_HOURS)
        return None if hours is None else str(hours)

    def _page(self, key: str) -> str:
        return self.text_of(self.fields.get(key), key, MAX_TEXT)

    def _sources(self, reference: str | None, version: str) -> Iterator[str]:
        yield f"Apprenticeship standards of Skills England as JSON, record {reference} {version}"
        page = self._page("standardPageUrl")
        if page:
            yield page

    def _overview(self, *, is_unit: bool) -> Iterator[dict[str, Any]]:
        """Yield what no rule uses but a reader wants, in a fixed order."""
        for key, name in _LINES:
            if text := self.line(key):
                yield _entry(name, text)
        if self.fields.get("regulated") is True and not any(
            map(self.fields.get, ("regulatedBody", "regulationDetail"))
        ):
            yield _entry("Regulated", "yes; the record does not say by whom")
        for key, name, unit in _NUMBERS:
            if (number := self.number(key)) is not None:
                # Apprenticeship units count their duration in hours.
                of_unit = "hours" if key == "typicalDuration" and is_unit else unit
                yield _entry(name, f"{number:,} {of_unit}")
        for key, name in _DAYS:
            if day := self.day(key):
                yield _entry(name, day.isoformat())
        yield from self._listed()
        for key, name in (*_PROSE, *_PAGES):
            if text := self._page(key):
                yield _entry(name, text)

    def _listed(self) -> Iterator[dict[str, Any]]:
        """Yield what the record has lists of: titles in one entry, things with several fields in one each."""
        for key, name in _TITLES:
            texts = [self.text_of(value, key, MAX_NAME) for value in self.entries(key)]
            if any(texts):
                yield _entry(name, "; ".join(text for text in texts if text))
        for key, name, silent in _DETAILS:
            for value in self.entries(key):
                if text := self._in_words(value, key, silent):
                    yield _entry(name, text)

    def _in_words(self, value: object, where: str, silent: tuple[str, ...]) -> str:
        """Give an object of a few fields as words; a level of 0 says that there is none."""
        if not isinstance(value, dict):
            return self.text_of(value, where, MAX_TEXT)
        parts = []
        for key, inner in value.items():
            if key in silent or inner in (None, "", False) or (key == "level" and str(inner) == "0"):
                continue
            text = "" if inner is True else self.text_of(inner, where, MAX_TEXT)
            label = {"title": "", "name": "", "level": "level ", "approved": "approved", "webLink": ""}.get(key)
            parts.append(f"{label}{text}" if label is not None else text)
        return ", ".join(part for part in parts if part)

    def entries(self, key: str) -> list[Any]:
        """Give a field that is a list; nothing stands for an empty one."""
        value = self.fields.get(key)
        if isinstance(value, list):
            return value
        if value is not None:
            self.note(NoteKind.UNUSABLE, key, "Something else than a list.")
        return []

    def statements(self) -> Iterator[SourceStatement]:
        for key, prefix, id_key in _LISTS:
            for index, entry in enumerate(self.entries(key)):
                where = f"{key}[{index}]"
                fields = entry if isinstance(entry, dict) else {}
                name, text = (fields.get(part) for part in (id_key if id_key in fields else "id", "detail"))
                self.leave_unread(fields, frozenset((id_key, "id", "detail")), where)
                yield SourceStatement(prefix, _id(name), text if isinstance(text, str) else "", where)

    def duties(self) -> Iterator[SourceDuty]:
        for index, entry in enumerate(self.entries("duties")):
            where = f"duties[{index}]"
            fields = entry if isinstance(entry, dict) else {}
            text = fields.get("dutyDetail")
            self.leave_unread(fields, _READ_OF_DUTY, where)
            options = self._ids(fields, "mappedOptions", where)
            is_core = fields.get("isThisACoreDuty") in (1, "1", True)
            if fields.get("isThisACoreDuty") in (0, "0") and not self._has_options():
                what = "A duty that is not core, in a record without core and options: it is taken as everybody's."
                self.note(NoteKind.UNREAD, f"{where}.isThisACoreDuty", what)
            links = [name for key in _LINKS for name in self._ids(fields, key, where)]
            yield SourceDuty(
                id=_id(fields.get("dutyID", fields.get("dutyId"))),
                text=text if isinstance(text, str) else "",
                where=where,
                links=tuple(links),
                core=is_core or not self._has_options(),
                options=tuple(options),
            )

    def _has_options(self) -> bool:
        return self.fields.get("coreAndOptions") is True

    def _ids(self, fields: Mapping[str, Any], key: str, where: str) -> list[str]:
        value = fields.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.note(NoteKind.UNUSABLE, f"{where}.{key}", "Something else than a list.")
            return []
        return [_id(name) for name in value]

    def options(self) -> Iterator[tuple[str, str]]:
        """Yield id and title of each option; the dialect of 2020 has options with duties in words only."""
        if not self._has_options():
            for entry in self.entries("options"):
                title = entry.get("title", entry.get("name")) if isinstance(entry, dict) else entry
                what = f"An option of a record without core and options: {quoted(str(title))}."
                self.note(NoteKind.UNREAD, "options", what)
            return
        found = 0
        for entry in self.entries("options"):
            fields = entry if isinstance(entry, dict) else {}
            title = fields.get("title", fields.get("name"))
            found += 1
            yield _id(fields.get("optionId", title)), title if isinstance(title, str) else ""
        if not found:
            self.note(NoteKind.UNKNOWN, "options", "It is said to have options, but names none.")


def _id(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _entry(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value[:MAX_TEXT], "trust": "official"}
