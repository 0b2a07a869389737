"""Who a screenplay introduces, in capitals with an age behind: "JUNE (40s, apron) pours coffee"."""

from __future__ import annotations

import re

from opendance.prompt.lexicon import Hit, Lexicon
from opendance.prompt.measures import ages
from opendance.prompt.word_tables import AGE, GENDER, INTRODUCED, SUBJECT

_MOST = 12  # people of one screenplay
_INTRODUCED = re.compile(
    r"(?<![A-Za-z])(?P<name>[A-Z][A-Z'-]{1,20}(?:[ ][A-Z][A-Z'-]{1,20})?)[ ]\((?P<age>(?:(?:early|mid|late)[ -])?\d{1,2}(?:'?s)?)(?=[,)])"
)
_PERSON = "person person"


def introduced(lexicon: Lexicon, text: str) -> list[Hit]:
    """Words for those whom `text` introduces, where they are named, with their ages; not those whom the lexicon knows."""
    out: list[Hit] = []
    for match in list(_INTRODUCED.finditer(text))[:_MOST]:
        name = match["name"]
        begin, end = match.span("age")
        told = ages(f"aged {re.sub(r'[^0-9]', '', match['age'])}")
        out += [Hit(begin, end, f"aged {match['age']}", {AGE.name: age}) for _, _, age in told]
        meaning = lexicon.meaning(name.lower())
        if SUBJECT.name in meaning or GENDER.name in meaning:
            continue
        places = re.finditer(rf"(?<![A-Za-z])(?:{re.escape(name)}|{re.escape(name.title())})(?![A-Za-z])", text)
        out += [
            Hit(each.start(), each.end(), each[0], {SUBJECT.name: _PERSON, INTRODUCED: name.title()}) for each in places
        ]
    kept: dict[int, Hit] = {hit.start: hit for hit in out}
    return [kept[start] for start in sorted(kept)]
