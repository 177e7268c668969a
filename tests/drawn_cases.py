"""Learners drawn by chance: complete apart from some faults, as cases in text (tests/cases/README.md)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from case_text import Plain
from ksbtrack.models.standard import EvidenceKind

STANDARDS: list[Plain] = [
    {"standard": "ST0148@1.0"},
    {"standard": "ST0148@1.0"},
    {"standard": "XS10a"},
    {"standard": "XS10c"},
    {"standard": "ST0148@1.0", "standard_with": {"regime": "apprenticeship_assessment", "level": "2"}},
    {
        "standard": "ST0148@1.0",
        "standard_with": {
            "minimum_hours": "250",
            "earliest_start": "2023-09-01",
            "requirements": {"maths": {"mandated_by_standard": "yes"}, "ict": {"rule": "assessment_plan"}},
            "statements": {"K1": {"sufficiency": {"confirmed_claims_needed": "yes", "max_age_months": "8"}}},
            "methods": {"observation": {"assesses": ["S1", "S2"], "sufficiency": {"kinds_per_competency": "2"}}},
        },
    },
]
STARTS = [
    "2017-04-30",
    "2022-07-31",
    "2023-07-31",
    "2023-08-01",
    "2023-09-04",
    "2024-02-29",
    "2025-07-31",
    "2025-08-01",
]


def some(*values: Any) -> st.SearchStrategy[Any]:
    """Give one of the values, or nothing, which leaves the complete learner as it is."""
    return st.sampled_from([None, None, *values])


@st.composite
def policies(draw: st.DrawFn) -> Plain:
    """Draw settings, most of them as shipped."""
    drawn = {
        "pieces_per_competency": draw(some("2", "3")),
        "kinds_per_competency": draw(some("2", "3")),
        "days_per_competency": draw(some("2", "3")),
        "max_age_months": draw(some("6", "12")),
        "acceptance_needed": draw(some("no")),
        "confirmed_claims_needed": draw(some("yes")),
        "claims_per_piece_warning": draw(some("0", "3")),
        "barred_kinds": draw(some(["work_product"], ["feedback", "case_study"])),
    }
    return {key: value for key, value in drawn.items() if value is not None}


@st.composite
def pieces(draw: st.DrawFn, first: date, codes: list[str]) -> Plain:
    """Draw one piece with some faults."""
    made = first + timedelta(days=draw(st.sampled_from([-5, 30, 30, 200]) | st.integers(-5, 500)))
    state = draw(st.sampled_from(["accepted", "accepted", "accepted", "submitted", "draft", "referred"]))
    judged = str(made + timedelta(days=draw(st.integers(0, 60))))
    claims = draw(st.lists(st.sampled_from(codes), min_size=0, max_size=4, unique=True))
    one = draw(st.sampled_from([None, "made_against", "where", "confirmed", "fingerprint"]))
    facts = {
        "made_against": {"made_against": "ST0000@0.1"},
        "where": {"where": "p. 9"},
        "confirmed": {"state": "confirmed"},
        "fingerprint": {"fingerprint": "ab" * 8},
    }
    plain: Plain = {
        "kind": draw(st.sampled_from(list(EvidenceKind))).value,
        "date": str(made),
        "claims": [{"code": code} | (facts[one] if one and number == 0 else {}) for number, code in enumerate(claims)],
        "acceptance": {"state": state, "on": judged},
    }
    if draw(st.booleans()):
        plain["acceptance"]["fingerprint"] = draw(st.sampled_from(["0" * 32, "1" * 32]))
    plain |= {
        key: value
        for key, value in {
            "witness": draw(some({"name": "Example Witness", "role": "teacher", "relationship": "colleague"})),
            "signatures": draw(some([{"by": "assessor", "on": judged}, {"by": "witness", "on": judged}])),
            "privacy": draw(some({"contains_personal_data": "yes"})),
            "account": draw(some("")),
            "files": draw(
                some(
                    {"a.pdf": {"kind": "pdf", "pages": "4", "sha256": "same"}},
                    {"b.pdf": {"is_missing": "yes", "sha256": ""}, "c.pdf": {"is_restricted": "yes"}},
                )
            ),
        }.items()
        if value is not None
    }
    return plain


QUALIFICATIONS = st.sampled_from(
    [
        None,
        None,
        "none",
        {"level": "1"},
        {"awarded": "none"},
        {"awarded": "none", "certificate": "missing"},
        {"awarded": "2025-06-01"},
        {"certificate": "unnamed"},
        {"state": "working_towards", "awarded": "none"},
    ]
)
SUBJECTS = ("english", "maths", "ict", "safeguarding", "childrens_workforce", "specialist_leader_behaviour_attendance")


@st.composite
def learners(draw: st.DrawFn, standard: str, on: date, start: str) -> Plain:
    """Draw a learner, complete apart from some faults."""
    first = date.fromisoformat(start)
    codes = ["K1", "K2", "S1", "B1"] if standard.startswith("ST") else ["D1", "D2", "KS1", "Q2"]
    subjects = SUBJECTS[:4] if standard.startswith("ST") else SUBJECTS[4:]
    away = first + timedelta(days=draw(st.integers(20, 300)))
    back = away + timedelta(days=draw(st.integers(0, 90)))
    new = draw(st.lists(pieces(first, codes), max_size=4))
    early = [{"date": str(first - timedelta(days=3)), "hours": "2"}, {"weekly": "8"}]
    plain: Plain = {
        "start": start,
        "qualifications": {subject: found for subject in subjects if (found := draw(QUALIFICATIONS)) is not None},
        "confirmations": {
            party: found
            for party in ("employer", "provider", "apprentice")
            if (found := draw(some("none", {"role": "none"}, {"on": start}, {"of": "behaviours"}))) is not None
        },
        "evidence": {f"E{number:02}": piece for number, piece in enumerate(new, draw(st.sampled_from([1, 40])))},
        "without": draw(some(["E04"], ["E04", "E05"])) or [],
    }
    others = {
        "weekly_hours": draw(some("unknown", "15", "29", "30")),
        "born": draw(some("unknown", str(first - timedelta(days=6700)))),
        "gateway": draw(some(str(first + (on - first) * 3 // 4), str(on + timedelta(days=40)))),
        "breaks": draw(
            some(
                [{"start": str(away), "end": str(back)}],
                [{"start": str(away)}],
                [{"start": str(first + timedelta(days=9)), "end": str(first + timedelta(days=19))}],
            )
        ),
        "hours": draw(some("none", {"weekly": "5"}, {"weekly": "8", "from": str(away)}, [], early)),
        "adjustments": draw(some(["maths"], ["english"])),
        "opt_ins": draw(some(["maths"])),
        "prior_learning_hours": draw(some("40")),
        "showcase": draw(some([], ["E02", "E03"], ["E01"])),
    }
    plain |= {key: value for key, value in others.items() if value is not None}
    if draw(st.integers(0, 4)) == 0:
        restart = first + timedelta(days=60)
        plain |= {"original_start": start, "start": str(restart)}
    return plain


@st.composite
def told_cases(draw: st.DrawFn) -> Plain:
    """Draw a case as text: a learner with some faults, on a day well after the start."""
    plain = draw(st.sampled_from(STANDARDS))
    start = draw(st.sampled_from(STARTS))
    on = date.fromisoformat(start) + timedelta(days=draw(st.sampled_from([200, 371, 372, 400, 600, 760])))
    learner = draw(learners(plain["standard"], on, start))
    return plain | {"policy": draw(policies()), "on": str(on), "learner": learner}
