"""Checks on the facts by which the rules decide: level, dates, hours, regime, requirements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ksbtrack.linting.codes import OFFICIAL_REFERENCE
from ksbtrack.load.standards import WrittenStandard
from ksbtrack.models.linting import Seen
from ksbtrack.models.standard import RequirementRule, Standard
from ksbtrack.models.values import in_words
from ksbtrack.problems import did_you_mean, quoted

APPROVED = "approved for delivery"
STATUSES = (APPROVED, "in development", "proposal in development", "retired", "withdrawn")
"""The states of a version, in small letters. Source: the official importer."""
HOURS_PUBLISHED_FROM = date(2025, 8, 1)
"""First start for which hours are published for each version. Source: `off_the_job_published_hours` in the policy."""

_NEVER_STARTED = ("in development", "proposal in development", "withdrawn")
"""States of versions on which nobody is: their dates, codes and hours are not published yet, or never were."""


def status_of(standard: Standard) -> str:
    """Give the state of a version in small letters, as its overview says; empty where it does not."""
    said = [entry.value for entry in standard.overview if entry.name.casefold() == "status"]
    return (said[0] or "").strip().casefold() if said else ""


def level_missing(written: WrittenStandard) -> Iterator[Seen]:
    """Find an apprenticeship without a level: the rule for English and maths hangs on it."""
    if _has_learners(written) and written.own.level is None:
        yield Seen(
            "level",
            written.text.source(("level",)),
            "No level is given, so whether English and maths are asked for at level 1 or 2 cannot be told.",
            "Add a line 'level: ...' from the official record.",
        )


def start_dates_missing(written: WrittenStandard) -> Iterator[Seen]:
    """Find a version of which it is not known since when learners can start on it."""
    if _has_learners(written) and written.own.earliest_start is None:
        yield Seen(
            "earliest_start",
            written.text.source(("earliest_start",)),
            "Since when learners can start on this version is not known, so a learner on the wrong version is not "
            "noticed.",
            "Write earliest_start and, once it is closed, latest_start from the official record.",
        )


def start_dates_reversed(written: WrittenStandard) -> Iterator[Seen]:
    """Find a version that closes before it opens."""
    first, last = written.own.earliest_start, written.own.latest_start
    if first is not None and last is not None and last < first:
        yield Seen(
            "latest_start",
            written.text.source(("latest_start",)),
            f"The last start, {in_words(last)}, is before the first, {in_words(first)}.",
            "Correct the one that is wrong.",
        )


def lars_code_missing(written: WrittenStandard) -> Iterator[Seen]:
    """Find a version with learners that has no LARS code; 0 stands for none yet."""
    if _has_learners(written) and not written.own.lars_code:
        yield Seen(
            "lars_code",
            written.text.source(("lars_code",)),
            "No LARS code is given; learner records name the standard by it.",
            "Add a line 'lars_code: ...' from the official record.",
        )


def unknown_status(written: WrittenStandard) -> Iterator[Seen]:
    """Find a state that the official feed does not have."""
    status = status_of(written.own)
    if written.own.is_apprenticeship and status and status not in STATUSES:
        index = [entry.name.casefold() for entry in written.own.overview].index("status")
        yield Seen(
            "status",
            written.text.source(("overview", index, "value")),
            f"{quoted(written.own.overview[index].value or '')} is no state of a version.",
            f"{did_you_mean(status, STATUSES)}Write one of: {', '.join(STATUSES)}.",
        )


def regime_missing(written: WrittenStandard) -> Iterator[Seen]:
    """Find an apprenticeship without its assessment regime."""
    if _has_gateway(written) and written.own.regime is None:
        yield Seen(
            "regime",
            written.text.source(("regime",)),
            "The assessment regime is not given, so evidence of the behaviours is asked for, also if the plan lets the "
            "employer verify them.",
            "Look into the assessment plan, and add regime: end_point_assessment or apprenticeship_assessment.",
        )


def hours_missing(written: WrittenStandard) -> Iterator[Seen]:
    """Find a version with starts from August 2025 without its published off-the-job hours."""
    standard = written.standard
    is_closed = standard.latest_start is not None and standard.latest_start < HOURS_PUBLISHED_FROM
    is_retired = standard.latest_start is None and status_of(standard) == "retired"
    if _has_gateway(written) and standard.minimum_hours is None and not is_closed and not is_retired:
        yield Seen(
            "minimum_hours",
            written.text.source(("minimum_hours",)),
            f"The off-the-job hours published for this version are not given; for a start from "
            f"{in_words(HOURS_PUBLISHED_FROM)} nothing else decides.",
            "Add a line 'minimum_hours: ...' from the official record, or put it into an overlay file.",
        )


def statements_not_required(written: WrittenStandard) -> Iterator[Seen]:
    """Find a standard whose requirements do not ask for its statements: a learner without evidence could be ready."""
    asked = [
        requirement
        for requirement in written.standard.requirements
        if requirement.rule is RequirementRule.EVERY_STATEMENT and not requirement.desirable
    ]
    if not asked and not _is_unit(written.own):
        yield Seen(
            "requirements",
            written.text.source(("requirements",)),
            "No requirement asks for evidence of the statements.",
            "Add a requirement with rule: every_statement.",
        )


def plan_not_read(written: WrittenStandard) -> Iterator[Seen]:
    """Find a requirement that stands for what the assessment plan asks for: nobody has looked it up yet."""
    still_open = {item.id for item in written.standard.requirements if item.rule is RequirementRule.ASSESSMENT_PLAN}
    for index, requirement in enumerate(written.own.requirements):
        if requirement.id in still_open:
            yield Seen(
                requirement.id,
                written.text.source(("requirements", index)),
                "What the assessment plan asks for at gateway has not been looked up, so no learner can be ready.",
                "Read the plan, and put what it asks for into an overlay file, under requirements.",
            )


def _is_unit(standard: Standard) -> bool:
    """Say whether it is an apprenticeship unit, which has no gateway."""
    match = OFFICIAL_REFERENCE.fullmatch(standard.reference)
    return match is not None and match.group(1) == "AU"


def _has_learners(written: WrittenStandard) -> bool:
    """Say whether somebody can be on it: an apprenticeship that was approved at some time, as far as is known."""
    return written.own.is_apprenticeship and status_of(written.own) not in _NEVER_STARTED


def _has_gateway(written: WrittenStandard) -> bool:
    return _has_learners(written) and not _is_unit(written.own)
