"""The learner's job: its duties, and the statements that evidence from each can show."""

from __future__ import annotations

from typing import Annotated, ClassVar

from ksbtrack.models.crosswalk import Confidence, Relation
from ksbtrack.models.values import Code, Line, List, Model, Prose


class OwnDuty(Model):
    """A duty as a portfolio lists it.

    Attributes:
        code: a short name for it.
        text: what is done.
        shows: codes of the portfolio's own standard that evidence from it can show.
    """

    code: Code
    text: Prose
    shows: Annotated[tuple[Code, ...], List] = ()


class DutyLink(Model):
    """What a duty has in common with a statement.

    Attributes:
        code: the statement.
        relation: read from the duty to the statement.
        confidence: how sure whoever judges it is.
        why: the reason.
        author: who judges so.
    """

    filled_on_loading: ClassVar[frozenset[str]] = frozenset()

    code: Code
    relation: Relation
    confidence: Confidence
    why: Prose
    author: Line


class JobDuty(Model):
    """One duty of the job, with the statements that it can show in the standard's order."""

    filled_on_loading: ClassVar[frozenset[str]] = frozenset()

    code: Code
    text: Prose
    links: tuple[DutyLink, ...]


class Job(Model):
    """Where in the learner's job evidence can arise. No verdict is ever taken from it.

    Attributes:
        name: of the job, as a sentence says it.
        standard: identity of the standard whose statements the duties lead to.
        judged_by: whose judgement the links are, as a sentence.
        duties: in the job's order.
        unreached: for each statement that no duty reaches, the reason.
    """

    filled_on_loading: ClassVar[frozenset[str]] = frozenset()

    name: str
    standard: Line
    judged_by: str
    duties: tuple[JobDuty, ...]
    unreached: dict[str, str]

    def reaching(self, code: str) -> tuple[tuple[JobDuty, DutyLink], ...]:
        """Give the duties that reach a statement, each with its link, in the job's order.

        Args:
            code: a statement of the standard.
        """
        return tuple((duty, link) for duty in self.duties for link in duty.links if link.code == code)
