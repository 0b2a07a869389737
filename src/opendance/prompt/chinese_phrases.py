"""Chinese phrases: nouns with what stands before 的, the preposition before them and the word for where behind them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal, cast

from opendance.plan import Colour, Relation
from opendance.prompt.chinese_clauses import Piece
from opendance.prompt.chinese_nouns import stand_in
from opendance.prompt.chinese_words import COMPLEMENTS
from opendance.prompt.lexicon import lexicon
from opendance.prompt.phrases import Item, Noun
from opendance.prompt.quantities import counts_of
from opendance.prompt.scenes import PORTABLE, WEARABLE, Scene, note_action, note_object, relate, set_material
from opendance.prompt.word_tables import COLOUR, MATERIAL

PhraseKind = Literal["noun", "verb", "local", "part", "pronoun", "mark", "camera", "place", "scenery"]
RELATIONS: dict[str, Relation] = {
    "上": "on", "上面": "on", "之上": "on", "顶上": "on", "身上": "on", "背上": "on", "肩上": "on", "肩头": "on", "头上": "on", "腿上": "on", "脸上": "on", "地上": "on",
    "桌上": "on", "床上": "on", "上方": "over", "上空": "over", "头顶": "over", "里": "inside", "里面": "inside", "内": "inside", "中": "in", "中间": "in", "中央": "in",
    "之中": "in", "深处": "in", "怀里": "in", "怀中": "in", "手里": "in", "手中": "in", "手上": "in", "下": "under", "下面": "under", "下方": "under", "之下": "under",
    "底下": "under", "脚下": "under", "旁": "beside", "旁边": "beside", "边": "beside", "边上": "beside", "身边": "beside", "身旁": "beside", "一旁": "beside",
    "左边": "beside", "右边": "beside", "左侧": "beside", "右侧": "beside", "两旁": "beside", "两侧": "beside", "周围": "beside", "四周": "beside", "脚边": "beside", "外": "beside", "外面": "beside", "前": "in_front_of", "前面": "in_front_of", "前方": "in_front_of",
    "面前": "in_front_of", "身前": "in_front_of", "之前": "in_front_of", "桌前": "in_front_of", "后": "behind", "后面": "behind", "后方": "behind", "背后": "behind",
    "边缘": "on", "间": "between", "地面上": "on", "岸边": "beside", "路边": "beside", "眼里": "in", "眼中": "in", "背景": "behind", "背景里": "behind", "背景中": "behind", "远处": "behind", "远方": "behind", "远景": "behind", "天边": "behind", "门口": "in_front_of", "窗边": "beside", "窗前": "in_front_of",
    "前景": "in_front_of", "近处": "in_front_of", "窗外": "behind", "门外": "behind", "头顶上": "over", "头顶上方": "over", "身后": "behind", "之后": "behind", "之间": "between", "对面": "facing",
}  # fmt: skip
_MADE_BEFORE = re.compile(r"[由用以]$")
_MADE_BEHIND = re.compile(r"(?:做|制|雕|构|编|凝|化成|铸|搭|拼|堆|织|捏|打造|组成|折|剪|砌|扎)")
_PREPOSITIONS = frozenset((
    "在", "从", "到", "向", "往", "朝", "对", "对着", "朝着", "向着", "冲", "冲着", "沿", "沿着", "顺着", "于", "自", "由", "把", "将", "被", "用", "拿", "以", "给", "为", "替", "跟", "与",
    "和", "同", "及", "以及", "有", "是", "像", "如", "好像", "仿佛", "宛如", "犹如", "如同", "似", "进", "进入", "上", "入", "透过", "隔着", "围着", "绕着",
))  # fmt: skip


@dataclass
class Phrase:
    """A noun phrase, a deed or a word for where, as a clause has them one behind another.

    Attributes:
        mark: the preposition before it, "" where there is none; `local`: the word for where behind it.
        waiting: what the words before 的 say that it does, and to what.
        owners: of a part of a body, whose it is.
        owner: of a pronoun, that it only tells whose what follows is.
    """

    kind: PhraseKind
    text: str = ""
    noun: Noun | None = None
    item: Item | None = None
    mark: str = ""
    local: str | None = None
    place_word: bool = False
    form_idiom: bool = False
    owner: bool = False
    relation: Relation | None = None
    begin: int = 0
    end: int = 0
    owners: list[Noun] = field(default_factory=list[Noun])
    waiting: list[tuple[Item, Noun | None]] = field(default_factory=list[tuple[Item, Noun | None]])


def phrases_of(pieces: list[Piece], text: str, scene: Scene) -> list[Phrase]:
    """The phrases of a clause; what it names is noted in `scene`."""
    pieces = _trades(pieces)
    out: list[Phrase] = []
    mark = ""
    material: Item | None = None
    for index, piece in enumerate(pieces):
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        close = following is not None and following.begin == piece.end
        if piece.kind == "mark":
            if piece.text == "的" and out and 0 < out[-1].end < piece.begin and material is None:
                continue  # it ends a word that only qualifies: 放在滚烫的石板上
            if piece.text == "的":
                _attribute(out, following, scene, material)
                material = None
            elif piece.text in _PREPOSITIONS:
                if mark == "被" or (mark and piece.text in ("上", "进") and out and out[-1].kind == "verb"):
                    continue
                if piece.text in ("上", "进", "入") and not (out and out[-1].kind == "verb"):
                    continue
                mark = piece.text
                if piece.text == "被" and (following is None or following.kind == "verb"):
                    out.append(Phrase("mark", "被"))
            continue
        if piece.kind == "local":
            previous = out[-1] if out else None
            if piece.begin and "一" <= text[piece.begin - 1] <= "鿿" and not _touches(pieces, index):
                continue  # 月光下: of a word that names nothing
            if (
                previous is not None
                and mark == ""
                and previous.end == piece.begin
                and previous.kind in ("noun", "place", "pronoun", "part")
                and previous.local is None
                and not previous.owner
            ):
                previous.local = piece.text
            elif not _is_ending(piece, previous, mark):
                out.append(Phrase("local", piece.text, mark=mark, local=piece.text))
                mark = ""
            continue
        if piece.kind == "material":
            before, behind = text[max(0, piece.begin - 4) : piece.begin], text[piece.end : piece.end + 5]
            if _MADE_BEFORE.search(before) or _MADE_BEHIND.match(behind):
                material = piece.item
                continue
            if piece.item is None or not _is_named(piece, following, text):
                continue
            piece = _as_noun(piece, piece.item)
        if (
            piece.kind == "verb"
            and close
            and following is not None
            and following.kind == "noun"
            and _qualifies(piece, following, text)
        ):
            continue  # 巨大的发光水母
        if close and following is not None and following.kind == "noun" and _is_of_gear(piece, out):
            continue  # 戴着飞行护目镜
        phrase = _phrase(piece, mark, following, close, out, scene)
        if phrase is None or (phrase.kind == "verb" and _only_ends(piece, out, following)):
            continue
        phrase.begin, phrase.end = piece.begin, piece.end
        mark = mark if phrase.owner else ""  # 在她的肩上
        if phrase.kind == "noun" and phrase.noun is not None:
            if material is not None and out and out[-1].kind == "verb":
                set_material(phrase.noun, material.of)  # 用纸箱搭城堡
                material = None
            _look_behind(phrase.noun, text)
            _resolve(phrase, out, scene, text)
            _join(phrase, out, scene)
        elif phrase.kind == "place":
            _without_attribute(out)
        out.append(phrase)
    return out


_WHERE = ("在", "从", "到", "进", "进入", "向", "往", "沿", "沿着", "于")
_LED = re.compile(r"(?:的|[一两三四五六七八九十几][只个条位名头匹辆艘座朵棵群台])$")


def _qualifies(piece: Piece, following: Piece, text: str) -> bool:
    """Whether a verb only tells what its noun is like: behind 的 or a number, before a noun that nothing follows with 的."""
    if (
        piece.end - piece.begin == 1
        or piece.text.endswith(("着", "了"))
        or text[following.end : following.end + 1] == "的"
    ):
        return False
    return _LED.search(text, max(0, piece.begin - 3), piece.begin) is not None


def _is_of_gear(piece: Piece, out: list[Phrase]) -> bool:
    """Whether a verb right behind one that says what is worn or held only tells what that is."""
    last = out[-1] if out else None
    if (
        piece.kind != "verb"
        or piece.end - piece.begin == 1
        or last is None
        or last.kind != "verb"
        or last.end != piece.begin
    ):
        return False
    verb = last.item.verb if last.item is not None else None
    return verb is not None and verb.relation in ("wearing", "holding")


def _without_attribute(out: list[Phrase]) -> None:
    """Takes out what stands before 的 of a place and is nobody's deed: 照亮一座沉没的古城."""
    if not out or out[-1].kind != "mark" or out[-1].text != "的":
        return
    led = next((at for at in range(len(out) - 2, -1, -1) if out[at].kind == "verb" and out[at].mark in _WHERE), None)
    if led is not None and len(out) - led <= 4 and all(each.kind in ("noun", "verb", "mark") for each in out[led:]):
        for each in out[led:]:
            if each.noun is not None:
                each.noun.passive = True  # 在堆满刨花的院子里
        del out[led:]
        return
    alone = len(out) > 1 and out[-2].kind == "verb" and (len(out) == 2 or out[-3].kind == "verb")
    if alone:
        del out[-2:]


def _trades(pieces: list[Piece]) -> list[Piece]:
    """The pieces of a clause with a trade as one noun: 高压线检修工人 is a worker, whatever he repairs."""
    for begin, length in ((0, 3), (0, 2)):
        several = pieces[begin : begin + length]
        if len(several) < length or any(a.end != b.begin for a, b in pairwise(several)):
            continue
        person, verb = several[-1], several[-2]
        if person.kind != "noun" or person.noun is None or person.noun.kind != "person" or verb.kind != "verb":
            continue
        thing = several[0].noun if length == 3 else None
        if (
            (length == 3 and (thing is None or thing.lives))
            or verb.end - verb.begin < 2
            or person.end - person.begin < 2
        ):
            continue
        if any(each.kind == "verb" for each in pieces[length:]) or len(pieces) == length:
            person.noun.first = several[0].begin
            return pieces[length - 1 :]
    return pieces


_PREDICATE = re.compile(r"(?:都|全|全都)?是(?P<look>[一-鿿]{1,5}?)(?:的)?(?=[,，。.、;；\n]|$)")


def _look_behind(noun: Noun, text: str) -> None:
    """What is said behind a noun of its colour or material: 安全帽是红色的."""
    match = _PREDICATE.match(text, noun.end, noun.end + 12)
    if match is None:
        return
    look = lexicon().meaning(match["look"])
    noun.colour = noun.colour or cast("Colour | None", look.get(COLOUR.name))
    if COLOUR.name not in look and (made := look.get(MATERIAL.name)) is not None:
        set_material(noun, made)


def _is_named(piece: Piece, following: Piece | None, text: str) -> bool:
    """Whether a word that may say what something is made of names the thing itself: 一块石头掉落."""
    if piece.item is None or piece.item.of in ("light", "") or text[piece.end : piece.end + 1] == "的":
        return False
    return following is None or following.begin > piece.end or following.kind in ("verb", "local", "mark")


def _as_noun(piece: Piece, item: Item) -> Piece:
    words = lexicon()
    key = words.named(item.of)
    drawing = words.drawing(key) if key is not None else stand_in(words, "nature", item.of)
    noun = Noun(piece.begin, piece.end, item.hit.words if item.hit is not None else item.of, item.of, drawing)
    return Piece("noun", piece.begin, piece.end, "", Item("noun", piece.begin, piece.end, noun))


_SHORT_LOCALS = frozenset("上里中下旁边前后内")
_SHORT = frozenset(("上", "下", "中", "里", "外", "后", "前", "内", "边"))


def _is_ending(piece: Piece, previous: Phrase | None, mark: str) -> bool:
    """Whether a word for where only ends the verb before it, or has nothing before it that it tells of."""
    if previous is None:
        return piece.text in _SHORT and mark == ""
    return previous.kind == "part" or (previous.kind == "verb" and len(piece.text) == 1)


def _touches(pieces: list[Piece], index: int) -> bool:
    return index > 0 and pieces[index - 1].end == pieces[index].begin


def _only_ends(piece: Piece, out: list[Phrase], following: Piece | None) -> bool:
    """Whether a verb only says how the one before it ends, or an idiom how something looks."""
    if piece.text == "idiom":
        return following is not None and following.text == "的"
    last = out[-1] if out else None
    return last is not None and last.kind == "verb" and last.end == piece.begin and piece.text in COMPLEMENTS


def _join(phrase: Phrase, out: list[Phrase], scene: Scene) -> None:
    """Two nouns in a row are one: 恐龙化石, 骆驼商队, 黑衣刺客."""
    noun, last = phrase.noun, out[-1] if out else None
    if noun is None or last is None or last.kind != "noun" or last.noun is None or last.local is not None:
        return
    first = last.noun
    if first.kind == "person" and noun.lives and noun.kind != "person":
        return
    if last.end != phrase.begin or first is noun or phrase.mark or first.verb is not None:
        return
    out.pop()
    phrase.mark = last.mark
    phrase.waiting = last.waiting + phrase.waiting
    if noun.lives and first.kind in WEARABLE:
        if first.words == _WHITE and noun.role not in ("doctor", "scientist", "nurse"):
            first.name, first.drawing = "white robe", lexicon().drawings["white robe"]
        relate(noun, "wearing", first)
        return
    if noun.kind == "person" and first.lives and first.kind != "person":
        noun.role, noun.drawing = noun.role or noun.name, first.drawing  # 狗警长 is a dog
        noun.name = first.name
    scene.nouns[:] = [each for each in scene.nouns if each is not first]
    noun.count, noun.counted = (first.count, True) if first.counted and not noun.counted else (noun.count, noun.counted)
    noun.colour, noun.begin = noun.colour or first.colour, first.begin
    if noun.drawing is None or not noun.drawing.drawing:
        noun.name = first.words + noun.name


def _phrase(
    piece: Piece, mark: str, following: Piece | None, close: bool, out: list[Phrase], scene: Scene
) -> Phrase | None:
    item = piece.item
    if piece.kind == "pronoun":
        whose = following is not None and (following.text == "的" or (following.kind == "part" and close))
        return Phrase("pronoun", piece.text, mark=mark, owner=whose)
    if piece.kind == "camera":
        return None if any(each.kind in ("noun", "pronoun") for each in out) else Phrase("camera", piece.text)
    if piece.kind == "scenery":
        return Phrase("scenery", noun=piece.noun, mark=mark)
    if item is None:
        return None
    if piece.kind == "part":
        scene.body.append(item)
        last = out[-1] if out else None
        owner = last.noun if last is not None and last.kind == "noun" and last.local is None else None
        return Phrase("part", item=item, mark=mark, owners=[owner] if owner is not None else [])
    if piece.kind == "verb":
        return Phrase("verb", item=item, mark=mark, form_idiom=item.form == "idiom")
    if piece.kind == "place":
        return _place(piece, item, mark, following, close, out, scene)
    if item.noun is None:
        return None
    scene.nouns.append(item.noun)
    return Phrase("noun", noun=item.noun, item=item, mark=mark)


def _place(
    piece: Piece, item: Item, mark: str, following: Piece | None, close: bool, out: list[Phrase], scene: Scene
) -> Phrase:
    """A place; one that is also a thing - a castle, a bridge - is a thing where it acts or something is done to it."""
    where = close and following is not None and following.kind == "local"
    there = mark in ("在", "从", "到", "进", "进入", "向", "往", "沿", "沿着", "入") or where
    acting = not mark and any(each.kind == "verb" for each in out)
    if item.form == "weak":
        scene.places.append(item)
        return Phrase("place", item=item)
    if item.noun is not None and not there and (not scene.nouns or acting):
        scene.nouns.append(item.noun)
        return Phrase("noun", noun=item.noun, item=item, mark=mark)
    last = out[-1] if out else None
    owner = out[-2] if last is not None and last.text == "的" and len(out) > 1 else last
    if owner is not None and owner.kind == "place" and owner.item in scene.places and owner.local is None and not mark:
        scene.places[scene.places.index(owner.item)] = replace(owner.item, form="weak")  # 海边小镇的面包店
    scene.places.append(item)
    if (
        item.noun is not None
        and where
        and following is not None
        and following.text not in ("里", "里面", "内", "中", "上")
    ):
        scene.nouns.append(item.noun)
        return Phrase("noun", noun=item.noun, item=item, mark=mark)
    return Phrase("place", item=item, mark=mark, place_word=True)


def _attribute(out: list[Phrase], following: Piece | None, scene: Scene, material: Item | None) -> None:
    """Marks with 的 what stands before it, for the noun that follows."""
    if out and material is None:
        out.append(Phrase("mark", "的"))
    elif material is not None:
        out.append(Phrase("mark", "的", item=material))


_WHITE = "白衣"  # of a doctor a coat, of others a robe
_MOST_COUNT = 4  # letters of a number and its measure word


def _count_before(noun: Noun, begin: int, text: str) -> None:
    """How many a noun is, told before the clause that qualifies it: 两名戴安全帽的工人."""
    before = text[max(0, begin - _MOST_COUNT) : begin]
    counts = [count for count in counts_of(before, []) if count.end == len(before)]
    if counts and not noun.counted:
        noun.count, noun.counted = counts[-1].number, True


def _resolve(phrase: Phrase, out: list[Phrase], scene: Scene, text: str) -> None:
    """Takes what stands before 的 out of the clause and notes what it says of the noun."""
    noun = phrase.noun
    assert noun is not None
    at = next(
        (index for index in range(len(out) - 1, -1, -1) if out[index].kind == "mark" and out[index].text == "的"), None
    )
    if at is None:
        return
    attribute = out.pop(at)
    if any(each.kind in ("noun", "verb") for each in out[at:]):
        return  # another noun had it
    if attribute.item is not None:
        set_material(noun, attribute.item.of)
        made_of = out[_relative_begin(out) :]
        scene.nouns[:] = [each for each in scene.nouns if all(each is not phrase.noun for phrase in made_of)]
        del out[_relative_begin(out) :]
        return
    begin = _relative_begin(out)
    words = out[begin:]
    verbs = [each for each in words if each.kind == "verb"]
    if not verbs:
        _owned(phrase, noun, out, scene)
        return
    if words[-1].local in RELATIONS and not words[-1].mark and len(words) > 1 and words[-2].kind == "verb":
        _owned(phrase, noun, out, scene)  # 推着轮椅上的老人
        return
    last = words[-1]
    if (
        len(words) > 1
        and words[-2].kind == "verb"
        and last.mark in ("在", "到", "进", "从", "沿", "沿着")
        and last.local is None
        and text[noun.end : noun.end + 1] in _SHORT_LOCALS
    ):  # 盘绕在故宫的柱子上
        out.pop()
        phrase.mark = last.mark
        return
    if _is_owner(words, out[:begin], noun):
        owner = out.pop()
        phrase.owners = [owner.noun] if owner.noun is not None else []
        return
    before = words[0] if words[0].kind in ("noun", "pronoun") and not words[0].mark and words[0].local is None else None
    last = words[-1]
    if (
        before is not None
        and before.noun is not None
        and len(verbs) == 1
        and last.kind == "verb"
        and last.item is not None
    ):
        del out[begin:]  # 女孩抱着的猫, 雪花飘落的街道
        note_action(
            scene, last.item, [before.noun], noun if phrase.item is None or phrase.item.kind == "noun" else None
        )
        phrase.owners = [before.noun]
        return
    _count_before(noun, words[0].begin, text)
    if words[0].mark and words[0].kind == "verb" and not phrase.mark:
        phrase.mark = words[0].mark
    del out[begin:]
    where: list[Phrase] = []
    thing: Noun | None = None
    verb: Phrase | None = None
    for each in words:
        if each.kind == "verb":
            if verb is not None and verb.item is not None:
                phrase.waiting.append((verb.item, thing))
            verb, thing = each, None
        elif each.kind == "part" and each.item is not None and each.item.hit is not None:
            thing = Noun(each.item.begin, each.item.end, each.item.hit.words, each.item.hit.words, None)
        elif each.noun is not None and each.noun is not noun:
            each.noun.passive = True
            if each.local in RELATIONS or each.mark in ("在", "从"):
                where.append(each)
            elif each.mark in ("用", "以", "拿"):
                relate(noun, "holding", each.noun)
            elif verb is not None and thing is not None and verb.item is not None and verb.item.verb is not None:
                note_object(noun, verb.item.verb, each.noun)
            elif verb is not None or each.mark in ("把", "将"):
                thing = each.noun
    if verb is not None and verb.item is not None:
        phrase.waiting.append((verb.item, thing))
    for each in where:
        if each.noun is not None:
            relation = "coming_out_of" if each.mark == "从" else RELATIONS.get(each.local or "", "on")
            relate(noun, relation, each.noun)


def _is_owner(words: list[Phrase], before: list[Phrase], noun: Noun) -> bool:
    """Whether the noun before 的 is whose the next one is, and no object of the verb before: 女孩推开阁楼的门."""
    last = words[-1]
    if noun.lives or len([each for each in words if each.kind == "verb"]) != 1 or last.kind not in ("noun", "place"):
        return False
    if len(words) < 2 or words[-2].kind != "verb" or last.mark or any(each.kind == "verb" for each in before):
        return False
    told = any(each.kind in ("noun", "pronoun", "camera") and not each.mark and each.local is None for each in before)
    return told or last.kind == "place"


def _relative_begin(out: list[Phrase]) -> int:
    """Where the words begin that tell, before 的, what somebody does: 推着[坐在轮椅上]的老人."""
    verbs = [index for index, each in enumerate(out) if each.kind == "verb"]
    if not verbs:
        return len(out)
    begin = verbs[-1]
    if out[begin].mark:
        return begin  # 把擀好的饺子皮
    if begin == len(out) - 1 and len(verbs) > 1 and verbs[-2] == begin - 1:
        return begin  # 看着燃烧的房子
    while begin > 0 and (
        out[begin - 1].mark in ("在", "从", "用", "把", "被", "向", "对") or out[begin - 1].kind == "local"
    ):
        begin -= 1
    if (
        begin == verbs[-1]
        and begin == 1
        and out[0].kind in ("noun", "pronoun")
        and not out[0].mark
        and begin == len(out) - 1
    ):
        return 0  # 女孩抱着的猫
    if len(verbs) > 1 and all(each.kind != "noun" or each.mark or each.local for each in out[: verbs[0]]):
        earlier = verbs[0]
        while earlier > 0 and out[earlier - 1].mark in ("在", "从", "用"):
            earlier -= 1
        return earlier if earlier == 0 else begin
    return begin


def _owned(phrase: Phrase, noun: Noun, out: list[Phrase], scene: Scene) -> None:
    """What a noun has to do with the one before 的: it is on it, it is its own."""
    if out and out[-1].kind == "part" and out[-1].mark:
        phrase.mark = phrase.mark or out.pop().mark  # 和一只缺了耳朵的狗
        return
    if not out or out[-1].kind not in ("noun", "place", "local"):
        return
    first = out[-1]
    if first.noun is None:
        out.pop()
        if first.mark in ("把", "将", "被", "用", "给", "向", "对", "跟", "和", "与") and not phrase.mark:
            phrase.mark = first.mark
        return
    out.pop()
    relation = RELATIONS.get(first.local or "")
    if relation is not None:
        relate(noun, relation, first.noun)
    elif first.noun.kind == "person" and (noun.kind in PORTABLE or noun.kind in WEARABLE):
        relate(first.noun, "holding" if noun.kind in PORTABLE else "wearing", noun)
    else:
        phrase.owners = [first.noun]
    if first.mark and not phrase.mark and relation is None:
        phrase.mark = first.mark
