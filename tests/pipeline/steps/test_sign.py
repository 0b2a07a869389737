"""A clip says where it comes from: what its manifest tells of the engine, and when its picture is marked for it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest

from opendance.catalog import Mode
from opendance.engines.registry import EngineFacts, known_engines
from opendance.media.encode import Encoding, encode_clip
from opendance.media.probe import probe_clip
from opendance.media.watermark import watermark_in_clip, watermark_of
from opendance.order import Order
from opendance.pipeline.folder import Folder
from opendance.pipeline.steps.render import Rendered, job_of
from opendance.pipeline.steps.sign import Signed, sign
from opendance.prompt import plan_prompt
from opendance.provenance.certificates import Credentials, self_made
from opendance.provenance.manifest import Manifest, read_manifest
from opendance.provenance.verify import verify
from tests import tasks
from tests.files import picture
from tests.pipeline.steps.conftest import a_link

TASK = "task-unified-1774857405-abc123"
CREATED = 1774857405.5
SIDE = 640
WITH_PICTURE = (a_link("image", 1), a_link("image", 2), a_link("audio"))


@pytest.fixture(scope="module")
def credentials() -> Credentials:
    return self_made()


@cache
def _made(mark: int | None, num_frames: int, folder: Path) -> bytes:
    path = folder / "made.mp4"
    wide = picture(SIDE + num_frames, SIDE, 1)
    frames = (
        av.VideoFrame.from_ndarray(np.ascontiguousarray(wide[:, at : at + SIDE]), "rgb24").reformat(format="yuv420p")
        for at in range(num_frames)
    )
    encode_clip(path, frames, None, size=(SIDE, SIDE), encoding=Encoding("ultrafast", 20), metadata={}, watermark=mark)
    return path.read_bytes()


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


class Made:
    """A clip that an engine left, and its step."""

    def __init__(self, folder: Folder, credentials: Credentials, workplace: Path) -> None:
        self.folder, self.credentials, self.workplace = folder, credentials, workplace
        self.engines: dict[str, EngineFacts] = known_engines()

    async def sign(
        self, engine: str, order: Order | None = None, *, mark: int | None = None, seconds: int = 1
    ) -> tuple[Signed, Manifest]:
        order = order or tasks.order(duration=seconds, generate_audio=False)
        self.folder.clip.write_bytes(_made(mark, order.num_frames, self.workplace))
        rendered = Rendered(engine, False, 1.0, (SIDE, SIDE))
        signed = await sign(
            self.folder, rendered, self.engines.get(engine), TASK, order, self.credentials, created=CREATED
        )
        manifest = read_manifest(self.folder.signed)
        assert manifest is not None
        assert (manifest.state, manifest.problems) == ("valid", ())
        return signed, manifest


@pytest.fixture
def made(folder: Folder, credentials: Credentials, workplace: Path) -> Made:
    return Made(folder, credentials, workplace)


@pytest.fixture
def plugin(made: Made) -> EngineFacts:
    """An engine that another package brings; it measures, so that nothing is marked for it, unless it is changed."""
    facts = EngineFacts("warp", "an engine of others", frozenset(Mode), "warp:Warp", only_by_name=True)
    set_plugin(made, facts)
    return facts


def set_plugin(made: Made, facts: EngineFacts) -> None:
    made.engines = {**known_engines(), facts.name: facts}


# ── what the manifest says ──


@pytest.mark.parametrize(
    ("learned", "links", "source_type"),
    [
        (True, (), "trainedAlgorithmicMedia"),
        (True, WITH_PICTURE, "compositeWithTrainedAlgorithmicMedia"),
        (False, (), "algorithmicMedia"),
        (False, WITH_PICTURE, "compositeSynthetic"),
    ],
)
async def test_an_engine_of_another_package_is_told_as_its_facts_say(
    made: Made, plugin: EngineFacts, learned: bool, links: tuple, source_type: str
) -> None:
    set_plugin(made, replace(plugin, learned=learned))
    _, manifest = await made.sign("warp", tasks.order(duration=1, generate_audio=False, links=links))
    assert manifest.source_type == source_type
    assert manifest.generation["engine"] == "warp"


@pytest.mark.parametrize(("engine", "learned"), [("previs", False), ("blank", False), ("ltx2", True), ("ark", True)])
async def test_a_built_in_engine_is_told_as_what_it_is(made: Made, engine: str, learned: bool) -> None:
    _, manifest = await made.sign(engine, mark=watermark_of(TASK))
    assert manifest.source_type == ("trainedAlgorithmicMedia" if learned else "algorithmicMedia")


async def test_an_engine_that_is_not_installed_any_more_counts_as_learned(made: Made) -> None:
    _, manifest = await made.sign("gone", mark=watermark_of(TASK))
    assert manifest.source_type == "trainedAlgorithmicMedia"


async def test_the_manifest_tells_model_time_and_kinds_of_inputs_and_nothing_of_the_prompt_or_the_files(
    made: Made, plugin: EngineFacts
) -> None:
    order = tasks.order(
        "seedance-2.0-mini-reference-to-video", duration=1, generate_audio=False, links=WITH_PICTURE
    )  # fmt: skip
    _, manifest = await made.sign("warp", order)
    assert manifest.generation == {
        "generated": True,
        "engine": "warp",
        "model": "seedance-2.0-mini-reference-to-video",
        "created": "2026-03-30T07:56:45Z",
        "inputs": {"text": 1, "image": 2, "audio": 1},
    }
    assert b"files.example" not in made.folder.signed.read_bytes()


async def test_the_manifests_size_is_told(made: Made, plugin: EngineFacts) -> None:
    signed, _ = await made.sign("warp")
    assert signed.bytes == made.folder.signed.stat().st_size - made.folder.clip.stat().st_size > 1000


@pytest.mark.parametrize("prompt", ["a cat\nwalks  away", "a cat walks " * 20, "猫" * 100], ids=["lines", "long", "no spaces"])  # fmt: skip
async def test_the_title_is_cut_in_the_same_way_as_the_engines(
    made: Made, plugin: EngineFacts, folder: Folder, prompt: str
) -> None:
    order = tasks.order(duration=1, generate_audio=False, prompt=prompt)
    await made.sign("warp", order)
    told = job_of(TASK, order, 1, plan_prompt(prompt, seconds=4, aspect_ratio="1:1"), (), folder).title
    assert len(told) <= 80
    assert told.encode() in made.folder.signed.read_bytes()


# ── marks ──


async def test_an_engine_that_does_not_mark_by_itself_gets_its_clip_marked(made: Made, plugin: EngineFacts) -> None:
    set_plugin(made, replace(plugin, only_by_name=False))
    signed, manifest = await made.sign("warp", seconds=4)
    assert signed.marked is True
    for path in (made.folder.clip, made.folder.signed):
        assert watermark_in_clip(path).number == watermark_of(TASK)
    assert manifest.watermark == watermark_of(TASK)
    facts = probe_clip(made.folder.signed)
    assert (facts.width, facts.height, facts.num_frames, facts.has_audio) == (SIDE, SIDE, 96, False)
    assert sorted(path.name for path in made.folder.path.iterdir()) == ["clip.mp4", "signed.mp4"]
    report = await verify(made.folder.signed)
    assert report.is_ours
    assert report.marks["number"] == watermark_of(TASK)
    assert report.manifest == manifest


async def test_a_clip_that_its_engine_marked_is_not_encoded_again(made: Made) -> None:
    signed, manifest = await made.sign("previs", mark=watermark_of(TASK), seconds=4)
    assert signed.marked is True
    assert made.folder.clip.read_bytes() == _made(watermark_of(TASK), 96, made.workplace)
    assert manifest.watermark == watermark_of(TASK)


@pytest.mark.parametrize("engine", ["blank", "warp"])
async def test_an_engine_that_only_measures_is_not_marked_and_its_manifest_says_so(
    made: Made, plugin: EngineFacts, engine: str
) -> None:
    signed, manifest = await made.sign(engine)
    assert (signed.marked, manifest.watermark) == (False, None)
    assert made.folder.clip.read_bytes() == _made(None, 24, made.workplace)
    assert not watermark_in_clip(made.folder.signed).is_there


async def test_a_clip_that_carries_the_mark_of_another_task_gets_its_own(made: Made, plugin: EngineFacts) -> None:
    set_plugin(made, replace(plugin, only_by_name=False))
    signed, manifest = await made.sign("warp", mark=watermark_of("another task"), seconds=4)
    assert (signed.marked, manifest.watermark) == (True, watermark_of(TASK))
    assert watermark_in_clip(made.folder.signed).number == watermark_of(TASK)
