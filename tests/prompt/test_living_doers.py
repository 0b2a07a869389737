"""Deeds that only those who live do are theirs, whatever thing stands nearer, in four languages."""

from __future__ import annotations

import pytest

from opendance.plan import Subject
from opendance.prompt import plan_prompt
from tests.prompt.packages import needs_words

pytestmark = needs_words


def subjects_of(prompt: str) -> dict[str, Subject]:
    shot = plan_prompt(prompt, seconds=5, aspect_ratio="16:9").shots[0]
    return {subject.name: subject for subject in shot.subjects}


def verbs(subject: Subject) -> list[str]:
    return [deed.verb for deed in subject.deeds]


@pytest.mark.parametrize(
    ("prompt", "doer", "done", "thing"),
    [
        ("A boy with curly hair and a red suitcase walks up a hill, turns around and laughs", "boy", ["walk", "turn_around", "laugh"], "suitcase"),
        ("A cook carries a basket while a farmer, about 40, holds the ladder and sneezes", "farmer", ["sneeze"], "ladder"),
        ("Gardener in a greenhouse, gray apron, sleeves rolled up, waters a fern", "gardener", ["water"], "sleeve"),
        ("老人身穿长袍，外披斗篷，撑一把雨伞走过公园的曲桥", "man", ["hold", "walk"], "bridge"),
    ],
)  # fmt: skip
def test_what_no_thing_does_is_done_by_who_lives(prompt: str, doer: str, done: list[str], thing: str) -> None:
    subjects = subjects_of(prompt)
    assert set(done) <= set(verbs(subjects[doer]))
    assert not set(done) & set(verbs(next(each for name, each in subjects.items() if name.endswith(thing))))


@pytest.mark.parametrize(
    ("prompt", "thing", "verb"),
    [
        ("A teapot walks down the street", "teapot", "walk"),
        ("A boy stares as a teapot walks across the table", "teapot", "walk"),
        ("A boy laughs and a teapot walks away", "teapot", "walk"),
        ("男孩笑了，茶壶走过来", "teapot", "walk"),
        ("소년이 웃고 찻주전자가 걷는다", "teapot", "walk"),
        ("항아리가 탁자 위에 놓여 있고, 물방울 하나가 떨어진다", "droplet", "fall"),
        ("A girl waits by a train, a river and a machine that roars", "machine", "roar"),
    ],
)
def test_what_a_thing_is_told_to_do_by_itself_it_does(prompt: str, thing: str, verb: str) -> None:
    assert verb in verbs(subjects_of(prompt)[thing])


@pytest.mark.parametrize(
    ("prompt", "parent", "emoji"),
    [
        ("A lion cub bites its mother", "mother lion", "🦁"),
        ("Two bear cubs play, the mother watches", "mother bear", "🐻"),
        ("A duckling follows its mother", "mother duck", "🦆"),
        ("小象跟着妈妈走", "mother elephant", "🐘"),
        ("两只老虎幼崽在睡觉，妈妈在旁边", "mother tiger", "🐅"),
        ("새끼 곰이 엄마를 따라간다", "mother bear", "🐻"),
        ("子熊が母のあとを歩く", "mother bear", "🐻"),
    ],
)
def test_the_mother_of_a_young_animal_is_of_its_kind(prompt: str, parent: str, emoji: str) -> None:
    subjects = subjects_of(prompt)
    assert subjects[parent].emoji == emoji
    assert "mother" not in subjects


@pytest.mark.parametrize(
    "prompt", ["A boy with a kitten hugs his mother", "A dog runs to a mother", "妈妈抱着小猫", "엄마가 새끼 곰을 본다"]
)
def test_a_mother_of_people_stays_a_woman(prompt: str) -> None:
    assert subjects_of(prompt)["mother"].emoji == "👩"


@pytest.mark.parametrize(
    ("prompt", "name", "quality"),
    [
        ("3번 선수가 공을 던진다", "runner", "number 3"),
        ("11号球员奔跑", "player", "number 11"),
        ("A goalkeeper in a red jersey, number 4, dives left.", "goalkeeper", "number 4"),
    ],
)
def test_the_number_of_a_player_is_told(prompt: str, name: str, quality: str) -> None:
    assert quality in subjects_of(prompt)[name].qualities


def test_the_number_of_a_house_or_line_is_nobodys() -> None:
    assert all(not each.qualities for each in subjects_of("三号楼前站着一个老人").values())


@pytest.mark.parametrize(
    ("prompt", "name", "material"),
    [
        ("식탁 위에 은 쟁반이 있다", "tray", "silver"), ("리넨 냅킨이 접시 옆에 있다", "napkin", "cloth"), ("桌上有一只木碗", "bowl", "wood"),
        ("유리 용기가 선반 위에 있다", "jar", "glass"),
    ],
)  # fmt: skip
def test_a_material_before_a_vessel_is_what_it_is_made_of(prompt: str, name: str, material: str) -> None:
    assert subjects_of(prompt)[name].material == material


@pytest.mark.parametrize(
    "prompt", ["Fir needles cover the path", "地上落满松针", "솔잎이 떨어진다", "松葉が地面に落ちる"]
)
def test_needles_of_a_pine_are_no_syringe(prompt: str) -> None:
    assert all(each.emoji != "💉" for each in subjects_of(prompt).values())
    assert any("needle" in name for name in subjects_of(prompt))
