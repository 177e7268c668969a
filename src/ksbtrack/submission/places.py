"""Whether an assessor finds what each claim names: pages, times, lengths of recordings."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import MadeClaim
from ksbtrack.models.meant import Outcome, named_place
from ksbtrack.models.places import without_pages
from ksbtrack.models.portfolio import AttachedFile, Evidence, FileKind
from ksbtrack.models.submission import Submission
from ksbtrack.models.values import listed
from ksbtrack.rules.claims import pages_of
from ksbtrack.rules.words import counted
from ksbtrack.submission.findings import found, to_do


def place_not_exact(submission: Submission) -> Iterator[Finding]:
    """Find each chosen piece with claims that name no page and no time.

    No place is needed where each file of the piece is a single page, or where it has no file but its written account.
    Texts and tables have no pages: there any words that say where to look will do. A page or a time of a piece that has
    none is no place, whether one is needed or not.

    Yields:
        At most one finding a piece, in the order of the choice; two where some claims name none, and some what is not.
    """
    is_asked_elsewhere = submission.profile.checks.recording_without_times is not None
    for piece in submission.pieces:
        files = [file for file in piece.attached if not file.is_missing]
        claims = submission.claims_of(piece)
        nowhere = [made for made in claims if _is_nowhere(made, submission)]
        if nowhere:
            yield _of_nothing(piece, nowhere)
        if all(file.pages == 1 for file in files) or (submission.is_recorded(piece) and is_asked_elsewhere):
            continue
        has_exact = any(file.kind is not FileKind.TEXT and file.pages != 1 for file in files)
        vague = [made for made in claims if made not in nowhere and not _is_found(made, has_exact)]
        if vague:
            yield _without_place("place_not_exact", piece, vague, "page or time" if has_exact else "place")


def _is_found(made: MadeClaim, has_exact: bool) -> bool:
    place = made.claim.place
    return bool(place.pages or place.times) or (bool(place.text) and not has_exact)


def _is_nowhere(made: MadeClaim, submission: Submission) -> bool:
    """Say whether a claim names pages or times, and no others than the piece has none of.

    A time in words about a text says where to look in it, and so do any other words.
    """
    piece = made.piece
    names = [file.name for file in piece.attached]
    named = named_place(made.claim.place, names)
    place = named.place
    is_recorded = submission.is_recorded(piece)
    has_texts = bool(piece.attached) and all(file.kind is FileKind.TEXT for file in piece.attached)
    if not (place.pages or place.times) or (has_texts and has_words(without_pages(place.text))):
        return False
    is_page = place.pages and named.of_pages([pages_of(file) for file in piece.attached]).outcome is not Outcome.NOWHERE
    return not (is_page or (place.times and is_recorded))


def has_words(text: str) -> bool:
    """Say whether anything stands in a text besides signs."""
    return any(character.isalnum() for character in text)


def _of_nothing(piece: Evidence, nowhere: list[MadeClaim]) -> Finding:
    codes = listed(dict.fromkeys(made.competency.code for made in nowhere))
    said = listed(dict.fromkeys(f'"{made.claim.where}"' for made in nowhere))
    return found(
        "place_not_exact",
        piece.id,
        Status.NOT_MET,
        f"{piece.id} shows {codes} at {said}, and has nothing with such pages or times.",
        {"codes": codes, "where": said},
        to_do(
            Action.CORRECT_PLACE,
            piece.id,
            f"Attach to {piece.id} what these places are in, or correct them (where).",
        ),
    )


def _without_place(check: str, piece: Evidence, vague: list[MadeClaim], what: str) -> Finding:
    codes = list(dict.fromkeys(made.competency.code for made in vague))
    said = listed(dict.fromkeys(f'"{made.claim.where}"' for made in vague if made.claim.where) or ["nothing"])
    return found(
        check,
        piece.id,
        Status.NOT_MET,
        f"{piece.id} gives no {what} for {listed(codes)}.",
        {"codes": ", ".join(codes), "where": said},
        to_do(
            Action.CORRECT_PLACE,
            piece.id,
            f"Add the {what} to {'the claim' if len(vague) == 1 else 'each of these claims'} of {piece.id} (where).",
        ),
    )


def recording_without_times(submission: Submission) -> Iterator[Finding]:
    """Find each chosen recording with claims that name no time.

    Yields:
        At most one finding a piece, in the order of the choice.
    """
    for piece in submission.pieces:
        if submission.is_recorded(piece):
            vague = [made for made in submission.claims_of(piece) if not made.claim.place.times]
            # A recording among other files: a claim on a page is exact as well.
            if any(file.kind is FileKind.PDF for file in piece.attached):
                vague = [made for made in vague if not made.claim.place.pages]
            if vague:
                yield _without_place("recording_without_times", piece, vague, "time")


def pages_not_counted(submission: Submission) -> Iterator[Finding]:
    """Say of each chosen piece whose claims name pages of a file that has none we can count that this is not known.

    Yields:
        At most one finding a piece, in the order of the choice.
    """
    for piece in submission.pieces:
        uncounted = [
            file.name
            for file in piece.attached
            if not file.is_missing
            and file.pages is None
            and file.kind is FileKind.OTHER
            and not submission.facts_of(file).is_recording
        ]
        codes = list(
            dict.fromkeys(made.competency.code for made in submission.claims_of(piece) if made.claim.place.pages)
        )
        if uncounted and codes:
            yield found(
                "pages_not_counted",
                piece.id,
                Status.UNKNOWN,
                f"{piece.id} names pages for {listed(codes)}, and those of {listed(uncounted)} cannot be counted.",
                {"files": ", ".join(uncounted), "codes": ", ".join(codes)},
                to_do(
                    Action.REPLACE_FILE,
                    piece.id,
                    f"Save {listed(uncounted)} as PDF, whose pages stay what they are, and attach that.",
                ),
            )


def time_beyond_end(submission: Submission) -> Iterator[Finding]:
    """Find each claim whose time lies after the end of the recording that it names, or of all if it names none.

    Of a piece with none of its recordings in the folder nothing can be said, and nothing is.

    Yields:
        At most one finding a claim, in the order of the choice.
    """
    for piece in submission.pieces:
        recordings = submission.recordings_of(piece)
        names = [file.name for file in piece.attached]
        lengths = [submission.facts_of(file).seconds if file in recordings else Decimal(0) for file in piece.attached]
        for made in submission.claims_of(piece):
            if not recordings or not made.claim.place.times:
                continue
            named = named_place(made.claim.place, names)
            meant = named.of_times(lengths)
            if named.place.times and meant.outcome in (Outcome.BEYOND, Outcome.UNKNOWN):
                of = [piece.attached[one] for one in meant.between if meant.file is None] or recordings
                of = of if meant.file is None else [piece.attached[meant.file]]
                longest = max((submission.facts_of(file).seconds or Decimal(0) for file in of), default=Decimal(0))
                is_certain = meant.outcome is Outcome.BEYOND
                is_named = bool(named.named) and len(recordings) > 1
                yield _late(made, longest, is_certain=is_certain, is_named=is_named, files=of)


def _late(made: MadeClaim, longest: Decimal, *, is_certain: bool, is_named: bool, files: list[AttachedFile]) -> Finding:
    code, piece = made.competency.code, made.piece.id
    names = listed(file.name for file in files)
    return found(
        "time_beyond_end",
        made.subject,
        Status.NOT_MET if is_certain else Status.UNKNOWN,
        f'{piece} shows {code} at "{made.claim.where}", '
        + (
            f"but {names if is_named else 'the recording'} ends at {as_time(longest)}."
            if is_certain
            else f"but how long {names} is cannot be told."
        ),
        {"where": made.claim.where or "", "length": as_time(longest) if is_certain else "unknown", "files": names},
        _correct_place(made) if is_certain else _save_again(made.subject, names),
    )


def _correct_place(made: MadeClaim) -> Remedy:
    text = f"Correct the time at which {made.piece.id} shows {made.competency.code}, or attach the right recording."
    return to_do(Action.CORRECT_PLACE, made.subject, text)


def _save_again(subject: str, names: str) -> Remedy:
    return to_do(
        Action.REPLACE_FILE,
        subject,
        f"Save {names} as MP4, MP3 or WAV, so that its length can be read, or listen to it.",
    )


def as_time(seconds: Decimal) -> str:
    """Give a length as a player shows it, such as 5:01 or 1:02:03; what has begun of a second counts as one."""
    whole = int(seconds.to_integral_value(ROUND_CEILING))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def recording_too_long(submission: Submission) -> Iterator[Finding]:
    """Find each recording of the chosen pieces that is longer than an extract may be.

    Yields:
        In the order of the choice.

    Unit: minutes, exactly kept; a recording of the limit itself is fine.
    """
    asked = submission.profile.checks.recording_too_long
    if asked is None:
        return
    for piece in submission.pieces:
        recordings = submission.recordings_of(piece)
        for file in recordings:
            seconds = submission.facts_of(file).seconds
            if seconds is None or seconds > asked.minutes * 60:
                yield _length(piece, file.name, seconds, asked.minutes)
        if not recordings and submission.is_recorded(piece):
            yield _length(piece, "", None, asked.minutes)


def _length(piece: Evidence, name: str, seconds: Decimal | None, minutes: int) -> Finding:
    limit = counted(minutes, "minute")
    inputs = {"file": name or "none", "length": as_time(seconds) if seconds is not None else "unknown", "limit": limit}
    if seconds is not None:
        reason = f"{name} ({piece.id}) lasts {as_time(seconds)}; an extract has at most {limit}."
        remedy = to_do(
            Action.REPLACE_FILE, piece.id, f"Cut {name} to what shows the statements claimed.", effort=Effort.HOURS
        )
        return found("recording_too_long", piece.id, Status.NOT_MET, reason, inputs, remedy)
    reason = (
        f"How long {name} ({piece.id}) is cannot be told."
        if name
        else f"{piece.id} has no recording that can be timed."
    )
    remedy = (
        _save_again(piece.id, name)
        if name
        else to_do(Action.REPLACE_FILE, piece.id, f"Attach the recording to {piece.id} (files).")
    )
    return found("recording_too_long", piece.id, Status.UNKNOWN, reason, inputs, remedy)
