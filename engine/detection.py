"""How often a control finds what is there, by finding type and by way of control.

A clean result is not a clean parcel: an opened parcel shows a counterfeit at once and an invoice
that is too low hardly ever. Nobody has measured these figures at a border; every one is an
estimate. Sources: domain.md section 7 gives the opened parcel for infringements 0.9, undeclared
goods 0.95, misdescription 0.95, wrong codes 0.7, undervaluation 0.4 (documents decide), safety
0.5 (a laboratory decides) and IOSS misuse 0.3; section 4.2 says that x-ray resolves some 60 % of
questions of mass and shape and 10 % of questions of value. The rest is filled in by the same
reasoning: papers show prices, procedures and origins, and say little of what lies in the parcel;
a sample is an opened parcel with a laboratory behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import polars as pl

from engine.finding import CONTROL_TYPES, FINDING_TYPES

DETECTION_POWERS: Final[dict[str, dict[str, float]]] = {
    finding: dict(zip(("documentary", "xray", "physical", "sampling"), powers, strict=True))
    for finding, powers in {
        "UNDERVALUATION": (0.50, 0.10, 0.40, 0.40),
        "SPLITTING": (0.30, 0.05, 0.30, 0.30),
        "MISDESCRIPTION": (0.15, 0.60, 0.95, 0.95),
        "MISCLASSIFICATION": (0.35, 0.20, 0.70, 0.75),
        "UNDECLARED_GOODS": (0.10, 0.60, 0.95, 0.95),
        "IOSS_MISUSE": (0.45, 0.05, 0.30, 0.30),
        "FALSE_GIFT": (0.40, 0.10, 0.60, 0.60),
        "FALSE_ORIGIN": (0.45, 0.05, 0.40, 0.40),
        "IPR_INFRINGEMENT": (0.05, 0.15, 0.90, 0.90),
        "PRODUCT_SAFETY": (0.05, 0.05, 0.50, 0.90),
        "PROHIBITED_RESTRICTED": (0.10, 0.60, 0.95, 0.95),
    }.items()
}
"""Finding type -> control type -> probability that the control finds it where it is; estimates."""

USUAL_MIX: Final[dict[str, float]] = {
    "PRODUCT_SAFETY": 0.35,
    "UNDERVALUATION": 0.25,
    "IPR_INFRINGEMENT": 0.15,
    "MISCLASSIFICATION": 0.08,
    "UNDECLARED_GOODS": 0.06,
    "MISDESCRIPTION": 0.05,
    "SPLITTING": 0.03,
    "IOSS_MISUSE": 0.02,
    "FALSE_GIFT": 0.004,
    "FALSE_ORIGIN": 0.003,
    "PROHIBITED_RESTRICTED": 0.003,
}
"""Share of each finding type among irregular consignments: what is assumed where nothing says
which type it is (estimate, domain.md section 7)."""


def detection_power(finding_type: str, control_type: str) -> float:
    """Probability that a control of this type finds an irregularity of that type.

    Parameters
    ----------
    finding_type : of `engine.finding.FINDING_TYPES`.
    control_type : of `engine.finding.CONTROL_TYPES`.
    """
    return DETECTION_POWERS[finding_type][control_type]


def usual_power(finding_types: Iterable[str], control_type: str) -> float:
    """Power against a usual mix of these finding types (`USUAL_MIX`), in [0, 1]."""
    mix = {finding: USUAL_MIX[finding] for finding in finding_types}
    found = sum(share * detection_power(finding, control_type) for finding, share in mix.items())
    return found / sum(mix.values())


def detection_powers() -> pl.DataFrame:
    """The table as a frame: `finding_type`, `control_type`, `power`, in the contract's order."""
    return pl.DataFrame(
        [
            (finding, control, detection_power(finding, control))
            for finding in FINDING_TYPES
            for control in CONTROL_TYPES
        ],
        schema={"finding_type": pl.String, "control_type": pl.String, "power": pl.Float64},
        orient="row",
    )
