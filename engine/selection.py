"""The decision: which consignments of a flight are opened, within the budget.

Random controls are drawn first, as a simple random sample of the whole flight: how many is fixed
before any risk is looked at, so each consignment's probability of being drawn is exactly
their number over the number of consignments. They are the only honest measure of what the rest
flows past. Then the policy fills the rest of the budget from those that were not drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, fsum
from typing import Final, Literal, Protocol

import polars as pl

from engine.budget import Budget
from engine.declaration import CONSIGNMENT
from engine.errors import InputError, MissingColumnsError, SettingError
from engine.ranking import order_hash, rank

RANDOM_SHARE: Final = 0.10
"""Share of every budget drawn at random (usual in simulations of customs selection, 90/10)."""

MINIMUM_CONTROLS_FOR_A_DRAW: Final = 5
"""From so many controls on, at least one is random if any are wanted (estimate)."""

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
    offered_count, random_count
        Consignments on the flight, and how many of the chosen were drawn at random.
    spent
        What the chosen take of the budget, in its unit.
    """

    chosen: pl.DataFrame
    budget: Budget
    policy_name: str
    offered_count: int
    random_count: int
    spent: float


def select(
    scored: pl.DataFrame,
    budget: Budget,
    policy: Policy,
    *,
    random_share: float = RANDOM_SHARE,
    key: bytes,
    chosen_by: Literal["model", "rule"] = "model",
) -> Selection:
    """Choose within the budget; the same for the same input, whatever the order of its rows.

    Parameters
    ----------
    scored
        One row a consignment with `SCORED_COLUMNS`; all of one flight.
    budget
        Never exceeded. If everything fits, everything is chosen.
    policy
        Fills what the random draw leaves.
    random_share
        Share of the budget to draw at random, 0 to 1.
    key
        Secret of the installation, for the draw and for ties.
    chosen_by
        What made the scores: a trained model, or the rule list.

    Raises
    ------
    MissingColumnsError
        A column is absent.
    InputError
        A consignment comes twice, a number is missing or not finite, or minutes are not positive.
    SettingError
        The share is not from 0 to 1, or the key is empty.
    """
    _check(scored, random_share)
    offered = rank(scored, key=key).with_columns(budget.cost())
    count = _draw_count(offered["cost"], budget, 1.0 if policy.is_draw else random_share)
    draw = order_hash(offered, key, purpose="draw")
    is_drawn = pl.Series(draw.rank("ordinal") <= count)
    drawn, rest = offered.filter(is_drawn), offered.filter(~is_drawn)
    left = budget.capacity - int(drawn["cost"].sum())
    taken = rest.clear() if policy.is_draw else _fill(policy.order(rest), left, policy.objective)
    chosen = pl.concat(
        [
            _reasoned(
                drawn,
                "random",
                _probability(count, offered.height),
                _draw_reason(count, offered.height),
            ),
            _reasoned(taken, chosen_by, 1.0, policy.why()),
        ]
    )
    return Selection(
        rank(chosen, key=key)
        .drop("cost")
        .with_row_index("rank", offset=1)
        .cast({"rank": pl.Int64}),
        budget,
        policy.name,
        offered.height,
        count,
        budget.in_unit(int(chosen["cost"].sum())),
    )


def _draw_count(costs: pl.Series, budget: Budget, share: float) -> int:
    """How many to draw: from the budget and the number of consignments, never from a risk.

    Of minutes, so many as surely fit into their share, were they all the largest parcel.
    """
    share_of_all = floor(share * costs.len() + 0.5)
    if budget.unit == "minutes":
        if int(costs.sum()) <= budget.capacity:
            return share_of_all
        largest: int = max(costs.to_list())
        surely_fit = budget.capacity // largest
        is_one_due = share > 0 and surely_fit >= MINIMUM_CONTROLS_FOR_A_DRAW
        return min(
            max(floor(share * budget.capacity / largest), int(is_one_due)),
            max(share_of_all, int(is_one_due)),
        )
    controls = min(budget.capacity, costs.len())
    is_one_due = share > 0 and controls >= MINIMUM_CONTROLS_FOR_A_DRAW
    return max(floor(share * controls + 0.5), int(is_one_due))


def _fill(ordered: pl.DataFrame, capacity: int, objective: str | None) -> pl.DataFrame:
    """Take in order what fits, skipping what does not.

    Greedy by density can lose to one large parcel that no longer fits behind the small ones.
    With an objective the same is therefore tried from the most valuable down, and the richer of
    the two is taken: never less than half of the best possible (Dantzig bound for the knapsack).
    """
    costs = ordered["cost"].to_list()
    taken = _greedy(range(len(costs)), costs, capacity)
    if objective is not None:
        values = ordered[objective].to_list()
        from_the_top = sorted(range(len(costs)), key=lambda row: -values[row])
        other = _greedy(from_the_top, costs, capacity)
        if fsum(values[row] for row in other) > fsum(values[row] for row in taken):
            taken = other
    return ordered[sorted(taken)]


def _greedy(order: Sequence[int], costs: Sequence[int], capacity: int) -> list[int]:
    smallest = min(costs, default=0)
    taken = []
    for row in order:
        if capacity < smallest:
            break
        if costs[row] <= capacity:
            taken.append(row)
            capacity -= costs[row]
    return taken


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


def _draw_reason(count: int, offered_count: int) -> pl.Expr:
    return pl.lit(
        f"drawn at random: {count} of the {offered_count} consignments of the flight, "
        "whatever their risk"
    )


def _check(scored: pl.DataFrame, random_share: float) -> None:
    missing = [name for name in SCORED_COLUMNS if name not in scored.columns]
    if missing:
        raise MissingColumnsError("The scored frame", missing, scored.columns)
    if not 0 <= random_share <= 1:
        raise SettingError(
            f"The random share is {random_share}; it is a share of the budget.", "Give 0 to 1."
        )
    _refuse(scored.filter(scored.select(CONSIGNMENT).is_duplicated()), "comes twice")
    for name in NUMBER_COLUMNS:
        is_sound = pl.col(name).is_finite().fill_null(False)
        _refuse(scored.filter(~is_sound), f"has no finite {name}")
    _refuse(scored.filter(pl.col("minutes") <= 0), "has no positive minutes")


def _refuse(rows: pl.DataFrame, rule: str) -> None:
    if rows.height:
        hawb = rows["hawb"].sort()[0]
        raise InputError(f"Consignment {hawb!r} {rule}.", "Score one row a consignment.")
