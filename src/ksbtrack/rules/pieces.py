"""Whether a piece can count at all: when it was made, its kind, who signed it, whether its files are there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from dateutil.relativedelta import relativedelta

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Evidence, Party
from ksbtrack.models.standard import EvidenceKind, Sufficiency
from ksbtrack.models.values import in_words, listed
from ksbtrack.rules.settings import setting_source, struck
from ksbtrack.rules.words import ASSESSOR, YOU, counted, with_article

ON_PROGRAMME = "Assessment plan template: evidence is made on programme, after the start and before gateway"
KINDS = "Awarding bodies' guidance on what each kind of evidence must carry"
OPEN_FILES = "Common practice of assessors: what cannot be opened cannot be assessed"


def dated_before_start(case: Case) -> Iterator[Finding]:
    """Find each piece made before the apprenticeship began; after a restart the original start counts.

    A role profile has no such day: experience from before the post is experience.

    Yields:
        In the portfolio's order.

    Source: assessment plan template.
    """
    first = case.portfolio.dates.first
    if not case.standard.is_apprenticeship:
        return
    for piece in case.portfolio.evidence:
        if piece.date < first:
            yield Finding(
                "dated_before_start",
                piece.id,
                Status.NOT_MET,
                f"{piece.id} was made on {in_words(piece.date)}, before the start on {in_words(first)}.",
                {"date": piece.date.isoformat(), "start": first.isoformat()},
                _replacement(piece, f"a piece made on or after {in_words(first)}", since=first.isoformat()),
                ON_PROGRAMME,
            )


def dated_after_gateway(case: Case) -> Iterator[Finding]:
    """Find each piece made after the gateway day on record.

    Yields:
        In the portfolio's order.

    Source: assessment plan template.
    """
    gateway = case.portfolio.dates.gateway
    if gateway is None or not case.standard.is_apprenticeship:
        return
    for piece in case.portfolio.evidence:
        if piece.date > gateway:
            yield Finding(
                "dated_after_gateway",
                piece.id,
                Status.NOT_MET,
                f"{piece.id} was made on {in_words(piece.date)}, after gateway on {in_words(gateway)}.",
                {"date": piece.date.isoformat(), "gateway": gateway.isoformat()},
                _replacement(piece, f"a piece made by {in_words(gateway)}", until=gateway.isoformat()),
                ON_PROGRAMME,
            )


def dated_in_the_future(case: Case) -> Iterator[Finding]:
    """Find each piece whose date lies after the day asked about: it does not exist yet.

    Yields:
        In the portfolio's order.

    Source: common sense; no rule book says it.
    """
    for piece in case.portfolio.evidence:
        if piece.date > case.on:
            yield Finding(
                "dated_in_the_future",
                piece.id,
                Status.NOT_MET,
                f"{piece.id} is dated {in_words(piece.date)}, which is after {in_words(case.on)}.",
                {"date": piece.date.isoformat(), "as_of": case.on.isoformat()},
                Remedy(
                    Action.CORRECT_DATE,
                    piece.id,
                    f"Correct the date of {piece.id} if it is a slip; otherwise it counts from that day on.",
                    YOU,
                    Effort.MINUTES,
                    {"until": case.on.isoformat()},
                ),
                "Advice of ours: a piece counts from the day on which it was made",
            )


def barred_kind(case: Case) -> Iterator[Finding]:
    """Find each piece of a kind that the settings bar.

    Yields:
        In the portfolio's order.

    Source: the setting `barred_kinds`.
    """
    barred = {kind for settings in case.different_settings for kind in settings.barred_kinds or ()}
    open_kinds = [kind for kind in EvidenceKind if kind not in barred]
    for piece in case.portfolio.evidence:
        kind = piece.kind
        if kind not in barred:
            continue

        def fires(settings: Sufficiency, kind: EvidenceKind = kind) -> bool:
            return kind in (settings.barred_kinds or ())

        for subject, code in struck(case, piece, fires):
            settings = case.settings[code] if code else case.base_settings
            names = listed(found.words for found in settings.barred_kinds or ())
            yield Finding(
                "barred_kind",
                subject,
                Status.NOT_MET,
                f"{piece.id} is {with_article(kind.words)}, a kind that does not count here.",
                {"kind": kind.value, "barred": names},
                _replacement(piece, f"a piece of a kind that is not barred (barred: {names})", kind=open_kinds[0])
                if open_kinds
                else None,
                setting_source(case, "barred_kinds", code, kind),
            )


def _replacement(piece: Evidence, by: str, **details: str) -> Remedy:
    return Remedy(
        Action.REPLACE_PIECE,
        piece.id,
        f"Replace {piece.id} by {by}; correct it if the record is wrong.",
        f"{YOU}, then {ASSESSOR}",
        Effort.DAYS,
        details,
    )


def witness_incomplete(case: Case) -> Iterator[Finding]:
    """Find each witness testimony that does not say who the witness is, or whose witness is the learner.

    Yields:
        In the portfolio's order.

    Source: awarding bodies' guidance.
    """
    learner = case.portfolio.learner.name.casefold()
    for piece in case.portfolio.evidence:
        if piece.kind is not EvidenceKind.WITNESS_TESTIMONY:
            continue
        witness = piece.witness
        facts = {
            "name": witness and witness.name,
            "job role": witness and witness.role,
            "relationship to you": witness and witness.relationship,
        }
        missing = [words for words, value in facts.items() if not value]
        is_own = (facts["name"] or "").casefold() == learner
        if not missing and not is_own:
            continue
        fault = "names you as the witness" if is_own else f"does not give the witness's {listed(missing)}"
        yield Finding(
            "witness_incomplete",
            piece.id,
            Status.NOT_MET,
            f"{piece.id} is a witness testimony and {fault}.",
            {"missing": listed(missing) if missing else "none", "witness": facts["name"] or "none"},
            Remedy(
                Action.COMPLETE_WITNESS,
                piece.id,
                f"Record the name, job role and relationship to you of the person who saw it in {piece.id}.",
                YOU,
                Effort.MINUTES,
            ),
            KINDS,
        )


_SIGNERS: dict[EvidenceKind, tuple[Party, ...]] = {
    EvidenceKind.WITNESS_TESTIMONY: (Party.WITNESS,),
    EvidenceKind.OBSERVATION_RECORD: (Party.ASSESSOR, Party.APPRENTICE),
}
_OWNERS = {Party.WITNESS: "the witness", Party.ASSESSOR: ASSESSOR, Party.APPRENTICE: YOU}


def unsigned(case: Case) -> Iterator[Finding]:
    """Find each testimony or observation record that lacks a dated signature it must carry, on the day.

    Yields:
        In the portfolio's order.

    Source: awarding bodies' guidance.
    """
    for piece in case.portfolio.evidence:
        wanted = _SIGNERS.get(piece.kind)
        if wanted is None:
            continue
        signed = {signature.by for signature in piece.signatures if signature.on and signature.on <= case.last_day}
        if piece.witness and piece.witness.signed and piece.witness.signed <= case.last_day:
            signed.add(Party.WITNESS)
        missing = [party for party in wanted if party not in signed]
        if missing:
            names = " and ".join([f"the {party}" for party in missing])
            owners = " and ".join([_OWNERS[party] for party in missing])
            yield Finding(
                "unsigned",
                piece.id,
                Status.NOT_MET,
                f"{piece.id} is {with_article(piece.kind.words)} without a dated signature by {names}.",
                {"missing": " and ".join(missing), "as_of": case.last_day.isoformat()},
                Remedy(
                    Action.SIGN_PIECE,
                    piece.id,
                    f"Sign and date {piece.id}, and record the day."
                    if owners == YOU
                    else f"Have {piece.id} signed and dated by {owners}, and record the day.",
                    owners,
                    Effort.MINUTES,
                    {"by": " ".join(missing)},
                ),
                KINDS,
            )


def too_old(case: Case) -> Iterator[Finding]:
    """Find each piece made longer before gateway than the settings allow; a limit of 0 months is none.

    The months are counted back from gateway: six months before 31 August is 28 or 29 February, and that day counts.

    Yields:
        In the portfolio's order.

    Unit: calendar months. Source: the setting `max_age_months`.
    """
    oldest = {
        id(settings): case.gateway - relativedelta(months=settings.max_age_months)
        for settings in case.different_settings
        if settings.max_age_months
    }
    if not oldest:
        return
    for piece in case.portfolio.evidence:
        made = piece.date

        def fires(settings: Sufficiency, made: date = made) -> bool:
            return made < oldest.get(id(settings), made)

        for subject, code in struck(case, piece, fires):
            settings = case.settings[code] if code else case.base_settings
            first = oldest[id(settings)]
            months = settings.max_age_months or 0
            yield Finding(
                "too_old",
                subject,
                Status.NOT_MET,
                f"{piece.id} was made on {in_words(made)}, more than {counted(months, 'month')} before "
                f"{in_words(case.gateway)}.",
                {"date": made.isoformat(), "max_age_months": str(months), "gateway": case.gateway.isoformat()},
                _replacement(piece, f"newer work, made on or after {in_words(first)}", since=first.isoformat()),
                setting_source(case, "max_age_months", code),
            )


def file_missing(case: Case) -> Iterator[Finding]:
    """Find each piece that names a file which was not in the folder.

    Yields:
        In the portfolio's order.

    Source: an assessor must be able to open every file.
    """
    for piece in case.portfolio.evidence:
        missing = [file.name for file in piece.attached if file.is_missing]
        if missing:
            names = listed(missing)
            yield Finding(
                "file_missing",
                piece.id,
                Status.NOT_MET,
                f"{piece.id} names {names}, which {'is' if len(missing) == 1 else 'are'} not in the folder.",
                {"missing": names},
                Remedy(
                    Action.REPLACE_FILE,
                    piece.id,
                    f"Put {names} back into the folder, or correct what {piece.id} names.",
                    YOU,
                    Effort.MINUTES,
                ),
                OPEN_FILES,
            )


def file_broken(case: Case) -> Iterator[Finding]:
    """Find each piece with a file that is there and cannot be opened, where loading was asked to keep such files.

    Yields:
        In the portfolio's order.

    Source: an assessor must be able to open every file.
    """
    for piece in case.portfolio.evidence:
        broken = [(file.name, file.problem) for file in piece.attached if file.problem]
        if broken:
            names = listed(name for name, _ in broken)
            what = "a file" if len(broken) == 1 else "files"
            fixes = " ".join(dict.fromkeys(problem.fix for _, problem in broken))
            yield Finding(
                "file_broken",
                piece.id,
                Status.NOT_MET,
                f"{piece.id} has {what} that cannot be opened: {'; '.join(problem.found for _, problem in broken)}.",
                {"broken": names},
                Remedy(Action.REPLACE_FILE, piece.id, f"Mend {names}. {fixes}", YOU, Effort.MINUTES),
                OPEN_FILES,
            )
