"""The texts of one language: number and date formats, unit words, clauses, titles, and the rule narrator's plans.

A locale is one TOML file (`prompts/locale/en.toml`), handed in as text. Its shape is checked here, once; that every
clause names known slots is checked by a test over all of them.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from insights.errors import BadSettings

Choices = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """The phrasings of one claim: named (a sentence that names what it is about), again (the same, where the text has
    just named it), it (with the subject "it") and noun (a noun phrase). An empty tuple: this form does not exist."""

    named: Choices
    again: Choices
    it: Choices
    noun: Choices


@dataclass(frozen=True, slots=True)
class Locale:
    """One language. Unit words are (one, other); a clause is looked up by metric and direction."""

    code: str
    long_name: str
    decimal: str
    group: str
    months: Choices
    range_word: str
    units: Mapping[str, tuple[str, str]]
    entities: Mapping[str, str]
    clauses: Mapping[tuple[str, str], Clause]
    titles: Mapping[str, Choices]
    plans: Mapping[str, Choices]
    closings: Choices
    recommendations: Mapping[str, Choices]
    chart: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> "Locale":
        """A locale from the text of its file. Raises BadSettings where the file is no locale."""
        try:
            return _locale(tomllib.loads(text))
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
            raise BadSettings(f"the locale cannot be used: {error!r}") from error

    def entity(self, name: str) -> str:
        """A muscle or movement in this language; a name that the file does not hold, without its underscores."""
        return self.entities.get(name, name.replace("_", " "))


def _locale(raw: dict[str, Any]) -> Locale:
    numbers, dates = raw["numbers"], raw["dates"]
    if len(dates["months"]) != 12:
        raise ValueError("dates.months must hold twelve names")
    return Locale(
        code=raw["code"],
        long_name=raw["long_name"],
        decimal=numbers["decimal"],
        group=numbers["group"],
        months=tuple(dates["months"]),
        range_word=dates["range"],
        units={unit: (words[0], words[1]) for unit, words in raw["units"].items()},
        entities=dict(raw["entities"]),
        clauses={
            (metric, direction): _clause(forms)
            for metric, directions in raw["clauses"].items()
            for direction, forms in directions.items()
        },
        titles={kind: tuple(texts) for kind, texts in raw["titles"].items()},
        plans={kind: tuple(texts) for kind, texts in raw["plans"].items()},
        closings=tuple(raw["closings"]),
        recommendations={name: tuple(texts) for name, texts in raw["recommendations"].items()},
        chart=dict(raw["chart"]),
    )


def _clause(forms: dict[str, list[str]]) -> Clause:
    named = tuple(forms["named"])
    unknown = set(forms) - {"named", "again", "it", "noun"}
    if unknown or not named:
        raise ValueError(f"a clause has the forms named, again, it and noun, not {sorted(unknown)}")
    return Clause(named, tuple(forms.get("again", named)), tuple(forms.get("it", ())), tuple(forms.get("noun", ())))
