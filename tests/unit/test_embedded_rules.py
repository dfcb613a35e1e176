from pathlib import Path

import pytest
from pydantic import SecretStr

from insights.db import embedded
from insights.db.embedded import account, waiting
from insights.settings import Settings

NOWHERE = Path("/nonexistent/insights")
GIVEN, CONFIGURED = "postgresql://given/db", "postgresql://configured/db"


@pytest.mark.parametrize(
    ("explicit", "configured", "expected"),
    [(GIVEN, CONFIGURED, GIVEN), (GIVEN, None, GIVEN), (None, CONFIGURED, CONFIGURED), ("", CONFIGURED, CONFIGURED)],
)
def test_another_database_needs_no_embedded_server(explicit: str | None, configured: str | None, expected: str) -> None:
    secret = SecretStr(configured) if configured else None
    assert embedded.database_url(Settings.model_construct(home=NOWHERE, database_url=secret), explicit) == expected


def test_no_secret_reaches_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "DATABASE_URL", "PGDATA", "PGPORT", "LC_MESSAGES"):
        monkeypatch.setenv(name, "secret")
    assert "secret" not in account.environment().values()
    assert account.environment()["LC_ALL"] == "C"


@pytest.mark.parametrize(("patience_s", "expected"), [(60, ""), (0, "waiting for tea (0 s) still boiling\n")])
def test_a_wait_is_explained_once_it_is_long(
    patience_s: float, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wait = waiting.Waiting("tea", patience_s)
    wait.tick(lambda: "still boiling")
    wait.tick(lambda: "not said again so soon")
    assert capsys.readouterr().err == expected
