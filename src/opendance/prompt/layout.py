"""Prompts that are laid out: JSON, Markdown, screenplays and labelled lists, read as what they say.

What is layout becomes blanks, letter for letter, so that every place in the text stays where it is.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from opendance.prompt.reading import blanked

Span = tuple[int, int]

_JSON_PART = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s"{}\[\],:]+')
_NEGATIVE = re.compile(
    r"negative|exclu[ds]|avoid|do_?not|dont|without|prohibit|forbid|^no$|^no_|^ng$|负面|反向|禁止|避免|排除|不要|禁忌|除外|不包含|네거티브|제외|금지|ネガティブ|除外|禁止|避け|부정|NG",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"dialog|speech|spoken|voice_?over|narration|^lines?$|says|台词|对白|旁白|대사|セリフ|台詞", re.IGNORECASE
)
_WRITTEN = re.compile(r"caption|subtitle|on_?screen|overlay|^sign$|title_text|字幕|자막|テロップ", re.IGNORECASE)
_SHOTS = re.compile(
    r"^(?:shots?|scenes?|timeline|storyboard|sequence|cuts?|clips?|segments?|镜头|分镜|샷|장면|컷|カット|シーン)$",
    re.IGNORECASE,
)
_SETTINGS = re.compile(r"fps|seed|resolution|ratio|duration|seconds|length|model|version|quality|steps|cfg|^id$|shot_?number|^number$|^time|timestamp", re.IGNORECASE)  # fmt: skip
_MARKS = re.compile(
    r"\*{1,3}|_{2,3}|~~|`{1,3}|(?m:^[ \t]{0,8}(?:#{1,6}|>|[-*+•]|\d{1,2}\.)[ \t]{1,4})|(?m:^[ \t]{0,8}-{3,40}[ \t]{0,8}$)"
)
_LABEL = re.compile(
    r"(?m:^[ \t]{0,8}|(?<=[.;。；\n])[ \t]{0,4})(?:main )?(?:subjects?|characters?|actions?|settings?|scenes?|styles?|cameras?|lighting|light|moods?|audio|sound|"
    r"music|background|environment|location|place|time|lens|composition|colou?rs?|visuals?|prompt|positive prompt|description|"
    r"title|format|clothing|clothes|wardrobe|costume|outfit|props?|weather|duration|palette|pacing|speed|framing|shot|shot type|mood and tone|details?|object|product|who|where|when|what|look|genre|vfx|season|hour|subject action|dialogue style|主体|人物|场景|风格|镜头|动作|光线|灯光|音乐|背景|时间|氛围|主题|画面|服装|服饰|穿着|地点|环境|时长|构图|画质|情绪|色调|音效|声音|表情|姿态|道具|天气|季节|类型|景别|机位|运镜|产品|主角|角色|피사체|배경|장면|스타일|카메라|조명|분위기|음악|동작|"
    r"被写体|背景|スタイル|カメラ|照明|雰囲気|音楽|動き|シーン)[ \t]{0,4}:",
    re.IGNORECASE,
)  # fmt: skip
# An action whose words do not say who does it: whoever was named.
_ACTION_LABEL = re.compile(
    r"(?m:^[ \t]{0,8}|(?<=[.;\n])[ \t]{0,4})(?:main )?(?:actions?|movement|motion|activity)[ \t]{0,4}:(?=[ ](?!an?\b|the\b|two\b|three\b|he\b|she\b|they\b|it\b|his\b|her\b)[a-z]{2,16}(?:s|ing)\b)",
    re.IGNORECASE,
)
_BARE_ACTION = re.compile(
    r"(?!an?\b|the\b|two\b|three\b|he\b|she\b|they\b|it\b|his\b|her\b)[a-z]{2,16}(?:s|ing)\b", re.IGNORECASE
)
_DOES = re.compile(r"action|activity|movement|^does$|motion", re.IGNORECASE)
_SLUG = re.compile(r"(?m)^[ \t]{0,8}(?:\d{1,3}[.)]?[ \t]{1,4})?(?:INT\.?/EXT|EXT\.?/INT|INT|EXT|I/E)[. ]")
_CUE = re.compile(r"(?m)^[ \t]{0,40}([A-Z][A-Z '.-]{1,28})(?:\([A-Z.' ]{1,12}\))?[ \t]{0,8}\n(?=[ \t]{0,40}\S)")
_TRANSITION = re.compile(r"(?m)^[ \t]{0,40}(?:FADE (?:IN|OUT)|DISSOLVE TO|SMASH CUT TO)[:.]?")


@dataclass
class Layout:
    """What is left to read of a text that is laid out, and what its layout says.

    Attributes:
        text: with blanks for the layout.
        excluded, spoken, written: places of what shall not be seen, of what is said, of what is to be read.
        shots: where shots begin, by the layout, with their length, s, where it tells one.
    """

    text: str
    excluded: list[Span] = field(default_factory=list[Span])
    spoken: list[Span] = field(default_factory=list[Span])
    written: list[Span] = field(default_factory=list[Span])
    shots: list[tuple[int, float | None]] = field(default_factory=list[tuple[int, float | None]])


def lay_bare(text: str) -> Layout:
    """What `text` says without its layout."""
    begin, end = text.find("{"), text.rfind("}")
    if begin >= 0 and end > begin and not text[:begin].strip(" \n\t`[").removeprefix("json").strip():
        first = text.find("[") if 0 <= text.find("[") < begin else begin
        last = max(end, text.rfind("]"))
        if _is_json(text[first : last + 1]):
            return _of_json(text, first, last + 1)
    plain = _MARKS.sub(lambda mark: " " * len(mark[0]), text)
    layout = Layout(plain)
    slugs = list(_SLUG.finditer(plain))
    if slugs:
        _read_screenplay(layout, slugs)
    layout.text = _ACTION_LABEL.sub(lambda label: " " * (len(label[0]) - 4) + ". he", layout.text)
    layout.text = _LABEL.sub(lambda label: " " * (len(label[0]) - 1) + ".", layout.text)
    return layout


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def _of_json(text: str, first: int, last: int) -> Layout:
    layout = Layout(blanked(text, [(0, first), (last, len(text))]))
    blanks: list[Span] = []
    stops: list[int] = []
    doers: list[int] = []
    keys: list[str] = [""]  # of the containers that are open; what belongs to the innermost one stands last
    inside: list[str] = []
    for part in _JSON_PART.finditer(layout.text):
        piece = part[0]
        if piece in "{[":
            if piece == "{" and inside[-1:] == ["["] and _SHOTS.search(keys[-1]):
                layout.shots.append((part.start(), None))
            inside.append(piece)
            keys.append(keys[-1])
            stops.append(part.start())
        elif piece in "}]":
            if inside:
                inside.pop()
                keys.pop()
            stops.append(part.start())
        elif piece in ",:":
            stops.append(part.start()) if piece == "," else blanks.append(part.span())
        elif piece.startswith('"') and layout.text[part.end() : part.end() + 8].lstrip().startswith(":"):
            keys[-1] = piece[1:-1]
            blanks.append(part.span())
        elif piece.startswith('"'):
            value = (part.start() + 1, part.end() - 1)
            blanks += [(part.start(), value[0]), (value[1], part.end())]
            path = keys[-1]
            if any(_NEGATIVE.search(key) for key in keys):
                layout.excluded.append(value)
            elif _SPOKEN.search(path):
                layout.spoken.append(value)
            elif _WRITTEN.search(path):
                layout.written.append(value)
            elif _SETTINGS.search(path):
                blanks.append(value)
            elif _DOES.search(path) and _BARE_ACTION.match(layout.text, value[0]) and value[0] >= 4:
                doers.append(value[0] - 3)
        else:
            if "duration" in keys[-1].lower() and layout.shots and _is_number(piece):
                layout.shots[-1] = (layout.shots[-1][0], float(piece))
            blanks.append(part.span())
    bare = blanked(layout.text, blanks).replace("\\n", "  ").replace('\\"', "  ")
    letters = list(bare)
    for stop in stops:
        letters[stop] = "."
    for doer in doers:
        letters[doer : doer + 3] = "he "
    layout.text = "".join(letters)
    if len(layout.shots) < 2:
        layout.shots = []
    return layout


def _is_number(piece: str) -> bool:
    return piece.replace(".", "", 1).isdigit() and len(piece) < 8


def _read_screenplay(layout: Layout, slugs: list[re.Match[str]]) -> None:
    text = layout.text
    blanks = [slug.span() for slug in slugs] + [mark.span() for mark in _TRANSITION.finditer(text)]
    if len(slugs) > 1:
        layout.shots = [(slug.start(), None) for slug in slugs]
    for cue in _CUE.finditer(text):
        if _SLUG.match(text, cue.start()) or cue[1].rstrip(" .:").endswith((" TO", "FADE IN", "FADE OUT")):
            continue
        end = text.find("\n\n", cue.end())
        end = len(text) if end < 0 else end
        begin = cue.end()
        line = text[begin:end].lstrip()
        if line.startswith("(") and ")" in line:
            begin = text.index(")", begin) + 1
        if text[begin:end].strip():
            layout.spoken.append((begin, end))
            blanks += [(cue.start(1), cue.end(1)), (cue.end(), begin)]
    letters = list(blanked(text, blanks))
    for slug in slugs:
        line = text.find("\n", slug.end())
        for at in range(slug.end(), len(text) if line < 0 else line):
            if letters[at] == "-" and letters[at - 1] == " ":
                letters[at] = ","
        if line >= 0:
            letters[line] = "."
    layout.text = "".join(letters)
