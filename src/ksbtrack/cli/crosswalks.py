"""The commands about crosswalks: where two standards meet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ksbtrack.cli.options import Json
from ksbtrack.cli.printing import print_json, print_part

FINE = 0

Named = Annotated[str, Parameter(metavar="REF@VERSION", help="A standard, such as XS10b or ST0148@1.0.")]
Standards = Annotated[
    tuple[Path, ...],
    Parameter(
        negative="",
        show_default=False,
        metavar="FOLDER",
        help="Folder of your own standards and crosswalks; may be repeated.",
    ),
]


def show_crosswalk(one: Named, other: Named, /, *, standards: Standards = (), json: Json = False) -> int:
    """Show which statements of two standards have something in common, with reasons.

    So it shows where evidence can come from; it never makes a claim count. Every statement of both appears.
    """
    from ksbtrack.load.crosswalks import load_crosswalk

    crosswalk = load_crosswalk(one, other, folders=standards)
    if json:
        from ksbtrack.formats.crosswalk_json import crosswalk_as_dict

        print_json(crosswalk_as_dict(crosswalk))
    else:
        from ksbtrack.terminal.crosswalk import crosswalk_view

        print_part(crosswalk_view(crosswalk))
    return FINE


CROSSWALK_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("show", show_crosswalk, "ksbtrack crosswalk show XS10b ST0148"),
)
"""The commands that stand after `ksbtrack crosswalk`."""
