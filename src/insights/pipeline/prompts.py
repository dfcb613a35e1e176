"""The prompt files, read once a run: locale, lexicon, and one prompt an insight type, rendered in a sandbox."""

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from insights import narrative
from insights.llm.prices import PriceTable
from insights.narrative.lexicon import PLACES


class Phrase(NamedTuple):
    """A phrase of the lexicon as the templates know it."""

    text: str
    needs: str


@dataclass(frozen=True)
class Library:
    """The folder `prompts/`, in one language."""

    folder: Path
    locale_code: str = "en"
    _prompts: dict[str, tuple[narrative.Prompt, str]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def locale(self) -> narrative.Locale:
        """The texts of the language."""
        return narrative.Locale.parse(self._text(f"locale/{self.locale_code}.toml"))

    @cached_property
    def lexicon(self) -> narrative.Lexicon:
        """The words that a model may use beside tokens."""
        return narrative.Lexicon.parse(self._text(f"lexicon/{self.locale_code}.txt"))

    @cached_property
    def texts_hash(self) -> str:
        """What the rule narrator's words rest on: the locale and the lexicon."""
        texts = self._text(f"locale/{self.locale_code}.toml") + self._text(f"lexicon/{self.locale_code}.txt")
        return sha256(texts.encode()).hexdigest()

    @cached_property
    def environment(self) -> SandboxedEnvironment:
        """Jinja: a variable that is missing is an error before any call."""
        return SandboxedEnvironment(
            loader=FileSystemLoader(self.folder),
            undefined=StrictUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # the files of a run do not change under it
        )

    def prompt(self, insight_type: str) -> tuple[narrative.Prompt, str]:
        """The prompt of an insight type in its current version, and its hash."""
        if insight_type not in self._prompts:
            prompt = narrative.Prompt.parse(self._text(f"{insight_type}/prompt.toml"))
            texts = {name: self._text(name) for name in prompt.files}
            self._prompts[insight_type] = prompt, narrative.prompt_hash(prompt, texts)
        return self._prompts[insight_type]

    def messages(self, prompt: narrative.Prompt, context: dict[str, Any]) -> tuple[dict[str, str], ...]:
        """The messages of one call. The phrases, the same in every call, go in a form that Jinja reads fast."""
        context = {**context, "phrases": self._phrases}
        return (
            {"role": "system", "content": self.environment.get_template(prompt.system).render(context)},
            {"role": "user", "content": self.environment.get_template(prompt.template).render(context)},
        )

    @cached_property
    def _phrases(self) -> dict[str, tuple[Phrase, ...]]:
        """The lexicon's phrases by their place, as `narrative.prompt_context` gives them."""
        return {
            place: tuple(Phrase(entry.phrase, entry.needs) for entry in self.lexicon.phrases(place)) for place in PLACES
        }

    @cached_property
    def prices(self) -> PriceTable:
        """What models cost."""
        return PriceTable.parse(self._text("prices.toml"))

    def _text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")
