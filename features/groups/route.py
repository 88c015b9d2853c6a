"""How and when it came."""

from __future__ import annotations

import polars as pl

from features.feature import Feature
from features.units import HOURS_PER_MINUTE

_lodged = pl.col("lodged_at").dt.replace_time_zone(None)
_arrival = pl.col("flight_date").cast(pl.Datetime("us"))

FEATURES: tuple[Feature, ...] = (
    Feature("hours_before_arrival", "consignment", "route", "hours",
            "hours between lodging and the day of arrival",
            ((_arrival - _lodged).dt.total_minutes() * HOURS_PER_MINUTE).clip(-720, 720)),
    Feature("lodged_hour", "consignment", "route", "hour", "hour of day it was lodged",
            pl.col("lodged_at").dt.hour()),
    Feature("bag_consignments", "flight", "route", "count", "consignments in its bag",
            pl.when(pl.col("bag_id").is_not_null()).then(pl.col("bag_consignments"))),
    Feature("odd_mawb_check_digit", "consignment", "route", "0 or 1",
            "the master waybill number is malformed", pl.col("is_mawb_check_digit")),
    Feature("odd_s10_check_digit", "consignment", "route", "0 or 1",
            "the postal number's check digit is wrong", pl.col("is_s10_check_digit"),
            "the postal number's check digit is wrong"),
    Feature("odd_header", "consignment", "route", "0 or 1",
            "its items name different senders, receivers or waybills", pl.col("is_header_varies"),
            "its items name different senders, receivers or waybills"),
    Feature("is_platform_known", "consignment", "route", "0 or 1", "a marketplace is named",
            pl.col("platform").is_not_null()),
    Feature("waybill_length", "consignment", "route", "count",
            "characters of the house waybill number", pl.col("hawb").str.len_chars()),
)  # fmt: skip
