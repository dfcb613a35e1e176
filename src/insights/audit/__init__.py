"""The second opinion: DuckDB recomputes what is stored from the stored sets, in SQL of its own, and compares.

`sql/audit/*.sql` is the recomputation, written from the rules and sharing no formula with `insights.science`;
`sql/audit/macros/` holds its functions, and `sql/audit/stored/` the reads from PostgreSQL. docs/audit.md explains it.
"""

from insights.audit.compare import Difference
from insights.audit.run import Audit, audit

__all__ = ["Audit", "Difference", "audit"]
