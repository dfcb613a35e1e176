"""A lift of the catalogue: what moves, what it trains, how it carries its load. The vocabulary is fixed here.

docs/catalogue.md explains every field; sql/catalogue/*.toml holds the lifts.
"""

from typing import Literal, Self, get_args
from uuid import NAMESPACE_OID, UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, model_validator

# Every id of ours in the exercise tables derives from this: two databases agree, and a second load finds its rows.
NAMESPACE = uuid5(NAMESPACE_OID, "insights exercise catalogue")

Muscle = Literal[
    "chest", "front_delts", "side_delts", "rear_delts", "rotator_cuff", "lats", "upper_back", "traps", "lower_back",
    "biceps", "triceps", "forearms", "abs", "obliques", "neck", "hip_flexors", "quadriceps", "hamstrings", "glutes",
    "adductors", "abductors", "calves", "tibialis",
]  # fmt: skip
Movement = Literal[
    "horizontal_push", "vertical_push", "horizontal_adduction", "shoulder_flexion", "shoulder_abduction",
    "horizontal_pull", "vertical_pull", "upright_pull", "horizontal_abduction", "shoulder_extension",
    "shoulder_rotation", "scapular", "shrug", "elbow_flexion", "elbow_extension", "wrist", "grip",
    "squat", "lunge", "hinge", "hip_extension", "hip_flexion", "hip_abduction", "hip_adduction", "knee_extension",
    "knee_flexion", "calf_raise", "core_flexion", "core_rotation", "core_lateral_flexion", "core_stability", "neck",
    "olympic", "jump", "carry", "locomotion", "conditioning", "cardio", "mobility",
]  # fmt: skip
Equipment = Literal[
    "barbell", "dumbbell", "kettlebell", "ez_bar", "trap_bar", "safety_bar", "landmine", "plate", "medicine_ball",
    "cable", "rope", "machine", "smith_machine", "sled", "band", "bodyweight", "rings", "suspension", "swiss_ball",
    "ab_wheel", "cardio_machine", "other",
]  # fmt: skip
Category = Literal[
    "Chest", "Back", "Shoulders", "Biceps", "Triceps", "Forearms", "Legs", "Core", "Neck", "Full Body",
    "Cardio", "Mobility",
]  # fmt: skip
LoadKind = Literal["free", "machine", "bodyweight", "assisted", "band"]
Modality = Literal["strength", "timed", "cardio", "mobility"]
VariationType = Literal["equipment", "grip", "angle", "stance", "unilateral", "range", "tempo", "loading", "assistance"]

MUSCLES: tuple[str, ...] = get_args(Muscle)
MOVEMENTS: tuple[str, ...] = get_args(Movement)
EQUIPMENT: tuple[str, ...] = get_args(Equipment)
CATEGORIES: tuple[str, ...] = get_args(Category)

# How a lift is loaded where its entry does not say: by the first piece of equipment.
_LOAD_KINDS: dict[str, LoadKind] = {
    "cable": "machine", "machine": "machine", "smith_machine": "machine", "sled": "machine",
    "cardio_machine": "machine", "band": "band", "bodyweight": "bodyweight", "rings": "bodyweight",
    "suspension": "bodyweight", "swiss_ball": "bodyweight", "ab_wheel": "bodyweight",
}  # fmt: skip

# The word that a title may carry for a piece of equipment (in the form of `lift_names.words`).
_EQUIPMENT_WORDS = {
    "barbell": "barbell", "dumbbell": "dumbbell", "kettlebell": "kettlebell", "ez_bar": "ezbar", "trap_bar": "trapbar",
    "safety_bar": "safetybar", "landmine": "landmine", "plate": "plate", "medicine_ball": "medicineball",
    "cable": "cable", "rope": "rope", "machine": "machine", "smith_machine": "smith", "sled": "sled", "band": "band",
    "bodyweight": "bodyweight", "rings": "ring", "suspension": "suspension", "swiss_ball": "swissball",
}  # fmt: skip


class Lift(BaseModel):
    """One lift. Activations are 0-100; a muscle has one role; cardio and mobility train no muscle that is counted.

    `implied` are words that say nothing new about this lift, e.g. "flat" for the bench press: a title may carry them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    name: str = Field(min_length=1)
    aliases: tuple[str, ...] = ()
    implied: frozenset[str] = frozenset()
    category: Category
    movements: tuple[Movement, ...] = Field(min_length=1)
    equipment: tuple[Equipment, ...] = Field(min_length=1)
    mechanics: Literal["compound", "isolation"]
    primary: dict[Muscle, int] = {}
    secondary: dict[Muscle, int] = {}
    stabilizers: dict[Muscle, int] = {}
    unilateral: bool = False
    load_kind: LoadKind = "free"
    modality: Modality = "strength"
    bodyweight_share: float | None = Field(None, gt=0, le=1)
    is_deadlift: bool = False

    @model_validator(mode="before")
    @classmethod
    def _derive_load_kind(cls, values: dict[str, object]) -> dict[str, object]:
        equipment = values.get("equipment")
        if "load_kind" in values or not isinstance(equipment, list) or not equipment:
            return values
        return {**values, "load_kind": _LOAD_KINDS.get(equipment[0], "free")}

    @model_validator(mode="after")
    def _check(self) -> Self:
        roles = (self.primary, self.secondary, self.stabilizers)
        if any(not 0 <= activation <= 100 for role in roles for activation in role.values()):
            raise ValueError("an activation lies outside 0-100")
        if len({muscle for role in roles for muscle in role}) < sum(map(len, roles)):
            raise ValueError("a muscle stands in more than one role")
        if self.modality in ("strength", "timed") and not self.primary:
            raise ValueError("a strength lift names at least one primary muscle")
        if self.bodyweight_share is not None and self.load_kind not in ("bodyweight", "assisted", "band"):
            raise ValueError("a share of the body weight fits only a body-weight, assisted or band lift")
        return self

    @property
    def id(self) -> UUID:
        """The lift's id in every database: UUID version 5 of the namespace and the slug."""
        return uuid5(NAMESPACE, self.slug)

    @property
    def spare_words(self) -> frozenset[str]:
        """Words that a title may carry without naming another lift: `implied` and the lift's own equipment."""
        equipment = {_EQUIPMENT_WORDS[piece] for piece in self.equipment if piece in _EQUIPMENT_WORDS}
        return self.implied | equipment
