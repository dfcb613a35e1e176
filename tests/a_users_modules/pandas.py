"""Stands in for pandas in the processes that tests start: a user's environment has none.

It is here for a peer of the benchmark alone, and pyarrow imports it wherever it finds it, which costs each process a
third of a second.
"""

raise ImportError("a user's environment has no pandas")
