"""opendance engines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opendance.catalog import MODELS
from opendance.engines.registry import known_engines
from opendance.media.probe import probe_clip
from tests.cli.conftest import Run, Told
from tests.conftest import MINI, TEXT

Read = Callable[..., Any]
MODES = ("text", "image", "reference")


def test_every_engine_is_listed_with_what_it_serves(read: Read) -> None:
    rows = {row["name"]: row for row in read("engines", "list")}
    assert set(rows) == set(known_engines())
    assert rows["previs"]["missing"] == []
    assert rows["previs"]["serves"] == [f"{model} (1)" for model in MODELS]


def test_the_place_in_a_route_is_told_and_what_an_engine_without_one_waits_for(
    read: Read, told: Told, folder: Path
) -> None:
    (folder / "settings.toml").write_text(
        f'[routes]\n"{TEXT}" = ["ltx2", "previs"]\ndefault = ["blank", "previs"]\n', encoding="utf-8"
    )
    rows = {row["name"]: row for row in read("engines", "list", "--config", "settings.toml")}
    assert rows["ltx2"]["serves"] == [f"{TEXT} (1)"]
    assert f"{TEXT} (2)" in rows["previs"]["serves"]
    assert f"{MINI} (1)" in rows["previs"]["serves"]
    assert (rows["blank"]["serves"], rows["previs"]["otherwise"]) == ([], None)
    assert rows["ark"]["otherwise"] == "name it in [routes], or set it up in [engine.ark]"
    table = told("engines", "list", "--config", "settings.toml")
    for words in (
        f" {TEXT} (1) ",
        "all nine models",
        "nothing; a test engine, used where OPENDANCE_ENGINES=blank says so",
        f"ltx2{' (not installed here)' * bool(known_engines()['ltx2'].missing())}, previs",
    ):
        assert words in table


def test_a_test_engine_makes_what_its_name_was_given_for(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDANCE_ENGINES", "blank")
    rows = {row["name"]: row for row in read("engines", "list")}
    assert rows["blank"]["serves"] == [f"{model} (1)" for model in MODELS]
    assert rows["previs"]["serves"] == []
    assert rows["previs"]["otherwise"] == "OPENDANCE_ENGINES names others: blank"


def test_an_engine_is_checked_with_a_clip(read: Read, folder: Path) -> None:
    checked = read("engines", "check", "blank", "-o", folder / "clip.mp4")
    clip = probe_clip(folder / "clip.mp4")
    assert checked["engine"] == "blank"
    told = checked["clips"]
    assert [each["model"] for each in told] == [f"seedance-2.0-mini-{mode}-to-video" for mode in MODES]
    assert {(each["clip"]["num_frames"], each["as asked for"]) for each in told} == {(96, True)}
    assert (clip.num_frames, clip.has_audio) == (96, True)
    assert all("GiB" in each["memory"]["main"] for each in (*told, {"memory": checked["memory, loading"]}))
    assert told[-1]["clip"]["bytes"] == (folder / "clip.mp4").stat().st_size


@pytest.mark.parametrize("mode", ["image", "reference"])
def test_an_engine_is_checked_with_a_picture_where_its_model_needs_one(read: Read, mode: str) -> None:
    checked = read("engines", "check", "previs", "--model", f"seedance-2.0-mini-{mode}-to-video")
    (clip,) = checked["clips"]
    assert clip["clip"]["num_frames"] == 96


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "warp"), "engines check: there is no 'warp'; there are previs"),
        (("check", "previs", "--model", "gpt"), "--model: previs makes no video of gpt; opendance engines list"),
        (("check", "previs", "--seconds", "3"), "'--seconds'"),
        (("check", "previs", "--quality", "8k"), "'--quality'"),
        (("list", "--config", "missing.toml"), "--config: there is no file missing.toml"),
    ],
)
def test_what_is_asked_wrongly_is_told(refused: Told, arguments: tuple[str, ...], words: str) -> None:
    assert words in refused("engines", *arguments)


def test_a_route_to_an_engine_that_there_is_not_is_told(refused: Told, folder: Path) -> None:
    (folder / "settings.toml").write_text('[routes]\ndefault = ["warp"]\n')
    assert "warp" in refused("engines", "list", "--config", "settings.toml")


def test_an_engine_whose_packages_are_missing_is_not_tried(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opendance.engines.registry.is_installed", lambda _module: False)
    done = run("engines", "check", "ltx2")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "ltx2 needs torch" in done.stderr
    assert "pip install 'opendance[gpu]'" in done.stderr
