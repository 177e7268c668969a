"""Made-up standards, portfolios and analyses: nobody and nothing here exists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any, TypeVar

from ksbtrack.analysis import analyse
from ksbtrack.models.analysis import (
    Action,
    Analysis,
    CompetencyVerdict,
    Decision,
    Effort,
    Finding,
    PieceVerdict,
    Remedy,
    RequirementVerdict,
    Status,
    Step,
    Totals,
)
from ksbtrack.models.case import Case
from ksbtrack.models.policy import Policy
from ksbtrack.models.portfolio import Portfolio
from ksbtrack.models.standard import Standard
from ksbtrack.yamlfile import parse_yaml

POLICY_FILE = Path(__file__).resolve().parent.parent / "standards" / "policy.yaml"
START = date(2023, 9, 4)
DAY = date(2024, 9, 20)
KINDS = ("work_product", "observation_record", "feedback", "witness_testimony", "project", "cpd_record")
STATES = ("accepted", "accepted", "accepted", "submitted", "accepted", "referred", "draft")

Plain = dict[str, Any]


def lantern_standard(**changes: Any) -> Standard:
    """Give a made-up apprenticeship standard that has every part a standard can have."""
    plain: Plain = {
        "reference": "XX9001",
        "version": "1.2",
        "title": "Lantern keeper",
        "kind": "apprenticeship",
        "level": "3",
        "plan": "XX9001/P1",
        "regime": "end_point_assessment",
        "attribution": "Made-up statements, free for every use.",
        "sources": ["A made-up source"],
        "groups": [
            _group("K", "knowledge", "Light and its uses", 6, pair="S"),
            _group("S", "skill", "Keep a lantern", 6, pair="K"),
            _group("B", "behaviour", "Behaviours", 3) | {"codes_trust": "ours", "note": "Listed without codes."},
        ],
        "duties": [{"code": "D1", "text": "light the lantern at dusk", "competencies": ["K1", "S1"]}],
        "methods": [
            {
                "id": "watch",
                "title": "Observation",
                "form": "A night watch.",
                "assesses": ["S1", "S2", "S3", "S4", "S5", "B1"],
                "must_assess": ["S1"],
                "figures": [{"name": "Time", "value": "60", "unit": "minutes"}, {"name": "Resits", "value": "unknown"}],
            },
            {"id": "talk", "title": "Discussion", "form": "A talk by the fire.", "assesses": "unknown"},
        ],
        "requirements": _requirements(),
    }
    return Standard.model_validate(plain | changes)


def _group(prefix: str, kind: str, title: str, count: int, pair: str = "") -> Plain:
    statements: list[Plain] = []
    for number in range(1, count + 1):
        statement: Plain = {"code": f"{prefix}{number}", "text": f"{title.lower()}, part {number}", "kind": kind}
        statement |= {"origin": "XX9001@1.2"}
        if pair:
            statement["pairs_with"] = f"{pair}{number}"
        if prefix == "K" and number > 2:
            statement["trust"] = "reconstructed"
        statements.append(statement)
    return {"prefix": prefix, "kind": kind, "title": title, "statements": statements}


def _requirements() -> list[Plain]:
    source = "A made-up rule book"
    return [
        {"id": "statements", "title": "Every statement is evidenced", "rule": "every_statement", "source": source},
        {"id": "minimum_duration", "title": "Minimum duration", "rule": "minimum_duration", "source": source},
        {"id": "off_the_job", "title": "Off-the-job training", "rule": "off_the_job", "source": source},
        {"id": "active_learning", "title": "Learning every month", "rule": "active_learning", "source": source},
        {
            "id": "maths",
            "title": "Maths at level 2",
            "rule": "english_and_maths",
            "subject": "maths",
            "level": "2",
            "source": source,
        },
        {
            "id": "ict",
            "title": "ICT at level 2",
            "rule": "qualification",
            "subject": "ict",
            "level": "2",
            "dispensation": {"since": "unknown", "until": "2024-07-28", "source": "A made-up dispensation"},
            "source": source,
            "trust": "ours",
        },
        {
            "id": "confirmations",
            "title": "All three confirm",
            "rule": "confirmations",
            "by": ["employer", "provider", "apprentice"],
            "source": source,
        },
    ]


def wharf_profile() -> Standard:
    """Give a made-up role profile: no assessment, no gateway, codes with points, a desirable statement."""
    duties = [
        {"code": f"G7.{number}", "text": f"keep the wharf, part {number}", "kind": "duty", "origin": "XXWharf@2"}
        for number in range(1, 13)
    ]
    wishes = [
        {"code": "Q1", "text": "a boat licence", "kind": "qualification", "desirable": "yes", "origin": "XXWharf@2"}
    ]
    return Standard.model_validate(
        {
            "reference": "XXWharf",
            "version": "2",
            "title": "Wharf keeper, grade 7",
            "kind": "profile",
            "attribution": "Made-up duties, free for every use.",
            "groups": [
                {"prefix": "G7", "kind": "duty", "title": "On the wharf", "statements": duties},
                {"prefix": "Q", "kind": "qualification", "title": "Qualifications", "statements": wishes},
            ],
            "requirements": [
                {"id": "statements", "title": "Every duty is shown", "rule": "every_statement", "source": "The profile"}
            ],
        }
    )


def portfolio(standard: Standard, count: int = 9, **changes: Any) -> Portfolio:
    """Give a made-up portfolio with a number of pieces, of which about half count.

    Args:
        standard: the pieces claim its statements in turn, so that the last ones are left for small counts.
        count: pieces.
        changes: fields of the portfolio to put instead.
    """
    plain: Plain = {
        "learner": {
            "name": "Wick Lumen",
            "age_at_start": "20",
            "employer": "Harbour Lights",
            "provider": "Beacon College",
            "weekly_hours": "37",
        },
        "standard": standard.identity,
        "invented": "yes",
        "dates": {
            "start": START,
            "planned_gateway": DAY + timedelta(days=40),
            "breaks": [{"start": date(2024, 2, 5), "end": date(2024, 3, 1)}],
        },
        "records": {
            "qualifications": [{"subject": "maths", "level": "2", "title": "Maths, level 2", "awarded": "2022-08-24"}],
            "confirmations": [
                {"by": "employer", "name": "Ember Glow", "role": "harbour master", "on": "2024-09-12"},
            ],
        },
        "showcase": ["E1", "E2"] if count > 1 else [],
        "evidence": [piece(standard, number) for number in range(1, count + 1)],
        "off_the_job": [
            {"date": START + timedelta(days=7 * week), "hours": "5.5", "activity": "Taught session"}
            for week in range(-1, 50)
        ],
    }
    return Portfolio.model_validate(plain | changes)


def piece(standard: Standard, number: int) -> Plain:
    """Give the number-th made-up piece as plain values."""
    codes = [statement.code for statement in standard.competencies]
    made = START + timedelta(days=20 + 37 * number % 360)
    state = STATES[number % len(STATES)]
    kind = KINDS[number % len(KINDS)]
    claims = [
        {
            "code": codes[(2 * number + offset) % (len(codes) - 2)],
            "standard": standard.identity,
            "where": f"p. {offset}",
        }
        for offset in range(1, 4)
    ]
    acceptance = {"state": state, "by": "Tinder Spark", "role": "assessor", "on": made + timedelta(days=9)}
    if state == "referred":
        acceptance["comment"] = "Say **what you did** yourself, and add the [log](https://example.invalid/log)."
    return {
        "id": f"E{number}",
        "title": f"Night watch number {number}",
        "kind": kind,
        "date": made,
        "claims": claims,
        "acceptance": acceptance,
        "witness": {"name": "Flint Ash", "role": "keeper", "relationship": "supervisor", "signed": made},
        "signatures": [{"by": by, "on": made} for by in ("assessor", "apprentice")],
        "fingerprint": f"{number * 7919:032x}",
        "attached": [
            {
                "name": f"evidence/watch-{number}.pdf",
                "size": 41_000 + number,
                "sha256": f"{number * 7919:064x}",
                "kind": "pdf",
                "pages": 3,
            }
        ],
    }


def policy() -> Policy:
    """Give the shipped policy."""
    text = POLICY_FILE.read_text(encoding="utf-8")
    return Policy.model_validate(parse_yaml(text, "policy.yaml").value)


def analysis(standard: Standard | None = None, count: int = 9, day: date = DAY, **changes: Any) -> Analysis:
    """Give the analysis of a made-up portfolio.

    Args:
        standard: the made-up apprenticeship where none is given.
        count: pieces.
        day: the day asked about.
        changes: fields of the portfolio to put instead.
    """
    standard = standard or lantern_standard()
    return analyse(Case(standard, portfolio(standard, count, **changes), policy(), day))


def unjudged(standard: Standard | None = None, count: int = 9, **changes: Any) -> Analysis:
    """Give an analysis that no rule made: every status in turn, and words that depend on nothing.

    For what must stay the same when a rule's wording changes, such as the golden pages.

    Args:
        standard: the made-up apprenticeship where none is given.
        count: pieces.
        changes: fields of the portfolio to put instead.
    """
    standard = standard or lantern_standard()
    case = Case(standard, portfolio(standard, count, **changes), policy(), DAY)
    pieces = case.portfolio.evidence
    requirements = tuple(_requirement(item.id, item.title, status) for item, status in _each(standard.requirements))
    competencies = tuple(
        _competency(item.code, item.desirable, status, [piece.id for piece in pieces])
        for item, status in _each(standard.competencies)
    )
    return Analysis(
        case,
        Decision.NOT_READY,
        "Three of the made-up requirements are not met.",
        competencies,
        requirements,
        tuple(
            PieceVerdict(item.id, status, ("K1", "S2") if status is Status.MET else (), (f"{item.id} says so.",))
            for item, status in _each(pieces)
        ),
        tuple(_finding(item.code, status) for item, status in _each(standard.competencies)),
        Totals(15, 4, 6, 5, 7, 3, 3, 1, len(pieces), len(pieces) // 2),
        tuple(Step(_remedy(name), (name, "maths")) for name in ("K1", "E1", "ict")),
    )


T = TypeVar("T")


def _each(items: Iterable[T]) -> Iterator[tuple[T, Status]]:
    return zip(items, cycle(Status), strict=False)


def _remedy(subject: str) -> Remedy:
    return Remedy(Action.ADD_PIECE, subject, f"Mend {subject}.", "you, then your assessor", Effort.DAYS)


def _requirement(name: str, title: str, status: Status) -> RequirementVerdict:
    remedies = () if status.holds else (_remedy(name),)
    inputs = {"looked_at": "2024-09-20", "needed": "2"}
    return RequirementVerdict(
        name, title, status, False, f"Because of {name}.", inputs, remedies, "A made-up rule book"
    )


def _competency(code: str, is_desirable: bool, status: Status, pieces: list[str]) -> CompetencyVerdict:
    counting = tuple(pieces[:2]) if status in (Status.MET, Status.PARTLY_MET) else ()
    waiting = tuple(pieces[2:3]) if status is Status.PARTLY_MET else ()
    to_check = tuple(pieces[3:4]) if status is Status.CHECK_AGAIN else ()
    remedies = () if status.holds else (_remedy(code),)
    return CompetencyVerdict(
        code, status, is_desirable, counting, waiting, to_check, (f"Because of {code}: this.",), remedies
    )


def _finding(code: str, status: Status) -> Finding:
    decides = status is not Status.NOT_NEEDED
    rule = "too_few_pieces" if decides else "single_source"
    return Finding(rule, code, status, f"Because of {code}.", {"needed": "2"}, None, "A made-up rule book", decides)
