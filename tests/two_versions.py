"""Made-up versions of a standard: nobody works to them. One pair has the shape of a real change of codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

from ksbtrack.formats.standard_yaml import standard_yaml
from ksbtrack.load.standards import as_loaded
from ksbtrack.models.standard import Standard

GROUPS = {"K": "knowledge", "S": "skill", "B": "behaviour"}
CATALOGUE_KINDS = {"K": "knowledge", "S": "skills", "B": "behaviours"}


def version(number: str, statements: Mapping[str, str | Mapping[str, Any]], **changes: Any) -> Standard:
    """Give a version of a made-up standard as loading its file gives it.

    Args:
        number: the version.
        statements: the text of each by its code, or its keys.
        changes: other keys of the standard.
    """
    groups = []
    for prefix, kind in GROUPS.items():
        own = [
            {"code": code} | ({"text": said} if isinstance(said, str) else dict(said))
            for code, said in statements.items()
            if code.startswith(prefix)
        ]
        if own:
            groups.append({"prefix": prefix, "kind": kind, "title": kind.title(), "statements": own})
    plain: dict[str, Any] = {
        "reference": "EX0499",
        "version": number,
        "title": "Lantern technician",
        "kind": "apprenticeship",
        "attribution": "Made-up statements, free for every use.",
        "groups": groups,
    }
    return as_loaded(Standard.model_validate(plain | changes))


def of_catalogue(catalogue: Mapping[str, Any], number: str) -> Standard:
    """Give a version out of a catalogue as it was published: a list of versions, each with its `ksbs`.

    Args:
        catalogue: the parsed JSON.
        number: the version.
    """
    found = next(entry for entry in catalogue["versions"] if entry["occupationVersion"] == number)
    prefixes = {kind: prefix for prefix, kind in CATALOGUE_KINDS.items()}
    assert all(one["code"].startswith(prefixes[one["kind"]]) for one in found["ksbs"])
    return version(number, {one["code"]: one["statement"] for one in found["ksbs"]}, reference=found["standardCode"])


def yaml_of(standard: Standard) -> str:
    """Give the text of a version's file."""
    return standard_yaml(standard)


LANTERNS = ("paper", "brass", "glass", "storm", "signal", "miner's", "railway", "harbour", "candle", "oil", "gas")
TASKS = ("Clean", "Light", "Repair", "Store", "Carry", "Inspect", "Label", "Polish", "Weigh", "Hang", "Pack", "Record")


def lantern_catalogue() -> dict[str, Any]:
    """Give a made-up catalogue of the shape of the real one: 1.2 has a near duplicate that 1.3 drops.

    1.1 is another text altogether but for one statement, and one that was reworded.
    """
    skills = [
        f"{task} a {lantern} lantern before the watch begins."
        for task, lantern in zip(TASKS, cycle(LANTERNS), strict=False)
    ]
    skills += [
        f"{task} the {lantern} wick and its {lantern} holder after dusk."
        for task, lantern in zip(TASKS, cycle(LANTERNS[::-1]), strict=False)
    ]
    near = "Trim and replace the wick of a lantern on a boat, a pier or a quay. For example, flat or round wicks."
    repaired = near.replace("Trim and replace", "Trim, repair and replace")
    before = [*skills[:8], near, repaired, *skills[8:]]
    after = [*skills[:8], repaired, *skills[8:]]
    knowledge = [f"The history of the {lantern} lantern, part {number}." for number, lantern in enumerate(LANTERNS)]
    behaviours = ["Put the watch first.", "Be calm when the wind rises."]
    old_skills = [
        "Choose words with care when a ship is near the quay",
        skills[4],
        "Use a range of tools to clean, light and mend the lanterns of a pier",
    ]
    new_tool = "Select and use tools to clean, light and mend the lanterns of a quay"
    return {
        "versions": [
            _entry("1.1", ["What a harbour is for"], old_skills, ["Be on time"]),
            _entry("1.2", knowledge, [*before, new_tool], behaviours),
            _entry("1.3", knowledge, [*after, new_tool], behaviours),
        ]
    }


def _entry(number: str, *texts: Sequence[str]) -> dict[str, Any]:
    return {
        "occupationVersion": number,
        "standardCode": "EX0499",
        "ksbs": [
            {"code": f"{prefix}{place}", "kind": CATALOGUE_KINDS[prefix], "statement": text}
            for prefix, group in zip(GROUPS, texts, strict=True)
            for place, text in enumerate(group, 1)
        ],
    }
