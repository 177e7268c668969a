"""Achievements of Open Badges 3.0: the required properties of the specification, and alignment with a CASE export."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from exchanged import standards
from ksbtrack import load_standard
from ksbtrack.formats.case_package import write_case
from ksbtrack.formats.open_badges import write_open_badges
from ksbtrack.models.standard import Standard

URI = {"type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9+.-]*:\S+$"}
ALIGNMENT = {
    "type": "object",
    "required": ["type", "targetName", "targetUrl"],
    "properties": {
        "type": {"type": "array", "contains": {"const": "Alignment"}},
        "targetCode": {"type": "string"},
        "targetName": {"type": "string", "minLength": 1},
        "targetFramework": {"type": "string"},
        "targetType": {"enum": ["ceasn:Competency", "ceterms:Credential", "CFItem", "CFRubric", "CTDL"]},
        "targetUrl": URI,
    },
    "additionalProperties": False,
}
ACHIEVEMENT = {
    "type": "object",
    "required": ["id", "type", "criteria", "description", "name"],
    "properties": {
        "id": URI,
        "type": {"type": "array", "contains": {"const": "Achievement"}},
        "name": {"type": "string", "minLength": 1},
        "description": {"type": "string", "minLength": 1},
        "criteria": {"type": "object", "properties": {"narrative": {"type": "string"}}, "additionalProperties": False},
        "achievementType": {"enum": ["Competency"]},
        "humanCode": {"type": "string"},
        "version": {"type": "string"},
        "alignment": {"type": "array", "items": ALIGNMENT},
    },
    "additionalProperties": False,
}
SCHEMA = {
    "type": "object",
    "required": ["@context", "@graph"],
    "properties": {
        "@context": {
            "type": "array",
            "prefixItems": [{"const": "https://www.w3.org/ns/credentials/v2"}],
            "minItems": 2,
        },
        "@graph": {"type": "array", "items": ACHIEVEMENT, "minItems": 2},
    },
    "additionalProperties": False,
}
"""What Open Badges 3.0 asks of an achievement, and no property that we do not mean to write."""


def document_of(standard: Standard) -> dict[str, Any]:
    """Give the document that an export writes."""
    document: dict[str, Any] = json.loads(write_open_badges(standard).content)
    return document


@pytest.mark.parametrize("reference", ["ST0148", "XS10c"])
def test_a_shipped_standard_becomes_achievements(reference: str) -> None:
    standard = load_standard(reference)
    document = document_of(standard)
    Draft202012Validator(SCHEMA).validate(document)
    of_all, *others = document["@graph"]
    assert [one["humanCode"] for one in others] == [one.code for one in standard.competencies]
    assert [one["targetCode"] for one in of_all["alignment"]] == [one.code for one in standard.competencies]


@settings(max_examples=40, deadline=None)
@given(standards())
def test_a_drawn_standard_becomes_achievements(standard: Standard) -> None:
    document = document_of(standard)
    Draft202012Validator(SCHEMA).validate(document)
    identifiers = [one["id"] for one in document["@graph"]]
    assert len(set(identifiers)) == len(identifiers)


def test_alignment_leads_to_the_items_of_a_case_export() -> None:
    standard = load_standard("ST0148")
    items = {item["uri"]: item for item in json.loads(write_case(standard).content)["CFItems"]}
    for achievement in document_of(standard)["@graph"][1:]:
        (alignment,) = achievement["alignment"]
        assert items[alignment["targetUrl"]]["fullStatement"] == achievement["description"]
        assert alignment["targetFramework"] == "ST0148 1.0 Learning mentor"


def test_nobody_is_named_and_nothing_signed() -> None:
    words = write_open_badges(load_standard("ST0148")).content.decode()
    for word in ("issuer", "proof", "credentialSubject", "issuanceDate"):
        assert f'"{word}"' not in words
