"""A cohort as one HTML page that needs no server, and as a paper of a few pages."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from importlib.metadata import version
from typing import Any

from markupsafe import Markup

from ksbtrack.models.analysis import Decision, Status
from ksbtrack.models.cohort import CohortRun, LearnerVerdict, PaceStatus
from ksbtrack.models.values import in_words
from ksbtrack.paths import shipped_folder
from ksbtrack.report.cohort_view import (
    DECISION_STATUS,
    LETTERS,
    PACE_STATUS,
    CohortView,
    cohort_view,
    days_late,
    table_rows,
)
from ksbtrack.report.html import page_environment, paper_style, screen_style
from ksbtrack.report.view import WHAT_IF
from ksbtrack.report.words import FIXED_SENTENCE, counted

Meanings = Sequence[tuple[PaceStatus, str]]
"""What each pace means, as a sentence."""
MOST_REASONS = 3
"""Requirements that a row names; the table has all of them."""
MOST_CHANGED = 100
"""Learners of one kind of change that are listed; cohort.json has all of them."""

_HERE = "\ue000rows\ue000"
"""Stands in the page where the rows of the table go; a page has no such characters otherwise."""


def cohort_page(
    run: CohortRun,
    view: CohortView,
    verdicts: Iterable[LearnerVerdict],
    meanings: Meanings,
    *,
    without_report: Container[str] | None = None,
) -> Iterator[bytes]:
    """Yield a cohort as one HTML page for a browser, in pieces: nothing outside it is needed to show it.

    Args:
        run: the counts.
        view: what stands beside the table of all learners, as `cohort_view` gives it.
        verdicts: of all learners, in the order in which the table shows them at first; gone through once.
        meanings: of the paces.
        without_report: keys of learners who have no readiness report in the folder `reports` beside the page; None
            where nobody has one.
    """
    data = {
        "standards": [[identity, title] for identity, title, _ in view.standards],
        "requirements": [title for _, title in view.requirements],
        "decisions": [[decision.words, DECISION_STATUS[decision].value] for decision in Decision],
        "paces": [[pace.words, PACE_STATUS[pace].value] for pace in PaceStatus],
        "statuses": {LETTERS[status]: [status.words, status.value] for status in Status},
    }
    script = _shipped("cohort.js")
    page = _render(
        "cohort.html.j2",
        run,
        view,
        meanings,
        style=Markup(screen_style("cohort/cohort.css")),
        script=Markup(script),
        digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        data=Markup(_as_script_data(data).removesuffix("}") + f',"rows":[{_HERE}]}}'),
    )
    before, after = page.split(_HERE)
    yield before.encode()
    mark = ""
    for row in table_rows(verdicts, view, without_report):
        yield (mark + _as_script_data(row)).encode()
        mark = ",\n"
    yield after.encode()


def cohort_html(
    run: CohortRun,
    verdicts: Callable[[], Iterable[LearnerVerdict]],
    meanings: Meanings,
    *,
    without_report: Container[str] | None = None,
) -> str:
    """Give the page that `cohort_page` yields, whole: for few learners.

    Args:
        run: the counts.
        verdicts: gives those of all learners from the first on, each time it is called.
        meanings: of the paces.
        without_report: as for `cohort_page`.
    """
    view = cohort_view(verdicts())
    return b"".join(cohort_page(run, view, verdicts(), meanings, without_report=without_report)).decode()


def cohort_paper_html(run: CohortRun, view: CohortView, meanings: Meanings) -> str:
    """Give the HTML of which `html_to_pdf` makes the paper: everything of the page but the table of all learners.

    Args:
        run: the counts.
        view: as `cohort_view` gives it.
        meanings: of the paces.
    """
    style = paper_style("report/report.css", "report/paper.css", "cohort/paper.css")
    return _render("paper.html.j2", run, view, meanings, style=Markup(style))


def _why(verdict: LearnerVerdict) -> str:
    """Give the requirements that do not hold, by their titles."""
    titles = [requirement.title for requirement in verdict.requirements if requirement.id in verdict.blocking]
    if len(titles) > MOST_REASONS:
        return f"{'; '.join(titles[:MOST_REASONS])}; and {len(titles) - MOST_REASONS} more"
    return "; ".join(titles)


def _render(template: str, run: CohortRun, view: CohortView, meanings: Meanings, **more: Any) -> str:
    page = page_environment("cohort").get_template(template)
    return page.render(
        run=run,
        view=view,
        day=in_words(run.on),
        kind=WHAT_IF if run.assumed else "Cohort",
        ready=view.decisions[Decision.READY],
        not_ready=view.decisions[Decision.NOT_READY],
        cannot_tell=view.decisions[Decision.CANNOT_TELL],
        why=_why,
        pace_meanings=meanings,
        most_changed=MOST_CHANGED,
        in_words=in_words,
        counted=counted,
        days_late=lambda verdict: days_late(verdict, run.on),
        decision_status=DECISION_STATUS,
        pace_status=PACE_STATUS,
        fixed_sentence=FIXED_SENTENCE,
        generator=f"ksbtrack {version('ksbtrack')}",
        **more,
    )


def _as_script_data(value: object) -> str:
    """Give JSON that can stand inside a script element: no sign in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _shipped(name: str) -> str:
    return (shipped_folder("templates") / "cohort" / name).read_text(encoding="utf-8")
