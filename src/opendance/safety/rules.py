"""Rules of words: which groups of terms together are refused, read from TOML files that an operator can change."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from opendance.errors import ConfigurationError
from opendance.safety.policy import Finding, Policy
from opendance.safety.text import View, normalised, views
from opendance.validation import in_words

RULES_FOLDER = Path(__file__).parent / "rules"
_LEAST_LETTERS = 3  # of a word that is looked for in letters with spaces between them
_MASK = "\x00"  # stands for what is innocent


class _Rule(BaseModel):
    """Refused where every part has a term of one of its groups, close together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: Policy
    category: str
    all: tuple[tuple[str, ...], ...] = Field(min_length=1)
    within: int = Field(80, ge=1, description="Letters between the first and the last of them, at most.")
    unless: tuple[str, ...] = ()


class _Words(BaseModel):
    """A language's terms."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    innocent: tuple[str, ...] = ()
    terms: dict[str, tuple[str, ...]] = {}
    patterns: dict[str, tuple[str, ...]] = {}


@dataclass(frozen=True)
class _Hit:
    begin: int
    end: int

    def apart(self, other: _Hit) -> bool:
        """Whether both can count: side by side, or one truly inside the other."""
        if self.begin >= other.end or self.end <= other.begin:
            return True
        return (self.begin - other.begin) * (self.end - other.end) < 0


class Rules:
    """Compiled rules.

    Args:
        innocent: phrases whose words mean nothing bad.
        groups: terms by the name of their group.
        words: all single words of Latin letters.
    """

    def __init__(
        self,
        rules: tuple[_Rule, ...],
        innocent: re.Pattern[str],
        groups: dict[str, re.Pattern[str]],
        words: re.Pattern[str],
    ) -> None:
        self._rules, self._innocent, self._groups, self._words = rules, innocent, groups, words

    def check(self, prompt: str) -> list[Finding]:
        """What is found in a prompt, one finding for each policy and category.

        A word counts where it stands plainly or in a disguise, but not in a phrase that is innocent in every view.
        """
        findings: dict[tuple[Policy, str], Finding] = {}
        for view in views(prompt, self._words):
            masked = View(self._innocent.sub(lambda match: _MASK * len(match[0]), view.text), view.origin)
            hits: dict[str, list[_Hit]] = {}
            for rule in self._rules:
                key = (rule.policy, rule.category)
                if key in findings or any(self._hits(masked, group, hits) for group in rule.unless):
                    continue
                parts: list[list[_Hit]] = []
                for part in rule.all:
                    hit_here = [hit for group in part for hit in self._hits(masked, group, hits)]
                    parts.append(sorted(hit_here, key=lambda hit: hit.begin))
                    if not parts[-1]:  # the rest need not be looked for
                        break
                together = _together(parts, rule.within) if parts[-1] else None
                if together is not None:
                    words = tuple(dict.fromkeys(view.original(prompt, hit.begin, hit.end) for hit in together))
                    findings[key] = Finding(rule.policy, rule.category, words)
        return list(findings.values())

    def _hits(self, view: View, group: str, hits: dict[str, list[_Hit]]) -> list[_Hit]:
        if group not in hits:
            hits[group] = [_Hit(*match.span()) for match in self._groups[group].finditer(view.text)]
        return hits[group]


def _together(parts: list[list[_Hit]], within: int) -> list[_Hit] | None:
    """One hit of each part, all within that many letters of each other; different parts need different words, though
    one may stand inside another."""
    begins = [[hit.begin for hit in part] for part in parts]
    for first in parts[0]:
        chosen = [first]
        for part, places in zip(parts[1:], begins[1:], strict=True):
            from_here = bisect_left(places, first.end - within)
            up_to = bisect_right(places, first.begin + within)
            near = [
                hit
                for hit in part[from_here:up_to]
                if all(hit.apart(other) for other in chosen)
                and max(hit.end, *(o.end for o in chosen)) - min(hit.begin, *(o.begin for o in chosen)) <= within
            ]
            if not near:
                break
            chosen.append(min(near, key=lambda hit: abs(hit.begin - first.begin)))
        else:
            return sorted(chosen, key=lambda hit: hit.begin)
    return None


@cache
def load_rules(folder: Path = RULES_FOLDER) -> Rules:
    """The rules of a folder: `rules.toml`, and any number of files of words.

    Raises:
        ConfigurationError: what is wrong in which file.
    """
    rules: list[_Rule] = []
    innocent: list[str] = []
    terms: dict[str, list[str]] = {}
    words_alone: set[str] = set()
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ConfigurationError(f"safety_rules: there is no .toml file in {folder}")
    for file in files:
        try:
            read: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
            rules += [_Rule.model_validate(rule) for rule in read.pop("rule", [])]
            words = _Words.model_validate(read)
            innocent += map(_term, words.innocent)
            for group, texts in words.terms.items():
                terms.setdefault(group, []).extend(map(_term, texts))
                words_alone |= {word.rstrip("*") for word in texts if word.rstrip("*").isascii() and " " not in word}
            for group, patterns in words.patterns.items():
                terms.setdefault(group, []).extend(re.compile(pattern).pattern for pattern in patterns)
        except ValidationError as error:
            raise ConfigurationError(f"safety_rules: {file}: {in_words(error.errors())}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, re.error) as error:
            raise ConfigurationError(f"safety_rules: {file}: {error}") from None
    for rule in rules:
        unknown = {group for part in rule.all for group in part} | set(rule.unless)
        if unknown := unknown - set(terms):
            raise ConfigurationError(f"safety_rules: rule {rule.category}: no file has terms of {sorted(unknown)}")
    single = sorted((re.escape(word) for word in words_alone if len(word) >= _LEAST_LETTERS), key=len, reverse=True)
    alone = re.compile("|".join(single) or r"(?!)")
    return Rules(tuple(rules), _any(innocent), {group: _any(patterns) for group, patterns in terms.items()}, alone)


def check_prompt(prompt: str, folder: Path) -> list[Finding]:
    """What the rules of a folder find in a prompt; for a process of its own, which loads them once."""
    return load_rules(folder).check(prompt)


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    """The longest of them that fits; words of Latin letters share the look at their borders, which takes most time."""
    longest_first = sorted(patterns, key=len, reverse=True)
    latin = [pattern[len(_BEGIN) : -len(_END)] for pattern in longest_first if _is_latin(pattern)]
    others = [pattern for pattern in longest_first if not _is_latin(pattern)]
    if latin:
        others.insert(0, f"{_BEGIN}(?:{'|'.join(latin)}){_END}")
    return re.compile("|".join(others) or r"(?!)")


_BEGIN, _END = "(?<![a-z0-9])", "(?![a-z0-9])"


def _is_latin(pattern: str) -> bool:
    return pattern.startswith(_BEGIN) and pattern.endswith(_END)


def _term(words: str) -> str:
    """The pattern of a term: a whole word of Latin letters - `*` stands for any ending, ` … ` for up to three words -
    or a piece of a word of other letters, however it is spaced."""
    parts: list[str] = []
    for text in words.split(" … "):
        part = normalised(text).text.strip()
        pattern = re.escape(part).replace(r"\ ", r"[\s\-]*" if not part.isascii() else r"[\s\-]+")
        parts.append(pattern.replace(r"\*", r"\w*"))
    plain = words.replace("…", "")
    if not plain.isascii():
        return r".{0,12}?".join(parts)
    return _BEGIN + (_END + r"\W+(?:\w+\W+){0,3}?" + _BEGIN).join(parts) + _END
