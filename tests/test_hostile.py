"""Hostile input, from folder to report: it shows as text or is a problem, fetches nothing, and costs little."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pikepdf
import pytest

from broken_cases import SOUND
from html_pages import Element, read_page
from ksbtrack.analysis import analyse
from ksbtrack.cli import main
from ksbtrack.load import load_case
from ksbtrack.models.analysis import Analysis
from ksbtrack.models.portfolio import Evidence, Portfolio
from ksbtrack.models.values import Line, Model, Prose
from ksbtrack.report.html import render_html, render_paper_html

ON = date(2024, 9, 20)

PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "image": '<img src="{address}" onerror="alert(1)">',
    "attachment": '<link rel=attachment href="file:///etc/passwd"><a rel=attachment href=/etc/passwd>x</a>',
    "style": "</style><style>@import '{address}'; * {{background: url({address})}}</style>",
    "css": "url({address}) ; background: url(file:///etc/passwd)",
    "attribute": '" style="background:url({address})" onload=\'alert(1)\' x=',
    "object": '<object data="{address}"></object><iframe src="file:///etc/passwd"></iframe><embed src={address}>',
    "svg": '<svg><image href="{address}"/><use href="{address}#x"/></svg>',
    "base": '<base href="{address}"><meta http-equiv=refresh content="0;url={address}">',
    "markup": "--></td></table></section></main></body></html>]]><!-- &lt;&#60;&amp",
    "jinja": "{{{{ 7 * 7 }}}}{{% include '/etc/passwd' %}}{{{{ cycler.__init__.__globals__ }}}}{{# x #}}",
    "markdown": "![x]({address}) [y](javascript:alert(1)) [z](file:///etc/passwd) <http://127.0.0.1/>\n# H\n\n    x",
    "terminal": "[/] [bold]x[/bold] [link={address}]y[/link] [red :smile: \\[z]",
    "format": "{{0}} {{0.__class__}} %s %(x)s ${{x}} \\N{{BULLET}}",
}
"""What people write who want more than to be read; `{address}` is a page on this machine that counts its readers."""


def texts_with(text: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Give a portfolio's head, a piece and a standard in which every field that takes any text has this one."""
    head = {
        "learner": {"name": text, "employer": text, "provider": text, "role": text, "born": "2001-03-02"},
        "standard": "EX0001@1.0",
        "option": "one",
        "dates": {"start": "2023-09-04", "gateway": "2024-09-20"},
        "records": {
            "qualifications": [
                {"subject": "english", "level": "2", "title": text, "certificate": "records/english.txt"}
            ],
            "adjustments": [{"subject": "maths", "evidence": text, "on": "2023-09-04"}],
            "confirmations": [
                {"by": "employer", "name": text, "role": text, "on": "2024-09-10", "fingerprint": text},
            ],
        },
        "showcase": ["E01"],
        "duties": [{"code": "D1", "text": text, "shows": ["K1"]}],
    }
    claim = {"code": "K1", "where": text, "why": text, "made_against": "EX0001@0.9", "fingerprint": text}
    piece = {
        "id": "E01",
        "title": text,
        "kind": "witness_testimony",
        "date": "2023-10-02",
        "made_by": text,
        "files": ["plan.txt", "'\"><svg onload=alert(1)>.txt"],
        "claims": [claim, {"code": "K2", "where": text}],
        "witness": {"name": text, "role": text, "relationship": text, "signed": "2023-10-03"},
        "signatures": [{"by": "witness", "name": text, "on": "2023-10-03"}],
        "acceptance": {
            "state": "referred",
            "by": text,
            "role": text,
            "on": "2023-10-09",
            "fingerprint": text,
        },
    }
    statements = [{"code": code, "text": text, "trust_note": text, "trust": "ours"} for code in ("K1", "K2")]
    rules = [
        {"id": "statements", "title": text, "rule": "every_statement", "source": text, "note": text, "trust": "ours"},
        {"id": "confirmations", "title": text, "rule": "confirmations", "by": ["employer"], "source": text},
        {"id": "training", "title": text, "rule": "off_the_job", "source": text},
    ]
    standard = {
        "title": text,
        "kind": "apprenticeship",
        "plan": text,
        "attribution": text,
        "sources": [text],
        "overview": [{"name": text, "value": text, "note": text}],
        "groups": [{"prefix": "K", "kind": "knowledge", "title": text, "note": text, "statements": statements}],
        "options": [{"id": "one", "title": text}],
        "methods": [
            {
                "id": "observation",
                "title": text,
                "form": text,
                "assesses": ["K1"],
                "figures": [{"name": text, "value": text, "unit": text, "note": text}],
            }
        ],
        "requirements": rules,
        "sufficiency": {"pieces_per_competency": "2", "source": text},
    }
    return head, piece, standard


def write_texts(folder: Path, text: str, comment: str = "Do it again.") -> None:
    """Write a portfolio, a standard, a policy and a log in which every field that takes any text has this one."""
    shutil.copytree(SOUND, folder, dirs_exist_ok=True)
    head, piece, standard = texts_with(text)
    piece["acceptance"]["comment"] = comment
    (folder / "learner/portfolio.yaml").write_text(_as_yaml(head), "utf-8")
    account = text if "\n---" not in text else "We met."
    (folder / "learner/evidence/E01.md").write_text(f"---\n{_as_yaml(piece)}---\n{account}\n", "utf-8")
    row = '2023-09-11,6,"' + text.replace('"', '""') + '",K1\n'
    (folder / "learner/off-the-job.csv").write_text("date,hours,activity,codes\n" + row, "utf-8")
    (folder / "standards/EX0001-1.0.yaml").write_text(f"reference: EX0001\nversion: 1.0\n{_as_yaml(standard)}", "utf-8")
    (folder / "policy.yaml").write_text(_as_yaml({"title": text, "sufficiency": {"source": text}}), "utf-8")
    overlay = {"overlay": "EX0001@1.0", "source": text, "competencies": {"K2": {"sufficiency": {"source": text}}}}
    (folder / "overlay.yaml").write_text(_as_yaml(overlay), "utf-8")


def _as_yaml(value: dict[str, Any]) -> str:
    """Give a mapping as YAML: each key on a line of its own, its value as JSON, which YAML reads."""
    return "".join(f"{key}: {json.dumps(part, ensure_ascii=False)}\n" for key, part in value.items())


def analysis_of(folder: Path) -> Analysis:
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        return analyse(load_case("learner", ON, folders=["standards"], overlays=["overlay.yaml"], policy="policy.yaml"))


def test_the_hostile_portfolio_has_every_field_that_takes_any_text(tmp_path: Path) -> None:
    """So that a new field cannot be forgotten here."""
    write_texts(tmp_path, "marker", comment="marker")
    portfolio = analysis_of(tmp_path).case.portfolio
    found = set(_fields_with("marker", portfolio))
    checked_otherwise = {"Claim.code", "Claim.standard", "Learner.uln", "Portfolio.standard", "Portfolio.also"}
    checked_otherwise |= {"Portfolio.option", "Portfolio.job", "Evidence.files", "Qualification.certificate"}
    # What loading works out of the duties: their own text is in it.
    checked_otherwise |= {"Job.standard", "DutyLink.why", "DutyLink.author"}
    assert found >= set(_text_fields(Portfolio) | _text_fields(Evidence)) - checked_otherwise
    assert found >= {"Evidence.account", "LoggedHours.activity", "Learner.name", "Acceptance.comment", "Claim.why"}


def _fields_with(text: str, value: object) -> Iterator[str]:
    if isinstance(value, tuple):
        for part in value:
            yield from _fields_with(text, part)
    elif isinstance(value, Model):
        for name in type(value).model_fields:
            part = getattr(value, name)
            if part == text:
                yield f"{type(value).__name__}.{name}"
            yield from _fields_with(text, part)


def _text_fields(model: type[Model]) -> set[str]:
    """Give the fields of a model, and of those in it, whose type is a line or a text of many lines."""
    found = set()
    for name, hint in get_type_hints(model, include_extras=True).items():
        parts = list(_parts(hint))
        if Line in parts or Prose in parts:
            found.add(f"{model.__name__}.{name}")
        for part in parts:
            if isinstance(part, type) and issubclass(part, Model) and part is not model:
                found |= _text_fields(part)
    return found


def _parts(hint: Any) -> Iterator[Any]:
    yield hint
    for part in get_args(hint):
        yield from _parts(part)


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[str]]]:
    """Give the address of a page on this machine, and the list of the requests that it got."""
    seen: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/x", seen
    server.shutdown()
    server.server_close()
    thread.join()


def skeleton(page: Element) -> list[tuple[str, tuple[str, ...]]]:
    """Give the elements of a page in their order, each with the names of its attributes."""
    return [(element.tag, tuple(sorted(element.attributes))) for element in page.all()]


@pytest.mark.parametrize("render", [render_html, render_paper_html])
@pytest.mark.parametrize("name", PAYLOADS)
def test_a_hostile_text_adds_no_element_and_no_attribute_to_the_report(
    name: str, render: Callable[[Analysis], str], tmp_path: Path
) -> None:
    """The page has the same bones as with a harmless text of the same length, and shows the hostile one whole."""
    text = PAYLOADS[name].format(address="http://127.0.0.1:9/x").replace("\n", " ")
    pages = []
    for kind, words in (("hostile", text), ("harmless", "w" * len(" ".join(text.split())))):
        write_texts(tmp_path / kind, words)
        pages.append(read_page(render(analysis_of(tmp_path / kind))))
    hostile, harmless = pages

    assert skeleton(hostile) == skeleton(harmless)
    assert " ".join(text.split()) in hostile.text
    assert not any(
        value.lstrip().startswith(("http:", "file:", "javascript:", "data:text", "/"))
        for element in hostile.all()
        for attribute, value in element.attributes.items()
        if attribute in ("href", "src", "action", "data", "xlink:href") and element.tag != "html"
    )


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_hostile_comment_is_markdown_that_can_do_nothing(name: str, tmp_path: Path) -> None:
    write_texts(tmp_path, "Plain words", comment=PAYLOADS[name].format(address="http://127.0.0.1:9/x"))
    allowed = {"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "a", "hr"}
    page = read_page(render_html(analysis_of(tmp_path)))
    plain = tmp_path / "plain"
    write_texts(plain, "Plain words", comment="Plain words")
    extra = list(skeleton(page))
    for bone in skeleton(read_page(render_html(analysis_of(plain)))):
        extra.remove(bone)

    assert {tag for tag, _ in extra} <= allowed
    assert {attribute for _, attributes in extra for attribute in attributes} <= {"href", "rel", "start"}
    if name in ("script", "image", "attribute", "svg", "jinja"):
        assert PAYLOADS[name].format(address="http://127.0.0.1:9/x") in page.text
    assert not [link for link in page.all("a") if not link.attributes["href"].startswith(("#", "https:", "mailto:"))]


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Give what the command does as a process of its own, started in a folder."""
    command = [sys.executable, "-m", "ksbtrack", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


RULE_BOOK = ("--standards", "standards", "--overlay", "overlay.yaml", "--policy", "policy.yaml")


def test_a_report_on_hostile_texts_fetches_nothing_and_leaks_nothing(
    listener: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, seen = listener
    everything = "\n\n".join(PAYLOADS.values()).format(address=address)
    # A line holds 200 characters, so each payload has its turn in the lines of one piece after the other.
    write_texts(tmp_path, PAYLOADS["image"].format(address=address), comment=everything)
    piece = (tmp_path / "learner/evidence/E01.md").read_text("utf-8")
    for number, payload in enumerate(PAYLOADS.values(), start=2):
        title = json.dumps(payload.format(address=address))
        lines = [f"title: {title}" if line.startswith("title:") else line for line in piece.split("\n")]
        text = "\n".join(lines).replace('id: "E01"', f"id: E{number:02}")
        (tmp_path / f"learner/evidence/E{number:02}.md").write_text(text, "utf-8")
    done = run("report", "learner", "-o", "report.pdf", "--on", "2024-09-20", *RULE_BOOK, folder=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert not seen
    secret = Path("/etc/passwd").read_bytes().split(b"\n")[0]
    with pikepdf.open(tmp_path / "report.pdf") as pdf:
        assert list(pdf.attachments) == ["analysis.json"]
        streams = [entry.read_bytes() for entry in pdf.objects if isinstance(entry, pikepdf.Stream)]
        actions = [entry for entry in pdf.objects if isinstance(entry, pikepdf.Dictionary) and "/S" in entry]
        addresses = [str(action.URI) for action in actions if action.get("/S") == "/URI"]
    assert secret and not any(secret in stream for stream in streams)
    assert not [link for link in addresses if not link.startswith(("https:", "mailto:"))]
    assert not [action for action in actions if action.get("/S") in ("/JavaScript", "/Launch", "/ImportData")]
    assert json.loads(pikepdf_attachment(tmp_path / "report.pdf"))["learner"]["name"].startswith("<img src=")


def pikepdf_attachment(path: Path) -> bytes:
    with pikepdf.open(path) as pdf:
        return pdf.attachments["analysis.json"].get_file().read_bytes()


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_hostile_text_shows_as_it_is_in_the_terminal(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = " ".join(PAYLOADS[name].format(address="http://127.0.0.1:9/x").split())
    write_texts(tmp_path, text)
    monkeypatch.chdir(tmp_path)
    for command in (["check", "learner"], ["explain", "learner", "E01"], ["explain", "learner", "K1"]):
        code = main([*command, "--on", "2024-09-20", *RULE_BOOK])
        out, err = capsys.readouterr()
        assert (code, err) == (1 if command[0] == "check" else 0, "")
        assert "".join(text.split()) in "".join(out.split())
        assert all(character.isprintable() or character == "\n" for character in out)


UNUSUAL = {
    "Arabic and Hebrew": "مرشد التعلم وקורס בעברית 2024",
    "accents apart": "Zoe\u0308 O\u0301 Bria\u0301in x\u0323\u0307\u0304",
    "beyond the first plane": "👩🏽\u200d🏫 𝓔𝔁𝓪𝓶𝓹𝓵𝓮 🏴\U000e0067\U000e0062\U000e0065\U000e007f 𠮷野家",
    "Thai, Hindi and Chinese": "ผู้ฝึกงาน प्रशिक्षु 学徒",
    "spaces of all kinds": "a\u00a0b\u2003c\u3000d\u200be\ufeffg\u00adh",
    "a word of 2,000 letters": "W" * 2_000,
    "private and unassigned": "\ue000\uf8ff\U000f0000\u0378",
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_text_in_any_script_makes_a_report(name: str, tmp_path: Path) -> None:
    text = UNUSUAL[name]
    write_texts(tmp_path, text[:200], comment=text)
    done = run("report", "learner", "-o", "report.pdf", "--on", "2024-09-20", *RULE_BOOK, folder=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    analysis = analysis_of(tmp_path)
    assert analysis.case.portfolio.evidence[0].acceptance.comment
    assert json.loads(pikepdf_attachment(tmp_path / "report.pdf"))["learner"]["name"] == (
        analysis.case.portfolio.learner.name
    )


def test_problems_stop_the_report_before_anything_is_written(tmp_path: Path) -> None:
    shutil.copytree(SOUND, tmp_path, dirs_exist_ok=True)
    (tmp_path / "learner/evidence/E02.md").write_text("no facts\n")
    (tmp_path / "report.pdf").write_bytes(b"the old one")
    names = sorted(tmp_path.rglob("*"))
    done = run("report", "learner", "-o", "report.pdf", folder=tmp_path)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("learner/evidence/E02.md:1: no-front-matter: found 'no facts'; ")
    assert "Traceback" not in done.stderr
    assert (tmp_path / "report.pdf").read_bytes() == b"the old one"
    assert sorted(tmp_path.rglob("*")) == names


def test_all_problems_of_all_files_come_at_once_in_the_order_of_file_and_line(tmp_path: Path) -> None:
    """Two pieces, the head, the log, the overlay, the policy and the standard each have faults of several layers."""
    shutil.copytree(SOUND, tmp_path, dirs_exist_ok=True)
    for name, old, new in (
        ("learner/portfolio.yaml", "uln: 9000000008", "uln: 1"),
        ("learner/portfolio.yaml", "born: 2001-03-02", "born: unknown"),
        ("learner/portfolio.yaml", "gateway: 2024-09-20", "gateway: 2020-09-20"),
        ("learner/portfolio.yaml", "showcase: [E01]", "showcase: [E01, E03]"),
        ("learner/portfolio.yaml", "invented: yes", "invented: perhaps"),
        ("learner/evidence/E01.md", "date: 2023-10-02", "date: 2023-10-32"),
        ("learner/evidence/E01.md", "files: [plan.txt]", "files: [../plan.txt]"),
        ("learner/evidence/E01.md", "claims: [K1, S1]", "claims: [K12, S1, S12]"),
        ("learner/off-the-job.csv", "2023-09-11,6", "2023-09-31,66"),
        ("learner/off-the-job.csv", ",K1 S1", ",K1 S0"),
        ("overlay.yaml", "overlay: EX0001@1.0", "overlay: EX0002@1.0"),
        ("policy.yaml", "title: Example Provider", "titel: Example Provider"),
    ):
        path = tmp_path / name
        text = path.read_text("utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), "utf-8")
    (tmp_path / "learner/evidence/E10.md").write_text("---\nid: E10\ntitle: a: b\n---\n")
    (tmp_path / "learner/evidence/E2.md").write_text("---\nid: E2\nid: E3\nkind: &a x\n---\n")
    done = run("check", "learner", "--standard", "EX0003", *RULE_BOOK, folder=tmp_path)

    assert done.returncode == 2
    heads = [line.split(": found")[0] for line in done.stderr.split("\n") if line and not line.startswith(" ")]
    assert heads == [
        "--standard: unknown-standard",
        "learner/evidence/E01.md:5: bad-date",
        "learner/evidence/E01.md:6: unsafe-path",
        "learner/evidence/E01.md:7: unknown-code",
        "learner/evidence/E01.md:7: unknown-code",
        "learner/evidence/E2.md:3: duplicate-key",
        "learner/evidence/E2.md:4: yaml-alias",
        "learner/evidence/E10.md:3: bad-yaml",
        "learner/off-the-job.csv:2: bad-date",
        "learner/off-the-job.csv:3: unknown-code",
        "learner/portfolio.yaml:3: bad-uln",
        "learner/portfolio.yaml:4: bad-date",
        "learner/portfolio.yaml:10: contradiction",
        "learner/portfolio.yaml:17: unknown-id",
        "learner/portfolio.yaml:18: bad-choice",
        "overlay.yaml:1: unknown-standard",
        "policy.yaml:1: missing-key",
        "policy.yaml:1: unknown-key",
        "18 problems",
    ]
