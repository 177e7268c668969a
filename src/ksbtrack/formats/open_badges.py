"""Statements as unsigned achievements of Open Badges 3.0, which a badge platform awards and signs.

Source: Open Badges Specification 3.0, the classes Achievement, Alignment and Criteria.
"""

from __future__ import annotations

import json
from typing import Any

from ksbtrack.formats.entry_identifiers import Identifiers, identifiers_of
from ksbtrack.formats.losses import Part, lost_parts, whole
from ksbtrack.models.importing import Exported
from ksbtrack.models.standard import Competency, Standard
from ksbtrack.problems import several

CONTEXT = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)
HELD = frozenset((Part.ATTRIBUTION, Part.GUIDS))
"""What achievements can hold beside codes and texts."""
_CRITERIA = "Evidence shows what {}; whoever awards the badge says how much is enough."
"""The specification asks for criteria, and a standard has none of its own."""

Plain = dict[str, Any]


def write_open_badges(standard: Standard) -> Exported:
    """Give an achievement for each statement, and one for all of them together.

    Each is aligned with the statement as a CASE export of the same standard names it. Nothing is signed and nobody is
    named: who awards a badge adds the issuer, the earner and the proof.

    Args:
        standard: as it was loaded.
    """
    own, ids = whole(standard), identifiers_of(standard)
    achievements = [_of_all(own, ids), *(_of_one(statement, own, ids) for statement in own.competencies)]
    content = json.dumps({"@context": CONTEXT, "@graph": achievements}, ensure_ascii=False, indent=2) + "\n"
    headings = f"The {several(len(own.groups), 'heading')} and what kind each statement is: achievements know neither."
    lost = (*lost_parts(standard, HELD), headings)
    return Exported(content.encode(), lost)


def _of_all(standard: Standard, ids: Identifiers) -> Plain:
    names = f"{standard.reference} {standard.version}"
    return {
        "id": f"urn:uuid:{ids.document}",
        "type": ["Achievement"],
        "name": f"{names} {standard.title}",
        "description": f"All statements of {names} {standard.title}. {standard.attribution}",
        "humanCode": standard.reference,
        "version": standard.version,
        "criteria": {"narrative": _CRITERIA.format("each statement says")},
        "alignment": [_alignment(statement, standard, ids) for statement in standard.competencies],
    }


def _of_one(statement: Competency, standard: Standard, ids: Identifiers) -> Plain:
    return {
        "id": f"urn:uuid:{ids.statements[statement.code]}",
        "type": ["Achievement"],
        "achievementType": "Competency",
        "name": f"{standard.reference} {statement.code}",
        "description": statement.text,
        "humanCode": statement.code,
        "version": standard.version,
        "criteria": {"narrative": _CRITERIA.format("the statement says")},
        "alignment": [_alignment(statement, standard, ids)],
    }


def _alignment(statement: Competency, standard: Standard, ids: Identifiers) -> Plain:
    return {
        "type": ["Alignment"],
        "targetCode": statement.code,
        "targetName": f"{statement.code} {statement.text}",
        "targetFramework": f"{standard.reference} {standard.version} {standard.title}",
        "targetType": "CFItem",
        "targetUrl": f"urn:uuid:{ids.statements[statement.code]}",
    }
