"""The command that looks at standards themselves."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import CycloptsError, Parameter

from ksbtrack.cli.options import Json
from ksbtrack.cli.printing import print_json, print_line, print_part

if TYPE_CHECKING:
    from ksbtrack.models.linting import Lint

CLEAN = 0
REMARKS = 1
NOT_READ = 2


def lint(
    target: Annotated[
        str | None,
        Parameter(
            metavar="REF|FILE|FOLDER",
            help="A reference, such as ST0148 (all its versions) or ST0148@1.0, a file or a folder; all standards if "
            "left out.",
        ),
    ] = None,
    /,
    *,
    json: Json = False,
    sarif: Annotated[
        bool, Parameter(negative="", show_default=False, help="Print SARIF 2.1.0 for code hosts and editors.")
    ] = False,
    output: Annotated[
        Path | None,
        Parameter(
            name=["-o", "--output"],
            metavar="FILE",
            help="File to write in place of printing; one that ends in .json or .sarif is JSON or SARIF.",
        ),
    ] = None,
    standards: Annotated[
        tuple[Path, ...],
        Parameter(
            negative="", show_default=False, metavar="FOLDER", help="Folder of your own standards; may be repeated."
        ),
    ] = (),
    overlay: Annotated[
        tuple[Path, ...],
        Parameter(
            negative="",
            show_default=False,
            metavar="FILE",
            help="File that adds what a standard leaves unknown; may be repeated.",
        ),
    ] = (),
) -> int:
    """Look at standards themselves: what is wrong, doubtful or missing in their files, and what to do.

    Also compares the versions of a standard. Ends with 0 if nothing is above a note,
    1 if there are errors or warnings, 2 if a file cannot be opened.
    """
    from ksbtrack.linting.folders import lint_standards

    if json and sarif:
        raise CycloptsError(msg="--json and --sarif exclude each other.", command_chain=("standards", "lint"))
    suffix = output.suffix.casefold() if output else ""
    json, sarif = json or (suffix == ".json" and not sarif), sarif or (suffix == ".sarif" and not json)
    found = lint_standards(target, folders=standards, overlays=overlay)
    if output is not None:
        _write(output, found, json=json, sarif=sarif)
    elif json or sarif:
        print_json(_as_dict(found, sarif=sarif))
    else:
        from ksbtrack.terminal.linting import lint_view

        print_part(lint_view(found))
    if found.unopened:
        return NOT_READ
    return CLEAN if found.is_clean else REMARKS


def _write(output: Path, found: Lint, *, json: bool, sarif: bool) -> None:
    from ksbtrack.files.writing import replace_file
    from ksbtrack.formats.analysis_json import as_json_text
    from ksbtrack.terminal.linting import lint_view, summary
    from ksbtrack.terminal.marks import MAX_WIDTH, rendered

    if json or sarif:
        text = as_json_text(_as_dict(found, sarif=sarif))
    else:
        text = rendered(lint_view(found), StringIO(), MAX_WIDTH)
    replace_file(output, text.encode())
    print_line(f"{output.as_posix()}: {summary(found)}")


def _as_dict(found: Lint, *, sarif: bool) -> dict[str, Any]:
    if not sarif:
        from ksbtrack.formats.lint_json import lint_as_dict

        return lint_as_dict(found)
    from importlib.metadata import version

    from ksbtrack.formats.sarif import lint_as_sarif

    return lint_as_sarif(found, Path.cwd(), version("ksbtrack"))


LINTING_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("lint", lint, "ksbtrack standards lint our-standards"),
)
"""The command that stands after `ksbtrack standards`."""
