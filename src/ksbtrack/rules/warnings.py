"""What deserves a look and never decides: each rule warns of one thing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from operator import itemgetter

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import AcceptanceState, Evidence, FileKind, LoggedHours, QualificationState
from ksbtrack.models.standard import EvidenceKind
from ksbtrack.models.values import Known, in_words, listed, natural_key
from ksbtrack.rules.acceptance import state_on
from ksbtrack.rules.claims import EXACT_PLACE
from ksbtrack.rules.period import eligible_hours, is_eligible, is_in_break
from ksbtrack.rules.progression import subjects_of
from ksbtrack.rules.qualifications import subject_words
from ksbtrack.rules.settings import setting_source
from ksbtrack.rules.words import ASSESSOR, YOU, ended, plain, with_article

OFTEN_BARRED = (EvidenceKind.REFLECTIVE_ACCOUNT, EvidenceKind.SELF_ASSESSMENT)
"""Kinds that many assessment organisations bar from the showcase, though they are fine on programme."""


def _warning(rule: str, subject: str, reason: str, inputs: dict[str, str], remedy: Remedy, *, source: str) -> Finding:
    return Finding(rule, subject, Status.MET, reason, inputs, remedy, source, decides=False)


def _mend(action: Action, subject: str, text: str, **details: str) -> Remedy:
    return Remedy(action, subject, text, YOU, Effort.MINUTES, details)


def nothing_to_see(case: Case) -> Iterator[Finding]:
    """Warn of each piece, submitted or accepted, that has neither a written account nor a file.

    Yields:
        In the portfolio's order.

    Source: what cannot be read or opened cannot be assessed.
    """
    if case.portfolio.has_only_rows:
        # What there is to see lies elsewhere; of that nothing is known.
        return
    for piece in case.portfolio.evidence:
        if piece.account.strip() or piece.files or piece.attached:
            continue
        state = state_on(piece.acceptance, case.last_day)
        if state in (AcceptanceState.SUBMITTED, AcceptanceState.ACCEPTED):
            yield _warning(
                "nothing_to_see",
                piece.id,
                f"{piece.id} has neither a written account nor a file, so nobody can see what it shows.",
                {"account": "none", "files": "none", "acceptance": state.value},
                Remedy(
                    Action.REWORK_PIECE,
                    piece.id,
                    f"Write an account into {piece.id}, or attach a file (files), and have it accepted as it then is.",
                    f"{YOU}, then {ASSESSOR}",
                    Effort.HOURS,
                    {"add": "account"},
                ),
                source="Common practice: what cannot be read or opened cannot be assessed",
            )


def over_mapped(case: Case) -> Iterator[Finding]:
    """Warn of each piece that claims more statements than the settings find believable.

    Where the statements that a piece claims have different numbers, the smallest one holds; 0 sets none.

    Yields:
        In the portfolio's order.

    Unit: statements. Source: the setting `claims_per_piece_warning`.
    """
    limits = {code: settings.claims_per_piece_warning or 0 for code, settings in case.settings.items()}
    fewest = min(filter(None, limits.values()), default=0)
    for piece, made in case.claims_of.items():
        if not 0 < fewest < len(made):
            continue
        codes = dict.fromkeys(claim.competency.code for claim in made)
        limit, code = min(((limits[code], code) for code in codes if limits[code]), default=(0, ""), key=itemgetter(0))
        number = len(codes)
        if 0 < limit < number:
            yield _warning(
                "over_mapped",
                piece,
                f"{piece} claims {number} statements; more than {limit} in one piece is rarely believed.",
                {"claims": str(number), "limit": str(limit)},
                _mend(
                    Action.REVIEW_CLAIM,
                    piece,
                    f"Keep the claims that {piece} shows best, and delete the others.",
                    keep=str(limit),
                ),
                source=setting_source(case, "claims_per_piece_warning", code),
            )


def duplicate_file(case: Case) -> Iterator[Finding]:
    """Warn of each file whose content another piece, or the same one, holds as well.

    Yields:
        One finding a content, at the first piece that holds it.

    Source: two pieces with one file are one piece of evidence.
    """
    holders: dict[str, list[tuple[Evidence, str]]] = {}
    for piece in case.portfolio.evidence:
        for file in piece.attached:
            if file.sha256:
                holders.setdefault(file.sha256, []).append((piece, file.name))
    for sha256, found in holders.items():
        if len(found) > 1:
            (first, kept), *others = sorted(found, key=lambda pair: (natural_key(pair[0].id), natural_key(pair[1])))
            names = listed(f"{name} ({piece.id})" for piece, name in ((first, kept), *others))
            pieces = listed(dict.fromkeys(piece.id for piece, _ in others))
            yield _warning(
                "duplicate_file",
                first.id,
                f"The same content stands in {names}.",
                {"files": names, "sha256": sha256},
                _mend(
                    Action.REPLACE_FILE,
                    first.id,
                    f"Keep {kept} and attach what belongs to {pieces}, or delete the copies.",
                    sha256=sha256,
                ),
                source="Two pieces with one file are one piece of evidence",
            )


def reconstructed_wording(case: Case) -> Iterator[Finding]:
    """Warn once if wordings that are quoted are not seen in an official copy.

    Yields:
        At most one finding.

    Source: the trust marks in the standard's file.
    """
    codes = [statement.code for statement in case.standard.competencies if statement.trust is Known.RECONSTRUCTED]
    if codes:
        yield _warning(
            "reconstructed_wording",
            case.standard.identity,
            f"The wording of {listed(codes)} is reconstructed, not seen in an official copy.",
            {"codes": ", ".join(codes)},
            _mend(
                Action.RECORD_FACT,
                case.standard.identity,
                "Compare the wording with your provider's copy of the standard.",
                fact="trust",
            ),
            source="The trust marks in the standard's file",
        )


def unknown_method_mapping(case: Case) -> Iterator[Finding]:
    """Warn of each assessment method of which no source says what statements it assesses.

    Yields:
        In the plan's order.

    Source: the standard's file.
    """
    for method in case.standard.methods:
        if method.assesses is None:
            yield _warning(
                "unknown_method_mapping",
                method.id,
                f"Which statements the {method.title.lower()} assesses is not known to us.",
                {"method": method.id},
                _mend(
                    Action.RECORD_FACT,
                    method.id,
                    "Copy the mapping from your provider's assessment plan into an overlay file.",
                    fact="assesses",
                ),
                source="The standard's file: no readable source was found",
            )


def personal_data_open(case: Case) -> Iterator[Finding]:
    """Warn of each piece that holds personal data of others and is not redacted.

    Yields:
        In the portfolio's order.

    Source: every assessment organisation; sharper here, since the evidence is about learners and children.
    """
    for piece in case.portfolio.evidence:
        if piece.privacy.is_open:
            consent = "consent is recorded" if piece.privacy.consent else "no consent is recorded"
            yield _warning(
                "personal_data_open",
                piece.id,
                f"{piece.id} holds personal data of others and is not redacted; {consent}.",
                {
                    "contains_personal_data": "yes",
                    "redacted": "no",
                    "consent": "yes" if piece.privacy.consent else "no",
                },
                _mend(
                    Action.REPLACE_FILE,
                    piece.id,
                    f"Redact {piece.id} and record that (privacy, redacted).",
                    redacted="yes",
                ),
                source="Assessment organisations accept no personal data of others unless it is redacted",
            )


def missing_place(case: Case) -> Iterator[Finding]:
    """Warn of each piece with files whose claims do not say where to look, unless each file is a single page.

    A recording needs a time, a PDF a page.

    Yields:
        In the portfolio's order.

    Source: awarding bodies' mapping forms.
    """
    for piece_id, made in case.claims_of.items():
        piece = made[0].piece
        without = [claim.competency.code for claim in made if not claim.claim.where]
        if without and piece.attached and any(file.pages != 1 for file in piece.attached):
            codes = list(dict.fromkeys(without))
            has_pages = any(file.kind is FileKind.PDF for file in piece.attached)
            what = "time" if piece.kind is EvidenceKind.RECORDING else "page" if has_pages else "place"
            yield _warning(
                "missing_place",
                piece_id,
                f"{piece_id} gives no {what} for {listed(codes)}.",
                {"codes": ", ".join(codes), "kind": piece.kind.value},
                _mend(Action.CORRECT_PLACE, piece_id, f"Add the {what} to each claim of {piece_id} (where)."),
                source=EXACT_PLACE,
            )


def often_barred_in_showcase(case: Case) -> Iterator[Finding]:
    """Warn of each piece in the showcase of a kind that many assessment organisations bar there.

    Yields:
        In the showcase's order.

    Source: two published assessment plans and the plan template.
    """
    chosen = case.portfolio.showcase
    for name in dict.fromkeys(chosen):
        piece = case.portfolio.by_id[name]
        if piece.kind in OFTEN_BARRED:
            yield _warning(
                "often_barred_in_showcase",
                name,
                f"{name} is {with_article(piece.kind.words)}; many assessment organisations bar it from showcases.",
                {"kind": piece.kind.value},
                _mend(
                    Action.CHOOSE_SHOWCASE,
                    name,
                    f"Ask the assessment organisation, or choose another piece than {name}.",
                    pieces=" ".join(other for other in chosen if other != name),
                ),
                source="CMI plan and the assessment plan template; whether it holds here is not known",
            )


def ineligible_hours(case: Case) -> Iterator[Finding]:
    """Warn once of all logged hours that do not count, with the hours for each reason.

    They lie before the start, after the gateway on record, in a break in learning, or after the day asked about; what
    several of these hold for is named under the first.

    Yields:
        At most one finding.

    Unit: hours. Source: off-the-job hours fall in the practical period.
    """
    if not case.standard.is_apprenticeship:
        return
    logged = case.portfolio.off_the_job or ()
    if len(eligible_hours(case)) == len(logged):
        return
    rows = [row for row in logged if not is_eligible(case, row)]
    parts: dict[str, list[LoggedHours]] = {}
    for row in rows:
        parts.setdefault(_why_not(case, row.date), []).append(row)
    later = f"after {in_words(case.on)}"
    places = [
        where for where in ("before the start", "after gateway", "in a break in learning", later) if where in parts
    ]
    shown = listed(f"{_hours(parts[where])} {where}" for where in places)
    total, one = _hours(rows), "Correct the date of this entry in the log, or delete it."
    yield _warning(
        "ineligible_hours",
        "off_the_job",
        f"{total} logged {'hour does' if total == '1' else 'hours do'} not count: {shown}.",
        {"hours": total, "rows": str(len(rows)), "first_row": min(row.date for row in rows).isoformat()},
        _mend(
            Action.CORRECT_DATE,
            "off_the_job",
            ("Correct the dates of these entries in the log, or delete them." if len(rows) > 1 else one)
            + (f" Hours {later} count once their day has come." if later in parts else ""),
            until=case.last_day.isoformat(),
        ),
        source="Off-the-job hours fall after the start and before gateway (all starts since 2022/23)",
    )


def _why_not(case: Case, day: date) -> str:
    """Give why hours of a day do not count."""
    gateway = case.portfolio.dates.gateway
    if day < case.portfolio.dates.first:
        return "before the start"
    if gateway and day > gateway:
        return "after gateway"
    return "in a break in learning" if is_in_break(case, day) else f"after {in_words(case.on)}"


def _hours(rows: list[LoggedHours]) -> str:
    return plain(sum((row.hours for row in rows), Decimal(0)))


def certificate_not_attached(case: Case) -> Iterator[Finding]:
    """Warn of each qualification that the standard asks for and that names no certificate file.

    Yields:
        At most one finding a subject, in the record's order.

    Source: assessment organisations check certificates at gateway.
    """
    if case.portfolio.has_only_rows:
        return
    wanted = {requirement.subject for requirement in case.standard.requirements if requirement.subject}
    for requirement in case.standard.requirements:
        if requirement.condition:
            wanted.update(subjects_of(requirement.condition))
    bare: dict[str, list[str]] = {}
    for held in case.portfolio.records.qualifications:
        is_achieved = held.state is QualificationState.ACHIEVED and held.awarded
        if held.subject in wanted and is_achieved and not held.certificate:
            bare.setdefault(held.subject, []).append(held.title or subject_words(held.subject))
    for subject, titles in bare.items():
        yield _warning(
            "certificate_not_attached",
            subject,
            f"No certificate file is named for {ended(listed(titles))}",
            {"qualifications": ", ".join(titles)},
            _mend(
                Action.ATTACH_CERTIFICATE,
                subject,
                f"Put {'a copy' if len(titles) == 1 else 'copies'} into the folder, and name the file (certificate).",
                of=subject,
            ),
            source="Assessment organisations check certificates at gateway",
        )


def restricted_file(case: Case) -> Iterator[Finding]:
    """Warn of each piece with a PDF that opens, but whose owner restricted what may be done with it.

    Yields:
        In the portfolio's order.

    Source: evidence opens without password or special software (ILM, City & Guilds).
    """
    for piece in case.portfolio.evidence:
        names = [file.name for file in piece.attached if file.is_restricted]
        if names:
            verb = "opens but is" if len(names) == 1 else "open but are"
            yield _warning(
                "restricted_file",
                piece.id,
                f"{piece.id} holds {listed(names)}, which {verb} protected by an owner's password.",
                {"files": ", ".join(names)},
                _mend(Action.REPLACE_FILE, piece.id, f"Save {listed(names)} again without protection."),
                source="Evidence opens without password or special software (ILM, City & Guilds)",
            )


def version_not_for_start(case: Case) -> Iterator[Finding]:
    """Warn if the standard's version was not open for starts on the learner's start date.

    Yields:
        At most one finding; none where the version's dates are not known.

    Source: a learner is on the version whose earliest and latest start dates contain the start date.
    """
    standard, first = case.standard, case.portfolio.dates.first
    early = standard.earliest_start is not None and first < standard.earliest_start
    late = standard.latest_start is not None and first > standard.latest_start
    if early or late:
        yield _warning(
            "version_not_for_start",
            standard.identity,
            f"{standard.identity} was not open for a start on {in_words(first)}.",
            {
                "earliest_start": standard.earliest_start.isoformat() if standard.earliest_start else "unknown",
                "latest_start": standard.latest_start.isoformat() if standard.latest_start else "unknown",
            },
            _mend(
                Action.RECORD_FACT,
                standard.identity,
                "Ask your provider which version you are on, and record it (standard in portfolio.yaml).",
                fact="standard",
            ),
            source="A learner is on the version whose earliest and latest start dates contain the start date",
        )
