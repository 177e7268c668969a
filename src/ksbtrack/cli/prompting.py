"""The command that writes sheets for the conversation about the evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import CycloptsError, Parameter

from ksbtrack.cli.choosing import Select, chosen_pieces
from ksbtrack.cli.commands import FINE, case_for, files_of
from ksbtrack.cli.options import QUESTION, RULE_BOOK, Portfolio, Question, RuleBook
from ksbtrack.cli.printing import print_line
from ksbtrack.problems import quoted, several

ENDINGS = (".pdf", ".html")


def prompts(
    portfolio: Portfolio,
    /,
    *,
    output: Annotated[
        Path, Parameter(name=["-o", "--output"], metavar="FILE", help="File to write; its name ends in .pdf or .html.")
    ],
    select: Select = None,
    showcase: Annotated[
        Path | None, Parameter(metavar="FILE.pdf", help="The showcase as it was built, to name its pages.")
    ] = None,
    question: Question = QUESTION,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Write sheets to get ready for the conversation: statement, evidence and place, a prompt, room for notes.

    A sheet for each assessment method, from the pieces of the showcase. No answer
    is made up. Ends with 0 when they are written, 2 if there are problems in files.
    """
    from ksbtrack.analysis import analyse
    from ksbtrack.files.writing import replace_file
    from ksbtrack.showcase.built import read_built
    from ksbtrack.showcase.prompts import prompts_html, prompts_pdf, prompts_view

    ending = output.suffix.casefold()
    if ending not in ENDINGS:
        raise CycloptsError(
            msg=f"{quoted(output.name)} does not end in {' or '.join(ENDINGS)}.", command_chain=("prompts",)
        )
    case = case_for(portfolio, question, rule_book)
    taken = files_of(case, portfolio) | ({showcase.resolve()} if showcase else set())
    if output.resolve() in taken:
        raise CycloptsError(
            msg=f"{quoted(output.name)} is a file that is read; choose another name.", command_chain=("prompts",)
        )
    analysis = analyse(case)
    built = read_built(showcase, case.portfolio) if showcase else None
    pieces = chosen_pieces(analysis, select, None, "prompts")
    if built and not select:
        by_id = case.portfolio.by_id
        pieces = tuple(by_id[name] for name in built.pieces if name in by_id)
    view = prompts_view(analysis, pieces, built)
    replace_file(output, prompts_pdf(view) if ending == ".pdf" else prompts_html(view).encode())
    statements = several(len({block.code for sheet in view.sheets for block in sheet.blocks}), "statement")
    print_line(
        f"{output.as_posix()}: {several(len(view.sheets), 'sheet')}, {statements}, {several(len(pieces), 'piece')}."
    )
    return FINE


PROMPTING_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("prompts", prompts, "ksbtrack prompts my-portfolio -o prompts.pdf"),
)
"""The command with its name and an example for its help."""
