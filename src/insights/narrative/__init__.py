"""From data points to words, pure: no I/O, no settings, no clock, no chance. Texts of the prompts folder are handed in.

    lexicon = Lexicon.parse(text of prompts/lexicon/en.txt)
    locale = Locale.parse(text of prompts/locale/en.toml)
    facts = table([Fact.from_row(row) ...], [Lift(id, name, movement, muscle, custom) ...])
    counsel = Counsel(AdviceCatalogue.parse(text of prompts/recommendations.toml), tier, injury_history, variations)
    for want in wanted(facts, as_of=day, units="kg", locale=locale, counsel=counsel):
        context = common_context(lexicon) | prompt_context(want, nonce, lexicon)  # -> Jinja -> endpoint -> answer_json
        verdict = verify(answer_json, want, lexicon, nonce)   # Verdict(ok, reasons, answer, rendered)
        if not verdict.ok:
            verdict = verify(tell(want).model_dump_json(), want, lexicon, RULES_NONCE)
        spec = chart(want, series)                            # want.chart says which series

The order of the steps: facts -> claims -> plan -> (prompt | rules) -> contract -> verify -> render.
"""

from typing import Final, get_args

from insights.narrative.advice import AdviceCatalogue, Counsel, Given, Offer
from insights.narrative.afresh import afresh
from insights.narrative.charts import spec as chart
from insights.narrative.contract import Answer, Sentence, json_schema
from insights.narrative.facts import Fact, FactTable, Lift, table
from insights.narrative.figures import Units
from insights.narrative.lexicon import Lexicon
from insights.narrative.locale import Locale
from insights.narrative.memory import Dismissed, Past, lately, skeleton, told_again
from insights.narrative.plan import wanted
from insights.narrative.prompt import Prompt, prompt_hash
from insights.narrative.prompt import common as common_context
from insights.narrative.prompt import context as prompt_context
from insights.narrative.render import Rendered, render
from insights.narrative.rules import RULES_NONCE, tell
from insights.narrative.verify import Verdict, verify
from insights.narrative.wanted import InsightType, Wanted

INSIGHT_TYPES: Final[tuple[InsightType, ...]] = get_args(InsightType)

__all__ = [
    "INSIGHT_TYPES",
    "RULES_NONCE",
    "AdviceCatalogue",
    "Answer",
    "Counsel",
    "Dismissed",
    "Fact",
    "FactTable",
    "Given",
    "InsightType",
    "Lexicon",
    "Lift",
    "Locale",
    "Offer",
    "Past",
    "Prompt",
    "Rendered",
    "Sentence",
    "Units",
    "Verdict",
    "Wanted",
    "afresh",
    "chart",
    "common_context",
    "json_schema",
    "lately",
    "prompt_context",
    "prompt_hash",
    "render",
    "skeleton",
    "table",
    "tell",
    "told_again",
    "verify",
    "wanted",
]
