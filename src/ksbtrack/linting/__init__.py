"""The checks on standards themselves, in literal tuples: each with its severity and its words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ksbtrack.linting import codes, facts, links, texts, versions
from ksbtrack.load.standards import WrittenStandard
from ksbtrack.models.linting import Release, Remark, Seen, Severity
from ksbtrack.problems import Problem

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


class Check(NamedTuple):
    """A check on one standard as its file has it.

    Attributes:
        find: the function; its name is that of the check.
        severity: of each of its remarks.
        title: what it finds, as a heading.
        why: why that matters.
    """

    find: Callable[[WrittenStandard], Iterator[Seen]]
    severity: Severity
    title: str
    why: str

    @property
    def name(self) -> str:
        """Give the check's name."""
        return self.find.__name__


class AcrossCheck(NamedTuple):
    """A check on all standards that are looked at together; the attributes are those of `Check`."""

    find: Callable[[Sequence[Release]], Iterator[Seen]]
    severity: Severity
    title: str
    why: str

    @property
    def name(self) -> str:
        """Give the check's name."""
        return self.find.__name__


CHECKS: tuple[Check, ...] = (
    Check(
        codes.odd_reference,
        ERROR,
        "The reference of an apprenticeship is not ST, FA or AU and four digits",
        "The official importer refuses such a record, and nothing official can be found by it.",
    ),
    Check(
        codes.odd_version,
        ERROR,
        "The version of an apprenticeship is not two numbers, such as 1.0",
        "The official importer refuses such a record, and the version cannot be put in order with others.",
    ),
    Check(
        codes.version_not_known,
        WARNING,
        "The version is unknown",
        "The same code can mean another statement in another version.",
    ),
    Check(
        facts.level_missing,
        WARNING,
        "An apprenticeship has no level",
        "The rule for English and maths hangs on the level.",
    ),
    Check(
        facts.start_dates_missing,
        WARNING,
        "Since when learners can start on the version is not known",
        "A learner belongs to the version that was open on the day of the start.",
    ),
    Check(
        facts.start_dates_reversed,
        ERROR,
        "The last start is before the first",
        "No learner could be on this version.",
    ),
    Check(
        facts.lars_code_missing,
        WARNING,
        "No LARS code is given, or 0, which stands for none yet",
        "Learner records name a standard by its LARS code; the official importer refuses a published version without.",
    ),
    Check(
        facts.unknown_status,
        WARNING,
        "The state of the version is none that the official feed has",
        "Which versions are approved or retired cannot be told.",
    ),
    Check(
        facts.regime_missing,
        WARNING,
        "The assessment regime is not given",
        "In the newer regime the employer verifies the behaviours; in the older one evidence has to show them.",
    ),
    Check(
        facts.hours_missing,
        WARNING,
        "The published off-the-job hours are not given",
        "For a start from 1 August 2025 the hours published for the version are the minimum. Without them the answer "
        "is not known.",
    ),
    Check(
        facts.statements_not_required,
        ERROR,
        "No requirement asks for evidence of the statements",
        "A learner without any evidence could be ready.",
    ),
    Check(
        facts.plan_not_read,
        WARNING,
        "What the assessment plan asks for at gateway has not been looked up",
        "The official feed does not say it. Until somebody has read the plan, no learner can be ready.",
    ),
    Check(
        codes.prefix_of_another_kind,
        ERROR,
        "A group is of another kind than its codes say",
        "Behaviours are treated in another way than knowledge and skills, so a verdict can come out wrong.",
    ),
    Check(
        codes.codes_out_of_order,
        WARNING,
        "The codes of a group do not stand as people count",
        "A spreadsheet sorts K10 before K2; every report lists the statements as they stand in the file.",
    ),
    Check(
        codes.codes_missing,
        WARNING,
        "A number is left out in a family of codes",
        "A statement may have been lost on the way from its source; nobody would be asked for it.",
    ),
    Check(
        codes.guid_shared,
        ERROR,
        "Two things have the same official identifier",
        "Versions are paired by it, so claims could move to the wrong statement.",
    ),
    Check(
        codes.guid_malformed,
        WARNING,
        "An official identifier is none",
        "Versions are paired by it, and exchange formats want it.",
    ),
    Check(
        texts.same_text,
        WARNING,
        "Two statements have the same words",
        "The feed has statements twice, under two identifiers. Evidence for one does not count for the other.",
    ),
    Check(
        texts.text_leftovers,
        WARNING,
        "A web page, a spreadsheet or a wrong encoding left something in a wording",
        "The wording stands on reports and certificates of the learner's work as it stands here.",
    ),
    Check(
        texts.trust_not_stated,
        NOTE,
        "How sure the wording is, is not stated",
        "A reader of the report cannot tell an official wording from one that was copied from elsewhere.",
    ),
    Check(
        texts.licence_not_named,
        WARNING,
        "The attribution names neither rights nor licence",
        "It is printed on every report that quotes the statements.",
    ),
    Check(
        texts.sources_empty,
        WARNING,
        "No source is named",
        "Nobody can compare the file with where it is from.",
    ),
    Check(
        links.statement_without_duty,
        WARNING,
        "No duty maps to a statement",
        "The feed has such statements, and copies of it have lost links.",
    ),
    Check(
        links.duty_without_statements,
        WARNING,
        "A duty maps to no statement",
        "Links may have been lost on the way from the source; with options they decide what is asked for.",
    ),
    Check(
        links.duty_without_words,
        WARNING,
        "The text of a duty is a placeholder",
        "The feed has duties whose text is a full stop.",
    ),
    Check(
        links.duty_of_no_option,
        ERROR,
        "A duty is neither core nor in an option",
        "Nobody would be asked for the statements that it alone maps to.",
    ),
    Check(
        links.options_empty,
        ERROR,
        "An option has no duty, or duties are not core and there are no options",
        "The official importer refuses options that are announced and empty; which statements a learner is asked for "
        "cannot be told.",
    ),
    Check(
        links.method_covers_nothing,
        WARNING,
        "A method assesses no statement",
        "Every method assesses something; an empty list is a lost one.",
    ),
    Check(
        links.statement_without_method,
        WARNING,
        "No method assesses a statement",
        "Told only where it is known of all methods what they assess.",
    ),
    Check(
        links.mapping_not_known,
        NOTE,
        "Which statements a method assesses is not known",
        "The coverage of that method cannot be told, and settings for its statements have no effect.",
    ),
    Check(
        links.must_assess_outside,
        ERROR,
        "A method must assess what it does not assess",
        "One of the two lists is wrong.",
    ),
    Check(
        links.pairs_not_mutual,
        WARNING,
        "A statement pairs with one that does not pair with it",
        "One of the two is wrong.",
    ),
)
"""Every check on one standard, in the order of its remarks on one line."""

ACROSS_CHECKS: tuple[AcrossCheck, ...] = (
    AcrossCheck(
        versions.lars_code_shared,
        ERROR,
        "Two standards have the same LARS code",
        "A learner record with this code could be of either.",
    ),
    AcrossCheck(
        versions.two_versions_approved,
        ERROR,
        "Two versions of a standard are approved for delivery at once",
        "At any time one is; the other was not imported anew when it retired.",
    ),
    AcrossCheck(
        versions.version_gap,
        WARNING,
        "A version between two others is missing",
        "Learners may be on it.",
    ),
    AcrossCheck(
        versions.start_dates_apart,
        WARNING,
        "A version does not close on the day before the next one opens",
        "A learner who started in between is on neither, or could be on both.",
    ),
    AcrossCheck(
        versions.start_dates_overlap,
        ERROR,
        "Two versions were open for starts at once",
        "A learner who started then could be on either, so a learner on the wrong version is not noticed.",
    ),
)
"""Every check on all standards that are looked at together."""


def remarks_on(written: WrittenStandard) -> Iterator[Remark]:
    """Yield what the checks say about one standard, and what keeps its file from loading.

    Args:
        written: as `read_standard` gives it, with what overlays add.
    """
    identity = written.own.identity
    yield from (as_remark(problem, identity) for problem in written.problems)
    for check in CHECKS:
        for seen in check.find(written):
            yield Remark(check.name, check.severity, identity, *seen)


def remarks_across(releases: Sequence[Release]) -> Iterator[Remark]:
    """Yield what the checks say about standards together.

    Args:
        releases: those that are looked at, in any order.
    """
    for check in ACROSS_CHECKS:
        for seen in check.find(releases):
            identity, source, what, fix = seen
            yield Remark(check.name, check.severity, identity, "", source, what, fix)


def as_remark(problem: Problem, identity: str = "") -> Remark:
    """Give a fault that keeps a file from loading as a remark; its name is the problem's code."""
    what = f"{problem.found[:1].upper()}{problem.found[1:]}: {problem.expected}."
    return Remark(problem.code, ERROR, identity, "", problem.source, what, problem.fix)


__all__ = ["ACROSS_CHECKS", "CHECKS", "AcrossCheck", "Check", "as_remark", "remarks_across", "remarks_on"]
