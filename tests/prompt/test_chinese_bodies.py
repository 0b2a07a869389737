"""What Chinese says of bodies is said of whose they are, and does nothing itself."""

from __future__ import annotations

import pytest

from opendance.plan import Subject
from opendance.prompt import plan_prompt
from tests.prompt.packages import needs_words

pytestmark = needs_words


def subjects_of(prompt: str) -> tuple[Subject, ...]:
    return plan_prompt(prompt, seconds=5, aspect_ratio="16:9").shots[0].subjects


@pytest.mark.parametrize(
    ("prompt", "name", "quality", "verb"),
    [
        ("一位扎着长辫子的姑娘坐在船头。", "girl", "扎着长辫子", "sit"), ("三个渔夫光着膀子围坐在桌边喝酒。", "fisherman", "光着膀子", "drink"),
        ("小女孩门牙缺了一颗，穿着蓝裙子，笑着。", "girl", "门牙缺了一颗", "laugh"), ("外婆额头上有汗，脸上沾着面粉，笑着", "grandmother", "脸上沾着面粉", "laugh"),
        ("独臂老兵戴着草帽走来", "old soldier", "独臂", "come"),
    ],
)  # fmt: skip
def test_how_a_body_is_is_a_quality_of_whoever_acts(prompt: str, name: str, quality: str, verb: str) -> None:
    subjects = subjects_of(prompt)
    assert subjects[0].name == name
    assert quality in subjects[0].qualities
    assert verb in [deed.verb for deed in subjects[0].deeds]
    assert not any(each.words in quality for each in subjects)


def test_an_idiom_before_a_noun_is_no_thing_and_the_object_does_nothing() -> None:
    plan = plan_prompt("厨师从锅里捞起一条活蹦乱跳的鲤鱼摔进盘子，然后大喊：“开饭！”", seconds=5, aspect_ratio="16:9")
    subjects = plan.shots[0].subjects
    deeds = {each.name: [deed.verb for deed in each.deeds] for each in subjects}
    assert deeds["cook"][:2] == ["lift", "slam"]
    assert not deeds["carp"]
    assert [subjects[line.speaker or 0].name for line in plan.dialogue] == ["cook"]


@pytest.mark.parametrize("who", ["白衣女子", "白衣少女", "白衣剑客"])
def test_white_clothes_are_worn_whether_or_not_they_are_part_of_the_word(who: str) -> None:
    assert subjects_of(f"{who}站在桥上")[0].colours_worn == ("white",)
