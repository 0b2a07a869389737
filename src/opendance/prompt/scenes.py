"""What sentences say of the nouns of a shot, and how they come to say it, in whatever language."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from opendance.plan import Relation
from opendance.prompt.lexicon import Verb
from opendance.prompt.nouns import Doing, Item, Noun


@dataclass
class Scene:
    """What was understood of a shot's sentences: nouns in their order, and places with the words that name them.

    Attributes:
        phrases: by where a place begins, from where to where stands all that is said of it.
    """

    nouns: list[Noun] = field(default_factory=list[Noun])
    places: list[Item] = field(default_factory=list[Item])
    body: list[Item] = field(default_factory=list[Item])
    verbs: list[tuple[Item, Noun]] = field(default_factory=list[tuple[Item, Noun]])
    lonely: list[Item] = field(default_factory=list[Item])
    phrases: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])


# Where a sentence ends, and where one only draws breath.
SENTENCE_ENDS = re.compile(r"[.;。；!?！？\n]")
COMMAS = re.compile(r"[,，、]")
WEARABLE = ("clothing", "headgear")
PORTABLE = ("tool", "weapon", "thing", "toy", "sport", "balloon", "instrument", "food", "drink", "plant", "machine")
_HOLDS_SOMEBODY = ("hold", "carry", "lift", "catch")
_BOARDS = ("board", "boards", "skis", "ski", "skates", "sled", "parachute")
_RIDDEN = ("vehicle", "boat", "animal", "rocket", "sport")


def is_board(thing: Noun) -> bool:
    """Whether one stands or hangs on a thing of a sport, as on a surfboard."""
    return thing.kind == "sport" and thing.name.endswith(_BOARDS)


def relate(noun: Noun, relation: Relation, other: Noun) -> None:
    """Note how one noun stands to another; what is worn, and who rides, is known by the kind of the other."""
    if noun is other:
        return
    if relation == "wearing" or (relation == "in" and other.kind in WEARABLE):
        if other not in noun.wears:
            noun.wears.append(other)
        other.worn = True
        return
    if (
        relation == "on"
        and noun.lives
        and other.kind in _RIDDEN
        and (noun.verb is None or noun.verb.like in ("sit", "ride"))
    ):
        relation = "riding"
    if all(known is not other for _, known in noun.relations):
        noun.relations.append((relation, other))
    other.passive = True


def note_action(scene: Scene, item: Item, agents: list[Noun], thing: Noun | None = None) -> None:
    """Note that `agents` do what the verb in `item` says, to `thing` where there is one."""
    verb = item.verb
    assert verb is not None
    if (
        verb.like == "wear"
        and verb.lemma == "wear"
        and "가" <= item.form[:1] <= "힣"
        and (thing is None or thing.kind not in WEARABLE)
    ):
        holds = thing is not None and thing.kind in PORTABLE
        verb = _HOLD if holds else _WRITE if item.form[:1] in _WRITES else verb  # 쓰다: to wear, to hold up, to write
    for agent in agents:
        scene.verbs.append((item, agent))
        if not agent.deeds or agent.deeds[-1].verb is not verb or agent.deeds[-1].object is not None:
            agent.deeds.append(Doing(verb))
        if agent.verb is None or _rank(verb) > _rank(agent.verb):
            agent.verb, agent.object = verb, None
        if thing is not None:
            note_object(agent, verb, thing)


_WRITES = tuple("쓰써쓴썼쓸씁쓱씀")
# What one has about oneself, postures, and what one does meanwhile: another verb tells more.
_WEAKEST, _WEAK = ("wear", "hold", "rest", "dress"), ("stand", "sit", "lie", "lean", "float", "emerge")
_WEAKER = ("look", "gaze", "stare", "watch", "smile", "laugh", "walk", "approach", "enter", "wait")


def _rank(verb: Verb) -> int:
    """How much a verb tells, beside others of the same subject."""
    like = verb.like
    return 0 if like in _WEAKEST else 1 if like in _WEAK else 2 if like in _WEAKER else 3


_DRESSING = ("tie", "don", "button", "zip", "fasten")
_HOLD = Verb("hold", "hold", "idle", "holding")
_WRITE = Verb("write", "write", "idle")


def note_object(agent: Noun, verb: Verb, thing: Noun) -> None:
    """Note what `agent` does it to, and the relation that the verb makes between them."""
    if thing is agent:
        return
    relation = verb.relation
    if (
        relation == "wearing"
        and verb.lemma == "wear"
        and (thing.drawing is not None or thing.name != thing.words)
        and thing.kind in ("thing", "nature", "toy")
    ):
        relate(agent, "wearing", thing)  # what it is, nobody knows, but it is worn
        return
    if relation is None and thing.kind in WEARABLE and verb.lemma in _DRESSING:
        relation = "wearing"  # "ties an apron", 系着围裙
    if relation == "wearing" or (thing.kind in WEARABLE and verb.like in ("wear", "hold") and relation is not None):
        relation = "wearing" if thing.kind in WEARABLE else "holding"
    if relation == "holding" and thing.kind == "person" and verb.like not in _HOLDS_SOMEBODY:
        relation = None  # who is gathered or shown is in nobody's hand
    if relation == "riding" and thing.kind == "sport" and not is_board(thing):
        relation = None  # a ball is driven, not ridden
    if relation == "riding" and thing.kind not in (*_RIDDEN, "nature", "bird", "fish", "furniture", "thing"):
        relation = None
    if relation is not None:
        relate(agent, relation, thing)
    thing.passive = True
    if relation != "wearing":
        _note_done(agent, verb, thing)
    if relation != "wearing" and agent.object is None and agent.verb is verb:
        agent.object = thing


def _note_done(agent: Noun, verb: Verb, thing: Noun) -> None:
    doing = next((doing for doing in reversed(agent.deeds) if doing.verb is verb), None)
    if doing is not None and doing.object is None:
        doing.object = thing
    elif doing is None or doing.object is not thing:
        agent.deeds.append(Doing(verb, thing))


def note_patient(noun: Noun) -> None:
    """Note that something is done to `noun`, by whom is said behind it."""
    noun.passive = True


def set_material(noun: Noun, material: str) -> None:
    """Note what a noun is made of."""
    if material:
        noun.material = material  # type: ignore[assignment]
