"""The gaps in gateway requirements, and in statements that the employer verifies, with the steps that close each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from ksbtrack.models.analysis import Action, Finding, Remedy
from ksbtrack.models.standard import RequirementRule
from ksbtrack.models.values import in_words, listed
from ksbtrack.planning.choosing import Demand, Gap, Way
from ksbtrack.planning.layout import DraftGap, Layout
from ksbtrack.planning.mending import ConfirmedBy, to_be_renewed
from ksbtrack.rules.period import DAYS_IN_WEEK, ONE_DAY, days_between
from ksbtrack.rules.tally import Tally


def requirement_gaps(layout: Layout, counted: Tally) -> list[DraftGap]:
    """Give each requirement that decides and does not hold, that about all statements apart, with its steps.

    Args:
        layout: takes the steps.
        counted: the pieces behind each statement.
    """
    gaps = []
    asked = {requirement.id: requirement for requirement in layout.case.standard.requirements}
    for verdict in layout.analysis.requirements:
        rule = asked[verdict.id].rule
        if verdict.is_desirable or verdict.status.holds or rule is RequirementRule.EVERY_STATEMENT:
            continue
        findings = [
            finding
            for finding in layout.analysis.findings
            if finding.subject == verdict.id and finding.decides and not finding.status.holds
        ]
        demands: Gap = tuple(_demand(layout, counted, finding) for finding in findings)
        because = next((f"It is not possible before {in_words(day)}." for day in _too_late(layout, findings)), "")
        gaps.append(
            DraftGap(
                verdict.id,
                verdict.title,
                verdict.status,
                is_statement=False,
                demands=demands,
                open_because=because,
            )
        )
    return gaps


def _too_late(layout: Layout, findings: Iterable[Finding]) -> Iterator[date]:
    """Yield the days until which waiting would take longer than there is time."""
    for finding in findings:
        if finding.remedy and finding.remedy.action is Action.WAIT_UNTIL:
            day = date.fromisoformat(finding.remedy.details["on"])
            if layout.last_day is not None and day > layout.last_day:
                yield day


def _demand(layout: Layout, counted: Tally, finding: Finding) -> Demand:
    if finding.remedy is None or any(_too_late(layout, [finding])):
        return Demand(1, ())
    step = layout.add_remedy(_looking_ahead(layout, finding.remedy))
    if finding.remedy.action is not Action.CHOOSE_SHOWCASE:
        return Demand(1, ((frozenset({step}),),))
    return Demand(1, (tuple(_showcase_ways(layout, counted, finding, step)),))


def _looking_ahead(layout: Layout, remedy: Remedy) -> Remedy:
    """Give a remedy as it is said on the day on which it was asked for: learning to come is no learning to look up."""
    if not goes_on(layout, remedy):
        return remedy
    weeks, asked = layout.case.policy.active_learning_weeks.on(layout.case.last_day), layout.asked
    assert weeks is not None
    past, end = [], asked.on
    for start, last in _gaps_of(remedy):
        end = max(end, last)
        until = min(last, asked.on)
        length = days_between(start + ONE_DAY, until + ONE_DAY, asked.breaks)
        if length > weeks.value * DAYS_IN_WEEK:
            past.append(f"between {in_words(start)} and {in_words(until)}")
    text = f"Go on learning until {in_words(end)}, and log it at least every {weeks.value} weeks."
    if past:
        taken_place = (
            f"Log the learning that took place {listed(past)}, or record a break in learning if there was none."
        )
        text = f"{taken_place} {text}"
    return replace(remedy, text=text)


def goes_on(layout: Layout, remedy: Remedy) -> bool:
    """Say whether learning is logged that is still to come on the day on which the plan was asked for.

    Args:
        layout: the plan's days.
        remedy: what is done.
    """
    return any(last > layout.asked.on for _, last in _gaps_of(remedy))


def _gaps_of(remedy: Remedy) -> Iterator[tuple[date, date]]:
    """Yield the stretches without learning that are to be logged; none where something else is done."""
    if remedy.action is Action.LOG_LEARNING:
        for gap in remedy.details["gaps"].split():
            start, _, last = gap.partition("/")
            yield date.fromisoformat(start), date.fromisoformat(last)


def _showcase_ways(layout: Layout, counted: Tally, finding: Finding, choose: int) -> Iterator[Way]:
    """Yield the ways to a showcase that counts: mend what is in it, or choose other pieces.

    Where no piece counts yet, there has to be one before it can be chosen.
    """
    names = finding.inputs["not_counting"]
    failing = [] if names == "none" else names.split(", ")
    if failing and all(name in layout.mended for name in failing):
        yield frozenset(step for name in failing for step in layout.mended[name])
    remedy = finding.remedy
    chosen = remedy.details["pieces"].split() if remedy else []
    way = frozenset({choose, *_renewed_by_choice(layout, counted, chosen)})
    if chosen:
        yield way
        return
    for step, draft in enumerate(layout.drafts):
        if draft.is_piece:
            yield way | layout.mended.get(draft.name, frozenset({step}))


def _renewed_by_choice(layout: Layout, counted: Tally, chosen: Sequence[str]) -> list[int]:
    """Give the steps that renew the confirmations of a showcase once other pieces are chosen.

    Pieces that are not made yet are younger than all that was confirmed.
    """
    case = layout.case
    change: dict[str, object] = {"showcase": tuple(chosen)}
    if not chosen:
        change["records"] = case.portfolio.records.model_copy(update={"confirmations": ()})
    changed = replace(case, portfolio=case.portfolio.model_copy(update=change))
    lost: dict[ConfirmedBy, Remedy] = to_be_renewed(case, changed, counted)
    return [layout.add_remedy(found) for found in lost.values()]


def verified_gaps(layout: Layout) -> list[DraftGap]:
    """Give each statement that the employer has not verified, with the step of having all of them verified.

    Args:
        layout: takes the step.
    """
    verdicts = {verdict.code: verdict for verdict in layout.analysis.competencies}
    gaps = []
    for statement in layout.case.standard.verified_by_employer:
        verdict = verdicts[statement.code]
        if not verdict.is_desirable and not verdict.status.holds:
            demands = tuple(Demand(1, ((frozenset({layout.add_remedy(remedy)}),),)) for remedy in verdict.remedies)
            gaps.append(DraftGap(statement.code, "", verdict.status, is_statement=True, demands=demands))
    return gaps
