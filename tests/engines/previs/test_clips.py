from __future__ import annotations

import hashlib
import itertools
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest

from opendance.catalog import PIXELS, AspectRatio, Quality, Tier
from opendance.engines.base import RenderCancelled
from opendance.engines.previs.engine import Previs
from opendance.job import Job
from opendance.prompt import plan_prompt
from tests.engines.previs.conftest import Make


def sound_of(path: Path) -> npt.NDArray[np.float32]:
    """(n, 2) samples."""
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1).T


def loudness_of(path: Path) -> float:
    """Integrated loudness by FFmpeg's own EBU R 128 filter, LUFS."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        graph = av.filter.Graph()
        source = graph.add_abuffer(template=stream)
        meter = graph.add("ebur128", "metadata=1")
        sink = graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        last = -70.0
        for frame in container.decode(stream):
            graph.push(frame)
            while True:
                try:
                    out = graph.pull()
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
                last = float(out.metadata.get("lavfi.r128.I", last)) if hasattr(out, "metadata") else last
        return last


@pytest.mark.rule("OUT-04", "MO-02")
@pytest.mark.parametrize(("ratio", "quality"), list(itertools.product(PIXELS, Quality)))
def test_each_of_the_18_sizes_is_exact_to_the_pixel_and_the_frame(
    make: Make, ratio: AspectRatio, quality: Quality
) -> None:
    clip = make("a red kite flies over hills", ratio=ratio.value, quality=quality.value, seconds=1)
    width, height = PIXELS[ratio][quality]
    assert clip.frames.shape == (24, height, width, 3)
    assert clip.frame_rate == 24
    assert clip.codec in ("avc1", "h264")


@pytest.mark.rule("OUT-01", "OUT-04", "OUT-06")
@pytest.mark.parametrize("tier", list(Tier))
def test_the_file_is_what_players_expect(make: Make, tier: Tier) -> None:
    clip = make("a boat on the sea", tier=tier, seconds=5, audio=True)
    assert len(clip.frames) == 120
    with av.open(str(clip.path)) as container:
        video, sound = container.streams.video[0], container.streams.audio[0]
        context = video.codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        assert context.profile == "High"
        assert (context.color_range, context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1, 1)
        assert (sound.codec_context.name, sound.rate, sound.layout.name) == ("aac", 48000, "stereo")
        assert float(sound.duration * sound.time_base) == pytest.approx(5, abs=0.03)
        assert float(video.duration * video.time_base) == pytest.approx(5, abs=1e-6)
        assert container.metadata["title"] == "a boat on the sea"
        assert "preview" in container.metadata["comment"]
    raw = clip.path.read_bytes()
    assert 0 < raw.find(b"moov") < raw.find(b"mdat")


@pytest.mark.rule("OUT-06")
def test_a_silent_clip_has_no_sound_stream(make: Make) -> None:
    clip = make("a boat on the sea", audio=False)
    with av.open(str(clip.path)) as container:
        assert not container.streams.audio


@pytest.mark.rule("OUT-06")
@pytest.mark.parametrize(
    "prompt",
    ["a storm over the city, epic", "a quiet room, no music", *(pytest.param(p, marks=pytest.mark.thorough) for p in ("a cat plays the piano", "a horse gallops across a field", "fireworks over the sea"))],
)  # fmt: skip
def test_sound_is_at_minus_16_lufs_and_does_not_clip(make: Make, prompt: str) -> None:
    clip = make(prompt, audio=True, seconds=6)
    wave = sound_of(clip.path)
    assert np.abs(wave).max() < 0.99
    assert loudness_of(clip.path) == pytest.approx(-16, abs=1.0)
    sides = np.corrcoef(wave[:, 0], wave[:, 1])[0, 1]
    assert sides < 0.999


def test_the_same_seed_gives_the_same_clip_and_another_seed_another(make: Make) -> None:
    def fingerprint(seed: int) -> str:
        return hashlib.sha256(make("a fox in a forest", seed=seed, audio=True).path.read_bytes()).hexdigest()

    assert fingerprint(7) == fingerprint(7)
    assert fingerprint(7) != fingerprint(8)


@pytest.mark.thorough
@pytest.mark.parametrize("setting", ["city", "ocean", "mountains", "forest", "desert", "arctic", "street", "bedroom", "stage", "galaxy", "garden", "above the clouds", "meadow", "coral reef", "product shot of a watch"])  # fmt: skip
def test_every_setting_is_a_picture_that_moves(make: Make, setting: str) -> None:
    frames = make(f"a {setting}, truck right").frames.astype(np.float32)
    first, last = frames[2], frames[-2]
    assert first.std() > 12  # not flat
    assert 12 < first.mean() < 243  # neither black nor white
    assert np.abs(first - last).mean() > 1.0


@pytest.mark.thorough
@pytest.mark.parametrize("hour", ["dawn", "noon", "sunset", "dusk", "midnight"])
@pytest.mark.parametrize("weather", ["clear sky", "rain", "snowfall", "fog", "storm"])
def test_hours_and_weather_change_the_picture(make: Make, hour: str, weather: str) -> None:
    plain = make("mountains at noon, static shot", seed=3).frames[40].astype(np.float32)
    made = make(f"mountains at {hour}, {weather}, static shot", seed=3).frames[40].astype(np.float32)
    if (hour, weather) == ("noon", "clear sky"):
        return
    assert np.abs(plain - made).mean() > 3


MOVES = {
    "pan right": (-1, 0), "pan left": (1, 0), "truck right": (-1, 0), "truck left": (1, 0), "tilt up": (0, 1),
    "tilt down": (0, -1), "pedestal up": (0, 1), "pedestal down": (0, -1),
    # A crane rises and looks down: what is far goes up in the picture.
    "crane up": (0, -1), "crane down": (0, 1),
}  # fmt: skip


@pytest.mark.parametrize(
    ("words", "way"),
    [
        pytest.param(
            *move,
            marks=() if move[0] in ("pan right", "tilt up", "pedestal down", "crane up") else pytest.mark.thorough,
        )
        for move in MOVES.items()
    ],
)
def test_the_picture_moves_against_the_camera(make: Make, words: str, way: tuple[int, int]) -> None:
    frames = make(f"mountains and a forest at noon, {words}", seed=5).frames
    grey = [cv2.cvtColor(frames[i], cv2.COLOR_BGR2GRAY) for i in (30, 44)]
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(grey[0], grey[1], None)
    part = flow[-flow.shape[0] // 6 :] if "pedestal" in words else flow
    shift = np.median(part.reshape(-1, 2), axis=0)
    axis = 0 if way[0] else 1
    assert np.sign(shift[axis]) == way[axis], shift
    assert abs(shift[axis]) > 0.5


@pytest.mark.parametrize(
    ("words", "grows"), [("push in", True), ("pull out", False), ("zoom in", True), ("zoom out", False)]
)
def test_going_closer_spreads_the_picture(make: Make, words: str, grows: bool) -> None:
    frames = make(f"a street with houses at noon, {words}", seed=5).frames
    grey = [cv2.cvtColor(frames[i], cv2.COLOR_BGR2GRAY) for i in (36, 56)]
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(grey[0], grey[1], None)
    width = flow.shape[1]
    spread = np.median(flow[:, width * 3 // 4 :, 0]) - np.median(flow[:, : width // 4, 0])
    assert (spread > 0) == grows


def test_near_things_move_more_than_far_things(make: Make) -> None:
    frames = make("a street at noon, truck right", seed=5).frames
    grey = [cv2.cvtColor(frames[i], cv2.COLOR_BGR2GRAY) for i in (40, 48)]
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(grey[0], grey[1], None)
    height = flow.shape[0]
    far, near = np.abs(np.median(flow[: height // 4, :, 0])), np.abs(np.median(flow[-height // 8 :, :, 0]))
    assert near > far * 1.5


@pytest.mark.parametrize("move", ["orbit", "handheld", "whip pan", *(pytest.param(m, marks=pytest.mark.thorough) for m in ("static shot", "dolly zoom", "tracking shot", "time-lapse", "dutch angle"))])  # fmt: skip
def test_every_other_move_fills_the_frame_to_its_edges(make: Make, move: str) -> None:
    frames = make(f"a cat runs through a garden, {move}", seed=2).frames
    for index in (0, 24, 48, 72, 95):
        frame = frames[index].astype(np.float32)
        for edge in (frame[0], frame[-1], frame[:, 0], frame[:, -1]):
            assert (edge.max(axis=-1) > 6).mean() > 0.97, (move, index)


@pytest.mark.thorough
def test_tiers_differ_in_their_pictures_and_cost(make: Make) -> None:
    sharp = {}
    for tier in Tier:
        frame = make("a city at night, pan right", tier=tier, quality="720p").frames[30]
        sharp[tier] = cv2.Laplacian(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), cv2.CV_32F).var()
    assert sharp[Tier.MINI] < sharp[Tier.STANDARD]


def test_the_subject_is_in_the_picture(make: Make) -> None:
    with_cat = make("a cat in a garden, static shot", seed=4).frames[30].astype(np.float32)
    without = make("a garden, static shot, medium shot", seed=4).frames[30].astype(np.float32)
    assert np.abs(with_cat - without).mean() > 2


def test_shots_are_cut_where_the_prompt_says(make: Make) -> None:
    frames = make("[0-2s] a desert at noon, static shot [2-4s] a city at night, static shot").frames.astype(np.float32)
    jumps = [np.abs(frames[i + 1] - frames[i]).mean() for i in range(len(frames) - 1)]
    assert int(np.argmax(jumps)) == 47


@pytest.mark.thorough
@pytest.mark.parametrize("style", ["watercolor", "film noir", "neon", "pastel", "black and white", "vintage", "anime", "pencil sketch drawing"])  # fmt: skip
def test_styles_change_the_picture(make: Make, style: str) -> None:
    plain = make("a street at night", seed=6).frames[30].astype(np.float32)
    styled = make(f"a street at night, {style}", seed=6).frames[30].astype(np.float32)
    assert np.abs(plain - styled).mean() > 4
    if style in ("film noir", "black and white"):
        assert np.abs(styled.max(axis=-1) - styled.min(axis=-1)).mean() < 6


def test_quoted_dialogue_is_heard(make: Make) -> None:
    pytest.importorskip("hibari", reason="the voice is not installed")
    silent = sound_of(make("a woman in a room, no music", audio=True, seconds=4, seed=9).path)
    spoken = sound_of(make('a woman in a room says "hello my dear friends, how are you today", no music', audio=True, seconds=4, seed=9).path)  # fmt: skip

    def voice_share(wave: npt.NDArray[np.float32]) -> float:
        power = np.abs(np.fft.rfft(wave[24000:120000, 0])) ** 2
        hertz = np.fft.rfftfreq(96000, 1 / 48000)
        return float(power[(hertz > 300) & (hertz < 3000)].sum() / power.sum())

    assert voice_share(spoken) > 2 * voice_share(silent)


def test_a_render_ends_when_it_is_told_to(previs: Previs, tmp_path: Path) -> None:
    job = Job(
        plan=plan_prompt("a cat", seconds=15, aspect_ratio="16:9"), tier=Tier.MINI, quality=Quality.P480, size=(864, 496),
        num_frames=360, seed=1, generate_audio=False, title="", work_folder=str(tmp_path), output=str(tmp_path / "x.mp4"),
    )  # fmt: skip
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 20

    with pytest.raises(RenderCancelled):
        previs.render(job, lambda share: None, cancelled)
    assert asked < 30
