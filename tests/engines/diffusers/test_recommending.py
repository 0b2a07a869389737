"""What a machine has and can run, without any of what the engines need."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from opendance.engines.diffusers import recommending
from opendance.engines.diffusers.cards import CARDS, Card
from opendance.engines.diffusers.recommending import Machine, look_at_machine, machine_with, recommend
from opendance.errors import ConfigurationError

SMI = "NVIDIA GeForce RTX 4070, 11264\nNVIDIA H100 80GB HBM3, 80000\n"


def test_nvidias_driver_tells_names_and_free_memory(tmp_path: Path) -> None:
    made = look_at_machine(tmp_path / "not" / "there", lambda command: SMI if command[0] == "nvidia-smi" else "")
    assert [(card.example, round(card.gib)) for card in made.cards] == [
        ("NVIDIA GeForce RTX 4070", 11), ("NVIDIA H100 80GB HBM3", 78)
    ]  # fmt: skip
    assert made.disk_gib > 0


def test_apple_silicon_shares_main_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(recommending, "memory", lambda: 64 << 30)
    made = look_at_machine(tmp_path, lambda command: "Apple M4 Max\n" if command[0] == "sysctl" else "")
    assert [(card.example, card.gib, card.apple) for card in made.cards] == [("Apple M4 Max", 48.0, True)]


def test_the_kernel_tells_of_amds_cards(tmp_path: Path) -> None:
    device = tmp_path / "card0" / "device"
    device.mkdir(parents=True)
    (device / "mem_info_vram_total").write_text(str(24 << 30))
    (device / "mem_info_vram_used").write_text(str(1 << 30))
    made = look_at_machine(tmp_path, lambda _: "", amd=tmp_path)
    assert [round(card.gib) for card in made.cards] == [23]


def names(card: Card, *, main: float = 128, disk: float = 2000) -> list[str]:
    return [each.row.name for each in recommend(Machine((card,), main, disk)) if not each.problems]


def test_each_card_gets_the_best_that_it_can_run_in_good_time() -> None:
    by_name = {card.name: card for card in CARDS}
    assert names(by_name["8 GB"])[0] == "ltx_video_2b"
    assert "wan2_1_1_3b" in names(by_name["8 GB"], main=32)
    assert "wan2_2_5b" in names(by_name["12 GB"], main=32)
    assert "minimax_h3" in names(by_name["80 GB"], main=256)
    assert "minimax_h3" not in names(by_name["8 GB"])
    assert "ltx_video_2b" in names(by_name["16 GB Apple"], main=16)


def test_what_is_missing_is_told() -> None:
    by_name = {card.name: card for card in CARDS}
    told = {each.row.name: each.problems for each in recommend(Machine((by_name["80 GB"],), 16, 50))}
    assert any("main memory, of which there are 16" in problem for problem in told["minimax_h3"])
    assert any("of disk, of which 50 are free" in problem for problem in told["minimax_h3"])
    none = recommend(Machine((), 16, 1000))
    assert all("a GPU, and none was found" in each.problems for each in none)


HERE = Machine((), 64, 2000)


@pytest.mark.parametrize(
    ("asked", "card"),
    [
        ({"gpu": "RTX 4090"}, "24 GB"),
        ({"gpu": "nvidia geforce rtx 4090"}, "24 GB"),
        ({"gpu": "H100"}, "80 GB"),
        ({"gpu": "m4 max", "main_gib": 64}, "64 GB Apple"),
    ],
)
def test_a_card_that_is_not_here_is_that_of_the_table(asked: dict[str, Any], card: str) -> None:
    [made] = machine_with(HERE, **asked).cards
    [wanted] = [each for each in CARDS if each.name == card]
    assert (made.gib, made.teraflop, made.reached, made.apple) == (
        wanted.gib, wanted.teraflop, wanted.reached, wanted.apple
    )  # fmt: skip


def test_a_card_of_which_only_the_memory_is_said_counts_as_the_slowest_with_as_much() -> None:
    by_name = {card.name: card for card in CARDS}
    [made] = machine_with(HERE, gpu_gb=24).cards
    assert made.gib == by_name["24 GB"].gib
    assert made.teraflop <= by_name["24 GB"].teraflop
    [other] = machine_with(HERE, gpu="RTX 3090", gpu_gb=24).cards
    assert (round(other.gib), other.teraflop) == (22, 71)
    asked = machine_with(Machine((), 64, 10), gpu_gb=24, main_gib=16)
    assert asked.main_gib == 16
    assert "wan2_1_1_3b" not in {each.row.name for each in recommend(asked) if not each.problems}, (
        "17 GiB of main memory"
    )
    assert "ltx_video_2b" in {each.row.name for each in recommend(asked) if not each.problems}, "not for this disk"


def test_without_a_card_the_machine_is_as_it_is() -> None:
    assert machine_with(HERE) == HERE


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"gpu": "Voodoo 2"}, r"--gpu: nothing is known of 'Voodoo 2'; there are RTX 4060, .*say --gpu-memory"),
        ({"gpu": "RTX 3090"}, r"--gpu: RTX 3090 is sold with different memories; say --gpu-memory too"),
        ({"gpu": "M4 Max", "gpu_gb": 64}, r"--gpu-memory: Apple silicon .*; say --memory instead"),
    ],
)
def test_a_card_that_cannot_be_told_is_refused(asked: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        machine_with(HERE, **asked)
