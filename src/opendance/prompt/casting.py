"""Who and what is seen in a shot: from its sentences to the plan's subjects."""

from __future__ import annotations

from collections.abc import Sequence

from opendance.plan import Action, Deed, Language, Relation, Subject
from opendance.prompt.explanations import Explanations
from opendance.prompt.lexicon import Hit, Lexicon
from opendance.prompt.nouns import Item, Noun
from opendance.prompt.phrases import items_of
from opendance.prompt.qualifying import qualify_unknown
from opendance.prompt.quantities import Count
from opendance.prompt.scenes import Scene
from opendance.prompt.sentences import understand
from opendance.prompt.word_tables import MUSIC, Drawing

# What subjects do when the prompt says nothing of it.
_OWN_ACTION: dict[str, Action] = {
    "bird": "fly", "fish": "swim", "boat": "sail", "vehicle": "drive", "rocket": "rise", "balloon": "float",
    "planet": "spin",
}  # fmt: skip
_PEOPLE_BY_LOOK: dict[tuple[str | None, str | None], str] = {
    ("female", "child"): "👧", ("female", "teen"): "👧", ("female", "elderly"): "👵", ("female", "adult"): "👩", ("female", None): "👩",
    ("male", "child"): "👦", ("male", "teen"): "👦", ("male", "elderly"): "👴", ("male", "adult"): "👨", ("male", None): "👨",
    (None, "child"): "👦", (None, "elderly"): "👴",
}  # fmt: skip
_MOST_SUBJECTS = 12  # of a shot that a plan tells
_MOST_DEEDS = 8  # of one subject that a plan tells
_PLAIN_PEOPLE = frozenset("👩👨👧👦👵👴🧑👶")


def read_scene(
    lexicon: Lexicon,
    text: str,
    hits: list[Hit],
    counts: list[Count],
    language: Language,
    unknown: Sequence[Noun] = (),
    before: Sequence[Noun] = (),
) -> Scene:
    """What the sentences of a shot say.

    Args:
        text: as long as the prompt, with blanks for what is not of the shot.
        unknown: nouns that no word of the lexicon names.
        before: who was seen in the shots before, whom pronouns may mean.
    """
    items = items_of(lexicon, text, hits, counts, language)
    if unknown:
        qualify_unknown(text, unknown, hits, counts, language)
        if language == "ko":  # 비행사: nobody flies
            items = [item for item in items if not any(n.begin <= item.begin and item.end < n.end for n in unknown)]
        if language == "ko":
            items = [item for item in items if not _is_one_with(text, item, unknown)]
        items = sorted(
            [*items, *(Item("noun", noun.begin, noun.end, noun) for noun in unknown)], key=lambda item: item.begin
        )
    if language in ("ko", "ja"):  # what is known, though it names nothing, is no verb without an entry
        taken = {item.begin for item in items}
        known = [Item("known", hit.start, hit.end, hit=hit) for hit in hits if hit.start not in taken]
        items = sorted([*items, *known], key=lambda item: item.begin)
    return understand(text, items, language, list(before))


def _is_one_with(text: str, item: Item, unknown: Sequence[Noun]) -> bool:
    """Whether a word for somebody only says of whom the word behind it names of which sex or age they are: 여성 비행사."""
    noun = item.noun
    if noun is None or noun.kind != "person" or noun.role is not None or item.kind != "noun":
        return False
    for each in unknown:
        if each.kind == "person" and each.begin > item.end and text[item.end : each.begin] == " ":
            each.gender, each.age = each.gender or noun.gender, each.age or noun.age
            each.first = noun.first
            return True
    return False


def subjects_of(lexicon: Lexicon, scene: Scene, hits: list[Hit], explanations: Explanations) -> tuple[Subject, ...]:
    """The plan's subjects of a scene, at most `_MOST_SUBJECTS`."""
    music = any(hit.value(MUSIC) for hit in hits)
    nouns = _merged([noun for noun in scene.nouns if not noun.worn])
    instruments = [noun for noun in nouns if noun.kind == "instrument"]
    players = [noun for noun in nouns if noun.verb is not None and noun.verb.like == "play"]
    playing = [
        noun for noun in players if noun.object in instruments or (noun.object is None and (instruments or music))
    ]
    if len(nouns) > _MOST_SUBJECTS:
        tied = [noun for noun in nouns if noun.verb is not None or noun.relations]
        needed = {id(other) for noun in tied for other in (noun.object, *(each for _, each in noun.relations)) if other}
        nouns.sort(key=lambda noun: (noun not in tied, id(noun) not in needed))
        nouns = sorted(nouns[:_MOST_SUBJECTS], key=lambda noun: noun.begin)
    places = {id(noun): index for index, noun in enumerate(nouns)}
    for item, agent in scene.verbs:
        if item.verb is not None:
            explanations.reason("verb", f"{agent.name}: {item.verb.lemma}", item.begin, item.end)
    return tuple(_subject(lexicon, noun, places, noun in playing, instruments, explanations) for noun in nouns)


def _merged(nouns: list[Noun]) -> list[Noun]:
    """Nouns, each thing once: "a pancake … the pancake flips" is one."""
    kept: dict[tuple[str, str | None], Noun] = {}
    instead: dict[int, Noun] = {}
    for noun in nouns:
        key = (noun.drawing.key if noun.drawing is not None and not noun.drawing.role else noun.name, None)
        known = kept.get(key)
        young = noun.kind == "animal" and known is not None and noun.age != known.age and noun.count != known.count
        if (
            known is None
            or young
            or (noun.colour is not None and known.colour is not None and noun.colour != known.colour)
        ):
            kept[key if known is None else (key[0], str(noun.begin))] = noun
            continue
        instead[id(noun)] = known
        if known.verb is None:
            known.verb, known.object = noun.verb, noun.object
        known.relations += noun.relations
        known.deeds += noun.deeds
        known.age = known.age or noun.age
        known.colour, known.material = known.colour or noun.colour, known.material or noun.material
        known.qualities = tuple(dict.fromkeys([*known.qualities, *noun.qualities]))
        known.wears += [each for each in noun.wears if each not in known.wears]
    out = list(kept.values())
    for noun in out:
        if noun.object is not None:
            noun.object = instead.get(id(noun.object), noun.object)
        told: list[tuple[Relation, Noun]] = [(how, instead.get(id(other), other)) for how, other in noun.relations]
        noun.relations = [pair for pair in told if pair[1] is not noun]
        if noun.object is noun:
            noun.object = None
        for doing in noun.deeds:
            doing.object = instead.get(id(doing.object), doing.object)
    return out


def _subject(
    lexicon: Lexicon,
    noun: Noun,
    places: dict[int, int],
    plays: bool,
    instruments: list[Noun],
    explanations: Explanations,
) -> Subject:
    drawing = noun.drawing or Drawing("📦", noun.name, "thing", drawn=False)
    action: Action = noun.verb.action if noun.verb is not None else "idle"
    if noun.verb is not None and noun.verb.like == "play" and not plays:
        action = "jump" if noun.object is None and noun.lives else "idle"
    if action == "idle" and noun.verb is None and not noun.passive:
        action = _OWN_ACTION.get(drawing.kind, "idle")
    emoji, face, shown = drawing.emoji, drawing.face, drawing.drawing
    if emoji in _PLAIN_PEOPLE and (look := _PEOPLE_BY_LOOK.get((noun.gender, noun.age))) is not None and emoji != "👶":
        emoji = look
        face = None
    poses = lexicon.drawings[emoji].poses if emoji in lexicon.drawings else drawing.poses
    posed = poses.get(action) if drawing.kind == "person" else drawing.poses.get(action)
    if posed is not None:
        emoji, face = posed, None
    if drawing.kind == "person" or posed is not None:
        shown = emoji if drawing.drawn else shown
    instrument = (instruments[0].drawing.emoji if instruments and instruments[0].drawing else "🎹") if plays else None
    told = (
        f"subject: {emoji} {noun.name}, {action}"
        if shown is not None
        else f"subject: {noun.name} (no drawing), {action}"
    )
    if drawing.own is not None:
        told = f"subject: {noun.name}, {action}"
    explanations.add(told, noun.words, "subject", noun.name, noun.first if noun.first >= 0 else noun.begin, noun.end)
    for kind, value in (
        ("colour", noun.colour), ("material", noun.material), ("age", noun.age), ("role", noun.role),
        ("count", str(noun.count) if noun.counted and noun.count > 1 else None),
    ):  # fmt: skip
        if value is not None:
            explanations.reason(kind, f"{noun.name}: {value}", noun.begin, noun.end)  # type: ignore[arg-type]
    for each in noun.wears:
        explanations.add(f"{noun.name} wears: {each.name}", each.words, "wears", each.name, each.begin, each.end)
    relations: list[tuple[Relation, int]] = []
    for relation, other in noun.relations:
        if (index := places.get(id(other))) is not None:
            relations.append((relation, index))
            said = f"{noun.name} {relation} {other.name}"
            explanations.add(said, other.words, "relation", said, other.begin, other.end)
    return Subject(
        emoji=emoji, name=noun.name, words=_words_of(explanations.words(noun.first if noun.first >= 0 else noun.begin, noun.end), noun), count=noun.count, action="play_instrument" if plays else action,
        instrument=instrument, face=face, drawing=shown, colour=noun.colour, material=noun.material,
        age=noun.age if noun.lives else None, gender=noun.gender, role=noun.role,
        wears=tuple(each.name for each in noun.wears),
        colours_worn=tuple(each.colour for each in noun.wears),
        hair=noun.hair,
        qualities=noun.qualities,
        materials_worn=tuple(each.material for each in noun.wears),
        verb=noun.verb.lemma if noun.verb is not None else "",
        object=places.get(id(noun.object)) if noun.object is not None else None,
        relation=relations[0] if relations else None, relations=tuple(relations), deeds=_deeds(noun, places),
    )  # fmt: skip


def _words_of(words: str, noun: Noun) -> str:
    """The prompt's words for a noun; its name where those are marks of a layout."""
    return words if any(letter.isalnum() for letter in words) else noun.name


def _deeds(noun: Noun, places: dict[int, int]) -> tuple[Deed, ...]:
    """All that a noun does, each once."""
    return tuple(
        dict.fromkeys(
            Deed(
                doing.verb.lemma,
                doing.verb.action,
                places.get(id(doing.object)) if doing.object is not None else None,
                doing.object.name if doing.object is not None else "",
            )
            for doing in noun.deeds[:_MOST_DEEDS]
        )
    )


def names_somebody(scene: Scene) -> bool:
    """Whether a shot names anybody or anything that is seen."""
    return any(not noun.worn for noun in scene.nouns)
