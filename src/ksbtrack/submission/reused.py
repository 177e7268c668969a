"""The checks that are rules of the analysis, asked about the chosen pieces alone."""

from __future__ import annotations

from collections.abc import Iterator

from ksbtrack.models.analysis import Finding
from ksbtrack.models.submission import Submission
from ksbtrack.rules import acceptance, claims, pieces, warnings
from ksbtrack.submission.findings import as_rule_finds


def not_yet_accepted(submission: Submission) -> Iterator[Finding]:
    """Find each chosen piece that is a draft or waits for an assessor; see the rule of that name."""
    return as_rule_finds(submission, acceptance.not_yet_accepted)


def referred_back(submission: Submission) -> Iterator[Finding]:
    """Find each chosen piece that an assessor referred back; see the rule of that name."""
    return as_rule_finds(submission, acceptance.referred_back)


def changed_since_acceptance(submission: Submission) -> Iterator[Finding]:
    """Find each chosen piece whose fingerprint is not the accepted one; see the rule of that name."""
    return as_rule_finds(submission, acceptance.changed_since_acceptance)


def fingerprint_not_recorded(submission: Submission) -> Iterator[Finding]:
    """Warn once of chosen pieces that were accepted without a fingerprint; see the rule of that name."""
    return as_rule_finds(submission, acceptance.fingerprint_not_recorded)


def dated_before_start(submission: Submission) -> Iterator[Finding]:
    """Find each chosen piece made before the start; see the rule of that name."""
    return as_rule_finds(submission, pieces.dated_before_start)


def dated_after_gateway(submission: Submission) -> Iterator[Finding]:
    """Find each chosen piece made after gateway; see the rule of that name."""
    return as_rule_finds(submission, pieces.dated_after_gateway)


def dated_in_the_future(submission: Submission) -> Iterator[Finding]:
    """Find each chosen piece dated after the day asked about; see the rule of that name."""
    return as_rule_finds(submission, pieces.dated_in_the_future)


def place_beyond_last_page(submission: Submission) -> Iterator[Finding]:
    """Find each claim whose page is not in the piece's files; see the rule of that name."""
    return as_rule_finds(submission, claims.place_beyond_last_page)


def witness_incomplete(submission: Submission) -> Iterator[Finding]:
    """Find each chosen testimony that does not say who the witness is; see the rule of that name."""
    return as_rule_finds(submission, pieces.witness_incomplete)


def unsigned(submission: Submission) -> Iterator[Finding]:
    """Find each chosen testimony or observation record without its dated signatures; see the rule of that name."""
    return as_rule_finds(submission, pieces.unsigned)


def file_missing(submission: Submission) -> Iterator[Finding]:
    """Find each chosen piece that names a file which is not in the folder; see the rule of that name."""
    return as_rule_finds(submission, pieces.file_missing)


def nothing_to_see(submission: Submission) -> Iterator[Finding]:
    """Warn of each chosen piece with neither account nor file; see the rule of that name."""
    return as_rule_finds(submission, warnings.nothing_to_see)


def duplicate_file(submission: Submission) -> Iterator[Finding]:
    """Warn of each file whose content another chosen piece holds as well; see the rule of that name."""
    return as_rule_finds(submission, warnings.duplicate_file)


def restricted_file(submission: Submission) -> Iterator[Finding]:
    """Warn of each PDF that opens, but is protected by its owner; see the rule of that name."""
    return as_rule_finds(submission, warnings.restricted_file)
