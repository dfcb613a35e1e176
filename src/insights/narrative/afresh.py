"""The same telling in other words: phrasings move on until the sentences are not those of an insight read lately."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final

from insights.narrative.memory import skeleton
from insights.narrative.verify import Verdict
from insights.narrative.wanted import Wanted

TURNS: Final = 20  # tried at most: clauses have two to five phrasings each


def afresh(wanted: Wanted, judge: Callable[[Wanted], Verdict], used: Collection[str]) -> tuple[Wanted, Verdict]:
    """The insight at the first turn at which its answer passes in sentences that are not `used`, and that verdict.

    Where the answer does not pass at its own turn, or nothing is left unused, it is the insight at its own turn.
    """
    first = judge(wanted)
    if first.rendered is None or skeleton(first.rendered) not in used:
        return wanted, first
    for shift in range(1, TURNS):
        turned = replace(wanted, turn=wanted.turn + shift)
        verdict = judge(turned)
        if verdict.rendered is not None and skeleton(verdict.rendered) not in used:
            return turned, verdict
    return wanted, first
