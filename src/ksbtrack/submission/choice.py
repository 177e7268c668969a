"""Whether the right pieces are chosen: how many, of which kinds, and for which statements."""

from __future__ import annotations

from collections.abc import Iterator

from ksbtrack.models.analysis import Action, Effort, Finding, Status
from ksbtrack.models.profile import AskedMethods
from ksbtrack.models.standard import Competency, EvidenceKind, Standard
from ksbtrack.models.submission import Submission
from ksbtrack.models.values import listed
from ksbtrack.rules.words import counted, with_article
from ksbtrack.submission.findings import found, to_do

WHOLE = "selection"
"""The subject of what is found about all chosen pieces together."""
SEEN_BY_OTHERS = (EvidenceKind.WITNESS_TESTIMONY, EvidenceKind.OBSERVATION_RECORD)
"""The kinds in which somebody else says what they saw."""


def nothing_selected(submission: Submission) -> Iterator[Finding]:
    """Find that no piece is chosen.

    Yields:
        At most one finding.
    """
    if not submission.pieces:
        yield found(
            "nothing_selected",
            WHOLE,
            Status.NOT_MET,
            "No pieces are chosen, so there is nothing to send.",
            {"chosen": "none"},
            to_do(
                Action.CHOOSE_SHOWCASE,
                WHOLE,
                "Choose pieces for the showcase (showcase in portfolio.yaml), or name them with --select.",
                effort=Effort.HOURS,
            ),
        )


def statement_not_shown(submission: Submission) -> Iterator[Finding]:
    """Find each statement of the method for which no chosen piece counts.

    A statement that no known method assesses is not known to be asked for, as long as it is not known what each method
    assesses. Of a standard without methods every statement is asked for. Desirable ones never are.

    Yields:
        At most one finding a statement, in the standard's order.
    """
    asked = submission.profile.checks.statement_not_shown
    if asked is None:
        return
    standard = submission.case.standard
    worth = {verdict.id: verdict for verdict in submission.analysis.pieces}
    counting = {code for piece in submission.pieces for code in worth[piece.id].counts_for}
    to_check: set[str] = set()
    for piece in submission.pieces:
        if worth[piece.id].status in (Status.CHECK_AGAIN, Status.UNKNOWN):
            to_check.update(made.competency.code for made in submission.claims_of(piece))
    for statement in standard.competencies:
        is_asked = _is_asked(asked, standard, statement)
        if statement.code in counting or is_asked is False:
            continue
        yield _not_shown(submission, statement, is_certain=is_asked is True and statement.code not in to_check)


def _is_asked(asked: AskedMethods, standard: Standard, statement: Competency) -> bool | None:
    """Say whether a statement is among those of the methods that the profile means; None where nobody knows."""
    methods = [method for method in standard.methods if not asked.methods or method.id in asked.methods]
    if statement.desirable:
        return False
    if not methods:
        return None if asked.methods else True
    if any(statement.code in (method.assesses or ()) for method in methods):
        return True
    return None if any(method.assesses is None for method in methods) else False


def _not_shown(submission: Submission, statement: Competency, *, is_certain: bool) -> Finding:
    code = statement.code
    claiming = [
        piece.id
        for piece in submission.pieces
        if any(made.competency.code == code for made in submission.claims_of(piece))
    ]
    others = next((verdict.pieces for verdict in submission.analysis.competencies if verdict.code == code), ())
    if claiming:
        verb = "claims" if len(claiming) == 1 else "claim"
        reason = f"{listed(claiming)} {verb} {code}, but {'does' if len(claiming) == 1 else 'do'} not count for it."
    elif is_certain:
        reason = f"No chosen piece shows {code}."
    else:
        reason = f"No chosen piece shows {code}, and whether the method assesses it is not known."
    advice = f"Add {' or '.join(others)} to the selection" if others else f"Make a piece that shows {code}, and add it"
    return found(
        "statement_not_shown",
        code,
        Status.NOT_MET if is_certain else Status.UNKNOWN,
        reason,
        {"claimed_by": ", ".join(claiming) or "none", "shown_by_others": ", ".join(others) or "none"},
        to_do(
            Action.CHOOSE_SHOWCASE,
            code,
            f"{advice}."
            if is_certain
            else f"Find out whether {code} is assessed. If so: {advice[0].lower()}{advice[1:]}.",
            effort=Effort.MINUTES if others else Effort.DAYS,
            pieces=" ".join(others),
        ),
    )


def fewer_pieces_than_asked(submission: Submission) -> Iterator[Finding]:
    """Find that fewer pieces are chosen than the profile asks for.

    Yields:
        Exactly one finding.
    """
    asked = submission.profile.checks.fewer_pieces_than_asked
    if asked:
        yield _number(submission, "fewer_pieces_than_asked", asked.pieces, "at least")


def more_pieces_than_asked(submission: Submission) -> Iterator[Finding]:
    """Find that more pieces are chosen than the profile takes.

    Yields:
        Exactly one finding.
    """
    asked = submission.profile.checks.more_pieces_than_asked
    if asked:
        yield _number(submission, "more_pieces_than_asked", asked.pieces, "at most")


def _number(submission: Submission, check: str, limit: int, most: str) -> Finding:
    number = len(submission.pieces)
    is_least = most == "at least"
    is_fine = number >= limit if is_least else number <= limit
    difference = counted(abs(number - limit), "piece")
    advice = f"Add {difference} to the selection." if is_least else f"Take {difference} out of the selection."
    return found(
        check,
        WHOLE,
        Status.MET if is_fine else Status.NOT_MET,
        f"{_chosen(number)}; the {'least' if is_least else 'most'} is {limit}.",
        {"chosen": str(number), most.replace(" ", "_"): str(limit)},
        None if is_fine else to_do(Action.CHOOSE_SHOWCASE, WHOLE, advice, effort=Effort.HOURS),
    )


def _chosen(number: int) -> str:
    return f"{counted(number, 'piece')} {'is' if number == 1 else 'are'} chosen"


def untypical_number_of_pieces(submission: Submission) -> Iterator[Finding]:
    """Warn that another number of pieces is chosen than is typical.

    Yields:
        Exactly one finding, which never decides if it warns.
    """
    asked = submission.profile.checks.untypical_number_of_pieces
    if asked is None:
        return
    number = len(submission.pieces)
    finding = found(
        "untypical_number_of_pieces",
        WHOLE,
        Status.MET,
        f"{_chosen(number)}; {asked.pieces} are typical.",
        {"chosen": str(number), "typical": str(asked.pieces)},
        None,
    )
    yield (
        finding
        if number == asked.pieces
        else as_warning(
            finding,
            "Nothing need be done if each piece shows something of its own and every statement is shown.",
        )
    )


def as_warning(finding: Finding, advice: str) -> Finding:
    """Give a finding as one that never decides, with what to think of."""
    remedy = to_do(Action.CHOOSE_SHOWCASE, finding.subject, advice)
    return Finding(
        finding.rule, finding.subject, finding.status, finding.reason, finding.inputs, remedy, "", decides=False
    )


def no_witness_or_observation(submission: Submission) -> Iterator[Finding]:
    """Find that no witness testimony and no observation record is chosen.

    Yields:
        Exactly one finding.
    """
    names = [piece.id for piece in submission.pieces if piece.kind in SEEN_BY_OTHERS]
    reason = f"{listed(names)} {'says' if len(names) == 1 else 'say'} what others saw." if names else ""
    yield found(
        "no_witness_or_observation",
        WHOLE,
        Status.MET if names else Status.NOT_MET,
        reason or "Neither a witness testimony nor an observation record is chosen.",
        {"pieces": ", ".join(names) or "none"},
        None
        if names
        else to_do(
            Action.CHOOSE_SHOWCASE,
            WHOLE,
            "Add a witness testimony or an observation record to the selection.",
            effort=Effort.HOURS,
        ),
    )


def too_few_kinds_selected(submission: Submission) -> Iterator[Finding]:
    """Find that the chosen pieces are of fewer kinds than the profile asks for.

    Yields:
        Exactly one finding.
    """
    asked = submission.profile.checks.too_few_kinds_selected
    if asked is None:
        return
    kinds = list(dict.fromkeys(piece.kind.words for piece in submission.pieces))
    is_mixed = len(kinds) >= asked.different_kinds
    yield found(
        "too_few_kinds_selected",
        WHOLE,
        Status.MET if is_mixed else Status.NOT_MET,
        f"The chosen pieces are of {counted(len(kinds), 'kind')}; at least {asked.different_kinds} are asked for.",
        {"kinds": ", ".join(kinds) or "none"},
        None if is_mixed else to_do(Action.CHOOSE_SHOWCASE, WHOLE, "Add a piece of another kind.", effort=Effort.HOURS),
    )


def kind_not_taken(submission: Submission) -> Iterator[Finding]:
    """Find each chosen piece of a kind that is barred.

    Yields:
        In the order of the choice.
    """
    asked = submission.profile.checks.kind_not_taken
    if asked is None:
        return
    barred = listed(kind.words for kind in asked.kinds)
    for piece in submission.pieces:
        if piece.kind in asked.kinds:
            yield found(
                "kind_not_taken",
                piece.id,
                Status.NOT_MET,
                f"{piece.id} is {with_article(piece.kind.words)}, which is not taken.",
                {"kind": piece.kind.value, "barred": barred},
                to_do(
                    Action.CHOOSE_SHOWCASE,
                    piece.id,
                    f"Take {piece.id} out of the selection, and put work in its place that shows the same.",
                    effort=Effort.HOURS,
                ),
            )
