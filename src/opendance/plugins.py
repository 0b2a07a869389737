"""What other packages bring, by entry points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any, TypeVar

from pydantic import ValidationError

from opendance.errors import ConfigurationError
from opendance.validation import in_words

T = TypeVar("T")


def load_plugin(
    setting: str,
    name: str | None,
    options: Mapping[str, Any],
    *,
    kind: type[T],
    built_in: Mapping[str, Callable[[Mapping[str, Any]], T]],
    group: str,
) -> T:
    """What is built in under this name, or what a package brings, made with its options.

    Args:
        setting: where the name and the options stand, for errors.
        kind: a protocol that can be checked at run time.
        group: of entry points.

    Raises:
        ConfigurationError: there is none of that name, the options are wrong, or what was made is no `kind`.
    """
    entries = {point.name: point for point in entry_points(group=group)}
    if name is None or (name not in built_in and name not in entries):
        known = ", ".join(sorted({*built_in, *entries}))
        raise ConfigurationError(f"{setting}: {name or 'nothing'} is not possible; choose one of {known}")
    make: Callable[[Mapping[str, Any]], object] = built_in[name] if name in built_in else entries[name].load()
    try:
        plugin = make(options)
    except ValidationError as error:
        raise ConfigurationError(f"{setting}: {name}: {in_words(error.errors(), show_values=False)}") from None
    if not isinstance(plugin, kind):
        raise ConfigurationError(f"{setting}: {name}: what its package gives is no {kind.__name__}")
    return plugin
