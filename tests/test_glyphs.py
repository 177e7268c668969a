"""Text made to fit the fonts that travel with ksbtrack."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from ksbtrack.report.glyphs import FACES, cover, font_css


@pytest.mark.parametrize(
    ("html", "covered", "replaced"),
    [
        ("plain <b>text</b>\n\t&amp; &lt; &nbsp; “quoted” – €", None, ""),
        ("Arabic السلام, Hebrew שלום, Greek Ω, e\u0302\u0303, 😀 ✓ 𝟘", None, ""),
        ("joined لا and می\u200cخواهم, so\u00adft", None, ""),
        ("你好 world", "[U+4F60, U+597D] world", "你好"),
        ("well done 👍🏽!", "well done [thumbs up sign]!", "👍"),
        ("👩\u200d💻", "[woman, personal computer]", "👩💻"),
        ("✔\ufe0f", "✔", ""),
        ("你" * 30, "[" + ", ".join(["U+4F60"] * 8) + " and 22 more]", "你" * 30),
        ("\ue000\U0010ffff\uffff\u0378", "[U+E000, U+10FFFF, U+FFFF, U+0378]", "\ue000\U0010ffff\uffff\u0378"),
        ("lone \ud83d", "lone [U+D83D]", "\ud83d"),
        ("a\x00b\x07c\x1b\x7f\x9fd\u2066e\ufff9f", "abcdef", ""),
        ("one\r\ntwo\rthree\u2028four\x85five", "one\ntwo\nthree\nfour\nfive", ""),
        ("&#x4f60;&#20320 &check; &#7;", "[U+4F60, U+4F60] &check; ", "你你"),
        ("&amp;#x4f60;", None, ""),
        ("&nvlt;", "&lt;[U+20D2]", "\u20d2"),
        ('<a title="你">x</a>', '<a title="[U+4F60]">x</a>', "你"),
    ],
)
def test_cover(html: str, covered: str | None, replaced: str) -> None:
    assert cover(html) == (html if covered is None else covered, tuple(replaced))


@given(st.text(alphabet=st.characters(exclude_characters="&")))
def test_covering_twice_changes_nothing_more(text: str) -> None:
    covered, _ = cover(text)
    assert cover(covered) == (covered, ())


@given(st.text())
def test_covering_never_makes_markup(text: str) -> None:
    covered, _ = cover(text)
    assert [c for c in covered if c in "<>\"'"] == [c for c in text if c in "<>\"'"]


def test_the_rules_name_every_face_by_its_file() -> None:
    rules = font_css()
    assert rules.count("@font-face") == len(FACES)
    assert all(f"src:url(ksb:fonts/{face.file});" in rules for face in FACES)


@pytest.mark.parametrize("face", FACES, ids=lambda face: str(face.file))
def test_a_face_is_what_its_rule_says(face: object) -> None:
    (declared,) = (known for known in FACES if known is face)
    with TTFont(declared.path, lazy=True) as font:
        assert font["name"].getBestFamilyName() in (declared.family, f"{declared.family} Semi Bold")
        assert font["OS/2"].usWeightClass == declared.weight
        assert bool(font["OS/2"].fsSelection & 1) == (declared.style == "italic")
