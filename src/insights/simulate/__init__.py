"""Simulated lifters with known truth: pure, from a seed; `store` writes them into a database."""

from insights.simulate.lifter import Lifter, Truth, email_of, simulate, simulate_lifter
from insights.simulate.person import PROFILES, Person
from insights.simulate.strength import StrengthPath

__all__ = ["PROFILES", "Lifter", "Person", "StrengthPath", "Truth", "email_of", "simulate", "simulate_lifter"]
