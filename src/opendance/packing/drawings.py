"""The drawings of Fluent and Noto: `drawings/packaged/drawings.zip`, an SVG for each, made of two packages of npm."""

from __future__ import annotations

import json
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from opendance.packing.bundle import Bundle
from opendance.packing.npm import NotPacked, Package

FILE = "drawings.zip"
PACKAGED = Path(__file__).parent.parent / "drawings" / "packaged"

# People come in each colour of skin: the drawing without one stands for all of them.
_TONE = re.compile(r"(-(medium-)?(light|dark)|-medium)(-skin-tone)?(?=-|$)")


def _make(archives: Mapping[str, Path], folder: Path) -> None:
    with zipfile.ZipFile(folder / FILE, "w") as packed:
        for name, archive in archives.items():
            for drawing, svg in _drawings(archive):
                # Without the time of day, so that the same packages make the same file.
                member = zipfile.ZipInfo(f"{name}/{drawing}.svg")
                packed.writestr(member, svg, zipfile.ZIP_DEFLATED, 9)


def _drawings(archive: Path) -> Iterator[tuple[str, str]]:
    """(name, SVG) of each drawing in an archive."""
    with tarfile.open(archive) as files:
        member = files.extractfile("package/icons.json")
        if member is None:
            raise NotPacked(f"{archive.name} has no package/icons.json")
        table: dict[str, Any] = json.load(member)
    icons: dict[str, dict[str, Any]] = table["icons"]
    aliases: dict[str, dict[str, Any]] = table.get("aliases", {})
    # Aliases that turn or mirror another are none that we need.
    same = {name: alias["parent"] for name, alias in aliases.items() if set(alias) <= {"parent", "hidden"}}
    for name in sorted({*icons, *same}):
        icon = icons.get(same.get(name, name))
        person = _TONE.sub("", name)
        # A police car's light is no light police car: that one comes without a dark one.
        has_tones = f"{person}-dark" in icons or f"{person}-dark-skin-tone" in icons
        if icon is None or (person != name and person in icons and has_tones):
            continue
        width, height = icon.get("width", table["width"]), icon.get("height", table["height"])
        yield name, f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{icon["body"]}</svg>'


DRAWINGS = Bundle(
    name="the drawings of Fluent and Noto",
    without="our own drawings and stand-ins alone",
    folder=PACKAGED,
    files=(FILE,),
    make=_make,
    packages={
        "fluent": Package(
            name="@iconify-json/fluent-emoji",
            version="1.2.7",
            archive="iconify-json-fluent-emoji-1.2.7.tgz",
            sha512="D8G6bKAyIsyxP1rzZtIWr/gg/fO4Rg1+DyCWlfqKK4h8W+4Em/Y0P6QYgJUQTlUcagzJvSyg+9OBv4hz4Hc/QA==",
        ),
        "noto": Package(
            name="@iconify-json/noto",
            version="1.2.9",
            archive="iconify-json-noto-1.2.9.tgz",
            sha512="DQiuXENbun41ch+XPSV55H9FaWKpHTyz46YIKtSaKYD4fIDDzL1tR6H4np/T38jfrTAeI3rcKF0mqHYeZVAuaw==",
        ),
    },
)
