"""What this machine has, and which engines with open weights it can run."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from opendance.engines.diffusers.cards import CARDS, SHARED, Card, Estimate, card_of, estimate, is_known
from opendance.engines.diffusers.models import ROWS
from opendance.engines.diffusers.row import Row
from opendance.errors import ConfigurationError
from opendance.machine import GIB, memory

_QUICK = 15 * 60.0  # s that somebody waits for a clip
_PATIENCE = 20.0  # s until a driver answers
_AMD = Path("/sys/class/drm")
_FREE = 0.93  # of what a card is sold with: GiB beside the driver and a desktop, for each GB
_MAKERS = re.compile(r"\b(NVIDIA|GEFORCE|APPLE|RTX)\b")
_APPLE_CHIP = re.compile(r"(APPLE )?M[1-9]\b")


@dataclass(frozen=True)
class Machine:
    """What there is.

    Attributes:
        cards: its GPUs, with the memory that is free on each.
        main_gib: main memory that this process may use, GiB.
        disk_gib: free where weights would lie, GiB; None: that is not asked.
    """

    cards: tuple[Card, ...]
    main_gib: float
    disk_gib: float | None


@dataclass(frozen=True)
class Recommendation:
    """A model on a machine.

    Attributes:
        estimate: on the best of its cards; None: there is none.
        problems: why it does not run here, in words; none: it does.
    """

    row: Row
    estimate: Estimate | None
    problems: tuple[str, ...]


Run = Callable[[list[str]], str]


def ran(command: list[str]) -> str:
    """What a program of the driver prints; nothing where there is none."""
    try:
        done = subprocess.run(  # noqa: S603 - a program of the driver, with words of our own
            command, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def look_at_machine(place: Path, run: Run = ran, *, amd: Path = _AMD) -> Machine:
    """What this machine has.

    Args:
        place: where weights would lie.
        run: asks a program of the driver.
        amd: where the kernel tells of AMD's cards.
    """
    there = next(each for each in (place.absolute(), *place.absolute().parents) if each.exists())
    cards = _nvidia(run) or _apple(run) or _of_amd(amd)
    return Machine(cards, memory() / GIB, shutil.disk_usage(there).free / GIB)


def _nvidia(run: Run) -> tuple[Card, ...]:
    told = run(["nvidia-smi", "--query-gpu=name,memory.free", "--format=csv,noheader,nounits"])
    rows = [row for row in csv.reader(told.splitlines(), skipinitialspace=True) if len(row) == 2 and row[1].isdigit()]
    return tuple(card_of(name, int(free) / 1024) for name, free in rows)  # MiB


def _apple(run: Run) -> tuple[Card, ...]:
    if sys.platform != "darwin":
        return ()
    name = run(["sysctl", "-n", "machdep.cpu.brand_string"]).strip()
    return (card_of(name, memory() / GIB * SHARED, apple=True),) if name.startswith("Apple") else ()


def _of_amd(folder: Path) -> tuple[Card, ...]:
    made: list[Card] = []
    for file in sorted(folder.glob("card*/device/mem_info_vram_total")):
        total, used = (int((file.parent / name).read_text()) for name in (file.name, "mem_info_vram_used"))
        product = file.parent / "product_name"
        name = product.read_text().strip() if product.is_file() else "an AMD card"
        made.append(card_of(name, (total - used) / GIB))
    return tuple(made)


def machine_with(
    machine: Machine, *, gpu: str | None = None, gpu_gb: float | None = None, main_gib: float | None = None
) -> Machine:
    """A machine with another card or another memory: one that somebody thinks of buying or renting, whatever its disk.

    Args:
        gpu: the card as it is sold, such as `RTX 4090` or `M4 Max`; None: whatever has so much memory.
        gpu_gb: its memory, GB as it is sold; None: that of the card in the table of this name.
        main_gib: GiB of main memory; None: what this machine has.

    Raises:
        ConfigurationError: nothing is known of such a card, or its memory has to be said.
    """
    machine = replace(machine, main_gib=machine.main_gib if main_gib is None else main_gib)
    if gpu is None and gpu_gb is None:
        return machine
    machine = replace(machine, disk_gib=None)
    if gpu is None:
        assert gpu_gb is not None
        sold = next((card.gib for card in CARDS if card.name == f"{gpu_gb:g} GB"), gpu_gb * _FREE)
        return replace(machine, cards=(card_of(f"a card of {gpu_gb:g} GB", sold),))
    alike = [card for card in CARDS if _plain(card.example) == _plain(gpu)]
    if not is_known(gpu) and not alike:
        known = ", ".join(dict.fromkeys(card.example for card in CARDS))
        problem = f"nothing is known of {gpu!r}; there are {known} and others of their kind"
        raise ConfigurationError(f"--gpu: {problem}. Leave it out and say --gpu-memory")
    if _APPLE_CHIP.match(gpu.upper()):
        if gpu_gb is not None:
            raise ConfigurationError("--gpu-memory: Apple silicon has the machine's memory; say --memory instead")
        return replace(machine, cards=(card_of(gpu, machine.main_gib * SHARED, apple=True),))
    if gpu_gb is None and not alike:
        raise ConfigurationError(f"--gpu: {gpu} is sold with different memories; say --gpu-memory too")
    gib = alike[0].gib if gpu_gb is None else gpu_gb * _FREE
    return replace(machine, cards=(card_of(alike[0].example if alike else gpu, gib),))


def _plain(name: str) -> str:
    """The name of a card without its maker's."""
    return " ".join(_MAKERS.sub("", name.upper()).split())


def recommend(machine: Machine) -> list[Recommendation]:
    """Every model, the best for this machine first: those that are quick enough by their size, then the slower ones."""
    made = [_on(row, machine) for row in ROWS.values()]

    def order(each: Recommendation) -> tuple[bool, bool, float]:
        seconds = each.estimate.seconds if each.estimate is not None else 0.0
        is_slow = seconds > _QUICK
        return (bool(each.problems), is_slow, seconds if is_slow else -each.row.work.parameters)

    return sorted(made, key=order)


def _on(row: Row, machine: Machine) -> Recommendation:
    card = max(machine.cards, key=lambda each: (each.gib, each.teraflop), default=None)
    disk = row.size_gb * 1e9 / GIB
    problems: list[str] = []
    made = None
    if card is None:
        problems.append("a GPU, and none was found")
    else:
        made = estimate(row, card)
        if not made.fits:
            problems.append(f"{made.gib:.0f} GiB on the GPU, which has {card.gib:.0f}")
        if made.main_gib > machine.main_gib and not card.apple:
            problems.append(f"{made.main_gib:.0f} GiB of main memory, of which there are {machine.main_gib:.0f}")
    if machine.disk_gib is not None and disk > machine.disk_gib:
        problems.append(f"{disk:.0f} GiB of disk, of which {machine.disk_gib:.0f} are free")
    return Recommendation(row, made, tuple(problems))
