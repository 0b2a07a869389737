"""Who says quoted words, and how: by who is named nearest to them, and by the words beside them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from opendance.drawings.emoji_table import row_of
from opendance.plan import Gender, Manner, Subject

Span = tuple[int, int]

_BEFORE, _BEHIND = 200, 48  # letters in which who speaks is looked for
_NOUN = 2  # letters of a Chinese noun that is named again without what tells of it: 白衣女子, then 女子
_CLOSE = 48  # letters in which the words for how stand
_STOPS = ".;。；\n"
_WORDS: dict[Manner, str] = {
    "whisper": r"whisper\w*|murmur\w*|\bsoftly\b|under (?:his|her|their) breath|低声|低聲|轻声|輕聲|悄声|悄悄|小声|小聲|耳语|속삭|나지막|작은 목소리|囁|ささや|小声",
    "shout": r"shout\w*|yell\w*|scream\w*|\bcries out\b|\bloudly\b|at the top of (?:his|her|their) (?:voice|lungs)|大喊|喊道|高喊|怒吼|吼道|大叫|尖叫|외치|외친|외쳤|소리치|소리친|소리쳤|고함|叫(?:ぶ|び|んだ|んで)|怒鳴|大声",
    "slow": r"\bslowly\b|缓缓|緩緩|慢慢|一字一句|천천히|느릿|ゆっくり",
    "fast": r"\bquickly\b|\brapidly\b|\bhurriedly\b|\bbreathlessly\b|飞快|飛快|急忙|急促|匆匆|빠르게|다급|급하게|早口|慌てて",
    "narration": r"narrat\w+|voice[- ]?over|\bv\.o\.|旁白|画外音|畫外音|解说|解說|내레이션|나레이션|내레이터|해설|ナレーション|ナレーター|語り手",
}  # fmt: skip
_MANNERS: dict[Manner, re.Pattern[str]] = {manner: re.compile(words, re.IGNORECASE) for manner, words in _WORDS.items()}
_PRONOUN: dict[Gender, re.Pattern[str]] = {
    "female": re.compile(r"\bshe\b|她|그녀|彼女", re.IGNORECASE),
    "male": re.compile(r"\bhe\b|他(?!们)|그는|그가|彼(?!女)", re.IGNORECASE),
}
# Words beside somebody who is spoken to: to the girl, 对女孩, 소녀에게, 少女に.
_TO = re.compile(
    r"(?:\b(?:to|at|with|tells?|asks?)\s(?:(?:the|a|an|his|her|their|another)\s)?(?:\w+\s)?|[对對向跟朝])$",
    re.IGNORECASE,
)
_TO_BEHIND = re.compile(r"\s?(?:에게|한테|께|に|へ)")
_SAYS_BEHIND = re.compile(r"[,，]?\s?(?:says?|said|ask\w*|shout\w*|whisper\w*|repl\w+|yell\w*|cr(?:y|ies)|murmur\w*|announc\w*)\b|[，,]?[^。]{0,12}[说說喊问問道]", re.IGNORECASE)  # fmt: skip
# What a teddy bear or a turnip that speaks is said to do.
_SAYING = (
    "say",
    "speak",
    "ask",
    "shout",
    "yell",
    "whisper",
    "reply",
    "answer",
    "cry",
    "call",
    "murmur",
    "announce",
    "scream",
    "sing",
)
_SAYING_IN_CHINESE = ("叫", "喊", "道", "说", "問", "问", "吼")
_ALIVE = ("person", "animal", "bird", "fish")


def manners_of(text: str, place: Span) -> tuple[Manner, ...]:
    """How quoted words are said.

    Args:
        text: what was read, without what stands in quotation marks.
        place: of the quoted words, with their marks.
    """
    begin, end = place
    before = text[max(0, begin - _CLOSE) : begin]
    before = before[max((before.rfind(stop) + 1 for stop in _STOPS), default=0) :]
    behind = text[end : end + _BEHIND]
    behind = behind[: min((at for stop in _STOPS if (at := behind.find(stop)) >= 0), default=len(behind))]
    manners: list[Manner] = [
        manner for manner, words in _MANNERS.items() if words.search(before) or words.search(behind)
    ]
    return tuple(manners)


def speaker_of(text: str, place: Span, subjects: Sequence[Subject], begins: int = 0) -> int | None:
    """Index of the one of `subjects` who says quoted words; None where nobody is named that could.

    Args:
        text: what was read, without what stands in quotation marks.
        place: of the quoted words, with their marks.
        begins: where the words of the shot begin.
    """
    begin, end = place
    before = text[max(begins, begin - _BEFORE) : begin].casefold()
    behind = text[end : end + _BEHIND].casefold()
    alive = [at for at, each in enumerate(subjects) if _can_speak(each)]
    if (said := _SAYS_BEHIND.match(behind)) is not None:
        rest = behind[: said.end() + 24]
        named = [(found, at) for at in alive if (found := _first(rest, subjects[at])) is not None]
        if named:
            return min(named)[1]
    mentions = sorted((where, at) for at in alive for where in _mentions(before, subjects[at]))
    for gender, pronoun in _PRONOUN.items():
        if pronoun.search(before[-_CLOSE:]):
            last = max(match.start() for match in pronoun.finditer(before))
            if all(where < last for where, _ in mentions):  # also one who was spoken to before
                met = sorted(
                    (where, at) for at in alive for where in _mentions(before[:last], subjects[at], all_of=True)
                )
                alike = [at for _, at in met if subjects[at].gender == gender]
                unsaid = [at for _, at in met if subjects[at].gender is None]
                if alike or unsaid:
                    return (alike or unsaid)[-1]
    if mentions:
        last = mentions[-1][1]
        row = row_of(subjects[last].emoji)
        saying = [at for _, at in mentions if _says(subjects[at])]
        return (
            saying[-1] if saying and row is not None and row.kind != "person" else last
        )  # not the carp that the cook holds
    return alive[0] if len(alive) == 1 else None


def _can_speak(subject: Subject) -> bool:
    row = row_of(subject.emoji)
    known = (row is not None and row.kind in _ALIVE) or _says(subject)
    return known or subject.image is not None or any((subject.role, subject.gender, subject.age))


def _says(subject: Subject) -> bool:
    """Whether somebody is told to say something."""
    return any(deed.verb in _SAYING or deed.verb.endswith(_SAYING_IN_CHINESE) for deed in subject.deeds)


def _words(subject: Subject) -> list[str]:
    words = subject.words.casefold()
    last = {words.split()[-1]} if " " in words else {words[-_NOUN:]} if words[:1] > "\u4e00" else set[str]()
    return [words, *last, subject.name.casefold()]


def _first(text: str, subject: Subject) -> int | None:
    return min((at for word in _words(subject) if word and (at := text.find(word)) >= 0), default=None)


def _mentions(text: str, subject: Subject, *, all_of: bool = False) -> list[int]:
    """Where somebody is named, but not where it is spoken to, unless `all_of` them are asked for."""
    out: set[int] = set()
    for word in _words(subject):
        pattern = rf"\b{re.escape(word)}" if word[:1].isascii() else re.escape(word)
        out.update(
            match.start() for match in re.finditer(pattern, text)
            if all_of or not (_TO.search(text[: match.start()]) or _TO_BEHIND.match(text[match.end() :]))
        )  # fmt: skip
    return sorted(out)
