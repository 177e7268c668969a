"""docs/preflight.md explains every check, profile and key, and its examples are what the checks say."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest

from ksbtrack.formats.preflight_json import SCHEMA_VERSION, preflight_schema
from ksbtrack.load.profiles import load_profile
from ksbtrack.models.profile import PLACEHOLDERS, Asking
from ksbtrack.models.submission import Verdict
from ksbtrack.submission.checks import CHECKS
from ksbtrack.submission.files import USUAL
from ksbtrack.submission.words import WORDS
from preflight_cases import FOLDER, read_checks, result_of, shipped_profiles

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "preflight.md").read_text(encoding="utf-8")
NAMES = [check.__name__ for check in CHECKS]
PARTS = ["Asked for by", "To mend it", "Example"]


def chapter(heading: str) -> str:
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found.group(1)


def section(check: str) -> str:
    found = re.search(rf"^### `{check}`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, check
    return " ".join(found.group(1).split())


@lru_cache
def reasons(check: str) -> set[str]:
    """Give every reason that a check gives in any of its cases."""
    cases = read_checks(FOLDER / f"{check}.yaml")
    return {finding.reason for plain in cases for finding in result_of(check, plain).findings if finding.rule == check}


def asked_by(check: str) -> str:
    """Give the profiles that ask for a check by themselves, with their numbers, as the page should say it."""
    common = load_profile("common").checks.of(check)
    said = []
    for profile in shipped_profiles():
        asked = profile.checks.of(check)
        if asked is None or (profile.id != "common" and asked == common):
            continue
        values = asked.model_dump(mode="json", exclude={"source", "asked", "note"})
        words = [
            f"{name.replace('_', ' ')} {', '.join(value) if isinstance(value, list) else value}"
            for name, value in values.items()
            if value
        ]
        words += ["not known whether it is asked for"] if asked.asked is Asking.UNKNOWN else []
        said.append(f"`{profile.id}`" + (f" ({'; '.join(words)})" if words else ""))
    return ", ".join(said)


def test_each_check_has_its_heading_in_the_order_in_which_they_are_asked() -> None:
    assert re.findall(r"^### `(\w+)`$", chapter("The checks"), re.MULTILINE) == NAMES


@pytest.mark.parametrize("check", NAMES)
def test_a_check_is_explained(check: str) -> None:
    text = section(check)
    assert text.startswith(f"**{WORDS[check].title}.** ")
    assert re.findall(r"- \*\*(.+?):\*\*", text) == PARTS
    assert f"- **Asked for by:** {asked_by(check)} - **To mend it:**" in text
    example = re.search(r'- \*\*Example:\*\* "(.+)"$', text)
    assert example, "an example is one sentence in quotation marks"
    assert example.group(1) in reasons(check)


def test_each_profile_has_its_row_with_what_its_own_sources_say() -> None:
    rows = dict(re.findall(r"^\| `([a-z0-9-]+)` \| (.+) \|$", chapter("The profiles"), re.MULTILINE))
    assert list(rows) == [profile.id for profile in shipped_profiles()]
    taken = {source.id for source in load_profile("common").sources}
    for profile in shipped_profiles():
        own = [source for source in profile.sources if profile.id == "common" or source.id not in taken]
        assert rows[profile.id] == " ".join(f"{source.title}: {' '.join(source.says.split())}" for source in own)


def test_the_profile_on_the_page_works_and_does_what_its_comments_say(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "our-college.yaml").write_text(example, "utf-8")
    own = load_profile("our-college", folders=[tmp_path])
    assert (own.fewest_pieces, own.most_pieces) == (10, 12)
    assert own.checks.untypical_number_of_pieces is None
    assert own.checks.kind_not_taken == load_profile("cmi").checks.kind_not_taken
    assert own.checks.ai_use_not_declared
    assert own.checks.ai_use_not_declared.asked is Asking.YES


def test_words_of_verdicts_names_formats_and_keys_are_those_of_the_code() -> None:
    table = re.findall(r"^\| \*\*(.+?)\*\* \| `(\w+)` \|", chapter("The verdict"), re.MULTILINE)
    assert {value: words for words, value in table} == {verdict.value: verdict.words for verdict in Verdict}
    assert set(re.findall(r"`\{(\w+)\}`", chapter("The profiles"))) == set(PLACEHOLDERS)
    assert f"list is ours: {', '.join(sorted(USUAL))}. Of" in section("unusual_format")
    keys = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.+?) \|", chapter("The JSON"), re.MULTILINE)))
    assert keys == list(preflight_schema()["properties"])
    assert f"`{SCHEMA_VERSION}`" in chapter("The JSON")


def test_the_python_on_the_page_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).resolve().parent.parent)
    (program,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(program, "docs/preflight.md", "exec"), {})
    assert capsys.readouterr().out.startswith("Nothing found Of 34 checks, none finds a fault.")
