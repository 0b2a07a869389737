"""How a model is laid out, without any of what it needs."""

from __future__ import annotations

import pytest

from opendance.engines.diffusers.memory import Layout, Layouts, layout_for

LAYOUTS: Layouts = ((60.0, Layout("none", "none")), (30.0, Layout("none", "model")), (0.0, Layout("int8", "group")))


@pytest.mark.parametrize(
    ("gpu", "layout"),
    [
        (80.0, Layout("none", "none")), (60.0, Layout("none", "none")), (59.9, Layout("none", "model")),
        (8.0, Layout("int8", "group")), (None, Layout("none", "none")),
    ],
)  # fmt: skip
def test_the_first_layout_that_fits_the_gpu_is_taken(gpu: float | None, layout: Layout) -> None:
    assert layout_for(LAYOUTS, gpu) == layout


def test_what_the_operator_says_comes_before_it() -> None:
    assert layout_for(LAYOUTS, 80.0, quantization="float8") == Layout("float8", "none")
    assert layout_for(LAYOUTS, 8.0, quantization="none", offload="none") == Layout("none", "none")


def test_on_a_cpu_whole_components_have_nowhere_to_go() -> None:
    assert layout_for(LAYOUTS, None, offload="model") == Layout("none", "none")
