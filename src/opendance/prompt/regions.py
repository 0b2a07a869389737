"""The town, land or age in which a prompt sets its film: "Lisbon", "1890s London", 唐代长安."""

from __future__ import annotations

import re
from collections.abc import Sequence

from opendance.prompt.english_words import english_word
from opendance.prompt.explanations import Explanations

_AGES = (
    r"(?:1[0-9]|20)\d0s|(?:1[5-9]|20)\d\d(?=[ ](?:[A-Z]|in\b))|(?:[Aa]ncient|[Mm]edieval|[Vv]ictorian|[Ff]eudal|[Ee]dwardian|[Rr]enaissance|[Rr]ural|[Pp]rehistoric|[Cc]olonial|[Ii]mperial)"
    r"(?=[ ](?:[A-Z]|village|town|city|market|castle|street|era|times))"
)
_NAME = r"[A-Z][a-zà-ÿ'’-]{2,18}(?:[ ](?:de|do|da|la|el|al|of)(?=[ ][A-Z]))?"
_LEAD = r"(?:in|of|at|from|near|outside|across|over|above|through|on|to|around)"
_ENGLISH = re.compile(
    rf"(?:\b{_LEAD}[ ](?:the[ ]|an?[ ])?(?P<age>(?:{_AGES})[ ])?(?P<place>{_NAME}(?:[ ]{_NAME}){{0,2}}))|(?P<era>\b(?:{_AGES})[ ](?P<alone>{_NAME}))"
    rf"|(?<![\w])(?P<before>{_NAME})(?=[ ](?:street|alley|rooftop|subway|metro|market|sidewalk|skyline|village|beach|café|cafe|bar|pub|kitchen|apartment|countryside|harbou?r|coast|station|suburb|neighbou?rhood|square|night|bridge|river|canal|highway|desert|plateau|temple|train|tram|bay|hills?|crosswalk|crossing)\b)"
)
_CHINESE = re.compile(
    r"(?P<age>唐代|宋代|明代|清代|元代|汉代|秦代|唐朝|宋朝|明朝|清朝|汉朝|民国|古代|中世纪|战国|三国|盛唐|北宋|南宋|晚清|上世纪|[二三四五六七八九]十年代|近未来|末日后)?(?:的)?"
    r"(?P<place>长安|汴京|老北京|北京|老上海|上海|广州|深圳|重庆|成都|西安|南京|杭州|苏州|武汉|天津|哈尔滨|长沙|厦门|青岛|大连|昆明|大理(?!石)|丽江|拉萨|西藏|新疆|内蒙古|云南|贵州|桂林|黄山|敦煌|洛阳|开封|泉州|潮汕|香港|澳门|台北|台南|高雄|九份"
    r"|江南|东北|西北|华北|川西|陕北|景德镇|乌镇|凤凰古城|喀什|海南|三亚|洪崖洞|外滩|故宫|长城|东京|京都|大阪|北海道|首尔|济州|曼谷|巴黎|伦敦|纽约|罗马|威尼斯|伊斯坦布尔|迪拜|孟买|开罗|莫斯科|冰岛|阿尔卑斯|撒哈拉|亚马逊|非洲|欧洲|日本|韩国|印度|埃及)?"
)
_NO_NAMES = frozenset(
    (
        "the", "shot", "camera", "scene", "gopro", "imax", "style", "action", "subject", "place", "night", "day", "summer", "winter", "spring", "autumn",
        "christmas", "halloween", "start", "cut", "then", "black", "white", "instagram", "tiktok", "earth", "god", "lego", "unreal", "pixar", "disney",
        "studio", "wes", "van", "netflix", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "golden", "macro", "wide", "close",
        "exterior", "interior", "slow", "fast", "street", "image", "video", "audio", "narrow", "empty", "rainy", "busy", "old", "dark", "two", "three", "one",
    )
)  # fmt: skip


def region_of(text: str, spans: Sequence[tuple[int, int]], explanations: Explanations) -> str:
    """The first town, land or age that the words in `spans` name, as they name it; empty where they name none."""
    for begin, end in spans:
        for match in _ENGLISH.finditer(text, begin, end):
            name = match["place"] or match["alone"] or match["before"]
            if not _is_place(name, led=match["place"] is not None):
                continue
            first = (
                match.start("age")
                if match["age"]
                else match.start("era")
                if match["era"]
                else text.index(name, match.start())
            )
            last = text.index(name, match.start()) + len(name)
            return _told(text, first, last, explanations)
        for match in _CHINESE.finditer(text, begin, end):
            if match["age"] or match["place"]:
                return _told(text, match.start(), match.end(), explanations)
    return ""


def _told(text: str, begin: int, end: int, explanations: Explanations) -> str:
    explanations.add(f"region: {text[begin:end]}", "", "place", text[begin:end], begin, end)
    return text[begin:end]


def _is_place(name: str, *, led: bool) -> bool:
    words = name.lower().split()
    if words[0] in _NO_NAMES:
        return False
    known = [english_word(word) for word in words]
    if any(word is not None and word.kind == "place" for word in known):
        return True
    return led and all(word is None for word in known)
