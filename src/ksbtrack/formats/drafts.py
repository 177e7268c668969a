"""From a draft, the parts of another format's record, to a standard: codes of ours, links, what is missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ksbtrack.formats.item_tree import grouped, of_role
from ksbtrack.formats.loading_back import loads_back
from ksbtrack.formats.source_record import WORDS_NOT_TAKEN, apprenticeship_requirements, code_in, merged
from ksbtrack.formats.stated import A_PROFILE, nature_of, stated, version_in
from ksbtrack.load.standards import as_loaded
from ksbtrack.models.drafting import Draft, DraftGroup, Role, TreeItem
from ksbtrack.models.importing import Given, Imported, ImportNote, NoteKind
from ksbtrack.models.levels import QualificationLevel
from ksbtrack.models.standard import CompetencyKind, Standard, StandardKind
from ksbtrack.models.values import MAX_NAME, MAX_TEXT, Count, Id, Known, Reference
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted
from ksbtrack.yamlfile import without_forbidden

MOST_CODES = 999
"""Statements whose codes begin alike: codes have three digits, and the largest published standard has about 80."""
NO_ATTRIBUTION = "The source does not say whose words these are, nor under which licence they may be passed on."

PREFIXES = {
    CompetencyKind.KNOWLEDGE: "K",
    CompetencyKind.SKILL: "S",
    CompetencyKind.BEHAVIOUR: "B",
    CompetencyKind.DUTY: "D",
    CompetencyKind.EXPERIENCE: "X",
    CompetencyKind.QUALIFICATION: "Q",
    CompetencyKind.KNOWLEDGE_AND_SKILL: "KS",
    CompetencyKind.EMPLOYABILITY: "ESB",
}
"""What the codes that we give begin with."""
_TITLES = {
    CompetencyKind.KNOWLEDGE: "Knowledge",
    CompetencyKind.SKILL: "Skills",
    CompetencyKind.BEHAVIOUR: "Behaviours",
    CompetencyKind.DUTY: "Duties",
    CompetencyKind.EXPERIENCE: "Experience",
    CompetencyKind.QUALIFICATION: "Qualifications",
    CompetencyKind.KNOWLEDGE_AND_SKILL: "Knowledge and skills",
    CompetencyKind.EMPLOYABILITY: "Employability skills and behaviours",
}
_OF_NOBODY = "XX"
"""A reference that is no apprenticeship's."""
_VERSION = re.compile(r"[0-9]{1,4}(?:[.-][0-9]{1,4}){0,2}|unknown")
_PREFIX = re.compile(r"[A-Z]{1,4}(?:[0-9]{1,3})?")


@dataclass(slots=True)
class _Making:
    """What is gathered while a draft becomes a standard."""

    notes: list[ImportNote]
    code_of: dict[str, str] = field(default_factory=dict)
    """The code of each statement by its id in the source."""
    codes: set[str] = field(default_factory=set)
    aliases: set[str] = field(default_factory=set)
    last: Counter[str] = field(default_factory=Counter)
    """The highest number used after each prefix."""

    def note(self, kind: NoteKind, where: str, what: str, count: int = 1) -> None:
        self.notes.append(ImportNote(kind, where, what, count))


def standard_of(draft: Draft, given: Given) -> Imported:
    """Give the standard that a draft becomes, with every note about it.

    Args:
        draft: the parts.
        given: what the person who imports says, used where the draft does not.
    """
    making = _Making(list(draft.notes))
    said = {
        "reference": _valid(Reference, draft.reference, making, "reference") or "",
        "version": _version(draft.version, making),
        "title": " ".join(without_forbidden(draft.title).split()),
    }
    facts = stated(said, given, making.notes)
    groups = [_sound(group, making) for group in grouped(draft.items, making.notes)]
    if facts is None or not _fit(groups, making):
        return Imported(said["title"] or "the framework", None, merged(making.notes))
    if _VERSION.fullmatch(draft.version):
        facts["version"] = draft.version
    nature = nature_of(facts["reference"])
    kind = draft.kind or nature["kind"]
    if draft.kind is None and kind is StandardKind.PROFILE:
        making.note(NoteKind.UNKNOWN, "kind", A_PROFILE)
    asked = _requirements(kind, facts["reference"])
    values = nature | _facts(draft, making) | facts | {"kind": kind, "requirements": asked}
    name = f"{facts['reference']}@{facts['version']}"
    values["groups"] = tuple(_paired(_coded(groups, making), groups, making))
    values["options"] = tuple(_options(draft.items, making))
    values["duties"] = tuple(_duties(draft.items, making, {option["id"] for option in values["options"]}))
    standard = _validated(values, making)
    return loads_back(Imported(name, standard, merged(making.notes)))


def _version(text: str, making: _Making) -> str:
    """Give a version that a standard can have; nothing, with a note, for another one."""
    if not text or version_in(text) or _VERSION.fullmatch(text):
        return text
    making.note(NoteKind.UNREAD, "version", f"{quoted(text)} is no version as we know it.")
    return ""


def _validated(values: dict[str, Any], making: _Making) -> Standard | None:
    try:
        return as_loaded(Standard.model_validate(values))
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            context = fault.get("ctx", {})
            found, expected = context.get("found", fault["msg"]), context.get("expected", "it is not as it should be")
            where = ".".join(str(part) for part in fault["loc"])
            making.note(NoteKind.UNUSABLE, where, f"It cannot be used: {found}; {expected}.")
        return None


def _facts(draft: Draft, making: _Making) -> dict[str, Any]:
    attribution = without_forbidden(draft.attribution).strip()
    if not attribution:
        making.note(NoteKind.UNKNOWN, "attribution", NO_ATTRIBUTION)
    if len(attribution) > MAX_TEXT:
        making.note(NoteKind.UNREAD, "attribution", f"The attribution has {len(attribution):,} characters; it was cut.")
        attribution = attribution[:MAX_TEXT]
    facts: dict[str, Any] = {"attribution": attribution} if attribution else {}
    facts |= {
        "sources": (draft.source,) if draft.source else (),
        "overview": [
            {"name": name, "value": text[:MAX_TEXT]}
            for name, words in draft.remarks
            if (text := without_forbidden(words).strip())
        ],
    }
    for name, kind, value in (("level", QualificationLevel, draft.level), ("lars_code", Count, draft.lars_code)):
        facts[name] = _valid(kind, value, making, name)
    return facts


def _valid(kind: Any, value: str, making: _Making, name: str) -> Any:
    """Give a value of a kind of ours; None where there is none, or where it is something else."""
    if not value.strip():
        return None
    try:
        return TypeAdapter(kind).validate_python(value.strip())
    except ValidationError:
        making.note(NoteKind.UNREAD, name, f"{quoted(value)} is no {name.replace('_', ' ')} as we know it.")
        return None


def _requirements(kind: StandardKind, reference: str) -> tuple[dict[str, Any], ...]:
    """Give what is asked of everybody on a standard of a kind; the reference alone need not say which kind it is."""
    nature = nature_of(reference)
    if nature["kind"] is not kind:
        nature = (
            nature_of(_OF_NOBODY)
            if kind is StandardKind.PROFILE
            else nature | {"requirements": apprenticeship_requirements(None)}
        )
    requirements: tuple[dict[str, Any], ...] = nature["requirements"]
    return requirements


def _line(raw: str, where: str, making: _Making) -> str:
    """Give text as one line of at most `MAX_NAME` characters."""
    line = " ".join(without_forbidden(raw).split())
    if len(line) > MAX_NAME:
        making.note(NoteKind.UNUSABLE, where, f"A line was cut after {MAX_NAME} characters: {quoted(line)}.")
        line = line[: MAX_NAME - 1].rstrip() + "…"
    return line


def _prose(item: TreeItem, making: _Making, noun: str) -> str:
    """Give the words of an item; nothing where they cannot be used."""
    if len(item.text) > MAX_TEXT:
        what = f"A {noun} of {len(item.text):,} characters was not taken; {MAX_TEXT:,} fit."
        making.note(NoteKind.UNUSABLE, item.where, what)
        # It stays, so that evidence is asked for it: what nobody could read is not met.
        return WORDS_NOT_TAKEN if noun == "statement" else ""
    text = without_forbidden(item.text)
    if text != item.text.replace("\r\n", "\n").replace("\r", "\n"):
        making.note(NoteKind.REPAIRED, item.where, "Characters that cannot be seen were taken out.")
    if not text.strip():
        making.note(NoteKind.UNUSABLE, item.where, f"A {noun} without words was not taken.")
        return ""
    return text


def _sound(group: DraftGroup, making: _Making) -> DraftGroup:
    """Give a group whose statements all have words that can be used."""
    texts = [(item, _prose(item, making, "statement")) for item in group.statements]
    return replace(group, statements=tuple(replace(item, text=text) for item, text in texts if text))


def _fit(groups: Sequence[DraftGroup], making: _Making) -> bool:
    """Say whether there are statements, and codes for all of them."""
    count = sum(len(group.statements) for group in groups)
    if count == 0:
        making.note(NoteKind.UNUSABLE, "", "It has no statement, so there is nothing to show evidence for.")
    if count > MOST_CODES:
        what = f"It has {count:,} statements; a standard has at most {MOST_CODES}. Import its parts one by one."
        making.note(NoteKind.UNUSABLE, "", what)
    return 0 < count <= MOST_CODES


def _coded(groups: Sequence[DraftGroup], making: _Making) -> list[dict[str, Any]]:
    """Give the groups with codes of ours, those of the source first; mixed codes make several groups of one."""
    own: dict[str, str] = {}
    for group in groups:
        for item in group.statements:
            code = code_in(item.code)
            if code and code not in making.codes:
                making.codes.add(code)
                own[item.id] = code
    return [plain for group in groups for plain in _parts(group, own, making)]


def _parts(group: DraftGroup, own: dict[str, str], making: _Making) -> Iterator[dict[str, Any]]:
    heading = group.heading
    where = heading.where if heading else group.statements[0].where if group.statements else ""
    parts: dict[tuple[str, CompetencyKind], list[dict[str, Any]]] = {}
    has_own_codes = False
    for item in group.statements:
        kind = item.kind or (heading.kind if heading else None)
        if kind is None:
            what = "The source does not say what its statements are about; they count as knowledge and skill together."
            making.note(NoteKind.UNKNOWN, where, what)
        kind = kind or CompetencyKind.KNOWLEDGE_AND_SKILL
        code = own.get(item.id)
        has_own_codes |= code is not None
        prefix = _prefix(code, heading, kind)
        code = code or _next_code(prefix, making)
        making.code_of[item.id] = code
        parts.setdefault((prefix, kind), []).append(_statement(item, code, making))
    title = _line(group.title, where, making)
    note = _line(heading.note, where, making) if heading else ""
    if not has_own_codes and group.statements:
        what = "The source has no codes such as K1: these are ours, by position; its own names are aliases."
        making.note(NoteKind.REPAIRED, where, what, len(group.statements))
    for (prefix, kind), statements in parts.items():
        yield {
            "prefix": prefix,
            "kind": kind,
            "title": title or _TITLES[kind],
            "codes_trust": Known.OFFICIAL if has_own_codes else Known.OURS,
            "note": note or None,
            "statements": statements,
        }


def _prefix(code: str | None, heading: TreeItem | None, kind: CompetencyKind) -> str:
    wanted = heading.prefix if heading and _PREFIX.fullmatch(heading.prefix) else ""
    if code is None:
        return wanted or PREFIXES[kind]
    if wanted and re.fullmatch(re.escape(wanted) + r"\.?[0-9]+(\.[0-9]+)?", code):
        return wanted
    return re.match(r"[A-Z]+", code)[0]  # type: ignore[index]  # every code begins with letters


def _next_code(prefix: str, making: _Making) -> str:
    """Give the next code that is not used; a prefix that ends with a digit has a point before the number."""
    stem = f"{prefix}." if prefix[-1].isdigit() else prefix
    while True:
        making.last[prefix] += 1
        code = f"{stem}{making.last[prefix]}"
        if code not in making.codes:
            making.codes.add(code)
            return code


def _statement(item: TreeItem, code: str, making: _Making) -> dict[str, Any]:
    original = " ".join(without_forbidden(item.code).split())
    reads_like = code_in(original)
    if reads_like == code and original != code:
        making.note(NoteKind.REPAIRED, item.where, "A code was written in another form; that form is an alias.")
    elif reads_like and reads_like != code:
        making.note(
            NoteKind.REPAIRED, item.where, "A code that another statement has already; this one got a new code."
        )
    # What reads like a code of ours and is another statement's would never be asked for by that name.
    names = [*item.aliases, *([original] if original and original != code and reads_like in (None, code) else [])]
    aliases = []
    for name in names:
        line = " ".join(without_forbidden(name).split())
        if not line or len(line) > MAX_NAME or line.casefold() in making.aliases:
            making.note(NoteKind.UNUSABLE, item.where, "A name that is too long, or another statement's, is no alias.")
            continue
        making.aliases.add(line.casefold())
        aliases.append(line)
    guid = " ".join(without_forbidden(item.guid or "").split())
    if len(guid) > MAX_NAME:
        making.note(NoteKind.UNUSABLE, item.where, f"An identifier of {len(guid):,} characters was not taken.")
    return {"code": code, "text": item.text, "aliases": aliases, "guid": guid if 0 < len(guid) <= MAX_NAME else None}


def _paired(plain: list[dict[str, Any]], groups: Sequence[DraftGroup], making: _Making) -> Iterator[dict[str, Any]]:
    """Yield the groups with the partner of each statement that has one."""
    items = [item for group in groups for item in group.statements]
    linked = {making.code_of[item.id]: _linked(item, making.code_of, "statement", making) for item in items}
    partners: dict[str, str] = {}
    for item in items:
        code = making.code_of[item.id]
        # What goes with many, such as a level with all statements of that level, is nobody's partner.
        if len(linked[code]) == 1 and len(linked[linked[code][0]]) <= 1:
            partners[code] = linked[code][0]
        elif linked[code]:
            what = "A link to a statement that goes with several: a standard has only pairs."
            making.note(NoteKind.UNREAD, item.where, what, len(linked[code]))
    for entry in plain:
        yield entry | {
            "statements": [
                {**statement, "pairs_with": partners.get(statement["code"])} for statement in entry["statements"]
            ]
        }


def _linked(item: TreeItem, targets: dict[str, str], noun: str, making: _Making) -> list[str]:
    """Give what an item's links stand for, each once; what they do not stand for is told."""
    found: list[str] = []
    for name in item.links:
        target = targets.get(name)
        if target is None:
            making.note(NoteKind.UNUSABLE, item.where, f"A link to no {noun} of this source.")
        elif target not in found:
            found.append(target)
    return found


def _options(items: Sequence[TreeItem], making: _Making) -> Iterator[dict[str, Any]]:
    used: set[str] = set()
    for position, item in enumerate(of_role(items, Role.OPTION), 1):
        title = _line(item.text, item.where, making)
        if not title:
            making.note(NoteKind.UNUSABLE, item.where, "An option without words was not taken.")
            continue
        own_id = _valid(Id, item.code, making, "id") or f"option_{position}"
        while own_id in used:
            own_id = f"option_{position}_{len(used)}"
        used.add(own_id)
        # Links to options and to statements stand in one list, so options have a sign that no code has.
        making.code_of[item.id] = f"#{own_id}"
        yield {"id": own_id, "title": title, "guid": item.guid}


def _duties(items: Sequence[TreeItem], making: _Making, options: set[str]) -> Iterator[dict[str, Any]]:
    used: set[str] = set()
    for position, item in enumerate(of_role(items, Role.DUTY), 1):
        text = _prose(item, making, "duty")
        if not text:
            continue
        code = code_in(item.code)
        if code is None or code in used:
            code = next(
                f"D{number}" for number in range(position, position + len(used) + 1) if f"D{number}" not in used
            )
            making.note(NoteKind.REPAIRED, item.where, "A duty without a code of its own was numbered by position.")
        used.add(code)
        linked = _linked(item, making.code_of, "statement or option", making)
        yield {
            "code": code,
            "text": text,
            "competencies": [target for target in linked if not target.startswith("#")],
            "options": [target[1:] for target in linked if target.startswith("#") and target[1:] in options],
            "core": item.is_core,
            "guid": item.guid,
        }


def other_format(shown: str, found: str, expected: str) -> KsbtrackError:
    """Give the error of a file that is of another format than the one it is read as.

    Args:
        shown: the path for messages.
        found: what is there, or is not.
        expected: what a file of the format has, as a clause.
    """
    fix = "Check that it is the right file, or name its format with --format."
    return KsbtrackError(Problem("unknown-format", Source(shown), found, expected, fix))
