"""What one assessment organisation or platform asks of a submission: which checks, their numbers, and who says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator

from ksbtrack.models.standard import EvidenceKind
from ksbtrack.models.values import (
    Count,
    Id,
    Line,
    List,
    Model,
    Prose,
    UnknownDay,
    UnknownLine,
    choice,
    in_words,
    refuse,
    word_of,
)
from ksbtrack.problems import did_you_mean

BYTES_IN_MEGABYTE = 1_000_000
"""Bytes: of the two meanings of a megabyte the smaller one, so that what is found small enough is so by both."""
PLACEHOLDERS = ("surname", "forename", "uln", "standard", "piece", "number", "title", "name")
"""What can stand in braces in a pattern for folders and files."""


def _one_or_more(number: int) -> int:
    if not number:
        fix = "Write the number; leave the whole check out where there is none."
        raise refuse("bad-number", str(number), "a whole number of 1 or more is wanted here", fix)
    return number


Number = Annotated[Count, AfterValidator(_one_or_more)]
"""A whole number, 1 or more."""


class Asking(StrEnum):
    """Whether a source asks for something; `unknown` where it differs or no source we know says."""

    YES = "yes"
    UNKNOWN = "unknown"


class ProfileSource(Model):
    """A page or document that says what is asked for.

    Attributes:
        id: the name by which the checks refer to it.
        title: what it is called.
        says: the rules it holds, in short.
        looked_at: the day on which somebody read it; None where that is not on record.
        trust: as in `DatedValue`: 2 for an official or awarding-body page that quotes the rule; None where not known.
    """

    id: Id
    title: Line
    says: Prose
    looked_at: UnknownDay
    trust: Annotated[Count | None, BeforeValidator(lambda value: None if value == "unknown" else value)]

    @property
    def words(self) -> str:
        """Give the source as a finding names it."""
        day = f"looked at on {in_words(self.looked_at)}" if self.looked_at else "the day it was looked at is not known"
        return f"{self.title}; {day}"


class Asked(Model):
    """One check as a profile asks for it.

    Attributes:
        source: id of the source that asks for it.
        asked: `unknown` where it is not certain that it is asked for; what is found then never decides.
        note: what a reader should know about it.
    """

    source: Id
    asked: Annotated[Asking, choice(Asking)] = Asking.YES
    note: Line | None = None


class AskedPieces(Asked):
    """A check with a number of pieces."""

    pieces: Number


class AskedKinds(Asked):
    """A check with kinds of evidence."""

    kinds: Annotated[tuple[Annotated[EvidenceKind, choice(EvidenceKind)], ...], List]


class AskedMix(Asked):
    """A check with a number of different kinds of evidence."""

    different_kinds: Number


class AskedMinutes(Asked):
    """A check with a length in minutes."""

    minutes: Number


class AskedSize(Asked):
    """A check with a size in megabytes of a million bytes."""

    megabytes: Number

    @property
    def bytes(self) -> int:
        """Give the size in bytes."""
        return self.megabytes * BYTES_IN_MEGABYTE


class AskedMethods(Asked):
    """A check about the statements of assessment methods: those named here, or all that the standard has."""

    methods: Annotated[tuple[Id, ...], List] = ()


class Checks(Model):
    """The checks by the name of the fault that each finds; docs/preflight.md has a heading for each.

    None: the profile does not ask for it.
    """

    nothing_selected: Asked | None = None
    statement_not_shown: AskedMethods | None = None
    fewer_pieces_than_asked: AskedPieces | None = None
    more_pieces_than_asked: AskedPieces | None = None
    untypical_number_of_pieces: AskedPieces | None = None
    no_witness_or_observation: Asked | None = None
    too_few_kinds_selected: AskedMix | None = None
    kind_not_taken: AskedKinds | None = None
    not_yet_accepted: Asked | None = None
    referred_back: Asked | None = None
    changed_since_acceptance: Asked | None = None
    fingerprint_not_recorded: Asked | None = None
    dated_before_start: Asked | None = None
    dated_after_gateway: Asked | None = None
    dated_in_the_future: Asked | None = None
    not_made_by_apprentice: Asked | None = None
    maker_not_recorded: Asked | None = None
    place_not_exact: Asked | None = None
    place_beyond_last_page: Asked | None = None
    pages_not_counted: Asked | None = None
    time_beyond_end: Asked | None = None
    recording_without_times: Asked | None = None
    recording_too_long: AskedMinutes | None = None
    witness_incomplete: Asked | None = None
    witness_is_relative: Asked | None = None
    not_written_by_witness: Asked | None = None
    observation_not_by_assessor: Asked | None = None
    observation_without_criteria: Asked | None = None
    unsigned: Asked | None = None
    signature_undated: Asked | None = None
    employer_statement_missing: Asked | None = None
    changed_since_confirmation: Asked | None = None
    certificate_not_attached: Asked | None = None
    requirement_open: Asked | None = None
    ai_use_not_declared: Asked | None = None
    personal_data_open: Asked | None = None
    file_missing: Asked | None = None
    nothing_to_see: Asked | None = None
    duplicate_file: Asked | None = None
    file_needs_password: Asked | None = None
    restricted_file: Asked | None = None
    unusual_format: Asked | None = None
    content_unlike_name: Asked | None = None
    too_large_to_show: Asked | None = None
    file_too_large: AskedSize | None = None
    files_too_large_together: AskedSize | None = None
    pack_name_incomplete: Asked | None = None

    def of(self, code: str) -> Asked | None:
        """Give what is asked by a check's name; None where it is not."""
        asked: Asked | None = getattr(self, code)
        return asked

    def asked(self) -> Iterator[tuple[str, Asked]]:
        """Yield the checks that are asked for, in the order above."""
        for code in type(self).model_fields:
            asked = self.of(code)
            if asked is not None:
                yield code, asked


def _check_name(value: Any) -> str:
    name = word_of(value, "the name of a check is wanted here").strip().casefold()
    if name not in Checks.model_fields:
        fix = did_you_mean(name, Checks.model_fields) + "Correct the name or delete it."
        raise refuse("bad-choice", value, "no check has that name; docs/preflight.md lists them", fix)
    return name


_BRACES = re.compile(r"\{([^{}]*)\}")


def _pattern(value: Any) -> str:
    text = word_of(value, "a pattern for names is wanted here").strip()
    rest = _BRACES.sub("", text)
    wrong = [name for name in _BRACES.findall(text) if name not in PLACEHOLDERS]
    if wrong or set("{}") & set(rest):
        advice = did_you_mean(wrong[0], PLACEHOLDERS) if wrong else ""
        expected = f"in braces can stand {', '.join(PLACEHOLDERS)}"
        raise refuse("bad-choice", value, expected, advice + "Write it like {surname}_{forename}_{uln}.")
    if not text or not rest.isprintable() or set('\\:*?"<>|') & set(rest) or {"", ".", ".."} & set(text.split("/")):
        expected = "a name has no sign that some systems refuse, and no part that is empty or made of points"
        raise refuse("bad-choice", value, expected, "Write it like {surname}_{forename}_{uln}.")
    return text


Pattern = Annotated[str, BeforeValidator(_pattern)]
"""A pattern for the names of folders and files, such as `{surname}_{forename}_{uln}`."""


class PackNames(Model):
    """What folders and files of the pack are called.

    Attributes:
        folder: the folder in which everything lies; None where no source says.
        file: a piece's file; None where no source says.
    """

    folder: Pattern | None = None
    file: Pattern | None = None

    @property
    def placeholders(self) -> frozenset[str]:
        """Give what the patterns need to know."""
        return frozenset(_BRACES.findall(f"{self.folder or ''}{self.file or ''}"))


class SubmissionProfile(Model):
    """What a submission is checked against.

    Attributes:
        id: the name by which it is asked for.
        organisation: who asks; None where that is not on record.
        about: what the profile is of, and what it leaves open.
        extends: the profile whose checks it takes over, but for those it changes and those in `without`.
        without: names of checks that are not taken over.
        sources: who says so; after loading also those of the profile that it extends.
        names: what folders and files of the pack are called.
        checks: what is asked for; after loading also what is taken over.
    """

    filled_on_loading: ClassVar[frozenset[str]] = frozenset()

    id: Id
    title: Line
    organisation: UnknownLine = None
    about: Prose | None = None
    extends: Id | None = None
    without: Annotated[tuple[Annotated[str, BeforeValidator(_check_name)], ...], List] = ()
    sources: Annotated[tuple[ProfileSource, ...], List] = ()
    names: PackNames = PackNames()
    checks: Checks

    def source_of(self, asked: Asked) -> ProfileSource:
        """Give the source that asks for something."""
        return next(source for source in self.sources if source.id == asked.source)

    @property
    def sources_in_use(self) -> tuple[ProfileSource, ...]:
        """Give the sources of the checks that are asked for, in the order of the profile."""
        used = {asked.source for _, asked in self.checks.asked()}
        return tuple(source for source in self.sources if source.id in used)

    @property
    def fewest_pieces(self) -> int | None:
        """Give the number of pieces that is asked for at least; None where no source says."""
        asked = self.checks.fewer_pieces_than_asked
        return asked.pieces if asked and asked.asked is Asking.YES else None

    @property
    def most_pieces(self) -> int | None:
        """Give the number of pieces that is taken at most; None where no source says."""
        asked = self.checks.more_pieces_than_asked
        return asked.pieces if asked and asked.asked is Asking.YES else None

    @property
    def barred_kinds(self) -> tuple[EvidenceKind, ...]:
        """Give the kinds of evidence that are not taken."""
        asked = self.checks.kind_not_taken
        return asked.kinds if asked and asked.asked is Asking.YES else ()
