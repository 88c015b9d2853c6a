"""What was lost, by what a control found, against sums done by hand (2026, EUR 3 a code)."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from engine.assessment import assessed_loss
from engine.declaration import CONSIGNMENT
from tests.features.seeing import rows

SHIRT, PHONE, MUG = "610910", "851713", "691110"
IOSS = {"additional_procedure_codes": "F48", "ioss_number": "IM0561234567"}


def found(types: str | None, **facts: Any) -> pl.DataFrame:
    """One parcel to Belgium under IOSS, declared a shirt of EUR 100, and what was found in it."""
    declared = facts.pop("declared", {"hs6": SHIRT, "intrinsic_value": "100", **IOSS})
    items = rows({"importer_country": "BE", "intrinsic_value_currency": "EUR", **declared})
    noted = {"found_hs6": None, "found_value_eur": None, "revenue_recovered_eur": None} | facts
    result = items.select(CONSIGNMENT).with_columns(
        pl.lit(types, pl.String).alias("finding_types"),
        pl.lit(noted["found_hs6"], pl.String).alias("found_hs6"),
        pl.lit(noted["found_value_eur"], pl.Float64).alias("found_value_eur"),
        pl.lit(noted["revenue_recovered_eur"], pl.Float64).alias("revenue_recovered_eur"),
    )
    return assessed_loss(result, items)


@pytest.mark.parametrize(
    ("types", "facts", "cents"),
    [
        # 12 % of 200 less the EUR 3 paid; 21 % of 224 less the 21 paid at checkout.
        ("UNDERVALUATION", {"found_value_eur": 200.0}, 2_400 - 300 + 4_704 - 2_100),
        # Under the line only the VAT at checkout was short.
        ("UNDERVALUATION", {"found_value_eur": 140.0}, 840),
        # A phone of EUR 90 more, under the line no longer: no duty on phones, 12 % on the shirt.
        ("UNDECLARED_GOODS", {"found_value_eur": 190.0, "found_hs6": PHONE},
         1_200 - 300 + 4_242 - 2_100),
        ("MISDESCRIPTION", {"found_value_eur": 140.0, "found_hs6": PHONE}, 840),
        # Another code owes the same EUR 3, and one more was hidden if something was recovered.
        ("MISCLASSIFICATION", {"found_hs6": MUG}, 0),
        ("MISCLASSIFICATION", {"found_hs6": MUG, "revenue_recovered_eur": 180.0}, 300),
        # A number that was not the seller's: 21 % of 103 at the border.
        ("IOSS_MISUSE", {}, 2_163),
        ("PRODUCT_SAFETY", {"revenue_recovered_eur": 250.0}, 0),
        # An even part of EUR 200: 12 % and the VAT on it, less what the part paid.
        ("SPLITTING", {}, 1_200 - 300 + 2_352 - 2_100),
    ],
)  # fmt: skip
def test_the_loss_is_what_was_owed_less_what_was_declared(
    types: str, facts: dict[str, Any], cents: int
) -> None:
    assert found(types, **facts).select("lost_cents", "is_assessed").row(0) == (cents, True)


def test_a_false_gift_owes_what_a_purchase_owes() -> None:
    gift = {"hs6": SHIRT, "intrinsic_value": "40", "additional_procedure_codes": "C08",
            "ioss_number": None}  # fmt: skip
    assert found("FALSE_GIFT", declared=gift)["lost_cents"].item() == 300 + 903


@pytest.mark.parametrize("types", ["UNDERVALUATION", "MISCLASSIFICATION", None])
def test_without_the_facts_what_was_recovered_stands_for_the_loss(types: str | None) -> None:
    told = found(types, revenue_recovered_eur=12.34)
    assert told.select("lost_cents", "is_assessed").row(0) == (1_234, False)


def test_goods_declared_at_nothing_have_the_value_found() -> None:
    free = {"hs6": SHIRT, "intrinsic_value": "0", **IOSS}
    assert (
        found("UNDERVALUATION", found_value_eur=100.0, declared=free)["lost_cents"].item() == 2_100
    )
