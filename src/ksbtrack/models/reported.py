"""What of one report is compared with another: the same whether it was just made or is read from its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ksbtrack.models.case import Assumption
from ksbtrack.models.changes import RuleMarks
from ksbtrack.models.statuses import Decision, Status


@dataclass(frozen=True, slots=True)
class ReportedRequirement:
    """What a report says of a requirement."""

    id: str
    title: str
    status: Status
    inputs: Mapping[str, str]
    source: str


@dataclass(frozen=True, slots=True)
class ReportedStatement:
    """What a report says of a statement; `pieces` are those that count for it."""

    code: str
    text: str
    status: Status
    pieces: tuple[str, ...]
    on_the_way: tuple[str, ...]
    to_check: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportedPiece:
    """What a report says of a piece.

    Attributes:
        fingerprint: the mark of what an assessor sees of it; empty where there is none.
        mark: of everything on record about it, acceptance and signatures too; empty in reports of schema 1.1.
        reasons: why it does not count, or only in part.
    """

    id: str
    title: str
    status: Status
    counts_for: tuple[str, ...]
    reasons: tuple[str, ...]
    fingerprint: str
    mark: str


@dataclass(frozen=True, slots=True)
class RecordMarks:
    """By what a report knows again the rules it judged by and the records it judged, beside those of the pieces.

    Attributes:
        rules: program, policy and standard.
        learner: everything in the head of the portfolio: dates, qualifications, confirmations, what is chosen.
        hours: the log of off-the-job hours.
    """

    rules: RuleMarks
    learner: str
    hours: str


@dataclass(frozen=True, slots=True)
class Reported:
    """One report.

    Attributes:
        on: the day asked about.
        gateway: the day that decides the rules that gateway decides.
        standard: such as `ST0148@1.0`.
        policy: title and version.
        dates: the learner's dates by the name of their key, as text; empty where none is on record.
        requirements: by id, in the standard's order.
        statements: by code, in the standard's order.
        pieces: by id, in the portfolio's order.
        marks: None in reports of schema 1.1, which have none.
        assumptions: what was assumed, though it is not on record.
    """

    learner: str
    on: date
    gateway: date
    standard: str
    policy: tuple[str, str]
    decision: Decision
    dates: Mapping[str, str] = field(default_factory=dict)
    requirements: Mapping[str, ReportedRequirement] = field(default_factory=dict)
    statements: Mapping[str, ReportedStatement] = field(default_factory=dict)
    pieces: Mapping[str, ReportedPiece] = field(default_factory=dict)
    marks: RecordMarks | None = None
    assumptions: tuple[Assumption, ...] = ()
