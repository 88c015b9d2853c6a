"""From an invented world to a version that MLflow's own interface scores with."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.declaration import CONSIGNMENT
from engine.errors import InputError, SettingError
from engine.intake import EuroOnly, take_in
from models.served import KEY_VARIABLE, NO_INSTALLATION_KEY, pseudonym_key
from models.tracking import OUTPUTS, Tracking
from models.training import train
from synthetic.generate import write_world
from synthetic.scenario import PRESETS
from tests.models.worlds import KEY


class World:
    """The declarations of a world's folder."""

    def __init__(self, folder: Path) -> None:
        self.folders = {
            date.fromisoformat(path.name.split("=")[1]): path
            for path in sorted((folder / "declarations").iterdir())
        }

    def days(self) -> list[date]:
        return list(self.folders)

    def raw(self, day: date) -> pl.DataFrame:
        files = sorted(self.folders[day].glob("*.parquet"))
        rows = pl.concat([pl.read_parquet(file, hive_partitioning=False) for file in files])
        return rows.with_columns(flight_date=pl.lit(day))

    def day(self, day: date) -> pl.DataFrame:
        return take_in(self.raw(day), rates=EuroOnly(), key=KEY).rows.drop("row_number")

    def parts(self, day: date) -> Iterator[pl.DataFrame]:
        yield self.day(day)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    write_world(PRESETS["tiny"], days=6, seed=1, out=folder)
    return World(folder)


@pytest.fixture(scope="module")
def served(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    import mlflow

    home = tmp_path_factory.mktemp("home")
    outcomes = pl.read_parquet(next(iter(world.folders.values())).parents[1] / "outcomes.parquet")
    trained = train(world, outcomes, kind="chance", key=KEY)
    trained.artifact.save(home / "model")
    tracking = Tracking(home / "mlflow.db", home / "artifacts")
    tracking.log_training(
        kind="chance",
        parameters=trained.parameters,
        tags=trained.tags,
        evaluation=trained.evaluation,
        artefact=home / "model",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEY_VARIABLE, KEY.hex())
        mlflow.set_tracking_uri(tracking.uri)
        yield mlflow.pyfunc.load_model("models:/parcel-triage@champion")
        mlflow.set_tracking_uri(None)


def in_euros(world: World) -> pl.DataFrame:
    day = world.raw(world.days()[-1])
    later = day.with_columns(pl.col("flight_date") + pl.duration(days=1))
    return later.filter(pl.col("intrinsic_value_currency") == "EUR").head(60)


def test_one_row_a_consignment_in_order_of_first_appearance(world: World, served: Any) -> None:
    rows = in_euros(world).reverse()
    answer = served.predict(rows.to_pandas())
    assert tuple(answer.columns) == OUTPUTS
    first = rows.unique(CONSIGNMENT, keep="first", maintain_order=True)
    assert answer["hawb"].to_list() == first["hawb"].to_list()
    assert answer["risk"].between(0, 1).all()


def test_rows_read_from_csv_are_scored_alike(world: World, served: Any, tmp_path: Path) -> None:
    import pandas as pd

    rows = in_euros(world)
    rows.write_csv(tmp_path / "rows.csv")
    read = pd.read_csv(tmp_path / "rows.csv", dtype={"hs6": str})
    assert (
        served.predict(read)["risk"].tolist() == served.predict(rows.to_pandas())["risk"].tolist()
    )


def test_a_consignment_without_an_acceptable_row_has_no_risk(world: World, served: Any) -> None:
    rows = in_euros(world)
    spoiled = rows["hawb"][0]
    broken = pl.when(pl.col("hawb") == spoiled).then(-1.0).otherwise("gross_mass_kg")
    with pytest.warns(UserWarning, match="gross_mass_kg: must be greater than 0"):
        answer = served.predict(rows.with_columns(gross_mass_kg=broken).to_pandas())
    assert answer["hawb"][answer["risk"].isna()].tolist() == [spoiled]


def test_a_missing_required_column_is_refused(world: World, served: Any) -> None:
    with pytest.raises(Exception, match="hs6"):
        served.predict(in_euros(world).drop("hs6").to_pandas())


def test_a_day_that_the_history_includes_is_refused(world: World, served: Any) -> None:
    last = world.days()[-1]
    with pytest.raises(InputError, match=f"Flights of {last}.*Give flights after {last}"):
        served.predict(in_euros(world).with_columns(flight_date=pl.lit(last)).to_pandas())


def test_a_key_too_short_is_refused_and_none_is_warned_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "abcd")
    with pytest.raises(SettingError, match="32 to 128"):
        pseudonym_key()
    monkeypatch.delenv(KEY_VARIABLE)
    with pytest.warns(UserWarning, match="not to the history"):
        assert pseudonym_key() == NO_INSTALLATION_KEY
