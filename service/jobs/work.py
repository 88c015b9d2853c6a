"""What is done with one job: its steps one after the other, and what is told of them.

Nothing here knows DBOS; `service.jobs.dbos_queue` says what happens between the steps when the
machine stops.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from engine.errors import InputError, StateError, TriageError
from service.jobs.register import UPLOAD, Manifests
from service.jobs.steps import READ, REFUSED, ROWS, SCORED, STORED

STEP_SECONDS = {"read": 900.0, "store": 1_800.0, "score": 7_200.0}
"""A step that takes longer will not end (estimates: 300,000 items take ten, five, thirty
seconds)."""

_OF_SOMEBODY = frozenset({-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP})
"""Ends of a reader that say nothing about its file; any other one the file brought down on it."""

_OF_TIME = frozenset({-signal.SIGXCPU, -signal.SIGXFSZ})
"""Ends of a reader that ran out of processor time, or of room for a file."""


MISTAKE, MOST_MISTAKES = 1, 3
"""Exit status of a step that met what nobody foresaw; and how often that is tried: the file will
be the cause, and other jobs wait meanwhile."""


class StepEndedError(StateError):
    """A step ended for a reason that may pass: it is tried again."""


class Work:
    """Does the steps of jobs.

    Parameters
    ----------
    manifests : the register.
    environment : of the processes that do the steps.
    """

    def __init__(self, manifests: Manifests, environment: dict[str, str]) -> None:
        self._manifests = manifests
        self._environment = environment
        self._running: subprocess.Popen[bytes] | None = None
        self._mistakes: Counter[tuple[str, str]] = Counter()
        self._is_stopping = threading.Event()

    def stop(self) -> None:
        """End the step that runs; its job goes on at the next start."""
        self._is_stopping.set()
        if self._running is not None:
            self._running.kill()

    def read(self, job_id: str) -> None:
        """Judge the rows of the upload.

        Raises
        ------
        InputError
            The file cannot be used, or ended the process that read it.
        StepEndedError
            The step was broken off.
        """
        folder = self._manifests.folder(job_id)
        if not (folder / READ).exists():
            self._manifests.change(job_id, state="reading")
            self._run("read", job_id)
        (folder / UPLOAD).unlink(missing_ok=True)
        told = orjson.loads((folder / READ).read_bytes())
        counts = {f"{name}_count": told.pop(f"{name}_count")
                  for name in ("received", "accepted", "rejected")}  # fmt: skip
        self._manifests.change(job_id, **counts, report=told)

    def store(self, job_id: str) -> None:
        """Take the accepted rows into the state."""
        folder = self._manifests.folder(job_id)
        if not (folder / STORED).exists():
            self._manifests.change(job_id, state="storing")
            self._run("store", job_id)
        stored = orjson.loads((folder / STORED).read_bytes())
        self._manifests.change(job_id, report={"stored": stored})

    def score(self, job_id: str) -> None:
        """Score the flights of the file."""
        folder = self._manifests.folder(job_id)
        if not (folder / SCORED).exists():
            self._manifests.change(job_id, state="scoring")
            self._run("score", job_id)

    def end(self, job_id: str) -> None:
        """Say that the job is done."""
        folder = self._manifests.folder(job_id)
        told = orjson.loads((folder / SCORED).read_bytes())
        count = len(told["flights"])
        self._manifests.change(job_id, done_count=count, total_count=count)
        self._manifests.end(job_id, "done", told)
        self._clear(folder)

    def fail(self, job_id: str, problem: TriageError) -> None:
        """Say that the job cannot be done, and why."""
        told = {"error": problem.message, "way_out": problem.way_out}
        self._manifests.end(job_id, "failed", told)
        self._clear(self._manifests.folder(job_id))

    def _clear(self, folder: Path) -> None:
        """Take away what only the steps needed; above all the upload, for it holds names."""
        for name in (UPLOAD, ROWS, f".draft-{ROWS}"):
            (folder / name).unlink(missing_ok=True)

    def _run(self, step: str, job_id: str) -> None:
        command = [sys.executable, "-m", "service.jobs.steps", step, job_id]
        if self._is_stopping.is_set():
            raise StepEndedError("The runner is stopping.")
        self._running = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self._environment
        )
        try:
            told = self._told(self._running, STEP_SECONDS[step])
            status = self._running.wait()
        except subprocess.TimeoutExpired as late:
            self._running.kill()
            self._running.wait()
            raise _too_much(f"more than {STEP_SECONDS[step] / 60:.0f} minutes") from late
        if status == MISTAKE:
            self._mistakes[step, job_id] += 1
            if self._mistakes[step, job_id] >= MOST_MISTAKES:
                raise _our_mistake(step)
        if status != 0:
            raise _problem(step, status, told)

    def _told(self, running: subprocess.Popen[bytes], seconds: float) -> bytes:
        """What a step printed, once it has ended; its input stays open, or it would end at once."""
        assert running.stdout is not None
        assert running.stdin is not None
        pieces: list[bytes] = []
        reader = threading.Thread(target=lambda: pieces.append(running.stdout.read()), daemon=True)  # type: ignore[union-attr]
        reader.start()
        until = time.monotonic() + seconds
        reader.join(seconds)
        running.wait(max(until - time.monotonic(), 0.1))
        running.stdin.close()
        running.stdout.close()
        return b"".join(pieces)


def _problem(step: str, status: int, told: bytes) -> TriageError:
    """Why a step ended as it did."""
    if status == REFUSED:
        words: dict[str, Any] = json.loads(told.splitlines()[-1])
        kind = InputError if words["kind"] == "input" else StepEndedError
        return kind(words["message"], words["way_out"])
    if step == "read" and status not in _OF_SOMEBODY:
        if status in _OF_TIME:
            return _too_much("more time or room than any manifest does")
        return _too_much(
            "more memory than a reader is given (TRIAGE_READER_MEMORY_MIB), or is damaged"
        )
    how = f"signal {-status}" if status < 0 else f"exit status {status}"
    return StepEndedError(f"The step {step} ended before its time ({how}).", "It is tried again.")


def _our_mistake(step: str) -> InputError:
    return InputError(
        f"The step {step} made a mistake of ours over this manifest, {MOST_MISTAKES} times.",
        "The log says where; give it to who keeps the service. What was stored is kept; the same "
        "file sent again is tried again.",
    )


def _too_much(what: str) -> InputError:
    return InputError(
        f"The manifest cannot be read: it takes {what}.",
        "Send each flight in a file of its own, as CSV or Parquet; write the file anew if it may "
        "be damaged.",
    )
