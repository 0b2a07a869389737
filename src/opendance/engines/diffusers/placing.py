"""A pair of cards for one clip, and the attention that is fastest on a card."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

import torch

_MARK = "_placed_apart"


def place_apart(
    pipe: Any,
    encoders: Sequence[str],
    encoder_device: torch.device,
    device: torch.device,
    *,
    without: Sequence[str] = (),
) -> None:
    """Put the text encoders of a pipeline on a card of their own, and all else on `device`.

    What a pipeline gives its encoders comes from `device` and goes back there, so that it knows nothing of the other.

    Args:
        without: parts that stay where they are.
    """
    for name, part in pipe.components.items():
        if not isinstance(part, torch.nn.Module) or name in without:
            continue
        part.to(encoder_device if name in encoders else device)
        if name in encoders and not hasattr(part, _MARK):
            setattr(part, _MARK, True)
            for called in {id(each): each for each in (part, getattr(part, "model", part))}.values():
                called.register_forward_pre_hook(
                    lambda _part, given, named: _moved((given, named), encoder_device), with_kwargs=True
                )
                called.register_forward_hook(lambda _part, _given, made: _moved(made, device))
    if hasattr(type(pipe), _MARK):
        return
    # A pipeline draws where its first part is, which may be the encoder.
    drawn = {_MARK: True, "_execution_device": property(lambda _pipe: device), "device": property(lambda _pipe: device)}
    pipe.__class__ = type(type(pipe).__name__, (type(pipe),), drawn)


def _moved(value: Any, device: torch.device) -> Any:
    """The same with every tensor in it on `device`."""
    if isinstance(value, torch.Tensor):
        return value.to(device)
    if isinstance(value, dict):  # what models of transformers give is one that also has attributes
        for key, each in value.items():
            value[key] = _moved(each, device)
        return value
    if isinstance(value, (list, tuple)):
        return type(value)(_moved(each, device) for each in value)
    return value


def fastest_attention(device: torch.device) -> str | None:
    """The attention backend of diffusers that is fastest on this GPU and installed; None: torch's own.

    FlashAttention 3 needs Hopper; the package `kernels` brings it from the hub.
    """
    if device.type != "cuda" or torch.cuda.get_device_capability(device)[0] != 9:
        return None
    return "_flash_3_hub" if importlib.util.find_spec("kernels") is not None else None
