"""What a build packs, without a build: `python -m opendance.packing`; with `page` the Studio's page alone."""

from __future__ import annotations

import sys

from opendance.packing.build import pack_or_say, pack_page_or_say

if __name__ == "__main__":
    pack_page_or_say() if sys.argv[1:] == ["page"] else pack_or_say()
