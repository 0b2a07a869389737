"""Chinese phrases: nouns with what stands before 的, the preposition before them and the word for where behind them."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import cast

from opendance.plan import Colour
from opendance.prompt.chinese_attributes import OF_BODIES, Phrase, resolve
from opendance.prompt.chinese_clauses import Piece
from opendance.prompt.chinese_nouns import stand_in
from opendance.prompt.chinese_words import COMPLEMENTS
from opendance.prompt.lexicon import lexicon
from opendance.prompt.noun_words import are_two
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.scenes import WEARABLE, Scene, relate, set_material
from opendance.prompt.word_tables import COLOUR, MATERIAL

_MADE_BEFORE = re.compile(r"[由用以]$")
_MADE_BEHIND = re.compile(r"(?:做|制|雕|构|编|凝|化成|铸|搭|拼|堆|织|捏|打造|组成|折|剪|砌|扎)")
_PREPOSITIONS = frozenset((
    "在", "从", "到", "向", "往", "朝", "对", "对着", "朝着", "向着", "冲", "冲着", "沿", "沿着", "顺着", "于", "自", "由", "把", "将", "被", "用", "拿", "以", "给", "为", "替", "跟", "与",
    "和", "同", "及", "以及", "有", "是", "像", "如", "好像", "仿佛", "宛如", "犹如", "如同", "似", "进", "进入", "上", "入", "透过", "隔着", "围着", "绕着",
))  # fmt: skip


def phrases_of(pieces: list[Piece], text: str, scene: Scene) -> list[Phrase]:
    """The phrases of a clause; what it names is noted in `scene`."""
    pieces = _trades(pieces)
    out: list[Phrase] = []
    mark = ""
    material: Item | None = None
    cleft: list[Phrase] = []
    for index, piece in enumerate(pieces):
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        close = following is not None and following.begin == piece.end
        if piece.kind == "mark":
            if piece.text == "的" and following is not None and following.text == "是" and (done := _cleft(out)):
                cleft = done  # 骑马的是一个男人
                continue
            if piece.text == "的" and material is None and out and _is_parted(out[-1], piece, text):
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
                previous.local, previous.end = piece.text, piece.end
            elif not _is_ending(piece, previous, mark):
                where = Phrase("local", piece.text, mark=mark, local=piece.text)
                where.begin, where.end = piece.begin, piece.end
                out.append(where)
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
            and following is not None
            and (close or (piece.text in _COOKED and following.begin == piece.end + 1))
            and following.kind == "noun"
            and (_qualifies(piece, following, text) or _is_of_trade(piece, following, out))
        ):
            continue  # 巨大的发光水母, 越过防守队员
        if close and following is not None and following.kind == "noun" and _is_of_gear(piece, out):
            continue  # 戴着飞行护目镜
        phrase = _phrase(piece, mark, following, close, out, scene)
        if phrase is None or (phrase.kind == "verb" and _only_ends(piece, out, following)):
            continue
        phrase.begin, phrase.end = piece.begin, piece.end
        mark = mark if phrase.owner else ""  # 在她的肩上
        if phrase.kind == "verb" and item_ends(phrase, "在"):
            mark = "在"  # 放在桌上
        if phrase.kind == "noun" and phrase.noun is not None:
            if material is not None and out and out[-1].kind == "verb":
                set_material(phrase.noun, material.of)  # 用纸箱搭城堡
                material = None
            _look_behind(phrase.noun, text)
            resolve(phrase, out, scene, text)
            _join(phrase, out, scene)
            if cleft and phrase.mark == "是":
                phrase.mark = ""
                phrase.waiting += _deeds_of(cleft, phrase.noun)
                cleft = []
        elif phrase.kind == "place":
            _without_attribute(out)
        out.append(phrase)
    return out


def _is_parted(last: Phrase, piece: Piece, text: str) -> bool:
    """Whether a word stands before 的 that is no phrase of its own, and no end of a verb: 叠起来的."""
    between = text[last.end : piece.begin]
    return last.end > 0 and between != "" and not (last.kind == "verb" and between in COMPLEMENTS)


def item_ends(phrase: Phrase, letter: str) -> bool:
    """Whether a verb has the preposition behind it in itself: 放在."""
    return phrase.item is not None and len(phrase.item.form) > 1 and phrase.item.form.endswith(letter)


def _cleft(out: list[Phrase]) -> list[Phrase]:
    """Takes out what the words before 的是 say that is done by whom 是 names."""
    if not out or any(each.kind not in ("verb", "noun", "part") for each in out) or out[0].kind != "verb":
        return []
    done = list(out)
    out.clear()
    return done


def _deeds_of(phrases: list[Phrase], noun: Noun) -> list[tuple[Item, Noun | None]]:
    deeds: list[tuple[Item, Noun | None]] = []
    for each in phrases:
        if each.kind == "verb" and each.item is not None:
            deeds.append((each.item, None))
        elif each.noun is not None and each.noun is not noun and deeds:
            each.noun.passive = True
            deeds[-1] = (deeds[-1][0], each.noun)
    return deeds


_ENDED = ("过", "着", "了", "向", "到", "住")  # how verbs end behind which their object stands


def _is_of_trade(piece: Piece, following: Piece, out: list[Phrase]) -> bool:
    """Whether a verb right behind one that waits for its object only tells who that is: 越过防守队员."""
    last = out[-1] if out else None
    if (
        last is None
        or last.kind != "verb"
        or last.end != piece.begin
        or last.item is None
        or piece.end - piece.begin == 1
    ):
        return False
    return last.item.form.endswith(_ENDED) and following.noun is not None and following.noun.kind == "person"


_COOKED = frozenset("烤炸煎炒蒸煮炖卤腌熏")
_WHERE = ("在", "从", "到", "进", "进入", "向", "往", "沿", "沿着", "于")
_LED = re.compile(r"(?:的|[一两三四五六七八九十几][只个条位名头匹辆艘座朵棵群台])$")


def _qualifies(piece: Piece, following: Piece, text: str) -> bool:
    """Whether a verb only tells what its noun is like: behind 的 or a number, before a noun that nothing follows with 的."""
    if piece.text in _COOKED and _LED.search(text, max(0, piece.begin - 3), piece.begin) is not None:
        return True  # 一只烤鸡
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
    if piece.text == "穿" and following is not None and following.noun is not None and following.noun.kind in WEARABLE:
        return False  # 接住穿条纹衫的男孩
    return last is not None and last.kind == "verb" and last.end == piece.begin and piece.text in COMPLEMENTS


def _join(phrase: Phrase, out: list[Phrase], scene: Scene) -> None:
    """Two nouns in a row are one: 恐龙化石, 骆驼商队, 黑衣刺客."""
    noun, last = phrase.noun, out[-1] if out else None
    if noun is None or last is None or last.kind != "noun" or last.noun is None or last.local is not None:
        return
    first = last.noun
    if first.kind == "person" and noun.lives and noun.kind != "person":
        return
    if are_two(first, noun) and last.end == phrase.begin and not phrase.mark:
        phrase.mark = "和"  # 新郎新娘
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
    if first.kind in ("animal", "bird") and noun.words.endswith(_YOUNG):
        noun.drawing, noun.name, noun.age = first.drawing, f"{first.name} cub", "child"  # 熊猫幼崽
        return
    if (noun.drawing is None or not noun.drawing.drawing) and noun.kind not in WEARABLE:
        noun.name = first.words + noun.name


def _phrase(
    piece: Piece, mark: str, following: Piece | None, close: bool, out: list[Phrase], scene: Scene
) -> Phrase | None:
    item = piece.item
    if piece.kind == "pronoun":
        whose = following is not None and (
            following.text == "的" or (close and (following.kind == "part" or following.text[:1] in OF_BODIES))
        )  # 她身后
        return Phrase("pronoun", piece.text, mark=mark, owner=whose)
    if piece.kind == "camera":
        if mark in _FACED or (out and out[-1].kind == "verb"):
            return None  # 对着镜头说话, 看向镜头
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


_FACED = ("对", "对着", "朝", "朝着", "向", "向着", "冲", "冲着", "往")
_YOUNG = ("幼崽", "幼仔", "幼兽", "崽崽", "崽子")
_WHITE = "白衣"  # of a doctor a coat, of others a robe
