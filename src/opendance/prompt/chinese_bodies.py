"""What Chinese says of somebody's body, 扎着马尾, 光着膀子, 额头上有汗: a quality of whose body it is, and no thing of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from opendance.prompt.nouns import Item, Noun

Span = tuple[int, int]

_MOST = 24  # of one shot
_NEAR = 12  # letters behind what is said in which its person stands
_BODY = re.compile(
    r"(?:扎|梳|留|蓄|盘|绑|束)(?:着|了|起)?[一-鿿]{0,4}?(?:双?马尾辫?|麻花辫|辫子?|络腮胡|山羊胡|胡子|胡须|短发|长发|卷发|平头|寸头|发髻|丸子头|刘海)"
    r"|(?:光|赤|打)着(?:膀子|上身|双?脚丫?|脊梁|胳膊|臂膀)|赤裸着?上身|赤膊|赤脚|光脚|光头|秃头|独臂|独眼|断臂|驼背|大胡子|八字胡|络腮胡"
    r"|(?:门牙|牙齿)(?:缺|掉|少)了?(?:[一二两三]颗)?|(?:缺|掉|少)了?(?:[一二两三]颗)?门牙"
    r"|(?:脸|脸颊|额头|额角|鼻子|鼻尖|手臂|胳膊)上(?:有|沾着|沾满了?|长着|长满|满是|全是|带着|挂着|还有)[一-鿿]{0,3}?"
    r"(?:汗珠|汗水|汗|伤疤|疤痕|疤|伤痕|雀斑|皱纹|泪痕|泪水|泪珠|面粉|泥巴|泥|雪|油污|颜料|纹身)(?![一-鿿]?[飞落流滴])"
)


def bodies_in(text: str, items: Sequence[Item]) -> list[Span]:
    """Where `text` says how a body is, from where its first item stands."""
    begin = items[0].begin - _NEAR if items else 0
    return [match.span() for match in _BODY.finditer(text, max(0, begin))][:_MOST]


def without_bodies(text: str, spans: Sequence[Span]) -> str:
    """`text` with blanks for what it says of bodies, and for 的 behind that."""
    letters = list(text)
    for begin, end in spans:
        end += text[end : end + 1] == "的"
        letters[begin:end] = " " * (end - begin)
    return "".join(letters)


def note_bodies(text: str, spans: Sequence[Span], nouns: Sequence[Noun]) -> None:
    """Notes of each person or animal what is said of its body: right before its name, or behind it."""
    living = sorted((noun for noun in nouns if noun.lives and not noun.worn), key=lambda noun: noun.begin)
    for begin, end in spans:
        behind = next((noun for noun in living if end <= noun.begin <= end + _NEAR), None)
        before = next((noun for noun in reversed(living) if noun.end <= begin), None)
        leads = behind is not None and (text[end : end + 1] == "的" or behind.begin == end)
        owner = behind if leads else before or behind
        if owner is not None and text[begin:end] not in owner.qualities:
            owner.qualities = (*owner.qualities, text[begin:end])
