"""One shot of a plan: what its words show, and what is chosen where they say nothing."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from opendance.plan import (
    Camera,
    Choice,
    Move,
    Season,
    Setting,
    Shot,
    Subject,
)  # fmt: skip
from opendance.prompt.casting import names_somebody, read_scene, subjects_of
from opendance.prompt.defaults import hour_for, setting_for
from opendance.prompt.dialogue import detect_language
from opendance.prompt.english_hits import TaggedText, tagged
from opendance.prompt.exclusions import Exclusions
from opendance.prompt.explanations import Explanations
from opendance.prompt.filming import backdrop_of, detail_of, focal_length_of, framings_of, size_of
from opendance.prompt.lexicon import UNKNOWN, Hit, Lexicon
from opendance.prompt.meaning import meanings
from opendance.prompt.nouns import Noun
from opendance.prompt.quantities import Count
from opendance.prompt.reading import Reading
from opendance.prompt.regions import region_of
from opendance.prompt.said_before import note_said_before
from opendance.prompt.said_of import note_qualities
from opendance.prompt.scenes import Scene
from opendance.prompt.seasonal_words import RAINED, weather_told
from opendance.prompt.shots import ShotText
from opendance.prompt.sounds import sounds_of
from opendance.prompt.surroundings import (  # fmt: skip
    LANDSCAPES,
    WAYS,
    explained,
    hour_of,
    is_outside,
    named_setting,
    place_of,
    where_of,
)
from opendance.prompt.unknown import unknown_nouns
from opendance.prompt.word_tables import (  # fmt: skip
    FOCUS,
    LENS,
    MOVE,
    PACE,
    PARTICLES,
    SEASON,
    SETTING,
    SIZE,
    SPEED,
    SUBJECT,
    VIEW,
    WEATHER,
    Speed,
)

_SPEEDS: dict[Speed, float] = {"fast": 1.7, "slow": 0.7}


_STILL: list[Move] = ["static"]


@dataclass(frozen=True)
class KnownWords:
    """What is read of a prompt: all its known words, and where they stand.

    Attributes:
        text: as long as what was read, with blanks for what is not seen.
    """

    reading: Reading
    text: str
    hits: list[Hit]
    begins: list[int]
    counts: list[Count]

    def within(self, spans: Sequence[tuple[int, int]]) -> list[Hit]:
        """The known words that stand in these places, in order."""
        out: list[Hit] = []
        for begin, end in spans:
            out += self.hits[bisect_left(self.begins, begin) : bisect_left(self.begins, end)]
        return out

    def counted(self, spans: Sequence[tuple[int, int]]) -> list[Count]:
        return [count for count in self.counts if any(begin <= count.begin < end for begin, end in spans)]


def own_words(shot: ShotText, reading: Reading) -> str:
    return " ".join(reading.words(*span) for span in shot.spans)


def read_shot(
    words: Lexicon,
    known: KnownWords,
    part: ShotText,
    before: Shot | None,
    first: Shot | None,
    cast: list[Noun],
    explanations: Explanations,
    exclusions: Exclusions,
) -> Shot:
    """One shot; what its words leave open is as in the shot before it, or as a director would choose.

    Args:
        cast: who was named in the shots before; those of this one are added.
    """
    hits = known.within(part.spans)
    own = known.within(part.spans[-1:])
    text = known.text
    language = detect_language(part.text)
    explicit: list[Choice] = []
    moves = explanations.add_all("camera", MOVE, hits)
    if exclusions.still is not None and not moves:
        explanations.add("camera: static", "", "camera", "static", *exclusions.still)
        moves = _STILL
    if moves:
        explicit.append("camera")
    scene = Scene()
    placing: list[Hit] = [] if language == "en" else hits  # those that may say where it is
    for span in part.spans:  # a sentence ends where the words for all shots do
        here = known.within([span])
        within = " " * span[0] + text[span[0] : span[1]] if span[0] < 4000 else text
        unknown: list[Noun] = []
        words_of_text: TaggedText | None = None
        if language == "en":
            words_of_text = tagged(words, text, span, here, known.counts)
            here = words_of_text.hits
            placing += here
        else:
            unknown = _nearest(words, unknown_nouns(text, span, here, known.counts, language), explanations)
        read_here = read_scene(words, within[: span[1]], here, known.counted([span]), language, unknown, cast)
        if language in ("en", "zh"):
            _nearest(words, [noun for noun in read_here.nouns if _has_no_drawing(noun)], explanations)
            note_qualities(text, read_here, words_of_text, explanations)
        else:
            note_said_before(text, read_here, explanations)
        scene.nouns += read_here.nouns
        scene.places += read_here.places
        scene.phrases |= read_here.phrases
        scene.body += read_here.body
        scene.lonely += read_here.lonely
        scene.verbs += read_here.verbs
    subjects = subjects_of(words, scene, hits, explanations)
    cast += [noun for noun in scene.nouns if not noun.worn and not noun.inherited]
    inherited = not subjects and before is not None and _same_people(part.text, scene, own)
    if inherited and before is not None:
        subjects = before.subjects if scene.body or first is None or not _from_afar(hits) else first.subjects
        verb = scene.lonely[0].verb if scene.lonely else None
        if verb is not None and subjects:
            subjects = (replace(subjects[0], action=verb.action, verb=verb.lemma), *subjects[1:])
    elif before is not None and subjects and scene.body and not any(s.role or _lives(words, s) for s in subjects):
        holders = tuple(s for s in before.subjects if _lives(words, s))[:1]
        subjects = (*subjects, *holders)
    size = explanations.choose(SIZE, hits)
    framing = framings_of(text, hits, explanations)
    size = size or size_of(framing)
    detail = detail_of(text, hits, explanations)
    if size is None:
        size = "close_up" if detail or (scene.body and inherited) else "medium" if subjects else "wide"
    speed = explanations.choose(SPEED, hits)
    place = place_of(scene, hits, explanations)
    region = region_of(text, part.spans, explanations)
    names_region = all(
        region.begin <= item.begin and item.end <= region.end for item in scene.places if item.of == place
    )
    if region.place is not None and (place not in words.places or names_region):
        place = region.place
    named = named_setting(placing)
    if place is None and named is None and before is not None:
        place = before.place
    setting: Setting | None = words.setting(place) if place is not None else None
    if place is not None and setting == "room" and is_outside(text, place, scene):
        setting = "street"
    around: list[Setting] = [words.setting(each.of) for each in scene.places if each.of in LANDSCAPES]
    if place in WAYS and around:
        setting = around[0]
    if setting == "mountains" and named == "snow":
        setting = "snow"
    setting = (
        setting
        or explained(named, hits, explanations)
        or (
            before.setting
            if before
            else setting_for(subjects, [n.drawing for n in scene.nouns if n.drawing and not n.worn], known.hits)
        )
    )
    if (hour := hour_of(hits, explanations)) is not None:
        explicit.append("hour")
    else:
        hour = before.hour if before else hour_for(setting, known.hits)
    named_weather = explanations.choose(
        WEATHER,
        weather_told([hit for hit in hits if hit.value(SEASON) is None or hit.value(WEATHER) == "rain"] or hits),
    )
    rained = any(hit.value(RAINED) for hit in hits)
    if before is not None and named_weather is None:
        rained = before.rained
    weather = named_weather or (before.weather if before else "clear")
    if setting == "snow" and named_weather is None and before is None:
        weather = "snow"
    if weather == named_weather:
        explicit.append("weather")
    seasons: tuple[Season, ...] = tuple(dict.fromkeys(explanations.add_all("season", SEASON, hits)))
    particles = tuple(dict.fromkeys(explanations.add_all("particles", PARTICLES, hits)))
    return Shot(
        start=part.start,
        end=part.end,
        text=own_words(part, known.reading),
        setting=setting,
        hour=hour,
        weather=weather,
        size=size,
        camera=_camera(moves, speed),
        subjects=subjects,
        particles=particles or (before.particles if before else ()),
        shallow_focus=explanations.choose(FOCUS, hits) is not None,
        explicit=tuple(explicit),
        place=place,
        season=seasons[0] if seasons else before.season if before else None,
        lens=explanations.choose(LENS, hits),
        focal_length=focal_length_of(text, part.spans, explanations),
        view=explanations.choose(VIEW, hits),
        pace=explanations.choose(PACE, hits) or "normal",
        framing=framing,
        detail=detail,
        backdrop=backdrop_of(text, hits, explanations),
        region=region.words or (before.region if before else ""),
        where=where_of(scene, place, explanations) or (before.where if before and place == before.place else ""),
        sounds=sounds_of(text, part.spans, explanations),
        seasons=seasons or (before.seasons if before else ()),
        rained=rained,
    )


def _main_move(moves: list[Move]) -> Move:
    """The move that the camera makes; it may be handheld as well."""
    definite: list[Move] = [move for move in moves if move not in ("handheld", "roll")]
    for move in definite or moves:
        return move
    return "push_in"


def _camera(moves: list[Move], speed: Speed | None) -> Camera:
    """The camera's first move and those that follow it."""
    main = _main_move(moves)
    then: list[Move] = [move for move in moves if move not in (main, "handheld")]
    return Camera(main, _SPEEDS[speed] if speed is not None else 1.0, "handheld" in moves, tuple(dict.fromkeys(then)))


_PRONOUN = re.compile(
    r"\b(?:it|its|he|she|they|his|her|their|him|them|same)\b|它|他|她|그것|그녀|그는|彼女|それ|彼|同じ|同一",
    re.IGNORECASE,
)


def _nearest(words: Lexicon, unknown: list[Noun], explanations: Explanations) -> list[Noun]:
    """The nouns, those whose meaning is near enough to a known word's with its drawing."""
    for noun in unknown:
        undrawn = noun.drawing is None or _has_no_drawing(noun)
        if undrawn and (near := meanings().nearest(noun.name, SUBJECT)) is not None:
            noun.drawing = words.drawings[near.key]
            noun.name = noun.name if noun.name.isascii() else near.word
            explanations.add(f"nearest: {near.word}, {near.score:.2f}", noun.words)
            explanations.reason("nearest", near.word, noun.begin, noun.end, near.score)
    return unknown


def _has_no_drawing(noun: Noun) -> bool:
    """Whether a noun is a word that nothing is drawn for."""
    drawing = noun.drawing
    return drawing is not None and drawing.key.startswith(UNKNOWN) and drawing.drawing is None and not noun.worn


def _same_people(text: str, scene: Scene, own: list[Hit]) -> bool:
    """Whether a shot that names nobody shows who was seen before: it tells of the camera, of a body, of a verb."""
    if names_somebody(scene):
        return False
    elsewhere = bool(scene.places) or any(hit.value(SETTING) for hit in own)
    return bool(scene.body or scene.lonely) or _PRONOUN.search(text) is not None or not elsewhere


def _from_afar(hits: list[Hit]) -> bool:
    """Whether a shot shows all that there is: from the air, wide, or by drawing back."""
    return any(
        hit.value(VIEW) in ("aerial", "top_down")
        or hit.value(SIZE) in ("wide", "full")
        or hit.value(MOVE) in ("pull_out", "crane_up", "zoom_out")
        for hit in hits
    )


def _lives(words: Lexicon, subject: Subject) -> bool:
    drawing = words.drawings.get(subject.emoji)
    return (
        subject.gender is not None
        or subject.age is not None
        or (drawing is not None and drawing.kind in ("person", "animal", "bird"))
    )
