"""From a prompt to a shot plan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from opendance.asset import Asset
from opendance.catalog import Mode
from opendance.plan import AssetReference, AssetUse, Camera, Choice, Fact, Hour, Move, Plan, Shot
from opendance.prompt.casting import subjects_of
from opendance.prompt.defaults import hour_for, mood_of, ratio_for, setting_for
from opendance.prompt.dialogue import detect_language, take_dialogue
from opendance.prompt.explanations import Explanations
from opendance.prompt.lexicon import (
    FOCUS,
    HOUR,
    MOOD,
    MOVE,
    MUSIC,
    PARTICLES,
    RATIO,
    SETTING,
    SILENT,
    SIZE,
    SPEED,
    STYLE,
    WEATHER,
    Hit,
    Lexicon,
    Speed,
    lexicon,
)
from opendance.prompt.pictures import cut_for_settings, ratio_of_assets, with_images
from opendance.prompt.references import find_references
from opendance.prompt.roles import assign_roles, frame_roles
from opendance.prompt.shots import ShotText, split_shots

_SPEEDS: dict[Speed, float] = {"fast": 1.7, "slow": 0.7}
_USUAL_RATIO = "16:9"


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
    explanations = Explanations()
    references = find_references(prompt)
    dialogue, silent_text = take_dialogue(prompt)
    plain_text = _without_references(silent_text, references)
    hits = words.hits(plain_text)
    style = explanations.choose(STYLE, hits) or "natural"
    shot_texts = split_shots(silent_text, seconds)
    plain_shots = shot_texts if plain_text == silent_text else split_shots(plain_text, seconds)
    uses: tuple[AssetUse, ...] = ()
    if mode is Mode.IMAGE:
        uses = frame_roles(assets, seconds)
    elif mode is Mode.REFERENCE:
        uses = assign_roles(prompt, references, assets, shot_texts, seconds)
    for use in uses:
        explanations.add(f"{use.kind} {use.number}: {_purpose(use, seconds)}", use.words)
    shots: list[Shot] = []
    for part in plain_shots:
        shots += [_read_shot(words, part, shots[-1] if shots else None, hits, explanations)]
    if not any(hit.value(WEATHER) for hit in hits):
        shots = _with_weather(words, shots, facts, explanations)
    mood = explanations.choose(MOOD, hits) or mood_of(shots[0])
    ratio = aspect_ratio
    if aspect_ratio == "adaptive":
        ratio = _adapted_ratio(words, mode, assets, uses, hits, shots[0], explanations)
    if mode is Mode.REFERENCE:
        shots = with_images(cut_for_settings(shots, uses), uses, words)
    music, silence = explanations.choose(MUSIC, hits), explanations.choose(SILENT, hits)
    return Plan(
        prompt=prompt,
        language=detect_language(prompt),  # PR-02
        seconds=seconds,
        aspect_ratio=ratio,
        style=style,
        mood=mood,
        shots=tuple(shots),
        dialogue=dialogue,
        music=music,
        silent_music=silence is not None,
        references=references,
        assets=uses,
        facts=tuple(facts),
        found=explanations.pairs,
    )


def _adapted_ratio(
    words: Lexicon,
    mode: Mode,
    assets: Sequence[Asset],
    uses: Sequence[AssetUse],
    hits: list[Hit],
    shot: Shot,
    explanations: Explanations,
) -> str:
    """By what was given, else by the words of the prompt, else by what its first shot shows."""
    chosen = ratio_of_assets(mode, assets, uses)
    if chosen is None and (named := explanations.choose(RATIO, hits)) is not None:
        return named
    chosen = chosen or ratio_for(words, shot)
    if chosen is None:
        return _USUAL_RATIO
    ratio, reason = chosen
    explanations.add(f"ratio: {ratio}", reason)
    return ratio


def _with_weather(words: Lexicon, shots: list[Shot], facts: Sequence[Fact], explanations: Explanations) -> list[Shot]:
    """The shots in the weather that the web tells."""
    for fact in facts:
        if fact.topic == "weather":
            for hit in words.hits(fact.text):
                if (weather := hit.value(WEATHER)) is not None:
                    explanations.add(f"weather: {weather}, from the web", hit.words)
                    return [replace(shot, weather=weather) for shot in shots]
    return shots


def _purpose(use: AssetUse, seconds: float) -> str:
    """What an asset is for, when and in place of what, for people."""
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


def _read_shot(
    words: Lexicon, part: ShotText, before: Shot | None, all_hits: list[Hit], explanations: Explanations
) -> Shot:
    """One shot; what its words leave open is as in the shot before it, or as a director would choose."""
    hits = words.hits(part.text)
    explicit: list[Choice] = []
    moves = explanations.add_all("camera", MOVE, hits)
    if moves:
        explicit.append("camera")
    subjects = subjects_of(words, part.text, hits, explanations)
    size = explanations.choose(SIZE, hits) or ("medium" if subjects else "wide")
    speed = explanations.choose(SPEED, hits)
    setting = explanations.choose(SETTING, _places(hits)) or (
        before.setting if before else setting_for(words, subjects, hits, all_hits)
    )
    if (hour := _hour(hits, explanations)) is not None:
        explicit.append("hour")
    else:
        hour = before.hour if before else hour_for(setting, all_hits)
    named_weather = explanations.choose(WEATHER, hits)
    weather = named_weather or (before.weather if before else "clear")
    if setting == "snow" and weather == "clear" and before is None:
        weather = "snow"
    if weather == named_weather:
        explicit.append("weather")
    particles = tuple(dict.fromkeys(explanations.add_all("particles", PARTICLES, hits)))
    return Shot(
        start=part.start,
        end=part.end,
        text=part.text,
        setting=setting,
        hour=hour,
        weather=weather,
        size=size,
        camera=Camera(_main_move(moves), _SPEEDS[speed] if speed is not None else 1.0, "handheld" in moves),
        subjects=subjects or (before.subjects if before and _continues(part.text) else ()),
        particles=particles or (before.particles if before else ()),
        shallow_focus=explanations.choose(FOCUS, hits) is not None,
        explicit=tuple(explicit),
    )


def _main_move(moves: list[Move]) -> Move:
    """The move that the camera makes; it may be handheld as well."""
    for move in moves:
        if move != "handheld":
            return move
    return "handheld" if moves else "push_in"


_PRONOUN = re.compile(
    r"\b(?:it|its|he|she|they|his|her|their|him|them)\b|它|他|她|그것|그녀|그는|彼女|それ|彼", re.IGNORECASE
)


def _places(hits: list[Hit]) -> list[Hit]:
    """The hits, but for "city" where "street" is named too: a city street is a street."""
    streets = any(hit.value(SETTING) == "street" for hit in hits)
    return [hit for hit in hits if not (streets and hit.value(SETTING) == "city")]


def _continues(text: str) -> bool:
    return _PRONOUN.search(text) is not None


def _hour(hits: list[Hit], explanations: Explanations) -> Hour | None:
    # "night city at dawn": the most definite word wins over "day" and "bright".
    definite = [hit for hit in hits if hit.value(HOUR) not in (None, "day")]
    return explanations.choose(HOUR, definite or hits)
