"""Writing portfolios: what is written is read back the same, and where writing fails nothing is left."""

from __future__ import annotations

import errno
import io
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdf
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ksbtrack.formats.additions import add_piece, free_name, new_portfolio, next_id, safe_name
from ksbtrack.formats.portfolio_folder import (
    log_text,
    new_portfolio_text,
    piece_file_name,
    piece_text,
    save_portfolio,
)
from ksbtrack.formats.yaml_text import list_lines, scalar
from ksbtrack.load import find_standards, load_portfolio, load_standard
from ksbtrack.load.checked import checked
from ksbtrack.models.portfolio import Acceptance, Claim, Evidence, LoggedHours, Portfolio
from ksbtrack.problems import KsbtrackError
from ksbtrack.showcase.files import prepare_file
from ksbtrack.yamlfile import decode, parse_yaml
from raw_files import pages_pdf

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted(path.parent.name for path in (ROOT / "docs/examples").glob("*/portfolio.yaml"))
START = date(2023, 9, 4)

AWKWARD = (
    "no", "Yes", "on", "null", "NULL", "~", "true", "1.10", "010", "0x1F", "1e3", "12:30", "2023-09-04", "1_000", ".5",
    "- x", "-", "? x", ": x", "a: b", "a:", "#", "a #b", "a # b", "# a", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a`",
    "'", '"', "it's", 'say "so"', "'quoted'", '"quoted"', "back\\slash", "[a]", "{a: b}", "a, b", "<<", "=", "---",
    "...", "Zoë Łukasz", "李", "שלום", "e\u0301", "👩‍🏫", "\u00a0x", "a\tb", "{{ 7 * 7 }}", "<b>&amp;", "$(id)", "%s",
    "x" * 200,
)  # fmt: skip


def is_writable(text: str) -> bool:
    """Say whether a text can stand in a file at all; the others are refused in every file."""
    try:
        return bool(parse_yaml(f"a: {scalar(text)}", "x").value == {"a": text})
    except KsbtrackError as error:
        return {problem.code for problem in error.problems} != {"bad-character"}


any_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(is_writable)
lines = any_text.map(lambda text: unicodedata.normalize("NFC", " ".join(text.split()))).filter(bool)
proses = any_text.map(lambda text: unicodedata.normalize("NFC", text.strip())).filter(bool)
texts_of_all_sorts = (
    st.sampled_from(AWKWARD).map(lambda text: unicodedata.normalize("NFC", " ".join(text.split()))) | lines
)


@pytest.mark.parametrize("text", AWKWARD)
def test_an_awkward_text_is_read_back_word_for_word(text: str) -> None:
    assert parse_yaml(decode(f"a: {scalar(text)}\n".encode(), "x"), "x").value == {"a": text}


@pytest.mark.parametrize("text", AWKWARD)
def test_other_readers_of_yaml_take_it_for_the_same_text(text: str) -> None:
    assert yaml.safe_load(f"a: {scalar(text)}\n") == {"a": text}


@given(any_text, st.lists(any_text, max_size=4))
def test_any_text_is_read_back_word_for_word(text: str, texts: list[str]) -> None:
    written = "\n".join([f"a: {scalar(text)}", *list_lines("b", tuple(texts))]) + "\n"
    assert parse_yaml(decode(written.encode(), "x"), "x").value == {"a": text, "b": texts}


@pytest.mark.parametrize("text", ["Example Learner", "Joe's plan (v2)", "naïve café", "E07", "ST0148@1.0", "p. 2-3"])
def test_plain_text_stays_without_quotes(text: str) -> None:
    assert scalar(text) == text


@pytest.mark.parametrize(
    ("value", "written"),
    [(True, "yes"), (False, "no"), (3, "3"), (date(2024, 2, 29), "2024-02-29"), (Decimal("7.50"), "7.50")],
)
def test_a_value_is_written_as_people_write_it(value: Any, written: str) -> None:
    assert scalar(value) == written


claims = st.builds(
    Claim,
    code=st.sampled_from(["K1", "S3", "B5"]),
    where=st.none() | texts_of_all_sorts,
    why=st.none() | texts_of_all_sorts,
    state=st.sampled_from(["claimed", "confirmed"]),
)
pieces = st.builds(
    Evidence,
    id=st.just("E01"),
    title=texts_of_all_sorts,
    kind=st.sampled_from(["work_product", "witness_testimony"]),
    date=st.dates(date(2023, 9, 4), date(2024, 9, 4)),
    made_by=st.none() | texts_of_all_sorts,
    claims=st.lists(claims, max_size=3, unique_by=lambda claim: (claim.code, claim.where)).map(tuple),
    witness=st.none() | st.fixed_dictionaries({}, optional={"name": texts_of_all_sorts, "role": texts_of_all_sorts}),
    acceptance=st.builds(
        Acceptance, state=st.just("draft"), by=st.none() | texts_of_all_sorts, comment=st.none() | proses
    ),
    account=proses | st.just(""),
)


def content(portfolio: Portfolio) -> dict[str, Any]:
    """Give all that a portfolio says, without the places it was read from."""
    return portfolio.model_dump()


@settings(max_examples=60, deadline=None)
@given(st.lists(pieces, max_size=2), texts_of_all_sorts, st.lists(texts_of_all_sorts, max_size=3))
def test_saving_and_loading_gives_the_same_portfolio(written: list[Evidence], name: str, activities: list[str]) -> None:
    plain = {"learner": {"name": name, "role": name}, "standard": "ST0148@1.0", "dates": {"start": START}}
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder, "first")
        log = tuple(LoggedHours(date=START, hours=Decimal("1.5"), activity=each) for each in activities)
        numbered = tuple(piece.model_copy(update={"id": f"E{n:02}"}) for n, piece in enumerate(written, start=1))
        portfolio = Portfolio.model_validate(plain).model_copy(update={"evidence": numbered, "off_the_job": log})
        save_portfolio(portfolio, first)
        loaded = load_portfolio(first)
        assert [(piece.title, piece.account) for piece in loaded.evidence] == [(p.title, p.account) for p in numbered]
        assert [piece.acceptance for piece in loaded.evidence] == [piece.acceptance for piece in numbered]
        assert loaded.off_the_job == log
        save_portfolio(loaded, Path(folder, "second"))
        assert content(load_portfolio(Path(folder, "second"))) == content(loaded)


@pytest.mark.parametrize("name", EXAMPLES)
def test_saving_an_example_gives_the_same_portfolio_with_its_files(name: str, tmp_path: Path) -> None:
    portfolio = load_portfolio(ROOT / "docs/examples" / name)
    save_portfolio(portfolio, tmp_path / "copy")
    assert content(load_portfolio(tmp_path / "copy")) == content(portfolio)
    assert any(piece.attached for piece in portfolio.evidence)


def test_there_are_examples_to_save() -> None:
    assert set(EXAMPLES) >= {"dorset", "ready", "typical"}


def test_saving_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    portfolio = load_portfolio(ROOT / "docs/examples/typical")
    for name in ("one", "two"):
        save_portfolio(portfolio, tmp_path / name)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_claims_on_another_standard_keep_it(tmp_path: Path) -> None:
    folder = made_portfolio(tmp_path, also="[XS10b@2008-06]", claims="[K1, XS10b:G7.2, XS10a:D1]")
    (folder / "off-the-job.csv").write_text("date,hours,activity,codes\n2023-10-02,2,Course,K1 XS10b:G7.2\n")
    portfolio = load_portfolio(folder)
    save_portfolio(portfolio, tmp_path / "copy")
    assert content(load_portfolio(tmp_path / "copy")) == content(portfolio)
    assert [claim.standard for claim in portfolio.evidence[0].claims] == [
        "ST0148@1.0",
        "XS10b@2008-06",
        "XS10a@2008-06",
    ]
    assert portfolio.off_the_job is not None
    assert portfolio.off_the_job[0].codes == ("K1", "XS10b@2008-06:G7.2")


def tree(folder: Path) -> dict[str, bytes]:
    """Give everything below a folder: the bytes of files, nothing for folders."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


def made_portfolio(home: Path, also: str = "[]", claims: str = "[K1]") -> Path:
    """Give a small portfolio with one piece and one PDF."""
    folder = home / "portfolio"
    (folder / "evidence").mkdir(parents=True)
    (folder / "portfolio.yaml").write_text(
        f"learner: {{name: Wick Lumen}}\nstandard: ST0148@1.0\nalso: {also}\ndates: {{start: 2023-09-04}}\n"
    )
    (folder / "evidence/E01-plan.md").write_text(
        "---\nid: E01\ntitle: Plan\nkind: work_product\ndate: 2023-10-02\n"
        f"files: [plan.pdf]\nclaims: {claims}\n---\nI planned it.\n"
    )
    (folder / "evidence/plan.pdf").write_bytes(pages_pdf(2))
    return folder


def test_a_folder_that_has_something_in_it_is_refused_and_kept(tmp_path: Path) -> None:
    portfolio = load_portfolio(made_portfolio(tmp_path))
    (tmp_path / "full").mkdir()
    (tmp_path / "full/letter.txt").write_text("mine")
    with pytest.raises(KsbtrackError, match=r"full: folder-not-empty: found 'letter.txt' in it; a new portfolio gets"):
        save_portfolio(portfolio, tmp_path / "full")
    assert tree(tmp_path / "full") == {"letter.txt": b"mine"}


def test_a_file_of_that_name_is_refused_and_kept(tmp_path: Path) -> None:
    portfolio = load_portfolio(made_portfolio(tmp_path))
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(KsbtrackError, match=r"taken: folder-not-empty: found a file of that name; "):
        save_portfolio(portfolio, tmp_path / "taken")
    assert (tmp_path / "taken").read_text() == "mine"


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    portfolio = load_portfolio(made_portfolio(tmp_path))
    (tmp_path / "empty").mkdir()
    save_portfolio(portfolio, tmp_path / "empty")
    assert set(tree(tmp_path / "empty")) == {"portfolio.yaml", "evidence", "evidence/E01-plan.md", "evidence/plan.pdf"}


def test_an_attachment_gone_since_loading_is_named_and_nothing_written(tmp_path: Path) -> None:
    folder = made_portfolio(tmp_path)
    portfolio = load_portfolio(folder)
    (folder / "evidence/plan.pdf").unlink()
    with pytest.raises(
        KsbtrackError, match=r"evidence/plan.pdf: missing-file: found no 'evidence/plan.pdf' any more; "
    ):
        save_portfolio(portfolio, tmp_path / "copy")
    assert [path.name for path in tmp_path.iterdir()] == ["portfolio"]


def test_a_character_that_no_file_may_have_is_refused_before_anything_is_there(tmp_path: Path) -> None:
    plain = {"learner": {"name": "Wick \u202e Lumen"}, "standard": "ST0148@1.0", "dates": {"start": START}}
    with pytest.raises(KsbtrackError, match="bad-character"):
        save_portfolio(Portfolio.model_validate(plain), tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def disk_full_at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give what makes the disk full when the given number of files have been written."""

    def set_up(number: int) -> None:
        written = iter(range(number))
        real = os.fsync

        def fsync(descriptor: int) -> None:
            if next(written, None) is None:
                raise OSError(errno.ENOSPC, "full")
            real(descriptor)

        monkeypatch.setattr(os, "fsync", fsync)

    return set_up


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("is_there", [False, True])
def test_a_full_disk_leaves_nothing_of_a_saved_portfolio(
    tmp_path: Path, disk_full_at: Any, number: int, is_there: bool
) -> None:
    portfolio = load_portfolio(made_portfolio(tmp_path))
    target = tmp_path / "copy"
    if is_there:
        target.mkdir()
    before = tree(tmp_path)
    disk_full_at(number)
    with pytest.raises(KsbtrackError, match="copy: cannot-write: found a full disk"):
        save_portfolio(portfolio, target)
    assert tree(tmp_path) == before


def test_a_failure_in_the_last_step_takes_back_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    portfolio = load_portfolio(made_portfolio(tmp_path))
    (tmp_path / "copy").mkdir()
    real = Path.replace

    def replace(path: Path, target: Path) -> Path:
        if target.name == "portfolio.yaml":
            raise OSError(errno.EIO, "broken")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(KsbtrackError, match="copy: cannot-write: found the system's error EIO"):
        save_portfolio(portfolio, tmp_path / "copy")
    assert tree(tmp_path / "copy") == {}


def test_a_piece_is_written_with_its_account_below_its_facts() -> None:
    piece = Evidence.model_validate(
        {
            "id": "E01",
            "title": "Plan: week 1",
            "kind": "work_product",
            "date": "2023-10-02",
            "files": ["plan.pdf"],
            "claims": ["K1", {"code": "S3", "where": "p. 2"}, {"code": "S4", "why": "It has a target: one, two"}],
            "acceptance": {"state": "referred", "on": "2023-10-09", "comment": "Say more.\n\nAdd the log."},
            "account": "I planned it.",
        }
    )
    assert piece_text(piece) == (
        "---\n"
        "id: E01\n"
        'title: "Plan: week 1"\n'
        "kind: work_product\n"
        "date: 2023-10-02\n"
        "files: [plan.pdf]\n"
        "claims:\n"
        "  - K1\n"
        "  - {code: S3, where: p. 2}\n"
        '  - {code: S4, why: "It has a target: one, two"}\n'
        "acceptance:\n"
        "  state: referred\n"
        "  on: 2023-10-09\n"
        "  comment: |-\n"
        "    Say more.\n"
        "\n"
        "    Add the log.\n"
        "---\n"
        "I planned it.\n"
    )


def test_the_log_is_written_as_it_is_read() -> None:
    row = LoggedHours(date=START, hours=Decimal("7.50"), activity='Course, "part 2"', codes=("K1", "S3"))
    assert log_text([row]) == 'date,hours,activity,codes\n2023-09-04,7.50,"Course, ""part 2""",K1 S3\n'


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Plan: week 1", "E01-plan-week-1.md"),
        ("Éloïse's  «plan»", "E01-eloise-s-plan.md"),
        ("李", "E01.md"),
        ("../../etc/passwd", "E01-etc-passwd.md"),
        ("x" * 200, f"E01-{'x' * 40}.md"),
    ],
)
def test_a_pieces_file_has_a_name_for_every_system(title: str, name: str) -> None:
    assert piece_file_name("E01", title) == name


# A new portfolio


@pytest.mark.parametrize("identity", list(find_standards()))
def test_a_new_portfolio_loads(identity: str, tmp_path: Path) -> None:
    standard = load_standard(identity)
    new_portfolio(tmp_path / "new", standard, "Zoë: 'x' # y", START)
    portfolio = load_portfolio(tmp_path / "new")
    assert (portfolio.learner.name, portfolio.standard, portfolio.dates.start) == ("Zoë: 'x' # y", identity, START)
    assert portfolio.off_the_job == ()
    assert set(tree(tmp_path / "new")) == {"portfolio.yaml", "off-the-job.csv", "evidence", "evidence/README.txt"}


def with_remarks(text: str) -> str:
    """Give a new portfolio.yaml with every remark taken at its word."""
    return re.sub(r"(?m)^( *)# (?=[a-z -])", r"\1", "".join(text.splitlines(keepends=True)[2:]))


def test_every_remark_of_a_new_portfolio_is_refused_until_it_is_filled_in() -> None:
    text = with_remarks(new_portfolio_text(load_standard("ST0148"), "Wick Lumen", START))
    with pytest.raises(KsbtrackError) as caught:
        checked(Portfolio, parse_yaml(text, "x"))
    # Each line with a day or a number to be filled in, so that no example can pass for a record.
    wanted = [number for number, line in enumerate(text.splitlines(), start=1) if re.search(r": (YYYY|N)", line)]
    wanted.remove(next(number for number, line in enumerate(text.splitlines(), start=1) if "uln:" in line))
    assert sorted({problem.source.line for problem in caught.value.problems}) == wanted
    assert {problem.code for problem in caught.value.problems} == {"bad-date", "bad-number"}


def test_every_remark_of_a_new_portfolio_works_once_it_is_filled_in() -> None:
    text = with_remarks(new_portfolio_text(load_standard("ST0148"), "Wick Lumen", START))
    filled = re.sub(r"\bN+\b", "9", text.replace("YYYY-MM-DD", "2024-01-15"))
    portfolio = checked(Portfolio, parse_yaml(filled, "x"))
    subjects = [held.subject for held in portfolio.records.qualifications]
    assert subjects == ["english", "maths", "ict", "safeguarding"]
    assert [one.by.value for one in portfolio.records.confirmations] == ["employer", "provider", "apprentice"]
    assert portfolio.showcase == (), "pieces that are not there yet would stop `ksbtrack add`"
    assert portfolio.also == ("XS10a@2008-06",)
    assert portfolio.learner.weekly_hours == 9


@pytest.mark.parametrize(
    ("learner", "message"),
    [(" ", "--learner: wrong-type: "), ("x" * 201, "--learner: text-too-long: "), ("a\u202eb", "bad-character")],
)
def test_a_name_that_cannot_be_read_back_makes_no_folder(tmp_path: Path, learner: str, message: str) -> None:
    with pytest.raises(KsbtrackError, match=message):
        new_portfolio(tmp_path / "new", load_standard("ST0148"), learner, START)
    assert list(tmp_path.iterdir()) == []


# One more piece

FACTS = {"title": "Review", "kind": "feedback", "date": "2023-11-06", "claims": ["K1", "S3"]}


def test_a_piece_is_added_under_the_next_id_with_its_files(tmp_path: Path) -> None:
    folder = made_portfolio(tmp_path)
    (tmp_path / "My review (final).pdf").write_bytes(pages_pdf(3))
    (tmp_path / "notes.md").write_text("# Notes\n")
    before = tree(folder)
    added = add_piece(folder, FACTS, [tmp_path / "My review (final).pdf", tmp_path / "notes.md"])
    names = ["My-review-(final).pdf", "notes.markdown", "E02-review.md"]
    assert added.piece == folder / "evidence/E02-review.md"
    assert added.copies == (
        (tmp_path / "My review (final).pdf", folder / "evidence/My-review-(final).pdf"),
        (tmp_path / "notes.md", folder / "evidence/notes.markdown"),
    )
    assert tree(folder).keys() - before.keys() == {f"evidence/{name}" for name in names}
    piece = load_portfolio(folder).by_id["E02"]
    assert [(file.name, file.pages) for file in piece.attached] == [
        ("evidence/My-review-(final).pdf", 3),
        ("evidence/notes.markdown", None),
    ]
    assert (piece.title, piece.kind.value, piece.acceptance.state.value) == ("Review", "feedback", "draft")


def test_an_added_text_in_markdown_is_shown_as_it_is_meant(tmp_path: Path) -> None:
    folder = made_portfolio(tmp_path)
    (tmp_path / "notes.md").write_text("---\n\n# My notes\n\n- **planned** it\n")
    add_piece(folder, FACTS, [tmp_path / "notes.md"])
    piece = load_portfolio(folder).by_id["E02"]
    content = (folder / "evidence/notes.markdown").read_bytes()
    shown = prepare_file(content, piece.attached[0], piece, 1)
    reader = pypdf.PdfReader(io.BytesIO(shown.pdf))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert "My notes" in text and "planned it" in text
    assert "# My notes" not in text and "**" not in text


def test_its_claims_remember_the_wording_they_were_made_against(tmp_path: Path) -> None:
    folder = made_portfolio(tmp_path, also="[XS10b@2008-06]")
    add_piece(folder, {**FACTS, "claims": ["S3", "XS10b:D1"]}, [])
    claims = load_portfolio(folder).by_id["E02"].claims
    wording = load_standard("ST0148").by_code["S3"].fingerprint
    assert (claims[0].code, claims[0].made_against, claims[0].fingerprint) == ("S3", "ST0148@1.0", wording)
    assert (claims[1].standard, claims[1].made_against) == ("XS10a@2008-06", "XS10a@2008-06")


def test_small_letters_name_codes_on_the_command_line_and_nothing_else_is_guessed(tmp_path: Path) -> None:
    folder = made_portfolio(tmp_path, also="[XS10b@2008-06]")
    add_piece(folder, {**FACTS, "claims": ["s3", "xs10b:g7.1"]}, [])
    assert [claim.code for claim in load_portfolio(folder).by_id["E02"].claims] == ["S3", "G7.1"]
    (found,) = problems_of(folder, {**FACTS, "claims": ["k12"]}, [])
    assert found == "--claims: unknown-code: found 'k12'; ST0148 1.0 has K1 to K11."


def test_the_same_file_given_twice_is_copied_twice(tmp_path: Path) -> None:
    folder = made_portfolio(tmp_path)
    (tmp_path / "notes.txt").write_text("Notes")
    added = add_piece(folder, FACTS, [tmp_path / "notes.txt", tmp_path / "notes.txt"])
    assert [copy.name for _, copy in added.copies] == ["notes.txt", "notes-2.txt"]
    assert all(copy.read_text() == "Notes" for _, copy in added.copies)


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    folder = made_portfolio(tmp_path)
    (tmp_path / "Plan.PDF").write_bytes(pages_pdf(1))
    before = tree(folder)
    added = add_piece(folder, FACTS, [tmp_path / "Plan.PDF"])
    assert [copy.name for _, copy in added.copies] == ["Plan-2.PDF"]
    assert before.items() <= tree(folder).items()


def test_a_file_that_is_there_already_stays_where_it_is(tmp_path: Path) -> None:
    folder = made_portfolio(tmp_path)
    added = add_piece(folder, FACTS, [folder / "evidence/plan.pdf"])
    assert (added.piece.name, added.copies) == ("E02-review.md", ())
    assert load_portfolio(folder).by_id["E02"].files == ("plan.pdf",)


def problems_of(folder: Path, facts: dict[str, Any], files: Sequence[Path]) -> list[str]:
    """Give the first line of each problem of an addition that must not leave a trace."""
    before = tree(folder)
    with pytest.raises(KsbtrackError) as caught:
        add_piece(folder, facts, files)
    assert tree(folder) == before
    return [str(problem).splitlines()[0] for problem in caught.value.problems]


def test_everything_wrong_is_said_at_once_and_nothing_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = made_portfolio(tmp_path)
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "damaged.pdf").write_bytes(b"%PDF-1.7\nnothing")
    os.mkfifo(tmp_path / "pipe")
    facts = {"title": "x" * 201, "kind": "photo", "date": "2023-11-06", "claims": ["K12", "S3"]}
    files = [Path(name) for name in ("empty.pdf", "damaged.pdf", "pipe", "away.pdf", "portfolio")]
    found = problems_of(folder, facts, files)
    assert [line.split("; ")[0] for line in found] == [
        "--claims: unknown-code: found 'K12'",
        "--file away.pdf: missing-file: found no such file",
        "--file damaged.pdf: damaged-pdf: found 'evidence/damaged.pdf', which does not open without repair",
        "--file empty.pdf: empty-attachment: found 'evidence/empty.pdf', which is empty",
        "--file pipe: not-a-file: found 'pipe', which is a named pipe",
        "--file portfolio: not-a-file: found 'portfolio', which is a folder",
        "--kind: bad-choice: found 'photo'",
        f"--title: text-too-long: found '{'x' * 59}…'",
    ]


def test_a_portfolio_with_problems_takes_no_piece(tmp_path: Path) -> None:
    folder = made_portfolio(tmp_path, claims="[K99]")
    assert len(problems_of(folder, FACTS, [])) == 1


@pytest.mark.parametrize("number", [0, 1])
def test_a_full_disk_leaves_nothing_of_a_piece(tmp_path: Path, disk_full_at: Any, number: int) -> None:
    folder = made_portfolio(tmp_path)
    (tmp_path / "notes.txt").write_text("Notes")
    disk_full_at(number)
    found = problems_of(folder, FACTS, [tmp_path / "notes.txt"])
    assert [line.split(": ", 1)[1].split("; ")[0] for line in found] == ["cannot-write: found a full disk"]


def test_a_failure_in_the_last_step_takes_back_the_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made_portfolio(tmp_path)
    (tmp_path / "notes.txt").write_text("Notes")
    real = Path.replace

    def replace(path: Path, target: Path) -> Path:
        if target.suffix == ".md":
            raise KeyboardInterrupt
        return real(path, target)

    monkeypatch.setattr(Path, "replace", replace)
    before = tree(folder)
    with pytest.raises(KeyboardInterrupt):
        add_piece(folder, FACTS, [tmp_path / "notes.txt"])
    assert tree(folder) == before


def test_a_portfolio_without_the_folder_evidence_gets_one(tmp_path: Path) -> None:
    folder = made_portfolio(tmp_path)
    shutil.rmtree(folder / "evidence")
    add_piece(folder, FACTS, [])
    assert [piece.id for piece in load_portfolio(folder).evidence] == ["E01"]


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ([], "E01"),
        (["E07", "E12"], "E13"),
        (["E9"], "E10"),
        (["E099"], "E100"),
        (["E001", "E002"], "E003"),
        (["A1", "A2", "E9"], "A3"),
        (["plan"], "E01"),
        (["P-3"], "P-4"),
        (["e1", "E2"], "e3"),
    ],
)
def test_the_next_id_follows_those_there_are(taken: list[str], expected: str) -> None:
    assert next_id(taken) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plan.pdf", "plan.pdf"),
        ("My plan (v2).pdf", "My-plan-(v2).pdf"),
        ("a:b*c?.png", "a-b-c.png"),
        ("back\\slash.txt", "back-slash.txt"),
        (".hidden.txt", "hidden.txt"),
        (".pdf", "pdf"),
        ("Zoe\u0308.jpg", "Zoë.jpg"),
        ("notes.md", "notes.markdown"),
        ("NOTES.MD", "NOTES.markdown"),
        ("con.txt", "file-con.txt"),
        ("COM1", "file-COM1"),
        ("...", "file"),
        ("-rf", "rf"),
        ("a\nb\x1b[31m.txt", "a-b-31m.txt"),
        ("x" * 300 + ".docx", "x" * 60 + ".docx"),
        ("what.is this ending of a name", "what.is-this-ending-of-a-name"),
    ],
)
def test_a_copied_file_gets_a_name_for_every_system(name: str, expected: str) -> None:
    assert safe_name(name) == expected


@given(st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=200))
def test_whatever_its_name_it_is_one_part_of_a_path_of_a_size_that_every_disk_takes(name: str) -> None:
    safe = safe_name(name)
    assert safe not in ("", ".", "..")
    assert not set('/\\:*?"<>|\0\n ') & set(safe)
    assert len(safe.encode("utf-8", "surrogatepass")) <= 255
    assert not safe.casefold().endswith(".md")
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("name", "taken", "expected"),
    [
        ("plan.pdf", [], "plan.pdf"),
        ("Plan.pdf", ["plan.pdf"], "Plan-2.pdf"),
        ("plan.pdf", ["plan.pdf", "plan-2.pdf"], "plan-3.pdf"),
        ("plan", ["plan"], "plan-2"),
    ],
)
def test_a_taken_name_gets_a_number(name: str, taken: list[str], expected: str) -> None:
    assert free_name(name, taken) == expected
