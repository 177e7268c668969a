"""What follows from a case without any judgement: settings by layer, breaks, claims of its standard."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from case_text import case_from
from ksbtrack.models.standard import EvidenceKind, Group


def told(**learner: Any) -> dict[str, Any]:
    return {"learner": learner}


def test_the_gateway_on_record_decides_and_else_the_day_asked_about() -> None:
    assert case_from({"on": "2024-11-04"}).gateway == date(2024, 11, 4)
    case = case_from({"on": "2024-11-04", **told(gateway="2024-12-01")})
    assert (case.gateway, case.last_day) == (date(2024, 12, 1), date(2024, 11, 4))
    case = case_from({"on": "2024-11-04", **told(gateway="2024-10-01")})
    assert (case.gateway, case.last_day) == (date(2024, 10, 1), date(2024, 10, 1))


@pytest.mark.parametrize(
    ("breaks", "expected"),
    [
        ([], []),
        ([("2024-01-01", "2024-01-31")], [("2024-01-01", "2024-01-31")]),
        (
            [("2024-03-01", "2024-03-31"), ("2024-01-01", "2024-01-31")],
            [("2024-01-01", "2024-01-31"), ("2024-03-01", "2024-03-31")],
        ),
        ([("2024-01-01", "2024-01-31"), ("2024-01-15", "2024-02-15")], [("2024-01-01", "2024-02-15")]),
        ([("2024-01-01", "2024-01-31"), ("2024-01-15", "2024-01-20")], [("2024-01-01", "2024-01-31")]),
        ([("2023-08-01", "2023-09-30")], [("2023-09-04", "2023-09-30")]),
        ([("2023-08-01", "2023-08-31")], []),
        ([("2024-01-01", None)], [("2024-01-01", "9999-12-31")]),
    ],
)
def test_breaks_come_in_order_without_overlap_from_the_start_on(
    breaks: list[tuple[str, str | None]], expected: list[tuple[str, str]]
) -> None:
    case = case_from(told(start="2023-09-04", breaks=[{"start": first, "end": last} for first, last in breaks]))
    assert [(str(first), str(last)) for first, last in case.breaks] == expected


def test_each_layer_of_settings_says_what_it_says_and_leaves_the_rest() -> None:
    case = case_from(
        {
            "policy": {"max_age_months": "24"},
            "standard_with": {
                "sufficiency": {"pieces_per_competency": "2"},
                "methods": {"observation": {"assesses": ["S1", "S2"], "sufficiency": {"kinds_per_competency": "2"}}},
                "statements": {"S2": {"sufficiency": {"pieces_per_competency": "3"}}},
            },
        }
    )

    def shown(code: str) -> tuple[int | None, int | None, int | None]:
        settings = case.settings[code]
        return settings.pieces_per_competency, settings.kinds_per_competency, settings.max_age_months

    assert [shown(code) for code in ("K1", "S1", "S2")] == [(2, 1, 24), (2, 2, 24), (3, 2, 24)]
    assert case.settings["K1"] is case.base_settings
    assert len(case.different_settings) == 3


def test_where_two_methods_speak_the_stricter_holds() -> None:
    one = {"pieces_per_competency": "2", "max_age_months": "12", "claims_per_piece_warning": "5", "source": "One"}
    two = {"max_age_months": "6", "acceptance_needed": "no", "barred_kinds": ["case_study"], "source": "Two"}
    methods = {
        "observation": {"assesses": ["S1"], "sufficiency": one},
        "professional_discussion": {"assesses": ["S1"], "sufficiency": two},
    }
    settings = case_from({"standard_with": {"methods": methods}}).settings["S1"]
    assert (settings.pieces_per_competency, settings.max_age_months, settings.claims_per_piece_warning) == (2, 6, 5)
    assert settings.acceptance_needed is True
    assert settings.barred_kinds == (EvidenceKind.CASE_STUDY,)
    assert settings.source == "One; Two"


def test_claims_are_those_on_this_standard_in_any_version() -> None:
    claims = ["K1", {"code": "K2", "standard": "ST0148@0.9"}, {"code": "K3", "standard": "ST1379@1.0"}]
    case = case_from(told(evidence={"E01": {"claims": claims}}))
    assert [made.subject for made in case.claims_of["E01"]] == ["E01:K1", "E01:K2"]
    assert [made.subject for made in case.claims][:2] == ["E01:K1", "E01:K2"]


def test_a_claim_on_an_inherited_duty_counts_for_every_grade_that_inherits_it() -> None:
    claim = {"code": "D1", "standard": "XS10a@2008-06"}
    for grade in ("XS10a", "XS10b", "XS10c"):
        case = case_from({"standard": grade, **told(evidence={"E01": {"claims": [claim]}})})
        assert case.claims_of["E01"][0].competency.origin == "XS10a@2008-06"


def test_a_copy_of_a_model_forgets_what_was_computed_from_the_old_values() -> None:
    standard = case_from({}).standard
    assert len(standard.competencies) == 27
    assert len(standard.model_copy(update={"groups": standard.groups[:1]}).by_code) == 11
    assert len(standard.by_code) == 27


def test_a_code_is_never_another_name_of_a_statement() -> None:
    group = Group.model_validate(
        {
            "prefix": "K",
            "kind": "knowledge",
            "title": "Knowledge",
            "statements": [{"code": "K1", "text": "one", "aliases": ["k2", "a"]}, {"code": "K2", "text": "two"}],
        }
    )
    standard = case_from({}).standard.model_copy(update={"groups": (group,)})
    assert standard.code_of_alias == {"a": "K1"}
