"""Who and what is seen: the drawings that words name, how many of each, and what each does."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import pairwise

from opendance.plan import Action, Subject
from opendance.prompt.emoji_names import Kind
from opendance.prompt.explanations import Explanations
from opendance.prompt.lexicon import ACTION, MUSIC, SETTING, SUBJECT, Hit, Lexicon
from opendance.prompt.pictures import MAX_SUBJECTS

_NUMBER_WORDS = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "several": 4,
    "many": 7,
    "few": 3,
    "flock of": 7,
    "herd of": 6,
    "school of": 8,
    "pair of": 2,
    "couple of": 2,
    "dozens of": 9,
    "hundreds of": 12,
    "group of": 5,
    "两只": 2,
    "两个": 2,
    "三只": 3,
    "三个": 3,
    "几只": 4,
    "一群": 7,
    "许多": 8,
    "成群的": 8,
    "无数": 12,
    "두 마리": 2,
    "세 마리": 3,
    "여러": 5,
    "수많은": 12,
    "무리": 6,
    "떼": 8,
    "두 명": 2,
    "세 명": 3,
    "二匹": 2,
    "三匹": 3,
    "2匹": 2,
    "3匹": 3,
    "たくさんの": 8,
    "群れ": 7,
    "無数の": 12,
    "二人": 2,
    "三人": 3,
}
_COUNTED = re.compile("|".join(map(re.escape, sorted(_NUMBER_WORDS, key=len, reverse=True))) + r"|(?<!\d)\d{1,2}(?!\d)")
_SENTENCE = re.compile(r"[.!?;。！？；\n]")
_JOINED = re.compile(r"(?:\band|\bwith|和|与|、|와|과|と)\s{0,20}+(?:(?:an?|the|two|his|her)\s{0,20}+)?$")
_NEAR = 40  # letters before a word that can join it to another


# What subjects do when the prompt says nothing of it.
_OWN_ACTION: dict[Kind, Action] = {
    "bird": "fly", "fish": "swim", "boat": "sail", "vehicle": "drive", "rocket": "rise", "balloon": "float",
    "planet": "spin",
}  # fmt: skip
# What one does, the next one that is named with it does too: "a fox and a hare run".
_SHARED: tuple[Action, ...] = ("run", "walk", "fly", "swim", "dance")
_SINGULAR = ("drums", "roses", "bus", "octopus", "flowers", "sneakers")  # one drawing, though they end in s
_PLURAL = 4  # how many are seen where a plural tells no number


def subjects_of(lexicon: Lexicon, text: str, hits: list[Hit], explanations: Explanations) -> tuple[Subject, ...]:
    """Who is seen in the shot of `text`, at most `MAX_SUBJECTS`, each drawing once."""
    clauses = [0, *(match.end() for match in _SENTENCE.finditer(text)), len(text) + 1]
    subjects: dict[str, Subject] = {}
    begins = [hit.start for hit in hits]
    for begin, end in pairwise(clauses):
        clause = hits[bisect_left(begins, begin) : bisect_left(begins, end)]
        if not clause:
            continue
        for subject in _subjects_of_clause(lexicon, text, begin, clause, explanations):
            known = subjects.get(subject.emoji)
            if known is None or (known.action == "idle" and subject.action != "idle"):
                subjects[subject.emoji] = subject
    return tuple(list(subjects.values())[:MAX_SUBJECTS])


def _subjects_of_clause(
    lexicon: Lexicon, text: str, begin: int, hits: list[Hit], explanations: Explanations
) -> list[Subject]:
    named = [
        (hit, lexicon.drawings[emoji])
        for hit in hits
        if (emoji := hit.value(SUBJECT)) is not None and hit.value(SETTING) is None
    ]
    actions: list[tuple[Hit, Action]] = [(hit, does) for hit in hits if (does := hit.value(ACTION)) is not None]
    instruments = [drawing.emoji for _, drawing in named if drawing.kind == "instrument"]
    performers = [(hit, drawing) for hit, drawing in named if drawing.kind != "instrument"]
    playing = any(action == "play_instrument" for _, action in actions) and (
        bool(instruments) or any(hit.value(MUSIC) for hit in hits)
    )
    if not playing or not performers:  # then instruments are things like others
        performers, instruments = named, []
    subjects: list[Subject] = []
    used: set[int] = set()  # where the verbs begin that belong to somebody
    for hit, drawing in performers:
        action: Action = "idle"
        # The action that stands next after the subject; in languages where the verb comes last this holds as well.
        free = [pair for pair in actions if pair[0].start not in used]
        near = [pair for pair in free if pair[0].start >= hit.end][:1]
        ahead = [pair for pair in free if pair[0].end <= hit.start]
        if not near and ahead and hit is performers[0][0]:
            near = ahead[-1:]
        if near:
            verb, action = near[0]
            used.add(verb.start)
            if action == "play_instrument" and not playing:
                action = "jump"
        elif subjects and subjects[-1].action in _SHARED and _joined(text, hit):
            action = subjects[-1].action
        if action == "idle":
            action = _OWN_ACTION.get(drawing.kind, "idle")
        posed = drawing.poses.get(action)
        emoji = posed or drawing.emoji
        instrument = (instruments[0] if instruments else "🎹") if action == "play_instrument" else None
        explanations.add(f"subject: {emoji} {drawing.name}, {action}", hit.words)
        face = None if posed else drawing.face
        count = _count(text, begin, hit)
        subjects.append(Subject(emoji, drawing.name, hit.words, count, action, instrument, face))
    return subjects


def _joined(text: str, hit: Hit) -> bool:
    return _JOINED.search(text[max(0, hit.start - _NEAR) : hit.start]) is not None


def _count(text: str, begin: int, hit: Hit) -> int:
    before = text[max(begin, hit.start - 18) : hit.start].lower()
    matches = list(_COUNTED.finditer(before))
    after = re.match(r"\s*(\S{1,4}\s?\S{0,2})", text[hit.end : hit.end + 8])
    if after:
        for word in ("두 마리", "세 마리", "무리", "떼", "들이", "たち", "群れ"):
            if after[1].removeprefix("の").startswith(word):
                return _NUMBER_WORDS.get(word, 3)
    if matches and len(before) - matches[-1].end() <= 12:
        token = matches[-1][0]
        number = _NUMBER_WORDS.get(token) or int(token)
        return max(1, min(12, number))
    plural = hit.words.endswith("s") and hit.words.isascii() and not hit.words.endswith("ss")
    return _PLURAL if plural and hit.words not in _SINGULAR else 1
