"""Statements as the page says them: the strip, the tables, and what each assessment method covers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from ksbtrack.models.analysis import Analysis, CompetencyVerdict, Status
from ksbtrack.models.standard import CompetencyKind, Method, Standard
from ksbtrack.models.values import Known
from ksbtrack.report.charts import StripGroup
from ksbtrack.report.words import TRUST_WORDS, code_ranges, sentence

KIND_WORDS = {
    CompetencyKind.KNOWLEDGE: "Knowledge",
    CompetencyKind.SKILL: "Skills",
    CompetencyKind.BEHAVIOUR: "Behaviours",
    CompetencyKind.DUTY: "Duties",
    CompetencyKind.EXPERIENCE: "Experience",
    CompetencyKind.QUALIFICATION: "Qualifications",
    CompetencyKind.KNOWLEDGE_AND_SKILL: "Knowledge and skills",
    CompetencyKind.EMPLOYABILITY: "Employability skills and behaviours",
}


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement with what is shown of it."""

    code: str
    text: str
    status: Status
    is_desirable: bool
    pieces: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatementGroup:
    """Statements under their heading."""

    title: str
    rows: tuple[StatementRow, ...]


@dataclass(frozen=True, slots=True)
class MethodView:
    """One assessment method: what is known of it, and how much of what it assesses is shown.

    Attributes:
        counts: statements by status; None where it is not known which ones it assesses.
        codes: the statements by status, in words.
        figures: name, value with unit, and a remark on how sure it is.
    """

    title: str
    form: str
    counts: dict[Status, int] | None
    codes: str
    must_assess: str
    figures: tuple[tuple[str, str, str], ...]


def strip_groups(analysis: Analysis) -> tuple[StripGroup, ...]:
    """Give the groups with a short label: what their statements are, or their title where that is not enough."""
    statuses = {verdict.code: verdict.status for verdict in analysis.competencies}
    groups = [group for group in analysis.case.standard.groups if group.statements]
    kinds = [group.kind for group in groups]
    return tuple(
        StripGroup(
            KIND_WORDS[group.kind] if kinds.count(group.kind) == 1 else group.title,
            group.title,
            tuple((found.code, statuses[found.code]) for found in group.statements),
        )
        for group in groups
    )


def status_counts(analysis: Analysis, *, are_desirable: bool) -> tuple[tuple[Status, int], ...]:
    """Give the figures of the strip: how many statements have each status that occurs.

    Args:
        analysis: what `analyse` returned.
        are_desirable: count the desirable statements; else those that decide, which are the ones in the totals.
    """
    statuses = [verdict.status for verdict in analysis.competencies if verdict.is_desirable is are_desirable]
    return tuple((status, statuses.count(status)) for status in Status if status in statuses)


def statement_groups(analysis: Analysis) -> tuple[StatementGroup, ...]:
    """Give the tables: every statement with its status, pieces and reasons, in the standard's order."""
    verdicts = {verdict.code: verdict for verdict in analysis.competencies}
    return tuple(
        StatementGroup(
            group.title,
            tuple(_statement(found.text, verdicts[found.code]) for found in group.statements),
        )
        for group in analysis.case.standard.groups
        if group.statements
    )


def _statement(text: str, verdict: CompetencyVerdict) -> StatementRow:
    return StatementRow(
        code=verdict.code,
        text=text,
        status=verdict.status,
        is_desirable=verdict.is_desirable,
        pieces=verdict.pieces,
        reasons=tuple(sentence(reason) for reason in _reasons(verdict)),
    )


def _reasons(verdict: CompetencyVerdict) -> tuple[str, ...]:
    """Give the reasons; the first one of a statement that is met without its list of pieces, which stand beside it."""
    first, *others = verdict.reasons or ("",)
    return (first.partition(":")[0] if verdict.status is Status.MET else first, *others)


def statement_notes(standard: Standard) -> list[str]:
    """Say once which statements are not in official words, and whose codes are ours."""
    codes = [statement.code for statement in standard.competencies]
    by_trust = {
        trust: [statement.code for statement in found]
        for trust, found in groupby(
            sorted(standard.competencies, key=lambda statement: statement.trust), key=lambda found: found.trust
        )
    }
    notes = [
        f"The wording of {code_ranges(marked, codes)} is {TRUST_WORDS[trust]}."
        for trust, marked in by_trust.items()
        if trust.is_doubtful
    ]
    ours = [
        statement.code for group in standard.groups if group.codes_trust is Known.OURS for statement in group.statements
    ]
    wishes = [statement.code for statement in standard.competencies if statement.desirable]
    if wishes:
        verb = "is" if len(wishes) == 1 else "are"
        notes.append(f"{code_ranges(wishes, codes)} {verb} desirable only, and never decides anything.")
    if ours:
        notes.append(f"The codes {code_ranges(ours, codes)} are ours: the source lists these without codes.")
    return notes


def method_view(method: Method, analysis: Analysis) -> MethodView:
    """Give what is known of one assessment method, and how much of what it assesses is shown."""
    counts: dict[Status, int] | None = None
    codes = ""
    if method.assesses is not None:
        found = _by_status(analysis, method.assesses)
        counts = {status: len(some) for status, some in found.items()}
        order = [statement.code for statement in analysis.case.standard.competencies]
        codes = "; ".join(
            f"{status.words.lower()}: {code_ranges(some, order)}" for status, some in found.items() if some
        )
    return MethodView(
        title=method.title,
        form=sentence(method.form),
        counts=counts,
        codes=sentence(codes),
        must_assess=", ".join(method.must_assess),
        figures=tuple(
            (
                sentence(figure.name).rstrip("."),
                " ".join(filter(None, (figure.value, figure.unit))) if figure.value else "not known",
                "" if not figure.value or not figure.trust.is_doubtful else TRUST_WORDS[figure.trust].partition(":")[0],
            )
            for figure in method.figures
        ),
    )


def _by_status(analysis: Analysis, codes: tuple[str, ...]) -> dict[Status, list[str]]:
    found: dict[Status, list[str]] = {status: [] for status in Status}
    for verdict in analysis.competencies:
        if verdict.code in codes:
            found[verdict.status].append(verdict.code)
    return found


def without_method(standard: Standard) -> str:
    """Say which statements no method is known to assess, where the mapping of every method is known."""
    if not standard.methods or any(method.assesses is None for method in standard.methods):
        return ""
    codes = [statement.code for statement in standard.competencies]
    left = [code for code in codes if not standard.methods_of(code)]
    return code_ranges(left, codes) if left else ""
