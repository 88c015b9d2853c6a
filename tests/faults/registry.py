"""A registry with a second version, and ways to damage it."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from models.champion import artefact_path, champion_of
from models.seal import SEAL_FILES, SIGNATURE
from service.home import Home
from service.sealing import seal_model

SECOND = "m-second"


@dataclass
class Registry:
    """The registry of a state folder, with version 1 and its twin, version 2.

    Attributes
    ----------
    home : the state.
    first, second : model folders.
    """

    home: Home
    first: Path
    second: Path

    @classmethod
    def of(cls, home: Home) -> Registry:
        """Register the twin of the champion."""
        champion = champion_of(home.mlflow_database, home.mlruns)
        assert champion is not None
        assert champion.version == 1
        made = cls(home, champion.artefact, artefact_path(home.mlruns, f"models:/{SECOND}"))
        made.repair()
        made._do(
            "CREATE TEMP TABLE twin AS SELECT * FROM model_versions WHERE version = 1;"
            f"UPDATE twin SET version = 2, source = 'models:/{SECOND}';"
            "INSERT INTO model_versions SELECT * FROM twin",
        )
        return made

    def promote(self, version: int) -> None:
        """Put a version in force, as `triage promote` does in the end."""
        self._do(f"UPDATE registered_model_aliases SET version = {version}")

    def repair(self) -> None:
        """Make version 2 the twin of version 1 again."""
        shutil.rmtree(self.second, ignore_errors=True)
        shutil.copytree(self.first, self.second)
        seal_model(self.home, self.second)

    def damage(self, chance: random.Random) -> str:
        """Damage one file of version 2; what was done comes back."""
        whole = self._signature()
        while (done := self._harm(chance)).endswith(SIGNATURE) and self._signature() == whole:
            self.repair()  # another case of a letter, or a blank at its end: the same signature
            whole = self._signature()
        return done

    def _signature(self) -> str:
        path = self.second / SIGNATURE
        return path.read_text(errors="replace").strip().lower() if path.exists() else ""

    def _harm(self, chance: random.Random) -> str:
        files = sorted(path for path in self.second.rglob("*") if path.is_file())
        path = chance.choice(files)
        content = bytearray(path.read_bytes())
        what = chance.choice(["truncate", "flip", "drop lines", "empty", "delete", "add"])
        if what == "flip" and content:
            for _ in range(chance.randint(1, 8)):
                content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        elif what == "truncate":
            del content[chance.randrange(max(len(content), 1)) :]
        elif what == "drop lines":
            lines = bytes(content).split(b"\n")
            del lines[chance.randrange(len(lines))]
            content = bytearray(b"\n".join(lines))
        elif what == "empty":
            content.clear()
        elif what == "add":
            path = path.with_name("added.txt")
            content = bytearray(b"x")
        before = path.read_bytes() if path.exists() else None
        if what == "delete":
            path.unlink()
        elif bytes(content) == before:  # a flip may have been taken back by another one
            path.write_bytes(b"x" + bytes(content))
        else:
            path.write_bytes(bytes(content))
        return f"{what} {path.name}"

    def seal_the_damage(self) -> None:
        """Seal version 2 as it is: somebody had the key, or the disk lied when it was sealed."""
        for name in SEAL_FILES:
            (self.second / name).unlink(missing_ok=True)
        seal_model(self.home, self.second)

    def _do(self, statements: str) -> None:
        with closing(sqlite3.connect(self.home.mlflow_database, timeout=30)) as store:
            store.executescript(statements)
