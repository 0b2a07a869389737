"""Chinese clauses as the pieces that a sentence is made of: who and what, deeds, places, and the words between them."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal, cast

from opendance.plan import Age, Colour, Gender, Material
from opendance.prompt.chinese_ends import ends_of_words
from opendance.prompt.chinese_function_words import CAMERA, LOCALS, MARKS, NO_DEEDS, PRONOUNS
from opendance.prompt.chinese_nouns import (
    BODY_LETTERS,
    OBJECTS,
    as_garment,
    noun_of,
    place_of,
    thing_of_letter,
    verb_of,
)
from opendance.prompt.chinese_words import COMPLEMENTS, Word, read_stems, split_words
from opendance.prompt.lexicon import lexicon
from opendance.prompt.measures import ages
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.scenes import COMMAS, SENTENCE_ENDS
from opendance.prompt.word_tables import (
    AGE,
    COLOUR,
    GENDER,
    HOUR,
    MATERIAL,
    MOVE,
    PARTICLES,
    PLACE,
    STYLE,
    VERB,
    WEATHER,
)

PieceKind = Literal["noun", "verb", "place", "part", "material", "mark", "local", "pronoun", "camera", "scenery"]


@dataclass
class Piece:
    """A noun, a verb or a word that joins them.

    Attributes:
        item: of nouns, verbs, places, parts and materials.
        text: of a mark its word, of a local where: 上, 旁边.
    """

    kind: PieceKind
    begin: int
    end: int
    text: str
    item: Item | None = None

    @property
    def noun(self) -> Noun | None:
        return self.item.noun if self.item is not None and self.kind in ("noun", "place", "scenery") else None


@dataclass
class Clause:
    """What stands between two commas; `opens`: a sentence begins with it."""

    pieces: list[Piece]
    opens: bool


def clauses_of(text: str, items: list[Item]) -> list[Clause]:
    """The clauses of `text` from where its first item stands, with what the lexicon does not have as items too."""
    begin = _begin(text, items)
    deeds = {
        w.begin for w in split_words(text) if w.part == "v" and w.text[0] in BODY_LETTERS and w.text[1:] in read_stems()
    }
    items = [item for item in items if item.kind != "part" or item.begin not in deeds]  # 头戴
    items = [_where_at_body(as_garment(item, text), text) for item in items]
    pieces = sorted(
        [
            *(piece for item in items for piece in (*_piece(item), *_bottom(item, text))),
            *_between(text, begin, items),
        ],
        key=lambda piece: piece.begin,
    )
    out: list[Clause] = []
    end = begin
    for piece in pieces:
        if piece.kind == "noun" and _OF_FILM.match(text, piece.end):
            continue  # 怪兽电影 shows no monster by itself
        gap = text[end : piece.begin]
        opens = SENTENCE_ENDS.search(gap) is not None or not out
        if opens or COMMAS.search(gap) or ":" in gap or "：" in gap:
            out.append(Clause([], opens))
        out[-1].pieces.append(piece)
        end = max(end, piece.end)
    return out


_OF_FILM = re.compile(r"(?:电影|影片|大片|题材|画风|风格|既视感|(?:风|片)(?=[,，。；;、\n]|$))")


def _begin(text: str, items: list[Item]) -> int:
    """Where the words of a shot begin: what stands before them is blank, or is not looked at."""
    blank = len(text) - len(text.lstrip())
    if not items:
        return blank
    first = items[0].begin
    return max(blank, max(text.rfind(stop, 0, first) + 1 for stop in "。.!?！？;；\n"))


def _bottom(item: Item, text: str) -> list[Piece]:
    """Where something is beneath a thing: 床底."""
    beneath = item.noun is not None and item.kind == "noun" and text[item.end : item.end + 1] == "底"
    return [Piece("local", item.end, item.end + 1, "下")] if beneath else []


def _where_at_body(item: Item, text: str) -> Item:
    """A part of a body that only says where: 脚边蹲着一只狗."""
    words = text[item.begin : item.end + 1]
    return Item("local", item.begin, item.end + 1, form=words) if item.kind == "part" and words in LOCALS else item


def _piece(item: Item) -> list[Piece]:
    kind: PieceKind = item.kind  # type: ignore[assignment]
    if kind == "local":
        return [Piece(kind, item.begin, item.end, item.form)]
    if kind == "verb" and item.form in _ROUND:
        return [Piece("mark", item.begin, item.end, item.form)]  # 围着桌子打牌
    piece = Piece(kind, item.begin, item.end, item.form, item)
    thing = _object_in(item.form, item.begin) if kind == "verb" and item.form[-2:] not in _SPRAY else None
    return [piece] if thing is None else [piece, thing]


_ROUND = ("围着", "绕着", "沿着", "隔着", "顺着")
_LONGEST_OBJECT = 3
_SPRAY = (
    "水面",
    "地面",
    "海面",
    "湖面",
    "路面",
    "桌面",
    "冰面",
    "画面",
    "雪地",
    "草地",
    "水花",
    "浪花",
    "火花",
    "雪花",
    "油花",
    "泪花",
    "播报",
)
_CUT_WRONG = (
    "上映",
    "上演",
    "上放",
    "上挂",
    "里放",
    "中放",
    "上站",
    "下站",
    "前站",
    "里装",
    "上写",
    "上落",
    "上飘",
    "上停",
    "上坐",
    "上铺",
    "上摆",
    "上趴",
    "上躺",
    "上堆",
    "上贴",
    "里坐",
    "里站",
    "里躺",
    "边站",
    "旁站",
    "后站",
)


def _object_in(form: str, begin: int) -> Piece | None:
    """The object that a verb has in itself: 看书 is to read a book."""
    words = lexicon()
    for length in range(min(_LONGEST_OBJECT, len(form) - 1), 0, -1):
        tail = form[-length:]
        name = OBJECTS.get(tail)
        if name is None:
            continue
        at = begin + len(form) - length
        key = words.named(name)
        drawing = words.drawings[key] if key is not None else None
        noun = Noun(at, begin + len(form), tail, name, drawing)
        return Piece("noun", at, begin + len(form), "", Item("noun", at, begin + len(form), noun))
    return None


def _between(text: str, begin: int, items: list[Item]) -> list[Piece]:
    """What the words say that no item is of: marks, places, nouns and verbs that the lexicon does not have."""
    words = split_words(text)
    taken = [(item.begin, item.end) for item in items if item.form != "weak"]
    ends = [end for _, end in taken]
    materials = {item.end for item in items if item.kind == "material"}
    out: list[Piece] = []
    at = bisect_left([word.begin for word in words], begin)
    while at < len(words) and len(out) < _MOST_PIECES:
        word = words[at]
        at += 1
        index = bisect_left(ends, word.begin + 1)
        if index < len(taken) and taken[index][0] < word.end:
            continue
        where = text[word.begin : word.begin + 2]
        if word.text == where[:1] and where[:1] in BODY_LETTERS and where in LOCALS:
            out.append(Piece("local", word.begin, word.begin + 2, where))  # 脚边
            at += at < len(words) and words[at].begin == word.end and len(words[at].text) == 1
            continue
        if (piece := _known(word)) is not None:
            out.append(piece)
            continue
        if (
            word.part != "v"
            and len(word.text) == 2
            and (word.text[1] in "上里中下前边旁后" or word.text in _BOTTOMS)
            and (there := _noun_by_letter(word)) is not None
        ):
            where = "下" if word.text in _BOTTOMS else word.text[1]
            out += [there, Piece("local", word.end - 1, word.end, where)]  # 桌上, 船底
            continue
        if (word.text in _CUT_WRONG and out and out[-1].end == word.begin) or (
            word.text in _CUT_WRONG and word.begin in ends
        ):
            out.append(Piece("local", word.begin, word.begin + 1, word.text[0]))  # 头盔上映着地球
            word = Word(word.begin + 1, word.end, word.text[1], "v")
        tail = words[at] if at < len(words) else None
        if (
            tail is not None
            and tail.begin == word.end
            and len(tail.text) == 1
            and len(word.text) > 1
            and (
                word.part in ("w", "h", "n")
                or (word.part in ("v", "a") and ends_of_words().kinds.get(tail.text) in _WORN)
            )
            and ends_of_words().kinds.get(tail.text) in _SUFFIXED
            and not _is_taken(tail, taken, ends)
            and tail.text not in LOCALS
            and tail.text not in MARKS
        ):  # 蒙古袍
            word = Word(word.begin, tail.end, word.text + tail.text, "n")
            at += 1
        if (
            len(word.text) == 1
            and word.part == "v"
            and (across := ACROSS.match(text, word.end)) is not None
            and not _is_taken(word, taken, ends)
        ):  # 球擦网而过
            verb = lexicon().verb(WHITHER[across["whither"]])
            out.append(
                Piece(
                    "verb",
                    word.begin,
                    word.end,
                    word.text,
                    Item("verb", word.begin, word.end, verb=verb, form=word.text),
                )
            )
            continue
        if (
            word.part == "h"
            and len(word.text) == _NAME
            and lexicon().named(word.text[0])
            and word.text[1] in read_stems()
        ):
            thing = _noun_by_letter(word)  # 小白龙飞走 names no dragon by his name
            out += [] if thing is None else [thing]
            word = Word(word.begin + 1, word.end, word.text[1], "v")
        if (
            word.part == "v"
            and len(word.text) == 2
            and word.text[0] in "穿戴披系"
            and COLOUR.name in lexicon().meaning(word.text[1])
        ):
            word = Word(word.begin, word.begin + 1, word.text[0], "v")  # 披红斗篷
        joined = word
        measured = at > 1 and words[at - 2].part == "m" and words[at - 2].end == word.begin
        counted = word.part == "x" and measured and not lexicon().meaning(word.text)
        if counted:  # 一个嘟噜噜
            joined = Word(word.begin, word.end, word.text, "n")
        if word.text in _ADVERBS:
            continue
        if counted or (len(word.text) == 1 and word.part in ("n", "x", "v", "a", "q")):
            while at < len(words) and _goes_on(joined, words[at], taken, ends) and not _acts(words[at], text):
                joined = Word(joined.begin, words[at].end, joined.text + words[at].text, "n")
                at += 1
        held = word.text.endswith(("着", "了", "住", "起"))
        if word.part == "v" and not held and at > 1 and words[at - 2].part == "m" and _is_followed(word, words, at):
            continue  # 一把狙击步枪
        pieces = _unknown(joined, text)
        if (
            not pieces
            and len(joined.text) == 1
            and (thing := thing_of_letter(word, measured=measured and word.part == "n", led=word.begin in materials))
        ):
            pieces = [Piece("noun", word.begin, word.end, "", Item("noun", word.begin, word.end, thing))]  # 一滴墨
        elif not pieces and measured and word.part == "n" and (thing := noun_of(lexicon(), word)):
            pieces = [Piece("noun", word.begin, word.end, "", Item("noun", word.begin, word.end, thing))]  # 一本漫画
        if pieces and (named := pieces[0].noun) is not None and pieces[0].kind == "noun":
            _qualify(named, text)
        out += pieces
    return out


_NAME = 2  # letters of a name
ACROSS = re.compile(r"[一-鿿]{1,3}而(?P<whither>过|下|去|来|出|上|起)")
WHITHER = {"过": "pass", "下": "descend", "去": "leave", "来": "come", "出": "emerge", "上": "climb", "起": "rise"}
_BOTTOMS = ("船底", "车底", "床底", "桌底", "椅底", "树底")
_WORN = ("clothing", "headgear")
_SUFFIXED = ("clothing", "headgear", "weapon", "furniture", "boat", "tool", "instrument")


def _is_taken(word: Word, taken: list[tuple[int, int]], ends: list[int]) -> bool:
    """Whether an item stands where a word does."""
    index = bisect_left(ends, word.begin + 1)
    return index < len(taken) and taken[index][0] < word.end


_MOST_PIECES = 400  # words of a shot that the lexicon does not have: more than any prompt that is meant has
_ADVERBS = frozenset("满很太更最都还也就才又再便却均皆仍只")
_FLEETING = frozenset(("flowers", "fire", "water", "smoke", "cloud", "light"))
_LONGEST_LOOK = 4
_LONGEST_AGE = 8
_SHINING = "光阳晖霞辉"


def _qualify(noun: Noun, text: str) -> None:
    """What the words before a noun, or its own first letters, say of its looks: 白烟, 红色的尾灯, 木桨."""
    words = lexicon()
    end = noun.begin - 1 if text[noun.begin - 1 : noun.begin] == "的" else noun.begin
    looks = [words.meaning(text[end - length : end]) for length in range(min(_LONGEST_LOOK, end), 0, -1)]
    looks = [look for look in looks if look][:1]
    looks += [words.meaning(noun.words[:length]) for length in (2, 1) if length < len(noun.words)]
    for look in looks:
        noun.colour = noun.colour or cast("Colour | None", look.get(COLOUR.name))
        if noun.kind == "person":
            years = ages(text[max(0, end - _LONGEST_AGE) : end])
            noun.age = noun.age or (years[-1][2] if years else None) or cast("Age | None", look.get(AGE.name))
            noun.gender = noun.gender or cast("Gender | None", look.get(GENDER.name))
        elif noun.kind not in ("animal", "bird", "fish", "food", "plant", "nature", "drink"):
            made = look.get(MATERIAL.name)
            noun.material = noun.material or (None if made in _FLEETING else cast("Material | None", made))


def _is_followed(word: Word, words: tuple[Word, ...], at: int) -> bool:
    """Whether a noun follows a word at once."""
    return at < len(words) and words[at].begin == word.end and words[at].part == "n"


def _acts(word: Word, text: str) -> bool:
    """Whether a verb of one letter is what is done: 香蕉皮摔了."""
    return word.part == "v" and text[word.end : word.end + 1] in ("了", "着", "过", "在", "到", "得")


def _goes_on(word: Word, following: Word, taken: list[tuple[int, int]], ends: list[int]) -> bool:
    """Whether single letters that the dictionary does not join are one word: 石怪, 瓶身."""
    if following.begin != word.end or len(following.text) > 1 or len(word.text) > 2:
        return False
    index = bisect_left(ends, following.begin + 1)
    if index < len(taken) and taken[index][0] < following.end:
        return False
    if (
        following.text in MARKS
        or following.text in LOCALS
        or following.text in COMPLEMENTS
        or following.text in PRONOUNS
    ):
        return False
    return following.part in ("n", "x", "v", "q") and word.part != "v"


def _does(letter: str) -> bool:
    return letter in read_stems() or VERB.name in lexicon().meaning(letter)


def _scenery(word: Word, meaning: dict[str, str]) -> list[Piece]:
    """What the view shows without being asked twice - petals, snow, rain -, as who does something, and as no thing."""
    name = next((meaning[each.name] for each in (PARTICLES, WEATHER) if each.name in meaning), None)
    if name is None and word.text[-1] in _SHINING and HOUR.name in meaning:
        name = "light"
    if name is None or MOVE.name in meaning or STYLE.name in meaning:
        return []  # it tells of light or the camera
    noun = Noun(word.begin, word.end, word.text, name, None)
    return [Piece("scenery", word.begin, word.end, "", Item("noun", word.begin, word.end, noun))]


def _noun_by_letter(word: Word) -> Piece | None:
    """The thing or place that the first letter of a word names: 桌, 床, 湖."""
    words = lexicon()
    place = words.meaning(word.text[0]).get(PLACE.name)
    if place is not None:
        return Piece("place", word.begin, word.begin + 1, "", Item("place", word.begin, word.begin + 1, of=place))
    key = words.named(word.text[0])
    if key is None:
        return None
    drawing = words.drawings[key]
    noun = Noun(word.begin, word.begin + 1, word.text[0], drawing.name, drawing)
    return Piece("noun", word.begin, word.begin + 1, "", Item("noun", word.begin, word.begin + 1, noun))


def _known(word: Word) -> Piece | None:
    """What joins words: particles, prepositions, pronouns, words for where."""
    if word.text in PRONOUNS:
        return Piece("pronoun", word.begin, word.end, word.text)
    if word.text in CAMERA or word.text.endswith("镜头"):
        return Piece("camera", word.begin, word.end, word.text)
    if word.text in LOCALS:
        return Piece("local", word.begin, word.end, word.text)
    if word.text in MARKS:
        return Piece("mark", word.begin, word.end, word.text)
    return None


def _unknown(word: Word, text: str) -> list[Piece]:
    """A noun or a verb, with the object in it, that the lexicon does not have."""
    words = lexicon()
    if word.part == "i" or (word.part == "v" and word.text not in NO_DEEDS and word.text not in COMPLEMENTS):
        meaning = words.meaning(word.text)
        if word.text not in read_stems() and (len(word.text) == 1 or (meaning and VERB.name not in meaning)):
            return []
        verb = verb_of(words, word.text)
        item = Item("verb", word.begin, word.end, verb=verb, form="idiom" if word.part == "i" else word.text)
        return _piece(item)
    if word.part not in ("n", "s", "h", "w"):
        return []
    if (
        len(word.text) == 2
        and word.text[1] in OBJECTS
        and _does(word.text[0])
        and word.text not in (*_SPRAY, *ends_of_words().whole)
    ):
        item = Item("verb", word.begin, word.end, verb=verb_of(words, word.text), form=word.text)
        return _piece(item)  # 撒网
    if len(word.text) > 1 and (words.meaning(word.text) and not words.named(word.text)):
        return _scenery(word, words.meaning(word.text))
    place = place_of(words, word.text) if word.part != "h" or words.meaning(word.text) else None
    if place is not None:
        return [Piece("place", word.begin, word.end, "", Item("place", word.begin, word.end, of=place))]
    if len(word.text) == 1 and word.text in OBJECTS:
        key = words.named(OBJECTS[word.text])
        drawing = words.drawings[key] if key is not None else None
        named = Noun(word.begin, word.end, word.text, OBJECTS[word.text], drawing)
        return [Piece("noun", word.begin, word.end, "", Item("noun", word.begin, word.end, named))]
    if len(word.text) == 1 or word.part == "s":
        return []
    noun = noun_of(words, word)
    return [] if noun is None else [Piece("noun", word.begin, word.end, "", Item("noun", word.begin, word.end, noun))]
