"""Advice on written accounts: what is said, where, and where nothing is said."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random

import pytest
from jsonschema import Draft202012Validator

from ksbtrack.cli import main
from ksbtrack.formats.advice_json import SCHEMA_VERSION, advice_as_dict, advice_schema
from ksbtrack.linting.account_names import known_names, names_in
from ksbtrack.linting.accounts import ACCOUNT_CHECKS, FEWEST_WORDS, PASTED_WORDS, account_advice
from ksbtrack.load import load_case, load_standard
from ksbtrack.models.advice import AccountAdvice
from ksbtrack.models.portfolio import Acceptance, AcceptanceState, Portfolio
from ksbtrack.models.standard import EvidenceKind
from made_up import lantern_standard, portfolio

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/lint-accounts.md").read_text("utf-8")
CHECKS = [check.name for check in ACCOUNT_CHECKS]
EXAMPLES = sorted(path.parent for path in (ROOT / "docs/examples").glob("*/portfolio.yaml"))
ODD_PIECES = (
    *(
        '"',
        '"a ',
        "`",
        "`a\n",
        "<a",
        "<!--",
        "```\n",
        "](",
        "](a",
        "https://",
        "Anna ",
        "Mr ",
        "0 ",
        "a@",
        "a@a.",
        "«a",
    ),
    *("> ", "a'", "Anna-", "1234567890 ", " ", "\n", "we ", "שלום ", "a-", ". ", "\u0301", "\U0001f469\u200d"),
)
STANDARD = load_standard("ST0148")
SOUND = "On 4 March I asked the group about it, because two had stopped coming, and since then both have come. " * 4


def written(*accounts: str, **changes: object) -> Portfolio:
    """Give a portfolio with a piece for each account."""
    made = portfolio(lantern_standard(), count=1)
    first = made.evidence[0]
    pieces = [
        first.model_copy(update={"id": f"E{number:02}", "account": text, "account_line": 9, **changes})
        for number, text in enumerate(accounts, 1)
    ]
    return made.model_copy(update={"evidence": tuple(pieces)})


def advice(*accounts: str, **changes: object) -> AccountAdvice:
    """Give the advice on some accounts."""
    return account_advice(written(*accounts, **changes), [STANDARD])


def checks(account: str, **changes: object) -> list[str]:
    """Give the names of the checks that have something to say about an account."""
    return [found.check for found in advice(account, **changes).advice]


def texts_of(check: str) -> list[str]:
    """Give the two texts under a check's heading: the one that is advised on, and the one that is not."""
    section = re.search(rf"^### `{check}`\n(.*?)(?=^### |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section
    return re.findall(r"^```text\n(.*?)^```", section.group(1), re.MULTILINE | re.DOTALL)


def test_the_page_has_every_check_in_the_order_of_the_code() -> None:
    assert re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE) == CHECKS
    assert f"Fewer than {FEWEST_WORDS} words" in PAGE
    assert f"accounts of {FEWEST_WORDS} words or more" in PAGE
    assert {8: "Eight"}[PASTED_WORDS] in PAGE


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_speaks_where_its_page_says_so_and_nowhere_else(check: str) -> None:
    advised, sound = texts_of(check)

    assert set(checks(advised)) == {check}
    assert checks(sound) == []


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_the_examples_are_written_well(folder: Path) -> None:
    case = load_case(folder, date(2026, 11, 22))
    found = account_advice(case.portfolio, [case.standard, *map(load_standard, case.portfolio.also)])
    assert found.pieces == tuple(piece.id for piece in case.portfolio.evidence)
    assert found.other_language == ()
    assert [(one.piece, one.check, one.what) for one in found.advice] == []


def test_a_remark_names_the_line_of_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The account begins after a blank line; "we" stands in its second paragraph."""
    (tmp_path / "evidence").mkdir()
    (tmp_path / "portfolio.yaml").write_text(
        "learner: {name: Example Learner}\nstandard: ST0148@1.0\ndates: {start: 2023-09-04}\n"
    )
    front = "---\nid: E01\ntitle: Plan\nkind: work_product\ndate: 2023-10-02\nclaims: [K1]\n---\n"
    (tmp_path / "evidence/E01.md").write_text(
        f"{front}\n\nOn 4 March two had stopped coming.\n\nWe asked them, because it mattered, and we "
        "wrote it down for the tutor so that she could help. Since then both have come to every lesson in the week, "
        "and the tutor thanked us for it, as the group had been worried about the two of them for quite some time.\n"
        "Then we closed the file of each one, at the end of the term, with the tutor in the room.\n"
    )
    assert main(["lint", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    file = (tmp_path / "evidence/E01.md").as_posix()
    assert [(one["check"], one["file"], one["line"]) for one in found["advice"]] == [("we_not_i", file, 12)]
    assert found["advice"][0]["seen"].startswith("We asked them, because it mattered, and we wrote")
    Draft202012Validator(advice_schema()).validate(found)


def test_the_text_shows_place_words_reason_and_better_wording(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    assert (
        main(["new", str(folder), "--standard", "ST0148", "--learner", "Example Learner", "--start", "2024-09-02"]) == 0
    )
    facts = ["--title", "Plan", "--kind", "project", "--date", "2024-10-01", "--claims", "K1"]
    assert main(["add", str(folder), *facts]) == 0
    capsys.readouterr()
    assert main(["lint", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "E01" in out
    assert ": advice: no_account" in out
    assert "Nothing is written about this piece." in out
    assert "→ Four sentences are a beginning" in out
    assert "1 account: 1 no_account.\n" in out


@pytest.mark.parametrize("state", AcceptanceState)
def test_accepted_pieces_are_marked(state: AcceptanceState) -> None:
    found = advice("We ran it. We liked it.", acceptance=Acceptance(state=state))
    assert [one.is_accepted for one in found.advice] == [state is AcceptanceState.ACCEPTED] * 2


@pytest.mark.parametrize(
    "account",
    [
        "```\nwe we we\n```\n" + SOUND,
        "> We are a team, and we said that we would.\n\n" + SOUND,
        '"We, we, we, we, we, we," they sang. ' + SOUND,
        "“We, we, we, we, we, we,” they sang. " + SOUND,
        "<!-- we we we we we we -->" + SOUND,
        "`we` and [we](we-we-we-we-we.html) and https://we.example/we-we-we-we " + SOUND,
        SOUND.replace(" I ", " I’ve "),
        SOUND.replace("I asked", "**I** _asked_"),
        "## What I did\n\n" + SOUND,
    ],
)
def test_what_is_not_the_authors_own_text_is_passed_over(account: str) -> None:
    assert checks(account) == []


@pytest.mark.parametrize(
    "account",
    [
        "Yr wythnos diwethaf cefais gyfarfod gyda dysgwr yn y llyfrgell a siaradais am y gwaith cartref.",
        "Ich habe mich im März mit einer Lernenden getroffen, weil sie nicht mehr kommen wollte.",
        "J'ai rencontré une apprenante en mars parce qu'elle ne voulait plus venir aux cours du soir.",
        "Spotkałem się w marcu z uczennicą, ponieważ nie chciała już przychodzić na zajęcia.",
        "التقيت بالمتعلم في شهر مارس وتحدثنا عن العمل لأنه كان قلقًا.",
        "נפגשתי עם הלומדת בחודש מרץ כי היא לא רצתה לבוא יותר לשיעורים.",
        "三月我和一位学员见面，因为他不想再来上课。",
        "3月に学習者と会いました。もう来たくないと言ったからです。",
    ],
)
def test_another_language_is_said_to_be_one_and_not_judged(account: str) -> None:
    found = advice(account, account * 9)
    assert found.advice == ()
    assert found.other_language == ("E01", "E02")


def test_numbers_of_people_are_found_in_every_language() -> None:
    found = advice(
        "Ich habe sie unter 07700 900123 angerufen, weil sie nicht mehr kommen wollte, und dann geschrieben."
    )
    assert [(one.check, one.seen) for one in found.advice] == [("personal_name", "07700 900123")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("I met Aisha Khan, and Aisha told me.", ["Aisha Khan"]),
        ("Mr Patel's room, Ms. O’Neill and Dr Example", ["Mr Patel", "Ms. O’Neill"]),
        ("Aisha's book", ["Aisha"]),
        ("James Lewis came, and Lewis's sister Anna; James left.", ["James Lewis", "Anna"]),
        ("I rang Aisha's College tutor. Emma's Hospital letter came to Chloe’s school.", ["Aisha", "Emma", "Chloe"]),
        ("St Mary's School, Queen Elizabeth's Hospital, Elizabeth School", []),
        ("St Mary's School, Elizabeth School, King James Academy and Anna Freud College in James Street", []),
        ("David Kolb (1984) and Carl Rogers's (1961, p. 3) book; Kolb's cycle", []),
        ("At St. Mary's I met Mary Hall; Anna, 2004, went to James's school.", ["Mary Hall", "Anna", "James"]),
        ("Write to a.khan+x@mail.example.org today", ["a.khan+x@mail.example.org"]),
        ("0161 496 0000, +44 161 496 0000", ["0161 496 0000", "+44 161 496 0000"]),
        ("QQ 12 34 56 C and AB123456C, ULN 1234567890", ["AB123456C", "1234567890"]),
        ("In May, Will said that Mark has Hope; April and June are months. Rose is a flower.", []),
        ("on 2024-03-04 at 10:30 it was 1,234,567,890 or 0.1234567891, room 0123", []),
        ("Robin met Sam and Lee Example", []),
        ("british sign language, Microsoft Teams and Level 3 NVQ", []),
    ],
)
def test_names_numbers_and_what_only_looks_like_them(text: str, names: list[str]) -> None:
    known = frozenset({"robin", "sam", "lee", "example"})
    assert [found.words for found in names_in(text, known, is_english=True)] == names


TOLD = texts_of("no_result")[0]
GIVEN = texts_of("no_why")[0]


@pytest.mark.parametrize(
    "words",
    ["I have a group of six.", "The sheet has ten questions.", "They have their own desk.", "She still sat there."],
)
def test_what_somebody_has_is_no_result(words: str) -> None:
    assert checks(f"{TOLD} {words}") == ["no_result"]


@pytest.mark.parametrize("words", ["Since May she has come each week.", "They have not missed one lesson."])
def test_what_became_of_something_is_a_result(words: str) -> None:
    assert checks(f"{TOLD} {words}") == []


@pytest.mark.parametrize(
    "words",
    [
        "The form must be signed.",
        "There were so many sheets.",
        "So far, so good.",
        "He did so and could go.",
        "So few could come.",
    ],
)
def test_a_duty_and_a_degree_are_no_reason(words: str) -> None:
    assert checks(f"{GIVEN} {words}") == ["no_why"]


@pytest.mark.parametrize(
    "words",
    [
        "The bus leaves at five, so I moved it.",
        "She was late, so the tutor rang.",
        "I read it aloud so everyone could hear.",
        "I wrote it down so learners could read it.",
        "I left the door open so parents can see in.",
        "I split the group so nobody had to wait.",
    ],
)
def test_what_follows_from_something_is_a_reason(words: str) -> None:
    assert checks(f"{GIVEN} {words}") == []


def test_many_names_are_counted_and_not_all_shown() -> None:
    names = "Aisha, Bilal, Chloe, Daniel, Emma, Fatima and Gareth came. "
    found = [one for one in advice(SOUND + names).advice if one.check == "personal_name"]
    assert len(found) == 5
    assert (
        found[-1].what
        == "This looks like a name, unless it is an author or a company. 2 more in this account look so too."
    )


def test_who_is_on_record_may_be_named() -> None:
    case = load_case(ROOT / "docs/examples/ready", date(2026, 11, 22))
    assert {"robin", "sam", "joinery", "college"} <= known_names(case.portfolio)


@pytest.mark.parametrize("kind", EvidenceKind)
def test_records_of_talk_need_no_outcome(kind: EvidenceKind) -> None:
    is_asked = kind not in {"professional_discussion", "self_assessment", "certificate"}
    assert ("no_result" in checks(texts_of("no_result")[0], kind=kind)) is is_asked


def test_words_that_two_statements_share_name_neither() -> None:
    shared = "keep the lantern burning through the long night and day"
    groups = lantern_standard().groups
    statements = tuple(one.model_copy(update={"text": f"{shared} {one.code}"}) for one in groups[0].statements)
    standard = lantern_standard().model_copy(
        update={"groups": (groups[0].model_copy(update={"statements": statements}),)}
    )
    assert account_advice(written(f"{SOUND} I {shared}."), [standard]).advice == ()


@pytest.mark.parametrize(
    "piece",
    ODD_PIECES,
)
def test_odd_texts_of_the_longest_length_take_no_time(piece: str) -> None:
    text = (piece * 50_000)[:50_000]
    begun = time.perf_counter()
    found = advice(text)
    assert time.perf_counter() - begun < 2
    assert found.pieces == ("E01",)


def test_sixty_long_accounts_take_half_a_second() -> None:
    words = SOUND.split() + [word for check in CHECKS for text in texts_of(check) for word in text.split()]
    draw = Random(7)
    accounts = [" ".join(draw.choice(words) for _ in range(1_500)) for _ in range(60)]
    made = written(*accounts)
    begun = time.perf_counter()
    found = account_advice(made, [STANDARD])
    assert time.perf_counter() - begun < 0.5 * SLACK
    assert len(found.pieces) == 60


SLACK = 4
"""Other tests run beside this one: a machine of its own takes a third of the time that is allowed."""


def test_a_portfolio_without_evidence_has_nothing_to_advise_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "portfolio.yaml").write_text(
        "learner: {name: Example Learner}\nstandard: ST0148@1.0\ndates: {start: 2023-09-04}\n"
    )
    assert main(["lint", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "0 accounts: no advice.\n"


def test_problems_in_files_end_with_two(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["lint", str(tmp_path / "nowhere")]) == 2
    assert "not-a-folder" in capsys.readouterr().err


def test_the_schema_has_every_check_and_key_described() -> None:
    schema = advice_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema_version"]["const"] == SCHEMA_VERSION
    assert schema["$defs"]["advice"]["properties"]["check"]["enum"] == CHECKS
    keys = [*schema["properties"], *schema["$defs"]["advice"]["properties"]]
    named = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert set(keys) - {"schema_version"} <= named
    assert advice_as_dict(advice(SOUND))["advice"] == []


def test_the_same_accounts_give_the_same_advice() -> None:
    texts: Sequence[str] = [texts_of(check)[0] for check in CHECKS]
    assert advice(*texts) == advice(*texts)
