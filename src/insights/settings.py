"""What configures the engine: DATABASE_URL, INSIGHTS_* and OPENAI_API_KEY. Read once, by the command line."""

import os
from functools import cache
from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from insights.errors import BadSettings


def default_home() -> Path:
    """Where the embedded server keeps its data and everything else that outlives a command.

    As root this lies outside of root's own home, because the unprivileged user that runs the server must reach it.
    """
    if os.name == "posix" and os.geteuid() == 0:
        return Path("/var/lib/insights")
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "insights"


class Settings(BaseSettings):
    """The settings in force. Field names in upper case with INSIGHTS_ in front are the environment variables."""

    model_config = SettingsConfigDict(
        env_prefix="INSIGHTS_", env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    database_url: SecretStr | None = Field(None, validation_alias=AliasChoices("DATABASE_URL", "INSIGHTS_DATABASE_URL"))
    home: Path = Field(default_factory=default_home)
    pg_bin: Path | None = None  # a folder with postgres, initdb and pg_ctl; otherwise the wheel's, otherwise PATH's
    db_idle_minutes: float = Field(30, ge=0)  # an unused embedded server stops after this; 0: never

    llm_url: str | None = Field(None, validation_alias=AliasChoices("INSIGHTS_LLM_URL", "OPENAI_BASE_URL"))
    llm_model: str | None = None
    llm_api_key: SecretStr | None = Field(None, validation_alias=AliasChoices("INSIGHTS_LLM_API_KEY", "OPENAI_API_KEY"))
    llm_concurrency: int = Field(8, ge=1)
    llm_timeout_s: float = Field(60, gt=0)  # one call
    llm_deadline_s: float = Field(1800, gt=0)  # all calls of one run
    llm_max_tokens: int = Field(700, ge=64)

    dask_ca_file: Path | None = None  # PEM files for dasks://: who signs the cluster's certificates, and our own
    dask_cert_file: Path | None = None
    dask_key_file: Path | None = None

    log_level: str = "info"


@cache
def load() -> Settings:
    """The settings, from the environment.

    Raises:
        BadSettings: a variable holds what it cannot hold.
    """
    try:
        return Settings()
    except ValidationError as error:
        # The values are not shown: one of them may be a secret.
        wrong = "; ".join(f"{_variable(problem['loc'][0])}: {problem['msg']}" for problem in error.errors())
        raise BadSettings(f"the environment cannot be used: {wrong}") from None


def _variable(field: int | str) -> str:
    """The environment variable of a field; aliases are variables already."""
    name = str(field)
    return name if name.isupper() else f"INSIGHTS_{name.upper()}"
