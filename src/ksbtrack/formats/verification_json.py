"""What a verification or a selection says, as JSON; docs/pack.md explains both."""

from __future__ import annotations

from ksbtrack.formats.analysis_json import JsonObject
from ksbtrack.formats.verification import Verification
from ksbtrack.submission.selection import Selection

VERIFICATION_VERSION = "1.0"
SELECTION_VERSION = "1.0"


def verification_as_dict(verification: Verification, shown: str) -> JsonObject:
    """Give what is as it was and what is not.

    Args:
        verification: the answer.
        shown: the file or folder, as the user named it.
    """
    return {
        "schema_version": VERIFICATION_VERSION,
        "file": shown,
        "kind": verification.kind.value,
        "unchanged": verification.is_unchanged,
        "checked": verification.checked,
        "changes": [
            {"name": change.name, "what": change.what.value, "reason": change.reason} for change in verification.changes
        ],
        "notes": list(verification.notes),
    }


def selection_as_dict(selection: Selection) -> JsonObject:
    """Give which pieces to show and why, or why no choice will do.

    Args:
        selection: the answer.
    """
    return {
        "schema_version": SELECTION_VERSION,
        "fits": selection.fits,
        "reason": selection.reason,
        "pieces": list(selection.pieces),
        "added": list(selection.added),
        "smallest": selection.smallest,
        "is_proved": selection.is_proved,
        "is_first": selection.is_first,
        "statements": list(selection.codes),
        "not_shown": list(selection.not_shown),
        "stopping": list(selection.stopping),
        "redundant": list(selection.redundant),
        "not_needed": list(selection.not_needed),
        "only_carriers": dict(selection.only_carriers),
        "kept_out": dict(selection.kept_out),
    }
