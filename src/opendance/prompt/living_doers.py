"""What only those who live do is done by them, and not by the thing that the words name next to it."""

from __future__ import annotations

import re

from opendance.plan import Language
from opendance.prompt.english_words import english_word
from opendance.prompt.lexicon import UNKNOWN, Verb
from opendance.prompt.nouns import Noun
from opendance.prompt.scenes import SENTENCE_ENDS, Scene

# What no thing does, be it by wind, water or a motor.
_OF_THE_LIVING = frozenset(
    (
        "laugh", "smile", "grin", "cry", "weep", "speak", "say", "talk", "shout", "whisper", "sneeze", "cough", "yawn", "sigh", "nod",
        "eat", "drink", "chew", "bite", "swallow", "lick", "read", "write", "look", "look_back", "look_up", "look_down", "gaze", "stare",
        "watch", "listen", "breathe", "hug", "kiss", "pet", "greet", "clap", "pray", "kneel", "crouch", "squat", "walk", "stroll", "tiptoe",
        "limp", "water", "knit", "sew", "count", "think", "ask", "answer", "pick_up", "turn_around", "wink", "applaud",
    )
)  # fmt: skip
_HOLDING, _HOLDERS = (
    frozenset(("hold", "carry")),
    ("building", "clothing", "headgear", "plant"),
)  # a basket holds apples
_SITTING = frozenset(("sit", "sit_down"))  # English cups sit on tables
_THINGS = (
    "building",
    "clothing",
    "headgear",
    "plant",
    "furniture",
    "tool",
    "weapon",
    "thing",
    "food",
    "drink",
    "instrument",
)
# Things made as if they lived.
_AS_IF_ALIVE = re.compile(
    r"statue|snowman|scarecrow|puppet|doll|mannequin|shadow|silhouette|skeleton|marionette|figur|ghost|mask|toy|radio|speaker|phone|screen"
)
_ANOTHER_CLAUSE = re.compile(
    r"[:：—–]|\b(?:while|as|when|where|until|then|so|because|whose|who|which|that)\b", re.IGNORECASE
)
_STOPS = re.compile(rf"{SENTENCE_ENDS.pattern}|{_ANOTHER_CLAUSE.pattern}", re.IGNORECASE)
_AT_ONCE = re.compile(r"[ ]*(?:[a-z]+ly[ ])?")
_ITS_OWN_SUBJECT = re.compile(r"[ ]?(?:들)?(?:이|가|은|는|도|が|は|も)(?![가-힣])")
_COMMA = re.compile(r"[,，、]")
_COMES_INTO_VIEW = re.compile(r"(?:来|出|过|着)(?:了)?[一两三几]")
_KEPT = frozenset(("holding", "wearing", "leaning_on", "facing", "riding"))


def give_to_the_living(text: str, scene: Scene, language: Language) -> None:
    """Gives to whoever lives, and is named before it in its sentence, what a thing of `scene` cannot do itself."""
    for thing in scene.nouns:
        if not thing.deeds or thing.lives or thing.inherited or not _cannot_act(thing):
            continue
        somebody = _named_before(text, scene, thing)
        if somebody is None:
            continue
        given = 0  # where the last verb ends that is given away
        for at, (item, agent) in enumerate(list(scene.verbs)):
            if agent is not thing or item.verb is None:
                continue
            goes_on = 0 < given <= item.begin and _STOPS.search(text, given, item.begin) is None  # "walks and turns"
            if not goes_on and not _is_of_the_living(item.verb, thing, language):
                continue
            if not goes_on and not _is_not_its_own(text, scene, somebody, thing, item.begin, language):
                continue
            given = item.end
            scene.verbs[at] = (item, somebody)
            _move(thing, somebody, item.verb)


def _cannot_act(thing: Noun) -> bool:
    if thing.kind not in _THINGS or _AS_IF_ALIVE.search(thing.name) is not None:
        return False
    if thing.drawing is None or not thing.drawing.key.startswith(UNKNOWN):
        return thing.drawing is not None
    word = english_word(thing.name)  # what no entry has may live
    return word is not None and word.kind in _THINGS


def _is_of_the_living(verb: Verb, thing: Noun, language: Language) -> bool:
    if verb.lemma in _HOLDING:
        return thing.kind in _HOLDERS
    return verb.lemma in _OF_THE_LIVING or (language != "en" and verb.lemma in _SITTING)


def _named_before(text: str, scene: Scene, thing: Noun) -> Noun | None:
    """Who lives and was named last before `thing` in its sentence."""
    before = [n for n in scene.nouns if n.lives and not n.worn and n.end <= thing.begin]
    somebody = max(before, key=lambda noun: noun.begin, default=None)
    if somebody is None or SENTENCE_ENDS.search(text, somebody.end, thing.begin) is not None:
        return None
    return somebody


def _is_not_its_own(text: str, scene: Scene, somebody: Noun, thing: Noun, at: int, language: Language) -> bool:
    """Whether a verb that begins at `at` has `thing` not as its subject, as far as the words between tell."""
    between = text[somebody.end : thing.begin]
    if SENTENCE_ENDS.search(text, min(at, thing.end), max(at, thing.end)) is not None:
        return False
    if at < thing.begin:  # 走过一座桥
        return _COMES_INTO_VIEW.search(text, at, thing.begin) is None and at >= somebody.end
    if _ANOTHER_CLAUSE.search(between) is not None or _ANOTHER_CLAUSE.search(text, thing.end, at) is not None:
        return False
    done = any(somebody.end <= item.begin < thing.begin for item, _ in scene.verbs)
    match language:
        case "en":
            return not done if _AT_ONCE.fullmatch(text, thing.end, at) is not None else True
        case "zh":
            last = max((comma.end() for comma in _COMMA.finditer(between)), default=0)
            begins = somebody.end + last
            return last == 0 or any(begins <= item.begin < thing.begin for item, _ in scene.verbs)
        case _:
            return _ITS_OWN_SUBJECT.match(text, thing.end) is None


def _move(thing: Noun, somebody: Noun, verb: Verb) -> None:
    """Makes what `thing` is noted to do somebody's deed, with what it is done to and how they stand to each other."""
    moved = [doing for doing in thing.deeds if doing.verb.lemma == verb.lemma]
    thing.deeds = [doing for doing in thing.deeds if doing.verb.lemma != verb.lemma]
    for doing in moved:
        if doing.object is somebody:
            doing.object = None
        doing.object = doing.object if doing.object is not thing else None
    somebody.deeds += moved
    somebody.relations += [
        pair
        for pair in thing.relations
        if pair[0] in _KEPT and pair[1] is not somebody and all(known is not pair[1] for _, known in somebody.relations)
    ]
    thing.relations = [pair for pair in thing.relations if pair[0] not in _KEPT]
    if thing.verb is not None and thing.verb.lemma == verb.lemma:
        if somebody.verb is None or not somebody.deeds[: -len(moved) or None]:
            somebody.verb, somebody.object = verb, thing.object if thing.object is not somebody else None
        thing.verb, thing.object = (thing.deeds[0].verb, thing.deeds[0].object) if thing.deeds else (None, None)
    thing.passive = True
