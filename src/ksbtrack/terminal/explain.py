"""What `ksbtrack explain` shows: one subject, the claims behind it, what to do, and every finding."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from ksbtrack.formats.explanation import (
    Verdict,
    claim_status,
    claims_about,
    findings_about,
    name_of,
    names_of,
    reasons_against,
    verdict_on,
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
from ksbtrack.models.case import MadeClaim
from ksbtrack.models.portfolio import AttachedFile, Evidence, FileKind
from ksbtrack.models.standard import Competency, Method
from ksbtrack.models.values import in_words
from ksbtrack.problems import did_you_mean, quoted
from ksbtrack.report.words import code_ranges, counted, sentence, shortened, with_day_words
from ksbtrack.terminal.characters import visible
from ksbtrack.terminal.check import numbered
from ksbtrack.terminal.marks import Marks, grid, heading, indented, marked, of_one_width, plain
from ksbtrack.terminal.standards import how_to_record, method_facts

MESSAGE_WIDTH = 78
"""Columns of a message: it stays readable where a terminal has 80."""
LONGEST_LIST = 600
"""Characters of a list of ids in a message; a longer one is cut."""


def explain_view(analysis: Analysis, verdict: Verdict, marks: Marks) -> Group:
    """Give what `ksbtrack explain` shows: the subject, the claims behind it, what to do, and every finding.

    Args:
        analysis: what `analyse` returned.
        verdict: what `verdict_on` returned.
        marks: what `marks_for` returned.
    """
    findings = findings_about(analysis, verdict)
    shown = [claim_status(analysis, made) for made in claims_about(analysis, verdict)]
    shown += [found.status for found in findings]
    shown += [] if isinstance(verdict, Method | MadeClaim) else [verdict.status]
    marks = of_one_width(marks, shown)
    parts: list[RenderableType] = [*_subject(analysis, verdict)]
    if not isinstance(verdict, Method):
        parts += _judged(analysis, verdict, marks)
    if isinstance(verdict, CompetencyVerdict | PieceVerdict):
        parts += _claims(analysis, verdict, marks)
    if isinstance(verdict, CompetencyVerdict | RequirementVerdict) and verdict.remedies:
        parts += [heading("What to do"), indented(numbered(Step(remedy, ()) for remedy in verdict.remedies))]
    if isinstance(verdict, RequirementVerdict) and not verdict.status.holds:
        asked = next(one for one in analysis.case.standard.requirements if one.id == verdict.id)
        parts.append(indented(how_to_record(asked), by=4))
    parts.append(heading("Findings", "" if findings else "none: no rule found a fault here"))
    for finding in findings:
        parts += _finding(finding, name_of(verdict), marks)
    return Group(*parts)


def unknown_subject(analysis: Analysis, subject: str) -> str:
    """Give the message about a subject that there is not: the nearest one, and all that can be asked about."""
    case = analysis.case
    titles = [requirement.title for requirement in analysis.requirements]
    titles += [method.title for method in case.standard.methods]
    known = [*titles, *names_of(analysis), *(made.subject for made in case.claims)]
    pieces = [piece.id for piece in case.portfolio.evidence]
    claim = next((made.subject for made in case.claims), "")
    rows = (
        ("statements", code_ranges(case.standard.by_code, list(case.standard.by_code))),
        ("requirements", ", ".join(requirement.id for requirement in analysis.requirements)),
        ("pieces", code_ranges(pieces, pieces) if pieces else ""),
        ("claims", f"piece and code, such as {claim}" if claim else ""),
        ("methods", ", ".join(method.id for method in case.standard.methods)),
    )
    no_such = f"Neither {case.standard.identity} nor the portfolio has a subject {quoted(subject)}."
    advice = _claims_of_piece(analysis, subject) or did_you_mean(subject, known)
    lines = [f"{no_such} {advice}".rstrip(), "You can ask about:"]
    for kind, names in rows:
        if names:
            lines += textwrap.wrap(
                shortened(names, LONGEST_LIST),
                MESSAGE_WIDTH,
                initial_indent=f"  {kind:<14}",
                subsequent_indent=" " * 16,
                break_long_words=False,
            )
    return "\n".join(lines)


def _claims_of_piece(analysis: Analysis, subject: str) -> str:
    """Give the sentence that says what a piece claims, where a claim was asked about that it does not make."""
    piece, colon, _ = subject.partition(":")
    verdict = verdict_on(analysis, f"piece:{piece}") if colon else None
    if verdict is None:
        return ""
    codes = dict.fromkeys(made.competency.code for made in claims_about(analysis, verdict))
    return f"{name_of(verdict)} claims {', '.join(codes) or 'nothing of this standard'}."


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
    facts: list[RenderableType] = []
    of_standard = f"{case.standard.reference} {case.standard.version}"
    if isinstance(verdict, CompetencyVerdict):
        statement = case.standard.by_code[verdict.code]
        title, words = f"{verdict.code} · {_kind(statement)} · {of_standard}", _wording(statement)
    elif isinstance(verdict, RequirementVerdict):
        title, words = f"{verdict.id} · requirement", verdict.title
    elif isinstance(verdict, Method):
        title, words = f"{verdict.id} · assessment method · {of_standard}", verdict.title
        facts = [plain(""), method_facts(verdict)]
    elif isinstance(verdict, MadeClaim):
        title, words = f"{verdict.subject} · claim · {of_standard}", _wording(verdict.competency)
        facts = [plain(line, "dim") for line in _claim_facts(verdict)]
    else:
        piece = case.portfolio.by_id[verdict.id]
        title, words = _piece_title(piece), piece.title
        facts = [plain(_file(file), "dim") for file in piece.attached]
        facts.append(plain(f"fingerprint {piece.fingerprint}", "dim"))
    yield plain(title, "bold")
    yield indented(plain(words))
    for fact in facts:
        yield indented(fact)
    if not isinstance(verdict, Method):
        yield plain("")


def _kind(statement: Competency) -> str:
    return statement.kind.value.replace("_", " ")


def _wording(statement: Competency) -> str:
    return statement.text + (f" [{statement.trust.value}]" if statement.trust.is_doubtful else "")


def _piece_title(piece: Evidence) -> str:
    return f"{piece.id} · {piece.kind.words} · {in_words(piece.date)} · {piece.acceptance.state.value}"


def _claim_facts(made: MadeClaim) -> Iterable[str]:
    yield f"{_piece_title(made.piece)}: {made.piece.title}"
    if made.claim.where:
        yield f"where: {made.claim.where}"
    if made.claim.why:
        yield f"why: {made.claim.why}"
    yield f"state: {made.claim.state.value}"


def _file(file: AttachedFile) -> str:
    pages = f", {counted(file.pages, 'page')}" if file.pages is not None and file.kind is FileKind.PDF else ""
    return f"{file.name}: missing" if file.is_missing else f"{file.name}{pages}"


def _judged(
    analysis: Analysis, verdict: CompetencyVerdict | RequirementVerdict | PieceVerdict | MadeClaim, marks: Marks
) -> Iterable[RenderableType]:
    """Yield the status on the day with its reasons."""
    if isinstance(verdict, MadeClaim):
        status, reasons = claim_status(analysis, verdict), reasons_against(analysis, verdict)
    elif isinstance(verdict, RequirementVerdict):
        status, reasons = verdict.status, (verdict.reason,)
    else:
        status, reasons = verdict.status, verdict.reasons
    words = _piece_words(status) if isinstance(verdict, PieceVerdict | MadeClaim) else status.words
    yield marked(status, marks, f"{words} on {in_words(analysis.case.on)}")
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
