"""Names of models that the catalogue does not have, as the operator set them: what each stands for."""

from __future__ import annotations

from collections.abc import Mapping

from opendance.catalog import AUTO, MODELS, Mode, Model, Tier, model_of


def aliased(name: str, aliases: Mapping[str, str], mode: Mode) -> Model | None:
    """The model that an alias stands for; None where `name` is none.

    Args:
        aliases: what each stands for: a model, a tier, or `auto`.
        mode: of a name that stands for a tier: the one that takes the media of the request.
    """
    meant = aliases.get(name)
    if meant is None:
        return None
    if meant in MODELS:
        return MODELS[meant]
    return model_of(mode, tier_named(name) if meant == AUTO else Tier(meant))


def tier_named(name: str) -> Tier:
    """The tier that a name says: what says neither fast nor mini is the standard one."""
    words = name.lower().replace("_", "-").split("-")
    return next((tier for tier in (Tier.FAST, Tier.MINI) if tier.value in words), Tier.STANDARD)
