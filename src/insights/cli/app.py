"""The command tree and the one place where errors become exit codes."""

import sys
from importlib import import_module

import typer
from rich.markup import escape

from insights import __version__
from insights.cli.output import stderr
from insights.errors import InsightsError

GROUPS = {
    "db": "The embedded PostgreSQL server: start, stop, status.",
    "migrate": "The schema: plan, up, down, status.",
}
COMMANDS = ("demo", "import_", "simulate", "run", "report", "doctor")


def build() -> typer.Typer:
    """The whole command line. Groups export `app`, single commands export `command`."""
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
        app.add_typer(import_module(f"insights.cli.{name}").app, name=name, help=help_text)
    for name in COMMANDS:
        app.command(name.rstrip("_"))(import_module(f"insights.cli.{name}").command)
    return app


def main() -> None:
    """Run the command line; end with the exit code of the error, if there is one."""
    try:
        build()()
    except InsightsError as error:
        stderr.print(f"[bold red]error:[/] {escape(error.message)}", highlight=False, markup=True, soft_wrap=True)
        if error.hint:
            stderr.print(error.hint, highlight=False, markup=False, soft_wrap=True)
        sys.exit(error.exit_code)
