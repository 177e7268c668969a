"""Made-up verdicts on any number of learners, for tests of what a cohort's outputs show; nobody in them exists."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from ksbtrack.models.analysis import Decision, Status
from ksbtrack.models.cohort import (
    CohortRun,
    LearnerVerdict,
    NextStep,
    Pace,
    PaceStatus,
    RequirementStatus,
)
from ksbtrack.problems import Source

DAY = date(2026, 11, 22)
MEANINGS = tuple((pace, f"What {pace.words.lower()} means.") for pace in PaceStatus)
STANDARDS = {
    "XX9001@1.2": ("Lantern keeper", ("statements", "english", "maths", "off_the_job", "confirmations")),
    "XX9002@1.0": ("Bell founder", ("statements", "english", "casting_log")),
}
TITLES = {
    "statements": "Every statement is shown",
    "english": "English",
    "maths": "Maths",
    "off_the_job": "Off-the-job training",
    "confirmations": "Confirmations",
    "casting_log": "Casting log",
}
HOSTILE = (
    "</script><script>document.title='taken'</script>",
    '=HYPERLINK("http://example.com","x")',
    "\u202egnitsil <b onclick=alert(1)>bold</b>",
    "Zo\u00eb \u05d0\u05d1\u05d2 \u0645\u062b\u0627\u0644",
    "Very" + "long" * 48,
    "\u2028line\u2029ends & \"quotes\" '{{ 7*7 }}'",
)
_STATUSES = (Status.MET, Status.MET, Status.NOT_MET, Status.UNKNOWN, Status.PARTLY_MET, Status.CHECK_AGAIN)


def made_up_verdict(number: int, standards: Iterable[str] = STANDARDS) -> LearnerVerdict:
    """Give the verdict on a learner; the same number gives the same one."""
    drawn = random.Random(number)
    standard = drawn.choice(sorted(standards))
    title, names = STANDARDS[standard]
    is_ready = drawn.random() < 0.2
    statuses = {name: Status.MET if is_ready else drawn.choice(_STATUSES) for name in names}
    blocking = tuple(name for name, status in statuses.items() if not status.holds)
    is_not_met = any(statuses[name] in (Status.NOT_MET, Status.PARTLY_MET) for name in blocking)
    decision = Decision.NOT_READY if is_not_met else Decision.CANNOT_TELL if blocking else Decision.READY
    planned = DAY + timedelta(days=drawn.randint(-200, 400)) if number % 9 else None
    met, of = (27 if is_ready else drawn.randint(0, 26)), 27
    pace = drawn.choice(list(PaceStatus)) if planned else PaceStatus.CANNOT_TELL
    return LearnerVerdict(
        key=f"L{number:05}",
        name=f"Example Learner {number}",
        uln=f"{1_000_000_000 + number}" if number % 3 else None,
        source=Source("cohort/learners.csv", number + 2),
        standard=standard,
        standard_title=title,
        assessor=f"Example Assessor {number % 7}",
        group=f"Group {number % 12}",
        employer=f"Example Employer {number % 30}",
        provider="Example Provider",
        start=date(2025, 9, 1) + timedelta(days=number % 90),
        planned_gateway=planned,
        gateway=None,
        is_overdue=planned is not None and planned < DAY,
        decision=decision,
        reason=f"{len(blocking)} of {len(names)} requirements are not met or not known.",
        requirements=tuple(RequirementStatus(name, TITLES[name], status) for name, status in statuses.items()),
        statements={f"K{index}": Status.MET if index <= met else Status.NOT_MET for index in range(1, of + 1)},
        desirable=(),
        blocking=blocking,
        faults=("too_little_evidence",) if blocking else (),
        statements_met=met,
        statements_not_met=of - met,
        statements_unknown=0,
        statements_of=of,
        pieces=drawn.randint(0, 60),
        pieces_counting=0,
        next_steps=tuple(
            NextStep(f"Do the thing about {TITLES[name]}.", "add_record", name, "learner", "hours", (name,))
            for name in blocking[:3]
        ),
        steps_left=len(blocking) * 2,
        pace=Pace(
            pace,
            "Because it is made up.",
            met,
            of,
            drawn.randint(0, 27) if planned else None,
            latest_safe=planned - timedelta(days=28) if planned else None,
        ),
        fingerprint=f"{number:032x}",
    )


def made_up_cohort(count: int, standards: Iterable[str] = STANDARDS) -> Callable[[], Iterator[LearnerVerdict]]:
    """Give what yields the verdicts on so many learners, each time it is called."""
    chosen = tuple(standards)
    return lambda: (made_up_verdict(number, chosen) for number in range(count))


def hostile_cohort() -> list[LearnerVerdict]:
    """Give learners of whom each is called what a page or a workbook could take for something else."""
    return [
        replace(
            made_up_verdict(number), name=name, key=f"key {number} {name[:40]}", group=name[:60], assessor=name[:60]
        )
        for number, name in enumerate(HOSTILE)
    ]


def run_of(verdicts: Iterable[LearnerVerdict], not_judged: int = 0) -> CohortRun:
    """Give the counts of verdicts, as a run gives them."""
    held = list(verdicts)
    late = [verdict for verdict in held if verdict.is_overdue]
    return CohortRun(
        source="cohort",
        on=DAY,
        learners=len(held) + not_judged,
        judged=len(held),
        decisions={decision: sum(verdict.decision is decision for verdict in held) for decision in Decision},
        paces={pace: sum(verdict.pace.status is pace for verdict in held) for pace in PaceStatus},
        overdue=len(late),
        overdue_not_ready=sum(verdict.decision is not Decision.READY for verdict in late),
        not_judged=not_judged,
        faults=not_judged,
    )
