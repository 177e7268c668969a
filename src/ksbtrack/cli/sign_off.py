"""The commands that sign: an assessor's decision on a piece, and a party's confirmation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import CycloptsError, Parameter

from ksbtrack.cli.options import RULE_BOOK, Portfolio, RuleBook, read_day
from ksbtrack.cli.printing import print_line
from ksbtrack.problems import KsbtrackError, Problem

if TYPE_CHECKING:
    from ksbtrack.formats.sign_off import SignOff

FINE = 0


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signs, and when."""

    by: Annotated[str, Parameter(metavar="NAME", help="The name of the person who signs.")]
    on: Annotated[
        date | None,
        Parameter(converter=read_day, metavar="DATE", help="The day on which it was signed; today if left out."),
    ] = None


def accept(
    portfolio: Portfolio,
    piece: Annotated[str, Parameter(metavar="PIECE", help="The id of the piece, such as E07.")],
    /,
    *,
    signer: Signer,
    role: Annotated[str, Parameter(metavar="ROLE", help="The role in which they decide, such as assessor.")],
    comment: Annotated[str | None, Parameter(metavar="TEXT", help="What they say of the piece.")] = None,
    refer: Annotated[
        bool, Parameter(negative="", show_default=False, help="Refer the piece back instead of accepting it.")
    ] = False,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Record that an assessor accepted a piece, or referred it back, with the fingerprint of what they saw.

    Once account, files or claims are edited, the piece is to be checked again.
    In its file only the acceptance changes; sign-off.log gets an entry. Where
    something is wrong, nothing is written.
    """
    from ksbtrack.formats.sign_off import accept_piece

    today = date.today()  # noqa: DTZ011 - the day on the calendar of whoever signs
    try:
        done = accept_piece(
            portfolio,
            piece,
            by=signer.by,
            role=role,
            on=signer.on or today,
            comment=comment,
            refer=refer,
            today=today,
            folders=rule_book.standards,
            overlays=rule_book.overlay,
        )
    except KsbtrackError as error:
        raise _as_usage(error, "accept") from error
    (name,) = done.entry.pieces
    what = "referred back" if refer else "accepted"
    print_line(f"{done.file.as_posix()}: {name} {what} by {done.entry.who} on {done.entry.day}.")
    _print_log(done)
    return FINE


def confirm(
    portfolio: Portfolio,
    /,
    *,
    signer: Signer,
    role: Annotated[
        Literal["employer", "provider", "apprentice"],
        Parameter(metavar="PARTY", help="For whom they speak: employer, provider or apprentice.", show_choices=False),
    ],
    of: Annotated[
        Literal["competence", "own_work", "behaviours", "ai_use"],
        Parameter(
            metavar="WHAT", help="What they confirm: competence, own_work, behaviours or ai_use.", show_choices=False
        ),
    ] = "competence",
    job_role: Annotated[
        str | None, Parameter(metavar="ROLE", help="Their own role, such as Line manager; asked for the first time.")
    ] = None,
    covers: Annotated[
        str | None, Parameter(metavar="PIECES", help="Pieces besides the showcase, such as E01,E04.")
    ] = None,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Record a party's confirmation, with one fingerprint over all pieces that it covers.

    It covers the showcase, or all accepted pieces where none is chosen. Once one
    of these pieces is edited, it is to be given again. In portfolio.yaml only this
    record changes; sign-off.log gets an entry. Where something is wrong, nothing
    is written.
    """
    from ksbtrack.formats.sign_off import confirm as write_confirmation

    today = date.today()  # noqa: DTZ011 - the day on the calendar of whoever signs
    try:
        done = write_confirmation(
            portfolio,
            by=signer.by,
            role=role,
            on=signer.on or today,
            of=of,
            job_role=job_role,
            covers=[name.strip() for name in (covers or "").split(",") if name.strip()],
            today=today,
            folders=rule_book.standards,
            overlays=rule_book.overlay,
        )
    except KsbtrackError as error:
        raise _as_usage(error, "confirm") from error
    entry = done.entry
    what = of.replace("_", " ")
    print_line(f"{done.file.as_posix()}: {what} confirmed for the {role} by {entry.who} on {entry.day}.")
    print_line(f"It covers {', '.join(entry.pieces)}.")
    _print_log(done)
    return FINE


def _print_log(done: SignOff) -> None:
    from ksbtrack.formats.sign_off_log import LOG

    print_line(f"{LOG}: entry {done.entry.number}, fingerprint {done.entry.fingerprint}.")
    for note in done.notes:
        print_line(f"Note: {note}")


def _as_usage(error: KsbtrackError, command: str) -> Exception:
    """Give the error to raise: a piece or an option that is not there is wrong usage, not the fault of a file."""
    words = [_usage_words(problem) for problem in error.problems]
    return error if "" in words else CycloptsError(msg=" ".join(words), command_chain=(command,))


def _usage_words(problem: Problem) -> str:
    """Give what was wrong on the command line; nothing where it is no matter of usage."""
    option = problem.source.file
    if problem.code == "unknown-id" and option in ("PIECE", "--covers"):
        return f"The portfolio has no piece {problem.found}. {problem.fix}"
    if problem.code == "missing-key" and option == "--job-role":
        return f"{option} is missing. {problem.fix}"
    return ""


SIGN_OFF_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("accept", accept, 'ksbtrack accept my-portfolio E07 --by "An Assessor" --role assessor --on 2026-02-27'),
    (
        "confirm",
        confirm,
        'ksbtrack confirm my-portfolio --by "A Manager" --role employer --job-role "Line manager" --on 2026-02-27',
    ),
)
"""Each command with its name and an example for its help."""
