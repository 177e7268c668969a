"""sign-off.log: every sign-off of a portfolio, one JSON object a line, each line sealed and chained to the one before.

The log is only ever added to. A line that was changed, taken out, put in or moved breaks the chain at that place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ksbtrack.files.opening import read_text_file
from ksbtrack.models.portfolio import AcceptanceState, Confirmation, Evidence, Portfolio
from ksbtrack.models.sign_off import LogEntry, Signed
from ksbtrack.models.values import in_words, natural_key
from ksbtrack.problems import KsbtrackError, Problem, Source, several
from ksbtrack.rules.confirmed import covered_pieces, is_changed_since
from ksbtrack.rules.records import the_confirmation

LOG = "sign-off.log"
"""The log's name in the portfolio folder."""
MAX_SIGN_OFF_BYTES = 16 * 1024 * 1024
"""Bytes of the log: each of 2,000 pieces accepted ten times, and hundreds of confirmations of all of them."""
OTHER_VERSION = "the standard has another version, which asks for something else"
"""Why a confirmation is stale although every piece is as it was seen but for its codes."""
FIRST_PREVIOUS = "0" * 64
"""What the first entry has in place of the seal of the one before."""


def read_log(folder: str | Path) -> tuple[LogEntry, ...]:
    """Give the entries of a portfolio's log in their order; none where there is no log.

    Args:
        folder: the portfolio's folder.

    Raises:
        KsbtrackError: `log-broken`, `file-too-large`, or what opening a file inside the folder raises.
    """
    return entries_of(log_bytes(folder), _shown(folder))


def check_log(folder: str | Path) -> Problem | None:
    """Give the problem of the first line of the log that is not as it was written; None if all are, or there is no log.

    Lines cut off at the end as a whole leave a sound chain: `unmatched_records` finds the records that they were about.

    Args:
        folder: the portfolio's folder.

    Raises:
        KsbtrackError: the log cannot be read at all: `symlink`, `not-a-file`, `unreadable-file`, `file-too-large`.
    """
    content = log_bytes(folder)
    try:
        entries_of(content, _shown(folder))
    except KsbtrackError as error:
        return error.problems[0]
    return None


def log_bytes(folder: str | Path) -> bytes:
    """Give the bytes of the log; nothing where there is none.

    Raises:
        KsbtrackError: what opening a file inside the folder raises.
    """
    return read_text_file(Path(folder), LOG, _shown(folder), MAX_SIGN_OFF_BYTES, is_optional=True) or b""


def entries_of(content: bytes, shown: str) -> tuple[LogEntry, ...]:
    """Give the entries that the bytes of a log hold.

    Args:
        content: all of the log.
        shown: its path for messages.

    Raises:
        KsbtrackError: `log-broken`, for the first line that is not as it was written.
    """
    *lines, rest = content.split(b"\n")
    entries: list[LogEntry] = []
    previous = FIRST_PREVIOUS
    for number, raw in enumerate(lines, 1):
        entry = _entry(raw.removesuffix(b"\r"))
        if entry is None:
            raise KsbtrackError(_broken(shown, number, "a line that is no entry"))
        if entry.seal != entry.own_seal:
            raise KsbtrackError(_broken(shown, number, "an entry that was changed"))
        if entry.previous != previous or entry.number != number:
            found = "an entry that does not follow from the one before: one was taken out, put in or moved"
            raise KsbtrackError(_broken(shown, number, found))
        entries.append(entry)
        previous = entry.seal
    if rest:
        raise KsbtrackError(_broken(shown, len(lines) + 1, "an entry that is cut off"))
    return tuple(entries)


def _entry(raw: bytes) -> LogEntry | None:
    """Give the entry of a line, if the line is exactly as the entry is written."""
    try:
        text = raw.decode()
        entry = LogEntry.model_validate(json.loads(text))
    except (ValueError, RecursionError, ValidationError):
        return None
    return entry if entry.line == text else None


def _broken(shown: str, line: int, found: str) -> Problem:
    return Problem(
        "log-broken",
        Source(shown, line),
        found,
        "the log is only ever added to, and each entry holds the seal of the one before",
        f"Put {LOG} back from a copy. Where there is none, keep this file under another name: the next sign-off begins "
        "a new log.",
    )


def _shown(folder: str | Path) -> str:
    return f"{Path(folder).as_posix().rstrip('/')}/{LOG}"


def with_entry(content: bytes, shown: str, **facts: Any) -> tuple[bytes, LogEntry]:
    """Give the bytes of the log with one more entry, and the entry.

    Args:
        content: all of the log as it is.
        shown: its path for messages.
        facts: the entry's attributes without number and seals.

    Raises:
        KsbtrackError: `log-broken`: nothing is added to a log that is not sound.
    """
    entries = entries_of(content, shown)
    previous = entries[-1].seal if entries else FIRST_PREVIOUS
    entry = LogEntry(number=len(entries) + 1, previous=previous, **facts).sealed()
    end = b"\r\n" if content.endswith(b"\r\n") else b"\n"
    return content + entry.line.encode() + end, entry


def as_marked_since(entries: Iterable[LogEntry]) -> list[LogEntry]:
    """Give the sign-offs of a log, each with the marks that what was seen has since the migrations after it.

    A migration gives new marks to what is the same but for the codes of its statements; it is no sign-off itself.

    Args:
        entries: of a log, in their order.
    """
    found: list[LogEntry] = []
    for entry in entries:
        marks = entry.marks or {}
        if entry.what is not Signed.MIGRATED:
            found.append(entry)
            continue
        found = [
            one.model_copy(
                update={
                    "fingerprint": marks.get(one.fingerprint, one.fingerprint),
                    "pieces": {name: marks.get(mark, mark) for name, mark in one.pieces.items()},
                }
            )
            for one in found
        ]
    return found


def unmatched_records(portfolio: Portfolio, entries: Iterable[LogEntry]) -> Iterator[str]:
    """Yield a sentence for each record that the log does not have, and for each last entry that no record fits.

    The second can mean that writing was cut off between log and file, the first that the log was cut, or that somebody
    wrote a record by hand. Of a portfolio without a log there is one sentence, if any record has a fingerprint, since
    what records that writes into the log too.

    Args:
        portfolio: as it was loaded.
        entries: of its log, in their order.
    """
    entries = tuple(entries)
    known = as_marked_since(entries)
    if not entries:
        yield from _without_log(portfolio)
        return
    last = {piece: entry for entry in known if entry.what is not Signed.CONFIRMED for piece in entry.pieces}
    for piece in portfolio.evidence:
        yield from _unmatched_decision(piece, last.pop(piece.id, None))
    for name, entry in sorted(last.items(), key=lambda item: natural_key(item[0])):
        yield f"Entry {entry.number} of {LOG} is about {name}, which is not in the portfolio any more."
    records = portfolio.records.confirmations
    given = {_who_confirmed(entry): entry for entry in known if entry.what is Signed.CONFIRMED}
    for entry in given.values():
        if not any(_is_of(entry, record) for record in records):
            of = f" of {entry.of.words}" if entry.of else ""
            yield (
                f"Entry {entry.number} of {LOG}, the {entry.party}'s confirmation{of} by {entry.who} on "
                f"{in_words(entry.day)}, is not in portfolio.yaml: it was not written to the end, or taken out since."
            )
    for record in records:
        if record.fingerprint and not any(_is_of(entry, record) for entry in known):
            yield (
                f"The {record.by}'s confirmation of {record.of.words} by {record.name} in portfolio.yaml is not in "
                f"{LOG}: it was written or changed by hand, or the log was cut."
            )


def _without_log(portfolio: Portfolio) -> Iterator[str]:
    """Yield that there is no entry of the log, where there must have been some."""
    pieces = [piece.id for piece in portfolio.evidence if piece.acceptance.fingerprint]
    records = [record for record in portfolio.records.confirmations if record.fingerprint]
    if pieces or records:
        count = len(pieces) + len(records)
        yield (
            f"{LOG} is not there or empty, though {several(count, 'sign-off')} with the fingerprint of what was seen "
            f"{'is' if count == 1 else 'are'} on record: the log was deleted or emptied, or they were written by hand."
        )


def _unmatched_decision(piece: Evidence, entry: LogEntry | None) -> Iterator[str]:
    acceptance = piece.acceptance
    if entry is None:
        decided = acceptance.state in (AcceptanceState.ACCEPTED, AcceptanceState.REFERRED)
        if decided and acceptance.fingerprint:
            yield (
                f"That {piece.id} was {acceptance.state} stands in its file, but not in {LOG}: it was written by hand, "
                "or the log was cut."
            )
        return
    in_file = (acceptance.state.value, acceptance.by, acceptance.on, acceptance.fingerprint)
    if in_file != (entry.what.value, entry.who, entry.day, entry.fingerprint):
        yield (
            f"Entry {entry.number} of {LOG} says that {piece.id} was {entry.what} by {entry.who} on "
            f"{in_words(entry.day)}; its file says otherwise: the record was not written to the end, or changed since."
        )


def stale_records(portfolio: Portfolio, entries: Iterable[LogEntry]) -> Iterator[str]:
    """Yield a sentence for each record on something that was changed since, as the rules find it too.

    Of a confirmation the log knows which pieces were seen, so that those that are different now can be named.

    Args:
        portfolio: as it was loaded.
        entries: of its log.
    """
    for piece in portfolio.evidence:
        accepted = piece.acceptance.state is AcceptanceState.ACCEPTED and piece.acceptance.fingerprint
        if accepted and accepted != piece.fingerprint:
            yield f"{piece.id} was changed after it was accepted."
    known = as_marked_since(entries)
    for record in portfolio.records.confirmations:
        if not is_changed_since(portfolio, record):
            continue
        now = {piece.id: piece.fingerprint for piece in covered_pieces(portfolio, record.covers)}
        seen = next((entry.pieces for entry in known if _is_of(entry, record)), None)
        which = f": {_differences(seen, now) or OTHER_VERSION}" if seen is not None else ""
        yield f"What {the_confirmation(record.by, record)} ({record.of.words}) covers was changed since{which}."


def _differences(seen: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Say of each piece that is not as it was what became of it."""
    said = []
    for name in sorted({*seen, *now}, key=natural_key):
        if name not in now:
            said.append(f"{name} is not covered any more")
        elif name not in seen:
            said.append(f"{name} was not seen")
        elif seen[name] != now[name]:
            said.append(f"{name} was edited")
    return ", ".join(said)


def _who_confirmed(entry: LogEntry) -> tuple[object, ...]:
    return entry.party, entry.of, entry.who.casefold(), tuple(entry.pieces)


def _is_of(entry: LogEntry, record: Confirmation) -> bool:
    facts = (record.by, record.of, record.name, record.on, record.fingerprint)
    return facts == (entry.party, entry.of, entry.who, entry.day, entry.fingerprint)
