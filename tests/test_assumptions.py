"""What if: each assumption is a change of the case alone, and every output says what is assumed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pikepdf
import pytest
from pypdf import PdfReader

from ksbtrack.analysis import analyse
from ksbtrack.cli import main
from ksbtrack.load import load_case
from ksbtrack.models.case import Case
from ksbtrack.models.levels import Level
from ksbtrack.models.portfolio import Qualification, QualificationState
from ksbtrack.planning.assumption_forms import FORMS
from ksbtrack.planning.assumptions import assuming, read_assumptions
from ksbtrack.problems import KsbtrackError
from ksbtrack.report.html import render_html

ROOT = Path(__file__).resolve().parent.parent
TYPICAL = ROOT / "docs" / "examples" / "typical"
ON = date(2026, 3, 13)


def typical(on: date = ON) -> Case:
    return load_case(TYPICAL, on)


def statuses(case: Case) -> dict[str, str]:
    analysis = analyse(case)
    both = [(verdict.code, verdict.status) for verdict in analysis.competencies]
    return {name: status.value for name, status in (*both, *((one.id, one.status) for one in analysis.requirements))}


def flipped(case: Case, *words: str) -> dict[str, tuple[str, str]]:
    """Give what is otherwise under assumptions."""
    before, after = statuses(case), statuses(assuming(case, words))
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def test_accepting_a_piece_flips_what_waits_for_it_and_nothing_else() -> None:
    assert flipped(typical(), "accept E21") == {"K7": ("not_met", "met")}
    assert flipped(typical(), "ACCEPT e21") == flipped(typical(), "accept E21")


def test_what_else_is_wrong_with_a_piece_stays_wrong() -> None:
    assert flipped(typical(), "accept E12") == {}


def test_a_qualification_is_achieved_from_its_day_on() -> None:
    assert flipped(typical(), "maths achieved 2026-03-10") == {"maths": ("not_met", "met")}
    assert flipped(typical(), "maths achieved 2026-03-14") == {}
    assert flipped(typical(), "maths level 1 achieved 2026-03-10") == {}
    made = assuming(typical(), ["maths achieved 2026-03-14"])
    assert made.assumptions[0].means == (
        "Maths at level 2 is awarded on 14 March 2026, which is after 13 March 2026: it changes nothing yet."
    )


def test_hours_are_logged_in_each_full_week_up_to_the_day() -> None:
    case = typical(date(2026, 6, 1))
    last = max(row.date for row in case.portfolio.off_the_job or ())
    weeks = (date(2026, 6, 1) - last).days // 7
    made = assuming(case, ["hours +6/week"])
    assert made.portfolio.logged_hours - case.portfolio.logged_hours == 6 * weeks
    assert made.assumptions[0].hours_a_week == Decimal(6)


def test_hours_stop_at_an_assumed_gateway_and_rest_in_an_assumed_break_in_any_order() -> None:
    case = typical(date(2026, 6, 1))
    words = ["hours +7/week", "gateway 2026-05-01", "break 2026-04-01 to 2026-04-14"]
    made, turned = assuming(case, words), assuming(case, words[::-1])
    assert made.portfolio == turned.portfolio
    added = [row for row in made.portfolio.off_the_job or () if row.activity == "Assumed"]
    assert added
    assert all(row.date <= date(2026, 5, 1) for row in added)
    assert not any(date(2026, 4, 1) <= row.date <= date(2026, 4, 14) for row in added)


def test_an_assumption_that_is_named_twice_is_made_once_however_it_is_written() -> None:
    assert assuming(typical(), ["accept E21", "accept  E21", "ACCEPT e21"]) == assuming(typical(), ["accept E21"])
    pairs = (
        ("maths achieved 2026-03-10", "Mathematics achieved on 2026-03-10"),
        ("hours +6/week", "hours +6 a week"),
        ("gateway 2026-05-01", "gateway on 2026-05-01"),
        ("maths achieved 2026-03-10", "maths level 2 achieved 2026-03-10"),
    )
    for one, other in pairs:
        assert assuming(typical(), [one, other]) == assuming(typical(), [one])
        assert assuming(typical(), [other, one]).portfolio == assuming(typical(), [one]).portfolio


@pytest.mark.parametrize("day", ["2026-03-10", "2026-12-01"])
def test_a_level_that_is_not_the_one_asked_for_contradicts_the_level_left_out(day: str) -> None:
    for words in permutations([f"maths achieved {day}", f"maths level 1 achieved {day}"]):
        with pytest.raises(KsbtrackError) as caught:
            assuming(typical(), words)
        assert [problem.code for problem in caught.value.problems] == ["contradiction"]
    with pytest.raises(KsbtrackError) as caught:
        read_assumptions([f"maths achieved {day}", f"maths level 2 achieved {day}"])
    assert [problem.code for problem in caught.value.problems] == ["contradiction"]


@pytest.mark.parametrize(
    "words",
    [
        ("accept E21", "gateway 2026-03-06"),
        ("accept E21", "gateway 2026-03-06", "maths achieved 2026-03-07", "hours +7/week"),
        ("maths achieved 2026-03-05", "break 2025-06-02 to 2025-06-20", "accept E21", "gateway 2026-03-06"),
    ],
)
def test_the_order_in_which_assumptions_are_named_decides_nothing(words: tuple[str, ...]) -> None:
    made = [assuming(typical(date(2026, 3, 27)), order) for order in permutations(words)]
    first = statuses(made[0])
    assert first["K7"] == "met"
    for case in made:
        assert statuses(case) == first
        assert case.portfolio == made[0].portfolio


def test_no_assumption_takes_away_what_is_being_worked_towards() -> None:
    """A qualification that comes too late for the day, or at a lower level, is not yet the one on its way."""
    dorset = load_case(ROOT / "docs" / "examples" / "dorset", date(2026, 6, 26))
    before = statuses(dorset)
    assert "specialist" in {held.subject for held in dorset.portfolio.records.qualifications}
    assert {
        name: status
        for name, status in statuses(assuming(dorset, ["specialist achieved 2027-01-01"])).items()
        if status != before[name]
    } == {}

    case = typical()
    under_way = Qualification(subject="english", level=Level.L2, state=QualificationState.WORKING_TOWARDS)
    records = case.portfolio.records.model_copy(update={"qualifications": (under_way,)})
    at_level_2 = replace(
        case,
        standard=case.standard.model_copy(update={"level": Level.L2}),
        portfolio=case.portfolio.model_copy(update={"records": records}),
    )
    assert statuses(at_level_2)["english"] == "not_met"
    assert flipped(at_level_2, "english level 1 achieved 2024-01-01") == {"english": ("not_met", "met")}
    done = assuming(case, ["maths achieved 2026-03-10"]).portfolio.records.qualifications
    assert [held.state for held in done if held.subject == "maths"] == [QualificationState.ACHIEVED]


def means(case: Case, *words: str) -> list[str]:
    return [found.means for found in assuming(case, words).assumptions]


def test_a_piece_that_is_accepted_already_stays_as_it_is() -> None:
    case = typical()
    made = assuming(case, ["accept E02"])
    assert made.portfolio == case.portfolio
    assert means(case, "accept E02") == ["E02 is accepted already: this changes nothing."]
    edited = case.portfolio.by_id["E12"].model_copy(update={"fingerprint": "0" * 32})
    others = [piece for piece in case.portfolio.evidence if piece.id != "E12"]
    changed = replace(case, portfolio=case.portfolio.model_copy(update={"evidence": (edited, *others)}))
    again = assuming(changed, ["accept E12"]).portfolio.by_id["E12"].acceptance
    assert (again.on, again.fingerprint) == (ON, "0" * 32)


def test_it_is_said_why_a_piece_counts_for_nothing_all_the_same() -> None:
    (said,) = means(typical(), "accept E12")
    assert said.startswith("E12 is accepted already: this changes nothing. It counts for nothing all the ")
    assert "E12" in said.partition("all the same: ")[2]
    assert "all the same" not in means(typical(), "accept E21")[0]
    barred = typical()
    settings = barred.policy.sufficiency.model_copy(update={"barred_kinds": (barred.portfolio.by_id["E21"].kind,)})
    barred = replace(barred, policy=barred.policy.model_copy(update={"sufficiency": settings}))
    (said,) = means(barred, "accept E21")
    assert said.startswith(
        "An assessor accepted E21 as it is now, on 13 March 2026. It counts for nothing all the same: "
    )


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(KsbtrackError) as raised:
        assuming(typical(), ["accept E99", "hours +0/week", "fly", "gateway 2026-05-01", "gateway 2026-06-01"])
    assert sorted(problem.code for problem in raised.value.problems) == [
        "bad-assumption",
        "bad-number",
        "contradiction",
        "unknown-id",
    ]


@pytest.mark.parametrize("words", FORMS)
def test_every_form_that_is_named_is_understood(words: str) -> None:
    made = assuming(typical(), [words])
    assert made.assumptions[0].words == words
    assert made.assumptions[0].means.endswith(".")
    assert made.portfolio.evidence is not None


def test_the_page_names_every_form() -> None:
    page = (ROOT / "docs" / "what-if.md").read_text("utf-8")
    assert [words for words in FORMS if f"| `{words}` |" not in page] == []


def contents() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(TYPICAL.rglob("*")) if path.is_file()}


def run(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    main([*words, "--on", ON.isoformat(), "--assume", "accept E21", "--assume", "hours +6/week"])
    return capsys.readouterr().out


def test_the_terminal_and_the_json_say_what_is_assumed_and_nothing_is_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = contents()
    for command in ("check", "plan"):
        text = run(capsys, command, str(TYPICAL))
        assert "WHAT IF: this is not what the records say. Assumed:" in text
        assert "accept E21: An assessor accepted E21 as it is now, on 13 March 2026." in " ".join(text.split())
        plain = json.loads(run(capsys, command, str(TYPICAL), "--json"))
        assert [found["assumption"] for found in plain["assumptions"]] == ["accept E21", "hours +6/week"]
    assert contents() == before


def test_no_command_is_named_that_would_speak_of_the_records_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """`explain` takes no assumption, so it would explain another verdict than the one above."""
    assert "ksbtrack explain" not in run(capsys, "check", str(TYPICAL))
    main(["check", str(TYPICAL), "--on", ON.isoformat()])
    assert "Why: ksbtrack explain" in capsys.readouterr().out


def test_without_an_assumption_no_output_speaks_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", str(TYPICAL), "--on", ON.isoformat()])
    assert "WHAT IF" not in capsys.readouterr().out
    main(["check", str(TYPICAL), "--on", ON.isoformat(), "--json"])
    assert json.loads(capsys.readouterr().out)["assumptions"] == []
    page = render_html(analyse(typical()))
    assert "What if" not in page


def test_every_page_of_a_report_says_what_if(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paper = tmp_path / "what-if.pdf"
    run(capsys, "report", str(TYPICAL), "-o", str(paper))
    pages = [page.extract_text() for page in PdfReader(paper).pages]
    assert len(pages) > 5
    assert [number for number, text in enumerate(pages) if "What if" not in text] == []
    with pikepdf.open(paper) as pdf:
        assert "What if, not the records" in str(pdf.docinfo["/Title"])
        attached = json.loads(pdf.attachments["analysis.json"].get_file().read_bytes())
    assert [found["assumption"] for found in attached["assumptions"]] == ["accept E21", "hours +6/week"]


def test_a_page_for_browsers_says_it_at_its_top() -> None:
    page = render_html(analyse(assuming(typical(), ["accept E21"])))
    assert re.search(r'<p class="what-if" role="note">What if, not the records: accept E21</p>', page)


def test_words_in_an_assumption_are_never_markup() -> None:
    with pytest.raises(KsbtrackError):
        assuming(typical(), ["accept <script>"])


def test_a_copy_of_the_command_in_its_own_process_gives_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for number in range(2):
        out = tmp_path / f"{number}.html"
        words = ["report", str(TYPICAL), "--on", ON.isoformat(), "--assume", "accept E21", "-o", str(out)]
        subprocess.run([sys.executable, "-m", "ksbtrack", *words], check=True, capture_output=True)
        made.append(out.read_bytes())
    assert made[0] == made[1]
