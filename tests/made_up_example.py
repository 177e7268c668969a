"""The invented cohort of docs/examples/cohort: 200 learners as tables, the same bytes each time.

    python tests/made_up_example.py

writes the tables and the invented standard again; a test compares. Nobody in it exists, and every name says so.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "examples" / "cohort"
DAY = date(2026, 1, 30)
"""The day for which the cohort tells its story."""
LEARNERS = 200
RECORD = "invented-record.json"
STANDARD = "ST9901"

MENTORS = [f"K{number}" for number in range(1, 12)] + [f"S{number}" for number in range(1, 12)]
MENTORS += [f"B{number}" for number in range(1, 6)]
KEEPERS = [f"K{number}" for number in range(1, 7)] + [f"S{number}" for number in range(1, 7)] + ["B1", "B2", "B3"]
_GRADES = ("XS10a", "XS10b", "XS10c")
_KINDS = ("work_product", "observation_record", "project", "feedback", "case_study", "witness_testimony")
_WORK = {
    "work_product": "Session plan",
    "observation_record": "Observed session",
    "project": "Small project",
    "feedback": "Feedback of a mentee",
    "case_study": "Case study",
    "witness_testimony": "Testimony of a colleague",
}

Row = dict[str, str]


@dataclass(frozen=True)
class Story:
    """How a learner stands; the shares of the learners that have it add up to all."""

    share: int
    name: str


STORIES = (
    Story(22, "ready"),
    Story(18, "one qualification missing"),
    Story(16, "confirmation missing"),
    Story(14, "waits for the assessor"),
    Story(40, "on the way"),
    Story(24, "behind"),
    Story(16, "late"),
    Story(12, "just begun"),
    Story(8, "on a break"),
)
"""Of 170 apprentices; the 30 on a role profile have no gateway."""


def keeper_record() -> dict[str, Any]:
    """Give an invented record in the shape in which standards are published: nobody's statements."""

    def entries(name: str, first: int, texts: Sequence[str]) -> list[dict[str, str]]:
        return [{f"{name}Id": _guid(first + place), "detail": text} for place, text in enumerate(texts)]

    knowledge = (
        "How a lantern burns, and what puts it out",
        "The rules for lights on a harbour wall",
        "Why fuel is stored apart from the light",
        "What ships' crews look for at night",
        "How weather changes what a light can be seen from",
        "Where to turn when a light fails",
    )
    skills = (
        "Light, trim and put out a lantern safely",
        "Clean glass and reflectors without scratching them",
        "Keep the log of the light",
        "Measure and order fuel",
        "Report a fault so that others can act on it",
        "Hand the watch over",
    )
    behaviours = ("Is where the light is, when it is needed", "Says when something is not known", "Keeps calm in fog")
    return {
        "referenceNumber": STANDARD,
        "larsCode": 9901,
        "title": "Lantern keeper (invented)",
        "level": 3,
        "status": "Approved for delivery",
        "version": "1.0",
        "versionNumber": "1.0",
        "typicalDuration": 15,
        "maxFunding": 4000,
        "overviewOfRole": "Keeps a lantern on a harbour wall. This standard is invented.",
        "route": "Examples",
        "approvedForDelivery": "2022-03-01T00:00:00",
        "earliestStartDate": "2022-03-01T00:00:00",
        "latestStartDate": None,
        "coreAndOptions": False,
        "regulated": False,
        "knowledges": entries("knowledge", 1, knowledge),
        "skills": entries("skill", 11, skills),
        "behaviours": entries("behaviour", 21, behaviours),
        "duties": [
            {
                "dutyID": _guid(31),
                "dutyDetail": "Keep the light through the night",
                "isThisACoreDuty": 1,
                "mappedKnowledge": [_guid(number) for number in range(1, 7)],
                "mappedSkills": [_guid(number) for number in range(11, 17)],
                "mappedBehaviour": [_guid(number) for number in range(21, 24)],
                "mappedOptions": None,
            }
        ],
        "options": [],
    }


def _guid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def example_tables() -> dict[str, list[Row]]:
    """Give the rows of each table."""
    tables: dict[str, list[Row]] = {name: [] for name in ("learners", "evidence", "claims", "records", "hours")}
    stories = [story.name for story in STORIES for _ in range(story.share)]
    random.Random(5).shuffle(stories)
    for number in range(LEARNERS):
        _learner(number, stories[number] if number < len(stories) else "profile", tables)
    return tables


def _learner(number: int, story: str, tables: dict[str, list[Row]]) -> None:
    drawn = random.Random(f"learner {number}")
    key = f"L{number + 1:04}"
    grade = _GRADES[number % 3] if story == "profile" else ""
    is_keeper = not grade and number % 6 == 5
    codes = _codes_of(grade) if grade else KEEPERS if is_keeper else MENTORS
    start, planned = _dates(story, drawn)
    shown = {
        "just begun": 0.05,
        "on the way": 0.62,
        "on a break": 0.45,
        "behind": 0.58,
        "late": 0.8,
        "profile": drawn.choice((0.5, 0.9, 1.0)),
    }.get(story, 1.0)
    covered = codes[: max(1, round(len(codes) * shown))]
    pieces = list(_pieces(key, number, covered, story=story, start=start, drawn=drawn))
    tables["evidence"] += [piece for piece, _ in pieces]
    tables["claims"] += [
        {"learner": key, "evidence": piece["id"], "code": code} for piece, held in pieces for code in held
    ]
    learner = {
        "learner": key,
        "name": f"Example Learner {number + 1}",
        "standard": f"{grade}@2008-06" if grade else f"{STANDARD}@1.0" if is_keeper else "ST0148@1.0",
        "start": start.isoformat(),
        "planned_gateway": "" if grade else planned.isoformat(),
        "gateway": (DAY + timedelta(days=10)).isoformat() if story == "ready" else "",
        "age_at_start": str(20 + number % 25),
        "weekly_hours": "37",
        "employer": f"Example Employer {number % 17 + 1}",
        "provider": "Example College (invented)",
        "assessor": f"Example Assessor {number % 6 + 1}",
        "group": f"{start:%B %Y}",
        "prior_learning_hours": "0",
        "showcase": ", ".join(piece["id"] for piece, _ in pieces[:10]) if not grade and shown == 1.0 else "",
        "invented": "yes",
    }
    tables["learners"].append(learner)
    if not grade:
        tables["records"] += _records(key, story, start, [piece for piece, _ in pieces], drawn)
        tables["hours"] += _hours(key, story, start, planned)


def _codes_of(grade: str) -> list[str]:
    from ksbtrack.load import load_standard

    return [competency.code for competency in load_standard(f"{grade}@2008-06").competencies]


def _dates(story: str, drawn: random.Random) -> tuple[date, date]:
    """Give the first day, a Monday, and the planned gateway."""
    weeks = {"just begun": 5, "late": 80, "ready": 66, "behind": 50, "on the way": 40, "on a break": 44}.get(story, 62)
    start = DAY - timedelta(weeks=weeks + drawn.randint(0, 3))
    start -= timedelta(days=start.weekday())
    return start, start + timedelta(weeks=68)


def _pieces(
    key: str, number: int, covered: Sequence[str], *, story: str, start: date, drawn: random.Random
) -> Iterator[tuple[Row, list[str]]]:
    """Yield the pieces with their codes: each code in two pieces, three codes in a piece."""
    order = list(covered) + list(covered)
    shift = drawn.randrange(len(order))
    order = order[shift:] + order[:shift]
    groups = [list(dict.fromkeys(order[place : place + 3])) for place in range(0, len(order), 3)]
    last = min(DAY, start + timedelta(weeks=60)) - timedelta(weeks=4)
    for place, held in enumerate(groups):
        kind = _KINDS[(number + place) % len(_KINDS)]
        made = start + timedelta(days=7 + (max((last - start).days, 14) - 7) * place // max(len(groups), 1))
        row = {
            "learner": key,
            "id": f"E{place + 1:02}",
            "title": f"{_WORK[kind]} {place + 1}",
            "kind": kind,
            "date": made.isoformat(),
            "contains_personal_data": "no",
        }
        waits = story == "waits for the assessor" and place >= len(groups) - 6
        if waits or (story in ("on the way", "late") and place == len(groups) - 1):
            row["state"] = "submitted"
        elif story == "behind" and place == 0:
            row["state"] = "referred"
            row |= _decided(number, made)
        else:
            row["state"] = "accepted"
            row |= _decided(number, made)
        if kind == "witness_testimony":
            row |= {
                "witness_name": f"Example Colleague {number % 9 + 1}",
                "witness_role": "colleague",
                "witness_relationship": "works with the learner",
                "witness_signed": (made + timedelta(days=1)).isoformat(),
            }
        yield row, held


def _decided(number: int, made: date) -> Row:
    return {
        "accepted_by": f"Example Assessor {number % 6 + 1}",
        "accepted_role": "assessor",
        "accepted_on": (made + timedelta(days=6)).isoformat(),
    }


def _records(key: str, story: str, start: date, pieces: Sequence[Row], drawn: random.Random) -> Iterator[Row]:
    awarded = {"english": (2, "GCSE English"), "maths": (2, "GCSE mathematics"), "ict": (2, "ICT user skills")}
    awarded |= {"safeguarding": (1, "Safeguarding")}
    missing = drawn.choice(("maths", "ict", "maths")) if story == "one qualification missing" else ""
    for subject, (level, title) in awarded.items():
        if subject == missing or (story in ("behind", "just begun") and subject in ("ict", "safeguarding")):
            continue
        day = start + timedelta(days=60) if subject in ("ict", "safeguarding") else date(2019, 8, 22)
        yield {
            "learner": key,
            "record": "qualification",
            "subject": subject,
            "level": str(level),
            "title": f"{title} (invented)",
            "awarded": min(day, DAY).isoformat(),
        }
    for piece in pieces:
        if piece["kind"] == "observation_record" and piece["state"] == "accepted":
            for by, name in (("assessor", piece["accepted_by"]), ("apprentice", f"Example Learner {int(key[1:])}")):
                on = piece["accepted_on"]
                yield {"learner": key, "record": "signature", "by": by, "name": name, "on": on, "piece": piece["id"]}
    if story == "on a break":
        yield {"learner": key, "record": "break", "start": "2025-12-01", "end": ""}
    if story in ("ready", "confirmation missing", "one qualification missing"):
        yield from _confirmations(key, without="employer" if story == "confirmation missing" else "")


def _confirmations(key: str, without: str) -> Iterator[Row]:
    names = {
        "employer": ("Example Manager", "line manager", ("competence", "own_work")),
        "provider": ("Example Tutor", "tutor", ("competence",)),
        "apprentice": (f"Example Learner {int(key[1:])}", "apprentice", ("own_work",)),
    }
    for by, (name, role, of) in names.items():
        for what in of:
            if by != without:
                on = (DAY - timedelta(days=3)).isoformat()
                yield {
                    "learner": key,
                    "record": "confirmation",
                    "by": by,
                    "name": name,
                    "role": role,
                    "of": what,
                    "on": on,
                }


def _hours(key: str, story: str, start: date, planned: date) -> Iterator[Row]:
    """Yield a day of training a week, from which those who are behind stay away at times."""
    day, place = start + timedelta(days=2), 0
    while day < min(DAY, planned):
        if not (story == "behind" and place % 4 == 3) and not (story == "on a break" and day >= date(2025, 12, 1)):
            yield {"learner": key, "date": day.isoformat(), "hours": "7", "activity": "Day of training"}
        day, place = day + timedelta(weeks=1), place + 1


def as_csv(rows: Sequence[Row]) -> bytes:
    """Give a table with the columns that any of its rows fills."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def example_files() -> dict[str, bytes]:
    """Give every file of the folder that is made, but the standard that the import writes."""
    files = {f"tables/{name}.csv": as_csv(rows) for name, rows in example_tables().items()}
    record = json.dumps([keeper_record()], indent=2, ensure_ascii=False) + "\n"
    return {RECORD: record.encode(), **files}


def main() -> None:
    """Write the folder."""
    from ksbtrack.cli import main as command

    for name, content in example_files().items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert command(["standards", "import", str(FOLDER / RECORD), "-o", str(FOLDER / "standards"), "--replace"]) == 0


if __name__ == "__main__":
    main()
