"""The package `openai`, imported when something of it is first asked for.

To import it takes a third of the time in which a command starts, and most commands ask no model. Whoever needs it
writes, for the types, `import openai` under TYPE_CHECKING, and else `from insights.llm import sdk as openai`.
"""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    return getattr(import_module("openai"), name)
