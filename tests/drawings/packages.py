"""Tests of drawings that come in packages, which a build without npm's registry has not."""

from __future__ import annotations

import pytest

from opendance.drawings.packaged import packaged_drawings

needs_packages = pytest.mark.skipif(
    not packaged_drawings().names("fluent"),
    reason="Fluent and Noto are not packed: python -m opendance.packing",
)
