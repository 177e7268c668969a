"""The forecast in words and as what its charts draw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ksbtrack.models.analysis import Analysis
from ksbtrack.models.forecast import Forecast, Progress
from ksbtrack.models.values import in_words
from ksbtrack.planning.forecasts import forecast
from ksbtrack.report.timecharts import Climb
from ksbtrack.report.words import hours_words, sentence

DAYS_SHOWN = 730
"""Days to come that a chart shows at most; a range that goes on longer is told in words."""


@dataclass(frozen=True, slots=True)
class ProgressView:
    """What grows, in words and as a chart.

    Attributes:
        title: what it is.
        figures: name and value.
        climb: None where nothing grew yet or nobody knows what is enough.
        last: the last day of the chart.
    """

    title: str
    figures: tuple[tuple[str, str], ...]
    climb: Climb | None
    last: date


@dataclass(frozen=True, slots=True)
class ForecastView:
    """What section 7 prints of the forecast."""

    parts: tuple[ProgressView, ...]


def forecast_view(analysis: Analysis) -> ForecastView:
    """Give the forecast of an analysis in words and charts.

    Args:
        analysis: what `analyse` returned.
    """
    made = forecast(analysis)
    return ForecastView(tuple(_part(made, progress) for progress in (made.statements, made.hours) if progress))


def _part(made: Forecast, progress: Progress) -> ProgressView:
    case = made.case
    last = max(
        filter(None, (case.on, made.target, progress.late or (progress.ahead[-1].day if progress.ahead else None)))
    )
    furthest = date.fromordinal(case.on.toordinal() + DAYS_SHOWN)
    last = max(min(last, furthest), made.target or case.on)
    climb = None
    if progress.wanted and (progress.history or progress.ahead):
        climb = Climb(
            unit=progress.unit,
            history=progress.history,
            on=case.on,
            actual=progress.actual,
            wanted=progress.wanted,
            first=case.portfolio.dates.first,
            target=made.target,
            ahead=tuple(one for one in progress.ahead if one.day <= last),
            breaks=tuple((first, min(end, last)) for first, end in case.breaks if first <= last),
        )
    return ProgressView(
        title=sentence(f"{progress.unit} to come").rstrip("."),
        figures=tuple(forecast_figures(made, progress)),
        climb=climb,
        last=last,
    )


def forecast_figures(made: Forecast, progress: Progress) -> list[tuple[str, str]]:
    """Give the figures of a progress, each with its name: where it stands, its pace, and when all may be there.

    Args:
        made: what `forecast` returned.
        progress: one of its two.
    """
    now = f"{hours_words(progress.actual)} {progress.unit}"
    if progress.wanted is not None:
        now = f"{hours_words(progress.actual)} of {hours_words(progress.wanted)} {progress.unit}"
    figures = [("Now", now)]
    if progress.expected is not None and made.target is not None:
        even = f"{hours_words(progress.expected)}, for gateway on {in_words(made.target)}"
        figures.append(("An even pace would have", even))
    if progress.pace is not None:
        figures.append(("Own pace", f"{hours_words(progress.pace)} a week of learning"))
    figures += [
        ("Assumed pace", f"{hours_words(found.hours_a_week)} a week from now on")
        for found in made.case.assumptions
        if found.hours_a_week is not None and progress.unit == "hours"
    ]
    if progress.ahead and progress.ahead[-1].wanted != progress.ahead[0].wanted:
        figures.append(("Asked for", _growing(progress)))
    figures.append(("All may be there", _when(made, progress)))
    return figures


def _growing(progress: Progress) -> str:
    """Say that more is asked for the later gateway is."""
    first, last = progress.ahead[0], progress.ahead[-1]
    return (
        f"{hours_words(first.wanted)} for the gateway day, and more for each week after it: {hours_words(last.wanted)} "
        f"for gateway on {in_words(last.day)}"
    )


def _when(made: Forecast, progress: Progress) -> str:
    if progress.is_enough:
        return f"They are there on {in_words(made.case.on)}."
    if progress.why_not:
        return f"Cannot be told. {progress.why_not}"
    if progress.early is None:
        return "Not at this pace: even in one of ten futures later than three years of learning."
    if progress.early == progress.late:
        return f"On {in_words(progress.early)}{_against(made, progress)}."
    late = f"and {in_words(progress.late)}" if progress.late else "and a day later than can be told"
    middle = f"; in half of all futures by {in_words(progress.middle)}" if progress.middle else ""
    return f"Between {in_words(progress.early)} {late} (eight of ten futures){middle}{_against(made, progress)}."


def _against(made: Forecast, progress: Progress) -> str:
    """Say where the range lies against the gateway day, as the end of a sentence."""
    if made.target is None or progress.early is None:
        return ""
    planned = "agreed" if made.case.portfolio.dates.gateway else "planned"
    if progress.early > made.target:
        where = "after"
    elif progress.late is not None and progress.late <= made.target:
        where = "in time for"
    else:
        where = "partly after"
    return f"; {where} the {planned} gateway of {in_words(made.target)}"
