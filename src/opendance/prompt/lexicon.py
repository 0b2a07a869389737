"""What words mean: one pass over the text gives every known word with its senses, longest words first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, cast

from opendance.drawings.own import DrawingKind, OwnDrawing, own_drawings
from opendance.plan import (
    Action,
    Gender,
    Relation,
    Setting,
)  # fmt: skip
from opendance.prompt.conjugation import japanese_forms, korean_forms
from opendance.prompt.emoji_names import SIGNS, Kind, emoji_subjects, kind_of
from opendance.prompt.english_words import PERSONAL, english_word, uses_of
from opendance.prompt.reading import lowered
from opendance.prompt.word_index import WordIndex
from opendance.prompt.word_tables import (
    ACTION,
    AGE,
    COLOUR,
    GENDER,
    MATERIAL,
    PART,
    PLACE,
    SETTING,
    SUBJECT,
    VERB,
    Category,
    Drawing,
    SubjectEntry,
    T,
    VerbEntry,
    Words,
    english_forms,
    read_film_words,
    read_looks,
    read_people,
    read_places,
    read_subjects,
    read_things,
    read_verbs,
)

MOST_HITS = 500  # known words of a text that are looked at: twice what a prompt of the recommended length has


@dataclass(frozen=True)
class Hit:
    """A known word in a text.

    Attributes:
        meaning: by category, such as "setting" or "subject", what it means.
    """

    start: int
    end: int
    words: str
    meaning: Mapping[str, str]

    def value(self, category: Category[T]) -> T | None:
        """The word's meaning in this category, if it has one."""
        meant = self.meaning.get(category.name)
        return cast("T | None", meant)  # what the files say of each category was checked when they were read


@dataclass(frozen=True)
class Verb:
    """What may be done.

    Attributes:
        lemma: in English; `like`: the entry of `verbs.toml` that it is of.
        action: how it is shown where nothing else is known.
        relation: how who does it stands to what it is done to.
        moves: a place that is named behind its object is where the object is, not who does it.
    """

    lemma: str
    like: str
    action: Action
    relation: Relation | None = None
    moves: bool = False


# What stands in for a kind of thing where an engine shows packaged drawings only.
_STAND_INS: dict[str, str] = {
    "animal": "🐾", "bird": "🐦", "fish": "🐟", "person": "🧑", "vehicle": "🚗", "boat": "⛵", "aircraft": "✈️",
    "plant": "🌱", "instrument": "🎻", "building": "🏠", "furniture": "🪑", "clothing": "👕", "headgear": "👒",
    "tool": "🔧", "weapon": "🗡️", "food": "🍲", "drink": "🥤", "machine": "⚙️", "nature": "🪨", "toy": "🧸",
    "sport": "⚽", "thing": "📦", "planet": "🪐", "balloon": "🎈",
}  # fmt: skip
UNKNOWN = "="  # before the key of an English word that no entry has
_OF_WORDS: dict[str, Kind] = {
    "aircraft": "bird", "place": "building", "part": "thing", "material": "thing", "": "thing",
}  # fmt: skip
# What says that a word names something; such words stand alone, not inside of others.
_NAMING = frozenset(c.name for c in (SUBJECT, PLACE, COLOUR, MATERIAL, AGE, GENDER, PART))
_PARTICLE = re.compile(
    r"(?:이|가|은|는|을|를|에|의|와|과|도|만|로|으로|들|랑|하고|처럼|보다|까지|부터|인|께|한테|마저|조차|밖|뿐|마다|라|입|였|씨|님|네|쪽|위|앞|뒤|옆|속|안|아래|밑|한 |두 |떼|색|빛|에서|나 )"
)
_LETTERS_BEFORE = frozenset(
    "的着了只匹头位名个個隻頭条條群辆朵棵片对双和与在把被是有那这小大老白黑红黄蓝灰金几两一二三四五六七八九十骑跟向从对像说看の、"
)
_COUNTED = re.compile(r"[一二三四五六七八九十](?:人|匹|頭|羽|台|本|枚|個|輪)")  # 娘三人
_LETTERS_BEHIND = frozenset(
    "的在和与从正站坐跑飞走上下里中前后旁边是有把被着跳游叫们儿が は を に の と も で へ や".replace(" ", "")
    + "骑吃喝看拿从向跟躺趴也都会"
)


class Lexicon:
    """All known words: those of a film set, places, people, verbs, looks, drawings of our own, things, emoji."""

    def __init__(self, own: dict[str, OwnDrawing] | None = None) -> None:
        self._senses: dict[str, dict[str, str]] = {}
        self.drawings: dict[str, Drawing] = {}
        self.verbs: dict[str, Verb] = {}
        self.singular: dict[str, str] = {}  # by English form
        self.places: dict[str, Setting] = {}
        self._load_places()
        self._load_film_words()
        entries = read_subjects()
        for char, entry in entries.items():
            if entry.kind is not None:
                self.drawings[char] = entry.drawing(char, entry.en[0], entry.kind)
        self._load_people()
        self._load_verbs()
        self._load_looks()
        self._load_subjects(entries)
        self._load_things(own_drawings() if own is None else own)
        self._load_own(own_drawings() if own is None else own, entries)
        self._load_emoji(entries)
        self._index = WordIndex(self._senses)

    def _add(self, word: str, category: str, value: str, *, weak: bool = False) -> None:
        senses = self._senses.setdefault(word.lower(), {})
        if not (weak and senses):
            senses.setdefault(category, value)

    def _load_places(self) -> None:
        for key, entry in read_places().items():
            self.places[key] = entry.setting
            for form in entry.forms():
                self._add(form, PLACE.name, key)
                self._add(form, SETTING.name, entry.setting)

    def _load_film_words(self) -> None:
        for category, values in read_film_words().items():
            for value, words in values.items():
                for form in words.forms():
                    self._add(form, category, value)

    def _load_people(self) -> None:
        for role, entry in read_people().items():
            base = self.drawings.get(entry.emoji) or Drawing(entry.emoji, entry.emoji, "person")
            key = f"person {role}"
            self.drawings[key] = Drawing(
                entry.emoji, (entry.name or role).replace("_", " "), "person", base.face, entry.setting or base.setting,
                base.poses, base.tall, key, role=None if role in _EVERYBODY else role, age=entry.age, gender=entry.gender,
            )  # fmt: skip
            self._add_named(entry, key)

    def _add_named(self, words: Words, key: str) -> None:
        for word in words.en:
            for form in english_forms(word):
                self.singular.setdefault(form.lower(), word.lower())
        for form in words.forms():
            self._add(form, SUBJECT.name, key)

    def _load_verbs(self) -> None:
        for like, entry in read_verbs().items():
            for lemma, forms in _by_lemma(like, entry).items():
                self.verbs.setdefault(lemma, Verb(lemma, like, entry.action, entry.relation, entry.moves))
                for form in forms:
                    self._add(form, VERB.name, lemma)
        for word, senses in self._senses.items():  # verbs of which only the way they are shown is known
            if ACTION.name in senses and VERB.name not in senses and senses[ACTION.name] not in self.verbs:
                senses[VERB.name] = word
                self.verbs[word] = Verb(word, word, cast("Action", senses[ACTION.name]))
            elif ACTION.name in senses and VERB.name not in senses:
                senses[VERB.name] = senses[ACTION.name]

    def _load_looks(self) -> None:
        for category, values in read_looks().items():
            for value, words in values.items():
                for word in (*words.en, *words.zh, *words.ko, *words.ja):
                    self._add(word, category, value)

    def _load_own(self, own: dict[str, OwnDrawing], entries: dict[str, SubjectEntry]) -> None:
        packaged = {name: char for char, name, _, _ in emoji_subjects()}
        packaged |= {word: char for char, entry in entries.items() for word in entry.en}
        for name, each in own.items():
            if each.kind == "person":
                continue
            like = next((packaged[word] for word in each.en if word in packaged), _STAND_INS[each.kind])
            known = entries.get(like, SubjectEntry())
            self.drawings[name] = Drawing(
                like, each.en[0], known.kind or _kind_of(each.kind), known.face, known.setting, known.poses, known.tall,
                name, drawn=False, own=name,
            )  # fmt: skip
            for form in Words(each.en, each.zh, each.ko, each.ja).forms():
                self._add_own(form, name, main=form == each.en[0])
            for word in each.en:
                for form in english_forms(word):
                    self.singular.setdefault(form.lower(), word.lower())

    def _add_own(self, word: str, name: str, *, main: bool) -> None:
        """A word of a drawing of ours, where the word means no place or way of filming; `main`: its usual word.

        What has an entry keeps it - a dog is any dog - but for the usual word of a drawing that is only like the entry.
        """
        if word in _LETTERS_BEFORE or word in _LETTERS_BEHIND:
            return  # 的 makes sentences, whatever else it may mean
        ends = word.rpartition(" ")
        if not main and ends[0] and VERB.name in self._senses.get(ends[2].lower(), {}):
            return  # "a rocket launches"
        senses = self._senses.setdefault(word.lower(), {})
        free = _BESIDE_NAMES.issuperset(senses) if word.isascii() else not senses.keys() - {SUBJECT.name}
        known = self.drawings.get(senses.get(SUBJECT.name, ""))
        if not free:
            return
        if known is None or (main and known.name != word and known.kind != "person"):
            senses[SUBJECT.name] = name

    def _load_subjects(self, entries: dict[str, SubjectEntry]) -> None:
        for char, entry in entries.items():
            if entry.kind is not None:
                self._add_named(Words(entry.en, entry.zh, entry.ko, entry.ja), char)

    def _load_things(self, own: dict[str, OwnDrawing]) -> None:
        drawn: dict[str, str] = {}
        for key, each in own.items():
            for word in each.en:
                drawn.setdefault(word, key)
        drawn |= {each.en[0]: key for key, each in own.items()} | {key: key for key in own}
        own_words = {
            word: key
            for key, each in own.items()
            for word in (*each.en[:1], *each.zh, *each.ko, *each.ja)
            if len(word) > 1
        }
        for name, entry in read_things().items():
            shown = next((drawn[word] for word in (name, *entry.en) if word in drawn), None)
            kind, packaged = _kind_of(entry.kind), entry.emoji if shown is None else None
            self.drawings[name] = Drawing(
                packaged or _STAND_INS[entry.kind], name, kind, setting=entry.setting, key=name,
                drawn=packaged is not None, own=shown,
            )  # fmt: skip
            for word in entry.en:
                for form in english_forms(word):
                    self.singular.setdefault(form.lower(), word.lower())
            for form in entry.forms():
                if shown is None or own_words.get(form, shown) == shown:  # what has a drawing of its own keeps it
                    self._senses.setdefault(form.lower(), {})[SUBJECT.name] = name

    def _load_emoji(self, entries: dict[str, SubjectEntry]) -> None:
        for char, name, category, names in emoji_subjects():
            if char not in self.drawings:
                self.drawings[char] = entries.get(char, SubjectEntry()).drawing(char, name, kind_of(name, category))
            plain = name.removeprefix("person ").removesuffix(" face")
            if plain.endswith((" hair", "beard")):
                continue  # of a person's looks
            for form in english_forms(plain):
                self._add(form, SUBJECT.name, char, weak=True)
            for language in ("zh", "ko", "ja"):
                word = names.get(language, "")
                if len(word) >= 2:
                    self._add(word, SUBJECT.name, char, weak=True)
            self._add(char.replace("\ufe0f", ""), SUBJECT.name, char, weak=True)
        for char, (category, value) in SIGNS.items():
            self._senses[char] = {category: value}

    def named(self, word: str) -> str | None:
        """The key of what a word names."""
        return self._senses.get(word.lower(), {}).get(SUBJECT.name)

    def drawing(self, key: str) -> Drawing:
        """The drawing that a key names; for an English word that no entry has, that of what it is a kind of."""
        known = self.drawings.get(key)
        return known if known is not None else self._drawing_of_unknown(key.removeprefix(UNKNOWN))

    def _drawing_of_unknown(self, word: str) -> Drawing:
        head = word.rpartition(" ")[2]
        if head != word:  # a dictionary's words for it: "conical bamboo hat"
            return self._drawing_of_phrase(word)
        entry = english_word(word)
        kind: Kind = _kind_of_word(word, "" if entry is None else entry.kind)
        for above in () if entry is None else entry.above:
            near = self.drawings.get(self.named(above) or "")
            if near is not None and near.kind == kind != "person":
                return replace(near, name=word, key=UNKNOWN + word, drawn=near.drawn)
        role = word if kind == "person" else None
        gender: Gender | None = (
            "female"
            if role and word.endswith(("woman", "girl", "ess"))
            else "male"
            if role and word.endswith(("man", "boy"))
            else None
        )
        return Drawing(
            _STAND_INS[kind], word, kind, key=UNKNOWN + word, drawn=kind == "person", role=role, gender=gender
        )

    def _drawing_of_phrase(self, phrase: str) -> Drawing:
        """The drawing of the longest end of a phrase that is known; it bears the phrase's name."""
        parts = phrase.split()
        ends = [" ".join(parts[at:]) for at in range(1, len(parts))]
        lemma = next((use.lemma for use in uses_of(ends[-1]) if use.pos == "n"), ends[-1])
        for end in (*ends, lemma):
            if (near := self.drawings.get(self.named(end) or "")) is not None:
                role = phrase if near.role is not None else None
                return replace(near, name=phrase, key=UNKNOWN + phrase, role=role)
        drawing = self._drawing_of_unknown(lemma)
        return replace(drawing, name=phrase, key=UNKNOWN + phrase, role=drawing.role and phrase)

    def setting(self, place: str) -> Setting:
        """The kind of place that a key of one is, or an English word for one that no entry has."""
        known = self.places.get(place)
        if known is not None:
            return known
        entry = english_word(place)
        for above in () if entry is None else entry.above:
            if (near := self.meaning(above).get(PLACE.name)) is not None:
                return self.places[near]
            for part, setting in _SETTINGS_BY_WORD.items():
                if part in above:
                    return setting
        return "street"

    def verb(self, lemma: str) -> Verb:
        """What may be done; an English verb that no entry has is shown as what it does in other words."""
        known = self.verbs.get(lemma)
        if known is not None:
            return known
        head = lemma.partition(" ")[0]
        if head != lemma and head in self.verbs:
            return replace(self.verbs[head], lemma=lemma)
        entry = english_word(head)
        for does in () if entry is None else entry.does:
            if (near := self.verbs.get(does)) is not None:
                return Verb(lemma, near.like, near.action, None, near.moves)
        return Verb(lemma, lemma, "idle")

    def meaning(self, word: str) -> dict[str, str]:
        """By category, what a word in small letters means; empty where it is not known."""
        return self._senses.get(word, {})

    def chinese(self) -> list[tuple[str, Mapping[str, str]]]:
        """The words in Han letters alone, with what they mean."""
        return [(word, senses) for word, senses in self._senses.items() if all("一" <= each <= "鿿" for each in word)]

    def english(self, category: Category[str]) -> dict[str, str]:
        """What the English words of a category mean: for subjects in the singular, for verbs their lemmas."""
        if category is VERB:
            return {lemma: lemma for lemma in self.verbs if lemma.isascii()}
        words = {word for word in self.singular.values() if word.isascii()}
        words |= {each.name for each in self.drawings.values() if each.kind != "person" and each.name.isascii()}
        return {word: key for word in sorted(words) if (key := self.named(word)) is not None}

    def hits(self, text: str) -> list[Hit]:
        """The known words of `text`, in order, the first `MOST_HITS`; none overlaps another."""
        lower = lowered(text)
        found: list[Hit] = []
        at, end = 0, 0  # where to look on, where the last word that counts ends
        while len(found) < MOST_HITS and (match := self._index.next(lower, at)) is not None:
            begin, word = match
            senses = self._senses[word]
            behind = begin + len(word)
            if _stands_alone(lower, begin, behind, end, senses) or self._goes_on(lower, begin, behind, end):
                found.append(Hit(begin, behind, word, senses))
                at = end = behind
            else:
                at = begin + 1
        return found

    def _goes_on(self, text: str, begin: int, behind: int, end: int) -> bool:
        """Whether another known word follows a word of one letter at once, as in 牛肉面."""
        free = begin == end or begin == 0 or not text[begin - 1].isalpha() or text[begin - 1] in _LETTERS_BEFORE
        korean = "가" <= text[begin] <= "힣"
        if not free or (korean and begin and begin != end and "가" <= text[begin - 1] <= "힣"):
            return False
        follows = self._index.at(text, behind)
        if korean:  # 물든 is no water
            return (
                follows is not None
                and max(len(follows), behind - begin) > 1
                and not _NAMING.isdisjoint(self._senses[follows])
            )
        return follows is not None


def _by_lemma(like: str, entry: VerbEntry) -> dict[str, list[str]]:
    """The forms of each English verb of an entry; what has no lemma of its own has that of the entry."""
    past = [form[:-1] + ("た" if form[-1] == "て" else "だ") for form in entry.ja if form[-1] in "てで"]
    lemmas = {
        form: word[:-1] for word in entry.en if word.endswith("~") for form in english_forms(word) if " " not in word
    }
    forms: dict[str, list[str]] = {like: [*entry.zh, *past]}
    for word in entry.ko:
        forms[like] += korean_forms(word[:-1]) if word.endswith("~") else [word]
    for word in entry.ja:
        forms[like] += japanese_forms(word[:-1]) if word.endswith("~") else [word]
    for word in entry.en:
        own = word.replace("~", "") if "~" in word and " " not in word else lemmas.get(word, like)
        forms.setdefault(own, []).extend(english_forms(word) if "~" in word else [word])
    return forms


# What a word that names a thing may mean besides.
_BESIDE_NAMES = frozenset(("subject", "verb", "action", "colour", "material"))
_EVERYBODY = (
    "woman", "man", "girl", "boy", "child", "baby", "person", "teen_girl", "teen_boy", "old_man", "old_woman",
    "grandmother", "grandfather", "mother", "father",
)  # fmt: skip


def _kind_of(kind: DrawingKind | Literal["planet", "balloon"]) -> Kind:
    return "bird" if kind == "aircraft" else kind  # it flies


_DEEDS = frozenset((VERB.name, ACTION.name))
_ADNOMINAL = 4  # the final of 오른
_AFTER_ADNOMINAL = re.compile(
    r"아|어|았|었|자|던|도|다|데|지|대|걸|듯|단|라|세|까|것|채|뒤|후|때|줄|수|적|나|가|고|기|며|면|서|을|를|이|은|는"
)


def _is_adnominal(letter: str) -> bool:
    """Whether a Korean syllable ends as a verb does before the noun that it tells of."""
    return "가" <= letter <= "힣" and (ord(letter) - 0xAC00) % 28 == _ADNOMINAL


def _stands_alone(text: str, begin: int, end: int, last: int, senses: dict[str, str]) -> bool:
    """Whether a word is one: no part of a longer word of Korean, Chinese or Japanese.

    Args:
        last: where the known word before it ends.
    """
    first = text[begin]
    before = text[begin - 1] if begin > last else " "
    behind = text[end] if end < len(text) else " "
    naming = not _NAMING.isdisjoint(senses)
    if "가" <= first <= "힣":
        if "가" <= before <= "힣" or (end - begin == 1 and text.startswith("모두", begin)):
            return False
        if (
            not naming
            and "가" <= behind <= "힣"
            and _is_adnominal(text[end - 1])
            and _AFTER_ADNOMINAL.match(text, end) is None
        ):
            return senses.keys() - _DEEDS != set()  # 오른손 climbs nothing
        whole = not naming or end - begin > 2 or not "가" <= behind <= "힣" or " " in text[begin:end]
        return whole or _PARTICLE.match(text, end) is not None
    if not naming:
        return True
    if "ァ" <= first <= "ヺ":
        kana = ("ァ", "ー")
        return not (kana[0] <= before <= "ヺ" or before == kana[1] or kana[0] <= behind <= "ヺ" or behind == kana[1])
    if end - begin == 1 and "一" <= first <= "鿿":
        free = not "一" <= before <= "鿿" or before in _LETTERS_BEFORE
        return free and (
            not "一" <= behind <= "鿿" or behind in _LETTERS_BEHIND or _COUNTED.match(text, end) is not None
        )
    return True


def _kind_of_word(word: str, kind: str) -> Kind:
    """The kind of drawing for a kind of English word; of a word that no table has, by how it ends."""
    if not kind and english_word(word) is None and word.endswith(PERSONAL):
        return "person"
    return _OF_WORDS[kind] if kind in _OF_WORDS else cast("Kind", kind)


_SETTINGS_BY_WORD: dict[str, Setting] = {
    "room": "room", "compartment": "room", "building": "room", "shop": "room", "establishment": "room", "workplace": "room",
    "house": "room", "housing": "room", "recess": "room", "floor": "room", "water": "sea", "sea": "sea", "city": "city", "capital": "city",
    "district": "city", "country": "city", "state": "city", "elevation": "mountains", "hill": "mountains", "mountain": "mountains",
    "formation": "mountains", "slope": "mountains", "forest": "forest", "wood": "forest", "land": "field", "field": "field",
    "tract": "field", "enclosure": "field", "deck": "sea", "platform": "street", "way": "street", "road": "street", "desert": "desert",
}  # fmt: skip


@cache
def lexicon() -> Lexicon:
    """The lexicon, loaded once."""
    return Lexicon()
