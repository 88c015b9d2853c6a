"""Runs, versions and the champion: the only module that speaks to MLflow (3.17.2).

One SQLite file holds experiments and registry; nothing leaves the machine. MLflow is imported
when it is first needed, because that takes seconds.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import re
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dataframely as dy
import polars as pl

from engine.declaration import REQUIRED, DeclarationRow
from engine.errors import StateError
from models.champion import (
    ARTEFACT,
    CHAMPION,
    MODEL_NAME,
    PATIENCE_SECONDS,
    artefact_path,
    champion_of,
    opened,
)
from models.metrics import Evaluation
from models.seal import SEAL_FILES
from models.simulation_metrics import Point, points
from models.simulation_tables import Simulated

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.models import ModelSignature

PREVIOUS = "previous"
"""Alias of the version that was champion before."""

LOADER = "models.served"
"""Module with which MLflow loads a version; the folder holds data, never code."""

REQUIREMENTS = ("parcel-triage", "polars", "dataframely", "lightgbm", "numpy", "pandas", "pyarrow")
"""What scoring needs. Given explicitly: inferring it takes MLflow ten seconds a model."""

EVALUATION = "evaluation"
"""Folder of a run with the frames that were measured."""

SIMULATIONS = "parcel-triage-simulations"
"""Experiment of the simulations, apart from the trainings."""

MOST_METRICS = 1000
"""Metrics that MLflow takes in one call."""

SHORTEST_PREFIX = 4
"""Characters of a run id that may stand for it."""

OUTPUTS = ("hawb", "flight_number", "flight_date", "risk", "risk_fiscal", "risk_goods",
           "expected_revenue_eur")  # fmt: skip
"""Columns that a served version answers with, one row a consignment."""

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}


@dataclass(frozen=True, slots=True)
class Logged:
    """A training that was logged: its run and the version it registered."""

    run_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Run:
    """One training, as the store tells it.

    Parameters
    ----------
    version : registered by the run; None if the training did not come so far.
    started_at : instant, UTC.
    is_champion : whether its version is in force.
    """

    run_id: str
    name: str
    kind: str
    started_at: datetime
    version: int | None
    is_champion: bool
    params: dict[str, str]
    tags: dict[str, str]
    metrics: dict[str, float]


class Tracking:
    """The store of runs and versions.

    Parameters
    ----------
    database : MLflow's SQLite file, created when first written.
    artifacts : folder for what runs leave behind.
    """

    def __init__(self, database: Path, artifacts: Path) -> None:
        self.database = database.resolve()
        self.artifacts = artifacts.resolve()

    @property
    def uri(self) -> str:
        """Address of the store as MLflow wants it."""
        return f"sqlite:///{self.database}"

    def log_training(
        self,
        *,
        kind: str,
        parameters: Mapping[str, object],
        tags: Mapping[str, object],
        evaluation: Evaluation,
        artefact: Path,
        signature_columns: Sequence[str] | None = None,
        plots: Mapping[str, str] | None = None,
    ) -> Logged:
        """Log one training as one run, and register its model as a new version.

        Parameters
        ----------
        kind : of the model, such as `gradient_boosting`.
        parameters : resolved settings of the training.
        tags : fingerprints of data and features, days, rows.
        evaluation : what was measured; its values become metrics, its frames artifacts.
        artefact : the model folder; it is copied.
        signature_columns : columns of the contract that the model reads; all if None.
        plots : name to SVG.

        Returns
        -------
        Run and version. The first version becomes champion; later ones need `promote`.
        """
        client = self._client
        run_id = client.create_run(self._experiment_id, run_name=kind).info.run_id
        sha256 = folder_sha256(artefact)
        try:
            about = {"kind": kind, "population": evaluation.population, "artefact_sha256": sha256}
            _log_values(client, run_id, parameters, dict(tags) | about, evaluation.values)
            self._log_files(run_id, evaluation, plots or {})
            number = self._register(run_id, kind, artefact, sha256, signature_columns)
        except BaseException:
            client.set_terminated(run_id, status="FAILED")
            raise
        client.update_run(run_id, name=f"{kind}-{number}")
        client.set_terminated(run_id)
        if self.champion() is None:
            self.promote(number)
        return Logged(run_id, number)

    def log_simulation(self, simulated: Simulated, report: str) -> str:
        """Log a simulation as one run with a child for each policy; once, however often it is told.

        Parameters
        ----------
        simulated : its tables; what was asked becomes parameters. Who they are is told by their
            SHA-256, so that the same simulation is found and left as it is.
        report : the HTML page, kept beside the tables.

        Returns
        -------
        Id of the run, in the experiment `parcel-triage-simulations`.
        """
        client = self._client
        with locked(self.database.with_name("simulations.lock")):
            experiment = self._experiment(SIMULATIONS, self.artifacts / "simulations")
            told = client.search_runs([experiment], f"tags.sha256 = '{simulated.sha256}'")
            for run in told:
                if run.data.tags["kind"] == "simulation" and run.info.status == "FINISHED":
                    return str(run.info.run_id)
            for run in told:  # begun and never ended
                client.delete_run(run.info.run_id)
            name = f"simulation-{simulated.sha256[:8]}"
            tags = {"kind": "simulation", "sha256": simulated.sha256}
            run_id = str(client.create_run(experiment, run_name=name, tags=tags).info.run_id)
            try:
                self._tell_simulation(experiment, run_id, simulated, report)
            except BaseException:
                client.set_terminated(run_id, status="FAILED")
                raise
            client.set_terminated(run_id)
            return run_id

    def champion(self) -> int | None:
        """Number of the version in force; quick, without MLflow."""
        found = champion_of(self.database, self.artifacts)
        return found.version if found else None

    def promote(self, version: int) -> None:
        """Put a version in force; the one before it keeps the alias `previous`.

        Raises
        ------
        StateError
            There is no such version.
        """
        self.find([str(version)])
        before = self.champion()
        if before == version:
            return
        if before is not None:
            self._client.set_registered_model_alias(MODEL_NAME, PREVIOUS, str(before))
        self._client.set_registered_model_alias(MODEL_NAME, CHAMPION, str(version))

    def versions(self) -> list[Run]:
        """Runs that registered a version, the newest version first."""
        registered = [run for run in self._runs if run.version is not None]
        return sorted(registered, key=lambda run: run.version or 0, reverse=True)

    def find(self, names: Sequence[str]) -> list[Run]:
        """Runs by version number, alias, run id or its beginning, or run name, in that order.

        Raises
        ------
        StateError
            A name stands for no run, or for several.
        """
        runs = self._runs
        return [_named(name, runs, self._aliases()) for name in names]

    def runs(self, names: Sequence[str] = ()) -> pl.DataFrame:
        """Runs as a table, by name; all that ended well, newest first, if no names are given.

        Returns
        -------
        `run_id`, `name`, `kind`, `started_at`, `version`, `is_champion`, and `params` and
        `metrics` as lists of name and value.

        Raises
        ------
        StateError
            A name stands for no run, or for several.
        """
        return _table(self.find(names) if names else self._runs)

    def artefact(self, version: int) -> Path:
        """Model folder of a version.

        Raises
        ------
        StateError
            There is no such version.
        """
        self.find([str(version)])
        source = self._client.get_model_version(MODEL_NAME, str(version)).source
        return artefact_path(self.artifacts, str(source))

    def frame(self, run_id: str, name: str) -> pl.DataFrame | None:
        """A frame that a run's evaluation left: `by_day` or a curve; None if it left none."""
        path = self.artifacts / run_id / "artifacts" / EVALUATION / f"{name}.parquet"
        return pl.read_parquet(path) if path.is_file() else None

    @property
    def _runs(self) -> list[Run]:
        """Runs that ended well, newest first."""
        if not self.database.is_file():
            return []
        found = self._client.search_runs(
            [self._experiment_id], "attributes.status = 'FINISHED'", order_by=["start_time DESC"]
        )
        registered = self._client.search_model_versions(f"name = '{MODEL_NAME}'")
        numbers = {version.run_id: int(version.version) for version in registered}
        champion = self.champion()
        return [_run(run, numbers.get(run.info.run_id), champion) for run in found]

    def _aliases(self) -> dict[str, int]:
        if not self.database.is_file() or self.champion() is None:
            return {}
        model = self._client.get_registered_model(MODEL_NAME)
        return {alias: int(number) for alias, number in model.aliases.items()}

    @cached_property
    def _client(self) -> MlflowClient:
        """The client, on a store that exists.

        Two processes that create the store at once break its schema migration, hence the lock.
        """
        _quiet_mlflow()
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException

        self.database.parent.mkdir(parents=True, exist_ok=True)
        with locked(self.database.with_suffix(".lock")):
            if self.database.is_file():
                with opened(self.database) as store:  # MLflow would tell it in a hundred lines
                    store.execute("PRAGMA schema_version")
            try:
                client = MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)
                known = client.get_experiment_by_name(MODEL_NAME)
                if known is None:
                    client.create_experiment(MODEL_NAME, artifact_location=self.artifacts.as_uri())
                    client.create_registered_model(MODEL_NAME)
                elif known.artifact_location != self.artifacts.as_uri():
                    self._move_in(MODEL_NAME, self.artifacts)
            except MlflowException as problem:
                raise StateError(
                    f"The store of runs {self.database} cannot be opened: {problem.message}",
                    "Move the file away to begin anew, or restore it from a copy.",
                ) from problem
        return client

    def _experiment(self, name: str, folder: Path) -> str:
        """Id of an experiment that leaves its files in a folder; created if there is none."""
        known = self._client.get_experiment_by_name(name)
        if known is None:
            return str(self._client.create_experiment(name, artifact_location=folder.as_uri()))
        if known.artifact_location != folder.as_uri():
            self._move_in(name, folder)
        return str(known.experiment_id)

    def _move_in(self, name: str, folder: Path) -> None:
        """Have new files written where the state's folder is now; MLflow keeps where it was."""
        with closing(sqlite3.connect(self.database, timeout=PATIENCE_SECONDS)) as store, store:
            store.execute(
                "UPDATE experiments SET artifact_location = ? WHERE name = ?",
                (folder.as_uri(), name),
            )

    @cached_property
    def _experiment_id(self) -> str:
        return str(self._client.get_experiment_by_name(MODEL_NAME).experiment_id)

    def _log_files(self, run_id: str, evaluation: Evaluation, plots: Mapping[str, str]) -> None:
        frames = {"by_day": evaluation.by_day} | evaluation.curves
        with tempfile.TemporaryDirectory() as folder:
            for name, frame in frames.items():
                frame.write_parquet(Path(folder) / f"{name}.parquet")
            self._client.log_artifacts(run_id, folder, EVALUATION)
        for name, svg in plots.items():
            self._client.log_text(run_id, svg, f"plots/{name}.svg")

    def _tell_simulation(
        self, experiment: str, run_id: str, simulated: Simulated, report: str
    ) -> None:
        client = self._client
        facts = {_key(fact): value for fact, value in simulated.facts.items()}
        _log_values(client, run_id, facts, {}, {})
        tables = {
            "weekly": simulated.weekly,
            "typologies": simulated.typologies,
            "behaviour": simulated.behaviour,
        }
        with tempfile.TemporaryDirectory() as folder:
            for table, frame in tables.items():
                frame.write_parquet(Path(folder) / f"{table}.parquet")
            client.log_artifacts(run_id, folder, "tables")
        client.log_text(run_id, report, "report.html")
        for policy, found in points(simulated).items():
            tags = {"kind": "policy", "sha256": simulated.sha256, "mlflow.parentRunId": run_id}
            child = str(client.create_run(experiment, run_name=policy, tags=tags).info.run_id)
            about = {"policy": policy, "what it does": simulated.policies[policy]}
            _log_values(client, child, facts | about, {}, {})
            _log_points(client, child, found)
            rows = simulated.weekly.filter(policy=policy).cast({"week_of": pl.String})
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # MLflow asks pandas in a way that it gives up
                client.log_table(child, rows.to_dict(as_series=False), "weekly.json")
            client.set_terminated(child)

    def _register(
        self, run_id: str, kind: str, artefact: Path, sha256: str, columns: Sequence[str] | None
    ) -> int:
        import mlflow

        signature = _signature(columns or list(DeclarationRow.columns()))
        with tempfile.TemporaryDirectory() as folder, _pointed_at(self.uri):
            data = shutil.copytree(artefact, Path(folder) / ARTEFACT)
            with mlflow.start_run(run_id=run_id):
                model = mlflow.pyfunc.log_model(
                    name=kind,
                    loader_module=LOADER,
                    data_path=str(data),
                    pip_requirements=_requirements(),
                    signature=signature,
                )
            registered = self._client.create_model_version(
                MODEL_NAME,
                model.model_uri,
                run_id=run_id,
                tags={"kind": kind, "artefact_sha256": sha256},
                model_id=model.model_id,
            )
        return int(registered.version)


def folder_sha256(folder: Path) -> str:
    """SHA-256 over the names and contents of all files of a folder, in the order of names.

    Its seal is left out: a version that was registered without one may be sealed later.
    """
    digest = hashlib.sha256()
    files = (path for path in folder.rglob("*") if path.is_file())
    for path in sorted(path for path in files if path.name not in SEAL_FILES):
        name = path.relative_to(folder).as_posix().encode()
        content = hashlib.sha256(path.read_bytes()).digest()
        digest.update(hashlib.sha256(name).digest() + content)
    return digest.hexdigest()


def _log_values(
    client: MlflowClient,
    run_id: str,
    parameters: Mapping[str, object],
    tags: Mapping[str, object],
    values: Mapping[str, float],
) -> None:
    """Everything in one call: singly, 200 metrics take ten times as long."""
    from mlflow.entities import Metric, Param, RunTag

    now = int(datetime.now(UTC).timestamp() * 1000)
    client.log_batch(
        run_id,
        metrics=[Metric(name, value, now, 0) for name, value in values.items()],
        params=[Param(name, str(value)) for name, value in parameters.items()],
        tags=[RunTag(name, str(value)) for name, value in tags.items()],
    )


def _log_points(client: MlflowClient, run_id: str, found: Sequence[Point]) -> None:
    from mlflow.entities import Metric

    now = int(datetime.now(UTC).timestamp() * 1000)
    metrics = [Metric(_key(point.metric), point.value, now, point.week) for point in found]
    for at in range(0, len(metrics), MOST_METRICS):
        client.log_batch(run_id, metrics=metrics[at : at + MOST_METRICS])


def _key(name: str) -> str:
    """A name with none but the characters that MLflow allows."""
    return re.sub(r"[^\w\-. /:]", "_", name)


def _signature(columns: Sequence[str]) -> ModelSignature:
    """The contract's row for MLflow.

    Only required texts are typed. For the others MLflow is stricter than the contract: it
    refuses whole numbers in a column of fractions, dates as text, instants with a time zone and
    an optional column without a single value. They are typed and checked at the door.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema
    from mlflow.types.schema import AnyType

    contract = DeclarationRow.columns()
    inputs = [
        ColSpec(
            DataType.string if name in REQUIRED and isinstance(column, dy.String) else AnyType(),
            name,
            required=name in REQUIRED,
        )
        for name, column in contract.items()
        if name in columns and name != "row_number"
    ]
    types = {"hawb": DataType.string, "flight_number": DataType.string}
    types["flight_date"] = DataType.datetime
    outputs = [ColSpec(types.get(name, DataType.double), name) for name in OUTPUTS]
    return ModelSignature(Schema(inputs), Schema(outputs))


def _requirements() -> list[str]:
    """The installed versions of what scoring needs."""
    pinned = []
    for name in REQUIREMENTS:
        try:
            pinned.append(f"{name}=={version(name)}")
        except PackageNotFoundError:  # run from a checkout that is not installed
            continue
    return pinned


def _run(run: Any, number: int | None, champion: int | None) -> Run:
    tags = {name: value for name, value in run.data.tags.items() if not name.startswith("mlflow.")}
    return Run(
        run_id=run.info.run_id,
        name=run.info.run_name,
        kind=tags.get("kind", ""),
        started_at=datetime.fromtimestamp(run.info.start_time / 1000, UTC),
        version=number,
        is_champion=number is not None and number == champion,
        params=dict(run.data.params),
        tags=tags,
        metrics=dict(run.data.metrics),
    )


def _named(name: str, runs: list[Run], aliases: Mapping[str, int]) -> Run:
    number = aliases.get(name, int(name) if name.isdecimal() else None)
    is_prefix = len(name) >= SHORTEST_PREFIX
    found = (
        [run for run in runs if number is not None and run.version == number]
        or [run for run in runs if run.name == name]
        or [run for run in runs if is_prefix and run.run_id.startswith(name)]
    )
    if len(found) == 1:
        return found[0]
    if not runs:
        raise StateError(f"There is no run '{name}': nothing was trained yet.", "Train a model.")
    known = ", ".join(f"{run.version} ({run.name}, run {run.run_id[:8]})" for run in runs)
    what = "several runs are called" if found else "there is no run or version"
    raise StateError(
        f"{what[0].upper()}{what[1:]} '{name}'; there are: {known}.",
        "Name a version by its number, or a run by its name or the beginning of its id.",
    )


def _table(runs: Sequence[Run]) -> pl.DataFrame:
    text = pl.List(pl.Struct({"name": pl.String, "value": pl.String}))
    number = pl.List(pl.Struct({"name": pl.String, "value": pl.Float64}))
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "run_id": pl.String,
        "name": pl.String,
        "kind": pl.String,
        "started_at": pl.Datetime("us", "UTC"),
        "version": pl.Int64,
        "is_champion": pl.Boolean,
        "params": text,
        "metrics": number,
    }
    rows = [
        {name: getattr(run, name) for name in schema}
        | {
            "params": [{"name": name, "value": value} for name, value in run.params.items()],
            "metrics": [{"name": name, "value": value} for name, value in run.metrics.items()],
        }
        for run in runs
    ]
    return pl.DataFrame(rows, schema=schema)


def _quiet_mlflow() -> None:
    """Import MLflow so that it neither talks on the terminal nor to anybody elsewhere."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    import mlflow  # noqa: F401  (sets its loggers up, which would undo what follows)

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file; other processes wait. Released by the system if this one dies."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def _pointed_at(uri: str) -> Iterator[None]:
    """MLflow's own notion of the store, which its model writing needs; restored afterwards."""
    import mlflow

    was_set = mlflow.is_tracking_uri_set()
    tracking, registry = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        mlflow.set_tracking_uri(tracking if was_set else None)
        mlflow.set_registry_uri(registry if registry != tracking else None)
        if registry == tracking:  # it followed the tracking store, and must do so again
            os.environ.pop("MLFLOW_REGISTRY_URI", None)
