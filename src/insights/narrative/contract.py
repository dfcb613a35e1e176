"""What a narrator, model or rule, answers: sentences of clause tokens, and recommendations by their ids.

One schema serves every request of a prompt version (endpoints compile a schema on first use), so the claim ids are a
fixed enum; which of them a request has is for the verifier to check.
"""

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

MAX_CLAIMS: Final = 32
CLAIM_IDS: Final = tuple(f"c{i}" for i in range(1, MAX_CLAIMS + 1))
RECOMMENDATION_IDS: Final = ("deload", "rep_range", "variation", "frequency", "rest")
SENTENCES: Final = (2, 5)
TEXT_MAX: Final = 240

RecommendationId = Literal["deload", "rep_range", "variation", "frequency", "rest"]


class Sentence(BaseModel):
    """One sentence, clause tokens in place, and the claims that it tells."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    text: str
    cites: list[str]


class Answer(BaseModel):
    """A whole answer. The nonce is that of its request: an answer to another request does not verify."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    nonce: str
    sentences: list[Sentence]
    recommendations: list[RecommendationId]


def json_schema() -> dict[str, Any]:
    """The strict schema of an answer, as `response_format.json_schema` takes it: no open object, enums for bounds."""
    return {
        "name": "insight",
        "strict": True,
        "schema": _object(
            nonce={"type": "string"},
            sentences={
                "type": "array",
                "items": _object(
                    text={"type": "string"},
                    cites={"type": "array", "items": {"type": "string", "enum": list(CLAIM_IDS)}},
                ),
            },
            recommendations={"type": "array", "items": {"type": "string", "enum": list(RECOMMENDATION_IDS)}},
        ),
    }


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
