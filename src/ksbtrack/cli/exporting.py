"""The command that writes a standard in another format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import CycloptsError, Parameter

from ksbtrack.cli.options import RULE_BOOK, Json, RuleBook
from ksbtrack.cli.printing import print_json, print_part
from ksbtrack.problems import did_you_mean, quoted

FINE = 0
_FORMATS = "case, moodle, mahara, csv, xlsx, json, openbadges"
"""Written out, so that help needs no format; a test compares it with `WRITERS`."""


def export(
    reference: Annotated[str, Parameter(metavar="REF", help="Such as ST0148, or ST0148@1.0.")],
    /,
    *,
    format: Annotated[str, Parameter(metavar="FORMAT", help=f"One of {_FORMATS}.")],
    output: Annotated[Path, Parameter(name=["-o", "--output"], metavar="FILE", help="File to write.")],
    json: Json = False,
    rule_book: RuleBook = RULE_BOOK,
) -> int:
    """Write a standard in another format, and say what that format cannot hold.

    A standard that extends another is written whole, with what it inherits. An older file of that name is replaced.
    """
    from ksbtrack.files.writing import replace_file
    from ksbtrack.formats.standards_exchange import WRITERS
    from ksbtrack.load import load_standard

    write = WRITERS.get(format)
    if write is None:
        raise CycloptsError(
            msg=f"{quoted(format)} is no format. {did_you_mean(format, WRITERS)}There are {', '.join(WRITERS)}.",
            command_chain=("standards", "export"),
        )
    if output.suffix.casefold() in (".yaml", ".yml"):
        raise CycloptsError(
            msg=f"{quoted(output.name)} is named like the file of a standard of ours; choose another name.",
            command_chain=("standards", "export"),
        )
    standard = load_standard(reference, folders=rule_book.standards, overlays=rule_book.overlay)
    exported = write(standard)
    replace_file(output, exported.content)
    if json:
        print_json(
            {
                "standard": standard.identity,
                "format": format,
                "file": output.as_posix(),
                "statements": len(standard.competencies),
                "lost": list(exported.lost),
            }
        )
    else:
        from ksbtrack.terminal.exporting import export_view

        print_part(export_view(standard, format, output.as_posix(), exported.lost))
    return FINE


EXPORT_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("export", export, "ksbtrack standards export ST0148 --format case -o ST0148.json"),
)
"""Commands that stand after `ksbtrack standards`."""
