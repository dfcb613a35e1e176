"""Training logs as apps export them: read into one typed frame, with every row accounted for."""

from insights.files.log import Log, Rejected
from insights.files.reading import read_log

__all__ = ["Log", "Rejected", "read_log"]
