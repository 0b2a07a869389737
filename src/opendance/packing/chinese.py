"""The table of Chinese words, made of jieba's dictionary; what its columns mean is said in `prompt/chinese_words.py`."""

from __future__ import annotations

_LONGEST, _LONGEST_NAME = 4, 3
# By jieba's part of speech: the letter that stands for it here. Names of firms are left out.
_PARTS = {
    "n": "n", "ng": "n", "v": "v", "vn": "v", "vg": "v", "vi": "v", "vq": "v", "a": "a", "ad": "a", "an": "a", "ag": "a",
    "b": "a", "z": "a", "d": "d", "df": "d", "dg": "d", "i": "i", "l": "i", "t": "t", "tg": "t", "s": "s", "f": "f",
    "m": "m", "mq": "m", "q": "q", "r": "r", "p": "p", "c": "c", "u": "u", "uj": "u", "ul": "u", "uz": "u", "ug": "u",
    "ud": "u", "uv": "u", "y": "u", "e": "u", "o": "x", "zg": "x", "g": "x",
    "nz": "n", "nr": "h", "nrt": "h", "nrfg": "h", "ns": "w",
}  # fmt: skip
_FEWEST = {"n": 4, "v": 4, "i": 20, "h": 10, "w": 10}  # times that a word was counted, of those that are kept
_FEWEST_OF_OTHERS = 20


def table_of(dictionary: str) -> list[str]:
    """The table's lines, of `dict.txt` as jieba 0.42.1 has it."""
    by_part: dict[str, dict[int, list[str]]] = {}
    for line in dictionary.splitlines():
        word, count, part = line.split()
        letter = _PARTS.get(part)
        if (
            letter is None
            or len(word) > _LONGEST
            or (len(word) == 1 and letter in "hw")
            or not all("一" <= each <= "鿿" for each in word)
        ):
            continue
        if part[:2] in ("nr", "ns", "nz") and (len(word) > _LONGEST_NAME or word[-1] in "中里上下内外前后旁边"):
            continue
        if letter == "r" and len(word) > 1 and word[0] in "本此该":
            continue  # 一本书 is a book, not 本书
        if len(word) > 1 and int(count) < _FEWEST.get(letter, _FEWEST_OF_OTHERS):
            continue
        by_part.setdefault(letter, {}).setdefault(int(count).bit_length(), []).append(word)
    return [
        f"{letter}{weight} {length} {''.join(words)}"
        for letter, weights in sorted(by_part.items())
        for weight, all_words in sorted(weights.items())
        for length in range(1, _LONGEST + 1)
        if (words := sorted(word for word in all_words if len(word) == length))
    ]
