"""What the camera does, where its name and its verb stand apart: "the camera slowly rises", 镜头先是特写，再缓缓后移."""

from __future__ import annotations

import re

from opendance.plan import Move
from opendance.prompt.lexicon import Hit, lexicon
from opendance.prompt.word_tables import MOVE, SUBJECT, VERB, VIEW

_MOST_MOVES = 12  # of a prompt
_ENGLISH_CAMERA = re.compile(
    r"\b(?:camera|the shot|drone|we|steadicam|gimbal|viewpoint)\b(?P<clause>[^.;!?\n]{1,140})", re.IGNORECASE
)
_ENGLISH_WORDS: tuple[tuple[str, Move], ...] = (
        (r"(?:pull|back|mov|drift|float|track|doll(?:y|i)|retreat|withdraw|eas|glid)(?:s|es|ing|e|ie?s)? (?:slowly |gently |gradually )?(?:back(?:wards?)?|out|away)|retreats?|backs up", "pull_out"),
        (r"(?:push|mov|creep|drift|glid|inch|ease?|doll(?:y|i)|float|edg|travel|clos)(?:s|es|ing|e|ie?s)? (?:slowly |gently |gradually |in )?(?:in|forwards?|closer|toward|towards|up to|into|through)|approaches|closes in", "push_in"),
        (r"(?:circl|orbit|arc|revolv|spiral|swirl|rotat|wheel)(?:es|s|ing|e)?(?: (?:slowly|gently|once))?(?: (?:around|clockwise|counterclockwise|left|right))?|moves around|swings around|goes around", "orbit"),
        (r"(?:ris|lift|climb|ascend|float|soar)(?:es|s|ing|e)?(?: (?:slowly|gently|straight))?(?: up(?:wards?)?)?", "pedestal_up"),
        (r"cran(?:es|ing|e)(?: up)?", "crane_up"),
        (r"(?:lower|descend|sink|drop)(?:s|ing)?(?: down)?", "pedestal_down"),
        (r"tilt(?:s|ing)? (?:slowly )?up|looks up", "tilt_up"),
        (r"tilt(?:s|ing)? (?:slowly )?down|looks down", "tilt_down"),
        (r"pan(?:s|ning)? (?:slowly |gently )?(?:to the )?left", "pan_left"),
        (r"pan(?:s|ning)?(?: (?:slowly|gently))?(?: (?:to the )?right| across| over| to| from| along)?|sweep(?:s|ing)?(?: across| over)?|turns (?:to|toward)", "pan_right"),
        (r"whips?(?: around| pans?)?", "whip_pan"),
        (r"(?:follow|track|trail|chas|accompan|overtak|keep pac)(?:s|es|ing|ies|e)?(?: (?:behind|along|alongside))?|keeps pace|travels (?:with|alongside)|moves (?:with|alongside)", "tracking"),
        (r"(?:slid|truck|mov|drift|glid)(?:s|es|ing|e) (?:slowly )?(?:to the )?left", "truck_left"),
        (r"(?:slid|truck|mov|drift|glid)(?:s|es|ing|e) (?:slowly )?(?:to the )?(?:right|sideways|across|along|past)", "truck_right"),
        (r"zoom(?:s|ing)? (?:slowly )?out", "zoom_out"),
        (r"zoom(?:s|ing)?(?: (?:slowly))?(?: in)?", "zoom_in"),
        (r"(?:stay|remain|hold|stand|sit)(?:s|ing)? (?:perfectly |completely |absolutely )?(?:still|static|fixed|steady|in place|put)|never moves|does not move|holds|(?<=camera )(?:is|was) (?:(?:completely|perfectly|absolutely|totally|entirely) )?(?:fixed|locked(?:[- ](?:off|down))?|static|still(?! [a-z]+ing)|stationary|motionless|immobile|on a tripod)", "static"),
        (r"shakes|wobbles|jitters|is shaky", "handheld"),
)  # fmt: skip
_ENGLISH = tuple((re.compile(rf"\b(?:{words})\b", re.IGNORECASE), move) for words, move in _ENGLISH_WORDS)
_CHINESE_CAMERA = re.compile(
    r"(?:镜头|运镜|摄影机|摄像机|相机|机位|画面|视角|无人机)(?P<clause>[^。.;；!！?？\n]{1,60})"
)
_CHINESE_WORDS: tuple[tuple[str, Move], ...] = (
        (r"后移|后退|拉远|拉开|退后|后拉|往后拉|向后|拉出|拉至全景|退出", "pull_out"),
        (r"前移|推进|推近|推向|前推|靠近|逼近|向前|推到|推至|推入|缓推|慢推|凑近|穿过|穿越|贴近|钻进|飞入|进入", "push_in"),
        (r"环绕|绕着|围绕|绕到|旋转|盘旋|绕行|转半圈|转一圈|围着", "orbit"),
        (r"上升|升起|上移|抬升|升高|升至|拔高|升到", "pedestal_up"),
        (r"上摇|抬起|仰起|向上摇|摇上|仰摇|抬头", "tilt_up"),
        (r"下移|下降|降低|降到|沉下|降至|下沉", "pedestal_down"),
        (r"下摇|下俯|向下摇|低头", "tilt_down"),
        (r"左摇|向左摇|左移", "pan_left"),
        (r"右摇|向右摇|转向|转到|转至|摇向|移向|横摇|扫过|摇到|摇过|摇至|摇移|移到|移至|掠过", "pan_right"),
        (r"横移|平移|侧移|横向移动|右移", "truck_right"),
        (r"跟随|跟着|跟拍|追随|追着|追拍|跟上|尾随", "tracking"),
        (r"甩向|甩到|甩", "whip_pan"),
        (r"拉近", "zoom_in"),
        (r"晃动|摇晃|抖动|颤抖", "handheld"),
        (r"静止|不动|固定|定住", "static"),
)  # fmt: skip
_CHINESE = tuple((re.compile(words), move) for words, move in _CHINESE_WORDS)
_KOREAN_CAMERA = re.compile(r"(?:카메라|드론|앵글|화면|시점)(?:가|는|이|은)(?P<clause>[^.。!?\n]{1,60})")
_KOREAN_WORDS: tuple[tuple[str, Move], ...] = (
        (r"(?:뒤로[ ])?물러나|뒤로[ ]빠|후퇴|멀어", "pull_out"),
        (r"다가가|다가간|밀고[ ]?들어|파고들|접근|전진|통과", "push_in"),
        (r"주위를|주변을|회전|맴돌|빙[ ]?돌|감싸[ ]?돌", "orbit"),
        (r"훑(?:고|으며|어)[ ]?올라|올려다|발에서[ ]얼굴|위를[ ]향", "tilt_up"),
        (r"훑(?:고|으며|어)[ ]?내려|내려다|아래를[ ]향", "tilt_down"),
        (r"상승|떠오르|솟", "pedestal_up"),
        (r"하강|낮아", "pedestal_down"),
        (r"따라|쫓|추격|나란히", "tracking"),
        (r"고정|멈춰|움직이지[ ]않", "static"),
        (r"흔들", "handheld"),
)  # fmt: skip
_JAPANESE_CAMERA = re.compile(r"(?:カメラ|ドローン|視点|画面)[はがを、](?P<clause>[^。.!?！？\n]{1,60})")
_JAPANESE_WORDS: tuple[tuple[str, Move], ...] = (
        (r"引い|後退|後ろへ下が|離れ", "pull_out"),
        (r"寄っ|寄る|近づ|近付|迫|前進|滑り込|潜り|くぐ|抜けて", "push_in"),
        (r"回転|回り|周回|旋回|一周", "orbit"),
        (r"上昇|昇っ|せり上", "pedestal_up"),
        (r"降下|下降", "pedestal_down"),
        (r"見上げ", "tilt_up"),
        (r"見下ろ", "tilt_down"),
        (r"追う|追い|追って|追走|追尾|並走|ついて", "tracking"),
        (r"固定|動かな|止ま", "static"),
        (r"揺れ|ブレ", "handheld"),
)  # fmt: skip
# What is said of the camera without its name.
_ALONE: tuple[tuple[str, Move], ...] = (
        (r"(?:^|(?<=[,.:\n])|(?<=[,.:]\s))고정(?=[ ]?(?:[,.\n]|$))|(?:(?<=[、。,:：\n])|(?<=画で)|(?<=画角で)|(?<=引きの)|(?<=寄りの)|(?<=ワイドの)|(?<=ワイド)|(?<=アングル)|(?<=ショット)|(?<=正面から))固定(?=[、。,\n]|で|$)"
        r"|(?:(?<=앵글 )|(?<=구도 )|(?<=화면 )|(?<=시점 )|(?<=프레임 )|(?<=샷 )|(?<=숏 )|(?<=컷 )|(?<=캠 )|(?<=뷰 )|(?<=와이드 )|(?<=클로즈업 )|(?<=정면 ))고정(?=[ ]?(?:[,.\n]|$|된[ ]|으로|한[ ]채))|(?:카메라|앵글|화면|시점|구도)[를을][ ](?:[가-힣]{1,4}[ ])?고정|고정(?:된|한|형|식)?[ ](?:캠|카메라|샷|숏|컷|앵글|화면|구도|시점|프레임|뷰)(?![가-힣]{3})", "static"),
        (r"돌리[ ]?인|トラックイン|トラック・イン|ドリーで寄", "push_in"),
        (r"돌리[ ]?아웃|トラックアウト|トラックバック|(?:ゆっくり|徐々に|そのまま|一気に)引い(?=て|た)", "pull_out"),
        (r"右[へに](?:ゆっくり)?ドリー|ドリー(?:で)?右|오른쪽으로[ ]돌리", "truck_right"),
        (r"左[へに](?:ゆっくり)?ドリー|ドリー(?:で)?左|왼쪽으로[ ]돌리", "truck_left"),
        (r"(?:추격|추적)하는[ ](?:FPV[ ]|드론[ ])?카메라|뒤(?:에서)?[ ]?쫓는[ ](?:FPV[ ])?카메라"
        r"|(?:뒤(?:쪽)?에서|후방(?:에서)?|옆에서|측면에서|앞에서)[ ](?:바짝[ ])?(?:뒤?따라|쫓|추적|추격|팔로우)[가-힣]{0,4}[ ](?:(?:FPV|드론)[ ])?(?:카메라|캠|샷|숏|드론|앵글|시점|촬영)"
        r"|(?:^|(?<=[,.\n])|(?<=[,.][ ]))(?:뒤에서|후방에서|옆에서)[ ](?:추적|추격|따라가며|쫓아가며|따라가기|쫓아가기)(?=[ ]?(?:[,.\n]|$))"
        r"|(?:^|(?<=[、。,:：\n])|(?<=カメラ[はがで]))(?:後方|後ろ|背後|真後ろ|横|真横|側面|斜め後ろ|斜め前|前方)から(?:ゆっくり)?(?:追走|追う|追い|追って|追尾|追跡|並走)", "tracking"),
        (r"(?<=[,.])[ ]?천천히[ ]회전(?=[ ]?(?:[,.\n]|$))|(?<=[、。])ゆっくり回転(?=[、。\n]|$)", "orbit"),
        (r"발에서[ ](?:얼굴|머리)까지(?:[ ]훑\w*)?|足元から顔(?:へ|まで)", "tilt_up"),
)  # fmt: skip
_KOREAN, _JAPANESE, _NAMELESS = (
    tuple((re.compile(words), move) for words, move in table) for table in (_KOREAN_WORDS, _JAPANESE_WORDS, _ALONE)
)
_WHOLE = re.compile(r"(?P<clause>.+)", re.DOTALL)
_TABLES = (
    (_ENGLISH_CAMERA, _ENGLISH), (_CHINESE_CAMERA, _CHINESE), (_KOREAN_CAMERA, _KOREAN), (_JAPANESE_CAMERA, _JAPANESE),
    (_WHOLE, _NAMELESS),
)  # fmt: skip
# Who else may be said to do what a camera does: "she pulls out a book".
_DONE_TO = re.compile(
    r"[ ](?:a|an|one|two|his|her|its|their|some|the (?!shot|scene|frame|background|wide|city|landscape|full|whole|entire))[ ]?[a-z]*",
    re.IGNORECASE,
)
_FILMING = re.compile(
    r"\b(?:camera|shot|drone|lens|view|frame|we|dolly|steadicam|crane|slow|then|scene)\b[^.;]{0,60}$", re.IGNORECASE
)
_MACHINES = (
    "truck",
    "trucks",
    "crane",
    "cranes",
    "arc",
    "arcs",
    "jib",
    "roll",
    "orbit",
)  # what is seen as well as done
_MOVES_SO = re.compile(
    r"[ ]{0,2}(?:[,.;:\n]|$|(?:shot|left|right|up|down|in|out|around|across|along|over|past|slowly|clockwise|counterclockwise|move|of|the|him|her|them|it)\b)",
    re.IGNORECASE,
)
_ACTED: dict[str, str] = {
    "pulls out": "pull", "pulls back": "pull", "pull out": "pull", "pulling out": "pull", "pushes in": "push", "follows": "follow", "soars": "fly",
    "rises up": "rise", "descends": "descend", "circles around": "circle", "pulls away": "leave",
}  # fmt: skip


def camera_hits(text: str, hits: list[Hit]) -> list[Hit]:
    """`hits` and those for what the camera is said to do in the words behind its name."""
    out: list[Hit] = []
    for camera, table in _TABLES:
        for clause in camera.finditer(text):
            begin, end = clause.span("clause")
            told = [
                (match.start(), match.end(), move)
                for pattern, move in table
                for match in pattern.finditer(text, begin, end)
            ]
            for first, last, move in sorted(told, key=lambda each: (each[0], -each[1])):
                if len(out) < _MOST_MOVES and all(last <= each.start or each.end <= first for each in out):
                    out.append(Hit(first, last, text[first:last], {MOVE.name: move}))
    if not out:
        return hits
    begun = sorted(out, key=lambda hit: hit.start)
    begun = [_with_view(each, hits) for each in begun]
    told = [hit for hit in hits if hit.value(MOVE) is not None or hit.value(VIEW) is not None]
    begun = [each for each in begun if not any(_is_in_the_way(hit, each) for hit in told)]
    free = [hit for hit in hits if not any(each.start < hit.end and hit.start < each.end for each in begun)]
    return sorted([*free, *begun], key=lambda hit: hit.start)


_PANS = ("pan up", "pan down")
_HELD = re.compile(r"\b(?:the|his|her|their|hot|frying|iron|heavy|copper|empty|that|this)[ ]$", re.IGNORECASE)
_BREAD = re.compile(r"[がをはもとや](?![しす]|入れ|かけ)|の(?!動|映|まま|カメラ)")
_ON_IT = re.compile(r"(?:の|テーブル|机|皿|棚)[上下]に(?:ゆっくり)?パン(?![しす])")


def _with_view(move: Hit, hits: list[Hit]) -> Hit:
    """A move with the side from which its own words film: 背後から追う."""
    view = next(
        (hit.value(VIEW) for hit in hits if move.start <= hit.start and hit.end <= move.end and hit.value(VIEW)), None
    )
    return move if view is None else Hit(move.start, move.end, move.words, {**move.meaning, VIEW.name: view})


def _is_in_the_way(known: Hit, move: Hit) -> bool:
    """Whether a known word tells the camera already what `move` would."""
    if known.value(MOVE) is None and move.start <= known.start and known.end <= move.end:
        return False  # the move has its view
    return move.start < known.end and known.start < move.end


def done_by_others(text: str, hits: list[Hit]) -> list[Hit]:
    """`hits`, of which those are deeds that would move the camera if somebody else did not do them: "pulls out a book"."""
    out: list[Hit] = []
    for hit in hits:
        lemma = _ACTED.get(hit.words.lower()) if hit.value(MOVE) is not None else None
        if (
            lemma is not None
            and _DONE_TO.match(text, hit.end)
            and not _FILMING.search(text, max(0, hit.start - 70), hit.start)
        ):
            hit = Hit(hit.start, hit.end, hit.words, {VERB.name: lemma})
        if hit.words.lower() in _MACHINES and hit.value(MOVE) is not None and _MOVES_SO.match(text, hit.end) is None:
            hit = Hit(
                hit.start, hit.end, hit.words, {name: value for name, value in hit.meaning.items() if name != MOVE.name}
            )
        if (
            hit.value(MOVE) is not None
            and hit.words.lower() in _PANS
            and _HELD.search(text, max(0, hit.start - 10), hit.start)
        ):
            hit = Hit(hit.start, hit.start + 3, "pan", {SUBJECT.name: lexicon().named("pan") or "pan"})
        if hit.value(MOVE) is not None and hit.words.endswith("パン") and _is_bread(text, hit):
            hit = Hit(hit.end - 2, hit.end, "パン", lexicon().meaning("パン"))
        if hit.meaning:
            out.append(hit)
    return out


def _is_bread(text: str, hit: Hit) -> bool:
    """Whether what reads as a pan of the camera, as in 上にパン, is eaten: 机の上にパンがある."""
    on_it = _ON_IT.search(text, max(0, hit.start - 4), hit.end + 1)
    return on_it is not None or _BREAD.match(text, hit.end) is not None
