"""Whose history is kept: the parties, places and things a consignment belongs to, as keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from engine.pseudonym import normalised


@dataclass(frozen=True)
class Entity:
    """One kind of party, place or thing.

    Attributes
    ----------
    name : its id; its key is the column `key_<name>` of the consignment frame.
    meaning : what it is, in an officer's words.
    parent : the kind its control history leans on while its own is short; empty: the overall rate.
    has_traffic : whether its volume and values are followed, too.
    """

    name: str
    meaning: str
    parent: str = ""
    has_traffic: bool = False


ENTITIES: tuple[Entity, ...] = (
    Entity("broker", "the declarant", has_traffic=True),
    Entity("place", "the sender's place", "", has_traffic=True),
    Entity("sender_address", "the sender's address, whatever its name", "broker", has_traffic=True),
    Entity("sender", "the sender", "sender_address", has_traffic=True),
    Entity("sender_name", "the sender's name", "sender"),
    Entity("ioss", "the IOSS number", "", has_traffic=True),
    Entity("platform", "the marketplace"),
    Entity("route", "airport of loading and carrier"),
    Entity("bag_series", "the letters of the bag number"),
    Entity("waybill_series", "the form of the house waybill number"),
    Entity("consignee_address", "the consignee's address", "", has_traffic=True),
    Entity("consignee", "the consignee", "consignee_address", has_traffic=True),
    Entity("procedure", "the procedure claimed"),
)
"""Kinds followed per consignment; parents come before their children."""


def _series(name: str) -> pl.Expr:
    """The form of a number: letters kept, runs of digits as one 9."""
    return pl.col(name).str.replace_all("[0-9]+", "9")


def _filled(text: pl.Expr) -> pl.Expr:
    """Null where nothing but punctuation or blanks was written: `-` is no place."""
    return pl.when(text != "").then(text)


def _signs(name: str) -> pl.Expr:
    """Letters and digits alone."""
    return _filled(pl.col(name).str.to_uppercase().str.replace_all(r"[\W_]", ""))


def entity_keys(consignments: pl.DataFrame) -> pl.DataFrame:
    """Add one `key_<name>` column an entity kind, null where it is unknown.

    Parameters
    ----------
    consignments : rows of `engine.consignment.roll_up` with the consignee tokens.
    """
    name = _filled(normalised(pl.col("exporter_name")))
    street = _filled(normalised(pl.col("exporter_street")))
    city = _filled(normalised(pl.col("exporter_city")))
    postcode = _signs("exporter_postcode")
    known_id = pl.when(_signs("exporter_id").is_not_null()).then("exporter_id")
    country = pl.col("exporter_country")
    plain = consignments.select(
        "exporter_name", "exporter_street", "exporter_city", "exporter_postcode",
        "exporter_country", "exporter_id",
    ).unique()  # fmt: skip
    plain = plain.with_columns(
        key_sender_name=pl.format("{}|{}", name, country),
        key_sender=pl.coalesce(known_id, pl.format("{}|{}", name, country)),
        key_sender_address=pl.format("{}|{}|{}", street, postcode.fill_null(city), country),
        # Null without both: a place that is only a country would be nationality as a feature.
        key_place=pl.format("{}|{}", pl.coalesce(postcode, city), country),
    )
    joined = consignments.join(
        plain,
        on=["exporter_name", "exporter_street", "exporter_city", "exporter_postcode",
            "exporter_country", "exporter_id"],
        how="left", nulls_equal=True, maintain_order="left",
    )  # fmt: skip
    joined = joined.hstack([_places(joined), _once(joined["bag_id"], _series)])
    place = pl.col("_place")
    address = pl.format(
        "{}|{}|{}",
        "importer_country",
        place,
        pl.col("importer_street_tokens").list.sum(),
    )
    has_street = pl.col("importer_street_tokens").list.len() > 0
    return joined.with_columns(
        key_broker=pl.col("declarant_eori"),
        key_ioss=pl.col("ioss_number"),
        key_platform=pl.col("platform").str.to_lowercase(),
        key_route=pl.format(
            "{}|{}",
            pl.coalesce("airport_of_loading", pl.lit("?")),
            pl.col("flight_number").str.head(2),
        ),
        key_bag_series=pl.col("_bag_id").str.head(12),
        key_waybill_series=pl.format(
            "{}|{}", _series("hawb").str.head(12), pl.col("hawb").str.len_chars()
        ),
        key_consignee_address=pl.when(has_street).then(address),
        key_consignee=pl.format(
            "{}|{}|{}",
            "importer_country",
            place,
            pl.col("importer_name_tokens").list.sum(),
        ),
        key_procedure=pl.format("{}|{}", "declaration_type", "additional_procedure_codes"),
    ).drop("_place", "_bag_id")


def _places(consignments: pl.DataFrame) -> pl.Series:
    """Where the consignee lives: the postcode as written, unless nothing is; then the city."""
    columns = ["importer_postcode", "importer_city"]
    place = pl.coalesce(
        pl.when(_signs("importer_postcode").is_not_null()).then("importer_postcode"),
        pl.when(_filled(normalised(pl.col("importer_city"))).is_not_null()).then("importer_city"),
        pl.lit("?"),
    )
    distinct = consignments.select(columns).unique().with_columns(_place=place)
    rows = consignments.select(columns)
    return rows.join(distinct, on=columns, how="left", maintain_order="left", nulls_equal=True)[
        "_place"
    ]


def _once(texts: pl.Series, how: Callable[[str], pl.Expr]) -> pl.Series:
    """What is made of the texts of a column, worked out once a distinct text; `_<name>`."""
    name = texts.name
    distinct = texts.unique().to_frame().with_columns(how(name).alias(f"_{name}"))
    rows = texts.to_frame()
    return rows.join(distinct, on=name, how="left", maintain_order="left", nulls_equal=True)[
        f"_{name}"
    ]
