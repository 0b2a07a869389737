from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from opendance.catalog import MODELS, PIXELS, AspectRatio, Mode, Quality, Tier, pixels_for

# The table of the parameter guide, written once more by hand.
TABLE = """
16:9 864x496 1280x720 1920x1080
4:3 752x560 1112x834 1664x1248
1:1 640x640 960x960 1440x1440
3:4 560x752 834x1112 1248x1664
9:16 496x864 720x1280 1080x1920
21:9 992x432 1470x630 2206x946
"""


def test_MO_01_there_are_nine_models_of_three_modes_and_three_tiers() -> None:
    assert len(MODELS) == 9
    assert {(m.mode, m.tier) for m in MODELS.values()} == {(mode, tier) for mode in Mode for tier in Tier}
    assert MODELS["seedance-2.0-fast-image-to-video"].tier is Tier.FAST


def test_OUT_04_the_pixels_are_those_of_the_table() -> None:
    lines = [line.split() for line in TABLE.strip().splitlines()]
    expected = {
        (ratio, quality): tuple(int(n) for n in size.split("x"))
        for ratio, *sizes in lines
        for quality, size in zip(("480p", "720p", "1080p"), sizes, strict=True)
    }
    made = {(ratio.value, q.value): PIXELS[ratio][q] for ratio in PIXELS for q in Quality}
    assert made == expected


def test_adaptive_has_no_pixels_of_its_own() -> None:
    with pytest.raises(ValueError, match="adaptive"):
        pixels_for(AspectRatio.ADAPTIVE, Quality.P720)


WITH_A_FOURTH_TIER = """
import importlib.util, json, sys

spec = importlib.util.find_spec("opendance.catalog")
source = open(spec.origin, encoding="utf-8").read()
for old, new in (
    ('    MINI = "mini"\\n', '    MINI = "mini"\\n    TURBO = "turbo"\\n'),
    ("    Tier.MINI: {\\n", '    Tier.TURBO: {Quality.P480: Price(Decimal("9"), Decimal("4"))},\\n    Tier.MINI: {\\n'),
):
    assert source.count(old) == 1, old
    source = source.replace(old, new)
module = importlib.util.module_from_spec(spec)
sys.modules["opendance.catalog"] = module
exec(compile(source, spec.origin, "exec"), module.__dict__)

import asyncio
from decimal import Decimal

from pydantic import AnyHttpUrl, TypeAdapter

from opendance.app import create_app
from opendance.administration import NewKey
from opendance.api.unified.request import parse_request
from opendance.billing import most_it_can_cost
from opendance.catalog import Quality, Tier
from opendance.engines.previs.engine import EFFORTS, effort_of
from opendance.engines.configured import Engines
from opendance.engines.routes import read_routes
from opendance.engines.upstream.ark import Ark, ArkOptions
from opendance.engines.upstream.base import UpstreamRequest
from opendance.errors import InvalidRequest, TaskError
from opendance.job import Job
from opendance.pipeline.estimate import Estimator
from opendance.prompt import plan_prompt
from opendance.settings import Settings

MODEL = "seedance-2.0-turbo-text-to-video"


def body(**changes):
    return json.dumps({"model": MODEL, "prompt": "a cat", "duration": 4, "quality": "480p", **changes}).encode()


order = parse_request(body()).order()
assert most_it_can_cost(order).credits == 4 * Decimal("9")
try:
    parse_request(body(quality="720p"))
except InvalidRequest as error:
    assert "takes 480p" in error.message, error.message
else:
    raise AssertionError("a quality without a price was taken")
routes = read_routes({"turbo": ("previs",)}, Engines({}))
assert routes.of(order.catalog_model) == ("previs",)
assert Estimator(None, routes, concurrency=1).engine_seconds(order) > 0
assert effort_of(Tier.TURBO) == EFFORTS[Tier.STANDARD]
assert NewKey(name="k", models=(MODEL,)).models == (MODEL,)
document = create_app(Settings()).openapi()
assert MODEL in document["components"]["schemas"]["VideoGenerationRequest"]["properties"]["model"]["enum"]
assert "turbo" in document["components"]["schemas"]["ModelDetails"]["properties"]["tier"]["enum"]
plan = plan_prompt("a cat", seconds=4, aspect_ratio="16:9", mode=order.catalog_model.mode)
job = Job(plan, Tier.TURBO, Quality.P480, (864, 496), 96, 1, True, "a cat", "", "")


async def ask_ark():
    ark = Ark(ArkOptions(base_url=AnyHttpUrl("http://127.0.0.1:9/")))
    try:
        await ark.create(job, UpstreamRequest("e"))
    except TaskError as error:
        assert "no model for the tier turbo" in error.message, error.message
    else:
        raise AssertionError("it was asked for")
    finally:
        await ark.close()


asyncio.run(ask_ark())
print("twelve models", len(module.MODELS))
"""


def test_a_fourth_tier_is_a_matter_of_the_catalogue_its_prices_and_what_engines_say_of_it(tmp_path: Path) -> None:
    """The catalogue with one more tier and its price, and nothing else changed, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", WITH_A_FOURTH_TIER], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stdout.strip()) == (0, "twelve models 12"), done.stderr
