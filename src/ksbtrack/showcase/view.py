"""The showcase in words: everything that its own pages print, apart from the numbers of pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ksbtrack.models.analysis import Analysis, Status
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Evidence
from ksbtrack.models.values import in_words
from ksbtrack.problems import Problem
from ksbtrack.report.statements import statement_notes
from ksbtrack.report.words import Vocabulary, code_ranges, counted, shortened, vocabulary
from ksbtrack.showcase.closing import (
    Declaration,
    ManifestLine,
    RedactionRow,
    declarations,
    left_out_lines,
    manifest,
    other_confirmations,
    privacy_notes,
    redaction_log,
)
from ksbtrack.showcase.matrix import GroupRows, PieceRows, by_piece, matrix
from ksbtrack.showcase.parts import Form, PreparedFile
from ksbtrack.showcase.piece_pages import PieceView, piece_view

RUNNING_LENGTH = 60
"""Characters of a name in the running head, so that it leaves room for the part's name."""

STATUS_MEANINGS = (
    (Status.MET, "The piece counts; for a {unit}, enough pieces of the whole portfolio count."),
    (Status.PARTLY_MET, "It is on its way: submitted, but not accepted, or not enough yet."),
    (Status.NOT_MET, "It does not count, or nothing shows the {unit}."),
    (Status.UNKNOWN, "The records do not say. What is not known never counts as met."),
    (Status.NOT_NEEDED, "The rule does not apply here."),
    (Status.CHECK_AGAIN, "Something changed after it was agreed: a person has to look once more."),
)


@dataclass(frozen=True, slots=True)
class Cover:
    """What the first page prints; `figures` are a count and its noun each, `warnings` what to know before reading."""

    facts: tuple[tuple[str, str], ...]
    figures: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShowcaseView:
    """Everything that the templates print, in their order."""

    words: Vocabulary
    title: str
    running: str
    name: str
    standard_name: str
    is_invented: bool
    day: str
    iso_day: str
    attribution: str
    cover: Cover
    about: tuple[tuple[str, str], ...]
    about_lines: tuple[str, ...]
    contact: str
    meanings: tuple[tuple[Status, str], ...]
    pieces: tuple[PieceView, ...]
    groups: tuple[GroupRows, ...]
    statement_notes: tuple[str, ...]
    by_piece: tuple[PieceRows, ...]
    declarations: tuple[Declaration, ...]
    confirmations: tuple[str, ...]
    redactions: tuple[RedactionRow, ...]
    privacy_notes: tuple[str, ...]
    private_reason: str
    manifest: tuple[ManifestLine, ...]
    left_out: tuple[str, ...]


def showcase_view(
    analysis: Analysis,
    pieces: Sequence[Evidence],
    files: Sequence[PreparedFile],
    *,
    with_uln: bool = False,
    private_reason: str | None = None,
    left_out: Sequence[Problem] = (),
) -> ShowcaseView:
    """Give the showcase's own pages in words.

    Args:
        analysis: what `analyse` returned; its standard is the only one that is shown.
        pieces: the selected ones, in the order of the showcase.
        files: their prepared files, piece by piece.
        with_uln: print the learner's number.
        private_reason: why a piece with unredacted personal data of others is shown.
        left_out: what could not be put in, and why.
    """
    case = analysis.case
    standard, words = case.standard, vocabulary(case.standard)
    of_piece = {piece.id: [file for file in files if file.piece == piece.id] for piece in pieces}
    views = tuple(piece_view(analysis, piece, of_piece[piece.id]) for piece in pieces)
    missing = tuple(left_out_lines(analysis, left_out))
    learner = case.portfolio.learner
    # A reason that no piece needs would say that there are such data.
    reason = private_reason if private_reason and any(piece.privacy.is_open for piece in pieces) else ""
    return ShowcaseView(
        words=words,
        title=f"Showcase portfolio: {learner.name}, {standard.title} ({standard.reference} {standard.version})",
        running=shortened(learner.name, RUNNING_LENGTH),
        name=learner.name,
        standard_name=f"{standard.title} ({standard.reference}, version {standard.version})",
        is_invented=case.portfolio.invented,
        day=in_words(case.on),
        iso_day=case.on.isoformat(),
        attribution=standard.attribution,
        cover=_cover(case, pieces, files, with_uln=with_uln, has_private=bool(reason), missing=len(missing)),
        about=tuple(_about(case)),
        about_lines=tuple(_about_lines(case, pieces)),
        contact=learner.provider or learner.employer or "",
        meanings=tuple((status, text.format(unit=words.unit)) for status, text in STATUS_MEANINGS),
        pieces=views,
        groups=matrix(analysis, pieces, of_piece),
        statement_notes=tuple(statement_notes(standard)),
        by_piece=tuple(by_piece(analysis, views)),
        declarations=tuple(declarations(case, pieces)),
        confirmations=tuple(other_confirmations(case, pieces)),
        redactions=tuple(redaction_log(pieces)),
        privacy_notes=tuple(privacy_notes(pieces)),
        private_reason=reason,
        manifest=tuple(manifest(pieces, of_piece)),
        left_out=missing,
    )


def _cover(
    case: Case,
    pieces: Sequence[Evidence],
    files: Sequence[PreparedFile],
    *,
    with_uln: bool,
    has_private: bool,
    missing: int,
) -> Cover:
    learner, words = case.portfolio.learner, vocabulary(case.standard)
    shown = {made.competency.code for piece in pieces for made in case.claims_of.get(piece.id, ())}
    facts = [
        ("Employer", learner.employer or ""),
        ("Training provider", learner.provider or ""),
        ("Role", learner.role or ""),
        ("ULN", (learner.uln or "not on record") if with_uln else ""),
        ("As of", in_words(case.on)),
    ]
    figures = [
        (str(len(pieces)), "piece of evidence" if len(pieces) == 1 else "pieces of evidence"),
        (str(len(files)), "file" if len(files) == 1 else "files"),
        (f"{len(shown)} of {len(case.standard.competencies)}", f"{words.units} with a piece here"),
    ]
    warnings = []
    if has_private:
        warnings.append(
            "This document shows personal data of others that were not redacted. The redaction log says why."
        )
    if missing:
        were = "was" if missing == 1 else "were"
        warnings.append(f"{counted(missing, 'file')} could not be put in and {were} left out. The manifest names each.")
    return Cover(tuple((name, value) for name, value in facts if value), tuple(figures), tuple(warnings))


def _about(case: Case) -> Iterator[tuple[str, str]]:
    """Yield who the learner is, as far as it is on record: name and value."""
    standard, learner, dates = case.standard, case.portfolio.learner, case.portfolio.dates
    absent = "not on record"
    yield "Name", learner.name
    yield "Role", learner.role or absent
    yield "Employer", learner.employer or absent
    if standard.is_apprenticeship:
        yield "Training provider", learner.provider or absent
    if learner.weekly_hours:
        yield "Hours a week", f"{learner.weekly_hours.normalize():f}"
    level = f", {standard.level.words}" if standard.level else ""
    yield "Standard", f"{standard.reference} {standard.title}{level}"
    yield "Version", standard.version + (f", plan {standard.plan}" if standard.plan else "")
    yield "Started", in_words(dates.first)
    if dates.first != dates.start:
        yield "Started again", in_words(dates.start)
    for pause in dates.breaks:
        until = f"to {in_words(pause.end)}" if pause.end else "still going on"
        yield "Break in learning", f"{in_words(pause.start)} {until}"
    if standard.is_apprenticeship:
        if dates.gateway:
            yield "Gateway", in_words(dates.gateway)
        elif dates.planned_gateway:
            yield "Gateway", f"planned for {in_words(dates.planned_gateway)}"
        else:
            yield "Gateway", "no day on record"


def _about_lines(case: Case, pieces: Sequence[Evidence]) -> Iterator[str]:
    """Yield sentences about the selection, and what is not in it."""
    if not pieces:
        yield "No piece is selected for this showcase."
        return
    first, last = min(piece.date for piece in pieces), max(piece.date for piece in pieces)
    made = f"on {in_words(first)}" if first == last else f"between {in_words(first)} and {in_words(last)}"
    selected = f"{counted(len(pieces), 'piece')} from a portfolio of {len(case.portfolio.evidence)}"
    yield f"This showcase holds {selected}, made {made}."
    codes = [statement.code for statement in case.standard.competencies]
    shown = {made.competency.code for piece in pieces for made in case.claims_of.get(piece.id, ())}
    left = [code for code in codes if code not in shown]
    if left:
        yield f"No piece here is for {code_ranges(left, codes)}."


def not_shown_as_pages(view: ShowcaseView) -> bool:
    """Say whether any file of the showcase is not shown as pages, so that a reader has to be told where it is."""
    return any(line.form != Form.PAGES.words for line in view.manifest)
