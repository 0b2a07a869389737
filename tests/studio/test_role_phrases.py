"""What *Change role* writes into a prompt gives that role: `web/src/roles.json`, through the planner."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from opendance.asset import Asset
from opendance.catalog import Mode
from opendance.plan import Role
from opendance.prompt.planner import plan_prompt

_PHRASES: dict[str, dict[str, Any]] = json.loads(
    Path(__file__, "../../../web/src/roles.json").resolve().read_text(encoding="utf-8")
)
_NAMES = {
    "en": {"image": "[@Image{n}]", "video": "[@Video{n}]", "audio": "[@Audio{n}]"},
    "zh": {"image": "【@图片{n}】", "video": "【@视频{n}】", "audio": "【@音频{n}】"},
    "ko": {"image": "[@이미지{n}]", "video": "[@비디오{n}]", "audio": "[@오디오{n}]"},
    "ja": {"image": "[@画像{n}]", "video": "[@動画{n}]", "audio": "[@音声{n}]"},
}
_BEFORE = {
    "en": "A cat walks through the rain. ",
    "zh": "一只猫在雨中行走。",
    "ko": "고양이가 비 속을 걷는다. ",
    "ja": "猫が雨の中を歩く。",
}


def test_there_is_a_phrase_for_each_role() -> None:
    assert set(_PHRASES) == set(get_args(Role))


@pytest.mark.parametrize("language", ["en", "zh", "ko", "ja"])
@pytest.mark.parametrize("role", get_args(Role))
def test_the_phrase_gives_its_role(role: Role, language: str) -> None:
    phrase = _PHRASES[role]
    kind = phrase["kinds"][0]
    assets = [Asset(kind=kind, number=number, width=1280, height=720, seconds=5.0) for number in (1, 2)]
    chip = _NAMES[language][kind].format(n=2)
    plan = plan_prompt(
        _BEFORE[language] + phrase[language].format(chip=chip),
        seconds=5,
        aspect_ratio="16:9",
        mode=Mode.REFERENCE,
        assets=assets,
    )
    assert [(use.role, use.number) for use in plan.assets if use.number == 2] == [(role, 2)]
