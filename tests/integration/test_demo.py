import json
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from tests.acceptance import road
from tests.acceptance.line import run

from insights.cli import demo
from insights.errors import BadInput
from insights.settings import load
from insights.simulate.store import Cohort, write_cohort


@pytest.fixture
def place(tmp_path: Path, session_home: Path, server_url: str) -> tuple[Path, Path]:
    return tmp_path, session_home


def test_the_hevy_log_has_its_exact_totals_and_a_second_demo_changes_nothing(
    place: tuple[Path, Path], shared_data: Path
) -> None:
    road.check_hevy(found := road.hevy_demo(*place))
    before = road.analytics(road.url_of(*place))
    assert road.hevy_demo(*place) == found
    assert road.analytics(road.url_of(*place)) == before
    page = Path(found["report"]).read_text()
    assert page.count("<svg") >= 2 + len(found["insights"])
    assert "<script" not in page and "http://www.w3.org" in page


def test_the_simulated_demo_tells_of_three_lifters(place: tuple[Path, Path]) -> None:
    found = road.demo(*place, "--as-of", "2025-06-01")
    assert len(found["users"]) == 3
    assert {insight["user_id"] for insight in found["insights"]} <= set(found["users"])
    assert found["narrator"] == "rules"
    excluded = sum(of["kg"] for of in found["excluded_tonnage"].values())
    assert excluded >= 0


def test_words_for_people_go_to_stdout_and_notes_to_stderr(place: tuple[Path, Path]) -> None:
    folder, home = place
    done = run([road.INSIGHTS, "demo", "--as-of", "2025-06-01"], cwd=folder, home=home)
    assert "Report:" in done.stdout
    assert "INSIGHTS_LLM_URL" in done.stderr


def test_a_database_with_other_peoples_users_is_refused(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO users (id, email, username, is_active, is_superuser)"
            " VALUES (gen_random_uuid(), 'a@b.cd', 'a', true, false)"
        )
    with pytest.raises(BadInput, match="1 users that the demo did not make"):
        demo.prepared(load(), database)


def test_the_demo_ignores_database_url(place: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nowhere")
    load.cache_clear()
    assert ":1/nowhere" not in demo.prepared(load(), None)


def test_an_edited_migration_makes_the_demo_rebuild_its_own_database(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE insights_migrations SET checksum = 'another' WHERE id = '05.01'")
    assert demo.prepared(load(), database) == database
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM insights_migrations WHERE checksum = 'another'").fetchone() == (
            0,
        )


@pytest.mark.parametrize("name", road.bad_csvs(), ids=str)
def test_a_bad_file_ends_with_2_before_anything_is_written(place: tuple[Path, Path], name: str) -> None:
    folder, home = place
    path = folder / "bad.csv"
    path.write_text(road.bad_csvs()[name])
    done = run([road.INSIGHTS, "demo", "--csv", path, "--json"], cwd=folder, home=home, expect=2)
    assert done.stdout == ""
    assert done.stderr.startswith("error:")
    assert "Traceback" not in done.stderr


def test_doctor_finds_nothing_wrong_with_a_migrated_database(place: tuple[Path, Path], database: str) -> None:
    folder, home = place
    done = run([road.INSIGHTS, "doctor", "--database", database, "--json"], cwd=folder, home=home)
    assert json.loads(done.stdout)["ok"] is True
    assert str(urlsplit(database).password) not in done.stdout


def test_doctor_sees_pounds_in_a_kilogram_column_and_mends_them_when_asked(
    place: tuple[Path, Path], database: str
) -> None:
    folder, home = place
    with psycopg.connect(database, autocommit=True) as connection:
        write_cohort(connection, Cohort(lifters=1, weeks=12, seed=4, until=date(2025, 6, 1), ugliness=0))
        found = connection.execute("SELECT email FROM users").fetchall()[0][0]
        connection.execute("UPDATE set_executions SET weight_kg = round(weight_kg / 0.45359237, 2)")
    doctor: list[str | Path] = [road.INSIGHTS, "doctor", "--database", database]
    told = run(doctor, cwd=folder, home=home, expect=1).stdout
    assert "pounds in" in told and "--fix pounds" in told
    assert run([*doctor, "--fix", "pounds"], cwd=folder, home=home, expect=2).stdout == ""
    mended = run([*doctor, "--user", found, "--fix", "pounds"], cwd=folder, home=home).stdout
    assert "mended" in mended
    assert "pounds" not in run(doctor, cwd=folder, home=home).stdout


def test_doctor_names_what_is_missing_and_how_to_mend_it(place: tuple[Path, Path], empty_database: str) -> None:
    folder, home = place
    done = run([road.INSIGHTS, "doctor", "--database", empty_database], cwd=folder, home=home, expect=1)
    assert "insights migrate up" in done.stdout
