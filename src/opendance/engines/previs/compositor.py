"""The inner loops: plates and sprites onto a frame, and the frame to YUV."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from opendance.engines.previs.jit import compiled, inlined
from opendance.engines.previs.lanes import (
    ALPHA,
    EIGHT,
    FULL,
    MASK,
    ONE,
    ONES,
    SEVEN,
    TWO,
    UNIT,
    ZERO,
    Packed,
    Pixels,
    tap,
)

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]


SPAN = 32
"""Pixels of a frame's row that are hidden, or empty, together."""
_BLOCK_BITS = np.uint64(4)  # 16 columns of a picture are looked at together
_SEEN, _GAPS = np.uint8(1), np.uint8(2)


@compiled
def covers_of(picture: Packed) -> Bytes:
    """What is in each 16 columns of a row and in the column after them, which is read with the last.

    Returns:
        (h, ceil(w / 16)): 1 where all of it is solid, 2 where it is empty, 3 where it is neither; values of several
        places may be joined by "or".
    """
    height, width = picture.shape
    covers = np.empty((height, (width + 15) // 16), np.uint8)
    for y in range(height):
        for block in range(covers.shape[1]):
            some, all_of = np.uint32(0), np.uint32(0xFFFFFFFF)
            for x in range(block * 16, min(width, block * 16 + 17)):
                some |= picture[y, x]
                all_of &= picture[y, x]
            kind = np.uint8(0)
            if some != 0:
                kind |= _SEEN
            if all_of >> 24 != 255:
                kind |= _GAPS
            covers[y, block] = kind
    return covers


@inlined
def _within(start: float, step: float, size: int, first: float, last: float) -> tuple[float, float]:
    """Of the stretch from `first` to `last`, what is read within the edges of an axis of `size` pixels."""
    if step > 1e-9:
        return max(first, -start / step), min(last, (size - 1.001 - start) / step + 1.0)
    if step < -1e-9:
        return max(first, (size - 1.001 - start) / step), min(last, -start / step + 1.0)
    return first, 0.0 if start < 0.0 or start > size - 1.001 else last


@inlined
def _reach(u0: float, du: float, v0: float, dv: float, columns_in: int, rows_in: int, width: int) -> tuple[int, int]:
    """From which to behind which pixel of a row a plate is read within its edges."""
    first, last = _within(u0, du, columns_in, 0.0, float(width))
    first, last = _within(v0, dv, rows_in, first, last)
    begin, end = int(np.ceil(first)), int(last)
    while begin < end:  # the ends, exactly
        u, v = u0 + du * begin, v0 + dv * begin
        if 0.0 <= u < columns_in - 1.0 and 0.0 <= v < rows_in - 1.0:
            break
        begin += 1
    while end > begin:
        u, v = u0 + du * (end - 1), v0 + dv * (end - 1)
        if 0.0 <= u < columns_in - 1.0 and 0.0 <= v < rows_in - 1.0:
            break
        end -= 1
    return begin, end


@inlined
def _kind(covers: Bytes, ui: np.int64, u_last: np.int64, vi: np.int64, v_last: np.int64) -> np.uint8:
    """What a plate has between two places that are read, in 1 / 65536 px; with what is beside and below them."""
    left, right = np.uint64(min(ui, u_last) >> 16), np.uint64(max(ui, u_last) >> 16)
    top, bottom = np.uint64(min(vi, v_last) >> 16), np.uint64(max(vi, v_last) >> 16)
    kind = np.uint8(0)
    for row in range(top, bottom + TWO):
        for block in range(left >> _BLOCK_BITS, (right >> _BLOCK_BITS) + UNIT):
            kind |= covers[row, block]
    return kind


@compiled
def hide(hidden: Bytes, covers: Bytes, columns_in: int, rows: Floats, width: int) -> None:
    """Mark what a plate of full opacity hides of those behind it.

    Args:
        hidden: (frame height, ceil(width / SPAN)): 1 where a span is hidden.
        covers: of `covers_of`, of a picture with so many columns.
        rows: as `blend_plate` has them.
    """
    for y in range(hidden.shape[0]):
        u0, du, v0, dv = rows[y, 0], rows[y, 1], rows[y, 2], rows[y, 3]
        if dv != 0.0:
            continue
        begin, end = _reach(u0, du, v0, dv, columns_in, covers.shape[0], width)
        ui, su = np.int64((u0 + du * begin) * 65536.0), np.int64(du * 65536.0)
        vi = np.int64(v0 * 65536.0)
        for span in range((begin + SPAN - 1) // SPAN, hidden.shape[1]):
            x, stop = span * SPAN, min(width, span * SPAN + SPAN)
            if stop > end:
                break
            if hidden[y, span] == 0:
                kind = _kind(covers, ui + su * (x - begin), ui + su * (stop - 1 - begin), vi, vi)
                hidden[y, span] = np.uint8(kind == _SEEN)


@compiled
def blend_plate(
    frame: Pixels, plate: Packed, covers: Bytes, rows: Floats, skip: Bytes, opacity: int, shines: bool
) -> None:
    """Lay `plate` over `frame`.

    Args:
        covers: of `covers_of`.
        rows: (frame height, 4): for output row y and column x the plate is read at u = rows[y, 0] + rows[y, 1] x,
            v = rows[y, 2] + rows[y, 3] x.
        skip: (frame height, ceil(width / SPAN)): spans with 1 are hidden by what comes later.
        opacity: 0 to 256.
        shines: it adds light somewhere (colour over its alpha), so sums must be held at full.
    """
    height, width = frame.shape
    rows_in, columns_in = plate.shape
    fade = np.uint64(opacity)
    mixed = np.empty(columns_in, np.uint64)
    lanes = mixed.view(np.uint16)
    channels = plate.view(np.uint8)
    begins, kinds = np.empty(skip.shape[1] + 2, np.int64), np.empty(skip.shape[1] + 1, np.uint8)
    for y in range(height):
        u0, du, v0, dv = rows[y, 0], rows[y, 1], rows[y, 2], rows[y, 3]
        begin, end = _reach(u0, du, v0, dv, columns_in, rows_in, width)
        if end <= begin:
            continue
        ui, su = np.int64((u0 + du * begin) * 65536.0), np.int64(du * 65536.0)
        vi, sv = np.int64((v0 + dv * begin) * 65536.0), np.int64(dv * 65536.0)
        # Stretches of one kind: spans that are hidden count as empty.
        count, x = 0, begin
        while x < end:
            span = x // SPAN
            stop = min(end, span * SPAN + SPAN)
            kind = _GAPS
            if skip[y, span] == 0:
                a, b = x - begin, stop - 1 - begin
                kind = _kind(covers, ui + su * a, ui + su * b, vi + sv * a, vi + sv * b)
            if count == 0 or kinds[count - 1] != kind:
                begins[count], kinds[count] = x, kind
                count += 1
            x = stop
        begins[count] = end
        line = frame[y]
        for k in range(count):
            first, stop, solid = begins[k], begins[k + 1], kinds[k] == _SEEN and fade == ONE
            if kinds[k] == _GAPS:
                continue
            # Unsigned, so that indexes need no check for counting from the end.
            u, v = ui + su * (first - begin), vi + sv * (first - begin)
            if dv == 0.0:
                # Level rows: mix the two source rows once, then two taps a pixel instead of four.
                row, part = v >> 16, np.uint16((v >> 8) & 255)
                rest = np.uint16(256 - part)
                reach = u + su * (stop - 1 - first)
                left, right = min(u, reach) >> 16, min(columns_in, (max(u, reach) >> 16) + 2)
                upper, lower = channels[row, 4 * left : 4 * right], channels[row + 1, 4 * left : 4 * right]
                out = lanes[4 * left : 4 * right]
                for c in range(np.uint64(out.shape[0])):
                    out[c] = ((upper[c] * rest + lower[c] * part) >> 8) & 255
            if dv == 0.0 and solid:
                for x in range(np.uint64(first), np.uint64(stop)):
                    c, fu = np.uint64(u >> 16), np.uint64((u >> 8) & 255)
                    u += su
                    line[x] = ((mixed[c] * (ONE - fu) + mixed[c + UNIT] * fu) >> EIGHT) & MASK
                continue
            for x in range(np.uint64(first), np.uint64(stop)):
                c, fu = np.uint64(u >> 16), np.uint64((u >> 8) & 255)
                u += su
                if dv == 0.0:
                    p = ((mixed[c] * (ONE - fu) + mixed[c + UNIT] * fu) >> EIGHT) & MASK
                else:
                    p = tap(plate, np.uint64(v >> 16), c, fu, np.uint64((v >> 8) & 255))
                    v += sv
                if fade != ONE:
                    p = ((p * fade) >> EIGHT) & MASK
                # No branch for what is solid or empty: it comes out as it should, and leaves are mostly edges.
                alpha = p >> ALPHA
                total = p + (((line[x] * (ONE - alpha - (alpha >> SEVEN))) >> EIGHT) & MASK)
                if shines:
                    over = (total >> EIGHT) & ONES
                    total = (total | ((over << EIGHT) - over)) & MASK
                line[x] = total


@compiled
def stamp(frame: Pixels, atlas: Packed, cell: int, items: Floats) -> None:
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
        if across < 0.05 or along < 0.05 or fade == ZERO:
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
                p = tap(atlas, np.uint64(r), np.uint64(c), fu, fv)
                if p == ZERO:
                    continue
                p = ((p * fade) >> EIGHT) & MASK
                alpha = p >> ALPHA
                inverse = ONE - alpha - (alpha >> SEVEN)
                total = p + (((frame[y, x] * inverse) >> EIGHT) & MASK)
                over = (total >> EIGHT) & ONES
                frame[y, x] = (total | (over * FULL)) & MASK


@compiled
def add_frames(total: Pixels, frame: Pixels, first: bool) -> None:
    """Sum the lanes of up to eight sub-frames, both (h, w), for motion blur; the first one begins anew."""
    height, width = frame.shape
    for y in range(np.uint64(height)):
        for x in range(np.uint64(width)):
            total[y, x] = frame[y, x] if first else total[y, x] + frame[y, x]


@compiled
def divide_frames(total: Pixels, frame: Pixels, count: int) -> None:
    """`frame` = `total` / `count`, both (h, w), lane by lane."""
    height, width = frame.shape
    share = np.uint64(65536 // count + 1)
    for y in range(height):
        for x in range(width):
            p = total[y, x]
            out = ZERO
            for lane in range(4):  # times 65536 / count instead of a division
                shift = np.uint64(16 * lane)
                out |= ((((p >> shift) & np.uint64(0xFFFF)) * share) >> np.uint64(16)) << shift
            frame[y, x] = out


@compiled
def bright_parts(frame: Pixels, out: Bytes, threshold: float, scale: float) -> None:
    """What shines: (h / 4, w / 4, 3) of what is over `threshold` (0 to 255), times `scale`, for bloom."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            r = g = b = 0.0
            for k in range(2):
                p = frame[y * 4 + 2 * k, x * 4 + 2 * k]
                r += float(p & FULL)
                g += float((p >> np.uint64(16)) & FULL)
                b += float((p >> np.uint64(32)) & FULL)
            peak = max(r, max(g, b)) * 0.5
            share = max(0.0, peak - threshold) / (peak + 1.0) * 0.5 * scale
            out[y, x, 0] = np.uint8(r * share + 0.5)
            out[y, x, 1] = np.uint8(g * share + 0.5)
            out[y, x, 2] = np.uint8(b * share + 0.5)


@compiled
def finish(
    frame: Pixels,
    bloom: Floats,
    curve: Floats,
    matrix: Floats,
    vignette_x: Floats,
    vignette_y: Floats,
    grain: Floats,
    grain_x: np.uint64,
    grain_y: np.uint64,
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
    for y in range(np.uint64(height // 2)):
        for x in range(np.uint64(width // 2)):
            sr = sg = sb = np.float32(0.0)
            br, bg, bb = bloom[y, x, 0], bloom[y, x, 1], bloom[y, x, 2]
            y0, x0 = y * TWO, x * TWO
            dark = np.float32(1.0) - vignette_x[x0] - vignette_y[y0]
            for j in range(np.uint64(2)):
                for i in range(np.uint64(2)):
                    p = frame[y0 + j, x0 + i]
                    r = (curve[p & FULL] + br) * dark
                    g = (curve[(p >> np.uint64(16)) & FULL] + bg) * dark
                    b = (curve[(p >> np.uint64(32)) & FULL] + bb) * dark
                    sr += r
                    sg += g
                    sb += b
                    value = matrix[0, 0] * r + matrix[0, 1] * g + matrix[0, 2] * b + matrix[0, 3]
                    value += grain[(y0 + j + grain_y) & FULL, (x0 + i + grain_x) & FULL]
                    luma[y0 + j, x0 + i] = np.uint8(
                        min(np.float32(235.5), max(np.float32(16.5), value + np.float32(0.5)))
                    )
            sr, sg, sb = min(sr, np.float32(1020)), min(sg, np.float32(1020)), min(sb, np.float32(1020))
            u = (matrix[1, 0] * sr + matrix[1, 1] * sg + matrix[1, 2] * sb) * np.float32(0.25) + matrix[1, 3]
            v = (matrix[2, 0] * sr + matrix[2, 1] * sg + matrix[2, 2] * sb) * np.float32(0.25) + matrix[2, 3]
            blue[y, x] = np.uint8(min(np.float32(240.5), max(np.float32(16.5), u + np.float32(0.5))))
            red[y, x] = np.uint8(min(np.float32(240.5), max(np.float32(16.5), v + np.float32(0.5))))
