"""Chinese sentences: who does what to what, by word order, particles and words for places."""

from __future__ import annotations

import re

from opendance.plan import Relation
from opendance.prompt.phrases import Item, Noun
from opendance.prompt.scenes import COMMAS, SENTENCE_ENDS, Scene, note_action, note_object, relate, set_material

_ZH_BEHIND = re.compile(
    r"(?:的)?(上面|上方|上空|里面|中间|下面|旁边|前面|后面|背后|之间|对面|周围|上|里|内|中|下|旁|边|前|后)?(的)?"
)
_ZH_WHERE: dict[str, Relation] = {
    "上面": "on", "上": "on", "上方": "over", "上空": "over", "里面": "in", "里": "in", "内": "in", "中": "in", "中间": "in",
    "下面": "under", "下": "under", "旁边": "beside", "旁": "beside", "边": "beside", "周围": "beside", "前面": "in_front_of",
    "前": "in_front_of", "后面": "behind", "后": "behind", "背后": "behind", "之间": "between", "对面": "facing",
}  # fmt: skip


def chinese(text: str, items: list[Item]) -> Scene:
    """What Chinese sentences say of the things in `items`."""
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
        if SENTENCE_ENDS.search(gap):
            topic, agents, acting, pending, where = [], [], None, [], []
        elif COMMAS.search(gap):
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
                        note_object(agent, acting.verb, noun) if acting.verb is not None else None
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
                set_material(noun, material.of)
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
                    relate(target, _ZH_WHERE[local], noun)
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
                relate(agents[0], "on", noun)
            elif (
                (relative or not topic) and pending and not (acting is not None and previous is acting and not relative)
            ):
                for verb_item, thing in pending:
                    note_action(scene, verb_item, [noun], thing)
                pending = []
                topic, agents, acting = [noun], [noun], None
            elif gap.rstrip().endswith("把") or gap.rstrip().endswith("将"):
                noun.passive = True
                taken = noun
            elif acting is not None and not relative and not COMMAS.search(gap):
                if agents:
                    for agent in agents:
                        note_object(agent, acting.verb, noun) if acting.verb is not None else None
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
                    relate(noun, relation, other)
                where = []
        elif item.kind == "verb" and item.verb is not None:
            if topic:
                agents = list(topic)
                note_action(scene, item, agents, taken)
                taken = None
            elif (
                earlier := next((n for n in scene.nouns if n.acts and not n.passive), None)
            ) is not None and COMMAS.search(gap):
                agents = [earlier]
                note_action(scene, item, agents, taken)
                taken = None
            else:
                agents = []
                pending.append((item, None))
            acting = item
        previous = item
    for verb_item, thing in pending:
        someone = next((n for n in scene.nouns if n.acts and n is not thing and not n.worn), None)
        if someone is not None:
            note_action(scene, verb_item, [someone], thing)
        else:
            scene.lonely.append(verb_item)
    if where:
        someone = next((n for n in scene.nouns if n is not where[0][1] and not n.worn and not n.passive), None)
        if someone is not None:
            relate(someone, *where[0])
    return scene
