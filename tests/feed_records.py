"""Records in the shape of the official feed, made up for tests; nobody's statements."""

from __future__ import annotations

from typing import Any


def guid(number: int) -> str:
    """Give an identifier that is nobody's."""
    return f"00000000-0000-4000-8000-{number:012}"


def record(**changed: Any) -> dict[str, Any]:
    """Give a record of today's dialect with two kinds of everything; a field given as None is left out."""
    fields: dict[str, Any] = {
        "referenceNumber": "ST9001",
        "larsCode": 9001,
        "title": "Example maker",
        "level": 3,
        "status": "Approved for delivery",
        "version": "1.2",
        "versionNumber": "1.2",
        "typicalDuration": 18,
        "maxFunding": 6000,
        "minimumHoursForCompliance": "605",
        "ePALength": 3,
        "overviewOfRole": "Makes examples.",
        "occupationalSummary": "&lt;p&gt;It makes &amp;amp; mends.&lt;/p&gt;&lt;p&gt;It is invented.&lt;/p&gt;",
        "route": "Examples",
        "keywords": ["example", "maker"],
        "typicalJobTitles": ["Example maker", "Maker of examples"],
        "approvedForDelivery": "2017-11-07T00:00:00 +00:00",
        "earliestStartDate": "2024-01-15T00:00:00",
        "latestStartDate": None,
        "latestEndDate": None,
        "assessmentPlanUrl": "https://example.org/plan",
        "standardPageUrl": "https://example.org/standard",
        "coreAndOptions": False,
        "regulated": True,
        "regulatedBody": "Example Regulator",
        "regulationDetail": [{"name": "Training provider", "approved": True, "webLink": "https://example.org/"}],
        "knowledges": [
            {"knowledgeId": guid(1), "detail": "How examples are made"},
            {"knowledgeId": guid(2), "detail": "Where examples are kept"},
        ],
        "skills": [
            {"skillId": guid(11), "detail": "Make an example"},
            {"skillId": guid(12), "detail": "Keep an example"},
        ],
        "behaviours": [{"behaviourId": guid(21), "detail": "Be exact"}],
        "duties": [
            {
                "dutyID": guid(31),
                "dutyDetail": "Make examples",
                "isThisACoreDuty": 1,
                "mappedKnowledge": [guid(1)],
                "mappedSkills": [guid(11)],
                "mappedBehaviour": [guid(21)],
                "mappedOptions": None,
            },
            {
                "dutyID": guid(32),
                "dutyDetail": "Keep examples",
                "isThisACoreDuty": 1,
                "mappedKnowledge": [guid(2)],
                "mappedSkills": [guid(12)],
                "mappedBehaviour": None,
                "mappedOptions": None,
            },
        ],
        "options": [],
        "optionsUnstructuredTemplate": [],
        "qualifications": [{"qualificationId": guid(41), "title": "Certificate of examples", "level": "3"}],
    }
    fields |= changed
    return {key: value for key, value in fields.items() if value is not None or key in ("latestStartDate",)}


def long_record() -> dict[str, Any]:
    """Give a record as long as those of the feed are on average: 33 kilobytes, 60 statements, 14 duties."""
    statements = [
        f"How an example of kind {number} is made, kept and mended, and what to look out for" for number in range(60)
    ]
    duties = [
        {
            "dutyID": guid(200 + number),
            "dutyDetail": f"Look after examples of kind {number}. " * 20,
            "isThisACoreDuty": 1,
            "mappedKnowledge": [guid(number + step) for step in range(5)],
            "mappedSkills": [guid(100 + number + step) for step in range(5)],
            "mappedBehaviour": [],
            "mappedOptions": None,
        }
        for number in range(14)
    ]
    return record(
        knowledges=[{"knowledgeId": guid(number), "detail": text} for number, text in enumerate(statements[:30])],
        skills=[{"skillId": guid(100 + number), "detail": text} for number, text in enumerate(statements[30:])],
        duties=duties,
        occupationalSummary="&lt;p&gt;" + "It is invented, and goes on for a while. " * 150 + "&lt;/p&gt;",
    )
