"""What differs from an earlier report, as the report and the terminal say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ksbtrack.models.changes import AnalysisChanges, PieceDifference, Traced, TracedDifference
from ksbtrack.models.statuses import Status
from ksbtrack.models.values import in_words, listed
from ksbtrack.report.words import DECISION_SHAPES

NOT_ASKED = "Not asked for"
NOT_THERE = "Not there"


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One requirement, statement or piece that stands otherwise.

    Attributes:
        name: as a reader knows it.
        title: of a piece; empty for others.
        before: None where it was not asked for, or not there.
        after: the same now.
        missing: what stands in place of None.
        causes: heading and sentence of each.
        counts: what a piece counts for now, and did not, or the other way round.
    """

    name: str
    title: str
    before: Status | None
    after: Status | None
    missing: str
    causes: tuple[tuple[str, str], ...]
    counts: str = ""


@dataclass(frozen=True, slots=True)
class ChangesView:
    """The changes in words.

    Attributes:
        summary: sentences: which day, which decision then and now.
        decisions: words and shape of the decision then and now.
        causes: heading of each kind of cause with its sentences.
        requirements: those that stand otherwise.
        statements: those that stand otherwise.
        pieces: those that are worth something else.
    """

    summary: tuple[str, ...]
    decisions: tuple[tuple[str, Status], ...]
    days: tuple[str, ...]
    causes: tuple[tuple[str, tuple[str, ...]], ...]
    requirements: tuple[ChangeRow, ...]
    statements: tuple[ChangeRow, ...]
    pieces: tuple[ChangeRow, ...]


def changes_view(changes: AnalysisChanges) -> ChangesView:
    """Give what differs in the words and order of the report.

    Args:
        changes: what `analysis_changes` returned.
    """
    decisions = (changes.decision_before, changes.decision_after)
    return ChangesView(
        summary=tuple(_summary(changes)),
        decisions=tuple((decision.words, DECISION_SHAPES[decision]) for decision in decisions),
        days=(in_words(changes.before), in_words(changes.after)),
        causes=tuple(_by_kind(changes.causes)),
        requirements=tuple(_row(found) for found in changes.requirements),
        statements=tuple(_row(found) for found in changes.statements),
        pieces=tuple(_piece(found) for found in changes.pieces),
    )


def _summary(changes: AnalysisChanges) -> Iterator[str]:
    was, now = changes.decision_before.words, changes.decision_after.words
    yield f"Compared with the report as of {in_words(changes.before)}."
    if changes.is_flip:
        yield f"The decision is another one: {was}, now {now}."
    elif changes.is_same:
        yield f"Nothing stands otherwise. The decision is still: {now}."
    else:
        yield f"The decision is still: {now}."
    if changes.is_assumed_alike:
        if changes.assumed_after:
            yield f"Both reports only assume: {listed(changes.assumed_after)}."
        return
    for which, assumed in (("earlier", changes.assumed_before), ("later", changes.assumed_after)):
        if assumed:
            yield f"The {which} report only assumes: {listed(assumed)}. What differs can come from that alone."


def _by_kind(causes: tuple[Traced, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for cause in dict.fromkeys(found.cause for found in causes):
        yield cause.words, tuple(dict.fromkeys(found.text for found in causes if found.cause is cause))


def _row(found: TracedDifference) -> ChangeRow:
    difference = found.difference
    return ChangeRow(
        name=difference.title or difference.name,
        title="",
        before=difference.before,
        after=difference.after,
        missing=NOT_ASKED,
        causes=tuple((cause.cause.words, cause.text) for cause in found.causes),
    )


def _piece(found: PieceDifference) -> ChangeRow:
    said = [
        f"{words} {listed(codes)}"
        for words, codes in (("now counts for", found.gained), ("no longer counts for", found.lost))
        if codes
    ]
    return ChangeRow(
        name=found.id,
        title=found.title,
        before=found.before,
        after=found.after,
        missing=NOT_THERE,
        causes=((found.cause.cause.words, found.cause.text),),
        counts="; ".join(said),
    )
