"""The law by date, as data: what an import parcel pays, and what its declaration may say.

A change of law is a new row here with its dates and its source, never an ``if`` elsewhere.
Dates are inclusive on both sides; ``valid_to = None`` means "until changed". The day that counts
is the arrival of the flight, which stands in for the acceptance of the declaration (UCC Art. 85):
for e-commerce by air they are the same day or the next.

Sources: where a row says "analyst", the value is professional knowledge that was not re-read at
the source; "planned" is law that is adopted or agreed but not yet in force.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import permutations, product
from typing import Final, Literal, Protocol, TypeVar

import polars as pl

from engine.errors import InputError

FIRST_DAY: Final = date(2017, 1, 1)
"""The first day this table answers for; the project has no use for older law."""

IMPORT_STATE: Final = "BE"
"""Member state of import (Liège): its VAT applies where the importer's country has none of ours
(Directive 2006/112/EC Art. 60)."""

RELIEF_EXCLUDED: Final = ("2203", "2204", "2205", "2206", "2207", "2208", "24", "3303")
"""HS prefixes without relief for low value: alcohol, tobacco, perfume and toilet water
(Regulation (EC) 1186/2009 Art. 24; Directive 2009/132/EC Art. 24)."""

EXCISE: Final = ("2203", "2204", "2205", "2206", "2207", "2208", "24", "2710")
"""HS prefixes of excise goods, which the H7 data set cannot carry (UCC-DA Art. 143a; TAXUD guidance
on the H7, section 2.2.1: alcohol and tobacco). The list by HS is an estimate of an analyst: of
chapter 24, raw tobacco (2401) and nicotine products (2404) pay excise in most states, not all."""

RESTRICTED: Final = (
    "293292",  # piperonyl methyl ketone, drug precursor of category 1 (Regulation (EC) 111/2005)
    "3003",  # medicaments: import authorisation (Directive 2001/83/EC)
    "3004",
    "3601",  # explosives and fireworks (Directives 2014/28/EU, 2013/29/EU)
    "3602",
    "3603",
    "3604",
    # Firearms, their parts, ammunition (Regulation (EU) 258/2012); air guns, batons and blades of
    # 9304 and 9307 fall under national laws of weapons (estimate).
    "93",
)
"""HS prefixes that are under a prohibition or restriction and so never fit the H7. An analyst's
short list (estimate): most restrictions (species, safety, brands) cannot be read off a code."""

VatScheme = Literal["ioss", "special", "standard"]
BuyerType = Literal["consumer", "business", "gift"]
Treatment = Literal["relief", "flat", "tariff"]


class Dated(Protocol):
    """Anything in force from one day to another."""

    @property
    def valid_from(self) -> date:
        """First day in force."""

    @property
    def valid_to(self) -> date | None:
        """Last day in force; None: until changed."""


DatedRow = TypeVar("DatedRow", bound=Dated)


@dataclass(frozen=True)
class Regime:
    """One period of the law on low-value consignments.

    Attributes
    ----------
    low_value_line_cents
        Intrinsic value of the consignment up to which it is of low value.
    gift_line_cents
        Value up to which a gift between private persons is free of duty and VAT.
    vat_exemption_line_cents
        Value up to which import VAT is not charged at all; 0: no such line.
    ioss_line_cents
        Value up to which VAT can be collected at checkout; 0: the scheme does not exist yet.
    flat_duty_cents
        Duty per item where the flat duty applies; 0: no flat duty.
    procedure_code_sets
        Additional procedure codes that may stand together on a low-value declaration.
    relief_excluded_prefixes
        HS prefixes that get no relief for low value.
    h7_excluded_prefixes
        HS prefixes that cannot be declared with the H7 data set.
    """

    name: str
    valid_from: date
    valid_to: date | None
    low_value_line_cents: int
    gift_line_cents: int
    vat_exemption_line_cents: int
    ioss_line_cents: int
    flat_duty_cents: int
    procedure_code_sets: tuple[frozenset[str], ...]
    relief_excluded_prefixes: tuple[str, ...]
    h7_excluded_prefixes: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class LowValueDuty:
    """Which duty a consignment at or below the low-value line pays; None matches everything.

    The first row in force that matches decides, so the exceptions stand before the rule.
    ``relief``: none, save for goods without relief. ``flat``: so much per item.
    ``tariff``: the ordinary rate, zero for goods with an accepted preference.
    """

    valid_from: date
    valid_to: date | None
    vat_scheme: VatScheme | None
    buyer_type: BuyerType | None
    declaration_type: str | None
    is_preferential: bool | None
    treatment: Treatment
    source: str


@dataclass(frozen=True)
class Obligation:
    """A duty to state something in a declaration, from a day on."""

    name: str
    valid_from: date
    valid_to: date | None
    source: str


@dataclass(frozen=True)
class VatRate:
    """The standard rate of one country, in basis points (2100 = 21 %).

    Reduced and zero rates (books, food, medicines) are not modelled: what is owed on such goods
    comes out too high.
    """

    country: str
    valid_from: date
    valid_to: date | None
    basis_points: int
    source: str


@dataclass(frozen=True)
class Fee:
    """A handling fee beside duty and VAT; known, dated, and not part of any duty computed here.

    ``country`` is the importer's, None: every member state. ``is_confirmed`` is False where start
    or amount could not be confirmed. Nothing reads the fees yet: they are data to look up.
    """

    name: str
    country: str | None
    valid_from: date
    valid_to: date | None
    amount_cents: int
    per: Literal["consignment", "item"]
    is_confirmed: bool
    source: str


def _sets(*joined: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(codes.split("|")) for codes in joined)


_RELIEF_LAW = "Regulation (EC) 1186/2009 Art. 23-27"
_EUR_3_LAW = "Council Regulation (EU) 2026/382 of 11 February 2026"
_REFORM = "planned: customs reform agreed 26 March 2026; everything but the tariff kept as before"

REGIMES: Final[tuple[Regime, ...]] = (
    Regime(
        "VAT-free to EUR 22",
        FIRST_DAY,
        date(2021, 6, 30),
        low_value_line_cents=15_000,
        gift_line_cents=4_500,
        vat_exemption_line_cents=2_200,
        ioss_line_cents=0,
        flat_duty_cents=0,
        procedure_code_sets=_sets("C07", "C08"),
        relief_excluded_prefixes=RELIEF_EXCLUDED,
        h7_excluded_prefixes=tuple(sorted({*RELIEF_EXCLUDED, *EXCISE, *RESTRICTED})),
        source=f"{_RELIEF_LAW}; Directive 2009/132/EC Art. 23 (Belgium: EUR 22)",
    ),
    Regime(
        "VAT from the first cent",
        date(2021, 7, 1),
        date(2026, 6, 30),
        low_value_line_cents=15_000,
        gift_line_cents=4_500,
        vat_exemption_line_cents=0,
        ioss_line_cents=15_000,
        flat_duty_cents=0,
        procedure_code_sets=_sets("C07|F48", "C07|F49", "C07", "C08"),
        relief_excluded_prefixes=RELIEF_EXCLUDED,
        h7_excluded_prefixes=tuple(sorted({*RELIEF_EXCLUDED, *EXCISE, *RESTRICTED})),
        source=f"{_RELIEF_LAW}; Directive (EU) 2017/2455; H7 manual of the Spanish customs, 11 10",
    ),
    Regime(
        "EUR 3 per item",
        date(2026, 7, 1),
        date(2028, 6, 30),
        low_value_line_cents=15_000,
        gift_line_cents=4_500,
        vat_exemption_line_cents=0,
        ioss_line_cents=15_000,
        flat_duty_cents=300,
        procedure_code_sets=_sets("F48", "F49", "F53", "C08"),
        relief_excluded_prefixes=RELIEF_EXCLUDED,  # still so for gifts
        h7_excluded_prefixes=tuple(sorted({*EXCISE, *RESTRICTED})),
        source=f"{_EUR_3_LAW}; codes: broker notice of 2026, one source",
    ),
    Regime(
        "ordinary tariff",
        date(2028, 7, 1),
        None,
        low_value_line_cents=15_000,
        gift_line_cents=4_500,
        vat_exemption_line_cents=0,
        ioss_line_cents=15_000,
        flat_duty_cents=0,
        procedure_code_sets=_sets("F48", "F49", "F53", "C08"),
        relief_excluded_prefixes=RELIEF_EXCLUDED,
        h7_excluded_prefixes=tuple(sorted({*EXCISE, *RESTRICTED})),
        source=_REFORM,
    ),
)

_EUR_3_PERIOD = (date(2026, 7, 1), date(2028, 6, 30))
_EUR_3_GUIDANCE = f"{_EUR_3_LAW}; Commission guidance as reported by trade counsel, July 2026"

LOW_VALUE_DUTIES: Final[tuple[LowValueDuty, ...]] = (
    LowValueDuty(FIRST_DAY, date(2026, 6, 30), None, None, None, None, "relief", _RELIEF_LAW),
    # Preferential or customs-union goods leave the scope when in H1 and not under IOSS.
    LowValueDuty(*_EUR_3_PERIOD, "special", None, "H1", True, "tariff", _EUR_3_GUIDANCE),
    LowValueDuty(*_EUR_3_PERIOD, "standard", None, "H1", True, "tariff", _EUR_3_GUIDANCE),
    # Every distance sale to a consumer, whatever the scheme and the declaration; alcohol too.
    LowValueDuty(*_EUR_3_PERIOD, None, "consumer", None, None, "flat", _EUR_3_GUIDANCE),
    # Not a distance sale, and the relief is deleted: business purchases, gifts above the line.
    LowValueDuty(*_EUR_3_PERIOD, None, None, None, None, "tariff", f"{_EUR_3_LAW}; analyst"),
    LowValueDuty(date(2028, 7, 1), None, None, None, None, None, "tariff", _REFORM),
)

PRODUCT_IDENTIFIERS: Final = Obligation(
    "merchant and manufacturer product identifiers",
    date(2026, 11, 1),
    None,
    "Delegated Regulation (EU) 2026/1022; voluntary from 2026-07-01",
)

_RATES_2025 = "published overview of standard rates 2025, one source"
_ANALYST = "analyst knowledge of the dated change"
_STEADY = {
    "AT": 2000, "BE": 2100, "BG": 2000, "CY": 1900, "CZ": 2100, "DK": 2500, "ES": 2100,
    "FR": 2000, "GR": 2400, "HR": 2500, "HU": 2700, "IT": 2200, "LT": 2100, "LV": 2100,
    "MT": 1800, "NL": 2100, "PL": 2300, "PT": 2300, "SE": 2500, "SI": 2200,
}  # fmt: skip
_CHANGES: Final[dict[str, tuple[tuple[date, int], ...]]] = {
    "DE": (
        (FIRST_DAY, 1900),
        (date(2020, 7, 1), 1600),
        (date(2021, 1, 1), 1900),
    ),
    "EE": (
        (FIRST_DAY, 2000),
        (date(2024, 1, 1), 2200),
        (date(2025, 7, 1), 2400),
    ),
    "FI": ((FIRST_DAY, 2400), (date(2024, 9, 1), 2550)),
    "IE": (
        (FIRST_DAY, 2300),
        (date(2020, 9, 1), 2100),
        (date(2021, 3, 1), 2300),
    ),
    "LU": (
        (FIRST_DAY, 1700),
        (date(2023, 1, 1), 1600),
        (date(2024, 1, 1), 1700),
    ),
    "RO": ((FIRST_DAY, 1900), (date(2025, 8, 1), 2100)),
    "SK": ((FIRST_DAY, 2000), (date(2025, 1, 1), 2300)),
}


def _changing_rates() -> Iterator[VatRate]:
    for country, steps in _CHANGES.items():
        ends = [date.fromordinal(start.toordinal() - 1) for start, _ in steps[1:]]
        for (start, points), end in zip(steps, [*ends, None], strict=True):
            yield VatRate(country, start, end, points, _ANALYST)


VAT_RATES: Final[tuple[VatRate, ...]] = (
    *(VatRate(country, FIRST_DAY, None, rate, _RATES_2025) for country, rate in _STEADY.items()),
    *_changing_rates(),
)

FEES: Final[tuple[Fee, ...]] = (
    Fee(
        "Romania, logistics fee of 25 lei",
        "RO",
        date(2026, 1, 1),
        None,
        500,
        "consignment",
        is_confirmed=True,
        source="trade press 2026; EUR 5 is the rounded equivalent, an estimate",
    ),
    Fee(
        "France, fee per H7 line",
        "FR",
        date(2026, 3, 1),
        None,
        200,
        "item",
        is_confirmed=True,
        source="trade press 2026; ends when the EU fee starts",
    ),
    Fee(
        "Italy, contribution per consignment",
        "IT",
        date(2026, 7, 1),
        None,
        200,
        "consignment",
        is_confirmed=True,
        source="law from 2026-01-01, postponed on 2026-03-12; trade press 2026",
    ),
    Fee(
        "EU handling fee",
        None,
        date(2026, 11, 1),
        None,
        200,
        "item",
        is_confirmed=False,
        source="customs reform: no later than 2026-11-01, level by delegated act, not confirmed",
    ),
)


def regime_table() -> pl.DataFrame:
    """The regimes as a frame, one row a period, with the lines and the flat duty in cents."""
    return _frame(
        REGIMES,
        "low_value_line_cents",
        "gift_line_cents",
        "vat_exemption_line_cents",
        "ioss_line_cents",
        "flat_duty_cents",
    )


def vat_rate_table() -> pl.DataFrame:
    """Standard rates as a frame: country, valid_from, valid_to, vat_basis_points."""
    table = _frame(VAT_RATES, "country", "basis_points")
    return table.rename({"basis_points": "vat_basis_points"}).sort("country", "valid_from")


def law_on(days: pl.Series) -> pl.DataFrame:
    """The regime of each distinct day: ``flight_date`` and the columns of `regime_table`.

    Made to be joined on the day, so that a frame of a million items is one join.

    Raises
    ------
    InputError
        A day lies before `FIRST_DAY`.
    """
    distinct = _distinct_days(days)
    return distinct.join_asof(
        regime_table().sort("valid_from"), left_on="flight_date", right_on="valid_from"
    ).drop("valid_from", "valid_to")


def vat_rates_on(days: pl.Series) -> pl.DataFrame:
    """Each distinct day with every country: flight_date, importer_country, vat_basis_points."""
    pairs = _distinct_days(days).join(vat_rate_table(), how="cross")
    is_in_force = (pl.col("flight_date") >= pl.col("valid_from")) & (
        pl.col("flight_date") <= pl.col("valid_to").fill_null(date.max)
    )
    return pairs.filter(is_in_force).select(
        "flight_date", pl.col("country").alias("importer_country"), "vat_basis_points"
    )


def low_value_duties_on(days: pl.Series) -> pl.DataFrame:
    """The treatment of low-value consignments on each distinct day, every case spelled out.

    Columns: flight_date, vat_scheme, buyer_type, declaration_type, is_preferential, treatment.
    """
    rows = [(day, *case) for day in _distinct_days(days)["flight_date"] for case in _cases_on(day)]
    schema = {
        "flight_date": pl.Date,
        "vat_scheme": pl.String,
        "buyer_type": pl.String,
        "declaration_type": pl.String,
        "is_preferential": pl.Boolean,
        "treatment": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def low_value_line(day: pl.Expr, regimes: Sequence[Regime] = REGIMES) -> pl.Expr:
    """Value in cents up to which a consignment of a day is of low value."""
    return _by_period(day, regimes, [pl.lit(regime.low_value_line_cents) for regime in regimes])


def gift_line(day: pl.Expr, regimes: Sequence[Regime] = REGIMES) -> pl.Expr:
    """Value in cents up to which a gift of a day is free."""
    return _by_period(day, regimes, [pl.lit(regime.gift_line_cents) for regime in regimes])


def is_known_procedure_set(
    codes: pl.Expr, day: pl.Expr, regimes: Sequence[Regime] = REGIMES
) -> pl.Expr:
    """Whether ``|``-joined additional procedure codes may stand together, in whatever order."""
    known = [
        sorted("|".join(order) for allowed in sets for order in permutations(sorted(allowed)))
        for sets in (regime.procedure_code_sets for regime in regimes)
    ]
    return _by_period(day, regimes, [codes.is_in(joined) for joined in known])


def is_without_relief(hs6: pl.Expr, day: pl.Expr, regimes: Sequence[Regime] = REGIMES) -> pl.Expr:
    """Whether goods get no relief for low value on a day (alcohol, tobacco, perfume)."""
    return _by_period(
        day, regimes, [_has_prefix(hs6, regime.relief_excluded_prefixes) for regime in regimes]
    )


def is_h7_excluded(hs6: pl.Expr, day: pl.Expr, regimes: Sequence[Regime] = REGIMES) -> pl.Expr:
    """Whether goods cannot be declared with the H7 data set on a day, as far as a code tells."""
    return _by_period(
        day, regimes, [_has_prefix(hs6, regime.h7_excluded_prefixes) for regime in regimes]
    )


def is_product_identifier_required(
    day: pl.Expr, obligation: Obligation = PRODUCT_IDENTIFIERS
) -> pl.Expr:
    """Whether declarations of a day must carry product identifiers."""
    return day.is_between(obligation.valid_from, obligation.valid_to or date.max)


def _by_period(day: pl.Expr, regimes: Sequence[Regime], values: Sequence[pl.Expr]) -> pl.Expr:
    """On each day the value of its regime; days before all regimes have that of the first.

    An expression and no join, so that one frame may hold days of several regimes. Neighbours that
    say the same are looked at once.
    """
    chosen = values[0]
    for before, value, regime in zip(values, values[1:], regimes[1:], strict=False):
        if not value.meta.eq(before):
            chosen = pl.when(day < regime.valid_from).then(chosen).otherwise(value)
    return chosen


def _has_prefix(hs6: pl.Expr, prefixes: Sequence[str]) -> pl.Expr:
    # One pass over the codes, however many prefixes; nothing begins with one of no prefixes.
    return hs6.str.contains(f"^(?:{'|'.join(prefixes)})") if prefixes else pl.lit(False)


@cache
def _cases_on(day: date) -> tuple[tuple[str, str, str, bool, str], ...]:
    rules = _in_force(LOW_VALUE_DUTIES, day)
    cases = product(
        ("ioss", "special", "standard"),
        ("consumer", "business", "gift"),
        ("H1", "H6", "H7"),
        (False, True),
    )
    return tuple((*case, _treatment(rules, case)) for case in cases)


def _treatment(rules: Sequence[LowValueDuty], case: tuple[str, str, str, bool]) -> str:
    for rule in rules:
        wanted = (rule.vat_scheme, rule.buyer_type, rule.declaration_type, rule.is_preferential)
        if all(want in (None, have) for want, have in zip(wanted, case, strict=True)):
            return rule.treatment
    raise LookupError(f"no row of LOW_VALUE_DUTIES covers {case}; add one")


def _in_force(rows: Sequence[DatedRow], day: date) -> list[DatedRow]:
    if day < FIRST_DAY:
        raise _unknown(day)
    return [row for row in rows if row.valid_from <= day <= (row.valid_to or date.max)]


def _distinct_days(days: pl.Series) -> pl.DataFrame:
    distinct = pl.DataFrame({"flight_date": days.drop_nulls().unique().sort().cast(pl.Date)})
    if distinct.height and (first := distinct["flight_date"][0]) < FIRST_DAY:
        raise _unknown(first)
    return distinct


def _unknown(day: date) -> InputError:
    return InputError(
        f"No law is known for {day}; the tables begin on {FIRST_DAY}.", "Check flight_date."
    )


def _frame(rows: Sequence[Dated], *fields: str) -> pl.DataFrame:
    wanted = ("valid_from", "valid_to", *fields)
    columns = {field: [getattr(row, field) for row in rows] for field in wanted}
    return pl.DataFrame(columns).with_columns(pl.col("valid_from", "valid_to").cast(pl.Date))
