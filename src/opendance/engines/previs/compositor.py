"""The inner loops: plates and sprites onto a frame, and the frame to YUV.

A pixel is a uint64 with four 16-bit lanes (red, green, blue, alpha; premultiplied, 0 to 255): one multiplication weighs
all four channels, which makes a bilinear tap three times as fast as channel by channel.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.jit import compiled

Pixels = npt.NDArray[np.uint64]  # (height, width)
Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]

_MASK = np.uint64(0x00FF00FF00FF00FF)
_ONES = np.uint64(0x0001000100010001)
_FULL = np.uint64(255)
_ONE = np.uint64(256)
_EIGHT = np.uint64(8)
_SEVEN = np.uint64(7)
_ALPHA = np.uint64(48)
_ZERO = np.uint64(0)


def pack(rgba: Bytes) -> Pixels:
    """(h, w, 4) uint8, premultiplied, to (h, w) lanes."""
    return np.ascontiguousarray(rgba).astype(np.uint16).view(np.uint64)[..., 0]


def unpack(pixels: Pixels) -> Bytes:
    """(h, w) lanes to (h, w, 4) uint8."""
    return pixels[..., None].view(np.uint16).astype(np.uint8)


@compiled
def blend_plate(frame: Pixels, plate: Pixels, rows: Floats, skip: Bytes, opacity: int, wrap: bool) -> None:
    """Lay `plate` over `frame`.

    Args:
        rows: (frame height, 4): for output row y and column x the plate is read at u = rows[y, 0] + rows[y, 1] x,
            v = rows[y, 2] + rows[y, 3] x.
        skip: (frame height,): rows with 1 are hidden by what comes later.
        opacity: 0 to 256.
        wrap: the plate repeats in u.
    """
    height, width = frame.shape
    rows_in, columns_in = plate.shape
    fade = np.uint64(opacity)
    period = columns_in << 16
    for y in range(height):
        if skip[y]:
            continue
        u0, du, v0, dv = rows[y, 0], rows[y, 1], rows[y, 2], rows[y, 3]
        first, last = 0.0, float(width)
        if not wrap:
            if du > 1e-9:
                first, last = max(first, -u0 / du), min(last, (columns_in - 1.001 - u0) / du + 1.0)
            elif du < -1e-9:
                first, last = max(first, (columns_in - 1.001 - u0) / du), min(last, -u0 / du + 1.0)
        if dv > 1e-9:
            first, last = max(first, -v0 / dv), min(last, (rows_in - 1.001 - v0) / dv + 1.0)
        elif dv < -1e-9:
            first, last = max(first, (rows_in - 1.001 - v0) / dv), min(last, -v0 / dv + 1.0)
        elif v0 < 0.0 or v0 > rows_in - 1.001:
            continue
        begin, end = int(np.ceil(first)), int(last)
        while begin < end:  # the ends, exactly
            u, v = u0 + du * begin, v0 + dv * begin
            if (wrap or (0.0 <= u < columns_in - 1.0)) and 0.0 <= v < rows_in - 1.0:
                break
            begin += 1
        while end > begin:
            u, v = u0 + du * (end - 1), v0 + dv * (end - 1)
            if (wrap or (0.0 <= u < columns_in - 1.0)) and 0.0 <= v < rows_in - 1.0:
                break
            end -= 1
        ui = np.int64((u0 + du * begin) * 65536.0)
        vi = np.int64((v0 + dv * begin) * 65536.0)
        su, sv = np.int64(du * 65536.0), np.int64(dv * 65536.0)
        for x in range(begin, end):
            if wrap:
                ui %= period
            c, r = ui >> 16, vi >> 16
            c1 = c + 1
            if wrap and c1 == columns_in:
                c1 = 0
            fu, fv = np.uint64((ui >> 8) & 255), np.uint64((vi >> 8) & 255)
            ui += su
            vi += sv
            p00 = plate[r, c]
            p01 = plate[r, c1]
            p10 = plate[r + 1, c]
            p11 = plate[r + 1, c1]
            if p00 | p01 | p10 | p11 == _ZERO:
                continue
            w11 = (fu * fv) >> _EIGHT
            w01 = fu - w11
            w10 = fv - w11
            w00 = _ONE - fu - fv + w11
            p = ((p00 * w00 + p01 * w01 + p10 * w10 + p11 * w11) >> _EIGHT) & _MASK
            if fade != _ONE:
                p = ((p * fade) >> _EIGHT) & _MASK
            alpha = p >> _ALPHA
            if alpha == _FULL:
                frame[y, x] = p
            else:
                inverse = _ONE - alpha - (alpha >> _SEVEN)
                total = p + (((frame[y, x] * inverse) >> _EIGHT) & _MASK)
                over = (total >> _EIGHT) & _ONES
                frame[y, x] = (total | (over * _FULL)) & _MASK


@compiled
def stamp(frame: Pixels, atlas: Pixels, cell: int, items: Floats) -> None:
    """Stamp many small sprites.

    Args:
        atlas: (cell, cell x n): n square pictures side by side.
        items: (k, 6): x, y of the middle in pixels, half size across and along in pixels, angle in radians,
            picture + opacity (the whole part is the picture, the fraction the opacity).
    """
    height, width = frame.shape
    for k in range(items.shape[0]):
        cx, cy, across, along, angle = items[k, 0], items[k, 1], items[k, 2], items[k, 3], items[k, 4]
        picture = int(items[k, 5])
        fade = np.uint64(min(256.0, (items[k, 5] - picture) * 257.0))
        if across < 0.05 or along < 0.05 or fade == _ZERO:
            continue
        cos, sin = np.cos(angle), np.sin(angle)
        rx, ry = abs(across * cos) + abs(along * sin), abs(across * sin) + abs(along * cos)
        y0, y1 = max(0, int(cy - ry)), min(height, int(cy + ry) + 2)
        x0, x1 = max(0, int(cx - rx)), min(width, int(cx + rx) + 2)
        half = cell * 0.5
        for y in range(y0, y1):
            for x in range(x0, x1):
                dx, dy = x - cx, y - cy
                u = (dx * cos + dy * sin) / across * half + half - 0.5
                v = (-dx * sin + dy * cos) / along * half + half - 0.5
                if u < 0.0 or v < 0.0 or u >= cell - 1.0 or v >= cell - 1.0:
                    continue
                c, r = int(u), int(v)
                fu, fv = np.uint64((u - c) * 256.0), np.uint64((v - r) * 256.0)
                c += picture * cell
                w11 = (fu * fv) >> _EIGHT
                p = (
                    (
                        atlas[r, c] * (_ONE - fu - fv + w11)
                        + atlas[r, c + 1] * (fu - w11)
                        + atlas[r + 1, c] * (fv - w11)
                        + atlas[r + 1, c + 1] * w11
                    )
                    >> _EIGHT
                ) & _MASK
                if p == _ZERO:
                    continue
                p = ((p * fade) >> _EIGHT) & _MASK
                alpha = p >> _ALPHA
                inverse = _ONE - alpha - (alpha >> _SEVEN)
                total = p + (((frame[y, x] * inverse) >> _EIGHT) & _MASK)
                over = (total >> _EIGHT) & _ONES
                frame[y, x] = (total | (over * _FULL)) & _MASK


@compiled
def add_frames(total: Pixels, frame: Pixels, first: bool) -> None:
    """Sum the lanes of up to eight sub-frames, for motion blur."""
    height, width = frame.shape
    for y in range(height):
        for x in range(width):
            total[y, x] = frame[y, x] if first else total[y, x] + frame[y, x]


@compiled
def divide_frames(total: Pixels, frame: Pixels, count: int) -> None:
    """`frame` = `total` / `count`, lane by lane."""
    height, width = frame.shape
    for y in range(height):
        for x in range(width):
            p = total[y, x]
            out = _ZERO
            for lane in range(4):
                shift = np.uint64(16 * lane)
                out |= (((p >> shift) & np.uint64(0xFFFF)) // np.uint64(count)) << shift
            frame[y, x] = out


@compiled
def bright_parts(frame: Pixels, out: Floats, threshold: float) -> None:
    """What shines: (h / 4, w / 4, 3) of what is over `threshold` (0 to 255), for bloom."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            r = g = b = 0.0
            for k in range(2):
                p = frame[y * 4 + 2 * k, x * 4 + 2 * k]
                r += float(p & _FULL)
                g += float((p >> np.uint64(16)) & _FULL)
                b += float((p >> np.uint64(32)) & _FULL)
            peak = max(r, max(g, b)) * 0.5
            share = max(0.0, peak - threshold) / (peak + 1.0) * 0.5
            out[y, x, 0] = r * share
            out[y, x, 1] = g * share
            out[y, x, 2] = b * share


@compiled
def finish(
    frame: Pixels,
    bloom: Floats,
    curve: Floats,
    matrix: Floats,
    vignette_x: Floats,
    vignette_y: Floats,
    grain: Floats,
    grain_x: int,
    grain_y: int,
    luma: Bytes,
    blue: Bytes,
    red: Bytes,
) -> None:
    """Grade the frame and write it as YUV 4:2:0, limited range.

    Args:
        bloom: (h / 2, w / 2, 3), added after the curve.
        curve: (256,): tone curve, 0 to 255.
        matrix: (3, 4): RGB to Y, Cb, Cr with offsets; styles such as black and white are in it.
        vignette_x, vignette_y: darkening, summed.
        grain: (256, 256), added to the luma from (grain_x, grain_y) on.
        luma, blue, red: the planes to fill.
    """
    height, width = frame.shape
    for y in range(0, height, 2):
        for x in range(0, width, 2):
            sr = sg = sb = 0.0
            br, bg, bb = bloom[y >> 1, x >> 1, 0], bloom[y >> 1, x >> 1, 1], bloom[y >> 1, x >> 1, 2]
            dark = 1.0 - vignette_x[x] - vignette_y[y]
            for j in range(2):
                for i in range(2):
                    p = frame[y + j, x + i]
                    r = (curve[p & _FULL] + br) * dark
                    g = (curve[(p >> np.uint64(16)) & _FULL] + bg) * dark
                    b = (curve[(p >> np.uint64(32)) & _FULL] + bb) * dark
                    sr += r
                    sg += g
                    sb += b
                    value = matrix[0, 0] * r + matrix[0, 1] * g + matrix[0, 2] * b + matrix[0, 3]
                    value += grain[(y + j + grain_y) & 255, (x + i + grain_x) & 255]
                    luma[y + j, x + i] = np.uint8(min(235.0, max(16.0, value)) + 0.5)
            sr, sg, sb = min(sr, 1020.0), min(sg, 1020.0), min(sb, 1020.0)
            u = (matrix[1, 0] * sr + matrix[1, 1] * sg + matrix[1, 2] * sb) * 0.25 + matrix[1, 3]
            v = (matrix[2, 0] * sr + matrix[2, 1] * sg + matrix[2, 2] * sb) * 0.25 + matrix[2, 3]
            blue[y >> 1, x >> 1] = np.uint8(min(240.0, max(16.0, u)) + 0.5)
            red[y >> 1, x >> 1] = np.uint8(min(240.0, max(16.0, v)) + 0.5)
