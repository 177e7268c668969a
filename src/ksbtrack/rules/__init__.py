"""The rules: pure functions from a case to findings, in literal tuples, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from ksbtrack.models.analysis import Finding, Status
from ksbtrack.models.case import Case
from ksbtrack.models.standard import Requirement, RequirementRule
from ksbtrack.rules import (
    acceptance,
    claims,
    competencies,
    durations,
    learning,
    pieces,
    plans,
    progression,
    qualifications,
    records,
    warnings,
)
from ksbtrack.rules.tally import Tally, tally

PieceRule = Callable[[Case], Iterator[Finding]]
CompetencyRule = Callable[[Case, Tally], Iterator[Finding]]

PIECE_RULES: tuple[PieceRule, ...] = (
    acceptance.not_yet_accepted,
    acceptance.referred_back,
    pieces.dated_before_start,
    pieces.dated_after_gateway,
    pieces.dated_in_the_future,
    pieces.barred_kind,
    pieces.witness_incomplete,
    pieces.unsigned,
    pieces.too_old,
    pieces.file_missing,
    pieces.file_broken,
    acceptance.changed_since_acceptance,
    claims.claim_not_confirmed,
    claims.mapped_to_another_version,
    claims.place_beyond_last_page,
)
"""Whether a piece counts, and for what."""

COMPETENCY_RULES: tuple[CompetencyRule, ...] = (
    competencies.too_few_pieces,
    competencies.only_on_the_way,
    competencies.too_few_kinds,
    competencies.too_few_days,
    competencies.behaviour_not_verified,
    competencies.single_source,
    competencies.all_from_one_day,
)
"""Whether the pieces that count show a statement."""

WARNING_RULES: tuple[PieceRule, ...] = (
    warnings.nothing_to_see,
    acceptance.fingerprint_not_recorded,
    warnings.over_mapped,
    warnings.duplicate_file,
    warnings.personal_data_open,
    warnings.missing_place,
    warnings.often_barred_in_showcase,
    warnings.restricted_file,
    warnings.ineligible_hours,
    warnings.certificate_not_attached,
    claims.orphaned_claim,
    warnings.version_not_for_start,
    warnings.reconstructed_wording,
    warnings.unknown_method_mapping,
)
"""What deserves a look and never decides."""

_PLAIN: dict[RequirementRule, Callable[[Case, Requirement], Iterator[Finding]]] = {
    RequirementRule.MINIMUM_DURATION: durations.minimum_duration,
    RequirementRule.OFF_THE_JOB: durations.off_the_job,
    RequirementRule.ACTIVE_LEARNING: learning.active_learning,
    RequirementRule.ENGLISH_AND_MATHS: qualifications.english_and_maths,
    RequirementRule.QUALIFICATION: qualifications.qualification,
    RequirementRule.CONFIRMATIONS: records.confirmations,
    RequirementRule.PROGRESSION: progression.progression,
    RequirementRule.ASSESSMENT_PLAN: plans.assessment_plan,
}


def requirement_findings(
    case: Case, statuses: Mapping[str, Status], worth: Mapping[str, Status]
) -> Iterator[tuple[Requirement, tuple[Finding, ...]]]:
    """Yield each requirement of the standard, in its order, with what its rule finds; on a desirable one none decides.

    Args:
        case: the question.
        statuses: the status of each statement, by code.
        worth: what each piece is worth, by id.
    """
    for requirement in case.standard.requirements:
        if requirement.rule is RequirementRule.EVERY_STATEMENT:
            found = records.every_statement(case, requirement, statuses)
        elif requirement.rule is RequirementRule.SHOWCASE:
            found = records.showcase(case, requirement, worth)
        else:
            found = _PLAIN[requirement.rule](case, requirement)
        yield requirement, without_deciding(found) if requirement.desirable else tuple(found)


def without_deciding(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give findings about something desirable, whose faults can never change the decision."""
    return tuple(finding if finding.status.holds else replace(finding, decides=False) for finding in found)


__all__ = [
    "COMPETENCY_RULES",
    "PIECE_RULES",
    "WARNING_RULES",
    "CompetencyRule",
    "PieceRule",
    "Tally",
    "requirement_findings",
    "tally",
    "without_deciding",
]
