"""Korean and Japanese: whose deed, garment, number, colour or relation it is."""

from __future__ import annotations

import pytest

from opendance.plan import Shot, Subject
from opendance.prompt import plan_prompt


def shot_of(prompt: str) -> Shot:
    return plan_prompt(prompt, seconds=5, aspect_ratio="16:9").shots[0]


def who(shot: Shot, words: str) -> Subject:
    return next(subject for subject in shot.subjects if words in subject.words)


def relations(shot: Shot, words: str) -> list[tuple[str, str]]:
    return [(relation, shot.subjects[index].words) for relation, index in who(shot, words).relations]


def deeds(shot: Shot, words: str) -> list[tuple[str, str]]:
    return [
        (deed.verb, "" if deed.object is None else shot.subjects[deed.object].words) for deed in who(shot, words).deeds
    ]


@pytest.mark.parametrize(
    ("prompt", "placed", "relation", "by"),
    [
        ("소년이 피아노를 치고 뒤에서 빨간 조끼를 입은 여자가 바이올린을 켠다", "여자", "behind", "소년"),
        ("남자가 벤치에 앉아 책을 읽고 그 아래에서 오리가 잔다", "오리", "under", "벤치"),
        ("요리사가 국을 끓인다. 맞은편의 손님이 웃는다", "손님", "facing", "요리사"),
        ("소년이 운다. 매가 그의 머리 위를 난다", "매", "over", "소년"),
        ("少年がピアノを弾き、隣で赤いベストを着た女性がバイオリンを弾く", "女性", "beside", "少年"),
        ("男がベンチに座って本を読み、その下で犬が寝ている", "犬", "under", "ベンチ"),
        ("侍が刀を抜く。向かいの忍者が笑う", "忍者", "facing", "侍"),
        ("医者が走り、鶴が五羽その後に続く", "鶴", "behind", "医者"),
    ],
)
def test_a_place_told_by_who_was_named_is_that_of_who_is_named_next(
    prompt: str, placed: str, relation: str, by: str
) -> None:
    assert (relation, by) in relations(shot_of(prompt), placed)


@pytest.mark.parametrize(
    ("prompt", "somebody"),
    [("기사가 뒤를 돌아본다. 말이 달린다", "말"), ("騎士が前に進む。馬が走る", "馬")],
)
def test_whither_somebody_looks_or_goes_places_nobody(prompt: str, somebody: str) -> None:
    assert relations(shot_of(prompt), somebody) == []


@pytest.mark.parametrize(
    ("prompt", "words", "relation"),
    [
        ("독수리가 다리 위를 난다", "독수리", ("over", "다리")),
        ("고양이가 다리 아래에서 잔다", "고양이", ("under", "다리")),
        ("鷲が橋の上を飛ぶ", "鷲", ("over", "橋")),
    ],
)
def test_what_stands_at_a_place_is_a_thing_where_something_is_over_or_under_it(
    prompt: str, words: str, relation: tuple[str, str]
) -> None:
    told = relations(shot_of(prompt), words)
    assert [(how, by[:1]) for how, by in told] == [(relation[0], relation[1][:1])]


def test_hair_has_its_colour_and_who_has_it_does_not() -> None:
    for prompt, words, hair in (
        ("흑발 마법사가 웃는다", "마법사", "black"),
        ("머리가 파란 소년이 뛴다", "소년", "blue"),
        ("緑の髪の魔女が笑う", "魔女", "green"),
        ("金髪の騎士が走る", "騎士", "golden"),
    ):
        subject = who(shot_of(prompt), words)
        assert (subject.hair, subject.colour) == (hair, None)


def test_a_colour_that_something_takes_on_is_its_own() -> None:
    assert who(shot_of("파랗게 칠한 의자에 고양이가 앉는다"), "의자").colour == "blue"
    assert who(shot_of("赤く染まった木の下で猫が寝る"), "木").colour == "red"


@pytest.mark.parametrize(
    ("prompt", "words", "material"),
    [
        ("노인이 나무로 인형을 만든다", "인형", "wood"),
        ("紙で作られた船が浮かぶ", "船", "paper"),
        ("石の椅子に猫が座る", "椅子", "stone"),
        ("유리병이 깨진다", "유리병", "glass"),
    ],
)
def test_of_what_something_is_made_is_told_by_what_makes_it(prompt: str, words: str, material: str) -> None:
    assert who(shot_of(prompt), words).material == material


@pytest.mark.parametrize(
    ("prompt", "words", "within"),
    [
        ("탁자 위에 사탕이 가득한 유리병이 있다", "사탕", "유리병"),
        ("りんごでいっぱいの籠を少女が運ぶ", "りんご", "籠"),
    ],
)
def test_what_a_thing_is_full_of_is_in_it(prompt: str, words: str, within: str) -> None:
    assert ("in", within) in relations(shot_of(prompt), words)


def test_all_of_them_wear_what_the_words_give_to_all() -> None:
    shot = shot_of("의사와 농부가 걷는다. 두 사람 모두 검은 모자를 쓰고 있다")
    assert [who(shot, words).colours_worn for words in ("의사", "농부")] == [("black",), ("black",)]
    shot = shot_of("医者と農夫が歩く。二人とも黒い帽子をかぶっている")
    assert [who(shot, words).colours_worn for words in ("医者", "農夫")] == [("black",), ("black",)]


def test_a_verb_at_the_end_is_that_of_both_halves() -> None:
    shot = shot_of("소년은 장화를, 소녀는 외투를 입고 있다")
    assert [len(who(shot, words).wears) for words in ("소년", "소녀")] == [1, 1]


def test_whom_one_fights_does_not_fight_beside_one() -> None:
    shot = shot_of("기사가 늑대 두 마리와 맞선다")
    assert ("facing", "늑대") in relations(shot, "기사")
    assert (who(shot, "늑대").count, deeds(shot, "늑대")) == (2, [])


def test_a_chased_animal_does_not_chase() -> None:
    shot = shot_of("개에게 쫓기는 토끼가 뛴다")
    assert ("chase", "토끼") in deeds(shot, "개")
    assert "chase" not in [verb for verb, _ in deeds(shot, "토끼")]


def test_though_is_no_clause_about_the_noun_behind_it() -> None:
    shot = shot_of("소녀가 손을 흔들지만 기차는 떠난다")
    assert "wave" not in [verb for verb, _ in deeds(shot, "기차")]


@pytest.mark.parametrize(
    ("prompt", "words", "count"),
    [
        ("소년이 상대 세 명을 쫓는다", "상대", 3),
        ("少女が相手を三人追う", "相手", 3),
        ("机の上に氷が三つある", "氷", 3),
        ("늑대가 달린다. 새끼 늑대 네 마리가 잔다", "새끼", 4),
    ],
)
def test_a_number_counts_what_it_stands_by(prompt: str, words: str, count: int) -> None:
    shot = shot_of(prompt)
    assert count in [each.count for each in shot.subjects if words in each.words or each.age == "child"]


def test_what_is_only_likened_is_not_there() -> None:
    assert [each.words for each in shot_of("토끼처럼 소녀가 뛴다").subjects] == ["소녀"]
    assert [each.words for each in shot_of("鳥のように少女が走る").subjects] == ["少女"]


def test_a_word_that_only_begins_as_a_verb_is_none() -> None:
    shot = shot_of("군인이 오른손에 방패를 든다")
    assert "climb" not in [verb for verb, _ in deeds(shot, "군인")]
    assert ("holding", "방패") in relations(shot, "군인")
    assert who(shot_of("여성 비행사가 웃는다"), "비행사").gender == "female"


def test_clothes_of_which_a_part_is_named_are_worn() -> None:
    assert who(shot_of("파란 셔츠 소매를 걷은 농부가 웃는다"), "농부").colours_worn == ("blue",)
    assert who(shot_of("흰 셔츠와 검은 바지 차림으로 남자가 뛴다. 남자가 웃는다"), "남자").wears != ()


def test_a_child_of_one_word_more_is_the_same_as_before() -> None:
    shot = shot_of("택시 기사가 웃는다. 기사는 파란 조끼를 입고 있다")
    assert [each.words for each in shot.subjects] == ["택시 기사"]
    assert shot.subjects[0].colours_worn == ("blue",)


def test_what_one_rides_by_its_particle_is_ridden() -> None:
    assert ("riding", "スケートボード") in relations(shot_of("少女がスケートボードで坂を下る"), "少女")
    assert ("riding", "스케이트보드") in relations(shot_of("소녀가 스케이트보드를 타고 웃는다"), "소녀")
    assert [how for how, _ in relations(shot_of("선수가 공을 몰고 달린다"), "선수")] == []


def test_a_baby_on_a_fathers_lap_is_on_the_father() -> None:
    assert ("on", "아빠") in relations(shot_of("아빠의 무릎 위에서 아기가 잔다"), "아기")
    assert ("on", "父") in relations(shot_of("父の膝の上で赤ん坊が眠る"), "赤ん坊")
