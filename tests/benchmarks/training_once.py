"""The process of `tests.benchmarks.training` that is measured."""

from __future__ import annotations

import sys

from tests.benchmarks.training import once

if __name__ == "__main__":
    once(int(sys.argv[1]))
