"""A plan as JSON, by the schema in plan.schema.json; docs/plan.md explains each key."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ksbtrack.formats.analysis_json import assumptions_as_list, remedy_as_dict, standard_as_dict
from ksbtrack.models.forecast import Forecast, Progress
from ksbtrack.models.planning import Plan, PlannedGap, PlanStep
from ksbtrack.rules.words import plain

SCHEMA_VERSION = "1.1"
"""A new key raises the second number; a changed or lost one the first."""

JsonObject = dict[str, Any]

_SCHEMA_FILE = Path(__file__).with_name("plan.schema.json")


def plan_schema() -> JsonObject:
    """Give the JSON Schema (draft 2020-12) that the JSON of this version follows."""
    schema: JsonObject = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


def plan_as_dict(plan: Plan, made: Forecast) -> JsonObject:
    """Give a plan with its forecast as plain dicts, lists and words, in the order of the plan.

    Args:
        plan: what `make_plan` returned.
        made: what `forecast` returned.
    """
    case = plan.analysis.case
    return {
        "schema_version": SCHEMA_VERSION,
        "as_of": plan.asked.isoformat(),
        "planned_for": case.on.isoformat(),
        "by": plan.by.isoformat() if plan.by else None,
        "most_pieces": plan.most_pieces,
        "assumptions": assumptions_as_list(case),
        "learner": {"name": case.portfolio.learner.name, "is_invented": case.portfolio.invented},
        "standard": standard_as_dict(case.standard),
        "decision": plan.analysis.decision.value,
        "decision_after": plan.decision.value,
        "is_proved": plan.is_proved,
        "steps": [_step(step) for step in plan.steps],
        "gaps": [_gap(gap) for gap in plan.gaps],
        "redundant_pieces": list(plan.redundant),
        "single_source": list(plan.single_source),
        "job": _job(plan),
        "forecast": {
            "gateway": made.target.isoformat() if made.target else None,
            "statements": _progress(made.statements),
            "hours": _progress(made.hours) if made.hours else None,
        },
        "notes": list(plan.notes),
    }


def _job(plan: Plan) -> JsonObject | None:
    job = plan.analysis.case.portfolio.work
    return {"name": job.name, "judged_by": job.judged_by} if job else None


def _progress(progress: Progress) -> JsonObject:
    return {
        "actual": _number(progress.actual),
        "wanted": _number(progress.wanted),
        "expected": _number(progress.expected),
        "a_week": _number(progress.pace),
        "early": _day(progress.early),
        "middle": _day(progress.middle),
        "late": _day(progress.late),
        "why_not": progress.why_not or None,
        "history": [{"day": day.isoformat(), "total": _number(total)} for day, total in progress.history],
        "ahead": [
            {
                "day": one.day.isoformat(),
                "low": _number(one.low),
                "middle": _number(one.middle),
                "high": _number(one.high),
                "wanted": _number(one.wanted),
            }
            for one in progress.ahead
        ],
    }


def _number(number: Decimal | None) -> str | None:
    return None if number is None else plain(number)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _step(step: PlanStep) -> JsonObject:
    return {
        "name": step.name,
        "text": step.text,
        "owner": step.owner,
        "effort": step.effort.value,
        "hours": plain(step.work.hours),
        "days": step.work.days,
        "start_by": step.start_by.isoformat() if step.start_by else None,
        "note": step.note or None,
        "is_piece": step.is_piece,
        "is_sure": step.is_sure,
        "duty": step.duty or None,
        "helps": list(step.helps),
        "closes": list(step.closes),
        "decision_then": step.decision.value,
        "remedies": [remedy_as_dict(remedy) for remedy in step.remedies],
    }


def _gap(gap: PlannedGap) -> JsonObject:
    return {
        "subject": gap.subject,
        "title": gap.title or None,
        "kind": "statement" if gap.is_statement else "requirement",
        "status": gap.status.value,
        "is_closed": gap.is_closed,
        "open_because": gap.open_because or None,
        "duties": [
            {
                "code": duty.code,
                "text": duty.text,
                "relation": link.relation.value,
                "confidence": link.confidence.value,
                "why": link.why,
                "author": link.author,
            }
            for duty, link in gap.duties
        ],
        "unreached": gap.unreached or None,
    }
