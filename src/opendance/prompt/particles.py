"""Korean and Japanese particles: what stands behind a noun, and what that makes of it."""

from __future__ import annotations

import re
from collections.abc import Container

from opendance.plan import Relation
from opendance.prompt.nouns import Item

KO_BEHIND = re.compile(
    r"(?:들)?(?P<group>[ ]?(?:떼|무리|가족|일행|그룹|행렬|대열))?(?P<case>이랑|이|가|은|는|을|를|에게서|에게|한테|에서|에|으로|로|와|과|하고|랑|의|도|처럼|께서)?"
    r"(?:(?(case)(?<=의))[ ]?(?P<where>위쪽|위|안쪽|안|속|아래쪽|아래|밑|옆쪽|옆|앞쪽|앞|뒷자리|앞자리|옆자리|뒷좌석|앞좌석|조수석|운전석|짐칸|지붕|안장|꼭대기|가장자리|뒤쪽|뒤편|뒤|사이|틈새|틈|곁|너머|한가운데|가운데|정중앙|중앙|표면|주위|주변|둘레|맞은편|끝)(?P<local_case>에서|에는|에|로|으로|를|을|의|은|이)?(?![가-힣]))?"
    r"(?P<rest>[ ]?(?:(?:두|세|네|한|\d{1,2}|다섯|여섯|일곱|여덟|아홉|열|몇|여러|수십|수백|수천)[ ]?(?:마리|명|대|개|송이|그루|잔|그릇|쌍|척|짝|켤레|장|권|방울|자루|줄기|채|조각|벌|병|사람)|(?:하나|둘|셋|넷)(?=[이가은는을를도와과 ,.]|$))(?P<late>이|가|은|는|을|를|에게|한테|와|과|의|도|로|에)?)?"
)
JA_BEHIND = re.compile(
    r"(?:たち|達|ら)?(?P<group>の群れ|の大群|の一団|の家族|の親子|の隊列|の行列|一家|親子)?(?P<case>が|は|を|に|で|の|と|へ|も|から|や)?(?:(?(case)(?<=の))(?P<where>上空|頭上|真上|真下|上|真ん中|中央|中|下|横|隣|目の前|手前|前|後ろ|背後|裏|隙間|間|そば|傍ら|奥|周囲|周り|向こう|陰|脇|縁|表面|足元|外|後部座席|運転席|助手席|座席|席|荷台|屋根)(?![一-鿿]))?(?P<local_case>に|で|を|の|へ|から|には|が|は)?(?P<rest>(?:[一二三四五六七八九十数百千何]{1,3}|\d{1,2})(?:人|匹|頭|羽|台|隻|艘|本|輪|つ|個|枚|体|名|両|冊|杯|機|足|組|皿)(?P<late>が|は|を|も|に|で)?)?"
)
WHERE: dict[str, Relation] = {
    "위": "on", "위쪽": "over", "안": "in", "안쪽": "in", "속": "in", "아래": "under", "밑": "under", "옆": "beside", "곁": "beside",
    "앞": "in_front_of", "뒤": "behind", "사이": "between", "너머": "behind", "가운데": "in", "끝": "on", "上": "on", "上空": "over",
    "中": "in", "下": "under", "横": "beside", "隣": "beside", "そば": "beside", "周り": "beside", "脇": "beside", "縁": "on",
    "前": "in_front_of", "後ろ": "behind", "奥": "behind", "陰": "behind", "外": "beside", "間": "between", "向こう": "behind", "後部座席": "in",
    "위에": "on", "아래쪽": "under", "옆쪽": "beside", "앞쪽": "in_front_of", "뒤쪽": "behind", "뒤편": "behind", "틈": "between", "틈새": "between",
    "한가운데": "in", "정중앙": "in", "중앙": "in", "표면": "on", "주위": "beside", "주변": "beside", "둘레": "beside", "맞은편": "in_front_of",
    "저편": "behind", "배경": "behind", "머리 위": "over", "발밑": "under", "발치": "beside", "어깨": "on", "어깨 위": "on", "등 뒤": "behind",
    "頭上": "over", "真上": "over", "真下": "under", "真ん中": "in", "中央": "in", "目の前": "in_front_of", "手前": "in_front_of", "背後": "behind",
    "裏": "behind", "隙間": "between", "傍ら": "beside", "周囲": "beside", "表面": "on", "足元": "beside", "背景": "behind", "後方": "behind",
    "前方": "in_front_of", "肩": "on", "肩の上": "on", "膝の上": "on", "頭の上": "on", "무릎 위": "on", "머리에": "on",
    "뒷자리": "in", "앞자리": "in", "뒷좌석": "in", "앞좌석": "in", "조수석": "in", "운전석": "in", "짐칸": "on", "지붕": "on", "안장": "on",
    "꼭대기": "on", "가장자리": "on", "옆자리": "beside", "後": "behind", "運転席": "in", "助手席": "in", "座席": "in", "席": "in", "荷台": "on", "屋根": "on",
}  # fmt: skip
SUBJECT_CASES = ("이", "가", "은", "는", "께서", "が", "は", "も", "도")
TOPIC_CASES = ("은", "는", "は")
OBJECT_CASES = ("을", "를", "を")
WITH_CASES = ("와", "과", "하고", "랑", "이랑", "と", "や")
TOWARDS_SOMEBODY = ("に", "에게", "한테", "へ")
PLACE_CASES = ("에", "에서", "로", "으로", "に", "で", "へ", "から")
_JA_ATTRIBUTIVE = re.compile(
    r"(?:[ぁ-ん]?[込上下出入付合回切抜続始終直返立])?[ぁ-ん]{0,5}?(?:た|る|う|く|す|つ|ぬ|む|ぶ|ぐ|いる|ている|の)(?=[一-鿿ァ-ヺ])"
)
_JA_LAST = "たるうくすつぬむぶぐ"
_JA_TAIL = re.compile(r"[ぁ-ん]{0,5}")
_NO_NOUN_BEHIND = re.compile(
    r"[ ]?(?:때|동안|뒤|후|채|중|순간|가운데|듯|만큼|것|수 |대로|모습|장면|클로즈업|클로즈 업|샷|컷|영상|뷰|시점|구도)|(?:時|間|とき|瞬間|様子|姿|まま|後|前|中|クローズアップ|アップ|ショット|カット|映像|構図)"
)
MADE_BEHIND = re.compile(
    r"(?:으로|로)[ ]?(?:만든|만들|된|빚은|조각)|(?:で|から)(?:できた|作られ|作った|出来た|できて)|の(?![上中下横隣前後間奥表裏])(?=[一-鿿ァ-ヺ巨大])|製(?:の|(?=[一-鿿ァ-ヺ]))|제(?:의)?[ ]"
)
# What somebody makes something of: 모래로 성을 쌓는다, 砂で城を作る.
# What is only likened to the noun before it: 망토처럼, マントのように.
LIKENED = re.compile(
    r"처럼|같이[ ]|같은[ ]|마냥[ ]|의?[ ]?모양으로|のように|のような|みたいに|みたいな|のごと[くき]|さながら"
)
OF_STUFF = re.compile(r"(?:으로|로|で|から)(?=[ 、]?[가-힣一-鿿ァ-ヺ])")
# What makes the noun before it the content of the one behind it.
FULL_OF = re.compile(
    r"(?:이|가|으로|로)?[ ](?:가득[ ]?)?(?:가득한|찬|담긴|담겨 있는|든|들어 있는|들어간|꽂힌|꽂혀 있는|채워진|넘치는|쌓인|실린)[ ]"
    r"|(?:で|が|の|に)(?:いっぱい(?:の|に[入詰][ぁ-ん]{1,3}た)|満ちた|満たされた|あふれる|入った|入っている|盛られた|詰まった|詰め込まれた|生けられた|活けられた|注がれた|積まれた)"
)
TOWARDS = re.compile(r"(?:을|를)[ ]향(?:해|하)|に向か|に向け|を目指|を見据")
DRESSED = re.compile(
    r"(?:姿|[ ]?차림)(?:の|의|으로|で)?|(?:을|를)[ ](?:한|하고[ ]있는)(?=[ ][가-힣])|をし(?:た|ている)(?=[一-鿿ァ-ヺ])"
)
BACKDROP = re.compile(r"(?:을|를)[ ](?:배경|등지|뒤로 하|뒤로한)|を(?:背景|バック|背に)")
IN_HAND = re.compile(r"(?:손에는|손엔|손에|手には|手に)[ 、]?(?:[가-힣]{1,6}[한은는운][ ]|[一-鿿ぁ-ん]{0,5}[いなた])?$")
PASSIVE = re.compile(r"(?:ら)?れ(?:る|た|て|、)")
_KO_PASSIVE = re.compile(
    r"(?:쫓|안|업|잡|밟|찔|끌|물|먹|묶|밀|눌|뽑|둘러싸)(?:기|히|리|이|겨|혀|려|여|긴|힌|린|인|길|힐|릴|일)|둘러싸"
)
LABEL = re.compile(r"[ ]?:")
DRESS = re.compile(r"(?:의상|복장|착장|의복|옷|服装|衣装|衣服|服)[ ]?[:.]")
# Parts of a body that something is on or in; who has them is where it is: 아빠의 배 위에서, 父の膝の上で.
OF_BODY = re.compile(
    r"코|콧등|콧잔등|입|뺨|볼|이마|손끝|손등|뿔|꼬리|목덜미|鼻|鼻先|口|頬|額|指先|角|尻尾|お腹|배|무릎|어깨|등|가슴|품|머리|손|손바닥|팔|발|목|腹|お腹|膝|肩|背中|背|胸|腕|頭|手|手のひら|足"
)
ON_BODY = re.compile(
    rf"[ ]?(?:{OF_BODY.pattern})(?:の|[ ])?(?P<where>上|中|下|隣|横|前|위|속|안|아래|옆)(?=[でにをかのへ에로를])(?:では|には|から|で|に|を|へ|에서는|에서|에는|에|로|를)?"
)
# All of those who were spoken of: 두 사람 모두, 二人とも.
ALL_OF_THEM = re.compile(
    r"(?P<number>두|세|네|셋|둘|넷|다섯|[二三四五]|2|3|4)[ ]?(?:(?:사람|명)(?:은|이|[ ]?모두|[ ]?다)|[ ]다(?=[ ])|은[ ]모두|人とも|人は|匹とも|人が)|모두가?[ ]|全員が|全員、|みんなが"
)
SOMEBODY = re.compile(
    r"(?<![가-힣])(?:그녀|그|그들)(?P<ko>는|가|를|의|에게)(?![가-힣])|(?:彼女|彼|彼ら)(?P<ja>は|が|を|の|に)"
)


def is_passive(text: str, item: Item) -> bool:
    """Whether a Korean or Japanese verb says what is done to its subject: 쫓기는, 追われる."""
    return PASSIVE.match(text, item.end) is not None or _KO_PASSIVE.match(text, item.begin) is not None


def is_attributive(text: str, item: Item, begins: Container[int] = ()) -> bool:
    """Whether a Korean or Japanese verb tells of the noun behind it.

    Args:
        begins: where something is named, be it in letters that an ending may have: 抱えたうさぎ.
    """
    word = re.match(r"[^ ,、。.\n]{0,14}", text[item.end : item.end + 14])
    letters = text[item.begin : item.end] + (word[0] if word is not None else "")
    if "가" <= letters[0] <= "힣":
        last = letters[-1] if letters[-1] != " " else letters[-2]
        end = item.begin + len(letters)
        if _NO_NOUN_BEHIND.match(text, end if item.form[-1] != " " else end - 1):
            return False
        if item.form.endswith(" "):
            return True
        if letters.endswith(("지만", "거든", "다만", "으련만")):
            return False
        if last in "는은던" or (("가" <= last <= "힣") and (ord(last) - 0xAC00) % 28 in (4, 8) and last != "면"):
            return text[end : end + 1] == " "
        return False
    found = _JA_ATTRIBUTIVE.match(text, item.end - (1 if item.form[-1:] in "たるうくすつむぶぐ" else 0))
    if found is None:
        run = _JA_TAIL.match(text, item.end)
        stop = item.end if run is None else run.end()
        named = next((at for at in range(item.end, stop + 1) if at in begins), None)
        return named is not None and text[named - 1] in _JA_LAST
    return _NO_NOUN_BEHIND.match(text, found.end()) is None
