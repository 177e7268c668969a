"""A cohort as JSON for programs, a learner a line, by the schema in cohort.schema.json; docs/cohort.md explains it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ksbtrack.formats.analysis_json import JsonObject
from ksbtrack.formats.changes_json import changes_as_dict
from ksbtrack.models.changes import RuleMarks
from ksbtrack.models.cohort import CohortRun, Fault, LearnerVerdict, Pace
from ksbtrack.problems import Source

SCHEMA_VERSION = "1.0"
"""The version of cohort.schema.json: a new key raises the second number, a changed one the first."""

_SCHEMA_FILE = Path(__file__).with_name("cohort.schema.json")


def cohort_schema() -> JsonObject:
    """Give the JSON Schema (draft 2020-12) that the JSON of this version follows."""
    schema: JsonObject = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


def run_as_dict(run: CohortRun) -> JsonObject:
    """Give the counts of a run: the head of the JSON, and what the command prints for programs.

    Args:
        run: as `write_spool` gave it.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "source": run.source,
        "as_of": run.on.isoformat(),
        "totals": {
            "learners": run.learners,
            "judged": run.judged,
            "not_judged": run.not_judged,
            "decisions": {decision.value: count for decision, count in run.decisions.items()},
            "paces": {pace.value: count for pace, count in run.paces.items()},
            "overdue": run.overdue,
            "overdue_not_ready": run.overdue_not_ready,
            "faults": run.faults,
        },
        "notes": list(run.notes),
        "assumptions": [{"assumption": words, "learners": count} for words, count in run.assumed.items()],
        "rules": _rules(run.rules) if run.rules else None,
        "changes": changes_as_dict(run.changes) if run.changes else None,
    }


def _rules(rules: RuleMarks) -> JsonObject:
    return {"program": rules.program, "policy": rules.policy, "standards": dict(rules.standards)}


def cohort_json(run: CohortRun, verdicts: Iterable[LearnerVerdict], faults: Iterable[Fault]) -> Iterator[bytes]:
    """Yield a cohort as JSON in pieces, so that one of any size takes the memory of one learner.

    Args:
        run: the counts.
        verdicts: in the order of the learners.
        faults: in the order in which they were met.

    Yields:
        UTF-8, a learner and a fault a line.
    """
    head = json.dumps(run_as_dict(run), ensure_ascii=False, indent=2)
    yield head[: -len("\n}")].encode()
    yield b',\n  "learners": ['
    standards: dict[str, JsonObject] = {}
    mark = "\n"
    for verdict in verdicts:
        if verdict.standard not in standards:
            standards[verdict.standard] = _standard(verdict)
        yield f"{mark}    {_line(verdict_as_dict(verdict))}".encode()
        mark = ",\n"
    yield b'\n  ],\n  "faults": ['
    mark = "\n"
    for fault in faults:
        yield f"{mark}    {_line(fault_as_dict(fault))}".encode()
        mark = ",\n"
    yield b'\n  ],\n  "standards": '
    yield json.dumps(standards, ensure_ascii=False, indent=2, sort_keys=True).replace("\n", "\n  ").encode()
    yield b"\n}\n"


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _standard(verdict: LearnerVerdict) -> JsonObject:
    return {
        "title": verdict.standard_title,
        "requirements": [
            {"id": held.id, "title": held.title, "desirable": held.is_desirable} for held in verdict.requirements
        ],
        "desirable_statements": list(verdict.desirable),
    }


def verdict_as_dict(verdict: LearnerVerdict) -> JsonObject:
    """Give what is said of one learner as plain dicts, lists and words."""
    return {
        "key": verdict.key,
        "name": verdict.name,
        "uln": verdict.uln,
        "source": _source(verdict.source),
        "standard": verdict.standard,
        "assessor": verdict.assessor or None,
        "group": verdict.group or None,
        "employer": verdict.employer or None,
        "provider": verdict.provider or None,
        "dates": {
            "start": verdict.start.isoformat(),
            "planned_gateway": _day(verdict.planned_gateway),
            "gateway": _day(verdict.gateway),
            "is_overdue": verdict.is_overdue,
        },
        "decision": verdict.decision.value,
        "reason": verdict.reason,
        "requirements": {held.id: held.status.value for held in verdict.requirements},
        "statements": {code: status.value for code, status in verdict.statements.items()},
        "blocking": list(verdict.blocking),
        "found": list(verdict.faults),
        "totals": {
            "statements": verdict.statements_of,
            "statements_met": verdict.statements_met,
            "statements_not_met": verdict.statements_not_met,
            "statements_unknown": verdict.statements_unknown,
            "pieces": verdict.pieces,
            "pieces_counting": verdict.pieces_counting,
        },
        "next_steps": [
            {
                "text": step.text,
                "action": step.action,
                "subject": step.subject,
                "owner": step.owner,
                "effort": step.effort,
                "helps": list(step.helps),
            }
            for step in verdict.next_steps
        ],
        "steps_left": verdict.steps_left,
        "pace": _pace(verdict.pace),
        "fingerprint": verdict.fingerprint,
        "counting": list(verdict.counting),
        "assumed": list(verdict.assumed),
    }


def _pace(pace: Pace) -> JsonObject:
    return {
        "status": pace.status.value,
        "reason": pace.reason,
        "expected": pace.expected,
        "days_learnt": pace.days_learnt,
        "days_planned": pace.days_planned,
        "latest_safe": _day(pace.latest_safe),
    }


def fault_as_dict(fault: Fault) -> JsonObject:
    """Give something that could not be read as plain words."""
    problem = fault.problem
    return {
        "learner": fault.learner or None,
        **_source(problem.source),
        "sheet": fault.sheet or None,
        "column": fault.column or None,
        "code": problem.code,
        "found": problem.found,
        "expected": problem.expected,
        "fix": problem.fix,
    }


def _source(source: Source) -> JsonObject:
    return {"file": source.file, "row": source.line or None}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
