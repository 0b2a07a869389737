"""What Korean and Japanese words say of the things behind them: 泥だらけの長靴, 破れたシャツ, 꽃무늬 원피스, 땀에 젖은 유니폼."""

from __future__ import annotations

import re

from opendance.prompt.explanations import Explanations
from opendance.prompt.scenes import Scene

_JAPANESE = re.compile(
    r"(?:[一-鿿ァ-ヺー]{1,6}(?:柄|模様|だらけ|まみれ|がかった)の?"
    r"|(?:穴の(?:開い|空い|あい)|着古し|使い込まれ|磨かれ|色(?:あせ|褪せ)|擦り切れ|すり切れ|ひび割れ|破れ|濡れ|汚れ|古び|錆び|さび|割れ|壊れ|くたびれ|焦げ|曲がっ|折れ|枯れ|凍っ|溶け|ほつれ|光っ|尖っ)た"
    r"|(?:ぼろぼろ|ボロボロ|よれよれ|ヨレヨレ|しわくちゃ|しわしわ|つぎはぎ|ふわふわ|ふかふか|つやつや|ぴかぴか|ピカピカ|きらきら|キラキラ|ずぶ濡れ|ぼろ|無地|透明|半透明)[のな]?"
    r"|[一-鿿]{1,2}[ぁ-ん]{0,2}い(?<!ない)(?<!たい)|[一-鿿]{1,3}[ぁ-ん]?な(?<!様な))$"
)
_KOREAN = re.compile(
    r"(?<![가-힣])(?:[가-힣]{1,3}(?:무늬|투성이)(?:의)?|체크|호피"
    r"|(?:[가-힣]{1,4}(?:에|이|가)?[ ])?(?:젖은|찢어진|해진|묻은|난|늘어진|바랜|뒤덮인|그을린)"
    r"|늘어난|낡은|구겨진|얼룩진|녹슨|부서진|깨진|반짝이는|오래된|주름진|빛바랜|작은|커다란|거대한|두꺼운|얇은|긴|짧은|둥근|헐렁한|낡고|투명한|날카로운|부드러운)[ ]$"
)
_FAR = 20  # letters
_MOST = 3  # of one thing


def note_said_before(text: str, scene: Scene, explanations: Explanations) -> None:
    """Notes of each noun of a scene, worn or not, what the words before it say of it."""
    for noun in scene.nouns:
        for each in (noun, *noun.wears):
            if each.qualities or not each.words:
                continue
            for begin, end in _said_before(text, each.begin):
                each.qualities = (text[begin:end], *each.qualities)
                explanations.reason("quality", f"{each.name}: {text[begin:end]}", begin, end)


def _said_before(text: str, begin: int) -> list[tuple[int, int]]:
    """Where stands what is said of a noun that begins there, the nearest first."""
    out: list[tuple[int, int]] = []
    while len(out) < _MOST:
        first = max(0, begin - _FAR)
        found = _JAPANESE.search(text[first:begin]) or _KOREAN.search(text[first:begin])
        if found is None:
            break
        begin = first + found.start()
        out.append(
            (begin, begin + len(found[0].rstrip(" のな")) if not found[0].endswith("な") else first + found.end())
        )
    return out
