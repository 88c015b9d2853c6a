"""The decision: which consignments of a flight are opened, within the budget.

Random controls are drawn first, as a simple random sample of all that is offered: how many is fixed
before any risk is looked at, so each consignment's probability of being drawn is exactly
their number over the number of consignments. They are the only honest measure of what the rest
flows past. Mandatory controls come next; then the policy fills the rest of the budget. Bags and
ULDs that the first two open are open for the policy, too.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np
import polars as pl

from engine.account import TimeAccount, time_account
from engine.budget import Budget
from engine.caps import NO_CAPS, Caps
from engine.declaration import CONSIGNMENT, FLIGHT
from engine.draw import RANDOM_SHARE, draw_count, worst_cases
from engine.errors import InputError, MissingColumnsError, SettingError
from engine.ranking import order_hash, rank
from engine.routing.route import Route, best_route
from engine.routing.stops import Mask, Stops
from engine.routing.task import Task, in_order, micro
from engine.times import DEFAULT_TIMES, InspectionTimes

MANDATORY: Final = "a mandatory control, whatever its risk"
"""Why a mandatory control is on the list."""

_ALSO_MANDATORY: Final = "; also a mandatory control"

NUMBER_COLUMNS: Final = (
    "risk",
    "risk_fiscal",
    "risk_goods",
    "expected_revenue_eur",
    "expected_yield",
    "minutes",
)
SCORED_COLUMNS: Final = (*CONSIGNMENT, "uld_id", "bag_id", "mawb", *NUMBER_COLUMNS)
"""What a scored consignment must have; more columns are carried along."""


class Policy(Protocol):
    """How the budget is filled beside the random draw. One file each in `engine.policies`."""

    @property
    def name(self) -> str:
        """The name by which users ask for it."""

    @property
    def objective(self) -> str | None:
        """Column whose sum is to be as large as the budget allows; None: the order is all."""

    @property
    def is_draw(self) -> bool:
        """Whether the whole budget is drawn at random; then the order is not asked for."""

    def order(self, offered: pl.DataFrame) -> pl.DataFrame:
        """The offered consignments, best first.

        They come in the one total order (`engine.ranking`), with ``cost``, what each takes of
        the budget; a policy that sorts stably needs no tie-break of its own.
        """

    def why(self) -> pl.Expr:
        """For each chosen row, a sentence with numbers: why this policy takes it."""


@dataclass(frozen=True)
class Selection:
    """The chosen consignments of a flight, and how they came to be chosen.

    Attributes
    ----------
    chosen
        The columns of the scored frame between ``rank`` (1 is first) and ``selected_by``
        (model, rule or random), ``selection_probability`` in (0, 1], ``why``; in order of rank.
    budget, policy_name
        What was asked.
    offered_count, random_count, mandatory_count
        Consignments on the flight; how many of the chosen were drawn at random; how many are
        there as mandatory controls and were not drawn.
    spent
        What the chosen take of the budget, in its unit, set-up included.
    account
        What their minutes are spent on, whatever the budget counts.
    route
        How good the policy's own part surely is; None if the policy does not maximise anything.
    """

    chosen: pl.DataFrame
    budget: Budget
    policy_name: str
    offered_count: int
    random_count: int
    mandatory_count: int
    spent: float
    account: TimeAccount
    route: Route | None


def select(
    scored: pl.DataFrame,
    budget: Budget,
    policy: Policy,
    *,
    random_share: float = RANDOM_SHARE,
    key: bytes,
    chosen_by: Literal["model", "rule"] = "model",
    times: InspectionTimes = DEFAULT_TIMES,
    caps: Caps = NO_CAPS,
    mandatory: Collection[str] = (),
    proves: bool = False,
) -> Selection:
    """Choose within the budget; the same for the same input, whatever the order of its rows.

    Parameters
    ----------
    scored
        One row a consignment with `SCORED_COLUMNS`; all of one list.
    budget
        Never exceeded, set-up included. If everything fits, everything is chosen.
    policy
        Fills what the random draw and the mandatory controls leave.
    random_share
        Share of the budget to draw at random, 0 to 1.
    key
        Secret of the installation, for the draw and for ties.
    chosen_by
        What made the scores: a trained model, or the rule list.
    times
        What the steps of an inspection take; the parcels' own minutes are in the frame.
    caps
        Bind the policy. Random and mandatory controls count, and stand whatever the cap.
    mandatory
        House waybills that must be on the list.
    proves
        Whether a policy that maximises searches on until its choice is proven the best.

    Raises
    ------
    MissingColumnsError
        A column is absent.
    InputError
        A consignment comes twice, a number is missing or not finite, minutes are not positive, or
        a mandatory waybill is not on the flight.
    SettingError
        The share is not from 0 to 1, the key is empty, caps are given to a policy that draws, or
        the budget is too small for the mandatory controls or for any control.
    """
    _check(scored, random_share, policy, caps)
    offered = rank(scored, key=key).with_columns(budget.cost()).with_row_index("_row")
    task = _task(offered, budget, policy, times, caps)
    is_mandatory = _mandatory(offered, mandatory)
    set_aside = _set_aside(task, is_mandatory, budget)
    _check_budget(task, budget, policy)
    share = 1.0 if policy.is_draw else random_share
    count = draw_count(task.costs, task.stops, budget, share, set_aside)
    draw = order_hash(offered, key, purpose="draw").rank("ordinal")
    is_drawn = (draw <= count).to_numpy()
    taken, route = _fill(offered, task, is_drawn | is_mandatory, policy, proves=proves)
    drawn_why = _draw_reason(count, offered)
    also = pl.when(pl.lit(pl.Series(is_mandatory[is_drawn]))).then(pl.lit(_ALSO_MANDATORY))
    chosen = pl.concat(
        [
            _reasoned(
                offered.filter(is_drawn), "random", _probability(count, offered.height),
                drawn_why + also.otherwise(pl.lit("")),
            ),
            _reasoned(offered.filter(is_mandatory & ~is_drawn), "rule", 1.0, pl.lit(MANDATORY)),
            _reasoned(offered.filter(taken), chosen_by, 1.0, policy.why()),
        ]
    )  # fmt: skip
    ranked = rank(chosen, key=key).drop("cost", "_row").with_row_index("rank", offset=1)
    return Selection(
        chosen=ranked.cast({"rank": pl.Int64}),
        budget=budget,
        policy_name=policy.name,
        offered_count=offered.height,
        random_count=count,
        mandatory_count=int((is_mandatory & ~is_drawn).sum()),
        spent=budget.in_unit(task.cost(is_drawn | is_mandatory | taken)),
        account=time_account(chosen, times),
        route=route,
    )


def _task(
    offered: pl.DataFrame, budget: Budget, policy: Policy, times: InspectionTimes, caps: Caps
) -> Task:
    """Everything offered as a task, before anything is drawn."""
    yields = offered[policy.objective or "expected_yield"].cast(pl.Float64)
    return Task(
        values=micro(yields.to_numpy()),
        costs=offered["cost"].to_numpy(),
        stops=Stops.of(offered, times if budget.unit == "minutes" else None),
        limits=caps.limits(offered),
        capacity=budget.capacity,
    )


def _fill(
    offered: pl.DataFrame, task: Task, is_fixed: Mask, policy: Policy, *, proves: bool
) -> tuple[Mask, Route | None]:
    """What the policy takes beside what is fixed, and how good that is."""
    nothing = np.zeros(offered.height, dtype=np.bool_)
    if policy.is_draw:
        return nothing, None
    rest = np.flatnonzero(~is_fixed)
    left = task.after(is_fixed).of_rows(rest)
    route, taken = None, nothing[rest]
    if policy.objective is not None:
        route = best_route(left, proves=proves)
        taken = route.taken
    order = policy.order(offered.filter(~is_fixed))["_row"].to_numpy().astype(np.int64)
    # In the policy's order, and for a route what adds no yield but still fits.
    places = np.searchsorted(rest, order)
    taken = taken | in_order(left.after(taken), places[~taken[places]])
    found = nothing.copy()
    found[rest[taken]] = True
    return found, route


def check_caps(policy: Policy, caps: Caps) -> None:
    """Refuse caps for a policy that they cannot bind.

    Raises
    ------
    SettingError
        The whole budget is drawn at random.
    """
    if policy.is_draw and caps != NO_CAPS:
        raise SettingError(
            f"The policy {policy.name} draws at random, which no cap may bend ({caps}).",
            "Leave the caps out, or choose another policy.",
        )


def check_mandatory(offered: pl.Series, waybills: Collection[str]) -> None:
    """Refuse mandatory controls that nobody can find.

    Raises
    ------
    InputError
        One of the house waybills is not among those offered.
    """
    unknown = sorted(set(waybills) - set(offered)) if waybills else []
    if unknown:
        are = "is" if len(unknown) == 1 else f"and {len(unknown) - 1:,} more are"
        raise InputError(
            f"The mandatory control {unknown[0]!r} {are} not on the flight.",
            "Give house waybills of the manifest, or a file of them that exists.",
        )


def _mandatory(offered: pl.DataFrame, waybills: Collection[str]) -> Mask:
    """Which consignments are mandatory controls."""
    check_mandatory(offered["hawb"], waybills)
    return offered["hawb"].is_in(list(waybills)).to_numpy()


def _set_aside(task: Task, is_mandatory: Mask, budget: Budget) -> int:
    """What the mandatory controls take of the budget."""
    cost = task.cost(is_mandatory)
    if cost > task.capacity:
        raise SettingError(
            f"The {int(is_mandatory.sum()):,} mandatory controls take {budget.in_unit(cost):g} "
            f"{budget.unit}, set-up included; the budget is {budget}.",
            "Give a larger budget, or fewer mandatory controls.",
        )
    return cost


def _check_budget(task: Task, budget: Budget, policy: Policy) -> None:
    """Say so if the budget buys nothing at all."""
    if not len(task.costs):
        return
    least = int((task.costs + task.stops.reach()).min())
    what = "the cheapest parcel takes with its set-up"
    if policy.is_draw:
        least = int(worst_cases(task.costs, task.stops)[0])
        what = "a parcel drawn at random may take with its set-up"
    if least > budget.capacity:
        needed = f"{budget.in_unit(least):g}"
        raise SettingError(
            f"The budget of {budget} is less than the {needed} that {what}.",
            f"Give {needed} {budget.unit} or more.",
        )


def _reasoned(
    rows: pl.DataFrame, selected_by: str, probability: float, why: pl.Expr
) -> pl.DataFrame:
    return rows.with_columns(
        pl.lit(selected_by).alias("selected_by"),
        pl.lit(probability).alias("selection_probability"),
        why.alias("why"),
    )


def _probability(count: int, offered_count: int) -> float:
    return count / offered_count if offered_count else 0.0


def _draw_reason(count: int, offered: pl.DataFrame) -> pl.Expr:
    flights = offered.select(FLIGHT).n_unique()
    which = "the flight" if flights == 1 else f"the {flights} flights"
    return pl.lit(
        f"drawn at random: {count} of the {offered.height} consignments of {which}, "
        "whatever their risk"
    )


def _check(scored: pl.DataFrame, random_share: float, policy: Policy, caps: Caps) -> None:
    missing = [name for name in SCORED_COLUMNS if name not in scored.columns]
    if missing:
        raise MissingColumnsError("The scored frame", missing, scored.columns)
    if not 0 <= random_share <= 1:
        raise SettingError(
            f"The random share is {random_share}; it is a share of the budget.", "Give 0 to 1."
        )
    check_caps(policy, caps)
    _refuse(scored.filter(scored.select(CONSIGNMENT).is_duplicated()), "comes twice")
    for name in NUMBER_COLUMNS:
        is_sound = pl.col(name).is_finite().fill_null(False)
        _refuse(scored.filter(~is_sound), f"has no finite {name}")
    _refuse(scored.filter(pl.col("minutes") <= 0), "has no positive minutes")


def _refuse(rows: pl.DataFrame, rule: str) -> None:
    if rows.height:
        hawb = rows["hawb"].sort()[0]
        raise InputError(f"Consignment {hawb!r} {rule}.", "Score one row a consignment.")
