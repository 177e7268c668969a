"""The command that gets a standard from the official feed."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import CycloptsError, Parameter

from ksbtrack.cli.options import Json
from ksbtrack.cli.printing import print_json, print_line, print_part
from ksbtrack.problems import quoted

if TYPE_CHECKING:
    from ksbtrack.formats.official_feed import Fetched

FINE = 0
UNUSABLE = 1
_WORDS = ("standards", "fetch")
_REFERENCE = re.compile(r"(ST|FA|AU)[0-9]{4}")
_VERSION = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}")


def fetch(
    reference: Annotated[str, Parameter(metavar="REF", help="Such as ST0499, or ST0499@1.3.")],
    /,
    *,
    output: Annotated[
        Path, Parameter(name=["-o", "--output"], metavar="FOLDER", help="Folder that takes the YAML file.")
    ] = Path("imported-standards"),
    offline: Annotated[
        bool, Parameter(negative="", show_default=False, help="Use what was fetched before; ask no network.")
    ] = False,
    report: Annotated[
        Path | None,
        Parameter(metavar="FILE", help="JSON file to write, with everything that was not taken as it stood."),
    ] = None,
    replace: Annotated[
        bool, Parameter(negative="", show_default=False, help="Replace a file of the folder that differs.")
    ] = False,
    cache: Annotated[
        Path | None,
        Parameter(metavar="FOLDER", env_var="KSBTRACK_CACHE", help="Folder of the cache, if not the user's own."),
    ] = None,
    address: Annotated[
        str | None,
        Parameter(metavar="ADDRESS", env_var="KSBTRACK_FEED", help="Another address of the feed, over HTTPS."),
    ] = None,
    json: Json = False,
) -> int:
    """Get one standard from the official feed of Skills England, and write it as a YAML file.

    Ends with 0 if it is written, 1 if its record is not usable, 2 if it cannot be had.
    """
    from ksbtrack.files.writing import replace_file
    from ksbtrack.formats.feed_request import is_allowed_address
    from ksbtrack.formats.official_feed import OFFICIAL_ADDRESS, cached_record, fetch_record, import_fetched
    from ksbtrack.formats.standards_import import import_as_dict, import_report

    name, version = _identity(reference)
    if address is not None and not is_allowed_address(address):
        raise CycloptsError(
            msg=f"{quoted(address)} is no address that a record is fetched from: write one with https://.",
            command_chain=_WORDS,
        )
    folder = cache or user_cache(os.environ, sys.platform, Path.home())
    feed = address or OFFICIAL_ADDRESS
    if offline:
        fetched = cached_record(name, folder, address=feed)
    else:
        fetched = fetch_record(name, folder, datetime.now(UTC), address=feed)
    result = import_fetched(fetched, version, output, replace=replace)
    if report is not None:
        replace_file(report, import_report(result))
    if json:
        print_json(import_as_dict(result) | {"fetched": _as_dict(fetched)})
    else:
        from ksbtrack.terminal.importing import import_view

        print_part(import_view(result, output.as_posix()))
        print_line(f"From {fetched.came_from.value}, as of {fetched.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC.")
    return UNUSABLE if result.unusable else FINE


def _identity(reference: str) -> tuple[str, str | None]:
    """Give reference and version of what a person asks for."""
    name, at, version = reference.strip().partition("@")
    name = name.upper()
    if not _REFERENCE.fullmatch(name) or (at and not _VERSION.fullmatch(version)):
        raise CycloptsError(
            msg=f"{quoted(reference)} names no record of the feed; write it like ST0499, or ST0499@1.3.",
            command_chain=_WORDS,
        )
    return name, version or None


def user_cache(environment: Mapping[str, str], platform: str, home: Path) -> Path:
    """Give the folder in which a user's system keeps what can be had again.

    Args:
        environment: the variables of the process.
        platform: as `sys.platform` names it.
        home: the user's folder.
    """
    if platform == "win32":
        local = environment.get("LOCALAPPDATA", "")
        return (Path(local) if local else home / "AppData" / "Local") / "ksbtrack" / "cache"
    if platform == "darwin":
        return home / "Library" / "Caches" / "ksbtrack"
    # The rule book of such folders: a path that is not absolute does not count.
    given = environment.get("XDG_CACHE_HOME", "")
    return (Path(given) if given.startswith("/") else home / ".cache") / "ksbtrack"


def _as_dict(fetched: Fetched) -> dict[str, str]:
    return {
        "address": fetched.address,
        "from": fetched.came_from.name.lower(),
        "at": fetched.at.astimezone(UTC).isoformat(timespec="seconds"),
    }


FETCHING_COMMANDS: tuple[tuple[str, Callable[..., int], str], ...] = (
    ("fetch", fetch, "ksbtrack standards fetch ST0499 -o our-standards"),
)
"""The command that stands after `ksbtrack standards`."""
