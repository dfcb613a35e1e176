"""Rounding as the database rounds: see `insights.rounding`, which the load uses too."""

from insights.rounding import stored

__all__ = ["stored"]
