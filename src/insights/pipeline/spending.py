"""The money of a run: what its calls cost, what it may spend, and what a night would cost before it is run."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from insights.db.queue import Account
from insights.errors import BadSettings
from insights.llm.calls import Call, Reply, Usage
from insights.llm.endpoint import Endpoint
from insights.llm.prices import FREE, NANO, Price, PriceTable
from insights.pipeline.job import Job

BYTES_A_TOKEN: Final = 4.0  # English in the usual vocabularies; until answers have told better
COMPLETION_TOKENS: Final = 120.0  # an answer of four sentences, until answers have told better
CALLS_AT_MOST: Final = 2  # an answer that does not verify is asked for once more


@dataclass(frozen=True, slots=True)
class Purse:
    """What one job pays with on one day."""

    account: Account
    price: Price
    batch_price: Price


def cost(reply: Reply, price: Price) -> int | None:
    """What a reply has cost, in 10^-9 USD; None where nobody told. Where nothing costs, it is 0."""
    if price.prompt == price.completion == 0:
        return 0
    return None if reply.usage is None else price.cost(reply.usage)


def purse(job: Job, endpoint: Endpoint, table: PriceTable, now: datetime) -> Purse:
    """The purse of a job.

    Raises:
        BadSettings: nobody knows what the endpoint's model costs.
    """
    day = now.date()
    part = job.insights
    own = part.price
    if own is not None:
        price: Price | None = Price(own.prompt, own.completion, own.batch, version=f"job {job.name}")
    else:
        price = table.price(endpoint.model, day)
        if price is None and endpoint.on_this_machine:
            price = FREE
    if price is None:
        raise BadSettings(
            f"nobody knows what {endpoint.model} costs",
            hint="Give its price in the job file: [insights.price] prompt = 0.15, completion = 0.60"
            " (USD for a million tokens; 0 where it costs nothing).",
        )
    cap = None if part.budget_usd is None else int(part.budget_usd * NANO)
    return Purse(Account(job.name, day, cap), price, price.in_batch)


@dataclass(slots=True)
class Estimate:
    """What a night would ask and pay. `cost` is what is likely, `at_most` what is reserved if each is asked twice."""

    prompt_tokens_a_byte: float = 1 / BYTES_A_TOKEN
    completion_tokens_each: float = COMPLETION_TOKENS
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_nano_usd: int = 0
    at_most_nano_usd: int = 0
    budget_nano_usd: int | None = None

    def add(self, call: Call, price: Price) -> None:
        """Count one more call."""
        sent = len(json.dumps(call.messages, ensure_ascii=False).encode())  # as the ledger keeps prompts
        prompt_tokens = round(sent * self.prompt_tokens_a_byte)
        completion_tokens = round(min(self.completion_tokens_each, call.max_tokens))
        self.calls += 1
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens
        self.cost_nano_usd += price.cost(Usage(prompt_tokens, completion_tokens))
        self.at_most_nano_usd += CALLS_AT_MOST * price.worst(call)

    def as_json(self) -> dict[str, Any]:
        """Plain values; money in USD as text, so that no digit is lost."""
        return {
            "calls": self.calls,
            "calls_at_most": CALLS_AT_MOST * self.calls,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "cost_usd": usd(self.cost_nano_usd),
            "cost_at_most_usd": usd(self.at_most_nano_usd),
            "budget_usd": None if self.budget_nano_usd is None else usd(self.budget_nano_usd),
        }


def usd(nano: int) -> str:
    """10^-9 USD as USD, to the last digit that is not zero but cents at least."""
    value = Decimal(nano) / NANO
    cents = value.quantize(Decimal("0.01"))
    return f"{cents}" if value == cents else f"{value.normalize():f}"
