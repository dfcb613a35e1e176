"""The exercise catalogue: parsed from its TOML files, and asked which lift a log's title means.

A title means a lift when it equals the name or an alias (case, accents and punctuation aside), or when it is made of
the same words (`lift_names.words`), give or take words that say nothing new: the lift's own equipment and its
`implied` words. There is no likeness and no threshold: "incline", "assisted" or "single arm" never go unnoticed,
because a title with a word more or less is another set of words. What does not match is the lifter's own lift.

The files hold `[profile.NAME]` tables, which a `[[lift]]` starts from and may override, and `[[family]]` tables that
say which lifts are variations of which.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import chain, combinations
from typing import Any, Literal

from pydantic import ValidationError

from insights.errors import BadInput
from insights.lift_names import plain, words
from insights.lifts import Lift, VariationType

How = Literal["name", "alias", "words", "mapping"]
Words = frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """The lift that a title means, and what it was recognised by."""

    lift: Lift
    how: How


@dataclass(frozen=True, slots=True)
class Variation:
    """One lift as a variation of another, and in what it differs."""

    parent: Lift
    lift: Lift
    variation_type: VariationType


@dataclass(frozen=True, slots=True)
class NameMapping:
    """What a lifter's own names mean: plain title -> lift."""

    lifts: Mapping[str, Lift] = field(default_factory=dict)


class Catalogue:
    """The lifts, their variations, and the index that titles are looked up in."""

    def __init__(self, lifts: Iterable[Lift], variations: Iterable[Variation] = ()) -> None:
        """Index the lifts.

        Raises:
            BadInput: two lifts share a slug or could both be meant by one title.
        """
        self.lifts: dict[str, Lift] = {}
        self.variations = tuple(variations)
        self._titles: dict[str, Match] = {}
        self._words: dict[Words, Lift] = {}
        for lift in lifts:
            if self.lifts.setdefault(lift.slug, lift) is not lift:
                raise BadInput(f"two lifts have the slug {lift.slug!r}")
            self._index(lift)

    def _index(self, lift: Lift) -> None:
        for title in (lift.name, *lift.aliases):
            how: How = "name" if title == lift.name else "alias"
            claimed = self._titles.setdefault(plain(title), Match(lift, how))
            if claimed.lift is not lift:
                raise BadInput(f"{title!r} could mean both {claimed.lift.name!r} and {lift.name!r}")
            for key in _spellings(words(title), lift.spare_words):
                other = self._words.setdefault(key, lift)
                if other is not lift:
                    raise BadInput(
                        f"{title!r} ({' '.join(sorted(key))}) could mean both {other.name!r} and {lift.name!r}"
                    )

    def match(self, title: str) -> Match | None:
        """The lift that a title means, or None where it is the lifter's own."""
        if found := self._titles.get(plain(title)):
            return found
        lift = self._words.get(words(title))
        return Match(lift, "words") if lift else None

    def resolve(self, title: str, mapping: NameMapping | None = None) -> Match | None:
        """As `match`, but what the lifter's mapping says comes first."""
        mapped = mapping.lifts.get(plain(title)) if mapping else None
        return Match(mapped, "mapping") if mapped else self.match(title)

    def nearest(self, title: str, count: int = 3) -> list[str]:
        """Names of the lifts that are spelt most like a title; for messages, never for matching."""
        wanted = plain(title)
        likeness: dict[str, float] = {}
        for known, match in self._titles.items():
            ratio = SequenceMatcher(None, wanted, known, autojunk=False).ratio()
            likeness[match.lift.name] = max(ratio, likeness.get(match.lift.name, 0.0))
        return sorted(likeness, key=lambda name: (-likeness[name], name))[:count]

    def read_mapping(self, text: str) -> NameMapping:
        """A lifter's mapping file: TOML lines `"My own name" = "name or slug of the catalogue"`.

        Raises:
            BadInput: the text is no TOML, a value is no name, a name is mapped twice, or a target is unknown.
        """
        lifts: dict[str, Lift] = {}
        for own, target in _table(text, "the mapping").items():
            if not isinstance(target, str):
                raise BadInput(
                    f"mapping of {own!r}: the value must be a name in quotes", hint='"My lift" = "Lat Pulldown"'
                )
            lift = self.lifts.get(target) or (match.lift if (match := self.match(target)) else None)
            if lift is None:
                near = ", ".join(repr(name) for name in self.nearest(target))
                raise BadInput(f"mapping of {own!r}: the catalogue has no {target!r}", hint=f"The nearest are {near}.")
            if lifts.setdefault(plain(own), lift) is not lift:
                raise BadInput(f"{own!r} is mapped twice, to different lifts")
        return NameMapping(lifts)


def parse(texts: Mapping[str, str]) -> Catalogue:
    """The catalogue of some TOML texts by file name.

    Raises:
        BadInput: a text is no TOML or an entry is wrong; names the file and the entry.
    """
    tables = {name: _table(text, name) for name, text in texts.items()}
    profiles: dict[str, Any] = {}
    for table in tables.values():
        profiles |= table.get("profile", {})
    lifts = [_lift(entry, profiles, name) for name, table in tables.items() for entry in table.get("lift", ())]
    by_slug = {lift.slug: lift for lift in lifts}
    families = [family for table in tables.values() for family in table.get("family", ())]
    return Catalogue(lifts, chain.from_iterable(_variations(family, by_slug) for family in families))


def _table(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{name}: not valid TOML: {error}") from error


def _lift(entry: Mapping[str, Any], profiles: Mapping[str, Any], name: str) -> Lift:
    own = {key: value for key, value in entry.items() if key != "profile"}
    if "profile" in entry and entry["profile"] not in profiles:
        raise BadInput(f"{name}: {entry.get('slug', entry)}: there is no profile {entry['profile']!r}")
    try:
        return Lift.model_validate({**profiles.get(entry.get("profile", ""), {}), **own})
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))} {fault['msg']}".strip() for fault in error.errors())
        raise BadInput(f"{name}: {entry.get('slug', entry)}: {faults}") from error


def _variations(family: Mapping[str, Any], lifts: Mapping[str, Lift]) -> Iterable[Variation]:
    """The variations of one `[[family]]`: `parent` is a slug, every other key a variation type with its slugs."""
    kinds = {kind: slugs for kind, slugs in family.items() if kind != "parent"}
    unknown = {family["parent"], *chain.from_iterable(kinds.values())} - lifts.keys()
    if unknown:
        raise BadInput(f"the family of {family['parent']} names unknown lifts: {', '.join(sorted(unknown))}")
    for kind, slugs in kinds.items():
        for slug in slugs:
            yield Variation(lifts[family["parent"]], lifts[slug], kind)  # type: ignore[arg-type]


def _spellings(key: Words, spare: Words) -> Iterable[Words]:
    """The words of a title with every choice of the words that say nothing new."""
    extra = sorted(spare - key)
    choices = chain.from_iterable(combinations(extra, size) for size in range(len(extra) + 1))
    return (key | frozenset(choice) for choice in choices)
