"""Who says quoted words, and how."""

from __future__ import annotations

import pytest

from opendance.plan import Dialogue, Manner
from opendance.prompt import plan_prompt


def lines_of(prompt: str) -> list[tuple[str, str | None, tuple[Manner, ...]]]:
    """What is said, by whom and how."""
    plan = plan_prompt(prompt, seconds=5, aspect_ratio="16:9")

    def speaker(line: Dialogue) -> str | None:
        shot = next((each for each in plan.shots if each.start == line.start), plan.shots[0])
        return None if line.speaker is None else shot.subjects[line.speaker].name

    return [(line.text, speaker(line), line.manners) for line in plan.dialogue]


def test_each_line_is_said_by_who_is_named_nearest_before_it() -> None:
    prompt = 'A woman says "Hello there" and the man replies "Good morning".'
    assert lines_of(prompt) == [("Hello there", "woman", ()), ("Good morning", "man", ())]


def test_who_is_named_behind_the_words_says_them() -> None:
    assert lines_of('"Run!" shouts the boy while a woman watches.') == [("Run!", "boy", ("shout",))]


def test_a_pronoun_is_whoever_it_can_mean() -> None:
    prompt = 'A girl talks to an old man. He whispers: "I know where it is."'
    assert lines_of(prompt) == [("I know where it is.", "old man", ("whisper",))]


@pytest.mark.parametrize(
    ("prompt", "speaker", "manner"),
    [
        ("女孩对老人大喊：“快跑！”", "girl", "shout"),
        ('소년이 소녀에게 "안녕하세요"라고 속삭인다', "boy", "whisper"),
        ("少女は「ありがとう」と囁く", "girl", "whisper"),
        ('An old woman slowly tells her grandson "never give up"', "old woman", "slow"),
    ],
)
def test_who_is_spoken_to_says_nothing(prompt: str, speaker: str, manner: Manner) -> None:
    assert [(who, how) for _, who, how in lines_of(prompt)] == [(speaker, (manner,))]


def test_words_about_the_camera_do_not_say_how_somebody_speaks() -> None:
    assert lines_of('The camera slowly pushes in. A man says "Hello"') == [("Hello", "man", ())]


def test_a_narrator_is_nobody_who_is_seen() -> None:
    assert [how for _, _, how in lines_of('A castle on a hill. Voice-over: "Long ago, there was a king."')] == [
        ("narration",)
    ]


def test_a_speaker_is_one_of_the_subjects_of_the_shot_in_which_it_speaks() -> None:
    prompt = '[0-3s] a dog in a park [3-5s] a doctor shouts "Stop!"'
    assert lines_of(prompt) == [("Stop!", "doctor", ("shout",))]


@pytest.mark.parametrize(
    ("prompt", "line", "speaker"),
    [
        ('A teddy bear waves and says "Good night" to a girl', "Good night", "teddy bear"), ('A robot waits. Its coach off-screen says, "Go!"', "Go!", "coach"),
        ("茶馆里，红衣少女端着茶，老人低头。少女轻声道：“再见。”", "再见。", "girl"),
    ],
)  # fmt: skip
def test_whoever_is_said_to_speak_does_even_a_toy_or_somebody_out_of_the_picture(
    prompt: str, line: str, speaker: str
) -> None:
    assert [(text, who) for text, who, _ in lines_of(prompt)] == [(line, speaker)]


def test_a_line_behind_a_name_of_the_cast_is_said_by_it() -> None:
    prompt = (
        "지혜(24)와 도윤(31)이 옥상에 앉아 있다.\n\n지혜: 내일도 비가 올까?\n도윤: (웃으며) 오면 좋지.\n카메라: 고정"
    )
    plan = plan_prompt(prompt, seconds=5, aspect_ratio="16:9")
    said = [
        (line.text, None if line.speaker is None else plan.shots[0].subjects[line.speaker].words)
        for line in plan.dialogue
    ]
    assert said == [("내일도 비가 올까?", "지혜"), ("오면 좋지.", "도윤")]
