"""What `ksbtrack standards` shows."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table

from ksbtrack.formats.portfolio_folder import ONE_IS_ENOUGH, is_choice, qualification_lines
from ksbtrack.models.standard import Dispensation, Method, Requirement, Standard
from ksbtrack.models.values import Known, in_words
from ksbtrack.report.words import counted, sentence, with_day_words
from ksbtrack.terminal.marks import grid, heading, indented, plain


def standards_view(standards: Iterable[Standard]) -> Table:
    """Give what `ksbtrack standards list` shows: one line a standard."""
    table = grid(None, None, 1)
    for standard in standards:
        level = standard.level.words if standard.level else standard.kind.value
        table.add_row(plain(standard.identity, "bold"), plain(level), plain(standard.title))
    return table


def standard_view(standard: Standard) -> Group:
    """Give what `ksbtrack standards show` shows: statements, methods, requirements, sources and rights."""
    level = standard.level.words if standard.level else standard.kind.value
    parts: list[RenderableType] = [plain(f"{standard.identity} {standard.title}, {level}", "bold")]
    for group in standard.groups:
        table = grid(None, 1)
        for statement in group.statements:
            desirable = " (desirable)" if statement.desirable else ""
            table.add_row(plain(statement.code), plain(statement.text + desirable + _doubt(statement.trust)))
        parts += [heading(group.title, counted(len(group.statements), "statement")), indented(table)]
    if standard.options:
        table = grid(None, 1)
        for option in standard.options:
            table.add_row(plain(option.id, "bold"), plain(option.title))
        parts += [heading("Options", "a portfolio names one of them"), indented(table)]
    if standard.methods:
        parts.append(heading("Assessment methods"))
    for method in standard.methods:
        parts += [_named(method.id, method.title), indented(method_facts(method), by=4)]
    if standard.requirements:
        parts.append(heading("Requirements"))
    for requirement in standard.requirements:
        title = requirement.title + (" (desirable)" if requirement.desirable else "")
        parts += [_named(requirement.id, title), indented(_requirement_facts(requirement), by=4)]
        parts.append(indented(how_to_record(requirement), by=4))
    if standard.sources:
        parts += [heading("Sources"), indented(_lines(standard.sources))]
    return Group(*parts, heading("Rights"), indented(plain(standard.attribution)))


def _named(identity: str, title: str) -> RenderableType:
    table = grid(None, 1)
    table.add_row(plain(identity, "bold"), plain(title))
    return indented(table)


def _doubt(trust: Known) -> str:
    return f" [{trust.value}]" if trust.is_doubtful else ""


def _lines(words: Iterable[str]) -> Group:
    return Group(*(plain(line) for line in words))


def method_facts(method: Method) -> Group:
    """Give how an assessment method goes, what it assesses, and its figures."""
    codes = "not known" if method.assesses is None else ", ".join(method.assesses) or "none"
    facts = grid(None, 1)
    for figure in method.figures:
        value = "not known" if figure.value is None else f"{figure.value} {figure.unit or ''}".rstrip()
        note = f" ({figure.note})" if figure.note else ""
        facts.add_row(plain(figure.name, "dim"), plain(value + _doubt(figure.trust) + note))
    must = [f"Must assess: {', '.join(method.must_assess)}"] if method.must_assess else []
    return Group(_lines([method.form, f"Statements that it assesses: {codes}", *must]), facts)


def _requirement_facts(requirement: Requirement) -> Group:
    """Give the source of a requirement, what waives it, and what to know about it."""
    facts = [_waiver(requirement.dispensation)] if requirement.dispensation else []
    if requirement.note:
        facts.append(sentence(requirement.note))
    facts.append(f"Source: {requirement.source}{_doubt(requirement.trust)}")
    return _lines(facts)


def _waiver(waiver: Dispensation) -> str:
    first = in_words(waiver.since) if waiver.since else "a day not known to us"
    return f"Waived for a gateway from {first} up to {in_words(waiver.until)}. Source: {with_day_words(waiver.source)}"


def how_to_record(requirement: Requirement) -> Group:
    """Give the lines for portfolio.yaml that record the qualification of a requirement; nothing where it is about none.

    Args:
        requirement: of any rule.
    """
    lines = qualification_lines(requirement)
    if not lines:
        return Group()
    choice = f" ({ONE_IS_ENOUGH})" if is_choice(requirement) else ""
    parts: list[RenderableType] = [plain(f"In portfolio.yaml, under records, qualifications{choice}:", "dim")]
    for line, title in lines:
        parts.append(plain(f"- {line}"))
        parts += [indented(plain(title, "dim"))] if title else []
    return Group(*parts)
