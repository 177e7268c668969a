"""From a case as text (tests/cases/README.md) to the question that the rules answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from ksbtrack.load import load_policy, load_standard
from ksbtrack.models.case import Case, layered
from ksbtrack.models.policy import Policy
from ksbtrack.models.portfolio import AttachedFile, Evidence, LoggedHours, Portfolio
from ksbtrack.models.standard import Standard, Sufficiency
from ksbtrack.yamlfile import decode, parse_yaml

Plain = dict[str, Any]

CASES = Path(__file__).resolve().parent / "cases"
START = "2023-09-04"
DAY = "2024-11-04"
BORN = "2001-03-02"
WEEKLY_HOURS = "37"
LOGGED_A_WEEK = "8"
FINGERPRINT = "0" * 32
ACCOUNT = "What I did, and why."
CLAIMS_A_PIECE = 9
KINDS = ("work_product", "project", "feedback", "case_study", "performance_review", "presentation")

CASE_KEYS = {"name", "standard", "standard_with", "policy", "on", "learner", "expect"}
LEARNER_KEYS = {
    "name",
    "start",
    "original_start",
    "gateway",
    "breaks",
    "weekly_hours",
    "born",
    "age_at_start",
    "qualifications",
    "adjustments",
    "opt_ins",
    "prior_learning_hours",
    "confirmations",
    "showcase",
    "hours",
    "evidence",
    "without",
}


def read_cases(path: Path) -> list[Plain]:
    """Give the cases of one file, each a plain mapping of text; an unknown key is an error."""
    plain: Plain = parse_yaml(decode(path.read_bytes(), path.name), path.name).value
    _only(plain, {"about", "cases"}, path.name)
    for case in plain["cases"]:
        _only(case, CASE_KEYS, f"{path.name}: {case.get('name')}")
    cases: list[Plain] = plain["cases"]
    return cases


def _only(plain: Mapping[str, Any], allowed: Iterable[str], where: str) -> None:
    unknown = set(plain) - set(allowed)
    assert not unknown, f"{where}: unknown keys {sorted(unknown)}"


@lru_cache
def shipped_standard(name: str) -> Standard:
    """Give a standard as it is shipped, read once."""
    return load_standard(name)


@lru_cache
def shipped_policy() -> Policy:
    """Give the policy as it is shipped, read once."""
    return load_policy()


def case_from(plain: Mapping[str, Any]) -> Case:
    """Give the question that a case asks; what it leaves out is as for a complete, ready learner."""
    standard = _standard(plain.get("standard") or "ST0148@1.0", json.dumps(plain.get("standard_with") or {}))
    policy = shipped_policy()
    settings = plain.get("policy")
    if settings:
        own = layered(policy.sufficiency, Sufficiency.model_validate(settings))
        policy = policy.model_copy(update={"sufficiency": own})
    on = date.fromisoformat(plain.get("on") or DAY)
    portfolio = _portfolio(standard, plain.get("learner") or {}, on)
    return Case(standard=standard, portfolio=portfolio, policy=policy, on=on)


@lru_cache
def _standard(name: str, told: str) -> Standard:
    """Give a shipped standard, with some values of it, its requirements, statements or methods changed.

    Args:
        name: the standard, with or without its version.
        told: the changes as JSON, so that each changed standard is made once.
    """
    changes: Plain = json.loads(told)
    if not changes:
        return shipped_standard(name)
    plain: Plain = shipped_standard(name).model_dump()
    parts = {
        "requirements": {part["id"]: part for part in plain["requirements"]},
        "methods": {part["id"]: part for part in plain["methods"]},
        "statements": {part["code"]: part for group in plain["groups"] for part in group["statements"]},
    }
    for key, value in changes.items():
        if key not in parts:
            plain[key] = value
        elif value == "none":
            plain[key] = []
        else:
            for part, changed in value.items():
                parts[key][part].update(changed)
    return Standard.model_validate(plain)


def _portfolio(standard: Standard, learner: Plain, on: date) -> Portfolio:
    _only(learner, LEARNER_KEYS, "learner")
    dates: Plain = {"start": learner.get("start") or START, "breaks": learner.get("breaks") or []}
    dates |= {key: learner[key] for key in ("original_start", "gateway") if learner.get(key)}
    first = date.fromisoformat(str(dates.get("original_start", dates["start"])))
    last = min(on, date.fromisoformat(dates["gateway"])) if "gateway" in dates else on
    person: Plain = {"name": learner.get("name") or "Example Learner"}
    person |= _given(learner, "weekly_hours", WEEKLY_HOURS)
    person |= {} if "age_at_start" in learner else _given(learner, "born", BORN)
    person |= _given(learner, "age_at_start", None)
    evidence = _evidence(standard, learner, first)
    portfolio = Portfolio.model_validate(
        {
            "learner": person,
            "standard": standard.identity,
            "dates": dates,
            "records": _records(standard, learner, first, last),
            "showcase": learner.get("showcase", [piece.id for piece in evidence[:2]]) or [],
            "invented": "yes",
        }
    )
    hours = _hours(learner.get("hours", {}), portfolio, last)
    return portfolio.model_copy(update={"evidence": evidence, "off_the_job": hours})


def _given(plain: Plain, key: str, default: str | None) -> Plain:
    value = plain.get(key, default)
    return {} if value in (None, "unknown") else {key: value}


def _records(standard: Standard, learner: Plain, first: date, last: date) -> Plain:
    before = str(first - timedelta(days=400))
    if standard.is_apprenticeship:
        held: dict[str, Plain] = {name: {"level": "2", "awarded": before} for name in ("english", "maths", "ict")}
        held["safeguarding"] = {"level": "1", "awarded": str(first + timedelta(days=14))}
    else:
        held = {"childrens_workforce": {"level": "4", "awarded": before}}
        held["specialist_leader_behaviour_attendance"] = {"awarded": before}
    held = _merged(held, learner.get("qualifications") or {})
    signed = {
        party: {"name": f"Example {party}", "role": f"{party}'s role", "of": "competence", "on": str(last)}
        for party in ("employer", "provider", "apprentice")
    }
    signed = _merged(signed, learner.get("confirmations") or {})
    return {
        "qualifications": [_qualification(subject, facts) for subject, facts in held.items()],
        "adjustments": [
            {"subject": found, "evidence": "EHCP"} if isinstance(found, str) else found
            for found in learner.get("adjustments") or []
        ],
        "opt_ins": [{"subject": found} if isinstance(found, str) else found for found in learner.get("opt_ins") or []],
        "confirmations": [{"by": party} | facts for party, facts in signed.items()],
    } | _given(learner, "prior_learning_hours", None)


def _merged(default: dict[str, Plain], changes: Plain) -> dict[str, Plain]:
    """Give the defaults with changes by name; `none` takes one away, a value `none` in it that value."""
    merged = dict(default)
    for name, changed in changes.items():
        if changed == "none":
            merged.pop(name, None)
        else:
            both = merged.get(name, {}) | (changed or {})
            merged[name] = {key: value for key, value in both.items() if value != "none"}
    return merged


def _qualification(subject: str, facts: Plain) -> Plain:
    """Give a record; a subject written `maths/2` is a second record of maths. `certificate: missing` has no file."""
    name = facts.get("certificate", f"records/{subject}.pdf")
    plain = {"subject": subject.partition("/")[0]} | facts
    if name == "unnamed":
        return {key: value for key, value in plain.items() if key != "certificate"}
    is_missing = name == "missing"
    name = f"records/{subject}.pdf" if is_missing else name
    return plain | {"certificate": name, "file": AttachedFile(name=name, is_missing=is_missing)}


def _evidence(standard: Standard, learner: Plain, first: date) -> tuple[Evidence, ...]:
    """Give two accepted pieces for each statement, of different kinds and days, with the case's changes."""
    codes = [statement.code for statement in standard.competencies]
    chunks = [codes[at : at + CLAIMS_A_PIECE] for at in range(0, len(codes), CLAIMS_A_PIECE)] * 2
    pieces: dict[str, Plain] = {
        f"E{number + 1:02}": {
            "kind": KINDS[number % 3 + (3 if number >= len(chunks) // 2 else 0)],
            "date": str(first + timedelta(days=30 + 10 * number)),
            "claims": chunk,
        }
        for number, chunk in enumerate(chunks)
    }
    for name in learner.get("without") or []:
        del pieces[name]
    changes = learner.get("evidence") or {}
    if changes == "none":
        return ()
    for name, changed in changes.items():
        default = {"kind": "work_product", "date": str(first + timedelta(days=200)), "claims": []}
        pieces[name] = pieces.get(name, default) | changed
    return tuple(_piece(standard, name, plain) for name, plain in pieces.items())


def _piece(standard: Standard, name: str, plain: Plain) -> Evidence:
    made = date.fromisoformat(plain["date"])
    files = {file: facts or {} for file, facts in (plain.get("files") or {}).items()}
    attached = tuple(
        AttachedFile.model_validate({"name": file, "sha256": f"{name}/{file}"} | facts) for file, facts in files.items()
    )
    accepted = {"state": "accepted", "by": "Example Assessor", "role": "assessor", "on": str(made + timedelta(days=7))}
    accepted["fingerprint"] = plain.get("fingerprint", FINGERPRINT)
    default = {"id": name, "title": f"Piece {name}", "account": ACCOUNT, "acceptance": accepted}
    piece = Evidence.model_validate(
        default
        | {"fingerprint": FINGERPRINT}
        | {key: value for key, value in plain.items() if key != "files"}
        | {"files": list(files), "attached": attached}
    )
    claims = tuple(
        claim
        if claim.standard or claim.code not in standard.by_code
        else claim.model_copy(update={"standard": standard.by_code[claim.code].origin})
        for claim in piece.claims
    )
    return piece.model_copy(update={"claims": claims})


def _hours(told: Any, portfolio: Portfolio, last: date) -> tuple[LoggedHours, ...] | None:
    """Give the log: one entry a week of the practical period outside breaks, unless the case tells other rows."""
    if told == "none":
        return None
    rows = told if isinstance(told, list) else [told]
    log: list[LoggedHours] = []
    for row in rows:
        if "date" in row:
            log.append(LoggedHours.model_validate({"activity": "Training"} | row))
            continue
        _only(row, {"weekly", "from", "until"}, "hours")
        day = date.fromisoformat(row["from"]) if "from" in row else portfolio.dates.first
        until = date.fromisoformat(row["until"]) if "until" in row else last
        while day <= until:
            if not any(pause.start <= day <= (pause.end or date.max) for pause in portfolio.dates.breaks):
                hours = row.get("weekly", LOGGED_A_WEEK)
                log.append(LoggedHours.model_validate({"date": day, "hours": hours, "activity": "Training"}))
            day += timedelta(days=7)
    return tuple(sorted(log, key=lambda row: row.date))
