"""Tables that pages in four languages share: a page says `<!-- table: NAME -->` where one stands. Numbers come from the code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

from tools.documentation.errors import all_errors
from tools.documentation.markdown import code, sentence, table
from tools.documentation.routes import document, words_of_type

from opendance import catalog
from opendance.catalog import MEDIA_LIMITS, MODELS, PIXELS, PRICES, Mode, Quality, Tier
from opendance.errors import ApiError

Language = Literal["en", "ko", "zh", "ja"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "ko", "zh", "ja")
_MARK = re.compile(r"<!-- table: ([a-z]+) -->")

# What heads and cells say, beside names and numbers: English, Korean, Chinese, Japanese.
_WORDS: Final[dict[str, tuple[str, str, str, str]]] = {
    "field": ("field", "필드", "字段", "フィールド"),
    "default": ("default", "기본값", "默认值", "既定値"),
    "type": ("type", "타입", "类型", "型"),
    "needed": ("needed", "필수", "必填", "必須"),
    "model": ("model", "모델", "模型", "モデル"),
    "mode": ("mode", "모드", "模式", "モード"),
    "tier": ("tier", "버전", "版本", "バージョン"),
    "text-to-video": ("text-to-video", "텍스트-투-비디오", "文生视频", "テキストから動画"),
    "image-to-video": ("image-to-video", "이미지-투-비디오", "图生视频", "画像から動画"),
    "reference-to-video": ("reference-to-video", "레퍼런스-투-비디오", "参考生视频", "参照から動画"),
    "standard": ("standard", "표준", "标准", "標準"),
    "fast": ("fast", "빠름", "快速", "高速"),
    "mini": ("mini", "Mini", "Mini", "Mini"),
    "ratio": ("aspect ratio", "화면 비율", "画面比例", "アスペクト比"),
    "kind": ("kind", "종류", "类型", "種類"),
    "images": ("images", "이미지", "图片", "画像"),
    "videos": ("videos", "비디오", "视频", "動画"),
    "audios": ("audios", "오디오", "音频", "音声"),
    "formats": ("formats", "형식", "格式", "形式"),
    "size": ("size of a file, at most", "파일 크기, 최대", "单个文件大小上限", "ファイルサイズ上限"),
    "sides": ("width and height", "너비와 높이", "宽和高", "幅と高さ"),
    "ratios": ("width / height", "너비 / 높이", "宽 / 高", "幅 / 高さ"),
    "length": ("length of one, and of all together at most", "개별 길이, 전체 합계 최대", "单个时长,总时长上限", "1 本の長さと合計の上限"),
    "pixels": ("pixels", "픽셀 수", "像素数", "画素数"),
    "rate": ("frame rate", "프레임 레이트", "帧率", "フレームレート"),
    "status": ("status", "상태 코드", "状态码", "ステータス"),
    "example": ("a message of it", "메시지 예", "消息示例", "メッセージの例"),
    "price": ("credits a second", "초당 크레딧", "每秒积分", "1 秒あたりのクレジット"),
    "with_video": ("with video input", "비디오 입력 시", "有视频输入时", "動画入力がある場合"),
}  # fmt: skip


def with_tables(markdown: str, language: Language) -> str:
    """The page with a table in place of each mark.

    Raises:
        KeyError: a mark names a table that is none.
    """
    return _MARK.sub(lambda mark: TABLES[mark[1]](_Words(language)), markdown)


class _Words:
    """The words of a language, by their names here."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._place = LANGUAGES.index(language)

    def __call__(self, name: str) -> str:
        return _WORDS[name][self._place]


def _models(word: _Words) -> str:
    rows = ((code(model.id), word(model.mode), word(model.tier)) for model in MODELS.values())
    return table([word("model"), word("mode"), word("tier")], rows)


def _fields(word: _Words) -> str:
    schema = document()["components"]["schemas"]["VideoGenerationRequest"]
    with (Path(__file__).parent / "request_fields.toml").open("rb") as file:
        translated = tomllib.load(file)

    def row(name: str, field: dict[str, Any]) -> tuple[str, str, str, str]:
        default = field.get("default")
        words = field["description"] if word.language == "en" else translated[name][word.language]
        return (
            code(name),
            word("needed") if name in schema["required"] else code(str(default).lower() if default is not None else ""),
            "" if name == "model" else words_of_type(field),
            sentence(words) if word.language == "en" else words,
        )

    rows = [row(name, field) for name, field in schema["properties"].items()]
    return table([word("field"), word("default"), word("type"), ""], rows)


def _pixels(word: _Words) -> str:
    rows = ([ratio, *("x".join(map(str, sizes[quality])) for quality in Quality)] for ratio, sizes in PIXELS.items())
    return table([word("ratio"), *Quality], rows)


def _counts(word: _Words) -> str:
    rows = (
        (word(mode), *(_span(*counts) for counts in (limits.images, limits.videos, limits.audios)))
        for mode, limits in MEDIA_LIMITS.items()
    )
    return table([word("mode"), word("images"), word("videos"), word("audios")], rows)


def _media(word: _Words) -> str:
    sides = f"{catalog.MIN_SIDE} - {catalog.MAX_SIDE} px"
    ratios = f"{float(catalog.MIN_RATIO)} - {float(catalog.MAX_RATIO)}"
    seconds = f"{catalog.MIN_INPUT_SECONDS} - {catalog.MAX_INPUT_SECONDS} s, {catalog.MAX_INPUT_SECONDS} s"
    pixels = f"{catalog.MIN_VIDEO_PIXELS:,} - {catalog.MAX_VIDEO_PIXELS:,}"
    rates = f"{round(catalog.MIN_INPUT_FRAME_RATE)} - {catalog.MAX_INPUT_FRAME_RATE} fps"
    rows = (
        (word("formats"), "JPEG, PNG, WebP", "MP4, MOV", "WAV, MP3"),
        (word("size"), *(f"{size >> 20} MB" for size in (catalog.MAX_IMAGE_BYTES, catalog.MAX_VIDEO_BYTES, catalog.MAX_AUDIO_BYTES))),
        (word("sides"), sides, sides, ""),
        (word("ratios"), ratios, ratios, ""),
        (word("length"), "", seconds, seconds),
        (word("pixels"), "", pixels, ""),
        (word("rate"), "", rates, ""),
    )  # fmt: skip
    return table(["", word("images"), word("videos"), word("audios")], rows)


def _errors(word: _Words) -> str:
    """Those of the source document: the errors that name a rule of docs/rules.md."""
    first: dict[int, type[ApiError]] = {}
    for kind in sorted(all_errors(), key=lambda kind: kind.status):
        if kind.code in _OF_THE_SOURCE:
            first.setdefault(kind.status, kind)
    rows = ((str(status), code(kind.code), code(kind.type), kind.example) for status, kind in first.items())
    return table([word("status"), "`error.code`", "`error.type`", word("example")], rows)


_OF_THE_SOURCE = (
    "invalid_request", "unauthorized", "insufficient_quota", "model_access_denied", "rate_limit_exceeded", "internal_error",
)  # fmt: skip


def _prices(word: _Words) -> str:
    rows = (
        (word(tier), quality, str(price.without_video_input), str(price.with_video_input))
        for tier, qualities in PRICES.items()
        for quality, price in qualities.items()
    )
    return table([word("tier"), "`quality`", word("price"), word("with_video")], rows)


def _span(least: int, most: int) -> str:
    return "-" if most == 0 else f"{least} - {most}"


TABLES: Final[dict[str, Callable[[_Words], str]]] = {
    "models": _models,
    "fields": _fields,
    "pixels": _pixels,
    "counts": _counts,
    "media": _media,
    "errors": _errors,
    "prices": _prices,
}
assert {*Mode, *Tier} <= set(_WORDS)
