import csv
import io
import json
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.errors import BadInput
from insights.files import Log, read_log

HEVY = (
    "title,start_time,end_time,description,exercise_title,superset_id,exercise_notes,set_index,set_type,weight_kg,reps,"
    "distance_km,duration_seconds,rpe"
)
STRONG = "Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE"
STRONG_NEW = (
    "Workout #;Date;Workout Name;Duration (sec);Exercise Name;Set Order;Weight (kg);Reps;RPE;Distance (meters);Seconds;"
    "Notes;Workout Notes"
)
STRONG_UNITS = (
    "Date;Workout Name;Exercise Name;Set Order;Weight;Weight Unit;Reps;RPE;Distance;Distance Unit;Seconds;Notes;"
    "Workout Notes;Workout Duration"
)
FITNOTES = "Date,Exercise,Category,Weight,Weight Unit,Reps,Distance,Distance Unit,Time,Comment"


def hevy_row(**changes: str) -> str:
    row = {
        "title": '"Push, heavy"', "start": '"15 Sep 2025, 07:48"', "end": '"15 Sep 2025, 09:13"', "description": "",
        "exercise": '"Bench Press (Barbell)"', "superset": "", "notes": "", "index": "0", "type": "normal",
        "weight": "80", "reps": "5", "distance": "", "seconds": "0", "rpe": "8",
    }  # fmt: skip
    return ",".join({**row, **changes}.values())


@pytest.fixture
def write(tmp_path: Path):
    def write(*lines: str, end: str = "\n", encoding: str = "utf-8") -> Path:
        path = tmp_path / "log.csv"
        path.write_bytes(end.join([*lines, ""]).encode(encoding))
        return path

    return write


def test_hevy(write) -> None:
    log = read_log(
        write(
            HEVY,
            hevy_row(),
            hevy_row(index="1", type="failure", rpe="9.5"),
            hevy_row(index="2", type="dropset", rpe=""),
        )
    )
    assert (log.source, log.unit, log.rows_read, log.rejected) == ("hevy", "kg", 3, ())
    first = log.sets.row(0, named=True)
    assert first["session_start"] == datetime(2025, 9, 15, 7, 48)  # noqa: DTZ001
    assert first["session_end"] == datetime(2025, 9, 15, 9, 13)  # noqa: DTZ001
    assert first["workout_title"] == "Push, heavy"
    assert (first["weight_kg"], first["reps"], first["duration_s"], first["rpe"]) == (80.0, 5, None, 8.0)
    assert json.loads(first["raw"])["duration_seconds"] == "0"
    assert log.sets["set_type"].to_list() == ["working", "amrap", "dropset"]
    assert log.sets["source_set_type"].to_list() == ["normal", "failure", "dropset"]
    assert log.sets["rpe"].to_list() == [8.0, 9.5, None]
    assert log.sets["set_order"].to_list() == [0, 1, 2]


def test_hevy_in_pounds_and_miles(write) -> None:
    header = HEVY.replace("weight_kg", "weight_lbs").replace("distance_km", "distance_miles")
    log = read_log(write(header, hevy_row(weight="135", distance="1")))
    assert log.unit == "lb"
    assert log.sets["weight_kg"].to_list() == [61.23496995]
    assert log.sets["distance_m"].to_list() == [1609.344]


def test_a_blank_weight_stays_unknown_and_no_reps_stay_none(write) -> None:
    log = read_log(write(HEVY, hevy_row(weight="", reps="0"), hevy_row(weight="0", reps="", index="1")))
    assert log.sets["weight_kg"].to_list() == [None, 0.0]
    assert log.sets["reps"].to_list() == [0, None]


def test_strong_with_rests_notes_and_letters(write) -> None:
    session = '1;2026-09-20 18:00:00;"Push; heavy";4380;Bench Press (Barbell)'
    log = read_log(
        write(
            STRONG_NEW,
            f"{session};W;40;10;;;;;",
            f'{session};1;82,5;8;8,5;;;"Wide\ngrip";',
            f"{session};Rest Timer;;;;;90;;",
            f"{session};F;80;7;10;;;;",
            f"{session};D;60;12;;;;;",
            f"{session};Note;;;;;;Elbow;",
        )
    )
    assert (log.source, log.unit) == ("strong", "kg")
    assert (log.sets.height, log.rest_rows, log.note_rows, log.rows_read) == (4, 1, 1, 6)
    assert log.sets["set_type"].to_list() == ["warmup", "working", "amrap", "dropset"]
    assert log.sets["source_set_type"].to_list() == ["W", None, "F", "D"]
    assert log.sets["weight_kg"].to_list() == [40.0, 82.5, 80.0, 60.0]
    assert log.sets["line"].to_list() == [2, 3, 6, 7]
    assert log.sets["exercise_notes"].to_list() == ["Elbow", "Wide\ngrip", "Elbow", "Elbow"]
    assert log.sets["session_end"].unique().to_list() == [datetime(2026, 9, 20, 19, 13)]  # noqa: DTZ001


def test_strong_with_units_in_columns(write) -> None:
    log = read_log(
        write(
            STRONG_UNITS,
            '2025-09-02 07:10:00;"Morning";"Cycling";1;0.0;lbs;0.0;;10.0;mi.;1800.0;"";"";35m',
            '2025-09-02 07:10:00;"Morning";"Bench Press (Barbell)";1;100;lbs;5.0;;0.0;mi.;0.0;"";"";35m',
            '2025-09-02 07:10:00;"Morning";"Bench Press (Barbell)";2;50;kg;5.0;;0.0;mi.;0.0;"";"";35m',
        )
    )
    assert log.unit == "mixed"
    assert log.sets["weight_kg"].to_list() == [0.0, 45.359237, 50.0]
    assert log.sets["distance_m"].to_list() == [16093.44, None, None]
    assert log.sets["duration_s"].to_list() == [1800, None, None]


def test_fitnotes_is_by_day(write) -> None:
    log = read_log(
        write(
            FITNOTES,
            "2022-09-14,Barbell Squat,Legs,100.0,lbs,10,,,,deep",
            "2022-09-14,Barbell Squat,Legs,110.0,lbs,8,,,,",
            "2022-09-14,Plank,Abs,,,,,,0:01:30,",
            "2022-09-15,Running,Cardio,,,,5.2,km,0:30:00,",
        )
    )
    assert (log.source, log.unit) == ("fitnotes", "lb")
    assert log.sets["session_start"].dt.hour().unique().to_list() == [12]
    assert log.sets["session_start"].n_unique() == 2
    assert log.sets["set_order"].to_list() == [0, 1, 0, 0]
    assert log.sets["set_label"].unique().to_list() == [""]
    assert log.sets["set_notes"].to_list() == ["deep", None, None, None]
    assert log.sets["duration_s"].to_list() == [None, None, 90, 1800]
    assert log.sets["distance_m"].to_list() == [None, None, None, 5200.0]
    assert any("without a time" in remark for remark in log.remarks)


def test_fitnotes_with_a_column_for_each_unit(write) -> None:
    header = "Date,Exercise,Category,Weight (kg),Weight (lbs),Reps,Distance,Distance Unit,Time,Notes"
    log = read_log(write(header, "2026-01-15,Squat,Legs,100,,5,,,,", "2026-01-15,Squat,Legs,,100,5,,,,so-so"))
    assert log.sets["weight_kg"].to_list() == [100.0, 45.359237]
    assert log.sets["set_notes"].to_list() == [None, "so-so"]


def read_as_rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


REAL = ["hevy/strong-statistics.csv", "strong/my-workout-project-zh.csv", "strong/gravitus-to-strong.csv"]
REAL += ["fitnotes/kaiserlift-first-400-lines.csv"]


@pytest.mark.parametrize("name", REAL)
def test_columns_are_found_without_their_words(name: str, shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / name
    unit = "lb" if "zh" in name else "auto"
    rows = read_as_rows(path)
    rows[0] = [f"столбец {number}" for number in range(len(rows[0]))]
    renamed = tmp_path / "renamed.csv"
    with renamed.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(rows)
    expected, log = read_log(path, unit=unit), read_log(renamed, unit=unit)
    assert log.source == expected.source
    assert log.sets.drop("raw").equals(expected.sets.drop("raw"))
    assert any("unknown language" in remark for remark in log.remarks)


def test_the_hevy_log(shared_data: Path) -> None:
    log = read_log(shared_data / REAL[0])
    assert (log.source, log.unit, log.sets.height, log.rejected) == ("hevy", "kg", 7211, ())
    logged = log.sets.select((pl.col("weight_kg") * pl.col("reps")).sum()).item()
    assert logged == pytest.approx(2_304_917.0, abs=1e-6)
    work = log.sets.filter(pl.col("set_type") != "warmup")
    assert work.select((pl.col("weight_kg") * pl.col("reps")).sum()).item() == pytest.approx(1_964_741.75, abs=1e-6)


def test_the_chinese_log_waits_for_its_unit(shared_data: Path) -> None:
    path = shared_data / REAL[1]
    with pytest.raises(BadInput, match="in pounds") as error:
        read_log(path)
    assert "--unit lb" in error.value.hint
    log = read_log(path, unit="lb")
    assert (log.source, log.unit, log.sets.height) == ("strong", "lb", 6778)
    assert log.sets["weight_kg"][0] == 20.0
    assert (log.sets["session_end"] - log.sets["session_start"])[0].total_seconds() == 73 * 60


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        ({"weight": '"12,5kg"'}, "weight_kg", "not a number"),
        ({"weight": "NaN"}, "weight_kg", "not a number"),
        ({"weight": "1e7"}, "weight_kg", "more than a weight can be"),
        ({"reps": "3.5"}, "reps", "not a whole number"),
        ({"reps": "-2"}, "reps", "negative"),
        ({"rpe": "15"}, "rpe", "not between"),
        ({"start": "2025-13-15 07:48"}, "start_time", "no month 13"),
        ({"start": ""}, "start_time", "blank"),
        ({"exercise": ""}, "exercise_title", "blank"),
        ({"index": ""}, "set_index", "blank"),
        ({"type": "mega"}, "set_type", "no type of a set"),
        ({"seconds": "-1"}, "duration_seconds", "negative"),
        ({"distance": "far"}, "distance_km", "not a number"),
        ({"rpe": "8,9,9"}, "rpe", "followed by more"),
    ],
)
def test_a_wrong_value_is_named_by_line_and_column(write, change: dict[str, str], column: str, reason: str) -> None:
    path = write(HEVY, hevy_row(), hevy_row(**{"index": "1", **change}))
    with pytest.raises(BadInput) as error:
        read_log(path)
    assert f"line 3, column '{column}'" in error.value.message
    log = read_log(path, quarantine=True)
    assert log.sets.height == 1
    (rejected,) = log.rejected
    assert (rejected.line, rejected.column) == (3, column)
    assert reason in rejected.reason
    assert "Bench Press" in rejected.raw or change == {"exercise": ""}


def test_absurd_values_are_kept_for_the_science_to_judge(write) -> None:
    log = read_log(
        write(HEVY, hevy_row(weight="9000"), hevy_row(weight="-20", index="1"), hevy_row(reps="5000", index="2"))
    )
    assert log.sets["weight_kg"].to_list() == [9000.0, -20.0, 80.0]
    assert log.sets["reps"].to_list() == [5, 5, 5000]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="line 1"):
        read_log(path, quarantine=True)


@pytest.mark.parametrize(
    "content",
    [
        b"name,age\nAnn,40\n",
        b"just words\n",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"date,amount\n2025-01-01,5\n",
        b"Date,Payee,Category,Amount\n2025-01-01,Grocer,Food,5.40\n",
        b"Datum;Name;Art;Anzahl;Menge;Nr;Betrag\n2025-01-01;Grocer;Food;5;2;7;5,40\n",
        HEVY.encode() + b"\n",
    ],
)
def test_what_is_no_export(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="line 1"):
        read_log(path, quarantine=True)


def test_a_missing_file() -> None:
    with pytest.raises(BadInput, match="cannot read"):
        read_log(Path("nowhere.csv"))


@pytest.mark.parametrize("cut", [1, 5, 30, 60, 90])
def test_a_file_that_is_cut_off(write, cut: int) -> None:
    path = write(HEVY, hevy_row(), hevy_row(index="1"))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(f"{HEVY}\n{hevy_row()}\n") + cut])
    with pytest.raises(BadInput, match="line 3, column '"):
        read_log(path)
    log = read_log(path, quarantine=True)
    assert (log.sets.height, len(log.rejected)) == (1, 1)


def test_a_stray_quote_costs_one_row(write) -> None:
    bad = hevy_row(exercise='"Bench')
    log = read_log(write(HEVY, hevy_row(), bad, hevy_row(index="1"), hevy_row(index="2")), quarantine=True)
    assert log.sets["line"].to_list() == [2, 4, 5]
    assert [(row.line, row.column) for row in log.rejected] == [(3, "exercise_title")]


def test_bytes_that_are_no_text_cost_one_row(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rows = [HEVY, hevy_row(), hevy_row(index="1", notes="Münster")]
    path.write_bytes("\n".join(rows).encode("latin-1"))
    log = read_log(path, quarantine=True)
    assert log.sets.height == 1
    assert [(row.line, row.column) for row in log.rejected] == [(3, "exercise_notes")]
    path.write_bytes("\n".join(rows).encode())
    assert read_log(path).sets.height == 2


@pytest.mark.parametrize(("end", "encoding"), [("\r\n", "utf-8-sig"), ("\r", "utf-8"), ("\n", "utf-16")])
def test_line_ends_and_encodings(write, end: str, encoding: str) -> None:
    expected = read_log(write(HEVY, hevy_row(notes="Münster"), hevy_row(index="1")))
    log = read_log(write(HEVY, hevy_row(notes="Münster"), hevy_row(index="1"), end=end, encoding=encoding))
    assert log.sets.equals(expected.sets)


def strong_log(weights: list[str], exercise: str = "Squat") -> list[str]:
    return [STRONG, *(f"2025-01-01 08:00:00,Legs,1h,{exercise},{i},{w},5,0,0,,," for i, w in enumerate(weights, 1))]


@pytest.mark.parametrize("weights", [["61.23", "83.91", "102.06", "47.3"], ["17.3", "23.1", "31.7", "44.9"]])
def test_an_unclear_unit_is_asked_for_unless_pounds_explain_it(write, weights: list[str]) -> None:
    path = write(*strong_log(weights))
    if weights[0] == "61.23":  # pounds that the app has turned into kilograms
        path = write(*strong_log([*weights[:3], "43.09", "70.31"]))
        assert read_log(path).unit == "kg"
        return
    with pytest.raises(BadInput, match="kilograms or pounds"):
        read_log(path)
    assert read_log(path, unit="kg").sets["weight_kg"].to_list() == [float(w) for w in weights]


def test_a_unit_that_is_asked_for_stands_above_the_file(write) -> None:
    log = read_log(write(HEVY, hevy_row(weight="100")), unit="lb")
    assert (log.unit, log.sets["weight_kg"].to_list()) == ("lb", [45.359237])
    assert any("The file says kg" in remark for remark in log.remarks)


fields = st.one_of(
    st.sampled_from(["", "0", "5", "80", "12.5", "abc", "NaN", "-3", "1e99", '"', 'a"b', "x\ny", "7,5", "\x00", "9.5"]),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=6),
)


@given(rows=st.lists(st.tuples(fields, fields, fields, fields), max_size=12))
def test_every_row_is_kept_or_rejected(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]) -> None:
    path = tmp_path_factory.mktemp("log") / "log.csv"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for index, (exercise, weight, reps, rpe) in enumerate(rows):
        start, end = "15 Sep 2025, 07:48", "15 Sep 2025, 09:13"
        row = ["Push", start, end, "", f"Lift {exercise}", "", "", index, "normal", weight, reps, "", "0", rpe]
        writer.writerow([str(value).replace("\r", " ") for value in row])
    path.write_text(f"{HEVY}\n{hevy_row()}\n{text.getvalue()}", encoding="utf-8", newline="")
    log: Log = read_log(path, quarantine=True)
    assert log.sets.height + len(log.rejected) == log.rows_read
    assert log.sets.height >= 1
    assert log.sets["weight_kg"].is_finite().all()
    assert log.sets["line"].is_sorted()
