"""The audit: DuckDB's second opinion on every stored row."""

import json

from tests.acceptance.line import line, run
from tests.acceptance.road import INSIGHTS, hevy_demo, workplace


@line("insights audit agrees on every row of the Hevy log and of 40 simulated ugly lifters")
def audit_agrees() -> str:
    """Exit 0 and no difference."""
    with workplace() as (folder, home):
        hevy_demo(folder, home)
        many = ["--lifters", "40", "--weeks", "52", "--seed", "9", "--ugliness", "1", "--until", "2025-09-14"]
        run([INSIGHTS, "simulate", *many], cwd=folder, home=home)
        run([INSIGHTS, "run", "backfill", "--as-of", "2025-09-16"], cwd=folder, home=home)
        found = json.loads(run([INSIGHTS, "audit", "--json"], cwd=folder, home=home).stdout)
    return f"{found['sets']} sets, {sum(found['rows'].values())} rows compared, {len(found['differences'])} differences"
