"""How the checks write down what they find; the profile's source is put in when all are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.submission import Submission
from ksbtrack.rules import PieceRule
from ksbtrack.rules.words import YOU


def found(  # noqa: PLR0917 - the order is that of `Finding`
    check: str, subject: str, status: Status, reason: str, inputs: Mapping[str, str], remedy: Remedy | None
) -> Finding:
    """Give what a check found."""
    return Finding(check, subject, status, reason, inputs, remedy, "")


def to_do(
    action: Action, subject: str, text: str, owner: str = YOU, effort: Effort = Effort.MINUTES, **details: str
) -> Remedy:
    """Give what makes a finding go away; most of it is done by the apprentice within minutes."""
    return Remedy(action, subject, text, owner, effort, details)


def as_rule_finds(submission: Submission, rule: PieceRule, status: Status | None = None) -> Iterator[Finding]:
    """Yield what a rule of the analysis finds about the chosen pieces alone.

    Args:
        submission: what is about to be sent.
        rule: of `ksbtrack.rules`.
        status: where the profile makes a fault of what is a warning otherwise.
    """
    for finding in rule(submission.case):
        yield finding if status is None else replace(finding, status=status, decides=True)
