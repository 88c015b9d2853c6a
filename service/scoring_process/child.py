"""The loop of a scoring child: `python -m service.scoring_process.child PURPOSE`.

Requests come in on standard input and answers go out where standard output was; when the input
ends, the parent is gone and the child ends with it. While one batch is computed the next gathers.
"""

from __future__ import annotations

import gc
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, BinaryIO, Literal

from engine.errors import TriageError
from service.composition import open_database, open_home, open_store
from service.flights import Flights
from service.scoring_process.first_look import FirstLooks, post_score_frame
from service.scoring_process.frames import error_frame, framed, read_frame
from service.scoring_process.state import ScoringState
from service.scoring_process.watch import ModelWatch
from service.wishes import wish_of

Purpose = Literal["posts", "lists"]
Request = dict[str, Any]

MOST_ROWS = 600
"""Rows of messages scored together; more would make the first of them wait (estimate: 300 rows
take a second)."""

REFRESH_SECONDS, REST = 3.0, 20.0
"""Late rows and outcomes of the past are seen within this time, and that many times longer than it
took to look is waited (estimates: looking takes a fifth of a second, rolling a day ten or more)."""


class Child:
    """One scoring child.

    Parameters
    ----------
    purpose : what is asked of it.
    requests, answers : pipes to the parent.
    """

    def __init__(self, purpose: Purpose, requests: BinaryIO, answers: BinaryIO) -> None:
        self._requests = requests
        self._answers = answers
        self._pen = threading.Lock()
        self._waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._left: Request | None = None
        home = open_home()
        database = open_database(home)
        store = open_store(home, database)
        self._looks: FirstLooks | None = None
        self.watch = ModelWatch(home, self._tell)
        if purpose == "posts":
            self._looks = FirstLooks(home, store, lambda: self.watch.model)
            self.watch = ModelWatch(home, self._tell, self._warm)
        self._flights = Flights(home, database, store, lambda: self.watch.model)

    def run(self) -> None:
        """Answer until the parent is gone."""
        threading.Thread(target=self._receive, name="requests", daemon=True).start()
        self.watch.start()
        self._tell(self.watch.state)
        if self._looks is not None:
            threading.Thread(target=self._refresh, name="refresh", daemon=True).start()
        while True:
            batch = self._batch()
            if batch[0]["what"] == "posts":
                self._answer(batch, self._posts)
            else:
                self._answer(batch, self._list)

    def _receive(self) -> None:
        while (request := read_frame(self._requests)) is not None:
            self._waiting.put(request)
        os._exit(0)  # at once: what is being computed, nobody waits for

    def _batch(self) -> list[Request]:
        """What waits, as far as it goes together; a request that is tried again goes alone."""
        first = self._left or self._waiting.get()
        self._left = None
        batch, count = [first], len(first.get("rows", ()))
        while first["what"] == "posts" and not first.get("alone"):
            try:
                following = self._waiting.get_nowait()
            except queue.Empty:
                break
            count += len(following.get("rows", ()))
            if following["what"] != "posts" or following.get("alone") or count > MOST_ROWS:
                self._left = following
                break
            batch.append(following)
        return batch

    def _answer(
        self, batch: Sequence[Request], made: Callable[[Sequence[Request]], Sequence[Any]]
    ) -> None:
        try:
            for request, answer in zip(batch, made(batch), strict=True):
                self._send({"id": request["id"], "answer": answer})
        except TriageError as problem:
            for request in batch:
                self._send({"id": request["id"], "error": error_frame(problem)})
        except Exception:
            # A mistake of ours: one of several may have caused it, so each is tried alone.
            if len(batch) > 1:
                for request in batch:
                    self._answer([request], made)
                return
            print(_without_values(), file=sys.stderr, flush=True)
            told = {"kind": "StateError", "message": "The scoring failed.", "way_out": ""}
            self._send({"id": batch[0]["id"], "error": told})

    def _posts(self, batch: Sequence[Request]) -> list[Any]:
        assert self._looks is not None
        scores = self._looks.look([request["rows"] for request in batch])
        return [[post_score_frame(one) for one in some] for some in scores]

    def _list(self, batch: Sequence[Request]) -> list[Any]:
        asked = batch[0]
        day = date.fromisoformat(asked["flight_date"])
        made = self._flights.issued_list(
            asked["flight_number"], day, wish_of(asked["wish"]), asked["issued_to"]
        )
        return [asdict(made)]

    def _warm(self, model: Any) -> None:
        """Have ready what today's messages are seen with, before a model takes over."""
        assert self._looks is not None
        try:
            self._looks.prepare(model, datetime.now(UTC).date())
        except TriageError:
            return  # it is tried again, and told, when the first message comes
        _leave_alone()

    def _refresh(self) -> None:
        assert self._looks is not None
        pause = REFRESH_SECONDS
        while True:
            time.sleep(pause)
            begun = time.monotonic()
            # What is known stands until the store can be read again.
            with suppress(TriageError):
                if self._looks.refresh(self.watch.model):
                    _leave_alone()
            pause = max(REFRESH_SECONDS, REST * (time.monotonic() - begun))

    def _tell(self, state: ScoringState) -> None:
        self._send({"state": asdict(state)})

    def _send(self, message: dict[str, Any]) -> None:
        with self._pen:
            self._answers.write(framed(message))
            self._answers.flush()


def _leave_alone() -> None:
    """Spare the collector of garbage what was made for a day: looking through its millions of
    objects again and again would hold messages up for a tenth of a second. What is replaced is
    freed all the same, for nothing of it refers to itself.
    """
    gc.collect()
    gc.freeze()


def _without_values() -> str:
    """Where it went wrong, without the values that a message of an exception may hold."""
    kind, _, where = sys.exc_info()
    lines = traceback.format_tb(where)
    return f"{kind.__name__ if kind else ''}\n{''.join(lines)}"


def main() -> None:
    """Serve the parent that started this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not print among the answers
    purpose: Purpose = "posts" if sys.argv[1] == "posts" else "lists"
    Child(purpose, sys.stdin.buffer, answers).run()


if __name__ == "__main__":
    main()
