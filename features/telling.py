"""When and how a feature is told as a reason: only where its value is out of the ordinary.

A model may lean on a feature in ways that make no sentence ("not a gift"); such a contribution
counts, but is not told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from features.catalogue import FEATURES
from features.feature import Feature
from features.named import CERTAIN_PERCENT, item_of
from features.units import EUR_PER_CENT, KG_PER_MG

FACTS: dict[str, pl.Expr] = {
    "value_eur": pl.col("value_cents") * EUR_PER_CENT,
    "expected_eur": pl.col("expected_cents") * EUR_PER_CENT,
    "mass_kg": pl.coalesce("net_mass_mg", "gross_mass_mg") * KG_PER_MG,
    "expected_kg": pl.col("expected_mg") * KG_PER_MG,
    "lines": pl.col("line_count"),
    "texts": pl.col("distinct_texts"),
    "codes": pl.col("hs6_count"),
    "group_parcels": pl.col("group_consignments"),
    "group_forms": pl.col("group_forms"),
    "group_eur": pl.col("group_value_cents") * EUR_PER_CENT,
    "sender_forms": pl.col("group_sender_forms"),
    "sender_group_parcels": pl.col("group_sender_consignments"),
    "sender_group_eur": pl.col("group_sender_value_cents") * EUR_PER_CENT,
    "past_sender_eur": pl.col("past_sender_value_cents") * EUR_PER_CENT,
    "past_sender_forms": pl.col("past_sender_forms"),
    "sender_parcels": pl.col("sender_flight_consignments"),
    "sender_values": pl.col("sender_flight_values"),
    "sender_texts": pl.col("sender_flight_texts"),
    "sender_codes": pl.col("sender_flight_codes"),
    "places": pl.col("file_places"),
    "kin_name": pl.col("kin").str.replace(r"\|[A-Z]{2}$", ""),
    "kin_percent": (pl.col("kin_confidence") * 100).clip(0, CERTAIN_PERCENT),
    "kin_shared": pl.col("kin_shared"),
    "kin_own_controls": pl.col("kin_own_controls"),
    "kin_own_irregular": pl.col("kin_own_irregular"),
    "country_of_origin": pl.col("country_of_origin"),
    "exporter_country": pl.col("exporter_country"),
    "goods": pl.col("goods"),
}  # fmt: skip
"""What sentences speak of, over the consignment frame of `features.sight`; `goods` are its items,
of which `features.named` picks the one a feature is about."""

ABOVE: dict[str, float] = {
    "unit_value_high_z": 1.5, "value_per_kg_high_z": 1.5, "heading_price_high": 0.5,
    "unit_mass_high_z": 1.0, "unit_mass_high_percentile": 0.9, "unit_mass_deviation_high": 0.4,
    "unit_mass_either_high_z": 1.0, "text_mass_high": 0.5, "heading_mass_high": 0.7,
    "product_mass_high": 0.4, "quantity_high_z": 2.0, "sender_words_surprise": 1.5,
    "sender_heading_surprise": 1.5, "sender_goods_surprise": 1.0, "text_mass_spread": 0.6,
    "heading_mass_habit": 0.7, "heading_quantity_habit": 1.0,
    "mass_surplus": 0.3, "mass_surplus_kg": 0.2, "sender_mass_habit": 1.5,
    "expected_over_line_eur": 0.01, "transport_ratio": 1.0, "texts_per_code": 1.5,
    "largest_quantity": 10, "text_gap": 1.0, "sender_text_gap": 1.0, "vague_share": 0.5,
    "word_odds_max": 0.25, "consignee_consignments": 2, "consignee_splits": 1,
    "consignee_split_excess_eur": 0.01, "consignee_forms": 2, "consignee_link_strength": 0.01,
    "consignee_sender_consignments": 2, "consignee_sender_value_eur": 100,
    "consignee_value_eur": 100, "consignee_week_sender_value_eur": 100,
    "consignee_week_forms": 2, "consignee_senders": 3, "variant_surge": 0.7,
    "sender_variety_drop": 0.7, "same_value_share": 0.02, "sender_tests": 2,
    "word_odds_sum": 0.4, "sender_brokers": 3,
    "address_consignments": 3, "address_names": 3,
    "address_past_names": 5, "sender_ramp": 0.7, "kin_confidence": 0.5,
    "consignee_sender_forms": 2, "consignee_week_sender_forms": 2,
    "sender_near_line_share": 0.1,
    "sender_flight_near_line_share": 0.1, "ioss_flight_senders": 5, "ioss_senders": 5,
    "sender_gift_share": 0.1, "gift_volume": 2, "file_same_ratio": 0.5,
    "file_near_line_share": 0.05, "file_odd_name_share": 0.01, "file_same_value": 3,
}  # fmt: skip
"""Told from this value on (estimates: what an officer would call unusual)."""

BELOW: dict[str, float] = {
    "unit_value_low_z": -1.0, "value_per_kg_low_z": -1.0, "value_surplus": -0.4,
    "heading_price_low": -0.4, "text_price_low": -0.3, "product_price_low": -0.3,
    "unit_mass_low_z": -1.5, "unit_mass_low_percentile": 0.05,
    "unit_mass_either_low_z": -1.5, "unit_mass_deviation_low": -0.6,
    "text_hs6_odds": -1.0, "text_hs4_odds": -1.0, "text_hs2_odds": -1.0,
    "heading_mass_low": -0.7, "text_mass_low": -0.5, "file_ratio_variety": 0.3,
    "sender_value_per_kg_shift": -0.7, "sender_value_shift": -0.7,
    "text_hs6_lift": 0.3, "text_hs4_lift": 0.3, "text_hs2_lift": 0.3, "text_best_word": 0.5,
    "text_known_share": 0.6, "sender_age_days": 21, "ioss_age_days": 21, "line_gap_eur": 30,
    "gift_line_gap_eur": 10, "sender_value_variety": 0.5, "sender_code_variety": 0.34,
    "sender_price_habit": -1.0, "file_places": 0.2,
}  # fmt: skip
"""Told up to this value (estimates)."""

BESIDE: dict[str, tuple[str, float]] = {
    "consignee_sender_value_eur": ("consignee_sender_consignments", 2),
    "consignee_week_sender_value_eur": ("consignee_week_sender_forms", 1),
    "consignee_value_eur": ("consignee_consignments", 2),
}
"""Told only where another feature has at least this value: a sum needs two to be one."""

RATE_ENDINGS = ("_sure_rate", "_goods_rate", "_rate", "_recovered")
"""Endings of features on findings; the controls behind them end in `_controls`."""

CONTROLS_BEHIND: dict[str, tuple[str, ...]] = {
    "sender_lineage_rate": ("sender_controls", "kin_controls"),
}
"""Features on findings that rest on the controls of others."""

UNUSUAL_RANK = 90.0
"""Sentences that only name a rank are told from this share of the flight on, in percent."""

UNUSUAL_PAST = 75.0
"""Share of the flight whose past is better, from which on findings of the past are told (estimate:
what half the flight has is no reason)."""

WORSE_PAST = 1.25
"""Times the flight's median from which on findings of the past are told (estimate: 7 % where 6 % is
usual is no reason)."""

FEWEST_CONTROLS = 0.5
"""Weight of past controls from which on their findings are told."""


FEWEST_PERCENT = 50.0
"""A share of the flight below this tells nobody apart (estimate)."""

_SAYS_HOW_UNUSUAL = (
    "{rank", "{item_lighter", "{item_heavier", "{item_dearer", "{item_cheaper", "{item_per_kg_",
    "{item_fewer", "{kin_", " line",
)  # fmt: skip
"""Sentences with one of these hold a percentile, a legal line or a confidence of their own."""

_SAYS_ITS_NUMBER = ("{value", "{percent", "{up", "{down", "{times", "{odds", "{expected")
"""Sentences with one of these give the number that a share of the flight is said of."""

_USUAL: dict[str, tuple[float, str]] = {
    "share 0 to 1": (100.0, "{:.0f} %"), "count": (1.0, "{:.0f}"), "days": (1.0, "{:.0f}"),
    "EUR": (1.0, "EUR {:.2f}"), "kg": (1.0, "{:.2f} kg"),
}  # fmt: skip
"""How the flight's median is written, by unit: what it is multiplied with, and the form."""


@dataclass(frozen=True)
class Told:
    """A sentence, and the feature it is about.

    Attributes
    ----------
    feature : name of the feature.
    theme : what it is about.
    sentence : as an officer reads it.
    rests_on : features that, made ordinary together, take the reason away; mostly the feature
        alone; empty for a plain statement that claims no such thing.
    """

    feature: str
    theme: str
    sentence: str
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Among:
    """Where a value stands in its flight.

    Attributes
    ----------
    smaller, no_larger : shares of the flight with a smaller value, and with one no larger, percent.
    usual : the flight's median.
    """

    smaller: float
    no_larger: float
    usual: float


def facts_of(seen: pl.DataFrame) -> list[dict[str, Any]]:
    """The facts of each consignment, for `told`."""
    return seen.select(**FACTS).to_dicts()


def told(
    feature: Feature,
    values: dict[str, float | None],
    rank: float,
    facts: dict[str, Any],
    among: Among | None = None,
) -> Told | None:
    """The sentence for a feature's value on one consignment, or None if it makes no reason.

    Parameters
    ----------
    feature : what is told.
    values : all features of the consignment.
    rank : share of the flight with a smaller value, in percent.
    facts : of the consignment (`facts_of`).
    among : where the value stands in its flight, told where the sentence does not say how unusual
        it is; None: not told.
    """
    value = values[feature.name]
    if value is None or not feature.sentence or not _is_unusual(feature, value, rank, values):
        return None
    if among and feature.theme == "past controls" and value < among.usual * WORSE_PAST:
        return None
    words = facts | _forms(value, rank) | {"controls": _controls(feature.name, values)}
    words |= item_of(feature.name, facts.get("goods") or [])
    try:
        sentence = feature.sentence.format(**words)
    except (TypeError, ValueError):  # a fact that the sentence needs is missing here
        return None
    tail = "" if among is None else _standing(feature, value, among)
    return Told(feature.name, feature.theme, sentence + tail, (feature.name,))


def _forms(value: float, rank: float) -> dict[str, float]:
    """The number of a feature as sentences may write it."""
    times = 2.718281828 ** min(value, 12.0)
    return {
        "value": value,
        "rank": min(rank, CERTAIN_PERCENT),
        "percent": value * 100,
        "down": (1 - times) * 100,
        "up": times,
        "times": times,
        "odds": times,
        "chance": times / (1 + times) * 100,
        "each_eur": times - 1,
    }


def _controls(name: str, values: dict[str, float | None]) -> float | None:
    """Weight of the past controls behind a feature; None: it rests on none."""
    if name in CONTROLS_BEHIND:
        return sum(values.get(one) or 0.0 for one in CONTROLS_BEHIND[name])
    for ending in RATE_ENDINGS:
        if name.endswith(ending):
            return values.get(name.removesuffix(ending) + "_controls")
    return None


def is_ordinary(feature: Feature, smaller: float, no_larger: float) -> bool:
    """Whether a value is what most of the flight has, so that it tells no parcel apart.

    Parameters
    ----------
    feature : whose value it is.
    smaller, no_larger : shares of the flight with a smaller value, and with one no larger, percent.
    """
    if feature.name in ABOVE:
        return smaller < 50
    return feature.name in BELOW and no_larger > 50


def plainly(feature: Feature, value: float | None) -> Told:
    """A feature without a sentence that holds: its meaning and its value, claiming no more."""
    shown = "not known" if value is None else f"{value:.4g} {feature.unit}"
    return Told(
        feature.name, feature.theme, f"no single sign; most weighed was {feature.meaning}: {shown}"
    )


def _standing(feature: Feature, value: float, among: Among) -> str:
    """How unusual a value is on its flight, where the sentence does not say so itself."""
    if feature.unit == "0 or 1" or any(word in feature.sentence for word in _SAYS_HOW_UNUSUAL):
        return ""
    is_low = feature.name in BELOW
    share = min(100 - among.no_larger if is_low else among.smaller, CERTAIN_PERCENT)
    if share < FEWEST_PERCENT:
        return ""
    if not any(word in feature.sentence for word in _SAYS_ITS_NUMBER):
        is_degree = feature.unit in {"ln ratio", "ln odds", "spreads"}
        return f" (more so than {share:.0f} % of this flight)" if is_degree else ""
    scale, form = _USUAL.get(feature.unit, (1.0, ""))
    reference = "; usual there: " + form.format(among.usual * scale) if form else ""
    return f" ({'lower' if is_low else 'higher'} than for {share:.0f} % of this flight{reference})"


def _is_unusual(
    feature: Feature, value: float, rank: float, values: dict[str, float | None]
) -> bool:
    name = feature.name
    beside, least = BESIDE.get(name, ("", 0.0))
    if beside and (values.get(beside) or 0.0) < least:
        return False
    if name in ABOVE:
        return value >= ABOVE[name]
    if name in BELOW:
        return value <= BELOW[name] and (name != "line_gap_eur" or value >= 0)
    if feature.theme == "past controls":
        controls = _controls(name, values) or 0.0
        return controls >= FEWEST_CONTROLS and rank >= UNUSUAL_PAST
    if feature.unit == "0 or 1":
        return value == 1
    return "{rank" in feature.sentence and rank >= UNUSUAL_RANK


BY_NAME: dict[str, Feature] = {feature.name: feature for feature in FEATURES}
