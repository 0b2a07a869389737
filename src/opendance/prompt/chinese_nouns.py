"""Chinese words that the lexicon does not have: what kind of thing or deed their letters tell."""

from __future__ import annotations

from dataclasses import replace

from opendance.drawings.own import DrawingKind
from opendance.prompt.chinese_ends import WholeKind, ends_of_words
from opendance.prompt.chinese_words import COMPLEMENTS, Word, read_stems
from opendance.prompt.glosses import gloss_of
from opendance.prompt.lexicon import UNKNOWN, Lexicon, Verb, lexicon
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.word_tables import PLACE, SUBJECT, VERB, Drawing

_HELPING = frozenset(
    ("be", "have", "do", "make", "get", "become", "to", "let", "cause", "start", "begin", "take", "give", "go", "come")
)
_LONGEST_END = 3
_FLOCK = 7
_WOMEN, _MEN = "妈婆娘妇女姑姨嫂姐妹奶妃尼姬媳", "爷叔伯哥弟爸汉翁郎夫僧舅"  # how words for them end
_MEASURED, _NUMERALS = 2, "一两三四五六七八九十几半"
_SURNAMES = frozenset(
    "王李张刘陈杨赵吴周徐孙朱胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范傅钟卢汪戴崔任廖姚方邱夏谭贾邹熊孟秦阎薛侯段郝孔邵毛万顾赖康贺尹阿小老"
)  # that the names of people begin with
BODY_LETTERS, _PAIR = frozenset("头身脚手腰肩背嘴胸"), 2  # with which somebody wears or holds something
_ENDINGS = "头面身"  # parts of a thing that stand for it


def noun_of(words: Lexicon, word: Word) -> Noun | None:
    """The thing that a word without an entry names; None where it names nothing that is seen."""
    kind = kind_of_word(word.text)
    if len(word.text) > _MEASURED and word.text[0] in _NUMERALS and (key := words.named(word.text[2:])) is not None:
        drawing = words.drawings[key]  # 一杯咖啡
        return Noun(word.begin, word.end, word.text, drawing.name, drawing)
    several = words.named(word.text[:-1]) if word.text.endswith("群") else None
    if several is not None:  # 羊群
        drawing = words.drawings[several]
        return Noun(word.begin, word.end, word.text, drawing.name, drawing, count=_FLOCK, counted=True)
    front = words.named(word.text[0]) if len(word.text) == 2 and word.text[1] in _ENDINGS else None
    if front is not None:  # 墙头
        return Noun(word.begin, word.end, word.text, words.drawings[front].name, words.drawings[front])
    named = word.text in ends_of_words().heads or word.text not in ends_of_words().whole
    if named and (head := head_of(words, word.text)) is not None:
        return Noun(word.begin, word.end, word.text, head.name, head)
    if kind == "none" or (kind == "thing" and word.part == "w" and word.text not in ends_of_words().whole):
        return None
    if kind == "thing" and word.part == "h" and word.text not in ends_of_words().whole:
        if word.text[0] not in _SURNAMES:
            return None
        somebody = replace(words.drawings["person person"], name=word.text, key=f"person {word.text}")
        return Noun(word.begin, word.end, word.text, word.text, somebody)
    noun = Noun(word.begin, word.end, word.text, word.text, None)
    if kind == "person":
        noun.drawing = replace(
            words.drawings["person person"], name=word.text, key=f"person {word.text}", role=word.text
        )
        noun.role = word.text
        noun.gender = "female" if word.text[-1] in _WOMEN else "male" if word.text[-1] in _MEN else None
        _dress(words, noun, word)
    elif kind != "planet":
        noun.drawing = stand_in(words, kind, word.text)
        if kind in ("clothing", "headgear"):
            noun.name = _in_english(word.text, word.text)  # what is worn is told in English
    return noun


def head_of(words: Lexicon, word: str) -> Drawing | None:
    """What a compound is by its last letters, with its name: 方桌 is a table."""
    for length in range(min(_LONGEST_END, len(word)), 0, -1):
        end = word[-length:]
        name = ends_of_words().heads.get(end)
        if length == len(word) == 1:
            continue
        key = words.named(end) if 1 < length < len(word) else None
        key = words.named(name) if name is not None else key
        if key is None or not (drawing := words.drawing(key)).drawing or key.startswith("person "):
            continue
        return replace(drawing, name=_in_english(word, drawing.name), key=f"{UNKNOWN}{word}")
    return None


def _in_english(word: str, known: str) -> str:
    """What a dictionary calls a compound; `known` where it has none."""
    gloss = gloss_of(word, "zh")
    return gloss.nouns[0] if gloss is not None and gloss.nouns and "sth" not in gloss.nouns[0] else known


def _dress(words: Lexicon, noun: Noun, word: Word) -> None:
    """What somebody wears by the first letters of the word: 西装男."""
    key = words.named(word.text[:-1])
    if key is not None and words.drawings[key].kind in ("clothing", "headgear"):
        drawing = words.drawings[key]
        noun.wears.append(Noun(word.begin, word.end - 1, word.text[:-1], drawing.name, drawing, worn=True))


def stand_in(words: Lexicon, kind: DrawingKind, name: str) -> Drawing:
    """A thing of a kind that has no drawing: its name, and what the kind says of how it behaves."""
    like = next((each for each in words.drawings.values() if each.kind == kind and not each.drawn), None)
    emoji = like.emoji if like is not None else "📦"
    return Drawing(emoji, name, "bird" if kind == "aircraft" else kind, key=UNKNOWN + name, drawn=False)


def kind_of_word(word: str) -> WholeKind:
    """The kind of what a noun names, by its last letters; "thing" where they tell nothing."""
    table = ends_of_words()
    for length in range(min(_LONGEST_END, len(word)), 0, -1):
        end = word[-length:]
        if end in table.whole and (length > 1 or len(word) == 1):
            return table.whole[end]
        kind = table.kinds.get(end)
        if kind is not None and (len(word) > 1 or kind not in ("person", "building", "machine")):
            return kind
    return "thing"


def place_of(words: Lexicon, word: str) -> str | None:
    """The key of the place that a word names or ends with, of those that have a set."""
    places = ends_of_words().places
    for length in range(min(_LONGEST_END, len(word)), 0, -1):
        end = word[-length:]
        if (length < len(word) or length > 1) and end in places:
            return places[end]
        if length > 1 and (known := words.meaning(end).get(PLACE.name)) is not None:
            return known
    return None


# What verbs of two letters have as their object, by its letter.
OBJECTS = {
    "水": "water", "土": "soil", "网": "net", "鱼": "fish", "茶": "tea", "书": "book", "花": "flower", "门": "door", "车": "car", "马": "horse", "船": "boat",
    "饭": "rice", "面": "noodles", "菜": "vegetables", "肉": "meat", "酒": "wine", "汤": "soup", "药": "medicine", "信": "letter", "画": "picture", "鼓": "drum",
    "琴": "piano", "球": "ball", "剑": "sword", "刀": "knife", "枪": "gun", "箭": "arrow", "旗": "flag", "伞": "umbrella", "灯": "lamp", "烟": "cigarette", "草": "grass",
    "树": "tree", "雪": "snow", "石": "stone", "衣": "clothes", "棋": "chess", "牌": "cards", "报": "newspaper", "柴": "firewood", "地": "floor", "秧": "seedlings",
    "麦": "wheat", "稻": "rice plants", "羊": "sheep", "牛": "cow", "狗": "dog", "鞋": "shoes", "毛衣": "sweater", "衣服": "clothes", "蛋糕": "cake", "饺子": "dumplings", "豆腐": "tofu", "雪人": "snowman", "键盘": "keyboard", "钢琴": "piano", "吉他": "guitar",
    "小提琴": "violin", "面条": "noodles", "咖啡": "coffee", "风筝": "kite", "篮球": "basketball", "足球": "football",
}  # fmt: skip


def _verb(words: Lexicon, word: str) -> Verb | None:
    """The known verb that a word is, by the lexicon or by `chinese_verbs.toml`."""
    lemma = read_stems().get(word) or words.meaning(word).get(VERB.name)
    if lemma is None or (len(word) == 1 and word not in read_stems() and SUBJECT.name in words.meaning(word)):
        return None
    return words.verbs.get(lemma) or Verb(lemma, lemma, "idle")


def _glossed_verb(words: Lexicon, word: str) -> Verb | None:
    """The English verb that a dictionary has for a word of two letters or more."""
    gloss = gloss_of(word, "zh") if len(word) > 1 and word[1:] not in COMPLEMENTS and word[1:] not in OBJECTS else None
    lemmas = [phrase.split()[0] for phrase in gloss.verbs] if gloss is not None else []
    lemma = next((each for each in lemmas if each in words.verbs), lemmas[0] if lemmas else None)
    return words.verb(lemma) if lemma is not None and lemma.isascii() and lemma not in _HELPING else None


def verb_of(words: Lexicon, word: str) -> Verb:
    """What a word says is done: itself where no table has it, shown as the known verb in it is, the longest and first one."""
    if len(word) == _PAIR and word[0] in BODY_LETTERS and (near := _verb(words, word[1])) is not None:
        return near  # 头戴, 手持
    for length in range(len(word), 0, -1):
        if length == len(word) - 1 and (meant := _glossed_verb(words, word)) is not None:
            return meant
        for begin in range(len(word) - length + 1):
            near = _verb(words, word[begin : begin + length])
            if near is None:
                continue
            rest = word[length:]
            if begin == 0 and (
                not rest or rest in COMPLEMENTS or rest in OBJECTS or SUBJECT.name in words.meaning(rest)
            ):
                return near
            return replace(near, lemma=word)
    return Verb(word, word, "idle")


def as_garment(item: Item, text: str) -> Item:
    """A thing that a letter for clothes stands behind is worn: 条纹衫."""
    letter = text[item.end : item.end + 1]
    kind = ends_of_words().kinds.get(letter) if letter and item.kind == "noun" else None
    if (
        kind is None
        or kind not in _CLOTHES
        or item.noun is None
        or item.noun.kind == "person"
        or text[item.end : item.end + 2] in _NO_GARMENT
    ):
        return item
    words = lexicon()
    key = words.named(ends_of_words().heads.get(letter, "clothes"))
    noun = item.noun
    drawing = words.drawing(key) if key is not None else stand_in(words, kind, letter)
    garment = Noun(noun.begin, item.end + 1, noun.words + letter, drawing.name, drawing, noun.first, colour=noun.colour)
    return replace(item, end=item.end + 1, noun=garment)


_CLOTHES = ("clothing", "headgear")
_NO_GARMENT = (
    "衣柜",
    "衣架",
    "服务",
    "服从",
    "套住",
    "套上",
    "套着",
    "巾帼",
    "帽子",
    "衣服",
    "裙子",
    "裤子",
    "鞋子",
    "靴子",
)


def thing_of_letter(word: Word, *, measured: bool, led: bool) -> Noun | None:
    """What one letter names behind a measure word, 一滴墨, or behind what it is made of, 陶瓷杯."""
    if not measured and not led:
        return None
    words = lexicon()
    name = ends_of_words().heads.get(word.text, _STANDS.get(word.text)) if led else None
    if name is not None and (key := words.named(name)) is not None:
        return Noun(word.begin, word.end, word.text, name, words.drawing(key))
    return noun_of(words, word) if measured else None


_STANDS = {
    "台": "table",
    "柱": "column",
    "雕": "statue",
    "像": "statue",
    "人": "man",
    "鞋": "shoes",
    "衣": "clothes",
    "帽": "hat",
}
