"""Korean and Japanese sentences: clauses, verbs without an entry, people that only their ending names."""

from __future__ import annotations

import pytest

from opendance.plan import Shot, Subject
from opendance.prompt import plan_prompt
from opendance.prompt.conjugation import japanese_forms, korean_forms
from opendance.prompt.exclusions import find_exclusions


def shots_of(prompt: str) -> tuple[Shot, ...]:
    return plan_prompt(prompt, seconds=10, aspect_ratio="16:9").shots


def who(shot: Shot, words: str) -> Subject:
    return next(subject for subject in shot.subjects if words in subject.words)


def deeds(shot: Shot, words: str) -> list[tuple[str, str | None]]:
    """What somebody does in a shot, each with the words of what it is done to."""
    return [
        (deed.verb, None if deed.object is None else shot.subjects[deed.object].words)
        for deed in who(shot, words).deeds
    ]


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("굽다", "구워"), ("걷다", "걸어"), ("짓다", "지어"), ("오르다", "올라"), ("따르다", "따라"), ("쓰다", "써"), ("만들다", "만드는"),
        ("돕다", "도와"), ("용접하다", "용접해"), ("던지다", "던져"), ("보다", "본다"),
    ],
)  # fmt: skip
def test_a_korean_verb_is_known_in_its_forms(word: str, form: str) -> None:
    assert form in korean_forms(word)


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("切る", "切っ"),
        ("食べる", "食べ"),
        ("走る", "走り"),
        ("泳ぐ", "泳い"),
        ("見る", "見て"),
        ("行く", "行っ"),
        ("料理する", "料理をし"),
    ],
)
def test_a_japanese_verb_is_known_in_its_forms(word: str, form: str) -> None:
    assert form in japanese_forms(word)


@pytest.mark.parametrize("noun", ["산 ", "잔 ", "판 ", "손 "])
def test_a_form_that_is_a_common_noun_is_no_verb(noun: str) -> None:
    assert noun not in [form for word in ("사다", "자다", "파다", "솔다") for form in korean_forms(word)]


def test_all_deeds_of_one_subject_are_told_in_order() -> None:
    shot = shots_of("요리사가 양파를 썰고 국을 끓인다")[0]
    assert deeds(shot, "요리사") == [("cut", "양파"), ("cook", "국")]
    shot = shots_of("おばあさんが布団を干し、庭を掃き、縁側に座る")[0]
    assert [verb for verb, _ in deeds(shot, "おばあさん")] == ["dry", "sweep", "sit"]


def test_a_clause_belongs_to_the_noun_behind_it() -> None:
    shot = shots_of("소년이 모자를 쓴 허수아비에게 손을 흔든다")[0]
    assert who(shot, "허수아비").wears == ("hat",)
    assert who(shot, "소년").wears == ()
    assert ("wave", None) in [(verb, None) for verb, _ in deeds(shot, "소년")]
    shot = shots_of("傘を持った少女が猫を撫でる")[0]
    assert deeds(shot, "少女") == [("hold", "傘"), ("pet", "猫")]


def test_who_stands_right_before_a_verb_that_tells_of_a_thing_does_it() -> None:
    shot = shots_of("父が作った椅子に犬が座る")[0]
    assert deeds(shot, "父") == [("build", "椅子")]
    assert who(shot, "犬").verb == "sit"


def test_a_verb_without_an_entry_is_kept_in_its_own_words() -> None:
    shot = shots_of("목수가 문틀을 사포질한다")[0]
    assert deeds(shot, "목수") == [("사포질하다", "문틀")]
    shot = shots_of("大工が柱を採寸する")[0]
    assert deeds(shot, "大工") == [("採寸する", "柱")]


@pytest.mark.parametrize(
    ("prompt", "words"),
    [("양봉가가 꿀을 모은다", "양봉가"), ("杜氏たちが米を洗う", "杜氏"), ("鷹匠が鷹を放つ", "鷹匠")],
)
def test_somebody_whom_only_an_ending_names_is_a_person(prompt: str, words: str) -> None:
    assert who(shots_of(prompt)[0], words).deeds


def test_of_what_is_not_known_the_last_part_tells_what_it_is() -> None:
    assert who(shots_of("川鵜鳥が魚を捕まえる")[0], "川鵜鳥").drawing == "🐦"


def test_who_is_chased_is_chased_by_whom_the_words_say() -> None:
    shot = shots_of("犬に追われる猫が塀を越える")[0]
    assert ("chase", "猫") in deeds(shot, "犬")
    assert ("climb", "塀") in deeds(shot, "猫")


def test_a_later_shot_tells_more_of_who_was_seen() -> None:
    first, second = shots_of("샷 1: 탐험가가 동굴에 들어간다. 샷 2: 그는 횃불을 든다.")
    assert who(first, "탐험가").role == who(second, "탐험가").role
    assert ("hold", "횃불") in deeds(second, "탐험가")


def test_what_a_label_says_belongs_to_the_person() -> None:
    subject = who(shots_of("주인공: 젊은 어부. 의상: 노란 우비. 동작: 그물을 던진다.")[0], "어부")
    assert (subject.wears, subject.colours_worn, subject.verb) == (("raincoat",), ("yellow",), "toss")


def test_what_one_is_dressed_in_is_worn() -> None:
    assert who(shots_of("着物姿の女性が橋を渡る")[0], "女性").wears == ("kimono",)
    assert who(shots_of("정장 차림의 남자가 뛴다")[0], "남자").wears == ("suit",)


def test_a_family_or_a_herd_is_several() -> None:
    assert who(shots_of("펭귄 가족이 걷는다")[0], "펭귄").count > 2
    assert who(shots_of("イルカの群れが泳ぐ")[0], "イルカ").count > 2


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        ("거리를 걷는다. 자막, 로고, 사람 없이", "자막, 로고, 사람 없이"), ("春の庭。文字、ロゴ、人物なし", "文字、ロゴ、人物なし"), ("웃지 말고 걷는 소녀", "웃지 말고"),
        ("花は揺れない、人は映さない", "人は映さない"),
    ],
)  # fmt: skip
def test_lists_and_deeds_that_are_not_wanted_are_found_whole(text: str, unwanted: str) -> None:
    assert unwanted in [text[begin:end] for begin, end in find_exclusions(text, []).spans]


def test_a_drawn_sword_is_not_left_out() -> None:
    assert find_exclusions("侍が刀を抜き、構える", []).spans == ()


def test_several_clothes_are_worn_by_whom_they_are_said_of() -> None:
    (farmer,) = shots_of("줄무늬 셔츠에 밀짚모자를 쓴 농부가 웃는다")[0].subjects
    assert set(farmer.wears) == {"shirt", "hat"}
    assert who(shots_of("조끼를 입은 도로 작업자가 삽을 든다")[0], "작업자").wears == ("vest",)
    assert who(shots_of("졸린 점원, 남색 조끼, 어두운 가게")[0], "점원").colours_worn == ("blue",)


def test_a_number_without_a_measure_word_counts() -> None:
    assert who(shots_of("두 할머니가 벤치에 앉아 있다")[0], "할머니").count == 2
    assert who(shots_of("고등학생 셋이 춤춘다")[0], "고등학생").count == 3
    assert who(shots_of("作業員2人が鉄骨を運ぶ")[0], "作業員").count == 2


def test_words_for_where_are_no_things() -> None:
    for prompt in (
        "고래가 마을 위를 헤엄친다",
        "ウミガメが目の前を横切る",
        "그 옆에서 개가 하품한다",
        "カモメが頭上を飛ぶ",
    ):
        assert all(subject.drawing is not None for subject in shots_of(prompt)[0].subjects), prompt


def test_what_stands_behind_is_behind_whom_was_spoken_of() -> None:
    shot = shots_of("기사가 칼을 뽑는다. 뒤로 성이 불탄다")[0]
    assert [(kind, shot.subjects[i].words) for kind, i in who(shot, "성").relations] == [("behind", "기사")]
    shot = shots_of("王子が立っている。背景に古い城")[0]
    assert [(kind, shot.subjects[i].words) for kind, i in who(shot, "城").relations] == [("behind", "王子")]


def test_materials_and_dust_that_do_something_are_things() -> None:
    assert who(shots_of("얼음이 떨어진다")[0], "얼음").verb == "fall"
    assert who(shots_of("먼지가 햇빛 속에 떠다닌다")[0], "먼지").verb == "float"


def test_what_the_camera_does_nobody_else_does() -> None:
    shot = shots_of("발레리나가 리본을 묶는다. 카메라가 천천히 얼굴까지 올라간다")[0]
    assert [deed.verb for deed in who(shot, "발레리나").deeds] == ["tie"]


def test_an_animal_of_a_trade_is_one() -> None:
    (smith,) = shots_of("竜の鍛冶屋が笑う")[0].subjects
    assert (smith.name, smith.role) == ("dragon", "blacksmith")


def test_a_colour_within_a_word_colours_nothing() -> None:
    assert who(shots_of("青年が走る")[0], "青年").colour is None
    assert who(shots_of("赤ん坊が笑う")[0], "赤ん坊").colour is None


@pytest.mark.parametrize(
    ("prompt", "excluded"),
    [
        ("관중 소리 없이, 로고와 자막 제외", {"crowd noise", "logo", "subtitles"}),
        ("번호판 없이 달리는 자동차", {"license plate"}),
        ("슬로모션은 쓰지 말 것", {"slow motion"}),
        ("人の声もなし、ロゴなし", {"voices", "logo"}),
        ("ネガティブ：ぼやけ、ロゴ。ポジティブ：銀髪のエルフ", {"blur", "logo"}),
    ],
)
def test_what_is_not_wanted_is_named(prompt: str, excluded: set[str]) -> None:
    assert set(plan_prompt(prompt, seconds=5, aspect_ratio="16:9").excluded) == excluded


@pytest.mark.parametrize(
    ("prompt", "move"),
    [
        ("등대를 찍는다. 카메라가 뒤로 물러나며 끝난다", "pull_out"),
        ("호수 위의 배, 롱샷, 고정.", "static"),
        ("거실 인테리어, 돌리 인, 24mm", "push_in"),
        ("灯台、波、固定。", "static"),
        ("花瓶の横へ、トラックイン、静か", "push_in"),
        ("職人が鋼を打つ。ゆっくり右へドリー。", "truck_right"),
        ("棚田。ドローンがゆっくり上昇する。", "pedestal_up"),
    ],
)
def test_what_the_camera_does_is_told_without_its_name_or_behind_it(prompt: str, move: str) -> None:
    assert shots_of(prompt)[0].camera.move == move


def test_what_is_not_so_is_left_out() -> None:
    plan = plan_prompt("田んぼで、セミじゃなくてカエルの声、モノクロではなくカラーで", seconds=4, aspect_ratio="16:9")
    assert "cicada" not in [subject.name for subject in plan.shots[0].subjects]
    assert "black_and_white" not in plan.styles


@pytest.mark.parametrize("prompt", ["窓際の椅子、無人", "廃墟の廊下。人影は絶対に出さないこと。"])
def test_that_nobody_shall_be_seen_is_understood(prompt: str) -> None:
    plan = plan_prompt(prompt, seconds=4, aspect_ratio="16:9")
    assert "people" in plan.excluded
    assert not [subject for subject in plan.shots[0].subjects if subject.role or subject.gender]


def test_what_is_on_a_thing_by_its_own_phrase_is_there_itself() -> None:
    shot = shots_of("女性が机の上の本を読む")[0]
    assert [(relation, shot.subjects[other].name) for relation, other in who(shot, "本").relations] == [("on", "table")]


def test_a_place_that_one_is_in_front_of_is_a_street() -> None:
    assert shots_of("편의점 앞에서 고양이가 잔다")[0].setting == "street"


def test_a_noun_without_a_particle_before_its_verb_is_what_it_is_done_to() -> None:
    shot = shots_of("컵라면 먹는 너구리")[0]
    assert [deed.object for deed in who(shot, "너구리").deeds] == [shot.subjects.index(who(shot, "컵라면"))]


def test_a_noun_without_an_entry_has_the_colour_before_it() -> None:
    assert who(shots_of("주황색 쀼쀼가 바다에 떠 있다")[0], "쀼쀼").colour == "orange"


def test_a_pronoun_that_means_nobody_named_is_somebody() -> None:
    subject = shots_of("運転席の彼女が笑う")[0].subjects[0]
    assert (subject.name, subject.gender) == ("woman", "female")


@pytest.mark.parametrize(
    ("prompt", "words", "colour"),
    [("太鼓の奏者、法被は藍色、汗が飛ぶ", "奏者", "blue"), ("소파는 초록색, 고양이가 잔다", "소파", "green")],
)
def test_a_thing_that_is_said_to_be_of_a_colour_has_it(prompt: str, words: str, colour: str) -> None:
    subject = who(shots_of(prompt)[0], words)
    assert colour in (subject.colour, *subject.colours_worn)


def test_what_one_puts_on_needs_no_particle() -> None:
    assert who(shots_of("柴犬がサーフィンしてる、サングラスかけて")[0], "柴犬").wears


@pytest.mark.parametrize(
    ("prompt", "words", "age"),
    [("칠십대 할머니가 걷는다", "할머니", "elderly"), ("六歳の女の子が走る", "女の子", "child")],
)
def test_an_age_in_words_is_understood(prompt: str, words: str, age: str) -> None:
    assert who(shots_of(prompt)[0], words).age == age


def test_who_is_dressed_in_something_does_what_is_told_before_it() -> None:
    shot = shots_of("가야금을 뜯는 한복 차림의 여인")[0]
    assert deeds(shot, "여인")
    assert who(shot, "여인").wears == ("hanbok",)


def test_the_head_of_a_korean_compound_is_what_it_is() -> None:
    assert who(shots_of("소방헬기가 난다")[0], "헬기").drawing is not None


def test_a_pan_before_a_list_of_what_is_not_wanted_is_none_of_it() -> None:
    plan = plan_prompt("研究者の横顔、ゆっくりパン、文字なし", seconds=4, aspect_ratio="16:9")
    assert (plan.excluded, plan.shots[0].camera.move) == (("text",), "pan_right")


@pytest.mark.parametrize(
    ("prompt", "words", "wears", "colours"),
    [
        ("郵便配達員の男、紺の制服、手紙を配る", "男", {"uniform"}, {"blue"}), ("緑のニット帽に茶色の手袋の登山家が山を登る", "登山家", {"beanie", "gloves"}, {"green", "brown"}),
        ("선수, 파란 유니폼, 축구공을 찬다", "선수", {"uniform"}, {"blue"}), ("占い師は黒い羽織をまとい、杖をつく", "占い師", {"kimono"}, {"black"}),
    ],
)  # fmt: skip
def test_a_garment_is_worn_and_does_nothing_itself(prompt: str, words: str, wears: set[str], colours: set[str]) -> None:
    shot = shots_of(prompt)[0]
    subject = who(shot, words)
    assert (set(subject.wears), {each for each in subject.colours_worn if each}) == (wears, colours)
    assert not [each for each in shot.subjects if each is not subject and each.deeds]


@pytest.mark.parametrize(
    ("prompt", "quality"),
    [
        ("泥だらけの長靴を履いた農夫が歩く", "rubber boots: 泥だらけ"), ("破れたジーンズの少女が笑う", "jeans: 破れた"), ("꽃무늬 원피스 입은 할머니가 걷는다", "dress: 꽃무늬"),
        ("땀에 젖은 회색 티셔츠, 배달원이 뛴다", "shirt: 땀에 젖은"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_garment_is_told_and_is_no_thing(prompt: str, quality: str) -> None:
    plan = plan_prompt(prompt, seconds=5, aspect_ratio="16:9")
    assert quality in [reason.value for reason in plan.reasons if reason.kind == "quality"]
    (subject,) = plan.shots[0].subjects
    assert "tear" not in [deed.verb for deed in subject.deeds]


@pytest.mark.parametrize(
    ("prompt", "words", "age"),
    [
        ("七十歳の杜氏が米を洗う", "杜氏", "elderly"), ("花火師（68）、法被、空を見上げる", "花火師", "elderly"), ("일흔두 살 목수가 나무를 깎는다", "목수", "elderly"),
        ("열 살 화가가 웃는다", "화가", "child"), ("밀짚모자 쓴 65세 통장님이 걷는다", "통장님", "elderly"),
    ],
)  # fmt: skip
def test_an_age_in_words_or_in_brackets_is_of_who_is_named(prompt: str, words: str, age: str) -> None:
    subject = who(shots_of(prompt)[0], words)
    assert (subject.age, subject.count) == (age, 1)


def test_somebody_of_whom_only_the_name_and_the_age_are_told_is_a_person() -> None:
    shot = shots_of("지혜(24, 하얀 원피스)와 도윤(8, 노란 티셔츠)이 해변을 걷는다")[0]
    assert [(each.words, each.age, each.wears, each.verb) for each in shot.subjects] == [
        ("지혜", "adult", ("dress",), "walk"),
        ("도윤", "child", ("shirt",), "walk"),
    ]


@pytest.mark.parametrize(
    ("prompt", "words", "count"),
    [
        ("兵士たち四人が川を渡る", "兵士", 4), ("娘二人が橋を渡る", "娘", 2), ("七人の野武士が丘を登る", "武士", 7), ("風船が十個ほど空に浮かぶ", "風船", 10),
        ("갈매기 수십 마리가 앉아 있다", "갈매기", 12), ("토끼가 당근 네 개를 먹는다", "당근", 4),
    ],
)  # fmt: skip
def test_numbers_are_counted_behind_a_plural_a_prefix_or_about(prompt: str, words: str, count: int) -> None:
    shot = shots_of(prompt)[0]
    assert who(shot, words).count == count
    assert all(each.words != "개" for each in shot.subjects)


@pytest.mark.parametrize(
    ("prompt", "excluded"),
    [
        ("槍で戦う武士たち。血は描かない。看板は見せないで。", {"blood", "signs"}), ("屋台の夜、煙は控えて、通行人、ロゴは避ける。", {"smoke", "people", "logo"}),
        ("공원에서 춤추는 소녀, 로고와 자막은 빼줘.", {"logo", "subtitles"}), ("산책하는 개, 이모티콘은 빼 주세요", {"stickers"}),
    ],
)  # fmt: skip
def test_what_is_to_be_kept_out_by_a_negated_verb_is_not_there(prompt: str, excluded: set[str]) -> None:
    plan = plan_prompt(prompt, seconds=5, aspect_ratio="16:9")
    assert set(plan.excluded) == excluded
    assert not excluded & {subject.name for subject in plan.shots[0].subjects}


def test_a_word_of_two_meanings_has_the_one_that_its_particle_tells() -> None:
    assert [each.words for each in shots_of("소년이 실패하고 소녀가 박수를 친다")[0].subjects] == ["소년", "소녀"]
    assert [each.words for each in shots_of("走者が必死に坂を登る")[0].subjects if each.words == "必死"] == []
    assert [each.words for each in shots_of("할머니가 편지를 보내다가 운다")[0].subjects] == ["할머니", "편지"]
    panned = shots_of("電車を流し撮り、夕方")[0]
    assert (panned.camera.move, [each.words for each in panned.subjects]) == ("pan_right", ["電車"])


def test_shots_that_are_numbered_within_a_line_are_several() -> None:
    shots = shots_of("커피 광고 12초. 1) 아침 부엌, 여자가 원두를 간다. 2) 물을 붓는다, 클로즈업. 3) 창가에서 마신다.")
    assert [shot.size for shot in shots] == ["medium", "close_up", "medium"]
    assert len(shots_of("책상 위에 1) 연필, 2) 지우개")) == 1


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("파리 거리에서 노부인이 바이올린을 켠다", ["노부인", "바이올린"]), ("파리가 접시 위에 앉는다", ["파리", "접시"]),
        ("沖縄の海辺で老人が三線を弾く", ["老人", "三線"]),
    ],
)  # fmt: skip
def test_the_name_of_a_town_has_no_thing_in_it(prompt: str, words: list[str]) -> None:
    assert [subject.words for subject in shots_of(prompt)[0].subjects] == words


def test_in_the_manner_of_somebody_no_wind_blows() -> None:
    assert shots_of("小津風の食卓、父が茶を飲む")[0].weather == "clear"
    assert shots_of("風が強い丘に少女が立つ")[0].weather == "wind"


def test_the_members_of_a_club_are_counted() -> None:
    assert who(shots_of("柔道部員が三人、肩を組んで歌う")[0], "柔道部員").count == 3


@pytest.mark.parametrize(
    ("prompt", "material"), [("革手袋をつけた騎手が笑う", "leather"), ("고무장화를 신은 어부가 웃는다", "rubber")]
)
def test_what_a_garment_is_made_of_is_told_by_how_its_name_begins(prompt: str, material: str) -> None:
    assert shots_of(prompt)[0].subjects[0].materials_worn == (material,)
