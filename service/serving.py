"""The supervisor of `triage serve`: HTTP workers and the job runner, started, watched, ended.

It holds the listening socket, so that no connection is refused while a worker is started anew, and
it does nothing else that could fail. What dies is started again, with a growing pause; what has
never been ready is not tried for ever.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from engine.errors import StateError

STOP_SECONDS = 25.0
"""Longest wait for children that were asked to end; a worker takes 20 s at most."""

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""Pause before a child is started again: doubled at each death, back to the first one after a
minute of life (estimates)."""

MOST_TRIES = 3
"""Starts of a worker, before any was ever ready, after which something must be wrong."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Say = Callable[[str], None]


@dataclass
class Child:
    """A process that is kept alive.

    Attributes
    ----------
    name : for sentences.
    command : its arguments; `{ready}` stands for the descriptor on which it tells that it is
        ready, if it does.
    descriptors : open files that it inherits.
    """

    name: str
    command: Sequence[str]
    descriptors: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    death_count: int = 0
    is_ready: bool = False
    ready: int = field(default=-1)

    @property
    def tells_ready(self) -> bool:
        """Whether it says when it is ready."""
        return "{ready}" in self.command

    def start(self, environment: Mapping[str, str]) -> None:
        """Start the process, in a process group of its own."""
        told, write = os.pipe() if self.tells_ready else (-1, -1)
        passed = (*self.descriptors, write) if self.tells_ready else self.descriptors
        command = [part.replace("{ready}", str(write)) for part in self.command]
        try:
            # A group of its own: Ctrl-C reaches the supervisor alone, and whatever the child
            # starts can be ended with it.
            self.process = subprocess.Popen(
                command, env=dict(environment), stdin=subprocess.DEVNULL, pass_fds=passed,
                process_group=0,
            )  # fmt: skip
        finally:
            if write >= 0:
                os.close(write)
        self.started_at, self.ready, self.is_ready = time.monotonic(), told, not self.tells_ready

    def hear(self) -> bool:
        """Whether it has just told that it is ready."""
        told = os.read(self.ready, 1)
        os.close(self.ready)
        self.ready, self.is_ready = -1, bool(told)
        return self.is_ready

    def bury(self) -> int | None:
        """Exit status if it has ended, and the end of all it had started; None: it lives."""
        if self.process is None or self.process.poll() is None:
            return None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        status = self.process.returncode
        self.process = None
        if self.ready >= 0:
            os.close(self.ready)
            self.ready = -1
        lived = time.monotonic() - self.started_at
        self.death_count = 1 if lived > STEADY_SECONDS else self.death_count + 1
        self.start_at = time.monotonic() + min(
            FIRST_PAUSE_SECONDS * 2 ** (self.death_count - 1), LONGEST_PAUSE_SECONDS
        )
        return status

    def send(self, number: int, *, to_all: bool = False) -> None:
        """A signal to the process, or to its whole group."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                (os.killpg if to_all else os.kill)(self.process.pid, number)


class Supervisor:
    """Keeps children alive until it is asked to stop.

    Parameters
    ----------
    children : workers and the runner; those that tell when they are ready are the workers.
    environment : of the children.
    say : told what a person should know.
    on_ready : called once, when all workers are ready for the first time.
    """

    def __init__(
        self, children: Sequence[Child], environment: Mapping[str, str], say: Say,
        on_ready: Callable[[], None],
    ) -> None:  # fmt: skip
        self._children = children
        self._environment = environment
        self._say = say
        self._on_ready = on_ready
        self._was_ready = False
        self._asked: list[int] = []

    def run(self) -> None:
        """Run until a signal, then end all children gracefully.

        Raises
        ------
        StateError
            No worker was ever ready.
        """
        with self._signals() as wake:
            try:
                while not self._asked:
                    self._start_due()
                    self._wait(wake, self._pause())
                    self._bury_dead()
            finally:
                self._end_all(wake)

    def _start_due(self) -> None:
        for child in self._children:
            if child.process is None and child.start_at <= time.monotonic():
                child.start(self._environment)

    def _pause(self) -> float:
        """Seconds until something is due; deaths wake us by signal."""
        due = [child.start_at for child in self._children if child.process is None]
        return max(0.0, min(due, default=time.monotonic() + 60) - time.monotonic())

    def _wait(self, wake: int, seconds: float) -> None:
        with selectors.DefaultSelector() as waiting:
            waiting.register(wake, selectors.EVENT_READ)
            for child in self._children:
                if child.ready >= 0:
                    waiting.register(child.ready, selectors.EVENT_READ, child)
            for key, _ in waiting.select(seconds):
                if isinstance(key.data, Child):
                    key.data.hear()
                else:
                    os.read(wake, 4_096)
        if not self._was_ready and all(child.is_ready for child in self._children):
            self._was_ready = True
            self._on_ready()

    def _bury_dead(self) -> None:
        for child in self._children:
            status = child.bury()
            if status is None or self._asked:
                continue
            if child.tells_ready and not self._was_ready and child.death_count >= MOST_TRIES:
                raise StateError(
                    f"The {child.name} ended {MOST_TRIES} times before it was ready "
                    f"(status {status}).",
                    "The lines above say why.",
                )
            pause = max(0.0, child.start_at - time.monotonic())
            self._say(f"The {child.name} has ended ({_told(status)}); again in {pause:.1f} s.")

    def _end_all(self, wake: int) -> None:
        """SIGTERM, patience, SIGKILL; a second signal to us ends the patience."""
        for child in self._children:
            child.send(signal.SIGTERM)
        until, asked = time.monotonic() + STOP_SECONDS, len(self._asked)
        while self._is_any_alive():
            left = until - time.monotonic()
            if left <= 0 or len(self._asked) > max(asked, 1):
                break
            self._wait(wake, min(left, 0.5))
        for child in self._children:
            child.send(signal.SIGKILL, to_all=True)
            if child.process is not None:
                child.process.wait()
                child.bury()

    def _is_any_alive(self) -> bool:
        for child in self._children:
            child.bury()
        return any(child.process is not None for child in self._children)

    @contextmanager
    def _signals(self) -> Iterator[int]:
        """Note signals, and wake up for them and for deaths; a descriptor to wait on."""
        heard, told = os.pipe()
        os.set_blocking(told, False)
        before: dict[int, Any] = {}
        for one in _SIGNALS:
            before[one] = signal.signal(one, lambda number, _: self._asked.append(number))
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        previous = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
        try:
            yield heard
        finally:
            signal.set_wakeup_fd(previous)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(heard)
            os.close(told)


def worker(app: str, listening: socket.socket, tls: tuple[str, str] | None, number: int) -> Child:
    """An HTTP worker on a listening socket.

    Parameters
    ----------
    app : `module:function` of the application's factory.
    listening : shared by all workers.
    tls : files of certificate and key.
    number : for its name.
    """
    command = [
        sys.executable, "-m", "service.http_worker", "--parent", str(os.getpid()), "--socket",
        str(listening.fileno()), "--ready", "{ready}", "--app", app,
    ]  # fmt: skip
    if tls is not None:
        command += ["--tls-cert", tls[0], "--tls-key", tls[1]]
    return Child(f"HTTP worker {number}", command, (listening.fileno(),))


def runner(module: str) -> Child:
    """The job runner, a module that runs until SIGTERM."""
    command = [sys.executable, "-m", "service.tether", str(os.getpid()), module]
    return Child("job runner", command)


def _told(status: int) -> str:
    if status >= 0:
        return f"status {status}"
    with suppress(ValueError):
        return signal.Signals(-status).name
    return f"signal {-status}"
