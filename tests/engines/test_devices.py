"""Which GPUs each engine has."""

from __future__ import annotations

from pathlib import Path

import pytest

from opendance.engines import devices
from opendance.engines.configured import Engines
from opendance.engines.devices import devices_of, gpu_names, most_processes, shared, visible_gpus
from opendance.engines.hosts import make_hosts
from opendance.errors import ConfigurationError
from opendance.settings import Settings

TWO = {"minimax_h3": (), "ltx2": ()}


def test_engines_without_a_word_share_what_there_is() -> None:
    made = devices_of(TWO, ["0", "1"])
    assert made == {"minimax_h3": ("0", "1"), "ltx2": ("0", "1")}
    assert shared(made) == {"minimax_h3", "ltx2"}
    assert most_processes(made) == 2


def test_one_gets_what_is_left_and_shares_where_nothing_is() -> None:
    apart = devices_of({"minimax_h3": ("1",), "ltx2": ()}, ["0", "1", "2"])
    assert apart == {"minimax_h3": ("1",), "ltx2": ("0", "2")}
    assert (shared(apart), most_processes(apart)) == (set(), 3)
    together = devices_of({"minimax_h3": ("0",), "ltx2": ()}, ["0"])
    assert (together["ltx2"], shared(together)) == (("0",), {"minimax_h3", "ltx2"})


def test_a_pair_shares_with_each_of_its_two() -> None:
    made = devices_of({"minimax_h3": ("0+1",), "ltx2": ("1",), "previs": ("2",)}, ["0", "1", "2"])
    assert shared(made) == {"minimax_h3", "ltx2"}
    assert most_processes(made) == 2


@pytest.mark.parametrize("chosen", [("0", "0"), ("0+1", "1")])
def test_a_gpu_that_one_engine_names_twice_is_refused(chosen: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError, match=r"engine.ltx2.devices: GPU . is named twice"):
        devices_of({"ltx2": chosen}, ["0", "1"])


def test_without_gpus_each_engine_runs_on_the_cpu() -> None:
    made = devices_of(TWO, [])
    assert made == {"minimax_h3": (), "ltx2": ()}
    assert (shared(made), most_processes(made)) == (set(), 2)


def test_hosts_of_two_engines_on_one_gpu_take_turns_and_a_pair_is_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    settings = Settings(data_dir=tmp_path, engine={"minimax_h3": {"devices": "0+1"}, "ltx2": {}})
    hosts = make_hosts(settings, Engines(settings.engine), ["minimax_h3", "ltx2"])
    assert [hosts[name].slots for name in ("minimax_h3", "ltx2")] == [1, 2]
    pool = vars(hosts["minimax_h3"])["_pool"]
    assert (len(pool._turns), pool._environments[0]["CUDA_VISIBLE_DEVICES"]) == (1, "0,1")
    (alone,) = make_hosts(settings, Engines(settings.engine), ["ltx2"]).values()
    assert not vars(alone)["_pool"]._turns


def test_the_gpus_are_those_that_cuda_may_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2, 3")
    assert visible_gpus() == ["2", "3"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert visible_gpus() == []


def test_the_driver_tells_what_a_gpu_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_NVIDIA", tmp_path)
    (tmp_path / "0000:01:00.0").mkdir()
    (tmp_path / "0000:01:00.0" / "information").write_text("Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t 35\n")
    assert gpu_names() == ["NVIDIA H100 80GB HBM3"]
