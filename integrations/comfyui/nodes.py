"""Three nodes: a video from text, from one or two frames, and from references."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import comfy.model_management
import comfy.utils
import folder_paths
from comfy_api.latest import InputImpl

from opendance.client import ApiProblem, Client, Task

from .media import read_audio, read_frames, save_audio, save_image

_ADDRESS = "http://127.0.0.1:8000"
_RATIOS = ["16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "adaptive"]
_MOST_IMAGES = 9
_PROMPT = (
    "STRING",
    {
        "multiline": True,
        "default": "",
        "tooltip": 'What the video shows. Text in double quotes is spoken; media are named by number: "image 1".',
    },
)


def _settings(*, ratio: str) -> dict[str, Any]:
    """The inputs that every node has behind its media."""
    return {
        "duration": ("INT", {"default": 5, "min": 4, "max": 15, "tooltip": "Seconds; it drives the price."}),
        "quality": (["480p", "720p", "1080p"], {"default": "720p", "tooltip": "1080p needs the standard tier."}),
        "aspect_ratio": (_RATIOS, {"default": ratio}),
        "tier": (["standard", "fast", "mini"], {"default": "standard"}),
        "generate_audio": ("BOOLEAN", {"default": True}),
        "seed": ("INT", {"default": 0, "min": 0, "max": 2**32 - 1, "control_after_generate": True}),
    }


_OPTIONAL: dict[str, Any] = {
    "frames": (
        "BOOLEAN",
        {"default": True, "tooltip": "Whether all frames are read into memory; else the first alone."},
    ),
    "server": (
        "STRING",
        {"default": "", "tooltip": "Address; empty for OPENDANCE_BASE_URL. The key is always OPENDANCE_API_KEY."},
    ),
}


class _Node:
    """What the nodes share: they send, wait, and read the result."""

    CATEGORY = "api node/video/Opendance"
    FUNCTION = "make"
    RETURN_TYPES = ("VIDEO", "IMAGE", "AUDIO", "STRING")
    RETURN_NAMES = ("video", "frames", "audio", "task_id")
    OUTPUT_TOOLTIPS = ("The video", "Its frames", "Its sound", "The task, for the server's log")
    API_NODE = False

    def _made(
        self, prompt: str, media: dict[str, list[Path]], *, frames: bool, server: str, **options: Any
    ) -> tuple[Any, Any, dict[str, Any], str]:
        """The outputs of a video.

        Raises:
            RuntimeError: it was not made, with what would be right.
        """
        target = Path(folder_paths.get_temp_directory())
        target.mkdir(parents=True, exist_ok=True)
        bar = comfy.utils.ProgressBar(100)
        address = server or os.environ.get("OPENDANCE_BASE_URL") or _ADDRESS
        try:
            with Client(address) as client:
                task = self._waited(client, client.start(prompt, **media, **options), bar)
                path = target / f"{task.id}.mp4"
                client.download(task, path)
        except ApiProblem as problem:
            notes = "".join(f" ({note})" for note in getattr(problem, "__notes__", ()))
            raise RuntimeError(f"Opendance: {problem}{notes}") from None
        bar.update_absolute(100)
        shown = read_frames(path, most=None if frames else 1)
        return InputImpl.VideoFromFile(str(path)), shown, read_audio(path), task.id

    def _waited(self, client: Client, task: Task, bar: Any) -> Task:
        """The completed task; one that the user interrupts is cancelled."""

        def show(now: Task) -> None:
            comfy.model_management.throw_exception_if_processing_interrupted()
            bar.update_absolute(min(99, now.progress))

        try:
            return client.wait(task.id, on_change=show)
        except ApiProblem:
            raise
        except BaseException:
            client.cancel(task.id)
            raise


class TextToVideo(_Node):
    """A video from words alone."""

    DESCRIPTION = "Makes a video with sound from a prompt."

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name
        """What ComfyUI shows."""
        return {"required": {"prompt": _PROMPT, **_settings(ratio="16:9")}, "optional": _OPTIONAL}

    def make(self, prompt: str, frames: bool = True, server: str = "", **options: Any) -> Any:
        """The outputs."""
        return self._made(prompt, {}, frames=frames, server=server, **options)


class ImageToVideo(_Node):
    """A video that begins with a picture, and ends with another where there is one."""

    DESCRIPTION = "Makes a video with sound that begins with a picture, and ends with another if you like."

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
        """What ComfyUI shows."""
        required = {"prompt": _PROMPT, "first_frame": ("IMAGE", {}), **_settings(ratio="adaptive")}
        return {"required": required, "optional": {"last_frame": ("IMAGE", {}), **_OPTIONAL}}

    def make(
        self,
        prompt: str,
        first_frame: Any,
        last_frame: Any = None,
        frames: bool = True,
        server: str = "",
        **options: Any,
    ) -> Any:
        """The outputs."""
        with tempfile.TemporaryDirectory(prefix="opendance-") as folder:
            paths: list[Path] = []
            for name, image in (("first", first_frame), ("last", last_frame)):
                if image is not None:
                    paths.append(Path(folder, f"{name}.png"))
                    save_image(image[0], paths[-1])
            return self._made(prompt, {"images": paths}, frames=frames, server=server, **options)


class ReferenceToVideo(_Node):
    """A video from pictures, a video and a sound that the prompt says what to do with."""

    DESCRIPTION = (
        "Makes a video from references: a batch of pictures, a video, a sound. Say in the prompt what each is for."
    )
    _MODEL: ClassVar[str] = "seedance-2.0-{}reference-to-video"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
        """What ComfyUI shows."""
        media = {"images": ("IMAGE", {}), "reference_video": ("VIDEO", {}), "reference_audio": ("AUDIO", {})}
        required = {"prompt": _PROMPT, **_settings(ratio="adaptive")}
        return {"required": required, "optional": {**media, **_OPTIONAL}}

    def make(
        self,
        prompt: str,
        tier: str,
        images: Any = None,
        reference_video: Any = None,
        reference_audio: Any = None,
        frames: bool = True,
        server: str = "",
        **options: Any,
    ) -> Any:
        """The outputs."""
        if images is not None and len(images) > _MOST_IMAGES:
            raise ValueError(f"images: {len(images)} pictures are given; at most {_MOST_IMAGES} are possible")
        model = self._MODEL.format("" if tier == "standard" else f"{tier}-")
        with tempfile.TemporaryDirectory(prefix="opendance-") as folder:
            media: dict[str, list[Path]] = {}
            for number, image in enumerate(() if images is None else images, start=1):
                media.setdefault("images", []).append(Path(folder, f"image{number}.png"))
                save_image(image, media["images"][-1])
            if reference_video is not None:
                media["videos"] = [Path(folder, "video.mp4")]
                reference_video.save_to(str(media["videos"][0]))
            if reference_audio is not None:
                media["audios"] = [Path(folder, "audio.wav")]
                save_audio(reference_audio, media["audios"][0])
            return self._made(prompt, media, frames=frames, server=server, model=model, **options)


NODE_CLASS_MAPPINGS = {
    "OpendanceTextToVideo": TextToVideo,
    "OpendanceImageToVideo": ImageToVideo,
    "OpendanceReferenceToVideo": ReferenceToVideo,
}
NODE_DISPLAY_NAME_MAPPINGS = {
    "OpendanceTextToVideo": "Opendance text to video",
    "OpendanceImageToVideo": "Opendance image to video",
    "OpendanceReferenceToVideo": "Opendance reference to video",
}
