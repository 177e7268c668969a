"""What a migration does as JSON, by the schema in migration.schema.json; docs/versions.md explains it.

No absolute path is written: files are named from the portfolio's folder.
"""

from __future__ import annotations

import json
from pathlib import Path

from ksbtrack.formats.analysis_json import JsonObject
from ksbtrack.formats.comparison_json import version_as_dict
from ksbtrack.formats.migration import BACK_UPS, Migration
from ksbtrack.models.migration import ClaimMove

SCHEMA_VERSION = "1.0"
"""The version of migration.schema.json: a new key raises the second number, a changed one the first."""

_SCHEMA_FILE = Path(__file__).with_name("migration.schema.json")


def migration_schema() -> JsonObject:
    """Give the JSON Schema (draft 2020-12) that the JSON of this version follows."""
    schema: JsonObject = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


def migration_as_dict(migration: Migration) -> JsonObject:
    """Give what a migration does as plain dicts, lists and words, in the order of the schema.

    Args:
        migration: what `migrate_portfolio` returned.
    """
    plan = migration.plan
    counts = {outcome.value: count for outcome, count in plan.counts.items()} if plan else {}
    return {
        "schema_version": SCHEMA_VERSION,
        "older": version_as_dict(plan.comparison.old) if plan else None,
        "newer": version_as_dict(migration.standard),
        "is_written": migration.back_up is not None,
        "back_up": f"{BACK_UPS}/{migration.back_up.name}" if migration.back_up else None,
        "files": list(migration.files),
        "totals": {
            "claims": sum(counts.values()),
            **{name: counts.get(name, 0) for name in ("carried", "check_again", "orphaned")},
        },
        "claims": [_move(move) for move in (plan.moves if plan else ())],
        "log": [{"code": move.code, "to": list(move.new), "rows": move.rows} for move in (plan.log if plan else ())],
        "sign_offs": [
            {"what": move.what, "holds": move.holds, "reason": move.reason} for move in (plan.sign_offs if plan else ())
        ],
        "notes": list(plan.notes) if plan else [],
    }


def _move(move: ClaimMove) -> JsonObject:
    return {
        "piece": move.piece,
        "code": move.claim.code,
        "where": move.claim.where,
        "outcome": move.outcome.value,
        "change": move.change.value if move.change else None,
        "to": [target.code for target in move.targets],
        "reason": move.reason,
    }
