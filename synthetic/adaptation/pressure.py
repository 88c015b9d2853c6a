"""How likely a group is to change its ways: from its own stops, and a little from its peers'."""

from typing import Final

import numpy as np

from synthetic.adaptation.evidence import MEMORY_DAYS, Evidence
from synthetic.draw import Floats, Indices

FELT_SHARE: Final = 0.15
"""Share of a tactic's parcels stopped at which its users switch (domain report 7)."""

SWITCHING_SHARE: Final = 0.40
"""Share of those users who switch within the four weeks (domain report 7)."""

_POWER_BELOW: Final = 2.0
"""How steeply the wish to change rises up to that share: few react to few stops (estimate)."""

_MOST: Final = 3.0
"""The wish to change of the hardest hit, against that at `FELT_SHARE` (estimate)."""

_DELAY: Final = 0.1
"""What a parcel held up and released counts against one that was stopped (estimate)."""

_PEERS: Final = 5.0
"""Parcels of its own that outweigh what a group hears from the others at its broker (estimate)."""

_DOUBT: Final = 20.0
"""Parcels that must be spoken of before hearsay is half believed (estimate)."""


def felt_shares(evidence: Evidence, broker: Indices, brokers: int) -> Floats:
    """Return the share of its parcels that each group believes are stopped.

    Learning is local: a group counts its own parcels; senders of the same broker tell each other
    what they saw of the same tactic, which weighs as much as a few own parcels and no more.

    Parameters
    ----------
    evidence
        What the groups saw.
    broker
        Broker of each operator.
    brokers
        Number of brokers.

    Returns
    -------
    ndarray
        Operator by typology, 0 to 1.
    """
    lost = evidence.stopped + _DELAY * evidence.delayed
    others_lost = _by_broker(lost, broker, brokers) - lost
    others_sent = _by_broker(evidence.sent, broker, brokers) - evidence.sent
    hearsay = others_lost.clip(0) / (others_sent.clip(0) + _DOUBT)
    return np.asarray((lost + _PEERS * hearsay) / (evidence.sent + _PEERS))


def _by_broker(sums: Floats, broker: Indices, brokers: int) -> Floats:
    total = np.zeros((brokers, sums.shape[1]))
    np.add.at(total, broker, sums)
    return np.asarray(total[broker])


def chance_to_change(felt: Floats, intensity: float, days: int) -> Floats:
    """Return the chance that each group changes within some days.

    Without reaction (`intensity` 0) nobody does. At 1, of those with `FELT_SHARE` stopped
    `SWITCHING_SHARE` change within four weeks; above, more in proportion; below, fewer.

    Parameters
    ----------
    felt
        Share of the parcels believed stopped.
    intensity
        From 0 to 1: part of the reports' reaction.
    days
        Days that have gone by.
    """
    ratio = felt / FELT_SHARE
    wish = np.where(ratio < 1, ratio**_POWER_BELOW, np.minimum(ratio, _MOST))
    daily = -np.log(1 - SWITCHING_SHARE) / MEMORY_DAYS
    return np.asarray(1 - np.exp(-daily * intensity * days * wish))
