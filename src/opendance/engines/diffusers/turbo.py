"""What a tier draws with beside the weights: a LoRA that needs fewer steps, and the noise levels that go with it."""

from __future__ import annotations

from typing import Any, cast

from opendance.errors import ConfigurationError


def use_lora(pipe: Any, transformer: Any, place: str | None, engine: str, **loading: Any) -> None:
    """Have one LoRA at work in a transformer, or none; each is read once, and stays beside the weights.

    Args:
        pipe: that loads it.
        transformer: that computes with it, a part of `pipe`.
        place: `folder:file` or `id:file` on the hub; None: none.
        engine: its name, for messages.
        loading: arguments of `load_lora_weights` beside these.

    Raises:
        ConfigurationError: the file is not there, or is no LoRA of this model.
    """
    known: Any = getattr(transformer, "peft_config", None) or {}
    if place is None:
        if known:
            transformer.disable_lora()
        return
    name = adapter_of(place)
    if name not in known:
        folder, _, file = place.rpartition(":")
        try:
            pipe.load_lora_weights(folder, weight_name=file, adapter_name=name, **loading)
        except (OSError, ValueError, RuntimeError) as error:
            raise ConfigurationError(f"engine.{engine}: the LoRA {place} cannot be loaded: {error}") from None
        if name not in (getattr(transformer, "peft_config", None) or {}):
            raise ConfigurationError(f"engine.{engine}: {place} has nothing for this model: it is a LoRA of another")
    transformer.set_adapters(name)
    transformer.enable_lora()


def adapter_of(place: str) -> str:
    """The name of a LoRA in a model, where a dot would part modules."""
    return place.replace(".", "_")


def shifted(scheduler: Any, shift: float | None) -> Any:
    """A scheduler whose noise levels are moved up by `shift`; None: as the weights have it."""
    if shift is None:
        return scheduler
    name = "flow_shift" if "flow_shift" in scheduler.config else "shift"
    fixed = {"use_dynamic_shifting": False} if "use_dynamic_shifting" in scheduler.config else {}
    kind = cast("Any", type(scheduler))
    return kind.from_config(scheduler.config, **{name: shift}, **fixed)
