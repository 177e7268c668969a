"""A crosswalk between two standards as JSON, by the schema in crosswalk.schema.json; docs/crosswalk.md explains it."""

from __future__ import annotations

import json
from pathlib import Path

from ksbtrack.comparison.crosswalk import left_out, linked_statements
from ksbtrack.formats.analysis_json import JsonObject, standard_as_dict
from ksbtrack.models.crosswalk import Crosswalk, Link, LinkedStatement

SCHEMA_VERSION = "1.0"
"""The version of crosswalk.schema.json: a new key raises the second number, a changed one the first."""

_SCHEMA_FILE = Path(__file__).with_name("crosswalk.schema.json")


def crosswalk_schema() -> JsonObject:
    """Give the JSON Schema (draft 2020-12) that the JSON of this version follows."""
    schema: JsonObject = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


def crosswalk_as_dict(crosswalk: Crosswalk) -> JsonObject:
    """Give what a crosswalk says as plain dicts, lists and words, in both directions.

    Args:
        crosswalk: what `load_crosswalk` returned.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "title": crosswalk.title,
        "author": crosswalk.author,
        "trust": crosswalk.trust.value,
        "about": crosswalk.about,
        "sources": list(crosswalk.sources),
        "one": _side(crosswalk),
        "other": _side(crosswalk.reversed),
    }


def _side(crosswalk: Crosswalk) -> JsonObject:
    """Give the first standard of a crosswalk, with each of its statements and what corresponds to it."""
    return {
        "standard": standard_as_dict(crosswalk.one),
        "made_for": crosswalk.one_made_for.identity,
        "left_out": [statement.code for statement in left_out(crosswalk)],
        "statements": [_statement(linked, crosswalk) for linked in linked_statements(crosswalk)],
    }


def _statement(linked: LinkedStatement, crosswalk: Crosswalk) -> JsonObject:
    statement = linked.statement
    none = linked.none
    return {
        "code": statement.code,
        "kind": statement.kind.value,
        "text": statement.text,
        "trust": statement.trust.value,
        "declared_by": statement.origin,
        "links": [_link(link, crosswalk) for link in linked.links],
        "none": {"confidence": none.confidence.value, "why": none.why, "author": none.author} if none else None,
        "beyond": [_link(link, crosswalk) for link in linked.beyond],
    }


def _link(link: Link, crosswalk: Crosswalk) -> JsonObject:
    return {
        "to": link.other,
        "declared_by": crosswalk.other_made_for.by_code[link.other or ""].origin,
        "relation": link.relation.value,
        "confidence": link.confidence.value,
        "why": link.why,
        "author": link.author,
    }
