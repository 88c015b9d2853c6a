"""The route against brute force: never over budget, a true bound, the optimum where asked."""

from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.caps import Limits
from engine.routing.bundles import relaxed
from engine.routing.route import best_route
from engine.routing.stops import Stops
from engine.routing.task import MICRO, Task, filled, in_order

NUMBERS = st.integers(0, 3)


def task_of(
    parcels: list[tuple[int, int, int]], opening: tuple[int, int], capacity: int,
    caps: list[tuple[int, int]] | None = None,
) -> Task:  # fmt: skip
    """Parcels as (value in euro, cost, bag); bags 0 and 1 in one ULD, 2 loose, 3 in another."""
    bag_cost, uld_cost = opening
    values, costs, bags = (
        np.array(column, dtype=np.int64) for column in zip(*parcels, strict=True)
    )
    stops = Stops(
        bags,
        np.array([0, 0, 1, 2]),
        np.array([bag_cost] * 4),
        np.array([uld_cost, 0, uld_cost]),
    )
    groups, left = np.empty((0, len(parcels)), dtype=np.int64), np.array([len(parcels) + 1])
    if caps is not None:
        # Two families: every second parcel, and every third one.
        places = np.arange(len(parcels))
        groups = np.stack([1 + places % 2, 3 + places % 3])
        left = np.array([len(parcels) + 1, *(most for pair in caps for most in pair)])[:6]
        left = np.concatenate([left, np.full(6 - len(left), 1)])
    return Task(values * MICRO, costs, stops, Limits(groups, left), capacity)


def cost_by_hand(task: Task, taken: np.ndarray) -> int:
    bags = {int(bag) for bag in task.stops.bag[taken]}
    ulds = {int(task.stops.uld_of_bag[bag]) for bag in bags}
    return int(
        task.costs[taken].sum()
        + sum(task.stops.bag_costs[bag] for bag in bags)
        + sum(task.stops.uld_costs[uld] for uld in ulds)
    )


def is_allowed(task: Task, taken: np.ndarray) -> bool:
    within = all(
        (family[taken] == group).sum() <= most
        for family in task.limits.groups
        for group, most in enumerate(task.limits.left)
    )
    return within and cost_by_hand(task, taken) <= task.capacity


def best_by_hand(task: Task) -> int:
    every = (np.array(choice, dtype=bool) for choice in product((0, 1), repeat=len(task.values)))
    return max(int(task.values[taken].sum()) for taken in every if is_allowed(task, taken))


tasks = st.builds(
    task_of,
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 5), NUMBERS), min_size=1, max_size=8),
    st.tuples(st.integers(0, 4), st.integers(0, 12)),
    st.integers(0, 40),
    st.none() | st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=3),
)


# What is fixed in the core is impossible together: there is no better list.
WITHOUT_A_BETTER_LIST = task_of(
    [(0, 1, 0), (2, 1, 3), (3, 2, 0), (0, 1, 0), (0, 1, 0), (1, 1, 0)],
    (0, 1), 2, [(1, 1), (0, 0), (1, 1)],
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(task=tasks)
@example(task=WITHOUT_A_BETTER_LIST)
def test_a_proof_is_the_optimum_and_the_bound_is_above_it(task: Task) -> None:
    optimum = best_by_hand(task)
    for proves in (False, True):
        route = best_route(task, proves=proves)
        assert is_allowed(task, route.taken)
        assert route.value_eur == int(task.values[route.taken].sum()) / MICRO
        assert route.bound_eur * MICRO >= optimum - 1
        if route.is_proven:
            assert route.value_eur * MICRO >= optimum - 10
    assert route.is_proven


@settings(max_examples=100, deadline=None)
@given(task=tasks)
def test_every_list_made_by_sorting_keeps_the_budget_and_the_caps(task: Task) -> None:
    nothing = np.zeros(len(task.values), dtype=bool)
    for taken in (filled(task, task.values, nothing), in_order(task, np.arange(len(nothing)))):
        assert is_allowed(task, taken)
        for row in np.flatnonzero(~taken & (task.values > 0)):
            more = taken.copy()
            more[row] = True
            assert not is_allowed(task, more)


@settings(max_examples=100, deadline=None)
@given(task=tasks, price=st.floats(0, 5))
def test_no_price_of_the_budget_gives_a_lower_bound_than_sorting(task: Task, price: float) -> None:
    # The linear relaxation by its dual: at any price the places worth opening bound every list.
    stops = task.stops
    gain = np.maximum(task.values - price * MICRO * task.costs, 0)
    of_bags = np.bincount(stops.bag, gain, 4) - price * MICRO * stops.bag_costs
    of_ulds = np.bincount(stops.uld_of_bag, np.maximum(of_bags, 0), 3)
    dual = np.maximum(of_ulds - price * MICRO * stops.uld_costs, 0).sum()
    bound = relaxed(task.values, task.costs, stops, task.capacity).bound
    assert bound <= dual + price * MICRO * task.capacity + 2


def test_the_set_up_of_an_open_place_is_free() -> None:
    task = task_of([(5, 2, 0), (5, 2, 3)], (4, 10), 16)
    assert best_route(task).taken.sum() == 1
    after = task.after(np.array([True, False]))
    assert (after.capacity, after.stops.reach().tolist()) == (0, [0, 14])


@pytest.mark.parametrize("seed", range(3))
def test_hundreds_of_parcels_are_proven_and_no_other_order_is_better(seed: int) -> None:
    random = np.random.default_rng(seed)
    parcels = zip(random.integers(0, 200, 300), random.integers(5, 20, 300),
                  random.integers(0, 4, 300), strict=True)  # fmt: skip
    task = task_of(list(parcels), (8, 90), 400)
    route = best_route(task, proves=True)
    assert route.is_proven
    assert cost_by_hand(task, route.taken) <= 400
    plain = in_order(task, np.argsort(-task.values, kind="stable"))
    assert route.value_eur * MICRO >= task.values[plain].sum()
