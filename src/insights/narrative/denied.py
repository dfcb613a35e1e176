"""The deny-list of the grade `checked`: words that a model may not write outside tokens. Best effort, and no proof.

A list of what is forbidden never ends; that is why the grade `proved` has a list of what is allowed instead.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from insights.errors import BadSettings

_WORD: Final = re.compile(r"[^\W\d_]+")
_ENTRY: Final = re.compile(r"[a-z]+( [a-z]+)*\*?")


@dataclass(frozen=True, slots=True)
class DenyList:
    """Denied words and phrases with their class. A word that ends in * denies every word that begins so."""

    whole: Mapping[tuple[str, ...], str]
    starts: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> "DenyList":
        """A deny-list from the text of its file: lines of `class: word, word, a phrase, begin*`.

        Raises BadSettings at a line that is none, naming it.
        """
        whole: dict[tuple[str, ...], str] = {}
        starts: dict[str, str] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            name, separator, listed = line.partition(":")
            entries = [entry.strip() for entry in listed.split(",")]
            if not separator or not all(_ENTRY.fullmatch(entry) for entry in entries):
                raise BadSettings(f"line {number} of the deny-list is no entry: {line!r}")
            for entry in entries:
                if entry.endswith("*"):
                    starts[entry[:-1]] = name.strip()
                else:
                    whole[tuple(entry.split())] = name.strip()
        return cls(whole, starts)

    def find(self, text: str) -> list[tuple[str, str]]:
        """The denied words of a text with their classes, whatever their case, accents and hyphens."""
        words = words_of(text)
        longest = max((len(entry) for entry in self.whole), default=0)
        found = [
            (self.whole[phrase], " ".join(phrase))
            for length in range(1, longest + 1)
            for i in range(len(words) - length + 1)
            if (phrase := tuple(words[i : i + length])) in self.whole
        ]
        found += [(kind, word) for word in words for start, kind in self.starts.items() if word.startswith(start)]
        return sorted(set(found))


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without accents."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _WORD.findall(bare.casefold())
