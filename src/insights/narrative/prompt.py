"""What a model is shown: claims and their facts under short ids, the phrases it may use, and an answer as an example.

A user's own text never gets here: lifts go as e1..eN with the catalogue's movement and muscle, and an own exercise
without either. Rendering (Jinja, sandboxed, strict) is the pipeline's; hashing a prompt is done here, from its texts.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from insights.errors import BadSettings
from insights.narrative import figures
from insights.narrative.claims import Claim
from insights.narrative.contract import SENTENCES, Answer, Sentence, json_schema
from insights.narrative.facts import Lift
from insights.narrative.lexicon import PLACES, Lexicon
from insights.narrative.render import DESCRIPTION, render
from insights.narrative.wanted import NAME_LENGTHS, Grade, Wanted

_CODE_WORD: Final = re.compile(r"[a-z][a-z_]{0,31}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt.toml: which template in which version, all texts that it rests on (paths under prompts/), how to ask."""

    name: str
    version: int
    grade: Grade
    system: str
    template: str
    files: tuple[str, ...]
    max_tokens: int
    temperature: float

    @classmethod
    def parse(cls, text: str) -> "Prompt":
        """A prompt from the text of its prompt.toml. Raises BadSettings where that is none."""
        try:
            raw = tomllib.loads(text)
            prompt = cls(
                name=raw["name"],
                version=raw["version"],
                grade=raw["grade"],
                system=raw["system"],
                template=raw["template"],
                files=tuple(raw["files"]),
                max_tokens=raw["max_tokens"],
                temperature=float(raw["temperature"]),
            )
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
            raise BadSettings(f"prompt.toml cannot be used: {error!r}") from error
        if prompt.grade not in {"proved", "checked"} or not {prompt.system, prompt.template} <= set(prompt.files):
            raise BadSettings(f"prompt {prompt.name}: grade is proved or checked, and files names every template")
        if prompt.grade == "checked" and not any(name.endswith(".deny.txt") for name in prompt.files):
            raise BadSettings(f"prompt {prompt.name}: the grade checked rests on a deny-list, which files must name")
        return prompt


def prompt_hash(prompt: Prompt, texts: Mapping[str, str]) -> str:
    """The hash of all that decides an answer: templates, lexicon, locale, schema, settings. SHA-256, hexadecimal.

    Raises BadSettings where a text is missing.
    """
    missing = [path for path in prompt.files if path not in texts]
    if missing:
        raise BadSettings(f"prompt {prompt.name} rests on texts that are not there: {', '.join(missing)}")
    settings = [prompt.name, prompt.version, prompt.grade, prompt.system, prompt.template]
    parts = [settings, prompt.max_tokens, prompt.temperature, json_schema(), [[p, texts[p]] for p in prompt.files]]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def text_hash(text: str) -> str:
    """The hash of one text, as prompts.lock holds it: SHA-256, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def locked(lock_text: str) -> dict[str, str]:
    """The released texts of a prompts.lock, path to hash. Lines are `hash  path`, as sha256sum writes them."""
    pairs = (line.split(maxsplit=1) for line in lock_text.splitlines() if line.strip() and not line.startswith("#"))
    return {path: digest for digest, path in pairs}


def common(lexicon: Lexicon) -> dict[str, Any]:
    """The variables of a system template, plain JSON values only: the same in every request."""
    return {
        "phrases": {
            place: [{"text": entry.phrase, "needs": entry.needs} for entry in lexicon.phrases(place)]
            for place in PLACES
        }
    }


def context(wanted: Wanted, nonce: str, lexicon: Lexicon) -> dict[str, Any]:
    """The variables of a request's own template, plain JSON values only."""
    lifts = list(dict.fromkeys(claim.lift for claim in wanted.claims if claim.lift))
    lift_ids = {lift: f"e{i}" for i, lift in enumerate(lifts, 1)}
    fact_ids = {fact.id: short_id for short_id, (fact, _) in wanted.short_facts().items()}
    needed = {claim.id for claim in wanted.most_salient()}
    return {
        "nonce": nonce,
        "insight_type": wanted.insight_type,
        "category": wanted.category,
        "locale": wanted.voice.locale.code,
        "lifts": [_lift(lift, lift_ids[lift]) for lift in lifts],
        "claims": [
            {
                "id": claim.id,
                "kind": claim.kind,
                "metric": claim.metric,
                "direction": claim.direction,
                "valence": claim.valence,
                "salience": round(claim.salience, 2),
                "about": lift_ids[claim.lift] if claim.lift else _code_word(claim.main.entity) or "training",
                "needed": claim.id in needed,
                "facts": _facts(claim, wanted, fact_ids),
            }
            for claim in wanted.claims
        ],
        "recommendations": list(wanted.recommendations),
        "example": _example(wanted, nonce, lexicon),
    }


def _lift(lift: Lift, short_id: str) -> dict[str, str]:
    if lift.custom:
        return {"id": short_id, "movement": "unknown", "muscle": "unknown"}
    movement, muscle = _code_word(lift.movement), _code_word(lift.muscle)
    return {"id": short_id, "movement": movement or "unknown", "muscle": muscle or "unknown"}


def _code_word(text: str | None) -> str:
    """The text where it is a single word of the catalogue's kind, else nothing."""
    return text if text and _CODE_WORD.fullmatch(text) else ""


def _facts(claim: Claim, wanted: Wanted, fact_ids: Mapping[Any, str]) -> list[dict[str, Any]]:
    voice = wanted.voice
    return [
        {
            "id": fact_ids[fact.id],
            "role": role,
            "value": _code_word(fact.text_value) if fact.numeric_value is None else figures.number(fact, voice),
            "unit": voice.units if fact.unit == "kg" else fact.unit,
            "window": figures.window_text(fact.window_start, fact.window_end, voice),
        }
        for role, fact in claim.facts
    ]


def _example(wanted: Wanted, nonce: str, lexicon: Lexicon) -> str:
    """A plain answer that would do, as JSON: the form that a small model can follow."""
    told = list(dict.fromkeys([wanted.claims[0], *wanted.most_salient()]))[:3]
    bare = [Sentence(text=f"{{{claim.id}}}.", cites=[claim.id]) for claim in told]
    closings = [Sentence(text=e.phrase, cites=[]) for e in lexicon.phrases("closing") if not e.needs]
    tries = [Answer(nonce=nonce, sentences=bare, recommendations=[])]
    tries += [Answer(nonce=nonce, sentences=[*bare, closing], recommendations=[]) for closing in closings]
    fitting = (a for a in tries if len(a.sentences) >= SENTENCES[0] and _fits(wanted, a))
    return next(fitting, tries[-1]).model_dump_json()


def _fits(wanted: Wanted, answer: Answer) -> bool:
    """Whether an answer's text has the right length whatever the lifts are called: names decide nothing in a prompt."""
    rendered = render(wanted, answer)
    facts = [(span, wanted.fact(span.fact_id)) for span in rendered.spans if span.kind == "name"]
    names = [span.end - span.start for span, fact in facts if fact is not None and fact.entity_id is not None]
    bare = len(rendered.description) - sum(names)
    shortest, longest = (bare + len(names) * length for length in NAME_LENGTHS)
    return DESCRIPTION[0] <= shortest and longest <= DESCRIPTION[1]
