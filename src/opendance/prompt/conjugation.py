"""Korean and Japanese verbs: from the form that a dictionary has to the letters that their forms begin with."""

from __future__ import annotations

_BASE = 0xAC00  # the first syllable of Hangul; each is (initial * 21 + vowel) * 28 + final
_N, _D, _L, _B, _S, _SS = 4, 7, 8, 17, 19, 20  # finals
_A, _AE, _EO, _E, _YEO, _O, _WA, _WAE, _OE, _U, _WO, _EU, _I = 0, 1, 4, 5, 6, 8, 9, 10, 11, 13, 14, 18, 20  # vowels
_BRIGHT = (_A, 2, _O)
# Which irregular verbs change their last consonant before a vowel; all others of their kind keep it.
_B_CHANGES = frozenset("굽눕줍돕깁")
_D_CHANGES = frozenset("걷듣싣긷")
_S_CHANGES = frozenset("짓젓긋잇붓낫")
_KEEP_LEU = ("따르", "치르", "들르", "우러르", "다다르")
# What follows a verb of one syllable: without it "차" is a car and "보" nothing.
_AFTER_ONE = ("고", "는", "지", "던", "자", "게", "기", "다가", "거나", "네", "도록")
_AFTER_VOWEL = ("며", "면", "러", "려")
_OTHER_WORDS = frozenset(
    ["산", "잔", "논", "간", "판", "손", "난", "민", "온", "단", "반", "천", "한", "인", "전"]
)  # they look like 산 of 사다, and are nouns


def korean_forms(word: str) -> list[str]:
    """What the forms of a Korean verb begin with, from its dictionary form, such as 굽다: 굽고, 구워, 구운."""
    stem = word.removesuffix("다")
    if stem.endswith("하") and len(stem) > 1:
        noun = stem[:-1]
        particle = "을" if _parts(noun[-1])[2] else "를"
        ends = ("하", "해", "한", "할", "합", "했")
        return [f"{noun}{end}" for end in ends] + [f"{noun}{particle} {end}" for end in ends]
    alone = len(stem) == 1
    first, vowel, final = _parts(stem[-1])
    head = stem[:-1]
    if final == 0:
        joined = _with_a(stem)
        ended = [stem + end for end in (*_AFTER_ONE, *_AFTER_VOWEL)] if alone else [stem]
        open_forms = [_closed(stem, _N) + ("다" if alone else ""), _closed(stem, _B) + ("니" if alone else "")]
        told = _closed(stem, _N)
        adnominal = [told, _closed(stem, _L)] if not alone else [] if told in _OTHER_WORDS else [told + " "]
        a_form = [joined + "서"] if alone and joined == stem else [joined]
        if joined == "퍼":
            a_form = ["퍼서", "퍼 "]  # 퍼덕이다 scoops nothing
        return list(dict.fromkeys([*ended, *open_forms, *adnominal, *a_form, _closed(joined, _SS)]))
    if final == _L:
        bare = head + _syllable(first, vowel, 0)
        a_forms = ("아", "았") if vowel in _BRIGHT else ("어", "었")
        ends = ("고", "며", "면", "지", "던", "자", "게", "기", "려", "러", "도록", "거나", *a_forms)
        forms = [stem + end for end in ends] if alone else [stem]
        told = _closed(bare, _N)
        forms += [bare + "는", told + "다"]
        return forms if told in _OTHER_WORDS else [*forms, told + (" " if alone else "")]
    forms = [stem + end for end in _AFTER_ONE] if alone else [stem]
    soft = stem
    if stem[-1] in _B_CHANGES:
        bright = stem[-1] == "돕"
        open_ = head + _syllable(first, vowel, 0)
        return [*forms, open_ + "우", open_ + ("와" if bright else "워"), open_ + "운", open_ + "울", open_ + ("왔" if bright else "웠")]  # fmt: skip
    if stem[-1] in _D_CHANGES:
        soft = head + _syllable(first, vowel, _L)
    elif stem[-1] in _S_CHANGES:
        soft = head + _syllable(first, vowel, 0)
    a_form = ("아", "았") if vowel in _BRIGHT else ("어", "었")
    return forms + [soft + end for end in ("은", "을", "으", *a_form)]


def _parts(syllable: str) -> tuple[int, int, int]:
    code = ord(syllable) - _BASE
    return code // 588, code % 588 // 28, code % 28


def _syllable(first: int, vowel: int, final: int) -> str:
    return chr(_BASE + first * 588 + vowel * 28 + final)


def _closed(word: str, final: int) -> str:
    """`word`, which ends in a vowel, with a final consonant."""
    return word[:-1] + chr(ord(word[-1]) + final)


def _with_a(stem: str) -> str:
    """A stem that ends in a vowel with 아 or 어: 던지 gives 던져, 오르 gives 올라."""
    first, vowel, _ = _parts(stem[-1])
    head = stem[:-1]
    before = _parts(head[-1]) if head else None
    bright = before is not None and before[1] in _BRIGHT
    if stem[-1] == "르" and before is not None and before[2] == 0 and not stem.endswith(_KEEP_LEU):
        return _closed(head, _L) + ("라" if bright else "러")
    if stem == "푸":
        return "퍼"
    changed = {_O: _WA, _U: _WO, _I: _YEO, _OE: _WAE, _EU: _A if bright else _EO}.get(vowel)
    if changed is not None:
        return head + _syllable(first, changed, 0)
    return stem if vowel in (_A, _EO, _AE, _E, _YEO) else stem + "어"


_ROWS = {
    "う": "わいえおっ", "く": "かきけこい", "ぐ": "がぎげごい", "す": "さしせそ", "つ": "たちてとっ", "ぬ": "なにねのん",
    "ぶ": "ばびべぼん", "む": "まみめもん", "る": "らりれろっ",
}  # fmt: skip
# Verbs in -iru and -eru whose stem ends in a consonant, and those of one letter whose stem ends in a vowel.
_CONSONANT_STEMS = (
    "走る", "入る", "滑る", "帰る", "握る", "散る", "焦る", "遮る", "捻る", "翻る", "喋る", "蘇る", "茂る", "齧る", "弄る", "しゃべる",
    "ひねる", "かじる", "すべる", "ちぎる", "千切る", "横切る", "裏切る", "締め切る", "振り切る", "いじる", "ねじる", "めくる", "参る",
    "飛び入る", "駆け入る", "なじる", "よぎる", "みなぎる", "寝そべる",
)  # fmt: skip
_VOWEL_STEMS = frozenset("見着寝出煮似経射得")
_I_OR_E = frozenset("いきぎしじちにひびみりえけげせぜてでねへべめれ")
_AFTER_ONE_LETTER = ("て", "た", "る", "な", "ま", "よ", "ら", "ろ", "ず", "つ", "さ", "れ")


def japanese_forms(word: str) -> list[str]:
    """What the forms of a Japanese verb begin with, from its dictionary form, such as 切る: 切り, 切っ, 切れ."""
    if word.endswith("する"):
        noun = word[:-2]
        return [noun + end for end in ("し", "す", "さ", "せ", "をし", "をす", "をさ")]
    root, last = word[:-1], word[-1]
    ends_in_vowel = last == "る" and word not in _CONSONANT_STEMS and not word.endswith(_CONSONANT_STEMS)
    if ends_in_vowel and (root[-1] in _I_OR_E or root[-1] in _VOWEL_STEMS):
        if root[-1] in _VOWEL_STEMS or len(root) == 1:
            return [root + end for end in _AFTER_ONE_LETTER]
        return [root]
    row = _ROWS[last]
    if word.endswith(("行く", "いく")):
        row = row[:-1] + "っ"
    return [root + end for end in last + row]
