"""The files of a portfolio as a migration leaves them: what it changes, and every other character as it was."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ksbtrack.comparison.migration import logged_codes, with_gone
from ksbtrack.files.opening import read_text_file
from ksbtrack.formats.signed_records import HEAD, encoded_as, front_of, refuse_other
from ksbtrack.formats.yaml_edit import with_entry, with_keys, with_value
from ksbtrack.load.checked import checked
from ksbtrack.load.claims import resolve_claims, resolve_code
from ksbtrack.load.log import MAX_LOG_BYTES, logged_hours
from ksbtrack.load.pieces import MAX_PIECE_BYTES, split_piece, with_claims
from ksbtrack.models.migration import ClaimMove, MigrationPlan
from ksbtrack.models.portfolio import Claim, ClaimState, Evidence, Portfolio
from ksbtrack.models.standard import Standard
from ksbtrack.problems import KsbtrackError, Problem, Source
from ksbtrack.yamlfile import MAX_BYTES, decode, parse_yaml

LOG_OF_HOURS = "off-the-job.csv"
Standards = Mapping[str, Standard]
"""Those of a portfolio by identity, its own first."""


def migrated_piece(root: Path, piece: Evidence, plan: MigrationPlan, standards: Standards) -> tuple[str, bytes] | None:
    """Give a piece's file by its name with its claims moved, and its acceptance marked anew; None if nothing changes.

    Args:
        root: the portfolio's folder.
        piece: as it was loaded.
        plan: what is to change.
        standards: those of the portfolio afterwards.

    Raises:
        KsbtrackError: `layout-not-kept`, `file-too-large`, or what reading the file raises.
    """
    shown = piece.source.file
    name = shown.removeprefix(f"{plan.before.folder}/")
    raw = read_text_file(root, name, shown, MAX_PIECE_BYTES)
    text = raw.decode("utf-8-sig")
    start, end = front_of(text)
    after = plan.after.by_id[piece.id]
    moves = [move for move in plan.moves if move.piece == piece.id]
    front = _with_moves(text[start:end], shown, piece, moves, standards)
    if after.acceptance != piece.acceptance:
        front = with_keys(front, ("acceptance",), {"fingerprint": after.acceptance.fingerprint})
    if front == text[start:end]:
        return None
    content = encoded_as(raw, text[:start] + front + text[end:])
    declared = _declared_piece(content, shown, standards)
    is_as_meant = declared is not None and _facts(declared) == _facts(after)
    refuse_other(content, shown, MAX_PIECE_BYTES, is_as_meant=is_as_meant)
    return name, content


def _facts(piece: Evidence) -> tuple[object, ...]:
    """Give what a piece's file says; orphans in any order, since they keep their places in the file."""
    plain = piece.model_dump(exclude={"attached", "fingerprint", "source", "orphaned_claims"})
    return plain, sorted(claim.model_dump_json() for claim in piece.orphaned_claims)


def _with_moves(front: str, shown: str, piece: Evidence, moves: list[ClaimMove], standards: Standards) -> str:
    written = parse_yaml(front, shown).at(("claims",)) or []
    places = [index for index, entry in enumerate(written) if not _is_orphan(entry)]
    for move in moves:
        index = places[move.place]
        code = written[index]["code"] if isinstance(written[index], dict) else written[index]
        new = move.kept or move.targets[0]
        if move.kept is None:
            code = _code_as_written(code.strip(), new, standards)
        elif code.strip() != new.code:
            code = new.code
        front = _with_claim(front, index, written[index], {"code": code, **_said(new)}, _said(move.claim))
    for move in moves:
        for target in move.targets[1:]:
            code = _code_as_written(_code_at(written[places[move.place]]), target, standards)
            front = with_entry(front, ("claims",), {"code": code, **_said(target)})
    return front


def _is_orphan(entry: Any) -> bool:
    return isinstance(entry, dict) and bool(entry.get("orphaned_in"))


def _code_at(entry: Any) -> str:
    return str(entry["code"] if isinstance(entry, dict) else entry).strip()


def _code_as_written(written: str, claim: Claim, standards: Standards) -> str:
    """Give a claim's code in the manner of the old one: as it stands, where that still names the statement."""
    try:
        if resolve_code(written, standards, Source("")) == (claim.standard, claim.code):
            return written
    except KsbtrackError:
        pass
    reference, colon, _ = written.rpartition(":")
    if not colon:
        return claim.code
    return f"{claim.standard if '@' in reference else reference.strip()}:{claim.code}"


def _said(claim: Claim) -> dict[str, str]:
    """Give what a claim says besides its code, in the order in which a file has it."""
    state = claim.state.value if claim.state is not ClaimState.CLAIMED else None
    said = {
        "where": claim.where,
        "why": claim.why,
        "state": state,
        "made_against": claim.made_against,
        "fingerprint": claim.fingerprint,
        "orphaned_in": claim.orphaned_in,
    }
    return {key: value for key, value in said.items() if value is not None}


def _with_claim(front: str, index: int, written: Any, new: dict[str, str], old: dict[str, str]) -> str:
    """Give the front matter with another claim at a place of the list, of which only what differs is written.

    Args:
        front: the front matter.
        index: the claim's place in the list.
        written: what stands there.
        new: the claim as it is to be, by key.
        old: the claim as it was, without its code.
    """
    code = _code_at(written)
    if not isinstance(written, dict):
        value = new if len(new) > 1 else new["code"]
        return front if value == code else with_value(front, ("claims", index), value)
    said = {"code": code, **old}
    changes = {key: new.get(key) for key in (*said, *new) if said.get(key) != new.get(key)}
    return with_keys(front, ("claims", index), changes) if changes else front


def _declared_piece(content: bytes, shown: str, standards: Standards) -> Evidence | None:
    """Give the piece that a file's new bytes declare, with its claims looked up; None if they declare none."""
    try:
        parts = split_piece(decode(content, shown), shown)
        text = parse_yaml(parts.front, shown, first_line=2)
        piece = checked(Evidence, text)
    except KsbtrackError:
        return None
    problems: list[Problem] = []
    named = resolve_claims(text, standards, problems)
    return None if problems else with_claims(piece, named).model_copy(update={"account": parts.account})


def migrated_head(root: Path, plan: MigrationPlan) -> tuple[str, bytes]:
    """Give portfolio.yaml by its name with the new version, and the confirmations that still hold marked anew.

    Args:
        root: the portfolio's folder.
        plan: what is to change.

    Raises:
        KsbtrackError: see `migrated_piece`.
    """
    shown = f"{plan.before.folder}/{HEAD}"
    raw = read_text_file(root, HEAD, shown)
    text = raw.decode("utf-8-sig")
    before, after = plan.before, plan.after
    if before.standard != after.standard:
        text = with_keys(text, (), {"standard": after.standard})
    if before.option != after.option:
        text = with_keys(text, (), {"option": after.option})
    for index, (old, new) in enumerate(zip(before.also, after.also, strict=True)):
        if old != new:
            text = with_value(text, ("also", index), new)
    for place, (one, other) in enumerate(zip(before.records.confirmations, after.records.confirmations, strict=True)):
        if one != other:
            text = with_keys(text, ("records", "confirmations", place), {"fingerprint": other.fingerprint})
    content = encoded_as(raw, text)
    declared, known = (_declared_head(whole, shown) for whole in (content, raw))
    expected = known and known.model_copy(
        update={
            "standard": after.standard if before.standard != after.standard else known.standard,
            "option": after.option,
            "also": tuple(
                new if old != new else name for name, old, new in zip(known.also, before.also, after.also, strict=True)
            ),
            "records": known.records.model_copy(update={"confirmations": after.records.confirmations}),
        }
    )
    refuse_other(content, shown, MAX_BYTES, is_as_meant=declared is not None and declared == expected)
    return HEAD, content


def _declared_head(content: bytes, shown: str) -> Portfolio | None:
    try:
        return checked(Portfolio, parse_yaml(decode(content, shown), shown))
    except KsbtrackError:
        return None


def migrated_log(root: Path, plan: MigrationPlan, before: Standards, afterwards: Standards) -> tuple[str, bytes] | None:
    """Give off-the-job.csv by its name with its codes moved; None if nothing changes. Other rows stay as they are.

    Args:
        root: the portfolio's folder.
        plan: what is to change.
        before: the standards of the portfolio as they are.
        afterwards: those of the portfolio afterwards.

    Raises:
        KsbtrackError: `layout-not-kept`, `file-too-large`, or what reading the file raises.
    """
    if not plan.log:
        return None
    shown = f"{plan.before.folder}/{LOG_OF_HOURS}"
    raw = read_text_file(root, LOG_OF_HOURS, shown, MAX_LOG_BYTES)
    text = raw.decode("utf-8-sig")
    now = logged_codes(plan.comparison, plan.before.standard)
    delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
    rows = [_moved_row(row, now, plan, before, delimiter) for row in _rows(text, delimiter)]
    content = encoded_as(raw, "".join(rows))
    try:
        is_as_meant = logged_hours(content, shown, afterwards) == plan.after.off_the_job
    except KsbtrackError:
        is_as_meant = False
    refuse_other(content, shown, MAX_LOG_BYTES, is_as_meant=is_as_meant)
    return LOG_OF_HOURS, content


_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


def _rows(text: str, delimiter: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each row as it stands, with its end of line, and its cells."""
    lines = [line for line in _LINE.findall(text) if line]
    plain = (re.sub(r"\r\n|\r", "\n", line) for line in lines)
    reader = csv.reader(plain, delimiter=delimiter, strict=True)
    done = 0
    for cells in reader:
        yield "".join(lines[done : reader.line_num]), cells
        done = reader.line_num


def _moved_row(
    row: tuple[str, list[str]],
    now: Mapping[str, tuple[str, ...]],
    plan: MigrationPlan,
    standards: Standards,
    delimiter: str,
) -> str:
    whole, cells = row
    if len(cells) <= 3 or cells[3].strip().casefold() == "codes":  # noqa: PLR2004 - the fourth cell has the codes
        return whole
    new: list[str] = []
    gone: list[str] = []
    for written in (code for code in re.split(r"[\s;,]+", cells[3]) if code):
        named = _named_in_log(written, plan.before.standard, standards)
        if named not in now:
            new.append(written)
            continue
        new += now[named]
        gone += [] if now[named] else [named]
    if not gone and new == [code for code in re.split(r"[\s;,]+", cells[3]) if code]:
        return whole
    cells = [
        cells[0],
        cells[1],
        with_gone(_folded(cells[2]), gone, plan.comparison.old.identity) if gone else cells[2],
        " ".join(dict.fromkeys(new)),
    ]
    end = whole[len(whole.rstrip("\r\n")) :]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="").writerow(cells)
    return text.getvalue() + end


def _folded(activity: str) -> str:
    """Give the words of an activity as loading gives them, so that what is added to them fits here as it does there."""
    return unicodedata.normalize("NFC", " ".join(activity.split()))


def _named_in_log(written: str, own: str, standards: Standards) -> str:
    """Give a code as loading the log names it: bare where the portfolio's own standard has it."""
    identity, code = resolve_code(written, standards, Source(LOG_OF_HOURS), "code")
    known = standards[own].by_code.get(code)
    return code if known is not None and known.origin == identity else f"{identity}:{code}"
