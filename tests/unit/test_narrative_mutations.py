import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.narrative_fixture import LEXICON, points, told
from tests.unit.narrative_lies import KINDS

from insights.narrative import Wanted, tell, verify

NONCE = "5f2a9c"
WANTED = told(points())


def honest(wanted: Wanted) -> dict[str, Any]:
    found: dict[str, Any] = tell(wanted, NONCE).model_dump()
    return found


def test_mutation_kinds_begin_with_an_answer_that_passes() -> None:
    assert len(KINDS) >= 50
    assert {wanted.insight_type for wanted in WANTED} >= {"weekly_summary", "plateau", "strength_progress", "record"}
    for wanted in WANTED:
        assert verify(json.dumps(honest(wanted)), wanted, LEXICON, NONCE).ok


@pytest.mark.parametrize("kind", KINDS)
@given(wanted=st.sampled_from(WANTED), random=st.randoms(use_true_random=False))
def test_mutation_of_every_kind_is_refused(kind: str, wanted: Wanted, random: Random) -> None:
    lie = KINDS[kind](random, honest(wanted))
    verdict = verify(lie, wanted, LEXICON, NONCE)
    assert not verdict.ok, lie
    assert verdict.reasons
    assert verdict.rendered is None
