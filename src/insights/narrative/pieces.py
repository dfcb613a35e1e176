"""An answer's text in pieces: literal text and clause tokens. A small parser of our own, and no template engine."""

import re
from dataclasses import dataclass
from typing import Final, Literal

Form = Literal["sentence", "it", "noun"]
View = Literal["value", "exercise", "when"]

# {c1}, {c1.it} or {c1.noun}; whatever else holds a brace stays literal text, and no literal text may hold one
_TOKEN: Final = re.compile(r"\{(c[1-9][0-9]?)(?:\.(it|noun))?\}", re.ASCII)
# Of the grade `checked` alone: {f1.value}, {f1.exercise}, {f1.when}
_FACT_TOKEN: Final = re.compile(r"\{(f[1-9][0-9]{0,2})\.(value|exercise|when)\}", re.ASCII)
_VIEWS: Final[dict[str, View]] = {"value": "value", "exercise": "exercise", "when": "when"}


@dataclass(frozen=True, slots=True)
class Token:
    """A place where code writes a claim."""

    claim_id: str
    form: Form


@dataclass(frozen=True, slots=True)
class FactToken:
    """A place where code writes a fact's value with its unit, its exercise (or muscle), or its day or window."""

    fact_id: str
    view: View


Piece = str | Token
CheckedPiece = str | Token | FactToken


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


def split_checked(text: str) -> list[CheckedPiece]:
    """The pieces of a text of the grade `checked`: fact tokens are tokens too."""
    pieces: list[CheckedPiece] = []
    for piece in split(text):
        if isinstance(piece, Token):
            pieces.append(piece)
            continue
        start = 0
        for match in _FACT_TOKEN.finditer(piece):
            pieces += [piece[start : match.start()], FactToken(match[1], _VIEWS[match[2]])]
            start = match.end()
        pieces.append(piece[start:])
    return pieces
