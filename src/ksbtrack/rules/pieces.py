"""Whether a piece counts, and for what: each rule finds one fault in the pieces or in a claim of theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dateutil.relativedelta import relativedelta

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case, MadeClaim
from ksbtrack.models.portfolio import AcceptanceState, Evidence, FileKind, Party
from ksbtrack.models.standard import EvidenceKind, Sufficiency
from ksbtrack.models.values import in_words, listed

ASSESSOR = "your assessor"
YOU = "you"
PRACTICE = "Common practice of assessors: evidence is valid, authentic, reliable, current and sufficient"
ON_PROGRAMME = "Assessment plan template: evidence is made on programme, after the start and before gateway"
KINDS = "Awarding bodies' guidance on what each kind of evidence must carry"


def setting(name: str, settings: Sufficiency) -> str:
    """Give the words by which a finding names the setting that it rests on."""
    return f"Setting {name} ({settings.source or 'standards/policy.yaml'})"


def _subjects(case: Case, piece: Evidence, fires: Callable[[Sufficiency], bool]) -> list[tuple[str, Sufficiency]]:
    """Give what a setting's rule strikes: the piece, or single claims where the settings of statements differ."""
    settings = case.settings
    claims = case.claims_of.get(piece.id, ())
    struck = [made for made in claims if fires(settings[made.competency.code])]
    if not claims:
        return [(piece.id, case.base_settings)] if fires(case.base_settings) else []
    if len(struck) == len(claims):
        return [(piece.id, settings[struck[0].competency.code])]
    return [(made.subject, settings[made.competency.code]) for made in struck]


def not_yet_accepted(case: Case) -> Iterator[Finding]:
    """Find each piece that no assessor had accepted by the day, where acceptance is asked for.

    A submitted piece is on its way; a draft is not. A decision dated after the day asked about is not yet taken.

    Yields:
        In the portfolio's order.

    Source: the setting `acceptance_needed`.
    """
    for piece in case.portfolio.evidence:
        acceptance = piece.acceptance
        decided = acceptance.on is not None and acceptance.on <= case.on
        if decided and acceptance.state in (AcceptanceState.ACCEPTED, AcceptanceState.REFERRED):
            continue
        draft = acceptance.state is AcceptanceState.DRAFT
        state = "a draft" if draft else "submitted, but not accepted yet"
        if acceptance.on and acceptance.on > case.on:
            state = f"not decided by {in_words(case.on)}; the decision is dated {in_words(acceptance.on)}"
        words = "Submit it and have it accepted" if draft else "Have it accepted"
        for subject, settings in _subjects(case, piece, lambda layer: bool(layer.acceptance_needed)):
            yield Finding(
                "not_yet_accepted",
                subject,
                Status.NOT_MET if draft else Status.PARTLY_MET,
                f"{piece.id} is {state}.",
                {
                    "acceptance": acceptance.state.value,
                    "date": acceptance.on.isoformat() if acceptance.on else "none",
                },
                Remedy(
                    Action.ACCEPT_PIECE,
                    piece.id,
                    f"{words}: {piece.id}, {piece.title}.",
                    f"{YOU}, then {ASSESSOR}" if draft else ASSESSOR,
                    Effort.HOURS,
                ),
                setting("acceptance_needed", settings),
            )


def referred_back(case: Case) -> Iterator[Finding]:
    """Find each piece that an assessor had referred back by the day.

    Yields:
        In the portfolio's order.

    Source: the setting `acceptance_needed`.
    """
    for piece in case.portfolio.evidence:
        acceptance = piece.acceptance
        if acceptance.state is not AcceptanceState.REFERRED or acceptance.on is None or acceptance.on > case.on:
            continue
        comment = f" The comment: {acceptance.comment}" if acceptance.comment else ""
        for subject, settings in _subjects(case, piece, lambda layer: bool(layer.acceptance_needed)):
            yield Finding(
                "referred_back",
                subject,
                Status.NOT_MET,
                f"{piece.id} was referred back on {in_words(acceptance.on)}.{comment}",
                {
                    "acceptance": "referred",
                    "date": acceptance.on.isoformat(),
                    "by": acceptance.by or "not recorded",
                },
                Remedy(
                    Action.REWORK_PIECE,
                    piece.id,
                    f"Rework {piece.id} as the assessor asks, submit it again and have it accepted.",
                    f"{YOU}, then {ASSESSOR}",
                    Effort.DAYS,
                ),
                setting("acceptance_needed", settings),
            )


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
                "A piece counts from the day on which it was made",
            )


def barred_kind(case: Case) -> Iterator[Finding]:
    """Find each piece of a kind that the settings bar.

    Yields:
        In the portfolio's order.

    Source: the setting `barred_kinds`.
    """
    for piece in case.portfolio.evidence:
        kind = piece.kind
        for subject, settings in _subjects(case, piece, lambda layer, kind=kind: kind in (layer.barred_kinds or ())):
            barred = listed(found.words for found in settings.barred_kinds or ())
            yield Finding(
                "barred_kind",
                subject,
                Status.NOT_MET,
                f"{piece.id} is a {kind.words}, which does not count here.",
                {"kind": kind.value, "barred": barred},
                _replacement(piece, f"a piece of another kind than {barred}", kind="work_product"),
                setting("barred_kinds", settings),
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
        missing = [
            words
            for words, value in (
                ("name", witness and witness.name),
                ("job role", witness and witness.role),
                ("relationship to you", witness and witness.relationship),
            )
            if not value
        ]
        own = bool(witness and witness.name and witness.name.casefold() == learner)
        if not missing and not own:
            continue
        fault = "names you as the witness" if own else f"does not give the witness's {listed(missing)}"
        yield Finding(
            "witness_incomplete",
            piece.id,
            Status.NOT_MET,
            f"{piece.id} is a witness testimony and {fault}.",
            {
                "missing": listed(missing) if missing else "none",
                "witness": (witness and witness.name) or "none",
            },
            Remedy(
                Action.COMPLETE_WITNESS,
                piece.id,
                f"Record name, job role and relationship of the person who saw it in {piece.id}.",
                YOU,
                Effort.MINUTES,
            ),
            KINDS,
        )


_SIGNERS: dict[EvidenceKind, tuple[Party, ...]] = {
    EvidenceKind.WITNESS_TESTIMONY: (Party.WITNESS,),
    EvidenceKind.OBSERVATION_RECORD: (Party.ASSESSOR, Party.APPRENTICE),
}


def unsigned(case: Case) -> Iterator[Finding]:
    """Find each testimony or observation record that lacks a dated signature it must carry, on the day.

    Yields:
        In the portfolio's order.

    Source: awarding bodies' guidance.
    """
    for piece in case.portfolio.evidence:
        wanted = _SIGNERS.get(piece.kind, ())
        if not wanted:
            continue
        signed = {signature.by for signature in piece.signatures if signature.on and signature.on <= case.on}
        if piece.witness and piece.witness.signed and piece.witness.signed <= case.on:
            signed.add(Party.WITNESS)
        missing = [party.value for party in wanted if party not in signed]
        if missing:
            yield Finding(
                "unsigned",
                piece.id,
                Status.NOT_MET,
                f"{piece.id} is a {piece.kind.words} without a dated signature by the {listed(missing)}.",
                {"missing": listed(missing)},
                Remedy(
                    Action.SIGN_PIECE,
                    piece.id,
                    f"Have {piece.id} signed and dated by the {listed(missing)}, and record the day.",
                    f"the {listed(missing)}",
                    Effort.MINUTES,
                    {"by": " ".join(missing)},
                ),
                KINDS,
            )


def too_old(case: Case) -> Iterator[Finding]:
    """Find each piece made longer before gateway than the settings allow; a limit of 0 months is none.

    Yields:
        In the portfolio's order.

    Unit: calendar months. Source: the setting `max_age_months`.
    """
    for piece in case.portfolio.evidence:

        def fires(layer: Sufficiency, piece: Evidence = piece) -> bool:
            months = layer.max_age_months
            return bool(months) and piece.date + relativedelta(months=months or 0) < case.gateway

        for subject, settings in _subjects(case, piece, fires):
            oldest = case.gateway - relativedelta(months=settings.max_age_months or 0)
            yield Finding(
                "too_old",
                subject,
                Status.NOT_MET,
                f"{piece.id} was made on {in_words(piece.date)}, more than {settings.max_age_months} months before "
                f"{in_words(case.gateway)}.",
                {
                    "date": piece.date.isoformat(),
                    "max_age_months": str(settings.max_age_months),
                    "gateway": case.gateway.isoformat(),
                },
                _replacement(piece, f"newer work, made on or after {in_words(oldest)}", since=oldest.isoformat()),
                setting("max_age_months", settings),
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
            yield Finding(
                "file_missing",
                piece.id,
                Status.NOT_MET,
                f"{piece.id} names {listed(missing)}, which is not in the folder."
                if len(missing) == 1
                else f"{piece.id} names {listed(missing)}, which are not in the folder.",
                {"missing": listed(missing), "declared_at": str(piece.source)},
                Remedy(
                    Action.REPLACE_FILE,
                    piece.id,
                    f"Put {listed(missing)} back into the folder, or correct the name in {piece.id}.",
                    YOU,
                    Effort.MINUTES,
                ),
                PRACTICE,
            )


def changed_since_acceptance(case: Case) -> Iterator[Finding]:
    """Find each accepted piece whose fingerprint is not the one that was recorded when it was accepted.

    Yields:
        In the portfolio's order.

    Source: a piece edited after acceptance is no longer the accepted one.
    """
    for piece in case.portfolio.evidence:
        seen = piece.acceptance.fingerprint
        if piece.acceptance.state is AcceptanceState.ACCEPTED and seen and seen != piece.fingerprint:
            yield Finding(
                "changed_since_acceptance",
                piece.id,
                Status.CHECK_AGAIN,
                f"{piece.id} was changed after it was accepted.",
                {"accepted": seen, "now": piece.fingerprint},
                Remedy(
                    Action.ACCEPT_PIECE,
                    piece.id,
                    f"Have {piece.id} looked at again, and record the new fingerprint {piece.fingerprint}.",
                    ASSESSOR,
                    Effort.HOURS,
                    {"fingerprint": piece.fingerprint},
                ),
                PRACTICE,
            )


def claim_not_confirmed(case: Case) -> Iterator[Finding]:
    """Find each claim that no assessor confirmed, where the settings ask for that.

    Yields:
        In the portfolio's order.

    Source: the setting `confirmed_claims_needed`.
    """
    for made in case.claims:
        settings = case.settings[made.competency.code]
        if settings.confirmed_claims_needed and made.claim.state.value != "confirmed":
            yield Finding(
                "claim_not_confirmed",
                made.subject,
                Status.PARTLY_MET,
                f"No assessor has confirmed that {made.piece.id} shows {made.competency.code}.",
                {"state": made.claim.state.value},
                Remedy(
                    Action.CONFIRM_CLAIM,
                    made.subject,
                    f"Have the claim of {made.piece.id} on {made.competency.code} confirmed.",
                    ASSESSOR,
                    Effort.MINUTES,
                ),
                setting("confirmed_claims_needed", settings),
            )


def mapped_to_another_version(case: Case) -> Iterator[Finding]:
    """Find each claim that was made against another version or another wording of its statement.

    A recorded fingerprint of the wording decides; without one, the version named with the claim does.

    Yields:
        In the portfolio's order.

    Source: codes come from the order of a list, so the same code can name another statement in the next version.
    """
    for made in case.claims:
        claim, statement = made.claim, made.competency
        against = claim.made_against or claim.standard
        same = claim.fingerprint == statement.fingerprint if claim.fingerprint else against == statement.origin
        if same:
            continue
        yield Finding(
            "mapped_to_another_version",
            made.subject,
            Status.CHECK_AGAIN,
            f"{made.piece.id} was mapped to {statement.code} of {against}"
            + (
                ", whose wording differs from today's."
                if against == statement.origin
                else f", not of {statement.origin}."
            ),
            {
                "made_against": against,
                "wording_then": claim.fingerprint or "not recorded",
                "wording_now": statement.fingerprint,
            },
            _review(made),
            "A mapping without its version is a guess: codes are renumbered between versions",
        )


def _review(made: MadeClaim) -> Remedy:
    statement = made.competency
    return Remedy(
        Action.REVIEW_CLAIM,
        made.subject,
        f"Read {statement.code} of {statement.origin} again and, if {made.piece.id} still shows it, record the claim "
        f"with made_against {statement.origin} and fingerprint {statement.fingerprint}.",
        f"{YOU}, then {ASSESSOR}",
        Effort.MINUTES,
        {"made_against": statement.origin, "fingerprint": statement.fingerprint},
    )


def place_beyond_last_page(case: Case) -> Iterator[Finding]:
    """Find each claim whose page is not in any of the piece's files, as far as their pages can be counted.

    Yields:
        In the portfolio's order.

    Source: the exact page or time belongs into the evidence matrix.
    """
    for made in case.claims:
        last = made.claim.last_page
        if last is None:
            continue
        pages = [file.pages for file in made.piece.attached if file.kind is FileKind.PDF]
        countable = len(pages) == len(made.piece.attached) and all(number is not None for number in pages)
        longest = max((number for number in pages if number is not None), default=0)
        if pages and countable and last > longest:
            yield Finding(
                "place_beyond_last_page",
                made.subject,
                Status.NOT_MET,
                f"{made.piece.id} shows {made.competency.code} on {made.claim.where}, but its file ends on page "
                f"{longest}.",
                {"where": made.claim.where or "", "last_page": str(longest)},
                Remedy(
                    Action.CORRECT_PLACE,
                    made.subject,
                    f"Correct the place at which {made.piece.id} shows {made.competency.code}.",
                    YOU,
                    Effort.MINUTES,
                    {"last_page": str(longest)},
                ),
                "Awarding bodies' mapping forms: an exact page or time for each statement",
            )
