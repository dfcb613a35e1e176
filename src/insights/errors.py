"""The errors of this package. Each carries the exit code that the command line ends with.

    InsightsError                exit 1
    ├── CheckFailed              exit 1   a check found something (audit, verify, doctor)
    ├── BadInput                 exit 2   what the user gave cannot be used: says where and what to do
    │   └── BadSettings          exit 2   a setting or a job file is wrong
    ├── SomeUsersFailed          exit 3   a run went on past failures, which are recorded
    ├── Unreachable              exit 4   the database or the endpoint could not be reached
    └── Busy                     exit 5   the same job is running already

The exit codes: 0 done, 1 a check found something, 2 bad use or input, 3 some users failed and were
recorded, 4 the database or the endpoint could not be reached, 5 busy.
"""

from typing import ClassVar


class InsightsError(Exception):
    """The root. The message says what is wrong; `hint`, where there is one, what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class CheckFailed(InsightsError):
    """A check ran to its end and found something."""

    exit_code = 1


class BadInput(InsightsError):
    """A file, an argument or a value that cannot be used. Nothing was written."""

    exit_code = 2


class BadSettings(BadInput):
    """A setting, an environment variable or a job file that cannot be used."""


class SomeUsersFailed(InsightsError):
    """A run finished, but some users failed; each is recorded with its reason."""

    exit_code = 3


class Unreachable(InsightsError):
    """The database or the endpoint could not be reached."""

    exit_code = 4


class Busy(InsightsError):
    """The same job is running already."""

    exit_code = 5
