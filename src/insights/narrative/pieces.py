"""An answer's text in pieces: literal text and clause tokens. A small parser of our own, and no template engine."""

import re
from dataclasses import dataclass
from typing import Final, Literal

Form = Literal["sentence", "it", "noun"]

# {c1}, {c1.it} or {c1.noun}; whatever else holds a brace stays literal text, and no literal text may hold one
_TOKEN: Final = re.compile(r"\{(c[1-9][0-9]?)(?:\.(it|noun))?\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Token:
    """A place where code writes a claim."""

    claim_id: str
    form: Form


Piece = str | Token


def split(text: str) -> list[Piece]:
    """The pieces of a text: a literal first and last and between any two tokens, each of them possibly empty."""
    pieces: list[Piece] = []
    start = 0
    for match in _TOKEN.finditer(text):
        form: Form = "it" if match[2] == "it" else "noun" if match[2] == "noun" else "sentence"
        pieces += [text[start : match.start()], Token(match[1], form)]
        start = match.end()
    return [*pieces, text[start:]]


def tokens(text: str) -> list[Token]:
    """The tokens of a text in order."""
    return [piece for piece in split(text) if isinstance(piece, Token)]
