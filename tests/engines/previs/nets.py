"""Tests of pictures that the packed nets look at, which a build without registries has not."""

from __future__ import annotations

import pytest

from opendance.engines.previs.photo.nets import packed_nets

needs_nets = pytest.mark.skipif(not packed_nets(), reason="the nets that look at pictures are not packed")
