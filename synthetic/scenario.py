"""Presets of a world: when, how much, who cheats how often, and how it is controlled.

Numbers without another source are estimates of the project (domain report, section 7).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final

EUR_3_FROM: Final = date(2026, 7, 1)
"""Start of EUR 3 an item and of code F53 (Council Regulation (EU) 2026/382)."""

PRODUCT_IDS_FROM: Final = date(2026, 11, 1)
"""Merchant and manufacturer product ids are required (DR (EU) 2026/1022)."""

PREVALENCES: Final[Mapping[str, float]] = MappingProxyType(
    {  # share of consignments, estimates (domain report 3.1; styles of T1 from 3.2)
        "proportional undervaluation": 0.03 * 0.45,
        "edge-seeking undervaluation": 0.03 * 0.35,
        "constant undervaluation": 0.03 * 0.20,
        "mislabelling": 0.006,
        "splitting": 0.004,
        "misclassification": 0.010,
        "line collapsing": 0.0,
        "undeclared goods": 0.007,
        "ioss misuse": 0.0025,
        "false gift": 0.001,
        "false origin": 0.0005,
        "counterfeit": 0.018,
        "unsafe goods": 0.042,
        "prohibited goods": 0.001,
    }
)


def prevalences(**changes: float) -> Mapping[str, float]:
    """Default shares of the typologies with some replaced (`_` stands for space and hyphen)."""
    by_key = {name.replace(" ", "_").replace("-", "_"): name for name in PREVALENCES}
    return MappingProxyType({**PREVALENCES, **{by_key[key]: v for key, v in changes.items()}})


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything a world is made from, apart from its seed.

    Attributes
    ----------
    name
        Name of the preset.
    start_date
        First day of traffic; it decides the duty regime.
    flights_per_day, parcels_per_flight
        Size of the flow.
    shippers, consignees, brokers, ioss_numbers
        Sizes of the tables of parties. `shippers` counts those active at one time.
    prevalences
        Share of consignments per typology.
    dishonest_share
        Share of shippers who cheat as a habit; they hold most cases, and send honest parcels too.
    habitual_share
        Share of the cases that lies with them; the rest is occasional, over everybody.
    new_per_month, phoenix_per_month
        Share of shippers replaced each month by others, and by themselves under a new name.
    controls_share
        Share of consignments that is controlled.
    random_share
        Share of the controls drawn at random with a known probability.
    not_presented_share
        Share of the chosen parcels that had gone (5 to 25 %; US exams: 25 %).
    prepared_share
        Share of master waybills whose file the forwarder has worked over.
    one_line_share
        Share of parcels with a single goods item.
    price_factor
        Price level against the goods table, set to meet EUR 8.8 an item.
    ioss_share
        Share of the flow under the import one-stop shop (93 %).
    zero_duty_edge
        Pull of the EUR 150 line for goods free of duty, against 1 for the others.
    """

    name: str
    start_date: date
    flights_per_day: int = 2
    parcels_per_flight: int = 4000
    shippers: int = 700
    consignees: int = 60_000
    brokers: int = 25
    ioss_numbers: int = 120
    prevalences: Mapping[str, float] = field(default_factory=lambda: PREVALENCES)
    dishonest_share: float = 0.24
    habitual_share: float = 0.62
    new_per_month: float = 0.06
    phoenix_per_month: float = 0.03
    controls_share: float = 0.015
    random_share: float = 0.10
    not_presented_share: float = 0.12
    prepared_share: float = 0.30
    one_line_share: float = 0.70
    price_factor: float = 0.81
    ioss_share: float = 0.93
    zero_duty_edge: float = 0.4


AFTER_JULY: Final = prevalences(
    edge_seeking_undervaluation=0.005,  # bunching halves (domain report 3.2)
    line_collapsing=0.008,
    false_gift=0.002,
    false_origin=0.001,
)
"""Shares once the flow has settled to the law of July 2026."""

ZERO_DUTY_EDGE_AFTER: Final = 0.4
"""Pull of the EUR 150 line for goods free of duty since July 2026 (estimate)."""

PRESETS: Final[Mapping[str, Scenario]] = MappingProxyType(
    {
        "tiny": Scenario(
            "tiny",
            date(2026, 9, 1),
            flights_per_day=1,
            parcels_per_flight=400,
            shippers=120,
            consignees=4000,
            prevalences=AFTER_JULY,
            controls_share=0.10,
        ),
        "demo": Scenario("demo", date(2026, 9, 1), prevalences=AFTER_JULY),
        "liege-2022": Scenario(
            "liege-2022",
            date(2022, 10, 3),
            flights_per_day=3,
            parcels_per_flight=20_000,
            shippers=3000,
            consignees=400_000,
            controls_share=0.002,
            one_line_share=0.62,
            zero_duty_edge=1.0,
        ),
        "liege-2026": Scenario(
            "liege-2026",
            date(2026, 10, 12),
            flights_per_day=3,
            parcels_per_flight=20_000,
            shippers=3000,
            consignees=400_000,
            prevalences=AFTER_JULY,
            controls_share=0.0005,
        ),
        "season": Scenario(  # four weeks of warm-up and 26 weeks, with the law's change in them
            "season",
            date(2026, 4, 6),
            flights_per_day=1,
            parcels_per_flight=5000,
            controls_share=0.005,
            zero_duty_edge=1.0,
        ),
    }
)
