"""The command tree and the one place where errors become exit codes."""

import sys
from importlib import import_module
from typing import NoReturn

import psycopg
import typer
from rich.markup import escape

from insights import __version__
from insights.cli.output import stderr
from insights.errors import BadInput, InsightsError, Unreachable

NO_SCHEMA = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction)

GROUPS = {
    "db": "The embedded PostgreSQL server: start, stop, status.",
    "migrate": "The schema: plan, up, down, status, verify, baseline, rehearse, checklist, contract.",
    "flags": "The rollout: which share of the users reads and writes the new tables.",
    "quarantine": "Legacy rows that could not be carried over: list, retry.",
    "prompts": "The prompts: check them, render one.",
}
COMMANDS = ("demo", "import_", "simulate", "run", "work", "audit", "report", "doctor")


def build(called: str | None = None) -> typer.Typer:
    """The whole command line, or no more than the command that is called: all their libraries take seconds to load.

    Groups export `app`, single commands export `command`.
    """
    only = {called} & {*GROUPS, *(module.rstrip("_") for module in COMMANDS)}
    app = typer.Typer(
        name="insights",
        help="The analytics and insight engine for strength training.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode="rich",
    )

    def version(value: bool) -> None:
        if value:
            typer.echo(f"insights {__version__}")
            raise typer.Exit

    @app.callback()
    def root(
        show_version: bool = typer.Option(
            False, "--version", callback=version, is_eager=True, help="Print the version."
        ),
    ) -> None:
        del show_version

    for name, help_text in GROUPS.items():
        if name in (only or GROUPS):
            app.add_typer(import_module(f"insights.cli.{name}").app, name=name, help=help_text)
    for module in COMMANDS:
        name = module.rstrip("_")
        if name in (only or {name}):
            app.command(name)(import_module(f"insights.cli.{module}").command)
    return app


def run(commands: typer.Typer) -> None:
    """Run the command that is called; end with the exit code of the error, if there is one."""
    try:
        _unless_interrupted(commands)
    except InsightsError as error:
        _end(error)
    except NO_SCHEMA as error:
        what = error.diag.message_primary
        _end(BadInput(f"the database lacks the schema: {what}", hint="Run `insights migrate plan`, then `up`."))
    except psycopg.OperationalError as error:
        _end(Unreachable(f"the database broke off: {error}", hint="What is stored is whole; run the command again."))


def _unless_interrupted(app: typer.Typer) -> None:
    """Run the command. Where Ctrl-C broke a connection off, that is what happened, whatever tidying up failed of."""
    try:
        app()
    except Exception as error:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, KeyboardInterrupt):
                raise cause from None
            cause = cause.__cause__ or cause.__context__
        raise


def _end(error: InsightsError) -> NoReturn:
    stderr.print(f"[bold red]error:[/] {escape(error.message)}", highlight=False, markup=True, soft_wrap=True)
    if error.hint:
        stderr.print(error.hint, highlight=False, markup=False, soft_wrap=True)
    sys.exit(error.exit_code)
