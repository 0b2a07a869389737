"""The number that a player wears: "number 9", 7번 타자, 10号球员, 背番号10の選手."""

from __future__ import annotations

import re

from opendance.prompt.scenes import SENTENCE_ENDS, Scene

_BEFORE = re.compile(r"(?:(?<!\d)(\d{1,2})(?:번|号|號|番)|背番号(\d{1,2}))(?:の|的)?[ ]?$")
_BEHIND = re.compile(r"(?:,[ ]?(?:number|no\.|#)[ ]?(\d{1,2})[ ]?[,.]|背番号(\d{1,2})|등번호[ ]?(\d{1,2})번?)")
_LONGEST = 12  # letters of a number with its word
_FAR = 60  # letters behind a name where its number may stand


def note_numbers(text: str, scene: Scene) -> None:
    """Notes the numbers of those who play among their qualities."""
    players = [noun for noun in scene.nouns if noun.kind == "person" and noun.count == 1 and not noun.worn]
    for player, following in zip(players, [*players[1:], None], strict=False):
        begin = player.first if player.first >= 0 else player.begin
        found = _BEFORE.search(text, max(0, begin - _LONGEST), begin)
        if found is None:
            ends = SENTENCE_ENDS.search(text, player.end)
            last = min(
                player.end + _FAR,
                len(text) if ends is None else ends.end(),
                len(text) if following is None else following.begin,
            )
            found = _BEHIND.search(text, player.end, max(player.end, last))
        if found is not None:
            number = next(group for group in found.groups() if group is not None)
            player.qualities = (*player.qualities, f"number {int(number)}")
