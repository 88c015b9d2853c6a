"""From a manifest to the inspection list: receive, score the flights, select, explain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import polars as pl

from engine.budget import Budget
from engine.caps import NO_CAPS, PARTY_COLUMNS, Caps
from engine.declaration import FLIGHT, KEY
from engine.draw import RANDOM_SHARE
from engine.errors import InputError, SettingError
from engine.harm import HARM_WEIGHT, HARMS_EUR, expected_harm, expected_yield
from engine.intake import in_order, latest_only
from engine.policies import policy_named
from engine.ranking import rank
from engine.selection import MANDATORY, Selection, check_caps, check_mandatory, select
from engine.times import DEFAULT_TIMES, InspectionTimes, parcel_minutes
from service.composition import open_door
from service.console import Done
from service.home import Home
from service.list_file import inspection_list
from service.receipts import Receipt
from service.reception import Account, Reception, receive_all
from service.store import DECLARATION_SCHEMA, Store, end_of, was_lodged_before

DEFAULT_POLICY = "balanced"
"""Fills the budget if nobody asks for another (decision 0007)."""

SHOWN_DAYS = 6
"""Days of arrival named when a manifest holds several (estimate)."""


class Scored(Protocol):
    """Consignments with their risks; what `service.scoring` makes."""

    @property
    def consignments(self) -> pl.DataFrame:
        """One row a consignment."""

    @property
    def version(self) -> str:
        """What scored, such as `3 (gradient_boosting)`."""

    @property
    def is_degraded(self) -> bool:
        """Whether rules rank, for want of a usable model."""

    @property
    def note(self) -> str:
        """Why there is none, and the way out; empty where a model ranks."""

    @property
    def past_note(self) -> str:
        """Why nothing is known of the past; empty where something is."""

    def reasons(self, chosen: pl.DataFrame) -> list[list[str]]:
        """Sentences an officer can check, in the order of `chosen`."""


@dataclass(frozen=True)
class Wish:
    """What the user asks of a list.

    Attributes
    ----------
    budget : controls or officer minutes.
    policy : name of the policy that fills the budget.
    random_share : share of the budget drawn at random, 0 to 1.
    harm_weight : euros of revenue that a euro of expected harm is worth.
    as_of : day the list is made as of; None: the day of arrival.
    times : what the steps of an inspection take.
    caps : at most so many of one ULD, shipper or broker.
    mandatory : house waybills that must be on the list.
    proves : whether the choice is to be proven the best there is.
    harms_eur : harm of one irregularity of each finding type, EUR.

    Raises
    ------
    SettingError
        There is no such policy, a number makes no sense, or a proof is asked of a policy that
        maximises nothing.
    """

    budget: Budget
    policy: str = DEFAULT_POLICY
    random_share: float = RANDOM_SHARE
    harm_weight: float = HARM_WEIGHT
    as_of: date | None = None
    times: InspectionTimes = DEFAULT_TIMES
    caps: Caps = NO_CAPS
    mandatory: frozenset[str] = frozenset()
    proves: bool = False
    harms_eur: Mapping[str, float] = field(default_factory=lambda: HARMS_EUR)

    def __post_init__(self) -> None:
        policy = policy_named(self.policy)
        if self.proves and policy.objective is None:
            raise SettingError(
                f"The policy {self.policy} maximises nothing, so nothing can be proven of it.",
                "Leave --prove out, or choose --policy expected_yield.",
            )
        check_caps(policy, self.caps)
        expected_yield(self.harm_weight)
        if not 0 <= self.random_share <= 1:
            raise SettingError(
                f"The random share is {self.random_share}; it is a share of the budget.",
                "Give 0 to 1.",
            )


@dataclass(frozen=True)
class Inspection:
    """The list, and all that it was chosen from.

    Attributes
    ----------
    rows : the inspection list (contract section 3).
    scores : every consignment with its risks, highest first.
    selection : how the list came about.
    wish : what was asked.
    version : what scored.
    is_degraded : whether rules ranked, for want of a model.
    note : why there was none, and the way out.
    past_note : why nothing was known of the past, where that was so.
    """

    rows: pl.DataFrame
    scores: pl.DataFrame
    selection: Selection
    wish: Wish
    version: str
    is_degraded: bool
    note: str
    past_note: str


def receive_manifest(
    home: Home,
    store: Store,
    paths: Iterable[Path],
    *,
    keeps: bool,
    as_of: date | None = None,
    done: Done | None = None,
) -> tuple[Account, pl.DataFrame]:
    """Receive the files of a manifest; keep them unless asked not to.

    Parameters
    ----------
    keeps : whether the rows become part of the state.
    as_of : what was lodged after this day is neither kept nor listed; None: everything counts.
    done : told after each file.

    Returns
    -------
    The account of the rows, and everything received so far for the flights they name.

    Raises
    ------
    InputError
        A file cannot be used as a whole, the files hold several days, or nothing was lodged yet.
    """
    account, receptions = Account(), []
    for received in receive_all(paths, open_door(home, keeps=keeps), done):
        if not isinstance(received, Reception):
            raise received
        account.add(received, Receipt())
        receptions.append(received)
    _check_one_day(receptions)
    rows = in_order(pl.concat(part.rows.select(DECLARATION_SCHEMA.keys()) for part in receptions))
    before = None if as_of is None else end_of(as_of)
    if before is not None:
        known = rows.filter(was_lodged_before(before))
        account.left_out_count = rows.height - known.height
        if rows.height and known.is_empty():
            raise InputError(
                f"Every row of the manifest was lodged after {as_of}.", "Give a later --date."
            )
        rows = known
    if keeps and rows.height:
        account.receipt = store.add_declarations(rows)
    items = _of_these_flights(store, rows, before, are_kept=keeps)
    account.add_remarks(items)
    return account, items


def _of_these_flights(
    store: Store, rows: pl.DataFrame, before: datetime | None, *, are_kept: bool
) -> pl.DataFrame:
    """Everything received for the flights that the rows name."""
    flights = rows.select(FLIGHT).unique().sort(FLIGHT)
    received = (
        store.flight(number, day, lodged_before=before) for number, day in flights.iter_rows()
    )
    items = pl.concat([rows.clear(), *received])
    if are_kept:
        return items
    # As the store would have it: of two lodged at one instant the one received later stands.
    if items.is_empty():
        return latest_only(rows)
    both = pl.concat([items, rows]).sort(*KEY, "lodged_at", maintain_order=True)
    return both.unique(KEY, keep="last", maintain_order=True)


def inspect(
    items: pl.DataFrame, wish: Wish, score: Callable[[pl.DataFrame], Scored], key: bytes
) -> Inspection:
    """Make the list of the flights that the items belong to.

    Parameters
    ----------
    items : everything received for these flights.
    wish : what the user asks.
    score : gives consignments their risks.
    key : secret of the installation, for the draw and for ties.
    """
    check_mandatory(items["hawb"], wish.mandatory)
    scored = score(items)
    consignments = weighed(scored.consignments, wish)
    selection = select(
        consignments,
        wish.budget,
        policy_named(wish.policy),
        random_share=wish.random_share,
        key=key,
        chosen_by="rule" if scored.is_degraded else "model",
        times=wish.times,
        caps=wish.caps,
        mandatory=wish.mandatory,
        proves=wish.proves,
    )
    reasons = _reasons(selection, scored.reasons(selection.chosen))
    return Inspection(
        inspection_list(selection.chosen, reasons),
        ranked(consignments, key),
        selection,
        wish,
        scored.version,
        scored.is_degraded,
        scored.note,
        scored.past_note,
    )


def weighed(consignments: pl.DataFrame, wish: Wish) -> pl.DataFrame:
    """Scored consignments with what a control of each takes and is worth, as the wish has it."""
    if wish.harms_eur != HARMS_EUR:
        consignments = consignments.with_columns(expected_harm(wish.harms_eur))
    return consignments.with_columns(parcel_minutes(wish.times), expected_yield(wish.harm_weight))


def ranked(consignments: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """Weighed consignments as they are told: the highest risk first, without their parties."""
    return rank(consignments.drop(PARTY_COLUMNS, strict=False), key=key)


def _reasons(selection: Selection, found: list[list[str]]) -> list[list[str]]:
    """Why it was chosen first where that is not its risk, then what was found about it."""
    told = []
    chosen = selection.chosen.select("selected_by", "why")
    for (selected_by, why), sentences in zip(chosen.iter_rows(), found, strict=True):
        if selected_by == "random" or why == MANDATORY:
            told.append([why, *sentences])
        elif sentences and selection.policy_name in {"top_risk", "balanced"}:
            told.append(sentences)
        else:
            told.append([*sentences, why])
    return told


def _check_one_day(receptions: list[Reception]) -> None:
    rows = pl.concat(
        part.rows.select("flight_date", "row_number", "hawb", file=pl.lit(str(part.path)))
        for part in receptions
    )
    days = rows.group_by("flight_date").len("count").sort("count", "flight_date")
    if days.height > 1:
        told = [f"{day} ({_rows(count)})" for day, count in days.reverse().iter_rows()]
        more = f" and {len(told) - SHOWN_DAYS} more" if len(told) > SHOWN_DAYS else ""
        rarest = rows.filter(flight_date=days["flight_date"][0])
        day, number, hawb, file = rarest.sort("file", "row_number").row(0)
        raise InputError(
            f"The manifest holds flights of {days.height} days: {', '.join(told[:SHOWN_DAYS])}"
            f"{more}; the first row of {day} is row {number} of {file} ({hawb}). A list is made "
            "for the flights of one day.",
            "Correct the date, or give each day's file by itself and earlier days to "
            "`triage ingest`.",
        )


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
