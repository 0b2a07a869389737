"""What ends an exclusion, and what it is about, in four languages."""

from __future__ import annotations

import pytest

from opendance.plan import Plan
from opendance.prompt import plan_prompt
from tests.prompt.packages import needs_words

pytestmark = needs_words


def plan(prompt: str) -> Plan:
    return plan_prompt(prompt, seconds=8, aspect_ratio="16:9")


@pytest.mark.parametrize(
    ("prompt", "excluded", "shown"),
    [
        ("A waiter bows without lifting his eyes: a bell rings on the desk", (), {"waiter", "bell", "desk"}),
        ("A pilot sits on a bench without taking off her coat, over-the-shoulder, naturalistic drama", (), {"pilot", "bench"}),
        ("A dog sleeps without text, logos, wide shot, cinematic drama", ("text", "logo"), {"dog"}),
        ("A cat walks without meowing, a man stands without smiling", ("meowing", "smiling"), {"cat", "man"}),
        ("A man in a field, no depiction of blood, no signs of violence", ("blood", "violence"), {"man"}),
        ("一只狗在跑，不要血的描写", ("blood",), {"dog"}),
        ("一隻狗喺街上，唔要字幕，冇水印", ("subtitles", "watermark"), {"dog"}),
        ("開心嘅狗，唔好有標誌", ("logo",), {"dog"}),
        ("개가 달린다. 피 묘사는 제외", ("blood",), {"dog"}),
        ("개가 달린다. 총을 쏘는 장면 없이", ("weapons",), {"dog"}),
        ("개가 달린다, 점프컷 없이", ("cuts",), {"dog"}),
        ("犬が走る。暴力シーンはNG", ("violence",), {"dog"}),
        ("犬が走る。雨の音、ロゴなし", ("logo",), {"dog"}),
        ("犬が走る。人の手なし", ("hands",), {"dog"}),
        ("犬が走る。環境音、人工物なし", ("man-made objects",), {"dog"}),
    ],
)  # fmt: skip
def test_an_exclusion_is_about_what_it_names_and_ends_there(
    prompt: str, excluded: tuple[str, ...], shown: set[str]
) -> None:
    made = plan(prompt)
    assert tuple(found.value for found in made.reasons if found.kind == "excluded") == excluded
    assert {subject.name for subject in made.shots[0].subjects} == shown
