"""Compiled functions are those of the sources as they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_INNER = (
    "from features.compiled import kernel\n\nSTEP = {}\n\n"
    "@kernel\ndef add(x):\n    return x + STEP\n"
)
_OUTER = (
    "from features.compiled import kernel\nfrom features.inner import add\n\n"
    "@kernel\ndef twice(x):\n    return add(add(x))\n"
)


def test_a_change_in_what_a_kernel_calls_is_not_overlooked(tmp_path: Path) -> None:
    room = tmp_path / "features"
    room.mkdir()
    (tmp_path / "models").mkdir()
    (room / "__init__.py").write_text("")
    source = Path(__file__).parents[2] / "features" / "compiled.py"
    (room / "compiled.py").write_text(source.read_text())
    (room / "outer.py").write_text(_OUTER)
    told = []
    for step in (1, 1, 10):
        (room / "inner.py").write_text(_INNER.format(step))
        asked = "from features.outer import twice; print(twice(0))"
        done = subprocess.run(
            [sys.executable, "-B", "-c", asked], cwd=tmp_path, capture_output=True, text=True,
            check=True, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        )  # fmt: skip
        told.append(int(done.stdout))
    assert told == [2, 2, 20]
    assert len(list((room / "__pycache__").glob("kernels-*"))) == 1, "older ones are let go of"
