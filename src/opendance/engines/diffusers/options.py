"""What the engines on this machine's GPUs can be told. Importing this needs neither torch nor diffusers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from opendance.catalog import Tier
from opendance.settings import Names

# A type, so that a model with its own default keeps the limit.
MaxPixels = Annotated[int, Field(ge=32 * 32, description="Most pixels of the canvas; larger clips are scaled up.")]


class Effort(BaseModel):
    """What a tier spends.

    Attributes:
        steps: denoising steps.
        short_edge: of the canvas at 720p and over, px; 480p takes two thirds of it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: int = Field(ge=1, le=200)
    short_edge: int = Field(ge=32, le=4096)


class DiffusersOptions(BaseModel):
    """What every model can be told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weights: str = Field(description="Folder with the weights, or their id on the hub.")
    revision: str | None = Field(None, description="Of the weights on the hub.")
    offline: bool = Field(False, description="Never ask the hub; take what lies on this machine.")
    devices: Names = Field((), description="GPUs to use, as CUDA names them, such as 0,1; default: all.")
    dtype: Literal["auto", "bfloat16", "float16", "float32"] = Field(
        "auto", description="Of weights and sums; auto: bfloat16 on a GPU, float32 on a CPU."
    )
    quantization: Literal["auto", "none", "int8", "float8"] = Field(
        "auto", description="Of the large components' weights (torchao); auto: by the GPU's memory."
    )
    gguf: str | None = Field(None, description="A GGUF file to take the transformer from.")
    offload: Literal["auto", "none", "model", "group"] = Field(
        "auto", description="What waits in main memory: nothing, whole components, or groups of layers."
    )
    compile: bool = Field(False, description="torch.compile of the transformer: slow first clip, faster ones after.")
    attention: str | None = Field(None, description="Attention backend of diffusers, such as flash or _flash_3_hub.")
    cache: int | None = Field(
        None, ge=2, le=10, description="TaylorSeer cache: attention is computed in every so many steps, else predicted."
    )
    timeout: float | None = Field(
        None, gt=0, description="Longest time of one clip, from its first step on, s; default: task_timeout."
    )
    tiling: bool = Field(True, description="Decode the picture in tiles, for less memory.")
    max_pixels: MaxPixels
    tiers: dict[Tier, Effort] = Field(description="Steps and canvas of each tier.")

    def effort(self, tier: Tier) -> Effort:
        """What `tier` spends; a tier that is not given is as the standard one."""
        return self.tiers.get(tier) or self.tiers[Tier.STANDARD]

    @field_validator("tiers")
    @classmethod
    def _has_standard(cls, tiers: dict[Tier, Effort]) -> dict[Tier, Effort]:
        if Tier.STANDARD not in tiers:
            raise ValueError(f"say what {Tier.STANDARD.value} spends: a tier that is not given spends as much")
        return tiers


class MiniMaxH3Options(DiffusersOptions):
    """MiniMax H3. Steps and canvas of the standard tier are the model's own defaults; the others are this project's."""

    weights: str = "MiniMaxAI/MiniMax-H3"
    max_pixels: MaxPixels = 768 * 1344
    tiers: dict[Tier, Effort] = {
        Tier.STANDARD: Effort(steps=50, short_edge=768),
        Tier.FAST: Effort(steps=30, short_edge=544),
        Tier.MINI: Effort(steps=20, short_edge=416),
    }
    reference_short_edge: int | None = Field(
        None, ge=32, description="Short side at which reference images are read, px; default: the weights' own, 2048."
    )
    keep_both: bool | None = Field(
        None, description="Keep both transformers in main memory; default: where it has over 256 GiB."
    )


def _none(value: Any) -> Any:
    """Neither TOML nor the environment can say None: the word does."""
    return None if value in ("none", "null", "") else value


class LTX2Options(DiffusersOptions):
    """LTX-2. Fast and mini use the distilled weights, where these are given."""

    weights: str = "Lightricks/LTX-2"
    distilled: Annotated[str | None, BeforeValidator(_none)] = Field(
        "rootonchair/LTX-2-19b-distilled",
        description='Weights of the fast and mini tiers; "none": as standard; the same as `weights`: of every tier.',
    )
    cross_timestep: bool = Field(
        False, description="How picture and sound are tied together: true for LTX-2.3 and newer, false for LTX-2.0."
    )
    in_context: str | None = Field(None, description="IC-LoRA for reference videos: folder, file or id on the hub.")
    guidance: float = Field(3.0, ge=1, le=20, description="Guidance of the weights that are not distilled.")
    max_pixels: MaxPixels = 1216 * 704
    tiers: dict[Tier, Effort] = {
        Tier.STANDARD: Effort(steps=30, short_edge=704),
        Tier.FAST: Effort(steps=8, short_edge=704),
        Tier.MINI: Effort(steps=8, short_edge=512),
    }
