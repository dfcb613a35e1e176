"""Values as the comparison sees them."""

import json


def json_value(text: str) -> str:
    """A JSON text by value: keys sorted, every number a double, so that equal values are equal texts."""
    return json.dumps(json.loads(text, parse_int=float), sort_keys=True, ensure_ascii=False)
