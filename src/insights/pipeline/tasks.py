"""One insight to be told, on its way: for whom, what, with which prompt, and its row in the ledger."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from hashlib import blake2b
from typing import Final

from insights import narrative
from insights.db import insights as store
from insights.db import queue
from insights.llm.calls import Call
from insights.pipeline.prompts import Library

SECOND_TRY: Final = "Your answer cannot be used: {reasons}. Answer again in the same form."
SCHEMA: Final = narrative.json_schema()


@dataclass(frozen=True)
class Task:
    """One insight to be told: for whom, what, and with which prompt, where a model is asked."""

    reader: store.Reader
    wanted: narrative.Wanted
    library: Library
    as_of: date
    prompt: narrative.Prompt | None = None
    prompt_hash: str | None = None
    model: str | None = None
    entry: queue.Entry | None = field(default=None, compare=False)  # its row in the ledger
    # The sentences, without figures, that the user has read lately, each with its insight's key: one for all tasks of a
    # user, and what is told now is added.
    read: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def used(self) -> set[str]:
        """The sentences that this insight must not repeat; it may repeat its own."""
        return {sentences for sentences, key in self.read.items() if key != self.wanted.insight_key}

    @cached_property
    def question(self) -> queue.Question:
        """What it is about, as the ledger keeps it."""
        wanted = self.wanted
        return queue.Question(
            self.reader.id, wanted.insight_key, wanted.insight_type, wanted.input_hash, self.prompt_hash or ""
        )

    @property
    def row(self) -> queue.Entry:
        """Its row in the ledger, which every task has that a model is asked about."""
        if self.entry is None:
            raise ValueError("the task is not in the ledger")
        return self.entry

    @property
    def nonce(self) -> str:
        """What the answer must carry back, so that an answer to another request cannot pass."""
        request = f"{self.reader.id}/{self.wanted.insight_key}/{self.wanted.input_hash}/{self.prompt_hash}"
        return blake2b(request.encode(), digest_size=6).hexdigest()

    @cached_property
    def messages(self) -> tuple[dict[str, str], ...]:
        """What the model is asked; after an answer that did not verify, with that answer and the reasons."""
        if self.prompt is None:
            raise ValueError("a task without a prompt is for the rules")
        context = narrative.prompt_context(self.wanted, self.nonce, self.library.lexicon)
        asked = self.library.messages(self.prompt, context)
        if self.entry is None or not self.entry.rejected or self.entry.raw_answer is None:
            return asked
        again = SECOND_TRY.format(reasons="; ".join(self.entry.reasons))
        return (*asked, {"role": "assistant", "content": self.entry.raw_answer}, {"role": "user", "content": again})

    @property
    def call(self) -> Call:
        """The question as an endpoint takes it; its key is its row in the ledger, once it is in the queue."""
        if self.prompt is None:
            raise ValueError("a task without a prompt is for the rules")
        return Call(
            key=str(self.entry.id) if self.entry else self.wanted.insight_key,
            messages=self.messages,
            json_schema=SCHEMA,
            max_tokens=self.prompt.max_tokens,
            temperature=self.prompt.temperature,
        )
