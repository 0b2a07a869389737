"""What each asset is for: by the words of the prompt, and where none say so, as a director would use it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from opendance.asset import Asset
from opendance.plan import AssetKind, AssetReference, AssetUse, Role
from opendance.prompt.direction import directed_uses
from opendance.prompt.edits import edit_of
from opendance.prompt.lexicon import Hit, lexicon
from opendance.prompt.references import find_references
from opendance.prompt.shots import ShotText
from opendance.prompt.word_tables import ACTION, PLACE, SETTING, SUBJECT, Words
from opendance.typed_toml import read_toml

_SENTENCE = re.compile(r"[.!?;。！？；\n]{1,20}(?:\s|$)|[。！？；\n]")
# Inside a sentence: where one statement about an asset ends and the next begins.
_SEPARATOR = re.compile(
    r"[,，、;；:：()（）]|\band\b|\bwhile\b|\bbut\b|\bthen\b|并且|并|同时|以及|然后|和|与|그리고|하고|며|면서|고(?=\s)|して|し(?=、)|また",
    re.IGNORECASE,
)
# Between two assets that share what is said of them: "image 1 and image 2 are the characters".
_JOINED = re.compile(
    r"\s*(?:[,，、&+/]|and|or|和|与|及|以及|와|과|랑|하고|と|및|→|->|[-–~～]|to|的?、)*\s*", re.IGNORECASE
)
# After an asset, what binds it to the words that follow; before it, what binds it to those that went before.
_BINDS_RIGHT = re.compile(
    r"\s{0,20}+(?:[】\])]\s{0,20}+)?(?:as\b|'s\b|is\b|are\b|for\b|should\b|shows?\b|provides?\b|sets?\b|gives?\b|will\b|的|中的?|里的?|作为|作|为|是|当作|做|用作"
    r"|의|속|을|를|은|는|이|가|로|으로|처럼|の|を|は|に|が|で|内の|として)",
    re.IGNORECASE,
)
_BINDS_LEFT = re.compile(
    r"(?:\bof|\bin|\bfrom|\bwith|\bby|\bis|\bare|\bon|\blike|\bto|\bfollow(?:s|ing)?|\bmatch(?:es|ing)?|[:=]|是|为|参考|采用|使用|按照|参照|"
    r"은|는|이|가|は|が|には)\s{0,20}+(?:the\s{1,20}+)?[【\[(]?\s{0,20}+$",
    re.IGNORECASE,
)
# After an asset, what makes the next word its own: "the beach of image 2", 画像2 の浜辺.
_OWNS = re.compile(r"\s{0,20}+(?:[】\])]\s{0,20}+)?(?:の(?!よう)|의|的|'s\b)")
_BOUND = 40  # characters that a binding word is worth
_DIRECTLY = 12  # characters after an asset: a verb that stands there is what it does
_SECONDS = r"(\d{1,2}(?:\.\d+)?)\s*(?:s\b|secs?\b|seconds?\b|秒|초)"
_RANGES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("whole", re.compile(r"throughout|the whole (?:video|time|clip)|entire|from start to finish|全程|整个视频|贯穿|始终|전체|내내|계속해서|처음부터 끝까지|全体|終始|全編|ずっと|最初から最後", re.I)),
    ("first", re.compile(rf"(?:first|opening|前|开头的?|처음|첫|最初の|冒頭の?)\s*{_SECONDS}", re.I)),
    ("last", re.compile(rf"(?:last|final|最后的?|后|마지막|끝|最後の|ラスト)\s*{_SECONDS}", re.I)),
    ("span", re.compile(rf"(?:from\s{{1,20}}+)?(\d{{1,2}}(?:\.\d+)?)\s{{0,20}}+(?:(?:s|seconds?|秒|초)\s{{0,20}}+)?(?:-|–|~|～|to|至|到|から|부터)\s{{0,20}}+{_SECONDS}", re.I)),
    ("from", re.compile(rf"(?:at|after|from|第|从)\s*(?:second\s*)?{_SECONDS}|(\d{{1,2}}(?:\.\d+)?)\s*(?:秒(?:で|に|から|时|处|后)|초(?:에|부터|쯤|후))|at second (\d{{1,2}})", re.I)),
)  # fmt: skip
_BACKWARDS = re.compile(r"backwards?|before (?:it|video|the)|what happened before|prequel|向前|往前|之前|앞으로 연장|앞부분|이전|前に延長|前の部分|それ以前", re.I)  # fmt: skip
_TARGETS = (  # what an edit is about
    re.compile(r"(?:replac\w|swap|remov\w|delet\w|eras\w|substitut\w|recolou?r|chang\w)\w{0,12}+\s{1,20}+(?:out\s{1,20}+)?(?:(?:the|an?)\s{1,20}+)?([\w' -]{1,40}?)\s{1,20}+(?:in|from|of|on|with|for|to|into|by)\b", re.I),
    re.compile(r"(?:中的?|里的?|内的?|的)([\u4e00-\u9fff]{1,10}?)(?:替换|换成|更换|换为|删除|去掉|移除|去除|改成|改为|变成)"),
    re.compile(r"(?:替换|删除|去掉|移除|去除|更换)(?:掉)?[^，。]{0,12}?(?:中的?|里的?|的)([\u4e00-\u9fff]{1,10})"),
    re.compile(r"(?:의|속|에서|에 나오는)\s*([가-힣 ]{1,14}?)(?:을|를)\s"),
    re.compile(r"(?:の|内の|に映る)([\u4e00-\u9fff\u3040-\u30ffー]{1,14}?)を"),
)  # fmt: skip


Cues = dict[AssetKind, tuple[tuple[Role, re.Pattern[str]], ...]]
_TABLE = Path(__file__).parent / "roles.toml"
_SHAPE: TypeAdapter[dict[AssetKind, dict[Role, Words]]] = TypeAdapter(dict[AssetKind, dict[Role, Words]])


def read_cues(file: Path = _TABLE) -> Cues:
    """By kind of asset, each role with the words that give it.

    Raises:
        ValueError: a kind, role, language or expression in it is not known; with the file and the key.
    """
    return {
        kind: tuple((role, _pattern(f"{file.name}: [{kind}.{role}]", words)) for role, words in roles.items())
        for kind, roles in read_toml(file, _SHAPE).items()
    }


def _pattern(place: str, words: Words) -> re.Pattern[str]:
    others = (*words.zh, *words.ko, *words.ja)
    try:
        return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(words.en)})(?![A-Za-z])|{'|'.join(others)}", re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"{place}: no regular expression: {error}") from None


@cache
def _cues() -> Cues:
    return read_cues()


@dataclass(frozen=True)
class _Mention:
    """A place that names one or several assets, with the words around it that belong to it.

    Attributes:
        left, right: up to where another statement begins.
        around: all words of the sentence between its neighbours.
    """

    references: tuple[AssetReference, ...]
    left: str
    right: str
    around: str
    sentence: str

    @property
    def words(self) -> str:
        names = ", ".join(reference.words for reference in self.references)
        return " ".join(f"{self.left} {names} {self.right}".split())


def assign_roles(
    prompt: str,
    references: Sequence[AssetReference],
    assets: Sequence[Asset],
    shots: Sequence[ShotText],
    seconds: float,
) -> tuple[AssetUse, ...]:
    """What each of `assets` is for in a reference-to-video prompt, in their order.

    Args:
        shots: with the texts of the shots; an asset that is named in one only is used in that one only.
        seconds: length of the clip, s.
    """
    uses: list[AssetUse] = []
    for mention in _mentions(prompt, references):
        uses += _of_mention(mention, shots, seconds)
    known = {(asset.kind, asset.number) for asset in assets}
    uses = [use for use in uses if (use.kind, use.number) in known]
    uses = _settled(uses, prompt)
    taken = {(use.kind, use.number) for use in uses}
    left = [asset for asset in assets if (asset.kind, asset.number) not in taken]
    uses += [_with_its_edit(use, prompt) for use in directed_uses(left, uses, prompt, references, seconds)]
    order = {(asset.kind, asset.number): index for index, asset in enumerate(assets)}
    return tuple(sorted(uses, key=lambda use: order[use.kind, use.number]))


def _with_its_edit(use: AssetUse, prompt: str) -> AssetUse:
    """An edit that no word beside the asset asked for does what the prompt says."""
    if use.role != "edit":
        return use
    edit = edit_of(prompt)
    return replace(use, act=edit.act, colour=edit.colour, instead=edit.instead)


def frame_roles(assets: Sequence[Asset], seconds: float) -> tuple[AssetUse, ...]:
    """Image-to-video: the first image is the first frame, the second the last (MD-03)."""
    roles: tuple[Role, Role] = ("first_frame", "last_frame")  # MD-03
    return tuple(
        AssetUse("image", asset.number, role, 0.0, seconds, "the order of image_urls")
        for asset, role in zip(assets, roles, strict=False)
    )


_MOST_MENTIONS = 20  # of one asset that count
_FAR = 500  # letters: what is said further away says nothing of an asset


def _counted(references: Sequence[AssetReference]) -> list[AssetReference]:
    """The first mentions of each asset."""
    mentions: Counter[tuple[AssetKind, int]] = Counter()
    counted: list[AssetReference] = []
    for reference in references:
        mentions[reference.kind, reference.number] += 1
        if mentions[reference.kind, reference.number] <= _MOST_MENTIONS:
            counted.append(reference)
    return counted


def _mentions(prompt: str, references: Sequence[AssetReference]) -> list[_Mention]:
    groups: list[list[AssetReference]] = []
    for reference in _counted(references):
        last = groups[-1][-1] if groups else None
        if (
            last is not None and last.kind == reference.kind and _JOINED.fullmatch(prompt[last.end : reference.begin])
        ) or (last is not None and reference.begin < last.end):
            groups[-1].append(reference)
        else:
            groups.append([reference])
    sentence_ends = [mark.span() for mark in _SENTENCE.finditer(prompt)]
    begins, ends = [begin for begin, _ in sentence_ends], [end for _, end in sentence_ends]
    mentions: list[_Mention] = []
    for index, group in enumerate(groups):
        begin, end = group[0].begin, max(reference.end for reference in group)
        before = groups[index - 1][-1].end if index else 0
        after = groups[index + 1][0].begin if index + 1 < len(groups) else len(prompt)
        mark_before, mark_behind = bisect_right(ends, begin) - 1, bisect_left(begins, end)
        sentence_begin = max(ends[mark_before] if mark_before >= 0 else 0, begin - _FAR)
        sentence_end = min(begins[mark_behind] if mark_behind < len(sentence_ends) else len(prompt), end + _FAR)
        left = prompt[max(before, sentence_begin) : begin]
        right = prompt[end : min(after, sentence_end)]
        around = f"{left} {right}"
        left = left[max((m.end() for m in _SEPARATOR.finditer(left)), default=0) :]
        right = right[: next((m.start() for m in _SEPARATOR.finditer(right)), len(right))]
        mentions.append(_Mention(tuple(group), left, right, around, prompt[sentence_begin:sentence_end]))
    return mentions


def _of_mention(mention: _Mention, shots: Sequence[ShotText], seconds: float) -> list[AssetUse]:
    kind = mention.references[0].kind
    roles = _roles_of(kind, mention)
    if not roles:
        return []
    start, end = _range(mention, shots, seconds)
    target = _target(mention) if "edit" in roles else None
    edit = edit_of(mention.sentence, target) if "edit" in roles else None
    if edit is not None and edit.act not in ("remove", "replace", "recolour"):
        target = None
    if "subject" in roles or "product" in roles:
        target = _named_thing(kind, mention)
    backwards = "extend" in roles and _BACKWARDS.search(mention.sentence) is not None
    return [
        AssetUse(
            reference.kind,
            reference.number,
            role,
            start,
            end,
            mention.words,
            target,
            backwards,
            act=None if edit is None or role != "edit" else edit.act,
            colour=None if edit is None or role != "edit" else edit.colour,
            instead=None if edit is None or role != "edit" else edit.instead,
        )
        for reference in dict.fromkeys(mention.references)
        for role in roles  # MD-06
    ]


_FOOTAGE: tuple[Role, ...] = ("join", "extend", "edit")


def _roles_of(kind: AssetKind, mention: _Mention) -> list[Role]:
    scored = _scored(kind, mention.left, mention.right)
    own = mention.references[0].words
    if kind == "audio" and not scored and re.match(r"music|song|音乐|음악|音楽|歌", own, re.IGNORECASE):
        return ["music"]
    if not scored:  # nothing beside it: the rest of its sentence
        where = mention.sentence.find(own)
        if where < 0:
            return []
        rest_left, rest_right = mention.sentence[:where], mention.sentence[where + len(own) :]
        scored = _scored(kind, rest_left, rest_right)
        if kind == "image":  # far from it, words for people and things say nothing of this picture
            scored = [pair for pair in scored if pair[1] in ("first_frame", "last_frame", "style")]
    if not scored:
        return []
    roles: list[Role] = [scored[0][1]]
    if kind == "video":
        present = {role for _, role in scored}
        for strong in _FOOTAGE:  # what is done with the footage itself decides
            if strong in present:
                return [strong]
        if roles[0] in ("camera", "motion") and {"camera", "motion"} <= {
            r for _, r in _scored(kind, mention.around, "")
        }:
            roles = ["camera", "motion"]
    return roles


def _scored(kind: AssetKind, left: str, right: str) -> list[tuple[int, Role]]:
    """Roles with their distance to the asset, nearest first; a binding word brings its side nearer."""
    bound_left = _BOUND if _BINDS_LEFT.search(left) else 0
    bound_right = 2 * _BOUND if _OWNS.match(right) else _BOUND if _BINDS_RIGHT.match(right) else 0
    best: dict[Role, int] = {}
    for role, pattern in _cues()[kind]:
        if role == "motion":  # "camera movement" is no movement of anybody
            camera = next(p for r, p in _cues()[kind] if r == "camera")
            left, right = camera.sub("", left), camera.sub("", right)
        distances = [len(left) - match.end() - bound_left for match in pattern.finditer(left)]
        distances += [match.start() - bound_right for match in pattern.finditer(right)]
        if distances:
            # Frames are places, whatever the picture shows: "the castle of image 2 as the last frame".
            best[role] = min(distances) - (_BOUND if role in ("first_frame", "last_frame") else 0)
    if kind == "image":  # whatever else can be drawn is a subject: "the lighthouse of image 2"
        things = [len(left) - hit.end - bound_left for hit in lexicon().hits(left) if _is_thing(hit)]
        things += [hit.start - bound_right for hit in lexicon().hits(right) if _is_thing(hit)]
        if things:
            best["subject"] = min(best.get("subject", 10**6), *things)
        places = [hit.start - bound_right for hit in lexicon().hits(right) if _is_place(hit)]
        acts = [hit.start for hit in lexicon().hits(right) if hit.value(ACTION) is not None]
        owns = _OWNS.match(right) is not None
        if places and owns:
            best["setting"] = min(best.get("setting", 10**6), *places)
        # "image 1 walks through a forest" is who walks, not the forest
        if acts and not owns and min(acts) <= _DIRECTLY:
            best["subject"] = min(best.get("subject", 10**6), best.get("setting", 10**6) - 1)
    return sorted((distance, role) for role, distance in best.items())


def _is_thing(hit: Hit) -> bool:
    return hit.value(SUBJECT) is not None and hit.value(SETTING) is None


def _is_place(hit: Hit) -> bool:
    return hit.value(PLACE) is not None and hit.value(SUBJECT) is None


def _range(mention: _Mention, shots: Sequence[ShotText], seconds: float) -> tuple[float, float]:
    start, end = 0.0, seconds
    if len(shots) > 1:
        inside = [shot for shot in shots if any(r.words in shot.text for r in mention.references)]
        if len(inside) < len(shots) and inside:
            start, end = inside[0].start, inside[-1].end
    near = f"{mention.left} {mention.right}"
    for text in (near, mention.sentence):
        for what, pattern in _RANGES:
            match = pattern.search(text)
            if match is None:
                continue
            numbers = [float(group) for group in match.groups() if group is not None]
            if what == "whole":
                return 0.0, seconds
            if what == "first" and numbers[0] < seconds:
                return 0.0, numbers[0]
            if what == "last" and numbers[0] < seconds:
                return seconds - numbers[0], seconds
            if what == "span" and numbers[0] < min(numbers[1], seconds):
                return numbers[0], min(numbers[1], seconds)
            if what == "from" and numbers[0] < seconds:
                return numbers[0], seconds
        if len(find_references(mention.sentence)) > 1:
            break  # the sentence speaks of other assets too: its times may be theirs
    return start, end


def _target(mention: _Mention) -> str | None:
    for pattern in _TARGETS:
        if (match := pattern.search(mention.sentence)) is not None:
            words = match[1].strip()
            if words and not re.fullmatch(r"(?:it|this|that|video|clip|in)", words, re.IGNORECASE):
                return words
    return None


def _named_thing(kind: AssetKind, mention: _Mention) -> str | None:
    best: tuple[int, str] | None = None
    for role, pattern in _cues()[kind]:
        if role not in ("subject", "product"):
            continue
        for match in pattern.finditer(mention.left):
            best = min(best or (999, ""), (len(mention.left) - match.end(), match[0]))
        for match in pattern.finditer(mention.right):
            best = min(best or (999, ""), (match.start(), match[0]))
    return None if best is None else best[1]


def _settled(uses: list[AssetUse], prompt: str) -> list[AssetUse]:
    """One use for each asset and role; footage that is edited, extended or joined is nothing else."""
    merged: dict[tuple[AssetKind, int, Role], AssetUse] = {}
    for use in uses:
        merged.setdefault((use.kind, use.number, use.role), use)
    footage = {(u.kind, u.number): u.role for u in merged.values() if u.role in ("edit", "extend", "join")}
    kept: list[AssetUse] = []
    for (kind, number, role), use in merged.items():
        if (kind, number) in footage and footage[kind, number] != role:
            continue
        # An image has one place: the first that was said, frames before all else.
        others = {r for k, n, r in merged if (k, n) == (kind, number)}
        if kind == "image" and len(others) > 1:
            frames = others & {"first_frame", "last_frame"}
            leading = frames or {next(r for k, n, r in merged if (k, n) == (kind, number))}
            if role not in leading:
                continue
        kept.append(use)
    joined = [use for use in kept if use.role == "join"]
    if len(joined) == 1 and not any(u.role in ("edit", "extend") for u in kept):
        kept = [use for use in kept if use.role != "join"]  # nothing to join it with
    return kept
