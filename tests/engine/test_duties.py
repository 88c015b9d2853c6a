"""What is owed and what is lost, against sums done by hand.

Rates used: T-shirt 6109 10 12 %, watch 9102 11 4.5 %, smartphone 8517 13 0 %, perfume 3303 00 0 %,
cigarettes 2402 20 57.6 %, textile sports shoe 6404 11 16.9 %, porcelain 6911 10 12 %.
"""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.duties import lost, owed
from engine.errors import InputError, MissingColumnsError
from engine.tariff import Tariff

BEFORE_2021 = date(2021, 6, 30)
OLD = date(2021, 7, 1)
LAST_OLD = date(2026, 6, 30)
EUR_3 = date(2026, 7, 1)
LAST_EUR_3 = date(2028, 6, 30)
TARIFF = date(2028, 7, 1)

SHIRT, WATCH, PHONE, PERFUME, CIGARETTES = "610910", "910211", "851713", "330300", "240220"

SCHEMA = {
    "flight_number": pl.String,
    "flight_date": pl.Date,
    "hawb": pl.String,
    "hs6": pl.String,
    "goods_description": pl.String,
    "value_cents": pl.Int64,
    "transport_cents": pl.Int64,
    "importer_country": pl.String,
    "has_ioss": pl.Boolean,
    "is_gift": pl.Boolean,
    "is_preferential": pl.Boolean,
    "declaration_type": pl.String,
}


def parcel(day: date, *goods: tuple[str, int], **header: object) -> pl.DataFrame:
    """One consignment: (hs6, value in euro cents) a line; to Belgium, without IOSS, in an H7."""
    common = {
        "flight_number": "XX100",
        "flight_date": day,
        "hawb": "P1",
        "goods_description": "goods",
        "transport_cents": None,
        "importer_country": "BE",
        "has_ioss": False,
        "is_gift": False,
        "is_preferential": False,
        "declaration_type": "H7",
    } | header
    extra = {name: pl.Boolean for name in header if name not in SCHEMA}
    rows = [common | {"hs6": hs6, "value_cents": cents} for hs6, cents in goods]
    return pl.DataFrame(rows, schema=SCHEMA | extra)


def duty_and_vat(items: pl.DataFrame) -> tuple[int, int]:
    """Duty and VAT at the border of the one consignment."""
    duty, vat = owed(items).select("duty_cents", "vat_cents").row(0)
    return duty, vat


def losses(true: pl.DataFrame, declared: pl.DataFrame) -> tuple[int, int]:
    """Duty and VAT lost on the one consignment."""
    row = lost(true, declared).row(0, named=True)
    assert row["revenue_lost_cents"] == row["duty_lost_cents"] + row["vat_lost_cents"]
    return row["duty_lost_cents"], row["vat_lost_cents"]


# The counting examples are those of the trade-law commentaries on Regulation (EU) 2026/382.


def test_five_t_shirts_are_one_item() -> None:
    # One HS6: EUR 3. VAT 21 % of 25 + 3 = 5.88.
    assert duty_and_vat(parcel(EUR_3, *[(SHIRT, 500)] * 5)) == (300, 588)


def test_t_shirt_and_watch_are_two_items() -> None:
    # 2 x EUR 3. VAT 21 % of 20 + 6 = 5.46.
    assert duty_and_vat(parcel(EUR_3, (SHIRT, 500), (WATCH, 1_500))) == (600, 546)


def test_a_silk_blouse_and_two_wool_blouses_are_two_items() -> None:
    # 6206 10 and 6206 20: 2 x EUR 3. VAT 21 % of 90 + 6 = 20.16.
    blouses = parcel(EUR_3, ("620610", 4_000), ("620620", 2_500), ("620620", 2_500))
    assert duty_and_vat(blouses) == (600, 2_016)


@pytest.mark.parametrize(
    ("day", "duty", "vat"),
    [
        # Relief to EUR 150; 21 % of 100 = 21.00.
        (BEFORE_2021, 0, 2_100),
        (LAST_OLD, 0, 2_100),
        # EUR 3; 21 % of 103 = 21.63.
        (EUR_3, 300, 2_163),
        (LAST_EUR_3, 300, 2_163),
        # 12 % of 100 = 12.00; 21 % of 112 = 23.52.
        (TARIFF, 1_200, 2_352),
    ],
)
def test_a_garment_of_100_euro_on_both_sides_of_each_change(day: date, duty: int, vat: int) -> None:
    assert duty_and_vat(parcel(day, (SHIRT, 10_000))) == (duty, vat)


def test_the_line_itself_is_of_low_value() -> None:
    # 150.00: EUR 3. 150.01: 12 % = 18.0012, so 18.00; VAT 21 % of 168.01 = 35.2821, so 35.28.
    assert duty_and_vat(parcel(EUR_3, (SHIRT, 15_000)))[0] == 300
    assert duty_and_vat(parcel(EUR_3, (SHIRT, 15_001))) == (1_800, 3_528)


def test_the_line_is_tested_on_the_consignment() -> None:
    # 100 + 60 > 150. Shoe 16.9 % of 100 = 16.90, watch 4.5 % of 60 = 2.70: 19.60.
    # VAT 21 % of 179.60 = 37.716, so 37.72.
    assert duty_and_vat(parcel(OLD, ("640411", 10_000), (WATCH, 6_000))) == (1_960, 3_772)


def test_transport_is_in_the_base_of_vat_and_not_of_the_line() -> None:
    # Value 149 is of low value whatever the transport. VAT 21 % of 149 + 8 = 32.97.
    items = parcel(OLD, (SHIRT, 14_900), transport_cents=800)
    assert duty_and_vat(items) == (0, 3_297)
    assert owed(items)["is_low_value"].item()


@pytest.mark.parametrize(
    ("cents", "day", "vat"),
    [
        (2_200, BEFORE_2021, 0),  # exempt to EUR 22
        (2_201, BEFORE_2021, 462),  # 21 % of 22.01 = 4.6221
        (2_200, OLD, 462),  # 21 % of 22.00 = 4.62, from the first cent
    ],
)
def test_the_vat_exemption_of_22_euro(cents: int, day: date, vat: int) -> None:
    assert duty_and_vat(parcel(day, (SHIRT, cents))) == (0, vat)


def test_perfume_has_no_relief_before_2026_and_pays_3_euro_after() -> None:
    # Its tariff rate is 0 %, so VAT alone: 21 % of 20 = 4.20, even below EUR 22.
    assert duty_and_vat(parcel(BEFORE_2021, (PERFUME, 2_000))) == (0, 420)
    assert duty_and_vat(parcel(LAST_OLD, (PERFUME, 2_000))) == (0, 420)
    # EUR 3 from July 2026: 21 % of 23 = 4.83.
    assert duty_and_vat(parcel(EUR_3, (PERFUME, 2_000))) == (300, 483)


def test_tobacco_pays_the_tariff_where_the_rest_is_relieved() -> None:
    # Cigarettes 57.6 % of 30 = 17.28, shirt 0; VAT 21 % of 40 + 17.28 = 12.0288, so 12.03.
    assert duty_and_vat(parcel(LAST_OLD, (CIGARETTES, 3_000), (SHIRT, 1_000))) == (1_728, 1_203)


@pytest.mark.parametrize(
    ("cents", "day", "duty", "vat"),
    [
        (4_400, OLD, 0, 0),  # gift to EUR 45: nothing
        (4_600, OLD, 0, 966),  # above: duty relief stays, 21 % of 46 = 9.66
        (4_400, EUR_3, 0, 0),
        (4_600, EUR_3, 552, 1_082),  # no distance sale: 12 % = 5.52; 21 % of 51.52 = 10.8192
    ],
)
def test_gifts_at_44_and_46_euro(cents: int, day: date, duty: int, vat: int) -> None:
    assert duty_and_vat(parcel(day, (SHIRT, cents), is_gift=True)) == (duty, vat)


def test_a_gift_of_perfume_has_no_relief() -> None:
    # 0 % duty; 21 % of 40 = 8.40.
    assert duty_and_vat(parcel(OLD, (PERFUME, 4_000), is_gift=True)) == (0, 840)


@pytest.mark.parametrize(
    ("country", "last_day", "before", "after"),
    [
        # On EUR 100 of goods with relief the VAT in cents is the rate in basis points.
        ("FI", date(2024, 8, 31), 2_400, 2_550),
        ("SK", date(2024, 12, 31), 2_000, 2_300),
        ("EE", date(2025, 6, 30), 2_200, 2_400),
        ("RO", date(2025, 7, 31), 1_900, 2_100),
    ],
)
def test_vat_rates_change_overnight(country: str, last_day: date, before: int, after: int) -> None:
    next_day = date.fromordinal(last_day.toordinal() + 1)
    for day, vat in ((last_day, before), (next_day, after)):
        assert duty_and_vat(parcel(day, (SHIRT, 10_000), importer_country=country)) == (0, vat)


def test_a_country_without_a_rate_pays_that_of_the_import() -> None:
    assert duty_and_vat(parcel(OLD, (SHIRT, 10_000), importer_country="CH")) == (0, 2_100)


def test_under_ioss_nothing_is_due_at_the_border_up_to_150_euro() -> None:
    low = owed(parcel(OLD, (SHIRT, 15_000), has_ioss=True)).row(0, named=True)
    # 21 % of 150 = 31.50 at checkout.
    assert (low["vat_cents"], low["checkout_vat_cents"]) == (0, 3_150)
    # 300: 12 % = 36.00; 21 % of 336 = 70.56, all at the border.
    high = owed(parcel(OLD, (SHIRT, 30_000), has_ioss=True)).row(0, named=True)
    assert (high["duty_cents"], high["vat_cents"], high["checkout_vat_cents"]) == (3_600, 7_056, 0)


def test_there_is_no_ioss_before_july_2021() -> None:
    assert duty_and_vat(parcel(BEFORE_2021, (SHIRT, 10_000), has_ioss=True)) == (0, 2_100)


@pytest.mark.parametrize(
    ("header", "duty"),
    [
        ({"declaration_type": "H1", "is_preferential": True}, 0),  # out of scope, duty-free
        ({"declaration_type": "H1", "is_preferential": True, "has_ioss": True}, 300),
        ({"declaration_type": "H7", "is_preferential": True}, 300),  # no preference in an H7
        ({"declaration_type": "H6"}, 300),
        ({"declaration_type": "H1"}, 300),
        ({"is_business": True}, 1_200),  # no distance sale: 12 % of 100
    ],
)
def test_the_scope_of_the_3_euro(header: dict[str, object], duty: int) -> None:
    assert duty_and_vat(parcel(EUR_3, (SHIRT, 10_000), **header))[0] == duty


@pytest.mark.parametrize(
    ("day", "has_ioss", "duty_lost", "vat_lost"),
    [
        # True: 0 % duty, 21 % of 300 = 63.00. Declared: 21 % of 140 = 29.40. Lost 33.60.
        (BEFORE_2021, False, 0, 3_360),
        (OLD, False, 0, 3_360),
        # The same when the 29.40 was paid at checkout, on the declared value.
        (OLD, True, 0, 3_360),
        (EUR_3, True, 0, 3_360),
        # Declared: EUR 3 and 21 % of 143 = 30.03. No duty lost (0 - 3 is no gain); 63.00 - 30.03.
        (EUR_3, False, 0, 3_297),
        (TARIFF, False, 0, 3_360),
    ],
)
def test_a_phone_of_300_euro_declared_at_140(
    day: date, has_ioss: bool, duty_lost: int, vat_lost: int
) -> None:
    true = parcel(day, (PHONE, 30_000), has_ioss=has_ioss)
    declared = parcel(day, (PHONE, 14_000), has_ioss=has_ioss)
    assert losses(true, declared) == (duty_lost, vat_lost)


def test_a_garment_across_the_line_loses_duty_as_well() -> None:
    # True 200: 12 % = 24.00, VAT 21 % of 224 = 47.04. Declared 140: 3.00 and 21 % of 143 = 30.03.
    assert losses(parcel(EUR_3, (SHIRT, 20_000)), parcel(EUR_3, (SHIRT, 14_000))) == (2_100, 1_701)


def test_honest_declarations_lose_nothing() -> None:
    honest = parcel(EUR_3, (SHIRT, 2_000), (WATCH, 1_000), has_ioss=True, transport_cents=300)
    assert losses(honest, honest) == (0, 0)


def test_transport_left_out_under_ioss_is_no_loss() -> None:
    true = parcel(OLD, (SHIRT, 2_000), has_ioss=True, transport_cents=500)
    assert losses(true, parcel(OLD, (SHIRT, 2_000), has_ioss=True)) == (0, 0)


def test_lines_collapsed_into_one_code_lose_the_flat_duty() -> None:
    # Three codes owe 9.00, one pays 3.00. Under IOSS the VAT at checkout is on the price: no loss.
    goods = (SHIRT, 1_000), (WATCH, 1_000), ("392690", 1_000)
    true = parcel(EUR_3, *goods, has_ioss=True)
    assert losses(true, parcel(EUR_3, ("392690", 3_000), has_ioss=True)) == (600, 0)


@pytest.mark.parametrize(
    "truth", [{"has_ioss": False}, {"has_ioss": True, "is_ioss_genuine": False}]
)
def test_a_misused_ioss_number_loses_all_vat(truth: dict[str, object]) -> None:
    # VAT owed at the border: 21 % of 50 = 10.50; nothing reaches the state.
    true = parcel(OLD, (SHIRT, 5_000), **truth)
    assert losses(true, parcel(OLD, (SHIRT, 5_000), has_ioss=True)) == (0, 1_050)


def test_a_false_gift_loses_the_3_euro_and_vat() -> None:
    # A sale of 40: 3.00, and 21 % of 43 = 9.03.
    true, declared = (parcel(EUR_3, (SHIRT, 4_000), is_gift=gift) for gift in (False, True))
    assert losses(true, declared) == (300, 903)


def test_a_false_origin_loses_the_tariff_above_the_line() -> None:
    # 12 % of 200 = 24.00 and its VAT, 21 % of 24 = 5.04.
    true, claimed = (
        parcel(EUR_3, (SHIRT, 20_000), declaration_type="H1", is_preferential=claim)
        for claim in (False, True)
    )
    assert losses(true, claimed) == (2_400, 504)


def test_a_consignment_not_declared_loses_everything() -> None:
    true = parcel(EUR_3, (SHIRT, 4_000))
    assert losses(true, parcel(EUR_3, (SHIRT, 4_000), hawb="other")) == (300, 903)


def test_the_users_own_tariff_is_used() -> None:
    # 5 % of 200 = 10.00.
    own = Tariff.from_frame(pl.DataFrame({"hs6": [SHIRT], "rate_median": [5.0]}))
    assert owed(parcel(OLD, (SHIRT, 20_000)), tariff=own)["duty_cents"].item() == 1_000


def test_many_consignments_keep_apart_and_come_in_order_of_their_key() -> None:
    both = pl.concat([parcel(EUR_3, (SHIRT, 500), hawb="B"), parcel(OLD, (SHIRT, 500), hawb="A")])
    result = owed(both).select("hawb", "duty_cents").rows()
    assert result == [("A", 0), ("B", 300)]


def test_no_items_owe_nothing() -> None:
    nothing = parcel(OLD)
    assert owed(nothing).height == 0
    assert lost(nothing, nothing).height == 0


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingColumnsError, match="has_ioss"):
        owed(parcel(OLD, (SHIRT, 500)).drop("has_ioss"))


def test_a_day_before_the_tables_is_refused() -> None:
    with pytest.raises(InputError, match="1999-12-31"):
        owed(parcel(date(1999, 12, 31), (SHIRT, 500)))


LINES = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C"]),
        st.sampled_from([SHIRT, WATCH, PHONE, PERFUME, "770000"]),
        st.integers(0, 40_000),
        st.none() | st.integers(0, 2_000),
        st.sampled_from([BEFORE_2021, OLD, EUR_3, TARIFF]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@given(LINES, st.randoms(use_true_random=False))
def test_neither_owed_nor_lost_depends_on_the_order_of_rows(lines, random) -> None:  # type: ignore[no-untyped-def]
    items = pl.concat(
        parcel(day, (hs6, cents), hawb=hawb, transport_cents=transport, has_ioss=has_ioss)
        for hawb, hs6, cents, transport, day, has_ioss in lines
    )
    order = list(range(items.height))
    random.shuffle(order)
    shuffled = items[order]
    cheap = items.with_columns(pl.col("value_cents") // 2)
    assert owed(items).equals(owed(shuffled))
    assert lost(items, cheap).equals(lost(shuffled, cheap[order]))
    assert lost(items, items)["revenue_lost_cents"].sum() == 0
