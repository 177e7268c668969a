"""Which pieces to show: the smallest choice, the first of its size, and the proof that there is none."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksbtrack.cli.choosing import chosen_ids
from ksbtrack.models.analysis import Analysis, Finding, Status
from ksbtrack.models.portfolio import AcceptanceState
from ksbtrack.models.standard import EvidenceKind
from ksbtrack.problems import KsbtrackError
from ksbtrack.submission import covering
from ksbtrack.submission.covering import smallest_cover, unmeetable_rows
from ksbtrack.submission.selection import Selection, choose_pieces, fitting_selection, redundant_pieces
from made_up import DAY, analysis, lantern_standard
from made_up import piece as made_up_piece

Rows = list[frozenset[int]]

ROWS = st.lists(st.frozensets(st.integers(0, 9), min_size=1), min_size=1, max_size=14)


def covers(rows: Rows, size: int) -> list[tuple[int, ...]]:
    """Give every choice of a size that meets all rows, in order."""
    return [chosen for chosen in combinations(range(10), size) if all(not row.isdisjoint(chosen) for row in rows)]


def shown(codes: dict[str, str], **changes: str) -> Analysis:
    """Give the analysis of a portfolio in which each piece, by id, shows the codes named with spaces between them.

    Args:
        codes: what each piece claims.
        changes: the state of single pieces, where they are not accepted.
    """
    standard = lantern_standard()
    evidence = []
    for name, claimed in codes.items():
        plain = made_up_piece(standard, 1) | {"id": name, "kind": "project", "fingerprint": name.ljust(32, "0")}
        plain["claims"] = [{"code": code, "standard": standard.identity} for code in claimed.split()]
        plain["acceptance"] = {"state": changes.get(name, "accepted"), "on": DAY, "by": "Tinder Spark"}
        plain["attached"] = []
        plain["account"] = f"What {name} is about."
        evidence.append(plain)
    return analysis(standard, evidence=evidence, showcase=[])


def chosen(codes: dict[str, str], wanted: str = "K1 K2 K3 K4", **options: int) -> Selection:
    """Give the selection for some statements."""
    return choose_pieces(shown(codes), codes=wanted.split(), **options)  # type: ignore[arg-type]


@given(ROWS)
@settings(deadline=None, max_examples=150)
def test_the_choice_is_the_first_smallest_one_of_all(rows: Rows) -> None:
    found = smallest_cover(rows)
    size = next(size for size in range(11) if covers(rows, size))
    assert found.chosen == covers(rows, size)[0]
    assert found.at_least == size
    assert found.is_first


@given(ROWS)
@settings(deadline=None, max_examples=100)
def test_the_rows_of_a_proof_cannot_be_met_and_none_is_needless(rows: Rows) -> None:
    most = len(smallest_cover(rows).chosen) - 1
    if most < 1:
        return
    places, is_proved = unmeetable_rows(rows, most)
    proof = [rows[place] for place in places]
    assert is_proved
    assert not covers(proof, most)
    for place in range(len(proof)):
        assert covers(proof[:place] + proof[place + 1 :], most)


def test_past_the_count_of_nodes_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    # The 35 triples that every choice of fewer than 5 of 7 columns leaves one of: the relaxed answer is 7/3.
    rows = [frozenset(row) for row in combinations(range(7), 3)]
    monkeypatch.setitem(covering._OPTIONS, "limits/totalnodes", 0)
    found = smallest_cover(rows)
    assert all(not row.isdisjoint(found.chosen) for row in rows)
    assert not found.is_smallest
    assert not found.is_first
    assert found.at_least < 5
    places, is_proved = unmeetable_rows(rows, 4)
    assert len(places) == 35
    assert not is_proved


def test_the_solver_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    smallest_cover([frozenset({0, 1}), frozenset({1, 2})])
    assert capfd.readouterr() == ("", "")


def test_the_fewest_pieces_are_chosen_and_the_rest_is_named() -> None:
    found = chosen({"E1": "K1 K2", "E2": "K2 K3", "E3": "K3 K4", "E10": "K1 K4"})
    assert found.pieces == ("E1", "E3")
    assert found.reason == "2 pieces together show all 4 statements, and no fewer do."
    assert found.not_needed == ("E2", "E10")
    assert found.redundant == ()
    assert found.only_carriers == {}
    assert found.fits
    assert found.is_proved
    assert found.is_first


def test_of_two_smallest_choices_the_first_as_people_count_is_taken_whatever_the_order_of_pieces() -> None:
    pieces = {"E10": "K1 K2", "E9": "K3 K4", "E2": "K1 K2", "E11": "K3 K4"}
    backwards = dict(reversed(pieces.items()))
    assert chosen(pieces).pieces == ("E2", "E9")
    assert chosen(backwards).pieces == ("E2", "E9")


def test_one_piece_for_one_statement() -> None:
    found = chosen({"E1": "K1"}, wanted="K1")
    assert (found.pieces, found.reason) == (("E1",), "1 piece shows the statement, and no fewer do.")
    assert found.only_carriers == {"K1": "E1"}


def test_nothing_to_be_shown() -> None:
    found = chosen({"E1": "K1"}, wanted="")
    assert (found.pieces, found.reason) == ((), "There is no statement that has to be shown.")


def test_desirable_statements_need_not_be_shown() -> None:
    standard = lantern_standard()
    asked = choose_pieces(analysis(standard)).codes
    assert asked == tuple(item.code for item in standard.competencies if not item.desirable)


def test_pieces_are_added_up_to_the_number_asked_for() -> None:
    """E2 gives a second piece to three statements; then E3 and E4 to one each, of which E4 shows more."""
    pieces = {"E1": "K1 K2 K3 K4", "E2": "K1 K2 K3", "E3": "K4", "E4": "K1 K4"}
    found = chosen(pieces, minimum=3)
    assert found.added == ("E2", "E4")
    assert found.pieces == ("E1", "E2", "E4")
    assert found.reason == (
        "1 piece shows all 4 statements, and no fewer do. 3 pieces are asked for, so E2 and E4 are added."
    )
    assert found.redundant == ("E1", "E2", "E4")
    assert found.not_needed == ("E3",)


def test_more_pieces_are_asked_for_than_there_are() -> None:
    found = chosen({"E1": "K1 K2 K3 K4", "E2": "K1"}, minimum=3)
    assert not found.fits
    assert found.reason == "3 pieces are asked for, and only 2 can be shown."


def test_two_numbers_that_cannot_both_be() -> None:
    found = chosen({"E1": "K1 K2 K3 K4", "E2": "K1", "E3": "K1"}, minimum=3, maximum=2)
    assert not found.fits
    assert found.reason == "At least 3 pieces and at most 2 are asked for, which cannot both be."


def test_statements_that_no_piece_carries_are_named() -> None:
    found = chosen({"E1": "K1", "E2": "K3"})
    assert not found.fits
    assert found.not_shown == ("K2", "K4")
    assert found.reason == "No piece that can be shown carries K2 and K4."
    assert found.smallest == 2


def test_more_pieces_are_needed_than_are_allowed() -> None:
    found = chosen({"E1": "K1", "E2": "K2 K4", "E3": "K3 K4"}, maximum=2)
    assert not found.fits
    assert found.stopping == ("K1", "K2", "K3")
    assert found.is_proved
    assert found.reason == (
        "At most 2 pieces are allowed, and 3 are needed at least: no 2 pieces together show K1, K2 and K3."
    )


def test_why_a_piece_is_kept_out() -> None:
    asked = shown({"E1": "K1", "E2": "K1", "E3": "K1", "E4": "K1", "E5": "S1", "E6": ""}, E2="submitted")
    by_id = asked.case.portfolio.by_id
    private = by_id["E3"].model_copy(
        update={"privacy": by_id["E3"].privacy.model_copy(update={"contains_personal_data": True})}
    )
    barred = by_id["E4"].model_copy(update={"kind": EvidenceKind.REFLECTIVE_ACCOUNT})
    pieces = tuple({"E3": private, "E4": barred}.get(name, found) for name, found in by_id.items())
    portfolio = asked.case.portfolio.model_copy(update={"evidence": pieces})
    asked = replace(asked, case=replace(asked.case, portfolio=portfolio))
    found = choose_pieces(asked, codes=["K1"], barred_kinds=[EvidenceKind.REFLECTIVE_ACCOUNT])
    assert found.pieces == ("E1",)
    assert found.kept_out == {
        "E2": "E2 is submitted, but not accepted yet.",
        "E3": "E3 holds personal data of others that are not redacted.",
        "E4": "E4 is of a kind that is not taken: reflective account.",
        "E5": "E5 shows none of the statements asked for.",
        "E6": "E6 claims no statement of XX9001@1.2.",
    }
    assert "E3" not in choose_pieces(asked, codes=["K1"], allow_private=True).kept_out


def with_private(asked: Analysis, name: str) -> Analysis:
    """Give an analysis in which a piece holds open personal data of others."""
    by_id = asked.case.portfolio.by_id
    privacy = by_id[name].privacy.model_copy(update={"contains_personal_data": True})
    pieces = tuple(
        found.model_copy(update={"privacy": privacy}) if found.id == name else found for found in by_id.values()
    )
    portfolio = asked.case.portfolio.model_copy(update={"evidence": pieces})
    return replace(asked, case=replace(asked.case, portfolio=portfolio))


def test_personal_data_alone_are_named_and_with_a_reason_no_obstacle() -> None:
    every = " ".join(item.code for item in lantern_standard().competencies)
    asked = with_private(shown({"E1": every}), "E1")
    with pytest.raises(KsbtrackError) as caught:
        chosen_ids(asked, "auto", None, "showcase")
    (problem,) = caught.value.problems
    assert problem.fix == (
        "Kept out: E1 holds personal data of others that are not redacted. Mend that, or name the pieces to show "
        "yourself: --select E01,E04."
    )
    assert list(chosen_ids(asked, "auto", None, "showcase", allow_private="agreed")) == ["E1"]


def test_a_piece_with_a_place_that_is_not_there_is_kept_out() -> None:
    asked = shown({"E1": "K1", "E2": "K1"})
    reason = 'E1 shows S1 at "p. 9", but its file ends on page 2.'
    wrong = Finding("place_beyond_last_page", "E1:S1", Status.NOT_MET, reason, {}, None, "")
    found = choose_pieces(replace(asked, findings=(*asked.findings, wrong)), codes=["K1"])
    assert (found.pieces, found.kept_out) == (("E2",), {"E1": reason})


def test_a_piece_that_changed_since_it_was_accepted_is_kept_out() -> None:
    standard = lantern_standard()
    plain = made_up_piece(standard, 1) | {"claims": [{"code": "K1", "standard": standard.identity}]}
    plain["acceptance"] = {"state": "accepted", "on": DAY, "fingerprint": "0" * 32}
    found = choose_pieces(analysis(standard, evidence=[plain], showcase=[]), codes=["K1"])
    assert found.kept_out == {"E1": "E1 was changed after it was accepted."}
    assert found.not_shown == ("K1",)


def test_a_policy_that_counts_what_is_submitted_does_not_show_it() -> None:
    asked = shown({"E1": "K1"}, E1="submitted")
    counting = replace(asked.pieces[0], counts_for=("K1",), reasons=())
    found = choose_pieces(replace(asked, pieces=(counting,)), codes=["K1"])
    assert asked.case.portfolio.by_id["E1"].acceptance.state is AcceptanceState.SUBMITTED
    assert found.kept_out == {"E1": "E1 is not accepted yet."}


def test_redundant_pieces_of_a_choice() -> None:
    shows = {"E1": frozenset({"K1"}), "E2": frozenset({"K1", "K2"}), "E3": frozenset({"K2"}), "E4": frozenset({"K3"})}
    assert redundant_pieces(["E1", "E2", "E3", "E4"], shows) == ("E1", "E2", "E3")
    assert redundant_pieces(["E2", "E4"], shows) == ()


def test_no_choice_will_do() -> None:
    every = " ".join(item.code for item in lantern_standard().competencies if item.code not in ("K4", "B1"))
    with pytest.raises(KsbtrackError) as caught:
        fitting_selection(shown({"E1": every}), None)
    assert str(caught.value) == (
        "portfolio.yaml: no-selection: found no choice of pieces that will do: no piece that can be shown carries K4 "
        "and B1; the chosen pieces show every statement, in the number asked for.\n"
        "  Have pieces for K4 and B1 accepted, or name the pieces to show yourself: --select E01,E04."
    )
