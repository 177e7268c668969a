"""Requirements that do not say enough for their rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ksbtrack.models.standard import Condition, Requirement, RequirementRule
from ksbtrack.problems import Problem
from ksbtrack.yamlfile import YamlText

_WANTED: dict[RequirementRule, tuple[str, ...]] = {
    RequirementRule.ENGLISH_AND_MATHS: ("subject",),
    RequirementRule.QUALIFICATION: ("subject", "level"),
    RequirementRule.CONFIRMATIONS: ("by",),
    RequirementRule.PROGRESSION: ("condition",),
}


def incomplete_requirements(requirements: Sequence[Requirement], text: YamlText) -> Iterator[Problem]:
    """Find what requirements lack, under the key `requirements` of a file.

    Args:
        requirements: as the file has them.
        text: the file.
    """
    for index, requirement in enumerate(requirements):
        for key in _WANTED.get(requirement.rule, ()):
            if not getattr(requirement, key):
                yield Problem(
                    "missing-key",
                    text.source(("requirements", index)),
                    f"no key '{key}'",
                    f"the rule {requirement.rule.value} needs it",
                    f"Add a line '{key}: ...'.",
                )
        if requirement.condition and not _is_whole(requirement.condition):
            yield Problem(
                "bad-condition",
                text.source(("requirements", index, "condition")),
                "a condition with none or more than one of subject, all_of and any_of",
                "each condition has exactly one of them",
                "Split it into conditions of one kind.",
            )


def _is_whole(condition: Condition) -> bool:
    parts = [bool(condition.subject), bool(condition.all_of), bool(condition.any_of)]
    return sum(parts) == 1 and all(map(_is_whole, condition.all_of + condition.any_of))
