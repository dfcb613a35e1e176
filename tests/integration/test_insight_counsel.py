import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.integration.insight_fixture import AS_OF, NOW, example, execute, honest, job_of, rows, told, users

from insights import assets
from insights.llm.endpoint import Endpoint
from insights.llm.fake import FakeEndpoint
from insights.pipeline.planning import terms_of
from insights.pipeline.prompts import Library
from insights.pipeline.telling import tell

LOADING = {"rep_range", "variation", "frequency"}
EVERYWHERE = ["knee", "shoulder", "back", "hip", "elbow", "wrist"]
LIVE = "SELECT * FROM user_insights WHERE superseded_at IS NULL AND NOT stale"


def live(url: str, insight_type: str | None = None) -> list[dict[str, Any]]:
    found = rows(url, LIVE)
    return [row for row in found if insight_type in (None, row["insight_type"])]


def given(insights: list[dict[str, Any]]) -> set[str]:
    return {one["id"] for row in insights for one in row["recommendations"]}


def choosing(*ids: str) -> Callable[[dict[str, Any]], str]:
    """A model that recommends these, or all that are offered."""

    def answer(body: dict[str, Any]) -> str:
        offered = re.search(r"may be given, by id: ([a-z_, ]+)\.", body["messages"][1]["content"])
        chosen = list(ids) or (offered[1].split(", ")[:3] if offered else [])
        return json.dumps(example(body) | {"recommendations": chosen})

    return answer


def test_a_plateau_comes_with_recommendations_of_the_catalogue(facts: str) -> None:
    with FakeEndpoint(choosing()) as fake:
        told(facts, Endpoint(fake.url, "fake"))
    plateaus = live(facts, "plateau")
    assert {row["generator"] for row in plateaus} == {"llm"}
    assert given(plateaus) >= LOADING
    assert given([row for row in live(facts) if row["insight_type"] not in ("plateau", "strength_progress")]) == set()
    for row in plateaus:
        lift = row["insight_key"].split(":")[-1]
        for one in row["recommendations"]:
            assert one["text"] and one["source"]
            assert (one["exercise_id"] is not None) == (one["id"] == "variation")
            if one["exercise_id"]:
                pair = (lift, one["exercise_id"])
                assert rows(
                    facts,
                    "SELECT 1 FROM exercise_variations AS v JOIN exercise_catalog AS c ON c.id = %s AND NOT c.is_custom"
                    " WHERE (parent_exercise_id, variation_exercise_id) IN ((%s, %s), (%s, %s))"
                    " AND position(c.name IN %s) > 0",
                    pair[1], *pair, *reversed(pair), one["text"],
                )  # fmt: skip


@pytest.mark.parametrize("history", [{"areas": EVERYWHERE}, {"areas": ["my leg"]}, {"old": True}, "knee", [1]])
def test_an_injury_takes_back_what_loads_the_area(facts: str, history: object) -> None:
    with FakeEndpoint(choosing()) as fake:
        told(facts, Endpoint(fake.url, "fake"))
        before = {row["id"]: row for row in live(facts, "plateau")}
        assert given(list(before.values())) & LOADING
        execute(facts, "UPDATE users SET injury_history = %s", json.dumps(history))
        told(facts, Endpoint(fake.url, "fake"))
    after = live(facts, "plateau")
    assert {row["supersedes"] for row in after} == set(before)
    assert given(after)
    assert not given(after) & LOADING


def test_a_recommendation_that_an_injury_forbids_is_refused_to_a_model_too(facts: str) -> None:
    execute(facts, "UPDATE users SET injury_history = %s", json.dumps({"areas": EVERYWHERE}))
    with FakeEndpoint(choosing("variation")) as fake:
        told(facts, Endpoint(fake.url, "fake"), job=job_of(types=("plateau",)))
        asked = "".join(body["messages"][1]["content"] for body in fake.requests)
    assert "variation" not in asked
    assert "injur" not in asked
    assert {row["generator"] for row in live(facts)} == {"rules"}
    assert not given(live(facts)) & LOADING
    reasons = rows(facts, "SELECT reasons FROM insight_ledger")
    assert all("not among those offered" in str(row["reasons"]) for row in reasons)


def test_a_tier_that_the_catalogue_does_not_name_gets_none(facts: str) -> None:
    execute(facts, "UPDATE plan_feature_limits SET enabled = true WHERE plan_type = 'plus'")
    execute(facts, "UPDATE plan_feature_limits SET daily_limit = NULL, monthly_limit = NULL WHERE plan_type = 'plus'")
    execute(facts, "UPDATE plans SET type = 'plus'")
    told(facts)
    assert live(facts, "plateau")
    assert given(live(facts)) == set()


@pytest.fixture
def checked(tmp_path: Path) -> Library:
    """The prompts, with plateaus told in the grade `checked`."""
    folder = tmp_path / "prompts"
    shutil.copytree(assets.path("prompts"), folder)
    (folder / "plateau" / "prompt.toml").write_text(
        """
        name = "plateau"
        version = 3
        grade = "checked"
        system = "checked/system.v1.j2"
        template = "checked/v1.j2"
        files = ["checked/system.v1.j2", "checked/v1.j2", "lexicon/en.txt", "lexicon/en.deny.txt", "locale/en.toml"]
        max_tokens = 600
        temperature = 0.4
        """
    )
    return Library(folder)


PROSE = "Here is how it stands with {f1.exercise} at the moment"


@pytest.mark.parametrize(
    ("prose", "generator", "grade"),
    [
        (PROSE, "llm", "checked"),
        (f"{PROSE} because of your sleep", "rules", "proved"),
        (f"{PROSE} in kilograms", "rules", "proved"),
        (f"{PROSE}, 200 of them", "rules", "proved"),
    ],
)
def test_words_of_the_grade_checked_are_stored_as_such(
    facts: str, checked: Library, prose: str, generator: str, grade: str
) -> None:
    def answer(body: dict[str, Any]) -> str:
        shown = example(body)
        if "{f1.value}" not in body["messages"][0]["content"]:
            return json.dumps(shown)
        first, *rest = shown["sentences"]
        return json.dumps(shown | {"sentences": [first | {"text": f"{prose}: {first['text']}"}, *rest]})

    with FakeEndpoint(answer) as fake:
        terms = replace(terms_of(job_of(), Endpoint(fake.url, "fake"), NOW), library=checked)
        tell(facts, [(AS_OF, users(facts))], terms=terms, on_failure=lambda *failure: pytest.fail(str(failure)))
    plateaus = live(facts, "plateau")
    assert {(row["generator"], row["grade"]) for row in plateaus} == {(generator, grade)}
    assert {row["prompt_version"] for row in plateaus} == {"plateau/3"}
    assert all(row["description"].startswith("Here is how") for row in plateaus) is (generator == "llm")
    others = [row for row in live(facts) if row["insight_type"] != "plateau"]
    assert {(row["generator"], row["grade"]) for row in others} == {("llm", "proved")}


BY_MONTH = ("strength_progress", "plateau", "balance", "consistency")


AS_OF_LAST_MONTH = (
    "UPDATE user_insights SET id = gen_random_uuid(), created_at = %s,"
    " insight_key = replace(insight_key, '2025-05-01', '2025-04-01') WHERE insight_type = ANY (%s)"
)


@pytest.mark.parametrize(("first_told", "again"), [("2025-05-20", False), ("2025-05-05", False), ("2025-05-01", True)])
def test_the_same_finding_is_not_told_twice_in_thirty_days(facts: str, first_told: str, again: bool) -> None:
    told(facts)
    execute(facts, AS_OF_LAST_MONTH, date.fromisoformat(first_told), list(BY_MONTH))
    before = {row["id"] for row in live(facts)}
    report = told(facts)
    new = [row for row in live(facts) if row["id"] not in before]
    assert {row["insight_type"] for row in new} == (set(BY_MONTH) if again else set())
    assert report.told.by_rules == len(new)


def test_a_trend_that_has_moved_by_more_than_the_data_could_show_is_told_again(facts: str) -> None:
    told(facts)
    execute(facts, AS_OF_LAST_MONTH, date(2025, 5, 20), list(BY_MONTH))
    moved = "UPDATE user_insights SET claims = jsonb_set(claims, '{0,identity,4,0,3}', '\"-40\"')"
    execute(facts, f"{moved} WHERE insight_type IN ('strength_progress', 'consistency')")
    before = {row["id"] for row in live(facts)}
    told(facts)
    assert {row["insight_type"] for row in live(facts) if row["id"] not in before} == {"strength_progress"}


@pytest.mark.parametrize(("days", "silent"), [(89, True), (91, False)])
def test_a_dismissed_claim_is_no_part_of_another_insight(facts: str, days: int, silent: bool) -> None:
    told(facts)
    records = {(row["user_id"], *_lead(row)) for row in live(facts, "record")}
    assert _beside(facts) & records
    execute(facts, "UPDATE user_insights SET is_dismissed = true WHERE insight_type = 'record'")
    execute(facts, "UPDATE user_insights SET dismissed_at = %s::date - %s WHERE is_dismissed", AS_OF, days)
    execute(facts, "UPDATE user_insights SET stale = true")
    report = told(facts)
    assert report.failures == []
    assert bool(_beside(facts) & records) is not silent
    assert live(facts, "weekly_summary")
    assert all(120 <= len(row["description"]) <= 600 for row in live(facts))


def _lead(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row["claims"][0]["identity"][:4])


def _beside(url: str) -> set[tuple[Any, ...]]:
    """The claims that are not the lead of their insight, by user."""
    return {(row["user_id"], *claim["identity"][:4]) for row in live(url) for claim in row["claims"][1:]}


def test_honest_answers_recommend_nothing_unasked(facts: str) -> None:
    with FakeEndpoint(honest) as fake:
        told(facts, Endpoint(fake.url, "fake"))
    assert given(live(facts)) == set()
