"""From a prompt to a shot plan."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from opendance.asset import Asset
from opendance.catalog import Mode
from opendance.plan import (
    AssetReference,
    AssetUse,
    Dialogue,
    Fact,
    Plan,
    Shot,
    Writing,
)  # fmt: skip
from opendance.prompt.camera_words import camera_hits, done_by_others
from opendance.prompt.chinese_words import whole_words
from opendance.prompt.defaults import mood_of, ratio_for
from opendance.prompt.dialogue import detect_language, find_quoted
from opendance.prompt.english_names import people_named
from opendance.prompt.excluded_names import excluded_names
from opendance.prompt.exclusions import find_exclusions
from opendance.prompt.explanations import Explanations
from opendance.prompt.filming import parted_hits, styles_of, with_lenses
from opendance.prompt.glossing import GLOSS, glossed
from opendance.prompt.layout import lay_bare
from opendance.prompt.lexicon import Hit, Lexicon, lexicon
from opendance.prompt.measures import ages, hours, measures, ratio_in
from opendance.prompt.named_people import spoken_lines, without_names
from opendance.prompt.nouns import Noun
from opendance.prompt.pictures import cut_for_settings, ratio_of_assets, with_images
from opendance.prompt.quantities import counts_of
from opendance.prompt.reading import Reading, blanked, read
from opendance.prompt.references import find_references
from opendance.prompt.roles import assign_roles, frame_roles
from opendance.prompt.screenplay_names import introduced
from opendance.prompt.seasonal_words import seasonal_hits
from opendance.prompt.shot_reading import KnownWords, own_words, read_shot
from opendance.prompt.shots import ShotText, split_shots
from opendance.prompt.sounds import only_heard
from opendance.prompt.speakers import manners_of, speaker_of
from opendance.prompt.style_words import without_manners
from opendance.prompt.unknown import unused_words
from opendance.prompt.word_tables import (  # fmt: skip
    AGE,
    HOUR,
    MOOD,
    MUSIC,
    RATIO,
    SILENT,
    SUBJECT,
    WEATHER,
)

_USUAL_RATIO = "16:9"
_SAME = 1e-3  # s


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
    layout.spoken += spoken_lines(layout.text)
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
    for hit in known.hits:
        if gloss := hit.meaning.get(GLOSS):
            explanations.add(f"glossed: {gloss}", hit.words)
    styles, style = styles_of(plain, known.hits, explanations)
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
        shots.append(read_shot(words, known, part, before, first, cast, explanations, exclusions))
    if not any(hit.value(WEATHER) for hit in known.hits):
        shots = _with_weather(words, shots, facts, explanations)
    mood = explanations.choose(MOOD, known.hits) or mood_of(shots[0])
    ratio = aspect_ratio
    if aspect_ratio == "adaptive":
        ratio = _adapted_ratio(words, mode, assets, uses, known.hits, shots[0], explanations, reading.text)
    if mode is Mode.REFERENCE:
        shots = with_images(cut_for_settings(shots, uses), uses, words)
    music, silence = explanations.choose(MUSIC, known.hits), explanations.choose(SILENT, known.hits)
    hushed = exclusions.silent or (only_heard(plain) if music is None else None)
    if hushed is not None:
        explanations.add("silent: music", "", "music", "none", *hushed)
    marks = [(each.words, (each.begin, each.end)) for each in spoken] + [(span, span) for span in layout.spoken]
    lines = [(_line(reading, words), words[0], place) for words, place in marks]
    read_by_eye = [each.words for each in quoted if each.written] + layout.written
    signs = [(_line(reading, span), span[0]) for span in read_by_eye]
    for text, begin, _ in lines:
        explanations.reason("dialogue", text[:80], begin, begin + 1)
    beside = blanked(reading.text, aside)
    return Plan(
        prompt=prompt,
        language=detect_language(prompt),  # PR-02
        seconds=seconds,
        aspect_ratio=ratio,
        style=style or "natural",
        styles=styles,
        mood=mood,
        shots=tuple(shots),
        dialogue=tuple(
            _dialogue(text, place, beside, shot_texts, shots)
            for text, _, place in sorted(lines, key=lambda line: line[1])
            if text
        ),
        music=music,
        silent_music=silence is not None or hushed is not None,
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


def _dialogue(text: str, place: tuple[int, int], beside: str, parts: Sequence[ShotText], shots: list[Shot]) -> Dialogue:
    """What is said at a place of the prompt, by whom and how; `beside` is the prompt without what is quoted."""
    part = _shot_at(parts, place[0])
    subjects = next((shot.subjects for shot in shots if abs(shot.start - part.start) < _SAME), shots[0].subjects)
    begins = min((begin for begin, _ in part.spans), default=0)
    return Dialogue(
        text,
        detect_language(text),
        part.start if len(parts) > 1 else None,
        speaker_of(beside, place, subjects, begins),
        manners_of(beside, place),
    )


def _shot_at(shots: Sequence[ShotText], place: int) -> ShotText:
    """The shot in whose words a place of the prompt is, or behind which it stands."""
    before = [shot for shot in shots if shot.spans and shot.spans[-1][0] <= place]
    return max(before, key=lambda shot: shot.spans[-1][0]) if before else shots[0]


def _verbatim(shots: Sequence[ShotText], reading: Reading) -> list[ShotText]:
    """The shots with their words as the prompt has them."""
    return [replace(shot, text=own_words(shot, reading)) for shot in shots]


def _known_words(words: Lexicon, reading: Reading, plain: str) -> KnownWords:
    """The known words of `plain`, with what ages and clock times say."""
    hits = words.hits(plain)
    language = detect_language(plain)
    if language == "zh":
        hits = whole_words(plain, hits)
    hits = without_names(words, plain, glossed(words, plain, hits, language), language)
    told = [Hit(begin, end, plain[begin:end], {AGE.name: age}) for begin, end, age in ages(plain)]
    told += [Hit(begin, end, plain[begin:end], {HOUR.name: hour}) for begin, end, hour in hours(plain)]
    told += seasonal_hits(plain) + parted_hits(words, plain)
    told += introduced(words, plain)
    if language == "en":
        told += people_named(words, plain, sorted([*hits, *told], key=lambda hit: hit.start))
    if told:
        free = [hit for hit in hits if not any(each.start < hit.end and hit.start < each.end for each in told)]
        hits = sorted([*free, *told], key=lambda hit: hit.start)
    hits = done_by_others(plain, camera_hits(plain, with_lenses(plain, without_manners(plain, hits))))
    counts = counts_of(plain, measures(plain))
    counted = [count for count in counts if count.measured and not plain[count.begin : count.end].isascii()]
    hits = _outside(hits, [(count.begin, count.end) for count in counted])
    return KnownWords(reading, plain, hits, [hit.start for hit in hits], counts)


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
    act = f": {use.act}{f' to {use.colour}' if use.colour else ''}" if use.act else ""
    return f"{use.role}{act}{target}{', backwards' if use.backwards else ''}{when}"


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
