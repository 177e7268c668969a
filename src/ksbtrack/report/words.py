"""How the report says things: dates, counts, and the vocabulary of the standard at hand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ksbtrack.models.analysis import Decision, Effort, Status
from ksbtrack.models.planning import PlanStep
from ksbtrack.models.standard import Regime, Standard
from ksbtrack.models.values import Known, in_words, listed

FIXED_SENTENCE = (
    "This report shows what the records say against the rules listed here. "
    "It predicts no grade and does not replace the employer's decision."
)

EFFORTS = {
    Effort.MINUTES: "minutes",
    Effort.HOURS: "a few hours",
    Effort.DAYS: "a few days",
    Effort.WEEKS: "weeks",
    Effort.WAIT: "nothing to do but wait",
}

DEFINITIONS = (
    (Status.MET, "The records show what the rule asks for."),
    (
        Status.PARTLY_MET,
        "Some of what the rule asks for is there; the reason says what is missing. It does not count as met.",
    ),
    (Status.NOT_MET, "What the rule asks for is not there."),
    (
        Status.UNKNOWN,
        "The records, or the rule book we have, do not say. What is not known never counts as met.",
    ),
    (Status.NOT_NEEDED, "The rule does not apply here, or a dispensation lifts it."),
    (
        Status.CHECK_AGAIN,
        "Something changed after it was agreed: a person has to look once more. Until then it is not known.",
    ),
)

TRUST_WORDS = {
    Known.OFFICIAL: "official",
    Known.RECONSTRUCTED: "reconstructed: restored from a paraphrased copy, with public fragments as a check",
    Known.OURS: "our reading of the source",
}

DECISION_SHAPES = {
    Decision.READY: Status.MET,
    Decision.NOT_READY: Status.NOT_MET,
    Decision.CANNOT_TELL: Status.UNKNOWN,
}
"""The shape that goes with each decision is the one of the status that it resembles."""

LONGEST_SPELT_RUN = 2
"""Neighbouring codes that are named one by one; more become a range."""

_ISO_DAY = re.compile(r"\b([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\b")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one kind of standard and one assessment regime.

    Attributes:
        unit: one coded statement.
        units: several of them.
        person: who the report is about.
        goal: what they are ready or not ready for.
        checklist: heading of the list of requirements.
        assessment: when and by whom the assessment is done; empty for a profile.
        behaviours: how behaviours are shown, where they are not shown by pieces.
        assessor: who accepts pieces.
        who_decides: a sentence.
        signers: role and what they sign, for the blank signature block.
    """

    unit: str
    units: str
    person: str
    goal: str
    checklist: str
    assessment: str
    behaviours: str
    assessor: str
    who_decides: str
    signers: tuple[str, ...]


_PROFILE = Vocabulary(
    unit="statement",
    units="statements",
    person="post holder",
    goal="this grade",
    checklist="Requirements for this grade",
    assessment="",
    behaviours="",
    assessor="reviewer",
    who_decides="Your employer decides. This report gives you both the same facts to talk about.",
    signers=("Employer", "Post holder"),
)


def vocabulary(standard: Standard) -> Vocabulary:
    """Give the words for a standard: those of its regime, or those of an employer's role profile."""
    if not standard.is_apprenticeship:
        return _PROFILE
    revised = standard.regime is Regime.APPRENTICESHIP_ASSESSMENT
    goal = "gateway to completion" if revised else "gateway"
    return Vocabulary(
        unit="KSB",
        units="KSBs",
        person="apprentice",
        goal=goal,
        checklist=f"{goal.capitalize()} checklist",
        assessment=(
            "The apprenticeship assessment may take place during the programme. "
            "An assessment organisation carries it out."
            if revised
            else "The end-point assessment follows gateway. An end-point assessment organisation carries it out."
        ),
        behaviours=(
            "Your employer verifies the behaviours once; pieces of evidence do not count for them." if revised else ""
        ),
        assessor="assessor",
        who_decides=f"Your employer decides about {goal}, together with your training provider and you.",
        signers=("Employer", "Training provider", "Apprentice"),
    )


def with_day_words(text: str) -> str:
    """Give a text with each date in it (2026-11-22) as people write it; what is no date stays as it is."""

    def spoken(match: re.Match[str]) -> str:
        try:
            return in_words(date(*(int(part) for part in match.groups())))
        except ValueError:
            return match.group()

    return _ISO_DAY.sub(spoken, text)


def advised(text: str, words: Vocabulary) -> str:
    """Give the text or the owner of a remedy as a sentence in a standard's words: not all pieces go to an assessor."""
    for phrase in ("your assessor", "the assessor asks"):
        text = text.replace(phrase, phrase.replace("assessor", words.assessor))
    return sentence(text)


def effort_words(step: PlanStep) -> str:
    """Give how much work a step of a plan is, with its hours where there are any."""
    hours = step.work.hours
    said = f", about {hours_words(hours)} {'hour' if hours == 1 else 'hours'}" if hours >= 1 else ""
    return f"{EFFORTS[step.effort]}{said}"


def subject_names(standard: Standard) -> dict[str, str]:
    """Give the titles of what findings name by an id that says little to a reader: requirements and methods."""
    requirements = {requirement.id: requirement.title for requirement in standard.requirements}
    methods = {method.id: method.title for method in standard.methods}
    return requirements | methods | {standard.identity: "the standard"}


def counted(number: int, singular: str, plural: str = "") -> str:
    """Give a number with its noun, such as "1 piece" or "3 pieces"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def code_ranges(codes: Iterable[str], all_codes: Sequence[str]) -> str:
    """Give codes as a list in which three neighbours or more become a range: "K3 to K11, S6 and B1".

    Args:
        codes: the ones to name.
        all_codes: every code in the standard's order, which decides who is whose neighbour.
    """
    wanted = set(codes)
    runs: list[list[str]] = []
    previous = ""
    for code in all_codes:
        if code in wanted:
            goes_on = previous in wanted and _letters(previous) == _letters(code)
            if goes_on:
                runs[-1].append(code)
            else:
                runs.append([code])
        previous = code
    shown: list[str] = []
    for run in runs:
        shown += [f"{run[0]} to {run[-1]}"] if len(run) > LONGEST_SPELT_RUN else run
    return listed(shown) if shown else "none"


def _letters(code: str) -> str:
    return code.rstrip("0123456789")


def hours_words(hours: Decimal) -> str:
    """Give a number of hours without needless zeros: 7.50 is 7.5, and 1240 is 1,240."""
    text = f"{hours:,.2f}"
    return text.rstrip("0").rstrip(".")


def sentence(text: str) -> str:
    """Give a text with a capital and a full stop, unless it has its own end."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", "…")) or not text else ".")


def shortened(text: str, length: int) -> str:
    """Give a text of at most `length` characters, cut between whole ones, with … where something went."""
    if len(text) <= length:
        return text
    end = length - 1
    while end and unicodedata.combining(text[end]):
        end -= 1
    return text[:end].rstrip() + "…"
