"""From a prompt to a shot plan."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from opendance.asset import Asset
from opendance.catalog import Mode
from opendance.plan import (
    AssetReference,
    AssetUse,
    Camera,
    Choice,
    Dialogue,
    Fact,
    Move,
    Plan,
    Setting,
    Shot,
    Subject,
    Writing,
)  # fmt: skip
from opendance.prompt.casting import names_somebody, read_scene, subjects_of
from opendance.prompt.chinese_words import whole_words
from opendance.prompt.defaults import hour_for, mood_of, ratio_for, setting_for
from opendance.prompt.dialogue import detect_language, find_quoted
from opendance.prompt.english_hits import tagged
from opendance.prompt.excluded_names import excluded_names
from opendance.prompt.exclusions import Exclusions, find_exclusions
from opendance.prompt.explanations import Explanations
from opendance.prompt.layout import lay_bare
from opendance.prompt.lexicon import UNKNOWN, Hit, Lexicon, lexicon
from opendance.prompt.meaning import meanings
from opendance.prompt.measures import ages, focal_lengths, hours, measures, ratio_in
from opendance.prompt.phrases import Noun
from opendance.prompt.pictures import cut_for_settings, ratio_of_assets, with_images
from opendance.prompt.quantities import Count, counts_of
from opendance.prompt.reading import Reading, blanked, read
from opendance.prompt.references import find_references
from opendance.prompt.roles import assign_roles, frame_roles
from opendance.prompt.scenes import Scene
from opendance.prompt.shots import ShotText, split_shots
from opendance.prompt.surroundings import LANDSCAPES, WAYS, explained, hour_of, named_setting, place_of
from opendance.prompt.unknown import unknown_nouns, unused_words
from opendance.prompt.word_tables import (  # fmt: skip
    AGE,
    FOCUS,
    HOUR,
    LENS,
    MOOD,
    MOVE,
    MUSIC,
    PACE,
    PARTICLES,
    RATIO,
    SEASON,
    SETTING,
    SILENT,
    SIZE,
    SPEED,
    STYLE,
    SUBJECT,
    VIEW,
    WEATHER,
    Speed,
)

_SPEEDS: dict[Speed, float] = {"fast": 1.7, "slow": 0.7}
_USUAL_RATIO = "16:9"
_STILL: list[Move] = ["static"]


@dataclass(frozen=True)
class _Words:
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
    reading = read(prompt)
    explanations = Explanations(reading)
    references = find_references(prompt)
    layout = lay_bare(reading.text)
    quoted = find_quoted(layout.text)
    spoken = [each for each in quoted if not each.written]
    aside = [(each.begin, each.end) for each in quoted] + layout.spoken + layout.written
    heard = blanked(layout.text, aside)
    heard = heard if heard.strip(" .,\n") or aside else layout.text
    exclusions = find_exclusions(heard, layout.excluded)
    excluded = excluded_names(words, heard, exclusions.spans, detect_language(prompt), explanations)
    seen = blanked(heard, list(exclusions.spans))
    plain = _without_references(seen, reading, references)
    known = _known_words(words, reading, plain)
    style = explanations.choose(STYLE, known.hits) or "natural"
    shot_texts = split_shots(plain, seconds, layout.shots)
    uses: tuple[AssetUse, ...] = ()
    if mode is Mode.IMAGE:
        uses = frame_roles(assets, seconds)
    elif mode is Mode.REFERENCE:
        uses = assign_roles(prompt, references, assets, _verbatim(shot_texts, reading), seconds)
    for use in uses:
        explanations.add(f"{use.kind} {use.number}: {_purpose(use, seconds)}", use.words)
    shots: list[Shot] = []
    cast: list[Noun] = []
    for part in shot_texts:
        before, first = (shots[-1], shots[0]) if shots else (None, None)
        shots.append(_read_shot(words, known, part, before, first, cast, explanations, exclusions))
    if not any(hit.value(WEATHER) for hit in known.hits):
        shots = _with_weather(words, shots, facts, explanations)
    mood = explanations.choose(MOOD, known.hits) or mood_of(shots[0])
    ratio = aspect_ratio
    if aspect_ratio == "adaptive":
        ratio = _adapted_ratio(words, mode, assets, uses, known.hits, shots[0], explanations, reading.text)
    if mode is Mode.REFERENCE:
        shots = with_images(cut_for_settings(shots, uses), uses, words)
    music, silence = explanations.choose(MUSIC, known.hits), explanations.choose(SILENT, known.hits)
    if exclusions.silent is not None:
        explanations.add("silent: music", "", "music", "none", *exclusions.silent)
    lines = [(_line(reading, span), span[0]) for span in [each.words for each in spoken] + layout.spoken]
    read_by_eye = [each.words for each in quoted if each.written] + layout.written
    signs = [(_line(reading, span), span[0]) for span in read_by_eye]
    for text, begin in lines:
        explanations.reason("dialogue", text[:80], begin, begin + 1)
    return Plan(
        prompt=prompt,
        language=detect_language(prompt),  # PR-02
        seconds=seconds,
        aspect_ratio=ratio,
        style=style,
        mood=mood,
        shots=tuple(shots),
        dialogue=tuple(
            Dialogue(text, detect_language(text), _shot_at(shot_texts, begin).start if len(shot_texts) > 1 else None)
            for text, begin in sorted(lines, key=lambda line: line[1])
            if text
        ),
        music=music,
        silent_music=silence is not None or exclusions.silent is not None,
        references=references,
        assets=uses,
        facts=tuple(facts),
        found=explanations.pairs,
        reasons=explanations.reasons,
        unused=unused_words(reading, plain, known.hits, explanations.used),
        excluded=excluded,
        written=tuple(
            Writing(text, (shot := _shot_at(shot_texts, begin)).start, shot.end) for text, begin in signs if text
        ),
    )


def _line(reading: Reading, span: tuple[int, int]) -> str:
    return " ".join(reading.words(*span).replace("\\n", " ").split())


def _shot_at(shots: Sequence[ShotText], place: int) -> ShotText:
    """The shot in whose words a place of the prompt is, or behind which it stands."""
    before = [shot for shot in shots if shot.spans and shot.spans[-1][0] <= place]
    return max(before, key=lambda shot: shot.spans[-1][0]) if before else shots[0]


def _verbatim(shots: Sequence[ShotText], reading: Reading) -> list[ShotText]:
    """The shots with their words as the prompt has them."""
    return [replace(shot, text=_own_words(shot, reading)) for shot in shots]


def _focal_length(part: ShotText, text: str, explanations: Explanations) -> int | None:
    for begin, end in part.spans:
        for at, stop, millimetres in focal_lengths(text[begin:end]):
            explanations.reason("lens", f"{millimetres} mm", begin + at, begin + stop)
            return millimetres
    return None


def _own_words(shot: ShotText, reading: Reading) -> str:
    return " ".join(reading.words(*span) for span in shot.spans)


def _known_words(words: Lexicon, reading: Reading, plain: str) -> _Words:
    """The known words of `plain`, with what ages and clock times say."""
    hits = words.hits(plain)
    if detect_language(plain) == "zh":
        hits = whole_words(plain, hits)
    told = [Hit(begin, end, plain[begin:end], {AGE.name: age}) for begin, end, age in ages(plain)]
    told += [Hit(begin, end, plain[begin:end], {HOUR.name: hour}) for begin, end, hour in hours(plain)]
    if told:
        free = [hit for hit in hits if not any(each.start < hit.end and hit.start < each.end for each in told)]
        hits = sorted([*free, *told], key=lambda hit: hit.start)
    counts = counts_of(plain, measures(plain))
    counted = [count for count in counts if count.measured and not plain[count.begin].isascii()]
    hits = _outside(hits, [(count.begin, count.end) for count in counted])
    return _Words(reading, plain, hits, [hit.start for hit in hits], counts)


def _outside(hits: list[Hit], spans: list[tuple[int, int]]) -> list[Hit]:
    """The hits that lie in none of the spans, both in order: in 세 개 there is no dog."""
    out: list[Hit] = []
    at = 0
    for hit in hits:
        while at < len(spans) and spans[at][1] <= hit.start:
            at += 1
        if at == len(spans) or hit.end <= spans[at][0] or hit.value(SUBJECT) is None:
            out.append(hit)
    return out


def _adapted_ratio(
    words: Lexicon,
    mode: Mode,
    assets: Sequence[Asset],
    uses: Sequence[AssetUse],
    hits: list[Hit],
    shot: Shot,
    explanations: Explanations,
    text: str,
) -> str:
    """By what was given, else by the words of the prompt, else by what its first shot shows."""
    chosen = ratio_of_assets(mode, assets, uses)
    if chosen is None and (written := ratio_in(text)) is not None:
        ratio, place = written
        explanations.reason("length", ratio, *place)
        explanations.add(f"ratio: {ratio}", text[slice(*place)])
        return ratio
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
    r"background music|sound effects?|first frame|last frame|background(?= (?:is|of|from))|背景音乐|배경\s{0,2}음악|背景音楽",
    re.IGNORECASE,
)


def _without_references(text: str, reading: Reading, references: Sequence[AssetReference]) -> str:
    """The text with blanks where it names assets, so that "video 1" is no thing to be drawn."""
    spans = [
        (bisect_left(reading.origin, reference.begin), bisect_left(reading.origin, reference.end))
        for reference in references
    ]
    out = blanked(text, spans)
    out = _NO_PICTURE.sub(lambda match: " " * len(match[0]), out)
    return out if out.strip() else text


def _read_shot(
    words: Lexicon,
    known: _Words,
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
    for span in part.spans:  # a sentence ends where the words for all shots do
        here = known.within([span])
        within = " " * span[0] + text[span[0] : span[1]] if span[0] < 4000 else text
        unknown: list[Noun] = []
        if language == "en":
            here = tagged(words, text, span, here, known.counts)
        else:
            unknown = _nearest(words, unknown_nouns(text, span, here, known.counts, language), explanations)
        read_here = read_scene(words, within[: span[1]], here, known.counted([span]), language, unknown, cast)
        if language in ("en", "zh"):
            _nearest(words, [noun for noun in read_here.nouns if _has_no_drawing(noun)], explanations)
        scene.nouns += read_here.nouns
        scene.places += read_here.places
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
    if size is None:
        size = "close_up" if scene.body and inherited else "medium" if subjects else "wide"
    speed = explanations.choose(SPEED, hits)
    place = place_of(scene, hits, explanations)
    named = named_setting(hits)
    if place is None and named is None and before is not None:
        place = before.place
    setting: Setting | None = words.setting(place) if place is not None else None
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
    named_weather = explanations.choose(WEATHER, [hit for hit in hits if hit.value(SEASON) is None] or hits)
    weather = named_weather or (before.weather if before else "clear")
    if setting == "snow" and weather == "clear" and before is None:
        weather = "snow"
    if weather == named_weather:
        explicit.append("weather")
    particles = tuple(dict.fromkeys(explanations.add_all("particles", PARTICLES, hits)))
    return Shot(
        start=part.start,
        end=part.end,
        text=_own_words(part, known.reading),
        setting=setting,
        hour=hour,
        weather=weather,
        size=size,
        camera=Camera(_main_move(moves), _SPEEDS[speed] if speed is not None else 1.0, "handheld" in moves),
        subjects=subjects,
        particles=particles or (before.particles if before else ()),
        shallow_focus=explanations.choose(FOCUS, hits) is not None,
        explicit=tuple(explicit),
        place=place,
        season=explanations.choose(SEASON, hits) or (before.season if before else None),
        lens=explanations.choose(LENS, hits),
        focal_length=_focal_length(part, known.text, explanations),
        view=explanations.choose(VIEW, hits),
        pace=explanations.choose(PACE, hits) or "normal",
    )


def _main_move(moves: list[Move]) -> Move:
    """The move that the camera makes; it may be handheld as well."""
    definite: list[Move] = [move for move in moves if move not in ("handheld", "roll")]
    for move in definite or moves:
        return move
    return "push_in"


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
