"""Results brought into a small form: short, plain sentences on what was asked for, without markup and addresses.

What was found is text of strangers. It never tells the service what to do: it decides nothing here, it is cut short,
cleaned, looked at by the content filter, and given to engines in quotation marks as something that was read. No list of
words finds every sentence that is meant to command an engine; so what is kept must first of all be about the question.
"""

from __future__ import annotations

import html
import re
import unicodedata

from opendance.search.need import Query, is_about
from opendance.search.providers import Result

MOST_LETTERS = 240  # of a fact
_MOST_READ = 4000  # letters of a result
# Tags that stand within words: what is around them is one word to whoever reads the page.
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|cite|code|em|font|i|ins|del|kbd|mark|q|s|small|span|strong|sub|sup|u|wbr)\b[^<>]{0,400}>",
    re.IGNORECASE,
)
_TAGS = re.compile(r"<[^<>]{0,400}>")
_SCRIPTS = re.compile(r"<(script|style|template)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
# Each word is looked at once: a page of a stranger can be nothing but signs.
_ADDRESS = re.compile(
    r"(?:https?://|www\.|data:)\S++|(?<![^\s@])[^\s@]++@[^\s@.]++(?:\.[^\s@.]++)++(?![^\s.])", re.IGNORECASE
)
_QUOTES = re.compile(r"[\"“”„«»「」『』`{}\[\]<>|\\]")
# Words of letters that look like each other, of several alphabets.
_MIXED = re.compile(r"[a-z][\u0370-\u052f]|[\u0370-\u052f][a-z]", re.IGNORECASE)
_BEFORE_SIGN = re.compile(r" (?=[.,;:!?])")
_SENTENCE = re.compile(r"[^.!?。！？]+[.!?。！？]*")
# Sentences that speak to whoever reads them: a model, an assistant, a user; or of the film that is to be made.
_SPEAKS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|instead|you are|you must|you should|your (?:task|instructions?)"
    r"|instructions?|assistant|prompts?|jailbreak|developer mode|do not (?:follow|mention|tell)|act as|pretend"
    r"|respond with|output|execute|click|subscribe|sign up|log in|password|api[ _-]?key|token"
    r"|image \d|video \d|@image|@video"
    r"|from now on|scenes?|shots?|footage|logos?|slogans?|watermarks?|subtitles?|captions?|camera|foreground|background"
    r"|depict(?:s|ed)?|render(?:s|ed)?|generate[sd]?|visuals?|on[ -]screen|every frame)\b"
    r"|(?:system|user|assistant|human|ai)\s*:"
    r"|忽略|无视|無視|指令|提示词|提示詞|你是|你必须|请输出|系统提示|点击|登录|密码|画面|镜头|场景|标志|从现在起|字幕|水印"
    r"|무시하|지시|명령|프롬프트|너는|당신은|출력하|시스템\s*:|클릭|비밀번호|로그인|화면|장면|로고|지금부터|자막"
    r"|無視して|指示|命令|プロンプト|あなたは|出力して|システム\s*:|クリック|パスワード|ログイン|画面|シーン|ロゴ|これから|字幕",
    re.IGNORECASE,
)


def fact_of(result: Result, query: Query) -> str | None:
    """What a result says of what was asked for, in at most `MOST_LETTERS` letters; None where nothing is left."""
    parts = [_plain(part) for part in (result.title, result.text)]
    sentences = [sentence.strip() for part in parts for sentence in _SENTENCE.findall(part)]
    kept = [sentence for sentence in sentences if len(sentence) > 2 and _is_fact(sentence, query)]
    if not kept:
        return None
    text = ""
    for sentence in dict.fromkeys(kept):
        longer = f"{text} {sentence}".strip()
        if len(longer) > MOST_LETTERS:
            break
        text = longer
    return text or kept[0][: MOST_LETTERS - 1].rstrip() + "…"


def _is_fact(sentence: str, query: Query) -> bool:
    bare = "".join(_without_accent(letter) for letter in sentence)
    return not _SPEAKS.search(bare) and not _MIXED.search(bare) and is_about(bare, query)


def _without_accent(letter: str) -> str:
    """A Latin letter without what stands on it; marks that stand alone vanish. Others stay: が is no か."""
    if unicodedata.category(letter) == "Mn":
        return ""
    base = unicodedata.normalize("NFKD", letter)[0]
    return base if base.isascii() and base.isalpha() else letter


def _plain(text: str) -> str:
    bare = _without_markup(html.unescape(_without_markup(text[:_MOST_READ])))  # it may be written as text
    bare = unicodedata.normalize("NFKC", bare)
    visible = "".join(" " if letter.isspace() else letter for letter in bare if not _is_hidden(letter))
    return _BEFORE_SIGN.sub("", " ".join(_QUOTES.sub(" ", _ADDRESS.sub(" ", visible)).split()))


def _without_markup(text: str) -> str:
    return _TAGS.sub(" ", _INLINE.sub("", _SCRIPTS.sub(" ", text)))


def _is_hidden(letter: str) -> bool:
    # Invisible letters, and those that turn the direction of text, hide words from readers.
    return unicodedata.category(letter) in ("Cf", "Co", "Cn", "Cs") or (
        unicodedata.category(letter) == "Cc" and not letter.isspace()
    )
