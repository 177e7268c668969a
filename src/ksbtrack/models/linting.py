"""What the checks on standards themselves say: remarks, each with its place and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from ksbtrack.models.standard import StandardKind
from ksbtrack.models.values import natural_key
from ksbtrack.problems import Source


class Severity(StrEnum):
    """How much a remark matters; the worst first."""

    ERROR = "error"
    """The file does not load, contradicts itself or the official feed's own rules, or lets a verdict come out wrong."""
    WARNING = "warning"
    """A verdict cannot be reached or may be doubted, or something of the source was lost."""
    NOTE = "note"
    """Worth knowing; nothing is wrong."""


class Seen(NamedTuple):
    """What a check saw, before it has the check's name and severity.

    Attributes:
        subject: what it is about: a code, the id of a method, requirement or option, or a key.
        source: where that stands.
        what: a sentence.
        fix: what to do, as sentences.
    """

    subject: str
    source: Source
    what: str
    fix: str


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that the checks say about a standard.

    It is to a standard what `Problem` is to a file that cannot be read: a file with remarks loads, unless its remark
    is such a problem itself.

    Attributes:
        check: the name of the check; for a fault that keeps the file from loading, the problem's code.
        severity: how much it matters.
        standard: the identity that the file declares, such as `ST0148@1.0`; empty where it declares none.
        subject: what it is about: a code, the id of a method, requirement or option, or a key; may be empty.
        source: file and line.
        what: a sentence.
        fix: what to do, as sentences.
    """

    check: str
    severity: Severity
    standard: str
    subject: str
    source: Source
    what: str
    fix: str


@dataclass(frozen=True, slots=True)
class Release:
    """What of one version of a standard its other versions, and other standards, are compared with.

    Attributes:
        places: where the keys stand that it declares; under `version` always.
    """

    reference: str
    version: str
    kind: StandardKind
    lars_code: int | None
    status: str
    earliest_start: date | None
    latest_start: date | None
    places: Mapping[str, Source]

    @property
    def identity(self) -> str:
        """Give reference and version, such as `ST0148@1.0`."""
        return f"{self.reference}@{self.version}"

    def at(self, key: str) -> Source:
        """Give the place of a key, or of the version where it is not declared."""
        return self.places.get(key, self.places["version"])


@dataclass(frozen=True)
class Lint:
    """What the checks say about some standards.

    Attributes:
        standards: the identities of those that were looked at, in natural order.
        remarks: by file and line.
        passed_over: files of the folders that begin without reference and version, so that they are no standards.
        unopened: files that could not be opened; a remark says why.
    """

    standards: tuple[str, ...]
    remarks: tuple[Remark, ...]
    passed_over: tuple[str, ...] = ()
    unopened: tuple[str, ...] = ()

    @cached_property
    def counts(self) -> dict[Severity, int]:
        """Give the number of remarks of each severity, the worst first."""
        found = Counter(remark.severity for remark in self.remarks)
        return {severity: found[severity] for severity in Severity}

    @property
    def is_clean(self) -> bool:
        """Say whether there is nothing above a note."""
        return not self.counts[Severity.ERROR] and not self.counts[Severity.WARNING]


def by_place(remark: Remark) -> tuple[object, ...]:
    """Give the key by which remarks are sorted: file as people count, line, the worst first, then the rest."""
    severity = list(Severity).index(remark.severity)
    about = (remark.check, natural_key(remark.subject), remark.what)
    return natural_key(remark.source.file), remark.source, severity, *about
