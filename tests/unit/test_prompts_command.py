import json
import shutil
from pathlib import Path

import pytest
from tests.unit.narrative_fixture import ADVICE, LEXICON, LOCALE, PROMPTS
from typer.testing import CliRunner

from insights.cli import prompts
from insights.errors import BadInput
from insights.narrative import INSIGHT_TYPES
from insights.narrative.rubric import QUESTIONS
from insights.narrative.trial import Outcome, trial
from insights.pipeline.prompts import Library

RUN = CliRunner()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    shutil.copytree(PROMPTS, tmp_path / "prompts")
    return Library(tmp_path / "prompts")


def test_check_prints_the_share_of_each_question_for_rules_and_recorded_answers() -> None:
    result = RUN.invoke(prompts.app, ["check", "--lifters", "6", "--json"])
    assert result.exit_code == 0, result.output
    payload = json.loads(result.stdout)
    assert payload["ok"] and payload["wrong"] == []
    for narrator in ("rules", "recorded"):
        assert set(payload[narrator]["shares"]) == {str(number) for number in QUESTIONS}
        assert payload[narrator]["judged"] > 100
    assert set(payload["recorded"]["origins"]) == {"hand-written"}


def test_released_templates_are_as_they_were_released(library: Library) -> None:
    assert prompts.changed_templates(library) == []


def test_a_changed_a_new_and_a_lost_template_are_found(library: Library) -> None:
    changed, lost = library.folder / "record" / "v1.j2", library.folder / "balance" / "v1.j2"
    changed.write_text(changed.read_text() + " ")
    lost.unlink()
    (library.folder / "record" / "v0.j2").write_text("new")
    assert prompts.changed_templates(library) == [
        "balance/v1.j2 is locked and not there",
        "record/v0.j2 is not in prompts.lock",
        "record/v1.j2 is released and has changed",
    ]


def test_a_variable_that_is_not_there_is_found_before_any_call(library: Library) -> None:
    made = trial(2, locale=LOCALE, lexicon=LEXICON, advice=ADVICE)
    assert prompts.missing_variables(library, made) == []
    template = library.folder / "balance" / "v2.j2"
    template.write_text(template.read_text() + "{{ mood }}")
    (library.folder / "plateau" / "prompt.toml").write_text("name =")
    (library.folder / "locale" / "en.toml").rename(library.folder / "locale" / "xx.toml")
    wrong = prompts.missing_variables(Library(library.folder), made)
    assert {line.partition(":")[0] for line in wrong} == set(INSIGHT_TYPES)
    (library.folder / "locale" / "xx.toml").rename(library.folder / "locale" / "en.toml")
    wrong = prompts.missing_variables(Library(library.folder), made)
    assert [line.partition(":")[0] for line in wrong] == ["plateau", "balance"]
    assert "mood" in wrong[1]


def test_a_question_that_passes_too_seldom_is_a_finding() -> None:
    assert prompts.failing(Outcome()) == ["nothing was judged"]
    shares = dict.fromkeys(QUESTIONS, 1.0)
    assert prompts.failing(Outcome(judged=100, shares=shares | {6: 0.95})) == []
    assert prompts.failing(Outcome(judged=100, shares=shares | {6: 0.94})) == [
        "question 6, not told before: 94.0% of 100"
    ]


@pytest.mark.parametrize("insight_type", INSIGHT_TYPES)
def test_render_prints_what_a_model_would_be_asked(insight_type: str) -> None:
    made = trial(12, locale=LOCALE, lexicon=LEXICON, advice=ADVICE)
    lifter = next(i for i in range(12) if any(w.insight_type == insight_type for week in made.weeks for w in week[i]))
    result = RUN.invoke(prompts.app, ["render", insight_type, "--lifter", str(lifter), "--json"])
    assert result.exit_code == 0, result.output
    payload = json.loads(result.stdout)
    assert [message["role"] for message in payload["messages"]] == ["system", "user"]
    assert prompts.NONCE in payload["messages"][1]["content"]
    assert payload["prompt"] == f"{insight_type}/2"
    assert 120 <= len(payload["by_rules"]) <= 600
    assert RUN.invoke(prompts.app, ["render", insight_type, "--lifter", str(lifter)]).exit_code == 0


def test_an_unknown_type_is_refused() -> None:
    assert isinstance(RUN.invoke(prompts.app, ["render", "horoscope"]).exception, BadInput)
