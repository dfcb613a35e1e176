"""The prompt files, read once a run: locale, lexicon, and one prompt an insight type, rendered in a sandbox."""

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from insights import narrative
from insights.llm.prices import PriceTable


@dataclass(frozen=True)
class Library:
    """The folder `prompts/`, in one language."""

    folder: Path
    locale_code: str = "en"
    _prompts: dict[str, tuple[narrative.Prompt, str]] = field(default_factory=dict, repr=False, compare=False)
    _systems: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def locale(self) -> narrative.Locale:
        """The texts of the language."""
        return narrative.Locale.parse(self._text(f"locale/{self.locale_code}.toml"))

    @cached_property
    def lexicon(self) -> narrative.Lexicon:
        """The words that a model may use beside tokens, and those that it may not use in the grade `checked`."""
        allowed, denied = (self._text(f"lexicon/{self.locale_code}.{kind}") for kind in ("txt", "deny.txt"))
        return narrative.Lexicon.parse(allowed, denied)

    @cached_property
    def advice(self) -> narrative.AdviceCatalogue:
        """What may be recommended."""
        return narrative.AdviceCatalogue.parse(self._text("recommendations.toml"))

    @cached_property
    def texts_hash(self) -> str:
        """What the rule narrator's words rest on: locale, lexicon, recommendations."""
        names = (f"locale/{self.locale_code}.toml", f"lexicon/{self.locale_code}.txt", "recommendations.toml")
        return sha256("".join(map(self._text, names)).encode()).hexdigest()

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
        """The messages of one call. The system message knows nothing of the request: it is rendered once."""
        if prompt.system not in self._systems:
            self._systems[prompt.system] = self.environment.get_template(prompt.system).render(self._common)
        return (
            {"role": "system", "content": self._systems[prompt.system]},
            {"role": "user", "content": self.environment.get_template(prompt.template).render(self._common | context)},
        )

    @cached_property
    def _common(self) -> dict[str, Any]:
        return narrative.common_context(self.lexicon)

    @cached_property
    def prices(self) -> PriceTable:
        """What models cost."""
        return PriceTable.parse(self._text("prices.toml"))

    def _text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")
