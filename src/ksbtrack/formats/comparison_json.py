"""Two versions side by side as JSON, by the schema in comparison.schema.json; docs/versions.md explains it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ksbtrack.comparison.wording import word_changes
from ksbtrack.formats.analysis_json import JsonObject, as_json_text
from ksbtrack.models.comparison import Comparison, Pair
from ksbtrack.models.standard import Competency, Standard

SCHEMA_VERSION = "1.0"
"""The version of comparison.schema.json: a new key raises the second number, a changed one the first."""

_SCHEMA_FILE = Path(__file__).with_name("comparison.schema.json")


def comparison_schema() -> JsonObject:
    """Give the JSON Schema (draft 2020-12) that the JSON of this version follows."""
    schema: JsonObject = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


def comparison_json(comparison: Comparison) -> str:
    """Give a comparison as JSON text, ending with a line feed; the same comparison gives the same bytes.

    Args:
        comparison: what `compare_standards` returned.
    """
    return as_json_text(comparison_as_dict(comparison))


def comparison_as_dict(comparison: Comparison) -> JsonObject:
    """Give a comparison as plain dicts, lists and words, in the order of the schema.

    Args:
        comparison: what `compare_standards` returned.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "older": version_as_dict(comparison.old),
        "newer": version_as_dict(comparison.new),
        "is_same": comparison.is_same,
        "threshold": comparison.threshold,
        "totals": {
            **{change.value: count for change, count in comparison.counts.items()},
            "older_statements": len(comparison.old.competencies),
            "newer_statements": len(comparison.new.competencies),
            "same_texts": comparison.same_texts,
            "proposed_pairs": len(comparison.proposed),
        },
        "codes_with_other_meaning": list(comparison.codes_with_other_meaning),
        "pairs": [pair_as_dict(pair) for pair in comparison.pairs],
        "facts": [fact._asdict() for fact in comparison.facts],
    }


def version_as_dict(standard: Standard) -> JsonObject:
    """Give what names a version of a standard."""
    return {"reference": standard.reference, "version": standard.version, "title": standard.title}


def pair_as_dict(pair: Pair) -> JsonObject:
    """Give one pair with its texts, and the words that differ where both sides have some."""
    differ = pair.old and pair.new and not pair.is_same_text
    texts = [" ".join(one.text for one in side) for side in (pair.old, pair.new)]
    return {
        "change": pair.change.value,
        "basis": pair.basis.value if pair.basis else None,
        "is_proposed": pair.is_proposed,
        "is_same_text": pair.is_same_text,
        "alike": pair.alike if pair.old and pair.new else None,
        "old": _statements(pair.old),
        "new": _statements(pair.new),
        "words": [{"what": what.value, "text": text} for what, text in word_changes(*texts)] if differ else [],
        "nearest": pair.nearest._asdict() if pair.nearest else None,
    }


def _statements(statements: Iterable[Competency]) -> list[JsonObject]:
    return [{"code": one.code, "kind": one.kind.value, "text": one.text} for one in statements]
