"""What a build packs."""

from __future__ import annotations

import os

from opendance.packing.drawings import DRAWINGS
from opendance.packing.npm import NotPacked, has_npm
from opendance.packing.words import WORDS

OFFLINE = "OPENDANCE_BUILD_OFFLINE"
BUNDLES = (DRAWINGS, WORDS)
_YES = ("1", "true", "yes", "on")


def needs_pip() -> bool:
    """Whether something is to be fetched where there is no npm, which pip brings then."""
    return not (_is_offline() or has_npm() or all(bundle.is_packed() for bundle in BUNDLES))


def pack_or_say() -> None:
    """Pack what is not packed yet, or leave it where the environment says so.

    Raises:
        SystemExit: it cannot; with a sentence on how to go on.
    """
    if _is_offline():
        return
    for bundle in BUNDLES:
        try:
            bundle.pack()
        except NotPacked as problem:
            without = " and ".join(each.without for each in BUNDLES)
            raise SystemExit(
                f"{bundle.name} cannot be fetched from npm's registry ({problem}); "
                f"set {OFFLINE}=1 to build with {without}."
            ) from problem


def _is_offline() -> bool:
    return os.environ.get(OFFLINE, "").strip().lower() in _YES
