"""How findings become verdicts, totals, a decision and the next steps."""

from __future__ import annotations

from decimal import Decimal

import pytest

from case_text import Plain, case_from
from ksbtrack.analysis import NEXT_STEPS, analyse
from ksbtrack.models.analysis import Action, Analysis, Effort, Status
from ksbtrack.rules.words import counted, plain, shortened, with_article

REST = ["K2", "K3", "K4", "K5", "K6", "K7", "K8", "K9"]
"""What the first piece of the complete learner claims besides K1."""


def analysed(**case: object) -> Analysis:
    told: Plain = dict(case)
    return analyse(case_from(told))


def steps(analysis: Analysis) -> list[tuple[str, tuple[str, ...]]]:
    return [(step.remedy.text, step.helps) for step in analysis.next_steps]


def test_ready_says_so_with_the_day_and_a_gateway_on_another_day() -> None:
    assert analysed().reason == (
        "On 4 November 2024 all 10 requirements are met or not needed, as far as the records tell."
    )
    assert analysed(learner={"gateway": "2024-10-01"}).reason == (
        "On 4 November 2024, for gateway on 1 October 2024, all 10 requirements are met or not needed, "
        "as far as the records tell."
    )
    assert analysed(standard="XS10a").reason == (
        "On 4 November 2024 the only requirement is met or not needed, as far as the records tell."
    )
    assert analysed().next_steps == ()


def test_what_is_not_met_outweighs_what_is_not_known() -> None:
    analysis = analysed(learner={"hours": "none", "confirmations": {"employer": "none"}})
    assert analysis.decision == "not_ready"
    assert analysis.reason == (
        'On 4 November 2024 1 of 10 requirements is not met: "Employer, provider and apprentice confirm".'
    )
    assert (analysis.totals.requirements_not_met, analysis.totals.requirements_unknown) == (1, 2)
    assert analysis.totals.requirements_met == 7


def test_the_totals_of_statements_and_pieces() -> None:
    learner = {
        "without": ["E04"],
        "showcase": ["E02"],
        "evidence": {
            "E01": {"claims": [{"code": "K1", "made_against": "ST0148@0.9"}, *REST[1:]]},
            "E07": {"claims": [], "date": "2024-01-01"},
            "E08": {"claims": ["K3"], "acceptance": {"state": "draft"}},
        },
    }
    totals = analysed(learner=learner).totals
    assert (totals.competencies, totals.competencies_met) == (27, 25)
    assert (totals.competencies_not_met, totals.competencies_unknown) == (1, 1)
    assert (totals.pieces, totals.pieces_counting) == (7, 5)


def test_a_piece_tells_what_it_counts_for_and_why_it_does_not() -> None:
    learner = {
        "evidence": {
            "E01": {"claims": ["K2", {"code": "K1", "made_against": "ST0148@0.9"}]},
            "E04": {"claims": [{"code": "K1", "made_against": "ST0148@0.9"}]},
            "E07": {"claims": ["K1"], "date": "2020-01-01", "acceptance": {"state": "submitted"}},
        }
    }
    pieces = {verdict.id: verdict for verdict in analysed(learner=learner).pieces}
    again = "{} was mapped to K1 of ST0148@0.9, not of ST0148@1.0."
    assert (pieces["E01"].status, pieces["E01"].counts_for) == (Status.MET, ("K2",))
    assert pieces["E01"].reasons == (again.format("E01"),)
    assert (pieces["E04"].status, pieces["E04"].counts_for) == (Status.CHECK_AGAIN, ())
    assert pieces["E04"].reasons == (again.format("E04"),)
    assert pieces["E07"].status is Status.NOT_MET
    assert pieces["E07"].reasons == (
        "E07 is submitted, but not accepted yet.",
        "E07 was made on 1 January 2020, before the start on 4 September 2023.",
    )
    assert pieces["E02"].reasons == ()


def test_the_best_claim_says_what_a_piece_is_worth_of_which_none_counts() -> None:
    claims = [{"code": "K1", "where": "p. 9"}, {"code": "K2", "made_against": "ST0148@0.9"}]
    file = {"a.pdf": {"kind": "pdf", "pages": "2"}}
    pieces = analysed(learner={"evidence": {"E01": {"claims": claims, "files": file}}}).pieces
    assert (pieces[0].status, pieces[0].counts_for) == (Status.CHECK_AGAIN, ())


def test_a_statement_gives_its_faults_before_its_warnings() -> None:
    learner = {"evidence": {"E04": {"date": "2023-10-04", "claims": ["K1"]}}}
    verdict = analysed(policy={"kinds_per_competency": "3"}, learner=learner).competencies[0]
    assert verdict.reasons == (
        "The pieces that count are of 2 of 3 kinds: case study and work product.",
        "All pieces for K1 were made on 4 October 2023.",
    )
    assert [remedy.action for remedy in verdict.remedies] == [Action.ADD_PIECE]
    met = analysed(learner=learner).competencies[0]
    assert met.reasons == ("2 pieces count: E01 and E04.", "All pieces for K1 were made on 4 October 2023.")
    assert met.remedies == ()


def test_one_piece_that_counts_is_one() -> None:
    verdict = analysed(learner={"without": ["E04"]}).competencies[0]
    assert verdict.reasons[0] == "1 piece counts: E01."


def test_the_remedies_of_every_statement_are_those_of_the_statements_that_decide() -> None:
    learner = {
        "evidence": {
            "E04": {"claims": ["X1", "X2", "KS1", "KS2", "KS3", "KS4", "KS5"]},
            "E09": {"claims": ["X1", "X2", "KS1", "KS2", "KS3", "KS4", "KS5"]},
        }
    }
    (verdict,) = analysed(standard="XS10a", learner=learner).requirements
    assert [remedy.subject for remedy in verdict.remedies] == ["Q1"], "Q2 is desirable"


def test_a_requirement_names_its_inputs_by_party() -> None:
    verdict = analysed(learner={"confirmations": {"provider": "none"}}).requirements[-1]
    assert verdict.reason == "The provider has not confirmed yet."
    assert verdict.inputs["by (employer)"] == "employer"
    assert verdict.inputs["recorded (provider)"] == "0"
    assert [remedy.subject for remedy in verdict.remedies] == ["provider"]


def test_a_requirement_on_which_nothing_can_be_found_is_not_known() -> None:
    analysis = analysed(standard_with={"requirements": {"confirmations": {"by": []}}})
    assert analysis.requirements[-1].status is Status.UNKNOWN
    assert analysis.requirements[-1].reason == "The standard does not say what is asked for here."
    assert analysis.decision == "cannot_tell"


def test_the_step_that_helps_most_comes_first_and_waiting_last() -> None:
    learner = {
        "gateway": "2024-09-01",
        "confirmations": {"employer": "none"},
        "evidence": {
            "E02": {"acceptance": {"state": "submitted"}},
            "E05": {"acceptance": {"state": "submitted"}, "claims": ["K10"]},
        },
        "showcase": ["E01"],
    }
    analysis = analysed(learner=learner)
    assert analysis.next_steps[0].remedy.text == "Have E02 accepted."
    assert len(analysis.next_steps[0].helps) == 9
    assert len(analysis.next_steps) == NEXT_STEPS
    only_late = analysed(learner={"gateway": "2024-09-01", "confirmations": {"employer": "none"}})
    assert steps(only_late) == [
        ("Ask your employer to confirm your competence, dated 14 October 2023 or later, and record name, role and day.",
         ("confirmations",)),
        ("Go through gateway on 10 September 2024 or later.", ("minimum_duration",)),
    ]  # fmt: skip


def test_what_takes_weeks_has_to_start_first_whatever_else_would_help_more() -> None:
    learner = {
        "qualifications": {"ict": "none"},
        "confirmations": {"employer": "none"},
        "evidence": {"E02": {"acceptance": {"state": "submitted"}}, "E05": {"claims": ["K10"]}},
        "showcase": ["E01"],
    }
    analysis = analysed(learner=learner)
    assert [step.remedy.action for step in analysis.next_steps] == [
        Action.ACHIEVE_QUALIFICATION,
        Action.ACCEPT_PIECE,
        Action.GET_CONFIRMATION,
    ]
    assert [len(step.helps) for step in analysis.next_steps] == [1, 8, 1]


def test_what_takes_longer_comes_first_among_equals() -> None:
    all_but_one = ["K10", "S1", "S2", "S3", "S4", "S5", "S6", "S7"]
    changed = {"E02": {"acceptance": {"state": "submitted"}}, "E05": {"claims": all_but_one}}
    learner = {"evidence": changed, "confirmations": {"employer": "none"}, "showcase": ["E01"]}
    found = analysed(learner=learner).next_steps
    assert [len(step.helps) for step in found] == [1, 1]
    assert [step.remedy.effort for step in found] == [Effort.HOURS, Effort.MINUTES]


def test_a_requirement_names_the_same_first_step_as_the_next_steps() -> None:
    learner = {
        "evidence": {"E02": {"acceptance": {"state": "submitted"}}, "E05": {"claims": ["K10"]}},
        "confirmations": {"employer": "none"},
        "showcase": ["E01"],
    }
    analysis = analysed(learner=learner)
    by_id = {verdict.id: verdict for verdict in analysis.requirements}
    assert by_id["statements"].remedies[0] == analysis.next_steps[0].remedy
    assert by_id["statements"].remedies[0].text == "Have E02 accepted."
    for step in analysis.next_steps:
        for helped in step.helps:
            assert step.remedy in (by_id[helped] if helped in by_id else by_id["statements"]).remedies


def test_a_new_piece_can_be_planned_for_both_halves_of_a_row() -> None:
    learner = {
        "without": ["E04", "E05"],
        "evidence": {"E01": {"claims": REST}, "E02": {"claims": ["K10", "K11", "S2", "S3", "S4", "S5", "S6", "S7"]}},
    }
    assert steps(analysed(learner=learner)) == [("Add a piece that shows K1, and have it accepted.", ("K1", "S1"))]


def test_a_step_about_several_pieces_is_one_step_a_piece() -> None:
    submitted = {"acceptance": {"state": "submitted"}, "claims": ["K1"]}
    learner = {
        "showcase": ["E02"],
        "evidence": {"E01": submitted, "E04": submitted, "E07": {"claims": REST}, "E08": {"claims": REST}},
    }
    analysis = analysed(policy={"pieces_per_competency": "2"}, learner=learner)
    assert steps(analysis) == [
        ("Have E01 accepted: Piece E01.", ("K1",)),
        ("Have E04 accepted: Piece E04.", ("K1",)),
    ]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"claims": [{"code": "K1", "made_against": "ST0148@0.9"}, {"code": "K2", "made_against": "ST0148@0.9"}]},
         "Have E01 checked again, and record the answer: Piece E01."),
        ({"claims": ["K1", "K2"]}, "Have the claims of E01 confirmed: Piece E01."),
    ],
)  # fmt: skip
def test_a_step_about_several_claims_is_one_step_a_piece(told: Plain, expected: str) -> None:
    confirmed = {"sufficiency": {"confirmed_claims_needed": "yes"}}
    with_claims = {"statements": {"K1": confirmed, "K2": confirmed}} if told["claims"] == ["K1", "K2"] else {}
    learner = {"without": ["E04"], "showcase": ["E02"], "evidence": {"E01": told, "E07": {"claims": REST[1:]}}}
    assert steps(analysed(standard_with=with_claims, learner=learner)) == [(expected, ("K1", "K2"))]


def test_what_is_desirable_is_no_next_step_and_no_finding_on_it_decides() -> None:
    analysis = analysed(
        standard="XS10c", learner={"qualifications": {"specialist_leader_behaviour_attendance": "none"}}
    )
    assert analysis.decision == "ready"
    assert analysis.next_steps == ()
    (finding,) = [found for found in analysis.findings if found.subject == "grade_9_leadership"]
    assert (finding.status, finding.decides) == (Status.NOT_MET, False)
    assert finding in analysis.warnings
    met = analysed(standard="XS10c")
    assert not [found for found in met.warnings if found.subject == "grade_9_leadership"], "good news is no warning"


def test_words() -> None:
    assert [with_article(noun) for noun in ("assignment", "project")] == ["an assignment", "a project"]
    assert [counted(number, "piece") for number in (0, 1, 2)] == ["0 pieces", "1 piece", "2 pieces"]
    numbers = [Decimal(text) for text in ("7.50", "300", "300.0", "0.1")]
    assert [plain(number) for number in numbers] == ["7.5", "300", "300", "0.1"]
    assert [shortened(text, 8) for text in ("one\n two", "one two three", "12345678")] == [
        "one two",
        "one two…",
        "12345678",
    ]
