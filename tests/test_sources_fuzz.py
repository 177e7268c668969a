"""Whatever a file of another format holds, reading it ends with standards that load, notes, or problems."""

from __future__ import annotations

import csv
import html
import io
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksbtrack.formats.catalogue_json import read_catalogue
from ksbtrack.formats.occupation_page import read_occupation_page
from ksbtrack.formats.occupational_maps import read_occupational_maps
from ksbtrack.formats.standard_yaml import standard_yaml
from ksbtrack.formats.standards_exchange import HEAD_BYTES
from ksbtrack.formats.statement_table import is_statement_table, read_statement_table
from ksbtrack.load import load_standard
from ksbtrack.models.importing import Given, Imported
from ksbtrack.problems import KsbtrackError
from source_files import ADDRESS, STATEMENTS, occupation, page, version

GIVEN = Given("ST9001", "1.2", "Example maker")
CODES = st.sampled_from(
    ["K1", "k 2", "K10", "S1", "B1", "TK1", "ESB2", "X1", "D1", "Duty 2", "1", "K1000", "", "K1, K2"]
)
WORDS = st.sampled_from(
    [
        "How",
        "K1: How",
        "Make (K1, S1)",
        "<b>x</b>",
        "<script>",
        "&amp;lt;",
        "Skills",
        "=1+1",
        " ",
        "\u202ex",
        "a\x00b",
        "x" * 300,
    ]
)
TEXTS = st.one_of(CODES, WORDS, st.text(max_size=12))
SCALARS = st.one_of(TEXTS, st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))


def values(keys: list[str]) -> st.SearchStrategy[Any]:
    return st.recursive(
        SCALARS,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4), st.dictionaries(st.one_of(st.sampled_from(keys), TEXTS), inner, max_size=5)
        ),
        max_leaves=14,
    )


def reads(read: Callable[[Path, Given], Iterator[Imported]], content: bytes, name: str) -> None:
    """Read a file, and load what is written of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            found = list(read(path, GIVEN))
        except KsbtrackError as error:
            assert all(line.isprintable() for line in str(error).splitlines())
            return
        for one in found:
            assert one.standard is not None or one.notes, "what is not taken says why"
            if one.standard is not None:
                text = standard_yaml(one.standard, one.notes, name)
                (Path(folder) / "standard.yaml").write_text(text, "utf-8")
                assert load_standard(one.standard.identity, folders=[folder]) == one.standard


@settings(max_examples=150, deadline=None)
@given(
    values(
        ["versions", "ksbs", "knowledge", "skills", "code", "text", "kind", "standardCode", "apprenticeshipVersions"]
    )
)
def test_any_json_as_a_list(value: Any) -> None:
    reads(read_catalogue, json.dumps(value).encode(), "list.json")


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(version())), values(["code", "kind", "statement"]), max_size=4))
def test_a_list_with_any_fields(changed: dict[str, Any]) -> None:
    reads(read_catalogue, json.dumps({"versions": [version(**changed)]}).encode(), "list.json")


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from(sorted(occupation())), values(["id", "detail", "skillId", "dutyId"]), max_size=4)
)
def test_an_occupation_with_any_fields(changed: dict[str, Any]) -> None:
    reads(read_occupational_maps, json.dumps(occupation(**changed)).encode(), "maps.json")


ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        ["class", "data-ksb-id", "data-ksb-text", "data-dutyid", "data-duty-title", "data-duty-details", "id"]
    ),
    st.one_of(st.sampled_from(["ksb-item", "duty-row", "7"]), TEXTS),
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["tr", "/tr", "span", "table", "/table", "<", "!--", "title", "h1"]), ATTRIBUTES),
        max_size=12,
    ),
    st.integers(0, 400),
)
def test_any_tags_in_a_page(tags: list[tuple[str, dict[str, str]]], cut: int) -> None:
    inner = "".join(
        f"<{name} " + " ".join(f'{key}="{html.escape(value)}"' for key, value in attributes.items()) + ">"
        for name, attributes in tags
    )
    whole = page(head=ADDRESS).replace("</table>", f"{inner}</table>").encode("utf-8", "replace")
    reads(read_occupation_page, whole, "page.html")
    reads(read_occupation_page, whole[: len(whole) - cut], "page.html")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.lists(
            st.one_of(TEXTS, st.sampled_from(["Code", "Statement", "Type", "Method", "Duties", "Pass"])), max_size=4
        ),
        max_size=10,
    ),
    st.sampled_from([",", "\t", ";"]),
    st.booleans(),
)
def test_any_table(rows: list[list[str]], delimiter: str, is_below_a_sound_one: bool) -> None:
    text = io.StringIO()
    sound = [["Code", "Statement"], *STATEMENTS.items()] if is_below_a_sound_one else []
    csv.writer(text, delimiter=delimiter).writerows([*sound, *rows])
    content = text.getvalue().encode("utf-8", "replace")
    is_statement_table(content[:HEAD_BYTES])
    reads(read_statement_table, content, "ksbs.csv")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
@pytest.mark.parametrize("read", [read_catalogue, read_occupational_maps, read_occupation_page, read_statement_table])
def test_any_bytes(read: Callable[[Path, Given], Iterator[Imported]], content: bytes) -> None:
    reads(read, content, "file")
