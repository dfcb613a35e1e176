"""What commands print: results to stdout, as words or as one JSON object; progress and notes to stderr."""

import json
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
DatabaseOption = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="The database; otherwise DATABASE_URL, otherwise the embedded one."),
]

stdout = Console()
stderr = Console(stderr=True)


def emit(payload: dict[str, Any], *, as_json: bool, render: Callable[[Console], None]) -> None:
    """Print a result: the payload as JSON, or what `render` draws."""
    if as_json:
        typer.echo(json.dumps(payload, ensure_ascii=False, default=str))
    else:
        render(stdout)


def note(message: str) -> None:
    """A line for people, on stderr, so that it never mixes with a result."""
    stderr.print(message, highlight=False)
