"""Which GPUs each engine has: those that it was told, else those that nobody names; several may share one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from opendance.errors import ConfigurationError

_NVIDIA = Path("/proc/driver/nvidia/gpus")  # one entry for each GPU; to ask a driver would take seconds and memory


def devices_of(chosen: Mapping[str, Sequence[str]], visible: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The places of each engine's processes: GPUs as CUDA names them, `0+1` where one process has a pair.

    Engines that share a GPU take turns on it (`engines.sharing`).

    Args:
        chosen: engines that run on GPUs, each with those that `devices` names for it; empty: whatever nobody names,
            or all where every one is named.
        visible: the GPUs that there are; empty where there are none, and every engine runs on the CPU.

    Raises:
        ConfigurationError: two processes of one engine would share a GPU: its weights would stand there twice.
    """
    for engine, devices in chosen.items():
        own = [gpu for device in devices for gpu in gpus_of(device)]
        if twice := next((gpu for gpu in own if own.count(gpu) > 1), None):
            problem = f"GPU {twice} is named twice, and a process on it has all of it; name each once"
            raise ConfigurationError(f"engine.{engine}.devices: {problem}")
    named = {gpu for devices in chosen.values() for device in devices for gpu in gpus_of(device)}
    free = tuple(device for device in visible if device not in named) or tuple(visible)
    return {engine: tuple(devices) or free for engine, devices in chosen.items()}


def gpus_of(device: str) -> tuple[str, ...]:
    """The GPUs of one place: `0+1` are two."""
    return tuple(part.strip() for part in device.split("+") if part.strip())


def shared(devices: Mapping[str, Sequence[str]]) -> set[str]:
    """The engines that have a GPU which another one has too."""
    gpus = {engine: {gpu for device in own for gpu in gpus_of(device)} for engine, own in devices.items()}
    return {one for one in gpus for other in gpus if one != other and gpus[one] & gpus[other]}


def most_processes(devices: Mapping[str, Sequence[str]]) -> int:
    """How many processes of engines there are at the same time, at most; at least one."""
    taken, count = set[str](), sum(not own for own in devices.values())
    for device in sorted((device for own in devices.values() for device in own), key=lambda each: each.count("+")):
        if not taken & set(gpus_of(device)):
            taken |= set(gpus_of(device))
            count += 1
    return max(1, count)


def gpu_names() -> list[str]:
    """What the GPUs of this machine are called by their driver, such as `NVIDIA H100 80GB HBM3`."""
    try:
        told = [(gpu / "information").read_text("utf-8", "replace") for gpu in sorted(_NVIDIA.iterdir())]
    except OSError:
        return []
    lines = [line.partition(":") for text in told for line in text.splitlines()]
    return [value.strip() for key, _, value in lines if key.strip() == "Model"]


def visible_gpus() -> list[str]:
    """The GPUs that there are, as CUDA names them: all that CUDA_VISIBLE_DEVICES allows; empty where there are none."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None:
        return [part.strip() for part in allowed.split(",") if part.strip() and part.strip() != "-1"]
    return [str(number) for number in range(len(list(_NVIDIA.iterdir())))] if _NVIDIA.is_dir() else []
