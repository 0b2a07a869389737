"""Korean and Japanese particles: what stands behind a noun, and what that makes of it."""

from __future__ import annotations

import re

from opendance.plan import Relation
from opendance.prompt.phrases import Item

KO_BEHIND = re.compile(
    r"(?:들)?(?P<group>[ ]?(?:떼|무리|가족|일행|그룹))?(?P<case>이랑|이|가|은|는|을|를|에게서|에게|한테|에서|에|으로|로|와|과|하고|랑|의|도|처럼|께서)?"
    r"(?:[ ]?(?P<where>위쪽|위|안쪽|안|속|아래|밑|옆|앞|뒤|사이|곁|너머|가운데|끝)(?P<local_case>에서|에는|에|로|으로|를|을|의|은|이)?(?![가-힣]))?"
    r"(?P<rest>[ ]?(?:두|세|네|한|\d{1,2}|다섯|여섯|일곱|여덟|몇)[ ]?(?:마리|명|대|개|송이|그루|잔|그릇|쌍|척|짝|켤레|장|권|방울|자루|줄기|채)(?P<late>이|가|은|는|을|를)?)?"
)
JA_BEHIND = re.compile(
    r"(?:たち|達|ら)?(?P<group>の群れ|の大群|の一団|の家族|一家)?(?P<case>が|は|を|に|で|の|と|へ|も|から|や)?(?:(?P<where>上空|上|中|下|横|隣|前|後ろ|間|そば|奥|周り|向こう|陰|脇|縁|外|後部座席|運転席|助手席|座席|席|荷台|屋根)(?![一-鿿]))?(?P<local_case>に|で|を|の|へ|から|には|が|は)?(?P<rest>)(?P<late>)"
)
WHERE: dict[str, Relation] = {
    "위": "on", "위쪽": "over", "안": "in", "안쪽": "in", "속": "in", "아래": "under", "밑": "under", "옆": "beside", "곁": "beside",
    "앞": "in_front_of", "뒤": "behind", "사이": "between", "너머": "behind", "가운데": "in", "끝": "on", "上": "on", "上空": "over",
    "中": "in", "下": "under", "横": "beside", "隣": "beside", "そば": "beside", "周り": "beside", "脇": "beside", "縁": "on",
    "前": "in_front_of", "後ろ": "behind", "奥": "behind", "陰": "behind", "外": "beside", "間": "between", "向こう": "behind", "後部座席": "in",
    "運転席": "in", "助手席": "in", "座席": "in", "席": "in", "荷台": "on", "屋根": "on",
}  # fmt: skip
SUBJECT_CASES = ("이", "가", "은", "는", "께서", "が", "は", "も", "도")
TOPIC_CASES = ("은", "는", "は")
OBJECT_CASES = ("을", "를", "を")
WITH_CASES = ("와", "과", "하고", "랑", "이랑", "と", "や")
TOWARDS_SOMEBODY = ("に", "에게", "한테", "へ")
PLACE_CASES = ("에", "에서", "로", "으로", "に", "で", "へ", "から")
_JA_ATTRIBUTIVE = re.compile(r"[ぁ-ん]{0,5}?(?:た|る|う|く|す|つ|ぬ|む|ぶ|ぐ|いる|ている|の)(?=[一-鿿ァ-ヺ])")
_NO_NOUN_BEHIND = re.compile(
    r"[ ]?(?:때|동안|뒤|후|채|중|순간|가운데|듯|만큼|것|수 |대로|모습|장면)|(?:時|間|とき|瞬間|様子|姿|まま|後|前|中)"
)
MADE_BEHIND = re.compile(
    r"(?:으로|로)[ ]?(?:만든|만들|된|빚은|조각)|(?:で|から)(?:できた|作られ|作った|出来た|できて)|の(?=[一-鿿ァ-ヺ巨大])|製"
)
TOWARDS = re.compile(r"(?:을|를)[ ]향(?:해|하)|に向か|に向け|を目指|を見据")
DRESSED = re.compile(r"(?:姿|[ ]?차림)(?:の|의|으로|で)?")
PASSIVE = re.compile(r"(?:ら)?れ(?:る|た|て|、)")
LABEL = re.compile(r"[ ]?:")
DRESS = re.compile(r"(?:의상|복장|착장|의복|옷|服装|衣装|衣服|服)[ ]?[:.]")
HERE = re.compile(
    r"(?:^|[ 、。,.])(?:그[ ]|그의[ ]|その|彼の)?(?P<where>옆|뒤|앞|위|아래|곁|隣|横|後ろ|前|そば|上|奥)(?:에서|에는|에|로|쪽에서|で|に|には|では)[ 、]?(?:는[ ])?$"
)
SOMEBODY = re.compile(
    r"(?<![가-힣])(?:그녀|그|그들)(?P<ko>는|가|를|의|에게)(?![가-힣])|(?:彼女|彼|彼ら)(?P<ja>は|が|を|の|に)"
)


def is_attributive(text: str, item: Item) -> bool:
    """Whether a Korean or Japanese verb tells of the noun behind it."""
    word = re.match(r"[^ ,、。.\n]{0,14}", text[item.end : item.end + 14])
    letters = text[item.begin : item.end] + (word[0] if word is not None else "")
    if "가" <= letters[0] <= "힣":
        last = letters[-1] if letters[-1] != " " else letters[-2]
        end = item.begin + len(letters)
        if _NO_NOUN_BEHIND.match(text, end if item.form[-1] != " " else end - 1):
            return False
        if item.form.endswith(" "):
            return True
        if last in "는은던" or (("가" <= last <= "힣") and (ord(last) - 0xAC00) % 28 in (4, 8) and last != "면"):
            return text[end : end + 1] == " "
        return False
    found = _JA_ATTRIBUTIVE.match(text, item.end - (1 if item.form[-1:] in "たるうくすつむぶぐ" else 0))
    return found is not None and _NO_NOUN_BEHIND.match(text, found.end()) is None
