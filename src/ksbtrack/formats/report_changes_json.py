"""What differs between two reports as JSON, by `changes` in analysis.schema.json; docs/changes.md explains it."""

from __future__ import annotations

from typing import Any

from ksbtrack.models.changes import AnalysisChanges, PieceDifference, Traced, TracedDifference

JsonObject = dict[str, Any]


def report_changes_as_dict(changes: AnalysisChanges) -> JsonObject:
    """Give what differs as plain dicts, lists and words, in the order of the schema.

    Args:
        changes: what `analysis_changes` returned.
    """
    return {
        "before": {
            "as_of": changes.before.isoformat(),
            "standard": changes.standard_before,
            "decision": changes.decision_before.value,
            "assumptions": list(changes.assumed_before),
        },
        "after": {
            "as_of": changes.after.isoformat(),
            "standard": changes.standard_after,
            "decision": changes.decision_after.value,
            "assumptions": list(changes.assumed_after),
        },
        "learner": changes.learner,
        "is_same": changes.is_same,
        "causes": [_traced(cause) for cause in changes.causes],
        "requirements": [_difference(found) for found in changes.requirements],
        "statements": [_difference(found) for found in changes.statements],
        "pieces": [_piece(found) for found in changes.pieces],
    }


def _traced(found: Traced) -> JsonObject:
    return {"cause": found.cause.value, "subject": found.subject or None, "text": found.text}


def _difference(found: TracedDifference) -> JsonObject:
    difference = found.difference
    return {
        "name": difference.name,
        "title": difference.title or None,
        "before": difference.before.value if difference.before else None,
        "after": difference.after.value if difference.after else None,
        "causes": [_traced(cause) for cause in found.causes],
    }


def _piece(found: PieceDifference) -> JsonObject:
    return {
        "id": found.id,
        "title": found.title,
        "before": found.before.value if found.before else None,
        "after": found.after.value if found.after else None,
        "gained": list(found.gained),
        "lost": list(found.lost),
        "cause": _traced(found.cause),
    }
