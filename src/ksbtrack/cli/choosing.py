"""Which pieces a command is about: those named, the smallest set that is enough, or the portfolio's own showcase."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import CycloptsError, Parameter

from ksbtrack.cli.printing import print_message
from ksbtrack.problems import KsbtrackError, did_you_mean, quoted

if TYPE_CHECKING:
    from ksbtrack.models.analysis import Analysis
    from ksbtrack.models.portfolio import Evidence
    from ksbtrack.models.profile import SubmissionProfile

Select = Annotated[
    str | None,
    Parameter(
        metavar="PIECES",
        help="Pieces to show, such as E01,E04, or auto for the fewest that show everything; "
        "the portfolio's showcase if left out.",
    ),
]


AUTO = "auto"


def chosen_pieces(
    analysis: Analysis,
    select: str | None,
    profile: SubmissionProfile | None,
    command: str,
    *,
    allow_private: str | None = None,
) -> tuple[Evidence, ...]:
    """Give the pieces that a command is about, in the order in which they were named."""
    portfolio = analysis.case.portfolio
    names = chosen_ids(analysis, select, profile, command, allow_private=allow_private)
    return tuple(portfolio.by_id[name] for name in names or portfolio.showcase)


def refuse_broken(analysis: Analysis, pieces: Sequence[Evidence]) -> None:
    """Refuse what cannot be opened among the files of the chosen pieces and the certificates, and name the rest.

    Raises:
        KsbtrackError: the problems of these files.
    """
    portfolio = analysis.case.portfolio
    chosen = {piece.id for piece in pieces}
    certificates = [held.file for held in portfolio.records.qualifications if held.file]
    own = [file for piece in portfolio.evidence if piece.id in chosen for file in piece.attached]
    problems = [file.problem for file in (*own, *certificates) if file.problem]
    if problems:
        raise KsbtrackError(*problems)
    for piece in portfolio.evidence:
        for file in piece.attached:
            if file.problem and piece.id not in chosen:
                print_message(f"{piece.id} is not chosen, and cannot be opened: {file.problem.found}.\n")


def chosen_ids(
    analysis: Analysis,
    select: str | None,
    profile: SubmissionProfile | None,
    command: str,
    *,
    allow_private: str | None = None,
) -> Sequence[str]:
    """Give the ids of the pieces that were named, in their order; capitals do not matter. Nothing if none were.

    Where the fewest pieces are asked for, which they are and why is printed as a message.

    Raises:
        KsbtrackError: `no-selection`.
    """
    if select is None:
        return ()
    if select.strip().casefold() == AUTO:
        return _fewest(analysis, profile, allow_private=bool(allow_private and allow_private.strip()))
    by_folded = {piece.id.casefold(): piece.id for piece in analysis.case.portfolio.evidence}
    words = [word.strip() for word in select.split(",") if word.strip()]
    unknown = next((word for word in words if word.casefold() not in by_folded), None)
    if unknown is not None or not words:
        advice = did_you_mean(unknown, by_folded.values()) if unknown else ""
        message = f"The portfolio has no piece {quoted(unknown)}. {advice}" if unknown else "No piece is named. "
        raise CycloptsError(msg=f"{message}Write ids with commas, like E01,E04.", command_chain=(command,))
    return list(dict.fromkeys(by_folded[word.casefold()] for word in words))


def _fewest(analysis: Analysis, profile: SubmissionProfile | None, *, allow_private: bool) -> tuple[str, ...]:
    from ksbtrack.submission.selection import fitting_selection
    from ksbtrack.terminal.selection import selection_lines

    selection = fitting_selection(analysis, profile, allow_private=allow_private)
    print_message("\n".join(selection_lines(selection)) + "\n")
    return selection.pieces
