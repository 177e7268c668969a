"""What there is to say about written accounts, as JSON by advice.schema.json; docs/lint-accounts.md explains it."""

from __future__ import annotations

import json
from pathlib import Path

from ksbtrack.formats.analysis_json import JsonObject
from ksbtrack.models.advice import AccountAdvice

SCHEMA_VERSION = "1.0"
"""The version of advice.schema.json: a new key raises the second number, a changed one the first."""

_SCHEMA_FILE = Path(__file__).with_name("advice.schema.json")


def advice_schema() -> JsonObject:
    """Give the JSON Schema (draft 2020-12) that the JSON of this version follows."""
    schema: JsonObject = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


def advice_as_dict(found: AccountAdvice) -> JsonObject:
    """Give the advice as plain dicts, lists and words, by piece, then by line.

    Args:
        found: what `account_advice` returned.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "pieces": list(found.pieces),
        "advice": [
            {
                "check": advice.check,
                "piece": advice.piece,
                "file": advice.source.file,
                "line": advice.source.line or None,
                "what": advice.what,
                "seen": advice.seen or None,
                "why": advice.why,
                "example": advice.example,
                "is_accepted": advice.is_accepted,
            }
            for advice in found.advice
        ],
        "other_language": list(found.other_language),
    }
