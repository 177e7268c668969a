"""The learner's job as a portfolio names or lists it, checked, with the statements that its duties can show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ksbtrack.load.codes import unknown_code
from ksbtrack.load.crosswalks import load_crosswalk
from ksbtrack.load.folders import resolved, standard_files
from ksbtrack.load.standards import load_identity
from ksbtrack.models.crosswalk import Confidence, Crosswalk, Link, Relation
from ksbtrack.models.job import DutyLink, Job, JobDuty, OwnDuty
from ksbtrack.models.portfolio import Portfolio
from ksbtrack.models.standard import Standard
from ksbtrack.models.values import Known, listed
from ksbtrack.problems import KsbtrackError, Problem, Source, quoted
from ksbtrack.yamlfile import YamlText

ELSEWHERE = "needs a project, shadowing or a visit"
"""Where evidence can come from when no duty reaches a statement."""
ASKED_STANDARD = Source("--standard")


def portfolio_job(
    portfolio: Portfolio, standard: Standard, folders: Sequence[str | Path], text: YamlText
) -> Job | None:
    """Give the job that a portfolio names or lists; None where it does neither.

    Args:
        portfolio: as portfolio.yaml has it.
        standard: its own standard.
        folders: folders of standards to search before the shipped one.
        text: portfolio.yaml.

    Raises:
        KsbtrackError: `contradiction`, `duplicate-id`, `unknown-code`, `unknown-standard`, `unknown-crosswalk`, or a
            fault of the crosswalk's file.
    """
    problems = list(_own_duty_problems(portfolio, standard, text))
    if problems:
        raise KsbtrackError(*problems)
    if portfolio.duties:
        return _listed_job(portfolio.duties, standard)
    return _named_job(portfolio.job, standard, folders, text.source(("job",))) if portfolio.job else None


def job_for(portfolio: Portfolio, standard: Standard, folders: Sequence[str | Path]) -> Job | None:
    """Give the job of a portfolio for another standard than its own; None where no crosswalk leads there.

    What a portfolio lists itself is about its own standard alone.

    Args:
        portfolio: as it was loaded.
        standard: the standard asked about.
        folders: folders of standards to search before the shipped one.

    Raises:
        KsbtrackError: a fault of the crosswalk's file.
    """
    if portfolio.work is None or portfolio.work.standard == standard.identity:
        return portfolio.work
    if not portfolio.job:
        return None
    try:
        return _named_job(portfolio.job, standard, folders, ASKED_STANDARD)
    except KsbtrackError as error:
        if all(problem.code == "unknown-crosswalk" for problem in error.problems):
            return None
        raise


def _own_duty_problems(portfolio: Portfolio, standard: Standard, text: YamlText) -> Iterator[Problem]:
    if portfolio.job and portfolio.duties:
        yield Problem(
            "contradiction",
            text.source(("duties",)),
            "'job' and 'duties'",
            "the job is named, or its duties are listed",
            "Delete one of the two.",
        )
    seen: set[str] = set()
    for index, duty in enumerate(portfolio.duties):
        if duty.code in seen:
            yield Problem(
                "duplicate-id",
                text.source(("duties", index, "code")),
                f"the duty {quoted(duty.code)} twice",
                "each duty has a code of its own",
                "Give it another code.",
            )
        seen.add(duty.code)
        for place, code in enumerate(duty.shows):
            if code not in standard.by_code:
                yield unknown_code(code, standard, text.source(("duties", index, "shows", place)))


def _listed_job(duties: Sequence[OwnDuty], standard: Standard) -> Job:
    order = list(standard.by_code)
    made = tuple(
        JobDuty(
            code=duty.code,
            text=duty.text,
            links=tuple(
                DutyLink(
                    code=code,
                    relation=Relation.INTERSECTS,
                    confidence=Confidence.MEDIUM,
                    why="portfolio.yaml says so.",
                    author="portfolio.yaml",
                )
                for code in sorted(dict.fromkeys(duty.shows), key=order.index)
            ),
        )
        for duty in duties
    )
    reached = {link.code for duty in made for link in duty.links}
    return Job(
        name="the job in portfolio.yaml",
        standard=standard.identity,
        judged_by="What a duty can show is as portfolio.yaml lists it.",
        duties=made,
        unreached={code: f"No duty that is listed reaches it; {ELSEWHERE}." for code in order if code not in reached},
    )


def _named_job(name: str, standard: Standard, folders: Sequence[str | Path], at: Source) -> Job:
    files = standard_files(folders)
    job = load_identity(resolved(name, files, at), files, at)
    try:
        crosswalk = load_crosswalk(job.identity, standard.identity, folders=folders)
    except KsbtrackError as error:
        # What is wrong in the crosswalk's own file keeps its place; that there is none is said of who asks for it.
        raise KsbtrackError(*(_placed(problem, at) for problem in error.problems)) from error
    ours = crosswalk.trust is Known.OURS
    return Job(
        name=f"{job.title} ({job.reference} {job.version})",
        standard=standard.identity,
        judged_by=f"{crosswalk.title}. "
        + (f"Judged by: {crosswalk.author}. It is nobody's official mapping." if ours else f"By: {crosswalk.author}."),
        duties=tuple(_duties(crosswalk)),
        unreached=dict(_unreached(crosswalk)),
    )


def _placed(problem: Problem, at: Source) -> Problem:
    if problem.code != "unknown-crosswalk":
        return problem
    return replace(problem, source=at)


def _duties(crosswalk: Crosswalk) -> Iterator[JobDuty]:
    order = {code: place for place, code in enumerate(crosswalk.other.by_code)}
    for duty in crosswalk.one.competencies:
        links = [link for link in crosswalk.links if link.one == duty.code and link.other in order]
        if links:
            links.sort(key=lambda link: order[link.other or ""])
            yield JobDuty(code=duty.code, text=duty.text, links=tuple(map(_link, links)))


def _link(link: Link) -> DutyLink:
    return DutyLink(
        code=link.other or "",
        relation=link.relation,
        confidence=link.confidence,
        why=link.why,
        author=link.author,
    )


def _unreached(crosswalk: Crosswalk) -> Iterator[tuple[str, str]]:
    """Yield each statement that no duty of the job reaches, with the reason."""
    of_job = crosswalk.one.by_code
    for code in crosswalk.other.by_code:
        links = [link for link in crosswalk.links if link.other == code]
        if any(link.one in of_job for link in links):
            continue
        none = next((link for link in links if link.relation is Relation.NONE), None)
        higher = [link.one for link in links if link.one and link.relation is not Relation.NONE]
        if none is not None:
            yield code, none.why if ELSEWHERE in none.why else f"{none.why} It {ELSEWHERE}."
        elif higher:
            yield code, f"Only duties of a higher grade reach it ({listed(higher)}); it {ELSEWHERE}."
        else:
            yield code, f"The crosswalk says nothing about it; it {ELSEWHERE}."
