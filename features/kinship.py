"""Senders that come back under a new name, known again by what they did not change.

A sender that appeared lately is compared with those seen before it. Every kind of trait
(`features.traits`) is a distribution, and tells how much likelier the newcomer's traits are from
that known sender than from just anybody: the logarithm of that ratio, large where a rare thing is
shared, near zero where everybody has it (record linkage after Fellegi and Sunter 1969, with the
rarities measured in the profiles themselves). Silence counts, too: who comes back under another
name has mostly stopped under the old one. With a prior share of returning newcomers the sum becomes
a probability.

All sums are of integers (thousandths of logarithms), so that they are equal in any order.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from features.decayed import DecayedTable
from features.ledger import sums_by
from features.traits import GOODS_KINDS, KINDS, PAPER_KINDS, READ, STREET_KINDS, traits_of
from features.units import UNIT, whole

SLOW_DAYS = 45.0
"""Half-life of traits and of days of presence (estimate: as for the other profiles)."""

LAST_DAYS = 0.5
"""Half-life of the sum that tells the day a sender was last seen: each day weighs more than all
days before it together, so that the sum's logarithm is that day."""

PROFILES: dict[str, tuple[dict[str, pl.DataType], dict[str, float]]] = {
    "sender_traits": (
        {"key_sender": pl.String(), "kind": pl.UInt8(), "trait": pl.UInt64()},
        {"items": SLOW_DAYS},
    ),
    "sender_days": ({"key_sender": pl.String()}, {"days": SLOW_DAYS, "last": LAST_DAYS}),
}
"""Tables kept: keys, and half-lives of their sums."""

YOUNG_DAYS = 30
"""Senders seen for longer are known by their own past (domain report 3.1, T13: first seen less
than 30 days ago)."""

RETURNING_SHARE = 0.15
"""Share of newcomers who were seen before under another name (estimate; domain report 3.1: 3 % of
shippers are phoenixes, beside some 10 to 20 % who are new in a season)."""

DEPENDENCE = 0.75
"""Traits go together (a place and its broker), so that their logarithms count for less than their
sum (estimate; 1 would be independence)."""

RARE_SENDERS = 40
"""A trait makes candidates meet if no more known senders have it (estimate)."""

MOST_CANDIDATES = 12
"""Candidates compared in full per newcomer, those with most rare traits in common first (estimate:
with 25 nothing more was found)."""

MOST_COMPARED = 15
"""Traits of one kind compared per newcomer, the most frequent first (estimate)."""

OWN_ITEMS = 2.0
"""Items' worth of what everybody shows, added to each profile: few items prove little."""

STOPPED_SHARE = 0.10
"""Share of known senders who have stopped for good (estimate: 9 % a month are replaced)."""

PARALLEL = 0.3
"""How much likelier it is that an unrelated sender goes on beside a newcomer than that one who
took a new name does (estimate: some use several names at once)."""

FEWEST_SHOWN = 0.02
"""Links less sure than this inherit nothing (estimate)."""

TOLD_RATIO = 1_500
"""Thousandths of a log ratio from which on a subject is said to be the same: four and a half times
likelier than by chance."""

_LONGEST_SILENCE_DAYS = 537
"""4 to the power of minus this is the smallest number there is (IEEE 754, binary64)."""

_NEWCOMER = ("flight_index", "key_sender")
_PAIR = (*_NEWCOMER, "kin")
_PPM = 1_000_000


def empty_profiles() -> dict[str, DecayedTable]:
    """Profiles of nobody."""
    return {name: DecayedTable.empty(keys, sums) for name, (keys, sums) in PROFILES.items()}


def advanced_profiles(
    profiles: dict[str, DecayedTable], items: pl.DataFrame, day: date
) -> dict[str, DecayedTable]:
    """The profiles after one more day.

    Parameters
    ----------
    profiles : as of a day before.
    items : prepared items of all flights of the day.
    day : the day.
    """
    days = items.select("key_sender").drop_nulls().unique()
    return {
        "sender_traits": profiles["sender_traits"].advanced(traits_of(items, ("key_sender",)), day),
        "sender_days": profiles["sender_days"].advanced(
            days.with_columns(days=pl.lit(1), last=pl.lit(1)), day
        ),
    }


def kin_of(items: pl.DataFrame, profiles: dict[str, DecayedTable], day: date) -> pl.DataFrame:
    """Who the newcomers of each flight may have been before.

    Parameters
    ----------
    items : prepared items of the flights of one day.
    profiles : as of a day before.
    day : the day.

    Returns
    -------
    One row a flight, newcomer and possible kin: `flight_index`, `key_sender`, `kin` (the other
    key), `link_confidence` (probability that it is this one), `kin_confidence` (that it is any of
    them), `kin_gap_days` (days that the kin had been silent before
    the newcomer was first seen; negative: it goes on), `kin_street`, `kin_goods`, `kin_papers` (sum
    of log ratios of these kinds, thousandths). Sorted by newcomer, surest first.
    """
    seen = with_last_day(profiles["sender_days"].at(day), day)
    newcomers = _newcomers(items, seen, day)
    traits = profiles["sender_traits"].at(day).select("key_sender", "kind", "trait",
                                                      weight=whole("items"))  # fmt: skip
    traits = traits.filter(pl.col("weight") > 0)
    here = _shown(items, newcomers)
    # Senders as numbers in the order of their names: texts are compared once.
    names = pl.concat(rows["key_sender"].unique() for rows in (seen, newcomers, traits))
    sender = pl.col("key_sender").cast(pl.Enum(names.unique().sort()))
    seen, newcomers, traits, here = (
        rows.with_columns(sender) for rows in (seen, newcomers, traits, here)
    )
    own = _own(here, newcomers, traits)
    totals = _totals(traits)
    known = traits.join(own, on=["kind", "trait"], how="semi")
    common = _common(known, totals)
    pairs = _candidates(own, known, common, newcomers, seen)
    ratios = _ratios(pairs, own.join(common, on=["kind", "trait"], how="left"), known, totals)
    found = _confident(pairs.join(ratios, on=_PAIR, how="inner"), seen.height)
    return found.with_columns(pl.col("key_sender", "kin").cast(pl.String))


def with_last_day(seen: pl.DataFrame, day: date) -> pl.DataFrame:
    """Add `last_on`, and `presence`: share of its days on which the sender was seen."""
    # After more days than this nothing is left of the weight; the count of days stands still.
    left = pl.col("last").clip(lower_bound=4.0**-_LONGEST_SILENCE_DAYS)
    silent = (left.log(base=4) * -1).round().cast(pl.Int64)
    seen = seen.with_columns(silent=silent).with_columns(
        last_on=pl.lit(day).dt.offset_by("-1d") - pl.duration(days=pl.col("silent"))
    )
    lived = (pl.col("last_on") - pl.col("first_on")).dt.total_days() + 1
    fade = 0.5 ** (1 / SLOW_DAYS)
    possible = (1 - pl.lit(fade) ** lived) * (1 / (1 - fade))
    was = pl.col("days") * pl.lit(fade) ** (pl.col("silent") * -1)
    return seen.with_columns(presence=((was + 0.5) / (possible + 1)).clip(0.01, 0.99))


def _newcomers(items: pl.DataFrame, seen: pl.DataFrame, day: date) -> pl.DataFrame:
    """Senders of each flight that were first seen lately: with `since`, their first day."""
    here = items.select(_NEWCOMER).drop_nulls().unique()
    dated = here.join(seen.select("key_sender", since="first_on"), on="key_sender", how="left")
    # Nobody was seen before the first ones.
    dated = dated.with_columns(pl.col("since").fill_null(day))
    dated = dated.filter(pl.col("since") > pl.lit(seen["first_on"].min() or day))
    return dated.filter((pl.lit(day) - pl.col("since")).dt.total_days() < YOUNG_DAYS)


def _shown(items: pl.DataFrame, newcomers: pl.DataFrame) -> pl.DataFrame:
    """Traits of the newcomers on this flight."""
    rows = items.select({*_NEWCOMER, *READ}).join(newcomers, on=_NEWCOMER, how="semi")
    return traits_of(rows, _NEWCOMER).with_columns(weight=whole("items"))


def _own(here: pl.DataFrame, newcomers: pl.DataFrame, traits: pl.DataFrame) -> pl.DataFrame:
    """Traits of the newcomers, of this flight and of their own few days before."""
    before = traits.join(newcomers.select(_NEWCOMER), on="key_sender", how="inner")
    columns = (*_NEWCOMER, "kind", "trait", "weight")
    both = pl.concat([here.select(columns), before.select(columns)])
    summed = both.group_by(*_NEWCOMER, "kind", "trait").agg(pl.col("weight").sum())
    order = [*_NEWCOMER, "kind", "weight", "trait"]
    most = summed.sort(order, descending=[False, False, False, True, False])
    return most.group_by(*_NEWCOMER, "kind", maintain_order=True).head(MOST_COMPARED)


def _totals(traits: pl.DataFrame) -> pl.DataFrame:
    return traits.group_by("key_sender", "kind").agg(total=pl.col("weight").sum())


def _common(known: pl.DataFrame, totals: pl.DataFrame) -> pl.DataFrame:
    """How common each of the traits is that newcomers show.

    Parameters
    ----------
    known : known senders' weights of these traits.
    totals : of every known sender's traits of a kind.

    Returns
    -------
    `kind`, `trait`, `share_ppm`, the mean share of the trait over all senders of whom the kind is
    known (everyone counts alike, however large), and `senders`, how many have it.
    """
    share = (pl.col("weight") * _PPM / pl.col("total")).round().cast(pl.Int64)
    met = known.join(totals, on=["key_sender", "kind"]).group_by("kind", "trait")
    sums = met.agg(share=share.sum(), senders=pl.len())
    sizes = totals.group_by("kind").agg(of=pl.len().cast(pl.Int64))
    return sums.join(sizes, on="kind").select(
        "kind", "trait", "senders", share_ppm=pl.col("share") / pl.col("of")
    )


def _candidates(
    own: pl.DataFrame,
    known: pl.DataFrame,
    common: pl.DataFrame,
    newcomers: pl.DataFrame,
    seen: pl.DataFrame,
) -> pl.DataFrame:
    """Pairs of a newcomer and an older sender that share something rare."""
    rarity = _milli_log(_PPM / pl.col("share_ppm").clip(1.0))
    few = common.filter(pl.col("senders") <= RARE_SENDERS)
    rare = known.join(few.select("kind", "trait", rarity=rarity), on=["kind", "trait"])
    met = own.join(rare.select("kind", "trait", "rarity", kin="key_sender"), on=["kind", "trait"])
    best = met.group_by(*_PAIR, "kind").agg(pl.col("rarity").max())
    pairs = best.group_by(_PAIR).agg(pl.col("rarity").sum())
    older = seen.select("last_on", "presence", kin="key_sender", kin_first="first_on")
    pairs = pairs.join(newcomers, on=_NEWCOMER).join(older, on="kin")
    pairs = pairs.filter(
        (pl.col("kin_first") < pl.col("since")) & (pl.col("kin") != pl.col("key_sender"))
    ).sort(*_NEWCOMER, "rarity", "kin", descending=[False, False, True, False])
    return pairs.group_by(_NEWCOMER, maintain_order=True).head(MOST_CANDIDATES)


def _milli_log(ratio: pl.Expr) -> pl.Expr:
    return (ratio.log() * 1000).round().cast(pl.Int64)


def _ratios(
    pairs: pl.DataFrame, own: pl.DataFrame, known: pl.DataFrame, totals: pl.DataFrame
) -> pl.DataFrame:
    """Log ratios of each pair by kind of trait, summed: `ratio`, and by subject for sentences."""
    kinds = pl.DataFrame(
        {"kind": range(len(KINDS)), "redrawn": [kind.redrawn for kind in KINDS],
         "most": [kind.weight for kind in KINDS]},
        schema_overrides={"kind": pl.UInt8},
    )  # fmt: skip
    sizes = totals.group_by("kind").agg(unseen_ppm=pl.lit(0.5 * _PPM) / pl.len())
    own = own.join(sizes, on="kind").join(kinds, on="kind")
    theirs = known.join(pairs.select(key_sender="kin"), on="key_sender", how="semi").select(
        "kind", "trait", kin="key_sender", theirs="weight"
    )
    rows = pairs.select(_PAIR).join(own, on=_NEWCOMER)
    rows = rows.join(totals.rename({"key_sender": "kin"}), on=["kin", "kind"])
    rows = rows.join(theirs, on=["kin", "kind", "trait"], how="left")
    everybody = pl.coalesce("share_ppm", "unseen_ppm").clip(1.0) * (1 / _PPM)
    little = OWN_ITEMS * UNIT
    fading = (pl.col("theirs").fill_null(0) + everybody * little) / (pl.col("total") + little)
    ratio = (1 - pl.col("redrawn")) * fading / everybody + pl.col("redrawn")
    by_kind = rows.with_columns(told=_milli_log(ratio) * pl.col("weight")).group_by(*_PAIR, "kind")
    told = by_kind.agg(
        pl.col("told").sum() // pl.col("weight").sum(),
        most=pl.min_horizontal(pl.len().cast(pl.Float64), pl.col("most").first()),
    ).with_columns(told=(pl.col("told") * pl.col("most")).round().cast(pl.Int64))
    return told.group_by(_PAIR).agg(
        ratio=pl.col("told").sum(),
        kin_street=_of(STREET_KINDS),
        kin_goods=_of(GOODS_KINDS),
        kin_papers=_of(PAPER_KINDS),
    )


def _of(names: tuple[str, ...]) -> pl.Expr:
    places = [at for at, kind in enumerate(KINDS) if kind.name in names]
    return pl.col("told").filter(pl.col("kind").is_in(places)).sum()


def _confident(pairs: pl.DataFrame, senders: int) -> pl.DataFrame:
    """Turn log ratios into probabilities that leave room for none of the candidates."""
    gap = (pl.col("since") - pl.col("last_on")).dt.total_days() - 1
    still = (1 - pl.col("presence")).pow(gap.clip(0))
    silence = (1 - STOPPED_SHARE) / (STOPPED_SHARE + (1 - STOPPED_SHARE) * still)
    time = pl.when(gap < 0).then(pl.lit(PARALLEL)).otherwise(silence)
    prior = RETURNING_SHARE / (1 - RETURNING_SHARE) / max(senders, 1)
    total = (pl.col("ratio") * DEPENDENCE).round().cast(pl.Int64) + _milli_log(time * prior)
    odds = ((total.clip(-14_000, 14_000) * (1 / 1000)).exp() * _PPM).round().cast(pl.Int64)
    together = pl.col("odds").sum().over(_NEWCOMER)
    return (
        pairs.with_columns(kin_gap_days=gap, odds=odds)
        .with_columns(
            link_confidence=pl.col("odds") / (together + _PPM),
            kin_confidence=together / (together + _PPM),
        )
        .filter(pl.col("link_confidence") >= FEWEST_SHOWN)
        .sort(*_NEWCOMER, "odds", "kin", descending=[False, False, True, False])
        .select(*_PAIR, "link_confidence", "kin_confidence", "kin_gap_days", "kin_street",
                "kin_goods", "kin_papers")
    )  # fmt: skip


def with_kin(
    table: pl.DataFrame,
    items: pl.DataFrame,
    profiles: dict[str, DecayedTable],
    known: pl.DataFrame,
    day: date,
) -> pl.DataFrame:
    """Add to each consignment whom its sender may have been before, and how that one fared.

    Parameters
    ----------
    table : one row a consignment, with `flight_index` and `key_sender`.
    items : prepared items of the flights of one day.
    profiles : as of a day before.
    known : the ledger as known on the day (`features.ledger.known_on`).
    day : the day.

    Returns
    -------
    The rows with the columns of the surest link of `kin_of`, null for senders without, and
    `kin_controls`, `kin_irregular`: weights of the past controls of all possible kin, each in
    proportion to the confidence in its link; `kin_own_controls`, `kin_own_irregular`: those of the
    surest alone, in full; `kin_shared`, what the two have in common, in words.
    """
    kin = kin_of(items, profiles, day)
    sums = sums_by(known, "key_sender").rename({"key_sender": "kin"})
    joined = kin.join(sums, on="kin", how="left", maintain_order="left").with_columns(
        pl.col("controls", "irregular").fill_null(0.0)
    )
    shared = joined.with_columns(
        (pl.col(name) * pl.col("link_confidence") * UNIT).round().cast(pl.Int64).alias(f"_{name}")
        for name in ("controls", "irregular")
    )
    first = shared.group_by(_NEWCOMER, maintain_order=True).agg(
        pl.col("kin", "kin_confidence", "kin_gap_days", "kin_street", "kin_goods", "kin_papers")
        .first(),
        kin_own_controls=pl.col("controls").first(),
        kin_own_irregular=pl.col("irregular").first(),
        kin_controls=pl.col("_controls").sum() * (1 / UNIT),
        kin_irregular=pl.col("_irregular").sum() * (1 / UNIT),
    )  # fmt: skip
    first = first.with_columns(kin_shared=_in_words())
    return table.join(first, on=_NEWCOMER, how="left", maintain_order="left")


def _in_words() -> pl.Expr:
    """What a newcomer and its surest kin have in common, for a sentence."""
    parts = {"kin_street": "same street", "kin_goods": "same goods and words",
             "kin_papers": "same broker, IOSS number or bags"}  # fmt: skip
    told = [pl.when(pl.col(name) >= TOLD_RATIO).then(pl.lit(text)) for name, text in parts.items()]
    several = pl.concat_str(told, separator=", ", ignore_nulls=True)
    return pl.when(several != "").then(several).otherwise(pl.lit("many small habits in common"))
