"""Standards as packages of 1EdTech CASE 1.1, the exchange format of competency frameworks.

Written strictly by the rules of 1.1: every required property, none that it does not know, identifiers by RFC 4122.

Source: the information model of CASE 1.1.
"""

from __future__ import annotations

import json
from typing import Any

from ksbtrack.formats.entry_identifiers import Identifiers, identifiers_of, made_identifier
from ksbtrack.formats.framework_names import KIND_NAMES
from ksbtrack.formats.losses import Part, lost_parts, whole
from ksbtrack.models.importing import Exported
from ksbtrack.models.standard import CompetencyKind, Group, Standard
from ksbtrack.problems import several

LAST_CHANGE = "2000-01-01T00:00:00+00:00"
"""When everything was changed last. CASE asks for it and a standard does not know; the same standard gives the same
bytes, so it is never the time of the export."""
NO_CREATOR = "unknown"
"""The creator, which CASE asks for and a standard does not know; the attribution is in the notes."""
GROUP_OF = "Group: "
"""What stands before the kind in the `CFItemType` of a group's heading; that of a statement is the kind alone."""
DUTIES, DUTY, OPTIONAL_DUTY = "Occupational duties", "Occupational duty", "Occupational duty of an option"
"""The `CFItemType` of the heading of duties, and of the duties of the occupation: everybody's, and an option's."""
OPTIONS, OPTION = "Options", "Option"
"""The `CFItemType` of the heading of options, and of an option."""
EXTENSION = "ksbtrack"
"""The name of our facts in the document's `extensions`, by which the same standard is known again."""
HELD = frozenset(
    (
        Part.LEVEL,
        Part.LARS_CODE,
        Part.ATTRIBUTION,
        Part.GROUP_NOTES,
        Part.PAIRS,
        Part.ALIASES,
        Part.GUIDS,
        Part.OPTIONS,
        Part.DUTIES,
        Part.DUTY_LINKS,
    )
)
"""What a package can hold beside headings, codes and texts."""

Plain = dict[str, Any]


def write_case(standard: Standard) -> Exported:
    """Give a standard as a CASE 1.1 package.

    The standard is the document; headings of groups are items, below which the statements stand; a duty is related to
    its statements and options; statements that belong together are peers.

    Args:
        standard: as it was loaded.
    """
    ids = identifiers_of(standard)
    lost = list(lost_parts(standard, HELD))
    if ids.replaced:
        lost.append(f"{several(ids.replaced, 'official identifier')}: CASE takes UUIDs in small letters, each once.")
    writing = _Writing(whole(standard), ids)
    return Exported((json.dumps(writing.package(), ensure_ascii=False, indent=2) + "\n").encode(), tuple(lost))


class _Writing:
    """A package being put together.

    A class, since each item brings associations with it that stand in a list of their own.
    """

    def __init__(self, standard: Standard, ids: Identifiers) -> None:
        self.standard = standard
        self.ids = ids
        self.items: list[Plain] = []
        self.associations: list[Plain] = []
        self.titles = {ids.document: standard.title}

    def package(self) -> Plain:
        """Give the whole package."""
        place = 0
        for group, name in zip(self.standard.groups, self.ids.groups, strict=True):
            if group.statements:
                place += 1
                self.group(group, name, place)
        if self.standard.options:
            place += 1
            self.options(place)
        if self.standard.duties:
            self.duties(place + 1)
        for statement in self.standard.competencies:
            if statement.pairs_with:
                partner = self.ids.statements[statement.pairs_with]
                self.associate("isPeerOf", self.ids.statements[statement.code], partner)
        return {"CFDocument": self.document(), "CFItems": self.items, "CFAssociations": self.associations}

    def document(self) -> Plain:
        standard = self.standard
        facts = {"reference": standard.reference, "kind": standard.kind.value}
        if standard.level:
            facts["level"] = standard.level.value
        if standard.lars_code is not None:
            facts["lars_code"] = str(standard.lars_code)
        return {
            "identifier": self.ids.document,
            "uri": _uri(self.ids.document),
            "caseVersion": "1.1",
            "creator": NO_CREATOR,
            "title": standard.title,
            "lastChangeDateTime": LAST_CHANGE,
            "version": standard.version,
            "notes": standard.attribution,
            "extensions": {EXTENSION: facts},
        }

    def group(self, group: Group, name: str, place: int) -> None:
        more = {"notes": group.note} if group.note else {}
        kind = KIND_NAMES[group.kind]
        self.item(name, group.title, GROUP_OF + kind, humanCodingScheme=group.prefix, **more)
        self.associate("isChildOf", name, self.ids.document, place)
        for number, statement in enumerate(group.statements, 1):
            own = self.ids.statements[statement.code]
            label = {"alternativeLabel": statement.aliases[0]} if statement.aliases else {}
            self.item(own, statement.text, kind, humanCodingScheme=statement.code, **label)
            self.associate("isChildOf", own, name, number)

    def options(self, place: int) -> None:
        heading = self.heading(OPTIONS, place)
        for number, (option, own) in enumerate(zip(self.standard.options, self.ids.options, strict=True), 1):
            self.item(own, option.title, OPTION, humanCodingScheme=option.id)
            self.associate("isChildOf", own, heading, number)

    def duties(self, place: int) -> None:
        heading = self.heading(DUTIES, place)
        options = {option.id: own for option, own in zip(self.standard.options, self.ids.options, strict=True)}
        for number, (duty, own) in enumerate(zip(self.standard.duties, self.ids.duties, strict=True), 1):
            self.item(own, duty.text, DUTY if duty.core else OPTIONAL_DUTY, humanCodingScheme=duty.code)
            self.associate("isChildOf", own, heading, number)
            targets = [self.ids.statements[code] for code in duty.competencies]
            targets += [options[name] for name in duty.options if name in options]
            for target in dict.fromkeys(targets):
                self.associate("isRelatedTo", own, target)

    def heading(self, words: str, place: int) -> str:
        own = made_identifier(self.standard.identity, "heading", words)
        self.item(own, words, words)
        self.associate("isChildOf", own, self.ids.document, place)
        return own

    def item(self, identifier: str, text: str, kind: str, **more: str) -> None:
        # What a link shows of an item is one line.
        self.titles[identifier] = more.get("humanCodingScheme") or " ".join(text.split())
        self.items.append(
            {
                "identifier": identifier,
                "uri": _uri(identifier),
                "fullStatement": text,
                **more,
                "CFItemType": kind,
                "lastChangeDateTime": LAST_CHANGE,
            }
        )

    def associate(self, kind: str, origin: str, target: str, place: int | None = None) -> None:
        own = made_identifier(self.standard.identity, kind, origin, target)
        self.associations.append(
            {
                "identifier": own,
                "uri": _uri(own),
                "associationType": kind,
                **({} if place is None else {"sequenceNumber": place}),
                "originNodeURI": self.link(origin),
                "destinationNodeURI": self.link(target),
                "lastChangeDateTime": LAST_CHANGE,
            }
        )

    def link(self, identifier: str) -> Plain:
        return {"title": self.titles[identifier], "identifier": identifier, "uri": _uri(identifier)}


def _uri(identifier: str) -> str:
    return f"urn:uuid:{identifier}"


def kind_of_type(words: str) -> CompetencyKind | None:
    """Give the kind whose name a `CFItemType` is, of statements or of their heading; None where it is none."""
    folded = " ".join(words.removeprefix(GROUP_OF).split()).casefold()
    folded = folded.replace("behavior", "behaviour")
    for kind, name in KIND_NAMES.items():
        if folded in (name.casefold(), f"{name.casefold()}s"):
            return kind
    return None
