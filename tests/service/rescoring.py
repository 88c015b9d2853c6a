"""What the tests of rescoring share: an engine in this process, and a look at what it wrote."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

from service.composition import open_home, open_store
from service.rescoring.flight import perform
from service.rescoring.opening import Rescoring
from service.rescoring.places import Place
from service.rescoring.proof import Proof
from service.rescoring.run import rescore
from service.rescoring.tasks import Done, Job, Lists, Task

LISTS = Lists(controls=8)


class KilledError(Exception):
    """The process that a test stands for was killed."""


class Inline:
    """Carries tasks out one after the other, here.

    Parameters
    ----------
    until : tasks after which it is killed; None: never.
    """

    name = "inline"

    def __init__(self, job: Job, until: int | None = None) -> None:
        self._job, self._until = job, until
        self._waiting: deque[Task] = deque()

    @property
    def free(self) -> int:
        return 2 - len(self._waiting)

    def submit(self, task: Task) -> None:
        self._waiting.append(task)

    def next_done(self) -> tuple[Task, Done]:
        if self._until == 0:
            raise KilledError
        self._until = None if self._until is None else self._until - 1
        task = self._waiting.popleft()
        return task, perform(self._job, task)

    def close(self) -> None:
        self._waiting.clear()


def rescored(
    archive: Path,
    out: Path,
    *,
    until: int | None = None,
    said: list[str] | None = None,
    **asked: Any,
) -> Proof:
    """Rescore an archive into a folder with the state that the environment names."""
    home = open_home()
    wish = Rescoring(Place(str(archive)), Place(str(out)), **({"lists": LISTS} | asked))
    return rescore(
        home,
        open_store(home),
        wish,
        lambda job: Inline(job, until),
        progress=lambda what, done, total: None,
        say=(said if said is not None else []).append,
    )


def told(out: Path) -> dict[str, bytes]:
    """Every file of a rescoring but its own notes, by its name."""
    files = (file for file in sorted(out.rglob("*")) if file.is_file())
    return {
        str(file.relative_to(out)): file.read_bytes() for file in files if ".work" not in file.parts
    }
