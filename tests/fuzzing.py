"""The whole OpenAPI document, tried out by schemathesis with all its checks."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Group:
    """Operations that one role may call, and checks that do not hold of them by design."""

    role: str
    paths: str
    without: str = ""


GROUPS: tuple[Group, ...] = (
    # The door takes more than the document says: small letters in codes, numbers as texts; and of
    # several rows the good ones go on.
    Group("declarant", "^/v1/declarations$", "negative_data_rejection"),
    Group("officer", "^/v1/outcomes$", "negative_data_rejection"),
    # Whatever is sent is a file: the job says what is wrong with it; only an empty one is refused.
    Group("officer", "^/v1/manifests", "negative_data_rejection,positive_data_acceptance"),
    # Exactly one of two budgets: no parameter can say so of another.
    Group("officer", "^/v1/(flights|receipts)/", "positive_data_acceptance"),
    Group("analyst", "^/(v1/(models|features|policies)|health/)"),
    Group("operator", "^/metrics$"),
)
"""Together every operation of the document."""


def fuzz(
    address: str, keys: Mapping[str, str], examples: int, group: Group, phases: str = "all"
) -> tuple[bool, str]:
    """Whether schemathesis found nothing, and what it printed.

    Parameters
    ----------
    address : of a service that answers.
    keys : by role.
    examples : of each operation.
    phases : of schemathesis, joined with commas; `coverage` alone makes some 900 cases.
    """
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{address}/openapi.json",
        "--header", f"Authorization: Bearer {keys[group.role]}", "--checks", "all",
        "--include-path-regex", group.paths, "--max-examples", str(examples), "--seed", "1",
        "--continue-on-failure", "--suppress-health-check", "all", "--no-color",
        *([] if phases == "all" else ["--phases", phases]),
        *(["--exclude-checks", group.without] if group.without else []),
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:  # it leaves notes where it runs
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    return ended.returncode == 0, ended.stdout + ended.stderr
