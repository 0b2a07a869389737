"""The engines with open weights: seconds a step and a clip, what the service adds to the bare pipeline, and memory.

No weights are downloaded. On a GPU the transformer has the true architecture's width and as many of its layers as
`--layers` says, with random weights (the time of a step grows with the layers); MiniMax H3's picture and sound are
decoded by the true architecture too, its text encoder is a small one, which runs once a clip. On a CPU everything is
small: what it shows is the service's overhead, which is the same number of seconds on every machine of this speed.
Clips of the bare pipeline and of the service are made in turns, so that whatever else a machine does weighs on both.

`python -m benchmarks.engines [minimax_h3 | ltx2] [--layers 16] [--steps 50] [--clips 2]`
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from opendance.catalog import FRAME_RATE, AspectRatio, Quality, Tier, pixels_for
from opendance.engines.canvas import Canvas, canvas_for
from opendance.job import Job
from opendance.prompt import plan_prompt

_BAR = 0.03  # of the bare pipeline's time
_ANSWER = "answer: "  # what a line of the bare pipeline's process begins with, among what libraries print
_PROMPT, _SECONDS = "a cat walks in a garden", 5
_TRUE_LAYERS = {"minimax_h3": 50, "ltx2": 48}
_OWN_STEPS = {"minimax_h3": 50, "ltx2": 40}
_TRUE_LTX2 = {
    "in_channels": 4, "num_attention_heads": 32, "attention_head_dim": 128, "cross_attention_dim": 4096,
    "audio_num_attention_heads": 32, "audio_attention_head_dim": 64, "audio_cross_attention_dim": 2048,
}  # fmt: skip
# On a CPU: large enough that a step takes a good part of a second.
_SMALL: dict[str, dict[str, Any]] = {
    "minimax_h3": {"num_attention_heads": 8, "attention_head_dim": 64, "hidden_size": 512, "num_layers": 8,
                   "ffn_dim": 1536, "rope_freq_dim": 8},
    "ltx2": {"num_attention_heads": 8, "attention_head_dim": 64, "cross_attention_dim": 512,
             "audio_num_attention_heads": 4, "audio_attention_head_dim": 32, "audio_cross_attention_dim": 128,
             "num_layers": 8},
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", nargs="?", choices=list(_TRUE_LAYERS), default="minimax_h3")
    parser.add_argument("--layers", type=int, default=16, help="of the transformer, on a GPU")
    parser.add_argument("--steps", type=int, help="default: the pipeline's own, 50 of MiniMax H3, 40 of LTX-2")
    parser.add_argument("--clips", type=int, default=2, help="measured ones; one more comes first")
    parser.add_argument("--bare", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    import torch

    gpu = torch.cuda.is_available()
    steps = arguments.steps or _OWN_STEPS[arguments.engine]
    spent = {"steps": steps, "short_edge": 768 if gpu else 160}
    options: dict[str, Any] = {"tiers": {"standard": spent, "mini": spent}}
    if not gpu:
        options["max_pixels"] = 288 * 160
    if arguments.engine == "minimax_h3":
        options["keep_both"] = True
    else:
        options["distilled"] = None
    if arguments.bare:
        _bare(arguments.engine, arguments.bare, options, steps)
        return
    with tempfile.TemporaryDirectory(prefix="opendance-bench-") as folder:
        weights = _save(arguments.engine, Path(folder) / "weights", arguments.layers, gpu=gpu)
        options["weights"] = str(weights)
        words = [arguments.engine, "--bare", str(weights), "--steps", str(steps)]
        with subprocess.Popen(
            [sys.executable, "-m", "benchmarks.engines", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as alone:
            pairs = _service(arguments.engine, options, arguments.clips, Path(folder) / "data", lambda: _told(alone))
            bare = _told(alone, "end")
    _report(arguments.engine, bare, pairs, gpu=gpu, layers=arguments.layers)


def _told(alone: subprocess.Popen[str], word: str = "clip") -> Any:
    """What the bare pipeline's process answers: the s of a clip; at the end, what it measured."""
    assert alone.stdin is not None
    assert alone.stdout is not None
    print(word, file=alone.stdin, flush=True)
    while line := alone.stdout.readline():
        if line.startswith(_ANSWER):
            return json.loads(line.removeprefix(_ANSWER))
    raise SystemExit("the bare pipeline's process ended")


def _save(engine: str, folder: Path, layers: int, *, gpu: bool) -> Path:
    import torch
    from tests.engines.diffusers import tiny

    print(f"writing random weights of {engine} ...", flush=True)
    if not gpu:
        return getattr(tiny, f"save_{engine}")(folder, transformer=_SMALL[engine])
    import diffusers

    if engine == "ltx2":
        return tiny.save_ltx2(folder, transformer=_TRUE_LTX2 | {"num_layers": layers}, dtype=torch.bfloat16)
    # The class's own defaults are the true architecture; only what the small text encoder gives is narrower.
    names = ("num_attention_heads", "attention_head_dim", "hidden_size", "num_refiner_layers", "ffn_dim",
             "time_embed_hidden_dim", "time_embed_dim", "rope_freq_dim", "freq_dim")  # fmt: skip
    defaults = inspect.signature(diffusers.MiniMaxH3Transformer3DModel.__init__).parameters
    true = {name: defaults[name].default for name in names} | {"num_layers": layers}
    return tiny.save_minimax_h3(folder, transformer=true, true_decoders=True, dtype=torch.bfloat16)


def _canvas(engine: str, options: dict[str, Any], model: Any) -> Canvas:
    """The canvas that the engine draws this clip on."""
    job = Job(
        plan=plan_prompt(_PROMPT, seconds=_SECONDS, aspect_ratio="16:9"), tier=Tier.MINI, quality=Quality.P720,
        size=pixels_for(AspectRatio.R16_9, Quality.P720), num_frames=_SECONDS * FRAME_RATE, seed=1,
        generate_audio=True, title="", work_folder="", output="",
    )  # fmt: skip
    short = options["tiers"]["mini"]["short_edge"]
    if engine == "ltx2":
        return canvas_for(
            job, multiple=32, short_edge=short, max_pixels=options.get("max_pixels", 1216 * 704), step=(8, 1)
        )
    most = options.get("max_pixels", 1344 * 768)
    return canvas_for(
        job, multiple=model.canvas_multiple, short_edge=short, max_pixels=most, least_seconds=5, step=(17, 5)
    )


def _bare(engine: str, weights: Path, options: dict[str, Any], steps: int) -> None:
    """The pipeline alone, as diffusers' documentation calls it: a clip for each line that comes in."""
    import diffusers
    import torch
    from diffusers.pipelines.ltx2.utils import DEFAULT_NEGATIVE_PROMPT

    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    arguments: dict[str, Any] = {"prompt": _PROMPT, "output_type": "np"}
    if engine == "minimax_h3":
        pipe: Any = diffusers.ModularPipeline.from_pretrained(str(weights))
        names = [name for name in pipe.pretrained_component_names if name != "transformer_ref"]
        pipe.load_components(names=names, dtype=dtype, pretrained_model_name_or_path=str(weights))
        arguments |= {"num_inference_steps": steps + 1, "output": ["videos", "audio"]}
    else:
        pipe = diffusers.LTX2Pipeline.from_pretrained(str(weights), dtype=dtype)
        arguments |= {"num_inference_steps": steps, "frame_rate": 24.0, "guidance_scale": 3.0, "stg_scale": 0.0}
        arguments |= {"audio_stg_scale": 0.0, "negative_prompt": DEFAULT_NEGATIVE_PROMPT}
    pipe.to(device)
    canvas = _canvas(engine, options, pipe)
    if engine == "minimax_h3":
        pipe.update_components(
            canvas_short_edge=min(canvas.width, canvas.height), canvas_max_pixels=canvas.width * canvas.height
        )
    arguments |= {"width": canvas.width, "height": canvas.height, "num_frames": canvas.num_frames}
    begins: list[float] = []
    pipe.transformer.register_forward_pre_hook(lambda *_: begins.append(time.monotonic()))
    clips = 0
    while sys.stdin.readline().strip() == "clip":
        started = time.monotonic()
        pipe(generator=torch.Generator("cpu").manual_seed(1), **arguments)
        print(_ANSWER + json.dumps(time.monotonic() - started), flush=True)
        clips += 1
    calls = len(begins) // clips // steps  # forward passes in a step
    gaps = [later - earlier for earlier, later in zip(begins, begins[calls:], strict=False)][:: max(1, calls)]
    memory = (
        torch.cuda.max_memory_allocated()
        if device == "cuda"
        else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    )
    told = {
        "step": statistics.median(gaps), "memory": memory,
        "canvas": f"{canvas.width}x{canvas.height}, {canvas.num_frames} frames", "steps": steps,
        "device": torch.cuda.get_device_name() if device == "cuda" else "CPU",
    }  # fmt: skip
    print(_ANSWER + json.dumps(told), flush=True)


def _service(
    engine: str, options: dict[str, Any], clips: int, data: Path, alone: Callable[[], float]
) -> list[tuple[float, float]]:
    """s of each clip, bare and through the whole service: from the request until it is finished.

    Args:
        alone: has the bare pipeline make one.
    """
    from tests.conftest import body, start_server, wait_for
    from tests.upstreams import setting

    server = start_server(data, **setting(**{engine: options}))
    pairs: list[tuple[float, float]] = []
    try:
        with server.client() as client:
            for _ in range(clips + 1):
                bare = alone()
                started = time.monotonic()
                asked = body(prompt=_PROMPT, duration=_SECONDS, quality="720p", model_params={"seed": 1})
                task = client.post("/v1/videos/generations", json=asked).raise_for_status().json()
                done = wait_for(client, task["id"])
                assert (done["status"], done.get("engine")) == ("completed", engine), done
                pairs.append((bare, time.monotonic() - started))
    finally:
        server.stop()
    return pairs[1:]  # the first loads and compiles


def _report(engine: str, bare: dict[str, Any], pairs: list[tuple[float, float]], *, gpu: bool, layers: int) -> None:
    print(f"{engine} on {bare['device']}, {os.cpu_count()} cores: {bare['canvas']}, {bare['steps']} steps")
    print(f"  a step            {bare['step']:8.3f} s")
    whole = bare["step"] * _TRUE_LAYERS[engine] / layers
    if gpu:
        print(f"  a step, all layers{whole:8.3f} s  (from {layers} of {_TRUE_LAYERS[engine]} layers)")
    for name, times in zip(("bare", "service"), zip(*pairs, strict=True), strict=True):
        print(f"  a clip, {name:9} {statistics.median(times):8.2f} s  ({', '.join(f'{each:.2f}' for each in times)})")
    over = statistics.median(service - alone for alone, service in pairs)
    share = statistics.median(service / alone - 1 for alone, service in pairs)
    print(f"  the service adds  {over:8.2f} s = {share:.1%} (bar: {_BAR:.0%})")
    if gpu:
        full = statistics.median(alone for alone, _ in pairs) + bare["steps"] * (whole - bare["step"])
        print(f"  of a whole clip   {over / full:8.1%}  (of {full:.1f} s with all layers)")
    print(f"  memory, bare      {bare['memory'] / 2**30:8.2f} GiB")


if __name__ == "__main__":
    main()
