"""One entry of sign-off.log: who signed what on which day, and the marks of what they saw."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Annotated, Any

from ksbtrack.models.portfolio import Confirmed, Party
from ksbtrack.models.values import AtLeastOne, Day, Id, Line, Model, Prose, choice


class Signed(StrEnum):
    """What a person did to the portfolio; to move it to another version of its standard is no sign-off."""

    ACCEPTED = "accepted"
    REFERRED = "referred"
    CONFIRMED = "confirmed"
    MIGRATED = "migrated"


class LogEntry(Model):
    """One line of the log.

    Attributes:
        number: counted from 1.
        day: the day that the record names.
        what: what was done.
        of: what a confirmation is of; None for a decision on a piece.
        party: for whom a confirmation speaks; None for a decision on a piece.
        who: the person's name.
        role: in which role they signed.
        comment: the assessor's, if there is one.
        pieces: the mark of each piece that was seen, by id.
        fingerprint: the mark in the record: the piece's own, or one over all pieces that a confirmation covers.
        marks: of a migration: the marks before of what is the same but for its codes, each with the mark since.
        previous: the seal of the entry before; 64 noughts in the first one.
        seal: SHA-256 of the entry without its seal, 64 hexadecimal digits.
    """

    number: AtLeastOne
    day: Day
    what: Annotated[Signed, choice(Signed)]
    of: Annotated[Confirmed, choice(Confirmed)] | None = None
    party: Annotated[Party, choice(Party)] | None = None
    who: Line
    role: Line | None = None
    comment: Prose | None = None
    pieces: dict[Id, Line]
    fingerprint: Line
    marks: dict[Line, Line] | None = None
    previous: Line
    seal: Line = ""

    @property
    def line(self) -> str:
        """Give the entry as it stands in the log, without the end of the line."""
        return json.dumps(self._facts(), ensure_ascii=False)

    @property
    def own_seal(self) -> str:
        """Give the seal that fits what the entry says."""
        unsealed = {name: value for name, value in self._facts().items() if name != "seal"}
        return hashlib.sha256(json.dumps(unsealed, ensure_ascii=False).encode()).hexdigest()

    def sealed(self) -> LogEntry:
        """Give the entry with its seal."""
        return self.model_copy(update={"seal": self.own_seal})

    def _facts(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)
