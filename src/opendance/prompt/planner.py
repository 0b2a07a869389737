"""From a prompt to a shot plan."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import cast, get_args

from opendance.asset import Asset
from opendance.catalog import Mode
from opendance.plan import (
    Action,
    AssetReference,
    AssetUse,
    Camera,
    Dialogue,
    Fact,
    Hour,
    Language,
    Mood,
    Move,
    Plan,
    Setting,
    Shot,
    ShotSize,
    Style,
    Subject,
    Weather,
)
from opendance.prompt.lexicon import Hit, Lexicon, lexicon
from opendance.prompt.pictures import MAX_SUBJECTS, cut_for_settings, ratio_of_assets, with_images
from opendance.prompt.references import find_references
from opendance.prompt.roles import assign_roles, frame_roles
from opendance.prompt.shots import ShotText, split_shots

_QUOTED = re.compile(r"[\"“「『«]([^\"”」』»]{1,400})[\"”」』»]")
# Quoted words that are to be read, not heard.
_WRITTEN = re.compile(
    r"(?:sign|text|title|titled|logo|caption|called|named|reads|written"
    r"|写着|标题|字幕|名为|라고 적힌|제목|문구|と書かれた|タイトル)\W*$",
    re.IGNORECASE,
)
_NUMBER_WORDS = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "several": 4,
    "many": 7,
    "few": 3,
    "flock of": 7,
    "herd of": 6,
    "school of": 8,
    "pair of": 2,
    "couple of": 2,
    "dozens of": 9,
    "hundreds of": 12,
    "group of": 5,
    "两只": 2,
    "两个": 2,
    "三只": 3,
    "三个": 3,
    "几只": 4,
    "一群": 7,
    "许多": 8,
    "成群的": 8,
    "无数": 12,
    "두 마리": 2,
    "세 마리": 3,
    "여러": 5,
    "수많은": 12,
    "무리": 6,
    "떼": 8,
    "두 명": 2,
    "세 명": 3,
    "二匹": 2,
    "三匹": 3,
    "2匹": 2,
    "3匹": 3,
    "たくさんの": 8,
    "群れ": 7,
    "無数の": 12,
    "二人": 2,
    "三人": 3,
}
_COUNTED = re.compile("|".join(map(re.escape, sorted(_NUMBER_WORDS, key=len, reverse=True))) + r"|(?<!\d)\d{1,2}(?!\d)")
_SENTENCE = re.compile(r"[.!?;。！？；\n]")


def detect_language(text: str) -> Language:
    """The language that most of `text` is written in, told by its script."""
    counts = Counter(
        "ko" if "가" <= c <= "힣" else "ja" if "぀" <= c <= "ヿ" else "zh" if "一" <= c <= "鿿" else "en"
        for c in text
        if c.isalpha()
    )
    if counts["ja"] and counts["ja"] * 6 >= counts["zh"]:
        return "ja"
    if counts["ko"] and counts["ko"] * 4 >= counts["en"]:
        return "ko"
    return "zh" if counts["zh"] * 4 >= counts["en"] and counts["zh"] else "en"


def plan_prompt(
    prompt: str,
    *,
    seconds: float,
    aspect_ratio: str,
    mode: Mode = Mode.TEXT,
    assets: Sequence[Asset] = (),
    facts: Sequence[Fact] = (),
) -> Plan:
    """What `prompt` asks for.

    Args:
        seconds: length of the clip, s.
        aspect_ratio: a ratio of the catalogue, or `adaptive`, which chooses one: image-to-video by the first frame,
            reference-to-video by a video, else an image, else as text-to-video does, by the prompt.
        assets: what was given, in the order of its arrays.
        facts: what was found on the web: they tell what the prompt leaves open.
    """
    words = lexicon()
    references = find_references(prompt)
    spoken, silent_text = _take_dialogue(prompt)
    plain_text = _without_references(silent_text, references)
    hits = words.hits(plain_text)
    found: list[tuple[str, str]] = []
    style = cast(Style, _first(hits, "style", found) or "natural")
    shot_texts = split_shots(silent_text, seconds)
    plain_shots = shot_texts if plain_text == silent_text else split_shots(plain_text, seconds)
    uses: tuple[AssetUse, ...] = ()
    if mode is Mode.IMAGE:
        uses = frame_roles(assets, seconds)
    elif mode is Mode.REFERENCE:
        uses = assign_roles(prompt, references, assets, shot_texts, seconds)
    found += [(f"{use.kind} {use.number}: {_told(use, seconds)}", use.words) for use in uses]
    shots: list[Shot] = []
    for part in plain_shots:
        shots += [_read_shot(words, part, shots[-1] if shots else None, hits, found)]
    if not any(hit.value("weather") for hit in hits):
        shots = _with_weather(words, shots, facts, found)
    mood = cast(Mood, _first(hits, "mood", found) or _mood_of(shots[0]))
    ratio = aspect_ratio
    if aspect_ratio == "adaptive":
        ratio = ratio_of_assets(mode, assets, uses, found) or _choose_ratio(hits, shots[0], found)
    if mode is Mode.REFERENCE:
        shots = with_images(cut_for_settings(shots, uses), uses, words)
    return Plan(
        prompt=prompt,
        language=detect_language(prompt),
        seconds=seconds,
        aspect_ratio=ratio,
        style=style,
        mood=mood,
        shots=tuple(shots),
        dialogue=spoken,
        music=_first(hits, "music", found),
        silent_music=_first(hits, "silent", found) is not None,
        references=references,
        assets=uses,
        facts=tuple(facts),
        found=tuple(dict.fromkeys(found)),
    )


def _with_weather(words: Lexicon, shots: list[Shot], facts: Sequence[Fact], found: list[tuple[str, str]]) -> list[Shot]:
    """The shots in the weather that the web tells."""
    for fact in facts:
        if fact.topic == "weather":
            for hit in words.hits(fact.text):
                if (value := hit.value("weather")) is not None:
                    found.append((f"weather: {value}, from the web", hit.words))
                    return [replace(shot, weather=cast(Weather, value)) for shot in shots]
    return shots


def _told(use: AssetUse, seconds: float) -> str:
    when = "" if (use.start, use.end) == (0.0, seconds) else f", {use.start:g}-{use.end:g} s"
    target = f" ({use.target})" if use.target else ""
    return f"{use.role}{target}{', backwards' if use.backwards else ''}{when}"


# Words that stand for an asset's part, not for something to be seen.
_NO_PICTURE = re.compile(
    r"background music|sound effects?|first frame|last frame|background(?= (?:is|of|from))|背景音乐|배경\s*음악|背景音楽",
    re.IGNORECASE,
)


def _without_references(text: str, references: Sequence[AssetReference]) -> str:
    """The text with blanks where it names assets, so that "video 1" is no thing to be drawn."""
    letters = list(text)
    for reference in references:
        letters[reference.begin : reference.end] = " " * (reference.end - reference.begin)
    out = "".join(letters)
    out = _NO_PICTURE.sub(lambda match: " " * len(match[0]), out)
    return out if out.strip() else text


def _first(hits: list[Hit], category: str, found: list[tuple[str, str]]) -> str | None:
    for hit in hits:
        if (value := hit.value(category)) is not None:
            found.append((f"{category}: {value}", hit.words))
            return value
    return None


def _take_dialogue(prompt: str) -> tuple[tuple[Dialogue, ...], str]:
    """The quoted words to be spoken, and the prompt without them."""
    spoken: list[Dialogue] = []

    def take(match: re.Match[str]) -> str:
        before = prompt[max(0, match.start() - 24) : match.start()]
        if _WRITTEN.search(before):
            return " " * len(match[0])
        text = match[1].strip()
        if text:
            spoken.append(Dialogue(text, detect_language(text)))
        return " " * len(match[0])

    rest = _QUOTED.sub(take, prompt)
    return tuple(spoken), rest if rest.strip() else prompt


def _read_shot(
    words: Lexicon, part: ShotText, before: Shot | None, all_hits: list[Hit], found: list[tuple[str, str]]
) -> Shot:
    hits = words.hits(part.text)
    moves: list[Move] = [cast(Move, value) for hit in hits if (value := hit.value("move")) is not None]
    found += [(f"camera: {hit.value('move')}", hit.words) for hit in hits if hit.value("move")]
    subjects = _subjects(words, part.text, hits, found)
    size = cast("ShotSize | None", _first(hits, "size", found))
    if size is None:
        size = "medium" if subjects else "wide"
    main: Move | None = next((move for move in moves if move != "handheld"), None)
    handheld = "handheld" in moves
    if main is None:
        main = "handheld" if handheld else ("time_lapse" if "time_lapse" in moves else "push_in")
    speed = {"fast": 1.7, "slow": 0.7}.get(_first(hits, "speed", found) or "", 1.0)
    setting = cast("Setting | None", _first(_places(hits), "setting", found)) or (
        before.setting if before else _setting_for(subjects, hits, all_hits)
    )
    hour = cast("Hour | None", _hour(hits, found)) or (before.hour if before else _hour_for(setting, all_hits))
    weather = cast("Weather | None", _first(hits, "weather", found)) or (before.weather if before else "clear")
    if setting == "snow" and weather == "clear":
        weather = "snow" if before is None else weather
    particles = tuple(dict.fromkeys(v for hit in hits if (v := hit.value("particles")) is not None))
    found += [(f"particles: {hit.value('particles')}", hit.words) for hit in hits if hit.value("particles")]
    return Shot(
        start=part.start,
        end=part.end,
        text=part.text,
        setting=setting,
        hour=hour,
        weather=weather,
        size=size,
        camera=Camera(move=main, speed=speed, handheld=handheld),
        subjects=subjects or (before.subjects if before and _continues(part.text) else ()),
        particles=particles or (before.particles if before else ()),
        shallow_focus=_first(hits, "focus", found) is not None,
    )


_PRONOUN = re.compile(
    r"\b(?:it|its|he|she|they|his|her|their|him|them)\b|它|他|她|그것|그녀|그는|彼女|それ|彼", re.IGNORECASE
)


def _places(hits: list[Hit]) -> list[Hit]:
    """The hits, but for "city" where "street" is named too: a city street is a street."""
    streets = any(hit.value("setting") == "street" for hit in hits)
    return [hit for hit in hits if not (streets and hit.value("setting") == "city")]


def _continues(text: str) -> bool:
    return _PRONOUN.search(text) is not None


def _hour(hits: list[Hit], found: list[tuple[str, str]]) -> str | None:
    # "night city at dawn": the most definite word wins over "day" and "bright".
    hours = [(value, hit.words) for hit in hits if (value := hit.value("hour")) is not None]
    definite = [pair for pair in hours if pair[0] != "day"] or hours
    if not definite:
        return None
    found.append((f"hour: {definite[0][0]}", definite[0][1]))
    return definite[0][0]


def _subjects(words: Lexicon, text: str, hits: list[Hit], found: list[tuple[str, str]]) -> tuple[Subject, ...]:
    clauses = [0, *(match.end() for match in _SENTENCE.finditer(text)), len(text) + 1]
    subjects: list[Subject] = []
    begins = [hit.start for hit in hits]
    for begin, end in pairwise(clauses):
        clause = hits[bisect_left(begins, begin) : bisect_left(begins, end)]
        if not clause:
            continue
        subjects += _subjects_of_clause(words, text, begin, clause, found)
    merged: dict[str, Subject] = {}
    for subject in subjects:
        known = merged.get(subject.emoji)
        if known is None or (known.action == "idle" and subject.action != "idle"):
            merged[subject.emoji] = subject
    return tuple(list(merged.values())[:MAX_SUBJECTS])


_OWN_ACTION: dict[str, Action] = {
    "bird": "fly", "fish": "swim", "boat": "sail", "vehicle": "drive", "rocket": "rise", "balloon": "float",
    "planet": "spin",
}  # fmt: skip
# Drawings of people that do what they do better than a standing figure does.
_POSES: dict[Action, str] = {"run": "🏃", "swim": "🏊", "sail": "🚣"}
_PLAIN_PEOPLE = {"👩", "👨", "👧", "👦", "🧑"}


def _subjects_of_clause(
    words: Lexicon, text: str, begin: int, hits: list[Hit], found: list[tuple[str, str]]
) -> list[Subject]:
    named = [hit for hit in hits if hit.value("subject") is not None and hit.value("setting") is None]
    actions: list[tuple[Hit, Action]] = [
        (hit, cast(Action, value)) for hit in hits if (value := hit.value("action")) is not None
    ]
    instruments = [hit for hit in named if words.drawings[hit.value("subject") or ""].kind == "instrument"]
    playing = any(action == "play_instrument" for _, action in actions) and (
        bool(instruments) or any(hit.value("music") for hit in hits)
    )
    performers = [hit for hit in named if hit not in instruments]
    if not playing or not performers:
        performers, instruments = named, []
    subjects: list[Subject] = []
    taken: set[int] = set()
    for hit in performers:
        drawing = words.drawings[hit.value("subject") or ""]
        action: Action = "idle"
        # The action that stands next after the subject; in languages where the verb comes last this holds as well.
        after: list[tuple[Hit, Action]] = [(h, a) for h, a in actions if h.start >= hit.end and h.start not in taken]
        ahead: list[tuple[Hit, Action]] = [(h, a) for h, a in actions if h.end <= hit.start and h.start not in taken]
        near = after[:1] if drawing.kind not in ("plant", "building") or after else []
        if not near and ahead and hit is performers[0]:
            near = ahead[-1:]
        if near:
            verb, action = near[0]
            taken.add(verb.start)
            if action == "play_instrument" and not playing:
                action = "jump"
        elif subjects and subjects[-1].action in ("run", "walk", "fly", "swim", "dance") and _joined(text, hit):
            action = subjects[-1].action
        if action == "idle":
            action = _OWN_ACTION.get(drawing.kind, "idle")
        char = drawing.emoji
        if char in _PLAIN_PEOPLE and action in _POSES:
            char = _POSES[action]
        if char == "👩" and action == "dance":
            char = "💃"
        count = _count(text, begin, hit)
        instrument = None
        if action == "play_instrument":
            instrument = (instruments[0].value("subject") if instruments else None) or "🎹"
        found.append((f"subject: {char} {drawing.name}, {action}", hit.words))
        face = drawing.face if char == drawing.emoji else None
        subjects.append(Subject(char, drawing.name, hit.words, count, action, instrument, face))
    return subjects


_JOINED = re.compile(r"(?:\band|\bwith|和|与|、|와|과|と)\s{0,20}+(?:(?:an?|the|two|his|her)\s{0,20}+)?$")
_NEAR = 40  # letters before a word that can join it to another


def _joined(text: str, hit: Hit) -> bool:
    return _JOINED.search(text[max(0, hit.start - _NEAR) : hit.start]) is not None


def _count(text: str, begin: int, hit: Hit) -> int:
    before = text[max(begin, hit.start - 18) : hit.start].lower()
    matches = list(_COUNTED.finditer(before))
    after = re.match(r"\s*(\S{1,4}\s?\S{0,2})", text[hit.end : hit.end + 8])
    if after:
        for word in ("두 마리", "세 마리", "무리", "떼", "들이", "たち", "群れ"):
            if after[1].removeprefix("の").startswith(word):
                return _NUMBER_WORDS.get(word, 3)
    if matches and len(before) - matches[-1].end() <= 12:
        token = matches[-1][0]
        number = _NUMBER_WORDS.get(token) or int(token)
        return max(1, min(12, number))
    plural = hit.words.endswith("s") and hit.words.isascii() and not hit.words.endswith("ss")
    return 4 if plural and hit.words not in ("drums", "roses", "bus", "octopus", "flowers", "sneakers") else 1


def _setting_for(subjects: tuple[Subject, ...], hits: list[Hit], all_hits: list[Hit]) -> Setting:
    """Where a director would put it when the prompt does not say."""
    for hit in all_hits:
        if (value := hit.value("setting")) is not None:
            return cast(Setting, value)
    kinds = {lexicon().drawings[s.emoji].kind for s in subjects if s.emoji in lexicon().drawings}
    actions = {s.action for s in subjects}
    if "play_instrument" in actions:
        return "room"
    if "swim" in actions or "fish" in kinds:
        return "underwater"
    if "boat" in kinds:
        return "sea"
    if {"rocket", "planet"} & kinds or any(s.emoji in ("🧑‍🚀", "👽", "🛸") for s in subjects):
        return "space"
    if "vehicle" in kinds:
        return "street"
    if {"bird", "balloon"} & kinds or "fly" in actions:
        return "sky"
    if "dance" in actions:
        return "stage"
    if "animal" in kinds:
        return "field"
    if "plant" in kinds:
        return "garden"
    if "thing" in kinds or "instrument" in kinds:
        return "studio"
    if "person" in kinds:
        return "street"
    return "mountains" if not any(hit.value("weather") for hit in hits) else "field"


def _hour_for(setting: Setting, all_hits: list[Hit]) -> Hour:
    for hit in all_hits:
        if hit.value("style") in ("noir", "neon") or hit.value("music") == "moonlight_sonata":
            return "night"
        if hit.value("weather") == "storm":
            return "dusk"
    defaults: dict[str, Hour] = {
        "stage": "night",
        "space": "night",
        "city": "golden",
        "room": "golden",
        "sea": "golden",
    }
    return defaults.get(setting, "day")


def _mood_of(shot: Shot) -> Mood:
    if shot.weather == "storm":
        return "tense"
    if shot.setting == "space":
        return "mysterious"
    if shot.weather in ("rain", "fog"):
        return "melancholic"
    if any(subject.action in ("dance", "jump") for subject in shot.subjects):
        return "joyful"
    if any(subject.action in ("run", "drive") for subject in shot.subjects):
        return "playful"
    return "calm" if shot.hour != "golden" else "romantic"


def _choose_ratio(hits: list[Hit], shot: Shot, found: list[tuple[str, str]]) -> str:
    """The ratio that the prompt asks for in words, or the one that its picture wants."""
    if (named := _first(hits, "ratio", found)) is not None:
        return named
    tall = {"🚀", "🏃", "💃", "🚶", "🌳", "🦒", "🗼"}
    if len(shot.subjects) == 1 and shot.subjects[0].emoji in tall and shot.size in ("full", "medium"):
        found.append(("ratio: 3:4", "one tall subject"))
        return "3:4"
    if not shot.subjects and shot.size == "wide":
        found.append(("ratio: 21:9", "a landscape without subjects"))
        return "21:9"
    if shot.setting == "studio" and shot.size in ("close_up", "extreme_close_up"):
        found.append(("ratio: 1:1", "a product close to the camera"))
        return "1:1"
    return "16:9"


assert set(_OWN_ACTION.values()) <= set(get_args(Action))
