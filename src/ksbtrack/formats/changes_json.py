"""What differs between two runs over a cohort, as plain dicts for JSON; docs/cohort-changes.md explains it."""

from __future__ import annotations

from ksbtrack.formats.analysis_json import JsonObject
from ksbtrack.models.changes import CohortChanges, Difference, LearnerChange


def changes_as_dict(changes: CohortChanges) -> JsonObject:
    """Give the changes as plain dicts, lists and words: flips first.

    Args:
        changes: what `cohort_changes` returned.
    """
    return {
        "before": changes.before.isoformat(),
        "after": changes.after.isoformat(),
        "totals": {**{kind.value: count for kind, count in changes.totals.items()}, "same": changes.same},
        "changes": [_change(change) for change in changes.changes],
    }


def _change(change: LearnerChange) -> JsonObject:
    return {
        "kind": change.kind.value,
        "learner": change.key,
        "name": change.name,
        "before": change.before.value if change.before else None,
        "after": change.after.value if change.after else None,
        "causes": [cause.value for cause in change.causes],
        "details": list(change.details),
        "requirements": [_difference(difference) for difference in change.requirements],
        "statements": [_difference(difference) for difference in change.statements],
    }


def _difference(difference: Difference) -> JsonObject:
    return {
        "name": difference.name,
        "title": difference.title or None,
        "before": difference.before.value if difference.before else None,
        "after": difference.after.value if difference.after else None,
    }
