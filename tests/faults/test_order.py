"""R9: late and out-of-order messages and files come to the same state as in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count as counted
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from service.home import Home
from service.storage.database import Database
from service.storage.messages import keep_declarations, keep_outcomes
from service.store import OUTCOME_SCHEMA, Store
from tests.faults.counts import count, figure
from tests.service.rows import canonical, outcomes, table

SEQUENCES = count(100, 5)
STEPS = 8
FIRST = date(2026, 3, 2)
HAWBS = st.sampled_from(["A", "B", "C"])


class InAnyOrder(RuleBasedStateMachine):
    """What happened has its own order; what is received comes in another one, either way."""

    database: Database
    store: Store
    numbers = counted(1)

    def __init__(self) -> None:
        super().__init__()
        # A day each, so that sequences do not see one another.
        self.day = FIRST + timedelta(days=2 * next(self.numbers))
        self.instants: set[int] = set()
        self.declared: list[tuple[int, dict[str, Any]]] = []
        self.found: list[tuple[int, dict[str, Any]]] = []

    def _instant(self, minute: int) -> int:
        while minute in self.instants:
            minute += 1
        self.instants.add(minute)
        return minute

    @rule(hawb=HAWBS, minute=st.integers(0, 900), value=st.integers(1, 9), as_file=st.booleans())
    def declare(self, hawb: str, minute: int, value: int, as_file: bool) -> None:
        minute = self._instant(minute)
        row = {"hawb": hawb, "value": value, "lodged": minute}
        self.declared.append((minute, row))
        self._receive(row, self.day, as_file)

    @rule(hawb=HAWBS, minute=st.integers(0, 900), code=st.sampled_from(["A1", "B1"]),
          as_file=st.booleans())  # fmt: skip
    def result(self, hawb: str, minute: int, code: str, as_file: bool) -> None:
        minute = self._instant(minute)
        row = {"hawb": hawb, "code": code, "recorded": minute}
        self.found.append((minute, row))
        self._hear(row, self.day, as_file)

    def _receive(self, told: dict[str, Any], day: date, as_file: bool) -> None:
        at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        rows = canonical(table(1, hawb=told["hawb"], flight_date=str(day),
                               intrinsic_value=float(told["value"])))  # fmt: skip
        rows = rows.with_columns(
            lodged_at=pl.lit(at + timedelta(minutes=told["lodged"])).cast(rows["lodged_at"].dtype)
        )
        if as_file:
            self.store.add_declarations(rows)
            return
        with self.database.writing() as connection:
            keep_declarations(connection, rows.drop("row_number", strict=False).to_dicts(),
                              source="a test", at=datetime.now(UTC))  # fmt: skip

    def _hear(self, told: dict[str, Any], day: date, as_file: bool) -> None:
        at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        recorded = at + timedelta(minutes=told["recorded"])
        rows = outcomes(1, control_id=f"{told['hawb']}-{day}", hawb=told["hawb"],
                        flight_date=day, result_code=told["code"], controlled_at=at,
                        recorded_at=recorded)  # fmt: skip
        rows = rows.with_columns(
            pl.lit(None).alias(name) for name in OUTCOME_SCHEMA if name not in rows.columns
        ).select(pl.col(name).cast(kind) for name, kind in OUTCOME_SCHEMA.items())
        if as_file:
            self.store.add_outcomes(rows)
            return
        with self.database.writing() as connection:
            keep_outcomes(connection, rows.to_dicts(), source="a test", at=datetime.now(UTC))

    def teardown(self) -> None:
        """The same in the order in which it happened, on the next day: both days look alike."""
        other = self.day + timedelta(days=1)
        for _, row in sorted(self.declared, key=lambda one: one[0]):
            self._receive(row, other, as_file=False)
        for _, row in sorted(self.found, key=lambda one: one[0]):
            self._hear(row, other, as_file=False)
        assert self._declarations(self.day) == self._declarations(other)
        assert self._results(self.day) == self._results(other)

    def _declarations(self, day: date) -> list[tuple[Any, ...]]:
        rows = self.store.flight("XY123", day).sort("hawb")
        since = pl.col("lodged_at") - pl.lit(day).cast(rows["lodged_at"].dtype)
        return rows.select("hawb", "value_cents", since).rows()

    def _results(self, day: date) -> list[tuple[Any, ...]]:
        rows = self.store.outcomes().filter(pl.col("flight_date") == day)
        since = pl.col("recorded_at") - pl.lit(day).cast(rows["recorded_at"].dtype)
        return rows.select("hawb", "result_code", since).sort("hawb", "recorded_at").rows()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[type[InAnyOrder]]:
    opened = Database.open(None, tmp_path)
    kept = Store(Home(tmp_path), opened)

    class OnAStore(InAnyOrder):
        database = opened
        store = kept

    yield OnAStore
    assert opened.verify_audit().is_whole
    opened.close()


def test_any_order_comes_to_the_same_state(machine: type[InAnyOrder]) -> None:
    run_state_machine_as_test(machine, settings=settings(
        max_examples=SEQUENCES, stateful_step_count=STEPS, deadline=None,
        suppress_health_check=list(HealthCheck), derandomize=True, database=None,
    ))  # fmt: skip
    figure("R9", f"{SEQUENCES} sequences of up to {STEPS} declarations, amendments and results, as "
           "messages and files, late and in any order: the same view as in order")  # fmt: skip
