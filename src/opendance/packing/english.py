"""The table of English words, made of WordNet 3.0; what its columns mean is said in `prompt/english_words.py`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

_POS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
FILES = ("index.noun", "index.verb", "index.adj", "index.adv", "index.sense", "data.noun", "data.verb")
IRREGULAR_FORMS = ("verb.exc", "noun.exc")
_WORD = re.compile(r"[a-z][a-z'-]{0,22}[a-z]")
# The kind of all that is below a sense of WordNet, the nearest one above a word decides: (word, number of its sense).
ROOTS: dict[str, tuple[tuple[str, int], ...]] = {
    "person": (("person", 1), ("people", 1), ("crew", 1), ("crowd", 1), ("audience", 1), ("team", 1), ("band", 2), ("couple", 1), ("family", 1), ("spiritual_being", 1), ("imaginary_being", 1), ("class", 3), ("army", 1), ("troop", 1), ("operator", 2), ("orchestra", 1), ("police", 1)),
    "animal": (("animal", 1), ("animal_group", 1)), "bird": (("bird", 1), ("bird", 2)),
    "fish": (("fish", 1), ("cetacean", 1), ("pinniped_mammal", 1), ("crustacean", 1), ("mollusk", 1), ("coelenterate", 1), ("sea_cow", 1)),
    "plant": (("plant", 2), ("plant_part", 1), ("vegetation", 1)),
    "food": (("food", 1), ("food", 2), ("foodstuff", 2), ("produce", 1), ("edible_fruit", 1), ("vegetable", 1), ("meat", 1), ("seafood", 1), ("egg", 2)),
    "drink": (("beverage", 1),), "vehicle": (("vehicle", 1), ("wheeled_vehicle", 1), ("conveyance", 3)),
    "boat": (("watercraft", 1), ("vessel", 2)), "aircraft": (("aircraft", 1),), "rocket": (("rocket", 1), ("spacecraft", 1)),
    "instrument": (("musical_instrument", 1),), "furniture": (("furniture", 1),),
    "headgear": (("headdress", 1), ("helmet", 1), ("helmet", 2), ("mask", 1)),
    "clothing": (("clothing", 1), ("footwear", 1), ("footwear", 2), ("jewelry", 1), ("garment", 1), ("attire", 1), ("spectacles", 1), ("accessory", 1)),
    "weapon": (("weapon", 1),), "tool": (("tool", 1), ("implement", 1), ("utensil", 1), ("kitchen_utensil", 1), ("tableware", 1), ("cooking_utensil", 1)),
    "machine": (("machine", 1), ("electronic_equipment", 1), ("home_appliance", 1), ("computer", 1), ("camera", 1)),
    "toy": (("plaything", 1), ("ball", 1)), "sport": (("sports_equipment", 1), ("game_equipment", 1)),
    "building": (("building", 1), ("structure", 1), ("bridge", 1)),
    "place": (("room", 1), ("region", 1), ("region", 3), ("geographic_point", 1), ("geographical_area", 1), ("area", 5), ("road", 1), ("path", 2), ("body_of_water", 1), ("land", 4), ("workplace", 1), ("establishment", 4), ("floor", 2), ("forest", 2), ("mine", 1), ("facility", 1), ("geological_formation", 1), ("enclosure", 1), ("tract", 1), ("forest", 1), ("sea", 1), ("compartment", 2), ("shop", 1), ("passageway", 1), ("deck", 1), ("platform", 1), ("housing", 1), ("dwelling", 1)),
    "nature": (("natural_object", 1), ("natural_phenomenon", 1), ("precipitation", 3), ("fire", 1), ("fire", 3), ("cloud", 2), ("wave", 1), ("smoke", 1), ("flame", 1), ("spark", 1), ("light", 1), ("dust", 1), ("explosion", 1), ("drop", 2), ("drop", 1), ("droplet", 1)),
    "planet": (("celestial_body", 1), ("star", 1)),
    "part": (("body_part", 1), ("feature", 2), ("hair", 1), ("body_covering", 1)),
    "material": (("substance", 1), ("substance", 7), ("matter", 3), ("fabric", 1), ("solid", 1), ("liquid", 1), ("fluid", 1)),
    "thing": (("artifact", 1), ("object", 1), ("written_communication", 1), ("container", 1), ("document", 1), ("document", 2), ("sign", 3), ("picture", 1), ("shape", 2), ("money", 1), ("gift", 1), ("advertisement", 1), ("movie", 1)),
    "process": (("act", 2), ("event", 1), ("process", 6)),
}  # fmt: skip
_NOT_NEAR = ("process", "part", "material")


def table_of(files: Mapping[str, str]) -> list[str]:
    """The table's lines, of WordNet's own files by their names: `FILES` and `IRREGULAR_FORMS`."""
    counts = _counts(files["index.sense"])
    senses = {pos: _senses(files[f"index.{_POS[pos]}"]) for pos in _POS}
    nouns, verbs = _synsets(files["data.noun"]), _synsets(files["data.verb"])
    roots = {
        senses["n"][word][number - 1]: kind
        for kind, words in ROOTS.items()
        for word, number in words
        if word in senses["n"] and number <= len(senses["n"][word])
    }
    lines: list[str] = []
    for word in sorted({word for pos in senses.values() for word in pos if _WORD.fullmatch(word)}):
        weights = {pos: counts.get((pos, word), 0) for pos in senses if word in senses[pos]}
        kind, near = _kind(
            senses["n"].get(word, []), nouns, roots, [counts.get((word, "n", i + 1), 0) for i in range(9)], word
        )
        if set(weights) == {"n"} and kind == "" and not weights["n"]:
            continue
        pos = "".join(f"{p}{min(9, n.bit_length())}" for p, n in sorted(weights.items(), key=lambda pair: -pair[1]))
        likes = ">".join(_above(senses["v"][word][:1], verbs, word)) if "v" in weights else ""
        lines.append("\t".join((word, pos, kind, ">".join(near), likes)).rstrip("\t"))
    for letter, name in zip("vn", IRREGULAR_FORMS, strict=True):
        for line in files[name].splitlines():
            form, lemma = line.split()[:2]
            if _WORD.fullmatch(form) and _WORD.fullmatch(lemma):
                lines.append(f"={form}\t{letter}\t{lemma}")
    return lines


def _counts(senses: str) -> dict[tuple[object, ...], int]:
    """How often WordNet's texts have a word: by part of speech, and by sense."""
    out: dict[tuple[object, ...], int] = defaultdict(int)
    letters = {"1": "n", "2": "v", "3": "a", "4": "r", "5": "a"}
    for line in senses.splitlines():
        key, _, number, count = line.split()
        if count == "0":
            continue
        word, _, rest = key.partition("%")
        pos = letters[rest[0]]
        out[pos, word] += int(count)
        out[word, pos, int(number)] += int(count)
    return out


def _senses(index: str) -> dict[str, list[str]]:
    """The synsets of each word, the usual sense first."""
    out: dict[str, list[str]] = {}
    for line in index.splitlines():
        if not line.startswith(" "):
            fields = line.split()
            out[fields[0]] = fields[-int(fields[2]) :]
    return out


def _synsets(data: str) -> dict[str, tuple[list[str], list[str]]]:
    """By synset: its words, and the synsets above it."""
    out: dict[str, tuple[list[str], list[str]]] = {}
    for line in data.splitlines():
        if line.startswith(" "):
            continue
        fields = line.split(" | ")[0].split()
        number = int(fields[3], 16)
        words = [fields[4 + 2 * i] for i in range(number)]
        at = 4 + 2 * number
        pointers = [fields[at + 1 + 4 * i : at + 5 + 4 * i] for i in range(int(fields[at]))]
        out[fields[0]] = (words, [p[1] for p in pointers if p[0] in ("@", "@i")])
    return out


# Of senses that are as usual, the one that is more likely seen.
_LIKELY = (
    "animal", "bird", "fish", "vehicle", "boat", "aircraft", "rocket", "instrument", "food", "drink", "furniture", "clothing",
    "headgear", "weapon", "tool", "toy", "sport", "machine", "building", "planet", "plant", "thing", "person", "place", "nature",
    "part", "material",
)  # fmt: skip


def _kind(
    synsets: list[str],
    nouns: dict[str, tuple[list[str], list[str]]],
    roots: dict[str, str],
    counts: list[int],
    word: str,
) -> tuple[str, list[str]]:
    """The kind of a noun by the first of its usual senses that can be seen, and what that is a kind of."""
    found: list[tuple[str, list[str]]] = []
    for index, synset in enumerate(synsets[:4]):
        if index and (counts[index] * 5 < counts[0] or (found and counts[0])):
            break
        kind, above = _kind_of(synset, nouns, roots)
        if kind == "person" and word not in nouns[synset][0]:
            continue  # somebody of that name
        if kind:
            found.append((kind, above))
    return min(found, key=lambda each: _LIKELY.index(each[0])) if found else ("", [])


def _kind_of(
    synset: str, nouns: dict[str, tuple[list[str], list[str]]], roots: dict[str, str]
) -> tuple[str, list[str]]:
    above: list[str] = []
    level = [synset]
    for depth in range(14):
        kind = next((roots[each] for each in level if each in roots), None)
        if kind is not None:
            return ("", []) if kind == "process" else (kind, above[:3] if kind not in _NOT_NEAR else [])
        if depth:
            above += [word.lower().replace("_", " ") for word in nouns[level[0]][0][:1]]
        level = [up for each in level for up in nouns[each][1]]
        if not level:
            break
    return "", []


def _above(synsets: list[str], verbs: dict[str, tuple[list[str], list[str]]], word: str) -> list[str]:
    """What a verb does in other words, the nearest first."""
    out: list[str] = []
    at = synsets[0]
    for _ in range(5):
        out += [each for each in verbs[at][0][:4] if _WORD.fullmatch(each) and each != word and each not in out]
        if not verbs[at][1]:
            break
        at = verbs[at][1][0]
    return out[:5]
