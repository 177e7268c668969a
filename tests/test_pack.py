"""The pack that is handed in: the same bytes everywhere, safe names, nothing half-written."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
import subprocess
import sys
import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksbtrack.cli import main
from ksbtrack.files.packed_names import MAX_NAME, MAX_NAME_BYTES, packed_path, safe_name
from ksbtrack.formats.pack import (
    Origin,
    Pack,
    PackedFile,
    Role,
    components_csv,
    made_file,
    manifest_schema,
    write_pack,
)
from ksbtrack.problems import KsbtrackError
from ksbtrack.showcase.pack import renamed

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"
FACTS: dict[str, Any] = {
    "profile": {"id": "made-up", "title": "Made-up profile"},
    "standard": "XX9001@1.2",
    "as_of": "2024-09-20",
    "learner": {"name": "Wick Lumen", "is_invented": True},
    "decision": "ready",
    "pieces": [{"id": "E1", "title": "Night watch", "fingerprint": "ab" * 16}],
    "missing": [],
}


def sha256(content: bytes) -> str:
    """Give the mark of some bytes."""
    return hashlib.sha256(content).hexdigest()


def laid_out(folder: Path, film: bytes = b"a film") -> Pack:
    """Lay out a portfolio with one recording, and give a pack of it."""
    (folder / "evidence").mkdir(parents=True)
    (folder / "evidence" / "film.mp4").write_bytes(film)
    loose = PackedFile(
        packed_path("evidence/film.mp4"),
        Role.EVIDENCE,
        "Night watch",
        len(film),
        sha256(film),
        piece="E1",
        path="evidence/film.mp4",
    )
    files = (made_file("showcase.pdf", Role.SHOWCASE, "Showcase portfolio", b"%PDF-1.7 showcase"), loose)
    origins = (Origin("evidence/film.mp4", len(film), sha256(film)), Origin("portfolio.yaml", 3, sha256(b"abc")))
    return Pack("Lumen_Wick", FACTS, files, origins)


def test_the_manifest_says_what_is_in_the_pack(tmp_path: Path) -> None:
    pack = laid_out(tmp_path / "learner")
    written = write_pack(tmp_path / "pack.zip", tmp_path / "learner", pack)
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read("Lumen_Wick/manifest.json"))
        for row in manifest["files"]:
            content = archive.read(f"Lumen_Wick/{row['name']}")
            assert (len(content), sha256(content)) == (row["size"], row["sha256"])
        entries = archive.infolist()
    assert names == [
        "Lumen_Wick/components.csv",
        "Lumen_Wick/files/evidence/film.mp4",
        "Lumen_Wick/manifest.json",
        "Lumen_Wick/showcase.pdf",
    ]
    assert [row["name"] for row in manifest["files"]] == [file.name for file in written]
    assert [row["role"] for row in manifest["files"]] == ["components", "evidence", "showcase"]
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    jsonschema.Draft202012Validator(manifest_schema()).validate(manifest)
    jsonschema.Draft202012Validator.check_schema(manifest_schema())


@pytest.mark.parametrize("key", ["kind", "files", "sources", "decision"])
def test_the_schema_finds_a_manifest_that_lacks_a_key(tmp_path: Path, key: str) -> None:
    write_pack(tmp_path / "pack.zip", tmp_path / "learner", laid_out(tmp_path / "learner"))
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        manifest = json.loads(archive.read("Lumen_Wick/manifest.json"))
    del manifest[key]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(manifest_schema()).validate(manifest)


def test_the_component_list_holds_no_formula_and_keeps_numbers() -> None:
    titles = ['=HYPERLINK("x")', "+1", "-1", "@x", "\tx", "\rx", "a, b", 'say "x"', "plain"]
    files = [made_file(f"{number}.pdf", Role.EVIDENCE, title, b"x") for number, title in enumerate(titles)]
    content = components_csv(files)
    assert content.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert header == ["number", "role", "name", "title", "piece", "bytes", "sha256"]
    assert [row[3] for row in rows] == [f"'{title}" for title in titles[:6]] + titles[6:]
    assert [row[5] for row in rows] == ["1"] * len(titles)


def test_the_same_pack_has_the_same_bytes_under_another_clock_language_and_hash_seed(tmp_path: Path) -> None:
    portfolio = tmp_path / "copy"
    portfolio.mkdir()
    subprocess.run(["cp", "-r", str(EXAMPLES / "ready"), str(portfolio / "ready")], check=True)
    made = []
    for number, changes in enumerate(
        ({"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1"}, {"TZ": "UTC", "PYTHONHASHSEED": "2"})
    ):
        output = tmp_path / str(number) / "pack.zip"
        output.parent.mkdir()
        command = ["pack", "ready", "--profile", "cmi", "--on", "2024-09-20", "--select", "E01", "-o", str(output)]
        subprocess.run(
            [sys.executable, "-m", "ksbtrack", *command],
            cwd=portfolio,
            env=os.environ | changes,
            check=True,
            capture_output=True,
        )
        made.append(sha256(output.read_bytes()))
    assert made[0] == made[1]
    with zipfile.ZipFile(output) as archive:
        assert archive.namelist() == [
            "certificates/english-level-2.pdf",
            "certificates/ict-level-2.pdf",
            "certificates/maths-level-2.pdf",
            "certificates/safeguarding-level-1.pdf",
            "components.csv",
            "declarations.pdf",
            "manifest.json",
            "readiness-report.pdf",
            "showcase.pdf",
        ]
        manifest = json.loads(archive.read("manifest.json"))
    jsonschema.Draft202012Validator(manifest_schema()).validate(manifest)
    assert "9000000008" not in json.dumps(manifest)
    assert str(tmp_path) not in json.dumps(manifest)
    assert {"portfolio.yaml", "off-the-job.csv"} < {row["path"] for row in manifest["sources"]}


def test_the_order_of_the_files_does_not_matter(tmp_path: Path) -> None:
    pack = laid_out(tmp_path / "learner")
    backwards = Pack(pack.folder, pack.facts, pack.files[::-1], pack.origins[::-1])
    write_pack(tmp_path / "one.zip", tmp_path / "learner", pack)
    write_pack(tmp_path / "two.zip", tmp_path / "learner", backwards)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


@pytest.mark.parametrize("change", [b"another film", b"a fi", b"A film"])
def test_a_file_that_changes_while_it_is_packed_is_found_out_and_the_old_pack_stays(
    tmp_path: Path, change: bytes
) -> None:
    pack = laid_out(tmp_path / "learner")
    (tmp_path / "pack.zip").write_bytes(b"the old one")
    (tmp_path / "learner" / "evidence" / "film.mp4").write_bytes(change)
    with pytest.raises(KsbtrackError) as caught:
        write_pack(tmp_path / "pack.zip", tmp_path / "learner", pack)
    assert [problem.code for problem in caught.value.problems] == ["changed-file"]
    assert (tmp_path / "pack.zip").read_bytes() == b"the old one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["learner", "pack.zip"]


def test_a_disk_that_is_full_half_way_leaves_the_old_pack_and_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = laid_out(tmp_path / "learner", film=b"f" * 3_000_000)
    (tmp_path / "pack.zip").write_bytes(b"the old one")
    copied = zipfile._ZipWriteFile.write  # type: ignore[attr-defined]
    written = []

    def write(self: object, data: bytes) -> int:
        written.append(len(data))
        if sum(written) > 2_000_000:
            raise OSError(errno.ENOSPC, "no space")
        count: int = copied(self, data)
        return count

    monkeypatch.setattr(zipfile._ZipWriteFile, "write", write)  # type: ignore[attr-defined]
    with pytest.raises(KsbtrackError) as caught:
        write_pack(tmp_path / "pack.zip", tmp_path / "learner", pack)
    assert caught.value.problems[0].code == "cannot-write"
    assert caught.value.problems[0].found == "a full disk"
    assert max(written) <= 1024 * 1024, "a recording must not be in memory as a whole"
    assert (tmp_path / "pack.zip").read_bytes() == b"the old one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["learner", "pack.zip"]


HOSTILE = [
    "../../etc/passwd",
    "evidence/../../x",
    "evidence/film\n.mp4",
    "evidence/\u202egpj.exe",
    "evidence/" + "n" * 300 + ".mp4",
    "evidence/" + "ü" * 130 + ".mp4",
    "evidence/CON",
    "evidence/con.mp4",
    "evidence/LPT1.tar.gz",
    "evidence/film.",
    "evidence/film .mp4 ",
    'evidence/what? "this" <is> a|b*c:d\\e.mp4',
    "evidence/...",
    "",
    "/",
    "evidence/film\x00.mp4",
    "evidence/\ud800.mp4",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_becomes_one_that_every_system_can_hold(name: str) -> None:
    path = packed_path(name)
    assert path.startswith("files/")
    for part in path.split("/"):
        assert part not in ("", ".", "..")
        assert len(part) <= MAX_NAME
        assert len(part.encode()) <= MAX_NAME_BYTES
        assert part.isprintable()
        assert not set('<>:"\\|?*') & set(part)
        assert part == part.rstrip(". ")
        assert part.split(".")[0].casefold() not in ("con", "prn", "aux", "nul", "com1", "lpt1")


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_any_name_becomes_safe_and_stays_when_it_is_made_safe_again(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= MAX_NAME
    assert safe == unicodedata.normalize("NFC", safe)
    assert safe_name(safe) == safe


def test_a_usual_name_stays_as_it_is() -> None:
    assert packed_path("evidence/E01-notes of 3 May (v2).docx") == "files/evidence/E01-notes of 3 May (v2).docx"
    assert safe_name("caf\u0065\u0301.pdf") == "café.pdf"


def test_two_names_never_become_one() -> None:
    names = ["a:b.mp4", "a?b.mp4", "a-b.mp4", "a*b.mp4", "CON.mp4", "_CON.mp4", "x" * 200 + ".mp4", "x" * 201 + ".mp4"]
    packed = [packed_path(f"evidence/{name}").casefold() for name in names]
    assert len(set(packed)) == len(names)


def test_a_name_that_some_system_refuses_is_said() -> None:
    film = PackedFile("files/evidence/_CON-0.mp4", Role.EVIDENCE, "A film", 1, "0" * 64, path="evidence/CON.mp4")
    usual = replace(film, name="files/evidence/film.mp4", path="evidence/film.mp4")
    pack = Pack(safe_name("a:b"), FACTS, (film, usual), ())
    assert list(renamed(pack, "a:b")) == [
        f"The folder 'a:b' is called '{pack.folder}' in the pack, since some systems cannot hold its own name.",
        "The file 'evidence/CON.mp4' is called 'files/evidence/_CON-0.mp4' in the pack, since some systems cannot hold "
        "its own name.",
    ]
    assert list(renamed(replace(pack, folder="mine", files=(usual,)), "mine")) == []


def test_a_folder_name_that_lacks_a_fact_is_refused_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run(["cp", "-r", str(EXAMPLES / "ready"), str(tmp_path / "ready")], check=True)
    head = tmp_path / "ready" / "portfolio.yaml"
    lines = head.read_text("utf-8").splitlines(keepends=True)
    head.write_text("".join(line for line in lines if "uln:" not in line), "utf-8")
    command = ["pack", str(tmp_path / "ready"), "--profile", "college-guide", "--on", "2024-09-20"]
    assert main([*command, "-o", str(tmp_path / "pack.zip")]) == 2
    assert "pack-name-incomplete" in capsys.readouterr().err
    assert not (tmp_path / "pack.zip").exists()


def test_an_output_that_is_no_zip_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", str(EXAMPLES / "ready"), "--profile", "cmi", "-o", str(tmp_path / "pack.rar")]) == 64
    assert "'pack.rar' does not end in .zip." in capsys.readouterr().err
