"""LightGBM without what it would drag in.

`import lightgbm` imports pandas, scikit-learn and dask where they are installed, for wrappers that
this project does not use; that is four of the five seconds that its import takes, and a list for a
flight must not wait for it. They are hidden while it is imported, and only then: LightGBM then does
as if they were not there (its `compat` module), all else finds them as before.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_HIDDEN = ("pandas", "sklearn", "dask", "matplotlib", "graphviz")


@contextmanager
def _hidden(names: tuple[str, ...]) -> Iterator[None]:
    before = {name: sys.modules[name] for name in names if name in sys.modules}
    for name in names:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
        sys.modules.update(before)


# OpenMP's waiting threads spin by default; beside another process on the same cores a training then
# takes four times as long. It is read when the library is loaded, so it is set before.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

with _hidden(_HIDDEN):
    import lightgbm

__all__ = ["lightgbm"]
