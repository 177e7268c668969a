"""What an apprentice or post holder has to show: an apprenticeship standard or an employer's role profile."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from functools import cached_property
from typing import Annotated, ClassVar

from pydantic import Field

from ksbtrack.models.levels import Level, QualificationLevel
from ksbtrack.models.values import (
    AtLeastOne,
    Code,
    Count,
    Day,
    Flag,
    Id,
    Known,
    Line,
    List,
    Model,
    Months,
    Prose,
    Reference,
    Subject,
    UnknownCodes,
    UnknownDay,
    UnknownHours,
    UnknownLine,
    UnknownProse,
    Version,
    choice,
)


class StandardKind(StrEnum):
    """The two kinds of standard."""

    APPRENTICESHIP = "apprenticeship"
    PROFILE = "profile"


class CompetencyKind(StrEnum):
    """What a coded statement is about."""

    KNOWLEDGE = "knowledge"
    SKILL = "skill"
    BEHAVIOUR = "behaviour"
    DUTY = "duty"
    EXPERIENCE = "experience"
    QUALIFICATION = "qualification"
    KNOWLEDGE_AND_SKILL = "knowledge_and_skill"
    EMPLOYABILITY = "employability"


class Regime(StrEnum):
    """The assessment regime that the plan of a standard version belongs to."""

    END_POINT_ASSESSMENT = "end_point_assessment"
    APPRENTICESHIP_ASSESSMENT = "apprenticeship_assessment"


class EvidenceKind(StrEnum):
    """The kinds of evidence that assessors tell apart."""

    WORK_PRODUCT = "work_product"
    OBSERVATION_RECORD = "observation_record"
    WITNESS_TESTIMONY = "witness_testimony"
    PROFESSIONAL_DISCUSSION = "professional_discussion"
    RECORDING = "recording"
    PROJECT = "project"
    PRESENTATION = "presentation"
    FEEDBACK = "feedback"
    PERFORMANCE_REVIEW = "performance_review"
    CPD_RECORD = "cpd_record"
    CERTIFICATE = "certificate"
    CASE_STUDY = "case_study"
    ASSIGNMENT = "assignment"
    REFLECTIVE_ACCOUNT = "reflective_account"
    SELF_ASSESSMENT = "self_assessment"

    @property
    def words(self) -> str:
        """Give the kind as a sentence says it."""
        return self.value.replace("_", " ").replace("cpd", "CPD")


class Sufficiency(Model):
    """How much evidence is enough: a layer of settings, in which None means "as the layer below says".

    The layers are policy, standard, method and competency; where two methods speak, the stricter holds.
    """

    pieces_per_competency: AtLeastOne | None = None
    kinds_per_competency: Count | None = None
    days_per_competency: Count | None = None
    max_age_months: Months | None = None
    acceptance_needed: Flag | None = None
    confirmed_claims_needed: Flag | None = None
    claims_per_piece_warning: Count | None = None
    barred_kinds: Annotated[tuple[Annotated[EvidenceKind, choice(EvidenceKind)], ...], List] | None = None
    source: Line | None = None


class Competency(Model):
    """One coded statement; `kind` is its group's, `origin` the identity of the standard that declares it."""

    filled_on_loading: ClassVar[frozenset[str]] = frozenset({"kind", "origin"})

    code: Code
    text: Prose
    trust: Annotated[Known, choice(Known)] = Known.NOT_STATED
    trust_note: Line | None = None
    pairs_with: Code | None = None
    aliases: Annotated[tuple[Line, ...], List] = ()
    desirable: Flag = False
    guid: Line | None = None
    sufficiency: Sufficiency | None = None
    kind: Annotated[CompetencyKind, choice(CompetencyKind)] = CompetencyKind.KNOWLEDGE
    origin: Line = ""

    @cached_property
    def fingerprint(self) -> str:
        """Give the mark of the wording: 16 hexadecimal digits that change whenever the text does."""
        return text_fingerprint(self.text)


def text_fingerprint(text: str) -> str:
    """Give 16 hexadecimal digits of the SHA-256 of a statement's words; white space does not matter."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:16]


class Group(Model):
    """Statements of one kind under their heading, in the standard's order.

    `codes_trust` is `ours` where the source lists the statements without codes and we gave them some; `trust` is that
    of the statements that say nothing themselves.
    """

    prefix: Line
    kind: Annotated[CompetencyKind, choice(CompetencyKind)]
    title: Line
    codes_trust: Annotated[Known, choice(Known)] = Known.OFFICIAL
    trust: Annotated[Known, choice(Known)] = Known.NOT_STATED
    note: Line | None = None
    statements: Annotated[tuple[Competency, ...], List]


class Option(Model):
    """One of several ways through a standard: its core duties and those of the option, with their statements."""

    id: Id
    title: Line
    guid: Line | None = None


class DutyRecord(Model):
    """A unit of an occupational standard, to which statements map.

    A duty that is not core belongs to the options that it names; one that is core belongs to everybody.
    """

    code: Code
    text: Prose
    competencies: Annotated[tuple[Code, ...], List] = ()
    core: Flag = True
    options: Annotated[tuple[Id, ...], List] = ()
    guid: Line | None = None


class Figure(Model):
    """One figure of an assessment plan, such as a pass mark; None stands for "not known".

    `trust` speaks of the value; where the value is not known it says nothing.
    """

    name: Line
    value: UnknownLine
    unit: Line | None = None
    trust: Annotated[Known, choice(Known)] = Known.NOT_STATED
    note: Line | None = None


class Method(Model):
    """An assessment method; `assesses` is None where no source says which statements it covers."""

    id: Id
    title: Line
    form: Prose
    assesses: UnknownCodes
    must_assess: Annotated[tuple[Code, ...], List] = ()
    figures: Annotated[tuple[Figure, ...], List] = ()
    sufficiency: Sufficiency | None = None


class Dispensation(Model):
    """A temporary official change that waives a requirement for gateways up to and including `until`."""

    since: UnknownDay
    until: Day
    source: Line


class RequirementRule(StrEnum):
    """The rules that a gateway requirement can name."""

    EVERY_STATEMENT = "every_statement"
    MINIMUM_DURATION = "minimum_duration"
    OFF_THE_JOB = "off_the_job"
    ACTIVE_LEARNING = "active_learning"
    ENGLISH_AND_MATHS = "english_and_maths"
    QUALIFICATION = "qualification"
    SHOWCASE = "showcase"
    CONFIRMATIONS = "confirmations"
    PROGRESSION = "progression"
    ASSESSMENT_PLAN = "assessment_plan"


class Decider(StrEnum):
    """The three who take the gateway decision together."""

    EMPLOYER = "employer"
    PROVIDER = "provider"
    APPRENTICE = "apprentice"


class Condition(Model):
    """A qualification to hold, or a combination of conditions.

    Exactly one of `all_of`, `any_of` and `subject` is given.
    """

    all_of: Annotated[tuple[Condition, ...], List] = ()
    any_of: Annotated[tuple[Condition, ...], List] = ()
    subject: Subject | None = None
    title: Line | None = None
    level: QualificationLevel | None = None
    working_towards_is_enough: Flag = False


class Requirement(Model):
    """One thing that must be in place at gateway, or for a grade."""

    id: Id
    title: Line
    rule: Annotated[RequirementRule, choice(RequirementRule)]
    subject: Subject | None = None
    level: QualificationLevel | None = None
    mandated_by_standard: Flag = False
    by: Annotated[tuple[Annotated[Decider, choice(Decider)], ...], List] = ()
    condition: Condition | None = None
    dispensation: Dispensation | None = None
    desirable: Flag = False
    source: Prose
    trust: Annotated[Known, choice(Known)] = Known.NOT_STATED
    note: Prose | None = None


class Overview(Model):
    """One fact of a standard that no rule uses but a reader wants; None stands for "not known".

    `trust` speaks of the value; where the value is not known it says nothing.
    """

    name: Line
    value: UnknownProse
    trust: Annotated[Known, choice(Known)] = Known.NOT_STATED
    note: Line | None = None


class Standard(Model):
    """A standard in one version with all it inherits; `lineage` names those it extends, then itself.

    Where it is that of a learner on one of its options, `option` is that one, and `left_out` has the codes of the
    statements that only others have; else it is whole.
    """

    filled_on_loading: ClassVar[frozenset[str]] = frozenset({"lineage", "option", "left_out"})

    reference: Reference
    version: Version
    title: Line
    kind: Annotated[StandardKind, choice(StandardKind)]
    level: QualificationLevel | None = None
    plan: Line | None = None
    regime: Annotated[Regime, choice(Regime)] | None = None
    extends: Line | None = None
    lars_code: Count | None = None
    minimum_hours: UnknownHours = None
    earliest_start: UnknownDay = None
    latest_start: UnknownDay = None
    attribution: Prose
    sources: Annotated[tuple[Prose, ...], List] = ()
    overview: Annotated[tuple[Overview, ...], List] = ()
    groups: Annotated[tuple[Group, ...], List]
    options: Annotated[tuple[Option, ...], List] = ()
    duties: Annotated[tuple[DutyRecord, ...], List] = ()
    methods: Annotated[tuple[Method, ...], List] = ()
    requirements: Annotated[tuple[Requirement, ...], List] = ()
    sufficiency: Sufficiency | None = None
    lineage: Annotated[tuple[Line, ...], List] = ()
    option: Annotated[Option | None, Field(default=None, exclude=True)]
    left_out: Annotated[tuple[Code, ...], Field(default=(), exclude=True)]

    @property
    def identity(self) -> str:
        """Give reference and version as a portfolio names them, such as `ST0148@1.0`."""
        return f"{self.reference}@{self.version}"

    @cached_property
    def competencies(self) -> tuple[Competency, ...]:
        """Give all statements in the standard's order."""
        return tuple(statement for group in self.groups for statement in group.statements)

    @cached_property
    def by_code(self) -> dict[str, Competency]:
        """Give the statements by code."""
        return {statement.code: statement for statement in self.competencies}

    @cached_property
    def code_of_alias(self) -> dict[str, str]:
        """Give the code for each other name of a statement, in lower case; what is a code itself names that one."""
        codes = {code.casefold() for code in self.by_code}
        return {
            alias.casefold(): statement.code
            for statement in self.competencies
            for alias in statement.aliases
            if alias.casefold() not in codes
        }

    @cached_property
    def has_layers(self) -> bool:
        """Say whether any method or statement has settings of its own."""
        of_methods = any(method.sufficiency for method in self.methods)
        return of_methods or any(statement.sufficiency for statement in self.competencies)

    @cached_property
    def verified_by_employer(self) -> tuple[Competency, ...]:
        """Give the statements that the employer verifies: behaviours, in plans of the newer assessment regime."""
        if self.regime is not Regime.APPRENTICESHIP_ASSESSMENT:
            return ()
        return tuple(statement for statement in self.competencies if statement.kind is CompetencyKind.BEHAVIOUR)

    @cached_property
    def shown_by_evidence(self) -> tuple[Competency, ...]:
        """Give the statements that pieces must show: all that the employer does not verify."""
        left_out = {statement.code for statement in self.verified_by_employer}
        return tuple(statement for statement in self.competencies if statement.code not in left_out)

    def methods_of(self, code: str) -> tuple[Method, ...]:
        """Give the methods known to assess a statement, in the plan's order."""
        return tuple(method for method in self.methods if method.assesses and code in method.assesses)

    @property
    def is_apprenticeship(self) -> bool:
        """Say whether the standard has a start, a practical period and a gateway."""
        return self.kind is StandardKind.APPRENTICESHIP


__all__ = [
    "Competency",
    "CompetencyKind",
    "Condition",
    "Dispensation",
    "DutyRecord",
    "EvidenceKind",
    "Figure",
    "Group",
    "Level",
    "Method",
    "Option",
    "Overview",
    "Regime",
    "Requirement",
    "RequirementRule",
    "Standard",
    "StandardKind",
    "Sufficiency",
    "text_fingerprint",
]
