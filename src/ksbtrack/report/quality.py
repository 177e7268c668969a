"""The quality of the evidence: its kinds, its dates, what hangs on one piece, and what deserves a second look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from ksbtrack.models.analysis import Analysis, Finding, PieceVerdict, Status
from ksbtrack.models.portfolio import Evidence
from ksbtrack.models.standard import EvidenceKind, Standard
from ksbtrack.models.values import in_words, natural_key
from ksbtrack.report.charts import GridRow
from ksbtrack.report.timecharts import Landmark, TimelineRow
from ksbtrack.report.words import code_ranges, counted, sentence, shortened, subject_names

SHOWN_SUBJECTS = 30
"""Pieces or statements that one row of the checks names; the appendix names all."""
LONGEST_REASON = 300
"""Characters of a reason in a row of the tables; the appendix has every reason in full."""
MARGIN = timedelta(days=31)
"""Room on the calendar before the start and after the last day that matters."""

CHECKS = {
    "single_source": "Rests on a single piece",
    "all_from_one_day": "All pieces from one day",
    "nothing_to_see": "Neither account nor file",
    "fingerprint_not_recorded": "Accepted without a recorded fingerprint",
    "over_mapped": "Piece that claims very much",
    "missing_place": "No exact place in the file",
    "personal_data_open": "Personal data of others, not redacted",
    "duplicate_file": "The same file twice",
    "restricted_file": "File with restrictions",
    "often_barred_in_showcase": "Kind that showcases often bar",
    "certificate_not_attached": "Certificate not attached",
    "version_not_for_start": "Version and start do not match",
    "orphaned_claim": "Claim on a statement that is gone",
}
"""Rules that warn, in the words of a heading and the order of the page; another one shows under its own name."""
TITLES = CHECKS | {"progression": "Desirable, and lacking"}
SAID_ELSEWHERE = frozenset({"ineligible_hours", "reconstructed_wording", "unknown_method_mapping"})
"""Warnings that the sections on hours, statements and methods spell out."""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One thing that deserves a look: how often it was found, where, and what it means."""

    title: str
    count: int
    subjects: str
    reason: str


@dataclass(frozen=True, slots=True)
class PieceRow:
    """One piece and what it is worth."""

    id: str
    title: str
    kind: str
    day: str
    status: Status
    worth: str


@dataclass(frozen=True, slots=True)
class QualityView:
    """What section 6 prints.

    Attributes:
        outside: pieces whose day lies outside the timeline, in words; empty if none does.
        nothing_found: headings of the checks that found nothing.
    """

    summary: str
    kinds: str
    timeline: tuple[TimelineRow, ...]
    first: date
    last: date
    landmarks: tuple[Landmark, ...]
    outside: str
    codes: tuple[str, ...]
    grid: tuple[GridRow, ...]
    grid_caption: str
    checks: tuple[CheckRow, ...]
    nothing_found: str
    pieces: tuple[PieceRow, ...]


def quality_view(analysis: Analysis) -> QualityView:
    """Give the quality of the evidence in words, rows and the values of its charts."""
    verdicts = {verdict.id: verdict for verdict in analysis.pieces}
    evidence = analysis.case.portfolio.evidence
    first, last = calendar(analysis)
    codes = tuple(verdict.code for verdict in analysis.competencies)
    checks = _checks(analysis)
    found = {check.title for check in checks}
    return QualityView(
        summary=_summary(analysis),
        kinds=_kinds(evidence, verdicts),
        timeline=tuple(_timeline(evidence, verdicts)),
        first=first,
        last=last,
        landmarks=landmarks(analysis),
        outside=_outside(evidence, first, last),
        codes=codes,
        grid=_grid(analysis),
        grid_caption=_grid_caption(analysis, codes),
        checks=checks,
        nothing_found=", ".join(title.lower() for title in CHECKS.values() if title not in found),
        pieces=tuple(_piece(piece, verdicts[piece.id], codes) for piece in evidence),
    )


def _summary(analysis: Analysis) -> str:
    totals = analysis.totals
    if not totals.pieces:
        return "There is no evidence in this portfolio yet."
    days = [
        piece.date
        for piece, verdict in zip(analysis.case.portfolio.evidence, analysis.pieces, strict=True)
        if verdict.status is Status.MET
    ]
    if not days:
        return f"{sentence(counted(totals.pieces, 'piece')).rstrip('.')}, of which none counts yet."
    span = f"the oldest is from {in_words(min(days))}, the newest from {in_words(max(days))}"
    verb = "counts" if totals.pieces_counting == 1 else "count"
    return f"{totals.pieces_counting} of {counted(totals.pieces, 'piece')} {verb}; {span}."


def calendar(analysis: Analysis) -> tuple[date, date]:
    """Give the first and last day that the calendar charts span: from the start to the day or the gateway."""
    case = analysis.case
    dates = case.portfolio.dates
    ends = [case.on, *filter(None, (dates.gateway, dates.planned_gateway))]
    first, last = min(dates.first, case.on), max(*ends, dates.first)
    return max(first, date.min + MARGIN) - MARGIN, min(last, date.max - MARGIN) + MARGIN


def landmarks(analysis: Analysis) -> tuple[Landmark, ...]:
    """Give the days that matter on a calendar chart."""
    case = analysis.case
    dates = case.portfolio.dates
    marks = [Landmark(dates.first, "Start"), Landmark(case.on, "As of")]
    if case.standard.is_apprenticeship and dates.gateway:
        marks.append(Landmark(dates.gateway, "Gateway"))
    elif case.standard.is_apprenticeship and dates.planned_gateway:
        marks.append(Landmark(dates.planned_gateway, "Planned gateway"))
    days = [mark.day for mark in marks]
    return tuple(mark for place, mark in enumerate(marks) if mark.day not in days[:place])


def _by_kind(evidence: Iterable[Evidence]) -> dict[EvidenceKind, list[Evidence]]:
    found: dict[EvidenceKind, list[Evidence]] = {}
    for kind in EvidenceKind:
        found[kind] = [piece for piece in evidence if piece.kind is kind]
    return {kind: pieces for kind, pieces in found.items() if pieces}


def _kinds(evidence: tuple[Evidence, ...], verdicts: dict[str, PieceVerdict]) -> str:
    """Give the figures of the timeline: for each kind its pieces, and how many of them count."""
    counts = (
        f"{kind.words} {len(pieces)} ({sum(verdicts[piece.id].status is Status.MET for piece in pieces)})"
        for kind, pieces in _by_kind(evidence).items()
    )
    return ", ".join(counts)


def _timeline(evidence: tuple[Evidence, ...], verdicts: dict[str, PieceVerdict]) -> Iterable[TimelineRow]:
    for kind, pieces in _by_kind(evidence).items():
        marks = tuple((piece.date, piece.id, verdicts[piece.id].status) for piece in pieces)
        yield TimelineRow(sentence(kind.words).rstrip("."), marks)


def _outside(evidence: tuple[Evidence, ...], first: date, last: date) -> str:
    return ", ".join(f"{piece.id} ({in_words(piece.date)})" for piece in evidence if not first <= piece.date <= last)


def _grid(analysis: Analysis) -> tuple[GridRow, ...]:
    """Give what each piece is worth for each statement that it claims."""
    standing: dict[tuple[str, str], Status] = {}
    for verdict in analysis.competencies:
        marks = (
            (verdict.pieces, Status.MET),
            (verdict.on_the_way, Status.PARTLY_MET),
            (verdict.to_check, Status.CHECK_AGAIN),
        )
        standing.update({(piece, verdict.code): status for pieces, status in marks for piece in pieces})
    claims = analysis.case.claims_of
    return tuple(
        GridRow(
            f"{piece.id} {piece.kind.words}",
            {
                made.competency.code: standing.get((piece.id, made.competency.code), Status.NOT_MET)
                for made in claims.get(piece.id, ())
            },
        )
        for piece in analysis.case.portfolio.evidence
    )


def _grid_caption(analysis: Analysis, codes: tuple[str, ...]) -> str:
    """Give the figures of the grid: what nothing counts for, and what hangs on one piece."""
    counts = {verdict.code: len(verdict.pieces) for verdict in analysis.competencies}
    nothing = code_ranges((code for code, count in counts.items() if not count), codes)
    single = code_ranges((code for code, count in counts.items() if count == 1), codes)
    return (
        "One row a piece, one column a code; the shape says what the piece is worth there. "
        f"Codes with no piece that counts: {nothing}. Codes that hang on one piece: {single}."
    )


def _checks(analysis: Analysis) -> tuple[CheckRow, ...]:
    by_rule: dict[str, list[Finding]] = {rule: [] for rule in CHECKS}
    for warning in analysis.warnings:
        if warning.rule not in SAID_ELSEWHERE:
            by_rule.setdefault(warning.rule, []).append(warning)
    return tuple(_check(rule, found, analysis.case.standard) for rule, found in by_rule.items() if found)


def _check(rule: str, found: list[Finding], standard: Standard) -> CheckRow:
    names, codes = subject_names(standard), list(standard.by_code)
    ids = sorted({finding.subject for finding in found}, key=natural_key)
    shown = ", ".join(names.get(subject, subject) for subject in ids[:SHOWN_SUBJECTS])
    if standard.by_code.keys() >= set(ids):
        shown = code_ranges(ids, codes)
    elif len(ids) > SHOWN_SUBJECTS:
        shown += f" and {len(ids) - SHOWN_SUBJECTS} more"
    reason = sentence(found[0].reason)
    if len(found) > 1:
        reason = f"For example: {reason}"
    title = TITLES.get(rule, sentence(rule.replace("_", " ")).rstrip("."))
    return CheckRow(title, len(found), shown, shortened(reason, LONGEST_REASON))


def _piece(piece: Evidence, verdict: PieceVerdict, codes: tuple[str, ...]) -> PieceRow:
    """Give the row of a piece; the plan quotes an assessor's comment, so the reason here goes without it."""
    reasons = verdict.reasons
    if piece.acceptance.comment:
        reasons = tuple(reason.partition(" with the comment ")[0] for reason in reasons)
    said = [sentence(shortened(reason, LONGEST_REASON)) for reason in reasons]
    if verdict.counts_for:
        shown = code_ranges(verdict.counts_for, codes)
        said.insert(0, sentence(shown) if said else shown)
    return PieceRow(
        id=piece.id,
        title=piece.title,
        kind=piece.kind.words,
        day=in_words(piece.date),
        status=verdict.status,
        worth=" ".join(said),
    )
