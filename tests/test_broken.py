"""Every problem code has a broken input, its exact message, and its page."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from broken_cases import BROKEN, BrokenCase, broken_cases, lay_out
from ksbtrack.analysis import analyse
from ksbtrack.cli import main
from ksbtrack.cli.changes import with_changes
from ksbtrack.cohort.executors import opened_workers
from ksbtrack.cohort.judging import judged, opened_cohort
from ksbtrack.cohort.store import mark_of, open_store
from ksbtrack.comparison.pairing import compare_standards
from ksbtrack.files.attachments import MAX_ATTACHMENT_BYTES
from ksbtrack.files.images import MAX_FRAMES, MAX_PIXELS
from ksbtrack.files.locking import only_writer
from ksbtrack.files.opening import MAX_ENTRIES, MAX_PIECES
from ksbtrack.files.pdfs import MAX_PDF_PAGES
from ksbtrack.files.showing import MAX_SHOWN_PAGES
from ksbtrack.files.writing import replace_file
from ksbtrack.formats.additions import new_portfolio
from ksbtrack.formats.cohort_reading import read_run
from ksbtrack.formats.feed_request import Answer, Patience
from ksbtrack.formats.ilr import read_return
from ksbtrack.formats.matrix_import import import_matrix
from ksbtrack.formats.migration import migrate_portfolio
from ksbtrack.formats.official_feed import cached_record, fetch_record
from ksbtrack.formats.pdf_verification import verify_pdf
from ksbtrack.formats.sheet_cells import MAX_CELL, MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from ksbtrack.formats.sheets import read_sheets
from ksbtrack.formats.sign_off import accept_piece
from ksbtrack.formats.sign_off_log import read_log
from ksbtrack.formats.standards_import import import_standards
from ksbtrack.formats.verification import verify_pack, verify_portfolio
from ksbtrack.formats.yaml_edit import with_keys
from ksbtrack.load import load_case, load_policy, load_standard
from ksbtrack.load.crosswalks import load_crosswalk
from ksbtrack.load.folders import MAX_FOLDER_FILES
from ksbtrack.load.log import HOURS_IN_A_DAY, MAX_LOG_BYTES, MAX_LOG_ROWS
from ksbtrack.load.pieces import MAX_FILES, MAX_PIECE_BYTES
from ksbtrack.load.profiles import load_profile
from ksbtrack.load.standards import MAX_LINEAGE
from ksbtrack.models.cohort import CohortQuestion, Fault
from ksbtrack.models.values import FIRST_YEAR, LAST_YEAR, MAX_LIST, MAX_NAME, MAX_TEXT
from ksbtrack.planning.assumptions import assuming
from ksbtrack.planning.plans import make_plan
from ksbtrack.problems import KsbtrackError, Problem
from ksbtrack.report.pdf import html_to_pdf
from ksbtrack.showcase.build import Showcase, build_showcase
from ksbtrack.showcase.built import read_built
from ksbtrack.showcase.files import prepare_files
from ksbtrack.showcase.pack import pack_of
from ksbtrack.showcase.signing import sign_pdf
from ksbtrack.showcase.workers import TASK_SECONDS, Costly
from ksbtrack.submission.selection import fitting_selection
from ksbtrack.yamlfile import MAX_BYTES, MAX_DEPTH, MAX_MARKS, MAX_NODES

ROOT = Path(__file__).resolve().parent.parent
ON = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
CASES = broken_cases()
LARGE = 100_000_000
"""Bytes from which a file is not compared: it is mostly a hole."""


def _overlays() -> list[str]:
    return [name for name in ("overlay.yaml",) if Path(name).exists()]


def _ask_portfolio(day: str) -> object:
    policy = "policy.yaml" if Path("policy.yaml").exists() else None
    return load_case(
        "learner", date.fromisoformat(day or "2026-11-22"), folders=["standards"], overlays=_overlays(), policy=policy
    )


def _ask_new(folder: str) -> object:
    new_portfolio(Path(folder), load_standard("ST0148"), "Example Learner", ON)
    return folder


def _ask_pdf(body: str) -> object:
    return html_to_pdf(f'<html lang="en"><title>Page</title><body>{body}')


def _ask_old_weasyprint(version: str) -> object:
    _ask_pdf("<p>K1</p>")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("weasyprint.VERSION", version)
        return _ask_pdf("<p>K1</p>")


def _ask_accept(piece: str) -> object:
    return accept_piece("learner", piece, by="Example Assessor", role="assessor", on=ON)


def _ask_accept_while_another_writes(piece: str) -> object:
    with pytest.MonkeyPatch.context() as patched, only_writer(Path("learner")):
        patched.setattr("ksbtrack.files.locking.LONGEST_WAIT", 0.1)
        return _ask_accept(piece)


def _ask_accept_and_change_more(piece: str) -> object:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            "ksbtrack.formats.signed_records.with_keys",
            lambda text, path, values: with_keys(text, path, values).replace("First session", "Another session"),
        )
        return _ask_accept(piece)


def _ask_showcase(_: str) -> object:
    analysis = analyse(load_case("learner", ON, folders=["standards"]))
    portfolio = analysis.case.portfolio
    return build_showcase(Path("learner"), analysis, [portfolio.by_id[name] for name in portfolio.showcase])


def _ask_since(name: str) -> object:
    analysis = analyse(load_case("learner", ON, folders=["standards"]))
    return with_changes(analysis, Path(name))


def _ask_prompts(name: str) -> object:
    return read_built(Path(name), load_case("learner", ON, folders=["standards"]).portfolio)


def _ask_select(_: str) -> object:
    return fitting_selection(analyse(load_case("learner", ON, folders=["standards"])), None)


def _ask_pack(_: str) -> object:
    """Ask for a pack with a showcase of three million bytes, which no one looks into."""
    analysis = analyse(load_case("learner", ON, folders=["standards"]))
    built = Showcase(bytes(3_000_000), (), (), 1)
    return pack_of(Path("learner"), analysis, load_profile("profile.yaml"), built)


def _ask_verify(name: str) -> object:
    content = Path(name)
    if content.suffix == ".pdf":
        return verify_pdf(content.read_bytes(), name)
    return verify_portfolio(Path("learner"), content) if content.suffix == ".json" else verify_pack(content)


def _ask_import(words: str) -> object:
    """Import a file, into a folder beside it; the format may stand behind its name."""
    name, _, format_name = words.partition(" ")
    return import_standards(Path(name), Path("imported"), format_name=format_name or None)


def _ask_fetch(name: str) -> object:
    """Fetch a record from a feed that answers with a file; without one there is nobody."""
    with pytest.MonkeyPatch.context() as patched:
        if name:
            answer = Answer(Path(name).read_bytes(), "", "")
            patched.setattr("ksbtrack.formats.official_feed.ask_feed", lambda *_, **__: answer)
        patience = Patience(tries=2, first_wait=0)
        return fetch_record("ST9001", Path("cache"), NOW, address="http://127.0.0.1:1", patience=patience)


def _ask_return(name: str) -> object:
    """Read a learner record return, of which each fault counts."""
    faults = [found for found in read_return(Path(name)) if isinstance(found, Problem)]
    if faults:
        raise KsbtrackError(*faults)
    return name


def _ask_diff(words: str) -> object:
    old, new = (load_standard(name, folders=["standards"]) for name in words.split(" "))
    return compare_standards(old, new)


def _ask_cohort_with_return(folder: str) -> object:
    """Read a cohort beside a return, of whose faults each counts."""
    with opened_cohort(Path(folder), CohortQuestion(ON), returned=Path("return.xml")) as cohort:
        raise KsbtrackError(*(fault.problem for fault in cohort.faults()))


def _ask_cohort(source: str) -> object:
    """Judge a cohort, of whose faults each counts."""
    question = CohortQuestion(ON, folders=("standards",))
    with opened_cohort(Path(source), question) as cohort:
        raise KsbtrackError(*(found.problem for found in judged(cohort) if isinstance(found, Fault)))


def _ask_cohort_with_mistake(source: str) -> object:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ksbtrack.cohort.judging.analyse", lambda *_, **__: 1 / 0)
        return _ask_cohort(source)


def _ask_changed_result(place: str) -> object:
    """Read a result of a store that somebody changed since."""
    store = open_store(place)
    kept = store.keep(mark_of("EX0001"), b"a report", ".txt")
    (Path(place) / f"content/{kept.sha256[:2]}/{kept.sha256}.txt").write_bytes(b"a letter")
    return store.read(kept)


def _ask_scheduler(address: str) -> object:
    with opened_workers(address) as workers:
        return workers


def _ask_dying_process(_: str) -> object:
    with opened_workers(jobs=2):
        raise BrokenProcessPool


def _ask_showcase_not_valid(words: str) -> object:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ksbtrack.showcase.build.faults", lambda content: (("RULE-1", "what it says"),))
        return _ask_showcase(words)


def _ask_sign(key_file: str) -> object:
    return sign_pdf(b"", Path(key_file), b"open")


def _ask_files(_: str) -> object:
    return prepare_files(Path("learner"), load_case("learner", ON, folders=["standards"]).portfolio.evidence)


def _ask_files_saved_meanwhile(_: str) -> object:
    """Prepare files of which one gets other words between loading and opening, and its own again after that."""
    plan = Path("learner/evidence/plan.txt")
    words = plan.read_bytes()
    pieces = load_case("learner", ON, folders=["standards"]).portfolio.evidence
    plan.write_bytes(words + b".")
    try:
        return prepare_files(Path("learner"), pieces)
    finally:
        plan.write_bytes(words)


def _ask_files_that_take_long(words: str) -> object:
    costly = Costly(f"which takes more than {TASK_SECONDS} seconds to open")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("ksbtrack.showcase.files.in_workers", lambda function, tasks: [costly for _ in tasks])
        return _ask_files(words)


def _ask_matrix(words: str) -> object:
    """Ask what a matrix adds, about the portfolio's own standard or the one that is named after the file."""
    name, _, standard = words.partition(" ")
    return import_matrix("learner", name, write=True, standard=standard or None, folders=["standards"])


ASKED: dict[str, Callable[[str], object]] = {
    "portfolio": _ask_portfolio,
    "standard": lambda name: load_standard(name, folders=["standards"], overlays=_overlays()),
    "policy": load_policy,
    "profile": load_profile,
    "report": lambda name: replace_file(Path(name), b"{}"),
    "new": _ask_new,
    "pdf": _ask_pdf,
    "weasyprint": _ask_old_weasyprint,
    "showcase": _ask_showcase,
    "showcase-not-valid": _ask_showcase_not_valid,
    "select": _ask_select,
    "pack": _ask_pack,
    "verify": _ask_verify,
    "sign": _ask_sign,
    "assume": lambda words: assuming(load_case("learner", ON, folders=["standards"]), words.split("; ")),
    "plan-by": lambda day: make_plan(load_case("learner", ON), by=date.fromisoformat(day)),
    "crosswalk": lambda words: load_crosswalk(*words.split(), folders=["standards"]),
    "import": _ask_import,
    "fetch": _ask_fetch,
    "fetch-offline": lambda _: cached_record("ST9001", Path("cache")),
    "return": _ask_return,
    "cohort": _ask_cohort,
    "cohort-named-in-bytes": lambda source: _ask_cohort(source + os.fsdecode(b"/Zo\xeb")),
    "cohort-with-mistake": _ask_cohort_with_mistake,
    "cohort-with-return": _ask_cohort_with_return,
    "earlier-run": lambda name: read_run(Path(name)),
    "store": open_store,
    "changed-result": _ask_changed_result,
    "scheduler": _ask_scheduler,
    "dying-process": _ask_dying_process,
    "diff": _ask_diff,
    "migrate": lambda to: migrate_portfolio("learner", to, on=ON, folders=["standards"]),
    "files": _ask_files,
    "files-saved-meanwhile": _ask_files_saved_meanwhile,
    "files-that-take-long": _ask_files_that_take_long,
    "since": _ask_since,
    "prompts": _ask_prompts,
    "log": lambda _: read_log("learner"),
    "table": lambda name: read_sheets(Path(name)),
    "matrix": _ask_matrix,
    "accept": _ask_accept,
    "accept-while-another-writes": _ask_accept_while_another_writes,
    "accept-and-change-more": _ask_accept_and_change_more,
}
"""What a case can ask for; without a word of it, the portfolio `learner`."""


def problems_of(case: BrokenCase, folder: Path) -> KsbtrackError:
    """Give the error that a case ends with, asked from the folder in which it is laid out."""
    lay_out(case, folder)
    question, words = case.question
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        with pytest.raises(KsbtrackError) as raised:
            ASKED[question](words)
    return raised.value


def contents(folder: Path) -> dict[str, bytes | None]:
    """Give everything below a folder by path; None for what is no ordinary file, and for the largest."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        if path.is_file() and not path.is_symlink() and path.stat().st_size < LARGE
        else None
        for path in sorted(folder.rglob("*"))
    }


def test_the_sound_folder_is_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So each message is the fault of its case alone."""
    lay_out(BrokenCase("", "", []), tmp_path)
    monkeypatch.chdir(tmp_path)
    files = [("policy", "policy.yaml"), ("profile", "profile.yaml"), ("crosswalk", "EX0001 ST0148")]
    for question, words in (("portfolio", ""), ("standard", "EX0001@1.0"), *files):
        ASKED[question](words)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}: {case.name}")
def test_a_broken_input_gives_its_exact_message_and_changes_nothing(case: BrokenCase, tmp_path: Path) -> None:
    error = problems_of(case, tmp_path)
    before = contents(tmp_path)

    assert str(error) == case.message
    assert case.code in [problem.code for problem in error.problems]
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(tmp_path)
        with pytest.raises(KsbtrackError) as again:
            ASKED[case.question[0]](case.question[1])
    assert again.value.problems == error.problems
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.question[0] == "portfolio"], ids=lambda case: f"{case.code}: {case.name}"
)
def test_the_command_says_the_same_and_never_shows_a_traceback(
    case: BrokenCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(case, tmp_path)
    monkeypatch.chdir(tmp_path)
    policy = ["--policy", "policy.yaml"] if Path("policy.yaml").exists() else []
    overlays = [part for name in _overlays() for part in ("--overlay", name)]
    day = case.question[1] or ON.isoformat()
    code = main(["check", "learner", "--on", day, "--standards", "standards", *overlays, *policy])
    out, err = capsys.readouterr()

    problems, _, count = err.rstrip("\n").rpartition("\n")
    assert (code, out, problems) == (2, "", case.message)
    assert count in ("1 problem", f"{len(case.message.splitlines()) // 2:,} problems")


def test_no_message_shows_a_character_that_cannot_be_seen() -> None:
    assert all(line.isprintable() for case in CASES for line in case.message.splitlines())


def written_codes() -> Iterator[tuple[str, str]]:
    """Yield each problem code in the sources with the place that has it."""
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for code in _codes_in(node):
                yield code, f"{path.relative_to(ROOT).as_posix()}:{getattr(node, 'lineno', 0)}"


def _codes_in(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        found = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "code"]
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        place = PLACE_OF_CODE.get(name)
        named = [keyword.value for keyword in node.keywords if keyword.arg == "code" and name == "Problem"]
        found = named or ([] if place is None or len(node.args) <= place else [node.args[place]])
    else:
        return
    for value in found:
        if isinstance(value, ast.Subscript):
            continue
        for part in ast.walk(value):
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and re.fullmatch(CODE, part.value):
                yield part.value


PLACE_OF_CODE = {"Problem": 0, "refuse": 0, "note": 0, "stop": 0, "_matching": 1}
"""The functions that are given a problem code, and which of their arguments it is."""
CODE = r"[a-z]+(-[a-z0-9]+)*"


def test_every_code_in_the_sources_has_a_broken_input() -> None:
    codes = dict(written_codes())
    assert len(codes) > 50
    assert set(codes) == {path.stem for path in BROKEN.glob("*.txt")}


def test_every_problem_is_made_with_a_code_that_can_be_found() -> None:
    """A code that is put together at run time would have neither page nor broken input."""
    hidden = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "Problem":
                continue
            if not list(_codes_in(node)):
                hidden.append(f"{path.name}: {ast.unparse(node.args[0])}")

    # The values' readers and the YAML builder pass on the codes that `PLACE_OF_CODE` finds.
    assert hidden == ["checked.py: context['code']", "yamlfile.py: code"]


def documented() -> dict[str, str]:
    """Give the text of each problem's section in docs/problems.md by its code."""
    _, *sections = re.split(r"^### `([a-z0-9-]+)`\n", DOCS.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(sections[::2], sections[1::2], strict=True))


DOCS = ROOT / "docs" / "problems.md"


def test_every_code_has_its_section_with_a_message_that_a_broken_input_gives() -> None:
    sections = documented()
    assert set(sections) == set(dict(written_codes()))
    for code, text in sections.items():
        (example,) = re.findall(r"^```\n(.*?)\n```$", text, flags=re.MULTILINE | re.DOTALL)
        messages = "\n".join(case.message for case in CASES if case.code == code)
        assert f" {code}: found " in example
        assert example in messages, f"docs/problems.md shows a message of {code} that nothing gives"
        before, after = text.split("```\n" + example + "\n```")
        assert len(before.split()) > 3
        assert "**To mend it:** " in after


def test_the_limits_on_the_page_are_those_of_the_code() -> None:
    sections = documented()
    for code, limits in {
        "file-too-large": ("1 MiB", "256 KiB", "4 MiB"),
        "yaml-too-deep": (f"{MAX_DEPTH} levels",),
        "yaml-too-many": (f"{MAX_NODES:,} keys",),
        "too-many-accents": (f"{MAX_MARKS} accents",),
        "text-too-long": (f"{MAX_NAME} characters", f"{MAX_TEXT:,}"),
        "too-many": (f"{MAX_LIST:,} entries", f"{MAX_FILES} files"),
        "bad-date": (f"before {FIRST_YEAR} or after {LAST_YEAR}",),
        "too-many-rows": (f"{MAX_LOG_ROWS:,} rows",),
        "table-too-large": (f"{MAX_ROWS:,} rows", f"{MAX_COLUMNS:,} columns", f"{MAX_CELLS:,} cells", f"{MAX_CELL:,}"),
        "too-many-files": (f"{MAX_PIECES:,} pieces", f"{MAX_ENTRIES:,} files", f"{MAX_FOLDER_FILES:,}"),
        "pdf-too-large": (f"{MAX_PDF_PAGES:,} pages",),
        "too-many-pages": (f"{MAX_SHOWN_PAGES} pages",),
        "file-too-costly": (f"{TASK_SECONDS} seconds",),
        "image-too-large": (f"{MAX_PIXELS // 1_000_000} million pixels", f"{MAX_FRAMES} frames"),
        "attachment-too-large": (f"{MAX_ATTACHMENT_BYTES // 1024**3} GiB",),
        "extends-too-long": (f"{MAX_LINEAGE} standards",),
        "contradiction": (f"{HOURS_IN_A_DAY} hours",),
    }.items():
        text = " ".join(sections[code].split())
        assert all(limit in text for limit in limits), code
    assert (MAX_BYTES, MAX_PIECE_BYTES, MAX_LOG_BYTES) == (1024**2, 256 * 1024, 4 * 1024**2)
