"""A plan as JSON follows the schema that is shipped, whatever it is about."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from ksbtrack import analyse, assuming, load_case
from ksbtrack.cli import main
from ksbtrack.formats.plan_json import SCHEMA_VERSION, plan_as_dict, plan_schema
from ksbtrack.models.case import Case
from ksbtrack.planning.forecasts import forecast
from ksbtrack.planning.plans import make_plan

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"
DAYS = {"typical": date(2026, 3, 13), "ready": date(2024, 9, 20), "dorset": date(2026, 3, 13)}
VALIDATOR = Draft202012Validator(plan_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def planned(case: Case, **asked: Any) -> dict[str, Any]:
    return json.loads(json.dumps(plan_as_dict(make_plan(case, **asked), forecast(analyse(case)))))  # type: ignore[no-any-return]


def cases() -> Iterator[tuple[str, Case, dict[str, Any]]]:
    for name, day in DAYS.items():
        yield name, load_case(EXAMPLES / name, day), {}
    typical = load_case(EXAMPLES / "typical", DAYS["typical"])
    yield "limited", typical, {"most_pieces": 2}
    yield "by a day", typical, {"by": date(2026, 3, 20)}
    yield "assumed", assuming(typical, ["accept E21", "hours +6/week"]), {}
    without = typical.portfolio.model_copy(update={"evidence": (), "showcase": (), "off_the_job": None, "work": None})
    yield "without anything", Case(typical.standard, without, typical.policy, typical.on), {}


@pytest.mark.parametrize(("case", "asked"), [pytest.param(*rest, id=name) for name, *rest in cases()])
def test_every_plan_follows_the_schema(case: Case, asked: dict[str, Any]) -> None:
    VALIDATOR.validate(planned(case, **asked))


def test_what_the_command_prints_follows_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(EXAMPLES / "typical"), "--on", "2026-03-13", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    VALIDATOR.validate(said)
    assert said["schema_version"] == SCHEMA_VERSION
    assert said["steps"]


@pytest.mark.parametrize(
    "harm",
    [
        lambda said: said.pop("steps"),
        lambda said: said.update(grade="distinction"),
        lambda said: said["steps"][0].update(effort="a lot"),
        lambda said: said["steps"][0].update(start_by="soon"),
        lambda said: said["gaps"][0].update(status="fine"),
        lambda said: said["forecast"]["statements"].update(actual=3.5),
    ],
)
def test_the_schema_refuses_what_no_plan_says(harm: Callable[[dict[str, Any]], Any]) -> None:
    said = planned(load_case(EXAMPLES / "typical", DAYS["typical"]))
    harm(said)
    with pytest.raises(ValidationError):
        VALIDATOR.validate(said)
