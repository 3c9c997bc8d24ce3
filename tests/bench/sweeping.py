"""Every computable programme over every organisation, against the same written out by hand."""

import sys
from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl
from django.db import connection

from incentives.policy.compiled import GRANTABLE, Plan
from incentives.policy.compiled.sweep import Registry, registry_of, seen_by, sweep
from tests.bench import registry
from tests.bench.assessing import computable
from tests.bench.by_hand import PROGRAMMES, by_hand, reads
from tests.bench.clock import interleaved
from tests.bench.lines import SIZES, Line

ON = date(2021, 6, 1)
SAMPLE = 10_000
ROUNDS = 3


def sweep_over_polars(organisations: int) -> float:
    """Seconds of a sweep, from COPY to COPY, over those of expressions written by hand."""
    plans = written_out()
    held = registry_of(plans)
    registry.fill(held.columns, organisations)

    def frames() -> Iterator[pl.DataFrame]:
        return registry.slices(held.columns, organisations)

    ours, baseline = interleaved(
        lambda: registry.write("bench_ours", sweep(plans, frames(), ON)),
        lambda: registry.write("bench_by_hand", (by_hand(frame, plans) for frame in frames())),
        ROUNDS,
    )
    must_agree()
    must_agree_with_rows(plans, held, next(frames()).sample(SAMPLE, seed=1))
    print(
        f"sweep: {ours:.1f} s, by hand {baseline:.1f} s, {len(plans)} programmes", file=sys.stderr
    )
    return ours / baseline


def written_out() -> dict[str, Plan]:
    """Those of the baseline; what it lacks, or what has changed since it was written, is named."""
    plans = computable()
    places = registry_of(plans).places
    kept = {c: p for c, p in plans.items() if c in PROGRAMMES and reads(c) == {*places[c].values()}}
    if apart := sorted(plans.keys() - kept.keys()):
        print(f"not in the baseline: {', '.join(apart)}", file=sys.stderr)
    return kept


def must_agree() -> None:
    with connection.cursor() as cursor:
        for one, other in (("bench_ours", "bench_by_hand"), ("bench_by_hand", "bench_ours")):
            cursor.execute(f"TABLE {one} EXCEPT ALL TABLE {other} LIMIT 5")
            if found := cursor.fetchall():
                raise AssertionError(f"only in {one}: {found}")
        cursor.execute("SELECT count(*) FROM bench_ours")
        print(f"{cursor.fetchone()[0]} results, identical", file=sys.stderr)


def must_agree_with_rows(plans: Mapping[str, Plan], held: Registry, frame: pl.DataFrame) -> None:
    """These organisations, assessed one by one."""
    by_row = [
        plan.one_by_one(plan.facts(seen_by(held.places[code], frame).collect()), ON).with_columns(
            programme=pl.lit(code)
        )
        for code, plan in plans.items()
    ]
    wanted = pl.concat(by_row).filter(pl.col("decision").is_in(GRANTABLE))
    columns = ["id", "programme", "decision", "minimum", "maximum"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM bench_ours WHERE id = ANY(%s)", [frame["id"].to_list()])
        assert sorted(cursor.fetchall()) == sorted(wanted.select(columns).rows())


LINES = [Line("sweep_vs_polars", sweep_over_polars, SIZES)]
