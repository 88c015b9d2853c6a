"""Ways to cheat, one file each. To add one: a file here, a line in `TYPOLOGIES`, its share in
`scenario.PREVALENCES`.
"""

from typing import Final

from synthetic.typologies.base import Context, Typology
from synthetic.typologies.counterfeit import Counterfeit
from synthetic.typologies.false_gift import FalseGift
from synthetic.typologies.false_origin import FalseOrigin
from synthetic.typologies.ioss_misuse import IossMisuse
from synthetic.typologies.misclassification import LineCollapsing, Misclassification
from synthetic.typologies.mislabelling import Mislabelling
from synthetic.typologies.prohibited import ProhibitedGoods
from synthetic.typologies.splitting import Splitting
from synthetic.typologies.undeclared import UndeclaredGoods
from synthetic.typologies.undervaluation import (
    ConstantUndervaluation,
    EdgeSeekingUndervaluation,
    ProportionalUndervaluation,
)
from synthetic.typologies.unsafe import UnsafeGoods

TYPOLOGIES: Final[tuple[Typology, ...]] = (
    # Articles first, then what is in the parcel, then what is said about it.
    Counterfeit(),
    UnsafeGoods(),
    Misclassification(),
    ProhibitedGoods(),
    Mislabelling(),
    EdgeSeekingUndervaluation(),
    Splitting(),
    LineCollapsing(),
    UndeclaredGoods(),
    ProportionalUndervaluation(),
    ConstantUndervaluation(),
    IossMisuse(),
    FalseGift(),
    FalseOrigin(),
)
"""Every typology, in the order of application."""

__all__ = ["TYPOLOGIES", "Context", "Typology"]
