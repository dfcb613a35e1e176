"""What calls cost: a table of prices in versions, the worst case of a call before it is made, and its cost after.

Money is counted in whole 10^-9 USD, rounded up, so that no sum loses a fraction.
"""

import json
import math
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, Final

from insights.errors import BadSettings
from insights.llm.calls import Call, Usage

NANO: Final = 1_000_000_000
MILLION: Final = 1_000_000
TOKENS_A_MESSAGE: Final = 16  # role and separators; published chat formats need 3 to 7


@dataclass(frozen=True)
class Price:
    """The price of a model: USD for a million tokens, and the share of it that a batch costs."""

    prompt: Decimal
    completion: Decimal
    batch: Decimal = Decimal(1)
    version: str = ""

    def __post_init__(self) -> None:
        if not all(part.is_finite() and part >= 0 for part in (self.prompt, self.completion, self.batch)):
            raise BadSettings("a price is a number of USD for a million tokens, 0 or more")

    @cached_property
    def in_batch(self) -> "Price":
        """The price of a line of a batch."""
        share = (self.prompt * self.batch, self.completion * self.batch)
        return Price(*share, version=f"{self.version} in a batch")

    def cost(self, usage: Usage) -> int:
        """What these tokens cost, in 10^-9 USD."""
        usd = (usage.prompt_tokens * self.prompt + usage.completion_tokens * self.completion) / MILLION
        return math.ceil(usd * NANO)

    def worst(self, call: Call) -> int:
        """The most that a call can cost, in 10^-9 USD."""
        return self.cost(most(call))


FREE: Final = Price(Decimal(0), Decimal(0), version="own machine")


def most(call: Call) -> Usage:
    """The most tokens that a call can use. A token is at least one byte of what is sent, the schema included."""
    sent = sum(len(message["content"].encode()) + TOKENS_A_MESSAGE for message in call.messages)
    return Usage(sent + len(json.dumps(call.json_schema).encode()), call.max_tokens)


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices in versions: by the day from which they hold."""

    versions: tuple[tuple[date, dict[str, Price]], ...]

    @classmethod
    def parse(cls, text: str) -> "PriceTable":
        """The table from the text of prompts/prices.toml. Raises BadSettings where that is none."""
        try:
            raw = tomllib.loads(text)
            versions = [(version["since"], _prices(version)) for version in raw["version"]]
        except (tomllib.TOMLDecodeError, KeyError, TypeError, InvalidOperation) as error:
            raise BadSettings(f"prices.toml cannot be used: {error!r}") from error
        return cls(tuple(sorted(versions, key=lambda version: version[0])))

    def price(self, model: str, day: date) -> Price | None:
        """The price of a model in the newest version that holds on a day; None where that one does not name it."""
        in_force = [prices for since, prices in self.versions if since <= day]
        return in_force[-1].get(model) if in_force else None


def _prices(version: dict[str, Any]) -> dict[str, Price]:
    name = str(version["name"])
    return {
        model: Price(Decimal(price["prompt"]), Decimal(price["completion"]), Decimal(price["batch"]), version=name)
        for model, price in version["models"].items()
    }
