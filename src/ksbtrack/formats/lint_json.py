"""What the checks on standards say, as JSON, by the schema in lint.schema.json; docs/lint.md explains it."""

from __future__ import annotations

import json
from pathlib import Path

from ksbtrack.formats.analysis_json import JsonObject
from ksbtrack.models.linting import Lint

SCHEMA_VERSION = "1.0"
"""The version of lint.schema.json: a new key raises the second number, a changed one the first."""

_SCHEMA_FILE = Path(__file__).with_name("lint.schema.json")


def lint_schema() -> JsonObject:
    """Give the JSON Schema (draft 2020-12) that the JSON of this version follows."""
    schema: JsonObject = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


def lint_as_dict(lint: Lint) -> JsonObject:
    """Give the remarks as plain dicts, lists and words, in the order of file and line.

    Args:
        lint: what `lint_standards` returned.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "standards": list(lint.standards),
        "totals": {f"{severity.value}s": count for severity, count in lint.counts.items()},
        "remarks": [
            {
                "check": remark.check,
                "severity": remark.severity.value,
                "standard": remark.standard or None,
                "subject": remark.subject or None,
                "file": remark.source.file,
                "line": remark.source.line or None,
                "what": remark.what,
                "fix": remark.fix,
            }
            for remark in lint.remarks
        ],
        "passed_over": list(lint.passed_over),
        "not_opened": list(lint.unopened),
    }
