"""A portfolio as its folder: portfolio.yaml, evidence/*.md, off-the-job.csv, and the files that pieces name."""

from __future__ import annotations

import csv
import io
import os
import re
import textwrap
import unicodedata
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from ksbtrack.files.opening import open_inside
from ksbtrack.formats.new_files import copy_new, new_folder, write_new
from ksbtrack.formats.sign_off_log import LOG
from ksbtrack.formats.yaml_text import LINE_LENGTH, model_lines, scalar
from ksbtrack.load.pieces import split_piece
from ksbtrack.models.portfolio import Claim, Evidence, LoggedHours, Portfolio
from ksbtrack.models.standard import Condition, Requirement, RequirementRule, Standard
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted
from ksbtrack.yamlfile import decode, parse_yaml

MAX_SLUG = 40
"""Characters of a piece's title in the name of its file: enough to tell pieces apart in a listing."""


def save_portfolio(portfolio: Portfolio, folder: str | Path) -> None:
    """Write a portfolio as a new folder, from which `load_portfolio` gives the same portfolio again.

    The files that pieces and records name, and the log of the sign-offs, are copied from the folder that the portfolio
    was loaded from. Everything is made ready beside the folder first: where anything fails, there is no folder
    afterwards.

    Args:
        portfolio: what `load_portfolio` returned.
        folder: the folder to make; it must not exist, or be empty.

    Raises:
        KsbtrackError: `folder-not-empty`, `cannot-write`, `missing-file`, or what a text or file of the portfolio is
            refused for on loading.
    """
    target = Path(folder)
    texts = {"portfolio.yaml": portfolio_text(portfolio)}
    for piece in portfolio.evidence:
        texts[f"evidence/{piece_file_name(piece.id, piece.title)}"] = piece_text(piece, portfolio.standard)
    if portfolio.off_the_job is not None:
        texts["off-the-job.csv"] = log_text(portfolio.off_the_job)
    with new_folder(target) as inside:
        for name, text in texts.items():
            write_new(inside / name, checked_bytes(text, f"{target.as_posix()}/{name}"))
        for name in (*_named_files(portfolio), *_sign_offs(portfolio)):
            _copy(Path(portfolio.folder), name, inside / name)


def checked_bytes(text: str, shown: str) -> bytes:
    """Give the bytes of a text, after a check that reading them back is not refused.

    Args:
        text: of portfolio.yaml, a piece or the log.
        shown: the file's path for messages.

    Raises:
        KsbtrackError: what `decode` and `parse_yaml` raise.
    """
    raw = text.encode("utf-8", "surrogatepass")
    decode(raw, shown)
    if shown.endswith(".yaml"):
        parse_yaml(text, shown)
    elif shown.endswith(".md"):
        parse_yaml(split_piece(text, shown).front, shown, first_line=2)
    return raw


def portfolio_text(portfolio: Portfolio) -> str:
    """Give the text of portfolio.yaml."""
    return "\n".join(model_lines(portfolio)) + "\n"


def piece_text(piece: Evidence, own_standard: str = "") -> str:
    """Give the text of one evidence/*.md: the facts between two lines `---`, then the account.

    Args:
        piece: the piece.
        own_standard: the identity of the portfolio's own standard; claims on another one are written with it.
    """
    claims = (*(_as_written(claim, own_standard) for claim in piece.claims), *piece.orphaned_claims)
    facts = model_lines(piece.model_copy(update={"claims": claims}))
    return "\n".join(["---", *facts, "---", *([piece.account] if piece.account else [])]) + "\n"


def _as_written(claim: Claim, own_standard: str) -> Claim | str:
    """Give a claim as a file has it: a bare code where nothing else is said of it."""
    code = claim.code if claim.standard in ("", own_standard) else f"{claim.standard}:{claim.code}"
    written = claim.model_copy(update={"code": code, "standard": ""})
    return code if written == Claim(code=code) else written


def log_text(rows: Iterable[LoggedHours]) -> str:
    """Give the text of off-the-job.csv."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["date", "hours", "activity", "codes"])
    for row in rows:
        writer.writerow([row.date.isoformat(), format(row.hours, "f"), row.activity, " ".join(row.codes)])
    return text.getvalue()


def piece_file_name(identity: str, title: str) -> str:
    """Give the name of a piece's file: its id, and as much of its title as every system can have in a name."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:MAX_SLUG].strip("-")
    return f"{identity}-{slug}.md" if slug else f"{identity}.md"


def _named_files(portfolio: Portfolio) -> list[str]:
    """Give the paths of the files that were there on loading, each once."""
    found = [file for piece in portfolio.evidence for file in piece.attached]
    found += [held.file for held in portfolio.records.qualifications if held.file]
    return list(dict.fromkeys(file.name for file in found if not file.is_missing))


def _sign_offs(portfolio: Portfolio) -> list[str]:
    """Give the log of the sign-offs, where there is one: the records are only worth what it bears out."""
    return [LOG] if portfolio.folder and os.path.lexists(Path(portfolio.folder, LOG)) else []


def _copy(folder: Path, name: str, target: Path) -> None:
    source = Source(f"{folder.as_posix()}/{name}")
    stream = open_inside(folder, name, source)
    if stream is None:
        raise KsbtrackError(
            Problem(
                "missing-file",
                source,
                f"no {quoted(name)} any more",
                "it was there when the portfolio was loaded",
                "Put it back, or load the portfolio again.",
            )
        )
    with stream:
        copy_new(stream, target)


_HEAD = """\
# The portfolio of one learner. A line that begins with # is a remark: delete the # and the space after it to use it.
# Write a day where YYYY-MM-DD stands, like 2026-11-22, and a number for N. Leave out what is not known.

learner:
  name: {name}
  # uln: NNNNNNNNNN  # unique learner number
  # born: YYYY-MM-DD  # or, instead: age_at_start: NN
  # employer: Example Employer
  # provider: Example Provider
  # role: Learning mentor
  # weekly_hours: NN  # working hours a week at the start

standard: {standard}
{option}# also: [XS10a@2008-06]  # further standards to compare the same evidence with

dates:
  start: {start}
  # original_start: YYYY-MM-DD  # the first start, where there was a break or another provider before
  # planned_gateway: YYYY-MM-DD
  # gateway: YYYY-MM-DD  # once it is agreed
  # breaks: [{{start: YYYY-MM-DD, end: YYYY-MM-DD}}]

# records:
"""
_GUIDE = """\
How to write a piece of evidence

Each piece is a text file in this folder, such as E01-session-plan.md, with the files it names beside it.
`ksbtrack add` makes one. It looks like this:

---
id: E01
title: Plan of a mentoring session
kind: work_product
date: 2024-01-15
files: [session-plan.pdf]
claims:
  - K1
  - {code: S3, where: p. 2-3, why: The plan sets a target with the mentee}
acceptance: {state: draft}
---
What was the situation? What did you do, how, and why? What came of it? Who can confirm it?
"""


def new_portfolio_texts(standard: Standard, learner: str, start: date) -> dict[str, str]:
    """Give the files of a new portfolio by their paths, with remarks that say what to fill in.

    Args:
        standard: the portfolio's own; the remarks name what its requirements look at.
        learner: the learner's name.
        start: first day of learning.
    """
    return {
        "portfolio.yaml": new_portfolio_text(standard, learner, start),
        "off-the-job.csv": log_text(()),
        "evidence/README.txt": _GUIDE,
    }


def new_portfolio_text(standard: Standard, learner: str, start: date) -> str:
    """Give the text of a new portfolio.yaml: what is known, and remarks with an example of everything else."""
    option = f"option: {scalar(standard.option.id)}\n" if standard.option else ""
    head = _HEAD.format(
        name=scalar(learner), standard=scalar(standard.identity), start=start.isoformat(), option=option
    )
    return (
        head
        + "".join(f"# {line}\n" for line in _record_lines(standard))
        + "# showcase: []  # ids of the pieces chosen for it, with commas between, once they are in evidence/\n"
    )


def _record_lines(standard: Standard) -> Iterable[str]:
    wanted = [line for requirement in standard.requirements for line in _wanted_lines(requirement)]
    if wanted:
        yield "  qualifications:  # add certificate: records/x.pdf where there is one"
        yield from (f"    {line}" for line in wanted)
    yield "  prior_learning_hours: N"
    parties = [
        party
        for requirement in standard.requirements
        if requirement.rule is RequirementRule.CONFIRMATIONS
        for party in requirement.by
    ]
    if parties:
        yield "  confirmations:  # of whom the rules ask for one"
        yield from (f"    - {{by: {party}, name: Example Name, of: competence, on: YYYY-MM-DD}}" for party in parties)


ONE_IS_ENOUGH = "one of these is enough"


def is_choice(requirement: Requirement) -> bool:
    """Say whether one of several qualifications fulfils a requirement."""
    return requirement.condition is not None and bool(requirement.condition.any_of)


def _wanted_lines(requirement: Requirement) -> Iterable[str]:
    """Yield the entries of a requirement's qualifications, with remarks that say what they are."""
    if is_choice(requirement):
        yield f"# {requirement.title}: {ONE_IS_ENOUGH}"
    for line, title in qualification_lines(requirement):
        yield from (f"# {part}" for part in textwrap.wrap(title, LINE_LENGTH))
        yield f"- {line}"


def qualification_lines(requirement: Requirement) -> list[tuple[str, str]]:
    """Give each qualification that a requirement is about as portfolio.yaml records it, with its title if it has one.

    Args:
        requirement: of any rule; most are about no qualification.
    """
    own = Condition(subject=requirement.subject, level=requirement.level) if requirement.subject else None
    return [_qualification_line(leaf) for leaf in _leaves(requirement.condition or own)]


def _leaves(condition: Condition | None) -> Iterable[Condition]:
    """Yield each condition in a condition that names one qualification."""
    if condition is None:
        return
    if condition.subject:
        yield condition
    for part in condition.all_of + condition.any_of:
        yield from _leaves(part)


def _qualification_line(leaf: Condition) -> tuple[str, str]:
    level = f", level: {leaf.level.value}" if leaf.level else ""
    line = f"{{subject: {leaf.subject}{level}, awarded: YYYY-MM-DD}}"
    begun = "or, without the day: state: working_towards" if leaf.working_towards_is_enough else ""
    return line, "; ".join(filter(None, (leaf.title, begun)))
