"""Under which name, and in which broker's file, a parcel goes now."""

from dataclasses import replace

import numpy as np

from synthetic.adaptation.choices import Choices
from synthetic.declaring import PARCELS_A_BAG
from synthetic.draw import Indices
from synthetic.traffic import Parcels


def routed(choices: Choices, parcels: Parcels) -> Parcels:
    """Give parcels the names and brokers that their senders have gone over to.

    All other parcels keep their place in their file, their bag and their numbers: a parcel that
    moves joins a bag of its new broker and keeps its own place in the flight. Where the broker
    has no file on the flight, and for the parcel that opens a bag, nothing moves.

    Parameters
    ----------
    choices
        The names and brokers of the day.
    parcels
        As collected.
    """
    shipper = choices.goes_by[parcels.shipper]
    wanted = choices.broker[parcels.operator]
    moves = (wanted >= 0) & (wanted != parcels.broker) & (parcels.place % PARCELS_A_BAG != 0)
    rows = np.flatnonzero(moves)
    host = _hosts(parcels.broker, wanted[rows], rows)
    rows, host = rows[host >= 0], host[host >= 0]
    broker, master, place = parcels.broker.copy(), parcels.master.copy(), parcels.place.copy()
    broker[rows], master[rows] = parcels.broker[host], parcels.master[host]
    # Last in its bag, so that whoever opened the bag still does.
    place[rows] = parcels.place[host] // PARCELS_A_BAG * PARCELS_A_BAG + PARCELS_A_BAG - 1
    return replace(parcels, shipper=shipper, broker=broker, master=master, place=place)


def _hosts(broker: Indices, wanted: Indices, rows: Indices) -> Indices:
    """Return for each parcel that moves one of the wanted broker's, or -1 if there is none."""
    host = np.full(len(rows), -1, dtype=np.int64)
    for number in np.unique(wanted):
        there = np.flatnonzero(broker == number)
        if len(there):
            of = wanted == number
            host[of] = there[rows[of] * 7_919 % len(there)]  # spread over its files, not drawn
    return host
