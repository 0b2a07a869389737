"""What a film set's own words say that other words hide: still cameras, times of shots, months, rain that is over, only sounds."""

from __future__ import annotations

import pytest

from opendance.plan import Plan, Shot
from opendance.prompt import plan_prompt


def plan(prompt: str) -> Plan:
    return plan_prompt(prompt, seconds=9, aspect_ratio="16:9")


def shot(prompt: str) -> Shot:
    return plan(prompt).shots[0]


@pytest.mark.parametrize(
    "prompt",
    [
        "静止したカメラ、職人が桶を削る", "寄りの固定、職人の手", "高い位置から、カメラは静止している。船が通る", "고정 숏, 장인이 나무를 깎는다",
        "로우 앵글 고정, 기차가 지나간다", "움직이지 않는 카메라, 기차가 지나간다", "카메라를 고정한 채 장인이 나무를 깎는다",
        "the camera is locked off, a potter turns a bowl", "The camera is perfectly still while a train passes", "定镜，匠人削木头", "三脚架拍摄，渔夫补网",
    ],
)  # fmt: skip
def test_a_camera_that_is_fixed_stands_still(prompt: str) -> None:
    understood = shot(prompt)
    assert understood.camera.move == "static"
    assert "attach" not in [deed.verb for subject in understood.subjects for deed in subject.deeds]


@pytest.mark.parametrize("prompt", ["벽에 고정된 선반 앞에서 장인이 걷는다", "大工が棚を壁に固定する"])
def test_what_is_fixed_to_a_wall_holds_no_camera(prompt: str) -> None:
    assert shot(prompt).camera.move != "static"


@pytest.mark.parametrize(
    "prompt",
    [
        "0〜3秒：猫が眠る 3〜9秒：犬が走る", "・０〜３秒：猫が眠る\n・３〜９秒：犬が走る", "【0〜3秒】猫が眠る【3〜9秒】犬が走る", "00:00〜00:03 猫が眠る\n00:03〜00:09 犬が走る",
        "第0秒到第3秒：猫睡觉。第3秒到第9秒：狗跑", "0−3s: a cat sleeps. 3−9s: a dog runs", "0:00‐0:03 a cat sleeps\n0:03‐0:09 a dog runs",
        "0〜3초: 고양이가 잔다. 3〜9초: 개가 달린다.",
    ],
)  # fmt: skip
def test_times_mark_shots_whatever_dash_is_between_them(prompt: str) -> None:
    understood = plan(prompt)
    assert [(each.start, each.end) for each in understood.shots] == [(0, 3), (3, 9)]
    assert [each.subjects[0].name for each in understood.shots] == ["cat", "dog"]


@pytest.mark.parametrize(
    ("prompt", "season"),
    [
        ("9月の海辺、犬が走る", "autumn"), ("2月，老人在街上走", "winter"), ("六月，老人在街上走", "summer"), ("5월의 교정, 개가 달린다", "spring"),
        ("11月下旬の駅、犬が走る", "autumn"), ("a dog runs along a street in November", "autumn"),
    ],
)  # fmt: skip
def test_a_month_is_a_season_and_no_moon(prompt: str, season: str) -> None:
    understood = shot(prompt)
    assert understood.season == season
    assert understood.hour != "night"
    assert "moon" not in [subject.name for subject in understood.subjects]


@pytest.mark.parametrize(
    "prompt",
    [
        "三ヶ月後、犬が走る",
        "两个月后，狗在跑",
        "先月の駅、犬が走る",
        "세 달 뒤, 개가 달린다",
        "木曜日ではなく月曜日、犬が走る",
        "지난 달, 개가 달린다",
    ],
)
def test_how_many_months_pass_shows_no_moon(prompt: str) -> None:
    understood = shot(prompt)
    assert understood.hour != "night"
    assert [subject.name for subject in understood.subjects] == ["dog"]


@pytest.mark.parametrize(
    "prompt", ["三日月の下、犬が走る", "10月の満月、犬が走る", "天上有三个月亮，狗在跑", "두 달이 뜬 하늘, 개가 달린다"]
)
def test_a_moon_with_a_number_or_in_a_month_shines(prompt: str) -> None:
    assert shot(prompt).hour == "night" or "moon" in [subject.name for subject in shot(prompt).subjects]


@pytest.mark.parametrize(
    "prompt",
    [
        "雨上がりの公園、犬が走る", "通り雨が過ぎた街、犬が走る", "にわか雨がやんだ坂道、犬が走る", "刚下过雨的公园，狗在跑", "暴雨过后的小镇，狗在跑", "雨停了，狗在跑",
        "비가 갠 공원, 개가 달린다", "소나기가 그친 거리, 개가 달린다", "비 온 뒤 공원에서 개가 달린다", "a dog runs through puddles after a heavy downpour",
        "The rain has stopped. A dog runs", "rain-washed street, a dog runs",
    ],
)  # fmt: skip
def test_after_rain_the_ground_is_wet_and_nothing_falls(prompt: str) -> None:
    understood = shot(prompt)
    assert understood.weather == "clear"
    assert understood.rained
    assert understood.wet


@pytest.mark.parametrize(
    "prompt", ["雨がやむ気配のない街", "a dog runs before the rain", "비가 내리는 공원", "下雨的街道", "土砂降りの駅"]
)
def test_rain_that_goes_on_falls(prompt: str) -> None:
    understood = shot(prompt)
    assert understood.weather == "rain"
    assert not understood.rained


def test_fog_after_rain_is_the_weather_and_rain_is_over_in_the_next_shot_too() -> None:
    first = shot("雨上がりの霧の谷、鹿が歩く")
    assert (first.weather, first.rained) == ("fog", True)
    shots = plan("Shot 1: after the rain, a dog runs. Shot 2: the dog sleeps.").shots
    assert [(each.weather, each.rained) for each in shots] == [("clear", True), ("clear", True)]


@pytest.mark.parametrize(
    "prompt",
    [
        "ニュース番組風、犬が走る",
        "洋風の庭、犬が走る",
        "韓国風の庭で犬が走る",
        "电视广告风，狗在跑",
        "광고풍, 개가 달린다",
    ],
)
def test_the_manner_of_something_is_no_wind_and_no_thing(prompt: str) -> None:
    understood = shot(prompt)
    assert understood.weather == "clear"
    assert [subject.name for subject in understood.subjects] == ["dog"]


def test_winds_blow_still() -> None:
    assert shot("強い風、犬が走る").weather == "wind"
    assert shot("海風の中、犬が走る").weather == "wind"


@pytest.mark.parametrize(
    "prompt",
    [
        "雨音だけが響く寺、僧侶が座る", "環境音のみ、僧侶が座る", "聞こえるのは風鈴だけ。僧侶が座る", "A monk sits, only the sound of a bell", "natural sound only, a monk sits",
        "The only sound is dripping water. A monk sits", "只有溪水的声音，和尚坐着", "只保留环境音，和尚坐着", "바람 소리만 들린다, 스님이 앉아 있다", "현장음만, 스님이 앉아 있다",
    ],
)  # fmt: skip
def test_where_only_a_sound_is_heard_there_is_no_music(prompt: str) -> None:
    assert plan(prompt).silent_music


@pytest.mark.parametrize(
    "prompt",
    [
        "ピアノの音だけ、僧侶が座る", "only the sound of a piano, a monk sits", "只有琴声，和尚坐着", "노래 소리만 들린다, 스님이 앉아 있다", "雨音だけでなく鳥の声も、僧侶が座る",
        "not only the sound of rain, a monk sits", "only a monk in the hall, the sound of rain",
    ],
)  # fmt: skip
def test_music_alone_and_sounds_among_others_silence_nothing(prompt: str) -> None:
    assert not plan(prompt).silent_music


@pytest.mark.parametrize(
    ("prompt", "move"),
    [
        ("上へパン、城が見える", "tilt_up"), ("カメラが下にパンして犬を映す", "tilt_down"), ("아래로 패닝, 개가 달린다", "tilt_down"), ("camera pans down to a dog", "tilt_down"),
        ("镜头向上摇，露出城堡", "tilt_up"), ("지브 하강, 개가 달린다", "crane_down"), ("크레인이 내려가며 개를 비춘다", "crane_down"), ("クレーンで下降、犬が走る", "crane_down"),
        ("crane shot descending to a dog", "crane_down"), ("吊臂下降，狗在跑", "crane_down"), ("横から追走、犬が走る", "tracking"), ("背後から追う、犬が走る", "tracking"),
        ("뒤에서 쫓아가는 카메라, 개가 달린다", "tracking"), ("a chase camera behind a dog", "tracking"), ("ドリー バック、犬", "pull_out"), ("ハンド ヘルド、犬", "handheld"),
    ],
)  # fmt: skip
def test_a_move_that_words_name_is_the_cameras(prompt: str, move: str) -> None:
    understood = shot(prompt)
    assert understood.camera.move == move
    assert {"crane", "pan", "bag", "bread", "basket of bread"}.isdisjoint(each.name for each in understood.subjects)


def test_a_word_of_cameras_with_a_blank_within_is_the_word() -> None:
    understood = shot("ラック フォーカス、犬の顔から手紙へ")
    assert "rack_focus" in understood.framing
    assert "rack" not in [subject.name for subject in understood.subjects]
    assert shot("エクストリーム クローズアップ、犬").size == "extreme_close_up"


@pytest.mark.parametrize(
    "prompt", ["机の上にパンがある、犬が座る", "She sets the pan down on the stove", "He picks the pan up"]
)
def test_bread_and_a_frying_pan_move_no_camera(prompt: str) -> None:
    understood = shot(prompt)
    assert understood.camera.move == "push_in"
    assert {"pan", "bread", "basket of bread"} & {subject.name for subject in understood.subjects}


@pytest.mark.parametrize(
    "prompt", ["드론을 따라 소녀가 달린다", "카메라를 흔들며 소녀가 웃는다", "카메라를 든 소녀가 회전한다"]
)
def test_what_is_done_with_a_camera_moves_the_one_that_films_in_no_way(prompt: str) -> None:
    assert shot(prompt).camera.move == "push_in"


def test_bamboo_sways_in_a_wind_that_blows() -> None:
    assert shot("竹林風に揺れる").weather == "wind"
