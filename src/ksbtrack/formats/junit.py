"""A cohort as JUnit XML, which pipelines show as tests: a case a learner, named by their key and nothing else of them.

Names stay out: what a pipeline keeps is read by many, and the key finds the learner in the other outputs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from xml.sax.saxutils import quoteattr

from ksbtrack.models.cohort import CohortRun, Condition, Fault, LearnerVerdict
from ksbtrack.models.values import in_words, listed
from ksbtrack.problems import quoted

SUITE = "ksbtrack cohort"
UNREAD = "not read"
"""The class of what could not be read: its standard is not known."""

_WITHOUT_VALUES: dict[str, tuple[str, str]] = {
    "bad-choice": ("it is none of the words that can stand here", "Write one of them."),
    "bad-date": ("it is a day, written year-month-day", "Write it like 2026-11-22."),
    "contradiction": ("two values do not fit together", "Correct one of them; failures.csv has both."),
    "duplicate-id": ("each id is there once for each learner", "Give one of the two another id."),
    "missing-cell": ("it is needed in this row", "Fill in the empty cell, or delete the row."),
    "missing-key": ("a key that is needed here is missing", "Add it; failures.csv has its name."),
    "unknown-code": ("the standard has no such code", "Correct the code, or delete what names it."),
    "unknown-id": ("nothing here has such an id", "Correct the id, or add what it stands for."),
    "unknown-key": ("no such key can stand here", "Correct the key, or delete the line."),
    "unknown-standard": ("no such standard is known here", "Correct the reference, or add the standard."),
    "wrong-file-type": ("its name promises another kind of file", "Save or download the right file again."),
}
"""What is said of problems whose own words repeat a value, or say what is near to one, by code."""
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def words_of(verdict: LearnerVerdict, on: date) -> tuple[str, str]:
    """Give the kind of a learner's failure, and a sentence without their name.

    Args:
        verdict: on a learner who is not found ready.
        on: the day asked about.
    """
    said = f"{verdict.decision.words}. {verdict.reason}"
    if verdict.assumed:
        said = f"What if {listed(map(quoted, verdict.assumed))}: {said}"
    if verdict.is_overdue and verdict.planned_gateway:
        late = f"Planned gateway {in_words(verdict.planned_gateway)}, {(on - verdict.planned_gateway).days} days ago. "
        return Condition.OVERDUE.value, late + said
    return verdict.decision.value, said


def words_of_fault(fault: Fault) -> tuple[str, str]:
    """Give what is wrong, and what to do about it, without anything that stands in the learner's rows or files.

    What was found is in failures.csv: a cell can hold what belongs into another column, such as a name.
    """
    problem = fault.problem
    expected, fix = _WITHOUT_VALUES.get(problem.code, (problem.expected, problem.fix))
    place = f" in the column {fault.column}" if fault.column else ""
    return f"{problem.code}{place}: {expected}.", fix


def junit_xml(
    run: CohortRun,
    verdicts: Iterable[LearnerVerdict],
    faults: Iterable[Fault],
    condition: Condition = Condition.NOT_READY,
) -> Iterator[bytes]:
    """Yield JUnit XML in pieces: a failure for whom the condition holds, an error for what could not be read.

    Args:
        run: the counts.
        verdicts: gone through once.
        faults: gone through once.
        condition: what makes a case fail.
    """
    counts = f'tests="{run.judged + run.faults}" failures="{condition.learners(run)}" errors="{run.faults}"'
    suite = f"{SUITE}, what if" if run.assumed else SUITE
    assumed = "".join(f'<property name="assumed" value={_quoted(words)}/>' for words in run.assumed)
    moment = f"{run.on.isoformat()}T00:00:00"
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name={_quoted(suite)} {counts} time="0">\n'
        f'<testsuite name={_quoted(suite)} {counts} skipped="0" time="0" timestamp="{moment}">\n'
        f'<properties><property name="as_of" value="{run.on.isoformat()}"/>'
        f'<property name="fail_on" value="{condition.value}"/>{assumed}</properties>\n'
    ).encode()
    for verdict in verdicts:
        case = f"<testcase classname={_quoted(verdict.standard)} name={_quoted(verdict.key)} {_place(verdict)}"
        if not condition.holds(verdict):
            yield f"{case}/>\n".encode()
            continue
        kind, words = words_of(verdict, run.on)
        steps = "\n".join(step.text for step in verdict.next_steps)
        yield (
            f"{case}><failure type={_quoted(kind)} message={_quoted(words)}>{_escaped(steps)}</failure></testcase>\n"
        ).encode()
    for fault in faults:
        yield _error(fault)
    yield b"</testsuite>\n</testsuites>\n"


def _error(fault: Fault) -> bytes:
    problem = fault.problem
    name = f"{fault.learner}: {problem.source}" if fault.learner else str(problem.source)
    words, fix = words_of_fault(fault)
    return (
        f"<testcase classname={_quoted(UNREAD)} name={_quoted(name)}><error type={_quoted(problem.code)} "
        f"message={_quoted(words)}>{_escaped(fix)}</error></testcase>\n"
    ).encode()


def _place(verdict: LearnerVerdict) -> str:
    source = verdict.source
    line = f' line="{source.line}"' if source.line else ""
    return f"file={_quoted(source.file)}{line}"


def _quoted(text: str) -> str:
    return quoteattr(_plain(text))


def _escaped(text: str) -> str:
    return _plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str) -> str:
    """Give text with the code of each character that XML cannot hold."""
    return _NOT_IN_XML.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)
