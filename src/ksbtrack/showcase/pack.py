"""What goes into the pack that is handed in, and under which names."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ksbtrack.files.opening import list_pieces, open_inside
from ksbtrack.files.packed_names import is_safe_name, packed_path, safe_name
from ksbtrack.formats.analysis_json import JsonObject
from ksbtrack.formats.pack import Origin, Pack, PackedFile, Role, chunks_of, made_file
from ksbtrack.formats.sign_off_log import LOG
from ksbtrack.models.analysis import Analysis
from ksbtrack.models.portfolio import AttachedFile, Evidence
from ksbtrack.models.profile import AskedSize, Asking, SubmissionProfile
from ksbtrack.models.submission import Submission
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted
from ksbtrack.report.outputs import pdf_report
from ksbtrack.report.pdf import html_to_pdf
from ksbtrack.showcase.build import Showcase
from ksbtrack.showcase.pages import declarations_html
from ksbtrack.showcase.parts import Form
from ksbtrack.showcase.view import showcase_view
from ksbtrack.submission.opening import as_megabytes
from ksbtrack.submission.records import pack_folder, pack_name_incomplete

SHOWCASE = "showcase.pdf"
REPORT = "readiness-report.pdf"
DECLARATIONS = "declarations.pdf"
CERTIFICATES = "certificates"


def pack_of(
    folder: Path, analysis: Analysis, profile: SubmissionProfile, built: Showcase, *, folder_name: str | None = None
) -> Pack:
    """Give everything that goes into the pack: documents, certificates, and the files that lie beside the showcase.

    Args:
        folder: the portfolio folder.
        analysis: of the whole portfolio.
        profile: what the submission is checked against; its names are used.
        built: the showcase.
        folder_name: what the pack's folder is called, where whoever packs says so instead of the profile.

    Raises:
        KsbtrackError: `pack-name-incomplete`, `pack-too-large`, or what making a PDF raises.
    """
    name = folder_name_of(analysis, profile, built.pieces, folder_name)
    pack = Pack(
        folder=name,
        facts=_facts(analysis, profile, built),
        files=tuple(_files(analysis, built)),
        origins=tuple(_origins(folder, analysis)),
    )
    _refuse_size(pack, profile)
    return pack


def folder_name_of(
    analysis: Analysis, profile: SubmissionProfile, pieces: Sequence[Evidence], asked: str | None = None
) -> str:
    """Give the name of the folder in which everything lies; nothing where the profile asks for none.

    Args:
        analysis: of the whole portfolio.
        profile: with the pattern.
        pieces: the chosen ones.
        asked: the name that whoever packs asks for.

    Raises:
        KsbtrackError: `pack-name-incomplete`.
    """
    if asked is not None:
        return safe_name(asked)
    if not profile.names.placeholders:
        return safe_name(profile.names.folder) if profile.names.folder else ""
    submission = Submission(analysis, profile, tuple(pieces), {})
    source = Source(f"{analysis.case.portfolio.folder}/portfolio.yaml".removeprefix("/"))
    problems = [
        Problem(
            "pack-name-incomplete",
            source,
            "a name that cannot be made: " + finding.reason[:1].lower() + finding.reason[1:].rstrip("."),
            f"the profile {profile.id} names the folder {profile.names.folder}",
            f"{finding.remedy.text if finding.remedy else ''} Or name the folder yourself with --folder.".strip(),
        )
        for finding in pack_name_incomplete(submission)
    ]
    if problems:
        raise KsbtrackError(*problems)
    return "/".join(safe_name(part) for part in (pack_folder(submission) or "").split("/") if part)


def renamed(pack: Pack, asked: str | None = None) -> Iterator[str]:
    """Yield which names some system refuses, and what they are in the pack, as sentences.

    Args:
        pack: the whole of it.
        asked: the name of the folder that whoever packs asked for.
    """
    if asked is not None and pack.folder != unicodedata.normalize("NFC", asked):
        yield _renamed("The folder", asked, pack.folder)
    for file in pack.files:
        if file.path and not all(is_safe_name(part) for part in file.path.split("/")):
            yield _renamed("The file", file.path, file.name)


def _renamed(what: str, before: str, now: str) -> str:
    return f"{what} {quoted(before)} is called {quoted(now)} in the pack, since some systems cannot hold its own name."


def _files(analysis: Analysis, built: Showcase) -> Iterator[PackedFile]:
    yield made_file(SHOWCASE, Role.SHOWCASE, "Showcase portfolio", built.pdf)
    yield made_file(REPORT, Role.READINESS_REPORT, "Readiness report", pdf_report(analysis))
    view = showcase_view(analysis, built.pieces, built.files)
    yield made_file(DECLARATIONS, Role.DECLARATIONS, "Declarations", html_to_pdf(declarations_html(view)))
    yield from _certificates(analysis)
    yield from _loose_files(built)


def _certificates(analysis: Analysis) -> Iterator[PackedFile]:
    """Yield the certificates that are in the portfolio, each file once."""
    held = {
        record.file.name: (record.file, record.title or record.subject.replace("_", " "))
        for record in analysis.case.portfolio.records.qualifications
        if record.file and not record.file.is_missing
    }
    for file, title in held.values():
        base = safe_name(PurePosixPath(file.name).name)
        # Two of one name in different folders keep these folders.
        is_alone = [PurePosixPath(name).name.casefold() for name in held].count(base.casefold()) == 1
        name = base if is_alone else packed_path(file.name).partition("/")[2]
        yield _loose(f"{CERTIFICATES}/{name}", Role.CERTIFICATE, f"Certificate: {title}", file)


def _loose_files(built: Showcase) -> Iterator[PackedFile]:
    """Yield the files that are not shown as pages, where the showcase's links lead, each once."""
    by_id = {piece.id: piece for piece in built.pieces}
    files = {file.name: file for piece in built.pieces for file in piece.attached}
    seen: set[str] = set()
    for prepared in built.files:
        file = files[prepared.name]
        if prepared.form in (Form.PAGES, Form.LEFT_OUT) or file.is_missing or file.name in seen:
            continue
        seen.add(file.name)
        piece = by_id[prepared.piece]
        title = f"{piece.title} ({prepared.form.words})"
        yield replace(_loose(packed_path(file.name), Role.EVIDENCE, title, file), piece=piece.id)


def _loose(name: str, role: Role, title: str, file: AttachedFile) -> PackedFile:
    return PackedFile(name, role, title, file.size, file.sha256, path=file.name)


def _facts(analysis: Analysis, profile: SubmissionProfile, built: Showcase) -> JsonObject:
    """Give what the manifest says of the whole; the learner's number is not in it."""
    case = analysis.case
    return {
        "profile": {"id": profile.id, "title": profile.title},
        "standard": case.standard.identity,
        "as_of": case.on.isoformat(),
        "learner": {"name": case.portfolio.learner.name, "is_invented": case.portfolio.invented},
        "decision": analysis.decision.value,
        "pieces": [{"id": piece.id, "title": piece.title, "fingerprint": piece.fingerprint} for piece in built.pieces],
        "missing": list(_missing(analysis, built)),
    }


def _missing(analysis: Analysis, built: Showcase) -> Iterator[str]:
    """Yield what should be in the pack and is not, as sentences."""
    for record in analysis.case.portfolio.records.qualifications:
        subject = record.title or record.subject.replace("_", " ")
        if record.file is None and record.awarded:
            yield f"No certificate of {subject} is on file."
        elif record.file and record.file.problem:
            yield f"The certificate of {subject} cannot be opened: {record.file.problem.found}."
        elif record.file and record.file.is_missing:
            yield f"The certificate of {subject}, {record.file.name}, is not in the portfolio."
    for piece in built.pieces:
        for file in piece.attached:
            if file.is_missing:
                yield f"{file.name} of {piece.id} is not in the portfolio."
    for problem in built.left_out:
        yield f"Left out, since it cannot be opened: {problem.found}."


def _origins(folder: Path, analysis: Analysis) -> Iterator[Origin]:
    """Yield every file of the portfolio, each once, as it was when the portfolio was loaded."""
    portfolio = analysis.case.portfolio
    texts = ["portfolio.yaml", "off-the-job.csv", LOG, *list_pieces(folder, folder.as_posix())]
    for path in texts:
        source = Source(path)
        stream = open_inside(folder, path, source)
        if stream is None:
            continue
        with stream:
            size = os.fstat(stream.fileno()).st_size
            mark = hashlib.sha256()
            for chunk in chunks_of(stream, size, path, source):
                mark.update(chunk)
        yield Origin(path, size, mark.hexdigest())
    attached = [file for piece in portfolio.evidence for file in piece.attached]
    attached += [record.file for record in portfolio.records.qualifications if record.file]
    for file in {file.name: file for file in attached if not file.is_missing}.values():
        yield Origin(file.name, file.size, file.sha256)


def _refuse_size(pack: Pack, profile: SubmissionProfile) -> None:
    """Refuse a pack that is larger than the profile takes, and each file in it that is.

    Raises:
        KsbtrackError: `pack-too-large`.
    """
    problems = []
    checks = profile.checks
    if _is_over(checks.files_too_large_together, pack.size):
        problems.append(_too_large(profile, "the pack", pack.size, checks.files_too_large_together))
    problems += [
        _too_large(profile, file.path or file.name, file.size, checks.file_too_large)
        for file in pack.files
        if _is_over(checks.file_too_large, file.size)
    ]
    if problems:
        raise KsbtrackError(*problems)


def _is_over(asked: AskedSize | None, size: int) -> bool:
    return asked is not None and asked.asked is Asking.YES and size > asked.bytes


def _too_large(profile: SubmissionProfile, name: str, size: int, asked: AskedSize | None) -> Problem:
    most = asked.bytes if asked else 0
    return Problem(
        "pack-too-large",
        Source(name),
        f"{as_megabytes(size)}",
        f"{profile.title} takes {as_megabytes(most)} at most",
        "Choose fewer pieces, or save recordings and pictures with a lower quality.",
    )
