"""All benchmarks, one after the other: `python -m tests.benchmarks` (`make bench`)."""

from __future__ import annotations

from tests.benchmarks import generate_speed, links, list_quality, manifest_speed

for benchmark in (generate_speed, manifest_speed, links, list_quality):
    benchmark.main()
