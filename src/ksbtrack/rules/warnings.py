"""What deserves a look and never decides: each rule warns of one thing."""

from __future__ import annotations

from collections.abc import Iterator

from ksbtrack.models.analysis import Action, Effort, Finding, Remedy, Status
from ksbtrack.models.case import Case
from ksbtrack.models.portfolio import Evidence
from ksbtrack.models.standard import EvidenceKind
from ksbtrack.models.values import Known, in_words, listed
from ksbtrack.rules.period import is_eligible
from ksbtrack.rules.pieces import YOU, setting

OFTEN_BARRED = (EvidenceKind.REFLECTIVE_ACCOUNT, EvidenceKind.SELF_ASSESSMENT)
"""Kinds that many assessment organisations bar from the showcase, though they are fine on programme."""


def _warning(
    rule: str, subject: str, reason: str, inputs: dict[str, str], source: str, remedy: Remedy | None = None
) -> Finding:
    return Finding(rule, subject, Status.MET, reason, inputs, remedy, source, decides=False)


def _mend(action: Action, subject: str, text: str, effort: Effort = Effort.MINUTES) -> Remedy:
    return Remedy(action, subject, text, YOU, effort)


def over_mapped(case: Case) -> Iterator[Finding]:
    """Warn of each piece that claims more statements than the settings find believable.

    Yields:
        In the portfolio's order.

    Unit: statements. Source: the setting `claims_per_piece_warning`.
    """
    limit = case.base_settings.claims_per_piece_warning or 0
    for piece, made in case.claims_of.items():
        codes = {claim.competency.code for claim in made}
        if limit and len(codes) > limit:
            yield _warning(
                "over_mapped",
                piece,
                f"{piece} claims {len(codes)} statements; more than {limit} in one piece is rarely believed.",
                {"claims": str(len(codes)), "limit": str(limit)},
                setting("claims_per_piece_warning", case.base_settings),
                _mend(
                    Action.REVIEW_CLAIM,
                    piece,
                    f"Keep the claims that {piece} shows best and delete the others.",
                ),
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
            names = listed(f"{name} ({piece.id})" for piece, name in found)
            yield _warning(
                "duplicate_file",
                found[0][0].id,
                f"The same content stands in {names}.",
                {"files": names, "sha256": sha256},
                "Two pieces with one file are one piece of evidence",
                _mend(
                    Action.REPLACE_FILE,
                    found[-1][0].id,
                    f"Attach what belongs to {found[-1][0].id}, or delete it.",
                ),
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
            "The trust marks in the standard's file",
            _mend(
                Action.RECORD_FACT,
                case.standard.identity,
                "Compare the wording with your provider's copy of the standard.",
            ),
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
                "The standard's file: no readable source was found",
                _mend(
                    Action.RECORD_FACT,
                    method.id,
                    "Copy the mapping from the provider's assessment plan into an overlay file.",
                ),
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
                "Assessment organisations accept no personal data of others unless it is redacted",
                _mend(Action.REPLACE_FILE, piece.id, f"Redact {piece.id} and record it (privacy, redacted)."),
            )


def missing_place(case: Case) -> Iterator[Finding]:
    """Warn of each piece whose claims do not say where to look: a time in a recording, else a page in the files.

    Yields:
        In the portfolio's order.

    Source: awarding bodies' mapping forms.
    """
    for piece_id, made in case.claims_of.items():
        piece = made[0].piece
        if not piece.attached:
            continue
        codes = [claim.competency.code for claim in made if not claim.claim.where]
        one_page = all(file.pages == 1 for file in piece.attached)
        if codes and not one_page:
            what = "time" if piece.kind is EvidenceKind.RECORDING else "page"
            yield _warning(
                "missing_place",
                piece_id,
                f"{piece_id} gives no {what} for {listed(codes)}.",
                {"codes": ", ".join(codes), "kind": piece.kind.value},
                "Awarding bodies' mapping forms: an exact page or time for each statement",
                _mend(Action.CORRECT_PLACE, piece_id, f"Add the {what} to each claim of {piece_id} (where)."),
            )


def often_barred_in_showcase(case: Case) -> Iterator[Finding]:
    """Warn of each piece in the showcase of a kind that many assessment organisations bar there.

    Yields:
        In the showcase's order.

    Source: two published assessment plans and the plan template.
    """
    for name in case.portfolio.showcase:
        piece = case.portfolio.by_id[name]
        if piece.kind in OFTEN_BARRED:
            yield _warning(
                "often_barred_in_showcase",
                name,
                f"{name} is a {piece.kind.words}; many assessment organisations bar it from the showcase.",
                {"kind": piece.kind.value},
                "CMI plan and the assessment plan template; whether it holds here is not known",
                _mend(
                    Action.CHOOSE_SHOWCASE,
                    name,
                    f"Ask the assessment organisation, or choose another piece than {name}.",
                ),
            )


def ineligible_hours(case: Case) -> Iterator[Finding]:
    """Warn once of logged hours that do not count: before the start, after gateway, or in a break in learning.

    Yields:
        At most one finding.

    Unit: hours. Source: off-the-job hours fall in the practical period.
    """
    rows = [row for row in case.portfolio.off_the_job or () if row.date <= case.on and not is_eligible(case, row)]
    if rows and case.standard.is_apprenticeship:
        total = sum(row.hours for row in rows)
        days = listed(in_words(row.date) for row in rows[:3]) + (" and other days" if len(rows) > 3 else "")  # noqa: PLR2004
        yield _warning(
            "ineligible_hours",
            "off_the_job",
            f"{total} logged hours do not count: {days} lie before the start, after gateway or in a break.",
            {"hours": str(total), "rows": str(len(rows))},
            "Off-the-job hours fall after the start and before gateway (all starts since 2022/23)",
            _mend(Action.CORRECT_DATE, "off_the_job", "Correct the dates if they are slips."),
        )


def certificate_not_attached(case: Case) -> Iterator[Finding]:
    """Warn of each qualification that the standard asks for and that has no certificate file.

    Yields:
        In the record's order.

    Source: assessment organisations check certificates at gateway.
    """
    wanted = {requirement.subject for requirement in case.standard.requirements if requirement.subject}
    for held in case.portfolio.records.qualifications:
        if held.subject in wanted and held.awarded and not held.certificate:
            yield _warning(
                "certificate_not_attached",
                held.subject,
                f"No certificate file is named for {held.title or held.subject}.",
                {"awarded": held.awarded.isoformat()},
                "Assessment organisations check certificates at gateway",
                _mend(
                    Action.ATTACH_CERTIFICATE,
                    held.subject,
                    "Put a copy into the folder and name it (certificate).",
                ),
            )


def restricted_file(case: Case) -> Iterator[Finding]:
    """Warn of each PDF that opens, but whose owner restricted what may be done with it.

    Yields:
        In the portfolio's order.

    Source: evidence opens without password or special software (ILM, City & Guilds).
    """
    for piece in case.portfolio.evidence:
        names = [file.name for file in piece.attached if file.is_restricted]
        if names:
            yield _warning(
                "restricted_file",
                piece.id,
                f"{listed(names)} of {piece.id} opens, but is protected by an owner's password.",
                {"files": ", ".join(names)},
                "Evidence opens without password or special software (ILM, City & Guilds)",
                _mend(Action.REPLACE_FILE, piece.id, f"Save {listed(names)} again without protection."),
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
            "A learner is on the version whose earliest and latest start dates contain the start date",
            _mend(Action.RECORD_FACT, standard.identity, "Ask your provider which version the learner is on."),
        )
