"""Results made harmless: short, plain facts, without markup, addresses, and whatever speaks to a machine.

What was found is text of strangers. It never tells the service what to do: it decides nothing here, it is cut short,
cleaned, looked at by the content filter, and given to engines in quotation marks as something that was read.
"""

from __future__ import annotations

import html
import re
import unicodedata

from opendance.search.providers import Result

MOST_LETTERS = 240  # of a fact
_MOST_READ = 4000  # letters of a result
_TAGS = re.compile(r"<[^<>]{0,400}>")
_SCRIPTS = re.compile(r"<(script|style|template)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
# Each word is looked at once: a page of a stranger can be nothing but signs.
_ADDRESS = re.compile(
    r"(?:https?://|www\.|data:)\S++|(?<![^\s@])[^\s@]++@[^\s@.]++(?:\.[^\s@.]++)++(?![^\s.])", re.IGNORECASE
)
_QUOTES = re.compile(r"[\"“”„«»「」『』`{}\[\]<>|\\]")
_BEFORE_SIGN = re.compile(r" (?=[.,;:!?])")
_SENTENCE = re.compile(r"[^.!?。！？]+[.!?。！？]*")
# Sentences that speak to whoever reads them: a model, an assistant, a user.
_SPEAKS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|instead|you are|you must|you should|your (?:task|instructions?)"
    r"|instructions?|assistant|prompts?|jailbreak|developer mode|do not (?:follow|mention|tell)|act as|pretend"
    r"|respond with|output|execute|click|subscribe|sign up|log in|password|api[ _-]?key|token"
    r"|image \d|video \d|@image|@video)\b"
    r"|(?:system|user|assistant|human|ai)\s*:"
    r"|忽略|无视|無視|指令|提示词|提示詞|你是|你必须|请输出|系统提示|点击|登录|密码"
    r"|무시하|지시|명령|프롬프트|너는|당신은|출력하|시스템\s*:|클릭|비밀번호|로그인"
    r"|無視して|指示|命令|プロンプト|あなたは|出力して|システム\s*:|クリック|パスワード|ログイン",
    re.IGNORECASE,
)


def fact_of(result: Result) -> str | None:
    """What a result says, in at most `MOST_LETTERS` letters; None where nothing is left."""
    parts = [_plain(part) for part in (result.title, result.text)]
    sentences = [sentence.strip() for part in parts for sentence in _SENTENCE.findall(part)]
    kept = [sentence for sentence in sentences if len(sentence) > 2 and not _SPEAKS.search(sentence)]
    if not kept:
        return None
    text = ""
    for sentence in dict.fromkeys(kept):
        longer = f"{text} {sentence}".strip()
        if len(longer) > MOST_LETTERS:
            break
        text = longer
    return text or kept[0][: MOST_LETTERS - 1].rstrip() + "…"


def _plain(text: str) -> str:
    bare = _TAGS.sub(" ", _SCRIPTS.sub(" ", html.unescape(_TAGS.sub(" ", _SCRIPTS.sub(" ", text[:_MOST_READ])))))
    bare = unicodedata.normalize("NFKC", bare)
    visible = "".join(" " if letter.isspace() else letter for letter in bare if not _is_hidden(letter))
    return _BEFORE_SIGN.sub("", " ".join(_QUOTES.sub(" ", _ADDRESS.sub(" ", visible)).split()))


def _is_hidden(letter: str) -> bool:
    # Invisible letters, and those that turn the direction of text, hide words from readers.
    return unicodedata.category(letter) in ("Cf", "Co", "Cn", "Cs") or (
        unicodedata.category(letter) == "Cc" and not letter.isspace()
    )
