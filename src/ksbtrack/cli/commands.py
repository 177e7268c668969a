"""The commands: each loads, asks the library, prints, and gives its exit code. Only here is today's date asked for."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import CycloptsError, Parameter

from ksbtrack.cli.options import (
    QUESTION,
    RULE_BOOK,
    Assume,
    Json,
    NewPiece,
    NewPortfolio,
    Portfolio,
    Question,
    RuleBook,
    Subject,
)
from ksbtrack.cli.printing import print_json, print_line, print_part
from ksbtrack.problems import did_you_mean, quoted

if TYPE_CHECKING:
    from ksbtrack.models.analysis import Analysis
    from ksbtrack.models.case import Case

FINE = 0
GAPS = 1


def check(
    portfolio: Portfolio,
    /,
    *,
    question: Question = QUESTION,
    assume: Assume = (),
    json: Json = False,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Say whether the learner is ready for gateway, and what to do next.

    Ends with 0 if ready, 1 if not ready or if it cannot tell yet, 2 if there are problems in files.
    """
    from ksbtrack.analysis import analyse
    from ksbtrack.models.analysis import Decision

    case = case_for(portfolio, question, rule_book, assume=assume)
    analysis = with_others(analyse(case), rule_book)
    if json:
        from ksbtrack.formats.analysis_json import analysis_as_dict

        print_json(analysis_as_dict(analysis))
    else:
        from ksbtrack.terminal.check import check_view
        from ksbtrack.terminal.marks import marks_for

        command = shlex.join([*_command("explain", rule_book, question), portfolio.as_posix()])
        print_part(check_view(analysis, command, marks_for(sys.stdout.encoding)))
    return FINE if analysis.decision is Decision.READY else GAPS


def explain(
    portfolio: Portfolio,
    subject: Subject,
    /,
    *,
    question: Question = QUESTION,
    json: Json = False,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Say everything about one statement, requirement, piece, claim or assessment method.

    Which rules looked at what, and what to do. Where a piece has the same name as a statement, write piece:K1.
    """
    from ksbtrack.analysis import analyse
    from ksbtrack.formats.explanation import explanation_as_dict, verdict_on

    analysis = analyse(case_for(portfolio, question, rule_book))
    verdict = verdict_on(analysis, subject)
    if verdict is None:
        from ksbtrack.terminal.explain import unknown_subject

        raise CycloptsError(msg=unknown_subject(analysis, subject), command_chain=("explain",))
    if json:
        print_json(explanation_as_dict(analysis, verdict))
    else:
        from ksbtrack.terminal.explain import explain_view
        from ksbtrack.terminal.marks import marks_for

        print_part(explain_view(analysis, verdict, marks_for(sys.stdout.encoding)))
    return FINE


def report(
    portfolio: Portfolio,
    /,
    *,
    output: Annotated[
        Path,
        Parameter(
            name=["-o", "--output"], metavar="FILE", help="File to write; its name ends in .pdf, .html or .json."
        ),
    ],
    since: Annotated[
        Path | None, Parameter(metavar="FILE.json", help="An earlier report as JSON, to say what changed and why.")
    ] = None,
    question: Question = QUESTION,
    assume: Assume = (),
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Write the readiness report, and print its path and the verdict.

    An older file of that name is replaced once the new one is complete. Ends with 0 when the report is written,
    whatever the verdict.
    """
    with ExitStack() as stack:
        if output.suffix.casefold() == ".pdf":
            from ksbtrack.report.ahead import drawing_ahead

            # Before everything else: what comes now takes as long as loading what draws.
            draw = stack.enter_context(drawing_ahead())
        from ksbtrack.analysis import analyse
        from ksbtrack.cli.changes import with_changes
        from ksbtrack.files.writing import replace_file
        from ksbtrack.report.outputs import WRITERS, pdf_report

        write = WRITERS.get(output.suffix.casefold())
        if write is None:
            raise CycloptsError(
                msg=f"{quoted(output.name)} does not end in {' or '.join(WRITERS)}.", command_chain=("report",)
            )
        case = case_for(portfolio, question, rule_book, assume=assume)
        if output.resolve() in files_of(case, portfolio):
            raise CycloptsError(
                msg=f"{quoted(output.name)} is a file of the portfolio itself; choose another name.",
                command_chain=("report",),
            )
        analysis = with_changes(with_others(analyse(case), rule_book), since)
        replace_file(output, pdf_report(analysis, draw) if write is pdf_report else write(analysis))
    print_line(f"{output.as_posix()}: {analysis.decision.words}. {analysis.reason}")
    return FINE


def files_of(case: Case, folder: Path) -> set[Path]:
    """Give the files that a portfolio consists of, so that no output replaces one."""
    names = ["portfolio.yaml", "off-the-job.csv"]
    names += [file.name for piece in case.portfolio.evidence for file in piece.attached]
    names += [held.file.name for held in case.portfolio.records.qualifications if held.file]
    pieces = {Path(piece.source.file).resolve() for piece in case.portfolio.evidence}
    return pieces | {(folder / name).resolve() for name in names}


def list_standards(*, json: Json = False, rule_book: RuleBook = RULE_BOOK) -> int:
    """List the standards that a portfolio can name: those that are shipped and your own."""
    from ksbtrack.load import find_standards, load_standard

    found = [
        load_standard(identity, folders=rule_book.standards, overlays=rule_book.overlay)
        for identity in find_standards(rule_book.standards)
    ]
    if json:
        from ksbtrack.formats.analysis_json import standard_as_dict

        print_json([standard_as_dict(standard) for standard in found])
    else:
        from ksbtrack.terminal.standards import standards_view

        print_part(standards_view(found))
    return FINE


def show_standard(
    reference: Annotated[str, Parameter(metavar="REF", help="Such as ST0148, or ST0148@1.0.")],
    /,
    *,
    json: Json = False,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Show one standard: its statements, assessment methods and requirements."""
    from ksbtrack.load import load_standard

    standard = load_standard(reference, folders=rule_book.standards, overlays=rule_book.overlay)
    if json:
        print_json(standard.model_dump(mode="json"))
    else:
        from ksbtrack.terminal.standards import standard_view

        print_part(standard_view(standard))
    return FINE


def new(
    folder: Annotated[Path, Parameter(metavar="FOLDER", help="Folder to make; it must not exist, or be empty.")],
    /,
    *,
    begin: NewPortfolio,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Make the folder of a new portfolio, with comments that say what to fill in."""
    from ksbtrack.formats.additions import new_portfolio
    from ksbtrack.load import load_standard
    from ksbtrack.load.options import ASKED_OPTION, with_option

    whole = load_standard(begin.standard, folders=rule_book.standards, overlays=rule_book.overlay)
    chosen = with_option(whole, begin.option, ASKED_OPTION, ASKED_OPTION)
    new_portfolio(folder, chosen, begin.learner, begin.start)
    shown = folder.as_posix()
    print_line(f"{shown}: portfolio of {chosen.identity} made.")
    command = shlex.join([*_command("check", rule_book), shown])
    print_line(f"Next: fill in {shown}/portfolio.yaml, then: {command}")
    return FINE


def add(
    portfolio: Portfolio,
    /,
    *,
    piece: NewPiece,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Add a piece of evidence: copy its files in, and write its facts under the next free id.

    Everything is checked first; where something is wrong, nothing is written.
    """
    from ksbtrack.formats.additions import add_piece

    facts = {
        "title": piece.title,
        "kind": _kind(piece.kind),
        "date": piece.made.isoformat(),
        "claims": [code.strip() for entry in piece.claims for code in entry.split(",") if code.strip()],
    }
    added = add_piece(portfolio, facts, piece.file, folders=rule_book.standards, overlays=rule_book.overlay)
    for source, copy in added.copies:
        other_name = "" if source.name == copy.name else f", a copy of {quoted(source.name)} under another name"
        print_line(f"{copy.as_posix()}: written{other_name}.")
    print_line(f"{added.piece.as_posix()}: written.")
    print_line(f"Next: write your account below the facts in {added.piece.as_posix()}")
    return FINE


def _kind(word: str) -> str:
    from ksbtrack.models.standard import EvidenceKind

    kind = re.sub(r"[\s-]+", "_", word.strip().casefold())
    if kind not in list(EvidenceKind):
        raise CycloptsError(
            msg=f"{quoted(word)} is no kind of evidence. {did_you_mean(kind, EvidenceKind)}"
            f"The kinds are {', '.join(EvidenceKind)}.",
            command_chain=("add",),
        )
    return kind


def case_for(
    portfolio: Path,
    question: Question,
    rule_book: RuleBook,
    *,
    keep_broken_files: bool = False,
    assume: Sequence[str] = (),
) -> Case:
    """Give what is asked: the portfolio as it stands on the day, against the standard and the rules named.

    With what is to be taken for true although the records do not say it.
    """
    from ksbtrack.load import load_case

    case = load_case(
        portfolio,
        question.on or date.today(),  # noqa: DTZ011 - the day on the calendar of whoever asks
        standard=question.standard,
        folders=rule_book.standards,
        overlays=rule_book.overlay,
        policy=rule_book.policy,
        keep_broken_files=keep_broken_files,
    )
    if assume:
        from ksbtrack.planning.assumptions import assuming

        case = assuming(case, assume)
    return case


def _command(name: str, rule_book: RuleBook, question: Question = QUESTION) -> list[str]:
    """Give the words of a command that goes by the same rules, and asks the same question, as this one."""
    words = ["ksbtrack", name]
    for option, values in (
        ("--on", [question.on] if question.on else []),
        ("--standard", [question.standard] if question.standard else []),
        ("--standards", rule_book.standards),
        ("--overlay", rule_book.overlay),
        ("--policy", [rule_book.policy] if rule_book.policy else []),
    ):
        for value in values:
            words += [option, str(value)]
    return words


def with_others(analysis: Analysis, rule_book: RuleBook) -> Analysis:
    """Give the analysis with those of the same question for each other standard that the portfolio names."""
    from ksbtrack.analysis import analyse
    from ksbtrack.load import load_standard

    case = analysis.case
    own = case.portfolio.standard
    others = [
        load_standard(
            name,
            folders=rule_book.standards,
            overlays=rule_book.overlay,
            option=case.portfolio.option if name == own else None,
        )
        for name in (own, *case.portfolio.also)
        if name != case.standard.identity
    ]
    return replace(analysis, others=tuple(analyse(replace(case, standard=standard)) for standard in others))


COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("check", check, "ksbtrack check my-portfolio --on 2026-02-27"),
    ("explain", explain, "ksbtrack explain my-portfolio K4"),
    ("report", report, "ksbtrack report my-portfolio -o readiness.pdf"),
    ("new", new, 'ksbtrack new my-portfolio --standard ST0148 --learner "A Learner" --start 2024-09-02'),
    ("add", add, "ksbtrack add my-portfolio --title Plan --kind project --date 2024-10-01 --claims K1,S3"),
)
"""Each command with its name and an example for its help."""
STANDARDS_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("list", list_standards, "ksbtrack standards list"),
    ("show", show_standard, "ksbtrack standards show ST0148"),
)
"""The commands that stand after `ksbtrack standards`."""
