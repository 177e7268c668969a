"""Standards drawn with hostile words, and what of a standard comes back from a format that holds only a part."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from hypothesis import strategies as st

from ksbtrack.formats.drafts import standard_of
from ksbtrack.formats.losses import Part, whole
from ksbtrack.load.standards import as_loaded
from ksbtrack.models.drafting import Draft, TreeItem
from ksbtrack.models.importing import Given
from ksbtrack.models.standard import Competency, CompetencyKind, Group, Standard
from ksbtrack.models.values import Known

Plain = dict[str, Any]

HOSTILE = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    '=HYPERLINK("http://example.org","x")',
    "+1-1",
    "-2",
    "@SUM(A1)",
    "'=1+1",
    'Say "yes", then \\"no\\"',
    "ends with a backslash \\",
    "&amp;lt;b&amp;gt; &nbsp; &#65; &copy",
    "one line\nanother\n\nand one more",
    "two  spaces,   three\tand a tab",
    "non-breaking\u00a0space and zero\u200dwidth joiner",
    "שלום עולם, مرحبا",
    "naïve cafe\u0301 🦊 ﬁ",
    "already short…",
    "K1",
    "null",
    "%2C, %",
    "]]> <!-- --> <?php ?>",
    "a" * 300,
    "word " * 60,
)
"""Words that one format or another takes for more than words."""
# What no file of ours may hold can be in no standard either.
_LETTERS = st.characters(
    exclude_categories=("Cs", "Cc", "Mn", "Me"),
    exclude_characters="\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff",
    include_characters="\n\t",
)
PROSE = st.one_of(st.sampled_from(HOSTILE), st.text(_LETTERS, min_size=1, max_size=80)).filter(
    lambda text: text.strip()
)
LINES = PROSE.map(lambda text: " ".join(text.split())[:200]).filter(lambda text: text.strip())
PREFIXES = (
    ("K", "knowledge"),
    ("S", "skill"),
    ("B", "behaviour"),
    ("D", "duty"),
    ("KS", "knowledge_and_skill"),
    ("G7", "duty"),
    ("TK", "knowledge"),
    ("ESB", "employability"),
)


@st.composite
def groups(draw: st.DrawFn) -> list[Plain]:
    """Draw groups whose statements have codes with gaps, some of them under one prefix."""
    drawn, used = [], set()
    for prefix, kind in draw(st.lists(st.sampled_from(PREFIXES), min_size=1, max_size=4)):
        numbers = draw(st.lists(st.integers(1, 30), max_size=4, unique=True))
        stem = f"{prefix}." if prefix[-1].isdigit() else prefix
        codes = [f"{stem}{number}" for number in numbers if f"{stem}{number}" not in used]
        used.update(codes)
        statements = [
            {
                "code": code,
                "text": draw(PROSE),
                "trust": draw(st.sampled_from(["not_stated", "official", "reconstructed"])),
                "desirable": draw(st.booleans()),
                "guid": draw(st.none() | st.uuids(version=4).map(str)),
            }
            for code in codes
        ]
        drawn.append(
            {
                "prefix": prefix,
                "kind": kind,
                "title": draw(LINES),
                "note": draw(st.none() | LINES),
                "statements": statements,
            }
        )
    if not used:
        drawn.append({"prefix": "X", "kind": "experience", "title": "X", "statements": [{"code": "X1", "text": "x"}]})
    return drawn


@st.composite
def standards(draw: st.DrawFn) -> Standard:
    """Draw a standard with every part that an exchange could lose."""
    plain_groups = draw(groups())
    codes = [statement["code"] for group in plain_groups for statement in group["statements"]]
    aliases = iter(draw(st.lists(LINES, max_size=6, unique_by=str.casefold)))
    for group in plain_groups:
        for statement in group["statements"]:
            statement["aliases"] = [name for name in (next(aliases, None), next(aliases, None)) if name]
            statement["pairs_with"] = draw(st.none() | st.sampled_from(codes))
    options = [
        {"id": f"way_{number}", "title": draw(LINES), "guid": draw(st.none() | st.uuids(version=4).map(str))}
        for number in range(draw(st.integers(0, 2)))
    ]
    names = [option["id"] for option in options]
    duties = [
        {
            "code": f"D{number}",
            "text": draw(PROSE),
            "competencies": draw(st.lists(st.sampled_from(codes), max_size=3, unique=True)),
            "core": draw(st.booleans()),
            "options": draw(st.lists(st.sampled_from(names), unique=True)) if names else [],
            "guid": draw(st.none() | st.uuids(version=4).map(str)),
        }
        for number in range(1, draw(st.integers(0, 3)) + 1)
    ]
    return as_loaded(
        Standard.model_validate(
            {
                "reference": draw(st.sampled_from(["ST9001", "XX9002"])),
                "version": draw(st.sampled_from(["1.0", "1.10", "2008-06", "unknown"])),
                "title": draw(LINES),
                "kind": draw(st.sampled_from(["apprenticeship", "profile"])),
                "level": draw(st.sampled_from([None, "3", "E2"])),
                "lars_code": draw(st.sampled_from([None, 0, 403])),
                "minimum_hours": draw(st.sampled_from([None, "605"])),
                "earliest_start": draw(st.sampled_from([None, "2024-02-29"])),
                "attribution": draw(PROSE),
                "sources": draw(st.lists(PROSE, max_size=2)),
                "overview": [{"name": "Route", "value": draw(PROSE)}],
                "groups": plain_groups,
                "options": options,
                "duties": duties,
                "methods": [{"id": "talk", "title": "Talk", "form": draw(PROSE), "assesses": codes[:1]}],
                "requirements": [
                    {"id": "all", "title": draw(LINES), "rule": "every_statement", "source": draw(PROSE)},
                ],
            }
        )
    )


def kept(standard: Standard, held: Collection[Part]) -> Standard:
    """Give what must come back of a standard from a format that holds these parts, its sources left out."""
    own = whole(standard)
    blank = _blank(own)
    update: Plain = {
        "level": own.level if Part.LEVEL in held else None,
        "lars_code": own.lars_code if Part.LARS_CODE in held else None,
        "plan": None,
        "regime": None,
        "minimum_hours": None,
        "earliest_start": None,
        "latest_start": None,
        "attribution": own.attribution if Part.ATTRIBUTION in held else blank.attribution,
        "sources": (),
        "overview": (),
        "methods": (),
        "requirements": blank.requirements,
        "sufficiency": None,
        "kind": own.kind if Part.LEVEL in held else blank.kind,
        "groups": tuple(_kept_group(group, held) for group in own.groups if group.statements),
        "options": own.options if Part.OPTIONS in held else (),
        "duties": own.duties if Part.DUTIES in held else (),
    }
    if Part.LEVEL in held:
        update["requirements"] = _blank(own, keeps_kind=True).requirements
    return as_loaded(own.model_copy(update=update))


def _blank(own: Standard, *, keeps_kind: bool = False) -> Standard:
    """Give what an import makes of reference and version alone."""
    item = TreeItem("one", "one", "one", code="K1", kind=CompetencyKind.KNOWLEDGE)
    draft = Draft("title", (item,), own.reference, own.version, own.kind if keeps_kind else None)
    standard = standard_of(draft, Given()).standard
    assert standard
    return standard


def _kept_group(group: Group, held: Collection[Part]) -> Group:
    return group.model_copy(
        update={
            "note": group.note if Part.GROUP_NOTES in held else None,
            "codes_trust": Known.OFFICIAL,
            "trust": Known.NOT_STATED,
            "statements": tuple(_kept_statement(statement, held) for statement in group.statements),
        }
    )


def _kept_statement(statement: Competency, held: Collection[Part]) -> Competency:
    first = statement.aliases[:1] if Part.ALIASES in held else ()
    return statement.model_copy(
        update={
            "trust": Known.NOT_STATED,
            "trust_note": None,
            "desirable": False,
            "sufficiency": None,
            "aliases": statement.aliases if Part.FURTHER_ALIASES in held else first,
            "pairs_with": statement.pairs_with if Part.PAIRS in held else None,
            "guid": statement.guid if Part.GUIDS in held else None,
        }
    )
