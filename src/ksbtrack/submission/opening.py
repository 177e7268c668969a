"""Whether an assessor can open each file, and whether it fits through the door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from ksbtrack.models.analysis import Action, Effort, Finding, Status
from ksbtrack.models.portfolio import AttachedFile, Evidence, FileKind
from ksbtrack.models.profile import BYTES_IN_MEGABYTE
from ksbtrack.models.submission import Submission
from ksbtrack.rules.words import counted
from ksbtrack.submission.choice import WHOLE
from ksbtrack.submission.findings import found, to_do


def file_needs_password(submission: Submission) -> Iterator[Finding]:
    """Find each file that does not open without a password; a PDF that asks for one is refused when it is loaded.

    Yields:
        In the order of the choice.
    """
    for piece, file in submission.attached:
        locked = submission.facts_of(file).needs_password
        if locked is False:
            continue
        yield _about(
            "file_needs_password",
            (piece, file),
            Status.NOT_MET if locked else Status.UNKNOWN,
            f"{file.name} ({piece.id}) asks for a password."
            if locked
            else f"Whether {file.name} ({piece.id}) opens without a password cannot be told.",
            f"Save a copy of {file.name} without a password, and attach that."
            if locked
            else f"Open {file.name} on another computer, or save it as PDF and attach that.",
        )


def _about(check: str, about: tuple[Evidence, AttachedFile], status: Status, reason: str, advice: str) -> Finding:
    piece, file = about
    remedy = to_do(Action.REPLACE_FILE, piece.id, advice, file=file.name)
    return found(check, piece.id, status, reason, {"file": file.name}, remedy)


def unusual_format(submission: Submission) -> Iterator[Finding]:
    """Say of each file in a format that is not among the usual ones that nobody knows whether it opens everywhere.

    Yields:
        In the order of the choice.
    """
    for piece, file in submission.attached:
        if not submission.facts_of(file).is_usual:
            ending = PurePosixPath(file.name).suffix or "no ending"
            yield _about(
                "unusual_format",
                (piece, file),
                Status.UNKNOWN,
                f"Whether {file.name} ({piece.id}) opens without special software is not known ({ending}).",
                f"Save {file.name} as PDF, JPEG, MP3 or MP4, and attach that.",
            )


def content_unlike_name(submission: Submission) -> Iterator[Finding]:
    """Find each file that is something else than its name promises, or whose name promises nothing.

    What can be told from the first bytes alone is refused when the portfolio is loaded.

    Yields:
        In the order of the choice.
    """
    for piece, file in submission.attached:
        facts = submission.facts_of(file)
        if facts.is_as_named:
            continue
        ending = PurePosixPath(file.name).suffix
        promise = f"whose name ends in {ending}" if ending else "whose name has no ending"
        is_certain = facts.is_as_named is False
        yield _about(
            "content_unlike_name",
            (piece, file),
            Status.NOT_MET if is_certain else Status.UNKNOWN,
            f"{file.name} ({piece.id}), {promise}, is {facts.content}."
            if is_certain
            else f"Whether {file.name} ({piece.id}) is what its name promises cannot be told.",
            f"Attach the right file, or one with the right ending, in place of {file.name}."
            if is_certain
            else f"Open {file.name}; if it does not open, save it again from the original.",
        )


def too_large_to_show(submission: Submission) -> Iterator[Finding]:
    """Find each PDF and picture that `ksbtrack showcase` would refuse for its pages, their sizes or its pixels.

    Yields:
        In the order of the choice.
    """
    for piece, file in submission.attached:
        if clause := submission.facts_of(file).beyond_showing:
            yield _about(
                "too_large_to_show",
                (piece, file),
                Status.NOT_MET,
                f"{file.name} ({piece.id}) {clause}, which a showcase cannot show.",
                f"Print the pages that are needed of {file.name} to a new PDF of a usual size, and attach that."
                if file.kind is FileKind.PDF
                else f"Save {file.name} with fewer pixels, or many scanned pages as a PDF.",
            )


def file_too_large(submission: Submission) -> Iterator[Finding]:
    """Find each file that is larger than the profile takes.

    Yields:
        In the order of the choice.

    Unit: megabytes of a million bytes.
    """
    asked = submission.profile.checks.file_too_large
    for piece, file in submission.attached if asked else ():
        if asked and file.size > asked.bytes:
            yield _about(
                "file_too_large",
                (piece, file),
                Status.NOT_MET,
                f"{file.name} ({piece.id}) has {as_megabytes(file.size)}; {asked.megabytes:,} MB is the most.",
                f"Cut {file.name}, or save it with a lower quality.",
            )


def files_too_large_together(submission: Submission) -> Iterator[Finding]:
    """Find that the files of the chosen pieces are larger together than the profile takes.

    Yields:
        Exactly one finding.

    Unit: megabytes of a million bytes.
    """
    asked = submission.profile.checks.files_too_large_together
    if asked is None:
        return
    sizes = {file.name: file.size for _, file in submission.attached}
    total = sum(sizes.values())
    is_fine = total <= asked.bytes
    yield found(
        "files_too_large_together",
        WHOLE,
        Status.MET if is_fine else Status.NOT_MET,
        f"{counted(len(sizes), 'file')} of {as_megabytes(total)} together; {asked.megabytes:,} MB is the most.",
        {"files": str(len(sizes)), "bytes": str(total), "limit": str(asked.bytes)},
        None
        if is_fine
        else to_do(
            Action.REPLACE_FILE,
            WHOLE,
            "Save the largest recordings and pictures with a lower quality, or cut them.",
            effort=Effort.HOURS,
        ),
    )


def as_megabytes(size: int) -> str:
    """Give a size in megabytes of a million bytes, rounded up to a tenth, such as 250.1 MB."""
    tenths = -(-size * 10 // BYTES_IN_MEGABYTE)
    return f"{tenths // 10:,}.{tenths % 10} MB"
