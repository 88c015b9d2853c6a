"""Examples: features of the day paired with labels known at the cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from engine.declaration import CONSIGNMENT
from engine.errors import StateError
from models.examples import Seen, after, examples_of, labels_known, start_of, walk
from models.risk_model import REVENUE_CAP_EUR, Examples
from models.training import reality
from tests.models.learning import known_by
from tests.worlds import Archive


def test_features_and_labels_are_of_the_same_consignments(examples: Examples) -> None:
    assert examples.features.select(CONSIGNMENT).equals(examples.labels.select(CONSIGNMENT))
    assert len(examples) == examples.features.height > 200


def test_only_what_was_recorded_by_the_cut_is_known(archive: Archive, walked: Seen) -> None:
    cut = archive.days()[8]
    known = labels_known(archive.outcomes, before=after(cut))
    assert (known["recorded_at"] < after(cut)).all()
    assert len(known_by(archive, walked, archive.days()[4])) < known.height


def test_a_parcel_that_had_gone_is_no_example(archive: Archive, examples: Examples) -> None:
    gone = archive.outcomes.filter(~pl.col("presented"))
    assert gone.height > 0
    assert examples.labels.join(gone, on=CONSIGNMENT, how="semi").is_empty()


def test_several_controls_of_a_consignment_are_one_example(archive: Archive) -> None:
    one = archive.outcomes.filter(pl.col("result_code") == "B1", pl.col("presented")).head(1)
    clean = one.with_columns(
        control_id=pl.lit("again"),
        result_code=pl.lit("A1"),
        finding_types=pl.lit(None, pl.String),
        revenue_recovered_eur=pl.lit(7.0),
    )
    both = labels_known(pl.concat([one, clean]), before=start_of(date(2030, 1, 1)))
    assert both["is_irregular"].to_list() == [True]
    paid = one["revenue_recovered_eur"].fill_null(0.0).item()
    assert both["recovered_eur"].item() == pytest.approx(paid + 7.0)


@pytest.mark.parametrize("probability", [0.02, None])
def test_the_random_control_alone_says_how_likely_it_was(
    archive: Archive, probability: float | None
) -> None:
    one = archive.outcomes.filter(pl.col("presented")).head(1)
    drawn = one.with_columns(
        selected_by=pl.lit("random"), selection_probability=pl.lit(probability, pl.Float64)
    )
    chosen = one.with_columns(
        control_id=pl.lit("again"), selected_by=pl.lit("model"), selection_probability=pl.lit(0.9)
    )
    both = labels_known(pl.concat([drawn, chosen]), before=start_of(date(2030, 1, 1)))
    assert both["is_random"].item()
    assert both["selection_probability"].item() == probability
    assert reality(both)["is_random_control"].item() == (probability is not None)


def test_pairing_leaves_out_what_has_no_partner(examples: Examples) -> None:
    half = examples.features.head(len(examples) // 2).reverse()
    paired = examples_of(half, examples.labels)
    assert paired.features.select(CONSIGNMENT).equals(
        examples.features.head(half.height).select(CONSIGNMENT)
    )


def test_labels_weights_and_money_are_in_range(examples: Examples) -> None:
    assert set(examples.label("any")) == {0.0, 1.0}
    assert (examples.label("any") >= examples.label("goods")).all()
    assert 0 < examples.weight().min() <= examples.weight().max() == 1
    assert 0 <= examples.revenue().min() < examples.revenue().max() <= REVENUE_CAP_EUR


def test_a_walk_without_declarations_is_refused(archive: Archive) -> None:
    with pytest.raises(StateError, match="no declarations"):
        walk(replace(archive, items={}), archive.outcomes)
    with pytest.raises(StateError, match="no declarations"):
        walk(archive, archive.outcomes, until=date(2020, 1, 1))


def test_a_walk_without_outcomes_is_refused(archive: Archive) -> None:
    with pytest.raises(StateError, match="None of the outcomes"):
        walk(archive.until(archive.days()[1]), archive.outcomes.clear())


def test_a_walk_tells_its_progress_and_counts(archive: Archive) -> None:
    told: list[tuple[int, int]] = []
    two = archive.until(archive.days()[1])
    seen = walk(two, archive.outcomes, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
    assert seen.item_count == sum(rows.height for rows in two.items.values())
    assert seen.history.as_of == two.days()[-1]


class ByFlight(Archive):
    """An archive whose days are too large to be held."""

    def parts(self, day: date) -> Iterator[pl.DataFrame]:
        yield from self.items[day].partition_by("flight_number", maintain_order=True)


def test_days_in_parts_are_seen_as_days_at_once(archive: Archive) -> None:
    few = archive.until(archive.days()[5])
    at_once = walk(few, few.outcomes, snapshot_on=few.days()[4])
    in_parts = walk(ByFlight(**vars(few)), few.outcomes, snapshot_on=few.days()[4])
    assert max(len(rows["flight_number"].unique()) for rows in few.items.values()) > 1
    assert_frame_equal(at_once.features, in_parts.features, check_exact=True)
    assert_frame_equal(at_once.background, in_parts.background, check_exact=True)
    assert_frame_equal(at_once.ledger, in_parts.ledger, check_exact=True)
    assert at_once.digests == in_parts.digests
    for name, table in at_once.history.tables().items():
        other = in_parts.history.tables()[name]
        assert_frame_equal(
            table.rows.sort(table.keys), other.rows.sort(table.keys), check_exact=True
        )
