"""What a prompt wants to be heard, in its own words: "roar of the furnace", 蝉鸣, 빗소리, 波の音."""

from __future__ import annotations

import re
from collections.abc import Sequence

from opendance.prompt.explanations import Explanations

_MOST = 6  # sounds of a shot
_BEHIND = 30  # letters behind "only the sound" that may say of what
_HEARD = (
    "sounds?|noise|roar|hum|buzz|crackle|crackling|rustle|rustling|tick|ticking|chirp|chirping|murmur|murmuring|hiss|hissing|howl|howling|rumble"
    "|rumbling|clatter|clink|clinking|jingle|jingling|chatter|chattering|whistle|splash|splashing|thud|patter|creak|creaking|growl|purr|crash"
    "|hush|drone|whir|whirring|clang|clanging|squeak|sizzle|sizzling|whisper|whispers|applause|cheering|laughter|birdsong|footsteps|heartbeat"
    "|thunder|toll|peal|screech|squeal|gurgle|trickle|drip|dripping|flutter|whoosh|beeping|ringing|echo|echoes|ambience|song|cry|calls?"
)
_OF = re.compile(
    rf"\b(?:(?:[a-z]+ )?(?:{_HEARD})) of (?:the |an? |his |her |its |their )?[a-z'-]+(?: [a-z'-]+)?(?=[ ]?(?:[,.;:!\n]|$|and\b|as\b|while\b|over\b|in\b|on\b|from\b))",
    re.IGNORECASE,
)
_OWN = re.compile(
    rf"(?:(?<=[,.;:\n])|^|\b(?:only|just|faint|distant|soft|a|an|the|with)[ ])[ ]?(?P<what>(?:[a-z'-]+ ){{1,3}}(?:{_HEARD}))(?=[ ]?(?:[,.;!\n]|$|and\b|only\b|in the distance|over\b))",
    re.IGNORECASE,
)
_ALONE = re.compile(
    r"\b(?:birdsong|footsteps|thunder|applause|laughter|cheering|ambient sound|room tone)(?=[ ]?(?:[,.;!\n]|$|and\b|only\b))",
    re.IGNORECASE,
)
_CHINESE = re.compile(
    r"(?:(?<=[,，。；;、：:\n])|^|只有|只听见|传来|伴随着?|听到)(?P<what>(?:远处|隐约的?|轻微的?|微弱的?)?[一-鿿]{1,8}?(?:声(?:[一-鿿]{2})?|鸣(?:叫)?|轰鸣|呼啸|作响|的声音|音效|环境音))(?=[,，。；;、\n]|$)"
)
_KOREAN = re.compile(
    r"(?<![가-힣])(?P<what>(?:[가-힣]{1,6}[ ]){0,2}[가-힣]{0,5}(?:소리|음향|엔진음|현장음|환경음|효과음|발소리))"
)
_JAPANESE = re.compile(
    r"(?P<what>[一-鿿ぁ-んァ-ヺー]{1,8}?(?:の音|の声|の鳴き声|の轟音|の響き|音|の効果音|環境音))(?=だけ|のみ|が|、|。|,|\n|$|と)"
)
_PATTERNS = (_OF, _OWN, _ALONE, _CHINESE, _KOREAN, _JAPANESE)
_SILENT = re.compile(r"(?:^|\b)(?:no|without|zero)\b|无声|静音|무음|無音|발음|録音|発音|観音|声援", re.IGNORECASE)
_MUSICAL = re.compile(r"theme song|love song|pop song", re.IGNORECASE)

# That nothing else is heard: no music either.
_ONLY = re.compile(
    rf"(?<!not )\b(?:only|just|nothing but|solely) (?:the |a |an |his |her |its |their )?(?:[a-z'-]+ ){{0,2}}(?:{_HEARD}|breathing|audio)\b(?! (?:cue|man|woman|boy|girl|person))"
    r"|\b(?:natural|ambient|diegetic|environmental|location|live|room|on-set|nature) (?:sounds?|audio|ambience|noise|tone) only\b|\bthe only (?:sounds?|noise|audio)\b"
    r"|\b(?:we|you|one) (?:can )?(?:only hear|hear only)\b|(?<!not )\bonly (?:[a-z'-]+ ){1,4}(?:is|are|can be) (?:heard|audible)\b"
    r"|[一-鿿ぁ-んァ-ヺー]{0,10}(?:音|声|せせらぎ|さえずり|響き|息遣い)(?:だけ|のみ)(?!で(?:は|も)?な|じゃな|でなく)|(?:聞こえるのは|音は)[^。、,\n]{1,14}?(?:だけ|のみ)(?!で(?:は|も)?な|じゃな)"
    r"|(?<!不)(?:只有|仅有|仅|只(?:能)?听(?:见|到|得见)|只保留|只留下?|唯有|只剩下?)[一-鿿、]{0,10}?(?:声音?|音效|环境音|现场音|自然音|鸣叫|轰鸣|呼吸)"
    r"|(?:[가-힣]{1,6}[ ]?){0,2}(?:소리|(?:현장|환경|효과|자연|생활|주변)음)만(?![가-힣]|[ ]?아니)",
    re.IGNORECASE,
)
_OF_MUSIC = re.compile(
    r"music|song|piano|guitar|violin|cello|drum|melod|score|sing|band|jazz|orchestra|flute|harp|音楽|曲|歌|ピアノ|ギター|バイオリン|太鼓|三味線|琴|笛|鼓|音乐|乐|唱|琴声|吉他|음악|노래|피아노|기타|바이올린|북소리|연주",
    re.IGNORECASE,
)


def only_heard(text: str) -> tuple[int, int] | None:
    """Where `text` says that only some sound is heard which is no music: 波の音だけ, "only the sound of rain"."""
    for match in _ONLY.finditer(text):
        stop = min(len(text), match.end() + _BEHIND)
        clause = re.match(r"[^.,;!\n。，、]*", text[match.end() : stop])
        if not _OF_MUSIC.search(match[0] + (clause[0] if clause else "")):
            return match.span()
    return None


def sounds_of(text: str, spans: Sequence[tuple[int, int]], explanations: Explanations) -> tuple[str, ...]:
    """What the words in `spans` want to be heard beside speech and music, at most six."""
    out: dict[str, None] = {}
    taken: list[tuple[int, int]] = []
    for begin, end in spans:
        for pattern in _PATTERNS:
            for match in pattern.finditer(text, begin, end):
                first, last = match.span("what") if "what" in pattern.groupindex else match.span()
                if any(first < stop and start < last for start, stop in taken):
                    continue
                if _SILENT.search(match[0]) or _MUSICAL.search(match[0]):
                    continue
                taken.append((first, last))
                out[explanations.words(first, last)] = None
                explanations.reason("sound", text[first:last], first, last)
                if len(out) == _MOST:
                    return tuple(out)
    return tuple(out)
