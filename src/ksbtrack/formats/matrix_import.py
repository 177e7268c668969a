"""From a matrix to a portfolio: what would change is given first, and written only where that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from ksbtrack.files.locking import only_writer
from ksbtrack.files.opening import read_text_file
from ksbtrack.files.writing import replace_files
from ksbtrack.formats.matrix_reading import read_matrix
from ksbtrack.formats.matrix_words import Names, same_place
from ksbtrack.formats.sheets import read_sheets
from ksbtrack.formats.signed_records import encoded_as, front_of, refuse_other
from ksbtrack.formats.yaml_edit import with_entries, with_keys, with_value
from ksbtrack.load.checked import checked
from ksbtrack.load.claims import resolve_claims
from ksbtrack.load.pieces import MAX_PIECE_BYTES, split_piece, with_claims
from ksbtrack.load.portfolios import load_with_standards
from ksbtrack.models.evidence_matrix import MatrixClaim, MatrixImport, MissingClaim, Proposal, ProposalKind
from ksbtrack.models.portfolio import AcceptanceState, Claim, Evidence, Portfolio
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import MAX_LIST
from ksbtrack.problems import KsbtrackError, Problem, Source, did_you_mean, quoted
from ksbtrack.rules.confirmed import covered_pieces
from ksbtrack.yamlfile import decode, parse_yaml

Standards = Mapping[str, Standard]
"""Those of a portfolio by identity, its own first."""
Held = dict[tuple[str, str], list[tuple[int, Claim]]]
"""The claims of a portfolio by piece and code, each with its place among the claims of its piece."""


def import_matrix(
    folder: str | Path,
    file: str | Path,
    *,
    write: bool = False,
    standard: str | None = None,
    folders: Sequence[str | Path] = (),
    overlays: Sequence[str | Path] = (),
) -> MatrixImport:
    """Give what an evidence matrix adds to a portfolio and, only if asked for, write it.

    A claim is never taken away. In the files of the pieces only the list of claims changes; every other character
    stays. All of them are written, or none.

    Args:
        folder: the portfolio's folder.
        file: the matrix: XLSX, CSV or TSV, either way round.
        write: writes the change; without it nothing is written.
        standard: the standard of the portfolio that the matrix is about, with or without version; its own if left out.
        folders: see `load_portfolio`.
        overlays: see `load_portfolio`.

    Raises:
        KsbtrackError: every problem of the portfolio; what `read_sheets` raises; `not-a-matrix`, `unknown-standard`,
            `too-many`, `portfolio-in-use`, `layout-not-kept`, `cannot-write`.
    """
    root, matrix = Path(folder), Path(file)
    sheets = read_sheets(matrix)
    with only_writer(root) if write else nullcontext():
        portfolio, standards = load_with_standards(root, folders, overlays)
        about = _standard_named(standard, standards)
        reading = read_matrix(sheets, Names(about, portfolio))
        held = _held(portfolio, about)
        proposals, known = _proposals(reading.claims, held)
        changed = list(dict.fromkeys(proposal.claim.piece for proposal in proposals))
        contents = []
        for piece in changed:
            ours = [proposal for proposal in proposals if proposal.claim.piece == piece]
            contents.append(_changed_piece(root, portfolio.by_id[piece], ours, about, standards))
        if write and contents:
            replace_files([(root / name, content) for name, content in contents])
    return MatrixImport(
        file=matrix.as_posix(),
        standard=about.identity,
        proposals=proposals,
        known=known,
        missing=tuple(_missing(reading.claims, held)),
        notes=reading.notes,
        accept_again=tuple(name for name in changed if _is_accepted(portfolio.by_id[name])),
        confirm_again=tuple(_confirm_again(portfolio, changed)),
        written=tuple((root / name).as_posix() for name, _ in contents) if write else (),
    )


def _standard_named(name: str | None, standards: Standards) -> Standard:
    own = next(iter(standards.values()))
    if name is None:
        return own
    wanted = name.strip().casefold()
    found = [one for identity, one in standards.items() if wanted in (identity.casefold(), one.reference.casefold())]
    if found:
        return found[0]
    raise KsbtrackError(
        Problem(
            "unknown-standard",
            Source("--standard"),
            quoted(name),
            f"this portfolio is about {', '.join(standards)}",
            did_you_mean(name, standards) + "Correct the reference, or add the standard to 'also' in portfolio.yaml.",
        )
    )


def _held(portfolio: Portfolio, about: Standard) -> Held:
    held: Held = {}
    for piece in portfolio.evidence:
        for index, claim in enumerate(piece.claims):
            statement = about.by_code.get(claim.code)
            if statement and claim.standard.partition("@")[0] == statement.origin.partition("@")[0]:
                held.setdefault((piece.id, claim.code), []).append((index, claim))
    return held


def _proposals(claims: Iterable[MatrixClaim], held: Held) -> tuple[tuple[Proposal, ...], int]:
    """Give what the claims of a matrix add, and how many of them the portfolio makes already."""
    proposals: list[Proposal] = []
    known = 0
    placed: set[tuple[str, int]] = set()
    for claim in claims:
        claimed = held.get((claim.piece, claim.code), [])
        places = [one.where or "" for _, one in claimed]
        if claimed and (not claim.where or same_place(claim.where) in map(same_place, places)):
            known += 1
            continue
        bare = next((index for index, one in claimed if not one.where and (claim.piece, index) not in placed), None)
        beside = tuple(place for place in places if place)
        # A place for the claim that has none; where there are others beside it, it may be meant to have none.
        if bare is not None and not beside:
            placed.add((claim.piece, bare))
            proposals.append(Proposal(claim, ProposalKind.ADD_PLACE, bare))
        else:
            proposals.append(Proposal(claim, ProposalKind.ADD, None, beside))
    return tuple(proposals), known


def _missing(claims: Iterable[MatrixClaim], held: Held) -> Iterator[MissingClaim]:
    """Yield the claims of a portfolio that a matrix does not have, in the portfolio's order."""
    said: dict[tuple[str, str], set[str]] = {}
    for claim in claims:
        said.setdefault((claim.piece, claim.code), set()).add(same_place(claim.where))
    for (piece, code), claimed in held.items():
        places = said.get((piece, code))
        for _, ours in claimed:
            if places is None or ("" not in places and ours.where and same_place(ours.where) not in places):
                yield MissingClaim(piece, code, ours.where or "")


def _changed_piece(
    root: Path, piece: Evidence, proposals: Sequence[Proposal], about: Standard, standards: Standards
) -> tuple[str, bytes]:
    """Give a piece's file by its name with the claims that are proposed, and nothing else changed.

    Raises:
        KsbtrackError: `layout-not-kept`, `file-too-large`, `too-many`, or what reading the file raises.
    """
    shown = piece.source.file
    name = shown.removeprefix(f"{root.as_posix().rstrip('/')}/")
    raw = read_text_file(root, name, shown, MAX_PIECE_BYTES)
    text = raw.decode("utf-8-sig")
    start, end = front_of(text)
    front = text[start:end]
    written = parse_yaml(front, shown).at(("claims",)) or []
    # Claims on what a standard no longer has stand in the file, but not among the claims of the piece.
    places = [
        place for place, entry in enumerate(written) if not (isinstance(entry, dict) and entry.get("orphaned_in"))
    ]
    added = [proposal.claim for proposal in proposals if proposal.index is None]
    _refuse_too_many(len(written) + len(added), shown)
    for proposal in proposals:
        if proposal.index is not None:
            place = places[proposal.index]
            front = _with_place(front, place, written[place], proposal.claim.where)
    if added:
        front = with_entries(front, ("claims",), [_entry(claim, about, standards) for claim in added])
    content = encoded_as(raw, text[:start] + front + text[end:])
    meant = piece.model_copy(update={"claims": _claims_meant(piece, proposals, about)})
    declared = _declared(content, shown, standards)
    refuse_other(
        content, shown, MAX_PIECE_BYTES, is_as_meant=declared is not None and _facts(declared) == _facts(meant)
    )
    return name, content


def _refuse_too_many(count: int, shown: str) -> None:
    if count > MAX_LIST:
        expected = f"a list may have at most {MAX_LIST:,}"
        raise KsbtrackError(Problem("too-many", Source(shown), f"{count:,} entries", expected, "Shorten it."))


def _entry(claim: MatrixClaim, about: Standard, standards: Standards) -> str | dict[str, str]:
    """Give a claim as a piece's file has it."""
    is_own = about.identity == next(iter(standards))
    code = claim.code if is_own else f"{about.reference}:{claim.code}"
    return {"code": code, "where": claim.where} if claim.where else code


def _with_place(front: str, index: int, written: Any, where: str) -> str:
    path = ("claims", index)
    if isinstance(written, dict):
        return with_keys(front, path, {"where": where})
    return with_value(front, path, {"code": written, "where": where})


def _claims_meant(piece: Evidence, proposals: Sequence[Proposal], about: Standard) -> tuple[Claim, ...]:
    """Give the claims that a piece has after the change."""
    claims = list(piece.claims)
    for proposal in proposals:
        code, where = proposal.claim.code, proposal.claim.where
        if proposal.index is not None:
            claims[proposal.index] = claims[proposal.index].model_copy(update={"where": where})
        else:
            claims.append(Claim(code=code, standard=about.by_code[code].origin, where=where or None))
    return tuple(claims)


def _declared(content: bytes, shown: str, standards: Standards) -> Evidence | None:
    """Give the piece that a file's bytes declare, with its account; None if they declare none."""
    problems: list[Problem] = []
    try:
        parts = split_piece(decode(content, shown), shown)
        text = parse_yaml(parts.front, shown, first_line=2)
        piece = checked(Evidence, text)
    except KsbtrackError:
        return None
    named = resolve_claims(text, standards, problems)
    return None if problems else with_claims(piece, named).model_copy(update={"account": parts.account})


def _facts(piece: Evidence) -> dict[str, Any]:
    """Give what a piece's file says."""
    return piece.model_dump(exclude={"attached", "fingerprint", "source"})


def _is_accepted(piece: Evidence) -> bool:
    """Say whether an assessor's decision is about the piece as it is now."""
    return piece.acceptance.state is AcceptanceState.ACCEPTED and bool(piece.acceptance.fingerprint)


def _confirm_again(portfolio: Portfolio, changed: Sequence[str]) -> Iterator[str]:
    """Yield who gave a confirmation that covers a piece which changes."""
    for record in portfolio.records.confirmations:
        covered = {piece.id for piece in covered_pieces(portfolio, record.covers)}
        if record.fingerprint and covered & set(changed):
            yield f"{record.name or record.by.value} ({record.by.value}, {record.of.words})"
