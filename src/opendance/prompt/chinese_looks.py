"""Colours, materials and clothes that Chinese says apart from their noun: 红衣女选手, 颜色幽蓝, 车身是军绿色."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import cast

from opendance.plan import Colour
from opendance.prompt.chinese_words import split_words
from opendance.prompt.lexicon import lexicon
from opendance.prompt.phrases import Noun
from opendance.prompt.scenes import Scene, relate, set_material
from opendance.prompt.word_tables import COLOUR, MATERIAL

_DRESSED = re.compile(r"(?P<colour>[红白黑青蓝紫绿黄灰粉])衣(?:[女男老少]|少年|少女){0,2}$")
_BEHIND = re.compile(
    r"(?:颜色|通体|全身|浑身|整体|[车船机瓶杯壳箱]身|外壳|表面|外表|封面)(?:是|为|呈|都是|全是|一片)?(?P<look>[一-鿿]{1,5}?)(?:色)?的?(?=[,，。;；、\n]|$)"
)
_BETWEEN = ("n", "a", "v", "x")  # what may stand between a colour and its noun
_MOST = 3  # words between them


def note_looks(text: str, scene: Scene) -> None:
    """Notes what `text` says of the looks of the nouns of `scene`, where no rule for phrases does."""
    for noun in scene.nouns:
        if noun.kind == "person" and not noun.wears:
            _dress(text, noun)
        elif noun.kind != "person":
            _qualify(text, noun)
    for match in _BEHIND.finditer(text):
        noun = next((each for each in reversed(scene.nouns) if each.end <= match.start() and not each.worn), None)
        if noun is None:
            continue
        look = lexicon().meaning(match["look"]) or lexicon().meaning(f"{match['look']}色")
        noun.colour = noun.colour or cast("Colour | None", look.get(COLOUR.name))
        if COLOUR.name not in look and (made := look.get(MATERIAL.name)) is not None:
            set_material(noun, made)


def _dress(text: str, noun: Noun) -> None:
    """白衣剑客 wears white clothes."""
    at = min(noun.begin, noun.first) if noun.first >= 0 else noun.begin
    match = _DRESSED.search(text, max(0, at - 6), at)
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
