"""The words for what is known of a statement or requirement, and for the answer: every output uses these alone."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """The six words that every output uses, and nothing else."""

    MET = "met"
    PARTLY_MET = "partly_met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    NOT_NEEDED = "not_needed"
    CHECK_AGAIN = "check_again"

    @property
    def words(self) -> str:
        """Give the status as people read it."""
        return _WORDS[self]

    @property
    def holds(self) -> bool:
        """Say whether nothing stands in the way here: met, or not needed."""
        return self in _HOLDING

    @property
    def fails(self) -> bool:
        """Say whether this alone makes the decision "not ready"."""
        return self in _FAILING


_HOLDING = frozenset({Status.MET, Status.NOT_NEEDED})
_FAILING = frozenset({Status.NOT_MET, Status.PARTLY_MET})
_WORDS = {
    Status.MET: "Met",
    Status.PARTLY_MET: "Partly met",
    Status.NOT_MET: "Not met",
    Status.UNKNOWN: "Not known",
    Status.NOT_NEEDED: "Not needed here",
    Status.CHECK_AGAIN: "Check again",
}


class Decision(StrEnum):
    """The answer for one learner on one day."""

    READY = "ready"
    NOT_READY = "not_ready"
    CANNOT_TELL = "cannot_tell"

    @property
    def words(self) -> str:
        """Give the decision as people read it."""
        return {"ready": "Ready", "not_ready": "Not ready", "cannot_tell": "Cannot tell yet"}[self.value]
