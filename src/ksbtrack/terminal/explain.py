"""What `ksbtrack explain` shows: one verdict, the claims behind it, what to do, and every finding."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from ksbtrack.formats.explanation import (
    Verdict,
    claim_status,
    claims_about,
    findings_about,
    name_of,
    reasons_against,
)
from ksbtrack.models.analysis import (
    Analysis,
    CompetencyVerdict,
    Finding,
    PieceVerdict,
    RequirementVerdict,
    Status,
    Step,
)
from ksbtrack.models.portfolio import AttachedFile, FileKind
from ksbtrack.models.values import in_words
from ksbtrack.report.words import counted, sentence, with_day_words
from ksbtrack.terminal.check import numbered
from ksbtrack.terminal.marks import Marks, grid, heading, indented, marked, of_one_width, plain, visible


def explain_view(analysis: Analysis, verdict: Verdict, marks: Marks) -> Group:
    """Give what `ksbtrack explain` shows: the verdict, the claims behind it, what to do, and every finding.

    Args:
        analysis: what `analyse` returned.
        verdict: what `verdict_on` returned.
        marks: what `marks_for` returned.
    """
    claims = claims_about(analysis, verdict)
    findings = findings_about(analysis, verdict)
    shown = [verdict.status, *(claim_status(analysis, made) for made in claims), *(found.status for found in findings)]
    marks = of_one_width(marks, shown)
    parts: list[RenderableType] = [*_subject(analysis, verdict), *_judged(analysis, verdict, marks)]
    if not isinstance(verdict, RequirementVerdict):
        parts += _claims(analysis, verdict, marks)
    if not isinstance(verdict, PieceVerdict) and verdict.remedies:
        parts += [heading("What to do"), indented(numbered(Step(remedy, ()) for remedy in verdict.remedies))]
    parts.append(heading("Findings", "" if findings else "none: no rule found a fault here"))
    for finding in findings:
        parts += _finding(finding, name_of(verdict), marks)
    return Group(*parts)


def _finding(finding: Finding, asked: str, marks: Marks) -> Iterable[RenderableType]:
    """Yield one finding: what it does, what it says, what was looked at and where the rule comes from."""
    mark = marked(finding.status, marks) if finding.decides else plain("Warning")
    about = "" if finding.subject == asked else f" · {finding.subject}"
    yield indented(Text.assemble(mark, "  ", (visible(finding.rule), "bold"), visible(about)))
    lines = [visible(sentence(with_day_words(finding.reason)))]
    if finding.remedy:
        lines.append(visible(f"To do: {finding.remedy.text}"))
    looked_at = [visible(f"{_spaced(name)}: {value}") for name, value in finding.inputs.items()]
    looked_at.append(visible(f"Source: {finding.source}"))
    yield indented(Text.assemble("\n".join(lines), "\n", ("\n".join(looked_at), "dim")), by=4)


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _subject(analysis: Analysis, verdict: Verdict) -> Iterable[RenderableType]:
    """Yield what is asked about, in its own words."""
    case = analysis.case
    facts: list[str] = []
    if isinstance(verdict, CompetencyVerdict):
        statement = case.standard.by_code[verdict.code]
        note = f" [{statement.trust.value}]" if statement.trust.is_doubtful else ""
        kind = statement.kind.value.replace("_", " ")
        title = f"{verdict.code} · {kind} · {case.standard.reference} {case.standard.version}"
        words = statement.text + note
    elif isinstance(verdict, RequirementVerdict):
        title, words = f"{verdict.id} · requirement", verdict.title
    else:
        piece = case.portfolio.by_id[verdict.id]
        title = f"{piece.id} · {piece.kind.words} · {in_words(piece.date)} · {piece.acceptance.state.value}"
        words = piece.title
        facts = [_file(file) for file in piece.attached]
        facts.append(f"fingerprint {piece.fingerprint}")
    yield plain(title, "bold")
    yield indented(plain(words))
    for fact in facts:
        yield indented(plain(fact, "dim"))
    yield plain("")


def _file(file: AttachedFile) -> str:
    pages = f", {counted(file.pages, 'page')}" if file.pages is not None and file.kind is FileKind.PDF else ""
    return f"{file.name}: missing" if file.is_missing else f"{file.name}{pages}"


def _judged(analysis: Analysis, verdict: Verdict, marks: Marks) -> Iterable[RenderableType]:
    """Yield the status on the day with its reasons."""
    words = _piece_words(verdict.status) if isinstance(verdict, PieceVerdict) else verdict.status.words
    yield marked(verdict.status, marks, f"{words} on {in_words(analysis.case.on)}")
    reasons = (verdict.reason,) if isinstance(verdict, RequirementVerdict) else verdict.reasons
    for reason in reasons:
        yield indented(plain(sentence(with_day_words(reason))))


def _piece_words(status: Status) -> str:
    words = {Status.MET: "Counts", Status.PARTLY_MET: "On its way", Status.NOT_MET: "Does not count"}
    return words.get(status, status.words)


def _claims(analysis: Analysis, verdict: CompetencyVerdict | PieceVerdict, marks: Marks) -> Iterable[RenderableType]:
    """Yield each claim with what it is worth; what is wrong with a piece as a whole is said once, above."""
    claims = claims_about(analysis, verdict)
    of_statement = isinstance(verdict, CompetencyVerdict)
    yield heading("Pieces that claim it" if of_statement else "Claims", "" if claims else "none")
    table = grid(None, None, 1)
    for made in claims:
        status = claim_status(analysis, made)
        where = f" ({made.claim.where})" if made.claim.where else ""
        name, words = (
            (made.piece.id, made.piece.title) if of_statement else (made.competency.code, made.competency.text)
        )
        said = () if of_statement else verdict.reasons
        reasons = [reason for reason in reasons_against(analysis, made) if reason not in said]
        rest = "".join("\n" + sentence(with_day_words(reason)) for reason in reasons)
        table.add_row(
            marked(status, marks, _piece_words(status)),
            plain(name),
            Text.assemble((visible(words + where), "bold"), visible(rest)),
        )
    yield indented(table)
