"""The words that a narrator may put around clause tokens: whole phrases of an allow-list, each with its place.

A deny-list cannot do this ("It is not so that {c1}" and "soared" pass any), so what is not listed is refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from insights.errors import BadSettings
from insights.narrative.denied import DenyList

PLACES: Final = ("opener", "noun_opener", "joiner", "noun_joiner", "tail", "closing")
NEEDS: Final = ("positive", "record", "newest", "latest", "same")


@dataclass(frozen=True, slots=True)
class Entry:
    """One phrase: where it may stand, and what must be so around it ("" where nothing must)."""

    place: str
    phrase: str
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The allow-list, by the literal text that stands in an answer."""

    entries: tuple[Entry, ...]
    _by_text: Mapping[tuple[str, str], Entry]
    _by_place: Mapping[str, tuple[Entry, ...]]
    denied: DenyList | None = None

    @classmethod
    def parse(cls, text: str, denied: str | None = None) -> "Lexicon":
        """A lexicon from the texts of its files: the allow-list, and the deny-list that the grade `checked` needs.

        Raises BadSettings at a line that is no entry, naming it.
        """
        entries = []
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            entry = Entry(*(part.strip() for part in line.split("|"))) if 1 <= line.count("|") <= 2 else None
            if entry is None or entry.place not in PLACES or not entry.phrase or entry.needs not in ("", *NEEDS):
                raise BadSettings(f"line {number} of the lexicon is no entry: {line!r}")
            entries.append(entry)
        by_text = {(entry.place, literal): entry for entry in entries for literal in _literals(entry)}
        by_place = {place: tuple(entry for entry in entries if entry.place == place) for place in PLACES}
        return cls(tuple(entries), by_text, by_place, None if denied is None else DenyList.parse(denied))

    def find(self, place: str, literal: str) -> Entry | None:
        """The entry whose literal text, spaces and capital included, stands here; None: it is not allowed here."""
        return self._by_text.get((place, literal))

    def phrases(self, place: str) -> tuple[Entry, ...]:
        """The entries of a place, in the order of the file."""
        return self._by_place[place]


def _literals(entry: Entry) -> Iterable[str]:
    """The texts that an entry may have between tokens, spaces included."""
    phrase = entry.phrase
    if entry.place in {"opener", "noun_opener"}:
        return f"{phrase} ", f"{phrase[0].upper()}{phrase[1:]} "
    if entry.place in {"joiner", "noun_joiner"}:
        return (f"{phrase} " if phrase[0] in ",;" else f" {phrase} ",)
    if entry.place == "tail":
        return (f"{phrase}." if phrase[0] == "," else f" {phrase}.",)
    return (phrase,)
