"""The English names of those parts of a body that a picture may show by themselves."""

from __future__ import annotations

_PARTS: dict[str, tuple[str, ...]] = {
    "hands": ("hand", "palm", "fist", "手", "손"), "fingers": ("finger", "指", "손가락"), "eyes": ("eye", "眼", "瞳", "目", "눈"), "face": ("face", "脸", "顔", "얼굴"),
    "feet": ("foot", "feet", "脚", "足", "발"), "mouth": ("mouth", "lip", "嘴", "唇", "口", "입"), "hair": ("hair", "发", "髪", "머리카락"), "arms": ("arm", "elbow", "wrist", "臂", "腕", "팔"), "paws": ("paw", "爪", "발톱"),
    "ears": ("ear ", "ears", "耳", "귀"), "legs": ("leg", "腿", "다리"), "shoulders": ("shoulder", "肩", "어깨"), "back": ("背", "등"), "neck": ("neck", "首", "脖", "목"),
    "wings": ("wing", "翅", "翼", "날개"), "tail": ("tail", "尾", "꼬리"), "nose": ("nose", "鼻", "코"),
}  # fmt: skip


# What somebody's body has that is seen at a glance: told of its person even by its bare name.
_DETAILS = frozenset(
    (
        "mustache", "moustache", "beard", "goatee", "stubble", "sideburn", "sideburns", "whisker", "whiskers", "braid", "braids", "plait", "ponytail",
        "pigtail", "pigtails", "dreadlock", "dreadlocks", "mohawk", "afro", "curls", "freckle", "freckles", "tattoo", "tattoos", "scar", "scars",
        "wrinkle", "wrinkles", "dimple", "dimples", "birthmark", "mole", "fang", "fangs", "hairdo", "bangs", "eyebrow", "eyebrows", "eyelashes",
    )
)  # fmt: skip


def is_detail(word: str) -> bool:
    """Whether an English word in small letters names a detail of a body: "beard", "freckles"."""
    return word in _DETAILS


def part_named(words: str) -> str:
    """The English name of a part of a body; empty for one that no frame shows by itself."""
    word = words.lower()
    return next((name for name, stems in _PARTS.items() if any(stem in word for stem in stems)), "")
