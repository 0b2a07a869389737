"""What a build packs, without a build: `python -m opendance.packing`."""

from __future__ import annotations

from opendance.packing.build import pack_or_say

if __name__ == "__main__":
    pack_or_say()
