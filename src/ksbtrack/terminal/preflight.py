"""What `ksbtrack preflight` and `ksbtrack profiles` show: what would bounce, what is not known, what is fine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ksbtrack.models.analysis import Finding, Remedy, Status
from ksbtrack.models.profile import Asked, Asking, SubmissionProfile
from ksbtrack.models.submission import Preflight, Verdict
from ksbtrack.models.values import in_words
from ksbtrack.report.words import EFFORTS, counted, sentence, with_day_words
from ksbtrack.submission.words import WORDS
from ksbtrack.terminal.characters import visible
from ksbtrack.terminal.marks import COLOURS, Marks, grid, heading, indented, of_one_width, plain

SPELT_OUT = 3
"""Findings alike that are shown one by one; of more the first stands for all."""
_GOOD = (Status.MET, Status.NOT_NEEDED)
VERDICT_SHAPES = {
    Verdict.CLEAR: Status.MET,
    Verdict.FAULTS: Status.NOT_MET,
    Verdict.CANNOT_TELL: Status.UNKNOWN,
}
"""The shape of each verdict: that of the status that leads to it."""
NO_JUDGEMENT = (
    "Records and files are compared with the rules of these sources. Whether the work is good enough is for people to "
    "judge."
)


def preflight_view(result: Preflight, marks: Marks) -> Group:
    """Give what `ksbtrack preflight` shows.

    Args:
        result: what `preflight` returned.
        marks: what `marks_for` returned.
    """
    marks = of_one_width(marks, {finding.status for finding in result.findings})
    profile = result.submission.profile
    parts: list[RenderableType] = [_verdict(result, marks)]
    parts += _section("Would bounce", result.faults, profile, marks)
    parts += _section("Not known", result.unknown, profile, marks)
    parts += _section("Worth a look", result.warnings, profile, marks)
    if result.fine:
        parts += [heading("Checked and fine", _checks(result.fine)), indented(_fine(result.fine, profile, marks))]
    if result.not_asked:
        names = "; ".join(WORDS[name].title for name in result.not_asked)
        parts += [heading("Not asked for here", counted(len(result.not_asked), "check")), indented(plain(names, "dim"))]
    parts += [heading("Sources"), indented(_sources(profile)), plain(f"\n{NO_JUDGEMENT}", "dim")]
    return Group(*parts)


def _verdict(result: Preflight, marks: Marks) -> RenderableType:
    submission = result.submission
    case = submission.analysis.case
    status = VERDICT_SHAPES[result.verdict]
    invented = " (invented)" if case.portfolio.invented else ""
    pieces = counted(len(submission.pieces), "piece")
    names = f": {', '.join(piece.id for piece in submission.pieces)}" if submission.pieces else ""
    table = grid(None, 1)
    table.add_row(
        Text(f"{marks[status].strip()} {result.verdict.words}", style=f"bold {COLOURS[status]}"),
        plain(f"{case.portfolio.learner.name}{invented} on {in_words(case.on)}"),
    )
    table.add_row("", plain(submission.profile.title))
    table.add_row("", plain(pieces + names))
    return Group(table, plain(f"\n{result.reason}"))


def _checks(findings: Iterable[Finding]) -> str:
    return counted(len({finding.rule for finding in findings}), "check")


def _section(
    title: str, findings: Sequence[Finding], profile: SubmissionProfile, marks: Marks
) -> Iterator[RenderableType]:
    if not findings:
        return
    table = grid(None, 1)
    for rule, group in groupby(findings, key=lambda finding: finding.rule):
        found = list(group)
        status = found[0].status
        words = Text.assemble((visible(WORDS[rule].title), "bold"), (f"  [{_source_id(rule, profile)}]", "dim"))
        if status not in _GOOD and not any(finding.decides for finding in found):
            words.append("  does not decide", "dim")
        for line, style in _lines(found):
            words.append("\n" + visible(line), style)
        shape = marks[status] if title != "Worth a look" else " " * len(marks[status])
        table.add_row(Text(shape, style=COLOURS[status]), words)
    yield heading(title, _checks(findings))
    yield indented(table)


def _lines(findings: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    """Yield each reason with what to do about it, and the style of each line; of many alike the first stands for all.

    Alike are those that say the same of other subjects.
    """
    alike: dict[str, list[Finding]] = {}
    for finding in findings:
        alike.setdefault(finding.reason.replace(finding.subject, ""), []).append(finding)
    for group in alike.values():
        shown = group
        if len(group) > SPELT_OUT:
            shown = group[:1]
            yield (
                f"{len(group)} times: {', '.join(dict.fromkeys(finding.subject for finding in group))}. The first:",
                "",
            )
        for finding in shown:
            yield sentence(with_day_words(finding.reason)), ""
            if finding.remedy:
                yield _what_and_who(finding.remedy), "dim"


def _what_and_who(remedy: Remedy) -> str:
    return f"→ {with_day_words(remedy.text)} ({remedy.owner} · {EFFORTS[remedy.effort]})"


def _source_id(rule: str, profile: SubmissionProfile) -> str:
    asked = profile.checks.of(rule)
    return asked.source if asked else ""


def _fine(findings: Sequence[Finding], profile: SubmissionProfile, marks: Marks) -> Table:
    table = grid(None, 1, None)
    for finding in findings:
        if finding.status is not Status.NOT_NEEDED:
            shape = Text(marks[finding.status], style=COLOURS[finding.status])
            table.add_row(shape, plain(finding.reason), plain(f"[{_source_id(finding.rule, profile)}]", "dim"))
    idle = [finding for finding in findings if finding.status is Status.NOT_NEEDED]
    for reason, group in groupby(sorted(idle, key=lambda finding: finding.reason), key=lambda finding: finding.reason):
        titles = "; ".join(WORDS[finding.rule].title for finding in group)
        table.add_row(Text(marks[Status.NOT_NEEDED], style="dim"), plain(f"{reason} Not needed: {titles}.", "dim"), "")
    return table


def _sources(profile: SubmissionProfile) -> RenderableType:
    table = grid(None, 1)
    sources = profile.sources_in_use
    for source in sources:
        day = f", looked at on {in_words(source.looked_at)}" if source.looked_at else ""
        table.add_row(plain(f"[{source.id}]"), plain(source.title + day))
    undated = [source.id for source in sources if not source.looked_at]
    which = "they were" if len(undated) == len(sources) else f"{', '.join(undated)} were"
    note = f"On which day {which} looked at is not on record."
    return Group(table, plain(note, "dim")) if undated else table


def profiles_view(profiles: Iterable[SubmissionProfile]) -> Table:
    """Give what `ksbtrack profiles list` shows: one line a profile."""
    table = grid(None, None, 1)
    for profile in profiles:
        number = counted(len(list(profile.checks.asked())), "check")
        table.add_row(plain(profile.id, "bold"), plain(number), plain(profile.title))
    return table


def profile_view(profile: SubmissionProfile) -> Group:
    """Give what `ksbtrack profiles show` shows: what is asked for, by whom, and what is not."""
    parts: list[RenderableType] = [plain(f"{profile.id}  {profile.title}", "bold")]
    parts.append(plain(f"Organisation: {profile.organisation or 'not known'}"))
    if profile.about:
        parts.append(plain(profile.about))
    if profile.names.folder:
        parts.append(plain(f"Folder of the pack: {profile.names.folder}"))
    asked = list(profile.checks.asked())
    for source in profile.sources_in_use:
        own = [(code, check) for code, check in asked if check.source == source.id]
        table = grid(None, 1)
        for code, check in own:
            table.add_row(plain(code), plain(WORDS[code].title + settings_words(check)))
        trust = f"trust {source.trust}" if source.trust is not None else "trust not known"
        parts += [heading(source.title, counted(len(own), "check")), indented(plain(source.says))]
        day = in_words(source.looked_at) if source.looked_at else "a day not on record"
        parts += [indented(plain(f"Looked at on {day}; {trust}.", "dim"))]
        parts.append(indented(table, by=4))
    rest = [code for code in WORDS if profile.checks.of(code) is None]
    if rest:
        parts += [heading("Not asked for", counted(len(rest), "check")), indented(plain(", ".join(rest), "dim"))]
    return Group(*parts)


def settings_words(asked: Asked) -> str:
    """Give the numbers and kinds of a check, and what is uncertain about it, as the end of a line."""
    values = asked.model_dump(mode="json", exclude={"source", "asked", "note"})
    said = [
        f"{name.replace('_', ' ')}: {', '.join(value) if isinstance(value, list) else value}"
        for name, value in values.items()
        if value
    ]
    if asked.asked is Asking.UNKNOWN:
        said.append("not known whether it is asked for")
    return (f" ({'; '.join(said)})" if said else "") + (f". {asked.note}" if asked.note else "")
