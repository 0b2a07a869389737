"""A GPU belongs to one engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from opendance.engines.devices import devices_of, visible_gpus
from opendance.engines.hosts import make_hosts
from opendance.errors import ConfigurationError
from opendance.settings import Settings

TWO = {"minimax_h3": (), "ltx2": ()}


def test_two_engines_that_would_share_a_gpu_are_refused_with_what_would_be_right() -> None:
    with pytest.raises(ConfigurationError) as caught:
        devices_of(TWO, ["0"])
    assert str(caught.value) == (
        "engine.ltx2.devices: minimax_h3 and ltx2 would share a GPU (0): give each its own, such as "
        '[engine.minimax_h3] devices = ["0"]; [engine.ltx2] devices = ["1"]; or run one of them elsewhere'
    )


@pytest.mark.parametrize("chosen", [{"minimax_h3": ("0", "1"), "ltx2": ("1",)}, {"minimax_h3": ("0",), "ltx2": ("0",)}])
def test_a_gpu_that_two_engines_name_is_refused(chosen: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ConfigurationError, match=r"engine.ltx2.devices: GPU . belongs to minimax_h3 already"):
        devices_of(chosen, ["0", "1"])


def test_an_engine_gets_what_is_left_and_is_refused_where_nothing_is() -> None:
    assert devices_of({"minimax_h3": ("1",), "ltx2": ()}, ["0", "1", "2"]) == {"minimax_h3": ("1",), "ltx2": ("0", "2")}
    with pytest.raises(ConfigurationError, match=r"engine.ltx2.devices: every GPU belongs to another engine"):
        devices_of({"minimax_h3": ("0",), "ltx2": ()}, ["0"])


def test_without_gpus_each_engine_runs_on_the_cpu() -> None:
    assert devices_of(TWO, []) == {"minimax_h3": (), "ltx2": ()}


def test_hosts_of_two_engines_are_not_made_on_one_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    settings = Settings(data_dir=tmp_path, engine={"minimax_h3": {}, "ltx2": {}})
    with pytest.raises(ConfigurationError, match="would share a GPU"):
        make_hosts(settings, ["minimax_h3", "ltx2"])
    assert make_hosts(settings, ["ltx2"])["ltx2"].slots == 1


def test_the_gpus_are_those_that_cuda_may_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2, 3")
    assert visible_gpus() == ["2", "3"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert visible_gpus() == []
