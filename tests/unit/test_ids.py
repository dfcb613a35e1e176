from datetime import date
from uuid import UUID

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights import ids

days = st.dates(min_value=date(1900, 1, 1), max_value=date(2300, 1, 1))
MASK = (1 << 64) - 1


def frame(user: UUID, lift: UUID | None, day: date, text: str | None, number: int | None) -> pl.DataFrame:
    data = {
        "user_id": [user.bytes],
        "lift": [lift.bytes if lift else None],
        "day": [day],
        "text": [text],
        "n": [number],
    }
    schema = {"user_id": pl.Binary, "lift": pl.Binary, "day": pl.Date, "text": pl.String, "n": pl.Int64}
    return pl.DataFrame(data, schema=schema)


@given(st.uuids(), st.none() | st.uuids(), days, st.none() | st.text(), st.none() | st.integers(-(2**62), 2**62))
def test_columns_and_plain_integers_give_the_same_id(
    user: UUID, lift: UUID | None, day: date, text: str | None, number: int | None
) -> None:
    key = [*ids.uuid_words("lift"), ids.text_words("text"), ids.integer_word("n")]
    column = ids.with_ids(frame(user, lift, day, text, number), "table", user="user_id", day="day", key=key)["id"]
    halves = divmod(lift.int, 1 << 64) if lift else (0, 0)
    plain = [*halves, 0 if text is None else ids.word(text), (1 << 63) if number is None else number & MASK]
    expected = ids.id_of("table", user=user, day=day, key=plain)
    assert UUID(bytes=column[0]) == expected
    assert expected.version == 8
    assert expected.variant == "specified in RFC 4122"


@given(st.uuids(), days)
def test_rows_of_one_user_lie_together_and_in_the_order_of_days(user: UUID, day: date) -> None:
    first = ids.id_of("a", user=user, day=date(2024, 2, 29), key=[1])
    later = ids.id_of("b", user=user, day=date(2024, 3, 1), key=[0])
    other = ids.id_of("a", user=user, day=day, key=[1])
    assert first < later
    assert first.int >> 96 == other.int >> 96


@pytest.mark.parametrize(("day", "bits"), [(date(1969, 12, 31), 0), (date(1970, 1, 2), 1), (date(2300, 1, 1), 0xFFFF)])
def test_the_day_is_clipped_to_sixteen_bits(day: date, bits: int) -> None:
    assert (ids.id_of("a", user=UUID(int=7), day=day, key=[]).int >> 80) & 0xFFFF == bits


def test_an_id_never_changes() -> None:
    known = ids.id_of("strength_progressions", user=UUID(int=1), day=date(2024, 2, 29), key=[2, 3])
    assert str(known) == "053502c2-4d46-8fdc-ae79-4147329e720d"


def test_a_million_keys_of_one_user_and_day_do_not_collide() -> None:
    rows = pl.DataFrame({"n": range(1_000_000)}).with_columns(user_id=pl.lit(bytes(16)), day=pl.lit(date(2024, 1, 1)))
    made = ids.with_ids(rows, "table", user="user_id", day="day", key=[ids.integer_word("n")])
    assert made["id"].n_unique() == 1_000_000
