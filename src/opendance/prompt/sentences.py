"""Who does what to what: verbs, objects and relations between the nouns of a shot, by particles and word order."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from opendance.plan import Language, Material, Relation
from opendance.prompt.lexicon import Verb
from opendance.prompt.phrases import Item, Noun


@dataclass
class Scene:
    """What was understood of a shot's sentences: nouns in their order, and places with the words that name them."""

    nouns: list[Noun] = field(default_factory=list[Noun])
    places: list[Item] = field(default_factory=list[Item])
    body: list[Item] = field(default_factory=list[Item])
    verbs: list[tuple[Item, Noun]] = field(default_factory=list[tuple[Item, Noun]])
    lonely: list[Item] = field(default_factory=list[Item])


_HARD = re.compile(r"[.;。；!?！？\n]")
_SOFT = re.compile(r"[,，、]")
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
_WEARABLE = ("clothing", "headgear")
_PORTABLE = ("tool", "weapon", "thing", "toy", "sport", "balloon", "instrument", "food", "drink", "plant", "machine")
_RIDDEN = ("vehicle", "boat", "animal", "rocket", "sport")


def understand(text: str, items: list[Item], language: Language) -> Scene:
    """What the sentences of `text` say of the things in `items`."""
    reader: Callable[[str, list[Item]], Scene] = _FINAL if language in ("ko", "ja") else _MIDDLE[language]
    return reader(text, items)


def _relate(noun: Noun, relation: Relation, other: Noun) -> None:
    if noun is other:
        return
    if relation == "wearing" or (relation == "in" and other.kind in _WEARABLE):
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


def _do(scene: Scene, item: Item, agents: list[Noun], thing: Noun | None = None) -> None:
    verb = item.verb
    assert verb is not None
    if (
        verb.like == "wear"
        and verb.lemma == "wear"
        and not item.form.isascii()
        and (thing is None or thing.kind not in _WEARABLE)
    ):
        verb = _HOLD if thing is not None and thing.kind in _PORTABLE else _WRITE  # 쓰다: to wear, to hold up, to write
    for agent in agents:
        scene.verbs.append((item, agent))
        if agent.verb is None or (agent.verb.like in _WEAK and verb.like not in _WEAK):
            agent.verb, agent.object = verb, None
        if thing is not None:
            _affect(agent, verb, thing)


# Postures and what one has about oneself: another verb tells more.
_WEAK = ("stand", "sit", "lie", "lean", "look", "float", "laugh", "wear", "hold", "rest", "emerge")


_HOLD = Verb("hold", "hold", "idle", "holding")
_WRITE = Verb("write", "write", "idle")


def _affect(agent: Noun, verb: Verb, thing: Noun) -> None:
    if thing is agent:
        return
    relation = verb.relation
    if relation == "wearing" or (thing.kind in _WEARABLE and verb.like in ("wear", "hold") and relation is not None):
        relation = "wearing" if thing.kind in _WEARABLE else "holding"
    if relation == "riding" and thing.kind not in (*_RIDDEN, "nature", "bird", "fish", "furniture", "thing"):
        relation = None
    if relation is not None:
        _relate(agent, relation, thing)
    thing.passive = True
    if relation != "wearing" and agent.object is None and agent.verb is verb:
        agent.object = thing


def _english(text: str, items: list[Item]) -> Scene:
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
        if _HARD.search(gap):
            topic, agents, acting, last = [], [], None, None
        elif _CLAUSE.search(gap):
            acting, agents = None, []
            if not _PRONOUN.search(gap):
                topic = topic if item.kind == "verb" else []
        prepositions = [match[0].lower() for match in _PREPOSITION.finditer(near)]
        preposition = prepositions[-1] if prepositions else None
        if preposition == "as" and _CLAUSE.search(gap):
            preposition = None
        comma = _SOFT.search(gap) is not None
        if item.kind == "material":
            target = last
            if preposition in _MADE and target is not None:
                _make(target, item.of)
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
                    _relate(governor, stands, noun)
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
                _do(scene, acting, agents)
            scene.nouns.append(noun)
            possessive = _POSSESSIVE.search(near) is not None and last is not None
            if preposition in _MADE and last is not None and (made := _material_of(noun)) is not None:
                _make(last, made)
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
                        if noun.kind in _WEARABLE
                        else "holding"
                        if noun.kind in _PORTABLE and owner.lives
                        else "beside"
                    )
                    if owner.lives or noun.lives:
                        _relate(owner, has, noun)
                elif preposition in ("like", "as", "without", "of"):
                    if preposition == "like":
                        noun.worn = True  # a comparison
                    elif preposition == "of" and last is not None and previous is not None and previous.kind == "noun":
                        noun.passive = True
                    if not topic:
                        topic = [noun]
                elif preposition in ("to", "toward", "towards", "at", "for") and acting is not None:
                    for agent in agents:
                        _affect(agent, acting.verb, noun) if acting.verb is not None else None
                elif governor is not None:
                    relation_or = _PREPOSITIONS[preposition]
                    if noun.kind in _WEARABLE and preposition == "in":
                        target = last if last is not None and last.lives else governor
                        _relate(target, "wearing", noun)
                    elif relation_or is not None:
                        _relate(governor, relation_or, noun)
                elif not topic:
                    topic = [noun]
                governed.add(id(noun))
                if preposition not in ("with",):
                    acting = None if preposition != "of" else acting
            elif acting is not None and not comma and (previous is acting or _CONJUNCTION.search(gap) is None):
                _do(scene, acting, [], noun)
                for agent in agents:
                    _affect(agent, acting.verb, noun) if acting.verb is not None else None
                governed.add(id(noun))
            elif possessive and noun.kind in _WEARABLE:
                _relate(last, "wearing", noun) if last is not None else None
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
            elif noun.kind in _WEARABLE and (owner := next((n for n in scene.nouns if n.lives), None)) is not None:
                _relate(owner, "wearing", noun)
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
            _do(scene, item, agents)
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


def _make(noun: Noun, material: str) -> None:
    if material:
        noun.material = material  # type: ignore[assignment]


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


_ZH_BEHIND = re.compile(
    r"(?:的)?(上面|上方|上空|里面|中间|下面|旁边|前面|后面|背后|之间|对面|周围|上|里|内|中|下|旁|边|前|后)?(的)?"
)
_ZH_WHERE: dict[str, Relation] = {
    "上面": "on", "上": "on", "上方": "over", "上空": "over", "里面": "in", "里": "in", "内": "in", "中": "in", "中间": "in",
    "下面": "under", "下": "under", "旁边": "beside", "旁": "beside", "边": "beside", "周围": "beside", "前面": "in_front_of",
    "前": "in_front_of", "后面": "behind", "后": "behind", "背后": "behind", "之间": "between", "对面": "facing",
}  # fmt: skip


def _chinese(text: str, items: list[Item]) -> Scene:
    scene = Scene()
    topic: list[Noun] = []
    pending: list[tuple[Item, Noun | None]] = []  # verbs before anybody was named: 穿红裙的女孩
    where: list[tuple[Relation, Noun]] = []  # said before anybody was named: 桌子上的猫
    acting: Item | None = None
    agents: list[Noun] = []
    end = 0
    previous: Item | None = None
    material: Item | None = None
    taken: Noun | None = None  # what 把 has named
    for item in items:
        if item.form == "weak":  # a place that only the name of a thing tells
            scene.places.append(item)
            continue
        gap = text[end : item.begin]
        end = item.end
        if _HARD.search(gap):
            topic, agents, acting, pending, where = [], [], None, [], []
        elif _SOFT.search(gap):
            acting, pending = None, []
        if item.kind == "material":
            before = text[max(0, item.begin - 4) : item.begin]
            behind = text[item.end : item.end + 5]
            if re.search(r"[由用以]$", before) or re.match(r"(?:做|制|雕|构|编)", behind):
                material = item
            previous = item
            continue
        if item.kind == "place":
            noun = item.noun
            behind = _ZH_BEHIND.match(text, item.end)
            there = re.search(r"[在从到进向往沿]$", gap.rstrip()) is not None or (
                behind is not None and behind[1] is not None
            )
            if noun is not None and not there and (previous is None or acting is not None):
                scene.nouns.append(noun)
                if acting is not None:
                    for agent in agents:
                        _affect(agent, acting.verb, noun) if acting.verb is not None else None
                elif not topic:
                    topic = [noun]
            elif (
                noun is not None
                and behind is not None
                and behind[1] in ("上空", "上方", "前", "前面", "旁", "旁边", "后", "后面")
            ):
                scene.nouns.append(noun)
                where.append((_ZH_WHERE[behind[1]], noun))
                scene.places.append(item)
            else:
                scene.places.append(item)
            previous = item
            continue
        if item.kind == "part":
            scene.body.append(item)
            previous = item
            continue
        if item.kind == "noun" and item.noun is not None:
            noun = item.noun
            scene.nouns.append(noun)
            behind = _ZH_BEHIND.match(text, item.end)
            local = behind[1] if behind is not None else None
            if material is not None and "的" in gap:
                _make(noun, material.of)
                material = None
            relative = gap.endswith("的") or ("的" in gap[:3] and (pending or where))
            if (
                local is not None
                and local in _ZH_WHERE
                and not (
                    local in ("中", "下", "前")
                    and behind is not None
                    and text[behind.end() : behind.end() + 1] in "的"
                    and not gap.endswith("在")
                )
            ):
                if topic:
                    target = (
                        agents[0].object
                        if acting is not None
                        and acting.verb is not None
                        and acting.verb.moves
                        and agents
                        and agents[0].object
                        else topic[0]
                    )
                    _relate(target, _ZH_WHERE[local], noun)
                    acting = None
                else:
                    where.append((_ZH_WHERE[local], noun))
                    noun.passive = True
            elif (
                gap.endswith("在")
                and acting is not None
                and acting.verb is not None
                and acting.verb.relation == "on"
                and agents
            ):
                _relate(agents[0], "on", noun)
            elif (
                (relative or not topic) and pending and not (acting is not None and previous is acting and not relative)
            ):
                for verb_item, thing in pending:
                    _do(scene, verb_item, [noun], thing)
                pending = []
                topic, agents, acting = [noun], [noun], None
            elif gap.rstrip().endswith("把") or gap.rstrip().endswith("将"):
                noun.passive = True
                taken = noun
            elif acting is not None and not relative and not _SOFT.search(gap):
                if agents:
                    for agent in agents:
                        _affect(agent, acting.verb, noun) if acting.verb is not None else None
                elif pending and pending[-1][0] is acting:
                    pending[-1] = (acting, noun)
                    noun.passive = True
            elif re.search(r"[和与跟及、]$", gap) and topic and previous is not None and previous.kind == "noun":
                topic = [*topic, noun]
            else:
                topic = [noun]
                agents, acting = [], None
            if topic == [noun] and where:
                for relation, other in where:
                    _relate(noun, relation, other)
                where = []
        elif item.kind == "verb" and item.verb is not None:
            if topic:
                agents = list(topic)
                _do(scene, item, agents, taken)
                taken = None
            elif (
                earlier := next((n for n in scene.nouns if n.acts and not n.passive), None)
            ) is not None and _SOFT.search(gap):
                agents = [earlier]
                _do(scene, item, agents, taken)
                taken = None
            else:
                agents = []
                pending.append((item, None))
            acting = item
        previous = item
    for verb_item, thing in pending:
        someone = next((n for n in scene.nouns if n.acts and n is not thing and not n.worn), None)
        if someone is not None:
            _do(scene, verb_item, [someone], thing)
        else:
            scene.lonely.append(verb_item)
    if where:
        someone = next((n for n in scene.nouns if n is not where[0][1] and not n.worn and not n.passive), None)
        if someone is not None:
            _relate(someone, *where[0])
    return scene


_KO_BEHIND = re.compile(
    r"(?:들)?[ ]?(?P<case>이랑|이|가|은|는|을|를|에게|에서|에|으로|로|와|과|하고|랑|의|도|처럼|께서)?(?:[ ]?(?P<where>위|안|속|아래|밑|옆|앞|뒤|사이|곁|너머)(?:에서|에는|에|로|으로|를|을|의)?(?![가-힣]))?(?P<rest>[ ]?(?:두|세|네|한|\d{1,2}|다섯|여섯|몇)[ ]?(?:마리|명|대|개|송이|그루|잔|그릇)(?P<late>이|가|은|는|을|를)?)?"
)
_JA_BEHIND = re.compile(
    r"(?:たち|達|ら)?(?P<case>が|は|を|に|で|の|と|へ|も|から|や)?(?P<where>上空|上|中|下|横|隣|前|後ろ|間|そば|奥|周り|向こう)?(?:に|で|を|の|へ)?(?P<rest>)(?P<late>)"
)
_WHERE: dict[str, Relation] = {
    "위": "on", "안": "in", "속": "in", "아래": "under", "밑": "under", "옆": "beside", "곁": "beside", "앞": "in_front_of",
    "뒤": "behind", "사이": "between", "너머": "behind", "上": "on", "上空": "over", "中": "in", "下": "under", "横": "beside",
    "隣": "beside", "そば": "beside", "周り": "beside", "前": "in_front_of", "後ろ": "behind", "奥": "behind", "間": "between",
    "向こう": "behind",
}  # fmt: skip
_SUBJECT_CASES = ("이", "가", "은", "는", "께서", "が", "は", "も", "도")
_OBJECT_CASES = ("을", "를", "を")
_WITH_CASES = ("와", "과", "하고", "랑", "이랑", "と", "や")
_PLACE_CASES = ("에", "에서", "로", "으로", "に", "で", "へ", "から")
_JA_ATTRIBUTIVE = re.compile(r"[ぁ-ん]{0,5}?(?:た|る|う|く|す|つ|ぬ|む|ぶ|ぐ|いる|ている|の)(?=[一-鿿ァ-ヺ])")
_MADE_BEHIND = re.compile(
    r"(?:으로|로)[ ]?(?:만든|만들|된|빚은|조각)|(?:で|から)(?:できた|作られ|作った|出来た|できて)|の(?=[一-鿿ァ-ヺ巨大])|製"
)


def _is_attributive(text: str, item: Item) -> bool:
    """Whether a Korean or Japanese verb tells of the noun behind it."""
    word = re.match(r"[^ ,、。.\n]{0,14}", text[item.end : item.end + 14])
    letters = text[item.begin : item.end] + (word[0] if word is not None else "")
    if "가" <= letters[0] <= "힣":
        last = letters[-1]
        if item.form.endswith(" "):
            return True
        if last in "는은던" or (("가" <= last <= "힣") and (ord(last) - 0xAC00) % 28 in (4, 8) and last != "면"):
            return text[item.begin + len(letters) : item.begin + len(letters) + 1] == " "
        return False
    return _JA_ATTRIBUTIVE.match(text, item.end - (1 if item.form[-1:] in "たるうくすつむぶぐ" else 0)) is not None


def _verb_final(text: str, items: list[Item]) -> Scene:
    scene = Scene()
    subject: list[Noun] = []
    objects: list[Noun] = []
    where: list[tuple[Relation, Noun]] = []
    company: list[Noun] = []
    tools: list[Noun] = []
    owner: Noun | None = None
    given: Noun | None = None  # to whom something is done
    waiting: list[tuple[Item, list[Noun], list[tuple[Relation, Noun]]]] = []  # verbs that tell of the next noun
    end = 0
    previous: Item | None = None
    material: Item | None = None
    pattern = _KO_BEHIND if re.search(r"[가-힣]", text) else _JA_BEHIND
    for item in items:
        if item.form == "weak":  # a place that only the name of a thing tells
            scene.places.append(item)
            continue
        gap = text[end : item.begin]
        if _HARD.search(gap):
            objects, where, company, waiting = [], [], [], []
        end = item.end
        behind = pattern.match(text, item.end)
        case = (behind["late"] or behind["case"]) if behind is not None else None
        local = behind["where"] if behind is not None else None
        if item.kind == "material":
            if _MADE_BEHIND.match(text, item.end):
                material = item
            previous = item
            continue
        if item.kind == "place":
            noun = item.noun
            if (
                noun is not None
                and local is not None
                and _WHERE[local] in ("in_front_of", "beside", "over", "behind", "on", "under")
            ):
                scene.nouns.append(noun)
                noun.passive = True
                where.append((_WHERE[local], noun))
                scene.places.append(item)
            elif noun is not None and case in (*_SUBJECT_CASES, *_OBJECT_CASES):
                scene.nouns.append(noun)
                (objects if case in _OBJECT_CASES else subject).append(noun)
                scene.places.append(item)
            else:
                scene.places.append(item)
            previous = item
            continue
        if item.kind == "part":
            scene.body.append(item)
            previous = item
            continue
        if item.kind == "noun" and item.noun is not None:
            noun = item.noun
            scene.nouns.append(noun)
            if material is not None:
                _make(noun, material.of)
                material = None
            for verb_item, things, places in waiting:
                _do(scene, verb_item, [noun], things[-1] if things else None)
                for relation, other in places:
                    _relate(noun, relation, other)
            waiting = []
            if owner is not None and noun.kind in _WEARABLE:
                _relate(owner, "wearing", noun)
            owner = noun if case in ("の", "의") and local is None and noun.lives else None
            if case == "の" and local is None:
                case = None
                following = text[behind.end() : behind.end() + 1] if behind is not None else ""
                noun.passive = noun.passive or following not in ("", " ")
            if local is not None:
                where.append((_WHERE[local], noun))
                noun.passive = True
            elif case in _OBJECT_CASES:
                objects.append(noun)
            elif case in _WITH_CASES:
                company.append(noun)
            elif case in ("で", "로", "으로") and noun.kind in ("tool", "weapon", "thing", "instrument"):
                tools.append(noun)
                noun.passive = True
            elif case in ("に", "에게", "한테") and noun.lives and item.begin > 0 and subject:
                given = noun
                noun.passive = True
            elif case in _PLACE_CASES:
                where.append(("in" if noun.kind not in ("furniture", "vehicle", "animal") else "on", noun))
                noun.passive = True
            elif case in _SUBJECT_CASES:
                subject = [*company, noun]
                company = []
                places_said = [pair for pair in where if pair[1] is not noun]
                if places_said and previous is not None and previous.kind == "noun":
                    where = places_said
            else:
                if not subject or _SOFT.search(gap) or previous is None:
                    subject = [noun]
                if where and previous is not None and previous.noun is where[-1][1]:
                    relation, other = where.pop()
                    _relate(noun, relation, other)
        elif item.kind == "verb" and item.verb is not None:
            if _is_attributive(text, item):
                waiting.append((item, objects, where))
                objects, where = [], []
            else:
                agents = [n for n in subject if n not in objects] or [
                    n for n in scene.nouns if n.acts and n not in objects and not n.passive
                ][-1:]
                if not agents:
                    agents = [n for n in scene.nouns if not n.passive and n not in objects][-1:]
                if not agents:
                    scene.lonely.append(item)
                thing = objects[-1] if objects else given
                given = None
                target = next(
                    (
                        other
                        for _, other in where
                        if item.verb.relation in ("riding", "on", "leaning_on", "facing", "coming_out_of")
                    ),
                    None,
                )
                _do(scene, item, agents, thing)
                for tool in tools:
                    if agents and agents[0].lives:
                        _relate(agents[0], "holding", tool)
                tools = []
                for relation, other in where:
                    if agents:
                        placed = thing if thing is not None and item.verb.moves else agents[0]
                        told = (
                            item.verb.relation
                            if other is target
                            and item.verb.relation in ("riding", "leaning_on", "facing", "coming_out_of")
                            else relation
                        )
                        _relate(placed, told or relation, other)
                objects, where = [], []
        previous = item
    for verb_item, things, places in waiting:
        someone = next((n for n in scene.nouns if n.acts and n not in things), None)
        if someone is not None:
            _do(scene, verb_item, [someone], things[-1] if things else None)
            for relation, other in places:
                _relate(someone, relation, other)
    if where:
        someone = next((n for n in scene.nouns if n is not where[0][1] and not n.passive and not n.worn), None)
        if someone is not None and not someone.relations:
            _relate(someone, *where[0])
    return scene


_FINAL = _verb_final
_MIDDLE: dict[Language, Callable[[str, list[Item]], Scene]] = {"en": _english, "zh": _chinese}
