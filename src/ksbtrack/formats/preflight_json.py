"""What the checks before sending find, as JSON, by the schema in preflight.schema.json; docs/preflight.md explains it.

As in the JSON of an analysis no absolute path, no unique learner number and no date of birth is written.
"""

from __future__ import annotations

import json
from pathlib import Path

from ksbtrack.formats.analysis_json import JsonObject, remedy_as_dict, standard_as_dict
from ksbtrack.models.analysis import Finding
from ksbtrack.models.portfolio import AttachedFile
from ksbtrack.models.profile import SubmissionProfile
from ksbtrack.models.submission import Preflight, Submission
from ksbtrack.submission.words import WORDS

SCHEMA_VERSION = "1.0"
"""The version of preflight.schema.json: a new key raises the second number, a changed one the first."""

_SCHEMA_FILE = Path(__file__).with_name("preflight.schema.json")


def preflight_schema() -> JsonObject:
    """Give the JSON Schema (draft 2020-12) that the JSON of this version follows."""
    schema: JsonObject = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


def preflight_as_dict(result: Preflight) -> JsonObject:
    """Give what the checks found as plain dicts, lists and words, in the order of the schema.

    Args:
        result: what `preflight` returned.
    """
    submission = result.submission
    case = submission.analysis.case
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": result.verdict.value,
        "reason": result.reason,
        "as_of": case.on.isoformat(),
        "standard": standard_as_dict(case.standard),
        "learner": {"name": case.portfolio.learner.name, "is_invented": case.portfolio.invented},
        "profile": profile_as_dict(submission.profile),
        "pieces": [piece.id for piece in submission.pieces],
        "files": [_file(submission, piece.id, file) for piece in submission.pieces for file in piece.attached],
        "totals": {
            "faults": len(result.faults),
            "unknown": len(result.unknown),
            "warnings": len(result.warnings),
            "fine": len(result.fine),
        },
        "findings": [_finding(finding) for finding in result.findings],
        "not_asked": list(result.not_asked),
    }


def profile_as_dict(profile: SubmissionProfile) -> JsonObject:
    """Give what names a profile, with its sources, without its checks."""
    return {
        "id": profile.id,
        "title": profile.title,
        "organisation": profile.organisation,
        "sources": [
            {
                "id": source.id,
                "title": source.title,
                "says": source.says,
                "looked_at": source.looked_at.isoformat() if source.looked_at else None,
                "trust": source.trust,
            }
            for source in profile.sources_in_use
        ],
    }


def _file(submission: Submission, piece: str, file: AttachedFile) -> JsonObject:
    facts = submission.facts_of(file)
    return {
        "piece": piece,
        "name": file.name,
        "is_missing": file.is_missing,
        "size": None if file.is_missing else file.size,
        "sha256": None if file.is_missing else file.sha256,
        "pages": file.pages,
        "seconds": str(facts.seconds) if facts.seconds is not None else None,
        "content": facts.content,
        "is_as_named": None if file.is_missing else facts.is_as_named,
        "needs_password": None if file.is_missing else facts.needs_password,
    }


def _finding(finding: Finding) -> JsonObject:
    return {
        "check": finding.rule,
        "title": WORDS[finding.rule].title,
        "subject": finding.subject,
        "status": finding.status.value,
        "decides": finding.decides,
        "reason": finding.reason,
        "inputs": {name: str(value) for name, value in finding.inputs.items()},
        "remedy": remedy_as_dict(finding.remedy) if finding.remedy else None,
        "source": finding.source,
    }
