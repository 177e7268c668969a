"""One record of the official feed, with a cache that is asked first and read alone where there is no network."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from ksbtrack.files.opening import read_whole_file
from ksbtrack.files.writing import cannot_write, replace_files
from ksbtrack.formats.feed_request import Marks, Patience, ask_feed, strange_answer
from ksbtrack.formats.json_records import MAX_RECORD_BYTES
from ksbtrack.formats.json_text import parse_json
from ksbtrack.formats.skills_england import read_skills_england
from ksbtrack.formats.standards_import import Import, import_found
from ksbtrack.models.importing import Given, Imported
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted

OFFICIAL_ADDRESS = "https://skillsengland.education.gov.uk/api/apprenticeshipstandards"
"""Where Skills England publishes its standards, without a key; a reference after it is one record."""
MAX_CACHED_FACTS_BYTES = 16 * 1024
"""Bytes of what the cache remembers beside a record: an address, two marks of the server and a day."""


class FetchedFrom(StrEnum):
    """Where the bytes of a fetched record are from."""

    FEED = "the official feed"
    UNCHANGED = "the cache, which the official feed says is up to date"
    CACHE = "the cache"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A record as it was saved.

    Attributes:
        path: the file in the cache that has its bytes.
        address: where the record is from.
        came_from: whether it came now, or was there already.
        at: when the feed last gave it, or said that it is unchanged.
    """

    path: Path
    address: str
    came_from: FetchedFrom
    at: datetime


def fetch_record(
    reference: str,
    cache: Path,
    now: datetime,
    *,
    address: str = OFFICIAL_ADDRESS,
    patience: Patience | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Fetch the record of a standard, and keep it in the cache.

    What the cache has is asked for with the marks that the server gave it, so that an unchanged record is not sent
    again. What is no record is never kept.

    Args:
        reference: letters and digits, such as `ST0499`.
        cache: the folder of the cache; it is made.
        now: the time, which only the cache remembers.
        address: of the feed, one that `is_allowed_address`.
        patience: how long to wait; the usual times if left out.
        sleep: what waits a number of seconds.

    Raises:
        KsbtrackError: `unknown-standard`, `fetch-failed`, `strange-answer`, `cannot-write`.
    """
    url = f"{address.rstrip('/')}/{reference}"
    body, facts = _places(reference, cache, address)
    cached = _read_cached(body, facts, url)
    answer = ask_feed(url, reference, cached and cached[0], patience, sleep=sleep)
    if answer is None and cached is not None:
        marks, content = cached
        _write(cache, [(facts, _facts_text(url, content, Marks(marks.etag, marks.last_modified, now)))])
        return Fetched(body, url, FetchedFrom.UNCHANGED, now)
    assert answer is not None  # that nothing has changed is an answer to the marks of the cache alone
    _refuse_other_than_record(answer.content, reference, url)
    marks = Marks(_mark(answer.etag), _mark(answer.last_modified), now)
    # The facts first: if the system stops between the two, they do not fit the old record, which is then asked anew.
    _write(cache, [(facts, _facts_text(url, answer.content, marks)), (body, answer.content)])
    return Fetched(body, url, FetchedFrom.FEED, now)


def cached_record(reference: str, cache: Path, *, address: str = OFFICIAL_ADDRESS) -> Fetched:
    """Give the record of a standard as the cache has it; nothing is asked of the network.

    Raises:
        KsbtrackError: `not-in-cache`.
    """
    url = f"{address.rstrip('/')}/{reference}"
    body, facts = _places(reference, cache, address)
    cached = _read_cached(body, facts, url)
    if cached is None:
        raise KsbtrackError(
            Problem(
                "not-in-cache",
                Source(url),
                "no copy of it in the cache",
                "without the network only what was fetched before can be had",
                "Fetch it once without --offline.",
            )
        )
    return Fetched(body, url, FetchedFrom.CACHE, cached[0].at)


def _refuse_other_than_record(content: bytes, reference: str, url: str) -> None:
    """Refuse an answer that is no JSON, or another record than was asked for, before it is kept.

    Raises:
        KsbtrackError: `strange-answer`, or the faults of the JSON.
    """
    found = parse_json(content, url)
    records = found if isinstance(found, list) else [found]
    names = [str(record.get("referenceNumber", "")).strip().upper() for record in records if isinstance(record, dict)]
    if not any(names) or len(names) != len(records):
        raise KsbtrackError(strange_answer(url, "JSON without a key 'referenceNumber'", "a record has one"))
    other = next((name for name in names if name != reference), None)
    if other is not None:
        raise KsbtrackError(strange_answer(url, f"the record {quoted(other)}", f"{reference} was asked for"))


def import_fetched(fetched: Fetched, version: str | None, folder: Path, *, replace: bool = False) -> Import:
    """Write a fetched record as a YAML file, as an import does.

    Args:
        fetched: the record.
        version: the version that is wanted; the only one that the record has if left out.
        folder: takes the file; it is made if it is not there.
        replace: whether a file of the folder may be replaced by one that differs from it.

    Raises:
        KsbtrackError: `unknown-version`, `missing-version`, `standard-exists`, `cannot-write`.
    """
    found = list(read_skills_england(fetched.path, Given()))
    chosen = _of_version(found, version, fetched.address)
    return import_found(chosen, folder, source=fetched.address, format_name="skills-england", replace=replace)


def _of_version(found: list[Imported], version: str | None, url: str) -> list[Imported]:
    """Give the records of one version; those that are unusable stay, since nobody knows which they are."""
    versions = list(dict.fromkeys(one.standard.version for one in found if one.standard))
    if not versions or versions == [version] or (version is None and len(versions) == 1):
        return found
    if version in versions:
        return [one for one in found if one.standard and one.standard.version == version]
    raise KsbtrackError(
        Problem(
            "unknown-version" if version else "missing-version",
            Source(url),
            quoted(version) if version else "no version",
            f"the record there has {' and '.join(versions)}",
            "Leave the version out to get that one; a saved copy of the whole feed has the older ones."
            if len(versions) == 1
            else f"Write @ and the version after the reference, such as @{versions[-1]}.",
        )
    )


def _places(reference: str, cache: Path, address: str) -> tuple[Path, Path]:
    """Give the files of the cache for a record and for the facts about it; each address has a folder of its own."""
    folder = cache / hashlib.sha256(address.rstrip("/").encode()).hexdigest()[:16]
    return folder / f"{reference}.json", folder / f"{reference}.fetched.json"


def _facts_text(url: str, content: bytes, cached: Marks) -> bytes:
    facts = {
        "address": url,
        "at": cached.at.astimezone(UTC).isoformat(timespec="seconds"),
        "etag": cached.etag,
        "last_modified": cached.last_modified,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return (json.dumps(facts, indent=2) + "\n").encode()


def _read_cached(body: Path, facts: Path, url: str) -> tuple[Marks, bytes] | None:
    """Give the record in the cache with its marks; None if there is none, or if they are those of another."""
    try:
        known = parse_json(read_whole_file(facts, facts.as_posix(), MAX_CACHED_FACTS_BYTES), facts.as_posix())
        content = read_whole_file(body, body.as_posix(), MAX_RECORD_BYTES)
        at = datetime.fromisoformat(known["at"])
        if known["address"] != url or known["sha256"] != hashlib.sha256(content).hexdigest() or at.tzinfo is None:
            return None
        return Marks(_mark(known["etag"]), _mark(known["last_modified"]), at), content
    except (KsbtrackError, KeyError, TypeError, ValueError):
        return None


def _mark(text: object) -> str:
    """Give a mark of the server as it can stand in a request; nothing for what cannot."""
    return text if isinstance(text, str) and text.isascii() and text.isprintable() else ""


def _write(cache: Path, contents: list[tuple[Path, bytes]]) -> None:
    try:
        # Only for the person whose cache it is.
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        contents[0][0].parent.mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        raise cannot_write(cache, error) from error
    replace_files(contents)
