"""The command line, one file a command group.

A group module holds thin commands: read settings, call one function below, print. `main` builds the whole.
"""

from insights.cli.app import main

__all__ = ["main"]
