"""Sign-offs: the record and the log, what makes them stale, and that nothing else is ever touched."""

from __future__ import annotations

import difflib
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ksbtrack.analysis import analyse
from ksbtrack.cli import main
from ksbtrack.files.locking import LOCK, only_writer
from ksbtrack.formats.portfolio_folder import save_portfolio
from ksbtrack.formats.sign_off import SignOff, accept_piece, confirm
from ksbtrack.formats.sign_off_log import LOG, check_log, read_log, stale_records, unmatched_records
from ksbtrack.load import load_case, load_portfolio
from ksbtrack.models.analysis import Status
from ksbtrack.models.portfolio import AcceptanceState, Confirmed
from ksbtrack.problems import KsbtrackError
from ksbtrack.report.html import render_html

SOUND = Path(__file__).resolve().parent / "broken" / "sound"
EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"
DAY = date(2024, 9, 11)
ROOT_USER = hasattr(os, "geteuid") and os.geteuid() == 0
PIECE = """\
---
id: {id}
title: "Session {id}"   # as in the diary
kind: work_product
date: 2023-10-02

files: []
claims: [K1, S1]
acceptance: {{state: submitted, on: 2023-10-05}}  # sent by e-mail
---
We met in room {id}.

---
Not the end.
"""


@pytest.fixture
def learner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a portfolio with E01, accepted and in the showcase, and E02 to E09, submitted; it is called `learner`."""
    shutil.copytree(SOUND / "learner", tmp_path / "learner")
    for number in range(2, 10):
        (tmp_path / f"learner/evidence/E0{number}.md").write_text(PIECE.format(id=f"E0{number}"), "utf-8")
    monkeypatch.chdir(tmp_path)
    return Path("learner")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def accept(learner: Path, piece: str = "E02", **changes: Any) -> SignOff:
    given: dict[str, Any] = {"by": "Ann Example", "role": "assessor", "on": DAY}
    return accept_piece(learner, piece, **(given | changes))


def employer(learner: Path, **changes: Any) -> SignOff:
    given: dict[str, Any] = {"by": "Example Manager", "role": "employer", "job_role": "Line manager", "on": DAY}
    return confirm(learner, **(given | changes))


def changed_lines(before: bytes, after: bytes) -> list[str]:
    lines = difflib.ndiff(before.decode().splitlines(), after.decode().splitlines())
    return [line for line in lines if line[0] in "+-"]


def stale(learner: Path) -> list[tuple[str, str]]:
    """Give what is to be looked at again, by rule and subject."""
    findings = analyse(load_case(learner, date(2024, 9, 20))).findings
    return [(found.rule, found.subject) for found in findings if found.rule.startswith("changed_since")]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


# What is written


def test_a_piece_is_accepted_with_its_fingerprint_in_one_line(learner: Path) -> None:
    before = contents(learner)
    fingerprint = load_portfolio(learner).by_id["E02"].fingerprint

    done = accept(learner)

    after = contents(learner)
    assert after.keys() == before.keys() | {LOG}
    assert [name for name in before if before[name] != after[name]] == ["evidence/E02.md"]
    assert changed_lines(before["evidence/E02.md"], after["evidence/E02.md"]) == [
        "- acceptance: {state: submitted, on: 2023-10-05}  # sent by e-mail",
        "+ acceptance: {state: accepted, on: 2024-09-11, by: Ann Example, role: assessor, "
        f"fingerprint: {fingerprint}}}  # sent by e-mail",
    ]
    acceptance = load_portfolio(learner).by_id["E02"].acceptance
    assert (acceptance.state, acceptance.by, acceptance.on) == (AcceptanceState.ACCEPTED, "Ann Example", DAY)
    assert acceptance.fingerprint == fingerprint
    assert done.file == learner / "evidence/E02.md"
    assert done.notes == ()
    assert read_log(learner) == (done.entry,)
    assert (done.entry.number, done.entry.pieces) == (1, {"E02": fingerprint})


def test_small_letters_name_a_piece_too(learner: Path) -> None:
    assert accept(learner, "e02").entry.pieces.keys() == {"E02"}


def test_a_piece_is_referred_back_with_a_comment_and_accepted_later_without_it(learner: Path) -> None:
    first = accept(learner, comment='Who is "she"?\nSay more: #2.', refer=True)
    acceptance = load_portfolio(learner).by_id["E02"].acceptance
    assert acceptance.state is AcceptanceState.REFERRED
    assert acceptance.comment == 'Who is "she"?\nSay more: #2.' == first.entry.comment

    second = accept(learner)
    acceptance = load_portfolio(learner).by_id["E02"].acceptance
    assert (acceptance.state, acceptance.comment) == (AcceptanceState.ACCEPTED, None)
    assert [entry.what.value for entry in read_log(learner)] == ["referred", "accepted"]
    assert second.entry.previous == first.entry.seal


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_bytes_around_the_record_stay(learner: Path, ends: str, mark: bytes) -> None:
    path = learner / "evidence/E02.md"
    text = PIECE.format(id="E02") + "  Trailing spaces  \n\n\n"
    path.write_bytes(mark + text.replace("\n", ends).encode())
    head, _, tail = path.read_bytes().partition(b"acceptance: {state: submitted, on: 2023-10-05}")

    accept(learner)

    assert path.read_bytes().startswith(head + b"acceptance: {state: accepted, ")
    assert path.read_bytes().endswith(b"}" + tail)


NAMES = (
    "O'Brien: \"Ann\", #1", "no", "- dash", "Zoë Łukasz", "{a: b}", "[x]", "*anchor", "&a", "!tag", "2024-01-01", "~",
    "null", "李 明", "back\\slash", "a, b", "%", "@", "Ann  &  Co", "👩‍🏫 Ann",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_means_something_to_yaml_comes_back(learner: Path, name: str) -> None:
    accept(learner, by=name, role=name)
    employer(learner, by=name, job_role=name)
    portfolio = load_portfolio(learner)
    shown = " ".join(name.split())
    acceptance, record = portfolio.by_id["E02"].acceptance, portfolio.records.confirmations[-1]
    assert (acceptance.by, acceptance.role, record.name, record.role) == (shown,) * 4
    assert {entry.who for entry in read_log(learner)} == {shown}
    assert not list(unmatched_records(portfolio, read_log(learner)))


def test_a_confirmation_fills_in_the_record_of_the_same_person(learner: Path) -> None:
    before = (learner / "portfolio.yaml").read_bytes()

    done = employer(learner)

    fingerprint = done.entry.fingerprint
    assert changed_lines(before, (learner / "portfolio.yaml").read_bytes()) == [
        "-     - {by: employer, name: Example Manager, on: 2024-09-10, covers: [E01]}",
        "+     - {by: employer, name: Example Manager, on: 2024-09-11, covers: [E01], role: Line manager, "
        f"fingerprint: {fingerprint}}}",
    ]
    assert done.entry.pieces == {"E01": load_portfolio(learner).by_id["E01"].fingerprint}


def test_another_confirmation_is_added_and_the_old_one_stays(learner: Path) -> None:
    before = (learner / "portfolio.yaml").read_bytes()
    employer(learner, by="Another Manager", job_role="Head, of: all")
    after = (learner / "portfolio.yaml").read_bytes()
    (line,) = changed_lines(before, after)
    assert line.startswith(
        '+     - {by: employer, name: Another Manager, role: "Head, of: all", of: competence, on: 2024'
    )
    assert len(load_portfolio(learner).records.confirmations) == 2


def test_a_confirmation_given_again_keeps_the_role_and_replaces_the_first(learner: Path) -> None:
    employer(learner, by="Another Manager")
    again = employer(learner, by="another manager", job_role=None, on=date(2024, 9, 12))
    first, second = load_portfolio(learner).records.confirmations
    assert (first.name, second.name, second.role) == ("Example Manager", "another manager", "Line manager")
    assert second.on == date(2024, 9, 12)
    assert again.entry.number == 2
    assert again.notes == ()


def test_the_apprentice_needs_no_other_role(learner: Path) -> None:
    confirm(learner, by="Example Learner", role="apprentice", on=DAY, of="own_work")
    assert load_portfolio(learner).records.confirmations[-1].role == "apprentice"


def test_without_a_showcase_the_accepted_pieces_are_covered_and_named(learner: Path) -> None:
    edit(learner / "portfolio.yaml", "showcase: [E01]", "showcase: []")
    accept(learner, "E03")
    employer(learner, by="Another Manager")
    assert load_portfolio(learner).records.confirmations[-1].covers == ("E01", "E03")
    accept(learner, "E04")
    assert stale(learner) == []


# What makes it stale


EDITS: dict[str, tuple[str, str]] = {
    "account": ("We met in room E02.", "We met in room E99."),
    "title": ('"Session E02"', '"Session E02, corrected"'),
    "claims": ("claims: [K1, S1]", "claims: [K1, S1, S2]"),
    "date": ("date: 2023-10-02", "date: 2023-10-03"),
}


@pytest.mark.parametrize(("old", "new"), EDITS.values(), ids=EDITS)
def test_an_edit_makes_exactly_the_records_on_that_piece_stale(learner: Path, old: str, new: str) -> None:
    edit(learner / "portfolio.yaml", "showcase: [E01]", "showcase: [E01, E02]")
    accept(learner, "E02")
    accept(learner, "E03")
    employer(learner)
    assert stale(learner) == []

    edit(learner / "evidence/E02.md", old, new)
    assert ("changed_since_acceptance", "E02") in stale(learner)
    assert [subject for rule, subject in stale(learner) if rule == "changed_since_acceptance"] == ["E02"]
    record = load_portfolio(learner).records.confirmations[-1]
    assert record.fingerprint
    case = load_case(learner, date(2024, 9, 20))
    found = [one for one in analyse(case).findings if one.rule == "changed_since_confirmation"]
    requirement = next(one for one in case.standard.requirements if one.rule.value == "confirmations")
    assert [(one.subject, one.status) for one in found] == [(requirement.id, Status.CHECK_AGAIN)]

    accept(learner, "E02")
    assert [rule for rule, _ in stale(learner)] == ["changed_since_confirmation"]
    employer(learner)
    assert stale(learner) == []


def test_an_attached_file_that_is_edited_makes_both_stale(learner: Path) -> None:
    accept(learner, "E01")
    employer(learner)
    (learner / "evidence/plan.txt").write_text("Another plan.\n")
    assert [rule for rule, _ in stale(learner)] == ["changed_since_acceptance", "changed_since_confirmation"]


def test_what_is_not_covered_may_change(learner: Path) -> None:
    accept(learner, "E01")
    employer(learner)
    edit(learner / "evidence/E03.md", "We met", "We sat")
    edit(learner / "evidence/E01.md", "role: assessor", "role: lead assessor")
    (learner / "portfolio.yaml").write_text((learner / "portfolio.yaml").read_text() + "# a remark\n")
    assert stale(learner) == []


def test_a_piece_more_in_the_showcase_was_not_confirmed(learner: Path) -> None:
    employer(learner)
    edit(learner / "portfolio.yaml", "showcase: [E01]", "showcase: [E01, E02]")
    assert [rule for rule, _ in stale(learner)] == ["changed_since_confirmation"]


@pytest.mark.parametrize("example", ["ready", "typical", "dorset"])
def test_the_examples_have_nothing_stale_and_can_be_signed_again(tmp_path: Path, example: str) -> None:
    folder = tmp_path / example
    shutil.copytree(EXAMPLES / example, folder)
    assert stale(folder) == []
    before, entries = contents(folder), len(read_log(folder))
    on = date(2026, 6, 30)
    pieces = [
        piece.id for piece in load_portfolio(folder).evidence if not any(file.is_missing for file in piece.attached)
    ]
    for piece in pieces:
        accept_piece(folder, piece, by="Ann Example", role="assessor", on=on)
    confirm(folder, by="Pat Example", role="employer", job_role="Line manager", on=on)
    after = contents(folder)
    assert len(read_log(folder)) == entries + len(pieces) + 1
    portfolio = load_portfolio(folder)
    assert all(portfolio.by_id[piece].acceptance.fingerprint == portfolio.by_id[piece].fingerprint for piece in pieces)
    assert not list(unmatched_records(portfolio, read_log(folder)))
    for name in before:
        out = (
            [line for line in changed_lines(before[name], after[name]) if line[0] == "-"] if name[-3:] == ".md" else []
        )
        assert all("acceptance" in line or line[2:3] == " " for line in out), (name, out)
        assert len(out) <= 8


# What is refused


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "unknown piece": (
        lambda folder: accept(folder, "E22"),
        "PIECE: unknown-id: found 'E22'; no piece in evidence/ has that id.\n  Did you mean E02? Correct the id.",
    ),
    "the learner": (
        lambda folder: accept(folder, by="example  learner"),
        "--by: contradiction: found a piece accepted by 'example learner'; an assessor accepts it, not the learner.\n"
        "  Write who accepted it and in what role, or take the decision out.",
    ),
    "as apprentice": (
        lambda folder: accept(folder, role="Apprentice"),
        "--role: contradiction: found a piece accepted by 'Apprentice'; an assessor accepts it, not the learner.\n"
        "  Write who accepted it and in what role, or take the decision out.",
    ),
    "too early": (
        lambda folder: accept(folder, on=date(2023, 10, 1)),
        "--on: contradiction: found E02 accepted on 2023-10-01; it was made on 2023-10-02.\n"
        "  Correct one of the two dates.",
    ),
    "a day to come": (
        lambda folder: accept(folder, today=date(2024, 9, 10)),
        "--on: bad-date: found '2024-09-11'; nobody has signed on a day to come; today is 2024-09-10.\n"
        "  Write the day on which it was signed.",
    ),
    "a newline in a name": (
        lambda folder: accept(folder, by="Ann\nExample"),
        "--by: bad-character: found the character U+000A; one line of letters is wanted here.\n"
        "  Write it without that character.",
    ),
    "a name that turns text around": (
        lambda folder: accept(folder, by="Ann \u202e"),
        "--by: bad-character: found the character U+202E; text must not hold control characters, other line breaks, or "
        "marks that reverse the direction of text.\n"
        "  Delete it: such a character cannot be seen and can make text read differently from what it says.",
    ),
    "a name without letters": (
        lambda folder: accept(folder, by="  "),
        "--by: wrong-type: found nothing; a text is wanted here.\n  Write it, or delete the key.",
    ),
    "a name that is too long": (
        lambda folder: accept(folder, by="Ann " * 60),
        f"--by: text-too-long: found '{'Ann ' * 14}Ann…'; it has 239 characters, and 200 fit here.\n  Shorten it.",
    ),
    "a confirmation without a role": (
        lambda folder: employer(folder, by="New Manager", job_role=None),
        "--job-role: missing-key: found nothing; a confirmation counts with name, role and day.\n"
        '  Add the person\'s own role, such as --job-role "Line manager".',
    ),
    "the learner for the employer": (
        lambda folder: employer(folder, by="Example Learner"),
        "--by: contradiction: found a confirmation for the employer by 'Example Learner'; that is the learner.\n"
        "  Write who confirms it, or --role apprentice.",
    ),
    "a confirmation too early": (
        lambda folder: employer(folder, on=date(2023, 10, 1)),
        "--on: contradiction: found a confirmation on 2023-10-01; it covers E01, made on 2023-10-02.\n"
        "  Correct one of the two dates.",
    ),
    "a confirmation of a piece that is not there": (
        lambda folder: employer(folder, covers=["E22"]),
        "--covers: unknown-id: found 'E22'; no piece in evidence/ has that id.\n  Did you mean E02? Correct the id.",
    ),
    "another party": (
        lambda folder: employer(folder, role="boss"),
        "--role: bad-choice: found 'boss'; one of employer, provider, apprentice, assessor, witness is wanted here.\n"
        "  Write one of them.",
    ),
}


@pytest.mark.parametrize(("ask", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_stand_is_refused_and_nothing_is_written(
    learner: Path, ask: Callable[[Path], object], message: str
) -> None:
    before = contents(learner)
    with pytest.raises(KsbtrackError) as caught:
        ask(learner)
    assert str(caught.value) == message
    assert contents(learner) == before


def test_a_file_that_nobody_can_have_seen_is_not_accepted_but_can_be_referred_back(learner: Path) -> None:
    (learner / "evidence/plan.txt").unlink()
    with pytest.raises(KsbtrackError) as caught:
        accept(learner, "E01")
    assert str(caught.value) == (
        "learner/evidence/E01.md: missing-file: found 'evidence/plan.txt', which is not there; whoever accepts a piece "
        "has seen its files.\n  Put the file there, or refer the piece back with --refer."
    )
    assert accept(learner, "E01", refer=True).entry.number == 1


def test_nothing_to_confirm_is_said(learner: Path) -> None:
    edit(learner / "portfolio.yaml", "showcase: [E01]", "showcase: []")
    edit(learner / "evidence/E01.md", "acceptance: {state: accepted, by: Example Assessor, on: 2023-10-09}\n", "")
    with pytest.raises(KsbtrackError) as caught:
        employer(learner, by="Another Manager")
    assert str(caught.value) == (
        "learner/portfolio.yaml: contradiction: found no showcase, and no piece that is accepted; a confirmation is of "
        "pieces that somebody has seen.\n  Choose pieces for the showcase, or name them with --covers."
    )


def spoil_same_id(learner: Path) -> None:
    (learner / "evidence/copy.md").write_text(PIECE.format(id="E02"))


def spoil_linked_piece(learner: Path) -> None:
    (learner / "evidence/E02.md").rename(learner / "elsewhere.txt")
    (learner / "evidence/E02.md").symlink_to("../elsewhere.txt")


def spoil_linked_log(learner: Path) -> None:
    (learner / LOG).symlink_to("/dev/null")


def spoil_log(learner: Path) -> None:
    (learner / LOG).write_text("{}\n")


def spoil_log_folder(learner: Path) -> None:
    (learner / LOG).mkdir()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (spoil_same_id, "duplicate-id"),
        (spoil_linked_piece, "symlink"),
        (spoil_linked_log, "symlink"),
        (spoil_log, "log-broken"),
        (spoil_log_folder, "not-a-file"),
    ],
)
def test_a_folder_with_a_fault_is_not_signed(learner: Path, spoil: Callable[[Path], None], code: str) -> None:
    spoil(learner)
    before = contents(learner)
    for ask in (accept, employer):
        with pytest.raises(KsbtrackError) as caught:
            ask(learner)
        assert {problem.code for problem in caught.value.problems} == {code}
        assert contents(learner) == before


def test_no_folder_is_said_as_everywhere(learner: Path) -> None:
    with pytest.raises(KsbtrackError) as caught:
        accept(learner.with_name("nobody"))
    assert [problem.code for problem in caught.value.problems] == ["not-a-folder"]
    assert not learner.with_name("nobody").exists()


def test_a_full_disk_leaves_everything_as_it_was(learner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accept(learner, "E03")
    before = contents(learner)
    for room_for in (0, 1):
        room = [room_for]

        def full(descriptor: int, room: list[int] = room) -> None:
            room[0] -= 1
            if room[0] < 0:
                raise OSError(errno.ENOSPC, "full")

        with monkeypatch.context() as patched:
            patched.setattr("ksbtrack.files.writing.os.fsync", full)
            with pytest.raises(KsbtrackError, match=r"cannot-write: found a full disk; .* nothing was changed"):
                accept(learner)
        assert contents(learner) == before


def test_a_file_that_another_program_holds_leaves_the_log_as_it_was(
    learner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where a file that is open cannot be replaced."""
    replace = Path.replace
    for first in (True, False):
        before = contents(learner)

        def held(self: Path, target: Path) -> Path:
            if target.suffix == ".md":
                raise PermissionError(errno.EACCES, "open")
            return replace(self, target)

        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", held)
            with pytest.raises(KsbtrackError, match="cannot-write: found a place where you may not write"):
                accept(learner)
        assert contents(learner) == before
        if first:
            accept(learner, "E03")


@pytest.mark.parametrize("refusal", [PermissionError(errno.EACCES, ""), OSError(errno.EROFS, "")])
def test_a_folder_that_can_only_be_read_is_said(
    learner: Path, monkeypatch: pytest.MonkeyPatch, refusal: OSError
) -> None:
    opened = os.open

    def read_only(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if flags & os.O_CREAT:
            raise refusal
        return opened(path, flags, *rest, **named)

    before = contents(learner)
    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(KsbtrackError) as caught:
        accept(learner)
    assert [problem.code for problem in caught.value.problems] == ["cannot-write"]
    assert contents(learner) == before


# The log


def signed(learner: Path) -> list[bytes]:
    """Give the lines of a log of four entries."""
    for piece in ("E02", "E03", "E04"):
        accept(learner, piece)
    employer(learner)
    return (learner / LOG).read_bytes().splitlines(keepends=True)


TAMPERED: dict[str, tuple[Callable[[list[bytes]], list[bytes]], int, str]] = {
    "a name": (lambda rows: [rows[0], rows[1].replace(b"Ann", b"Bob"), *rows[2:]], 2, "an entry that was changed"),
    "the last one": (
        lambda rows: [*rows[:3], rows[3].replace(b"employer", b"provider")],
        4,
        "an entry that was changed",
    ),
    "one taken out": (lambda rows: [rows[0], *rows[2:]], 2, "an entry that does not follow"),
    "the first taken out": (lambda rows: rows[1:], 1, "an entry that does not follow"),
    "two changed over": (lambda rows: [rows[0], rows[2], rows[1], rows[3]], 2, "an entry that does not follow"),
    "one twice": (lambda rows: [*rows, rows[3]], 5, "an entry that does not follow"),
    "cut off": (lambda rows: [*rows[:3], rows[3][:50]], 4, "an entry that is cut off"),
    "the line end": (lambda rows: [*rows[:3], rows[3].rstrip()], 4, "an entry that is cut off"),
    "spaces": (lambda rows: [rows[0].replace(b": ", b":"), *rows[1:]], 1, "a line that is no entry"),
    "an empty line": (lambda rows: [rows[0], b"\n", *rows[1:]], 2, "a line that is no entry"),
    "bytes": (lambda rows: [*rows[:2], b"\xff\n", *rows[2:]], 3, "a line that is no entry"),
    "deep nesting": (lambda rows: [b"[" * 100_000 + b"\n", *rows], 1, "a line that is no entry"),
    "a second key": (
        lambda rows: [rows[0].replace(b"{", b'{"who": "Bob", ', 1), *rows[1:]],
        1,
        "a line that is no entry",
    ),
}


@pytest.mark.parametrize(("tamper", "line", "found"), TAMPERED.values(), ids=TAMPERED)
def test_the_first_broken_line_is_named(
    learner: Path, tamper: Callable[[list[bytes]], list[bytes]], line: int, found: str
) -> None:
    rows = signed(learner)
    assert check_log(learner) is None
    (learner / LOG).write_bytes(b"".join(tamper(rows)))
    problem = check_log(learner)
    assert problem is not None
    assert (problem.code, str(problem.source)) == ("log-broken", f"learner/{LOG}:{line}")
    assert problem.found.startswith(found)
    with pytest.raises(KsbtrackError, match="log-broken"):
        read_log(learner)


def test_other_line_ends_are_no_change(learner: Path) -> None:
    rows = signed(learner)
    (learner / LOG).write_bytes(b"".join(rows).replace(b"\n", b"\r\n"))
    assert len(read_log(learner)) == 4
    accept(learner, "E05")
    assert (learner / LOG).read_bytes().count(b"\r\n") == 5 == len(read_log(learner))


def test_no_log_is_sound_and_empty(learner: Path) -> None:
    assert read_log(learner) == ()
    assert check_log(learner) is None
    assert not list(unmatched_records(load_portfolio(learner), ()))


def unmatched(learner: Path) -> list[str]:
    return list(unmatched_records(load_portfolio(learner), read_log(learner)))


def test_entries_cut_off_as_a_whole_show_by_their_records(learner: Path) -> None:
    rows = signed(learner)
    (learner / LOG).write_bytes(b"".join(rows[:2]))
    assert check_log(learner) is None
    assert unmatched(learner) == [
        f"That E04 was accepted stands in its file, but not in {LOG}: it was written by hand, or the log was cut.",
        f"The employer's confirmation of competence by Example Manager in portfolio.yaml is not in {LOG}: it was "
        "written or changed by hand, or the log was cut.",
    ]


def test_records_changed_by_hand_show(learner: Path) -> None:
    signed(learner)
    edit(learner / "evidence/E03.md", "by: Ann Example", "by: Bob Example")
    edit(learner / "portfolio.yaml", "name: Example Manager, on", "name: Another Manager, on")
    (learner / "evidence/E04.md").unlink()
    assert unmatched(learner) == [
        f"Entry 2 of {LOG} says that E03 was accepted by Ann Example on 11 September 2024; its file says otherwise: "
        "the record was not written to the end, or changed since.",
        f"Entry 3 of {LOG} is about E04, which is not in the portfolio any more.",
        f"Entry 4 of {LOG}, the employer's confirmation of competence by Example Manager on 11 September 2024, is not "
        "in portfolio.yaml: it was not written to the end, or taken out since.",
        f"The employer's confirmation of competence by Another Manager in portfolio.yaml is not in {LOG}: it was "
        "written or changed by hand, or the log was cut.",
    ]
    assert accept(learner, "E05").notes == tuple(unmatched(learner))


def test_the_log_tells_which_covered_pieces_are_different(learner: Path) -> None:
    edit(learner / "portfolio.yaml", "showcase: [E01]", "showcase: [E01, E02, E03]")
    accept(learner, "E02")
    employer(learner)
    assert not list(stale_records(load_portfolio(learner), read_log(learner)))
    edit(learner / "evidence/E02.md", "We met", "We sat")
    edit(learner / "portfolio.yaml", "showcase: [E01, E02, E03]", "showcase: [E01, E02, E04]")
    said = (
        "What the employer's confirmation of 11 September 2024 by Example Manager (competence) covers was changed since"
    )
    assert list(stale_records(load_portfolio(learner), read_log(learner))) == [
        "E02 was changed after it was accepted.",
        f"{said}: E02 was edited, E03 is not covered any more, E04 was not seen.",
    ]
    assert list(stale_records(load_portfolio(learner), ()))[1] == f"{said}."


CRASH = """
import os, pathlib, sys
from datetime import date
from ksbtrack import accept_piece
replace = pathlib.Path.replace
def crash(self, target):
    if target.suffix == ".md":
        os._exit(9)
    return replace(self, target)
pathlib.Path.replace = crash
accept_piece("learner", "E02", by="Ann Example", role="assessor", on=date(2024, 9, 11))
"""


def test_a_crash_between_log_and_record_is_found_and_mended_by_signing_again(learner: Path) -> None:
    before = (learner / "evidence/E02.md").read_bytes()
    assert subprocess.run([sys.executable, "-c", CRASH], check=False).returncode == 9
    assert (learner / "evidence/E02.md").read_bytes() == before
    assert [entry.what.value for entry in read_log(learner)] == ["accepted"]
    assert unmatched(learner) == [
        f"Entry 1 of {LOG} says that E02 was accepted by Ann Example on 11 September 2024; its file says otherwise: "
        "the record was not written to the end, or changed since."
    ]
    assert accept(learner).notes == ()
    assert len(read_log(learner)) == 2


def test_a_saved_portfolio_takes_its_log_along(learner: Path) -> None:
    signed(learner)
    save_portfolio(load_portfolio(learner), "other")
    assert read_log("other") == read_log(learner)
    assert unmatched(Path("other")) == []


# Several at once


ONE = """
import sys
from ksbtrack.cli import main
sys.exit(main(sys.argv[1:]))
"""


def started(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", ONE, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def test_writers_at_the_same_time_lose_nothing(learner: Path) -> None:
    signing = ["--by", "Ann Example", "--role", "assessor", "--on", "2024-09-11"]
    running = [started("accept", "learner", f"E0{number}", *signing) for number in range(2, 10)]
    running.append(
        started("confirm", "learner", "--by", "P", "--role", "provider", "--job-role", "Tutor", "--on", "2024-09-11")
    )
    running += [
        started("add", "learner", "--title", f"T{n}", "--kind", "project", "--date", "2024-01-01") for n in range(2)
    ]
    messages = [process.communicate(timeout=120)[1] for process in running]
    assert [process.returncode for process in running] == [0] * len(running), messages

    portfolio = load_portfolio(learner)
    accepted = [piece for piece in portfolio.evidence if piece.acceptance.state is AcceptanceState.ACCEPTED]
    assert [piece.id for piece in accepted] == [f"E0{number}" for number in range(1, 10)]
    assert {piece.id for piece in portfolio.evidence} > {"E10", "E11"}
    assert {record.by.value for record in portfolio.records.confirmations} == {"employer", "provider"}
    assert check_log(learner) is None
    assert len(read_log(learner)) == 9
    assert unmatched(learner) == []
    assert not [name for name in contents(learner) if name.startswith(".")]


def test_a_writer_waits_for_the_one_before(learner: Path) -> None:
    with only_writer(learner):
        process = started("accept", "learner", "E02", "--by", "Ann", "--role", "assessor", "--on", "2024-09-11")
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=2)
        assert (learner / LOCK).exists()
        assert not (learner / LOG).exists()
    assert process.communicate(timeout=60)[1] == b""
    assert len(read_log(learner)) == 1
    assert not (learner / LOCK).exists()


def test_reading_does_not_wait(learner: Path) -> None:
    with only_writer(learner):
        assert len(load_portfolio(learner).evidence) == 9
        assert read_log(learner) == ()


# The commands and what people see

SIGNED = ("--by", "Ann Example", "--role", "assessor", "--on", "2024-09-11")


def test_the_command_says_what_it_wrote(learner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["accept", "learner", "e02", *SIGNED]) == 0
    (entry,) = read_log(learner)
    assert capsys.readouterr().out == (
        "learner/evidence/E02.md: E02 accepted by Ann Example on 2024-09-11.\n"
        f"sign-off.log: entry 1, fingerprint {entry.fingerprint}.\n"
    )
    assert main(["accept", "learner", "E03", *SIGNED, "--refer", "--comment", "Too short."]) == 0
    assert "E03 referred back by Ann Example" in capsys.readouterr().out
    words = ["confirm", "learner", "--by", "Pat", "--role", "provider", "--job-role", "Tutor", "--on", "2024-09-12"]
    assert main([*words, "--covers", "e02, E03"]) == 0
    assert capsys.readouterr().out.startswith(
        "learner/portfolio.yaml: competence confirmed for the provider by Pat on 2024-09-12.\n"
        "It covers E01, E02, E03.\n"
    )


def test_a_note_names_what_does_not_fit_the_log(learner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    accept(learner, "E03")
    edit(learner / "evidence/E03.md", "by: Ann Example", "by: Bob Example")
    assert main(["accept", "learner", "E02", *SIGNED]) == 0
    assert "\nNote: Entry 1 of sign-off.log says that E03 was accepted by Ann Example" in capsys.readouterr().out


WRONG: dict[str, tuple[list[str], int, str]] = {
    "no such piece": (["accept", "learner", "E2", *SIGNED], 64, "The portfolio has no piece 'E2'. Did you mean E02?"),
    "no role": (["accept", "learner", "E02", "--by", "Ann"], 64, "--role"),
    "no job role": (["confirm", "learner", "--by", "A", "--role", "employer"], 64, "--job-role is missing. Add"),
    "no such party": (["confirm", "learner", "--by", "A", "--role", "boss"], 64, "boss"),
    "another date": (["accept", "learner", "E02", *SIGNED[:5], "11/9/2024"], 64, "'11/9/2024' is no date"),
    "a day to come": (["accept", "learner", "E02", *SIGNED[:5], "2199-01-01"], 2, "--on: bad-date: found '2199-01-01'"),
    "themselves": (["accept", "learner", "E02", "--by", "Example Learner", *SIGNED[2:]], 2, "--by: contradiction"),
}


@pytest.mark.parametrize(("words", "code", "message"), WRONG.values(), ids=WRONG)
def test_wrong_usage_ends_with_64_and_what_cannot_stand_with_2(
    learner: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, message: str
) -> None:
    before = contents(learner)
    assert main(words) == code
    assert message in capsys.readouterr().err
    assert contents(learner) == before


def test_what_can_be_confirmed_is_what_the_records_know(capsys: pytest.CaptureFixture[str]) -> None:
    main(["confirm", "--help"])
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert all(what.value in shown for what in Confirmed)


def test_check_explain_and_report_say_what_was_changed(learner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    accept(learner, "E01")
    employer(learner)
    edit(learner / "evidence/E01.md", "three targets", "four targets")
    capsys.readouterr()
    day = ["--on", "2024-09-20"]
    assert main(["check", "learner", *day]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "What the employer's confirmation of 11 September 2024 by Example Manager covers was changed since" in shown
    assert main(["explain", "learner", "E01", *day]) == 0
    assert "E01 was changed after it was accepted." in capsys.readouterr().out
    page = render_html(analyse(load_case(learner, date(2024, 9, 20))))
    assert "E01; changed since it was given" in page
    assert "covers was changed since: a piece was edited, added or taken out." in page.replace("&#39;", "'")
