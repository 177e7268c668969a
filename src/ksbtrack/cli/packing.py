"""The commands about what is handed in: which pieces to show, the pack, and whether something changed since."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import CycloptsError, Parameter

from ksbtrack.cli.choosing import Select, chosen_pieces, refuse_broken
from ksbtrack.cli.commands import FINE, GAPS, case_for, files_of, with_others
from ksbtrack.cli.options import QUESTION, RULE_BOOK, Json, Portfolio, Profiles, Question, RuleBook
from ksbtrack.cli.printing import print_json, print_line, print_message, print_problems
from ksbtrack.cli.showcase import CONTENT, Content, mended_files
from ksbtrack.problems import KsbtrackError, quoted, several

if TYPE_CHECKING:
    from ksbtrack.formats.verification import Verification

ProfileNamed = Annotated[
    str | None, Parameter(metavar="NAME", help="Profile whose numbers and kinds of pieces the choice keeps to.")
]


def select(
    portfolio: Portfolio,
    /,
    *,
    profile: ProfileNamed = None,
    profiles: Profiles = (),
    question: Question = QUESTION,
    json: Json = False,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Say which pieces to show: the fewest that show every statement, or why no choice will do.

    Ends with 0 if there is a choice that will do, 1 if there is none, 2 if there are problems in files.
    """
    from ksbtrack.analysis import analyse
    from ksbtrack.load.profiles import load_profile
    from ksbtrack.submission.selection import choose_for

    asked = load_profile(profile, folders=profiles) if profile else None
    selection = choose_for(analyse(case_for(portfolio, question, rule_book)), asked)
    if json:
        from ksbtrack.formats.verification_json import selection_as_dict

        print_json(selection_as_dict(selection))
    else:
        from ksbtrack.terminal.selection import selection_lines

        for line in selection_lines(selection):
            print_line(line)
    return FINE if selection.fits else GAPS


def pack(
    portfolio: Portfolio,
    /,
    *,
    profile: Annotated[
        str, Parameter(metavar="NAME", help="Name of a profile, such as cmi, or your own file that ends in .yaml.")
    ],
    output: Annotated[
        Path, Parameter(name=["-o", "--output"], metavar="FILE", help="File to write; its name ends in .zip.")
    ],
    folder: Annotated[
        str | None,
        Parameter(metavar="NAME", help="Name of the folder in the pack, instead of the one that the profile asks for."),
    ] = None,
    select: Select = None,
    profiles: Profiles = (),
    content: Content = CONTENT,
    question: Question = QUESTION,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Write the pack that is handed in: showcase, report, certificates, declarations and files, with a manifest.

    An older file of that name is replaced once the new one is complete. Ends with 0 when it is written, 2 if a piece
    must not or cannot be shown, or the profile takes no such pack.
    """
    from ksbtrack.analysis import analyse
    from ksbtrack.formats.pack import write_pack
    from ksbtrack.load.profiles import load_profile
    from ksbtrack.showcase.build import build_showcase
    from ksbtrack.showcase.pack import folder_name_of, pack_of, renamed

    if output.suffix.casefold() != ".zip":
        raise CycloptsError(msg=f"{quoted(output.name)} does not end in .zip.", command_chain=("pack",))
    asked = load_profile(profile, folders=profiles)
    case = case_for(portfolio, question, rule_book, keep_broken_files=True)
    if output.resolve() in files_of(case, portfolio):
        raise CycloptsError(
            msg=f"{quoted(output.name)} is a file of the portfolio itself; choose another name.",
            command_chain=("pack",),
        )
    analysis = with_others(analyse(case), rule_book)
    pieces = chosen_pieces(analysis, select, asked, "pack", allow_private=content.allow_private)
    if not content.skip_broken:
        refuse_broken(analysis, pieces)
    # Before the long work: a name that lacks a fact would come to nothing after it.
    folder_name_of(analysis, asked, pieces, folder)
    built = build_showcase(
        portfolio,
        analysis,
        pieces,
        with_uln=content.with_uln,
        private_reason=content.allow_private,
        skip_broken=content.skip_broken,
    )
    made = pack_of(portfolio, analysis, asked, built, folder_name=folder)
    files = write_pack(output, portfolio, made)
    if built.left_out:
        print_problems(KsbtrackError(*built.left_out))
    for name in mended_files(built):
        print_message(f"Damaged and shown mended: {name}\n")
    for sentence in renamed(made, folder):
        print_message(f"{sentence}\n")
    for missing in made.facts["missing"]:
        print_message(f"Not in the pack: {missing}\n")
    print_line(f"{output.as_posix()}: {several(len(built.pieces), 'piece')}, {several(len(files), 'file')}.")
    print_line(f"Check it before it is sent: ksbtrack preflight --profile {profile} {portfolio.as_posix()}")
    return FINE


def verify(
    path: Annotated[
        Path, Parameter(name="file", metavar="FILE", help="A showcase, report or pack, or a portfolio's folder.")
    ],
    /,
    *,
    manifest: Annotated[
        Path | None,
        Parameter(metavar="FILE", help="For a portfolio: the pack that was made of it, or its manifest.json."),
    ] = None,
    json: Json = False,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Say whether a showcase, report, pack or portfolio is still what it was, and what changed.

    Of a portfolio it says which acceptances and confirmations are of something that
    was changed since. Ends with 0 if nothing changed, 1 if something did, 2 if it
    cannot be read or there are problems in files.
    """
    verification = _verification(path, manifest, rule_book)
    if json:
        from ksbtrack.formats.verification_json import verification_as_dict

        print_json(verification_as_dict(verification, path.as_posix()))
    else:
        from ksbtrack.terminal.verification import verification_lines

        for line in verification_lines(verification, path.as_posix()):
            print_line(line)
    return FINE if verification.is_unchanged else GAPS


def _verification(path: Path, manifest: Path | None, rule_book: RuleBook) -> Verification:
    from ksbtrack.formats import verification

    if path.is_dir():
        is_pack = manifest is None and (path / "manifest.json").is_file() and not (path / "portfolio.yaml").exists()
        if is_pack:
            return verification.verify_unpacked(path)
        return verification.verify_portfolio(path, manifest, folders=rule_book.standards, overlays=rule_book.overlay)
    if manifest is not None:
        raise CycloptsError(msg="--manifest is for a portfolio's folder.", command_chain=("verify",))
    if path.suffix.casefold() == ".pdf":
        from ksbtrack.files.attachments import MAX_ATTACHMENT_BYTES
        from ksbtrack.files.opening import read_whole_file
        from ksbtrack.formats.pdf_verification import verify_pdf

        shown = path.as_posix()
        return verify_pdf(read_whole_file(path, shown, MAX_ATTACHMENT_BYTES), shown)
    return verification.verify_pack(path)


PACKING_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("select", select, "ksbtrack select my-portfolio --profile cmi"),
    ("pack", pack, "ksbtrack pack my-portfolio --profile cmi -o pack.zip --select auto"),
    ("verify", verify, "ksbtrack verify pack.zip"),
)
"""Each command with its name and an example for its help."""
