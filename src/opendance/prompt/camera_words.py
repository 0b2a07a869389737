"""What the camera does, where its name and its verb stand apart: "the camera slowly rises", 镜头先是特写，再缓缓后移."""

from __future__ import annotations

import re

from opendance.plan import Move
from opendance.prompt.lexicon import Hit
from opendance.prompt.word_tables import MOVE, VERB, VIEW

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
        (r"(?:stay|remain|hold|stand|sit)(?:s|ing)? (?:perfectly |completely |absolutely )?(?:still|static|fixed|steady|in place|put)|never moves|does not move|holds", "static"),
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
# Who else may be said to do what a camera does: "she pulls out a book".
_DONE_TO = re.compile(
    r"[ ](?:a|an|one|two|his|her|its|their|some|the (?!shot|scene|frame|background|wide|city|landscape|full|whole|entire))[ ]?[a-z]*",
    re.IGNORECASE,
)
_FILMING = re.compile(
    r"\b(?:camera|shot|drone|lens|view|frame|we|dolly|steadicam|crane|slow|then|scene)\b[^.;]{0,60}$", re.IGNORECASE
)
_ACTED: dict[str, str] = {
    "pulls out": "pull", "pulls back": "pull", "pull out": "pull", "pulling out": "pull", "pushes in": "push", "follows": "follow", "soars": "fly",
    "rises up": "rise", "descends": "descend", "circles around": "circle", "pulls away": "leave",
}  # fmt: skip


def camera_hits(text: str, hits: list[Hit]) -> list[Hit]:
    """`hits` and those for what the camera is said to do in the words behind its name."""
    out: list[Hit] = []
    for camera, table in ((_ENGLISH_CAMERA, _ENGLISH), (_CHINESE_CAMERA, _CHINESE)):
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
    told = [hit for hit in hits if hit.value(MOVE) is not None or hit.value(VIEW) is not None]
    begun = [each for each in begun if not any(each.start < hit.end and hit.start < each.end for hit in told)]
    free = [hit for hit in hits if not any(each.start < hit.end and hit.start < each.end for each in begun)]
    return sorted([*free, *begun], key=lambda hit: hit.start)


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
        out.append(hit)
    return out
