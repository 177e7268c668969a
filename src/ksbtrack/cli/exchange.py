"""The commands that bring standards in from other formats."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import CycloptsError, Parameter

from ksbtrack.cli.options import Json
from ksbtrack.cli.printing import print_json, print_part
from ksbtrack.problems import did_you_mean, quoted

FINE = 0
SOME_UNUSABLE = 1


def import_(
    source: Annotated[Path, Parameter(metavar="SOURCE", help="The file to read.")],
    /,
    *,
    format: Annotated[
        str, Parameter(metavar="FORMAT", help="Which format it is, where that cannot be told from its content.")
    ] = "auto",
    output: Annotated[
        Path, Parameter(name=["-o", "--output"], metavar="FOLDER", help="Folder that takes the YAML files.")
    ] = Path("imported-standards"),
    report: Annotated[
        Path | None,
        Parameter(metavar="FILE", help="JSON file to write, with everything that was not taken as it stood."),
    ] = None,
    reference: Annotated[
        str | None, Parameter(metavar="REF", help="Reference, where the file does not say it.")
    ] = None,
    standard_version: Annotated[
        str | None, Parameter(metavar="VERSION", help="Version, where the file does not say it.")
    ] = None,
    title: Annotated[str | None, Parameter(metavar="TITLE", help="Title, where the file does not say it.")] = None,
    replace: Annotated[
        bool, Parameter(negative="", show_default=False, help="Replace files of the folder that differ.")
    ] = False,
    json: Json = False,
) -> int:
    """Read standards from another format, and write each as a YAML file.

    All of them are written or, where the source cannot be read to its end, none. Ends with 0 if every record became a
    standard, 1 if one did not.
    """
    from ksbtrack.files.writing import replace_file
    from ksbtrack.formats.standards_exchange import READERS
    from ksbtrack.formats.standards_import import import_as_dict, import_report, import_standards
    from ksbtrack.models.importing import Given

    if format != "auto" and format not in READERS:
        raise CycloptsError(
            msg=f"{quoted(format)} is no format. {did_you_mean(format, READERS)}There are {', '.join(READERS)}.",
            command_chain=("standards", "import"),
        )
    given = Given(reference, standard_version, title)
    chosen = None if format == "auto" else format
    result = import_standards(source, output, format_name=chosen, given=given, replace=replace)
    if report is not None:
        replace_file(report, import_report(result))
    if json:
        print_json(import_as_dict(result))
    else:
        from ksbtrack.terminal.importing import import_view

        print_part(import_view(result, output.as_posix()))
    sys.stdout.flush()
    return SOME_UNUSABLE if result.unusable else FINE


EXCHANGE_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("import", import_, "ksbtrack standards import feed.json -o our-standards"),
)
"""Commands that stand after `ksbtrack standards`."""
