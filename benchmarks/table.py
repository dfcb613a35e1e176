"""The figures as a table for people."""

from collections.abc import Iterator

from benchmarks.bench import COMPUTES, LEFT_OUT, Bench

STAGES = ("extract", "compute", "load", "two_tables")


def table(bench: Bench) -> str:
    """Everything that was measured, in lines."""
    return "\n".join(
        [*_head(bench), "", *_contestants(bench), "", *_equality(bench), "", *_nights(bench), *_ratios(bench)]
    )


def _head(bench: Bench) -> Iterator[str]:
    made = bench.made
    yield (
        f"{made.sets:,} sets of {len(made.users)} lifters, {bench.plan.years} years each; "
        f"PostgreSQL {bench.server_version}; made in {made.seconds:.0f} s"
    )
    yield "rows written: " + ", ".join(f"{rows:,} {name}" for name, rows in bench.tables.items())


def _contestants(bench: Bench) -> Iterator[str]:
    engine = bench.seconds("engine")
    yield (
        f"{'':18}{'seconds':>9}{'x engine':>10}"
        + "".join(f"{stage:>11}" for stage in STAGES)
        + f"{'MiB':>8}{'stolen s':>10}"
    )
    for name, runs in bench.runs.items():
        stages = "".join(
            f"{bench.seconds(name, stage):11.2f}" if stage in runs[0].stages else f"{'':11}" for stage in STAGES
        )
        seconds, memory, stolen = bench.seconds(name), max(r.peak_rss_mb for r in runs), sum(r.stolen_s for r in runs)
        yield f"{name:18}{seconds:9.2f}{seconds / engine:10.2f}{stages}{memory:8.0f}{stolen:10.1f}"


def _equality(bench: Bench) -> Iterator[str]:
    for name, compared in bench.compared.items():
        for place, one in compared.items():
            left_out = f", without {', '.join(one.left_out)}" if one.left_out else ""
            verdict = "equal" if one.equal else f"DIFFER: {one.only_engine} of the engine, {one.only_peer} of the peer"
            yield f"{name}: {one.rows:,} rows of {place}{left_out}: {verdict}"
            yield from (f"    {example}" for example in one.examples)
        given = sorted(set(bench.tables) - set(COMPUTES[name]))
        if COMPUTES[name] and given:
            yield f"{name}: computes none of {', '.join(given)}; the engine's rows of these were given to it"
    if LEFT_OUT.keys() & bench.compared.keys():
        yield "columns left out: SQL gives ids of its own (uuidv7)"


def _nights(bench: Bench) -> Iterator[str]:
    for name, nights in bench.nights.items():
        stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in nights.floor_stages.items())
        yield (
            f"night on {name}: {nights.median_s:.2f} s for {nights.sets_a_night:,} sets; "
            f"floor {nights.median_floor_s:.2f} s ({stages}); {nights.peak_rss_mb:.0f} MiB; "
            f"{sum(nights.stolen_s):.1f} s stolen from {len(nights.stolen_s)} nights"
        )
    if bench.nights:
        yield ""


def _ratios(bench: Bench) -> Iterator[str]:
    for name, value in bench.ratios().items():
        yield f"{name:30}{value:10.2f}"
