"""Job files: what a run does, in TOML, validated. An unknown key is an error: a typo must not pass for a setting."""

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from insights import assets
from insights.errors import BadSettings

InsightType = Literal[
    "weekly_summary", "monthly_review", "strength_progress", "record", "plateau", "balance", "consistency"
]
Step = Literal["analytics", "insights"]


class InsightsPart(BaseModel):
    """The step `insights`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    types: tuple[InsightType, ...] = (
        "weekly_summary",
        "monthly_review",
        "strength_progress",
        "record",
        "plateau",
        "balance",
        "consistency",
    )
    locale: str = "en"


class Job(BaseModel):
    """One job file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    description: str = ""
    steps: tuple[Step, ...] = Field(min_length=1)
    shard_users: int = Field(200, ge=1)  # users in one transaction
    insights: InsightsPart = InsightsPart()


def read(name_or_path: str) -> Job:
    """The job of this name in `jobs/`, or of this file.

    Raises:
        BadSettings: there is no such job, or a key or value of it is wrong.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = assets.path("jobs", f"{name_or_path}.toml")
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in assets.path("jobs").glob("*.toml")))
        raise BadSettings(
            f"there is no job {name_or_path}", hint=f"Known jobs: {known}. Or name a file that ends in .toml."
        )
    try:
        return Job.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{path.name} is not TOML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise BadSettings(f"{path.name}: {problems}") from error
