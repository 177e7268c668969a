"""Each statement of the shipped standards is worded as it was taken from its source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ksbtrack.models.standard import Competency, Standard
from ksbtrack.yamlfile import decode, parse_yaml

ROOT = Path(__file__).resolve().parent.parent
FACTS = ROOT.parent / "shared" / "domain"

FINGERPRINTS = {
    "ST0148": """
        K1=8dee5217e142dea2 K2=64db94bacce9e141 K3=b054975df893eedb K4=a01c22bcd866f3d6
        K5=1a84d0235817e547 K6=b6d5ca1fd55fd934 K7=d313887801ad2a4d K8=8f142da34e40cb28
        K9=6598a040189b94cd K10=957e3cb97abd7c07 K11=69a1d5637609165b S1=db8e40b9dd6301d8
        S2=3895397d539a43ad S3=b57975402f57bef9 S4=bc3a5e764f2a230b S5=585d01cc50f47991
        S6=ef342654068caba4 S7=6613215e1b0532c2 S8=683b1d43cb98af40 S9=6ed13323b367b290
        S10=5af682c68fce3014 S11=2f0f625638f44a56 B1=8033a6c919461ab9 B2=6ca2b81746f715d7
        B3=748027d01660fbe2 B4=7786cb5328696ef5 B5=a1a63439460db1f9
    """,
    "XS10a": """
        D1=95c1b21ef95f4016 D2=64d8e222185abca2 D3=2f8122aea1bb63f9 D4=f0f56986a21d6590
        D5=64f49949acb90b63 D6=511208ba9838d711 D7=40f1962b8629ff01 D8=1683adf06d1bb8ed
        D9=cff0b435da2a3967 D10=f20cf4f04a80d480 D11=6ceab54d571420e9 D12=047122eb8c8825e9
        D13=ee6eeec5747a71c4 D14=efca694319de23ce D15=3a9b80be48279c92 D16=a91dfa2d1f85e917
        D17=fa2a79efdaf0d0ef D18=4cfb489c1170df20 D19=c3f11c4968db1c2a D20=14961e09b43461e7
        D21=93d0166b88c32607 D22=d4cc245887ad54b4 D23=1e0b8700d1c52f18 D24=8ee9752ae36a5933
        D25=aab97796493ceee5 D26=e488e3108e6d2949 D27=4b6cbc33179c285e X1=dd0c2507acdfd383
        X2=3847021272927221 Q1=c786e642c18c2c91 Q2=f04155e12c1f8373 KS1=c89135bcff4dbf14
        KS2=0bae7a54f994f6e4 KS3=bdc9d291ad9ce6cd KS4=cc6f239dfbbd83ae KS5=466081b287cd0450
        KS6=6d1ae75369a2f2d0
    """,
    "XS10b": """
        G7.1=73b5ca768e2bccee G7.2=95c3054410d964e2 G7.3=9ae6b47baa028c1d G7.4=f65440b3e571cf6e
        G7.5=246ce9a62bc95e9c G7.6=28d9adc06fc79a6b G7.7=82657f64f6b52dee G7.8=e304fa09bdda2e1e
        G7.9=cd3637f55c6dc2c7 G7.10=7ffcbd18182178c4 G7.11=b65b2781f8950a3a
    """,
    "XS10c": """
        G9.1=f6e3b05e90535148 G9.2=df5b784880e50f25 G9.3=b0ef5b4bb30796f3 G9.4=498c5fdb2ccc96d2
        G9.5=b01455643b48eb71 G9.6=f54eb59ec0cb7688 G9.7=7e4ffca8dc1362a1 G9.8=ea55c27b85fefc98
        G9.9=5636a2b69e0ebe3e G9.10=bb9f889b6b436005 G9.11=b704353cc30bd5ba G9.12=26530d5207d38f61
        G9.13=3ac391f22e45502f G9.14=87969e9137ba5b3d
    """,
}
"""The mark of each wording as it was taken from its source; a changed word needs a changed line here."""


def marks(text: str) -> dict[str, str]:
    return {code: mark for code, _, mark in (word.partition("=") for word in text.split())}


def all_statements() -> Iterator[tuple[str, Competency]]:
    for name in ("ST0148-1.0", "dorset/XS10a", "dorset/XS10b", "dorset/XS10c"):
        shown = f"standards/{name}.yaml"
        standard = Standard.model_validate(parse_yaml(decode((ROOT / shown).read_bytes(), shown), shown).value)
        for statement in standard.competencies:
            yield f"{standard.reference}:{statement.code}", statement


def test_each_wording_is_the_one_that_was_taken_from_its_source() -> None:
    taken = {f"{name}:{code}": mark for name, text in FINGERPRINTS.items() for code, mark in marks(text).items()}

    assert {name: statement.fingerprint for name, statement in all_statements()} == taken


def test_no_wording_stands_twice() -> None:
    texts = [" ".join(statement.text.casefold().split()) for _, statement in all_statements()]

    assert len(texts) == len(set(texts)) == 27 + 27 + 10 + 11 + 14


def facts_of(name: str, row: str) -> dict[str, str]:
    text = (FACTS / name).read_text("utf-8")
    return {match[1]: match[2] for match in re.finditer(row, text, re.MULTILINE)}


@pytest.mark.skipif(not FACTS.is_dir(), reason="no table of facts beside the checkout; the fingerprints hold alone")
def test_each_wording_equals_the_table_of_facts_where_that_is_at_hand() -> None:
    facts = {
        f"ST0148:{code}": text for code, text in facts_of("st0148.md", r"^\| ([KSB][0-9]+) \| (.*?) \| .*\|$").items()
    }
    grade = {"G7": "XS10b", "G9": "XS10c"}
    for code, text in facts_of("dorset-xs10.md", r"^- ([A-Z]+[0-9.]+): (.*)$").items():
        facts[f"{grade.get(code.partition('.')[0], 'XS10a')}:{code}"] = text

    assert {name: statement.text for name, statement in all_statements()} == facts
