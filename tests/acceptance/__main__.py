"""`make acceptance`: every line of the requirements at full size; prints figure and verdict, exits 1 where one fails.

`python -m tests.acceptance NAME ...` measures only these.
"""

import sys

from tests.acceptance import engine, live, llm, nights, road, runs, science, second_opinion, told
from tests.acceptance.line import LINES, Skipped

MODULES = (road, live, science, second_opinion, runs, engine, llm, told, nights)


def main(names: list[str]) -> int:
    """Measure the lines with these names, or all."""
    unknown = set(names) - {line.name for line in LINES}
    if unknown:
        print(f"no such line: {', '.join(sorted(unknown))}; there are {', '.join(line.name for line in LINES)}")
        return 2
    failed = 0
    for line in LINES:
        if names and line.name not in names:
            continue
        try:
            verdict, figure = "holds", line.measure()
        except Skipped as reason:
            verdict, figure = "skipped", str(reason)
        except AssertionError as error:
            verdict, figure, failed = "FAILS", str(error), failed + 1
        print(f"{verdict:8}{line.name}: {line.holds}\n        {figure}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
