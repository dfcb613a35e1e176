import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import psycopg
import pytest
from tests.conftest import create, drop, named
from tests.integration import numerals
from tests.integration.insight_fixture import AS_OF, NOW, example, execute, job_of, rows, told
from tests.oracle import nights

from insights.db.connection import connect
from insights.llm.endpoint import Endpoint
from insights.llm.fake import FakeEndpoint
from insights.pipeline import run as runs
from insights.simulate.store import Cohort, write_cohort

LIFTERS = Cohort(lifters=10, weeks=30, seed=23, until=AS_OF, ugliness=1.0)


@pytest.fixture(scope="module")
def insights(server_url: str, migrated_template: str, fresh_names: Iterator[str]) -> Iterator[str]:
    """A database with the insights of ten lifters, half of them in pounds, with names as users write them."""
    name = next(fresh_names)
    create(server_url, name, template=migrated_template)
    url = named(server_url, name)
    with connect(url, autocommit=True) as connection:
        written = write_cohort(connection, LIFTERS)
        connection.execute("UPDATE subscriptions SET current_period_start = '2020-01-01'")
        connection.execute("UPDATE user_preferences SET preferred_units = 'imperial' WHERE user_id::text > '8'")
        connection.execute("UPDATE exercise_catalog SET name = name || ' 5x5 (200 kg) in May'")
        assert len(written.users) == LIFTERS.lifters
    nights.described(url, [row["id"] for row in rows(url, "SELECT id FROM users")], AS_OF)
    runs.run(url, job_of(steps=("analytics",)), now=NOW, as_of=AS_OF)
    told(url)
    yield url
    drop(server_url, name)


@pytest.fixture
def copy(insights: str, server_url: str, fresh_names: Iterator[str]) -> Iterator[str]:
    name = next(fresh_names)
    create(server_url, name, template=insights.rsplit("/", 1)[1])
    yield named(server_url, name)
    drop(server_url, name)


def wrong(url: str) -> list[numerals.Stranger]:
    with psycopg.connect(url) as connection:
        looked_at, _, found = numerals.strangers(connection)
    assert looked_at > 30
    return found


def test_every_numeral_is_a_cited_facts(insights: str) -> None:
    assert wrong(insights) == []
    units = {row["units"] for row in rows(insights, "SELECT DISTINCT units FROM user_insights")}
    assert units == {"kg", "lb"}
    types = {row["insight_type"] for row in rows(insights, "SELECT DISTINCT insight_type FROM user_insights")}
    assert len(types) >= 7


def test_every_numeral_of_a_models_insights_is_a_cited_facts(copy: str) -> None:
    random = Random(5)

    def answer(body: dict[str, object]) -> str:
        """Every claim, each with an opener that may stand before it."""
        honest = example(body)
        ids = [sentence["cites"][0] for sentence in honest["sentences"] if sentence["cites"]]
        random.shuffle(ids)
        openers = ["For context, ", "In short, ", "", ""]
        told = [{"text": f"{random.choice(openers)}{{{name}}}.", "cites": [name]} for name in ids]
        closing = [sentence for sentence in honest["sentences"] if not sentence["cites"]]
        return json.dumps(honest | {"sentences": [*told, *closing]})

    with FakeEndpoint(answer) as fake:
        report = told(copy, Endpoint(fake.url, "fake"))
    assert report.told.by_model > report.told.wanted / 2
    assert wrong(copy) == []


ALTERED = {
    "a digit more": "description = regexp_replace(description, '([0-9]) ', '\\17 ')",
    "another last digit": "description = regexp_replace(description, '([0-9])([^0-9]*)$', '0.\\19\\2')",
    "a number at the end": "description = description || ' That is 17.3 kg.'",
    "the other unit": "description = translate(description, 'gk', 'bl')",
    "its unit": "units = CASE units WHEN 'kg' THEN 'lb' ELSE 'kg' END",
    "another month": "description = replace(replace(description, 'May', 'June'), 'April', 'March')",
    "a year": "description = regexp_replace(description, '([0-9]+) (May|April|June)', '\\1 \\2 2019')",
    "the day of another year": "period_end = period_end - 730, valid_until = valid_until - 730",
    "a number in the title": "title = title || ', 5 up'",
    "another script": "description = description || ' ٢٠٠.'",
    "another user's facts": "user_id = (SELECT max(u.id::text)::uuid FROM users AS u WHERE u.id <> i.user_id)",
    "no facts": "supporting_data_ids = '{}'",
    "a fact less": "supporting_data_ids = supporting_data_ids[2:]",
    "a number for a word": "description = replace(description, ' the ', ' 3 ')",
}


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED.keys())
def test_an_altered_insight_is_found(copy: str, change: str) -> None:
    execute(copy, "DROP INDEX user_insights_live_key")
    chosen = "SELECT id FROM user_insights WHERE insight_type IN ('record', 'weekly_summary', 'plateau')"
    changed = rows(copy, f"UPDATE user_insights AS i SET {change} WHERE id IN ({chosen}) RETURNING id::text")
    found = {one.insight for one in wrong(copy)}
    assert found
    assert found <= {row["id"] for row in changed}
    assert len(found) >= 0.6 * len(changed)


def test_the_check_shares_no_code_with_the_package(insights: str, capsys: pytest.CaptureFixture[str]) -> None:
    tree = ast.parse(Path(numerals.__file__).read_text())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {str(module).partition(".")[0] for module in modules | names} <= sys.stdlib_module_names | {"psycopg"}
    assert numerals.main(insights) == 0
    assert "0 that no cited fact knows" in capsys.readouterr().out
