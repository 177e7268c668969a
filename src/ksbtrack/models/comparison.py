"""Two versions of a standard side by side: which statement became which, and on what ground that is said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Annotated, NamedTuple

from ksbtrack.models.standard import Competency, Standard
from ksbtrack.models.values import Code, Day, Line, List, Model, Prose, VersionNamed, choice


class Change(StrEnum):
    """What became of a statement."""

    UNCHANGED = "unchanged"
    RECODED = "recoded"
    REWORDED = "reworded"
    RECODED_AND_REWORDED = "recoded_and_reworded"
    SPLIT = "split"
    MERGED = "merged"
    ADDED = "added"
    REMOVED = "removed"

    @property
    def words(self) -> str:
        """Give it as a sentence says it."""
        return self.value.replace("_", " ")


class Basis(StrEnum):
    """On what ground statements are paired."""

    PERSON = "person"
    """Somebody confirmed it in a file of pairs."""
    GUID = "guid"
    """Both have the same official identifier."""
    TEXT = "text"
    """Both say the same, but for white space, capitals and the form of quotes and dashes."""
    SIMILARITY = "similarity"
    """They share words: a proposal, until a person confirms or rejects it."""


class Word(StrEnum):
    """What became of some words of a statement."""

    SAME = "same"
    TAKEN_OUT = "taken_out"
    PUT_IN = "put_in"


class Passage(NamedTuple):
    """Some words of a statement in a row, and what became of them."""

    what: Word
    text: str


class Near(NamedTuple):
    """The code of a statement on the other side, and how many per cent of its words it shares."""

    code: str
    alike: int


@dataclass(frozen=True)
class Pair:
    """What one statement became, several where it was split, or what several were merged into.

    Attributes:
        old: statements of the older version in its order; none where one was added.
        new: statements of the newer version in its order; none where one was removed.
        change: what became of them.
        basis: None where there is nothing to pair.
        alike: per cent of the words that both sides have in the same order, rounded down; 0 where one side is empty.
        is_same_text: both sides say the same.
        nearest: of a statement without a partner: the one that is most like it, though that has another partner.
    """

    old: tuple[Competency, ...]
    new: tuple[Competency, ...]
    change: Change
    basis: Basis | None = None
    alike: int = 0
    is_same_text: bool = False
    nearest: Near | None = None

    @property
    def is_proposed(self) -> bool:
        """Say whether a person has yet to confirm it."""
        return self.basis is Basis.SIMILARITY

    @property
    def is_certain_and_same(self) -> bool:
        """Say whether what was shown for the old statement is shown for the new one: same words, same kind."""
        kinds = {statement.kind for statement in (*self.old, *self.new)}
        return self.is_same_text and not self.is_proposed and len(kinds) == 1

    @property
    def codes(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Give the codes of both sides."""
        return tuple(one.code for one in self.old), tuple(one.code for one in self.new)


class Fact(NamedTuple):
    """Something else that differs; None stands for "not there" or "not known".

    Attributes:
        subject: what it is about, such as `duty D3`, or `standard`.
        what: which of its facts, such as `minimum hours`.
        old: in the older version.
        new: in the newer version.
    """

    subject: str
    what: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Comparison:
    """Everything that differs between two versions of a standard.

    Attributes:
        old: the older version, or whichever is compared with the other.
        new: the newer version.
        pairs: each statement of both exactly once; in the order of the older version, then what was added.
        facts: what differs besides the statements.
        threshold: per cent of words from which on similarity proposed a pair.
    """

    old: Standard
    new: Standard
    pairs: tuple[Pair, ...]
    facts: tuple[Fact, ...] = ()
    threshold: int = 50

    @property
    def is_same(self) -> bool:
        """Say whether nothing differs."""
        return not self.facts and all(pair.change is Change.UNCHANGED for pair in self.pairs)

    @cached_property
    def counts(self) -> dict[Change, int]:
        """Give how many statements each change is about: new ones that were added, old ones for all else."""
        counts = dict.fromkeys(Change, 0)
        for pair in self.pairs:
            counts[pair.change] += len(pair.old) or len(pair.new)
        return counts

    @cached_property
    def same_texts(self) -> int:
        """Give how many statements of the newer version stand word for word in the older one."""
        return sum(len(pair.new) for pair in self.pairs if pair.is_same_text and pair.old)

    @property
    def proposed(self) -> tuple[Pair, ...]:
        """Give the pairs that a person has yet to confirm or reject."""
        return tuple(pair for pair in self.pairs if pair.is_proposed)

    @cached_property
    def of_old_code(self) -> dict[str, Pair]:
        """Give the pair of each statement of the older version, by its code."""
        return {statement.code: pair for pair in self.pairs for statement in pair.old}

    @cached_property
    def codes_with_other_meaning(self) -> tuple[str, ...]:
        """Give the codes that both versions have for statements that no pair joins, in the newer version's order."""
        return tuple(
            statement.code
            for statement in self.new.competencies
            if (pair := self.of_old_code.get(statement.code)) is not None
            and statement.code not in {one.code for one in pair.new}
        )


class Verdict(StrEnum):
    """What a person says of a pair."""

    UNDECIDED = "undecided"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class DecidedPair(Model):
    """One entry of a file of pairs: codes of both versions, and what a person says of it."""

    old: Annotated[tuple[Code, ...], List]
    new: Annotated[tuple[Code, ...], List]
    verdict: Annotated[Verdict, choice(Verdict)] = Verdict.UNDECIDED
    by: Line | None = None
    on: Day | None = None
    note: Prose | None = None


class DecidedPairs(Model):
    """A file in which people confirm and reject pairs of two versions."""

    older: VersionNamed
    newer: VersionNamed
    pairs: Annotated[tuple[DecidedPair, ...], List] = ()

    def with_verdict(self, verdict: Verdict) -> tuple[DecidedPair, ...]:
        """Give the pairs of which people said this."""
        return tuple(pair for pair in self.pairs if pair.verdict is verdict)
