"""What a user gave: an image, a video or an audio, as it was found to be. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from opendance.plan import AssetKind


@dataclass(frozen=True)
class Asset:
    """One asset, judged and brought to a form that every engine can read.

    Attributes:
        number: from 1 in the order of its array, as prompts name it.
        width, height: as it is shown (turned by its orientation), px; 0 for audio.
        seconds: length; 0 for images.
        frame_rate: frames a second on average; 0 for images and audio.
        has_audio: a video with sound.
        has_alpha: an image of which parts are transparent.
        plain_background: an image of one thing before one colour.
        path: our own copy: PNG (8 bit, sRGB, upright), MP4 (24 fps, every frame a key frame, square pixels, BT.709),
            or WAV (48 kHz, stereo).
        sound_path: the sound of a video, WAV.
        notes: what was done to it.
        source_path: the file as the user gave it.
        has_more: a part of the source was not examined: it has further pictures, tracks, or frames that are not shown.
    """

    kind: AssetKind
    number: int
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    frame_rate: float = 0.0
    has_audio: bool = False
    has_alpha: bool = False
    plain_background: bool = False
    path: str = ""
    sound_path: str | None = None
    notes: tuple[str, ...] = ()
    source_path: str = ""
    has_more: bool = False

    @property
    def ratio(self) -> float:
        """Width over height; 1 where the size is not known."""
        return self.width / self.height if self.height else 1.0
