"""AUD-*: each limit with both of its sides, and files that are not what they seem."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from opendance.media.audio import read_wav
from tests.files import audio_bytes, image_bytes, saved, video_bytes
from tests.media.conftest import Judge

Refusal = Callable[..., Awaitable[tuple[str, str]]]


@pytest.mark.rule("AUD-01")
@pytest.mark.parametrize(
    ("kind", "codec", "layout", "rate"),
    [
        ("wav", "pcm_s16le", "stereo", 44_100), ("wav", "pcm_s24le", "mono", 48_000), ("wav", "pcm_f32le", "stereo", 96_000),
        ("wav", "pcm_u8", "mono", 8_000), ("wav", "pcm_s16le", "5.1", 48_000), ("mp3", None, "stereo", 44_100),
        ("mp3", None, "mono", 22_050),
    ],
)  # fmt: skip
async def test_every_kind_of_wav_and_mp3_becomes_48_khz_stereo(
    judge: Judge, kind: str, codec: str | None, layout: str, rate: int, tmp_path: Path
) -> None:
    facts = await judge("audio", audio_bytes(2.5, kind=kind, codec=codec, layout=layout, rate=rate))
    assert facts["seconds"] == pytest.approx(2.5, abs=0.06)
    wave = read_wav(tmp_path / "copy.wav")
    assert wave.shape[1] == 2
    power = np.abs(np.fft.rfft(wave[:48_000, 0] * np.hanning(48_000)))
    assert int(np.argmax(power)) == pytest.approx(440, abs=3)


@pytest.mark.rule("AUD-01")
async def test_a_codec_that_is_not_decoded_is_named_with_what_would_be_right(refusal: Refusal) -> None:
    code, message = await refusal("audio", audio_bytes(3, kind="wav", codec="adpcm_ms"))
    assert code == "invalid_audio"
    assert message.startswith("its sound is coded as adpcm_ms; it must be ")
    assert message.endswith("export it with 16-bit PCM, or as an MP3")


@pytest.mark.rule("AUD-01")
@pytest.mark.parametrize(
    ("content", "word"),
    [(audio_bytes(3, kind="flac"), "FLAC"), (audio_bytes(3, kind="adts"), "AAC"), (image_bytes(), "PNG"), (video_bytes(), "MP4"), (b"<html>", "HTML page"), (b"RIFF\x00\x00\x00\x00AVI ", "no WAV or MP3")],
    ids=["flac", "aac", "png", "mp4", "html", "avi"],
)  # fmt: skip
async def test_other_formats_are_named_and_refused(refusal: Refusal, content: bytes, word: str) -> None:
    code, message = await refusal("audio", content)
    assert code == "invalid_audio"
    assert word in message


@pytest.mark.rule("AUD-02")
@pytest.mark.parametrize("kind", ["wav", "mp3"])
@pytest.mark.parametrize("seconds", [2.0, 15.0])
async def test_2_and_15_seconds_are_accepted(judge: Judge, kind: str, seconds: float) -> None:
    assert (await judge("audio", audio_bytes(seconds, kind=kind)))["seconds"] == pytest.approx(seconds, abs=0.05)


@pytest.mark.rule("AUD-02")
@pytest.mark.parametrize("kind", ["wav", "mp3"])
@pytest.mark.parametrize("seconds", [1.9, 15.1, 30.0])
async def test_1_9_and_15_1_seconds_are_refused(refusal: Refusal, kind: str, seconds: float) -> None:
    code, message = await refusal("audio", audio_bytes(seconds, kind=kind))
    assert code == "invalid_audio"
    assert "2 to 15 s" in message


async def test_a_wav_whose_header_lies_about_its_length_is_measured(judge: Judge) -> None:
    content = bytearray(audio_bytes(3))
    where = content.index(b"data")
    content[where + 4 : where + 8] = b"\xff\xff\xff\xff"
    assert (await judge("audio", bytes(content)))["seconds"] == pytest.approx(3, abs=0.05)


async def test_a_cut_wav_has_the_length_that_is_there(judge: Judge) -> None:
    content = audio_bytes(5)
    facts = await judge("audio", content[: len(content) * 3 // 5])
    assert facts["seconds"] == pytest.approx(3, abs=0.1)


async def test_an_mp3_of_noise_is_refused(refusal: Refusal) -> None:
    noise = np.random.default_rng(1).integers(0, 256, 200_000, dtype=np.uint8).tobytes()
    code, _ = await refusal("audio", b"ID3\x04\x00\x00\x00\x00\x00\x00" + noise)
    assert code == "invalid_audio"


async def test_a_sound_with_the_picture_of_a_cover_has_more_than_was_examined(judge: Judge, tmp_path: Path) -> None:
    plain = saved(tmp_path, "plain.mp3", audio_bytes(3, kind="mp3"))
    with av.open(str(plain)) as source, av.open(str(tmp_path / "cover.mp3"), "w") as made:
        sound = made.add_stream_from_template(source.streams.audio[0])
        cover = made.add_stream("png", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 64, "rgb24"
        cover.disposition = Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
        made.mux([*cover.encode(frame), *cover.encode(None)])
        for packet in source.demux(audio=0):
            if packet.size:
                packet.stream = sound
                made.mux(packet)
    assert not (await judge("audio", plain.read_bytes()))["has_more"]
    assert (await judge("audio", (tmp_path / "cover.mp3").read_bytes()))["has_more"]


def mp3_with(before: str) -> bytes:
    """An MP3 of 3 s behind what recorders, servers and programs put before it."""
    plain = audio_bytes(3, kind="mp3", options={"id3v2_version": "0"})
    tagged = audio_bytes(3, kind="mp3")
    match before:
        case "zeros":
            return bytes(1000) + plain
        case "line ends":
            return b"\r\n\r\n" + plain
        case "zeros and a tag":
            return bytes(300) + tagged
        case "the rest of a frame":
            return plain[417 + 200 :]
        case "an answer's head":
            return b"HTTP/1.0 200 OK\r\nicy-name: radio\r\n\r\n" + plain
        case "many zeros":
            return bytes(50_000) + plain
        case _:
            return np.random.default_rng(2).integers(0, 255, 3000, np.uint8).tobytes() + plain


@pytest.mark.rule("AUD-01")
async def test_an_mp3_is_found_behind_what_is_none(judge: Judge, tmp_path: Path) -> None:
    for before in (
        "zeros", "many zeros", "line ends", "zeros and a tag", "the rest of a frame", "an answer's head", "noise",
    ):  # fmt: skip
        facts = await judge("audio", mp3_with(before))
        assert facts["seconds"] == pytest.approx(3, abs=0.1), before
        wave = read_wav(tmp_path / "copy.wav")
        power = np.abs(np.fft.rfft(wave[48_000:96_000, 0] * np.hanning(48_000)))
        assert int(np.argmax(power)) == pytest.approx(440, abs=3), before


@pytest.mark.rule("AUD-02")
async def test_what_an_mp3_adds_to_15_seconds_does_not_count(judge: Judge, refusal: Refusal, tmp_path: Path) -> None:
    """A file that does not tell how much its encoder added is up to two frames longer."""
    for rate in (16_000, 22_050, 44_100):
        content = audio_bytes(15, kind="mp3", rate=rate, layout="mono", options={"write_xing": "0"})
        assert (await judge("audio", content))["seconds"] == pytest.approx(15, abs=0.05), rate
        assert len(read_wav(tmp_path / "copy.wav")) <= 15.05 * 48_000
        longer = audio_bytes(15.2, kind="mp3", rate=rate, layout="mono", options={"write_xing": "0"})
        assert "2 to 15 s" in (await refusal("audio", longer))[1], rate
