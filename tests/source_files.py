"""A made-up standard in the shapes of the formats that are read: the same statements, duties and links in each."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from feed_records import guid

STATEMENTS = {
    "K1": "How examples are made",
    "K2": "Where examples are kept, and why",
    "K10": "What the tenth example is for",
    "S1": "Make an example",
    "S2": 'Keep an "example" safe & sound',
    "B1": "Be exact",
}
DUTIES = {"D1": ("Make examples", ("K1", "S1", "B1")), "D2": ("Keep examples", ("K2", "K10", "S2"))}
CODES = list(STATEMENTS)
"""In the order in which a standard has them."""


def page(
    statements: Mapping[str, str] = STATEMENTS,
    duties: Mapping[str, tuple[str, Sequence[str]]] = DUTIES,
    head: str = "",
    body: str = "",
    title: str = "Example maker | Skills England",
) -> str:
    """Give a page of an occupation as a browser saves it."""
    rows = []
    for number, (text, codes) in enumerate(duties.values(), 1):
        items = "".join(
            f'<span class="ksb-item" data-dutyid="{guid(number)}" data-ksb-id="{code}"'
            f' data-ksb-text="{html.escape(statements[code])}">{code}</span> '
            for code in codes
        )
        rows.append(
            f'<tr class="duty-row" data-duty-title="Duty {number}" data-duty-details="{html.escape(text)}">'
            f"<td>Duty {number}</td><td>{items}</td></tr>"
        )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>{head}</head>\n<body>\n'
        f"<h1>{title.partition(' |')[0]}</h1>\n{body}\n<table>\n" + "\n".join(rows) + "\n</table>\n</body>\n</html>\n"
    )


ADDRESS = '<link rel="canonical" href="https://skillsengland.education.gov.uk/apprenticeships/st9001-v1-2">'


def occupation(**changed: Any) -> dict[str, Any]:
    """Give an occupation as the Occupational Maps API does; a field given as None is left out."""
    lists = {"K": ("knowledges", "knowledgeId"), "S": ("skills", "skillId"), "B": ("behaviours", "behaviourId")}
    fields: dict[str, Any] = {
        "stdCode": "OCC9001",
        "name": "Example maker",
        "versionNo": "1.2",
        "level": 3,
        "status": 7,
        "statusName": "Approved occupation",
        "overview": "Makes examples.",
        "summary": "<p>It makes &amp; mends.</p>",
        "mapHierarchy": {"routeName": "Examples", "pathwayName": "Making", "clusterName": "Makers"},
        "typicalJobTitles": [{"name": "Example maker"}, "Maker of examples"],
        "products": [{"productCode": "ST9001", "typeName": "Apprenticeship"}, {"productCode": "6000001"}],
    }
    for prefix, (key, id_key) in lists.items():
        fields[key] = [
            {id_key: code, "id": guid(CODES.index(code)), "detail": text}
            for code, text in STATEMENTS.items()
            if code.startswith(prefix)
        ]
    fields["duties"] = [
        {
            "dutyId": name,
            "id": guid(100 + number),
            "dutyDetail": text,
            "isThisACoreDuty": True,
            "mappedKnowledge": [code for code in codes if code[0] == "K"],
            "mappedKnowledgeIds": [guid(CODES.index(code)) for code in codes if code[0] == "K"],
            "mappedSkills": [code for code in codes if code[0] == "S"],
            "mappedSkillsIds": [guid(CODES.index(code)) for code in codes if code[0] == "S"],
            "mappedBehaviour": [code for code in codes if code[0] == "B"],
            "mappedBehaviourIds": [guid(CODES.index(code)) for code in codes if code[0] == "B"],
        }
        for number, (name, (text, codes)) in enumerate(DUTIES.items())
    ]
    fields |= changed
    return {key: value for key, value in fields.items() if value is not None}


def version(**changed: Any) -> dict[str, Any]:
    """Give one version of a list of statements in JSON; a field given as None is left out."""
    kinds = {"K": "knowledge", "S": "skills", "B": "behaviours"}
    fields: dict[str, Any] = {
        "occupationCode": "OCC9001",
        "standardCode": "ST9001",
        "occupationVersion": "1.2",
        "status": "approved",
        "apprenticeshipVersions": ["1.2"],
        "fundingBandGbp": 6000,
        "typicalDurationMonths": 18,
        "notes": "Made up.",
        "sources": ["https://example.org/ST9001"],
        "counts": {"knowledge": 3, "skills": 2, "behaviours": 1},
        "ksbs": [{"code": code, "kind": kinds[code[0]], "statement": STATEMENTS[code]} for code in sorted(STATEMENTS)],
    }
    fields |= changed
    return {key: value for key, value in fields.items() if value is not None}


def catalogue(*versions: Mapping[str, Any]) -> bytes:
    """Give a list of versions as a file has it."""
    return json.dumps({"generatedFrom": "Pages that were made up", "versions": list(versions)}).encode()
