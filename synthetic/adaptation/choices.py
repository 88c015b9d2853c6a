"""What every sender has settled on, and may change between two days."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from synthetic.behaviour import Behaviour
from synthetic.draw import Floats, Indices, Mask
from synthetic.products import Products
from synthetic.shippers import Identities
from synthetic.world import World

Array: TypeAlias = NDArray[Any]

WEEKDAYS = 7


@dataclass(slots=True)
class Choices:
    """Settled habits, names, listings and routes; arrays hold one element an operator.

    Attributes
    ----------
    behaviour
        How they cheat.
    products
        What they list; the places of products never change.
    identities
        Those of the world, and after them the names taken in answer to controls.
    goes_by
        For each identity of the world, the one it goes by now.
    broker
        Broker they have moved to, or -1.
    weekdays
        Factor on the cheating of each weekday, 1 on average.
    renamed_count
        New names taken so far.
    has_given_up, is_newcomer
        Gave up a tactic; began to cheat when others gave up.
    """

    behaviour: Behaviour
    products: Products
    identities: Identities
    goes_by: Indices
    broker: Indices
    weekdays: Floats
    renamed_count: Indices
    has_given_up: Mask
    is_newcomer: Mask


def copied(behaviour: Behaviour) -> Behaviour:
    """Return a behaviour whose arrays may be changed without touching the first."""
    arrays = {name: values.copy() for name, values in arrays_of(behaviour).items()}
    return with_arrays(behaviour, arrays)


def arrays_of(behaviour: Behaviour) -> dict[str, Array]:
    """Return the arrays of a behaviour by name, without its texts."""
    values = {field.name: getattr(behaviour, field.name) for field in fields(behaviour)}
    return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}


def with_arrays(behaviour: Behaviour, arrays: Mapping[str, Array]) -> Behaviour:
    """Return a behaviour with other arrays."""
    other = copy(behaviour)
    for name, values in arrays.items():
        setattr(other, name, values)
    return other


def first_choices(world: World) -> Choices:
    """Return the choices with which a world begins."""
    count = len(world.operators.volumes)
    return Choices(
        behaviour=copied(world.behaviour),
        products=world.products,
        identities=world.identities,
        goes_by=np.arange(len(world.identities.operator)),
        broker=np.full(count, -1, dtype=np.int64),
        weekdays=np.ones((count, WEEKDAYS)),
        renamed_count=np.zeros(count, dtype=np.int64),
        has_given_up=np.zeros(count, dtype=np.bool_),
        is_newcomer=np.zeros(count, dtype=np.bool_),
    )


def for_a_day(choices: Choices) -> Choices:
    """Return a copy for one day's trials; names and listings are shared, for trials leave them."""
    return replace(
        choices,
        behaviour=copied(choices.behaviour),
        broker=choices.broker.copy(),
        weekdays=choices.weekdays.copy(),
    )
