"""IMG-*: each limit with both of its sides, and files that are not what they seem."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.files import image_bytes, picture
from tests.media.conftest import Judge

Refusal = Callable[..., Awaitable[tuple[str, str]]]


def flat(width: int, height: int) -> bytes:
    """A cheap PNG of any size."""
    out = io.BytesIO()
    Image.new("L", (width, height), 128).save(out, "PNG")
    return out.getvalue()


def copy(folder: Path) -> Image.Image:
    return Image.open(folder / "copy.png")


@pytest.mark.rule("IMG-01")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_the_three_formats_are_read(judge: Judge, kind: str, tmp_path: Path) -> None:
    facts = await judge("image", image_bytes(640, 480, kind))
    assert (facts["width"], facts["height"], facts["has_more"]) == (640, 480, False)
    made = np.asarray(copy(tmp_path)).astype(np.float32)
    assert np.abs(made - picture(640, 480)).mean() < 6


@pytest.mark.rule("IMG-01")
@pytest.mark.parametrize(
    ("content", "word"),
    [
        (image_bytes(kind="GIF"), "GIF"), (image_bytes(kind="BMP"), "BMP"), (image_bytes(kind="TIFF"), "TIFF"),
        (b"<!DOCTYPE html><html><body>not found</body></html>", "HTML page"), (b'{"error": 1}', "JSON"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no JPEG"), (b"\x00" * 400, "no JPEG"), (b"%PDF-1.7\n" + b"x" * 400, "PDF"),
    ],
    ids=["gif", "bmp", "tiff", "html", "json", "svg", "zeros", "pdf"],
)  # fmt: skip
async def test_other_formats_are_named_and_refused(refusal: Refusal, content: bytes, word: str) -> None:
    code, message = await refusal("image", content)
    assert code == "invalid_image"
    assert word in message
    assert "JPEG, PNG or WebP" in message


@pytest.mark.rule("IMG-02")
@pytest.mark.parametrize(("width", "height"), [(400, 1000), (2500, 1000), *(pytest.param(*more, marks=pytest.mark.thorough) for more in ((1000, 400), (750, 300), (300, 750)))])  # fmt: skip
async def test_ratios_of_exactly_two_fifths_and_five_halves_are_accepted(judge: Judge, width: int, height: int) -> None:
    assert (await judge("image", flat(width, height)))["width"] == width


@pytest.mark.rule("IMG-02")
@pytest.mark.parametrize(("width", "height"), [(399, 1000), (2501, 1000), *(pytest.param(*more, marks=pytest.mark.thorough) for more in ((1001, 400), (751, 300), (300, 751)))])  # fmt: skip
async def test_ratios_beyond_are_refused(refusal: Refusal, width: int, height: int) -> None:
    code, message = await refusal("image", flat(width, height))
    assert code == "image_dimension_mismatch"
    assert "0.4 to 2.5" in message


@pytest.mark.rule("IMG-03")
@pytest.mark.parametrize(("width", "height"), [(300, 300), (6000, 6000), *(pytest.param(*more, marks=pytest.mark.thorough) for more in ((6000, 3000), (3000, 6000)))])  # fmt: skip
async def test_sides_of_300_and_6000_are_accepted(judge: Judge, width: int, height: int) -> None:
    assert (await judge("image", flat(width, height)))["height"] == height


@pytest.mark.rule("IMG-03")
async def test_what_takes_the_most_memory_to_unpack_has_enough(judge: Judge) -> None:
    """1.4 KB that stand for 36 megapixels, which libwebp keeps four times."""
    out = io.BytesIO()
    Image.new("RGBA", (6000, 6000), (9, 99, 199, 100)).save(out, "WEBP", lossless=True, method=0)
    facts = await judge("image", out.getvalue())
    assert (facts["width"], facts["height"], facts["has_alpha"]) == (6000, 6000, True)


def with_scans(count: int) -> bytes:
    """A progressive JPEG whose last scan stands there as often as that makes `count`."""
    content = image_bytes(320, 320, "JPEG", progressive=True)
    last = content.rfind(b"\xff\xda")
    missing = count - content.count(b"\xff\xda")
    return content[:-2] + content[last:-2] * missing + content[-2:]


async def test_a_jpeg_is_drawn_over_no_more_often_than_any_program_does(judge: Judge, refusal: Refusal) -> None:
    assert (await judge("image", with_scans(64)))["width"] == 320
    code, message = await refusal("image", with_scans(65))
    assert (code, "more than 64 scans" in message) == ("invalid_image", True)


async def test_what_looks_like_a_scan_in_the_data_of_a_jpeg_is_none(judge: Judge) -> None:
    comment = b"\xff\xda\xff\xda" * 100
    content = image_bytes(320, 320, "JPEG")
    content = content[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + content[2:]
    assert (await judge("image", content))["width"] == 320


@pytest.mark.rule("IMG-03")
@pytest.mark.parametrize(("width", "height"), [(299, 400), (400, 299), (6001, 3000), (3000, 6001)])
async def test_sides_of_299_and_6001_are_refused(refusal: Refusal, width: int, height: int) -> None:
    code, message = await refusal("image", flat(width, height))
    assert code == "image_dimension_mismatch"
    assert f"{width} x {height}" in message
    assert "300 to 6000" in message


async def test_exif_orientation_turns_the_picture_before_it_is_judged(judge: Judge, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise to be upright
    out = io.BytesIO()
    Image.fromarray(picture(600, 400)).save(out, "JPEG", exif=exif, quality=95)
    facts = await judge("image", out.getvalue())
    assert (facts["width"], facts["height"]) == (400, 600)
    made = np.asarray(copy(tmp_path)).astype(np.float32)
    assert np.abs(made - np.rot90(picture(600, 400), -1)).mean() < 8


@pytest.mark.parametrize("mode", ["L", "LA", "P", "CMYK", "1", "RGBA", "I;16"])
async def test_every_kind_of_pixel_becomes_srgb(judge: Judge, mode: str, tmp_path: Path) -> None:
    source = Image.fromarray(picture(480, 360))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(source.convert("L")).astype(np.uint16) * 257)
    elif mode == "LA":
        image = source.convert("L").convert("LA")
    else:
        image = source.convert(mode)
    out = io.BytesIO()
    image.save(out, "JPEG" if mode == "CMYK" else "PNG", **({"quality": 95} if mode == "CMYK" else {}))
    facts = await judge("image", out.getvalue())
    assert facts["width"] == 480
    made = copy(tmp_path)
    assert made.mode == "RGB"
    grey = np.asarray(made.convert("L")).astype(np.float32)
    assert abs(grey.mean() - np.asarray(source.convert("L")).mean()) < (12 if mode == "1" else 5)


async def test_a_16_bit_colour_png_is_read(judge: Judge) -> None:
    rows = b"".join(b"\x00" + bytes([x % 256, 0, 99, 0, 200, 0]) * 320 for x in range(320))

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 320, 320, 16, 2, 0, 0, 0))
    content += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    assert (await judge("image", content))["width"] == 320


async def test_a_colour_profile_is_applied(judge: Judge, tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    out = io.BytesIO()
    Image.fromarray(picture(400, 400)).save(out, "PNG", icc_profile=profile)  # one that does not fit: it is not used
    assert (await judge("image", out.getvalue()))["width"] == 400
    assert np.abs(np.asarray(copy(tmp_path)).astype(int) - picture(400, 400)).max() <= 1


async def test_alpha_is_kept_and_told(judge: Judge, tmp_path: Path) -> None:
    rgba = np.dstack([picture(400, 400), np.full((400, 400), 255, np.uint8)])
    rgba[:200, :, 3] = 0
    out = io.BytesIO()
    Image.fromarray(rgba).save(out, "PNG")
    facts = await judge("image", out.getvalue())
    assert facts["has_alpha"] is True
    assert copy(tmp_path).mode == "RGBA"
    assert (await judge("image", image_bytes()))["has_alpha"] is False


async def test_one_thing_before_a_plain_background_is_told(judge: Judge) -> None:
    plain = np.full((400, 400, 3), 245, np.uint8)
    plain[100:300, 120:280] = picture(160, 200)
    out = io.BytesIO()
    Image.fromarray(plain).save(out, "PNG")
    assert (await judge("image", out.getvalue()))["plain_background"] is True
    assert (await judge("image", image_bytes()))["plain_background"] is False


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
async def test_of_an_animation_the_first_picture_is_used(judge: Judge, kind: str, tmp_path: Path) -> None:
    first, second = Image.fromarray(picture(400, 300, 1)), Image.fromarray(255 - picture(400, 300, 1))
    out = io.BytesIO()
    first.save(
        out, kind, save_all=True, append_images=[second], duration=100, **({"lossless": True} if kind == "WEBP" else {})
    )
    facts = await judge("image", out.getvalue())
    assert "first picture" in facts["notes"][0]
    assert facts["has_more"]
    assert np.abs(np.asarray(copy(tmp_path).convert("RGB")).astype(int) - picture(400, 300, 1)).mean() < 2


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.1, 0.6, 0.97])
async def test_truncated_images_are_refused(refusal: Refusal, kind: str, share: float) -> None:
    content = image_bytes(800, 600, kind)
    code, message = await refusal("image", content[: int(len(content) * share)])
    assert code in ("image_processing_error", "invalid_image")
    assert "damaged" in message or "no JPEG" in message


async def test_a_png_that_would_unpack_to_gigabytes_is_judged_by_its_header(refusal: Refusal) -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress(b"\x00" * 60_000_000, 9)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0))
    bomb += chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    code, _ = await refusal("image", bomb)
    assert code == "image_dimension_mismatch"
    small = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 640, 480, 8, 6, 0, 0, 0))
    small += chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(b"0" * 400_000_000, 9)) + chunk(b"IEND", b"")
    code, _ = await refusal("image", small)
    assert code in ("image_processing_error", "invalid_image")


async def test_large_pictures_are_kept_smaller(judge: Judge, tmp_path: Path) -> None:
    facts: dict[str, Any] = await judge("image", image_bytes(4000, 3000, "JPEG"))
    assert (facts["width"], facts["height"]) == (4000, 3000)
    assert max(copy(tmp_path).size) == 2560


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_chunk(png: bytes, name: bytes, data: bytes, *, last: bool = False) -> bytes:
    """The PNG with a chunk behind its header, or before its end."""
    where = len(png) - 12 if last else 33
    return png[:where] + chunk(name, data) + png[where:]


LONG = b"a workflow of many nodes " * 200_000
TEXTS = {
    "packed": (b"zTXt", b"workflow\0\0" + zlib.compress(LONG)),
    "plain": (b"tEXt", b"prompt\0" + LONG),
    "international": (b"iTXt", b"workflow\0\0\0\0\0" + LONG),
    "international, packed": (b"iTXt", b"workflow\0\1\0\0\0" + zlib.compress(LONG)),
    "a description": (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(LONG)),
    "a bomb": (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9)),
}


async def test_a_png_with_much_text_is_read(judge: Judge, tmp_path: Path) -> None:
    for text, content in TEXTS.items():
        for last in (False, True):
            facts = await judge("image", with_chunk(image_bytes(400, 300), *content, last=last))
            assert (facts["width"], facts["notes"]) == (400, []), text
            assert np.abs(np.asarray(copy(tmp_path)).astype(int) - picture(400, 300)).max() == 0, text


@pytest.mark.parametrize("packed", [False, True])
async def test_a_text_that_tells_how_a_png_is_turned_is_read(judge: Judge, packed: bool) -> None:
    text = b'<x:xmpmeta tiff:Orientation="6"/>'
    data = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(text) if packed else b"XML:com.adobe.xmp\0\0\0\0\0" + text
    facts = await judge("image", with_chunk(image_bytes(600, 400), b"iTXt", data))
    assert (facts["width"], facts["height"]) == (400, 600)


def swapped_profile(padding: int = 0) -> bytes:
    """A colour profile (ICC.1) whose red is green and whose green is red.

    Args:
        padding: bytes behind it.
    """
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    profile[:4] = (len(profile) + padding).to_bytes(4, "big")
    return bytes(profile) + bytes(padding)


def grey_profile() -> bytes:
    """A colour profile of greys whose values are linear in light (ICC.1: 7.2, 8.4.2, 10.6)."""
    tags = {b"wtpt": b"XYZ " + struct.pack(">4xiii", 0xF6D6, 0x10000, 0xD32D), b"kTRC": b"curv" + bytes(8)}
    table, data, at = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, at + len(data), len(content))
        data += content
    head = struct.pack(">I4sI4s4s4s", at + len(data), b"", 0x02400000, b"mntr", b"GRAY", b"XYZ ") + bytes(12) + b"acsp"
    return head.ljust(68, b"\0") + struct.pack(">iii", 0xF6D6, 0x10000, 0xD32D).ljust(60, b"\0") + table + data


@pytest.mark.parametrize("padding", [0, 2 << 20], ids=["small", "large"])
async def test_a_colour_profile_holds_for_every_kind_of_pixel(judge: Judge, padding: int, tmp_path: Path) -> None:
    for mode in ("RGB", "RGBA", "P", "transparent P", "transparent RGB"):
        image = Image.new("RGB", (400, 300), (200, 40, 40))
        image.paste((10, 20, 30), (0, 0, 200, 300))
        options: dict[str, Any] = {"icc_profile": swapped_profile(padding)}
        if mode.endswith("P"):
            image = image.convert("P", palette=Image.Palette.ADAPTIVE, colors=2)
        elif mode == "RGBA":
            image = image.convert(mode)
        if mode.startswith("transparent"):
            options["transparency"] = image.getpixel((0, 0))
        out = io.BytesIO()
        image.save(out, "PNG", **options)
        facts = await judge("image", out.getvalue())
        made = copy(tmp_path).convert("RGBA")
        red, green, blue, alpha = made.getpixel((300, 150))
        assert (green > 150, red < 90, blue < 90, alpha) == (True, True, True, 255), mode
        assert facts["has_alpha"] == mode.startswith("transparent"), mode
        assert made.getpixel((100, 150))[3] == (0 if facts["has_alpha"] else 255), mode
        assert facts["notes"] == [], mode


async def test_a_profile_of_greys_holds_for_every_kind_of_grey(judge: Judge, tmp_path: Path) -> None:
    for mode in ("L", "LA", "P", "I;16"):
        image = Image.new("L", (400, 300), 55)
        if mode == "I;16":
            image = Image.fromarray(np.full((300, 400), 55 * 257, np.uint16))
        elif mode != "L":
            image = image.convert(mode)
        out = io.BytesIO()
        image.save(out, "PNG", icc_profile=grey_profile())
        await judge("image", out.getvalue())
        # IEC 61966-2-1: 55/255 of the light are 128 of 255.
        assert copy(tmp_path).convert("RGB").getpixel((9, 9)) == pytest.approx((128, 128, 128), abs=2), mode


async def test_a_profile_beyond_all_measure_is_left_out_and_told(judge: Judge) -> None:
    profile = b"swapped\0\0" + zlib.compress(swapped_profile(9 << 20))
    facts = await judge("image", with_chunk(image_bytes(400, 300), b"iCCP", profile))
    assert "colour profile" in facts["notes"][0]


JPEGS: dict[str, tuple[str, dict[str, Any]]] = {
    "baseline": ("RGB", {}),
    "progressive": ("RGB", {"progressive": True}),
    "grey": ("L", {}),
    "CMYK": ("CMYK", {}),
    "without subsampling": ("RGB", {"subsampling": 0}),
    "with restarts": ("RGB", {"restart_marker_rows": 1}),
}


def jpeg(kind: str) -> bytes:
    mode, options = JPEGS[kind]
    out = io.BytesIO()
    Image.fromarray(picture(640, 480)).convert(mode).save(out, "JPEG", **options)
    return out.getvalue()


async def test_a_jpeg_without_its_end_marker_is_read_as_browsers_do(judge: Judge, tmp_path: Path) -> None:
    for kind in JPEGS:
        await judge("image", jpeg(kind))
        whole = np.asarray(copy(tmp_path)).astype(int)
        for missing in (1, 2):
            await judge("image", jpeg(kind)[:-missing])
            assert np.abs(np.asarray(copy(tmp_path)).astype(int) - whole).max() == 0, kind


async def test_a_jpeg_whose_picture_is_cut_off_is_refused(refusal: Refusal) -> None:
    for kind in JPEGS:
        for end in (jpeg(kind)[:-60], jpeg(kind)[:-3000], jpeg(kind)[:-60] + b"\xff"):
            code, message = await refusal("image", end)
            assert (code, "incomplete" in message) == ("image_processing_error", True), kind


async def test_pictures_beside_that_of_a_phone_are_no_animation(judge: Judge, tmp_path: Path) -> None:
    """Phones write previews, depths and gains into one file, in the form of MPO."""
    out = io.BytesIO()
    Image.fromarray(picture(640, 480)).save(out, "MPO", save_all=True, append_images=[Image.new("RGB", (320, 240))])
    facts = await judge("image", out.getvalue())
    assert (facts["width"], facts["notes"], facts["has_more"]) == (640, [], True)


@pytest.mark.rule("IMG-01")
@pytest.mark.parametrize("head", [b"\xff\xd8\xff\xe0\0\x10JFIF\0", b"RIFF\x10\0\0\0WEBPVP9 "])
async def test_a_rare_kind_of_a_format_is_not_said_to_be_another_one(refusal: Refusal, head: bytes) -> None:
    code, message = await refusal("image", head + bytes(400))
    assert code in ("invalid_image", "image_processing_error")
    assert ", no JPEG" not in message
