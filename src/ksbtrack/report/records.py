"""Sign-offs and appendix: who confirmed what, every reason, every rule, and the marks by which all can be checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ksbtrack.models.analysis import Analysis, Finding, Status
from ksbtrack.models.portfolio import AttachedFile, Confirmation, Portfolio
from ksbtrack.models.standard import Sufficiency
from ksbtrack.models.values import in_words, natural_key
from ksbtrack.report.words import counted, sentence, shortened, subject_names
from ksbtrack.rules.confirmed import is_changed_since

SHORT_MARK = 16
"""Digits of a SHA-256 that are printed: enough to compare by eye; the JSON has all of them."""
KILO = 1000
LONGEST_ABOUT = 60
"""Characters that name what one piece of advice is about; each reason names it too."""

_SETTINGS = {
    "pieces_per_competency": "Pieces for each statement",
    "kinds_per_competency": "Kinds for each statement",
    "days_per_competency": "Different days for each statement",
    "max_age_months": "Oldest piece, in months",
    "acceptance_needed": "Only accepted pieces count",
    "confirmed_claims_needed": "Only confirmed claims count",
    "claims_per_piece_warning": "Claims of one piece before a warning",
    "barred_kinds": "Kinds that do not count",
}


@dataclass(frozen=True, slots=True)
class ConfirmationRow:
    """One signed confirmation; `mark` is that of the pieces it covers, as they are now."""

    by: str
    name: str
    of: str
    on: str
    covers: str
    mark: str


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding, or the advice of one rule about several things."""

    subject: str
    status: Status
    decides: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule with one source, and all that it found."""

    name: str
    source: str
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One file: whose it is, that piece's fingerprint if it is its first file, name and size, and the mark's start."""

    piece: str
    fingerprint: str
    file: str
    mark: str


@dataclass(frozen=True, slots=True)
class RecordsView:
    """What sections 9 and 10 print."""

    confirmations: tuple[ConfirmationRow, ...]
    mark: str
    rules: tuple[RuleRow, ...]
    settings: tuple[tuple[str, str], ...]
    manifest: tuple[ManifestRow, ...]
    unknown: tuple[str, ...]
    attribution: str
    sources: tuple[str, ...]


def records_view(analysis: Analysis) -> RecordsView:
    """Give the sign-offs, and everything by which a reader can check the report."""
    case = analysis.case
    return RecordsView(
        confirmations=tuple(_confirmation(case.portfolio, found) for found in case.portfolio.records.confirmations),
        mark=evidence_mark(case.portfolio, (piece.id for piece in case.portfolio.evidence)),
        rules=tuple(_rules(analysis)),
        settings=tuple(_settings(case.base_settings)),
        manifest=tuple(_manifest(case.portfolio)),
        unknown=tuple(_unknown(analysis)),
        attribution=case.standard.attribution,
        sources=case.standard.sources,
    )


def _rule(finding: Finding) -> tuple[str, str]:
    return sentence(finding.rule.replace("_", " ")).rstrip("."), finding.source


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda found: (not found.decides, natural_key(found.subject), found.rule))


def _rules(analysis: Analysis) -> Iterator[RuleRow]:
    """Yield each rule with what it found: what decides one by one, its advice together, and no reason twice."""
    names = subject_names(analysis.case.standard)
    by_rule: dict[tuple[str, str], list[Finding]] = {}
    for found in _sorted(analysis.findings):
        by_rule.setdefault(_rule(found), []).append(found)
    for (name, source), several in by_rule.items():
        rows = [
            FindingRow(names.get(found.subject, found.subject), found.status, True, sentence(found.reason))
            for found in several
            if found.decides
        ]
        if advice := [found for found in several if not found.decides]:
            subjects = dict.fromkeys(names.get(found.subject, found.subject) for found in advice)
            about = shortened(", ".join(subjects), LONGEST_ABOUT)
            reasons = dict.fromkeys(sentence(found.reason) for found in advice)
            rows.append(FindingRow(about, advice[0].status, False, " ".join(reasons)))
        yield RuleRow(name, sentence(source), tuple(rows))


def evidence_mark(portfolio: Portfolio, ids: Iterable[str]) -> str:
    """Give one mark for several pieces: it changes when any of them, or their selection, changes.

    Args:
        portfolio: holds the pieces.
        ids: the pieces; their order does not matter, and one that is not in the portfolio counts by its name.
    """
    lines = sorted(f"{name} {portfolio.by_id[name].fingerprint if name in portfolio.by_id else ''}" for name in ids)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _confirmation(portfolio: Portfolio, found: Confirmation) -> ConfirmationRow:
    covered = found.covers or portfolio.showcase
    return ConfirmationRow(
        by=sentence(found.by.value).rstrip("."),
        name=", ".join(filter(None, (found.name, found.role))) or "no name on record",
        of=found.of.words,
        on=in_words(found.on) if found.on else "no day on record",
        covers=(", ".join(found.covers) or ("the showcase" if portfolio.showcase else "nothing named"))
        + ("; changed since it was given" if is_changed_since(portfolio, found) else ""),
        mark=evidence_mark(portfolio, covered) if covered else "",
    )


def _settings(settings: Sufficiency) -> Iterable[tuple[str, str]]:
    for name, words in _SETTINGS.items():
        value = getattr(settings, name)
        if value is None:
            said = "not set"
        elif isinstance(value, tuple):
            said = ", ".join(kind.words for kind in value) or "none"
        elif isinstance(value, bool):
            said = "yes" if value else "no"
        else:
            said = "no limit" if name == "max_age_months" and not value else f"{value:,}"
        yield words, said


def _manifest(portfolio: Portfolio) -> Iterable[ManifestRow]:
    for piece in portfolio.evidence:
        fingerprint = piece.fingerprint or "none"
        for file in piece.attached:
            yield _file(piece.id, fingerprint, file)
            fingerprint = ""
        if not piece.attached:
            yield ManifestRow(piece.id, fingerprint, "no file", "")
    for held in portfolio.records.qualifications:
        if held.file:
            yield _file("Record", "", held.file)


def _file(piece: str, fingerprint: str, file: AttachedFile) -> ManifestRow:
    if file.is_missing:
        return ManifestRow(piece, fingerprint, f"{file.name} (missing)", "")
    size = f"{file.size:,} B" if file.size < KILO else f"{-(-file.size // KILO):,} kB"
    pages = f", {counted(file.pages, 'page')}" if file.pages else ""
    return ManifestRow(piece, fingerprint, f"{file.name} ({size}{pages})", file.sha256[:SHORT_MARK])


def _unknown(analysis: Analysis) -> Iterable[str]:
    """Say what the analysis could not know: statements and requirements without an answer, methods without mapping."""
    for verdict in analysis.competencies:
        if verdict.status is Status.UNKNOWN and verdict.reasons:
            yield f"{verdict.code}: {verdict.reasons[0]}"
    for requirement in analysis.requirements:
        if requirement.status is Status.UNKNOWN:
            yield f"{requirement.title}: {requirement.reason}"
    for method in analysis.case.standard.methods:
        if method.assesses is None:
            yield f"Which statements the {method.title.lower()} assesses is not known."
