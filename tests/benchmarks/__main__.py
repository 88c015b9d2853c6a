"""All benchmarks, one after the other: `python -m tests.benchmarks` (`make bench`)."""

from __future__ import annotations

from tests.benchmarks import (
    chain,
    generate_speed,
    interval_coverage,
    links,
    list_quality,
    manifest_speed,
    posts,
    rescore,
    route_yield,
    serving,
    simulation,
    single,
    text_codes,
    top_of_list,
    training,
    trees,
)

for benchmark in (
    generate_speed,
    trees,
    chain,
    rescore,
    single,
    training,
    manifest_speed,
    posts,
    serving,
    route_yield,
    links,
    text_codes,
    list_quality,
    top_of_list,
    interval_coverage,
    simulation,
):
    benchmark.main()
