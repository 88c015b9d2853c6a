"""What the senders do now, in figures for a picture."""

from itertools import pairwise

import numpy as np
import polars as pl

from synthetic.adaptation.choices import Choices
from synthetic.adaptation.evidence import BANDS, Evidence
from synthetic.adaptation.newcomers import Market, tactic_shares
from synthetic.adaptation.probing import Trial
from synthetic.typologies.undervaluation import MIDDLE


def traits(
    choices: Choices, evidence: Evidence, trials: list[Trial], there: Market
) -> pl.DataFrame:
    """Tell what the senders do now.

    Parameters
    ----------
    choices, evidence, trials
        The world that lives.
    there
        Who is there on the day.

    Returns
    -------
    DataFrame
        `trait` and `value`. "value band ..." is the share of the undervalued parcels of about the
        last week; "... share" is a share of the volume of the tactic that it concerns; the others
        count operators, or new names taken since the first day.
    """
    told = {f"value band {name} EUR": share for name, share in _bands(evidence)}
    told |= _shares(choices, there)
    told |= {
        "identity changes": float(choices.renamed_count.sum()),
        "probing groups": float(len(trials)),
        "gave up": float(choices.has_given_up.sum()),
        "newcomers": float(choices.is_newcomer.sum()),
        "changed broker": float((choices.broker >= 0).sum()),
        "changed timing": float((choices.weekdays != 1).any(axis=1).sum()),
    }
    return pl.DataFrame(
        {"trait": list(told), "value": list(told.values())},
        schema={"trait": pl.String, "value": pl.Float64},
    )


def _bands(evidence: Evidence) -> list[tuple[str, float]]:
    total = max(float(evidence.in_band.sum()), 1e-12)
    ends = [f"{low}-{high}" for low, high in pairwise(BANDS)]
    names = [*ends, f"{BANDS[-1]}+"]
    return list(zip(names, (evidence.in_band / total).tolist(), strict=True))


def _shares(choices: Choices, there: Market) -> dict[str, float]:
    behaviour = choices.behaviour

    def share(tactics: tuple[str, ...], mask: np.ndarray) -> float:
        columns = [behaviour.names.index(tactic) for tactic in tactics]
        volume = there.volume * behaviour.propensity[:, columns].sum(axis=1)
        return float((volume * mask).sum() / max(volume.sum(), 1e-12))

    undervaluers = tuple(name for name in behaviour.names if name.endswith("undervaluation"))
    edge = ("edge-seeking undervaluation",)
    return {
        "middle band share": share(edge, behaviour.value_band == MIDDLE),
        "imitating share": share(undervaluers, behaviour.imitation > 0),
        "camouflaged share": share(("mislabelling",), behaviour.is_camouflaged),
        "spread over flights share": share(("splitting",), behaviour.is_spread),
        "planned share": float(tactic_shares(behaviour, there.volume).sum()),
    }
