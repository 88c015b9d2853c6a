"""The program `triage`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import typer

from engine.errors import InputError, SettingError, TriageError
from service.commands.audit import audit
from service.commands.compare import compare
from service.commands.demo import demo
from service.commands.dictionary import dictionary
from service.commands.estimate import estimate
from service.commands.features import features
from service.commands.generate import generate
from service.commands.ingest import ingest
from service.commands.keys import keys
from service.commands.manifest import manifest
from service.commands.mlflow_page import mlflow
from service.commands.outcomes import outcomes
from service.commands.promote import promote
from service.commands.rescore import rescore
from service.commands.retention import retention
from service.commands.serve import serve
from service.commands.simulate import simulate
from service.commands.train import train

COMMANDS: tuple[Callable[..., None], ...] = (
    demo, generate, ingest, outcomes, train, compare, promote, manifest, rescore, simulate, mlflow,
    features, dictionary, estimate, audit, retention, serve,
)  # fmt: skip
"""Every command, in the order of `triage --help`."""

LIST_OPTIONS = frozenset({"--declarations", "--outcomes"})
"""Options that take several values after one name, as a shell's pattern gives them."""

WRONG_INPUT, WRONG_USAGE = 1, 2
"""Exit status (contract, section 4)."""

app = typer.Typer(
    name="triage",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="From a flight's customs declarations to a ranked, explained inspection list within a "
    "fixed checking budget. State lives in TRIAGE_HOME (default: .triage in this folder). "
    "Start with: triage demo",
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(keys)


def main() -> None:
    """Run the program with the arguments of this process."""
    # Waiting OpenMP threads spin by default and take the other core (LightGBM).
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # What is learned from are thousands of controls: a second thread for such matrices waits, and
    # takes its core from whatever else runs.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the program; the exit status comes back."""
    try:
        app(spread(arguments), prog_name="triage")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else WRONG_INPUT
    except TriageError as error:
        from service.console import complain

        complain(error)
        return WRONG_USAGE if isinstance(error, SettingError) else WRONG_INPUT
    except OSError as error:
        from service.console import complain

        what = f"{error.filename or 'A file'} cannot be used: {error.strerror or error}."
        complain(InputError(what, "Check the path, your rights and the room on the disk."))
        return WRONG_INPUT
    return 0


def spread(arguments: list[str]) -> list[str]:
    """`--outcomes a b` as `--outcomes a --outcomes b`, which is what the parser understands."""
    done: list[str] = []
    option = ""
    for argument in arguments:
        if argument.startswith("-") or not option:
            option = argument if argument in LIST_OPTIONS else ""
            done.append(argument)
        elif done[-1] == option:
            done.append(argument)
        else:
            done += [option, argument]
    return done
