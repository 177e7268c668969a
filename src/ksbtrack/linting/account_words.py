"""The words by which the look at written accounts tells what is in them."""

from __future__ import annotations

import re


def _any_of(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)


_COMMON = """
the a an and to of in was it that for on with as at by is had were be have this not but from they he she his her their
which or are when so after my i me we our him them would could did then what there who if all has been
"""
COMMON = frozenset(_COMMON.split())
"""The commonest English words: three of ten in any English text are among them, and next to none in another."""
I_WORDS = frozenset(("i", "i'm", "i've", "i'd", "i'll"))
MINE_WORDS = I_WORDS | {"me", "my", "mine", "myself"}
WE_WORDS = frozenset(("we", "we're", "we've", "we'd", "we'll"))

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
WHEN = re.compile(
    rf"\b(?:{_MONTHS}|Mondays?|Tuesdays?|Wednesdays?|Thursdays?|Fridays?|Saturdays?|Sundays?|Christmas|Easter|(?:19|20)[0-9]{{2}})\b"
    r"|\b[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{2,4}\b|\b[0-9]{1,2}(?:[.:][0-9]{2})? ?(?:am|pm)\b",
    re.IGNORECASE,
)
"""A day, a month, a feast or a year."""
WHEN_WORDS = _any_of(
    "(?:half[- ])?terms?(?:ly)?",
    "weeks?",
    "weekly",
    "weekends?",
    "fortnight(?:ly)?",
    "days?",
    "daily",
    "months?",
    "monthly",
    "years?",
    "yearly",
    "mornings?",
    "afternoons?",
    "evenings?",
    "nights?",
    "tonight",
    "today",
    "yesterday",
    "tomorrow",
    "spring",
    "summer",
    "autumn",
    "winter",
    "minutes?",
    "hours?",
    "o'clock",
    "half past",
    "quarter (?:past|to)",
    "holidays?",
    "breakfast",
    "lunch(?:time)?",
)
"""Anything else that places an event in time."""
_HELD = (
    "an?|the|no|my|our|your|his|her|its|their|this|that|these|those|some|any|many|few|several|more|enough|all|both|"
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|dozens?"
)
"""Words after "has" or "have" that say what somebody has, not what became of something."""
RESULT = _any_of(
    "as a result",
    "results?",
    "resulted",
    "resulting",
    "outcomes?",
    "impact",
    "since then",
    "since(?= the| half| january| february| march| april| may| june| july| august| september| october| november)",
    "led to",
    "in the end",
    "at the end",
    "by the end",
    "(?:the|this|that) (?:ended|worked|helped|meant|showed|brought|gave|made|came|went|changed)",
    "afterwards?",
    "now",
    "no longer",
    "(?:any|every) more",
    "anymore",
    "passed",
    "failed",
    "improved",
    "improvements?",
    "increased",
    "decreased",
    "reduced",
    "rose",
    "fell",
    "went (?:up|down|from)",
    "halved",
    "doubled",
    "achieved",
    "completed",
    "succeeded",
    "succeeds?",
    "learn(?:ed|t)",
    "found out",
    "realis(?:ed|e)",
    "realiz(?:ed|e)",
    "changed",
    "per ?cent",
    "feedback",
    "next time",
    "differently",
    "today",
    rf"(?:has|have) (?!(?:to|{_HELD})\b)[a-z]+",
    "pleased",
    "(?:has|have)n't",
    "was able to",
    "were able to",
    "so far",
    "finally",
    "eventually",
    "agreed",
    "accepted",
    "signed off",
    "effect",
    "effective",
    "what came of",
    "turning point",
    "(?:was|were|is|are) back",
    "on the last",
)
"""What stands where somebody tells what came of something."""
_PER_CENT = re.compile(r"[0-9] ?%")
WHY = _any_of(
    "because",
    "since",
    "so that",
    "so (?:I|we|he|she|they|it|you|the|my|our|his|her|their|a|everyone|everybody|nobody|each|people|learners?)",
    "so (?!(?:many|much|few|little|far|long|often|well|what|who|and|but|or|nor|as|then)\\b)[a-z]+ (?:can|could|would)",
    "in order",
    "to make sure",
    "to ensure",
    "to check",
    "to help",
    "to avoid",
    "to see",
    "to find out",
    "to know",
    "to show",
    "to give",
    "to keep",
    "to let",
    "to get",
    "reasons?",
    "why",
    "therefore",
    "thus",
    "hence",
    "due to",
    "owing to",
    "thanks to",
    "wanted",
    "wanting",
    "needed",
    "aims?",
    "aimed",
    "purpose",
    "goal",
    "objective",
    "intended",
    "hoped",
    "decided",
    "chose",
    "meant",
    "means",
    "otherwise",
    "rather than",
    "instead",
    "in case",
    "as (?:I|he|she|they|it|the|some|most|nobody|this|that|there)",
    "for fear",
    "worried",
    "thought",
    "knew",
    "felt",
    "believed?",
    "expected",
    "which is why",
    "that is why",
    "ought",
    "should",
    "had to",
)
"""What stands where somebody gives a reason, or says what they meant to do."""


def tells_result(text: str) -> bool:
    """Say whether anything in a text tells what came of something."""
    return bool(RESULT.search(text) or _PER_CENT.search(text))


TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir)\.? (?P<name>[A-Z][\w'’-]+)")
"""A name after a title."""
E_MAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}\b")
TELEPHONE = re.compile(r"(?<![\w.,])(?:\+44 ?|0)(?:[0-9] ?){9,10}(?![\w])")
INSURANCE_NUMBER = re.compile(r"\b[A-CEGHJ-PR-TW-Z]{2} ?(?:[0-9]{2} ?){3}[A-D]\b")
LEARNER_NUMBER = re.compile(r"(?<![\w.,-])[1-9][0-9]{9}(?![\w])")
_NAMES = """
aaliyah aaron abdul abdullah abigail adam adrian agnieszka ahmed aidan aisha alan albert alexander alexandra alfie
alice alison amanda amelia amina amir amy ana andrea andrew andrzej angela anita anna anne annie anthony anton archie
ashleigh ayesha barbara becky beth bethany bilal brenda brian bridget callum cameron carl caroline catherine charlie
charlotte chloe chris christina christine christopher claire clare colin connor craig daniel danielle darren dave
david debbie deborah denise derek diana diane dominic donna dorothy dylan eddie edward eleanor elena elizabeth ella
ellie emily emma eric erin ethan eva evelyn evie ewan farah fatima fatoumata fiona francesca freddie freya gareth gary
gemma geoff george georgina gillian giovanni graham greg hamza hannah harriet harry hassan hayley heather helen henry
hussain ian ibrahim imran irene isaac isabel isabella isla ivan jacob jake james jamal jane janet janice jason jayden
jeff jennifer jenny jeremy jessica jill joan joanna joanne joe john jonathan joseph josh joshua juan judith julia
julie karen karim kate katherine kathleen katie kayleigh keith kelly ken kenneth kevin khadija kieran kirsty kofi
krzysztof kyle laura lauren layla leah leanne leon leroy lewis liam linda lindsey lisa louis louise lucas lucy luke
lydia malik malcolm margaret maria mariam marie marion martin mary maryam matthew megan mehmet mia michael michelle
miguel mohamed mohammad mohammed molly muhammad musa nadia naomi natalie natasha nathan neil niamh nicholas nicola
nigel nina noah nora olga oliver olivia omar oscar owen pamela patricia patrick paul paula pauline pawel peter phil
philip phoebe piotr priya rachel raj rajesh ravi rebecca reece reza rhys richard riley robert roger ronald rosie ruth
ryan sally sam samantha samira samuel sandra sanjay sara sarah scott sean shannon sharon sheila shelley shirley
siobhan sophia sophie stacey stephanie stephen steve steven stuart susan suzanne tanya tariq teresa theo theresa
thomas tim timothy tom tony tracey tracy trevor valerie vanessa veronica vicky vikram wayne wendy william yasmin yusuf
zachary zahra zainab zoe
"""
FIRST_NAMES = frozenset(_NAMES.split())
"""First names common in Britain that are no other English word, month, place or brand."""
