"""Looks at every numeral of every stored insight with the database alone, and imports nothing of the package.

    python tests/integration/numerals.py postgresql://...

After the exact names of exercises are taken out, every numeral must be the value of a cited fact in the user's unit, a
cited fact's window, or part of a cited fact's date. Prints what is not and ends with 1.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import dict_row

POUND_KG = 0.45359237
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
MONTH = "|".join(MONTHS)
WINDOW = re.compile(rf"\b(\d{{1,2}})(?: ({MONTH}))?(?: (\d{{4}}))? to (\d{{1,2}}) ({MONTH})(?: (\d{{4}}))?\b")
DAY = re.compile(rf"\b(\d{{1,2}}) ({MONTH})(?: (\d{{4}}))?\b")
MONTH_OF = re.compile(rf"\b({MONTH}) (\d{{4}})\b")
NUMERAL = re.compile(r"(?<![\w.,])(\d[\d,]*(?:\.\d+)?)(?: ?(kg|lb|%))?")
UNITS_OF_SIGN = {"%": ("%", "%/week")}

INSIGHTS = """
    SELECT i.id, i.user_id, i.title, i.description, i.units, i.period_end, i.valid_until,
           ARRAY(SELECT to_jsonb(d) FROM insight_data_points AS d
                 WHERE d.id = ANY (i.supporting_data_ids) AND d.user_id = i.user_id) AS facts,
           cardinality(i.supporting_data_ids) AS cited,
           ARRAY(SELECT DISTINCT c.name FROM insight_data_points AS d JOIN exercise_catalog AS c ON c.id = d.entity_id
                 WHERE d.id = ANY (i.supporting_data_ids) AND d.user_id = i.user_id) AS names
    FROM user_insights AS i
    WHERE i.insight_key IS NOT NULL
    ORDER BY i.id
"""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A numeral that no cited fact knows, or another fault of one insight."""

    insight: str
    what: str
    text: str


def strangers(connection: psycopg.Connection[Any]) -> tuple[int, int, list[Stranger]]:
    """How many insights and numerals were looked at, and what is wrong with them."""
    insights = numerals = 0
    found: list[Stranger] = []
    with connection.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(INSIGHTS):
            insights += 1
            numerals += len(re.findall(r"\d+", row["description"]))
            found += [Stranger(str(row["id"]), what, row["description"]) for what in faults(row)]
    return insights, numerals, found


def faults(row: dict[str, Any]) -> Iterator[str]:
    """What is wrong with one insight."""
    facts, text, title = row["facts"], row["description"], row["title"]
    years = {row["period_end"].year, row["valid_until"].year}  # a date without a year is of the year it is told in
    if len(facts) != row["cited"] or not facts:
        yield "it cites what is no data point of this user"
    for name in sorted(row["names"], key=len, reverse=True):
        shown = " ".join(name.split())  # a name is shown on one line
        text, title = text.replace(shown, "_"), title.replace(shown, "_")
    if any(character.isnumeric() for character in title):
        yield f"the title holds a number: {title}"
    if any(character.isnumeric() and not "0" <= character <= "9" for character in text):
        yield "a numeral of another script"
    for pattern, known in ((WINDOW, is_window), (DAY, is_day), (MONTH_OF, is_month)):
        for match in pattern.finditer(text):
            if not any(known(match, fact, years) for fact in facts):
                yield f"{match[0]!r} is no window or date of a cited fact"
        text = pattern.sub("_", text)
    for match in NUMERAL.finditer(text):
        if not any(is_value(match, fact, row["units"]) for fact in facts):
            yield f"{match[0]!r} is no value of a cited fact"
    if re.search(r"\d", NUMERAL.sub("_", text)):
        yield "a digit within a word"


def day_of(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def fits(day: date | None, number: str, month: str, year: str | None, years: set[int]) -> bool:
    """Whether a day is the one that is written."""
    if day is None or (str(day.day), MONTHS[day.month - 1]) != (number, month):
        return False
    return day.year in years if year is None else str(day.year) == year


def is_window(match: re.Match[str], fact: dict[str, Any], years: set[int]) -> bool:
    first, last = day_of(fact["window_start"]), day_of(fact["window_end"])
    year = match[3] or match[6]  # where both ends are of one year, it stands once
    return fits(last, match[4], match[5], match[6], years) and fits(first, match[1], match[2] or match[5], year, years)


def is_day(match: re.Match[str], fact: dict[str, Any], years: set[int]) -> bool:
    days = (fact["window_start"], fact["window_end"], fact["measurement_date"])
    return any(fits(day_of(day), match[1], match[2], match[3], years) for day in days)


def is_month(match: re.Match[str], fact: dict[str, Any], _: set[int]) -> bool:
    day = day_of(fact["window_start"])
    return day is not None and (MONTHS[day.month - 1], str(day.year)) == match.groups()


def is_value(match: re.Match[str], fact: dict[str, Any], units: str) -> bool:
    """Whether the number is the fact's to the decimals that are shown, and its sign or unit the reader's."""
    number, sign = match[1], match[2]
    if fact["numeric_value"] is None:
        return False
    value, weight = abs(float(fact["numeric_value"])), fact["unit"] == "kg"
    if (sign in ("kg", "lb") and (not weight or sign != units)) or (
        sign == "%" and fact["unit"] not in ("%", "%/week")
    ):
        return False
    if weight and units == "lb":
        value /= POUND_KG
    decimals = len(number.partition(".")[2])
    return abs(float(number.replace(",", "")) - value) <= 0.5 * 10.0**-decimals * (1 + 1e-9)


def main(url: str) -> int:
    with psycopg.connect(url) as connection:
        insights, numerals, found = strangers(connection)
    for one in found:
        print(f"{one.insight}: {one.what}\n    {one.text}")
    print(f"{insights} insights, {numerals} numerals, {len(found)} that no cited fact knows")
    return 1 if found or not insights else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
