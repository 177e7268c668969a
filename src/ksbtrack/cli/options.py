"""What can stand after a command: each option with its type and its words for the help."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Group, Parameter

from ksbtrack.problems import quoted

_RULES = Group("Standards and rules")
_KINDS = (
    "work_product, observation_record, witness_testimony, professional_discussion, recording, project, presentation, "
    "feedback, performance_review, cpd_record, certificate, case_study, assignment, reflective_account, "
    "self_assessment"
)
"""Written out, so that help needs no model; a test compares it with `EvidenceKind`."""


def read_day(_: object, tokens: Sequence[Any]) -> date:
    """Give the day that an option names."""
    text = str(tokens[0].value)
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(f"{quoted(text)} is no date; write year-month-day, like 2026-11-22")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{quoted(text)} is no day in the calendar") from error


def _several(metavar: str, words: str, group: Group | None = None) -> Parameter:
    help_text = f"{words}; may be repeated."
    if group is None:
        # A group of None would hide the option from the help.
        return Parameter(negative="", show_default=False, metavar=metavar, help=help_text)
    return Parameter(negative="", show_default=False, metavar=metavar, help=help_text, group=group)


Json = Annotated[bool, Parameter(negative="", show_default=False, help="Print JSON for programs.")]
Subject = Annotated[
    str,
    Parameter(
        help="Code of a statement, id of a piece, id or title of a requirement or assessment method, or a claim such "
        "as E13:S3."
    ),
]
Profiles = Annotated[tuple[Path, ...], _several("FOLDER", "Folder of your own submission profiles")]
Assume = Annotated[
    tuple[str, ...],
    _several("WORDS", "What to take for true, such as 'accept E12'; docs/what-if.md has all"),
]
Portfolio = Annotated[Path, Parameter(metavar="PORTFOLIO", help="The portfolio's folder.")]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a portfolio: as it stands on which day, against which standard."""

    on: Annotated[
        date | None, Parameter(converter=read_day, metavar="DATE", help="Day asked about; today if left out.")
    ] = None
    standard: Annotated[
        str | None,
        Parameter(metavar="REF@VERSION", help="Another standard than the portfolio's own, such as ST0148@1.0."),
    ] = None


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """Where standards and rules come from, besides those that are shipped."""

    standards: Annotated[tuple[Path, ...], _several("FOLDER", "Folder of your own standards", _RULES)] = ()
    overlay: Annotated[tuple[Path, ...], _several("FILE", "File that adds what a standard leaves unknown", _RULES)] = ()
    policy: Annotated[
        Path | None,
        Parameter(metavar="FILE", help="A provider's settings, laid over the shipped ones.", group=_RULES),
    ] = None


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class NewPortfolio:
    """What a new portfolio begins with."""

    standard: Annotated[str, Parameter(metavar="REF@VERSION", help="Such as ST0148, or ST0148@1.0.")]
    learner: Annotated[str, Parameter(metavar="NAME", help="The learner's name.")]
    start: Annotated[date, Parameter(converter=read_day, metavar="DATE", help="First day of learning.")]
    option: Annotated[
        str | None, Parameter(metavar="ID", help="The learner's option, where the standard has options.")
    ] = None


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class NewPiece:
    """The facts of a piece to be added."""

    title: Annotated[str, Parameter(metavar="TITLE", help="What it is, in a few words.")]
    kind: Annotated[str, Parameter(metavar="KIND", help=f"What kind of evidence it is; one of {_KINDS}.")]
    made: Annotated[date, Parameter(name="--date", converter=read_day, metavar="DATE", help="The day it was made.")]
    claims: Annotated[tuple[str, ...], _several("CODES", "Codes that it shows, such as K1,S3")] = ()
    file: Annotated[tuple[Path, ...], _several("FILE", "File to copy in")] = ()


RULE_BOOK = RuleBook()
QUESTION = Question()
