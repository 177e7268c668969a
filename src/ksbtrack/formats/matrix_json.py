"""What a matrix would change, or changed, as JSON for programs."""

from __future__ import annotations

from typing import Any

from ksbtrack.models.evidence_matrix import MatrixImport

SCHEMA_VERSION = "1.0"


def import_as_dict(result: MatrixImport) -> dict[str, Any]:
    """Give the result of importing a matrix; docs/matrix.md describes it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "file": result.file,
        "standard": result.standard,
        "proposals": [
            {
                "kind": proposal.kind.value,
                "piece": proposal.claim.piece,
                "code": proposal.claim.code,
                "where": proposal.claim.where or None,
                "beside": list(proposal.beside),
                "at": proposal.claim.at,
            }
            for proposal in result.proposals
        ],
        "known": result.known,
        "missing": [
            {"piece": claim.piece, "code": claim.code, "where": claim.where or None} for claim in result.missing
        ],
        "notes": [
            {"kind": note.kind.value, "at": note.where, "what": note.what, "count": note.count} for note in result.notes
        ],
        "accept_again": list(result.accept_again),
        "confirm_again": list(result.confirm_again),
        "written": list(result.written),
    }
