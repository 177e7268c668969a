"""The section on quality: what each piece is worth, and the words for what deserves a look."""

from __future__ import annotations

from case_text import case_from
from ksbtrack.analysis import analyse
from ksbtrack.models.analysis import Analysis
from ksbtrack.report.quality import CHECKS, SAID_ELSEWHERE, PieceRow, quality_view
from ksbtrack.rules import COMPETENCY_RULES, WARNING_RULES


def told(**evidence: object) -> Analysis:
    return analyse(case_from({"learner": {"evidence": evidence}}))


def row(analysis: Analysis, name: str) -> PieceRow:
    return next(piece for piece in quality_view(analysis).pieces if piece.id == name)


def test_a_piece_that_counts_in_part_says_for_what_and_each_reason_as_a_sentence() -> None:
    claims = ["K1", {"code": "K2", "made_against": "ST0148@0.9"}, {"code": "K3", "made_against": "ST0148@0.9"}]
    assert row(told(E01={"claims": claims}), "E01").worth == (
        "K1. E01 was mapped to K2 of ST0148@0.9, not of ST0148@1.0. "
        "E01 was mapped to K3 of ST0148@0.9, not of ST0148@1.0."
    )


def test_a_piece_that_counts_in_full_says_for_what_alone() -> None:
    assert row(told(E01={"claims": ["K1", "K2"]}), "E01").worth == "K1 and K2"


def test_a_piece_that_does_not_count_says_why_alone() -> None:
    assert row(told(E01={"acceptance": {"state": "draft"}}), "E01").worth == "E01 is a draft."


def test_every_warning_has_words_in_the_section_or_stands_in_another() -> None:
    warning = {rule.__name__ for rule in WARNING_RULES} | {"single_source", "all_from_one_day"}
    assert {rule.__name__ for rule in COMPETENCY_RULES} > warning - {rule.__name__ for rule in WARNING_RULES}
    assert CHECKS.keys() | SAID_ELSEWHERE == warning
    assert not CHECKS.keys() & SAID_ELSEWHERE


def test_a_warning_about_the_portfolio_names_the_pieces() -> None:
    accepted = {"acceptance": {"state": "accepted", "on": "2024-05-01"}}
    checks = {check.title: check for check in quality_view(told(E01=accepted, E02=accepted)).checks}
    found = checks["Accepted without a recorded fingerprint"]
    assert (found.count, found.subjects) == (1, "portfolio")
    assert "E01 and E02" in found.reason
