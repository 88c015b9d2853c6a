"""`triage mlflow`: the ordinary MLflow page on the runs of the state."""

from __future__ import annotations

from typing import Annotated

import typer

_ENVIRONMENT = {
    # Eleven processes and 1.2 GB become two and 0.5 GB; nothing here runs jobs in the server.
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
}


def mlflow(
    port: Annotated[int, typer.Option(metavar="N", min=1, max=65_535, help="Port.")] = 5000,
) -> None:
    """Open the MLflow page on the training runs, for this machine alone. Ctrl-C ends it.

    Example: triage mlflow --port 5001
    """
    import os
    import sys

    from engine.errors import StateError
    from service.composition import open_home
    from service.console import say

    home = open_home()
    if not home.mlflow_database.exists():
        raise StateError(f"There is no training run in {home.root} yet.", "Run `triage train`.")
    say(f"The MLflow page starts in about 20 s at http://127.0.0.1:{port}; Ctrl-C ends it.")
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--backend-store-uri", f"sqlite:///{home.mlflow_database}",
        "--artifacts-destination", home.mlruns.as_uri(),
    ]  # fmt: skip
    os.execve(sys.executable, command, {**os.environ, **_ENVIRONMENT})
