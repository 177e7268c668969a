"""Verdicts on disk, a line each, so that a cohort of any size takes the memory of one learner."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from ksbtrack.files.writing import cannot_write, replacing
from ksbtrack.models.analysis import Decision, Status
from ksbtrack.models.cohort import (
    CohortRun,
    Fault,
    LearnerVerdict,
    NextStep,
    Pace,
    PaceStatus,
    RequirementStatus,
)
from ksbtrack.problems import Problem, Source

Outcome = LearnerVerdict | Fault
"""What `ksbtrack.cohort.judging.judged` yields: a verdict, or what could not be read."""

Noun = TypeVar("Noun")
_FAULT = b'{"problem": '
"""How the line of a fault begins: with its first field."""
_DAYS = ("start", "planned_gateway", "gateway")


def write_spool(
    path: Path,
    outcomes: Iterable[Outcome],
    source: str,
    on: date,
    notes: tuple[str, ...] = (),
    *,
    assumed: Iterable[str] = (),
) -> CohortRun:
    """Write each outcome as a line of JSON, as it comes, and give the counts of all.

    The file takes its name once all is written.

    Args:
        path: the file.
        outcomes: in the order in which they are to be read again.
        source: the cohort as the user named it.
        on: the day asked about.
        notes: what was not taken as it stood.
        assumed: what was taken for true of every learner whom it fits.

    Raises:
        KsbtrackError: `cannot-write`, and whatever the outcomes raise.
    """
    decisions = dict.fromkeys(Decision, 0)
    paces = dict.fromkeys(PaceStatus, 0)
    overdue = overdue_not_ready = fault_count = 0
    without: set[str] = set()
    standards: set[str] = set()
    fits = dict.fromkeys(assumed, 0)
    with replacing(path) as file:
        for outcome in outcomes:
            file.write(outcome_line(outcome))
            if isinstance(outcome, Fault):
                fault_count += 1
                without |= {outcome.learner} if outcome.learner else set()
                continue
            standards.add(outcome.standard)
            decisions[outcome.decision] += 1
            paces[outcome.pace.status] += 1
            overdue += outcome.is_overdue
            for words in outcome.assumed:
                fits[words] += 1
            overdue_not_ready += outcome.is_overdue and outcome.decision is not Decision.READY
    judged = sum(decisions.values())
    return CohortRun(
        source=source,
        on=on,
        learners=judged + len(without),
        judged=judged,
        decisions=decisions,
        paces=paces,
        overdue=overdue,
        overdue_not_ready=overdue_not_ready,
        not_judged=len(without),
        faults=fault_count,
        notes=notes,
        standards=tuple(sorted(standards)),
        assumed=fits,
    )


def read_spool(path: Path) -> Iterator[Outcome]:
    """Yield the outcomes of a file that `write_spool` wrote, in their order, one at a time."""
    with path.open("rb") as file:
        for line in file:
            yield outcome_of(json.loads(line))


def verdicts(path: Path) -> Iterator[LearnerVerdict]:
    """Yield the verdicts of a file that `write_spool` wrote, without the faults."""
    return (outcome for outcome in read_spool(path) if isinstance(outcome, LearnerVerdict))


def faults(path: Path) -> Iterator[Fault]:
    """Yield the faults of a file that `write_spool` wrote, without the verdicts."""
    with path.open("rb") as file:
        for line in file:
            if line.startswith(_FAULT):
                outcome = outcome_of(json.loads(line))
                if isinstance(outcome, Fault):
                    yield outcome


def add_faults(path: Path, found: Iterable[Fault]) -> None:
    """Add faults that were met later to a file that `write_spool` wrote.

    Raises:
        KsbtrackError: `cannot-write`.
    """
    try:
        with path.open("ab") as file:
            for fault in found:
                file.write(outcome_line(fault))
    except OSError as error:
        raise cannot_write(path, error) from error


def outcome_line(outcome: Outcome) -> bytes:
    """Give an outcome as one line of JSON in UTF-8, with its line feed."""
    return (json.dumps(_plain(outcome), ensure_ascii=False, default=_part) + "\n").encode()


def _plain(value: Any) -> dict[str, Any]:
    """Give the fields of a noun by name."""
    return {name: getattr(value, name) for name in value.__slots__}


def _part(value: Any) -> Any:
    """Give what JSON has no word for: a day as text, a noun by its fields."""
    return value.isoformat() if isinstance(value, date) else _plain(value)


def outcome_of(values: Mapping[str, Any]) -> Outcome:
    """Give the outcome that a line of JSON holds."""
    if "problem" in values:
        source = Source(**values["problem"]["source"])
        return Fault(**{**values, "problem": _noun(Problem, {**values["problem"], "source": source})})
    days = {name: _day(values[name]) for name in _DAYS}
    pace = dict(values["pace"])
    return LearnerVerdict(
        **{
            **values,
            **days,
            "source": Source(**values["source"]),
            "decision": Decision(values["decision"]),
            "requirements": tuple(
                RequirementStatus(**{**held, "status": Status(held["status"])}) for held in values["requirements"]
            ),
            "statements": {code: Status(status) for code, status in values["statements"].items()},
            **{name: tuple(values[name]) for name in ("desirable", "blocking", "faults", "counting", "assumed")},
            "next_steps": tuple(NextStep(**{**step, "helps": tuple(step["helps"])}) for step in values["next_steps"]),
            "pace": Pace(**{**pace, "status": PaceStatus(pace["status"]), "latest_safe": _day(pace["latest_safe"])}),
        }
    )


def _noun(kind: type[Noun], fields: Mapping[str, Any]) -> Noun:
    return kind(**fields)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
