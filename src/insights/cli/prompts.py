"""`insights prompts`: check what the words rest on, and see what a model would be asked. No database, no endpoint."""

from dataclasses import asdict
from typing import Annotated, Any, Final

import typer
from jinja2 import TemplateError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from insights import assets, narrative
from insights.cli.output import JsonOption, emit, note
from insights.errors import BadInput, BadSettings, CheckFailed
from insights.narrative import trial
from insights.narrative.prompt import locked, text_hash
from insights.narrative.rubric import QUESTIONS
from insights.pipeline.prompts import Library

app = typer.Typer(no_args_is_help=True)

LIFTERS: Final = 40
NONCE: Final = "0123456789ab"  # of the requests that are only looked at
LiftersOption = Annotated[int, typer.Option("--lifters", min=1, max=2000, help="How many lifters the cohort has.")]


@app.command()
def check(lifters: LiftersOption = LIFTERS, as_json: JsonOption = False) -> None:
    """Check the released prompts against their lock, their variables, and the rubric over a cohort of drawn lifters.

    The cohort is told by the rules and by the recorded answers of prompts/cohort/, over six weeks. Exit 1 where a
    released template has changed, a variable is missing, or a question of the rubric passes in less than 95 % of the
    cases.

    Examples:

        insights prompts check

        insights prompts check --lifters 200 --json
    """
    library = Library(assets.path("prompts"))
    wrong = changed_templates(library)
    made = _trial(library, lifters)
    wrong += missing_variables(library, made)
    note(f"telling {lifters:,} drawn lifters over {trial.WEEKS} weeks")
    answers = trial.recorded(assets.text("prompts", "cohort", "answers.jsonl"))
    outcomes = {"rules": made.by_rules(), "recorded": made.by_record(answers)}
    for name, outcome in outcomes.items():
        wrong += [f"{name}: {reason}" for reason in failing(outcome)]
    payload = {"ok": not wrong, "wrong": wrong, "lifters": lifters, "questions": QUESTIONS}
    payload |= {name: _plain(outcome) for name, outcome in outcomes.items()}
    emit(payload, as_json=as_json, render=lambda console: _show(console, outcomes, wrong))
    if wrong:
        raise CheckFailed(
            f"{len(wrong)} findings", hint="A released template never changes: add a new version instead."
        )


@app.command()
def render(
    insight_type: Annotated[str, typer.Argument(help="The insight type, for example weekly_summary.")],
    lifter: Annotated[int, typer.Option("--lifter", min=0, max=1999, help="Of whom of the cohort.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Print what a model would be asked, and what the rules would tell, for an insight of a drawn lifter.

    Example:

        insights prompts render strength_progress --lifter 3
    """
    if insight_type not in narrative.INSIGHT_TYPES:
        known = ", ".join(narrative.INSIGHT_TYPES)
        raise BadInput(f"there is no insight type {insight_type}", hint=f"Types: {known}.")
    library = Library(assets.path("prompts"))
    weeks = _trial(library, lifter + 1).weeks
    found = [w for week in weeks for w in week[lifter] if w.insight_type == insight_type]
    if not found:
        raise BadInput(f"lifter {lifter} of the cohort has no {insight_type}", hint="Try another: --lifter N.")
    wanted = found[-1]
    prompt, digest = library.prompt(insight_type)
    messages = library.messages(prompt, narrative.prompt_context(wanted, NONCE, library.lexicon))
    told = narrative.render(wanted, narrative.tell(wanted))
    payload = {"prompt": f"{prompt.name}/{prompt.version}", "prompt_hash": digest, "messages": messages}
    payload |= {"title": told.title, "by_rules": told.description, "recommendations": list(told.recommendations)}
    emit(payload, as_json=as_json, render=lambda console: _show_request(console, payload))


def changed_templates(library: Library) -> list[str]:
    """What differs between the templates and their lock."""
    lock = locked((library.folder / "prompts.lock").read_text(encoding="utf-8"))
    there = {path.relative_to(library.folder).as_posix(): path for path in library.folder.rglob("*.j2")}
    wrong = [f"{name} is locked and not there" for name in sorted(set(lock) - set(there))]
    wrong += [f"{name} is not in prompts.lock" for name in sorted(set(there) - set(lock))]
    return wrong + [
        f"{name} is released and has changed"
        for name in sorted(set(lock) & set(there))
        if text_hash(there[name].read_text(encoding="utf-8")) != lock[name]
    ]


def missing_variables(library: Library, made: trial.Trial) -> list[str]:
    """The insight types whose prompt cannot be rendered with what the narrative gives it, one reason each."""
    first = {insight.insight_type: insight for insight in reversed(list(trial.requests(made)))}
    wrong = []
    for insight_type in narrative.INSIGHT_TYPES:
        try:
            prompt, _ = library.prompt(insight_type)
            if insight_type in first:
                library.messages(prompt, narrative.prompt_context(first[insight_type], NONCE, library.lexicon))
        except (TemplateError, BadSettings, OSError) as error:
            wrong.append(f"{insight_type}: the prompt cannot be rendered: {error}")
    return wrong


def failing(outcome: trial.Outcome) -> list[str]:
    """The questions that pass in too few cases."""
    if not outcome.judged:
        return ["nothing was judged"]
    return [
        f"question {number}, {QUESTIONS[number]}: {share:.1%} of {outcome.judged:,}"
        for number, share in outcome.shares.items()
        if share < trial.PASSES_FROM
    ]


def _trial(library: Library, lifters: int) -> trial.Trial:
    advice = narrative.AdviceCatalogue.parse(assets.text("prompts", "recommendations.toml"))
    return trial.trial(lifters, locale=library.locale, lexicon=library.lexicon, advice=advice)


def _plain(outcome: trial.Outcome) -> dict[str, Any]:
    failures = [{"question": n, "insight_type": kind, "cases": count} for (n, kind), count in outcome.failures.items()]
    return asdict(outcome) | {"failures": failures, "origins": dict(outcome.origins)}


def _show(console: Console, outcomes: dict[str, trial.Outcome], wrong: list[str]) -> None:
    table = Table("", "question", *outcomes, box=None, pad_edge=False)
    for number, question in QUESTIONS.items():
        table.add_row(str(number), question, *(f"{o.shares.get(number, 0):.1%}" for o in outcomes.values()))
    console.print(table)
    for name, outcome in outcomes.items():
        origins = ", ".join(f"{count:,} {origin}" for origin, count in outcome.origins.items())
        unanswered = f", {outcome.unanswered:,} requests without an answer" if outcome.unanswered else ""
        console.print(f"{name}: {outcome.judged:,} insights ({origins}){unanswered}", highlight=False)
        for refused in outcome.refused:
            console.print(f"  refused: {escape(refused)}", highlight=False, soft_wrap=True)
    for finding in wrong:
        console.print(f"[red]{escape(finding)}[/]", highlight=False, soft_wrap=True)


def _show_request(console: Console, payload: dict[str, Any]) -> None:
    for message in payload["messages"]:
        console.rule(message["role"])
        console.print(escape(message["content"]), highlight=False, soft_wrap=True)
    console.rule("by the rules")
    console.print(
        f"[bold]{escape(payload['title'])}[/]\n{escape(payload['by_rules'])}", highlight=False, soft_wrap=True
    )
    for given in payload["recommendations"]:
        console.print(escape(f"- {given['text']} [{given['source']}]"), highlight=False, soft_wrap=True)
