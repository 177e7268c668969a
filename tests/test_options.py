"""Standards with options: what a learner on one of them is asked for, and what is not theirs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ksbtrack import analyse, load_case, load_portfolio, load_standard, save_portfolio
from ksbtrack.cli import main
from ksbtrack.formats.migration import Migration, migrate_portfolio
from ksbtrack.load.options import needs_option, of_option
from ksbtrack.models.migration import Outcome
from ksbtrack.models.standard import Standard
from ksbtrack.problems import KsbtrackError

ON = date(2026, 11, 22)
BEES = """\
reference: ST9902
version: 1.0
title: Example beekeeper
kind: apprenticeship
attribution: Invented for this test; free to use.
options:
  - {id: honey, title: Honey}
  - {id: wax, title: Work with wax}
groups:
  - prefix: K
    kind: knowledge
    title: Knowledge
    statements:
      - {code: K1, text: How bees live}
      - {code: K2, text: How honey is kept, pairs_with: S1}
      - {code: K3, text: How wax melts}
      - {code: K4, text: What no duty maps to}
  - prefix: S
    kind: skill
    title: Skills
    statements:
      - {code: S1, text: Open a hive, pairs_with: K2}
      - {code: S2, text: Look for both}
  - prefix: B
    kind: behaviour
    title: Behaviours
    statements:
      - {code: B1, text: Be careful with fire}
duties:
  - {code: D1, text: Look after a hive, competencies: [K1, S1]}
  - {code: D2, text: Bottle the honey, competencies: [K2], core: no, options: [honey]}
  - {code: D3, text: Melt the wax, competencies: [K3, K1, B1], core: no, options: [wax]}
  - {code: D4, text: Find, competencies: [S2], core: no, options: [wax, honey]}
methods:
  - {id: observation, title: Observation, form: At a hive, assesses: [K3, S1, B1], must_assess: [S1, B1]}
  - {id: discussion, title: Discussion, form: At a table, assesses: unknown}
requirements:
  - {id: statements, title: Every statement is evidenced, rule: every_statement, source: The plan}
"""
HEAD = (
    "learner: {name: Example Learner}\nstandard: ST9902@1.0\noption: honey\ndates: {start: 2024-09-02}\ninvented: yes\n"
)
PIECE = """\
---
id: E01
title: My hives
kind: work_product
date: 2024-10-01
claims: [K1, K2, K4, S1, S2]
acceptance: {state: accepted, by: Example Assessor, on: 2024-10-08}
---
What I did.
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let each test begin beside a standard with two options and a portfolio of the first."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "own").mkdir()
    (tmp_path / "own/bees.yaml").write_text(BEES)
    (tmp_path / "learner/evidence").mkdir(parents=True)
    (tmp_path / "learner/portfolio.yaml").write_text(HEAD)
    (tmp_path / "learner/evidence/E01.md").write_text(PIECE)
    return tmp_path


def bees(option: str | None = None) -> Standard:
    return load_standard("ST9902", folders=["own"], option=option)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Give what runs a command: its exit code, its output, its errors."""

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--standards", "own"])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_it


@pytest.mark.parametrize(
    ("option", "codes", "duties"),
    [
        (None, "K1 K2 K3 K4 S1 S2 B1", "D1 D2 D3 D4"),
        ("honey", "K1 K2 K4 S1 S2", "D1 D2 D4"),
        ("wax", "K1 K3 K4 S1 S2 B1", "D1 D3 D4"),
    ],
)
def test_an_option_asks_for_its_own_the_core_and_what_no_duty_maps_to(
    option: str | None, codes: str, duties: str
) -> None:
    standard = bees(option)
    assert list(standard.by_code) == codes.split()
    assert [duty.code for duty in standard.duties] == duties.split()


def test_what_is_of_other_options_is_nowhere_in_the_standard() -> None:
    honey = bees("honey")
    assert honey.left_out == ("K3", "B1")
    assert [group.prefix for group in honey.groups] == ["K", "S"]
    observation, discussion = honey.methods
    assert (observation.assesses, observation.must_assess) == (("S1",), ("S1",))
    assert discussion.assesses is None
    assert (honey.title, honey.identity) == ("Example beekeeper (Honey)", "ST9902@1.0")
    assert honey.by_code["S1"] == bees().by_code["S1"]


def test_a_pair_of_which_one_is_left_out_is_none() -> None:
    wax = bees("wax")
    assert wax.by_code["S1"].pairs_with is None
    assert bees("honey").by_code["S1"].pairs_with == "K2"


def test_the_options_together_are_the_standard() -> None:
    whole = bees()
    parts = [of_option(whole, option.id) for option in whole.options]
    assert set.union(*(set(part.by_code) for part in parts)) == set(whole.by_code)
    for part in parts:
        assert set(part.by_code) | set(part.left_out) == set(whole.by_code)
        assert list(part.by_code) == [code for code in whole.by_code if code in part.by_code]


def test_an_option_is_needed_only_where_something_hangs_on_it() -> None:
    assert needs_option(bees())
    assert not needs_option(bees("honey"))
    Path("own/bees.yaml").write_text(BEES.replace("core: no, ", ""))
    assert not needs_option(bees())
    Path("learner/portfolio.yaml").write_text(HEAD.replace("option: honey\n", ""))
    assert load_portfolio("learner", folders=["own"]).option is None


def test_the_learner_is_asked_for_the_option_alone() -> None:
    case = load_case("learner", ON, folders=["own"])
    assert [verdict.code for verdict in analyse(case).competencies] == ["K1", "K2", "K4", "S1", "S2"]
    assert case.standard == bees("honey")


def test_another_version_is_asked_about_with_the_same_option() -> None:
    Path("own/newer.yaml").write_text(BEES.replace("version: 1.0", "version: 1.1").replace("[K2]", "[K2, K3]"))
    case = load_case("learner", ON, standard="ST9902@1.1", folders=["own"])
    assert list(case.standard.by_code) == ["K1", "K2", "K3", "K4", "S1", "S2"]
    Path("own/newer.yaml").write_text(BEES.replace("version: 1.0", "version: 1.1").replace("honey", "jars"))
    with pytest.raises(KsbtrackError) as raised:
        load_case("learner", ON, standard="ST9902@1.1", folders=["own"])
    assert str(raised.value) == (
        "--standard: unknown-id: found 'honey'; the options of ST9902@1.1 are jars (Honey), wax (Work with wax).\n"
        "  Correct the id."
    )


def test_a_profile_can_be_asked_about_for_a_learner_on_an_option(run: Run) -> None:
    code, output, _ = run("check", "learner", "--standard", "XS10a", "--on", ON.isoformat(), "--json")
    found = json.loads(output)
    assert code == 1
    assert found["standard"]["reference"] == "XS10a"
    (own,) = found["also"]
    assert own["standard"] == "ST9902@1.0"
    Path("learner/evidence/E02.md").write_text(PIECE.replace("E01", "E02").replace("work_product", "project"))
    (own,) = json.loads(run("check", "learner", "--standard", "XS10a", "--on", ON.isoformat(), "--json")[1])["also"]
    assert own["decision"] == "ready", own["reason"]


def test_saving_keeps_the_option(here: Path) -> None:
    portfolio = load_portfolio("learner", folders=["own"])
    save_portfolio(portfolio, "copy")
    copied = load_portfolio("copy", folders=["own"])
    assert copied.option == "honey"
    assert copied == portfolio.model_copy(update={"folder": "copy", "evidence": copied.evidence})


def test_a_new_portfolio_names_its_option(run: Run) -> None:
    new = ("new", "fresh", "--standard", "ST9902", "--learner", "Example Learner", "--start", "2024-09-02")
    code, _, errors = run(*new)
    assert (code, errors) == (
        2,
        "--option: missing-option: found no option; what a learner is asked for hangs on the option, and those of "
        "ST9902@1.0 are honey, wax (Work with wax).\n  Write --option honey, or another of these.\n1 problem\n",
    )
    assert not Path("fresh").exists()
    assert run(*new, "--option", "wacks")[0] == 2
    assert run(*new, "--option", "wax")[0] == 0
    assert load_portfolio("fresh", folders=["own"]).option == "wax"


def test_a_new_portfolio_of_a_standard_without_options_takes_none(run: Run) -> None:
    new = ("new", "fresh", "--standard", "ST0148", "--learner", "Example Learner", "--start", "2024-09-02")
    code, _, errors = run(*new, "--option", "honey")
    assert code == 2
    assert errors.startswith(
        "--option: unknown-id: found 'honey'; ST0148@1.0 has no options.\n  Leave the option out.\n"
    )


def test_the_standard_itself_is_shown_whole_with_its_options(run: Run) -> None:
    _, output, _ = run("standards", "show", "ST9902")
    assert "\nOptions  a portfolio names one of them\n  honey  Honey\n  wax    Work with wax\n" in output
    assert "  B1  Be careful with fire\n" in output


def test_an_inherited_option_can_be_named() -> None:
    Path("own/senior.yaml").write_text(
        "reference: ST9903\nversion: 1.0\ntitle: Senior\nkind: apprenticeship\nextends: ST9902@1.0\n"
        "attribution: Free to use.\ngroups: []\n"
    )
    senior = load_standard("ST9903", folders=["own"], option="honey")
    assert (senior.title, list(senior.by_code)) == ("Senior (Honey)", ["K1", "K2", "K4", "S1", "S2"])


# Moving to another version


def newer(*changes: tuple[str, str]) -> None:
    """Write a newer version: the statements of honey have other codes, and what changes say besides."""
    text = BEES.replace("version: 1.0", "version: 1.1").replace("K2", "K9")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    Path("own/newer.yaml").write_text(text)


def moved(option: str | None = None, pairs: str | None = None) -> Migration:
    return migrate_portfolio("learner", "ST9902@1.1", on=ON, folders=["own"], option=option, pairs=pairs)


def test_a_learner_keeps_the_option_in_another_version() -> None:
    newer()
    assert moved().plan is not None
    portfolio = load_portfolio("learner", folders=["own"])
    assert (portfolio.standard, portfolio.option) == ("ST9902@1.1", "honey")
    assert [claim.code for claim in portfolio.evidence[0].claims] == ["K1", "K9", "K4", "S1", "S2"]


def test_a_claim_never_moves_to_a_statement_that_only_another_option_has() -> None:
    newer(("competencies: [K9], core: no, options: [honey]", "competencies: [K9], core: no, options: [wax]"))
    plan = moved().plan
    assert plan is not None
    assert [(move.claim.code, move.outcome) for move in plan.moves if move.outcome is not Outcome.CARRIED] == [
        ("K2", Outcome.ORPHANED)
    ]
    assert load_portfolio("learner", folders=["own"]).option == "honey"


def test_an_option_with_another_id_is_named_anew(run: Run) -> None:
    newer(("honey", "jars"))
    code, output, errors = run("migrate", "learner", "--to", "ST9902@1.1", "--on", ON.isoformat())
    assert (code, output) == (2, "")
    assert errors.startswith(
        "--option: missing-option: found no option; what a learner is asked for hangs on the option"
    )
    assert "Write --option jars, or another of these.\n" in errors
    assert Path("learner/portfolio.yaml").read_text() == HEAD
    code, output, _ = run("migrate", "learner", "--to", "ST9902@1.1", "--on", ON.isoformat(), "--option", "jars")
    assert code == 0
    assert "The portfolio named the option honey; now it names jars." in " ".join(output.split())
    assert Path("learner/portfolio.yaml").read_text() == HEAD.replace("@1.0", "@1.1").replace("honey", "jars")


def test_a_version_without_options_takes_the_key_out() -> None:
    core = BEES.replace("version: 1.0", "version: 1.1").replace("core: no, ", "")
    for name in ("[honey]", "[wax, honey]", "[wax]"):
        core = core.replace(f", options: {name}", "")
    start, end = core.index("options:"), core.index("groups:")
    Path("own/newer.yaml").write_text(core[:start] + core[end:])
    assert moved().plan is not None
    assert Path("learner/portfolio.yaml").read_text() == HEAD.replace("@1.0", "@1.1").replace("option: honey\n", "")
    assert load_portfolio("learner", folders=["own"]).option is None


def test_a_version_with_options_after_one_without_asks_for_one() -> None:
    newer()
    start, end = BEES.index("options:"), BEES.index("groups:")
    core = BEES[:start] + BEES[end:]
    for name in ("[honey]", "[wax, honey]", "[wax]"):
        core = core.replace(f", core: no, options: {name}", "")
    Path("own/bees.yaml").write_text(core)
    Path("learner/portfolio.yaml").write_text(HEAD.replace("option: honey\n", ""))
    with pytest.raises(KsbtrackError, match="missing-option"):
        moved()
    moved("wax")
    assert load_portfolio("learner", folders=["own"]).option == "wax"


def test_pairs_of_what_only_other_options_have_are_passed_over() -> None:
    newer(("How wax melts", "How wax behaves when it melts"))
    pairs = "older: ST9902@1.0\nnewer: ST9902@1.1\npairs:\n  - {verdict: confirmed, old: [K3], new: [K3]}\n"
    Path("pairs.yaml").write_text(pairs)
    assert moved(pairs="pairs.yaml").plan is not None
    Path("pairs.yaml").write_text(pairs.replace("old: [K3]", "old: [K33]"))
    Path("learner/portfolio.yaml").write_text(HEAD)
    with pytest.raises(KsbtrackError, match="unknown-code"):
        moved(pairs="pairs.yaml")
