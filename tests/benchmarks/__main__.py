"""All benchmarks, one after the other: `python -m tests.benchmarks` (`make bench`)."""

from __future__ import annotations

from tests.benchmarks import (
    generate_speed,
    interval_coverage,
    links,
    list_quality,
    manifest_speed,
    posts,
    route_yield,
    serving,
    text_codes,
    top_of_list,
    trees,
)

for benchmark in (
    generate_speed,
    trees,
    manifest_speed,
    posts,
    serving,
    route_yield,
    links,
    text_codes,
    list_quality,
    top_of_list,
    interval_coverage,
):
    benchmark.main()
