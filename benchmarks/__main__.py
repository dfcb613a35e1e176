"""`python -m benchmarks --sets N --json FILE`: the engine beside its peers; figures on stdout, progress on stderr.

Ends with 1 where a row of a peer is not the engine's.
"""

import argparse
import json
import sys
from pathlib import Path
from time import monotonic

from benchmarks import server
from benchmarks.bench import run
from benchmarks.data import Plan
from benchmarks.table import table

PEERS = ("floor", "sql", "duckdb", "pandas")
MORE = ("floor_of_two", "numpy")  # that explain the figures of the others
SETS, ROUNDS, NIGHTS = 5_000_000, 1, 3


def main(arguments: list[str]) -> int:
    """Parse, measure, tell."""
    options = _options().parse_args(arguments)
    settings = {**server.SETTINGS, **dict(one.split("=", 1) for one in options.set)}
    began = monotonic()

    def note(text: str) -> None:
        print(f"{monotonic() - began:7.1f} s  {text}", file=sys.stderr, flush=True)

    bench = run(
        Plan(options.sets, options.seed, options.years),
        peers=[name for name in options.peers.split(",") if name],
        rounds=options.rounds,
        nights=options.nights,
        note=note,
        settings=settings,
    )
    print(table(bench))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(bench.as_json(), indent=1) + "\n", encoding="utf-8")
    return 0 if bench.equal else 1


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sets", type=int, default=SETS, help="at least so many; whole lifters")
    parser.add_argument("--json", type=Path, help="write everything that was measured here")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--years", type=int, default=5, help="of each lifter's history")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of each contestant, by turns; the middle counts")
    parser.add_argument("--nights", type=int, default=NIGHTS, help="0: none")
    parser.add_argument(
        "--peers",
        default=",".join(PEERS),
        help=f"in this order; there are also {' and '.join(MORE)}; empty: the engine alone",
    )
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the server")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
