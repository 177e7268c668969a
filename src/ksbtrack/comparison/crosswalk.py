"""What a crosswalk says of each statement, in either direction; for another direction give `crosswalk.reversed`."""

from __future__ import annotations

from collections import defaultdict

from ksbtrack.models.crosswalk import Crosswalk, Link, LinkedStatement, Relation, in_scope
from ksbtrack.models.standard import Competency


def linked_statements(crosswalk: Crosswalk) -> tuple[LinkedStatement, ...]:
    """Give every statement of the first standard that the crosswalk is about, in the standard's order.

    A grade that extends another has the statements of that one too, so its view contains the other's. A link to a
    statement that only a further standard has is `beyond`.

    Args:
        crosswalk: as it is to be read, from `one` to `other`.
    """
    order = {statement.code: place for place, statement in enumerate(crosswalk.other_made_for.competencies)}
    by_code: dict[str, list[Link]] = defaultdict(list)
    for link in crosswalk.links:
        if link.one is not None:
            by_code[link.one].append(link)
    return tuple(
        _linked(statement, by_code[statement.code], crosswalk, order)
        for statement in in_scope(crosswalk.one, crosswalk.one_kinds)
    )


def linked_statement(crosswalk: Crosswalk, code: str) -> LinkedStatement | None:
    """Give one statement of the first standard with its links; None for a code that the crosswalk is not about.

    Args:
        crosswalk: as it is to be read, from `one` to `other`.
        code: a code of `one`.
    """
    return next((found for found in linked_statements(crosswalk) if found.statement.code == code), None)


def left_out(crosswalk: Crosswalk) -> tuple[Competency, ...]:
    """Give the statements of the first standard whose kind the crosswalk is not about, in the standard's order."""
    within = {statement.code for statement in in_scope(crosswalk.one, crosswalk.one_kinds)}
    return tuple(statement for statement in crosswalk.one.competencies if statement.code not in within)


def _linked(statement: Competency, found: list[Link], crosswalk: Crosswalk, order: dict[str, int]) -> LinkedStatement:
    leading = sorted((link for link in found if link.other is not None), key=lambda link: order[link.other or ""])
    reached = [link for link in leading if link.other in crosswalk.other.by_code]
    return LinkedStatement(
        statement=statement,
        links=tuple(reached),
        none=next((link for link in found if link.relation is Relation.NONE), None),
        beyond=tuple(link for link in leading if link not in reached),
    )
