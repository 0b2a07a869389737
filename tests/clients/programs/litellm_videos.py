"""LiteLLM's video functions with its providers `openai`, `hosted_vllm` and `volcengine`."""

from __future__ import annotations

import os
import time
from pathlib import Path

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # it asks the network for prices otherwise, when it is imported

import litellm
from steps import ADDRESS, KEY, PICTURE, PROMPT, check, step

PROVIDERS = {
    "openai": ("seedance-2.0-mini", ADDRESS + "/v1"),
    "hosted_vllm": ("seedance-2.0-mini", ADDRESS + "/v1"),
    "volcengine": ("doubao-seedance-2-0-mini-260615", ADDRESS + "/api/v3"),
}


def run(provider):
    model, base = PROVIDERS[provider]
    to = {"api_key": KEY, "api_base": base}

    def create(**more):
        asked = {"model": f"{provider}/{model}", "prompt": PROMPT, "seconds": "4", "size": "1280x720"}
        video = litellm.video_generation(**asked, **more, **to)
        check(video.status in ("queued", "processing", "in_progress"), video)
        return video

    def ended(video):
        for _ in range(300):
            seen = litellm.video_status(video_id=video.id, custom_llm_provider=provider, **to)
            if seen.status in ("completed", "failed"):
                check(seen.status == "completed", seen)
                return seen
            time.sleep(0.2)
        raise AssertionError("it does not end")

    def downloaded(video):
        content = litellm.video_content(video_id=video.id, custom_llm_provider=provider, **to)
        check(b"ftyp" in content[:16], content[:16])

    def listed():
        check(litellm.video_list(custom_llm_provider=provider, **to), "nothing")

    def remixed(video):
        check(
            litellm.video_remix(video_id=video.id, prompt="the cat wears a hat", custom_llm_provider=provider, **to).id,
            "no id",
        )

    def with_picture():
        with Path(PICTURE).open("rb") as picture:
            ended(create(input_reference=picture))

    video = step(f"{provider}: video_generation", create)
    if video:
        step(f"{provider}: video_status until completed", lambda: ended(video))
        step(f"{provider}: video_content", lambda: downloaded(video))
        step(f"{provider}: video_list", listed)
        step(f"{provider}: video_remix", lambda: remixed(video))
    step(f"{provider}: video_generation with a picture", with_picture)


for provider in PROVIDERS:
    run(provider)
