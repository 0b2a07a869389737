"""Korean and Japanese words for where something is by what was spoken of before: 옆에서, 그 아래에, その隣で, 向かいの."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from opendance.plan import Relation
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.particles import WHERE

_MOST = 40  # of a shot
# Before them stands nothing that they could belong to: a particle, an end of a clause, or who is meant.
_KOREAN = re.compile(
    r"(?:(?<=[\n,.、。;:])|(?<=[가이은는을를고며면서에로와과데자다채도의리명]))(?P<gap>[ ]{0,2})(?P<whose>그[ ]|그의[ ]|그녀의[ ]|그들의[ ]|바로[ ]){0,2}"
    r"(?P<where>등 뒤|뒤편|뒤쪽|저편|맞은편|건너편|반대편|머리 위|발밑|발치|어깨 위|어깨|무릎 위|꼭대기|주위|주변|배경|위쪽|아래쪽|옆쪽|앞쪽|옆|뒤|앞|위|아래|밑|안|속|곁)(?:자리)?"
    r"(?P<case>에서는|에서|에는|에|으로는|으로|로|쪽에서|쪽에|쪽으로|엔|를|을|의|(?(whose)(?=[ ][가-힣])|(?!)))(?![가-힣])"
)
_JAPANESE = re.compile(
    r"(?:(?<=[\n、。,.;:「」])|(?<=[がはをにでてもりきしちみいえけ匹人台羽本頭体]))(?P<gap>[ ]?)(?P<whose>その|彼の|彼女の|彼らの|すぐ){0,2}"
    r"(?P<where>肩の上|膝の上|頭の上|目の前|手前|背後|背景|後方|前方|頭上|足元|周囲|周り|傍ら|向かい側|向かい|反対側|てっぺん|頂上|隣|横|後ろ|後(?=に続|を追|をつい|に従|をつけ)|前|そば|上空|上|下|中|奥|肩|脇)"
    r"(?:の席|の座席|の椅子|のベンチ)?(?P<case>からは|では|には|から|で|に|へ|を|の)(?![一-鿿]{0,1}(?:の|側))"
)
_MORE: dict[str, Relation] = {
    "꼭대기": "on", "てっぺん": "on", "頂上": "on", "後": "behind", "건너편": "facing", "맞은편": "facing", "반대편": "facing", "向かい": "facing", "向かい側": "facing", "反対側": "facing",
}  # fmt: skip
_OF_THINGS: tuple[Relation, ...] = ("on", "in", "under", "over")  # how things are to things rather than to people
_WHOSE = ("그의", "그녀의", "그들의", "彼の", "彼女の", "彼らの")


@dataclass(frozen=True)
class Here:
    """A place that is told by what was spoken of before.

    Attributes:
        qualifies: it tells of the noun behind it: 向かいの女性.
        of_somebody: somebody is meant: 彼の隣; `of_something`: what was named is meant: その下.
        whither: somebody may go or look there: 뒤를; `towards`: or go there: 앞으로.
    """

    begin: int
    end: int
    relation: Relation
    qualifies: bool
    of_somebody: bool
    of_something: bool
    of_her: bool
    whither: bool
    towards: bool


def heres_of(text: str, items: Sequence[Item], *, korean: bool) -> list[Here]:
    """Where `text` tells a place by what was spoken of before, the first `_MOST`.

    Args:
        items: the words that are known: 위에서 내려다본 tells of the camera.
    """
    out: list[Here] = []
    longer = {item.begin: item.end for item in items if item.kind == "known"}
    for match in (_KOREAN if korean else _JAPANESE).finditer(text):
        whose = (match["whose"] or "").strip()
        words = match["where"]
        begin = match.end("gap")
        if longer.get(begin, 0) > match.end() or (
            words in _BEHIND_ONESELF
            and text[begin - 1 : begin] in ("を", "를", "을", " ")
            and text[begin - 2 : begin].strip(" ")[-1:] in ("を", "를", "을")
        ):
            continue
        relation = _MORE.get(words) or WHERE[words]
        if words in ("위", "上") and match["case"] in ("를", "을", "を"):
            relation = "over"
        out.append(
            Here(
                begin,
                match.end(),
                relation,
                match["case"] in ("의", "の", ""),
                whose in _WHOSE or words.startswith(_OF_BODIES),
                whose in ("그", "その"),
                whose in ("그녀의", "彼女の"),
                match["case"] in ("를", "을", "を"),
                match["case"] in ("으로", "로", "쪽으로", "へ", "に"),
            )
        )
        if len(out) == _MOST:
            break
    return out


_BEHIND_ONESELF = ("배경", "背景", "前", "앞", "背後")  # 산을 배경으로, 海を前に
_OF_BODIES = (
    "등",
    "머리",
    "발",
    "어깨",
    "무릎",
    "肩",
    "膝",
    "頭",
    "目の前",
    "足元",
    "向かい",
    "맞은편",
    "건너편",
    "反対",
)


def with_heres(items: Sequence[Item], heres: Sequence[Here]) -> list[Item]:
    """`items`, but for those that are part of such a place, and the places between them, in order."""
    if not heres:
        return list(items)
    kept: list[Item] = []
    at = 0
    for item in items:
        while at < len(heres) and heres[at].end <= item.begin:
            at += 1
        inside = at < len(heres) and heres[at].begin <= item.begin and item.kind != "verb"
        if not inside:
            kept.append(item)
    places = [Item("here", each.begin, each.end) for each in heres]
    return sorted([*kept, *places], key=lambda item: item.begin)


def meant_by(here: Here, nouns: Sequence[Noun], main: Noun | None, but: Sequence[Noun] = ()) -> Noun | None:
    """By whom or what a place is told: who was spoken of last, or the last thing that something is at.

    Args:
        nouns: who and what was named before; main: who was spoken of last; but: of whom it is told.
    """
    seen = [noun for noun in reversed(nouns) if not noun.worn and noun not in but]
    main = None if main in but else main
    somebody = main or next((noun for noun in seen if noun.lives and not noun.passive), None)
    somebody = somebody or next((noun for noun in seen if noun.lives), None)
    things = [noun for noun in seen if not noun.lives]
    grounds = [other for noun in seen for how, other in noun.relations if not other.lives and how in _OF_THINGS]
    if here.of_somebody:
        her = next((noun for noun in seen if noun.gender == "female"), None) if here.of_her else None
        return her or somebody or next(iter(seen), None)
    if here.relation in _OF_THINGS and (here.of_something or not grounds):
        return next(iter([*grounds, *things]), None) or somebody
    if here.relation in _OF_THINGS:
        return next(iter(things), None) or somebody
    return somebody or next(iter([*grounds, *seen]), None)
