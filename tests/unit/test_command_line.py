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


@pytest.mark.parametrize("name", sorted({path.split()[0] for path in COMMANDS}))
def test_a_command_that_is_called_is_loaded_alone_and_is_the_same(name: str) -> None:
    alone = dict(commands(get_command(build(name))))
    assert alone.keys() == {path for path in COMMANDS if path.split()[0] == name}
    for path, command in alone.items():
        assert [option.opts for option in command.params] == [option.opts for option in COMMANDS[path].params]


@pytest.mark.parametrize("name", ["nonsense", "--help", "", None])
def test_for_what_is_no_command_all_are_loaded(name: str | None) -> None:
    assert dict(commands(get_command(build(name)))).keys() == COMMANDS.keys()
