"""Colours that Korean and Japanese words give to what is not right behind them: 은발 엘프, 髪の青い少女, 붉게 물든 단풍."""

from __future__ import annotations

import re

from opendance.prompt.lexicon import Hit
from opendance.prompt.word_tables import COLOUR, PART

_HAIR = re.compile(r"머리|수염|髪|髭|ひげ|ヒゲ|毛")
_HAIR_COLOUR = re.compile(r"[가-힣]발|[一-鿿](?:髪|髯)")
_SAID_OF_HAIR = re.compile(r"(?:카락)?(?:가|이|은|는|를|을|의)?[ ]|(?:の毛)?[がはをの]?")
# A colour that a verb gives to what is named behind it: 붉게 물든, 赤く焼けた.
_BECOME = re.compile(
    r"[ ]?[가-힣]{0,4}[가-힣](?<=[은는인긴린힌진든친된난한간단군킨핀])[ ]|[一-鿿ぁ-ん]{1,7}[たるい]|[一-鿿ぁ-ん]{1,7}ている"
)


def is_of_hair(hit: Hit, before: Hit | None, text: str) -> bool:
    """Whether a colour is that of somebody's hair: 은발, 銀髪; 머리가 하얀, 髪の青い."""
    if hit.value(COLOUR) is None:
        return False
    if _HAIR_COLOUR.fullmatch(hit.words) is not None:
        return True
    if before is None or before.value(PART) is None or _HAIR.search(before.words) is None:
        return False
    return _SAID_OF_HAIR.fullmatch(text[before.end : hit.start]) is not None


def is_hair(hit: Hit) -> bool:
    return hit.value(PART) is not None and _HAIR.search(hit.words) is not None


def becomes(colour: Hit, gap: str) -> bool:
    """Whether a verb between a colour and what is named behind it says that this has it."""
    return colour.words.endswith(("게", "く", "に", "로")) and _BECOME.fullmatch(gap) is not None
