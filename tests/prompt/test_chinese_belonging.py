"""Whose deed, garment, part of a body or place it is in Chinese sentences."""

from __future__ import annotations

import pytest

from opendance.plan import Subject
from opendance.prompt import plan_prompt
from tests.prompt.packages import needs_words

pytestmark = needs_words


def subjects_of(prompt: str) -> list[Subject]:
    return list(plan_prompt(prompt, seconds=5, aspect_ratio="16:9").shots[0].subjects)


def subject_of(prompt: str, name: str) -> Subject:
    return next(each for each in subjects_of(prompt) if each.name == name)


def relations_of(prompt: str) -> list[tuple[str, str, str]]:
    subjects = subjects_of(prompt)
    return [(each.name, how, subjects[other].name) for each in subjects for how, other in each.relations]


def deeds_of(prompt: str) -> dict[str, list[tuple[str, str]]]:
    """By name of each subject, the verbs of what it does and what it does it to."""
    return {each.name: [(deed.verb, deed.object_words) for deed in each.deeds] for each in subjects_of(prompt)}


@pytest.mark.parametrize(
    ("prompt", "relation"),
    [
        ("船夫把灯笼放在木箱上", ("lantern", "on", "crate")),
        ("公主在花园里跑，身后一只小狗追着蝴蝶", ("dog", "behind", "princess")),
        ("老人靠在石墙上抽烟，脚边趴着一只黑猫", ("black cat", "beside", "old man")),
        ("渔夫坐着补网，她身后有个小男孩在睡觉", ("boy", "behind", "fisherman")),
        ("武士靠在竹子上", ("samurai", "leaning_on", "bamboo")),
        ("肩上趴着松鼠的老人看书", ("squirrel", "on", "old man")),
        ("一条蛇从床底爬出来", ("snake", "under", "bed")),
        ("骑车的是一个穿绿雨衣的男孩", ("boy", "riding", "car")),
        ("孩子们围着篝火唱歌", ("child", "beside", "fire")),
        ("一只鹰从两座塔之间飞过", ("eagle", "between", "tower")),
    ],
)
def test_how_one_stands_to_another(prompt: str, relation: tuple[str, str, str]) -> None:
    name, how, other = relation
    relations = relations_of(prompt)
    assert any(a.endswith(name.split()[-1]) and how == b and c.endswith(other.split()[-1]) for a, b, c in relations), (
        relations
    )


@pytest.mark.parametrize(
    ("prompt", "who", "deed"),
    [
        ("山洞里走出三头熊", "bear", ("walk", "")),
        ("女孩对着镜头唱歌", "girl", ("sing", "")),
        ("小狗接住爷爷抛出的骨头", "grandfather", ("throw", "bone")),
        ("猎人闻着埋在土里的木盒", "hunter", ("breathe_in", "box")),
        ("一对情侣在散步，女孩穿红裙，男孩穿黑西装", "girl", ("walk", "")),
        ("她的助手，一个系着围巾的青年，擦玻璃", "apprentice", ("wash", "glass")),
        ("爸爸妈妈跑步", "mother", ("run", "")),
    ],
)
def test_a_deed_is_of_who_does_it(prompt: str, who: str, deed: tuple[str, str]) -> None:
    deeds = deeds_of(prompt)
    assert any(verb == deed[0] and (not deed[1] or deed[1] in thing) for verb, thing in deeds[who]), deeds


@pytest.mark.parametrize(
    ("prompt", "who", "worn"),
    [
        ("男孩踢球，奶奶头戴斗笠", "grandmother", (None,)),
        ("渔夫披蓝斗篷站着", "fisherman", ("blue",)),
        ("穿格子衫的厨师切菜", "cook", (None,)),
        ("裁判是一个戴白手套的女人", "referee", ("white",)),
        ("两名系红围巾的护士跑", "nurse", ("red",)),
    ],
)
def test_clothes_are_worn_by_whom_they_are_said_of(prompt: str, who: str, worn: tuple[str | None, ...]) -> None:
    assert subject_of(prompt, who).colours_worn == worn


def test_who_is_said_again_is_one() -> None:
    assert [each.name for each in subjects_of("教练是一位老妇人，她鼓掌")] == ["coach"]
    coach = subject_of("教练是一位老妇人，她鼓掌", "coach")
    assert (coach.age, coach.gender, bool(coach.deeds)) == ("elderly", "female", True)
    assert subject_of("老绅士喝茶", "man").age == "elderly"


def test_a_measure_word_counts_over_what_qualifies_its_noun() -> None:
    assert subject_of("盘子里有三块烤好的饼干", "cookie").count == 3


def test_a_letter_behind_its_material_names_a_thing() -> None:
    cup = next(each for each in subjects_of("女孩把茶倒进白色的陶瓷杯") if each.material == "porcelain")
    assert cup.name == "cup" or "cup" in cup.name
    assert subject_of("渔夫划着小木船", "rowing boat").material == "wood"


def test_the_weather_and_a_manner_name_nobody() -> None:
    assert [each.name for each in subjects_of("一只猫睡觉，窗外下着大雪")] == ["cat"] or len(
        subjects_of("一只猫睡觉，窗外下着大雪")
    ) == 1
    assert [deed for deed, _ in deeds_of("五只鸭子一只接一只跳进水里")["duck"]] == ["jump"]
