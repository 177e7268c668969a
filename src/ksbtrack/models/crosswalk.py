"""Crosswalks: how the statements of one standard relate to those of another, as somebody judges it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from ksbtrack.models.standard import Competency, CompetencyKind, Standard
from ksbtrack.models.values import Code, Known, Line, List, Model, Prose, choice, refuse, word_of


class Relation(StrEnum):
    """What a statement has in common with one of another standard, read from the first to the second."""

    EQUAL = "equal"
    SUBSET = "subset"
    SUPERSET = "superset"
    INTERSECTS = "intersects"
    NONE = "none"

    @property
    def reversed(self) -> Relation:
        """Give the same relation, read from the second to the first."""
        turned = {Relation.SUBSET: Relation.SUPERSET, Relation.SUPERSET: Relation.SUBSET}
        return turned.get(self, self)

    @property
    def words(self) -> str:
        """Give what the relation means, as a clause about "it", the first statement, and "the other"."""
        return RELATION_WORDS[self]


RELATION_WORDS = {
    Relation.EQUAL: "both ask for the same",
    Relation.SUBSET: "all that it asks for is part of what the other asks for",
    Relation.SUPERSET: "all that the other asks for is part of what it asks for",
    Relation.INTERSECTS: "they share something, and each asks for more",
    Relation.NONE: "they share nothing",
}


class Confidence(StrEnum):
    """How sure whoever judged it is of a relation."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


def _folded(value: Any) -> str:
    return " ".join(word_of(value, "a text is wanted here").split())


def _identity(value: Any) -> str:
    expected = "a crosswalk is made for one version of a standard"
    text = word_of(value, expected).strip()
    if not all(text.partition("@")):
        raise refuse("bad-version", text, expected, "Write it with its version, like ST0148@1.0.")
    return text


Kinds = Annotated[tuple[Annotated[CompetencyKind, choice(CompetencyKind)], ...], List]
StandardNamed = Annotated[Line, BeforeValidator(_identity)]
"""A standard with its version, such as `ST0148@1.0`."""
Why = Annotated[Prose, BeforeValidator(_folded)]
"""A reason on one line."""


class CrosswalkRow(Model):
    """One row as its file has it.

    Attributes:
        to: code of the other standard; None in a row with the relation none.
        relation: read from the standard of the key `crosswalk` to that of the key `to`.
        confidence: how sure it is.
        why: the reason, a sentence about these two statements.
        author: who judges so; None for the author of the file.
    """

    to: Code | None = None
    relation: Annotated[Relation, choice(Relation)]
    confidence: Annotated[Confidence, choice(Confidence)]
    why: Why
    author: Line | None = None


class CrosswalkRecord(Model):
    """A crosswalk as its file has it.

    Attributes:
        crosswalk: the standard whose statements the rows are about.
        to: the other standard.
        title: what it is, in a few words.
        author: who judges so.
        trust: `ours` for somebody's own judgement, `official` for one that whoever sets the standards published.
        about: what a reader should know before using it.
        sources: where it is from, if it is from anywhere.
        kinds: the kinds of statement that `rows` is about; empty for all.
        to_kinds: the kinds of statement of the other standard that it is about; empty for all.
        rows: the rows of each code of the first standard.
        unreached: the row of each code of the other standard that no row leads to.
    """

    crosswalk: StandardNamed
    to: StandardNamed
    title: Line
    author: Line
    trust: Annotated[Known, choice(Known)]
    about: Why | None = None
    sources: Annotated[tuple[Prose, ...], List] = ()
    kinds: Kinds = ()
    to_kinds: Kinds = ()
    rows: dict[Code, Annotated[tuple[CrosswalkRow, ...], List]]
    unreached: Annotated[dict[Code, CrosswalkRow], Field(default_factory=dict)]


class Link(Model):
    """How one statement relates to one of another standard.

    Attributes:
        one: code of the first standard; None where nothing of it reaches `other`.
        other: code of the other standard; None where nothing of it corresponds to `one`.
        relation: read from `one` to `other`.
        confidence: how sure it is.
        why: the reason.
        author: who judges so.
    """

    one: Code | None
    other: Code | None
    relation: Relation
    confidence: Confidence
    why: Prose
    author: Line

    @property
    def reversed(self) -> Link:
        """Give the same judgement, read from the other standard to the first."""
        return self.model_copy(
            update={"one": self.other, "other": self.one, "relation": self.relation.reversed},
        )


class Crosswalk(Model):
    """Which statements of a standard have something in common with which of another.

    It only shows where evidence can come from; no verdict is ever taken from it.

    Attributes:
        one: the standard asked about.
        other: the standard to which links lead.
        one_made_for: the standard that the crosswalk is made for: `one`, or one that extends it.
        other_made_for: the same for `other`.
        one_kinds: the kinds of statement of `one` that the crosswalk is about; empty for all.
        other_kinds: the same for `other`.
        links: all judgements, also those on statements that only `one_made_for` or `other_made_for` has, and the rows
            with the relation none.
    """

    filled_on_loading: ClassVar[frozenset[str]] = frozenset()

    title: Line
    author: Line
    trust: Known
    about: Prose | None
    sources: tuple[Prose, ...]
    one: Standard
    other: Standard
    one_made_for: Standard
    other_made_for: Standard
    one_kinds: tuple[CompetencyKind, ...]
    other_kinds: tuple[CompetencyKind, ...]
    links: tuple[Link, ...]

    @property
    def reversed(self) -> Crosswalk:
        """Give the same crosswalk, read from the other standard to the first."""
        return self.model_copy(
            update={
                "one": self.other,
                "other": self.one,
                "one_made_for": self.other_made_for,
                "other_made_for": self.one_made_for,
                "one_kinds": self.other_kinds,
                "other_kinds": self.one_kinds,
                "links": tuple(link.reversed for link in self.links),
            }
        )


class LinkedStatement(Model):
    """One statement with all that a crosswalk says of it.

    Attributes:
        statement: of the first standard.
        links: those that lead to statements of the other one, in the order of that one.
        none: the row that says, with its reason, that nothing of the other standard corresponds; None if something does
            somewhere.
        beyond: links to statements that only a standard extending the other one has, such as a higher grade.
    """

    statement: Competency
    links: tuple[Link, ...]
    none: Link | None
    beyond: tuple[Link, ...]


def in_scope(standard: Standard, kinds: Iterable[CompetencyKind]) -> tuple[Competency, ...]:
    """Give the statements of a standard that are of some kinds, in its order; all of them if no kind is named."""
    wanted = frozenset(kinds)
    return tuple(statement for statement in standard.competencies if not wanted or statement.kind in wanted)
