"""The commands about the evidence matrix: writing it, and reading one back."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import CycloptsError, Parameter

from ksbtrack.cli.commands import case_for, files_of
from ksbtrack.cli.options import QUESTION, RULE_BOOK, Json, Portfolio, Question, RuleBook
from ksbtrack.cli.printing import print_json, print_line, print_part
from ksbtrack.problems import did_you_mean, quoted, several

if TYPE_CHECKING:
    from ksbtrack.models.standard import Method, Standard

FINE = 0
OPEN = 1


def matrix(
    portfolio: Portfolio,
    /,
    *,
    output: Annotated[
        Path,
        Parameter(name=["-o", "--output"], metavar="FILE", help="File to write; its name ends in .xlsx or .csv."),
    ],
    by: Annotated[
        Literal["ksb", "piece"],
        Parameter(metavar="WHAT", help="What has a row each: ksb or piece.", show_choices=False),
    ] = "ksb",
    method: Annotated[
        str | None,
        Parameter(metavar="METHOD", help="Only what this assessment method assesses; its id or title."),
    ] = None,
    question: Question = QUESTION,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Write the evidence matrix: which piece shows which statement, and where.

    A workbook has it both ways round and as a cross table; CSV has the way asked
    for. An older file of that name is replaced once the new one is complete.
    """
    from ksbtrack.analysis import analyse
    from ksbtrack.report.evidence_matrix import write_matrix

    if output.suffix.casefold() not in (".xlsx", ".csv"):
        raise CycloptsError(msg=f"{quoted(output.name)} does not end in .xlsx or .csv.", command_chain=("matrix",))
    case = case_for(portfolio, question, rule_book)
    if output.resolve() in files_of(case, portfolio):
        raise CycloptsError(
            msg=f"{quoted(output.name)} is a file of the portfolio itself; choose another name.",
            command_chain=("matrix",),
        )
    chosen = _method_named(method, case.standard) if method is not None else None
    write_matrix(analyse(case), output, by, chosen)
    claims = sum(len(made) for made in case.claims_of.values())
    pieces = several(len(case.portfolio.evidence), "piece")
    print_line(f"{output.as_posix()}: {pieces} with {several(claims, 'claim')} on {case.standard.identity}.")
    return FINE


def import_matrix(
    portfolio: Portfolio,
    file: Annotated[Path, Parameter(metavar="FILE", help="The matrix: .xlsx, .csv or .tsv, either way round.")],
    /,
    *,
    write: Annotated[
        bool, Parameter(negative="", show_default=False, help="Write the change; without it, it is only shown.")
    ] = False,
    standard: Annotated[
        str | None,
        Parameter(metavar="REF", help="Another standard of the portfolio that the matrix is about, such as XS10a."),
    ] = None,
    json: Json = False,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Show which claims an evidence matrix adds to the portfolio, and write them if asked to.

    Never takes a claim away. Ends with 0 if there is nothing to change or all is
    written, 1 if there is something to write or something could not be taken.
    """
    from ksbtrack.formats.matrix_import import import_matrix as imported

    result = imported(
        portfolio, file, write=write, standard=standard, folders=rule_book.standards, overlays=rule_book.overlay
    )
    if json:
        from ksbtrack.formats.matrix_json import import_as_dict

        print_json(import_as_dict(result))
    else:
        from ksbtrack.terminal.matrix import import_view

        options = ["--standard", standard] if standard else []
        for option, values in (("--standards", rule_book.standards), ("--overlay", rule_book.overlay)):
            for value in values:
                options += [option, str(value)]
        words = ["ksbtrack", "import-matrix", portfolio.as_posix(), file.as_posix(), "--write", *options]
        print_part(import_view(result, shlex.join(words)))
    return FINE if result.is_settled else OPEN


def _method_named(word: str, standard: Standard) -> Method:
    """Give the assessment method that a word names."""
    wanted = " ".join(word.casefold().split())
    found = next((one for one in standard.methods if wanted in (one.id.casefold(), one.title.casefold())), None)
    if found is not None and found.assesses:
        return found
    if found is not None:
        said = f"No source of {standard.identity} says which statements {found.title} assesses."
        raise CycloptsError(msg=f"{said} Write the matrix without --method.", command_chain=("matrix",))
    names = [name for one in standard.methods for name in (one.id, one.title)]
    ids = ", ".join(one.id for one in standard.methods)
    known = f"Its methods are {ids}." if ids else "It names none."
    message = f"{standard.identity} has no assessment method {quoted(word)}. {did_you_mean(word, names)}{known}"
    raise CycloptsError(msg=message, command_chain=("matrix",))


MATRIX_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("matrix", matrix, "ksbtrack matrix my-portfolio -o matrix.xlsx --on 2026-02-27"),
    ("import-matrix", import_matrix, "ksbtrack import-matrix my-portfolio matrix.xlsx"),
)
"""Each command with its name and an example for its help."""
