"""RFC 4122 identifiers of what a standard consists of, the same in every export of the same standard.

The official identifier where there is one that is such a UUID; else one of version 5, which anybody can compute again.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ksbtrack.models.standard import Competency, DutyRecord, Option, Standard

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:ksbtrack:standards")
"""The namespace of the identifiers that we make: of the name `ST0148@1.0/statement/K1`, say."""

_RFC_4122 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The identifiers of one standard; no two are the same.

    Attributes:
        document: of the standard as a whole.
        statements: by code.
        duties: in the standard's order.
        options: in the standard's order.
        groups: in the standard's order.
        replaced: how many official identifiers could not stand, since they are no such UUID or there twice.
    """

    document: str
    statements: Mapping[str, str]
    duties: tuple[str, ...]
    options: tuple[str, ...]
    groups: tuple[str, ...]
    replaced: int


def identifiers_of(standard: Standard) -> Identifiers:
    """Give the identifiers of a standard and of what it consists of."""
    document = made_identifier(standard.identity)
    taken = {document}
    replaced = []

    def one(made: str, guid: str | None = None) -> str:
        wanted = guid.lower() if guid else ""
        is_usable = bool(_RFC_4122.fullmatch(wanted)) and wanted not in taken
        if guid and (guid != wanted or not is_usable):
            replaced.append(guid)
        taken.add(wanted if is_usable else made)
        return wanted if is_usable else made

    # Statements first: of an identifier that is there twice, theirs counts.
    made = _made(standard)
    statements = {
        item.code: one(name, item.guid) for item, name in zip(standard.competencies, made.statements, strict=True)
    }
    return Identifiers(
        document,
        statements,
        tuple(one(name, duty.guid) for duty, name in zip(standard.duties, made.duties, strict=True)),
        tuple(one(name, option.guid) for option, name in zip(standard.options, made.options, strict=True)),
        tuple(one(made_identifier(standard.identity, "group", str(index))) for index in range(len(standard.groups))),
        len(replaced),
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """The identifiers that we make for the entries of a standard, whatever official ones they have."""

    statements: tuple[str, ...]
    duties: tuple[str, ...]
    options: tuple[str, ...]


def _made(standard: Standard) -> _Made:
    def named(noun: str, names: Iterable[str]) -> tuple[str, ...]:
        counts: Counter[str] = Counter()
        made = []
        for name in names:
            counts[name] += 1
            # Of duties nothing checks that each has another code.
            place = (name, str(counts[name])) if counts[name] > 1 else (name,)
            made.append(made_identifier(standard.identity, noun, *place))
        return tuple(made)

    return _Made(
        named("statement", (one.code for one in standard.competencies)),
        named("duty", (one.code for one in standard.duties)),
        named("option", (one.id for one in standard.options)),
    )


def made_identifier(*names: str) -> str:
    """Give the identifier that belongs to names, such as a standard's identity, a noun and a code."""
    return str(uuid.uuid5(NAMESPACE, "/".join(names)))


def without_made(standard: Standard) -> Standard:
    """Give a standard in which the identifiers that an export of ours made are not taken for official ones."""
    made = _made(standard)
    of_statements = iter(made.statements)
    groups = tuple(
        group.model_copy(update={"statements": tuple(_official(one, next(of_statements)) for one in group.statements)})
        for group in standard.groups
    )
    duties = tuple(_official(duty, name) for duty, name in zip(standard.duties, made.duties, strict=True))
    options = tuple(_official(option, name) for option, name in zip(standard.options, made.options, strict=True))
    return standard.model_copy(update={"groups": groups, "duties": duties, "options": options})


_Entry = TypeVar("_Entry", Competency, DutyRecord, Option)


def _official(entry: _Entry, made: str) -> _Entry:
    return entry.model_copy(update={"guid": None}) if entry.guid == made else entry
