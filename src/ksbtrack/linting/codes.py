"""Checks on what names things: references, versions, codes and the official identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ksbtrack.load.standards import WrittenStandard
from ksbtrack.models.linting import Seen
from ksbtrack.models.standard import Competency, CompetencyKind
from ksbtrack.models.values import listed, natural_key
from ksbtrack.problems import quoted, several
from ksbtrack.yamlfile import Path

OFFICIAL_REFERENCE = re.compile(r"(ST|FA|AU)[0-9]{4}")
"""Apprenticeship, foundation apprenticeship, apprenticeship unit. Source: the official importer."""
OFFICIAL_VERSION = re.compile(r"[0-9]+\.[0-9]+")
"""Source: the official importer."""
KINDS = {
    "K": CompetencyKind.KNOWLEDGE,
    "S": CompetencyKind.SKILL,
    "B": CompetencyKind.BEHAVIOUR,
    "TK": CompetencyKind.KNOWLEDGE,
    "TS": CompetencyKind.SKILL,
    "ESB": CompetencyKind.EMPLOYABILITY,
}
"""What the codes of apprenticeships say of their statements. Source: the numbering of the official importer."""
MAX_LISTED = 12
"""Codes that a sentence lists; of more it says how many."""

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NUMBERED = re.compile(r"(?P<prefix>.*?)(?P<number>[0-9]+)")


def odd_reference(written: WrittenStandard) -> Iterator[Seen]:
    """Find a reference that no official record has."""
    own = written.own
    if own.is_apprenticeship and not OFFICIAL_REFERENCE.fullmatch(own.reference):
        # Records of 2020 have none; what an import wrote in its place is no role, and has a gateway.
        is_stand_in = own.lars_code is not None and own.reference == f"LARS{own.lars_code}"
        fix = "Correct it. If it is a role of your own, write kind: profile."
        yield Seen(
            "reference",
            written.text.source(("reference",)),
            f"{quoted(own.reference)} is no reference of an apprenticeship: those are ST, FA or AU and four digits.",
            "Look the reference up by the LARS code, and write it in its place." if is_stand_in else fix,
        )


def odd_version(written: WrittenStandard) -> Iterator[Seen]:
    """Find a version that is not two numbers with a point between them."""
    own = written.own
    if own.is_apprenticeship and own.version != "unknown" and not OFFICIAL_VERSION.fullmatch(own.version):
        yield Seen(
            "version",
            written.text.source(("version",)),
            f"{quoted(own.version)} is no version of an apprenticeship: those are two numbers, such as 1.0.",
            "Correct it as the official record has it.",
        )


def version_not_known(written: WrittenStandard) -> Iterator[Seen]:
    """Find a standard whose version is unknown: codes may mean something else in the learner's."""
    if written.own.version == "unknown":
        yield Seen(
            "version",
            written.text.source(("version",)),
            "Which version this is, is not known; in another one a code may mean another statement.",
            "Compare it with the official record, and write its version.",
        )


def prefix_of_another_kind(written: WrittenStandard) -> Iterator[Seen]:
    """Find a group whose codes say another kind than it declares."""
    for index, group in enumerate(written.own.groups):
        wanted = KINDS.get(group.prefix)
        if written.own.is_apprenticeship and wanted is not None and group.kind is not wanted:
            yield Seen(
                group.prefix,
                written.text.source(("groups", index, "kind")),
                f"Codes with {group.prefix} are of the kind {wanted.value}, and this group is of the kind "
                f"{group.kind.value}.",
                "Correct the kind, or the prefix and its codes. What the employer verifies hangs on the kind.",
            )


def codes_out_of_order(written: WrittenStandard) -> Iterator[Seen]:
    """Find groups whose codes do not stand as people count, such as K1, K10, K2."""
    for index, group in enumerate(written.own.groups):
        for row, (before, after) in enumerate(pairwise(group.statements), 1):
            if natural_key(before.code) > natural_key(after.code):
                yield Seen(
                    after.code,
                    written.text.source(("groups", index, "statements", row, "code")),
                    f"{after.code} stands after {before.code}: the order is not that in which people count.",
                    "Sort the statements of the group; every report lists them as they stand here.",
                )
                break


def codes_missing(written: WrittenStandard) -> Iterator[Seen]:
    """Find numbers that are left out in a family of codes: a statement may have been lost."""
    families: dict[str, dict[int, Path]] = {}
    for path, statement in placed(written):
        match = _NUMBERED.fullmatch(statement.code)
        if match:
            families.setdefault(match["prefix"], {})[int(match["number"])] = path
    for prefix, numbers in families.items():
        last = max(numbers)
        missing = [f"{prefix}{number}" for number in range(1, last) if number not in numbers]
        if missing:
            behind = min(number for number in numbers if number > int(missing[0].removeprefix(prefix)))
            yield Seen(
                f"{prefix}{behind}",
                written.text.source((*numbers[behind], "code")),
                f"Of {prefix}1 to {prefix}{last}, {several_codes(missing)} missing.",
                "Look them up in the official record: add what was lost. If it has the same gap, leave it.",
            )


def guid_shared(written: WrittenStandard) -> Iterator[Seen]:
    """Find an official identifier that two things have: versions are paired by it, and would be paired wrongly."""
    first: dict[str, Path] = {}
    names: dict[Path, str] = {}
    for name, guid, path in _identified(written):
        names[path] = name
        other = first.setdefault(guid.casefold(), path)
        if other != path:
            yield Seen(
                name,
                written.text.source(path),
                f"{name} has the official identifier of {names[other]}.",
                "Correct the one that is wrong, or delete it there. Versions are compared by it.",
            )


def guid_malformed(written: WrittenStandard) -> Iterator[Seen]:
    """Find an official identifier that is none."""
    for name, guid, path in _identified(written):
        if not _GUID.fullmatch(guid):
            yield Seen(
                name,
                written.text.source(path),
                f"{quoted(guid)} is no official identifier: that has 32 digits, as 8-4-4-4-12.",
                "Copy it anew from the official record, or delete the line.",
            )


def placed(written: WrittenStandard) -> Iterator[tuple[Path, Competency]]:
    """Yield each statement that the file itself declares, with its place in the file."""
    for index, group in enumerate(written.own.groups):
        for row, statement in enumerate(group.statements):
            yield ("groups", index, "statements", row), statement


def several_codes(codes: Sequence[str]) -> str:
    """Give codes with the verb that follows them; of many how many they are."""
    if len(codes) > MAX_LISTED:
        return f"{several(len(codes), 'code')}, from {codes[0]} on, are"
    return f"{listed(codes)} {'is' if len(codes) == 1 else 'are'}"


def _identified(written: WrittenStandard) -> Iterator[tuple[str, str, Path]]:
    """Yield the name, the official identifier and its place for all that has one."""
    for path, statement in placed(written):
        if statement.guid:
            yield statement.code, statement.guid, (*path, "guid")
    for index, duty in enumerate(written.own.duties):
        if duty.guid:
            yield duty.code, duty.guid, ("duties", index, "guid")
    for index, option in enumerate(written.own.options):
        if option.guid:
            yield option.id, option.guid, ("options", index, "guid")
