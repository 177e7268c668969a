"""A sample for internal quality assurance as JSON, by the schema in sample.schema.json; docs/sample.md explains it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ksbtrack.formats.analysis_json import JsonObject
from ksbtrack.models.sampling import Part, Pick, Sample

SCHEMA_VERSION = "1.0"
"""The version of sample.schema.json: a new key raises the second number, a changed one the first."""

_SCHEMA_FILE = Path(__file__).with_name("sample.schema.json")


def sample_schema() -> JsonObject:
    """Give the JSON Schema (draft 2020-12) that the JSON of this version follows."""
    schema: JsonObject = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


def sample_as_dict(sample: Sample, left_out: Sequence[str] = ()) -> JsonObject:
    """Give a sample as plain dicts, lists and words, with every status as it was on the day.

    Args:
        sample: what `draw_sample` returned.
        left_out: keys of learners who could not be read, and so could not be drawn.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "as_of": sample.on.isoformat(),
        "seed": sample.seed,
        "size": sample.size,
        "population": {"pieces": sample.population, "mark": sample.mark},
        "left_out": list(left_out),
        "picks": [_pick(number, pick) for number, pick in enumerate(sample.picks, 1)],
        "covered": [{**_part(part), "picks": list(numbers)} for part, numbers in sample.covered.items()],
        "not_covered": [_part(part) for part in sample.not_covered],
        "at_least": sample.at_least,
    }


def _pick(number: int, pick: Pick) -> JsonObject:
    piece = pick.candidate
    return {
        "number": number,
        "learner": piece.learner,
        "name": piece.name,
        "standard": piece.standard,
        "piece": piece.piece,
        "title": piece.title,
        "kind": piece.kind,
        "assessor": piece.assessor or None,
        "decision": piece.decision,
        "decided_on": piece.decided_on.isoformat() if piece.decided_on else None,
        "status": piece.status.value,
        "statements": {code: status.value for code, status in piece.statements.items()},
        "claims": piece.claims,
        "alone_for": list(piece.alone_for),
        "methods": list(piece.methods),
        "readiness": piece.readiness.value,
        "fingerprint": piece.fingerprint or None,
        "chosen": "to_cover" if pick.covers else "drawn",
        "covers": [_part(part) for part in pick.covers],
        "risks": list(pick.risks),
        "weight": pick.weight,
        "reason": pick.reason,
    }


def _part(part: Part) -> JsonObject:
    return {"aspect": part.aspect.value, "name": part.name or None, "detail": part.detail or None}
