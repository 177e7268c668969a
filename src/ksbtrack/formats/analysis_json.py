"""The analysis as JSON, by the schema in analysis.schema.json; docs/json.md explains it.

What leaves here may travel far: no absolute path, no unique learner number and no date of birth is written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ksbtrack.comparison.causes import policy_mark
from ksbtrack.formats.report_changes_json import report_changes_as_dict
from ksbtrack.models.analysis import (
    Analysis,
    Case,
    CompetencyVerdict,
    Finding,
    PieceVerdict,
    Remedy,
    RequirementVerdict,
    Totals,
)
from ksbtrack.models.portfolio import AttachedFile, Portfolio
from ksbtrack.models.standard import Competency, Standard
from ksbtrack.models.values import natural_key
from ksbtrack.problems import KsbtrackError
from ksbtrack.rules.qualifications import age_at_start

SCHEMA_VERSION = "1.2"
"""The version of analysis.schema.json: a new key raises the second number, a changed one the first."""

JsonObject = dict[str, Any]
_SCHEMA_FILE = Path(__file__).with_name("analysis.schema.json")


def analysis_json(analysis: Analysis) -> str:
    """Give the analysis as JSON text, ending with a line feed; the same analysis gives the same bytes.

    Args:
        analysis: what `analyse` returned.
    """
    return as_json_text(analysis_as_dict(analysis))


def analysis_schema() -> JsonObject:
    """Give the JSON Schema (draft 2020-12) that the JSON of this version follows."""
    schema: JsonObject = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


def as_json_text(value: JsonObject | list[JsonObject]) -> str:
    """Give JSON that people can read too: two spaces a level, letters as themselves, keys as given."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def analysis_as_dict(analysis: Analysis) -> JsonObject:
    """Give the analysis as plain dicts, lists and words, in the order of the schema.

    Statements come in the standard's order, pieces in the portfolio's, findings by their subject as people
    count.

    Args:
        analysis: what `analyse` returned.
    """
    case = analysis.case
    return {
        "schema_version": SCHEMA_VERSION,
        "decision": analysis.decision.value,
        "reason": analysis.reason,
        "as_of": case.on.isoformat(),
        "gateway": case.gateway.isoformat(),
        "assumptions": assumptions_as_list(case),
        "standard": standard_as_dict(case.standard),
        "also": _also(analysis),
        "policy": {"title": case.policy.title, "version": case.policy.version},
        "marks": _marks(case),
        "learner": _learner(case.portfolio),
        "totals": totals_as_dict(analysis.totals),
        "next_steps": [
            {"remedy": remedy_as_dict(step.remedy), "helps": list(step.helps)} for step in analysis.next_steps
        ],
        "requirements": [requirement_as_dict(verdict) for verdict in analysis.requirements],
        "competencies": [
            competency_as_dict(verdict, case.standard.by_code[verdict.code]) for verdict in analysis.competencies
        ],
        "pieces": [piece_as_dict(verdict, case) for verdict in analysis.pieces],
        "findings": findings_as_list(analysis.findings),
        "changes": report_changes_as_dict(analysis.changes) if analysis.changes else None,
    }


def _marks(case: Case) -> JsonObject:
    """Give that by which a later report knows whether the rules and the records are still the same.

    The unique learner number decides nothing and is left out of its mark; of the date of birth only the age at the
    start decides, so that is what goes in. They are marks of what is on record, whatever is assumed.
    """
    portfolio, learner = case.on_record, case.on_record.learner
    kept = {"uln": None, "born": None, "age_at_start": age_at_start(case)}
    head = portfolio.model_copy(
        update={"evidence": (), "off_the_job": None, "learner": learner.model_copy(update=kept)}
    )
    hours = [row.model_dump_json() for row in portfolio.off_the_job or ()]
    return {
        "program": version("ksbtrack"),
        "policy": policy_mark(case.policy),
        "standard": _mark(case.standard.model_dump_json()),
        "learner": _mark(head.model_dump_json()),
        "hours": None if portfolio.off_the_job is None else _mark("\n".join(hours)),
    }


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def assumptions_as_list(case: Case) -> list[JsonObject]:
    """Give what is taken for true although the records do not say it; nothing where the records alone are asked."""
    return [
        {
            "assumption": assumed.words,
            "means": assumed.means,
            "about": assumed.part.value,
            "subject": assumed.subject or None,
        }
        for assumed in case.assumptions
    ]


def standard_as_dict(standard: Standard) -> JsonObject:
    """Give what names a standard, without its statements."""
    return {
        "reference": standard.reference,
        "version": standard.version,
        "title": standard.title,
        "kind": standard.kind.value,
        "level": standard.level.value if standard.level else None,
        "plan": standard.plan,
        "attribution": standard.attribution,
    }


def _also(analysis: Analysis) -> list[JsonObject]:
    """Give the other standards of the portfolio, each with its decision or with the way to ask for it."""
    portfolio, own = analysis.case.portfolio, analysis.case.standard.identity
    made = {other.case.standard.identity: other for other in analysis.others}
    return [
        {"standard": name, "decision": made[name].decision.value, "reason": made[name].reason}
        if name in made
        else {"standard": name, "decision": None, "reason": f"Not checked here; run with --standard {name}."}
        for name in (portfolio.standard, *portfolio.also)
        if name != own
    ]


def problems_as_dict(error: KsbtrackError) -> JsonObject:
    """Give problems of files as plain dicts, by `problems` in analysis.schema.json."""
    return {
        "schema_version": SCHEMA_VERSION,
        "problems": [
            {
                "code": problem.code,
                "file": problem.source.file,
                "line": problem.source.line or None,
                "found": problem.found,
                "expected": problem.expected,
                "fix": problem.fix,
            }
            for problem in error.problems
        ],
    }


def _learner(portfolio: Portfolio) -> JsonObject:
    learner, dates = portfolio.learner, portfolio.dates
    return {
        "name": learner.name,
        "is_invented": portfolio.invented,
        "role": learner.role,
        "employer": learner.employer,
        "provider": learner.provider,
        "start": dates.start.isoformat(),
        "original_start": _day(dates.original_start),
        "planned_gateway": _day(dates.planned_gateway),
        "gateway": _day(dates.gateway),
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def totals_as_dict(totals: Totals) -> JsonObject:
    """Give the counts; each statement and requirement that decides is in exactly one of three numbers."""
    return {
        "competencies": {
            "all": totals.competencies,
            "met": totals.competencies_met,
            "not_met": totals.competencies_not_met,
            "unknown": totals.competencies_unknown,
        },
        "requirements": {
            "all": totals.requirements,
            "met": totals.requirements_met,
            "not_met": totals.requirements_not_met,
            "unknown": totals.requirements_unknown,
        },
        "pieces": {"all": totals.pieces, "counting": totals.pieces_counting},
    }


def remedy_as_dict(remedy: Remedy) -> JsonObject:
    """Give one thing to do."""
    return {
        "action": remedy.action.value,
        "subject": remedy.subject,
        "text": remedy.text,
        "owner": remedy.owner,
        "effort": remedy.effort.value,
        "details": _texts(remedy.details),
    }


def _texts(inputs: Mapping[str, str]) -> dict[str, str]:
    return {name: str(value) for name, value in inputs.items()}


def requirement_as_dict(verdict: RequirementVerdict) -> JsonObject:
    """Give what is known of one gateway requirement."""
    return {
        "id": verdict.id,
        "title": verdict.title,
        "status": verdict.status.value,
        "is_desirable": verdict.is_desirable,
        "reason": verdict.reason,
        "inputs": _texts(verdict.inputs),
        "remedies": [remedy_as_dict(remedy) for remedy in verdict.remedies],
        "source": verdict.source,
    }


def competency_as_dict(verdict: CompetencyVerdict, competency: Competency) -> JsonObject:
    """Give what is shown of one statement, with its words."""
    return {
        "code": verdict.code,
        "kind": competency.kind.value,
        "text": competency.text,
        "trust": competency.trust.value,
        "status": verdict.status.value,
        "is_desirable": verdict.is_desirable,
        "pieces": list(verdict.pieces),
        "on_the_way": list(verdict.on_the_way),
        "to_check": list(verdict.to_check),
        "reasons": list(verdict.reasons),
        "remedies": [remedy_as_dict(remedy) for remedy in verdict.remedies],
    }


def piece_as_dict(verdict: PieceVerdict, case: Case) -> JsonObject:
    """Give what one piece is worth, with its marks and those of its files, as they are on record."""
    piece = case.on_record.by_id[verdict.id]
    return {
        "id": piece.id,
        "title": piece.title,
        "kind": piece.kind.value,
        "date": piece.date.isoformat(),
        "status": verdict.status.value,
        "counts_for": list(verdict.counts_for),
        "reasons": list(verdict.reasons),
        "fingerprint": piece.fingerprint or None,
        "mark": _mark(piece.model_dump_json()),
        "files": [_file(file) for file in piece.attached],
    }


def _file(file: AttachedFile) -> JsonObject:
    return {
        "name": file.name,
        "is_missing": file.is_missing,
        "size": None if file.is_missing else file.size,
        "sha256": None if file.is_missing else file.sha256,
        "pages": file.pages,
    }


def findings_as_list(findings: Iterable[Finding]) -> list[JsonObject]:
    """Give findings sorted by subject as people count, then those that decide, then by rule."""
    return [_finding(finding) for finding in sorted(findings, key=_finding_order)]


def _finding_order(finding: Finding) -> tuple[tuple[str | int, ...], bool, str, str]:
    return natural_key(finding.subject), not finding.decides, finding.rule, finding.reason


def _finding(finding: Finding) -> JsonObject:
    return {
        "rule": finding.rule,
        "subject": finding.subject,
        "status": finding.status.value,
        "decides": finding.decides,
        "reason": finding.reason,
        "inputs": _texts(finding.inputs),
        "remedy": remedy_as_dict(finding.remedy) if finding.remedy else None,
        "source": finding.source,
    }
