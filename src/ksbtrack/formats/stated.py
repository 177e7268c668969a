"""What a source says of itself, and what the person who imports says beside it: which of the two counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ksbtrack.formats.source_record import OPEN_GOVERNMENT_LICENCE, apprenticeship_requirements
from ksbtrack.models.importing import Given, ImportNote, NoteKind
from ksbtrack.models.standard import StandardKind
from ksbtrack.models.values import MAX_NAME, MAX_TEXT, Known
from ksbtrack.problems import quoted

A_PROFILE = (
    "The source does not say whether it is an apprenticeship standard or a role profile; by its reference it is a "
    "profile, which has no gateway. If it is an apprenticeship standard, give its own, such as --reference ST0148."
)
_OFFICIAL = re.compile(r"(?:ST|FA|AU|OCC)[0-9]{4}|LARS[0-9]{1,6}")
"""References of apprenticeships: official ones, and the LARS code that stands in for one in records of 2020."""
_NO_OWNER = "The source does not say whose words these are, nor under which licence they may be passed on."
_OPTIONS = {"reference": "--reference", "version": "--standard-version", "title": "--title"}
_VERSION = re.compile(r"(?:version|v)?\s*\.?\s*([0-9]{1,4}(?:[.-][0-9]{1,4}){0,2})", re.IGNORECASE)


def stated(said: Mapping[str, str], given: Given, notes: list[ImportNote]) -> dict[str, Any] | None:
    """Give reference, version and title of a record; None where nobody says its reference.

    What the source says counts; what was given fills what it does not say.

    Args:
        said: `reference`, `version` and `title` as the source has them, cleaned; empty where it has none.
        given: what the person who imports says.
        notes: takes what is not known, and what was given and not used.
    """
    facts: dict[str, Any] = {}
    for name, option in _OPTIONS.items():
        of_source, of_person = said.get(name, ""), getattr(given, name) or ""
        if of_source and of_person and _plain(of_source) != _plain(of_person):
            what = f"The source says {quoted(of_source)}; {option} {quoted(of_person)} was not used."
            notes.append(ImportNote(NoteKind.UNREAD, name, what))
        facts[name] = of_source or of_person
        if name == "reference":
            facts[name] = own_spelling(facts[name])
        if not facts[name] and name != "reference":
            what = f"The source does not say its {name}; give it with {option}."
            notes.append(ImportNote(NoteKind.UNKNOWN, name, what))
    if not facts["reference"]:
        what = f"Nothing says which standard it is: give it with {_OPTIONS['reference']}."
        notes.append(ImportNote(NoteKind.UNUSABLE, "reference", what))
        return None
    facts["version"] = version_in(facts["version"]) or facts["version"] or "unknown"
    facts["title"] = shortened(facts["title"] or facts["reference"], "title", notes)
    return facts


def own_spelling(reference: str) -> str:
    """Give a reference as the official feed spells it, such as ST0148 for `st0148 `; another one without its spaces.

    Else an apprenticeship standard would be taken for a role profile, which has no gateway.
    """
    spelt = "".join(reference.split()).upper()
    return spelt if _OFFICIAL.fullmatch(spelt) else reference.strip()


def told_nature_of(reference: str, notes: list[ImportNote]) -> dict[str, Any]:
    """Give what follows from a reference, and tell where it makes a role profile of what was read.

    Args:
        reference: of the standard.
        notes: takes that it is a profile.
    """
    nature = nature_of(reference)
    if nature["kind"] is StandardKind.PROFILE:
        notes.append(ImportNote(NoteKind.UNKNOWN, "kind", A_PROFILE))
    return nature


def nature_of(reference: str, plan: str | None = None) -> dict[str, Any]:
    """Give what follows from a reference: the kind of standard, whose words it has, and what is asked at gateway.

    Args:
        reference: of the standard; that of an occupation stands for its apprenticeship.
        plan: where the assessment plan is, if the source says so.
    """
    if _OFFICIAL.fullmatch(reference):
        # Units have no gateway, so nothing is required there.
        asked = () if reference.startswith("AU") else apprenticeship_requirements(plan)
        return {
            "kind": StandardKind.APPRENTICESHIP,
            "attribution": OPEN_GOVERNMENT_LICENCE,
            "requirements": asked,
        }
    every = (
        {
            "id": "statements",
            "title": "Every statement is evidenced",
            "rule": "every_statement",
            "source": "How a profile is used here; the source that was imported sets no rule.",
            "trust": "ours",
        },
    )
    return {"kind": StandardKind.PROFILE, "attribution": _NO_OWNER, "requirements": every}


def fact(name: str, value: str, trust: Known = Known.OFFICIAL) -> dict[str, Any]:
    """Give an entry of the overview.

    Args:
        name: of the fact.
        value: cleaned text.
        trust: how sure it is.
    """
    return {"name": name, "value": value[:MAX_TEXT], "trust": trust}


def version_in(text: str) -> str:
    """Give the version that a text is, such as 1.2 for `v1.2`, `Version 1.2` or `1-2`; nothing if it is none."""
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        return ""
    number = match.group(1)
    # A page's address has hyphens where a version has points; a year with its month keeps its hyphen.
    return number if re.match(r"[0-9]{4}-", number) else number.replace("-", ".")


def shortened(line: str, where: str, notes: list[ImportNote]) -> str:
    """Give a line that is no longer than a line may be."""
    if len(line) <= MAX_NAME:
        return line
    what = f"It has {len(line):,} characters and was cut after {MAX_NAME}."
    notes.append(ImportNote(NoteKind.UNUSABLE, where, what))
    return line[: MAX_NAME - 1].rstrip() + "…"


def _plain(text: str) -> str:
    return version_in(text) or " ".join(text.split()).casefold()
