import re
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.catalogue import Catalogue, parse
from insights.db.catalogue import shipped
from insights.errors import BadInput
from insights.lift_names import words
from insights.lifts import CATEGORIES, MOVEMENTS, MUSCLES, Lift

CATALOGUE = shipped()
LIFTS = tuple(CATALOGUE.lifts.values())
MODIFIERS = (
    "incline", "decline", "assisted", "weighted", "single arm", "one leg", "close grip", "wide grip", "reverse grip",
    "underhand", "paused", "deficit", "half", "negative", "overhead", "behind the neck", "band", "cable",
    "smith machine", "kettlebell", "front", "side", "lying", "kneeling", "no", "without", "bottom half", "ladder", "2",
)  # fmt: skip


def titles(lift: Lift) -> tuple[str, ...]:
    return (lift.name, *lift.aliases)


def is_spelling(title: str, own: Lift) -> bool:
    return any(key <= words(title) <= key | own.spare_words for key in map(words, titles(own)))


def name_of(title: str) -> str | None:
    match = CATALOGUE.match(title)
    return match.lift.name if match else None


def lift(**changes: object) -> Lift:
    base = {
        "slug": "row",
        "name": "Row",
        "category": "Back",
        "movements": ["horizontal_pull"],
        "equipment": ["barbell"],
    }
    return Lift.model_validate({**base, "mechanics": "compound", "primary": {"lats": 80}, **changes})


def test_it_holds_the_common_lifts() -> None:
    assert len(LIFTS) >= 200
    assert {movement for lift in LIFTS for movement in lift.movements} == set(MOVEMENTS)
    assert {muscle for lift in LIFTS for muscle in (*lift.primary, *lift.secondary, *lift.stabilizers)} == set(MUSCLES)


def test_every_spelling_finds_its_own_lift() -> None:
    for own in LIFTS:
        for title in titles(own):
            assert name_of(title) == own.name
            assert name_of(f"  {title.upper()}! ") == own.name
            assert name_of(title.replace("(", "- ").replace(")", "")) == own.name


def test_a_further_word_never_goes_unnoticed() -> None:
    told = 0
    for own in LIFTS:
        for modifier in MODIFIERS:
            title = f"{own.name} {modifier}"
            match = CATALOGUE.match(title)
            told += match is None or match.lift is not own
            assert match is None or is_spelling(title, match.lift), f"{title!r} became {match.lift.name!r}"
    assert told > 0.9 * len(LIFTS) * len(MODIFIERS)


def test_how_a_lift_is_loaded_stands_in_its_name() -> None:
    for own in LIFTS:
        told = words(own.name)
        if own.load_kind == "assisted":
            assert "assisted" in told and own.bodyweight_share == 1, own.name
        if "assisted" in told and told & {"pullup", "chinup", "dip"}:
            assert own.load_kind == "assisted", own.name
        if "band" in told:
            assert own.load_kind == "band", own.name


def test_body_weight_shares_are_those_that_the_science_knows() -> None:
    shares = {lift.slug: lift.bodyweight_share for lift in LIFTS if lift.bodyweight_share is not None}
    assert {slug for slug, share in shares.items() if share < 1} == {"push-up", "push-up-weighted"}
    assert shares["push-up"] == 0.66
    assert all(re.search("pull-up|chin-up|dip", slug) for slug, share in shares.items() if share == 1)
    assert {"pull-up", "chin-up", "dip", "pull-up-assisted"} <= shares.keys()
    assert not {slug for slug in shares if "squat" in slug or "lunge" in slug}


def test_the_deadlifts_are_conventional_sumo_and_trap_bar() -> None:
    deadlifts = {lift.slug for lift in LIFTS if lift.is_deadlift}
    assert deadlifts == {"deadlift-barbell", "sumo-deadlift", "deadlift-trap-bar"}


def test_training_that_is_no_strength_training_has_no_muscles() -> None:
    for lift in LIFTS:
        assert bool(lift.primary) == (lift.modality in ("strength", "timed")), lift.name
        assert (lift.category == "Cardio") == (lift.modality == "cardio"), lift.name
        assert (lift.category == "Mobility") == (lift.modality == "mobility"), lift.name
    assert CATALOGUE.lifts["plank"].modality == "timed"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Bench Press (Barbell)", "Bench Press (Barbell)"),
        ("Flat Barbell Bench Press", "Bench Press (Barbell)"),
        ("bench-press", "Bench Press (Barbell)"),
        ("BB Bench", "Bench Press (Barbell)"),
        ("Incline DB Bench Press", "Incline Bench Press (Dumbbell)"),
        ("Incline Hammer Strength Chest Press", "Iso-Lateral Incline Press (Machine)"),
        ("Smith Machine Close Grip Bench Press", "Bench Press - Close Grip (Smith Machine)"),
        ("Flat Dumbbell Fly", "Chest Fly (Dumbbell)"),
        ("DB Flyes", "Chest Fly (Dumbbell)"),
        ("Pec Deck (Machine)", "Butterfly (Pec Deck)"),
        ("Push-ups", "Push Up"),
        ("Pull ups", "Pull Up"),
        ("Pull-Up (Assisted)", "Pull Up (Assisted)"),
        ("Neutral Chin Up", "Neutral Grip Pull Up"),
        ("Lat Pulldown - Underhand (Cable)", "Reverse Grip Lat Pulldown (Cable)"),
        ("Lat Pulldown (Single Arm)", "Single Arm Lat Pulldown"),
        ("Sitting 1-Arm Lat Pulldown", "Single Arm Lat Pulldown"),
        ("T-Bar Row", "T Bar Row"),
        ("Seated Wide-Grip Row (Cable)", "Seated Cable Row - Bar Wide Grip"),
        ("Straight-Arm Cable Pushdown", "Straight Arm Lat Pulldown (Cable)"),
        ("Strict Military Press (Barbell)", "Standing Military Press (Barbell)"),
        ("OHP", "Overhead Press (Barbell)"),
        ("Lateral Dumbbell Raise", "Lateral Raise (Dumbbell)"),
        ("Rear Delt Machine Fly", "Rear Delt Reverse Fly (Machine)"),
        ("EZ-Bar Skullcrusher", "Skullcrusher (EZ Bar)"),
        ("V-Bar Push Down", "V-Bar Pushdown"),
        ("Tricep Cable Pull Down", "Triceps Pushdown"),
        ("Seated Incline Dumbbell Curl", "Seated Incline Curl (Dumbbell)"),
        ("RDLs", "Romanian Deadlift (Barbell)"),
        ("Stiff-Legged Deadlift", "Stiff Leg Deadlift (Barbell)"),
        ("Hex Bar Deadlift", "Deadlift (Trap bar)"),
        ("Single Leg Leg Press", "Single Leg Press (Machine)"),
        ("Hip Abductor (Machine)", "Hip Abduction (Machine)"),
        ("Calf Press on Leg Press", "Calf Press (Machine)"),
        ("KB Swings", "Kettlebell Swing"),
        ("Ab-Wheel Rollout", "Ab Wheel"),
        ("Knee Raise (Captain's Chair)", "Knee Raise Parallel Bars"),
        ("Cable Fly (Low to High)", "Low Cable Fly Crossovers"),
        ("Cable Fly (High to Low)", "High Cable Fly Crossovers"),
        ("Elbow to Knee", "Elbow to Knee"),
        ("Knees to Elbows", "Knees to Elbows"),
        ("Running (Treadmill)", "Treadmill"),
        ("Crùnch", "Crunch"),
        ("Warm-up", "Warm Up"),
    ],
)
def test_titles_as_the_apps_and_lifters_write_them(title: str, name: str) -> None:
    assert name_of(title) == name


@pytest.mark.parametrize(
    "title",
    [
        "Katana Triceps Extension",
        "Meadows Incline DB Lateral Raise",
        "Cable Crossover Ladder",
        "Bottom-Half Seated Cable Flye",
        "Bench Press (Barbell) 2",
        "Bench Press with Chains",
        "Deadlift with Bands",
        "Calf Raise on a Dumbbell",
        "Bench Press / Squat",
        "Press",
        "Machine",
        "The",
        "()",
        "",
        "卧推",
    ],
)
def test_what_is_not_in_the_catalogue_does_not_match(title: str) -> None:
    assert CATALOGUE.match(title) is None


VOCABULARY = sorted({word for own in LIFTS for word in words(own.name)})


@given(st.sampled_from(LIFTS), st.data())
def test_a_title_with_words_lost_and_added_matches_only_a_lift_spelt_so(own: Lift, data: st.DataObject) -> None:
    left = sorted(words(data.draw(st.sampled_from(titles(own)))))
    kept = data.draw(st.permutations(left))[: data.draw(st.integers(0, len(left)))]
    title = " ".join([*kept, *data.draw(st.lists(st.sampled_from(VOCABULARY), max_size=2))])
    match = CATALOGUE.match(title)
    assert match is None or is_spelling(title, match.lift)


def test_no_two_lifts_can_be_meant_by_one_title() -> None:
    keys = {lift.slug: [(words(title), lift.spare_words) for title in titles(lift)] for lift in LIFTS}
    owners: dict[frozenset[str], str] = {}
    for slug, spellings in keys.items():
        for key, spare in spellings:
            extra = sorted(spare - key)
            for size in range(len(extra) + 1):
                for choice in combinations(extra, size):
                    assert owners.setdefault(key | set(choice), slug) == slug


@pytest.mark.parametrize(
    ("lifts", "message"),
    [
        ([lift(), lift()], "two lifts have the slug 'row'"),
        ([lift(), lift(slug="rows", name="Rows")], "'Rows' .* could mean both 'Row' and 'Rows'"),
        ([lift(), lift(slug="bb-row", name="BB Row")], "could mean both 'Row' and 'BB Row'"),
        ([lift(aliases=["Pull"]), lift(slug="other", name="Other", aliases=["PULL"])], "'PULL' could mean both"),
        ([lift(implied=["flat"]), lift(slug="flat-row", name="Flat Row")], "could mean both 'Row' and 'Flat Row'"),
    ],
)
def test_an_ambiguous_catalogue_is_refused(lifts: list[Lift], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        Catalogue(lifts)


ENTRY = """
[profile.pull]
category = "Back"
movements = ["horizontal_pull"]
mechanics = "compound"
primary = { lats = 80 }

[[lift]]
slug = "row"
name = "Row"
profile = "pull"
equipment = ["cable"]
"""


def test_a_lift_starts_from_its_profile_and_may_override_it() -> None:
    own = '\n[[lift]]\nslug = "b"\nname = "B"\nprofile = "pull"\nequipment = ["band"]\nprimary = { biceps = 60 }\n'
    row, other = parse({"a.toml": ENTRY + own}).lifts.values()
    assert (row.load_kind, row.primary, row.mechanics) == ("machine", {"lats": 80}, "compound")
    assert (other.load_kind, other.primary, other.mechanics) == ("band", {"biceps": 60}, "compound")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("lats = 80", "lats = 101", "row: .*outside 0-100"),
        ("lats = 80", "lats = 80 }\nsecondary = { lats = 40", "row: .*more than one role"),
        ("lats = 80", "wings = 80", "row: primary.wings"),
        ("horizontal_pull", "heave", "row: movements.0"),
        ('profile = "pull"', 'profile = "push"', "row: there is no profile 'push'"),
        ('equipment = ["cable"]', 'equipment = ["cable"]\ncolour = "red"', "row: colour"),
        ('equipment = ["cable"]', 'equipment = ["cable"]\nbodyweight_share = 0.5', "row: .*share of the body weight"),
        ("primary = { lats = 80 }", "", "row: .*at least one primary muscle"),
        ('slug = "row"', 'slug = "A row"', "slug"),
        ("[[lift]]", "[[lift", "a.toml: not valid TOML"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    assert old in ENTRY
    with pytest.raises(BadInput, match=rf"a\.toml.*{message}" if "toml" not in message else message):
        parse({"a.toml": ENTRY.replace(old, new)})


def test_a_family_must_name_known_lifts() -> None:
    with pytest.raises(BadInput, match="family of row names unknown lifts: rows"):
        parse({"a.toml": ENTRY + '\n[[family]]\nparent = "row"\ngrip = ["rows"]\n'})


def test_variations_join_different_lifts_once() -> None:
    pairs = [(variation.parent.slug, variation.lift.slug) for variation in CATALOGUE.variations]
    assert len(pairs) == len(set(pairs)) > 24
    assert all(parent != variation for parent, variation in pairs)


def test_a_mapping_gives_own_names_a_meaning_and_comes_first() -> None:
    mapping = CATALOGUE.read_mapping(
        '"Katana Triceps Extension" = "overhead-triceps-extension-cable"\n"Deadlift" = "Sumo Deadlift"\n'
    )
    for title in ("Katana Triceps Extension", "katana triceps-extension"):
        match = CATALOGUE.resolve(title, mapping)
        assert match and (match.how, match.lift.slug) == ("mapping", "overhead-triceps-extension-cable")
    assert CATALOGUE.resolve("Deadlift", mapping) != CATALOGUE.resolve("Deadlift")
    assert CATALOGUE.resolve("Squat", mapping) == CATALOGUE.resolve("Squat")
    assert CATALOGUE.resolve("Unheard Of", mapping) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '"Mine" = "Lat Puldown"',
            r"(?s)'Mine': the catalogue has no 'Lat Puldown'\nThe nearest are 'Lat Pulldown \(Cable\)'",
        ),
        ('"Mine" = 3', "'Mine': the value must be a name in quotes"),
        ('"Mine" = "Squat"\n"MINE" = "Deadlift"', "'MINE' is mapped twice, to different lifts"),
        ('"Mine" = Squat\n', r"the mapping: not valid TOML: .*line 1"),
    ],
)
def test_a_wrong_mapping_is_refused_with_what_to_do(text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        CATALOGUE.read_mapping(text)


def test_the_nearest_three_are_lifts_that_sound_alike() -> None:
    assert CATALOGUE.nearest("Seated Legcurl machine")[0] == "Seated Leg Curl (Machine)"
    assert len(CATALOGUE.nearest("zzz")) == 3


def test_the_documented_vocabulary_is_the_one_in_force() -> None:
    told = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text(encoding="utf-8")
    fields = re.findall(r"^\| (`.*?`) \|", told, flags=re.MULTILINE)
    assert {name for field in fields for name in re.findall(r"`(\w+)`", field)} == {*Lift.model_fields, "profile"}
    listed = re.search(r"- Muscles: (.*?)\.\n", told, flags=re.DOTALL)
    assert listed and tuple(re.split(r",\s+", listed[1])) == MUSCLES
    assert ", ".join(CATEGORIES) in told
