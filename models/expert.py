"""The expert: what an experienced officer would weigh, given all that features show.

Nothing is learned from outcomes beyond the past rates that features hold. It is where learned
models start from (with few labels they are a corrected officer rather than a guess), and what ranks
when no trained model can be used. Each sign gives points (log-odds) to a consignment; all figures
are estimates after the traces of domain report 3.1, none was fitted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl

from features.catalogue import NAMES
from models.risk_model import Examples, Floats

_f = pl.col


@dataclass(frozen=True)
class Sign:
    """A condition over features that adds points (log-odds) to the fiscal or the goods side."""

    name: str
    condition: pl.Expr
    fiscal: float = 0.0
    goods: float = 0.0


SIGNS: tuple[Sign, ...] = (
    Sign("value from EUR 140 to 150", _f("line_gap_eur").is_between(0, 10), fiscal=2.2),
    Sign("value from EUR 120 to 140", _f("line_gap_eur").is_between(10, 30), fiscal=0.9),
    Sign("gift just under EUR 45", _f("gift_line_gap_eur").is_between(0, 10), fiscal=1.0),
    Sign("heavy for its code", _f("unit_mass_high_z") > 2.5, fiscal=0.8, goods=0.3),
    Sign("very heavy for its code", _f("unit_mass_high_z") > 4.0, fiscal=1.0, goods=0.3),
    Sign("cheap for its code", _f("unit_value_low_z") < -2.0, fiscal=0.7, goods=0.5),
    Sign("cheap by the kilogram", _f("value_per_kg_low_z") < -2.5, fiscal=0.8),
    Sign("one consignee, several parcels, above EUR 150 together",
         _f("consignee_splits") == 1, fiscal=1.5),
    Sign("one consignee under several spellings",
         (_f("consignee_forms") > 1) & (_f("consignee_value_eur") > 100), fiscal=0.8),
    Sign("one sender, one consignee, several parcels, above EUR 150 together",
         (_f("consignee_splits") == 1) & (_f("consignee_sender_value_eur") > 150), fiscal=2.0),
    Sign("far below this sender's own price for the same words", _f("text_price_low") < -0.6,
         fiscal=1.2),
    Sign("far below this sender's own price for such goods", _f("heading_price_low") < -0.9,
         fiscal=0.7),
    Sign("words seldom stand under its heading",
         (_f("text_hs4_lift") < -0.5) & (_f("text_known_share") > 0.7), fiscal=1.0, goods=0.3),
    Sign("words fit another heading much better", _f("text_gap") > 5.0, fiscal=0.5, goods=0.3),
    Sign("vague words", (_f("vague_share") > 0.6) | (_f("is_stop_word") == 1),
         fiscal=0.4, goods=0.3),
    Sign("malformed or missing IOSS number",
         (_f("odd_ioss_form") == 1) | (_f("odd_ioss_missing") == 1), fiscal=1.2),
    Sign("above EUR 150 in an H7", _f("odd_over_low_value_line") == 1, fiscal=1.0),
    Sign("gift from a sender of many parcels", _f("gift_volume") >= 3, fiscal=1.2),
    Sign("origin is not the sender's country", _f("origin_differs") == 1, fiscal=0.6),
    Sign("excise or restricted goods in an H7", _f("odd_not_in_h7") == 1, goods=1.5),
    Sign("sender found irregular before", _f("sender_rate") > 0.4, fiscal=0.8, goods=0.8),
    Sign("sender's address found irregular before", _f("sender_address_rate") > 0.4,
         fiscal=0.6, goods=0.6),
    Sign("goods found irregular before", _f("code_goods_rate") > 0.25, goods=0.9),
    Sign("product found irregular before", _f("product_rate") > 0.4, fiscal=0.6, goods=0.6),
    Sign("consignee's name drawn at random", _f("consignee_name_has_code") == 1, fiscal=0.4),
    Sign("machine-made consignee name", _f("consignee_name_is_uuid") == 1, fiscal=0.4),
    Sign("more than five kilograms", _f("gross_mass_kg") > 5, fiscal=0.4, goods=0.2),
)  # fmt: skip
"""The signs, in no order: points add up."""

BASE_LOG_ODDS = {"fiscal": -3.2, "goods": -2.8}
"""Log-odds of a consignment without any sign: 4 % and 6 % (domain report 3.1, base scenario)."""

REVENUE_EUR = 25.0
"""Revenue of a fiscal irregularity (domain report 2.5: EUR 5 to 40)."""


def expert_points(features: pl.DataFrame) -> pl.DataFrame:
    """Log-odds of the expert: `fiscal` and `goods` of every row.

    Points are added as whole thousandths: polars adds columns in the order in which threads finish,
    and sums of floats would differ in their last bits.
    """
    marks = [sign.condition.fill_null(False).cast(pl.Int64) for sign in SIGNS]
    sums = {
        side: pl.sum_horizontal(
            mark * round(1000 * getattr(sign, side))
            for mark, sign in zip(marks, SIGNS, strict=True)
        )
        for side in ("fiscal", "goods")
    }
    return features.select(
        **{side: BASE_LOG_ODDS[side] + total / 1000 for side, total in sums.items()}
    )


def any_log_odds(points: pl.DataFrame) -> Floats:
    """Log-odds of any irregularity, from those of the two sides taken as independent."""
    fiscal, goods = (1 / (1 + np.exp(points[side].to_numpy())) for side in BASE_LOG_ODDS)
    none = fiscal * goods
    return np.asarray(np.log((1 - none) / none))


def point_contributions(features: pl.DataFrame) -> Floats:
    """What each feature adds to the expert's log-odds of any irregularity.

    What the signs add together is shared among them in proportion to their points (of the stronger
    side), and a sign's part among the features it looks at; so the rows sum up to the log-odds
    above those of a consignment without a sign.
    """
    shared = np.zeros((features.height, len(NAMES)))
    for sign in SIGNS:
        mark = features.select(sign.condition.fill_null(False)).to_series().to_numpy()
        looked_at = sign.condition.meta.root_names()
        for name in looked_at:
            shared[:, NAMES.index(name)] += mark * max(sign.fiscal, sign.goods) / len(looked_at)
    base = any_log_odds(pl.DataFrame({side: [odds] for side, odds in BASE_LOG_ODDS.items()}))
    gained = any_log_odds(expert_points(features)) - base
    total = shared.sum(axis=1)
    scale = np.divide(gained, total, out=np.zeros(len(total)), where=total > 0)
    return np.asarray(shared * scale[:, np.newaxis])


class Expert:
    """The signs behind the protocol of models."""

    kind = "expert"

    def fit(self, examples: Examples) -> Self:
        """Nothing is learned."""
        return self

    def predict(self, features: pl.DataFrame) -> pl.DataFrame:
        """Probabilities from points; revenue is a fixed amount a fiscal irregularity."""
        points = expert_points(features)
        fiscal, goods = (1 / (1 + np.exp(-points[side].to_numpy())) for side in points.columns)
        return pl.DataFrame(
            {
                "any": 1 - (1 - fiscal) * (1 - goods),
                "fiscal": fiscal,
                "goods": goods,
                "revenue": fiscal * REVENUE_EUR,
            }
        )

    def contributions(self, features: pl.DataFrame) -> Floats:
        """Points of each sign, shared among the features it looks at."""
        return point_contributions(features)

    def save(self, folder: Path) -> None:
        """Write names and points of the signs, for the record."""
        told = [{"sign": r.name, "fiscal": r.fiscal, "goods": r.goods} for r in SIGNS]
        (folder / "expert.json").write_text(json.dumps(told, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The signs of this version of the program."""
        return cls()
