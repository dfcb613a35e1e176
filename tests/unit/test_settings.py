import pytest

from insights import settings
from insights.db.connection import check_url, masked
from insights.errors import BadSettings

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"postgresql://me:{SECRET}@host:5432/app", "postgresql://me:***@host:5432/app"),
        ("postgresql://me@host/app", "postgresql://me@host/app"),
        (
            f"postgresql://host/app?password={SECRET}&sslmode=require",
            "postgresql://host/app?password=***&sslmode=require",
        ),
        (f"postgresql:///app?host=/tmp&sslpassword={SECRET}", "postgresql:///app?host=/tmp&sslpassword=***"),
        (f"postgresql://me:{SECRET}@[::1/app", "(not a URL)"),
        (f"host=localhost password={SECRET}", "(not a URL)"),
    ],
)
def test_no_message_shows_a_password(url: str, shown: str) -> None:
    assert masked(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "",
        "mysql://me@host/app",
        f"postgresql://me:{SECRET}@[::1/app",
        f"postgresql://me:{SECRET}%zz@host/app",
    ],
)
def test_what_is_no_database_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(BadSettings) as refused:
        check_url(url)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["postgresql:///app?host=/var/run/postgresql", "postgres://me:p%40ss%2F@host/app", "postgresql://a,b:5433/app"],
)
def test_sockets_several_hosts_and_encoded_passwords_are_fine(url: str) -> None:
    check_url(url)


def test_a_wrong_variable_is_named_and_its_value_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_LLM_CONCURRENCY", SECRET)
    settings.load.cache_clear()
    with pytest.raises(BadSettings, match="INSIGHTS_LLM_CONCURRENCY") as refused:
        settings.load()
    assert SECRET not in str(refused.value)


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("INSIGHTS_DB_IDLE_MINUTES", "")
    settings.load.cache_clear()
    assert settings.load().database_url is None
    assert settings.load().db_idle_minutes == 30
