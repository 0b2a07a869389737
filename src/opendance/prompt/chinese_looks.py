"""Colours, materials and clothes that Chinese says apart from their noun: 红衣女选手, 颜色幽蓝, 车身是军绿色."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import cast

from opendance.plan import Colour
from opendance.prompt.chinese_qualities import phrase_of
from opendance.prompt.chinese_words import split_words
from opendance.prompt.lexicon import lexicon
from opendance.prompt.nouns import Doing, Noun
from opendance.prompt.quantities import counts_of
from opendance.prompt.scenes import Scene, relate, set_material
from opendance.prompt.word_tables import COLOUR, MATERIAL

_DRESSED = re.compile(r"(?P<colour>[红白黑青蓝紫绿黄灰粉])衣(?:[女男老少]|少年|少女){0,2}$")
_BEHIND = re.compile(
    r"(?:颜色|通体|全身|浑身|整体|[车船机瓶杯壳箱]身|外壳|表面|外表|封面)(?:是|为|呈|都是|全是|一片)?(?P<look>[一-鿿]{1,5}?)(?:色)?的?(?=[,，。;；、\n]|$)"
)
_BETWEEN = ("n", "a", "v", "x")  # what may stand between a colour and its noun
_HAIRED = re.compile(
    r"(?P<colour>花白|银白|雪白|[红白黑金银紫蓝绿粉灰])(?:色)?的?(?:长|短|卷|直)?发(?:的?(?:中年|年轻|老|小|美|少)?[女男少老妇姑青]?)$"
)
_BLOWN = re.compile(
    r"(?:被|在)(?:狂|大|微|晚|海|寒|山)?风(?:中)?(?:轻轻)?(?P<deed>吹|卷|掀|拂|飘|摇|舞)|随风(?:轻轻)?(?P<other>飘|摆|舞|摇)"
)
_DEEDS = {
    "吹": "blow",
    "卷": "blow",
    "掀": "lift",
    "拂": "blow",
    "飘": "flutter",
    "摇": "sway",
    "舞": "flutter",
    "摆": "sway",
}
_LETTERS = tuple("红白黑青蓝紫绿黄灰粉金银")
_NEAR = 4  # letters between what the wind moves and the wind
_LIKENED = re.compile(r"(?:般|似的|状的|一样的|模样的)")
_MOST = 3  # words between them


def note_looks(text: str, scene: Scene) -> None:
    """Notes what `text` says of the looks of the nouns of `scene`, where no rule for phrases does."""
    for noun in scene.nouns:
        if noun.kind == "person" and not noun.wears:
            _dress(text, noun)
        elif noun.kind != "person":
            _qualify(text, noun)
        for each in noun.wears:
            if each.colour is None and text[each.begin - 1 : each.begin] in _LETTERS:
                each.colour = cast(
                    "Colour | None", lexicon().meaning(f"{text[each.begin - 1]}色").get(COLOUR.name)
                )  # 红斗篷
    for noun in scene.nouns:
        if _LIKENED.match(text, noun.end) is not None:
            noun.worn = True  # 棉花糖般的云海
        if noun.kind == "person":
            _note_hair(text, noun)
        if not noun.counted:
            _count(text, noun)
    _blow(text, scene)
    for match in _BEHIND.finditer(text):
        noun = next((each for each in reversed(scene.nouns) if each.end <= match.start() and not each.worn), None)
        if noun is None:
            continue
        look = lexicon().meaning(match["look"]) or lexicon().meaning(f"{match['look']}色")
        noun.colour = noun.colour or cast("Colour | None", look.get(COLOUR.name))
        if COLOUR.name not in look and (made := look.get(MATERIAL.name)) is not None:
            set_material(noun, made)


def _count(text: str, noun: Noun) -> None:
    """How many a noun is, told before all that qualifies it: 六名年轻的技师."""
    at, _ = phrase_of(text, noun.begin, noun.end)
    for end in (at, noun.first if noun.first >= 0 else noun.begin):
        counts = [count for count in counts_of(text[max(0, end - 5) : end], []) if count.end == min(end, 5)]
        if counts:
            noun.count, noun.counted = counts[-1].number, counts[-1].number > 1
            return


def _note_hair(text: str, noun: Noun) -> None:
    """紫发少女 has purple hair, and is not purple."""
    at = noun.end
    begin = min(noun.begin, noun.first) if noun.first >= 0 else noun.begin
    match = next((m for m in (_HAIRED.search(text, max(0, begin - 8), stop) for stop in range(begin, at)) if m), None)
    if match is not None:
        colour = match["colour"]
        look = lexicon().meaning(colour).get(COLOUR.name) or lexicon().meaning(f"{colour}色").get(COLOUR.name)
        noun.hair = cast("Colour | None", look)
        noun.colour = None if noun.colour == noun.hair else noun.colour


def _blow(text: str, scene: Scene) -> None:
    """What the wind moves: 窗帘被风吹起."""
    things = [*scene.nouns, *(each for noun in scene.nouns for each in noun.wears)]
    for match in _BLOWN.finditer(text):
        moved = next((each for each in things if 0 <= match.start() - each.end <= _NEAR and not each.lives), None)
        if moved is None or moved.deeds:
            continue
        verb = lexicon().verb(_DEEDS[match["deed"] or match["other"]])
        moved.deeds.append(Doing(verb))
        moved.verb = moved.verb or verb


def _dress(text: str, noun: Noun) -> None:
    """白衣剑客 wears white clothes."""
    at = min(noun.begin, noun.first) if noun.first >= 0 else noun.begin
    within = _DRESSED.match(noun.words[:2])  # 白衣女子 as one word
    match = _DRESSED.match(text, at, at + 2) if within is not None else _DRESSED.search(text, max(0, at - 6), at)
    if match is None:
        return
    words = lexicon()
    key = words.named("clothes") or words.named("robe")
    drawing = words.drawing(key) if key is not None else None
    worn = Noun(match.start(), match.end(), match[0], "clothes", drawing)
    worn.colour = cast("Colour | None", words.meaning(match["colour"]).get(COLOUR.name))
    relate(noun, "wearing", worn)


def _qualify(text: str, noun: Noun) -> None:
    """A colour that other words part from its noun: 靛蓝色棉麻袖子, 银色悬浮摩托."""
    if noun.colour is not None or noun.kind == "food":
        return
    words = split_words(text)
    at = bisect_left([word.begin for word in words], noun.begin) - 1
    for _ in range(_MOST):
        if at < 0 or at + 1 >= len(words) or words[at].end != words[at + 1].begin or words[at].part not in _BETWEEN:
            return
        if (colour := lexicon().meaning(words[at].text).get(COLOUR.name)) is not None:
            noun.colour = cast("Colour | None", colour)
            return
        at -= 1
