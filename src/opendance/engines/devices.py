"""Who owns a GPU: each belongs to one engine, so that the weights of two never stand on the same card."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from opendance.errors import ConfigurationError

_NVIDIA = Path("/proc/driver/nvidia/gpus")  # one entry for each GPU; to ask a driver would take seconds and memory


def devices_of(chosen: Mapping[str, Sequence[str]], visible: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The GPUs of each engine.

    Args:
        chosen: engines that run on GPUs, each with those that `devices` names for it; empty: whatever nobody names.
        visible: the GPUs that there are; empty where there are none, and every engine runs on the CPU.

    Raises:
        ConfigurationError: two engines would share one, or one would get none.
    """
    owners: dict[str, str] = {}
    for engine, devices in chosen.items():
        for device in devices:
            if device in owners:
                problem = f"GPU {device} belongs to {owners[device]} already; a GPU has one engine"
                raise ConfigurationError(f"engine.{engine}.devices: {problem}")
            owners[device] = engine
    free = tuple(device for device in visible if device not in owners)
    anywhere = [engine for engine, devices in chosen.items() if not devices]
    if visible and len(anywhere) > 1:
        names = " and ".join(anywhere)
        problem = f"{names} would share a GPU ({', '.join(free) or 'none is left'}): give each its own, such as"
        example = "; ".join(f'[engine.{name}] devices = ["{number}"]' for number, name in enumerate(anywhere))
        raise ConfigurationError(f"engine.{anywhere[1]}.devices: {problem} {example}; or run one of them elsewhere")
    if visible and anywhere and not free:
        problem = "every GPU belongs to another engine; name one for this one, or leave it out of the routes"
        raise ConfigurationError(f"engine.{anywhere[0]}.devices: {problem}")
    return {engine: tuple(devices) or free for engine, devices in chosen.items()}


def visible_gpus() -> list[str]:
    """The GPUs that there are, as CUDA names them: all that CUDA_VISIBLE_DEVICES allows; empty where there are none."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None:
        return [part.strip() for part in allowed.split(",") if part.strip() and part.strip() != "-1"]
    return [str(number) for number in range(len(list(_NVIDIA.iterdir())))] if _NVIDIA.is_dir() else []
