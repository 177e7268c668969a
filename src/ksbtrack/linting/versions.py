"""Checks across standards: the versions of one, and codes that two share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise

from ksbtrack.linting.codes import OFFICIAL_VERSION
from ksbtrack.linting.facts import APPROVED, status_of
from ksbtrack.load.standards import WrittenStandard
from ksbtrack.models.linting import Release, Seen
from ksbtrack.models.standard import StandardKind
from ksbtrack.models.values import in_words, listed, natural_key

_KEYS = ("version", "lars_code", "earliest_start", "latest_start")


def release_of(written: WrittenStandard) -> Release:
    """Give what of a standard the checks across standards look at."""
    own, text = written.own, written.text
    places = {key: text.source((key,)) for key in _KEYS if (key,) in text.lines}
    for index, entry in enumerate(own.overview):
        if entry.name.casefold() == "status":
            places["status"] = text.source(("overview", index, "value"))
    return Release(
        own.reference,
        own.version,
        own.kind,
        own.lars_code,
        status_of(own),
        own.earliest_start,
        own.latest_start,
        places,
    )


def lars_code_shared(releases: Sequence[Release]) -> Iterator[Seen]:
    """Find a LARS code that two different standards have; the versions of one standard share theirs."""
    by_code: dict[int, list[Release]] = {}
    for release in releases:
        if release.lars_code:
            by_code.setdefault(release.lars_code, []).append(release)
    for code, sharing in by_code.items():
        references = list(dict.fromkeys(release.reference for release in sharing))
        for release in sharing if len(references) > 1 else ():
            others = listed(name for name in references if name != release.reference)
            yield Seen(
                release.identity,
                release.at("lars_code"),
                f"The LARS code {code} is that of {others} too.",
                "Correct the one that is wrong: a learner record with this code could be of either.",
            )


def two_versions_approved(releases: Sequence[Release]) -> Iterator[Seen]:
    """Find versions of one standard that are approved for delivery at once: one is at any time."""
    for versions in series(releases):
        approved = [release for release in versions if release.status == APPROVED]
        for release in approved[:-1]:
            yield Seen(
                release.identity,
                release.at("status"),
                f"{release.identity} is approved for delivery, and so is {approved[-1].identity}.",
                "Import both anew: once a version is approved, the one before it is retired.",
            )


def version_gap(releases: Sequence[Release]) -> Iterator[Seen]:
    """Find versions between two others that are not here: after 1.2 comes 1.3 or 2.0."""
    for versions in series(releases):
        for before, after in pairwise(versions):
            major, minor = _numbers(before)
            if _numbers(after) not in ((major, minor + 1), (major + 1, 0)):
                yield Seen(
                    after.identity,
                    after.at("version"),
                    f"{after.version} comes after {before.version}: at least one version between them is missing.",
                    f"Import the missing versions: a learner of {before.reference} may be on one of them.",
                )


def start_dates_apart(releases: Sequence[Release]) -> Iterator[Seen]:
    """Find a version that does not close on the day before the next one opens, but earlier, or on no day at all."""
    for before, after, last, first in _neighbours(releases):
        if last is None:
            yield Seen(
                before.identity,
                before.at("latest_start"),
                f"No last start on {before.identity} is given, although {after.identity} is open from "
                f"{in_words(first)} on.",
                "Add a line 'latest_start: ...' from the official record; as a rule it is the day before.",
            )
        elif last + timedelta(days=1) < first:
            yield Seen(
                after.identity,
                after.at("earliest_start"),
                f"Between the last start on {before.identity}, {in_words(last)}, and the first on {after.identity}, "
                f"{in_words(first)}, no version was open.",
                "Compare both with the official record: a learner who started in between is on neither.",
            )


def start_dates_overlap(releases: Sequence[Release]) -> Iterator[Seen]:
    """Find two versions that were open for starts on the same day: a learner who started then is on either."""
    for before, after, last, first in _neighbours(releases):
        if last is not None and last >= first:
            yield Seen(
                before.identity,
                before.at("latest_start"),
                f"{before.identity} is open for starts until {in_words(last)}, and {after.identity} from "
                f"{in_words(first)} on.",
                f"Compare both with the official record; as a rule {before.version} closes the day before "
                f"{after.version} opens.",
            )


def series(releases: Iterable[Release]) -> Iterator[tuple[Release, ...]]:
    """Yield the versions of each apprenticeship standard together, in their order; those not written n.n apart."""
    wanted = [
        release
        for release in releases
        if release.kind is StandardKind.APPRENTICESHIP and OFFICIAL_VERSION.fullmatch(release.version)
    ]
    ordered = sorted(wanted, key=lambda release: (natural_key(release.reference), _numbers(release)))
    for _, group in groupby(ordered, key=lambda release: release.reference):
        # A version that stands in two files is a fault of its own; here it would be its own successor.
        yield tuple({_numbers(release): release for release in group}.values())


def _neighbours(releases: Sequence[Release]) -> Iterator[tuple[Release, Release, date | None, date]]:
    """Yield each version and the one after it, with the last start on one and the first on the other."""
    for versions in series(releases):
        for before, after in pairwise(versions):
            if before.earliest_start is not None and after.earliest_start is not None:
                yield before, after, before.latest_start, after.earliest_start


def _numbers(release: Release) -> tuple[int, int]:
    major, minor = (int(part) for part in re.findall(r"[0-9]+", release.version))
    return major, minor
