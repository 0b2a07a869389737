"""English sentences: who does what to what, by word order and prepositions."""

from __future__ import annotations

import re

from opendance.plan import Material, Relation
from opendance.prompt.lexicon import Verb
from opendance.prompt.phrases import Item, Noun
from opendance.prompt.scenes import (
    COMMAS,
    PORTABLE,
    SENTENCE_ENDS,
    WEARABLE,
    Scene,
    note_action,
    note_object,
    relate,
    set_material,
)

_PREPOSITIONS: dict[str, Relation | None] = {
    "on top of": "on", "in front of": "in_front_of", "next to": "beside", "out of": "coming_out_of", "inside": "inside",
    "inside of": "inside", "into": "in", "in": "in", "onto": "on", "on": "on", "atop": "on", "upon": "on", "under": "under",
    "beneath": "under", "below": "under", "underneath": "under", "beside": "beside", "by": "beside", "near": "beside",
    "alongside": "beside", "behind": "behind", "above": "over", "over": "over", "between": "between", "among": "in",
    "facing": "facing", "against": "leaning_on", "from": None, "of": None, "at": None, "through": None, "along": None,
    "across": None, "with": None, "to": None, "for": None, "as": None, "like": None, "toward": None, "towards": None,
    "around": "beside", "made of": None, "made from": None, "made out of": None, "filled with": None, "past": "beside",
    "down": None, "up": None, "after": "following", "without": None, "during": None, "via": None,
    "carved from": None, "built of": None, "covered in": None, "reflected on": None, "reflected in": None,
}  # fmt: skip
_PREPOSITION = re.compile(r"\b(?:" + "|".join(sorted(_PREPOSITIONS, key=len, reverse=True)) + r")\b", re.IGNORECASE)
_CONJUNCTION = re.compile(r"\b(?:and|or)\b|&", re.IGNORECASE)
_CLAUSE = re.compile(r"\b(?:while|as|when|then|where|but|and then|meanwhile)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:he|she|it|they|who|that)\b", re.IGNORECASE)
_POSSESSIVE = re.compile(r"'s\b|^s'")
_MADE: frozenset[str] = frozenset(("made of", "made from", "made out of", "carved from", "built of"))


def english(text: str, items: list[Item]) -> Scene:
    """What English sentences say of the things in `items`."""
    scene = Scene()
    topic: list[Noun] = []  # who the clause is about
    last: Noun | None = None
    acting: Item | None = None  # the verb that may still get an object
    agents: list[Noun] = []
    governed: set[int] = set()
    end = 0
    modified = ""  # what stands before a place that only qualifies the next noun
    previous: Item | None = None
    for item in items:
        if item.form == "weak":  # a place that only the name of a thing tells
            scene.places.append(item)
            continue
        gap = text[end : item.begin].lower()
        near = text[max(end, item.after) : item.begin].lower()
        near = near[max(near.rfind(","), 0) :]
        if (
            item.kind == "place"
            and item.noun is None
            and (following := _next(items, item)) is not None
            and following.kind == "noun"
            and text[item.end : following.begin] == " "
        ):
            scene.places.append(item)  # a park bench, which the words before tell of
            modified = near
            continue
        near, modified = modified or near, ""
        end = item.end
        if SENTENCE_ENDS.search(gap):
            topic, agents, acting, last = [], [], None, None
        elif _CLAUSE.search(gap):
            acting, agents = None, []
            if not _PRONOUN.search(gap):
                topic = topic if item.kind == "verb" else []
        prepositions = [match[0].lower() for match in _PREPOSITION.finditer(near)]
        preposition = prepositions[-1] if prepositions else None
        if preposition == "as" and _CLAUSE.search(gap):
            preposition = None
        comma = COMMAS.search(gap) is not None
        if item.kind == "material":
            target = last
            if preposition in _MADE and target is not None:
                set_material(target, item.of)
                previous = item
            continue
        if item.kind == "place":
            noun = item.noun
            there = preposition in (
                None,
                "in",
                "on",
                "at",
                "through",
                "along",
                "across",
                "inside",
                "from",
                "into",
                "of",
                "down",
                "up",
                "near",
                "around",
                "past",
                "onto",
                "out of",
                "to",
            )
            if noun is not None and not there:
                scene.nouns.append(noun)
                stands = _PREPOSITIONS[preposition or "in"]
                governor = _governor(acting, agents, last, topic)
                if stands is not None and governor is not None:
                    relate(governor, stands, noun)
            elif noun is not None and preposition is None and acting is None and not topic and not comma:
                scene.nouns.append(noun)
                topic, last = [noun], noun
            else:
                scene.places.append(item)
                if (
                    noun is not None
                    and preposition in ("on", "near", "past", "of")
                    and noun.kind in ("nature", "building")
                ):
                    scene.nouns.append(noun)
            acting = None if preposition else acting
            previous = item
            continue
        if item.kind == "part":
            scene.body.append(item)
            previous = item
            continue
        if item.kind == "noun":
            noun = item.noun
            assert noun is not None
            if last is not None and last in topic and acting is None and (done := _UNKNOWN_VERB.match(gap)) is not None:
                acting = Item("verb", item.begin, item.begin, verb=_unknown_verb(done[1]))
                previous, agents = acting, list(topic)
                note_action(scene, acting, agents)
            scene.nouns.append(noun)
            possessive = _POSSESSIVE.search(near) is not None and last is not None
            if preposition in _MADE and last is not None and (made := _material_of(noun)) is not None:
                set_material(last, made)
                noun.worn = True
            elif preposition is not None and not (comma and preposition in ("with",) and last is None):
                governor = _governor(acting, agents, last, topic)
                if (
                    preposition == "of"
                    and last is not None
                    and last.kind in ("thing", "tool", "plant")
                    and last.name in _CONTAINERS
                ):
                    last.worn = True  # a bowl of noodles is noodles
                    noun.count, noun.counted = last.count, True
                    noun.relations = last.relations
                    for other in scene.nouns:
                        if other.object is last:
                            other.object = noun
                        other.relations = [
                            (relation, noun if each is last else each) for relation, each in other.relations
                        ]
                    if last in topic:
                        topic = [noun]
                elif preposition == "with" and governor is not None:
                    owner = (
                        last
                        if last is not None and last.lives and previous is not None and previous.kind == "noun"
                        else governor
                    )
                    has: Relation = (
                        "wearing"
                        if noun.kind in WEARABLE
                        else "holding"
                        if noun.kind in PORTABLE and owner.lives
                        else "beside"
                    )
                    if owner.lives or noun.lives:
                        relate(owner, has, noun)
                elif preposition in ("like", "as", "without", "of"):
                    if preposition == "like":
                        noun.worn = True  # a comparison
                    elif preposition == "of" and last is not None and previous is not None and previous.kind == "noun":
                        noun.passive = True
                    if not topic:
                        topic = [noun]
                elif preposition in ("to", "toward", "towards", "at", "for") and acting is not None:
                    for agent in agents:
                        note_object(agent, acting.verb, noun) if acting.verb is not None else None
                elif governor is not None:
                    relation_or = _PREPOSITIONS[preposition]
                    if noun.kind in WEARABLE and preposition == "in":
                        target = last if last is not None and last.lives else governor
                        relate(target, "wearing", noun)
                    elif relation_or is not None:
                        relate(governor, relation_or, noun)
                elif not topic:
                    topic = [noun]
                governed.add(id(noun))
                if preposition not in ("with",):
                    acting = None if preposition != "of" else acting
            elif acting is not None and not comma and (previous is acting or _CONJUNCTION.search(gap) is None):
                note_action(scene, acting, [], noun)
                for agent in agents:
                    note_object(agent, acting.verb, noun) if acting.verb is not None else None
                governed.add(id(noun))
            elif possessive and noun.kind in WEARABLE:
                relate(last, "wearing", noun) if last is not None else None
            elif (
                _CONJUNCTION.search(gap)
                and previous is not None
                and previous.kind == "noun"
                and last is not None
                and id(last) not in governed
            ):
                topic = [*topic, noun]
                if last.verb is not None and noun.verb is None:
                    noun.verb = last.verb
            elif noun.kind in WEARABLE and (owner := next((n for n in scene.nouns if n.lives), None)) is not None:
                relate(owner, "wearing", noun)
                topic = [noun]
            else:
                topic = [noun]
            last = noun
        elif item.kind == "verb" and item.verb is not None:
            participle = item.form.endswith("ing") or item.form in ("dressed in", "clad in", "made")
            beside = last if previous is not None and previous.kind == "noun" and not gap.strip(" ,") else None
            if participle and beside is not None and beside.acts and beside not in topic:
                agents = [beside]
            else:
                agents = list(topic) or ([beside] if beside is not None and beside.acts else [])
            if (
                not agents
                and (someone := next((n for n in reversed(scene.nouns) if n.acts and not n.worn), None)) is not None
                and (participle or _PRONOUN.search(gap) or _CONJUNCTION.search(gap) or comma)
            ):
                agents = [someone]
            if not agents:
                scene.lonely.append(item)
            note_action(scene, item, agents)
            acting = item
        previous = item
    return scene


def _next(items: list[Item], item: Item) -> Item | None:
    at = items.index(item) + 1
    return items[at] if at < len(items) else None


# "the puppy steals a ...": a word behind a noun and before an article, that nothing else is known of.
_UNKNOWN_VERB = re.compile(
    r"[ ](?:[a-z]{2,12}ly[ ])?([a-z]{2,12}[^s\W]s)[ ](?:an?|the|his|her|its|their|some|two|three)[ ](?:[a-z-]{2,14}[ ])?$"
)


def _unknown_verb(form: str) -> Verb:
    """The verb of a form that ends in s."""
    lemma = form[:-1]
    if form.endswith("ies"):
        lemma = form[:-3] + "y"
    elif form.endswith(("shes", "ches", "xes", "zes", "oes")):
        lemma = form[:-2]
    return Verb(lemma, lemma, "idle")


_CONTAINERS = ("cup", "bowl", "plate", "bottle", "basket", "pot", "box", "bag", "bouquet", "beaker", "vase", "glass")


def _material_of(noun: Noun) -> Material | None:
    return _BY_NAME.get(noun.name.lower().split()[-1])


_BY_NAME: dict[str, Material] = {
    "ice": "ice", "snow": "snow", "glass": "glass", "gold": "gold", "wood": "wood", "stone": "stone", "rock": "stone",
    "paper": "paper", "fire": "fire", "flower": "flowers", "flowers": "flowers", "tulip": "flowers", "chocolate": "chocolate", "candy": "candy",
    "water": "water", "cloud": "cloud", "smoke": "smoke", "crystal": "crystal", "bone": "bone", "bar": "chocolate",
    "bamboo": "bamboo", "leaf": "leaves", "lava": "lava", "sand": "sand", "metal": "metal", "rose": "flowers",
}  # fmt: skip


def _governor(acting: Item | None, agents: list[Noun], last: Noun | None, topic: list[Noun]) -> Noun | None:
    """What a preposition tells of: the object of verbs that move things, else who acts, else the noun before it."""
    if acting is not None and acting.verb is not None and agents:
        if acting.verb.moves and agents[0].object is not None and last is agents[0].object:
            return last
        return agents[0]
    return last or (topic[0] if topic else None)
