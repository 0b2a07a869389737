"""Clips from pictures and footage, on real photographs, judged by an independent decoder and scikit-image's SSIM."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest
import skimage
from PIL import Image
from skimage.metrics import structural_similarity

from opendance.asset import Asset
from opendance.catalog import AspectRatio, Mode, Quality, Tier, pixels_for
from opendance.engines.base import RenderCancelled
from opendance.engines.previs.engine import Previs
from opendance.job import Job
from opendance.media.audio import examine_audio
from opendance.media.frames import cover, middle
from opendance.media.image import examine_image
from opendance.media.video import examine_video
from opendance.prompt import plan_prompt
from tests.engines.previs.conftest import Decoded, decode
from tests.files import audio_bytes, saved

Bytes = npt.NDArray[np.uint8]
PHOTOS = Path(skimage.__file__).parent / "data"
DIS = cv2.DISOPTICAL_FLOW_PRESET_MEDIUM


def photo(name: str) -> Bytes:
    return np.asarray(Image.open(PHOTOS / f"{name}.png").convert("RGB"))


class Studio:
    """Makes clips from media files."""

    def __init__(self, previs: Previs, folder: Path) -> None:
        self.previs, self.folder, self.count = previs, folder, 0

    def image(self, number: int, rgb: Bytes) -> Asset:
        source, target = self.folder / f"i{number}.source.png", self.folder / f"i{number}.png"
        Image.fromarray(rgb).save(source)
        return Asset("image", number, path=str(target), **(examine_image(source, target) | {"notes": ()}))

    def video(self, number: int, path: Path) -> Asset:
        target = self.folder / f"v{number}.mp4"
        facts = examine_video(path, target, target.with_suffix(".wav"), most_pixels=428_544)
        sound = str(target.with_suffix(".wav")) if facts["has_audio"] else None
        return Asset("video", number, path=str(target), sound_path=sound, **(facts | {"notes": ()}))

    def audio(self, number: int, content: bytes) -> Asset:
        target = self.folder / f"a{number}.wav"
        return Asset(
            "audio", number, path=str(target), **examine_audio(saved(self.folder, f"a{number}", content), target)
        )

    def job(self, prompt: str, assets: list[Asset], **changes: Any) -> Job:
        self.count += 1
        folder = self.folder / f"clip{self.count}"
        folder.mkdir()
        seconds, quality = changes.get("seconds", 4), Quality(changes.get("quality", "480p"))
        plan = plan_prompt(
            prompt, seconds=seconds, aspect_ratio=changes.get("ratio", "adaptive"), mode=changes.get("mode", Mode.REFERENCE), assets=assets
        )  # fmt: skip
        return Job(
            plan=plan, tier=changes.get("tier", Tier.MINI), quality=quality, size=pixels_for(AspectRatio(plan.aspect_ratio), quality),
            num_frames=seconds * 24, seed=1, generate_audio=changes.get("audio", False), title=prompt, work_folder=str(folder),
            output=str(folder / "clip.mp4"), assets=tuple(assets),
        )  # fmt: skip

    def make(self, prompt: str, assets: list[Asset], **changes: Any) -> Decoded:
        job = self.job(prompt, assets, **changes)
        self.previs.render(job, lambda share: None, lambda: False)
        return decode(Path(job.output))

    def footage(self, prompt: str, number: int = 1) -> Asset:
        """A clip of the engine's own as a reference video: a set with depth, moved by a known camera."""
        made = self.make(prompt, [], mode=Mode.TEXT, ratio="16:9", audio=True)
        return self.video(number, made.path)


@pytest.fixture
def studio(previs: Previs, tmp_path: Path) -> Studio:
    return Studio(previs, tmp_path)


def cropped(rgb: Bytes, like: Bytes) -> Bytes:
    size = (like.shape[1], like.shape[0])
    wide = cover(rgb.shape[1], rgb.shape[0], size)
    how = cv2.INTER_AREA if wide[0] < rgb.shape[1] else cv2.INTER_CUBIC
    return np.ascontiguousarray(middle(cv2.resize(rgb, wide, interpolation=how), size))


def similar(frame: Bytes, rgb: Bytes) -> float:
    return structural_similarity(
        cv2.cvtColor(cropped(rgb, frame), cv2.COLOR_RGB2GRAY), cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    )


def flow(a: Bytes, b: Bytes) -> npt.NDArray[np.float32]:
    grey = [cv2.cvtColor(f, cv2.COLOR_BGR2GRAY) for f in (a, b)]
    return cv2.DISOpticalFlow_create(DIS).calc(grey[0], grey[1], None)


def spectrum_peak(wave: npt.NDArray[np.float32]) -> float:
    power = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return float(np.fft.rfftfreq(len(wave), 1 / 48_000)[int(np.argmax(power))])


def sound_of(path: Path) -> npt.NDArray[np.float32]:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1).T


@pytest.mark.rule("MD-03", "MO-02")
@pytest.mark.parametrize("tier", [Tier.STANDARD, *(pytest.param(t, marks=pytest.mark.thorough) for t in (Tier.FAST, Tier.MINI))])  # fmt: skip
@pytest.mark.parametrize("name", ["chelsea", *(pytest.param(n, marks=pytest.mark.thorough) for n in ("motorcycle_left", "coffee", "astronaut"))])  # fmt: skip
def test_the_first_frame_is_the_picture_and_then_it_lives(studio: Studio, name: str, tier: Tier) -> None:
    clip = studio.make(
        "the camera slowly pushes in, gentle wind", [studio.image(1, photo(name))], mode=Mode.IMAGE, tier=tier
    )
    assert similar(clip.frames[0], photo(name)) >= 0.97
    assert np.abs(clip.frames[0].astype(int) - clip.frames[-1]).mean() > 3
    assert len(clip.frames) == 96


@pytest.mark.rule("MD-03")
@pytest.mark.parametrize(("first", "last"), [("retina.jpg", "rocket.jpg"), *(pytest.param(*pair, marks=pytest.mark.thorough) for pair in (("hubble_deep_field.jpg", "ihc.png"), ("gravel.png", "grass.png")))])  # fmt: skip
def test_fine_structure_is_kept_in_the_first_and_the_last_frame(studio: Studio, first: str, last: str) -> None:
    """Stars, vessels, gravel: what an encoder smooths away first, in the tier that spends least."""
    pictures = [np.asarray(Image.open(PHOTOS / name).convert("RGB")) for name in (first, last)]
    assets = [studio.image(number + 1, picture) for number, picture in enumerate(pictures)]
    frames = studio.make("a smooth transition", assets, mode=Mode.IMAGE).frames
    assert similar(frames[0], pictures[0]) >= 0.97
    assert similar(frames[-1], pictures[1]) >= 0.97


@pytest.mark.rule("OUT-04", "OUT-05")
@pytest.mark.thorough
@pytest.mark.parametrize("ratio", ["16:9", "9:16", "1:1", "4:3", "3:4", "21:9"])
@pytest.mark.parametrize("quality", ["480p", "720p"])
def test_every_ratio_is_cropped_from_the_middle_and_exact(studio: Studio, ratio: str, quality: str) -> None:
    clip = studio.make("pan left", [studio.image(1, photo("coffee"))], mode=Mode.IMAGE, ratio=ratio, quality=quality)
    width, height = pixels_for(AspectRatio(ratio), Quality(quality))
    assert clip.frames.shape == (96, height, width, 3)
    assert similar(clip.frames[0], photo("coffee")) >= 0.97


@pytest.mark.thorough
@pytest.mark.parametrize("move", ["push in", "pull out", "pan left", "pan right", "tilt up", "truck right", "orbit", "crane up", "zoom out", "handheld", "dolly zoom", "dutch angle", "whip pan"])  # fmt: skip
def test_no_move_shows_torn_or_empty_edges(studio: Studio, move: str) -> None:
    clip = studio.make(f"{move}", [studio.image(1, photo("motorcycle_left"))], mode=Mode.IMAGE)
    assert similar(clip.frames[0], photo("motorcycle_left")) >= 0.97
    for index in (24, 48, 72, 95):
        frame = clip.frames[index].astype(np.float32)
        for edge in (frame[:2], frame[-2:], frame[:, :2], frame[:, -2:]):
            assert edge.std() > 4, (move, index)  # the picture goes on to its edge
            assert (edge.max(axis=-1) < 3).mean() < 0.5
    steps = [np.abs(clip.frames[k + 2].astype(int) - clip.frames[k]).mean() for k in range(0, 92, 2)]
    assert max(steps) < 60  # and nothing jumps


@pytest.mark.parametrize(("move", "axis", "sign"), [("truck left", 0, 1), *(pytest.param(*move, marks=pytest.mark.thorough) for move in (("tilt down", 1, -1), ("truck right", 0, -1), ("pan right", 0, -1), ("tilt up", 1, 1)))])  # fmt: skip
def test_the_picture_moves_against_the_camera(studio: Studio, move: str, axis: int, sign: int) -> None:
    frames = studio.make(move, [studio.image(1, photo("motorcycle_left"))], mode=Mode.IMAGE).frames
    shift = np.median(flow(frames[30], frames[60])[..., axis])
    assert np.sign(shift) == sign
    assert abs(shift) > 1


def test_near_and_far_move_differently(studio: Studio) -> None:
    """A flat zoom or shift moves everything by one similarity; parallax does not."""
    frames = studio.make("truck right", [studio.image(1, photo("motorcycle_left"))], mode=Mode.IMAGE).frames
    moved = flow(frames[10], frames[70])
    height, width = moved.shape[:2]
    y, x = np.mgrid[0:height:8, 0:width:8]
    points = np.stack([x.ravel(), y.ravel()], axis=-1).astype(np.float32)
    target = points + moved[y.ravel(), x.ravel()]
    matrix, _ = cv2.estimateAffinePartial2D(points, target, method=cv2.RANSAC, ransacReprojThreshold=1.0)
    residual = np.linalg.norm(points @ matrix[:, :2].T + matrix[:, 2] - target, axis=1)
    assert np.percentile(residual, 80) > 3
    assert abs(np.median(moved[-height // 8 :, :, 0])) > 1.3 * abs(np.median(moved[: height // 8, :, 0]))


def test_water_leaves_and_sky_move_by_themselves(studio: Studio) -> None:
    rng = np.random.default_rng(2)
    y, x = np.mgrid[0:600, 0:900].astype(np.float32)
    sky = np.stack([120 + y / 9, 170 + y / 9, 235 + 0 * y], axis=-1) + 12 * np.sin(x / 70 + y / 40)[..., None]
    sea = np.stack([30 + 0 * y, 90 + 15 * np.sin(y / 5 + np.sin(x / 30)), 150 + 25 * np.sin(y / 4 + x / 50)], axis=-1)
    rgb = np.where((y < 300)[..., None], sky, sea) + rng.normal(0, 1.5, (600, 900, 1))
    scene = np.clip(rgb, 0, 255).astype(np.uint8)
    frames = studio.make("a calm sea, static shot", [studio.image(1, scene)], mode=Mode.IMAGE).frames.astype(np.float32)
    height = frames.shape[1]
    change = np.abs(frames[80] - frames[40]).mean(axis=(1, 2))
    assert change[: height // 3].mean() > 1  # clouds drift
    assert change[height * 2 // 3 :].mean() > 1  # waves go


@pytest.mark.parametrize("words", ["snow falls", *(pytest.param(w, marks=pytest.mark.thorough) for w in ("fireflies", "it rains heavily", "petals drift in the wind"))])  # fmt: skip
def test_particles_and_weather_come_over_the_picture(studio: Studio, words: str) -> None:
    plain = studio.make("static shot", [studio.image(1, photo("coffee"))], mode=Mode.IMAGE).frames[60].astype(int)
    made = studio.make(f"static shot, {words}", [studio.image(1, photo("coffee"))], mode=Mode.IMAGE)
    assert similar(made.frames[0], photo("coffee")) >= 0.97
    assert np.abs(made.frames[60].astype(int) - plain).mean() > 0.4


def test_light_changes_as_the_words_say(studio: Studio) -> None:
    frames = studio.make("it turns to night, static shot", [studio.image(1, photo("coffee"))], mode=Mode.IMAGE).frames
    assert similar(frames[0], photo("coffee")) >= 0.97
    assert frames[-1].mean() < 0.7 * frames[0].mean()


@pytest.mark.rule("MD-03", "IMG-05")
@pytest.mark.parametrize(("first", "last"), [("coffee", "chelsea"), *(pytest.param(*pair, marks=pytest.mark.thorough) for pair in (("motorcycle_left", "motorcycle_right"), ("astronaut", "coffee")))])  # fmt: skip
@pytest.mark.parametrize("tier", [Tier.STANDARD, pytest.param(Tier.MINI, marks=pytest.mark.thorough)])
def test_first_and_last_frame_are_the_two_pictures(studio: Studio, first: str, last: str, tier: Tier) -> None:
    assets = [studio.image(1, photo(first)), studio.image(2, photo(last))]
    frames = studio.make("a smooth transition", assets, mode=Mode.IMAGE, tier=tier).frames
    assert similar(frames[0], photo(first)) >= 0.97
    assert similar(frames[-1], photo(last)) >= 0.97
    steps = [np.abs(frames[k + 2].astype(int) - frames[k]).mean() for k in range(0, 92, 2)]
    assert max(steps) < 45  # no cut
    assert min(similar(f, photo(first)) for f in frames[40:56]) < 0.97  # there is something between them


def test_shared_content_is_moved_and_not_faded(studio: Studio) -> None:
    """Two views of one scene: halfway, things are halfway; in a cross-fade they would be where they were, or at the end."""
    assets = [studio.image(1, photo("motorcycle_left")), studio.image(2, photo("motorcycle_right"))]
    frames = studio.make("move", assets, mode=Mode.IMAGE, tier=Tier.STANDARD).frames
    whole, half = flow(frames[0], frames[-1])[..., 0], flow(frames[0], frames[47])[..., 0]
    moving = np.abs(whole) > 6
    assert moving.mean() > 0.3
    share = half[moving] / whole[moving]
    assert 0.35 < np.median(share) < 0.65
    assert ((share > 0.25) & (share < 0.75)).mean() > 0.7


@pytest.mark.rule("MD-06")
@pytest.mark.parametrize("role", ["the flower of image 1 stands in a field, static shot", "Product commercial for image 1 in a studio"])  # fmt: skip
def test_a_subject_is_cut_out_and_staged(studio: Studio, role: str) -> None:
    plain = np.full((500, 500, 3), 250, np.uint8)
    cv2.circle(plain, (250, 250), 150, (220, 30, 40), -1)
    cv2.circle(plain, (250, 250), 60, (250, 220, 40), -1)
    frame = studio.make(role, [studio.image(1, plain)], ratio="16:9").frames[48].astype(int)
    red = (frame[..., 2] > 150) & (frame[..., 1] < 90) & (frame[..., 0] < 100)
    assert 0.004 < red.mean() < 0.4  # it is there
    hull = np.argwhere(red)
    box = (hull.max(axis=0) - hull.min(axis=0)).astype(float)
    corner = frame[hull.min(axis=0)[0] + 2, hull.min(axis=0)[1] + 2]
    assert corner.min() < 245  # and its white background is not
    assert box[0] / box[1] == pytest.approx(1, abs=0.25)


@pytest.mark.rule("MD-06")
def test_a_setting_is_what_is_seen_behind_the_subject(studio: Studio) -> None:
    plain = np.full((500, 400, 3), 250, np.uint8)
    plain[100:480, 120:280] = (30, 40, 220)
    assets = [studio.image(1, plain), studio.image(2, photo("coffee"))]
    frame = studio.make("the robot of image 1 in the scene of image 2", assets, ratio="4:3").frames[0]
    behind = cropped(photo("coffee"), frame)[..., ::-1].astype(int)
    assert (np.abs(frame.astype(int) - behind).max(axis=-1) < 30).mean() > 0.5
    assert ((frame[..., 0] > 150) & (frame[..., 2] < 90)).mean() > 0.01


@pytest.mark.rule("MD-06")
def test_a_style_lends_its_palette(studio: Studio) -> None:
    teal = np.zeros((400, 400, 3), np.uint8)
    teal[:] = (20, 150, 150)
    teal[::2, ::3] = (240, 120, 40)
    plain = studio.make("a meadow at noon", [], mode=Mode.TEXT, ratio="16:9").frames[48].reshape(-1, 3).mean(axis=0)
    styled = studio.make("a meadow at noon in the style of image 1", [studio.image(1, teal)], ratio="16:9").frames[48]
    target = teal.reshape(-1, 3).mean(axis=0)[::-1]
    assert np.linalg.norm(styled.reshape(-1, 3).mean(axis=0) - target) < 0.5 * np.linalg.norm(plain - target)


@pytest.mark.rule("MD-06", "PR-03")
@pytest.mark.parametrize(
    ("words", "sign", "subject"),
    [
        ("pan right", -1, "image"),
        ("pan left", 1, "text"),
        pytest.param("pan left", 1, "image", marks=pytest.mark.thorough),
        pytest.param("pan right", -1, "text", marks=pytest.mark.thorough),
    ],
)
def test_the_camera_of_a_video_is_followed(studio: Studio, words: str, sign: int, subject: str) -> None:
    video = studio.footage(f"a street at noon, {words}")
    if subject == "image":
        assets = [studio.image(1, photo("motorcycle_left")), video]
        frames = studio.make("The first frame is image 1, use the camera movement of video 1", assets).frames
    else:
        frames = studio.make("mountains and a forest at noon, use the camera movement of video 1", [video]).frames
    shift = np.median(flow(frames[30], frames[60])[..., 0])
    assert np.sign(shift) == sign
    assert abs(shift) > 1


def test_the_camera_is_followed_only_while_it_was_asked_for(studio: Studio) -> None:
    assets = [studio.image(1, photo("motorcycle_left")), studio.footage("a street at noon, pan right")]
    frames = studio.make(
        "The first frame is image 1, use the camera work of video 1 for the first 2 seconds", assets
    ).frames
    early = abs(np.median(flow(frames[16], frames[32])[..., 0]))
    late = abs(np.median(flow(frames[70], frames[90])[..., 0]))
    assert early > 2
    assert late < 0.5


@pytest.mark.rule("MD-06")
def test_footage_is_extended_from_its_last_frame(studio: Studio) -> None:
    video = studio.footage("a red car drives along a street at noon, static shot")
    last = decode(Path(video.path)).frames[-1]
    clip = studio.make("Extend video 1", [video], audio=True)
    assert similar(clip.frames[0], np.ascontiguousarray(last[..., ::-1])) >= 0.96
    assert np.abs(sound_of(clip.path)).max() > 0.05
    first = decode(Path(video.path)).frames[0]
    before = studio.make("Extend video 1 backwards", [video]).frames
    assert similar(before[-1], np.ascontiguousarray(first[..., ::-1])) >= 0.96


@pytest.mark.rule("MD-06")
@pytest.mark.parametrize("with_image", [True, pytest.param(False, marks=pytest.mark.thorough)])
def test_a_thing_in_footage_is_replaced_or_removed_all_along(studio: Studio, with_image: bool) -> None:
    video = studio.footage("a red car drives along a street at noon, static shot")
    original = decode(Path(video.path)).frames.astype(int)

    def redness(frames: npt.NDArray[np.int_]) -> npt.NDArray[np.float64]:
        red = (frames[..., 2] > 150) & (frames[..., 1] < 80) & (frames[..., 0] < 110)
        return red.mean(axis=(1, 2))

    assert redness(original[24:72]).min() > 0.02
    if with_image:
        green = np.full((400, 400, 3), 250, np.uint8)
        cv2.circle(green, (200, 200), 150, (20, 200, 60), -1)
        frames = studio.make(
            "Replace the car in video 1 with the ball in image 1", [studio.image(1, green), video]
        ).frames
        present = (frames[..., 1] > 120) & (frames[..., 2] < 90) & (frames[..., 0] < 120)
        assert present.mean(axis=(1, 2))[24:72].min() > 0.01
    else:
        frames = studio.make("Remove the car from video 1", [video]).frames
    assert redness(frames.astype(int)[24:72]).max() < 0.25 * redness(original[24:72]).min()


@pytest.mark.rule("MD-06")
@pytest.mark.thorough
def test_clips_are_joined_with_passages(studio: Studio) -> None:
    videos = [studio.footage("a desert at noon, static shot", 1), studio.footage("a city at night, static shot", 2)]
    clip = studio.make("Join video 1 and video 2", videos, seconds=6, audio=True)
    ends = [decode(Path(video.path)).frames for video in videos]
    frames = clip.frames
    assert len(frames) == 144
    assert max(similar(frames[10], np.ascontiguousarray(f[..., ::-1])) for f in ends[0][::6]) > 0.9
    assert max(similar(frames[-10], np.ascontiguousarray(f[..., ::-1])) for f in ends[1][::6]) > 0.9
    steps = [np.abs(frames[k + 2].astype(int) - frames[k]).mean() for k in range(0, 140, 2)]
    assert max(steps) < 60  # a passage, no cut


def test_reference_music_is_looped_in_time_and_heard(studio: Studio) -> None:
    assets = [studio.image(1, photo("coffee")), studio.audio(1, audio_bytes(3.3))]
    clip = studio.make("audio 1 as background music, image 1 as the setting", assets, seconds=8, audio=True)
    wave = sound_of(clip.path)[:, 0]
    assert spectrum_peak(wave[48_000:96_000]) == pytest.approx(440, abs=4)
    assert spectrum_peak(wave[240_000:288_000]) == pytest.approx(440, abs=4)
    level = np.abs(wave[: 7 * 48_000]).reshape(-1, 480).max(axis=1)
    onsets = np.flatnonzero((level[1:] > 2.2 * level[:-1]) & (level[1:] > 0.3 * level.max())) / 100
    steps = np.diff(onsets)
    assert len(steps) >= 8
    assert np.abs(steps - np.round(steps / 0.5) * 0.5).max() < 0.06  # two beats a second, over the seams too


def test_an_effect_comes_at_its_moment(studio: Studio) -> None:
    assets = [studio.image(1, photo("coffee")), studio.audio(1, audio_bytes(2.0))]
    clip = studio.make(
        "audio 1 as a sound effect at 3 seconds, image 1 as the setting, no music", assets, seconds=6, audio=True
    )
    wave = sound_of(clip.path)[:, 0]

    def tone(begin: float) -> float:
        part = wave[int(begin * 48_000) : int((begin + 0.4) * 48_000)]
        power = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
        hertz = np.fft.rfftfreq(len(part), 1 / 48_000)
        return float(power[np.abs(hertz - 440) < 8].sum())

    assert tone(3.05) > 50 * tone(2.3)


def test_a_voice_keeps_its_length_and_music_makes_way_for_it(studio: Studio) -> None:
    rate = 48_000
    t = np.arange(rate * 3) / rate
    voice = (0.3 * np.sign(np.sin(2 * np.pi * 150 * t)) * (np.sin(2 * np.pi * 3 * t) > -0.5)).astype(np.float32)
    import io
    import wave as waves

    out = io.BytesIO()
    with waves.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((voice * 32_000).astype(np.int16).tobytes())
    assets = [studio.image(1, photo("coffee")), studio.audio(1, out.getvalue()), studio.audio(2, audio_bytes(8))]
    clip = studio.make(
        "audio 1 as narration, audio 2 as background music, image 1 as the setting", assets, seconds=8, audio=True
    )
    wave = sound_of(clip.path)[:, 0]

    def share(begin: float, hertz: float) -> float:
        part = wave[int(begin * rate) : int((begin + 1) * rate)]
        power = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
        f = np.fft.rfftfreq(len(part), 1 / rate)
        return float(power[np.abs(f - hertz) < 12].sum())

    assert share(1.0, 150) > 100 * share(5.0, 150)  # it speaks for three seconds
    assert share(1.0, 440) < 0.6 * share(5.0, 440)  # and the music is lower then


def test_the_same_seed_gives_the_same_clip(studio: Studio) -> None:
    assets = [studio.image(1, photo("chelsea"))]
    one = studio.make("orbit, snow", assets, mode=Mode.IMAGE, audio=True).path.read_bytes()
    two = studio.make("orbit, snow", assets, mode=Mode.IMAGE, audio=True).path.read_bytes()
    assert one == two


def test_a_render_of_media_ends_when_it_is_told_to(studio: Studio, previs: Previs) -> None:
    job = studio.job("push in", [studio.image(1, photo("coffee"))], mode=Mode.IMAGE, seconds=15)
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 20

    with pytest.raises(RenderCancelled):
        previs.render(replace(job, num_frames=360), lambda share: None, cancelled)
    assert asked < 40
