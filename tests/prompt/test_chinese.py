"""Chinese sentences: words, clauses, and what of them is kept that no table has."""

from __future__ import annotations

import pytest

from opendance.plan import Shot, Subject
from opendance.prompt import plan_prompt
from opendance.prompt.chinese_ends import ends_of_words
from opendance.prompt.chinese_nouns import kind_of_word, place_of, verb_of
from opendance.prompt.chinese_words import split_words
from opendance.prompt.lexicon import lexicon
from tests.prompt.packages import needs_words


def shot_of(prompt: str) -> Shot:
    return plan_prompt(prompt, seconds=5, aspect_ratio="16:9").shots[0]


def subject_of(shot: Shot, name: str) -> Subject:
    return next(subject for subject in shot.subjects if name in (subject.name, subject.words, subject.role))


def deeds(shot: Shot, name: str) -> list[tuple[str, str]]:
    return [(deed.verb, deed.object_words) for deed in subject_of(shot, name).deeds]


def relations(shot: Shot, name: str) -> list[tuple[str, str]]:
    return [(relation, shot.subjects[index].name) for relation, index in subject_of(shot, name).relations]


@needs_words
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("弹珠滚下楼梯", "弹珠 滚下 楼梯"),
        ("女孩把信塞进信封", "女孩 把 信 塞进 信封"),
        ("渔民在船上撒网", "渔民 在 船上 撒网"),
    ],
)
def test_letters_are_split_into_words(text: str, words: str) -> None:
    assert [word.text for word in split_words(text)] == words.split()


def test_a_word_inside_another_word_is_none() -> None:
    assert [subject.name for subject in shot_of("水花四溅").subjects if subject.name == "flower"] == []
    assert subject_of(shot_of("火车进站"), "train").material is None


@needs_words
def test_verbs_one_behind_another_are_all_kept_with_their_objects() -> None:
    shot = shot_of("木匠拿起锯子锯开木板，吹掉木屑，把椅子腿装好")
    assert [verb for verb, _ in deeds(shot, "carpenter")][:3] == ["take", "saw", "blow"]
    assert deeds(shot, "carpenter")[1][1] == "plank"


@needs_words
def test_what_is_done_is_kept_where_no_table_has_the_verb() -> None:
    assert ("graft", "fruit tree") in deeds(shot_of("果农嫁接果树"), "果农")


def test_a_clause_with_把_tells_what_is_moved_and_where_to() -> None:
    shot = shot_of("服务员把盘子放在桌子上")
    assert relations(shot, "plate") == [("on", "table")]
    assert deeds(shot, "waiter")[0][1] == "plate"


def test_a_clause_with_被_tells_who_does_it() -> None:
    shot = shot_of("小船被巨浪掀翻")
    assert deeds(shot, "wave")[0][1] == subject_of(shot, "小船").name


def test_a_clause_before_的_tells_of_the_noun_behind_it() -> None:
    shot = shot_of("两名戴红色头盔的工人站在梯子旁边")
    worker = subject_of(shot, "worker")
    assert (worker.count, worker.wears, worker.colours_worn) == (2, ("helmet",), ("red",))
    assert relations(shot, "worker") == [("beside", "ladder")]


def test_what_stands_where_a_clause_begins_is_there() -> None:
    shot = shot_of("桌子上放着一个花瓶，旁边有一只猫")
    assert relations(shot, "花瓶") == [("on", "table")] or relations(shot, "vase") == [("on", "table")]
    assert [relation for subject in shot.subjects for relation, _ in subject.relations] == ["on", "beside"]


def test_the_camera_does_nothing_that_somebody_does() -> None:
    shot = shot_of("一位老人坐在长椅上，镜头缓缓推进，露出他的脸")
    assert [verb for verb, _ in deeds(shot, "man")] == ["sit"]


def test_a_pronoun_in_a_later_shot_is_who_was_seen_before() -> None:
    shots = plan_prompt(
        "镜头一：女孩走进图书馆。镜头二：她翻开一本书。", seconds=8, aspect_ratio="16:9"
    ).shots  # fmt: skip
    assert "girl" in [subject.name for subject in shots[1].subjects]
    assert deeds(shots[1], "girl")[0] == ("turn", "book")


def test_traditional_letters_are_read_as_simplified_ones() -> None:
    shot = shot_of("一個戴著草帽的農夫推著獨輪車")
    farmer = subject_of(shot, "farmer")
    assert (farmer.wears, farmer.deeds[-1].verb) == (("hat",), "push")


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("养鱼工", "person"), ("糖醋排骨", "thing"), ("桂花糕", "food"), ("越野车", "vehicle"), ("水花", "nature"), ("牧羊犬", "animal"),
        ("气氛", "none"), ("军大衣", "clothing"), ("钢丝钳", "tool"),
    ],
)  # fmt: skip
def test_the_last_letters_of_a_noun_tell_its_kind(word: str, kind: str) -> None:
    assert kind_of_word(word) == kind


def test_the_last_letters_of_a_place_tell_the_nearest_one() -> None:
    assert place_of(lexicon(), "剪纸馆") == "museum"
    assert set(ends_of_words().places.values()) <= set(lexicon().places)


@pytest.mark.parametrize(
    ("word", "lemma"), [("扔出", "throw"), ("推开", "open"), ("端详", "examine"), ("嫁接", "graft")]
)
def test_verbs_are_known_by_their_letters(word: str, lemma: str) -> None:
    assert verb_of(lexicon(), word).lemma == lemma


def test_ages_are_told_in_chinese_numerals() -> None:
    assert subject_of(shot_of("六十多岁的木匠"), "carpenter").age == "elderly"
    assert subject_of(shot_of("七岁的女孩"), "girl").age == "child"


@needs_words
@pytest.mark.parametrize(
    ("prompt", "who", "what"),
    [
        ("高压线检修工人悬在空中", "worker", "hover"), ("一位修桶匠坐在门口", "修桶匠", "sit"), ("矿井工人走出来", "worker", "emerge"),
        ("大厨把鱼放在滚烫的铁板上", "cook", "put"), ("爷爷和孙子下棋，两人大笑", "grandfather", "laugh"), ("舞者们跳舞，音箱没电，大家愣住", "dancer", "freeze"),
        ("一条蛇盘绕在寺院的红柱子上", "snake", "swirl"),
    ],
)  # fmt: skip
def test_a_deed_is_said_of_who_does_it(prompt: str, who: str, what: str) -> None:
    assert what in [verb for verb, _ in deeds(shot_of(prompt), who)]


@needs_words
@pytest.mark.parametrize(
    ("prompt", "who", "garment"),
    [
        ("一位牧民站着，帽子是红色的", "herder", "red"),
        ("两个穿蓝布衣的妇女割麦", "妇女", None),
        ("少年穿着黄色蒙古袍", "boy", "yellow"),
    ],
)
def test_what_is_worn_is_worn_by_somebody(prompt: str, who: str, garment: str | None) -> None:
    shot = shot_of(prompt)
    somebody = next(subject for subject in shot.subjects if subject.wears)
    assert len(somebody.wears) == 1
    assert garment is None or somebody.colours_worn == (garment,)


@needs_words
def test_a_tool_is_of_the_verb_behind_it() -> None:
    shot = shot_of("老板蹲在地上用钩子把一条鱼拖进箱子")
    assert ("drag", "fish") in deeds(shot, "boss")
    assert any(relation == "holding" for relation, _ in relations(shot, "boss"))


@needs_words
def test_what_is_in_the_background_is_behind() -> None:
    assert ("behind", "fisherman") in relations(shot_of("渔民撒网，背景是一座灯塔"), "lighthouse")


def test_a_word_that_only_looks_like_a_material_or_a_head_is_none() -> None:
    assert subject_of(shot_of("一只花猫睡觉"), "tabby cat").material is None
    assert subject_of(shot_of("一张沙发"), "sofa").material is None
    assert subject_of(shot_of("青蛙跳起"), "frog").colour is None


@pytest.mark.parametrize(("prompt", "name"), [("他坐在椅子上", "man"), ("她在雨中跑", "woman")])
def test_a_pronoun_that_means_nobody_named_is_somebody(prompt: str, name: str) -> None:
    assert shot_of(prompt).subjects[0].name == name


@needs_words
def test_a_hemmed_dress_is_no_lock_and_a_shop_door_no_dancer() -> None:
    assert deeds(shot_of("裁缝给一件长裙锁边"), "tailor")[0][0] == "hem"
    shot = shot_of("老人们在书店门口跳舞")
    assert "dance" in [deed.verb for deed in shot.subjects[0].deeds]
    assert "door" not in [subject.name for subject in shot.subjects]
