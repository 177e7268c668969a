"""What the assessment plan asks for at gateway, where nobody has written it down yet."""

from __future__ import annotations

from collections.abc import Iterator

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.standard import Requirement
from ksbtrack.rules.words import PROVIDER


def assessment_plan(case: Case, requirement: Requirement) -> Iterator[Finding]:
    """Say that what the assessment plan asks for at gateway is not known.

    The official feed of standards says nothing about it. An overlay file that lists what the plan asks for takes this
    requirement's place.

    Yields:
        Exactly one finding, whose status is unknown.

    Source: the assessment plan, which the source of an imported standard names at best.
    """
    yield Finding(
        "assessment_plan",
        requirement.id,
        Status.UNKNOWN,
        f"What the assessment plan of {case.standard.identity} asks for at gateway is not known: the source of this "
        "standard does not say it.",
        {"plan": case.standard.plan or "unknown"},
        Remedy(
            Action.RECORD_FACT,
            requirement.id,
            "Read the assessment plan, and put what it asks for at gateway into an overlay file (requirements).",
            PROVIDER,
            Effort.HOURS,
            {"fact": "requirements"},
        ),
        requirement.source,
    )
