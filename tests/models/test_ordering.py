"""A cheating twin stands above its honest twin, for the expert and for what was learned."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from models.examples import Seen, walk
from models.promises import Promises
from models.risk_model import RiskModel
from models.scorer import Scorer
from tests.models.twins import beside, honest_parcels
from tests.worlds import Archive, through_the_door

CHEATS: dict[str, dict[str, Any]] = {
    "eight times the mass": {
        "gross_mass_kg": pl.col("gross_mass_kg") * 8, "net_mass_kg": pl.col("net_mass_kg") * 8},
    "a value just under EUR 150": {"intrinsic_value": pl.lit(148.5)},
    "a malformed IOSS number": {"ioss_number": pl.lit("IM12345")},
    "a wrong code": {
        "hs6": pl.when(pl.col("hs6").str.starts_with("61")).then(pl.lit("950300"))
        .otherwise(pl.lit("611020"))},
    "a tenth of the value": {"intrinsic_value": (pl.col("intrinsic_value") / 10).round(2)},
}  # fmt: skip


@pytest.fixture(scope="module")
def before(archive: Archive) -> Seen:
    return walk(archive.until(archive.days()[-2]), archive.outcomes)


@pytest.fixture(scope="module")
def parcels(archive: Archive) -> pl.DataFrame:
    found = honest_parcels(archive.raw[archive.days()[-1]], archive.truth, 25)
    assert found.height == 25
    return found


def share_above(risks: pl.DataFrame, parcels: pl.DataFrame) -> float:
    """Share of the parcels whose twin has the higher risk."""
    risk = dict(risks.select("hawb", "risk").iter_rows())
    told = [risk[f"{hawb}-TWIN"] > risk[hawb] for hawb in parcels["hawb"]]
    return sum(told) / len(told)


@pytest.mark.parametrize("kind", ["expert", "ensemble"])
@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheating_twin_stands_above_its_honest_twin(
    kind: str,
    cheat: str,
    archive: Archive,
    before: Seen,
    parcels: pl.DataFrame,
    fitted: dict[str, RiskModel],
) -> None:
    items = beside(archive.raw[archive.days()[-1]], parcels, CHEATS[cheat])
    scorer = Scorer(Promises(fitted[kind]))
    risks = scorer.score(items, before.history, before.ledger)
    assert share_above(risks, parcels) > (0.75 if kind == "expert" else 0.5)


@pytest.mark.parametrize("kind", ["expert", "ensemble"])
def test_one_order_split_over_altered_names_stands_above_three_orders(
    kind: str,
    archive: Archive,
    before: Seen,
    parcels: pl.DataFrame,
    fitted: dict[str, RiskModel],
) -> None:
    """Three parcels of EUR 99 to three people, or to one under three names."""
    raw = archive.raw[archive.days()[-1]]
    dear = parcels.head(9).with_columns(
        intrinsic_value=pl.lit(99.0),
        exporter_id=pl.lit(parcels["exporter_id"][0]),
        exporter_name=pl.lit(parcels["exporter_name"][0]),
    )
    at = pl.int_range(pl.len())
    tails = pl.Series(["", " KX7RT", " Q9ZPB"] * 3)
    one = pl.Series(["Anna Visser", "Joris Quackelbeen", "Maud Lindqvist"]).gather(
        [0] * 3 + [1] * 3 + [2] * 3
    )
    street = pl.format("Dorpsstraat {}", at // 3 + 10)
    split = dear.with_columns(
        hawb=pl.format("{}-SPLIT", "hawb"),
        importer_name=pl.lit(one + tails),
        importer_street=street,
        importer_postcode=pl.lit("4000"),
        importer_country=pl.lit("BE"),
    )
    apart = dear.with_columns(hawb=pl.format("{}-APART", "hawb"))
    items = through_the_door(pl.concat([raw, split.select(raw.columns), apart.select(raw.columns)]))
    risks = Scorer(Promises(fitted[kind])).score(items, before.history, before.ledger)
    mean = {
        what: risks.filter(pl.col("hawb").str.ends_with(what))["risk"].mean()
        for what in ("SPLIT", "APART")
    }
    assert mean["SPLIT"] > mean["APART"]
