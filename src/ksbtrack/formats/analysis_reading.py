"""The JSON of a report read back, as far as two reports are compared; it may be anybody's file: all is checked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ksbtrack.files.opening import open_named_file, read_whole_file
from ksbtrack.formats.analysis_json import SCHEMA_VERSION, analysis_as_dict
from ksbtrack.formats.json_text import parse_json
from ksbtrack.models.analysis import Analysis
from ksbtrack.models.case import AssumedPart, Assumption
from ksbtrack.models.changes import RuleMarks
from ksbtrack.models.reported import RecordMarks, Reported, ReportedPiece, ReportedRequirement, ReportedStatement
from ksbtrack.models.statuses import Decision, Status
from ksbtrack.planning.assumption_meanings import meaning_of
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

MAX_REPORT_BYTES = 32 * 1024**2
"""Bytes of a report's JSON: that of a portfolio of a thousand pieces has a tenth."""
_HEAD_BYTES = 1024
"""Bytes that are enough for the first keys, by which a report and a run over a cohort are told apart."""
KNOWN_VERSIONS = ("1.1", SCHEMA_VERSION)
"""Versions of the schema that can be compared; 1.1 has no marks."""


class _Part(BaseModel):
    """A part of the JSON; keys that no comparison needs are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Standard(_Part):
    reference: str
    version: str


class _Policy(_Part):
    title: str
    version: str


class _Learner(_Part):
    name: str
    start: date
    original_start: date | None = None
    planned_gateway: date | None = None
    gateway: date | None = None


class _Marks(_Part):
    program: str
    policy: str
    standard: str
    learner: str
    hours: str | None = None


class _Requirement(_Part):
    id: str
    title: str
    status: Status
    inputs: dict[str, str]
    source: str


class _Competency(_Part):
    code: str
    text: str
    status: Status
    pieces: tuple[str, ...]
    on_the_way: tuple[str, ...]
    to_check: tuple[str, ...]


class _Piece(_Part):
    id: str
    title: str
    status: Status
    counts_for: tuple[str, ...]
    reasons: tuple[str, ...]
    fingerprint: str | None = None
    mark: str = ""


class _Assumption(_Part):
    assumption: str
    means: str
    about: AssumedPart
    subject: str | None


class _Report(_Part):
    decision: Decision
    as_of: date
    gateway: date
    standard: _Standard
    policy: _Policy
    learner: _Learner
    requirements: tuple[_Requirement, ...]
    competencies: tuple[_Competency, ...]
    pieces: tuple[_Piece, ...]
    marks: _Marks | None = None
    assumptions: tuple[_Assumption, ...] = ()


def read_reported(path: str | Path) -> Reported:
    """Give what a report in JSON says, as far as reports are compared.

    Args:
        path: a file that `report -o FILE.json` or `check --json` wrote.

    Raises:
        KsbtrackError: `not-an-analysis`, `unknown-schema-version`, `bad-json`, `not-utf-8`, `file-too-large`,
            `missing-file`, `not-a-file` or `unreadable-file`.
    """
    shown = Path(path).as_posix()
    return reported_of(parse_json(read_whole_file(Path(path), shown, MAX_REPORT_BYTES), shown), shown)


def reported(analysis: Analysis) -> Reported:
    """Give the same of an analysis that was just made."""
    return reported_of(analysis_as_dict(analysis), "analysis")


def reported_of(value: Any, shown: str) -> Reported:
    """Give the same of a JSON value.

    Args:
        value: the whole JSON.
        shown: the file for messages.

    Raises:
        KsbtrackError: `not-an-analysis`, `unknown-schema-version`.
    """
    fields: Mapping[str, Any] = value if isinstance(value, dict) else {}
    missing = [key for key in ("schema_version", "decision", "competencies") if key not in fields]
    if missing:
        raise _not_an_analysis(shown, f"no {quoted(missing[0])}" if fields else "something else than a report")
    if fields["schema_version"] not in KNOWN_VERSIONS:
        raise KsbtrackError(
            Problem(
                "unknown-schema-version",
                Source(shown),
                f"the schema_version {quoted(str(fields['schema_version']))}",
                f"this version of ksbtrack compares {' and '.join(KNOWN_VERSIONS)}",
                "Write the report again with this version, of the portfolio as it was then.",
            )
        )
    try:
        report = _Report.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = quoted(".".join(str(part) for part in first["loc"]))
        is_missing = first["type"] == "missing"
        found = f"no {where}" if is_missing else f"a value under {where} that does not belong there"
        raise _not_an_analysis(shown, found) from error
    return _as_noun(report)


def _not_an_analysis(shown: str, found: str) -> KsbtrackError:
    return KsbtrackError(
        Problem(
            "not-an-analysis",
            Source(shown),
            found,
            "the JSON of a report has the keys that docs/json.md explains",
            "Name a file that `ksbtrack report PORTFOLIO -o FILE.json` wrote.",
        )
    )


def _as_noun(report: _Report) -> Reported:
    identity = f"{report.standard.reference}@{report.standard.version}"
    dates = report.learner.model_dump(mode="json", exclude={"name"})
    return Reported(
        learner=report.learner.name,
        on=report.as_of,
        gateway=report.gateway,
        standard=identity,
        policy=(report.policy.title, report.policy.version),
        decision=report.decision,
        dates={key: day or "" for key, day in dates.items()},
        requirements={one.id: ReportedRequirement(**dict(one)) for one in report.requirements},
        statements={one.code: ReportedStatement(**dict(one)) for one in report.competencies},
        pieces={one.id: _piece(one) for one in report.pieces},
        marks=_marks(report.marks, identity) if report.marks else None,
        assumptions=tuple(
            Assumption(one.assumption, one.means, one.about, one.subject or "", meaning=meaning_of(one.assumption))
            for one in report.assumptions
        ),
    )


def _piece(piece: _Piece) -> ReportedPiece:
    return ReportedPiece(**{**dict(piece), "fingerprint": piece.fingerprint or ""})


def _marks(marks: _Marks, identity: str) -> RecordMarks:
    rules = RuleMarks(marks.program, marks.policy, {identity: marks.standard})
    return RecordMarks(rules, marks.learner, marks.hours or "")


def refuse_unlike(before: Reported, after: Reported, shown: str) -> None:
    """Refuse to compare reports on two people, or an earlier report that asks about a later day.

    Args:
        before: the earlier report.
        after: the later one.
        shown: the earlier report's file.

    Raises:
        KsbtrackError: `other-learner`, `reports-reversed`.
    """
    names = [" ".join(side.learner.split()).casefold() for side in (before, after)]
    if names[0] != names[1]:
        raise KsbtrackError(
            Problem(
                "other-learner",
                Source(shown),
                f"a report on {quoted(before.learner)}",
                f"the later one is on {quoted(after.learner)}",
                "Name two reports on the same learner; where the name was corrected, write the earlier one again.",
            )
        )
    if before.on > after.on:
        raise KsbtrackError(
            Problem(
                "reports-reversed",
                Source(shown),
                f"a report as of {before.on.isoformat()}",
                f"it is named as the earlier one, and the other is as of {after.on.isoformat()}",
                "Name the earlier report first.",
            )
        )


def looks_like_run(path: Path) -> bool:
    """Say whether a path is that of a run over a cohort rather than of a report: by its kind, then by its first keys.

    Raises:
        KsbtrackError: `missing-file`, `not-a-file`, `unreadable-file`.
    """
    if path.is_dir():
        return True
    with open_named_file(path, path.as_posix()) as opened:
        head = opened.read(_HEAD_BYTES)
    return b'"source"' in head.partition(b'"decision"')[0]
