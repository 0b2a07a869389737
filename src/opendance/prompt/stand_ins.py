"""What a word that no entry has may be, by how it ends: a person, an animal, something to wear."""

from __future__ import annotations

from opendance.prompt.emoji_names import Kind
from opendance.prompt.lexicon import Lexicon
from opendance.prompt.word_tables import Drawing

# Endings that name people, whatever stands before them; and those that do so where somebody acts.
_PEOPLE = (
    "선수", "직원", "요원", "대원", "단원", "기사", "장수", "아저씨", "아주머니", "아줌마", "장이", "쟁이", "학생", "선생", "사범", "관중", "소년", "소녀",
    "職人", "選手", "屋さん", "さん", "くん", "ちゃん", "係", "隊員", "店員", "奏者", "使い", "名人", "マン", "ウーマン", "リスト", "ニスト", "ライダー", "プレイヤー",
)  # fmt: skip
ACTING_PEOPLE = (
    "사", "원", "꾼", "수", "관", "자", "인", "가", "공", "생", "군", "스트", "호스트", "스타", "디", "맨", "병", "님", "족",
    "者", "員", "師", "士", "家", "手", "屋", "人", "生", "長", "官", "婦", "兵", "番", "主", "嬢", "工", "様", "客", "子", "役", "民", "徒", "スト", "ナー", "ター", "者", "隊", "団",
)  # fmt: skip
_ENDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("clothing", ("복", "옷", "바지", "치마", "셔츠", "재킷", "코트", "조끼", "服", "着", "衣", "パンツ", "シャツ", "コート", "ジャケット")),
    ("headgear", ("모자", "헬멧", "안경", "帽", "帽子", "ヘルメット", "メガネ", "眼鏡", "頭巾")),
    ("bird", ("새", "鳥")),
    ("animal", ("고양이", "강아지", "犬", "猫", "馬", "牛", "獣")),
    ("fish", ("물고기", "魚", "鮫")),
    ("vehicle", ("차", "車", "트럭", "トラック", "バス", "버스", "열차", "列車")),
    ("boat", ("선박", "船", "舟", "艇")),
    ("food", ("탕", "찌개", "국수", "빵", "떡", "볶음", "구이", "전골", "무침", "焼き", "煮", "鍋", "丼", "飯", "麺", "汁", "餅", "パン", "揚げ", "寿司", "カレー")),
    ("drink", ("주스", "커피", "라떼", "酒", "茶", "ジュース", "コーヒー", "ラテ")),
    ("instrument", ("피리", "북", "笛", "琴", "ギター")),
    ("building", ("빌딩", "탑", "塔", "楼", "館", "ビル")),
    ("plant", ("나무", "꽃", "잎", "풀", "花", "草", "葉", "樹")),
    ("furniture", ("의자", "책상", "棚", "台", "椅子", "机")),
    ("weapon", ("검", "칼", "剣", "刀", "槍", "銃")),
    ("machine", ("기계", "機", "器", "マシン", "メーカー")),
)  # fmt: skip
_SHOWN: dict[str, str] = {
    "clothing": "👕", "headgear": "👒", "bird": "🐦", "animal": "🐾", "fish": "🐟", "vehicle": "🚗", "boat": "⛵", "food": "🍲",
    "drink": "🥤", "instrument": "🎻", "building": "🏠", "plant": "🌱", "furniture": "🪑", "weapon": "🗡️", "machine": "⚙️",
}  # fmt: skip


def drawing_of_unknown(lexicon: Lexicon, word: str, *, acts: bool) -> Drawing | None:
    """What a Korean or Japanese word may be; None where its end tells nothing.

    Args:
        acts: it does something in its sentence.
    """
    if len(word) > 1 and (word.endswith(_PEOPLE) or (acts and word.endswith(ACTING_PEOPLE))):
        return Drawing("🧑", word, "person", role=word)
    for length in (4, 3, 2, 1):  # the head comes last: 水鳥 is a bird
        head = word[-length:]
        if length < len(word) and (key := lexicon.named(head)) is not None and (length > 1 or "一" <= head <= "鿿"):
            drawing = lexicon.drawings[key]
            return drawing if drawing.kind != "person" or length > 1 else None
    for kind, ends in _ENDS:
        if len(word) > 1 and word.endswith(ends):
            return Drawing(_SHOWN[kind], word, kind, drawn=False)
    return None
