"""What follows the annexes: declarations, the redaction log, and the manifest of every file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ksbtrack.models.analysis import Analysis
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Confirmation, Confirmed, Evidence, FileKind, Party
from ksbtrack.models.standard import Regime
from ksbtrack.models.values import in_words, listed
from ksbtrack.problems import Problem
from ksbtrack.rules.confirmed import is_changed_since
from ksbtrack.showcase.parts import Form, PreparedFile
from ksbtrack.showcase.piece_pages import capital
from ksbtrack.submission.records import says_of_privacy

_KINDS = {FileKind.PDF: "PDF", FileKind.IMAGE: "picture", FileKind.TEXT: "text", FileKind.OTHER: "other"}


@dataclass(frozen=True, slots=True)
class Declaration:
    """One statement to sign; name and day stand where the records have them, else they are empty."""

    party: str
    text: str
    name: str
    day: str


@dataclass(frozen=True, slots=True)
class RedactionRow:
    """How the personal data of others in one piece were dealt with."""

    piece: str
    title: str
    holds: str
    redacted: str
    consent: str
    outcome: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """One file of the showcase."""

    piece: str
    place: str
    name: str
    kind: str
    size: str
    sha256: str
    form: str
    remarks: tuple[str, ...]


def declarations(case: Case, pieces: Sequence[Evidence]) -> Iterator[Declaration]:
    """Yield what employer, apprentice and provider declare, filled in from the confirmations on record.

    A confirmation fills in only the declaration that is of the same thing, and only if it was on record on the last
    day that counts, is not older than the evidence, covers every selected piece, and was not overtaken by a change.

    Args:
        case: the question.
        pieces: the selected ones.
    """
    for (party, of), text in _asked(case).items():
        record = _recorded(case, party, of, pieces)
        yield Declaration(
            party=_party_words(party, case),
            text=text,
            name=", ".join(filter(None, (record.name, record.role))) if record else "",
            day=in_words(record.on) if record and record.on else "",
        )


def _party_words(party: Party, case: Case) -> str:
    if party is Party.APPRENTICE and not case.standard.is_apprenticeship:
        return "Post holder"
    return "Training provider" if party is Party.PROVIDER else capital(party.value)


def _asked(case: Case) -> dict[tuple[Party, Confirmed], str]:
    """Give the text of each declaration, by who makes it and what it is of."""
    name, standard = case.portfolio.learner.name, case.standard
    competent = f"{name} is competent in what the standard asks for."
    asked = {
        (Party.EMPLOYER, Confirmed.OWN_WORK): f"The evidence in this showcase is valid and attributable to {name}.",
        (Party.EMPLOYER, Confirmed.COMPETENCE): competent,
    }
    if standard.regime is Regime.APPRENTICESHIP_ASSESSMENT:
        asked[Party.EMPLOYER, Confirmed.BEHAVIOURS] = f"{name} has shown the behaviours that the standard asks for."
    asked[Party.APPRENTICE, Confirmed.OWN_WORK] = "The work in this showcase is my own."
    if standard.is_apprenticeship:
        asked[Party.PROVIDER, Confirmed.COMPETENCE] = competent
    return asked


def _recorded(case: Case, party: Party, of: Confirmed, pieces: Sequence[Evidence]) -> Confirmation | None:
    """Give the confirmation that a declaration stands on; of several, the newest."""
    newest = max((piece.date for piece in pieces), default=case.on)
    selected = {piece.id for piece in pieces}
    given = [
        record
        for record in case.portfolio.records.confirmations
        if (record.by, record.of) == (party, of)
        and (record.name and record.on and newest <= record.on <= case.last_day)
        and selected <= {*case.portfolio.showcase, *record.covers}
        and not is_changed_since(case.portfolio, record)
    ]
    return max(given, key=lambda record: record.on or case.on, default=None)


def other_confirmations(case: Case, pieces: Sequence[Evidence]) -> Iterator[str]:
    """Yield the confirmations on record that fill in no declaration, each as a sentence.

    Args:
        case: the question.
        pieces: the selected ones.
    """
    used = [_recorded(case, party, of, pieces) for party, of in _asked(case)]
    for record in case.portfolio.records.confirmations:
        if record not in used:
            who = ", ".join(filter(None, (record.name, record.role))) or "name not on record"
            on = f"on {in_words(record.on)}" if record.on else "day not on record"
            since = " What it covers has changed since." if is_changed_since(case.portfolio, record) else ""
            yield f"{_party_words(record.by, case)}: {record.of.words}, {who}, {on}.{since}"


def redaction_log(pieces: Sequence[Evidence]) -> Iterator[RedactionRow]:
    """Yield the pieces that hold, or held, personal data of others, in the showcase's order.

    Args:
        pieces: the selected ones.
    """
    for piece in pieces:
        privacy = piece.privacy
        if not (privacy.contains_personal_data or privacy.redacted or privacy.consent):
            continue
        yield RedactionRow(
            piece=piece.id,
            title=piece.title,
            holds=_yes(privacy.contains_personal_data),
            redacted=_yes(privacy.redacted),
            consent=_yes(privacy.consent),
            outcome=_outcome(piece),
            is_open=privacy.is_open,
        )


def privacy_notes(pieces: Sequence[Evidence]) -> Iterator[str]:
    """Yield what the authors recorded of the pieces that are not in the redaction log, and of which they did not.

    Args:
        pieces: the selected ones.
    """
    in_log = {row.piece for row in redaction_log(pieces)}
    others = [piece for piece in pieces if piece.id not in in_log]
    silent = [piece.id for piece in others if not says_of_privacy(piece)]
    if len(silent) < len(others):
        said = listed(piece.id for piece in others if piece.id not in silent)
        where = f"In {said}" if silent else "In the other pieces" if in_log else "In these pieces"
        yield f"{where} the author recorded no personal data of others."
    if silent:
        hold = "it holds" if len(silent) == 1 else "they hold"
        yield f"Of {listed(silent)} it is not recorded whether {hold} personal data of others."


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def _outcome(piece: Evidence) -> str:
    privacy = piece.privacy
    if privacy.is_open:
        return "Shown unredacted"
    if privacy.redacted:
        return "Redacted, as the author recorded"
    return "Shown with consent, as the author recorded"


def manifest(pieces: Sequence[Evidence], files: dict[str, list[PreparedFile]]) -> Iterator[ManifestLine]:
    """Yield every file of the showcase in its order.

    Args:
        pieces: the selected ones.
        files: the prepared files of each piece, by its id.
    """
    for piece in pieces:
        kinds = {attached.name: _KINDS[attached.kind] for attached in piece.attached}
        for file in files.get(piece.id, ()):
            removed = f"Taken out: {', '.join(file.removed)}." if file.removed else ""
            yield ManifestLine(
                piece=piece.id,
                place=f"file-{file.piece}-{file.number}",
                name=file.name,
                kind="recording" if file.form is Form.CARD else kinds.get(file.name, _KINDS[FileKind.OTHER]),
                size=f"{file.size:,} bytes",
                sha256=file.sha256,
                form=file.form.words,
                remarks=tuple(filter(None, (*file.notes, removed))),
            )


def left_out_lines(analysis: Analysis, problems: Sequence[Problem]) -> Iterator[str]:
    """Yield what could not be put in, each as a sentence without the path of the portfolio's folder.

    Args:
        analysis: what `analyse` returned.
        problems: why each was left out.
    """
    folder = analysis.case.portfolio.folder.rstrip("/") + "/"
    for problem in problems:
        yield f"{problem.source.file.removeprefix(folder)}: found {problem.found}; {problem.expected}."
