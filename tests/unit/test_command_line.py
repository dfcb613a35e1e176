from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from insights.cli.app import build


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))
    else:
        yield " ".join(path), command


COMMANDS = dict(commands(get_command(build())))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_json_and_its_help_shows_an_example(name: str) -> None:
    command = COMMANDS[name]
    options = {option for parameter in command.params for option in parameter.opts}
    assert "--json" in options
    assert f"insights {name}" in (command.help or "") + (command.epilog or "")
