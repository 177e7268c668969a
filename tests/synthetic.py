"""Made-up portfolios of any size, for the benchmark and for tests of scale; the same arguments give the same bytes."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

from pikepdf import Name, Pdf

CODES = tuple(f"{letter}{number}" for letter, last in (("K", 11), ("S", 11), ("B", 5)) for number in range(1, last + 1))
KINDS = ("work_product", "observation_record", "project", "feedback", "case_study", "assignment")
START = date(2023, 9, 4)
GATEWAY = date(2024, 9, 20)
ACCOUNT = (
    "I met my mentee in the training room and we planned the week. We agreed three targets and wrote them down. "
    "I asked open questions and left time for the answers, because the last session had gone too fast.\n\n"
    "Afterwards my mentee could say which task came first and why. The tutor confirmed it at the next review.\n"
)


def write_portfolio(folder: Path, pieces: int = 60, claims: int = 3, pages: int = 2) -> Path:
    """Give the folder after writing a portfolio of ST0148 with one PDF a piece into it.

    Args:
        folder: made if it is not there.
        pieces: how many pieces.
        claims: statements each piece claims.
        pages: pages of each PDF.
    """
    chance = random.Random(pieces)
    (folder / "evidence").mkdir(parents=True, exist_ok=True)
    (folder / "portfolio.yaml").write_text(
        "learner: {name: Example Learner, born: 2001-03-02, weekly_hours: 37}\n"
        "standard: ST0148@1.0\n"
        "invented: yes\n"
        f"dates: {{start: {START}, gateway: {GATEWAY}}}\n"
        "records:\n"
        '  qualifications: [{subject: english, level: "2", title: GCSE English, awarded: 2019-08-22}]\n'
        "showcase: [E001, E002]\n"
    )
    for number in range(1, pieces + 1):
        _write_piece(folder, number, chance.choice(KINDS), claims, pages)
    rows = [f"{START + timedelta(days=7 * week)},6,Taught session,K{week % 11 + 1}" for week in range(54)]
    (folder / "off-the-job.csv").write_text("\n".join(["date,hours,activity,codes", *rows]) + "\n")
    return folder


def _write_piece(folder: Path, number: int, kind: str, claims: int, pages: int) -> None:
    name = f"E{number:03}"
    made = START + timedelta(days=7 + number * 5 % 350)
    first = number * claims
    codes = [CODES[(first + offset) % len(CODES)] for offset in range(claims)]
    lines = [
        f"  - {{code: {code}, where: p. {offset % pages + 1}, why: It shows {code}}}"
        for offset, code in enumerate(codes)
    ]
    state = "submitted" if number % 7 == 0 else "accepted"
    signed = [f"  - {{by: {party}, on: {made}}}" for party in ("assessor", "apprentice")]
    text = [
        "---",
        f"id: {name}",
        f'title: "Session {number}: planning with a mentee"',
        f"kind: {kind}",
        f"date: {made}",
        f"files: [{name}.pdf]",
        "claims:",
        *lines,
        *(["signatures:", *signed] if kind == "observation_record" else []),
        f"acceptance: {{state: {state}, by: Example Assessor, role: assessor, on: {made + timedelta(days=6)}}}",
        "---",
        ACCOUNT,
    ]
    (folder / "evidence" / f"{name}.md").write_text("\n".join(text))
    with Pdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page(page_size=(595, 842))
        pdf.Root.Number = Name(f"/N{number}")
        pdf.save(folder / "evidence" / f"{name}.pdf", deterministic_id=True)
