"""How a prompt wants its film to be made and to look: kinds of film, framings, lenses by their length, what fills the frame."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from opendance.plan import Colour, Lens, ShotSize, Style
from opendance.prompt.body_parts import part_named
from opendance.prompt.explanations import Explanations
from opendance.prompt.lexicon import Hit, Lexicon, lexicon
from opendance.prompt.style_words import style_phrases_of
from opendance.prompt.word_tables import (  # fmt: skip
    COLOUR,
    FRAMING,
    GENRE,
    LENS,
    MOVE,
    PACE,
    PART,
    SIZE,
    SPEED,
    STYLE,
    SUBJECT,
    VIEW,
)

# The style that shows a kind of film, where the words name no style themselves.
_SHOWN: dict[str, Style] = {
    "oil_painting": "watercolor", "illustration": "watercolor", "ink_painting": "watercolor", "watercolor": "watercolor",
    "stop_motion": "anime", "animation": "anime", "anime": "anime", "pixel_art": "anime", "sketch": "sketch",
    "silent_film": "black_and_white", "black_and_white": "black_and_white", "sepia": "vintage", "vhs": "vintage",
    "home_video": "vintage", "film_stock": "vintage", "vintage": "vintage", "thriller": "noir", "cyberpunk": "neon",
    "neon": "neon", "science_fiction": "cinematic", "pastel": "pastel", "cinematic": "cinematic", "trailer": "cinematic",
    "action_film": "cinematic", "western": "cinematic", "period_drama": "cinematic", "commercial": "cinematic",
}  # fmt: skip
_FOCAL = re.compile(
    r"(?<![\d.])(?P<shortest>\d{1,4})(?:[ ]?[-–~][ ]?\d{2,4})?[ ]?(?:mm(?![a-z])|毫米|밀리|ミリ)(?![ ]?(?:film|胶片|菲林|필름|フィルム))",
    re.IGNORECASE,
)
_FILM_GAUGES = (8, 16)  # of film rather than of lenses
_LENS_WORD = re.compile(r"[ ]{0,2}(?:lens|prime|focal|镜头|렌즈|レンズ|定焦|单焦)", re.IGNORECASE)
_SHORTEST, _WIDEST, _USUAL, _LONGEST = 7, 35, 62, 1200  # mm; at most that long: a wide lens, a usual one
# Words that qualify things as well: they tell of the film where no thing follows them.
_ALONE = re.compile(
    r"[ ]{0,2}(?:[,.;:|)\n\"]|$|(?:of|on|from|look|style|feel|vibe|mood|tone|aesthetic|film|video|shot|view|frame|framing|and|composition"
    r"|cinematography|image|colou?rs?|grade|grading|animation|illustration|footage|cinema|take|version|light|lighting|lens)\b)",
    re.IGNORECASE,
)
_QUALIFYING = frozenset(
    (
        "wide", "medium", "vertical", "overhead", "clean", "polished", "elegant", "stylish", "gritty", "glossy", "luxury", "luxurious",
        "premium", "sleek", "loop", "corporate", "retro", "vintage", "grainy", "moody", "bleak", "cozy", "cosy", "abstract", "modern",
        "animated", "illustrated", "realistic", "romance", "interview", "editorial", "noir", "futuristic", "minimal", "vibrant", "absurd",
        "funny", "dreamy", "whimsical", "ethereal", "neon", "pastel", "silhouette", "cartoon", "retro", "surreal", "backlit", "candid",
        "desaturated", "nostalgic", "dissolve", "montage", "symmetry", "zen", "minimalist", "wholesome", "fantasy", "ad", "ads", "grunge",
        "regency", "victorian", "edwardian", "experimental", "psychedelic", "glitch", "symmetrical", "spotlit", "volumetric", "airy",
        "cinematic", "unpolished", "nostalgia", "humorous", "hilarious", "goofy", "educational", "silhouetted", "commercial", "advert",
    )
)  # fmt: skip
_TINGES = re.compile(
    r"[- ]{0,2}(?:[a-z]{1,12}[ ])?(?P<what>neon|glow|light(?:ing|s)?|grad(?:e|ing)|tones?|hues?|tint|shadows|haze|palette|gel|wash)\b"
    r"|(?:色)?(?:的)?(?P<other>霓虹|灯光|光线|光芒|光影|色调|光|조명|불빛|톤|빛|色の光|照明|トーン|ネオン)",
    re.IGNORECASE,
)
_BACKDROP = re.compile(
    r"[- ]{0,2}(?:[a-z]{1,12}[ ]){0,2}(?:background|backdrop|cyclorama|seamless|screen behind)\b|(?:色)?(?:的)?(?:渐变|纯色|磨砂|虚化|哑光|影棚)?(?:的)?背景|[ ]?배경|(?:い|の)?背景",
    re.IGNORECASE,
)
_BACKDROP_BEFORE = re.compile(
    r"(?:背景(?:是|为|全是|一片|用)?|배경은?[ ]?|背景は)$|background (?:is |in )?(?:plain |pure |solid )?$",
    re.IGNORECASE,
)
_LEADS_TO_DETAIL = re.compile(
    r"\b(?:close(?:[- ]?up)?(?: shot)?(?: of| on)?|tight (?:shot )?(?:on|of)|(?:just|only)|details? of|ends? on|ending on|lands on|settles on|focus(?:es|ing)? on|insert of"
    r"|macro (?:shot )?of|shot of|to reveal|cut to)[ ](?:[a-z'-]{1,14}[ ]){0,4}$",
    re.IGNORECASE,
)
_OWNED = re.compile(r"'s?[ ](?:[a-z]{1,14}[ ])?$")
_HEIGHT = re.compile(r"\b(?:at |from )?(?P<of>child|knee|waist|bumper|table|ankle|dog|hip|shoulder|chest|axle|hub|handlebar|counter|head)[- ](?:height|level)\b", re.IGNORECASE)  # fmt: skip
_AFTER = 40  # letters behind the last known word of a shot
_SIZES: dict[str, ShotSize] = {
    "extreme_wide": "wide", "wide": "wide", "medium_wide": "full", "medium": "medium", "two_shot": "medium", "medium_close_up": "medium",
    "close_up": "close_up", "extreme_close_up": "extreme_close_up",
}  # fmt: skip
_NEAR = 14  # letters between a part of a body and the word for a close shot, in languages without blanks


def focal_lengths(text: str) -> list[tuple[int, int, int]]:
    """Where `text` tells the focal length of a lens, and how many mm; the width of a film is none."""
    out: list[tuple[int, int, int]] = []
    for match in _FOCAL.finditer(text):
        length = int(match["shortest"])
        named = _LENS_WORD.match(text, match.end()) is not None
        if _SHORTEST < length <= _LONGEST and (named or length not in _FILM_GAUGES):
            out.append((match.start(), match.end(), length))
    return out


def _lens_of(length: int) -> Lens:
    return "wide_angle" if length <= _WIDEST else "normal" if length <= _USUAL else "telephoto"


def focal_length_of(text: str, spans: Sequence[tuple[int, int]], explanations: Explanations) -> int | None:
    """The focal length that the words of a shot tell, mm."""
    for begin, end in spans:
        for at, stop, length in focal_lengths(text[begin:end]):
            explanations.reason("lens", f"{length} mm", begin + at, begin + stop)
            return length
    return None


def styles_of(text: str, hits: list[Hit], explanations: Explanations) -> tuple[tuple[str, ...], Style | None]:
    """All that the words say of the kind of film, and the style that shows it."""
    told = [hit for hit in hits if hit.value(GENRE) is not None and _tells_of_film(text, hit)]
    genres = explanations.add_all("style", GENRE, told)
    style: Style | None = explanations.choose(STYLE, hits)
    style = style or next((_SHOWN[genre] for genre in genres if genre in _SHOWN), None)
    tinges: list[str] = []
    for hit in hits:
        colour = hit.value(COLOUR)
        tinge = _TINGES.match(text, hit.end) if colour is not None else None
        if tinge is None or _BACKDROP.match(text, hit.end):
            continue
        what = (tinge["what"] or "light").lower()
        tinges.append(f"{colour} {'light' if what.startswith(('light', 'neon', 'glow', 'gel')) else 'tones'}")
        explanations.reason("style", tinges[-1], hit.start, tinge.end())
    named = [*genres, *([style] if style is not None else []), *tinges]
    return tuple(dict.fromkeys([*named, *style_phrases_of(text, explanations)])), style


def framings_of(text: str, hits: list[Hit], explanations: Explanations) -> tuple[str, ...]:
    """What the words of a shot say of its frame, beside its size and its lens."""
    told = [hit for hit in hits if hit.value(FRAMING) is not None and _tells_of_film(text, hit)]
    named = explanations.add_all("framing", FRAMING, told)
    begin, end = (hits[0].start, hits[-1].end + _AFTER) if hits else (0, 0)
    for match in _HEIGHT.finditer(text, begin, end):
        name = f"{match['of'].lower()}_height"
        explanations.add(f"framing: {name}", "", "size", name, *match.span())
        named.append(name)
    return tuple(dict.fromkeys(named))


def size_of(framings: tuple[str, ...]) -> ShotSize | None:
    """The size of a shot that its framings tell."""
    return next((_SIZES[framing] for framing in framings if framing in _SIZES), None)


def backdrop_of(text: str, hits: list[Hit], explanations: Explanations) -> Colour | None:
    """The colour that the words give a plain background."""
    for hit in hits:
        colour = hit.value(COLOUR)
        if colour is None and hit.words.endswith(("背景", "배경")):  # 黑色背景, as one word of a studio
            colour = lexicon().meaning(hit.words[:-2].rstrip("的 ")).get(COLOUR.name)
            if colour is not None:
                explanations.add(f"background: {colour}", "", "colour", colour, hit.start, hit.end)
                return cast("Colour", colour)
        if colour is None:
            continue
        behind = _BACKDROP.match(text, hit.end)
        if behind is not None or _BACKDROP_BEFORE.search(text, max(0, hit.start - 24), hit.start) is not None:
            explanations.add(
                f"background: {colour}", "", "colour", colour, hit.start, behind.end() if behind else hit.end
            )
            return colour
    return None


def detail_of(text: str, hits: list[Hit], explanations: Explanations) -> str:
    """The part of somebody that fills the frame: "close-up of her hands", 手部特写, 손 클로즈업."""
    close = [
        hit
        for hit in hits
        if hit.value(SIZE) in ("close_up", "extreme_close_up") or "close_up" in (hit.value(FRAMING) or "")
    ]
    for hit in close:
        if not hit.words.isascii() and (name := part_named(hit.words)):
            explanations.add(f"framing: {name}", "", "size", name, hit.start, hit.end)
            return name
    for hit in hits:
        if hit.value(PART) is None or hit.value(SUBJECT) is not None:
            continue
        if text[hit.start : hit.start + 1].isascii():
            told = _LEADS_TO_DETAIL.search(text, max(0, hit.start - 60), hit.start) is not None
            told = told or (bool(close) and _OWNED.search(text, max(0, hit.start - 20), hit.start) is not None)
        else:
            told = any(_is_near(text, hit, each) for each in close)
        name = part_named(hit.words) if told else ""
        if name:
            explanations.add(f"framing: {name}", "", "size", name, hit.start, hit.end)
            return name
    return ""


def _is_near(text: str, hit: Hit, close: Hit) -> bool:
    between = text[hit.end : close.start] if hit.end <= close.start else text[close.end : hit.start]
    return len(between) <= _NEAR and not any(stop in between for stop in "。.；;\n")


def _tells_of_film(text: str, hit: Hit) -> bool:
    """Whether a word tells of the film rather than of the thing that it stands before."""
    return hit.words.lower() not in _QUALIFYING or _ALONE.match(text, hit.end) is not None


def with_lenses(text: str, hits: list[Hit]) -> list[Hit]:
    """`hits` and those for the lengths of lenses."""
    named = [hit for hit in hits if hit.value(LENS) is not None]
    told = [
        Hit(begin, end, text[begin:end], {LENS.name: _lens_of(length)})
        for begin, end, length in focal_lengths(text)
        if not any(hit.start <= begin and end < hit.end for hit in named)
    ]
    if not told:
        return hits
    free = [hit for hit in hits if not any(each.start < hit.end and hit.start < each.end for each in told)]
    return sorted([*free, *told], key=lambda hit: hit.start)


_PARTED = re.compile(
    r"[ァ-ヺー]{2,}(?:[ ・][ァ-ヺー]{2,}){1,2}|(?<![가-힣])(?=(?P<ko>[가-힣]{1,6}[ ][가-힣]{1,6}(?![가-힣])))"
)
_KOREAN_PARTICLE = re.compile(r"(?:으로|로|에서|은|는|이|가|을|를|의)$")
_OF_CAMERAS = (MOVE.name, SIZE.name, FRAMING.name, LENS.name, VIEW.name, PACE.name, SPEED.name)


def parted_hits(words: Lexicon, text: str) -> list[Hit]:
    """Words of cameras that `text` writes with blanks within: ラック フォーカス, 고정 캠."""
    out: list[Hit] = []
    for match in _PARTED.finditer(text):
        begin, end = match.span("ko") if match["ko"] else match.span()
        parts = [(begin + part.start(), begin + part.end()) for part in re.finditer(r"[^ ・]+", text[begin:end])]
        first = 0
        while first < len(parts) - 1:
            for last in range(len(parts) - 1, first, -1):
                joined = "".join(text[slice(*part)] for part in parts[first : last + 1])
                whole = _KOREAN_PARTICLE.sub("", joined) if match["ko"] and not words.meaning(joined) else joined
                meaning = {name: value for name, value in words.meaning(whole).items() if name in _OF_CAMERAS}
                if meaning:
                    stop = parts[last][1] - (len(joined) - len(whole))
                    out.append(Hit(parts[first][0], stop, text[parts[first][0] : stop], meaning))
                    first = last
                    break
            first += 1
    return out
