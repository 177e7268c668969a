"""From the parts of a record, in whatever format they came, to a standard: codes, links, options, requirements."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ksbtrack.formats.source_text import clean_line
from ksbtrack.load.standards import as_loaded
from ksbtrack.models.importing import Imported, ImportNote, NoteKind
from ksbtrack.models.standard import CompetencyKind, Standard
from ksbtrack.models.values import MAX_NAME, MAX_TEXT, Known, listed
from ksbtrack.problems import quoted

WORDS_NOT_TAKEN = "The words of this statement could not be taken from the source: look them up in the official record."
"""The text of a statement that is there, and whose words are not."""
MOST_CODES = 999
"""Statements of one kind: codes have three digits, and the largest published standard has about 80 of a kind."""
TOO_HIGH = f"A code above {MOST_CODES}: a kind has at most so many statements."
"""What is said of each such row, in the same words, so that ten thousand of them make one line."""

_HIGH = re.compile(r"[A-Z]{1,4}\s*\.?\s*[0-9]{4,}", re.IGNORECASE)
_CODE = re.compile(r"([A-Z]{1,4})\s*\.?\s*([0-9]{1,3}(?:\.[0-9]{1,3})?)", re.IGNORECASE)
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)

OPEN_GOVERNMENT_LICENCE = (
    "Contains public sector information licensed under the Open Government Licence v3.0 "
    "(https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/). The statements are Crown copyright."
)
"""What reports print with statements of the official feed and pages."""


@dataclass(frozen=True, slots=True)
class Family:
    """Statements of one kind, with the prefix of their codes and their heading."""

    prefix: str
    kind: CompetencyKind
    title: str


FAMILIES = (
    Family("K", CompetencyKind.KNOWLEDGE, "Knowledge"),
    Family("TK", CompetencyKind.KNOWLEDGE, "Technical knowledge"),
    Family("S", CompetencyKind.SKILL, "Skills"),
    Family("TS", CompetencyKind.SKILL, "Technical skills"),
    Family("B", CompetencyKind.BEHAVIOUR, "Behaviours"),
    Family("ESB", CompetencyKind.EMPLOYABILITY, "Employability skills and behaviours"),
)
"""The families of codes in their usual order."""


@dataclass(frozen=True, slots=True)
class SourceStatement:
    """A statement as its source has it.

    Attributes:
        prefix: of its family.
        id: a code, a GUID or another name by which duties link to it; empty where it has none.
        text: as it stands.
        where: its place in the source.
        guid: the official identifier, where it stands beside a code.
        heading: of its group, where that is not the usual one of its family.
    """

    prefix: str
    id: str
    text: str
    where: str
    guid: str = ""
    heading: str = ""


@dataclass(frozen=True, slots=True)
class SourceDuty:
    """A duty as its source has it.

    Attributes:
        id: a code, a GUID or another name; empty where it has none.
        text: as it stands.
        where: its place in the source.
        links: ids of statements, in the order of the source.
        core: whether it is for everybody.
        options: ids of the options that it belongs to.
        guid: the official identifier, where it stands beside a code.
    """

    id: str
    text: str
    where: str
    links: tuple[str, ...] = ()
    core: bool = True
    options: tuple[str, ...] = ()
    guid: str = ""


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """One record, taken apart.

    Attributes:
        name: as messages name it.
        facts: values of the fields of `Standard` that need no more work, ready for the model.
        statements: in the order of the source.
        duties: in the order of the source.
        options: the id and the title of each.
        notes: what reading found so far.
        trust: how sure the wording is; a copy that somebody made is no official source.
        families: those that its statements can be of, in their order.
    """

    name: str
    facts: Mapping[str, Any]
    statements: Sequence[SourceStatement]
    duties: Sequence[SourceDuty] = ()
    options: Sequence[tuple[str, str]] = ()
    notes: Sequence[ImportNote] = ()
    trust: Known = Known.OFFICIAL
    families: Sequence[Family] = FAMILIES


@dataclass(slots=True)
class _Building:
    """What is gathered while a standard is put together."""

    notes: list[ImportNote]
    has_words: bool = False
    code_of: dict[str, str] = field(default_factory=dict)
    option_of: dict[str, str] = field(default_factory=dict)

    def note(self, kind: NoteKind, where: str, what: str, count: int = 1) -> None:
        self.notes.append(ImportNote(kind, where, what, count))

    def line(self, raw: str, where: str) -> str:
        cleaned = clean_line(raw)
        for repair in cleaned.repairs:
            self.note(NoteKind.REPAIRED, where, f"{repair[0].upper()}{repair[1:]}.")
        if raw != raw.strip():
            self.note(NoteKind.REPAIRED, where, "White space at the ends was taken off.")
        return cleaned.text


def imported(record: SourceRecord) -> Imported:
    """Give the standard that a record declares, with every note about it.

    Args:
        record: its parts. An id that reads like a code of its family becomes the code; else codes go by position, as
            the official importer gives them, and the id is kept as `guid`.

    Source: the numbering rule of the official importer.
    """
    building = _Building(list(record.notes))
    too_many = [
        prefix for prefix, count in Counter(item.prefix for item in record.statements).items() if count > MOST_CODES
    ]
    if too_many:
        what = f"It has more than {MOST_CODES} statements of the kind {listed(too_many)}, for which there are no codes."
        building.note(NoteKind.UNUSABLE, "", what)
        return Imported(record.name, None, merged(building.notes))
    beyond = sum(note.count for note in record.notes if note.what == TOO_HIGH)
    if beyond and beyond + len(record.statements) > MOST_CODES:
        building.note(NoteKind.UNUSABLE, "", "It has more statements than there are codes for, so none was taken.")
        return Imported(record.name, None, merged(building.notes))
    values: dict[str, Any] = {**record.facts, "groups": tuple(_groups(record, building))}
    values["options"] = tuple(_options(record.options, building))
    values["duties"] = tuple(_duties(record.duties, building))
    standard = None
    if not building.has_words:
        building.note(NoteKind.UNUSABLE, "", "It has no statement, so there is nothing to show evidence for.")
    else:
        try:
            standard = as_loaded(Standard.model_validate(values))
        except ValidationError as error:
            for fault in error.errors():
                where = ".".join(str(part) for part in fault["loc"])
                what = f"It cannot be used: {fault['msg']} where {fault.get('ctx', {}).get('expected', 'it is not')}."
                building.note(NoteKind.UNUSABLE, where, what)
    return Imported(record.name, standard, merged(building.notes))


def merged(notes: Iterable[ImportNote]) -> tuple[ImportNote, ...]:
    """Give notes with those of the same words as one, which names the first place and says how many there are."""
    together: dict[tuple[NoteKind, str], list[ImportNote]] = {}
    for note in notes:
        together.setdefault((note.kind, note.what), []).append(note)
    return tuple(_one(found) for found in together.values())


def _one(found: Sequence[ImportNote]) -> ImportNote:
    first, *others = found
    if not others:
        return first
    count = sum(note.count for note in found)
    where = f"{first.where} and {len(others)} other {'place' if len(others) == 1 else 'places'}"
    return ImportNote(first.kind, where, first.what, count)


def _groups(record: SourceRecord, building: _Building) -> Iterator[dict[str, Any]]:
    """Yield the groups in the order of the families, each with its statements in the order of the source."""
    for family in record.families:
        of_family = [item for item in record.statements if item.prefix == family.prefix]
        if not of_family:
            continue
        statements = tuple(_statements(of_family, family.prefix, building))
        for heading in dict.fromkeys(heading for heading, _ in statements):
            yield {
                "prefix": family.prefix,
                "kind": family.kind,
                "title": heading or family.title,
                "trust": record.trust,
                "statements": tuple(statement for of_heading, statement in statements if of_heading == heading),
            }


def _statements(
    of_family: Sequence[SourceStatement], prefix: str, building: _Building
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each usable statement with the heading of its group."""
    own = [code_in(item.id, prefix) for item in of_family]
    taken: set[str] = {code for code in own if code}
    used: set[str] = set()
    if not any(own):
        building.note(
            NoteKind.REPAIRED,
            of_family[0].where,
            "The source gives these statements no codes; they go by position, as the official importer numbers them.",
        )
    for position, (item, code) in enumerate(zip(of_family, own, strict=True), 1):
        text = building.line(item.text, item.where)
        number = code or f"{prefix}{position}"
        text = _words(text, number, item.where, building)
        if number in used or (not code and number in taken):
            free = next(f"{prefix}{n}" for n in range(1, 10_000) if f"{prefix}{n}" not in taken | used)
            building.note(NoteKind.REPAIRED, item.where, f"The code {number} is taken already; this one became {free}.")
            number = free
        used.add(number)
        for name in (item.id, item.guid):
            if name and building.code_of.setdefault(_key(name), number) != number:
                building.note(NoteKind.REPAIRED, item.where, f"The id {quoted(name)} is another statement's too.")
        guid = next((name.lower() for name in (item.guid, item.id) if _GUID.fullmatch(name)), None)
        # A note of ours is no official wording, and whoever reads it is told so.
        trust = {"trust": "ours"} if text == WORDS_NOT_TAKEN else {}
        yield item.heading, {"code": number, "text": text, "guid": guid, **trust}


def _words(text: str, code: str, where: str, building: _Building) -> str:
    """Give the words of a statement, or what stands for them where they cannot be taken.

    The statement itself stays, so that evidence is asked for it: what nobody could read is not met.
    """
    if text and len(text) <= MAX_TEXT:
        building.has_words = True
        return text
    what = f"{code} has {len(text):,} characters; {MAX_TEXT:,} fit." if text else f"{code} has no words."
    building.note(NoteKind.UNUSABLE, where, what)
    return WORDS_NOT_TAKEN


def code_in(name: str, prefix: str = "") -> str | None:
    """Give the code that an id reads like, such as `K1` for `k 1`; None if it reads like none.

    Args:
        name: an id of the source.
        prefix: the family that the code has to be of; any if empty.
    """
    match = _CODE.fullmatch(name.strip())
    if match is None:
        return None
    letters, digits = match.group(1).upper(), match.group(2)
    code = f"{letters}{digits}"
    # A family's prefix may have a number of its own: G7 has G7.1.
    return code if not prefix or letters == prefix or code.startswith(f"{prefix}.") else None


def is_too_high(code: str) -> bool:
    """Say whether a name would be a code, did codes not end with 999."""
    return bool(_HIGH.fullmatch(code.strip()))


def _key(name: str) -> str:
    return code_in(name) or name.strip().casefold()


def _options(options: Sequence[tuple[str, str]], building: _Building) -> Iterator[dict[str, Any]]:
    used: set[str] = set()
    for position, (name, raw) in enumerate(options, 1):
        where = f"options[{position - 1}]"
        title = building.line(raw, where)[:MAX_NAME] or f"Option {position}"
        # The id is what a portfolio names, so it is made of the title's words.
        own_id = re.sub(r"[^a-z0-9]+", "_", title.casefold()).strip("_")[:40].rstrip("_")
        if not own_id[:1].isalpha() or own_id in used:
            own_id = f"option_{position}"
        used.add(own_id)
        building.option_of[name.strip().casefold()] = own_id
        yield {"id": own_id, "title": title, "guid": name.lower() if _GUID.fullmatch(name) else None}


def _duties(duties: Sequence[SourceDuty], building: _Building) -> Iterator[dict[str, Any]]:
    used: set[str] = set()
    for position, duty in enumerate(duties, 1):
        text = building.line(duty.text, duty.where)
        if not text or len(text) > MAX_TEXT:
            what = "A duty without words." if not text else f"A duty of {len(text):,} characters; {MAX_TEXT:,} fit."
            building.note(NoteKind.UNUSABLE, duty.where, what)
            continue
        if text == ".":
            building.note(NoteKind.UNKNOWN, duty.where, 'The text of the duty is a placeholder, ".".')
        code = code_in(duty.id, "D") or f"D{position}"
        if code in used:
            code = next(f"D{n}" for n in range(1, 10_000) if f"D{n}" not in used)
        used.add(code)
        options = _linked(duty.options, building.option_of, duty.where, "option", building)
        is_lost = bool(building.option_of) and not duty.core and not options
        if is_lost:
            # What is in doubt is asked for: else a learner could be ready without what the duty maps to.
            what = "A duty that is not core and in no option of this record: it is taken as everybody's."
            building.note(NoteKind.REPAIRED, duty.where, what)
        yield {
            "code": code,
            "text": text,
            "competencies": _linked(duty.links, building.code_of, duty.where, "statement", building),
            "core": duty.core or is_lost,
            "options": options,
            "guid": next((name.lower() for name in (duty.guid, duty.id) if _GUID.fullmatch(name)), None),
        }


def _linked(
    names: Sequence[str], known: Mapping[str, str], where: str, noun: str, building: _Building
) -> tuple[str, ...]:
    """Give what names stand for, each once; a name that stands for nothing is told."""
    found = []
    for name in names:
        target = known.get(_key(name)) or known.get(name.strip().casefold())
        if target is None:
            what = f"A link to no {noun} of this record." if known else f"A link to a {noun}; the record names none."
            building.note(NoteKind.UNUSABLE, where, what.replace("a option", "an option"))
        elif target in found:
            building.note(NoteKind.REPAIRED, where, f"A link to the same {noun} twice became one.")
        else:
            found.append(target)
    return tuple(found)


FUNDING_RULES = "The funding rules of apprenticeships; the values in force, with their pages, are in the policy."


def apprenticeship_requirements(plan: str | None) -> tuple[dict[str, Any], ...]:
    """Give what holds at gateway for every apprenticeship, and that the plan's own requirements are not known.

    Args:
        plan: where the assessment plan is; None if the source does not say.
    """
    of_plan = f"The assessment plan, {plan}" if plan else "The assessment plan; the source does not say where it is"
    return (
        _requirement("statements", "Every statement is evidenced", "every_statement", "What every gateway asks for."),
        _requirement("minimum_duration", "Minimum duration", "minimum_duration", FUNDING_RULES),
        _requirement("off_the_job", "Off-the-job training", "off_the_job", FUNDING_RULES),
        _requirement("active_learning", "Active learning at least every four weeks", "active_learning", FUNDING_RULES),
        _requirement("english", "English", "english_and_maths", FUNDING_RULES, subject="english"),
        _requirement("maths", "Maths", "english_and_maths", FUNDING_RULES, subject="maths"),
        _requirement(
            "confirmations",
            "Employer, provider and apprentice confirm",
            "confirmations",
            "The three take the gateway decision together.",
            by=("employer", "provider", "apprentice"),
        ),
        _requirement("assessment_plan", "What the assessment plan asks for", "assessment_plan", of_plan),
    )


def _requirement(name: str, title: str, rule: str, source: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": title, "rule": rule, "source": source, "trust": "ours", **more}
