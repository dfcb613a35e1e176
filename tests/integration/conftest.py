"""What tests of the second half share: a database with the facts of a few lifters and nothing told yet."""

from collections.abc import Iterator

import pytest
from tests.conftest import create, drop, named
from tests.integration.insight_fixture import AS_OF, COHORT, NOW, job_of

from insights.db.connection import connect
from insights.pipeline import run as runs
from insights.simulate.store import write_cohort


@pytest.fixture(scope="session")
def facts_template(server_url: str, migrated_template: str) -> str:
    """Name of a database with lifters whose facts are computed and whose subscriptions began long ago, to clone."""
    name = "facts_of_lifters"
    create(server_url, name, template=migrated_template)
    url = named(server_url, name)
    with connect(url, autocommit=True) as connection:
        write_cohort(connection, COHORT)
        connection.execute("UPDATE subscriptions SET current_period_start = '2020-01-01'")
    runs.run(url, job_of(steps=("analytics",)), now=NOW, as_of=AS_OF)
    return name


@pytest.fixture
def facts(server_url: str, facts_template: str, fresh_names: Iterator[str]) -> Iterator[str]:
    """URL of a database whose facts are there and whose insights are not."""
    name = next(fresh_names)
    create(server_url, name, template=facts_template)
    yield named(server_url, name)
    drop(server_url, name)
