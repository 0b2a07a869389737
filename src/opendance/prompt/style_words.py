"""Light, colours and manner as a prompt's own words tell them: "muted colours", "natural light", 像侯孝贤的电影."""

from __future__ import annotations

import re

from opendance.prompt.explanations import Explanations
from opendance.prompt.lexicon import Hit
from opendance.prompt.word_tables import IGNORED, SUBJECT, WEATHER

_MOST = 6  # of a prompt
_NO_LEAD = r"(?!(?:the|a|an|in|on|at|of|with|and|or|to|into|from|for|as|is|are|his|her|its|their|no|over|under|by|through|then|while|when|turns?|that|this|all|one|some)\b)"
_ENGLISH = re.compile(
    rf"(?:(?<=[,.;:\n])|^|\b(?:with|in|under|by)[ ])[ ]?(?P<what>{_NO_LEAD}[a-z-]{{3,14}}[ ](?:{_NO_LEAD}[a-z-]{{2,14}}[ ])?(?:light|lighting|colou?rs|tones?|palette"
    r"|grad(?:e|ing)|textures?|contrast|grain|atmosphere|aesthetic|look|feel|vibe))(?=[ ]?(?:[,.;!\n]|$|and\b|with\b|only\b|throughout\b))"
    r"|\b(?P<manner>(?:in the (?:style|manner) of|inspired by|reminiscent of) [A-Za-z' -]{3,30}?|(?-i:[A-Z][a-z]+ [A-Z][a-z]+)[ -]style)(?=[ ]?(?:[,.;!\n]|$))",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"(?:(?<=[,，。；;、：:\n])|^)(?P<what>[一-鿿]{1,6}(?:光|光线|色调|调|质感|氛围|感|风格|画风|光影|色彩|风)|[像如][一-鿿A-Za-z]{2,8}的(?:电影|风格|画|镜头|作品|画风)(?:那样|一样)?)(?=[,，。；;、\n]|$)"
)
_KOREAN = re.compile(
    r"(?:(?<=[,.、\n])|^)[ ]?(?P<what>[가-힣A-Za-z0-9]{1,8}(?:[ ][가-힣]{1,6})?[ ]?(?:조명|톤|색감|질감|느낌|스타일|감성|분위기|자연광|색조|풍))(?=[ ]?[,.、\n]|$)"
)
_JAPANESE = re.compile(
    r"(?:(?<=[、。,.\n])|^)(?P<what>[一-鿿ぁ-んァ-ヺーA-Za-z0-9]{1,10}(?:調|風|トーン|質感|雰囲気|光|ライティング|照明|色味|タッチ|っぽい|みたいな))(?=[、。,.\n]|$)"
)
_PATTERNS = (_ENGLISH, _CHINESE, _KOREAN, _JAPANESE)
# What ends so and tells no manner.
_NO_MANNERS = re.compile(
    r"日光$|阳光$|月光$|目光$|[东南西北台大狂微寒冷海]风$|强调|first light|(?:red|green|traffic|street) light$|風が|春風|海風|closer look|観光|太陽光"
)


def style_phrases_of(text: str, explanations: Explanations) -> list[str]:
    """Phrases of `text` that tell of its light, its colours or its manner, in their own words."""
    out: list[str] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            group = "what" if match["what"] is not None else "manner"
            words = explanations.words(*match.span(group)).lower()
            if words in out or _NO_MANNERS.search(match[group].lower()):
                continue
            out.append(words)
            explanations.reason("style", words, *match.span(group))
            if len(out) == _MOST:
                return out
    return out


# In the manner of something: テレビ中継風, 电视转播风, 텔레비전 중계풍. Winds have other letters before them.
_MANNER = re.compile(
    r"[ァ-ヺー一-鿿A-Za-z0-9]{1,12}(?<![強微海潮春夏秋冬北南東西寒熱冷山夜川涼清暴台突疾烈松朝夕薫順逆温谷浜節湿凍送扇爽谷黒神])風(?=[のな、。,.・/\s]|だ|[にで](?!揺|飛|吹|乗|舞|煽|踊|あお|そよ|なび|の[りっ]|はため|ざわ|散)|$)"
    r"|(?:(?<=[,，。;；、：:\n])|^)[一-鿿A-Za-z0-9]{2,6}(?<![东南西北台大狂微寒冷海春秋晚清暖凉热龙旋飓暴季山夜江河湖顺逆迎随吹刮屏作强])风(?=[,，。;；、\n]|$)"
    r"|(?<![가-힣])[가-힣A-Za-z0-9]{2,8}(?<![강미태폭돌순북남해열단소병선춘삭훈허역광])풍(?=[의으,.\s]|$)"
)


def without_manners(text: str, hits: list[Hit]) -> list[Hit]:
    """`hits` without the things and winds that only tell in whose manner something is."""
    manners = [match.span() for match in _MANNER.finditer(text)]
    if not manners:
        return hits
    out: list[Hit] = []
    for hit in hits:
        within = any(begin <= hit.start < end for begin, end in manners)
        if within and (hit.value(SUBJECT) is not None or hit.value(WEATHER) is not None):
            meaning = {name: value for name, value in hit.meaning.items() if name not in (SUBJECT.name, WEATHER.name)}
            hit = Hit(hit.start, hit.end, hit.words, meaning or {IGNORED.name: "words"})
        out.append(hit)
    return out
