"""Job files: what a run does, in TOML, validated. An unknown key is an error: a typo must not pass for a setting."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from insights import assets
from insights.errors import BadSettings
from insights.pipeline.executor import opener

InsightType = Literal[
    "weekly_summary", "monthly_review", "strength_progress", "record", "plateau", "balance", "consistency", "recovery"
]
Step = Literal["analytics", "insights"]
PeriodType = Literal["daily", "weekly", "monthly"]
# The longest that a fact stays true without training (26 weeks of trend, 28 days of second look) and room for missed
# nights: who trained that long ago has been visited since.
MINIMUM_LOOK_BACK_DAYS = 300


class ModelPrice(BaseModel):
    """What a model costs: USD for a million tokens, and the share of it that a batch costs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: Decimal = Field(ge=0)
    completion: Decimal = Field(ge=0)
    batch: Decimal = Field(Decimal(1), ge=0)


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
        "recovery",
    )
    locale: str = "en"
    mode: Literal["chat", "batch"] = "chat"  # batch: half the price, within a day; needs /v1/batches
    budget_usd: Decimal | None = Field(None, ge=0)  # what the calls of this job may cost in a day (UTC); None: no limit
    price: ModelPrice | None = None  # of the endpoint's model, where prompts/prices.toml does not know it
    keep_days: int = Field(90, ge=1)  # how long prompts and answers are kept


class Job(BaseModel):
    """One job file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    description: str = ""
    steps: tuple[Step, ...] = Field(min_length=1)
    source: Literal["sets", "changes"] = "sets"  # what the analytics are computed from: all sets, or what has changed
    period_types: tuple[PeriodType, ...] = Field(get_args(PeriodType), min_length=1)  # others' rows stay as they are
    look_back_days: int | None = Field(None, ge=MINIMUM_LOOK_BACK_DAYS)  # only who trained so lately; None: all
    shard_users: int = Field(200, ge=1)  # users in one transaction, and ...
    shard_sets: int | None = Field(None, ge=1)  # ... their sets, about; None: only users are counted
    executor: str = "inline:"
    resume_within_h: float = Field(20, ge=0)  # a run that ended early is taken up again while it is younger
    insights: InsightsPart = InsightsPart()

    @field_validator("executor")
    @classmethod
    def _known(cls, url: str) -> str:
        try:
            opener(url)
        except BadSettings as error:
            raise ValueError(f"{error.message}. {error.hint}") from error
        return url


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


def with_executor(job: Job, url: str) -> Job:
    """The job on another executor.

    Raises:
        BadSettings: the URL names none.
    """
    opener(url)
    return job.model_copy(update={"executor": url})
