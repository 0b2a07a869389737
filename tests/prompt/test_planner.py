from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from opendance.plan import Fact, Plan
from opendance.prompt import plan_prompt
from opendance.prompt.dialogue import detect_language


def plan(prompt: str, ratio: str = "adaptive") -> Plan:
    return plan_prompt(prompt, seconds=8, aspect_ratio=ratio)


def seen(prompt: str) -> str:
    """The first shot in one line: setting hour weather size move, then subjects with count, action and instrument."""
    shot = plan(prompt).shots[0]
    subjects = " ".join(f"{s.emoji}{s.count}{s.action}{s.instrument or ''}" for s in shot.subjects)
    return f"{shot.setting} {shot.hour} {shot.weather} {shot.size} {shot.camera.move} | {subjects}"


@pytest.mark.rule("PR-02")
@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("A cat playing the Moonlight Sonata on a piano, cinematic lighting, close-up shot", "room night clear close_up push_in | 🐈1play_instrument🎹 🎹1idle"),
        ("Time-lapse photography of a city sunset, golden light spilling across the skyline", "city golden clear wide time_lapse | "),
        ("Two astronauts dancing on the moon, wide shot, the camera orbits", "space night clear wide orbit | 🧑‍🚀2dance"),
        ("a school of tropical fish swims through a coral reef", "underwater day clear medium push_in | 🐠8swim"),
        ("A fox runs through an autumn forest in the rain, tracking shot", "forest day rain medium tracking | 🦊1run"),
        ("wide shot of a sailboat on a stormy sea at dusk, handheld", "sea dusk storm wide handheld | ⛵1sail"),
        ("A rocket launches at dawn, low angle, tilt up", "space dawn clear medium tilt_up | 🚀1rise"),
        ("static shot of snowy mountains in fog", "snow day fog wide static | "),
        ("一只小狗在雪地里奔跑，镜头跟随", "snow day snow medium tracking | 🐕1run"),
        ("夜晚的城市街头，一个女人在雨中行走，特写", "street night rain close_up push_in | 👩1walk"),
        ("三只企鹅在跳舞，舞台，聚光灯", "stage night clear medium push_in | 🐧3dance"),
        ("벚꽃이 흩날리는 공원에서 강아지가 달린다, 카메라가 따라간다", "garden day clear medium tracking | 🐕1run"),
        ("밤하늘 아래 사막을 걷는 남자, 와이드 샷", "desert night clear wide push_in | 👨1walk"),
        ("夕焼けの海を泳ぐイルカ、空撮", "sea golden clear wide push_in | 🐬1swim"),
        ("珊瑚礁を泳ぐ熱帯魚の群れ", "underwater day clear medium push_in | 🐠7swim"),
        ("雪山を飛ぶ竜、クレーンショット", "mountains day clear medium crane_up | 🐉1fly"),
    ],
)  # fmt: skip
def test_a_prompt_is_understood_in_four_languages(prompt: str, expected: str) -> None:
    assert seen(prompt) == expected


@pytest.mark.parametrize(
    ("words", "move"),
    [
        ("static shot", "static"), ("push in", "push_in"), ("the camera pulls back", "pull_out"), ("pan left", "pan_left"),
        ("pan right", "pan_right"), ("tilt up", "tilt_up"), ("tilt down", "tilt_down"), ("truck left", "truck_left"),
        ("truck right", "truck_right"), ("pedestal up", "pedestal_up"), ("pedestal down", "pedestal_down"),
        ("orbit shot", "orbit"), ("crane up", "crane_up"), ("crane down", "crane_down"), ("handheld", "handheld"),
        ("zoom in", "zoom_in"), ("zoom out", "zoom_out"), ("dolly zoom", "dolly_zoom"), ("tracking shot", "tracking"),
        ("whip pan", "whip_pan"), ("time-lapse", "time_lapse"), ("dutch angle", "roll"), ("甩镜头", "whip_pan"),
        ("希区柯克变焦", "dolly_zoom"), ("줌 아웃", "zoom_out"), ("달리 줌", "dolly_zoom"), ("ドリーズーム", "dolly_zoom"),
        ("左にパン", "pan_left"), ("环绕", "orbit"), ("핸드헬드", "handheld"),
    ],
)  # fmt: skip
def test_every_camera_move_has_its_words(words: str, move: str) -> None:
    assert plan(f"a lake, {words}").shots[0].camera.move == move


@pytest.mark.parametrize(
    ("word", "setting"),
    [
        ("city", "city"), ("ocean", "sea"), ("mountain", "mountains"), ("forest", "forest"), ("desert", "desert"),
        ("arctic", "snow"), ("street", "street"), ("bedroom", "room"), ("stage", "stage"), ("galaxy", "space"),
        ("garden", "garden"), ("above the clouds", "sky"), ("meadow", "field"), ("coral reef", "underwater"),
        ("product shot", "studio"),
    ],
)  # fmt: skip
def test_every_setting_has_its_words(word: str, setting: str) -> None:
    assert plan(f"a {word}").shots[0].setting == setting


@pytest.mark.parametrize(
    ("prompt", "subject", "action"),
    [
        ("an owl flies", "🦉", "fly"), ("a butterfly", "🦋", "fly"), ("a frog jumps", "🐸", "jump"), ("leopards sleep", "🐆", "sleep"),
        ("a croissant", "🥐", "idle"), ("a violin", "🎻", "idle"), ("a crab by the lighthouse", "🦀", "idle"),
        ("一只蝴蝶飞舞", "🦋", "fly"), ("수달이 헤엄친다", "🦦", "swim"), ("カンガルーがジャンプする", "🦘", "jump"),
    ],
)  # fmt: skip
def test_whatever_the_emoji_set_names_can_be_a_subject(prompt: str, subject: str, action: str) -> None:
    found = plan(prompt).shots[0].subjects
    assert (found[0].emoji, found[0].action) == (subject, action)


def test_the_camera_is_no_subject() -> None:
    for prompt in ("The camera slowly pushes in", "镜头缓缓推进", "카메라가 다가간다", "カメラが近づく"):
        assert plan(prompt).shots[0].subjects == ()


def test_quoted_words_are_spoken_in_their_language_and_signs_are_not() -> None:
    assert [(d.text, d.language) for d in plan('She says "Hello there!"').dialogue] == [("Hello there!", "en")]
    assert plan("她说：“你好，世界”").dialogue[0].language == "zh"
    assert plan('소년이 "안녕하세요"라고 말한다').dialogue[0].language == "ko"
    assert plan("彼女は「こんにちは」と言う").dialogue[0].language == "ja"
    assert plan('a neon sign that reads "OPEN"').dialogue == ()


def test_quoted_words_keep_the_letters_of_the_prompt() -> None:
    assert [line.text for line in plan("她說：「歡迎回來…」").dialogue] == ["歡迎回來…"]
    assert [writing.text for writing in plan('a neon sign that reads "½ ＰＲＩＣＥ"').written] == ["½ ＰＲＩＣＥ"]


def test_what_is_quoted_is_not_shown() -> None:
    assert [s.emoji for s in plan('A woman says "I saw a tiger"').shots[0].subjects] == ["👩"]


def test_OUT_05_adaptive_chooses_by_the_words_of_the_prompt() -> None:
    for prompt, ratio in (
        ("a vertical video of a cat", "9:16"), ("an ultrawide panorama", "21:9"), ("an album cover with a cat", "1:1"),
        ("home video of a birthday", "4:3"), ("竖屏，一只猫", "9:16"), ("세로 영상, 고양이", "9:16"), ("縦動画の猫", "9:16"),
        ("a cat in a room", "16:9"), ("mountains, wide shot", "21:9"), ("portrait of a woman", "3:4"),
    ):  # fmt: skip
        assert plan(prompt).aspect_ratio == ratio, prompt


@pytest.mark.rule("OUT-05")
def test_a_ratio_that_is_asked_for_is_kept() -> None:
    assert plan("a vertical video", ratio="16:9").aspect_ratio == "16:9"


def test_light_and_place_go_on_in_the_next_shot() -> None:
    first, second = plan("[0-3s] a wolf in a snowy forest at night [3-8s] close-up of its eyes").shots
    assert (second.setting, second.hour, second.size) == (first.setting, first.hour, "close_up")
    assert second.subjects[0].emoji == "🐺"


def test_styles_moods_and_music_are_found() -> None:
    assert plan("watercolor painting of a lake").style == "watercolor"
    assert plan("film noir, a detective").style == "noir"
    assert plan("黑白电影").style == "black_and_white"
    assert plan("a sad and lonely robot").mood == "melancholic"
    assert plan("a violinist plays Vivaldi").music == "spring"
    assert plan("a lake, no music").silent_music


def test_every_understanding_names_its_words() -> None:
    found = dict(plan("A white fox in the snow, pan left").found)
    assert found["subject: 🦊 fox, idle"] == "fox"
    assert found["camera: pan_left"] == "pan left"


@pytest.mark.parametrize(("text", "language"), [("hello", "en"), ("你好", "zh"), ("안녕", "ko"), ("こんにちは", "ja"), ("東京の夜", "ja"), ("", "en"), ("K-pop 무대", "ko")])  # fmt: skip
def test_the_language_is_told_by_the_script(text: str, language: str) -> None:
    assert detect_language(text) == language


@settings(max_examples=150, deadline=None)
@given(st.text(min_size=1, max_size=200), st.integers(4, 15))
def test_any_text_gives_a_plan_that_covers_the_clip(prompt: str, seconds: int) -> None:
    made = plan_prompt(prompt, seconds=seconds, aspect_ratio="adaptive")
    assert made.shots[0].start == 0
    assert made.shots[-1].end == pytest.approx(seconds)
    assert made.aspect_ratio != "adaptive"


@pytest.mark.parametrize(
    ("prompt", "explicit"),
    [
        ("a cat", ()),
        ("a cat, pan left", ("camera",)),
        ("a cat at night in the rain, push in", ("camera", "hour", "weather")),
        ("an arctic landscape under a clear sky", ("weather",)),
        ("an arctic landscape", ()),
    ],
)
def test_a_shot_tells_what_the_words_of_the_prompt_chose_themselves(prompt: str, explicit: tuple[str, ...]) -> None:
    assert plan(prompt).shots[0].explicit == explicit


def test_what_a_shot_takes_from_the_one_before_it_is_not_its_own_choice() -> None:
    first, second = plan("[0-4s] a cat at night [4-8s] it sleeps").shots
    assert (first.hour, first.explicit) == ("night", ("hour",))
    assert (second.hour, second.explicit) == ("night", ())


def test_the_weather_of_the_web_is_nobodys_choice() -> None:
    shot = plan_prompt("a cat", seconds=4, aspect_ratio="16:9", facts=[Fact("weather", "heavy rain")]).shots[0]
    assert (shot.weather, shot.explicit) == ("rain", ())


def test_a_plan_of_a_release_that_knew_no_choices_is_still_read() -> None:
    adapter = TypeAdapter(Plan)
    written = adapter.dump_python(plan("a cat at night"), mode="json")
    for shot in written["shots"]:
        del shot["explicit"]
    assert [shot.explicit for shot in adapter.validate_python(written).shots] == [()]


@pytest.mark.parametrize(
    ("prompt", "ratio", "focal_length"),
    [
        ("a cat walks, 9:16", "9:16", None), ("一只猫，9：16，35毫米镜头", "9:16", 35), ("a dog, aspect ratio 4:3, 24mm", "4:3", 24),
        ("a match that ends 1:1", "16:9", None), ("a cat in the town square, 85mm lens", "16:9", 85),
        ("a cat walks, 35mm film grain", "16:9", None),
    ],
)  # fmt: skip
def test_ratios_and_focal_lengths_are_read_in_digits(prompt: str, ratio: str, focal_length: int | None) -> None:
    read = plan(prompt)
    assert (read.aspect_ratio, read.shots[0].focal_length) == (ratio, focal_length)
