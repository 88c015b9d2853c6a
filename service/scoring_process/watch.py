"""The model in force, watched: a new champion is tried out and read beside, then takes over.

Nobody waits for it. Whatever is wrong with the new one (no seal, a changed file, a crash in its
trial, a registry that cannot be read), the old one goes on and the note says why.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from engine.errors import TriageError
from models.champion import Champion, champion_of
from models.seal import SIGNATURE
from service.home import Home
from service.scoring import InForce, loaded, refused
from service.scoring_process.state import ScoringState
from service.trial import checked_and_tried

POLL_SECONDS = 1.0
"""A promotion is seen within this time; asking costs a millisecond."""


class ModelWatch:
    """The model in force.

    Parameters
    ----------
    home : the state folder.
    tell : told whenever the state changes, from the watching thread.
    ready : called with a model before it takes over, to warm up what goes with it.
    """

    def __init__(
        self,
        home: Home,
        tell: Callable[[ScoringState], None],
        ready: Callable[[InForce], None] | None = None,
    ) -> None:
        self._home = home
        self._tell = tell
        self._ready = ready or (lambda model: None)
        self._seen: Champion | str | None = "nothing yet"
        self._seen_seal = 0
        self._note = ""
        self.model = InForce(note="no model was looked for yet.")
        self._ended = threading.Event()

    @property
    def state(self) -> ScoringState:
        """What ranks."""
        note = self.model.note or self._note
        return ScoringState(self.model.version, self.model.is_degraded, note)

    def start(self) -> None:
        """Look for the model once, then go on looking in a thread."""
        self.look()
        threading.Thread(target=self._watch, name="model-watch", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()

    def look(self) -> None:
        """Look which version is champion, and let it take over if it is another one."""
        try:
            champion = champion_of(self._home.mlflow_database, self._home.mlruns)
        except TriageError as problem:
            self._stay(f"the registry of models cannot be read: {problem}")
            return
        seal = _sealed_at(champion)
        if champion == self._seen and seal == self._seen_seal:
            self._restored()
            return
        if champion is None and self._seen not in (None, "nothing yet"):
            self._stay("the registry of models names no champion any more.")
            return
        self._take(champion)
        self._seen_seal = seal

    def _take(self, champion: Champion | None) -> None:
        if champion is None:
            self._change(
                InForce(note="no model is in force yet. Make one with `triage train`."), ""
            )
        else:
            try:
                checked_and_tried(self._home, champion.artefact)
                self._change(loaded(champion), "")
            except (TriageError, OSError) as problem:
                self._refuse(refused(champion, problem))
        self._seen = champion

    def _refuse(self, why: InForce) -> None:
        """The old one goes on, if there is one."""
        if self.model.is_degraded:
            self._change(why, "")
        else:
            self._stay(f"{why.note} Version {self.model.version} goes on.")

    def _stay(self, note: str) -> None:
        if self.model.is_degraded:
            self._change(replace(self.model, note=note), note)
        elif note != self._note:
            self._note = note
            self._tell(self.state)

    def _restored(self) -> None:
        """The registry can be read again and names the version that ranks."""
        if self._note.startswith("the registry"):
            self._note = ""
            self._tell(self.state)

    def _change(self, model: InForce, note: str) -> None:
        if (model.version, model.note, note) != (self.model.version, self.model.note, self._note):
            self._ready(model)
            self.model, self._note = model, note
            self._tell(self.state)

    def _watch(self) -> None:
        while not self._ended.wait(POLL_SECONDS):
            self.look()


def _sealed_at(champion: Champion | None) -> int:
    """When its model was sealed: `triage promote` may seal the version that is refused."""
    try:
        return 0 if champion is None else (champion.artefact / SIGNATURE).stat().st_mtime_ns
    except OSError:
        return 0
