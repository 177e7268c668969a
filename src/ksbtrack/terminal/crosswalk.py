"""What `ksbtrack crosswalk show` shows: every statement of two standards with what corresponds to it, if anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ksbtrack.comparison.crosswalk import left_out, linked_statements
from ksbtrack.models.crosswalk import Confidence, Crosswalk, Link, LinkedStatement, Relation
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import Known
from ksbtrack.report.words import code_ranges, counted
from ksbtrack.terminal.characters import visible
from ksbtrack.terminal.marks import grid, heading, indented, plain

WHOSE = {
    Known.OURS: "A judgement, and nobody's official mapping (trust: ours).",
    Known.OFFICIAL: "Published by whoever sets the standards (trust: official).",
    Known.RECONSTRUCTED: "Restored from copies, and not the official mapping itself (trust: reconstructed).",
    Known.NOT_STATED: "Whose judgement it is, and whether it is official, is not stated (trust: not_stated).",
}
"""What stands behind a crosswalk, by the mark in its file."""
NEVER_COUNTS = "It shows where evidence can come from. It never makes a claim count."


def crosswalk_view(crosswalk: Crosswalk) -> Group:
    """Give what `ksbtrack crosswalk show` shows: each statement of the one with reasons, then of the other in short."""
    forth, back = linked_statements(crosswalk), linked_statements(crosswalk.reversed)
    one, other = crosswalk.one, crosswalk.other
    return Group(
        *_head(crosswalk),
        indented(_legend(forth)),
        heading(f"From {one.reference} to {other.reference}", _counts(forth)),
        *_spelt_out(forth, crosswalk),
        heading(f"From {other.reference} to {one.reference}", _counts(back)),
        *_in_short(back, crosswalk.reversed),
        heading("Rights"),
        *(indented(plain(rights)) for rights in dict.fromkeys((one.attribution, other.attribution))),
    )


def _head(crosswalk: Crosswalk) -> Iterator[RenderableType]:
    for standard in (crosswalk.one, crosswalk.other):
        yield plain(f"{standard.identity} {standard.title}", "bold")
    yield plain(f"\n{crosswalk.title}")
    yield plain(f"Author: {crosswalk.author}")
    yield plain(WHOSE[crosswalk.trust], "bold")
    yield plain(NEVER_COUNTS, "bold")
    if crosswalk.about:
        yield plain(f"\n{crosswalk.about}")
    for source in crosswalk.sources:
        yield plain(f"Source: {source}")
    yield from _extent(crosswalk)
    yield from _extent(crosswalk.reversed)
    yield heading("How to read it", "the relation reads from the statement to those below it")


def _extent(crosswalk: Crosswalk) -> Iterator[RenderableType]:
    """Yield what the crosswalk does not look at, and for which grade it is made."""
    one, whole = crosswalk.one, crosswalk.one_made_for
    if one.identity != whole.identity:
        yield plain(f"It is made for {whole.identity}, which extends {one.identity}.")
    without = [statement.code for statement in left_out(crosswalk)]
    if without:
        codes = code_ranges(without, [statement.code for statement in one.competencies])
        yield plain(f"Not compared of {one.reference}: {codes}.")


def _legend(found: Sequence[LinkedStatement]) -> Table:
    used = {link.relation for statement in found for link in statement.links} | {Relation.NONE}
    turned = {relation.reversed for relation in used}
    table = grid(None, 1)
    for relation in Relation:
        if relation in used | turned:
            table.add_row(plain(relation.value), plain(relation.words))
    return table


def _counts(found: Sequence[LinkedStatement]) -> str:
    without = sum(not statement.links for statement in found)
    return f"{counted(len(found), 'statement')}, {without or 'none'} without a counterpart"


def _spelt_out(found: Sequence[LinkedStatement], crosswalk: Crosswalk) -> Iterator[RenderableType]:
    """Yield each statement with the reason of every link below it."""
    for linked in found:
        table = grid(None, 1)
        for link in linked.links:
            words = Text.assemble(f"{link.relation.value}, {link.confidence.value} confidence", _by(link, crosswalk))
            words.append(f"\n{visible(link.why)}", "dim")
            table.add_row(plain(link.other or ""), words)
        yield from _statement(linked, table, crosswalk)


def _in_short(found: Sequence[LinkedStatement], crosswalk: Crosswalk) -> Iterator[RenderableType]:
    """Yield each statement with the codes that lead to it, by relation and confidence."""
    for linked in found:
        table = grid(None, 1)
        for relation, confidence in product(Relation, Confidence):
            links = [link for link in linked.links if (link.relation, link.confidence) == (relation, confidence)]
            if links:
                words = f"{relation.value}, {confidence.value}"
                table.add_row(plain(words), plain(", ".join(link.other or "" for link in links)))
        yield from _statement(linked, table, crosswalk)


def _statement(linked: LinkedStatement, table: Table, crosswalk: Crosswalk) -> Iterator[RenderableType]:
    """Yield a statement, the table of its links, and what else there is to say of it."""
    statement = linked.statement
    doubt = f" [{statement.trust.value}]" if statement.trust.is_doubtful else ""
    named = grid(None, 1)
    width = _width(crosswalk)
    named.add_row(plain(f"{statement.code:<{width}}", "bold"), plain(statement.text + doubt))
    yield indented(named)
    if linked.none:
        words = Text.assemble(f"{linked.none.confidence.value} confidence", _by(linked.none, crosswalk))
        words.append(f"\n{visible(linked.none.why)}", "dim")
        table.add_row(plain(Relation.NONE.value), words)
    elif not linked.links:
        table.add_row(plain(Relation.NONE.value), plain(f"nothing in {crosswalk.other.reference}"))
    yield indented(table, by=width + 4)
    if linked.beyond:
        yield indented(plain(_beyond(linked, crosswalk.other, crosswalk.other_made_for), "dim"), by=width + 4)


def _width(crosswalk: Crosswalk) -> int:
    """Give the columns that the longest code takes, so that all statements stand below each other."""
    return max(len(statement.code) for statement in crosswalk.one.competencies)


def _beyond(linked: LinkedStatement, asked: Standard, whole: Standard) -> str:
    codes = [f"{code} ({_declared_by(code, whole)})" for link in linked.beyond if (code := link.other)]
    return f"Beyond {asked.reference}: {', '.join(codes)}"


def _declared_by(code: str, whole: Standard) -> str:
    return whole.by_code[code].origin.partition("@")[0]


def _by(link: Link, crosswalk: Crosswalk) -> str:
    return visible(f", by {link.author}") if link.author != crosswalk.author else ""
