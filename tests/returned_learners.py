"""Learner record returns of invented learners, with all that a real one says of people besides."""

from __future__ import annotations

from collections.abc import Sequence

PERSONAL = (
    "Exampleton",
    "Robin-Given",
    "1999-05-17",
    "Ethnicity-31",
    "Sex-F",
    "LLDD-1",
    "LJ000000A",
    "ZZ99 9ZZ",
    "ZZ98 8ZZ",
    "18 Invented Row",
    "07855555555",
    "robin@example.invalid",
    "154549452",
    "LOE-4",
    "LLDDCat-9",
    "Prior-2",
    "FAM-LSF-1",
    "AFinAmount-4321",
    "attribute-secret",
    "comment-secret",
    "instruction-secret",
    "cdata-secret",
)
"""Every value that a return of `whole_return` has and that nobody may see again."""

PEOPLE = """
    <FamilyName note="attribute-secret">Exampleton</FamilyName><GivenNames>Robin-Given</GivenNames>
    <!-- comment-secret --><?note instruction-secret?>
    <DateOfBirth>1999-05-17</DateOfBirth><Ethnicity>Ethnicity-31</Ethnicity><Sex>Sex-F</Sex>
    <LLDDHealthProb>LLDD-1</LLDDHealthProb><NINumber>LJ000000A</NINumber><PriorAttain>Prior-2</PriorAttain>
    <PostcodePrior>ZZ98 8ZZ</PostcodePrior><Postcode>ZZ99 9ZZ</Postcode><AddLine1>18 Invented Row</AddLine1>
    <TelNo>07855555555</TelNo><Email>robin@example.invalid</Email><AddLine2><![CDATA[cdata-secret]]></AddLine2>
    <LLDDandHealthProblem><LLDDCat>LLDDCat-9</LLDDCat><ULN>LJ000000A</ULN></LLDDandHealthProblem>
    <LearnerEmploymentStatus><EmpId>154549452</EmpId>
      <EmploymentStatusMonitoring><ESMCode>LOE-4</ESMCode></EmploymentStatusMonitoring></LearnerEmploymentStatus>"""
ABOUT_AIM = """
      <DelLocPostCode>ZZ99 9ZZ</DelLocPostCode>
      <LearningDeliveryFAM><LearnDelFAMType>FAM-LSF-1</LearnDelFAMType></LearningDeliveryFAM>
      <AppFinRecord><AFinAmount>AFinAmount-4321</AFinAmount><StdCode>LJ000000A</StdCode></AppFinRecord>"""
OTHER_AIM = """
    <LearningDelivery><LearnAimRef>50098184</LearnAimRef><AimType>3</AimType><ProgType>25</ProgType>
      <LearnStartDate>LJ000000A</LearnStartDate></LearningDelivery>"""


def aim(*elements: str, start: str = "2024-09-02", code: str = "403") -> str:
    """Give a programme aim that starts on a day, with more elements such as `CompStatus=1` or whole ones in XML."""
    inner = "".join(
        element if element.startswith("<") else "<{0}>{1}</{0}>".format(*element.split("=", 1)) for element in elements
    )
    began = f"<LearnStartDate>{start}</LearnStartDate>" if start else ""
    return (
        "\n    <LearningDelivery><LearnAimRef>ZPROG001</LearnAimRef><AimType>1</AimType><ProgType>25</ProgType>"
        f"{began}<StdCode>{code}</StdCode>{inner}{ABOUT_AIM}</LearningDelivery>"
    )


def hours(code: int, amount: str) -> str:
    """Give an hours record as returns have them from 2026/27."""
    return f"<HRSRecord><HRSType>HRS</HRSType><HRSCode>{code}</HRSCode><HRSAmount>{amount}</HRSAmount></HRSRecord>"


def learner(*aims: str, uln: str = "9000000008", reference: str = "EX0001") -> str:
    """Give a learner with their aims, and everything personal that a return has."""
    number = f"<ULN>{uln}</ULN>" if uln else ""
    own = f"<LearnRefNumber>{reference}</LearnRefNumber>" if reference else ""
    return f"\n  <Learner>{own}{number}{PEOPLE}{''.join(aims)}{OTHER_AIM}\n  </Learner>"


def whole_return(learners: Sequence[str], namespace: str = "ESFA/ILR/2025-26", prefix: str = "") -> str:
    """Give a return; with a namespace or without, with a prefix for every element or without."""
    declared = f' xmlns{":" + prefix if prefix else ""}="{namespace}"' if namespace else ""
    body = "".join(learners)
    if prefix:
        import re

        body = re.sub(r"<(/?)(?=[A-Z])(?!!)", rf"<\1{prefix}:", body)
        return f'<?xml version="1.0"?>\n<{prefix}:Message{declared}>{body}\n</{prefix}:Message>\n'
    return f'<?xml version="1.0" encoding="utf-8"?>\n<Message{declared}>{body}\n</Message>\n'
