"""The internal quality assurer's sample: which assessment decisions to look at, and why each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from ksbtrack.models.analysis import Decision, Status


class Aspect(StrEnum):
    """What a sample must cover, the most important first."""

    ASSESSOR = "assessor"
    NEW_ASSESSOR = "new_assessor"
    SINGLE_SOURCE = "single_source"
    METHOD = "method"
    KIND = "kind"

    @property
    def words(self) -> str:
        """Give it as a heading says it."""
        return {
            "assessor": "Assessor",
            "new_assessor": "New assessor",
            "single_source": "Statement that one piece alone shows",
            "method": "Assessment method",
            "kind": "Kind of evidence",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One piece on which an assessor decided, with everything as it was on the day.

    Attributes:
        learner: the learner's key in the cohort.
        name: the learner's.
        standard: `reference@version`.
        piece: its id.
        title: its title.
        kind: what kind of evidence it is.
        assessor: who decided; empty if that is not on record.
        decision: accepted or referred.
        decided_on: when; None if that is not on record.
        status: what the piece is worth.
        statements: the status of each statement that the piece counts for.
        claims: how many statements it claims.
        alone_for: those that no other piece of the learner shows.
        methods: ids of the assessment methods that assess statements that it counts for.
        readiness: the decision on the learner.
        fingerprint: of the piece's content.
    """

    learner: str
    name: str
    standard: str
    piece: str
    title: str
    kind: str
    assessor: str
    decision: str
    decided_on: date | None
    status: Status
    statements: Mapping[str, Status]
    claims: int
    alone_for: tuple[str, ...]
    methods: tuple[str, ...]
    readiness: Decision
    fingerprint: str


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One thing that the sample is to cover, such as an assessor.

    Attributes:
        name: the assessor, kind, or the statement or method with its standard.
        detail: for a new assessor the kind of evidence that they decided on.
    """

    aspect: Aspect
    name: str
    detail: str = ""

    @property
    def label(self) -> str:
        """Give its name as people read it, without what kind of part it is."""
        if self.aspect is Aspect.KIND:
            return self.name.replace("_", " ")
        named = self.name or "no name on record"
        return f"{named} ({self.detail.replace('_', ' ')})" if self.detail else named

    @property
    def words(self) -> str:
        """Give it with what kind of part it is."""
        return f"{self.aspect.words}: {self.label}"


@dataclass(frozen=True, slots=True)
class Pick:
    """One decision to look at.

    Attributes:
        candidate: the piece.
        covers: the parts for which it was chosen; empty where it was drawn.
        risks: what makes it likelier to be drawn, a sentence each.
        weight: how many times as likely as a piece without any risk.
    """

    candidate: Candidate
    covers: tuple[Part, ...]
    risks: tuple[str, ...]
    weight: int

    @property
    def reason(self) -> str:
        """Give the reason as sentences: what it was chosen to cover, or that it was drawn, and what makes it a risk."""
        if not self.covers:
            return " ".join((f"Drawn, weight {self.weight}.", *self.risks))
        groups: dict[Aspect, list[str]] = {}
        for part in self.covers:
            groups.setdefault(part.aspect, []).append(part.label)
        said = [f"{aspect.words[0].lower()}{aspect.words[1:]} {', '.join(labels)}" for aspect, labels in groups.items()]
        return " ".join((f"Covers {'; '.join(said)}.", *self.risks))


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample with everything that is needed to draw it again.

    Attributes:
        on: the day whose statuses are frozen here.
        seed: of the draw.
        size: pieces asked for.
        population: pieces that could have been chosen.
        mark: over all of them: the same mark, size and seed give the same sample.
        picks: by learner and piece.
        covered: parts with a pick, and the picks' places in `picks`, from 1.
        not_covered: parts that no pick covers, since more pieces would be needed.
        at_least: how many pieces cover every part; None where that is not known.
    """

    on: date
    seed: int
    size: int
    population: int
    mark: str
    picks: tuple[Pick, ...]
    covered: Mapping[Part, tuple[int, ...]] = field(default_factory=dict)
    not_covered: tuple[Part, ...] = ()
    at_least: int | None = None
