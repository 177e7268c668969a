"""A change to YAML changes what is meant and nothing else, whatever the layout."""

from __future__ import annotations

import difflib
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ksbtrack.cli import main
from ksbtrack.formats.additions import add_piece, new_portfolio
from ksbtrack.formats.portfolio_folder import new_portfolio_text
from ksbtrack.formats.yaml_edit import Tree, with_entry, with_keys
from ksbtrack.load import load_portfolio, load_standard
from ksbtrack.problems import KsbtrackError
from ksbtrack.yamlfile import decode, parse_yaml

DAY = date(2026, 3, 10)
ACCEPTED: dict[str, str | date | None] = {
    "state": "accepted",
    "by": "Ann O'Brien, assessor: level 3",
    "on": DAY,
    "comment": None,
    "fingerprint": "ab1",
}
CONFIRMED: dict[str, Tree] = {"by": "employer", "name": 'Pat "P" Smith #1', "on": DAY, "covers": ("E01", "E02")}


def plain(text: str) -> Any:
    """Give what our reader reads from a text."""
    return parse_yaml(decode(text.encode(), "text"), "text").value


def lines_changed(before: str, after: str) -> list[str]:
    """Give the lines that are taken out or put in."""
    compared = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [line for line in compared if line[0] in "+-"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("id: E\nacceptance: {state: draft}\n", "id: E\nacceptance: {state: accepted, on: 2026-03-10}\n"),
        (
            "id: E\nacceptance:   # soon\nx: 1\n",
            "id: E\nacceptance:   # soon\n  state: accepted\n  on: 2026-03-10\nx: 1\n",
        ),
        ("id: E", "id: E\nacceptance:\n  state: accepted\n  on: 2026-03-10"),
        ("acceptance: {}\nid: E\n", "acceptance: {state: accepted, on: 2026-03-10}\nid: E\n"),
        ("{id: E}\n", "{id: E, acceptance: {state: accepted, on: 2026-03-10}}\n"),
        ("acceptance: {on: , state: 'draft'}\n", "acceptance: {on: 2026-03-10, state: 'accepted'}\n"),
        ('acceptance: {on: "2026-03-01", state: x,}\n', 'acceptance: {on: "2026-03-10", state: accepted,}\n'),
        ("acceptance:\n  on:\n  state: draft\n", "acceptance:\n  on: 2026-03-10\n  state: accepted\n"),
        ("acceptance: ~\nid: E\n", "acceptance: {state: accepted, on: 2026-03-10}\nid: E\n"),
        (
            "acceptance:\r\n      state:   draft   # by post\r\nid: E\r\n",
            "acceptance:\r\n      state:   accepted   # by post\r\n      on: 2026-03-10\r\nid: E\r\n",
        ),
        (
            "? acceptance\n: state: draft\n? id\n: E\n",
            "? acceptance\n: state: accepted\n  on: 2026-03-10\n? id\n: E\n",
        ),
        (
            "acceptance: {\n  state: draft,  # one\n  by: Ann  # two\n  }\n",
            "acceptance: {\n  state: accepted,  # one\n  by: Ann, on: 2026-03-10  # two\n  }\n",
        ),
    ],
)
def test_keys_of_a_mapping_are_set_in_its_manner(before: str, after: str) -> None:
    assert with_keys(before, ("acceptance",), {"state": "accepted", "on": DAY}) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: {comment: x, b: 1}\n", "a: {b: 1}\n"),
        ("a: {b: 1, comment: x}\n", "a: {b: 1}\n"),
        ("a: {b: 1, comment: 'x, y' , c: 2}\n", "a: {b: 1, c: 2}\n"),
        ("a:\n  b: 1\n  comment: >-\n    x\n\n    y\nc: 2\n", "a:\n  b: 1\nc: 2\n"),
        ("a:\n  comment: x\n  # about b\n  b: 1\n", "a:\n  # about b\n  b: 1\n"),
        ("- comment: x\n  b: 1\n", "- b: 1\n"),
        ("a: {comment: x,}\n", "a: {}\n"),
        ("a:\n  comment: x\nc: 2\n", "a: {}\nc: 2\n"),
        ("a:\n  b: 1\n", "a:\n  b: 1\n"),
    ],
)
def test_a_key_that_is_taken_out_goes_with_its_lines_or_its_comma(before: str, after: str) -> None:
    path = (0,) if before.startswith("-") else ("a",)
    assert with_keys(before, path, {"comment": None}) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\n", "a: 1\nr:\n  c:\n    - by: x\n      on: 2026-03-10\n"),
        ("r:\na: 1\n", "r:\n  c:\n    - by: x\n      on: 2026-03-10\na: 1\n"),
        ("r: {}\n", "r: {c: [{by: x, on: 2026-03-10}]}\n"),
        ("r:\n  c: []\n", "r:\n  c: [{by: x, on: 2026-03-10}]\n"),
        ("r:\n  c:\n  d: 1\n", "r:\n  c:\n    - by: x\n      on: 2026-03-10\n  d: 1\n"),
        ("r:\n  c: [{by: y},]\n", "r:\n  c: [{by: y}, {by: x, on: 2026-03-10},]\n"),
        ("r:\n  c:\n  - {by: y} # 1\n\nd: 1\n", "r:\n  c:\n  - {by: y} # 1\n  - {by: x, on: 2026-03-10}\n\nd: 1\n"),
        ("r:\n  c:\n    - by: y\n# end", "r:\n  c:\n    - by: y\n    - by: x\n      on: 2026-03-10\n# end"),
        ("r:\n c:\n - by: |\n    y\n\nd: 1\n", "r:\n c:\n - by: |\n    y\n - by: x\n   on: 2026-03-10\n\nd: 1\n"),
        ("r:\n c:\n - by: |+\n    y\n\nd: 1\n", "r:\n c:\n - by: |+\n    y\n\n - by: x\n   on: 2026-03-10\nd: 1\n"),
        ("r: {q: 1}\n", "r: {q: 1, c: [{by: x, on: 2026-03-10}]}\n"),
    ],
)
def test_an_entry_is_added_in_the_manner_of_the_one_before(before: str, after: str) -> None:
    assert with_entry(before, ("r", "c"), {"by": "x", "on": DAY}) == after


# Any layout

WORDS = st.sampled_from(
    ["plan", "'it''s'", '"a, b: c"', "Zoë 😀", "2024-01-05", "no", "[a, b]", "{x: 1, y: }", "~", ""]
)
REMARK = st.sampled_from(["", "  # a remark", " # {not: yaml", "   "])
GAP = st.sampled_from(["", "\n", "# a line of its own\n", "\n\n  # indented\n"])
VALUE = st.sampled_from(["draft", "'draft'", '"draft"', "", "~", "Zoë 😀", "a\n{indent}  longer line"])
BLOCK_VALUE = st.one_of(
    VALUE,
    st.sampled_from(
        ["|\n{indent}  two\n{indent}  lines\n\n", "|+\n{indent}  kept\n\n", ">-\n{indent}  folded\n\n{indent}  text"]
    ),
)
KEYS = st.lists(st.sampled_from(["state", "by", "role", "on", "comment", "fingerprint"]), unique=True)


@st.composite
def others(draw: st.DrawFn, prefix: str) -> str:
    """Give lines with other keys, with remarks and gaps between them."""
    count = draw(st.integers(0, 3))
    lines = [f"{prefix}{n}: {draw(WORDS)}{draw(REMARK)}\n{draw(GAP)}" for n in range(count)]
    return draw(GAP) + "".join(lines)


@st.composite
def block(draw: st.DrawFn, keys: list[str], indent: str) -> str:
    """Give the lines of a mapping."""
    lines = []
    for key in keys:
        value = draw(BLOCK_VALUE).replace("{indent}", indent)
        remark = draw(REMARK) if "\n" not in value else ""
        lines.append(f"{indent}{key}: {value}{remark}\n")
    return "".join(lines)


@st.composite
def braces(draw: st.DrawFn, keys: list[str]) -> str:
    """Give a mapping between braces, on one line or more."""
    comma = draw(st.sampled_from([", ", ",", " ,  ", ",\n    ", ", # why\n    "]))
    values = [f"{key}: {draw(VALUE).replace('{indent}', '    ')}" for key in keys]
    return "{" + comma.join(values) + draw(st.sampled_from(["}", " }", ",}" if keys else "}", "\n  }"]))


@st.composite
def mapping(draw: st.DrawFn) -> str:
    """Give the acceptance of a piece in any layout, or none."""
    keys = draw(KEYS)
    style = draw(st.sampled_from(["none", "nothing", "block", "braces", "quoted key"]))
    if style == "none":
        return ""
    if style == "nothing" or (style == "block" and not keys):
        return f"acceptance:{draw(REMARK)}\n"
    if style == "block":
        return f"acceptance:{draw(REMARK)}\n" + draw(block(keys, draw(st.sampled_from([" ", "  ", "       "]))))
    key = '"acceptance"' if style == "quoted key" else "acceptance"
    return f"{key}: {draw(braces(keys))}{draw(REMARK)}\n"


def remarks(text: str) -> list[str]:
    return re.findall(r"# [a-z{][^\n]*", text)


@given(others("a"), mapping(), others("z"), st.sampled_from(["\n", "\r\n"]))
def test_only_the_mapping_changes_and_it_says_what_is_meant(head: str, old: str, tail: str, end: str) -> None:
    # Empty lines after a key that is taken out would become part of such a text; the caller reads back and refuses.
    assume(not ("|+" in old and "comment" in old))
    text = f"id: E{end}" + (head + old + tail).replace("\n", end)
    value = plain(text)

    changed = with_keys(text, ("acceptance",), ACCEPTED)

    kept = {key: part for key, part in (value.get("acceptance") or {}).items() if key not in ACCEPTED}
    said = {key: part if isinstance(part, str) else str(part) for key, part in ACCEPTED.items() if part}
    assert plain(changed) == value | {"acceptance": kept | said}
    if old:
        assert changed.startswith(f"id: E{end}" + head.replace("\n", end))
        assert changed.endswith((tail.lstrip("\n") if "|+" in old else tail).replace("\n", end))
    else:
        assert not [line for line in lines_changed(text, changed) if line[0] == "-"]
    lost = remarks(text)[:]
    for remark in remarks(changed):
        if remark in lost:
            lost.remove(remark)
    assert not lost or any("comment" in line for line in lines_changed(text, changed) if line[0] == "-")
    assert ("\r" in changed) == (end == "\r\n")
    assert end == "\n" or not re.search(r"(?<!\r)\n", changed)


@given(others("a"), st.data(), others("z"), st.booleans())
def test_only_one_entry_is_added_to_a_list(head: str, data: st.DataObject, tail: str, is_flow: bool) -> None:
    count = data.draw(st.integers(1, 3))
    if is_flow:
        entries = data.draw(st.sampled_from([", ", ",\n    "])).join(data.draw(braces(["by"])) for _ in range(count))
        old = f"  confirmations: [{entries}]\n"
    else:
        entries = "".join("    - " + data.draw(block(["by", "name"], "      "))[6:] for _ in range(count))
        old = f"  confirmations:{data.draw(REMARK)}\n{entries}"
    inner = "".join(f"  {line}\n" if line.strip() else "\n" for line in tail.splitlines())
    text = f"{head}records:\n{old}{inner}"
    value = plain(text)

    changed = with_entry(text, ("records", "confirmations"), CONFIRMED)

    given_before = value["records"].pop("confirmations")
    entry = CONFIRMED | {"on": "2026-03-10", "covers": ["E01", "E02"]}
    now = plain(changed)
    assert now["records"].pop("confirmations") == [*given_before, entry]
    assert now == value
    assert changed.startswith(f"{head}records:\n")
    assert changed.endswith(inner.lstrip("\n") if "|+" in text else inner)
    assert remarks(changed) == remarks(text) + (["# 1"] if "# 1" in remarks(changed) else [])


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40), st.sampled_from(["{}", ""]))
def test_any_text_comes_back_word_for_word(text: str, old: str) -> None:
    try:
        decode(text.encode(), "text")
    except KsbtrackError:
        assume(False)
    changed = with_keys(f"a: {old}\n", ("a",), {"by": text})
    assert plain(changed) == {"a": {"by": text}}


# What `ksbtrack new` writes, with all its remarks

PROPOSAL = re.compile(r"(?m)^( *)# ( *(?:\w+:|- \{).*)$")
WRITTEN = ("# records:", "#   confirmations:")
PLACEHOLDERS = (("YYYY-MM-DD", "2024-01-01"), ("NNNNNNNNNN", "9999999999"), ("NN", "37"), (": N\n", ": 5\n"))


def used(text: str, *, apart_from: tuple[str, ...] = ()) -> str:
    """Give a text in which each remark that proposes something is used."""
    text = PROPOSAL.sub(lambda found: found[0] if found[0].startswith(apart_from or "-") else found[1] + found[2], text)
    for placeholder, value in PLACEHOLDERS:
        text = text.replace(placeholder, value)
    return text


@pytest.fixture(params=["ST0148", "XS10b"])
def fresh(request: pytest.FixtureRequest) -> str:
    """Give the text of a portfolio.yaml as `ksbtrack new` writes it."""
    return new_portfolio_text(load_standard(request.param), "Wick Lumen", date(2023, 9, 4))


def test_every_remark_of_a_new_portfolio_can_be_used_after_records_are_written(fresh: str) -> None:
    meant = plain(used(fresh))
    meant["records"]["confirmations"] = meant["records"].get("confirmations", [])
    assert {"dates", "records", "showcase", "also"} <= meant.keys() and "planned_gateway" in meant["dates"]
    entries: list[dict[str, Any]] = []
    text = fresh
    for party in ("employer", "provider"):
        text = with_entry(text, ("records", "confirmations"), {"by": party, "name": "Example Name", "on": DAY})
        entries.append({"by": party, "name": "Example Name", "on": "2026-03-10"})
        assert plain(text) == {**plain(fresh), "records": {"confirmations": entries}}
        assert all(line.startswith("+ ") for line in lines_changed(fresh, text))
        found = plain(used(text, apart_from=WRITTEN))
        given = found["records"].pop("confirmations")
        assert given == entries + meant["records"]["confirmations"]
        assert found == {**meant, "records": {k: v for k, v in meant["records"].items() if k != "confirmations"}}


def test_each_remark_of_a_new_portfolio_can_be_used_alone(fresh: str) -> None:
    text = with_entry(fresh, ("records", "confirmations"), {"by": "employer", "name": "Example Name", "on": DAY})
    tried = 0
    for found in PROPOSAL.finditer(text):
        if found[0].startswith((*WRITTEN, "#     - ", "#   qualifications:")):
            continue
        alone = text[: found.start()] + found[1] + found[2] + text[found.end() :]
        assert "confirmations" in plain(used_placeholders(alone))["records"]
        key = found[2].strip().partition(":")[0]
        place = {"  ": "learner" if found.start() < text.index("\nstandard:") else "dates", "": None}[found[1]]
        place = "records" if found[2].startswith("  ") else place
        value = plain(used_placeholders(alone))
        assert key in (value[place] if place else value), found[0]
        tried += 1
    assert tried > 10


def used_placeholders(text: str) -> str:
    """Give a text with values where a new portfolio asks for some."""
    for placeholder, value in PLACEHOLDERS:
        text = text.replace(placeholder, value)
    return text


def test_the_command_confirm_keeps_the_remarks_of_a_new_portfolio_where_they_belong(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    new_portfolio(folder, load_standard("ST0148"), "Wick Lumen", date(2023, 9, 4))
    head = folder / "portfolio.yaml"
    add_piece(folder, {"title": "Plan", "kind": "project", "date": "2024-01-15", "claims": ["K1"]}, [])
    person = ("--by", "Pat Example", "--role", "employer", "--job-role", "Line manager")
    assert main(("confirm", str(folder), *person, "--on", "2024-09-20", "--covers", "E01")) == 0
    head.write_text(head.read_text().replace("  # planned_gateway: YYYY-MM-DD", "  planned_gateway: 2024-09-20"))
    loaded = load_portfolio(folder)
    assert loaded.dates.planned_gateway == date(2024, 9, 20)
    assert [record.name for record in loaded.records.confirmations] == ["Pat Example"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n  b: 1\n  # c: 2\n", "a:\n  b: 1\n  # c: 2\nr:\n  s: x\n"),
        ("a:\n  b: 1\n\n  # c: 2\n\n# about d\n#d: 3\n", "a:\n  b: 1\n\n  # c: 2\nr:\n  s: x\n\n# about d\n#d: 3\n"),
        ("a:\n  b: 1\n# r:\n#   s: old\nd: 3\n", "a:\n  b: 1\n# r:\nr:\n#   s: old\n  s: x\nd: 3\n"),
        ("a: 1\r\n# r: {s: old}  # why\r\n# d: 3", "a: 1\r\n# r: {s: old}  # why\r\nr:\r\n  s: x\r\n# d: 3"),
        ("a: |\n  text\n  # text\n# r:\n", "a: |\n  text\n  # text\n# r:\nr:\n  s: x\n"),
        ("a: 1\n# record: no\n# r:not\n", "a: 1\nr:\n  s: x\n# record: no\n# r:not\n"),
        ("r:\n  t: 1\n#   s: old\n# d: 3\n", "r:\n  t: 1\n#   s: old\n  s: x\n# d: 3\n"),
        ("r:\n  t:\n    - 1\n    # - 2\n  # u: 3\n", "r:\n  t:\n    - 1\n    # - 2\n  s: x\n  # u: 3\n"),
    ],
)
def test_a_new_key_stands_behind_the_remarks_that_belong_to_what_is_before_it(before: str, after: str) -> None:
    assert with_keys(before, ("r",), {"s": "x"}) == after


def test_a_new_entry_stands_behind_the_remarks_of_the_entry_before_it() -> None:
    before = "a:\n  - b: 1\n    # c: 2\n  # - b: 3\n"
    assert with_entry(before, ("a",), {"b": "4"}) == 'a:\n  - b: 1\n    # c: 2\n  - b: "4"\n  # - b: 3\n'
