from __future__ import annotations

from collections import Counter

import pytest

from opendance.engines.previs.people import look_for, role_of, roles
from opendance.engines.previs.people.actions import actions
from opendance.engines.previs.people.gear import gears
from opendance.engines.previs.people.looks import emoji_of_people
from opendance.engines.previs.people.tables import clothes, heads, proportions_of
from opendance.engines.previs.people.words import action_for, clothes_words, piece_for
from opendance.prompt.emoji_names import emoji_subjects, kind_of
from opendance.prompt.lexicon import Lexicon

# Parts of bodies and marks that Unicode files under people.
NOBODY = {"👣", "🖖", "🫦"}


def test_every_role_has_a_look_whose_parts_exist() -> None:
    for name in roles():
        look = look_for(name)
        assert look.role == name
        assert look.hair in heads().hairs, name
        assert look.does in actions(), name
        assert look.holds is None or look.holds in gears(), name
        assert any(worn.garment.legs or worn.garment.skirt or worn.garment.part == "whole" for worn in look.wears), name


def test_every_drawing_of_a_person_has_a_role() -> None:
    people = {drawing.emoji for drawing in Lexicon().drawings.values() if drawing.kind == "person"}
    people |= {emoji for emoji, name, category, _ in emoji_subjects() if kind_of(name, category) == "person"}
    assert people - emoji_of_people() <= NOBODY


@pytest.mark.parametrize(
    ("words", "role"),
    [
        ("fisherman", "fisherman"), ("渔夫", "fisherman"), ("어부", "fisherman"), ("漁師", "fisherman"),
        ("Old man", "old_man"), ("dancers", "dancer"), ("a lonely astronaut", "astronaut"), ("robot chef", "chef"),
        ("🕵️", "detective"), ("women", "woman"), ("children", "boy"),
    ],
)  # fmt: skip
def test_words_of_four_languages_and_drawings_name_roles(words: str, role: str) -> None:
    assert role_of(words) == role


def test_the_first_words_that_name_a_role_count_and_unknown_ones_name_none() -> None:
    assert role_of("zzz", "knight", "👩") == "knight"
    assert role_of("zzz") is None
    assert look_for("zzz").role == "person"


def test_a_look_is_as_it_is_asked_for() -> None:
    look = look_for(
        "woman", age="elderly", colours={"dress": "#102030", "hair": "#ffffff"}, wears=["dress", "straw_hat"], seed=4
    )
    assert (look.age, look.gender, look.hair_colour) == ("elderly", "woman", (255, 255, 255))
    assert [worn.colour for worn in look.wears if worn.name == "dress"] == [(0x10, 0x20, 0x30)]
    assert look.hat is not None
    assert look.hat.name == "straw_hat"
    assert not any(worn.garment.part in ("top", "bottom") for worn in look.wears)


def test_a_seed_gives_the_same_look_and_other_seeds_give_others() -> None:
    assert look_for("person", seed=3) == look_for("person", seed=3)
    assert len({look_for("person", seed=seed) for seed in range(12)}) > 8


def test_what_is_not_known_is_told() -> None:
    with pytest.raises(ValueError, match="no garment or hat 'tunicate'"):
        look_for("man", wears=["tunicate"])
    with pytest.raises(ValueError, match="no colour such as #b8863b"):
        look_for("man", colours={"skin": "pale"})


def test_children_are_smaller_and_old_people_stoop() -> None:
    child, adult = (proportions_of(age, "man", "usual") for age in ("child", "adult"))
    assert 1.0 < child.metres < 1.25
    assert 1.65 < adult.metres < 1.85
    assert child.head > adult.head
    assert proportions_of("elderly", "woman", "stout").stoop > 5


@pytest.mark.parametrize(("verb", "action"), [("mend", "mend"), ("toss", "throw"), ("flip", "toss_pan"), ("embrace", "hug"), ("Row", "row")])  # fmt: skip
def test_verbs_name_actions(verb: str, action: str) -> None:
    assert action_for(verb) == action


def test_every_verb_means_one_action_and_every_word_a_piece_that_is() -> None:
    verbs = Counter(verb for name, action in actions().items() for verb in {name.replace("_", " "), *action.verbs})
    assert [verb for verb, count in verbs.items() if count > 1] == []
    assert set(clothes_words()) <= {*clothes(), *heads().hats}


@pytest.mark.parametrize(
    ("words", "piece"),
    [("a red silk dress", "dress"), ("cheongsam", "qipao"), ("straw hat", "straw_hat"), ("glove", None), ("boot", "boots")],
)  # fmt: skip
def test_words_name_pieces_of_clothing(words: str, piece: str | None) -> None:
    assert piece_for(words) == piece
