"""VID-*: each limit with both of its sides, and files that are not what they seem."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from opendance.media.audio import read_wav
from tests.files import audio_bytes, coloured, image_bytes, interlaced, remuxed, saved, video_bytes
from tests.media.conftest import Judge

Refusal = Callable[..., Awaitable[tuple[str, str]]]


def decoded(path: Path) -> list[np.ndarray]:
    """Frames by the independent decoder."""
    capture, frames = cv2.VideoCapture(str(path)), []
    while (step := capture.read())[0]:
        frames.append(step[1])
    return frames


@pytest.mark.rule("VID-01")
@pytest.mark.parametrize("container", ["mp4", "mov"])
@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg4"])
async def test_both_formats_and_their_codecs_are_read(judge: Judge, container: str, codec: str, tmp_path: Path) -> None:
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    facts = await judge("video", video_bytes(container=container, codec=codec, options=options))
    assert (facts["width"], facts["height"], facts["has_audio"]) == (640, 640, True)
    assert facts["seconds"] == pytest.approx(2, abs=0.01)
    assert len(decoded(tmp_path / "copy.mp4")) == 48


@pytest.mark.rule("VID-01")
@pytest.mark.parametrize(
    ("container", "codec", "pixel_format", "sound"),
    [
        ("mp4", "libvpx-vp9", "yuv420p", "libopus"), ("mp4", "libsvtav1", "yuv420p", "aac"), ("mov", "prores_ks", "yuv422p10le", "pcm_s24le"),
        ("mov", "mjpeg", "yuvj420p", "alac"), ("mp4", "libx264", "yuv420p", "ac3"), ("mov", "libx264", "yuv420p", "pcm_s16be"),
    ],
)  # fmt: skip
async def test_what_phones_cameras_browsers_and_editors_write_is_read(
    judge: Judge, container: str, codec: str, pixel_format: str, sound: str
) -> None:
    options = {"preset": "12"} if codec == "libsvtav1" else {}
    content = video_bytes(
        container=container, codec=codec, pixel_format=pixel_format, sound=sound, options=options, movflags=""
    )
    facts = await judge("video", content)
    assert (facts["width"], facts["height"], facts["has_audio"]) == (640, 640, True)


@pytest.mark.rule("VID-01")
@pytest.mark.parametrize(
    ("codec", "pixel_format", "sound", "what"),
    [
        ("qtrle", "rgb24", False, "picture is coded as qtrle; it must be AV1, H.264,"),
        ("svq1", "yuv410p", False, "picture is coded as svq1;"),
        ("mpeg2video", "yuv420p", False, "picture is coded as mpeg2video;"),
        ("libx264", "yuv420p", "adpcm_ima_qt", "sound is coded as adpcm_ima_qt; it must be AAC, AC-3,"),
    ],
)
async def test_a_codec_that_is_not_decoded_is_named_with_what_would_be_right(
    refusal: Refusal, codec: str, pixel_format: str, sound: str | bool, what: str
) -> None:
    content = video_bytes(container="mov", codec=codec, pixel_format=pixel_format, sound=sound, movflags="")
    code, message = await refusal("video", content)
    assert code == "invalid_video"
    assert message.startswith(f"its {what}")
    assert message.endswith("export it with AAC" if sound else "export it with H.264")


@pytest.mark.rule("VID-01")
@pytest.mark.parametrize(
    ("content", "word"),
    [
        (video_bytes(container="matroska", movflags=""), "Matroska"),
        (video_bytes(container="avi", sound=False, movflags=""), "AVI"),
        (image_bytes(kind="GIF"), "GIF"), (image_bytes(), "PNG"), (b"<html><body>gone</body></html>", "HTML page"), (b"\x00" * 999, "no MP4"),
        (audio_bytes(3, kind="mp3"), "MP3"),
    ],
    ids=["mkv", "avi", "gif", "png", "html", "zeros", "mp3"],
)  # fmt: skip
async def test_other_formats_are_named_and_refused(refusal: Refusal, content: bytes, word: str) -> None:
    code, message = await refusal("video", content)
    assert code == "invalid_video"
    assert word in message
    assert "MP4 or MOV" in message


async def test_a_file_without_a_video_stream_is_refused(refusal: Refusal) -> None:
    assert await refusal("video", video_bytes(num_frames=0)) != ("", "")
    sound_only = audio_bytes(3, kind="wav")
    code, message = await refusal("video", b"\x00\x00\x00\x18ftypM4A " + sound_only[12:])
    assert code == "invalid_video"
    assert "no video" in message or "damaged" in message


@pytest.mark.rule("VID-02")
@pytest.mark.parametrize(("width", "height"), [(640, 640), (2206, 946), *(pytest.param(*more, marks=pytest.mark.thorough) for more in ((1012, 406), (644, 1606), (1444, 1444)))])  # fmt: skip
async def test_pixels_within_the_bounds_are_accepted(judge: Judge, width: int, height: int) -> None:
    assert 409_600 <= width * height <= 2_086_876
    facts = await judge("video", video_bytes(width, height, num_frames=48, sound=False))
    assert (facts["width"], facts["height"]) == (width, height)


@pytest.mark.rule("VID-02")
@pytest.mark.parametrize(("width", "height"), [(640, 638), (2206, 948), *(pytest.param(*more, marks=pytest.mark.thorough) for more in ((638, 640), (2208, 946), (1446, 1446), (480, 360)))])  # fmt: skip
async def test_pixels_beyond_the_bounds_are_refused(refusal: Refusal, width: int, height: int) -> None:
    code, message = await refusal("video", video_bytes(width, height, num_frames=48, sound=False))
    assert code == "invalid_video"
    assert "409,600" in message
    assert "2,086,876" in message


@pytest.mark.rule("VID-02")
@pytest.mark.parametrize(("width", "height"), [(298, 700), (1400, 298), (2000, 780), (620, 1600)])
async def test_sides_and_ratios_beyond_the_bounds_are_refused(refusal: Refusal, width: int, height: int) -> None:
    code, _ = await refusal("video", video_bytes(width, height, num_frames=48, sound=False))
    assert code == "image_dimension_mismatch"


@pytest.mark.rule("VID-03")
@pytest.mark.parametrize(("frames", "rate"), [(48, 24), (360, 24), *(pytest.param(*more, marks=pytest.mark.thorough) for more in ((60, 30), (900, 60), (50, 25)))])  # fmt: skip
async def test_2_and_15_seconds_are_accepted(judge: Judge, frames: int, rate: int) -> None:
    facts = await judge("video", video_bytes(rate=rate, num_frames=frames, sound=False, options={"crf": "40"}))
    assert facts["seconds"] == pytest.approx(frames / rate, abs=0.002)


@pytest.mark.rule("VID-03")
@pytest.mark.parametrize(("frames", "rate"), [(46, 24), (363, 24), *(pytest.param(*more, marks=pytest.mark.thorough) for more in ((57, 30), (453, 30)))])  # fmt: skip
async def test_1_9_and_15_1_seconds_are_refused(refusal: Refusal, frames: int, rate: int) -> None:
    code, message = await refusal(
        "video", video_bytes(rate=rate, num_frames=frames, sound=False, options={"crf": "40"})
    )
    assert code == "invalid_video"
    assert "2 to 15 s" in message


@pytest.mark.rule("VID-05")
@pytest.mark.parametrize(
    ("rate", "told"), [(Fraction(24000, 1001), 23.976), (24, 24), (Fraction(30000, 1001), 29.97), (60, 60), (Fraction(60000, 1001), 59.94)]
)  # fmt: skip
async def test_23_976_to_60_fps_are_accepted(judge: Judge, rate: Fraction, told: float, tmp_path: Path) -> None:
    facts = await judge("video", video_bytes(rate=rate, num_frames=int(rate * 2) + 1, sound=False))
    assert facts["frame_rate"] == pytest.approx(told, abs=0.01)
    assert abs(len(decoded(tmp_path / "copy.mp4")) - facts["seconds"] * 24) <= 1.5


@pytest.mark.rule("VID-05")
@pytest.mark.parametrize("rate", [Fraction(47, 2), 20, 61, 120, Fraction(121, 2)])
async def test_slower_and_faster_are_refused(refusal: Refusal, rate: Fraction) -> None:
    code, message = await refusal("video", video_bytes(rate=rate, num_frames=int(rate * 2.2), sound=False))
    assert code == "invalid_video"
    assert "24 to 60" in message


async def test_variable_frame_rate_is_judged_by_its_average_and_evened_out(judge: Judge, tmp_path: Path) -> None:
    times = np.cumsum([0.0] + [0.02 if k % 3 else 0.05 for k in range(89)]).tolist()
    facts = await judge("video", video_bytes(times=times, num_frames=90, sound=False))
    assert facts["frame_rate"] == pytest.approx(90 / facts["seconds"], abs=0.2)
    assert abs(len(decoded(tmp_path / "copy.mp4")) - facts["seconds"] * 24) <= 1.5


@pytest.mark.parametrize("movflags", ["frag_keyframe+empty_moov", "frag_every_frame+empty_moov+default_base_moof"])
async def test_a_missing_duration_is_measured(judge: Judge, movflags: str) -> None:
    facts = await judge("video", video_bytes(movflags=movflags, sound=False))
    assert facts["seconds"] == pytest.approx(2, abs=0.05)


ONE = 0x00010000
# a, b, c, d of ISO 14496-12, 6.2.2, and how the picture is seen then
MATRICES: dict[str, tuple[tuple[int, int, int, int], Callable[[np.ndarray], np.ndarray]]] = {
    "a quarter": ((0, ONE, -ONE, 0), lambda seen: np.rot90(seen, -1)),
    "a half": ((-ONE, 0, 0, -ONE), lambda seen: seen[::-1, ::-1]),
    "three quarters": ((0, -ONE, ONE, 0), lambda seen: np.rot90(seen)),
    "left for right": ((-ONE, 0, 0, ONE), lambda seen: seen[:, ::-1]),
    "top for bottom": ((ONE, 0, 0, -ONE), lambda seen: seen[::-1]),
    "rows for columns": ((0, ONE, ONE, 0), lambda seen: seen.swapaxes(0, 1)),
    "rows for columns, from the end": ((0, -ONE, -ONE, 0), lambda seen: seen[::-1, ::-1].swapaxes(0, 1)),
}


def with_matrix(content: bytes, a: int, b: int, c: int, d: int) -> bytes:
    """The same file with a display matrix (ISO 14496-12, 8.3.2)."""

    def written(*numbers: int) -> bytes:
        return b"".join((number & 0xFFFFFFFF).to_bytes(4, "big") for number in numbers)

    identity = written(ONE, 0, 0, 0, ONE, 0, 0, 0, 0x40000000)
    where = content.index(identity, content.index(b"tkhd"))
    return content[:where] + written(a, b, 0, c, d, 0, 0, 0, 0x40000000) + content[where + 36 :]


async def test_a_turned_or_mirrored_video_is_shown_as_it_was_filmed(judge: Judge, tmp_path: Path) -> None:
    content = video_bytes(960, 540, sound=False, options={"crf": "12"})
    await judge("video", content)
    upright = decoded(tmp_path / "copy.mp4")[10].astype(np.float32)
    for seen, (matrix, as_seen) in MATRICES.items():
        facts = await judge("video", with_matrix(content, *matrix))
        expected, made = as_seen(upright), decoded(tmp_path / "copy.mp4")[10].astype(np.float32)
        assert (facts["height"], facts["width"]) == made.shape[:2] == expected.shape[:2], seen
        assert np.abs(made - expected).mean() < 6, seen


async def test_frames_that_carry_what_has_no_name_are_read(judge: Judge, tmp_path: Path) -> None:
    """Cameras write Exif into each picture of Motion JPEG; it turns the picture, too."""
    picture = Image.open(io.BytesIO(image_bytes(960, 540, "JPEG")))
    upright = np.asarray(picture).astype(np.float32)
    exif = Image.Exif()
    for orientation, expected in ((1, upright), (6, np.rot90(upright, -1)), (3, upright[::-1, ::-1])):
        exif[0x0112], exif[0x010F] = orientation, "a camera"
        content = io.BytesIO()
        picture.save(content, "JPEG", exif=exif, quality=95)
        with av.open(str(tmp_path / "made.mov"), "w") as made:
            stream = made.add_stream("mjpeg", rate=24)
            stream.width, stream.height, stream.pix_fmt = 960, 540, "yuvj420p"
            for index in range(48):
                packet = av.Packet(content.getvalue())
                packet.pts = packet.dts = index
                packet.time_base, packet.stream, packet.is_keyframe = Fraction(1, 24), stream, True
                made.mux(packet)
        facts = await judge("video", (tmp_path / "made.mov").read_bytes())
        seen = decoded(tmp_path / "copy.mp4")[10][:, :, ::-1].astype(np.float32)
        assert seen.shape == expected.shape == (facts["height"], facts["width"], 3)
        assert np.abs(seen - expected).mean() < 8


@pytest.mark.parametrize(("codec", "container"), [("libx264", "mp4"), ("mpeg4", "mov")])
async def test_of_a_lossless_trim_what_its_edit_list_shows_is_taken(
    judge: Judge, codec: str, container: str, tmp_path: Path
) -> None:
    """Phones, QuickTime and `ffmpeg -ss -c copy` keep everything from the key frame before, and hide it."""
    whole = video_bytes(num_frames=96, codec=codec, options={"g": "96", "crf": "12"}, movflags="")
    await judge("video", whole)
    wanted = decoded(tmp_path / "copy.mp4")[40].astype(np.float32)
    facts = await judge("video", remuxed(whole, container=container, shifts=(-Fraction(40, 24), -Fraction(40, 24))))
    frames = decoded(tmp_path / "copy.mp4")
    assert (facts["seconds"], len(frames)) == (pytest.approx(56 / 24, abs=0.005), 56)
    assert np.abs(frames[0].astype(np.float32) - wanted).mean() < 3
    assert facts["has_more"]


async def test_what_an_edit_list_cuts_off_at_the_end_is_not_missing(judge: Judge, tmp_path: Path) -> None:
    content = bytearray(video_bytes(num_frames=96, movflags=""))
    at = -1
    while (at := content.find(b"elst", at + 1)) >= 0:  # ISO 14496-12, 8.6.6: of the picture and of the sound
        content[at + 12 : at + 16] = (2500).to_bytes(4, "big")  # ms
    facts = await judge("video", bytes(content))
    assert (facts["seconds"], len(decoded(tmp_path / "copy.mp4"))) == (pytest.approx(2.5, abs=0.005), 60)
    assert loud(tmp_path)[1] == pytest.approx(2.5, abs=0.05)
    assert facts["has_more"]


@pytest.mark.rule("VID-05")
async def test_timestamps_of_a_millisecond_change_no_rate(judge: Judge) -> None:
    """As Matroska has them: 24 fps become steps of 41 and 42 ms."""
    for rate in (24, Fraction(24000, 1001), Fraction(60000, 1001)):
        times = [round(index * 1000 / rate) / 1000 for index in range(int(rate * 2) + 2)]
        facts = await judge("video", video_bytes(times=times, num_frames=len(times), sound=False))
        assert facts["frame_rate"] == pytest.approx(float(rate), rel=0.001)


@pytest.mark.rule("VID-05")
async def test_a_clock_that_is_a_little_fast_is_within_the_rate(judge: Judge) -> None:
    times = [index * 1499 / 90_000 for index in range(122)]
    facts = await judge("video", video_bytes(times=times, num_frames=122, sound=False))
    assert facts["frame_rate"] == pytest.approx(60.04, abs=0.01)


def loud(folder: Path) -> tuple[float, float]:
    """When the sound of the copy begins and ends, s."""
    heard = np.flatnonzero(np.abs(read_wav(folder / "copy.wav")[:, 0]) > 0.02)
    return heard[0] / 48_000, heard[-1] / 48_000


@pytest.mark.parametrize(
    ("late", "container"), [(Fraction(1), "mp4"), (Fraction(1, 4), "mov"), (Fraction(-2, 3), "mp4")]
)
async def test_sound_and_picture_that_start_apart_stay_together(
    judge: Judge, late: Fraction, container: str, tmp_path: Path
) -> None:
    """The sound is late, or the picture (below zero)."""
    content = remuxed(video_bytes(movflags=""), container=container, shifts=(max(-late, 0), max(late, 0)))
    facts = await judge("video", content)
    assert facts["seconds"] == pytest.approx(2, abs=0.005)
    begin, end = loud(tmp_path)
    assert begin == pytest.approx(max(0.0, float(late)), abs=0.03)
    if late < 0:
        assert end == pytest.approx(2 + float(late), abs=0.05)


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
async def test_a_video_that_begins_amid_a_group_is_taken_from_its_first_key_frame(
    judge: Judge, codec: str, tmp_path: Path
) -> None:
    whole = video_bytes(num_frames=72, codec=codec, movflags="", options={"g": "24", "bf": "0"})
    facts = await judge("video", remuxed(whole, without_first=10))
    frames = decoded(tmp_path / "copy.mp4")
    assert (facts["seconds"], len(frames)) == (pytest.approx(2, abs=0.005), 48)
    assert "key frame" in facts["notes"][0]
    assert loud(tmp_path)[1] == pytest.approx(2, abs=0.1)  # the sound goes with what is left


def planes(path: Path, index: int = 3) -> np.ndarray:
    """Y, U and V in the middle of a frame, as they are stored."""
    with av.open(str(path)) as made:
        frame = next(frame for number, frame in enumerate(made.decode(video=0)) if number == index)
        whole = frame.to_ndarray(format="yuv420p")
    height, width = frame.height, frame.width
    chroma = whole[height:].reshape(2, height // 2, width // 2)
    return np.array([whole[height // 2, width // 2], *chroma[:, height // 4, width // 4]], np.int16)


async def test_colours_that_are_not_told_are_those_of_the_size(judge: Judge, tmp_path: Path) -> None:
    """HD is BT.709, what is smaller BT.601; the copy is BT.709."""
    for width, height, matrix in ((1280, 720, 1), (640, 640, 1), (720, 576, 5)):
        await judge("video", coloured(width, height, matrix=matrix))
        # BT.709-6, 3: (200, 40, 40) in 8 bit, narrow range.
        assert np.abs(planes(tmp_path / "copy.mp4") - np.array([80, 112, 198])).max() <= 2


@pytest.mark.parametrize(("first", "container"), [("tff", "mp4"), ("bff", "mov")])
async def test_interlaced_footage_has_no_combs(judge: Judge, first: str, container: str, tmp_path: Path) -> None:
    await judge("video", interlaced(first, container))
    frame = decoded(tmp_path / "copy.mp4")[12].mean(axis=-1).astype(np.float32)
    between, in_field = np.abs(np.diff(frame, axis=0)).mean(), np.abs(frame[2:] - frame[:-2]).mean()
    assert between < 1.5 * in_field + 1  # combs: neighbours differ, every second row is alike


async def test_of_two_sounds_the_one_that_can_be_read_is_used(judge: Judge, tmp_path: Path) -> None:
    """As phones write spatial sound first, in a codec of their own."""
    content = remuxed(video_bytes(), sounds=2)
    where = content.index(b"mp4a", content.index(b"soun"))
    facts = await judge("video", content[:where] + b"apac" + content[where + 4 :])
    assert facts["has_audio"]
    assert loud(tmp_path)[1] > 1.8


@pytest.mark.parametrize("transfer", [16, 18], ids=["PQ", "HLG"])
async def test_hdr_is_brought_to_standard_range(judge: Judge, transfer: int, tmp_path: Path) -> None:
    content = video_bytes(codec="libx265", pixel_format="yuv420p10le", tags=(9, transfer, 9), sound=False, options={"x265-params": "log-level=none"})  # fmt: skip
    facts = await judge("video", content)
    assert "HDR" in facts["notes"][0]
    frame = decoded(tmp_path / "copy.mp4")[0].astype(np.float32)
    assert 20 < frame.mean() < 240
    assert frame.std() > 12
    with av.open(str(tmp_path / "copy.mp4")) as made:
        assert made.streams.video[0].codec_context.color_trc == 1


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("movflags", ["+faststart", ""])
async def test_truncated_videos_are_refused(refusal: Refusal, share: float, movflags: str) -> None:
    content = video_bytes(movflags=movflags, num_frames=72)
    code, message = await refusal("video", content[: int(len(content) * share)])
    assert code == "invalid_video"
    assert "damaged" in message or "cut off" in message
    assert "/" not in message  # no paths of the server


async def test_the_copy_is_no_larger_than_the_video_will_be(judge: Judge, tmp_path: Path) -> None:
    await judge("video", video_bytes(1920, 1080, sound=False), most_pixels=428_544)
    height, width = decoded(tmp_path / "copy.mp4")[0].shape[:2]
    assert width * height <= 428_544 * 1.01
    assert width / height == pytest.approx(16 / 9, rel=0.01)


async def test_the_own_sound_is_kept(judge: Judge, tmp_path: Path) -> None:
    assert (await judge("video", video_bytes(sound=True)))["has_audio"] is True
    with av.open(str(tmp_path / "copy.wav")) as made:
        stream = made.streams.audio[0]
        assert (stream.rate, stream.codec_context.channels) == (48_000, 2)
        assert float(stream.duration * stream.time_base) == pytest.approx(2, abs=0.1)
    assert (await judge("video", video_bytes(sound=False)))["has_audio"] is False


async def test_a_video_of_which_a_part_is_not_shown_has_more_than_was_examined(judge: Judge, tmp_path: Path) -> None:
    """Its edit list leaves 4 frames out; a player that knows none shows them all."""
    whole = saved(tmp_path, "whole.mp4", video_bytes(num_frames=120, options={"g": "12"}, sound=False))
    with av.open(str(whole)) as source, av.open(str(tmp_path / "cut.mp4"), "w") as made:
        stream = made.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size and packet.pts is not None and packet.dts is not None and packet.time_base is not None:
                shift = round(Fraction(4, 24) / packet.time_base)
                packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, stream
                made.mux(packet)
    assert not (await judge("video", whole.read_bytes()))["has_more"]
    facts = await judge("video", (tmp_path / "cut.mp4").read_bytes())
    assert facts["seconds"] == pytest.approx(5 - 4 / 24, abs=0.01)
    assert facts["has_more"]


async def test_a_video_with_another_track_has_more_than_was_examined(judge: Judge, tmp_path: Path) -> None:
    plain = saved(tmp_path, "plain.mp4", video_bytes())
    with av.open(str(plain)) as source, av.open(str(tmp_path / "two.mp4"), "w") as made:
        streams = [made.add_stream_from_template(each) for each in (*source.streams, source.streams.audio[0])]
        for packet in source.demux(video=0, audio=0):
            if packet.size:
                packet.stream = streams[packet.stream.index]
                made.mux(packet)
        with av.open(str(plain)) as again:
            for packet in again.demux(audio=0):
                if packet.size:
                    packet.stream = streams[2]
                    made.mux(packet)
    assert not (await judge("video", plain.read_bytes()))["has_more"]
    assert (await judge("video", (tmp_path / "two.mp4").read_bytes()))["has_more"]
