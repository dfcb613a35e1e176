"""Nights: any sequence of changes leaves what one backfill leaves."""

import os
import sys

from tests.acceptance.line import ROOT, line, run

EXAMPLES, STEPS = 200, 40


@line("any sequence of changes and nights leaves what one backfill leaves; a quiet night writes nothing")
def nights() -> str:
    """The state machine in its long form, and the tests of the log and of nights beside it."""
    files = ("test_nights_machine", "test_night_changes", "test_changes")
    os.environ["MACHINE_EXAMPLES"], os.environ["MACHINE_STEPS"] = str(EXAMPLES), str(STEPS)
    command = [sys.executable, "-m", "pytest", "-q", *(f"tests/integration/{name}.py" for name in files)]
    told = run(command, cwd=ROOT, timeout_s=7200).stdout.strip().splitlines()[-1]
    return f"{EXAMPLES} sequences of {STEPS} steps: {told}"
