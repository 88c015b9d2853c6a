"""How common each type of irregularity is on a flow: what random controls found, leaned on beliefs.

A type found in one of a thousand consignments shows in hardly any of a few hundred random
controls. What was found is therefore weighed against what is believed beforehand: findings of a
type are taken to come by chance at a rate of share times power (Poisson), and the share to be
about the usual one (Gamma), so that the estimate is

    (BELIEF + findings) / (BELIEF / usual share + controls * power).

With few controls it is the usual share; with many it is what was found, corrected for what
controls miss. A belief counts as many findings, not as many controls, so that rare types are
leaned on as hard as common ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scipy import stats

from engine.finding import FISCAL_FINDINGS
from models.estimation import UNNAMED, Estimation
from models.intervals import Interval

BELIEF: Final = 2.0
"""Findings that the usual share of a type is worth: its 95 % interval is then 0.12 to 2.8 times
the share (estimate; the ranges of domain report 3.1 are about as wide)."""

LEAST_USUAL: Final = 1e-4
"""Usual share of a type that is believed not to occur: one parcel in ten thousand (estimate)."""


@dataclass(frozen=True, slots=True)
class Prevalence:
    """Share of consignments with an irregularity of one type.

    Parameters
    ----------
    value : share of all consignments, between 0 and 1.
    interval : 95 %, of chance and of the doubt about the usual share; not of the powers.
    found_count : findings that were weighed, in equally likely draws.
    usual : share that was believed beforehand.
    """

    value: float
    interval: Interval
    found_count: float
    usual: float


def prevalences_of(estimation: Estimation, usual: Mapping[str, float]) -> dict[str, Prevalence]:
    """Estimate how common each type of irregularity is.

    Parameters
    ----------
    estimation : what random controls of the flow found.
    usual : finding type -> share believed beforehand; these types are estimated.

    Returns
    -------
    By finding type; empty if no consignment drawn at random has a result. Controls that somebody
    chose say nothing of how common a thing is.
    """
    if not estimation.powers:
        return {}
    found = _named(estimation, usual)
    return {
        finding: _weighed(
            max(share, LEAST_USUAL),
            found[finding] * estimation.effective_count,
            estimation.effective_count * estimation.powers[finding],
        )
        for finding, share in usual.items()
    }


def _weighed(usual: float, found_count: float, exposure: float) -> Prevalence:
    """Belief and findings together; `exposure` is controls times power."""
    shape, rate = BELIEF + found_count, BELIEF / usual + exposure
    low, high = (float(stats.gamma.ppf(q, shape)) / rate for q in (0.025, 0.975))
    return Prevalence(min(shape / rate, 1.0), Interval(low, min(high, 1.0)), found_count, usual)


def _named(estimation: Estimation, usual: Mapping[str, float]) -> dict[str, float]:
    """Share of the flow in which each type is found; results B1 without a type are divided over
    the fiscal types as these are usually found.
    """
    fiscal = {
        finding: usual[finding] * estimation.powers[finding]
        for finding in FISCAL_FINDINGS
        if finding in usual
    }
    total = sum(fiscal.values())
    nameless = estimation.found_shares[UNNAMED] / total if total else 0.0
    return {
        finding: estimation.found_shares[finding] + nameless * fiscal.get(finding, 0.0)
        for finding in usual
    }
