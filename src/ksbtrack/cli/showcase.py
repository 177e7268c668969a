"""The command that builds the showcase portfolio."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import CycloptsError, Parameter

from ksbtrack.cli.choosing import Select, chosen_pieces, refuse_broken
from ksbtrack.cli.commands import FINE, case_for, files_of
from ksbtrack.cli.options import QUESTION, RULE_BOOK, Portfolio, Profiles, Question, RuleBook
from ksbtrack.cli.printing import print_line, print_problems
from ksbtrack.problems import quoted

if TYPE_CHECKING:
    from ksbtrack.showcase.build import Showcase

PASSWORD_VARIABLE = "KSBTRACK_KEY_PASSWORD"
"""Where the password of a key file is taken from where nobody can be asked."""


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a showcase may show, and what it does about files that cannot be opened."""

    with_uln: Annotated[
        bool, Parameter(negative="", show_default=False, help="Print the learner's number on the cover.")
    ] = False
    allow_private: Annotated[
        str | None,
        Parameter(
            metavar="REASON",
            help="Show pieces with unredacted personal data of others all the same; the redaction log prints why.",
        ),
    ] = None
    skip_broken: Annotated[
        bool,
        Parameter(
            negative="", show_default=False, help="Build the rest where a file cannot be opened; a page says so."
        ),
    ] = False


CONTENT = Content()


def showcase(
    portfolio: Portfolio,
    /,
    *,
    output: Annotated[
        Path, Parameter(name=["-o", "--output"], metavar="FILE", help="File to write; its name ends in .pdf.")
    ],
    select: Select = None,
    profile: Annotated[
        str | None,
        Parameter(metavar="NAME", help="Profile whose numbers and kinds of pieces --select auto keeps to."),
    ] = None,
    profiles: Profiles = (),
    content: Content = CONTENT,
    sign: Annotated[
        Path | None,
        Parameter(
            metavar="KEYFILE",
            help="Sign it with the key of a PKCS #12 file; its password is asked for, or taken from the environment "
            "variable KSBTRACK_KEY_PASSWORD.",
        ),
    ] = None,
    question: Question = QUESTION,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Build the showcase portfolio: the chosen pieces, their files, and every claim on its final page.

    An older file of that name is replaced once the new one is complete. Ends with
    0 when it is written, 2 if a piece must not or cannot be shown.
    """
    from ksbtrack.analysis import analyse
    from ksbtrack.files.writing import replace_file
    from ksbtrack.load.profiles import load_profile
    from ksbtrack.showcase.build import build_showcase

    if output.suffix.casefold() != ".pdf":
        raise CycloptsError(msg=f"{quoted(output.name)} does not end in .pdf.", command_chain=("showcase",))
    asked = load_profile(profile, folders=profiles) if profile else None
    case = case_for(portfolio, question, rule_book, keep_broken_files=True)
    if output.resolve() in files_of(case, portfolio):
        raise CycloptsError(
            msg=f"{quoted(output.name)} is a file of the portfolio itself; choose another name.",
            command_chain=("showcase",),
        )
    analysis = analyse(case)
    pieces = chosen_pieces(analysis, select, asked, "showcase", allow_private=content.allow_private)
    if not content.skip_broken:
        refuse_broken(analysis, pieces)
    built = build_showcase(
        portfolio,
        analysis,
        pieces,
        with_uln=content.with_uln,
        private_reason=content.allow_private,
        skip_broken=content.skip_broken,
    )
    replace_file(output, _signed(built.pdf, sign) if sign else built.pdf)
    if built.left_out:
        from ksbtrack.problems import KsbtrackError

        print_problems(KsbtrackError(*built.left_out))
    print_line(f"{output.as_posix()}: {_summary(built)}")
    return FINE


def mended_files(built: Showcase) -> list[str]:
    """Give the names of the files that were damaged, and of which a mended copy is shown."""
    from ksbtrack.showcase.papers import MENDED

    return list(dict.fromkeys(file.name for file in built.files if MENDED in file.notes))


def _signed(pdf: bytes, key_file: Path) -> bytes:
    from ksbtrack.showcase.signing import sign_pdf

    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None and sys.stdin.isatty():
        password = getpass.getpass(f"Password of {key_file.name}: ")
    return sign_pdf(pdf, key_file, password.encode() if password else None)


def _summary(built: Showcase) -> str:
    """Say what is in a showcase, and what is not."""
    from ksbtrack.models.values import listed

    pieces = "1 piece" if len(built.pieces) == 1 else f"{len(built.pieces)} pieces"
    files = "1 file" if len(built.files) == 1 else f"{len(built.files)} files"
    elsewhere = [file for file in built.files if file.form.is_elsewhere]
    text = f"{pieces}, {files}, {built.pages} pages."
    if elsewhere:
        text += f" {len(elsewhere)} of the files must be sent beside it: ksbtrack pack does."
    mended = mended_files(built)
    if mended:
        text += f" Damaged and shown mended: {listed(mended)}."
    if built.left_out:
        text += f" {len(built.left_out)} could not be opened and are named in it."
    return text


SHOWCASE_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("showcase", showcase, "ksbtrack showcase my-portfolio -o showcase.pdf --select E01,E04"),
)
"""Each command with its name and an example for its help."""
