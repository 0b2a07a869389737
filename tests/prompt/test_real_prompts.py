"""What prompts of real users do: exclusions, numbers that count nothing, layouts, marks, other letters, what is worn."""

from __future__ import annotations

import pytest

from opendance.plan import Plan
from opendance.prompt import plan_prompt
from tests.prompt.packages import needs_words


def plan(prompt: str) -> Plan:
    return plan_prompt(prompt, seconds=8, aspect_ratio="16:9")


def names(prompt: str) -> list[str]:
    return [subject.name for shot in plan(prompt).shots for subject in shot.subjects]


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("A quiet beach at dawn, no people, no birds, no boats", []),
        ("A cat on a sofa. Negative prompt: people, rain, dogs", ["cat", "sofa"]),
        ("a cat sleeps without dogs or birds around", ["cat"]),
        ("a fox --no dogs, rain", ["fox"]),
        ("do not show people. A fox walks", ["fox"]),
        ("一只猫在公园里，没有狗，不要下雨", ["cat"]),
        ("一只猫，不要出现人物和文字", ["cat"]),
        ("공원의 고양이, 사람 없이, 비 없음", ["cat"]),
        ("公園の猫、人なし、犬は映さない", ["cat"]),
    ],
)
def test_what_a_prompt_excludes_is_not_shown(prompt: str, shown: list[str]) -> None:
    made = plan(prompt)
    assert [s.name for s in made.shots[0].subjects] == shown
    assert made.shots[0].weather not in ("rain", "storm")


@pytest.mark.parametrize(
    "prompt",
    ["a cat, no camera movement", "a cat, camera does not move", "猫，镜头不动", "猫，没有镜头运动", "고양이, 카메라 움직임 없이",
     "고양이, 카메라는 움직이지 않는다", "猫、カメラは動かない", "猫、カメラの動きなし", "a cat, without any zoom or panning"],
)  # fmt: skip
def test_a_camera_that_shall_not_move_is_still(prompt: str) -> None:
    assert plan(prompt).shots[0].camera.move == "static"


@pytest.mark.parametrize(
    "prompt",
    ["a lake, no background music", "a lake, without background music", "湖，无背景音乐", "湖，不要背景音乐", "호수, 배경음악 없이",
     "a lake. Background music: none", "a lake, do not add music", "a lake, no BGM", "湖、BGMなし", "호수, 음악 없음", "湖，不要音乐"],
)  # fmt: skip
def test_a_prompt_that_wants_no_music_gets_none(prompt: str) -> None:
    assert plan(prompt).silent_music


@pytest.mark.parametrize(
    "prompt",
    ["For 5 seconds a cat sits", "35mm film, a cat", "a 10-year-old cat", "3D style cat", "在5秒内一只猫", "16:9 a cat",
     "a cat at 7 pm", "in 1985 a cat", "4K 60fps cat", "f/1.4 cat", "10초 동안 고양이", pytest.param("5秒間、猫", marks=needs_words), "a cat <lora:x:0.8>", "12歳の猫"],
)  # fmt: skip
def test_measures_count_nothing(prompt: str) -> None:
    assert [(s.name, s.count) for s in plan(prompt).shots[0].subjects] == [("cat", 1)]


def test_each_count_belongs_to_its_own() -> None:
    assert [(s.name, s.count) for s in plan("two cats and a dog").shots[0].subjects] == [("cat", 2), ("dog", 1)]
    assert [(s.name, s.count) for s in plan("고양이 세 마리와 개 한 마리").shots[0].subjects] == [
        ("cat", 3),
        ("dog", 1),
    ]


@pytest.mark.parametrize(
    ("prompt", "age"),
    [("a 10-year-old girl", "child"), ("a 16 year old boy", "teen"), ("a woman in her 70s", "elderly"), ("一位70岁的男人", "elderly"),
     ("8살 소녀", "child"), ("80歳の女性", "elderly"), ("a young woman", "adult")],
)  # fmt: skip
def test_an_age_is_an_age(prompt: str, age: str) -> None:
    (somebody,) = plan(prompt).shots[0].subjects
    assert (somebody.age, somebody.count) == (age, 1)


def test_a_clock_tells_the_hour() -> None:
    assert plan("a street at 2 a.m.").shots[0].hour == "night"
    assert plan("下午3点的街道").shots[0].hour == "day"
    assert plan("새벽 6시 거리").shots[0].hour == "dawn"


def test_a_prompt_in_json_says_what_its_values_say() -> None:
    made = plan(
        '{"scene": "a fox runs through a forest at night", "camera": {"movement": "pan left"}, "negative_prompt": "people, dogs",'
        ' "duration": 8, "dialogue": "Hello there", "style": "watercolor"}'
    )
    (shot,) = made.shots
    assert [(s.name, s.verb) for s in shot.subjects] == [("fox", "run")]
    assert (shot.place, shot.hour, shot.camera.move, made.style) == ("forest", "night", "pan_left", "watercolor")
    assert [line.text for line in made.dialogue] == ["Hello there"]


def test_shots_in_json_are_shots() -> None:
    made = plan(
        '{"shots": [{"description": "a cat sleeps", "duration": 2}, {"description": "a dog runs", "duration": 6}]}'
    )
    assert [(s.start, s.end, s.subjects[0].name) for s in made.shots] == [(0, 2, "cat"), (2, 8, "dog")]


def test_markdown_is_no_picture() -> None:
    made = plan("# Scene\n**Subject:** a *red* fox\n- **Camera:** pan left\n> at night")
    assert [(s.name, s.colour) for s in made.shots[0].subjects] == [("fox", "red")]
    assert (made.shots[0].camera.move, made.shots[0].hour) == ("pan_left", "night")


def test_a_screenplay_has_a_place_an_hour_and_lines() -> None:
    made = plan("INT. KITCHEN - NIGHT\n\nA woman reads a letter.\n\nANNA\n(quietly)\nI knew it.\n\n")
    assert (made.shots[0].place, made.shots[0].hour) == ("kitchen", "night")
    assert [line.text for line in made.dialogue] == ["I knew it."]


@pytest.mark.parametrize(
    "prompt",
    ["00:00-00:04 a cat\n00:04-00:08 a dog", "**Shot 1:** a cat\n**Shot 2:** a dog", "Shot 1 (4s): a cat. Shot 2 (4s): a dog",
     "[Scene 01: a cat] [Scene 02: a dog]", "镜头一：猫。镜头二：狗。", "第0-4秒：猫，第4-8秒：狗", "첫 번째 장면: 고양이. 두 번째 장면: 개",
     "镜头1 [0:00–0:04]：猫 镜头2 [0:04–0:08]：狗", "Shot 1 (0-4s): a cat. Shot 2 (4-8s): a dog", "First shot: a cat. Second shot: a dog.",
     "SHOT 1\nA cat\nSHOT 2\nA dog", "シーン1：猫。シーン2：犬。", "0s-4s: a cat; 4s-8s: a dog", "【镜头1】猫【镜头2】狗"],
)  # fmt: skip
def test_every_common_mark_of_shots_splits_them_and_leaves_no_digits(prompt: str) -> None:
    shots = plan(prompt).shots
    assert [(s.start, s.end) for s in shots] == [(0, 4), (4, 8)]
    assert [[(x.name, x.count) for x in s.subjects] for s in shots] == [[("cat", 1)], [("dog", 1)]]
    assert not any(letter.isdigit() for shot in shots for letter in shot.text)


def test_traditional_chinese_is_read_as_simplified() -> None:
    traditional, simplified = plan("一隻貓在海邊奔跑，鏡頭環繞").shots[0], plan("一只猫在海边奔跑，镜头环绕").shots[0]
    assert [s.name for s in traditional.subjects] == ["cat"]
    assert (
        (traditional.place, traditional.camera) == (simplified.place, simplified.camera) == ("beach", simplified.camera)
    )
    assert traditional.subjects[0].words == "貓"


@pytest.mark.parametrize(
    ("prompt", "wrong"),
    [("하늘에 무지개가 뜬다", "dog"), ("鱼眼镜头", "fish"), ("城市的斑马线", "horse"), ("一杯牛乳", "cow"), ("a bird’s eye view of a city", "bird"),
     ("a monkey wrench on a table", "monkey"), ("she types on a keyboard", "piano"), ("トラックが走る", "tiger"), ("나비가 난다", "rain")],
)  # fmt: skip
def test_a_word_inside_a_longer_word_is_none(prompt: str, wrong: str) -> None:
    assert wrong not in names(prompt)
    assert plan(prompt).shots[0].weather == "clear"


@pytest.mark.parametrize(
    ("prompt", "who", "worn"),
    [("A man in a red coat", "man", ["coat"]), ("a girl in a red dress and sunglasses", "girl", ["dress", "sunglasses"]),
     ("穿红色外套的男人", "man", ["coat"]), ("a cat with a red scarf", "cat", ["scarf"]), ("빨간 모자를 쓴 소년", "boy", ["hat"]),
     ("着物を着た女性", "woman", ["kimono"]), ("a knight wearing a helmet", "knight", ["helmet"])],
)  # fmt: skip
def test_what_is_worn_is_worn(prompt: str, who: str, worn: list[str]) -> None:
    (somebody,) = plan(prompt).shots[0].subjects
    assert somebody.name == who
    assert [name.split()[-1] for name in somebody.wears] == worn


@pytest.mark.parametrize(
    ("prompt", "text"),
    [('a sign that says "OPEN"', "OPEN"), ('a shirt with the words "BEST BOY"', "BEST BOY"), ("出现“早安”的字幕", "早安"),
     ("칠판에 '안녕'이라고 쓴다", "안녕"), ("「営業中」と書かれた看板", "営業中"), ('a neon sign that reads "OPEN"', "OPEN")],
)  # fmt: skip
def test_written_words_are_written(prompt: str, text: str) -> None:
    made = plan(prompt)
    assert [writing.text for writing in made.written] == [text]
    assert made.dialogue == ()


@pytest.mark.parametrize(
    "prompt",
    [
        "She says {Good morning}",
        "She says 'Good morning'",
        "她说：＂Good morning＂",
        "Sie sagt: „Good morning“",
        'He shouts "Good morning"',
    ],
)
def test_spoken_words_are_spoken_in_any_quotation_marks(prompt: str) -> None:
    assert [line.text for line in plan(prompt).dialogue] == ["Good morning"]


def test_inches_are_no_quotation_marks() -> None:
    assert plan('a 27" monitor on a desk next to a 13" laptop').dialogue == ()


def test_a_long_line_is_spoken_whole() -> None:
    assert [len(line.text) for line in plan('A man says "' + "sea " * 150 + '"').dialogue] == [599]


def test_words_are_spoken_in_their_own_shot() -> None:
    made = plan('[00:00-00:04] a dog runs [00:04-00:08] a man says "Good boy"')
    assert [(line.text, line.start) for line in made.dialogue] == [("Good boy", 4.0)]


@pytest.mark.parametrize(
    "prompt", ["🐶🏖️🌅", "ａ ｄｏｇ ａｔ ｔｈｅ ｂｅａｃｈ ａｔ ｄａｗｎ", "개가 해변에 새벽".replace("개", "개")]
)
def test_emoji_full_width_and_decomposed_letters_are_read(prompt: str) -> None:
    shot = plan(prompt).shots[0]
    assert (shot.subjects[0].emoji in "🐶🐕", shot.place, shot.hour) == (True, "beach", "dawn")


def test_a_bird_does_not_move_the_scene_into_the_sky() -> None:
    shot = plan("A fisherman on a dock, gulls circle overhead").shots[0]
    assert (shot.place, shot.setting) == ("dock", "sea")
    assert plan("a man feeds pigeons").shots[0].setting != "sky"


def test_a_later_shot_shows_who_was_there() -> None:
    shots = plan(
        "Shot 1: a red car on a road at night. Shot 2: close-up of the driver's eyes. Shot 3: aerial pull-out"
    ).shots
    assert [[s.name for s in shot.subjects] for shot in shots] == [["car"], ["driver"], ["car"]]
    assert {shot.hour for shot in shots} == {"night"}
    assert {shot.place for shot in shots} == {"road"}


@pytest.mark.parametrize(
    "prompt", ["a flumbergast on a table", "the zorgle flies", "커다란 쿠르반을 본다", "一个嘟噜噜在桌子上"]
)
def test_what_has_no_word_is_shown_all_the_same(prompt: str) -> None:
    assert any(subject.drawing is None for subject in plan(prompt).shots[0].subjects)


def test_reasons_carry_the_words_verbatim_and_where_they_stand() -> None:
    prompt = "Ｔｗｏ ＲＥＤ foxes, 🐶, pan left; zorblefrint"
    made = plan(prompt)
    assert all(prompt[reason.begin : reason.end] == reason.words for reason in made.reasons)
    assert ("camera", "pan_left", "pan left") in [(r.kind, r.value, r.words) for r in made.reasons]
    assert "zorblefrint" in made.unused
