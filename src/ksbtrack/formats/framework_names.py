"""What the parts of a standard are called in learning platforms, so that people can read it and we know it again."""

from __future__ import annotations

import re

from ksbtrack.models.standard import CompetencyKind, Standard

KIND_NAMES = {
    CompetencyKind.KNOWLEDGE: "Knowledge",
    CompetencyKind.SKILL: "Skill",
    CompetencyKind.BEHAVIOUR: "Behaviour",
    CompetencyKind.DUTY: "Duty",
    CompetencyKind.EXPERIENCE: "Experience",
    CompetencyKind.QUALIFICATION: "Qualification",
    CompetencyKind.KNOWLEDGE_AND_SKILL: "Knowledge and skill",
    CompetencyKind.EMPLOYABILITY: "Employability skill or behaviour",
}
"""What one statement of each kind is called."""

_KINDS = "|".join(kind.value.replace("_", " ") for kind in CompetencyKind)
_GROUP = re.compile(rf"({_KINDS}) ([A-Z]{{1,4}}[0-9]{{0,3}})(?: [0-9]+)?")
_IDENTITY = re.compile(r"([A-Za-z][A-Za-z0-9]{1,11})@([0-9][0-9.-]*|unknown)")
_TITLE = re.compile(r"(.*?) \(([A-Za-z][A-Za-z0-9]{1,11}) ([0-9][0-9.-]*|unknown)\)", re.DOTALL)


def group_names(standard: Standard) -> list[str]:
    """Give a name for each group, such as `knowledge K`, or `duty D 2` for the second group of that kind."""
    names: list[str] = []
    for group in standard.groups:
        plain = f"{group.kind.value.replace('_', ' ')} {group.prefix}"
        count = sum(name == plain or name.startswith(f"{plain} ") for name in names)
        names.append(f"{plain} {count + 1}" if count else plain)
    return names


def kind_and_prefix(name: str) -> tuple[CompetencyKind | None, str]:
    """Give what the name of a group says; None and nothing for one that is not ours."""
    match = _GROUP.fullmatch(name.strip())
    if not match:
        return None, ""
    return CompetencyKind(match.group(1).replace(" ", "_")), match.group(2)


def identity_in(name: str) -> tuple[str, str]:
    """Give reference and version that a name such as `ST0148@1.0` says; nothing for another one."""
    match = _IDENTITY.fullmatch(name.strip())
    return (match.group(1), match.group(2)) if match else ("", "")


def full_title(standard: Standard) -> str:
    """Give the title with reference and version, such as `Learning mentor (ST0148 1.0)`."""
    return f"{standard.title} ({standard.reference} {standard.version})"


def parts_of_title(title: str) -> tuple[str, str, str]:
    """Give title, reference and version of a title as `full_title` makes it; else the title alone."""
    match = _TITLE.fullmatch(title.strip())
    return (match.group(1), match.group(2), match.group(3)) if match else (title.strip(), "", "")
