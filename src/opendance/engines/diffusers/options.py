"""What the engines on this machine's GPUs can be told. Importing this needs neither torch nor diffusers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model, field_validator

from opendance.catalog import Mode, Tier
from opendance.engines.diffusers.cards import card_of, estimate, is_known
from opendance.engines.diffusers.models import ROWS
from opendance.engines.diffusers.row import Row, Spent
from opendance.engines.limits import Demand, Limits
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


# A file, by which two LoRAs of one folder are told apart.
Lora = Annotated[str, Field(pattern=r"^.{1,500}:[^:/\\]{1,200}\.safetensors$")]
Shift = Annotated[float, Field(gt=0, le=100)]


class TurboEffort(Effort):
    """What a tier spends, and what it draws with beside the weights, so that few steps are enough.

    Attributes:
        lora: for the transformer, as folder:file or id:file on the hub.
        low_noise_lora: for the second transformer of a model that has one for low noise, such as Wan 2.2.
        shift: of the noise levels; None: the weights' own.
        guidance: of the prompt; None: the model's, or `guidance` of the engine.
    """

    lora: Lora | None = None
    low_noise_lora: Lora | None = None
    shift: Shift | None = None
    guidance: float | None = Field(None, ge=1, le=20)


class MiniMaxH3Effort(Effort):
    """What a tier of MiniMax H3 spends, and what it draws with; the model has no guidance.

    Attributes:
        lora: for text and frames, as folder:file or id:file on the hub.
        reference_lora: for references, which are drawn by a transformer of their own.
        shift, sound_shift: of the noise levels of picture and sound; None: 12 and 3, the model's own.
    """

    lora: Lora | None = None
    reference_lora: Lora | None = None
    shift: Shift | None = None
    sound_shift: Shift | None = None


_Effort = TypeVar("_Effort", bound=Effort)


def _none(value: Any) -> Any:
    """Neither TOML nor the environment can say None: the word does."""
    return None if value in ("none", "null", "") else value


Maybe = Annotated[str | None, BeforeValidator(_none)]


class DiffusersOptions(BaseModel):
    """What every model can be told.

    Attributes:
        row: of the table, that the model is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    row: ClassVar[Row]

    weights: str = Field(description="Folder with the weights, or their id on the hub.")
    revision: str | None = Field(None, description="Of the weights on the hub.")
    offline: bool = Field(False, description="Never ask the hub; take what lies on this machine.")
    devices: Names = Field(
        (),
        description="GPUs to use, as CUDA names them, such as 0,1: a process for each; 0+1: a pair for one clip, "
        "the text encoder on the second; default: all, one for each process.",
    )
    dtype: Literal["auto", "bfloat16", "float16", "float32"] = Field(
        "auto", description="Of weights and sums; auto: bfloat16 on a GPU, float32 on a CPU."
    )
    quantization: Literal["auto", "none", "int8", "float8", "float8_dynamic"] = Field(
        "auto",
        description="Of the large components' weights (torchao); auto: by the GPU's memory, in float8 where the GPU "
        "computes with it; float8_dynamic computes with it too.",
    )
    gguf: str | None = Field(None, description="A GGUF file to take the transformer from.")
    offload: Literal["auto", "none", "model", "group"] = Field(
        "auto", description="What waits in main memory: nothing, whole components, or groups of layers."
    )
    compile: bool = Field(False, description="torch.compile of the transformer: slow first clip, faster ones after.")
    attention: str = Field(
        "auto",
        description="Attention backend of diffusers, such as native, flash or _flash_3_hub; auto: the fastest that is "
        "installed for this GPU.",
    )
    cache: int | None = Field(
        None, ge=2, le=10, description="TaylorSeer cache: attention is computed in every so many steps, else predicted."
    )
    first_block: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="First-block cache: a step is skipped where its first block changed by less than this share; 0.05 "
        "to 0.1 are usual. It keeps a few tensors, so that it always fits.",
    )
    timeout: float | None = Field(
        None, gt=0, description="Longest time of one clip, from its first step on, s; default: task_timeout."
    )
    tiling: bool = Field(True, description="Decode the picture in tiles, for less memory.")
    max_pixels: MaxPixels
    tiers: Mapping[Tier, Effort] = Field(description="Steps and canvas of each tier.")

    def effort(self, tier: Tier) -> Effort:
        """What `tier` spends; a tier that is not given is as the standard one."""
        return self.tiers.get(tier) or self.tiers[Tier.STANDARD]

    def loaded_for(self, mode: Mode, tier: Tier) -> str:
        """What is loaded for such a job, as a name: jobs of the same name need nothing loaded between them."""
        del mode, tier  # one set of weights, unless a model says otherwise
        return self.weights

    @property
    def modes(self) -> frozenset[Mode]:
        """The modes that it makes with the weights that it was told."""
        return self.row.modes

    @property
    def limits(self) -> Limits:
        """What the model can make by itself."""
        return replace(self.row.limits, modes=self.modes)

    def least_seconds(self, demand: Demand, gpu: str) -> float | None:
        """s that such a clip takes at least on the GPU of this name; None where that is not known."""
        card = card_of(gpu, 80.0)
        if not is_known(gpu):
            return None
        effort = self.effort(demand.tier)
        row = replace(self.row, tiers={demand.tier: Spent(effort.steps, effort.short_edge)})
        return estimate(row, card, seconds=demand.seconds, tier=demand.tier).seconds

    @field_validator("tiers")
    @classmethod
    def _has_standard(cls, tiers: Mapping[Tier, Effort]) -> Mapping[Tier, Effort]:
        if Tier.STANDARD not in tiers:
            raise ValueError(f"say what {Tier.STANDARD.value} spends: a tier that is not given spends as much")
        return tiers


def efforts(row: Row, kind: type[_Effort]) -> dict[Tier, _Effort]:
    """What each tier of a model spends by itself."""
    return {tier: kind(steps=spent.steps, short_edge=spent.short_edge) for tier, spent in row.tiers.items()}


class RowOptions(DiffusersOptions):
    """What a model that is a row of the table alone can be told."""

    image_weights: Maybe = Field(None, description='Weights for image-to-video; "none": it makes none.')
    reference_weights: Maybe = Field(None, description='Weights for references; "none": it makes none.')
    tiers: Mapping[Tier, TurboEffort] = Field(  # pyright: ignore[reportIncompatibleVariableOverride] - it is frozen
        description="Steps and canvas of each tier; a LoRA and its schedule."
    )
    transformer_file: Maybe = Field(None, description="File with the transformer, as the model's authors publish it.")
    negative: str | None = Field(None, description="What is not to be drawn; default: the model's own.")
    guidance: float | None = Field(None, ge=1, le=20, description="Of the prompt; default: the model's own.")

    def effort(self, tier: Tier) -> TurboEffort:
        return self.tiers.get(tier) or self.tiers[Tier.STANDARD]

    def weights_of(self, mode: Mode) -> str | None:
        """Folder or id of the weights that draw `mode`; None: it is not drawn."""
        if mode not in self.row.modes:
            return None
        return {Mode.TEXT: self.weights, Mode.IMAGE: self.image_weights, Mode.REFERENCE: self.reference_weights}[mode]

    def loaded_for(self, mode: Mode, tier: Tier) -> str:
        return self.weights_of(mode) or self.weights

    @property
    def modes(self) -> frozenset[Mode]:
        return frozenset(mode for mode in Mode if self.weights_of(mode) is not None)


@cache
def options_of(name: str) -> type[RowOptions]:
    """What `[engine.NAME]` of a row can say.

    Raises:
        KeyError: there is no such row.
    """
    row = ROWS[name]
    weights = row.text.weights
    own: dict[str, Any] = {
        "weights": (str, weights),
        "max_pixels": (MaxPixels, row.max_pixels),
        "tiers": (Mapping[Tier, TurboEffort], efforts(row, TurboEffort)),
        "transformer_file": (Maybe, row.transformer_file or None),
    }
    for field, drawing in (("image_weights", row.image), ("reference_weights", row.reference)):
        own[field] = (Maybe, None if drawing is None else drawing.weights or weights)
    made = create_model(f"Options of {row.title}", __base__=RowOptions, __doc__=row.summary, **own)
    made.row = row
    return made


class MiniMaxH3Options(DiffusersOptions):
    """MiniMax H3. Steps and canvas of the standard tier are the model's own defaults; the others are this project's."""

    row: ClassVar[Row] = ROWS["minimax_h3"]

    weights: str = "MiniMaxAI/MiniMax-H3"
    max_pixels: MaxPixels = 768 * 1344
    tiers: Mapping[Tier, MiniMaxH3Effort] = Field(  # pyright: ignore[reportIncompatibleVariableOverride] - it is frozen
        efforts(ROWS["minimax_h3"], MiniMaxH3Effort),
        description="Steps and canvas of each tier; a LoRA and its schedule.",
    )
    reference_short_edge: int | None = Field(
        None, ge=32, description="Short side at which reference images are read, px; default: the weights' own, 2048."
    )
    keep_both: bool | None = Field(
        None, description="Keep both transformers in main memory; default: where it has over 256 GiB."
    )

    def effort(self, tier: Tier) -> MiniMaxH3Effort:
        return self.tiers.get(tier) or self.tiers[Tier.STANDARD]

    def loaded_for(self, mode: Mode, tier: Tier) -> str:
        return "transformer_ref" if mode is Mode.REFERENCE else "transformer"


class LTX2Options(DiffusersOptions):
    """LTX-2. Fast and mini use the distilled weights, where these are given."""

    row: ClassVar[Row] = ROWS["ltx2"]

    weights: str = "Lightricks/LTX-2"
    distilled: Maybe = Field(
        "rootonchair/LTX-2-19b-distilled",
        description='Weights of the fast and mini tiers; "none": as standard; the same as `weights`: of every tier.',
    )
    full: Maybe = Field(
        None,
        description="Folder of the transformer of the standard tier, where the repository has more than one; default: "
        "the one that its index names.",
    )
    cross_timestep: bool = Field(
        False, description="How picture and sound are tied together: true for LTX-2.3 and newer, false for LTX-2.0."
    )
    upsampler: Maybe = Field(
        None,
        description="Folder or id of the latent upsampler. With it distilled weights draw in two stages: at half the "
        "size, then three steps at the whole; without, or where it says none, in one.",
    )
    refining: Maybe = Field(
        None,
        description="LoRA that the second stage of weights which are not distilled needs, as folder:file or id:file; "
        "with it and an upsampler they draw in two stages too.",
    )
    in_context: str | None = Field(None, description="IC-LoRA for reference videos: folder, file or id on the hub.")
    guidance: float = Field(3.0, ge=1, le=20, description="Guidance of the weights that are not distilled.")
    max_pixels: MaxPixels = 1216 * 704
    tiers: Mapping[Tier, Effort] = efforts(ROWS["ltx2"], Effort)

    def is_distilled(self, tier: Tier) -> bool:
        """Whether a tier is drawn with the distilled weights."""
        if self.distilled is None:
            return False
        return tier is not Tier.STANDARD or (self.distilled == self.weights and self.full is None)

    def transformer_of(self, tier: Tier) -> tuple[str, str]:
        """Folder or id of the weights of a tier, and the folder of the transformer in it."""
        if self.distilled is not None and self.is_distilled(tier):
            return self.distilled, "transformer"
        return self.weights, self.full or "transformer"

    def loaded_for(self, mode: Mode, tier: Tier) -> str:
        return "/".join(self.transformer_of(tier))


class LTX23Options(LTX2Options):
    """LTX-2.3. Fast and mini use the distilled weights, in two stages."""

    row: ClassVar[Row] = ROWS["ltx2_3"]

    weights: str = "diffusers/LTX-2.3-Diffusers"
    distilled: Maybe = "diffusers/LTX-2.3-Distilled-Diffusers"
    cross_timestep: bool = True
    upsampler: Maybe = "rootonchair/LTX-2.3-spatial-upscaler-x2-v1.1-Diffusers"
    tiers: Mapping[Tier, Effort] = efforts(ROWS["ltx2_3"], Effort)


class LTX25Options(LTX2Options):
    """LTX-2.5. One repository has both transformers: the standard tier draws with the full one, in two stages too."""

    row: ClassVar[Row] = ROWS["ltx2_5"]

    weights: str = "Lightricks/LTX-2.5-Diffusers"
    distilled: Maybe = "Lightricks/LTX-2.5-Diffusers"
    full: Maybe = "transformer_full"
    refining: Maybe = "Lightricks/LTX-2.5-Diffusers:ltx-2.5-22b-distilled-lora-450-bf16.safetensors"
    cross_timestep: bool = True
    upsampler: Maybe = "Lightricks/LTX-2.5-Diffusers"
    tiers: Mapping[Tier, Effort] = efforts(ROWS["ltx2_5"], Effort)


def __getattr__(name: str) -> type[RowOptions]:
    """`options:wan2_2`: the options of a row, so that a model needs no class of its own."""
    if name in ROWS:
        return options_of(name)
    raise AttributeError(name)
