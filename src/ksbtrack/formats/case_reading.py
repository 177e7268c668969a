"""Packages of CASE 1.0 and 1.1, read leniently: real exports lack codes, types, identifiers or sound hierarchies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ksbtrack.formats.case_package import (
    DUTIES,
    DUTY,
    EXTENSION,
    GROUP_OF,
    NO_CREATOR,
    OPTION,
    OPTIONAL_DUTY,
    OPTIONS,
    kind_of_type,
)
from ksbtrack.formats.drafts import other_format, standard_of
from ksbtrack.formats.entry_identifiers import without_made
from ksbtrack.formats.json_records import json_records
from ksbtrack.models.drafting import Draft, Role, TreeItem
from ksbtrack.models.importing import Given, Imported, ImportNote, NoteKind
from ksbtrack.models.standard import StandardKind
from ksbtrack.problems import quoted, several

_ROLES = {
    DUTIES: Role.HEADING,
    OPTIONS: Role.HEADING,
    DUTY: Role.DUTY,
    OPTIONAL_DUTY: Role.DUTY,
    OPTION: Role.OPTION,
}
_READ_OF_ITEM = frozenset(
    (
        "identifier",
        "uri",
        "fullStatement",
        "humanCodingScheme",
        "alternativeLabel",
        "abbreviatedStatement",
        "listEnumeration",
        "CFItemType",
        "notes",
        # What the whole file says already.
        "CFDocumentURI",
        "lastChangeDateTime",
    )
)
_READ_OF_DOCUMENT = frozenset(
    (
        "identifier",
        "uri",
        "CFPackageURI",
        "caseVersion",
        "creator",
        "publisher",
        "title",
        "version",
        "notes",
        "description",
        "licenseURI",
        "extensions",
        "lastChangeDateTime",
        "officialSourceURL",
    )
)
_PARTS = frozenset(("CFDocument", "CFItems", "CFAssociations"))

Plain = Mapping[str, Any]


def looks_like_case(keys: frozenset[str]) -> bool:
    """Say whether a JSON object with these keys is a package of CASE."""
    return bool(keys & {"CFDocument", "CFPackage"}) or {"CFItems", "CFAssociations"} <= keys


def read_case(path: Path, given: Given) -> Iterator[Imported]:
    """Yield the standard of each package in a file.

    Args:
        path: a package, or a list of packages.
        given: the reference, which no package of others has, and what else the file does not say.

    Raises:
        KsbtrackError: `unknown-format`, `bad-json`, `not-utf-8`, `bad-character`, `record-too-large`, or that the
            file is not there.
    """
    for value in json_records(path):
        if not isinstance(value, dict) or not looks_like_case(frozenset(value)):
            found = "no object 'CFDocument'"
            raise other_format(path.as_posix(), found, "a package of CASE has one, with its CFItems and CFAssociations")
        imported = standard_of(_draft(value), given)
        yield replace(imported, standard=without_made(imported.standard)) if imported.standard else imported


def _draft(record: Plain) -> Draft:
    notes: list[ImportNote] = []
    package = _object(record["CFPackage"]) if "CFPackage" in record else record
    document = _object(package.get("CFDocument"))
    facts = _object(_object(document.get("extensions")).get(EXTENSION))
    _unread(package, _PARTS, "", notes)
    _unread(document, _READ_OF_DOCUMENT, "CFDocument", notes)
    kinds = [kind for kind in StandardKind if kind.value == facts.get("kind")]
    title, source = _text(document.get("title")), _text(document.get("officialSourceURL"))
    changed = _text(document.get("lastChangeDateTime"))
    return Draft(
        title=title,
        items=tuple(_items(package, document, notes)),
        reference=_text(facts.get("reference")),
        version=_text(document.get("version")),
        kind=kinds[0] if kinds else None,
        level=_text(facts.get("level")),
        lars_code=_text(facts.get("lars_code")),
        attribution=_text(document.get("notes")) if facts else _attribution(document),
        remarks=tuple(
            (name, _text(document.get(key)))
            for name, key in (("Description", "description"), ("Notes", "notes"))
            if not (facts and key == "notes")
        ),
        source=" ".join(
            part
            for part in (
                f"CASE package {quoted(title)}",
                f"with the identifier {quoted(_text(document.get('identifier')))}",
                f"from {source}" if source.isprintable() and source else "",
                f"changed {changed[:10]}" if changed.isprintable() and changed else "",
            )
            if part
        ),
        notes=tuple(notes),
    )


def _attribution(document: Plain) -> str:
    """Give whom the words are from, and under which licence, as far as the document says it."""
    people = [
        f"{noun}: {name}."
        for noun, key in (("Creator", "creator"), ("Publisher", "publisher"))
        if (name := _text(document.get(key)).rstrip(".")) and name != NO_CREATOR
    ]
    licence = _object(document.get("licenseURI"))
    words = _text(licence.get("title")) or _text(document.get("licenseURI"))
    if words:
        people.append(f"Licence: {words}.")
    return " ".join(people)


def _items(package: Plain, document: Plain, notes: list[ImportNote]) -> Iterator[TreeItem]:
    """Yield the items with their parents and links."""
    raw = package.get("CFItems")
    entries = [_object(entry) for entry in (raw.values() if isinstance(raw, dict) else _list(raw))]
    names = _Names(document, entries, notes)
    parents: dict[str, tuple[str, float | None]] = {}
    links: dict[str, list[str]] = {}
    others: Counter[str] = Counter()
    for index, association in enumerate(_list(package.get("CFAssociations"))):
        fields = _object(association)
        kind = _text(fields.get("associationType"))
        origin, target = names.of(fields.get("originNodeURI")), names.of(fields.get("destinationNodeURI"))
        where = f"CFAssociations[{index}]"
        if origin is None or (target is None and kind != "isChildOf"):
            notes.append(ImportNote(NoteKind.UNUSABLE, where, "An association of items that are not in the package."))
        elif kind == "isChildOf":
            if origin in parents:
                notes.append(ImportNote(NoteKind.UNREAD, where, "An item below several others: the first one counts."))
            # A parent that is not there has a name that no item has.
            parents.setdefault(origin, ("?" if target is None else target, _number(fields.get("sequenceNumber"))))
        elif kind in ("isRelatedTo", "isPeerOf") and target:
            links.setdefault(f"{kind} {origin}", []).append(target)
        else:
            others[kind] += 1
    for kind, count in sorted(others.items()):
        words = several(count, f"association {quoted(kind)}", f"associations {quoted(kind)}")
        notes.append(ImportNote(NoteKind.UNREAD, "CFAssociations", f"{words}: a standard has no place for it.", count))
    for index, (fields, name) in enumerate(zip(entries, names.items, strict=True)):
        below = parents.get(name, ("", None))
        yield _item(fields, name, f"CFItems[{index}]", below=below, links=links, notes=notes)


def _item(
    fields: Plain,
    name: str,
    where: str,
    *,
    below: tuple[str, float | None],
    links: Mapping[str, Sequence[str]],
    notes: list[ImportNote],
) -> TreeItem:
    words = _text(fields.get("CFItemType"))
    role = _ROLES.get(words, Role.OF_PLACE)
    related, peers = links.get(f"isRelatedTo {name}", ()), links.get(f"isPeerOf {name}", ())
    if role is Role.OF_PLACE and related:
        what = "Relations of a statement to others: a standard has only partners, which CASE calls peers."
        notes.append(ImportNote(NoteKind.UNREAD, where, what, len(related)))
    is_group = words.startswith(GROUP_OF)
    code = _text(fields.get("humanCodingScheme")) or _text(fields.get("listEnumeration"))
    own_notes = _text(fields.get("notes"))
    _unread(fields, _READ_OF_ITEM, where, notes)
    label, guid = _text(fields.get("alternativeLabel")), _text(fields.get("identifier"))
    text, title = _text(fields.get("fullStatement")), _text(fields.get("abbreviatedStatement"))
    return TreeItem(
        id=name,
        where=where,
        text=text or title,
        parent=below[0],
        sequence=below[1],
        code="" if is_group else code,
        title=title,
        kind=kind_of_type(words),
        prefix=code if is_group else "",
        note=own_notes if is_group or not title else text,
        guid=guid or None,
        aliases=(label,) if label else (),
        links=tuple(related if role is Role.DUTY else peers),
        role=role,
        is_core=words != OPTIONAL_DUTY,
    )


class _Names:
    """What the items and the document are called, by whatever a link calls them."""

    def __init__(self, document: Plain, entries: Sequence[Plain], notes: list[ImportNote]) -> None:
        self.items: list[str] = []
        self._known: dict[str, str] = {}
        for key in ("identifier", "uri"):
            if _text(document.get(key)):
                self._known[_text(document.get(key))] = ""
        for index, fields in enumerate(entries):
            where = f"CFItems[{index}]"
            identifier, uri = _text(fields.get("identifier")), _text(fields.get("uri"))
            if not identifier:
                notes.append(ImportNote(NoteKind.REPAIRED, where, "An item without an identifier."))
            elif identifier in self._known:
                notes.append(ImportNote(NoteKind.REPAIRED, where, "An identifier that another item has already."))
            name = f"item {index}"
            self.items.append(name)
            for known in (identifier, uri):
                if known:
                    self._known.setdefault(known, name)

    def of(self, link: object) -> str | None:
        """Give what a link leads to: an item, the document as an empty name, or None for what is not there."""
        fields = _object(link) if isinstance(link, dict) else {"identifier": link}
        for key in ("identifier", "uri"):
            name = _text(fields.get(key))
            if name in self._known:
                return self._known[name]
        return None


def _unread(fields: Plain, known: frozenset[str], where: str, notes: list[ImportNote]) -> None:
    """Note the properties that say something and that we do not read."""
    for key in fields:
        if key not in known and fields[key] not in (None, "", [], {}) and not _is_empty(fields[key]):
            notes.append(ImportNote(NoteKind.UNREAD, where, f"The property {quoted(key)}."))


def _is_empty(value: object) -> bool:
    return isinstance(value, dict) and not any(value.values())


def _object(value: object) -> Plain:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None
