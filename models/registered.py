"""Every registered version, read from MLflow's database without importing MLflow.

For those who only look: the service must not carry MLflow along (decision 0008). The tables read
here belong to the schema of MLflow 3.17.2, which the project pins; a test holds this answer against
MLflow's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from models.champion import CHAMPION, MODEL_NAME, opened

_VERSIONS = """
    SELECT version, run_id, creation_time FROM model_versions WHERE name = ? ORDER BY version DESC
"""
_ALIASES = "SELECT version, alias FROM registered_model_aliases WHERE name = ? ORDER BY alias"
_KINDS = "SELECT run_uuid, value FROM tags WHERE key = 'kind'"
_MEASURES = """
    SELECT run_uuid, key, value FROM latest_metrics WHERE is_nan = 0 ORDER BY run_uuid, key
"""


@dataclass(frozen=True)
class RegisteredVersion:
    """A version of the model.

    Attributes
    ----------
    version : its number.
    run_id : the training that made it.
    kind : of the model, such as `ensemble`.
    made_at : instant, UTC.
    aliases : such as `champion`.
    measures : what its evaluation on later days gave, by name.
    """

    version: int
    run_id: str
    kind: str
    made_at: datetime
    aliases: list[str]
    measures: dict[str, float] = field(default_factory=dict)

    @property
    def is_champion(self) -> bool:
        """Whether it is in force."""
        return CHAMPION in self.aliases


def registered_versions(database: Path) -> list[RegisteredVersion]:
    """All versions, the newest first; none if nothing was trained yet.

    Raises
    ------
    StateError
        The store of runs cannot be read.
    """
    if not database.is_file():
        return []
    with opened(database) as store:
        tables = store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        if ("latest_metrics",) not in tables:  # another process is just creating it
            return []
        versions = store.execute(_VERSIONS, (MODEL_NAME,)).fetchall()
        aliases = store.execute(_ALIASES, (MODEL_NAME,)).fetchall()
        kinds = dict(store.execute(_KINDS).fetchall())
        measures: dict[str, dict[str, float]] = {}
        for run_id, name, value in store.execute(_MEASURES):
            if math.isfinite(value):
                measures.setdefault(run_id, {})[name] = float(value)
    return [
        RegisteredVersion(
            int(version),
            run_id,
            kinds.get(run_id, ""),
            datetime.fromtimestamp(made_at / 1000, UTC),
            [alias for number, alias in aliases if number == version],
            measures.get(run_id, {}),
        )
        for version, run_id, made_at in versions
    ]
