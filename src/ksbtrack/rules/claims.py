"""Whether a single claim of a piece holds: confirmed, made against this wording, on a page that exists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from ksbtrack.files.attachments import ENDINGS
from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case, MadeClaim
from ksbtrack.models.meant import Meant, NamedPlace, Outcome, named_place
from ksbtrack.models.portfolio import AttachedFile, ClaimState, FileKind
from ksbtrack.models.standard import Competency, Standard
from ksbtrack.models.values import listed
from ksbtrack.rules.settings import setting_source
from ksbtrack.rules.words import ASSESSOR, YOU

EXACT_PLACE = "Awarding bodies' mapping forms: an exact page or time for each statement"


def claim_not_confirmed(case: Case) -> Iterator[Finding]:
    """Find each claim that no assessor confirmed, where the settings ask for that.

    Yields:
        In the portfolio's order.

    Source: the setting `confirmed_claims_needed`.
    """
    if not any(settings.confirmed_claims_needed for settings in case.different_settings):
        return
    for made in case.claims:
        code = made.competency.code
        if case.settings[code].confirmed_claims_needed and made.claim.state is not ClaimState.CONFIRMED:
            yield Finding(
                "claim_not_confirmed",
                made.subject,
                Status.PARTLY_MET,
                f"No assessor has confirmed that {made.piece.id} shows {code}.",
                {"state": made.claim.state.value},
                Remedy(
                    Action.CONFIRM_CLAIM,
                    made.subject,
                    f"Have the claim of {made.piece.id} on {code} confirmed.",
                    ASSESSOR,
                    Effort.MINUTES,
                ),
                setting_source(case, "confirmed_claims_needed", code),
            )


def mapped_to_another_version(case: Case) -> Iterator[Finding]:
    """Find each claim that was made against another version or another wording of its statement.

    A recorded fingerprint of the wording decides; without one, the version named with the claim does. A version that
    this standard inherits from is not another one.

    Yields:
        In the portfolio's order.

    Source: codes come from the order of a list, so the same code can name another statement in the next version.
    """
    for made in case.claims:
        claim, statement = made.claim, made.competency
        against = claim.made_against or claim.standard
        is_same = against == statement.origin or is_of_version(case.standard, statement, against)
        if claim.fingerprint == statement.fingerprint if claim.fingerprint else is_same:
            continue
        rest = ", whose wording differs from today's" if is_same else f", not of {statement.origin}"
        yield Finding(
            "mapped_to_another_version",
            made.subject,
            Status.CHECK_AGAIN,
            f"{made.piece.id} was mapped to {statement.code} of {against}{rest}.",
            {
                "made_against": against,
                "wording_then": claim.fingerprint or "not recorded",
                "wording_now": statement.fingerprint,
            },
            _review(made),
            "A mapping without its version is a guess: codes are renumbered between versions",
        )


def is_of_version(standard: Standard, statement: Competency, against: str) -> bool:
    """Say whether a version named with a claim is the one that declares the statement.

    Args:
        standard: the case's standard; the versions it extends are its own.
        statement: what the claim names.
        against: `reference@version`, or the version alone.
    """
    known = (statement.origin, standard.identity, *standard.lineage)
    return against.casefold() in {name.casefold() for name in (*known, statement.origin.partition("@")[2])}


def _review(made: MadeClaim) -> Remedy:
    statement = made.competency
    return Remedy(
        Action.REVIEW_CLAIM,
        made.subject,
        f"Read {statement.code} of {statement.origin} again and, if {made.piece.id} still shows it, record the claim "
        f"with made_against {statement.origin} and fingerprint {statement.fingerprint}.",
        f"{YOU}, then {ASSESSOR}",
        Effort.MINUTES,
        wording_today(statement),
    )


def wording_today(statement: Competency) -> dict[str, str]:
    """Give what a claim records when it is looked at again: the version and the mark of the wording."""
    return {"made_against": statement.origin, "fingerprint": statement.fingerprint}


def orphaned_claim(case: Case) -> Iterator[Finding]:
    """Warn of each piece with claims that are kept although the standard's newer version has no such statement.

    Yields:
        In the portfolio's order.

    Source: `ksbtrack migrate` loses no claim; one on what is gone counts for nothing.
    """
    for piece in case.portfolio.evidence:
        if not piece.orphaned_claims:
            continue
        names = [f"{claim.code} of {claim.made_against or 'another version'}" for claim in piece.orphaned_claims]
        one = len(names) == 1
        yield Finding(
            "orphaned_claim",
            piece.id,
            Status.MET,
            f"{piece.id} keeps {'a claim' if one else 'claims'} on {listed(names)}, which no statement took the place "
            f"of; {'it counts' if one else 'they count'} for nothing.",
            {"claims": ", ".join(names)},
            Remedy(
                Action.REVIEW_CLAIM,
                piece.id,
                f"Claim what {piece.id} shows of the version now, or delete the claims with orphaned_in.",
                YOU,
                Effort.MINUTES,
            ),
            "A new version can drop a statement; its claims are kept, so that nothing is lost",
            decides=False,
        )


def place_beyond_last_page(case: Case) -> Iterator[Finding]:
    """Find each claim whose page is not in the file that it names, or in none of the piece's files if it names none.

    Said as far as pages can be counted. A place that can be in several files, since its words name them alike or name
    two, is found as well: nobody can look it up.

    Yields:
        In the portfolio's order.

    Source: the exact page or time belongs into the evidence matrix.
    """
    for claims in case.claims_of.values():
        files = claims[0].piece.attached
        if not files:
            continue
        pages = [pages_of(file) for file in files]
        shortest = min([count or 0 for count in pages], default=0)
        for made in claims:
            last = made.claim.place.last_page
            # What even the shortest file has is there, whichever file is meant; of one file it is always that one.
            is_there = last is None or last <= shortest
            if is_there and len(files) == 1:
                continue
            named = named_place(made.claim.place, [file.name for file in files])
            if is_there and not named.named:
                continue
            meant = named.of_pages(pages)
            if named.place.pages and meant.outcome is Outcome.BEYOND:
                of = meant.between or range(len(pages))
                longest = max(pages[one] or 0 for one in of) if meant.file is None else pages[meant.file] or 0
                yield _beyond(made, longest, _words(files, pages, meant))
            elif several := _several(named, pages, files):
                yield _unclear(made, [files[one] for one in several], max(pages[one] or 0 for one in several))


def pages_of(file: AttachedFile) -> int | None:
    """Give the pages of a file that a claim can name, 0 where it has none; None where they cannot be told."""
    if file.is_missing or file.problem:
        return None
    if file.kind is FileKind.PDF:
        return file.pages
    promised = ENDINGS.get(PurePosixPath(file.name).suffix.casefold())
    if file.kind is FileKind.IMAGE:
        # Of pictures only TIFF has pages: the frames of an animation are none.
        return file.pages if promised in ("tiff", None) else 1
    if file.kind is FileKind.TEXT or _is_recording(file):
        return 0
    return file.pages


def _several(named: NamedPlace, pages: Sequence[int | None], files: Sequence[AttachedFile]) -> tuple[int, ...]:
    """Give the files between which a place leaves it open; none where it does not."""
    if named.alike:
        return named.alike
    # How long recordings are is not known here, and of two that are named it does not matter.
    seconds = [None if _is_recording(file) else 0 for file in files]
    for is_asked, meant in (
        (named.place.pages, named.of_pages(pages)),
        (named.place.times, named.of_times(seconds)),
    ):
        if is_asked and meant.outcome is Outcome.UNCLEAR:
            return meant.between
    return ()


def _is_recording(file: AttachedFile) -> bool:
    return ENDINGS.get(PurePosixPath(file.name).suffix.casefold()) == "recording"


def _words(files: Sequence[AttachedFile], pages: Sequence[int | None], meant: Meant) -> str:
    if meant.between:
        return f"the longest of {listed(files[one].name for one in meant.between)}"
    if meant.file is not None and len(files) > 1:
        return files[meant.file].name
    return "its longest file" if sum(bool(count) for count in pages) > 1 else "its file"


def _unclear(made: MadeClaim, files: Sequence[AttachedFile], longest: int) -> Finding:
    code, names = made.competency.code, [file.name for file in files]
    either = f"{', '.join(names[:-1])} or {names[-1]}"
    return Finding(
        "place_beyond_last_page",
        made.subject,
        Status.NOT_MET,
        f'{made.piece.id} shows {code} at "{made.claim.where}", which can be in {either}.',
        {"where": made.claim.where or "", "between": ", ".join(names)},
        Remedy(
            Action.CORRECT_PLACE,
            made.subject,
            f"Write in which one file {made.piece.id} shows {code}, such as {names[-1]}; claim places in two files "
            "one by one.",
            YOU,
            Effort.MINUTES,
            {"last_page": str(longest)},
        ),
        EXACT_PLACE,
    )


def _beyond(made: MadeClaim, longest: int, file: str) -> Finding:
    code = made.competency.code
    return Finding(
        "place_beyond_last_page",
        made.subject,
        Status.NOT_MET,
        f'{made.piece.id} shows {code} at "{made.claim.where}", but {file} '
        + (f"ends on page {longest}." if longest else "has no pages."),
        {"where": made.claim.where or "", "last_page": str(longest)},
        Remedy(
            Action.CORRECT_PLACE,
            made.subject,
            f"Correct the place at which {made.piece.id} shows {code}.",
            YOU,
            Effort.MINUTES,
            {"last_page": str(longest)},
        ),
        EXACT_PLACE,
    )
