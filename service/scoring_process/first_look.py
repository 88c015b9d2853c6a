"""A first look at consignments that come as messages: risks and reasons, many messages at once.

A message of one consignment, as most are, is looked at alone (`service.scoring_process.alone`), in
about a millisecond. What cannot be is scored in frames, which costs half a second whatever the
number of rows, so that what waits is scored together. No message may see another: each gets a
flight of its own for the length of the call, for nothing is compared across flights.

A lone parcel has no flight to stand out from. Its reasons compare it with the largest flight of the
last day before, and say so.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from engine.declaration import CONSIGNMENT, KEY
from features.catalogue import fingerprint
from features.history import History
from features.one_day import seen_on
from features.past_rates import Controls
from models.explanation import Population, told_reasons
from models.scorer import ScoredFlights, Scorer
from service.archive import Known, empty_ledger, known_before, past_mark
from service.home import Home
from service.issued import PostScore
from service.scoring import InForce, scored
from service.scoring_process.alone import Alone, alone_of
from service.store import DECLARATION_SCHEMA, Store

Rows = Sequence[dict[str, Any]]
"""Canonical rows of one message; instants as microseconds, dates as text."""

TOLD_RISKS = ("risk", "risk_fiscal", "risk_goods", "expected_revenue_eur")
"""What a first look tells beside the reasons."""

MARK = "\x1f"
"""Between a flight's number and that of its message; no text of a declaration holds it."""

_fingerprint = cache(fingerprint)
"""Of this program's own code: read from its files once."""

KEPT_DAYS = 4
"""Days of arrival whose past is kept in memory (estimate: yesterday, today, tomorrow, one late)."""

FEWEST_TO_COMPARE, MOST_TO_COMPARE = 50, 10_000
"""Consignments that the flight compared with must have, and may have; of a larger one so many are
taken (estimates: ranks in percent need a hundred, and a large flight takes a minute)."""


@dataclass(frozen=True)
class Setting:
    """What the messages for one day are seen with.

    Attributes
    ----------
    known : the past.
    history, controls : the same, worked out for the day.
    usual : a usual flight to compare with; None: there is none.
    usual_name : its number and date.
    alone : looks at one consignment without a frame; None: that is not possible.
    """

    known: Known
    history: History
    controls: Controls
    usual: Population | None
    usual_name: str
    alone: Alone | None = None


class FirstLooks:
    """Scores messages.

    Parameters
    ----------
    home, store : the state.
    model : gives the model in force.
    """

    def __init__(self, home: Home, store: Store, model: Callable[[], InForce]) -> None:
        self._home = home
        self._store = store
        self._model = model
        self._settings: OrderedDict[tuple[str, date], Setting] = OrderedDict()
        self._pen = threading.Lock()

    def look(self, messages: Sequence[Rows]) -> list[list[PostScore]]:
        """Risks and reasons of each message, as if it had come alone.

        Returns
        -------
        For each message one entry a consignment, in the order of its key.
        """
        model = self._model()
        alone = [self._looked_alone(model, rows) for rows in messages]
        rest = [at for at, one in enumerate(alone) if one is None]
        others = iter(self.look_together([messages[at] for at in rest]) if rest else [])
        return [next(others) if one is None else [one] for one in alone]

    def look_together(self, messages: Sequence[Rows]) -> list[list[PostScore]]:
        """The same, in frames, whatever the messages hold."""
        model = self._model()
        told: list[list[PostScore]] = [[] for _ in messages]
        for together in _rounds(messages):
            for items in _tables(messages, together).partition_by("flight_date"):
                for flight, score in self._of_a_day(model, items):
                    number, at = _parted(flight) if len(together) > 1 else (flight, together[0])
                    told[at].append(replace(score, flight_number=number))
        return [sorted(some, key=lambda one: (one.flight_number, one.flight_date, one.hawb))
                for some in told]  # fmt: skip

    def _looked_alone(self, model: InForce, rows: Rows) -> PostScore | None:
        """The score of a message of one consignment; None where it is not one, or not possible."""
        if len({(row["flight_number"], row["flight_date"], row["hawb"]) for row in rows}) != 1:
            return None
        setting = self._setting(model, date.fromisoformat(rows[0]["flight_date"]))
        if setting.alone is None:
            return None
        found = setting.alone.look(rows)
        if found is None:
            return None
        row = rows[0] | {"flight_date": setting.alone.day} | found.risks
        sentences = [_of_a_message(one.sentence, setting.usual_name) for one in found.reasons]
        return _post_score(model, row, sentences)

    def prepare(self, model: InForce, day: date) -> None:
        """Have ready what a day is seen with, and look whether it still holds."""
        key = (model.base_id, day)
        made = self._made(model, day, self._settings.get(key))
        with self._pen:
            self._settings[key] = made
            self._settings.move_to_end(key)
            while len(self._settings) > KEPT_DAYS:
                self._settings.popitem(last=False)

    def refresh(self, model: InForce) -> bool:
        """Look again at all that is kept: late rows and outcomes may have come.

        Returns
        -------
        Whether anything was made anew.
        """
        before = list(self._settings.values())
        for base_id, day in list(self._settings):
            if base_id == model.base_id:
                self.prepare(model, day)
            else:
                self._settings.pop((base_id, day), None)
        return any(all(one is not old for old in before) for one in list(self._settings.values()))

    def _setting(self, model: InForce, day: date) -> Setting:
        key = (model.base_id, day)
        if key not in self._settings:
            self.prepare(model, day)
        return self._settings[key]

    def _made(self, model: InForce, day: date, before: Setting | None) -> Setting:
        known = self._known(model, day, None if before is None else before.known)
        if before is not None and known is before.known:
            return before
        if before is not None:  # yesterday's flight is as good as it was
            usual, name = before.usual, before.usual_name
        else:
            usual, name = self._usual_flight(model, known, day)
        made = Setting(
            known, seen_on(known.history, day), Controls.of(known.ledger, day), usual, name
        )
        alone = alone_of(model, made.history, made.controls, usual, day)
        return replace(made, alone=alone)

    def _known(self, model: InForce, day: date, before: Known | None) -> Known:
        """The past of a day; none for days that the model's own past includes already, because a
        past rolled anew takes a minute, which a first look is not worth.
        """
        base = model.history
        if base.as_of is None or day > base.as_of:
            return known_before(
                self._home, self._store, base, model.base_id, model.ledger, day, before=before
            )
        ledger = empty_ledger()
        mark = past_mark(self._store, History.empty(), "none", ledger, day)
        return Known(History.empty(), ledger, "", mark)

    def _usual_flight(
        self, model: InForce, known: Known, day: date
    ) -> tuple[Population | None, str]:
        """Features of a large flight of the last day before, as if it came on the day asked for:
        whatever day the model's own past ends on, what it is compared with is seen alike.
        """
        days = [one for one in self._store.days() if one < day]
        if not days:
            return None, ""
        last = days[-1]
        flights = self._store.flights(last).sort("consignment_count", "flight_number")
        fitting = flights.filter(pl.col("consignment_count") <= MOST_TO_COMPARE)
        number, count = (
            flights.head(1) if fitting.is_empty() else fitting.tail(1)
        ).select("flight_number", "consignment_count").row(0)  # fmt: skip
        if count < FEWEST_TO_COMPARE:
            return None, ""
        items = self._store.flight(number, last)
        part = -(-count // MOST_TO_COMPARE)
        items = items.filter(pl.col("hawb").hash(seed=0) % part == 0)
        items = items.with_columns(pl.col("flight_date", "lodged_at") + (day - last))
        features = scored(model, known, items).flights.features
        return Population.of(features), f"{number} of {last}"

    def _of_a_day(self, model: InForce, items: pl.DataFrame) -> Iterator[tuple[str, PostScore]]:
        """Scores of some messages for one day, each with the name of its flight."""
        setting = self._setting(model, items["flight_date"][0])
        flights = Scorer(model.promises).score_day(items, setting.history, setting.controls)
        sentences = _sentences(model, flights, setting)
        rows = flights.risks.select(*CONSIGNMENT, *TOLD_RISKS).iter_rows(named=True)
        for row, why in zip(rows, sentences, strict=True):
            yield row["flight_number"], _post_score(model, row, why)


def post_score_frame(score: PostScore) -> dict[str, Any]:
    """A score as it travels."""
    return asdict(score)


def _post_score(model: InForce, row: Mapping[str, Any], reasons: list[str]) -> PostScore:
    """A score: `row` holds the key of the consignment and its risks."""
    return PostScore(
        **{name: row[name] for name in (*CONSIGNMENT, *TOLD_RISKS)}, reasons=reasons,
        model_version=model.version, feature_fingerprint=_fingerprint(),
        is_degraded=model.is_degraded,
    )  # fmt: skip


def _sentences(model: InForce, flights: ScoredFlights, setting: Setting) -> list[list[str]]:
    rows = list(range(flights.risks.height))
    found = told_reasons(model.promises.model, flights, rows, setting.usual)
    return [[_of_a_message(one.sentence, setting.usual_name) for one in some] for some in found]


def _of_a_message(sentence: str, usual_name: str) -> str:
    """A sentence about a flight as one about a message, compared with a flight that is named."""
    if usual_name:
        sentence = sentence.replace("% of this flight", f"% of flight {usual_name}")
    for words in ("on this flight", "of this flight", "on the flight"):
        sentence = sentence.replace(words, "in this message")
    return sentence


def _tables(messages: Sequence[Rows], wanted: Sequence[int]) -> pl.DataFrame:
    """The rows of some messages as canonical items, each message's flights by a name of its own."""
    rows = [
        row | {"flight_number": f"{row['flight_number']}{MARK}{at}"} if len(wanted) > 1 else row
        for at in wanted
        for row in messages[at]
    ]
    schema = dict(DECLARATION_SCHEMA) | {"flight_date": pl.String(), "lodged_at": pl.Int64()}
    table = pl.DataFrame(rows, schema=schema).with_columns(
        pl.col("flight_date").str.to_date(),
        pl.col("lodged_at").cast(DECLARATION_SCHEMA["lodged_at"]),
    )
    # Of versions of a row in one message the later lodged one is in force.
    table = table.sort(*KEY, "lodged_at", maintain_order=True)
    return table.unique(KEY, keep="last", maintain_order=True)


def _parted(flight: str) -> tuple[str, int]:
    """A flight's own number, and its message."""
    number, _, at = flight.rpartition(MARK)
    return number, int(at)


def _rounds(messages: Sequence[Rows]) -> list[list[int]]:
    """Messages that may be scored together: all, but for those that cannot be renamed (a mark in a
    flight's number, or a number of one letter: the carrier is read off the first two).
    """
    alone: list[int] = []
    together: list[int] = []
    for at, rows in enumerate(messages):
        numbers = {row["flight_number"] for row in rows}
        is_odd = any(len(number) < 2 or MARK in number for number in numbers)
        (alone if is_odd else together).append(at)
    return [some for some in (together, *([at] for at in alone)) if some]
