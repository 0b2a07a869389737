"""Chinese words that say where something is and how nouns stand to each other."""

from __future__ import annotations

from opendance.plan import Relation
from opendance.prompt.nouns import Noun

RELATIONS: dict[str, Relation] = {
    "上": "on", "上面": "on", "之上": "on", "顶上": "on", "身上": "on", "背上": "on", "肩上": "on", "肩头": "on", "头上": "on", "腿上": "on", "脸上": "on", "地上": "on",
    "桌上": "on", "床上": "on", "上方": "over", "上空": "over", "头顶": "over", "里": "inside", "里面": "inside", "内": "inside", "中": "in", "中间": "in", "中央": "in",
    "之中": "in", "深处": "in", "怀里": "in", "怀中": "in", "手里": "in", "手中": "in", "手上": "in", "下": "under", "下面": "under", "下方": "under", "之下": "under",
    "底下": "under", "脚下": "under", "旁": "beside", "旁边": "beside", "边": "beside", "边上": "beside", "身边": "beside", "身旁": "beside", "一旁": "beside",
    "左边": "beside", "右边": "beside", "左侧": "beside", "右侧": "beside", "两旁": "beside", "两侧": "beside", "周围": "beside", "四周": "beside", "脚边": "beside", "外": "beside", "外面": "beside", "前": "in_front_of", "前面": "in_front_of", "前方": "in_front_of",
    "面前": "in_front_of", "身前": "in_front_of", "之前": "in_front_of", "桌前": "in_front_of", "后": "behind", "后面": "behind", "后方": "behind", "背后": "behind",
    "边缘": "on", "间": "between", "地面上": "on", "岸边": "beside", "路边": "beside", "眼里": "in", "眼中": "in", "背景": "behind", "背景里": "behind", "背景中": "behind", "远处": "behind", "远方": "behind", "远景": "behind", "天边": "behind", "门口": "in_front_of", "窗边": "beside", "窗前": "in_front_of",
    "前景": "in_front_of", "近处": "in_front_of", "窗外": "behind", "门外": "behind", "头顶上": "over", "头顶上方": "over", "身后": "behind", "之后": "behind", "之间": "between", "对面": "facing",
}  # fmt: skip
# In a clause that begins with where, these say only that something is there.
THERE = frozenset((
    "有", "是", "系着", "拴着", "绑着", "沾着", "刻着", "画着", "印着", "缠着", "盖着", "蹲着", "卧着", "盘着", "伏着", "晒着", "堆放着", "贴着", "栖着", "歇着", "落着", "燃着", "盛着", "装着", "晾着", "跪着", "睡着", "浮着", "爬着", "绕着", "围坐着", "浮现着", "传来", "爬满", "放着", "摆着", "站着", "坐着", "躺着", "停着", "挂着", "立着", "飘着", "跟着", "堆着", "铺着", "插着", "趴着", "排着", "围着", "写着", "走着", "开着", "长着", "漂着", "亮着",
    "摆放着", "悬挂着", "停", "挂", "排", "站", "坐", "躺", "放", "摆", "立", "种着", "飞出", "走出", "跑出", "跳出", "钻出", "冒出", "升起", "飘来", "传来", "走来", "飞过", "走过", "驶过", "出现",
    "映出", "露出", "浮现", "飞", "飘", "流", "漂浮", "悬浮", "飞来", "掠过", "闪过", "爬出", "涌出", "铺", "堆", "跟", "挤满", "坐满", "站满", "落满", "插", "围", "堆满", "摆满", "挂满", "长满", "铺满", "飞舞",
))  # fmt: skip
_PLACED = frozenset(form[:-1] for form in THERE if form.endswith("着"))


def is_there(form: str, behind: str) -> bool:
    """Whether a verb, with the letter behind it, only says of what follows that it is there: 蹲着, 走出."""
    return form in THERE or (form.rstrip("着") in _PLACED and (form.endswith("着") or behind == "着"))


IN_HAND = frozenset(
    ("手里", "手中", "手上", "怀里", "怀中", "肩上", "肩头", "背上", "身上", "头上", "脚上", "腰间", "嘴里")
)
OF_THINGS = frozenset(("里面", "上面", "下面", "内", "底下", "里"))
WITH = frozenset(("跟", "与", "和", "同", "及", "以及"))
TOWARDS = frozenset(("向", "往", "朝", "对", "对着", "朝着", "向着", "冲", "冲着"))
FROM_WHERE = frozenset(
    (
        "在",
        "从",
        "到",
        "沿",
        "沿着",
        "顺着",
        "于",
        "自",
        "由",
        "进",
        "进入",
        "入",
        "透过",
        "隔着",
        "围着",
        "绕着",
        "上",
        "穿过",
        "逆着",
    )
)
PIVOTS = frozenset(("look", "watch", "help", "let"))
# How a preposition alone places what a verb tells of; what comes from near a thing does not come out of it.
BY_PREPOSITION: dict[str, Relation] = {
    "在": "on", "到": "on", "沿": "on", "沿着": "on", "顺着": "on", "上": "on", "于": "in", "进": "in", "进入": "in", "入": "in", "围着": "beside",
    "绕着": "beside", "隔着": "beside", "透过": "beside",
}  # fmt: skip
NEAR = frozenset(
    (
        "上空",
        "旁边",
        "旁",
        "上方",
        "前",
        "后",
        "身边",
        "之间",
        "间",
        "中间",
        "下",
        "底下",
        "下面",
        "下方",
        "身后",
        "背后",
        "后面",
        "前面",
        "面前",
        "对面",
    )
)
_WAYS = frozenset(("bridge", "steps", "stairs", "staircase", "ladder", "road", "roof", "wall"))
_TRODDEN = frozenset(("踩", "踏"))


def relation_by(form: str, noun: Noun) -> Relation | None:
    """What the letters of a verb say of where its object is: 冲出, 踩着, 驶过."""
    if form.endswith(("出", "出来")):
        return "coming_out_of" if noun.kind in ("building", "thing", "nature", "vehicle", "boat", "furniture") else None
    if form.endswith(("进", "入")):
        return "inside"
    if form[:1] in _TRODDEN or form.endswith("上") or noun.name.split()[-1] in _WAYS:
        return "on"
    return None
