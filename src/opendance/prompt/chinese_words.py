"""Chinese text as words: a table made of jieba's dictionary by the build (`packing/chinese.py`), and the lexicon.

A line of the table is a part of speech with how often such words are counted (binary digits of it), their length, and
the words themselves, one behind another. The parts: n noun, v verb, a adjective, d adverb, i idiom, t time, s and f
where, h names of persons and w of places - and words that only look like them -, m number, q measure word, r pronoun, p preposition, c conjunction, u particle.
"""

from __future__ import annotations

import gzip
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from pydantic import TypeAdapter

from opendance.packing.words import CHINESE, PACKAGED
from opendance.prompt.chinese_ends import ends_of_words
from opendance.prompt.lexicon import MOST_HITS, Hit, Lexicon, lexicon
from opendance.prompt.word_tables import AGE, COLOUR, GENDER, MATERIAL, PART, PLACE, SUBJECT, VERB
from opendance.typed_toml import read_toml

_TABLE = PACKAGED / CHINESE
_VERBS = Path(__file__).parent / "chinese_verbs.toml"
_TRADE, _WHO = 3, frozenset("匠师员工者娃郎翁婆商贩女")  # letters of such a word, and how it ends
_LONGEST = 8  # letters of a word
_WEIGHT_OF_OURS = 13  # what the lexicon names is likelier than what only stands in a dictionary
_WEIGHT_OF_LETTERS, _WEIGHT_OF_NAMED = 9, 11
_NEVER_SEEN = -6.0  # what a letter costs that no word begins with
_TOTAL = 26  # binary digits of the sum of all counts


@dataclass(frozen=True)
class Word:
    """A word of a text; `part`: its part of speech, "x" where it is not known."""

    begin: int
    end: int
    text: str
    part: str


@dataclass(frozen=True)
class ChineseWords:
    """Words with their parts of speech and weights.

    Attributes:
        known: by word: its part, and how often it is counted, binary digits.
    """

    known: dict[str, tuple[str, int]]

    def part_of(self, word: str) -> str:
        """Its part of speech, "x" where it is not known."""
        return self.known.get(word, ("x", 0))[0]

    def split(self, text: str) -> list[Word]:
        """The Chinese words of `text`, in order; what is no Han letter stands in none."""
        out: list[Word] = []
        begin = 0
        while begin < len(text):
            if not _is_han(text[begin]):
                begin += 1
                continue
            end = begin
            while end < len(text) and _is_han(text[end]):
                end += 1
            out += self._split_run(text, begin, end)
            begin = end
        return out

    def _split_run(self, text: str, begin: int, end: int) -> list[Word]:
        """The likeliest way through the letters from `begin` to `end`, by the product of how often each word is used."""
        known = self.known
        best: list[tuple[float, int]] = [(0.0, end)] * (end - begin + 1)
        for at in range(end - 1, begin - 1, -1):
            letter = known.get(text[at])
            score = (letter[1] - _TOTAL if letter is not None else _NEVER_SEEN - _TOTAL) + best[at + 1 - begin][0]
            choice = (score, at + 1)
            for stop in range(at + 2, min(end, at + _LONGEST) + 1):
                entry = known.get(text[at:stop])
                if entry is not None:
                    choice = max(choice, (entry[1] - _TOTAL + best[stop - begin][0], stop))
            best[at - begin] = choice
        out: list[Word] = []
        at = begin
        while at < end:
            stop = best[at - begin][1]
            out.append(Word(at, stop, text[at:stop], self.part_of(text[at:stop])))
            at = stop
        return self._with_trades(out)

    def _with_trades(self, words: list[Word]) -> list[Word]:
        """Words of three letters that say who somebody is by what he does: 修表匠, 放羊娃."""
        out: list[Word] = []
        at = 0
        while at < len(words):
            word, stop = words[at], at
            while stop < len(words) and words[stop].end - word.begin < _TRADE:
                stop += 1
            trade = "".join(each.text for each in words[at : stop + 1])
            if (
                at < stop < len(words)
                and len(trade) == _TRADE
                and trade[-1] in _WHO
                and word.part == "v"
                and (len(word.text) == _TRADE - 1 or trade[1:] not in self.known)
            ):
                out.append(Word(word.begin, words[stop].end, trade, "n"))
                at = stop + 1
                continue
            out.append(word)
            at += 1
        return out


def _is_han(letter: str) -> bool:
    return "一" <= letter <= "鿿"


def _table() -> dict[str, tuple[str, int]]:
    """Its words; none where the build left it out."""
    known: dict[str, tuple[str, int]] = {}
    if not _TABLE.is_file():
        return known
    for line in gzip.decompress(_TABLE.read_bytes()).decode("utf-8").splitlines():
        head, length, letters = line.split(" ")
        entry, step = (head[0], int(head[1:])), int(length)
        known |= dict.fromkeys([letters[at : at + step] for at in range(0, len(letters), step)], entry)
    return known


def _with_ours(known: dict[str, tuple[str, int]], words: Lexicon) -> dict[str, tuple[str, int]]:
    """The table with the lexicon's own words, whose parts of speech it knows better."""
    for word, senses in words.chinese():
        part, weight = known.get(word, ("", 0))
        named = "n" if SUBJECT.name in senses or PLACE.name in senses else "v" if VERB.name in senses else ""
        if len(word) > 1:
            known[word] = (named or part or "x", max(weight, _WEIGHT_OF_OURS))
        elif named and part in ("", "x", "g"):
            known[word] = (named, weight)
    for word in _JOINING:
        known[word] = ("p", _WEIGHT_OF_OURS)
    ends = ends_of_words()
    for word in (*ends.whole, *ends.kinds):
        if len(word) > 1:
            known[word] = ("n", max(known.get(word, ("", 0))[1], _WEIGHT_OF_NAMED))
    for word in read_stems():
        part, weight = known.get(word, ("", 0))
        if len(word) > 1:
            known[word] = ("v", max(weight, _WEIGHT_OF_OURS))
        else:
            known[word] = ("v", max(weight, _WEIGHT_OF_LETTERS))
    return known


def num_chinese_words() -> int:
    """How many words the table has, without the lexicon's; 0 where the build left it out."""
    return len(_table())


@cache
def read_stems() -> dict[str, str]:
    """By Chinese verb of `chinese_verbs.toml`: its English lemma."""
    table = read_toml(_VERBS, TypeAdapter(dict[str, tuple[str, ...]]))
    out: dict[str, str] = {}
    for lemma, verbs in table.items():
        for verb in verbs:
            out.setdefault(verb, lemma)
    return out


@cache
def chinese_words() -> ChineseWords:
    """The words, loaded with the first Chinese prompt: 30 ms."""
    return ChineseWords(_with_ours(_table(), lexicon()))


@lru_cache(maxsize=8)
def split_words(text: str) -> tuple[Word, ...]:
    """The Chinese words of `text`; a prompt is asked about more than once."""
    return tuple(chinese_words().split(text))


# Letters that name a thing, and say what is done where these stand behind them: 画了一条鱼.
_DONE = frozenset("画锁钉锯漆锤剪刷梳铲耙")
_DEED = 2  # letters of a verb with its object
_WHERE = frozenset("后前上下里中外内旁间")
_GOES_ON = frozenset("了着出下成好完一几两满起掉开上")
# Words that join others, which the dictionary lacks or cuts.
_JOINING = (
    "逆着", "隔着", "围着", "绕着", "沿着", "顺着", "透过", "朝着", "向着", "对着", "冲着", "窗边", "窗前", "门口", "地上", "天上", "背景里", "背景中", "另一只", "另一个", "另一位", "头顶上",
)  # fmt: skip
_LOOKS = frozenset((COLOUR.name, MATERIAL.name, AGE.name, GENDER.name))


def whole_words(text: str, hits: list[Hit]) -> list[Hit]:
    """The hits that are words of `text` or name the word they are in: no marble rolls because 弹 is to play.

    Words of one letter that stand alone, which only their neighbours tell, are added.
    """
    words = split_words(text)
    begins = [word.begin for word in words]
    hits = [hit for hit in hits if hit.words not in _DONE or text[hit.end : hit.end + 1] not in _GOES_ON]
    hits = [
        hit
        for hit in hits
        if hit.words not in _WHERE and not (hit.words == "门口" and _is_han(text[hit.start - 1 : hit.start] or " "))
    ]  # 车后 is no queen
    starts = {hit.start for hit in hits}
    kept = [hit for hit in hits if _is_whole(text, hit, words, begins, starts)]
    dropped = {id(hit) for hit in hits} - {id(hit) for hit in kept}
    cut = {
        words[bisect_right(begins, at) - 1].begin
        for hit in hits
        if id(hit) in dropped
        for at in (hit.start, hit.end - 1)
        if begins and begins[0] <= at
    }
    ends = [hit.end for hit in kept]
    known = lexicon()
    out: list[Hit] = []
    for index, hit in enumerate(kept):
        at = bisect_right(begins, hit.start) - 1
        word = words[at] if at >= 0 else None
        before = kept[index - 1].end if index else 0
        if word is not None and word.begin < hit.start < word.end == hit.end and before <= word.begin and _names(hit):
            if (
                len(word.text) == _DEED
                and len(hit.words) == 1
                and word.text[0] in read_stems()
                and not known.meaning(word.text)
            ):
                continue  # 撒网 is no net
            whole = known.meaning(word.text)  # 小鱼 is fish, 工人 is more than 人
            hit = Hit(word.begin, hit.end, hit.words, whole if SUBJECT.name in whole else hit.meaning)
        out.append(hit)
    for word in words:
        if len(out) >= MOST_HITS:
            break
        if word.part not in ("n", "v", "a", "x"):
            continue
        at = bisect_right(ends, word.begin)
        if at < len(kept) and kept[at].start < word.end:
            continue
        meaning = known.meaning(word.text)
        if len(word.text) > 1:
            if SUBJECT.name in meaning and word.begin in cut:  # 煤矿工人 is no 矿工
                out.append(Hit(word.begin, word.end, word.text, meaning))
            continue
        if word.part == "n" and MATERIAL.name in meaning:
            continue
        if (
            (SUBJECT.name if word.part == "n" else VERB.name) in meaning
            or COLOUR.name in meaning
            or GENDER.name in meaning
        ):
            out.append(Hit(word.begin, word.end, word.text, meaning))
    return sorted(out, key=lambda hit: hit.start)


def _names(hit: Hit) -> bool:
    return hit.value(SUBJECT) is not None and hit.value(VERB) is None


def _is_whole(text: str, hit: Hit, words: tuple[Word, ...], begins: list[int], starts: set[int]) -> bool:
    at = bisect_right(begins, hit.start) - 1
    if at < 0 or words[at].end <= hit.start or not all(_is_han(letter) for letter in hit.words):
        return True
    first = words[at]
    last = words[bisect_right(begins, hit.end - 1) - 1]
    if first.begin == hit.start and last.end == hit.end:
        return True
    names, does = hit.value(SUBJECT) or hit.value(PLACE), hit.value(VERB)
    looks = not _LOOKS.isdisjoint(hit.meaning)
    if PART.name in hit.meaning and first is last and hit.end - hit.start == 1 and first.text in ends_of_words().whole:
        return False  # 墙头 is no head
    if not (names or does or looks):
        return True  # words of the film set tell also where they are part of a word: 深夜
    if first is not last:
        return False
    if does and not names:
        return first.part == "v" and hit.start == first.begin and text[hit.end : first.end] in COMPLEMENTS
    if hit.end == first.end:
        if names and first.text in ends_of_words().whole:
            return False  # 水花 is no flower
        if looks and not names and first.part == "v":
            return False  # 喝水 makes nothing of water
        return first.part in ("n", "h", "w", "x", "s", "t", "v", "i") or looks
    return looks and not names and hit.start == first.begin and (first.part != "n" or hit.end in starts)


# What is said behind a verb of where it leads to and how it ends: 夹起 is to lift as 夹 is.
COMPLEMENTS = frozenset((
    "起", "出", "进", "上", "下", "过", "回", "开", "来", "去", "到", "住", "掉", "完", "着", "了", "走", "入", "向", "往", "成", "起来",
    "出来", "下来", "上来", "过来", "进来", "回来", "出去", "上去", "下去", "过去", "进去", "回去", "开来", "在", "给", "满", "落", "动",
    "倒", "碎", "断", "开来", "为", "至", "离", "紧", "稳", "好", "得", "尽", "遍", "穿", "破", "中",
))  # fmt: skip
