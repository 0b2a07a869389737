"""What a prompt does not want to see."""

from __future__ import annotations

import re
from dataclasses import dataclass

Span = tuple[int, int]

_NEGATIVE_PROMPT = re.compile(
    r"(?:negative[ _-]?prompts?|negatives?|exclu(?:de[sd]?|sions?)|avoid|do not include|don'?ts?|forbidden|反向提示词|负面提示词?|负向提示词?|负面|排除项?|避免|禁止(?:事項|内容)?|禁忌|不要|不包含|除外|NG|금지(?:[ ]?사항)?|네거티브(?:[ ]?프롬프트)?|제외|ネガティブ(?:プロンプト)?|除外)[ \t]{0,4}[:=]"
    r"(?P<what>(?:(?!ポジティブ|긍정|프롬프트[ ]?:|positive|正面提示)[^\n]){0,1500})|--no[ \t](?P<after>[^\n-]{0,400})",
    re.IGNORECASE,
)
# Up to the next clause; "without" and its like take the whole list that follows.
_ENGLISH = re.compile(
    r"\b(?:with ?out|free of|devoid of|(?:do not|don't|does not|doesn't|should not|shouldn't|must not|never) (?:show|add|include|use|have|draw|depict|contain|render|feature|move|zoom|pan|shake|cut|rotate|tilt)\w{0,3}|exclud(?:e|ing)|avoid(?:ing)?|instead of|(?:leav|keep|kept)(?:e|ing)? out|omit(?:ting)?|(?:stay away|refrain|free) from|clear of|skip the|(?:do not|don't) want|nothing|nobody|no one|nowhere|not even|sans|minus|(?:is|are|was|were) not|isn't|aren't|not a)"
    r"(?:[ \t][^.;!?\n]{0,300})?|\b(?:no(?! (?:longer|doubt|matter|one can|wonder|less|more than))|zero|not any)[ \t][^.,;!?\n]{1,80}",
    re.IGNORECASE,
)
_ENGLISH_END = re.compile(
    r":[ \n]|[ ][–—]|\b(?:but|while|as|then|when|although|instead,|with)\b|\bin (?:an?|his|her|their|the (?!background|frame|shot|scene|image|foreground|video|picture|clip|film|audio))|,[ \t](?:the|a|an|he|she|it|they|we|camera|shot|soft|slow|over-the-shoulder|close-?up|wide|medium|cinematic|naturalistic|photoreal\w*|(?:low|high)[- ]angle|eye[- ]level|overhead|tracking|dolly|static|locked|aerial|documentary|[1-9]\d{1,2} ?mm|[48]k)\b",
    re.IGNORECASE,
)
# What somebody does not do while they do something else says nothing of what is in the picture: "without opening her eyes".
NOT_DOING = re.compile(
    r"with ?out (?!(?:show|includ|add|us|hav|draw|depict|display|contain|render|featur|see)ing\b)[a-z]+ing (?!and\b|or\b)[a-z][^,:.;!?\n]*",
    re.IGNORECASE,
)
_FREE = re.compile(
    r"\b(?P<what>[a-z]{3,20})-free\b|\b(?P<kept>[a-z ]{3,30}) (?:prohibited|forbidden|not allowed|must not appear|should not appear)\b",
    re.IGNORECASE,
)
_LIKE_NONE = re.compile(r"(?P<what>[a-z ]{3,40}):[ \t]?none\b", re.IGNORECASE)
_CHINESE = re.compile(
    r"(?:没有|不要出现|不要有|不要|不需要|请勿|不含|不带|不出现|不包含|不准|不能有|禁止|避免|切勿|别出现|无需|别有|别加|别让|拒绝|杜绝|不加|不用|不使用|不露|不出|不许|不得|不带|唔要|唔好(?!意思|睇|食)|唔使|唔准|唔想要|冇(?!问题|問題|所谓|所謂|事)|不想要|谢绝|去掉|排除|勿|无(?=人声|声音|字|对|台词|旁白|水印|音|配|人物|剪辑|解说|噪|杂|背景|滤镜|特效|血|暴力|广告|logo|LOGO|标|转场|镜头|现代|多余|路人|行人|车|雨|云|风|任何)|无(?![数人限尽边垠穷比论疑暇声线际形意法所])|无人(?=[物,，。;；\s]|$)|除去|去除)[^,，。.;；!?！？\n]{0,40}"
    r"|空镜(?:头)?(?=[,，。;；\s]|$)|[一-鿿]{1,8}(?:一律|都|全都|全部|也)?(?:不要出现|不要有|不要|不得出现|不能出现|不出现|不出镜|勿入镜|免了)(?=[,，。.;；!！\n]|$)"
    r"|(?:镜头|画面|机位|相机|摄像机)(?:保持)?(?:不动|不移动|静止|不要移动|不晃动)"
)
_KOREAN = re.compile(
    r"[ \t]{0,2}(?:없이|없는|없음|없고|없도록|없게|없다|제외하고|제외|금지|빼고|말고|제거|사절|NG|안 나오|안 보이|빼[ ]?(?:줘|주세요|주십시오|기)|피해[ ]?(?:줘|주세요)|(?:나오|나타나|등장하|보이|움직이|넣|추가하|사용하|흔들리|들어가|쓰|띄우|비추|찍|들리|깔|잡)지[ \t]?(?:않|마|말))[가-힣]{0,4}"
)
_JAPANESE = re.compile(
    r"(?:[はをも](?:絶対に|一切|決して)?(?:描か|描写し|写さ|映さ|出さ|入れ|見せ|付け|つけ|足さ|加え|流さ|使わ|載せ|残さ|含め|表示し|登場させ|鳴らさ)(?:ない|ず|ません)(?:で|に)?"
    r"|[はをも](?:避ける|避けて|避けること|避け(?=[、。\n]|$)|控える|控えて)|無人(?!機|駅|島|運転|航空|店|販売|探査)|(?:は|を|も|が)(?:絶対に|一切|決して|なるべく|全く)(?:出さない|出ない|映さない|映らない|入れない|見せない|使わない|写さない)|なし(?!で?は)|無し|ナシ|NG|ゼロ|オフ|厳禁|一切なし|(?<!を)抜き(?!取|出|い|、)|がない|のない|はない|もない|のいない|はいない|がいない|もいない|も入れない|を入れない|は入れない|を含まない|は不要|不要|は禁止|禁止|を出さない|は出さない|が出ない|は出ない|は映さない|を映さない|も映さない|映り込まない|が映らない|は映らない|は付けない|を付けない|はつけない|をつけない|は流さない|を流さない|しないで|(?:は|を)?動かさない|(?:は|が)動かない|を使わない)"
)
# What somebody shall not do: "노래하지 말고", "ビルは壊さない", "早送りせずに".
_UNDONE = re.compile(
    r"[가-힣]{1,8}(?:을|를)?[ ]?[가-힣]{0,6}지[ ]?(?:말고|마세요|말 것|말아|마라|않고|않게|않도록|않는다|않음|않으며|않은 채)"
    r"|(?:[一-鿿ァ-ヺー]{1,8}[はをもが])?[一-鿿ァ-ヺー]{1,6}[ぁ-ん]{0,3}?(?:さない|わない|かない|ません|しない|せずに|らない|れない|せない|えない|ないで)(?![一-鿿])"
)
# What is not so, but something else is: 黒澤映画のようなモノクロではなく, 세미가 아니라.
_NOT_SO = re.compile(
    r"(?:[一-鿿]{1,8}|[ァ-ヺー]{2,12})(?:では|じゃ|で)な(?:く(?!て?は)|い(?![で]))|[가-힣]{2,8}(?:이|가)?[ ]아니(?:라|고|며|야)|[가-힣]{2,8}[ ]아닌"
)
# Names of a list that ends with what is not wanted: "텍스트, 로고, 워터마크 금지", 文字、ロゴ、透かしなし.
_LISTED = re.compile(
    r"(?<![一-鿿ァ-ヺー가-힣])(?:(?:텍스트|자막|로고|워터마크|글자|글씨|문자|숫자|사람|인물|군중|관객|피|유혈|폭력|무기|왜곡|흔들림|노이즈|잡음|음악|대사|내레이션|나레이션|효과음|목소리|얼굴|손|브랜드|간판|광고|워터마크|배경음악|비명|폭발|연기"
    r"|セリフ|台詞|BGM|ナレーション|顔|手|(?<!の)声|効果音|(?<!の)音|ブランド名|広告|爆発|悲鳴|ブレ|(?<!ゆっくり)ズーム|(?<![りへにで])パン|会話|観客|通行人|車|文字|テキスト|テロップ|字幕|ロゴ|透かし|ウォーターマーク|人物|人|群衆|血|暴力|武器|歪み|ノイズ|手ブレ|音楽|看板)(?:이나|나|과|와|や|と)?[ ]{0,2}[,、，・/·][ ]{0,2}){1,12}$"
)
_CAMERA = re.compile(
    r"camera|zoom|pan\b|panning|movement|镜头|机位|运镜|相机|摄像机|화면|카메라|줌|カメラ|ズーム|パン", re.IGNORECASE
)
_UNMOVED = re.compile(r"(?:움직이지|흔들리지)[ ]?않는|움직임[ ]?없는")  # what the camera behind it is
_MUSIC = re.compile(r"music|bgm|soundtrack|score\b|音乐|配乐|음악|브금|音楽|BGM", re.IGNORECASE)


_DEPICTED = ("묘사", "장면", "표현", "연출", "노출", "등장", "화면", "모습")  # of what stands before: 피 묘사
_MOST_NAMED = 2  # words that stand before what is missing and qualify it
_IS_SAID_OF = re.compile(
    r"(?:[이가은는을를에고며서로면]|다가|다|게|히)[,]?$|[가-힣]$(?<![가-힣]{2})|(?:샷|뷰|컷|앵글|톤|모션)$"
)
_BEFORE = 14  # letters: "the camera does not move"


@dataclass(frozen=True)
class Exclusions:
    """Places of the words that say what is not wanted.

    Attributes:
        still: the camera shall not move; `silent`: there shall be no music; each with the place that says so.
    """

    spans: tuple[Span, ...]
    still: Span | None
    silent: Span | None


def find_exclusions(text: str, given: list[Span]) -> Exclusions:
    """What `text` does not want; `given`: places that its layout says are of that kind."""
    spans = list(given)
    spans += [match.span() for match in _NEGATIVE_PROMPT.finditer(text)]
    at = 0
    while (match := _ENGLISH.search(text, at)) is not None:
        found = _ENGLISH_END.search(text, match.start() + 8, match.end())
        at = match.end() if found is None else max(found.start(), match.start() + 1)
        undone = NOT_DOING.match(text, match.start(), at)
        at = at if undone is None else undone.end()
        spans.append((match.start(), at))
    spans += [match.span() for pattern in (_LIKE_NONE, _FREE) for match in pattern.finditer(text)]
    spans += [match.span() for match in _CHINESE.finditer(text)]
    for match in _KOREAN.finditer(text):
        before = _since(text, match.start(), "\n.!?,、。")
        first = before + _last_words(text[before : match.start()])
        spans.append((_with_list(text, first), match.end()))
    for match in _JAPANESE.finditer(text):
        before = _since(text, match.start(), "\n。、,.!?")
        first = before + _last_phrase(text[before : match.start()])
        spans.append((_with_list(text, first), match.end()))
    spans += [match.span() for pattern in (_UNDONE, _NOT_SO) for match in pattern.finditer(text)]
    spans = sorted(set(spans))
    still = next((span for span in spans if _CAMERA.search(text, _clause(text, span[0]), span[1])), None)
    still = still or next(
        (span for span in spans if _UNMOVED.fullmatch(text, *span) and _CAMERA.match(text, span[1] + 1)), None
    )
    silent = next((span for span in spans if _MUSIC.search(text, *span)), None)
    return Exclusions(tuple(spans), still, silent)


def _with_list(text: str, begin: int) -> int:
    """Where the list begins whose last name stands at `begin`."""
    first = max(0, begin - 90)
    found = _LISTED.search(text[first:begin])
    return begin if found is None else first + found.start()


def _clause(text: str, begin: int) -> int:
    first = max(0, begin - _BEFORE)
    return max(first, *(text.rfind(stop, first, begin) + 1 for stop in ".,;:。，、；\n"))


def _since(text: str, end: int, stops: str) -> int:
    """Where the clause begins that ends at `end`, at most 60 letters before it."""
    first = max(0, end - 60)
    return max(first, *(text.rfind(stop, first, end) + 1 for stop in stops))


def _last_words(phrase: str) -> int:
    """Where what is missing begins: the last word and those that are joined to it."""
    parts = [match.span() for match in re.finditer(r"[^ ,、]+[,、]?", phrase)]
    if not parts:
        return 0
    first = len(parts) - 1
    if first > 0 and phrase[parts[first][0] :].startswith(_DEPICTED):
        first -= 1
        if first > 0 and phrase[parts[first][0] : parts[first][1]].endswith("는"):
            first -= 1  # 총을 쏘는 장면
    while first > 0 and phrase[parts[first - 1][0] : parts[first - 1][1]].endswith(
        ("과", "와", "이나", "나", "및", "랑", "도", "카메라", "배경")
    ):
        first -= 1
    for _ in range(_MOST_NAMED):  # 관중 소리 없이: all that has no particle
        if first == 0 or _IS_SAID_OF.search(phrase[parts[first - 1][0] : parts[first - 1][1]]) is not None:
            break
        first -= 1
    return parts[first][0]


def _last_phrase(phrase: str) -> int:
    phrase = phrase.rstrip().removesuffix("一切").rstrip("はもがを")
    return max((match.end() for match in re.finditer(r"[はがをにで](?=[^はがをにで]*$)", phrase)), default=0)
