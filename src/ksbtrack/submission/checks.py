"""The checks before sending, in the order in which they are asked, and the answer that comes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ksbtrack.models.analysis import Finding, Status
from ksbtrack.models.profile import Asked, Asking, Checks
from ksbtrack.models.submission import Preflight, Submission, Verdict
from ksbtrack.rules.words import counted
from ksbtrack.submission import choice, making, opening, places, records, reused
from ksbtrack.submission.words import WORDS

Check = Callable[[Submission], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    choice.nothing_selected,
    choice.statement_not_shown,
    choice.fewer_pieces_than_asked,
    choice.more_pieces_than_asked,
    choice.untypical_number_of_pieces,
    choice.no_witness_or_observation,
    choice.too_few_kinds_selected,
    choice.kind_not_taken,
    reused.not_yet_accepted,
    reused.referred_back,
    reused.changed_since_acceptance,
    reused.fingerprint_not_recorded,
    reused.dated_before_start,
    reused.dated_after_gateway,
    reused.dated_in_the_future,
    making.not_made_by_apprentice,
    making.maker_not_recorded,
    places.place_not_exact,
    reused.place_beyond_last_page,
    places.pages_not_counted,
    places.time_beyond_end,
    places.recording_without_times,
    places.recording_too_long,
    reused.witness_incomplete,
    making.witness_is_relative,
    making.not_written_by_witness,
    making.observation_not_by_assessor,
    making.observation_without_criteria,
    reused.unsigned,
    making.signature_undated,
    records.employer_statement_missing,
    records.changed_since_confirmation,
    records.certificate_not_attached,
    records.requirement_open,
    records.ai_use_not_declared,
    records.personal_data_open,
    reused.file_missing,
    reused.nothing_to_see,
    reused.duplicate_file,
    opening.file_needs_password,
    reused.restricted_file,
    opening.unusual_format,
    opening.content_unlike_name,
    opening.too_large_to_show,
    opening.file_too_large,
    opening.files_too_large_together,
    records.pack_name_incomplete,
)
"""Every check; its name is that of the fault it finds, and of what a profile asks for."""


def preflight(submission: Submission) -> Preflight:
    """Give what the checks that the profile asks for find in a submission.

    Faults: at least one finding that decides is not met. Cannot tell: none is, but at least one is not known or must be
    looked at again. What is not certain to be asked for never decides, nor does a warning.

    Args:
        submission: the chosen pieces and the profile.
    """
    asked = submission.profile.checks
    findings = tuple(
        finding
        for check in CHECKS
        if (wanted := asked.of(check.__name__))
        for finding in _asked(submission, check, wanted)
    )
    verdict, reason = _decide(findings)
    not_asked = tuple(name for name in Checks.model_fields if asked.of(name) is None)
    return Preflight(submission, verdict, reason, findings, not_asked)


def _asked(submission: Submission, check: Check, asked: Asked) -> list[Finding]:
    """Give what one check finds, with the profile's source; where it finds nothing, that it does not."""
    source = submission.profile.source_of(asked).words
    words = WORDS[check.__name__]
    is_about = words.is_about(submission)
    findings = list(check(submission)) if is_about else []
    if not findings:
        status = Status.MET if is_about else Status.NOT_NEEDED
        none = f"No {' or '.join(kind.words for kind in words.kinds)} is chosen."
        findings = [Finding(check.__name__, "selection", status, words.fine if is_about else none, {}, None, "")]
    return [_as_asked(replace(finding, source=source), asked) for finding in findings]


def _as_asked(finding: Finding, asked: Asked) -> Finding:
    """Give a finding as one that never decides where it is not certain that it is asked for."""
    if asked.asked is Asking.YES or finding.status.holds:
        return finding
    reason = f"{finding.reason} Whether this is asked for is not known."
    return replace(finding, status=Status.UNKNOWN, reason=reason, decides=False)


def _decide(findings: tuple[Finding, ...]) -> tuple[Verdict, str]:
    deciding = [finding for finding in findings if finding.decides and not finding.status.holds]
    faults = {finding.rule for finding in deciding if finding.status.fails}
    unknown = {finding.rule for finding in deciding} - faults
    checks = len({finding.rule for finding in findings})
    of = f"Of {counted(checks, 'check')}"
    open_ones = f"{len(unknown)} cannot tell"
    if faults:
        verb = "finds a fault" if len(faults) == 1 else "find faults"
        rest = f", and {open_ones}" if unknown else ""
        return Verdict.FAULTS, f"{of}, {len(faults)} {verb}{rest}."
    if unknown:
        return Verdict.CANNOT_TELL, f"{of}, none finds a fault, but {open_ones}."
    return Verdict.CLEAR, f"{of}, none finds a fault."
