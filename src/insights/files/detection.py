"""Which app wrote a log, and which column holds what, in any language.

Well-known words decide where they are known. A log whose words are not known is held against the layouts that the
apps write: its columns are laid beside a layout's roles in order, and the types of their values decide what fits.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from insights.errors import BadInput
from insights.files import values
from insights.files.dates import Clock, day_first, plain
from insights.files.table import Table

SOURCES = ("hevy", "strong", "fitnotes")
SAMPLE = 400  # records whose values decide the type of a column
MOSTLY = 0.9  # of a column's values must be of a type: a log may hold a few wrong ones

LIKE = 0.75  # of a layout's columns must be there, and of the file's columns be understood

REQUIRED = {
    "hevy": ("start", "exercise", "set"),
    "strong": ("start", "exercise", "set"),
    "fitnotes": ("start", "exercise"),
}

# The columns that the apps write, in their order, newest layouts first.
LAYOUTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "hevy": (
        (
            "workout", "start", "end", "workout_notes", "exercise", "superset", "notes", "set", "set_type", "weight",
            "reps", "distance", "seconds", "rpe",
        ),
    ),
    "strong": (
        (
            "number", "start", "workout", "duration", "exercise", "set", "weight", "reps", "rpe", "distance", "seconds",
            "notes", "workout_notes",
        ),
        (
            "start", "workout", "duration", "exercise", "set", "weight", "reps", "distance", "seconds", "notes",
            "workout_notes", "rpe",
        ),
        (
            "start", "workout", "exercise", "set", "weight", "weight_unit", "reps", "rpe", "distance", "distance_unit",
            "seconds", "notes", "workout_notes", "duration",
        ),
    ),
    "fitnotes": (
        (
            "start", "exercise", "category", "weight", "weight_unit", "reps", "distance", "distance_unit", "seconds",
            "comment",
        ),
    ),
}  # fmt: skip

# Words of headers without accents, signs and units. What is not here is found by position and type.
_WORDS = {
    "number": "workout #|workout number|workout no|training #|训练 #",
    "start": "date|start time|start|started at|datum|fecha|data|日期|日付|날짜|дата|tarih|pvm|dato",
    "end": "end time|end|ended at",
    "workout": "title|workout name|workout|workout title|trainingsname|workout name|nombre del entrenamiento|"
    "nom de l entrainement|nome do treino|nome allenamento|锻炼名称|ワークアウト名",
    "duration": "duration|workout duration|duration sec|dauer|trainingsdauer|duracion|duree|durata|duracao|duur|"
    "时长|時間",
    "exercise": "exercise|exercise name|exercise title|ubung|ubungsname|name der ubung|ejercicio|nombre del ejercicio|"
    "exercice|nom de l exercice|esercizio|nome esercizio|exercicio|nome do exercicio|oefening|"
    "运动名称|エクササイズ名|운동 이름|упражнение",
    "category": "category|kategorie|categoria|categorie",
    "superset": "superset id|superset",
    "set": "set order|set index|set|set number|satzreihenfolge|satz|orden de series|serie|"
    "ordre des series|设置顺序|セット順",
    "set_type": "set type",
    "weight": "weight|gewicht|peso|poids|重量|重さ|무게|вес|vikt|vekt|ciezar",
    "weight_unit": "weight unit|gewichtseinheit|unidad de peso|unite de poids|unidade de peso|unita di peso|重量单位",
    "reps": "reps|repetitions|wiederholungen|wdh|repeticiones|repeticoes|ripetizioni|herhalingen|"
    "次|次数|レップ|повторения",
    "distance": "distance|entfernung|distanz|distancia|distanza|afstand|距离|距離|거리|дистанция",
    "distance_unit": "distance unit|entfernungseinheit|unidad de distancia|unite de distance|距离单位",
    "seconds": "seconds|duration seconds|time|sekunden|segundos|secondes|secondi|seconden|秒|초|секунды",
    "notes": "notes|exercise notes|notizen|notas|note|notities|备注|メモ|заметки",
    "workout_notes": "workout notes|description|trainingsnotizen|notas del entrenamiento|notes de l entrainement|"
    "锻炼备注|ワークアウトメモ",
    "comment": "comment|comments|kommentar|comentario|commentaire|commento",
    "rpe": "rpe",
}  # fmt: skip


def _words() -> dict[str, str]:
    return {plain(word): role for role, words in _WORDS.items() for word in words.split("|")}


WORDS = _words()
_UNIT_WORDS = {plain(w): w for w in (*values.WEIGHT_UNITS, *values.DISTANCE_UNITS, *values.TIME_UNITS)}
_SET_LABEL = re.compile(r"\d{1,3}(\.0)?|[^\W\d_]\d?")
_BARE = re.compile(r"[^\w#]+|_")


@dataclass(frozen=True, slots=True)
class Layout:
    """A log's columns: the app, and for each role the columns that hold it (weight may stand in kg and in lb)."""

    source: str
    columns: dict[str, tuple[int, ...]]
    units: dict[int, str]  # the unit that a column's own name gives it: kg, lb, or a key of METRES
    by_words: bool

    def first(self, role: str) -> int | None:
        """The first column of a role, if there is one."""
        found = self.columns.get(role)
        return found[0] if found else None


def role_of(name: str) -> tuple[str | None, str | None]:
    """The role that the words of a column's name give it, and the unit that they name."""
    words = [word for word in _BARE.split(plain(name)) if word]
    whole = " ".join(words)
    if whole in WORDS:
        return WORDS[whole], None
    units = [_UNIT_WORDS[word] for word in words[1:] if word in _UNIT_WORDS]
    rest = " ".join(word for i, word in enumerate(words) if i == 0 or word not in _UNIT_WORDS)
    role = WORDS.get(rest)
    if role == "weight":
        return role, next((values.WEIGHT_UNITS[u] for u in units if u in values.WEIGHT_UNITS), None)
    if role == "distance":
        return role, next((values.DISTANCE_UNITS[u] for u in units if u in values.DISTANCE_UNITS), None)
    return role, None


def detect(table: Table, *, source: str = "auto") -> Layout:
    """Find the app and the columns; `source` other than "auto" looks at that app's layouts alone.

    Raises:
        BadInput: not an export of these apps; says which column is missing or which is not understood.
    """
    named = [role_of(name) for name in table.header]
    roles = [role for role, _ in named]
    sources = SOURCES if source == "auto" else (source,)
    by_words = _by_words(roles, sources)
    if by_words and sum(role is not None for role in roles) >= 0.6 * len(roles):
        return _layout(by_words, roles, named, by_words=True)
    samples = _samples(table)
    fits = [_Fits(column) for column in samples]
    scored = [
        (score, name, found)
        for name in sources
        for layout in LAYOUTS[name]
        if (aligned := _align(layout, REQUIRED[name], roles, fits)) is not None
        for score, found in (aligned,)
        if _is_like(found, layout)
    ]
    if scored:
        _, name, found = max(scored, key=lambda item: item[0])
        return _layout(name, found, named, by_words=False)
    if by_words:
        return _layout(by_words, roles, named, by_words=True)
    raise _not_an_export(table, roles, sources)


def _is_like(found: Sequence[str | None], layout: Sequence[str]) -> bool:
    """Whether columns without known words are this layout: any table of dates, texts and numbers fits a part of it."""
    held = {role for role in found if role is not None}
    return {"weight", "reps"} <= held and len(held) >= LIKE * len(layout) and len(held) >= LIKE * len(found)


def _by_words(roles: Sequence[str | None], sources: Sequence[str]) -> str | None:
    """The app whose required columns are all known by their words."""
    found = set(roles)
    for source in sources:
        if not set(REQUIRED[source]) <= found or not found & {"weight", "reps", "distance", "seconds"}:
            continue
        hevy = bool(found & {"end", "set_type", "superset"})
        fitnotes = "set" not in found and "workout" not in found
        if {"hevy": hevy, "fitnotes": fitnotes, "strong": not hevy}[source] or len(sources) == 1:
            return source
    return None


def _layout(
    source: str, roles: Sequence[str | None], named: Sequence[tuple[str | None, str | None]], *, by_words: bool
) -> Layout:
    columns: dict[str, tuple[int, ...]] = {}
    for index, role in enumerate(roles):
        if role is not None and (role not in columns or role in {"weight", "distance"}):
            columns[role] = (*columns.get(role, ()), index)
    units = {index: unit for index, (_, unit) in enumerate(named) if unit is not None}
    return Layout(source, columns, units, by_words)


def _samples(table: Table) -> list[list[str]]:
    good = [record.fields for record in table.records if not record.problem][:SAMPLE]
    return [[fields[i].strip() for fields in good if fields[i].strip()] for i in range(len(table.header))]


class _Fits:
    """What the values of one column may be: for each role a score, or None where it cannot be that."""

    def __init__(self, column: list[str]) -> None:
        self.blank = not column
        clock = Clock(day_first=day_first(column))
        self.moment = _mostly(column, clock.read)
        self.number = _mostly(column, values.number) or _mostly(column, lambda v: values.number(v, decimal_comma=True))
        self.count = _mostly(column, values.count)
        self.length = _mostly(column, values.seconds)
        self.length_words = _mostly(column, _length_words)
        self.label = _labels(column)
        self.set_type = _mostly(column, _set_word)
        self.unit = _mostly(column, values.weight_unit)
        self.distance_unit = _mostly(column, values.distance_unit)
        self.rpe = _mostly(column, values.rpe)
        self.text = not self.moment and not self.number

    def score(self, role: str) -> float | None:
        """How well the values fit a role; None: not at all."""
        if self.blank:
            return None if role in {"start", "exercise", "set", "set_type", "workout", "category"} else 0.5
        fits = {
            "start": 5 * self.moment, "end": 5 * self.moment, "set": 3 * self.label, "set_type": 3 * self.set_type,
            "exercise": 3 * self.text, "workout": 2 * self.text or (0.5 if not self.moment else 0),
            "category": 2 * self.text, "duration": 3 * self.length_words or 2 * self.length,
            "weight": 2 * self.number, "reps": 2 * self.count, "distance": 2 * self.number,
            "seconds": 2 * self.length, "rpe": 2 * self.rpe, "weight_unit": 3 * self.unit, "number": 1 * self.count,
            "distance_unit": 3 * self.distance_unit, "superset": 1 * self.count,
        }  # fmt: skip
        notes = 1.0 if self.text else 0.25 if not self.moment else 0
        return fits.get(role, notes) or None


def _mostly(column: list[str], read: Callable[[str], object]) -> bool:
    """Whether nearly all values can be read so."""
    good = 0
    for value in column:
        try:
            read(value)
        except ValueError:
            continue
        good += 1
    return bool(column) and good >= MOSTLY * len(column)


def _labels(column: list[str]) -> bool:
    """Whether values are the marks of sets: numbers and letters, with a word or two for rests and notes among them."""
    others = [value for value in column if not _SET_LABEL.fullmatch(value)]
    return bool(column) and len(others) <= 0.6 * len(column) and len(set(others)) <= 3


def _length_words(value: str) -> None:
    if not re.fullmatch(r"(\d+\s?[^\W\d_]{1,10}\.?\s?){1,3}", value):
        raise ValueError("is no length of time in words")


def _set_word(value: str) -> None:
    if plain(value).replace(" ", "").replace("_", "") not in {"normal", "warmup", "failure", "dropset", "working"}:
        raise ValueError("is no type of a set")


_NOT_A_COLUMN, _NOT_WRITTEN, _KNOWN_WORD = -3.0, -1.0, 6.0


def _align(
    layout: Sequence[str], required: Sequence[str], roles: Sequence[str | None], fits: Sequence[_Fits]
) -> tuple[float, list[str | None]] | None:
    """Lay the file's columns beside a layout's roles, both in order, at the highest score; None if it cannot be.

    A column may have no role and an optional role no column, each at a price. Known words bind a column to its role.
    """
    best: dict[tuple[int, int], tuple[float, list[str | None]]] = {(0, 0): (0.0, [])}

    def offer(key: tuple[int, int], score: float, found: list[str | None]) -> None:
        if key not in best or score > best[key][0]:
            best[key] = (score, found)

    for i in range(len(roles) + 1):
        for j in range(len(layout) + 1):
            if (i, j) not in best:
                continue
            score, found = best[i, j]
            if i < len(roles) and roles[i] not in layout:
                offer((i + 1, j), score + _NOT_A_COLUMN, [*found, None])
            if j < len(layout) and layout[j] not in required:
                offer((i, j + 1), score + _NOT_WRITTEN, found)
            if i < len(roles) and j < len(layout) and roles[i] in {None, layout[j]}:
                fit = fits[i].score(layout[j])
                word = _KNOWN_WORD if roles[i] else 0.0
                if fit is not None or word:
                    offer((i + 1, j + 1), score + (fit or 0.0) + word, [*found, layout[j]])
    return best.get((len(roles), len(layout)))


def _not_an_export(table: Table, roles: Sequence[str | None], sources: Sequence[str]) -> BadInput:
    missing = {source: [role for role in REQUIRED[source] if role not in roles] for source in sources}
    nearest = min(sources, key=lambda source: len(missing[source]))
    unknown = next((i for i, role in enumerate(roles) if role is None), None)
    names = {"start": "date", "set": "set order", "exercise": "exercise name"}
    lacks = ", ".join(names[role] for role in missing[nearest]) or "weight or repetitions"
    what = f"; column {unknown + 1} ({table.header[unknown]!r}) is not understood" if unknown is not None else ""
    return BadInput(
        f"{table.file_name}, line 1: not a Hevy, Strong or FitNotes export: no column for {lacks}{what}",
        hint="An export is a CSV file as the app writes it; --format names the app if its columns are unusual.",
    )
