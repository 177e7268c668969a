"""The commands about versions of a standard: what changed between two, and moving a portfolio to another."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import CycloptsError, Parameter

from ksbtrack.cli.options import RULE_BOOK, Json, Portfolio, RuleBook, read_day
from ksbtrack.cli.printing import print_json, print_line, print_part
from ksbtrack.problems import quoted

if TYPE_CHECKING:
    from ksbtrack.models.comparison import Comparison, DecidedPairs

FINE = 0
DIFFERENT = 1
DEFAULT_THRESHOLD = 50
"""Written out, so that help needs no comparison; a test compares it with that of `compare_standards`."""


def read_threshold(_: object, tokens: Any) -> int:
    """Give the per cent that an option names."""
    text = str(tokens[0].value).removesuffix("%").strip()
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:4]) <= 100:  # noqa: PLR2004 - per cent
        raise ValueError(f"{quoted(text)} is no per cent from 1 to 100")
    return int(text)


Pairs = Annotated[
    Path | None,
    Parameter(metavar="FILE", help="File in which people confirm and reject pairs; -o FILE.yaml of diff begins one."),
]
Threshold = Annotated[
    int,
    Parameter(
        converter=read_threshold,
        metavar="PERCENT",
        help="Words in common from which on a pair is proposed, in per cent.",
    ),
]


def diff(
    old: Annotated[str, Parameter(metavar="REF@OLD", help="The older version, such as ST0148@1.0.")],
    new: Annotated[str, Parameter(metavar="REF@NEW", help="The newer version.")],
    /,
    *,
    output: Annotated[
        Path | None,
        Parameter(
            name=["-o", "--output"],
            metavar="FILE",
            help="File to write too: .html a page, .json for programs, .yaml the proposed pairs, to confirm or reject.",
        ),
    ] = None,
    pairs: Pairs = None,
    threshold: Threshold = DEFAULT_THRESHOLD,
    anyway: Annotated[
        bool,
        Parameter(
            negative="",
            show_default=False,
            help="Compare the words of two different standards too, though only a crosswalk says what they are worth.",
        ),
    ] = False,
    json: Json = False,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Say what changed between two versions of a standard: codes, words, dates, duties and methods.

    Statements are paired by what a person confirmed, by official identifier, and
    by their words; what is merely alike is proposed. Ends with 0 if both are the
    same, 1 if anything differs, 2 if there are problems in files.
    """
    from ksbtrack.comparison.pairing import compare_standards
    from ksbtrack.load import load_standard
    from ksbtrack.load.pairs import load_pairs

    if output is not None:
        _refuse_ending(output)
    before, after = (
        load_standard(name, folders=rule_book.standards, overlays=rule_book.overlay) for name in (old, new)
    )
    decided = load_pairs(pairs, before, after) if pairs else None
    comparison = compare_standards(before, after, decided, threshold=threshold, anyway=anyway)
    if output is not None:
        _write(output, comparison, decided)
    if json:
        from ksbtrack.formats.comparison_json import comparison_as_dict

        print_json(comparison_as_dict(comparison))
    elif output is not None:
        from ksbtrack.report.comparison import in_short

        print_line(f"{output.as_posix()}: written. {in_short(comparison)}")
    else:
        from ksbtrack.terminal.comparison import comparison_view

        command = ["ksbtrack", "standards", "diff", before.identity, after.identity, "-o", "pairs.yaml"]
        command += [word for folder in rule_book.standards for word in ("--standards", folder.as_posix())]
        print_part(comparison_view(comparison, shlex.join(command)))
    return FINE if comparison.is_same else DIFFERENT


ENDINGS = (".html", ".json", ".yaml")


def _refuse_ending(output: Path) -> None:
    if output.suffix.casefold() not in ENDINGS:
        raise CycloptsError(
            msg=f"{quoted(output.name)} does not end in {' or '.join(ENDINGS)}.", command_chain=("standards", "diff")
        )


def _write(output: Path, comparison: Comparison, decided: DecidedPairs | None) -> None:
    """Write the file that the ending of its name asks for; pairs that people decided are never written over."""
    from ksbtrack.files.writing import replace_file

    ending = output.suffix.casefold()
    if ending == ".html":
        from ksbtrack.report.comparison import comparison_html

        replace_file(output, comparison_html(comparison).encode())
    elif ending == ".json":
        from ksbtrack.formats.comparison_json import comparison_json

        replace_file(output, comparison_json(comparison).encode())
    else:
        from ksbtrack.formats.pairs_yaml import write_pairs

        write_pairs(output, comparison, decided)


def migrate(
    portfolio: Portfolio,
    /,
    *,
    to: Annotated[str, Parameter(metavar="REF@VERSION", help="The version to move to, such as ST0148@1.1.")],
    dry_run: Annotated[
        bool, Parameter(negative="", show_default=False, help="Say what would be done, and write nothing.")
    ] = False,
    option: Annotated[
        str | None, Parameter(metavar="ID", help="The learner's option in that version, if it is another than before.")
    ] = None,
    pairs: Pairs = None,
    threshold: Threshold = DEFAULT_THRESHOLD,
    by: Annotated[
        str | None, Parameter(metavar="NAME", help="Who does it, for the log of the sign-offs (sign-off.log).")
    ] = None,
    on: Annotated[
        date | None, Parameter(converter=read_day, metavar="DATE", help="The day for that log; today if left out.")
    ] = None,
    json: Json = False,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Move a portfolio to another version of its standard, without losing a claim.

    Claims on the same words are carried, under new codes too. Those on other
    words move and are to be checked again; those on what is gone are kept and
    count for nothing. All files change at once; what they were is kept in the
    folder back-up. A portfolio on that version already is left alone.
    """
    from ksbtrack.formats.migration import NOBODY, migrate_portfolio

    today = date.today()  # noqa: DTZ011 - the day on the calendar of whoever moves it
    done = migrate_portfolio(
        portfolio,
        to,
        pairs=pairs,
        by=by or NOBODY,
        on=on or today,
        dry_run=dry_run,
        threshold=threshold,
        folders=rule_book.standards,
        overlays=rule_book.overlay,
        option=option,
    )
    if json:
        from ksbtrack.formats.migration_json import migration_as_dict

        print_json(migration_as_dict(done))
    elif done.plan is None:
        print_line(f"{portfolio.as_posix()}: on {done.standard.identity} already; nothing to do.")
    else:
        from ksbtrack.terminal.marks import marks_for
        from ksbtrack.terminal.migration import migration_view

        print_part(migration_view(done.plan, marks_for(sys.stdout.encoding)))
        if done.back_up is None:
            print_line(f"\nNothing was written. Files that would change: {', '.join(done.files)}.")
        else:
            print_line(f"\nWritten: {', '.join(done.files)}.")
            print_line(f"As they were: {done.back_up.as_posix()}")
    return FINE


VERSION_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("migrate", migrate, "ksbtrack migrate my-portfolio --to ST0148@1.1 --dry-run"),
)
"""The commands about a portfolio, each with its name and an example for its help."""
VERSION_STANDARDS_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("diff", diff, "ksbtrack standards diff ST0148@1.0 ST0148@1.1 --standards my-standards"),
)
"""The commands that stand after `ksbtrack standards`, each with its name and an example for its help."""
