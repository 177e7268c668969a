"""Sign-offs: an assessor's decision on a piece and a party's confirmation, each with the mark of what was seen.

The record goes into the file that a person keeps (a piece, or portfolio.yaml), and an entry into the log. Both are made
ready first; the log takes its name before the record, so that what was cut off between the two shows: see
`unmatched_records`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ksbtrack.files.locking import only_writer
from ksbtrack.files.writing import replace_files
from ksbtrack.formats.additions import Options
from ksbtrack.formats.sign_off_faults import (
    confirmation_problems,
    decision_problems,
    hidden_signs,
    not_yet,
    unknown_pieces,
)
from ksbtrack.formats.sign_off_log import LOG, entries_of, log_bytes, unmatched_records, with_entry
from ksbtrack.formats.signed_records import Written, with_acceptance, with_confirmation
from ksbtrack.load.checked import checked, kept
from ksbtrack.load.portfolios import load_with_standards
from ksbtrack.models.portfolio import (
    Acceptance,
    AcceptanceState,
    Confirmation,
    Confirmed,
    Party,
    Portfolio,
)
from ksbtrack.models.sign_off import LogEntry, Signed
from ksbtrack.problems import KsbtrackError, Source
from ksbtrack.rules.confirmed import confirmation_fingerprint, covered_pieces
from ksbtrack.yamlfile import Path as Place


class SignOff(NamedTuple):
    """What a sign-off wrote.

    Attributes:
        file: the piece or portfolio.yaml, which has the record now.
        entry: the log's new entry.
        notes: sentences on other records that do not fit the log.
    """

    file: Path
    entry: LogEntry
    notes: tuple[str, ...]


class _ConfirmOptions(Options):
    """What was written on the command line for a confirmation, where the options have other names than the keys."""

    def source(self, path: Place = ()) -> Source:
        """Give the option's name."""
        key = str(path[0]) if path else ""
        return Source("--" + {"by": "role", "name": "by", "role": "job-role"}.get(key, key))


def accept_piece(
    folder: str | Path,
    piece: str,
    *,
    by: str,
    role: str,
    on: date,
    comment: str | None = None,
    refer: bool = False,
    today: date | None = None,
    folders: Sequence[str | Path] = (),
    overlays: Sequence[str | Path] = (),
) -> SignOff:
    """Record that an assessor accepted a piece, or referred it back, with the fingerprint of what they saw.

    In the piece's file only its acceptance changes; every other character stays. Where anything is wrong, nothing is
    written.

    Args:
        folder: the portfolio's folder.
        piece: the piece's id; capitals do not matter.
        by: the assessor's name; never the learner's.
        role: the role in which they decide, such as assessor.
        on: the day of the decision, not before the piece was made.
        comment: what they say of the piece; an older comment goes.
        refer: the piece is referred back instead.
        today: a later day than this is refused; without it, any day is taken.
        folders: see `load_portfolio`.
        overlays: see `load_portfolio`.

    Raises:
        KsbtrackError: with every problem of the portfolio or of what was given; `unknown-id`, `log-broken`,
            `portfolio-in-use`, `layout-not-kept`, `cannot-write`.
    """
    root = Path(folder)
    state = AcceptanceState.REFERRED if refer else AcceptanceState.ACCEPTED
    facts = {"state": state.value, "by": by, "role": role, "on": on.isoformat(), "comment": comment}
    problems = [*hidden_signs(facts), *not_yet(on, today)]
    with only_writer(root):
        log = log_bytes(root)
        portfolio, _ = load_with_standards(root, folders, overlays)
        given = {key: value for key, value in facts.items() if value is not None}
        acceptance = kept(problems, checked, Acceptance, Options("", given, {}))
        found = next((one for one in portfolio.evidence if one.id.casefold() == piece.casefold()), None)
        if found is None:
            problems += unknown_pieces(portfolio, [piece], Source("PIECE"))
        elif acceptance is not None:
            problems += decision_problems(portfolio, found, acceptance)
        if found is None or acceptance is None or problems:
            raise KsbtrackError(*problems)
        acceptance = acceptance.model_copy(update={"fingerprint": found.fingerprint})
        written = with_acceptance(root, portfolio, found, acceptance)
        entry: Mapping[str, object] = {
            "what": Signed(state.value),
            "day": on,
            "who": acceptance.by,
            "role": acceptance.role,
            "comment": acceptance.comment,
            "pieces": {found.id: found.fingerprint},
            "fingerprint": found.fingerprint,
        }
        return _write(root, log, written, entry)


def confirm(
    folder: str | Path,
    *,
    by: str,
    role: Party | str,
    on: date,
    of: Confirmed | str = Confirmed.COMPETENCE,
    job_role: str | None = None,
    covers: Sequence[str] = (),
    today: date | None = None,
    folders: Sequence[str | Path] = (),
    overlays: Sequence[str | Path] = (),
) -> SignOff:
    """Record a party's confirmation, with one fingerprint over all pieces that it covers.

    It covers the showcase and the pieces named besides; where there is no showcase and none is named, the accepted
    pieces, which are then named in the record. An older confirmation by the same person of the same things is replaced.

    Args:
        folder: the portfolio's folder.
        by: the person's name.
        role: for whom they speak: employer, provider or apprentice.
        on: the day of the confirmation, not before a covered piece was made.
        of: what they confirm.
        job_role: their own role, such as line manager; without it, that of the confirmation that is replaced.
        covers: ids of pieces besides the showcase; capitals do not matter.
        today: a later day than this is refused; without it, any day is taken.
        folders: see `load_portfolio`.
        overlays: see `load_portfolio`.

    Raises:
        KsbtrackError: see `accept_piece`.
    """
    root = Path(folder)
    facts = {"by": str(role), "name": by, "role": job_role, "of": str(of), "on": on.isoformat()}
    problems = [*hidden_signs({"by": by, "job-role": job_role}), *not_yet(on, today)]
    with only_writer(root):
        log = log_bytes(root)
        portfolio, _ = load_with_standards(root, folders, overlays)
        by_folded = {one.id.casefold(): one.id for one in portfolio.evidence}
        given: dict[str, object] = {key: value for key, value in facts.items() if value}
        given["covers"] = [by_folded.get(name.casefold(), name) for name in covers]
        record = kept(problems, checked, Confirmation, _ConfirmOptions("", given, {}))
        if record is not None:
            problems += unknown_pieces(portfolio, record.covers, Source("--covers"))
        if record is None or problems:
            raise KsbtrackError(*problems)
        record = _with_covered(portfolio, record)
        place = _place_of(portfolio, record)
        record = _in_place_of(None if place is None else portfolio.records.confirmations[place], record)
        pieces = covered_pieces(portfolio, record.covers)
        problems += confirmation_problems(portfolio, record, pieces)
        if problems:
            raise KsbtrackError(*problems)
        record = record.model_copy(update={"fingerprint": confirmation_fingerprint(pieces)})
        written = with_confirmation(root, portfolio, record, place)
        entry: Mapping[str, object] = {
            "what": Signed.CONFIRMED,
            "day": on,
            "of": record.of,
            "party": record.by,
            "who": record.name,
            "role": record.role,
            "pieces": {piece.id: piece.fingerprint for piece in pieces},
            "fingerprint": record.fingerprint,
        }
        return _write(root, log, written, entry)


def _write(root: Path, log: bytes, written: Written, facts: Mapping[str, object]) -> SignOff:
    """Write log and record, both or neither."""
    shown = f"{root.as_posix().rstrip('/')}/{LOG}"
    content, entry = with_entry(log, shown, **facts)
    replace_files([(root / LOG, content), (root / written.name, written.content)])
    notes = unmatched_records(written.portfolio, entries_of(content, shown))
    return SignOff(root / written.name, entry, tuple(notes))


def _with_covered(portfolio: Portfolio, record: Confirmation) -> Confirmation:
    """Give the record with the accepted pieces, where there is no showcase and it names none."""
    if record.covers or portfolio.showcase:
        return record
    accepted = [piece.id for piece in portfolio.evidence if piece.acceptance.state is AcceptanceState.ACCEPTED]
    return record.model_copy(update={"covers": tuple(accepted)})


def _place_of(portfolio: Portfolio, record: Confirmation) -> int | None:
    """Give the index of the confirmation that a new one replaces: by the same person, of the same things."""

    def what(one: Confirmation) -> tuple[object, ...]:
        return one.by, one.of, [piece.id for piece in covered_pieces(portfolio, one.covers)]

    for place, old in enumerate(portfolio.records.confirmations):
        is_same_person = not old.name or old.name.casefold() == (record.name or "").casefold()
        if is_same_person and what(old) == what(record):
            return place
    return None


def _in_place_of(old: Confirmation | None, record: Confirmation) -> Confirmation:
    """Give the record with the covered pieces as the old one names them, and a role.

    The role is the one given, else the one that the same person had, else the apprentice's.
    """
    role = record.role or (old and old.role) or ("apprentice" if record.by is Party.APPRENTICE else None)
    return record.model_copy(update={"role": role, "covers": old.covers if old else record.covers})
