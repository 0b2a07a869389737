"""What a director would use an asset for, of which the prompt says nothing."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from opendance.asset import Asset
from opendance.plan import AssetReference, AssetUse, Role

_VOICE_WORDS = re.compile(r"voice|narrat|speak|says|talk|旁白|配音|说|목소리|말하|내레이션|声|話", re.IGNORECASE)
_SELLING = re.compile(
    r"product|advert|commercial|promo|brand|showcase|产品|广告|宣传|商品|品牌|제품|광고|홍보|상품|브랜드|製品|商品|広告|宣伝|ブランド",
    re.IGNORECASE,
)
_SHORT_SOUND = 3.0  # s: shorter than a bar of music
# Of a picture, width over height: what is hardly wider than high shows somebody rather than some place.
_UPRIGHT = 1.1


@dataclass(frozen=True)
class _Choice:
    """What a director would use an asset for, and why; `share`: in which part of the clip, 0 to 1."""

    asset: Asset
    role: Role
    reason: str
    share: tuple[float, float] = (0.0, 1.0)


def directed_uses(
    left: list[Asset],
    given: list[AssetUse],
    prompt: str,
    references: Sequence[AssetReference],
    seconds: float,
) -> list[AssetUse]:
    """The role that a director would give what the prompt leaves open.

    Args:
        left: assets without a role; `given`: the roles of the others.
    """
    named = {(reference.kind, reference.number): reference.words for reference in references}

    def use_of(choice: _Choice) -> AssetUse:
        asset = choice.asset
        words = named.get((asset.kind, asset.number))
        words = f"{words} (nothing said of it; {choice.reason})" if words else f"(not mentioned; {choice.reason})"
        begin, end = choice.share
        return AssetUse(asset.kind, asset.number, choice.role, begin * seconds, end * seconds, words)

    images, videos, sounds = ([asset for asset in left if asset.kind == kind] for kind in ("image", "video", "audio"))
    seen = bool(images) or any(use.kind == "image" for use in given)
    choices = (
        *_for_images(images, given, prompt),
        *_for_videos(videos, given, seen),
        *_for_sounds(sounds, given, prompt),
    )
    return [use_of(choice) for choice in choices]


def _for_images(images: list[Asset], given: list[AssetUse], prompt: str) -> Generator[_Choice]:
    edited = any(use.role == "edit" for use in given)
    places: list[Asset] = []
    for asset in images:
        if edited:
            yield _Choice(asset, "subject", "it replaces what is edited")
        elif asset.has_alpha or asset.plain_background:
            selling = _SELLING.search(prompt) is not None
            yield _Choice(asset, "product" if selling else "subject", "one thing before a plain background")
        elif asset.ratio < _UPRIGHT:
            yield _Choice(asset, "subject", "an upright picture")
        else:
            places.append(asset)
    has_place = any(use.role in ("setting", "first_frame") for use in given)
    has_subject = any(use.role in ("subject", "product") for use in given)
    if len(places) == 1:
        if has_place and not has_subject:
            yield _Choice(places[0], "subject", "the setting is another image")
        else:
            yield _Choice(places[0], "setting", "a wide picture")
        return
    for index, asset in enumerate(places):  # several places: one after the other
        share = (index / len(places), (index + 1) / len(places))
        yield _Choice(asset, "setting", "a wide picture, in its turn", share)


def _for_videos(videos: list[Asset], given: list[AssetUse], seen: bool) -> Generator[_Choice]:
    """For footage; `seen`: there are images too."""
    others = any(use.kind == "video" for use in given)
    for asset in videos:
        if len(videos) > 1 and not others:
            yield _Choice(asset, "join", "several videos, one after the other")
        elif seen:
            yield _Choice(asset, "camera", "its camera leads the images")
        elif others:
            yield _Choice(asset, "motion", "another video has its part already")
        else:
            yield _Choice(asset, "edit", "the only footage")


def _for_sounds(sounds: list[Asset], given: list[AssetUse], prompt: str) -> Generator[_Choice]:
    music, voice = (any(use.role == role for use in given) for role in ("music", "voice"))
    spoken = _VOICE_WORDS.search(prompt) is not None
    for asset in sounds:
        if spoken and not voice:
            voice = True
            yield _Choice(asset, "voice", "the prompt speaks of a voice")
        elif asset.seconds < _SHORT_SOUND:
            yield _Choice(asset, "effect", "a short sound")
        elif music:
            yield _Choice(asset, "effect", "there is music already")
        else:
            music = True
            yield _Choice(asset, "music", "long enough for music")
