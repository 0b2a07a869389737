"""Prompts as users write them, in four languages, with what each asset is for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from opendance.asset import Asset
from opendance.catalog import Mode
from opendance.prompt import check_references, plan_prompt

CORPUS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "corpus.toml").read_text("utf-8"))["prompt"]
SECONDS = 8
KINDS = {"i": "image", "v": "video", "a": "audio"}


def assets_of(given: str) -> tuple[Asset, ...]:
    assets: list[Asset] = []
    for count, kind, form in re.findall(r"(\d)([iva])([PT]?)", given):
        for number in range(1, int(count) + 1):
            size = (0, 0) if kind == "a" else (720, 1280) if form == "T" else (1280, 720)
            seconds = {"i": 0.0, "v": 5.0, "a": 8.0}[kind]
            assets.append(Asset(KINDS[kind], number, *size, seconds=seconds, plain_background=form == "P"))
    return tuple(assets)


def test_the_corpus_is_large_and_has_all_languages() -> None:
    assert len({prompt["text"] for prompt in CORPUS}) >= 120
    languages = [plan_prompt(p["text"], seconds=8, aspect_ratio="16:9").language for p in CORPUS]
    for language in ("en", "zh", "ko", "ja"):
        assert languages.count(language) >= 20, language


@pytest.mark.rule("PR-03", "MD-06")
@pytest.mark.parametrize("prompt", CORPUS, ids=[p["text"][:40] for p in CORPUS])
def test_every_asset_gets_its_role(prompt: dict[str, Any]) -> None:
    assets = assets_of(prompt["given"])
    counts = {kind: sum(asset.kind == kind for asset in assets) for kind in KINDS.values()}
    check_references(prompt["text"], num_images=counts["image"], num_videos=counts["video"], num_audios=counts["audio"])
    plan = plan_prompt(prompt["text"], seconds=SECONDS, aspect_ratio="adaptive", mode=Mode.REFERENCE, assets=assets)
    expected: dict[str, tuple[list[str], str | None, bool]] = {}
    for part in prompt["roles"].split(";"):
        asset, roles, when, back = re.fullmatch(
            r"\s*(\w\d) ([a-z_]+(?:, [a-z_]+)*)( [\d.]+-[\d.]+)?( backwards)?\s*", part
        ).groups()  # type: ignore[union-attr]
        expected[asset] = (roles.split(", "), when.strip() if when else None, back is not None)
    found: dict[str, list[str]] = {}
    for use in plan.assets:
        found.setdefault(f"{use.kind[0]}{use.number}", []).append(use.role)
    assert found == {asset: roles for asset, (roles, _, _) in expected.items()}
    for use in plan.assets:
        _, when, back = expected[f"{use.kind[0]}{use.number}"]
        assert use.backwards == back
        assert use.words
        if when:
            start, end = (float(v) for v in when.split("-"))
            assert (use.start, use.end) == (pytest.approx(start, abs=0.01), pytest.approx(end, abs=0.01))
