"""What is sent: 114 six-digit codes of e-commerce with their prices, masses and habits.

The codes are HS 2022. Prices and masses are medians of one piece on a marketplace and are
estimates, as are the spreads and every proneness; the order of brand-prone and safety-prone
goods follows the seizure and product-safety reports (domain report 1.6 and T9, T10).
"""

from dataclasses import dataclass
from typing import Final

FAMILY_SHARES: Final[dict[str, float]] = {  # share of lines, estimate (domain report 1.6)
    "clothing": 0.28,
    "electronics": 0.17,
    "home": 0.14,
    "toys": 0.09,
    "beauty": 0.07,
    "jewellery": 0.06,
    "footwear": 0.05,
    "bags": 0.04,
    "sports": 0.04,
    "tools": 0.04,
    "other": 0.02,
}


@dataclass(frozen=True, slots=True)
class Good:
    """One kind of goods as marketplaces sell it.

    Attributes
    ----------
    hs6
        The right commodity code (HS 2022).
    family
        Part of the assortment; shippers deal in few families.
    weight
        How often it is bought, relative to its family; 0 means never openly.
    unit_value_eur, value_log_sd
        Median price of a piece and the spread of its logarithm over sellers. Estimates.
    unit_mass_grams, mass_log_sd
        Median mass of a piece and the spread of its logarithm over sellers. Estimates.
    more_pieces
        Mean number of pieces beyond the first in one line. Estimate.
    brand, safety
        Proneness to counterfeit and to unsafe articles, 0 to 1. Estimates.
    is_restricted
        Not admissible, or only with a licence, in the super-reduced declaration.
    """

    hs6: str
    family: str
    weight: float
    unit_value_eur: float
    value_log_sd: float
    unit_mass_grams: float
    mass_log_sd: float
    more_pieces: float
    brand: float
    safety: float
    is_restricted: bool


# fmt: off
GOODS: Final[tuple[Good, ...]] = (
    # hs6, family, weight, price and spread, mass and spread, more pieces, brand, safety, restricted
    Good("610443", "clothing", 5, 11, 0.55, 300, 0.25, 0.1, 0.1, 0, False),
    Good("610463", "clothing", 7, 8, 0.5, 250, 0.25, 0.2, 0.1, 0, False),
    Good("610822", "clothing", 5, 3, 0.5, 50, 0.3, 1.5, 0.05, 0, False),
    Good("610910", "clothing", 10, 6, 0.5, 170, 0.22, 0.35, 0.35, 0, False),
    Good("610990", "clothing", 9, 5, 0.5, 160, 0.22, 0.3, 0.55, 0, False),
    Good("611020", "clothing", 6, 12, 0.5, 420, 0.25, 0.1, 0.5, 0, False),
    Good("611030", "clothing", 6, 11, 0.5, 400, 0.25, 0.1, 0.35, 0, False),
    Good("611120", "clothing", 4, 6, 0.5, 150, 0.3, 0.4, 0.1, 0.3, False),
    Good("611241", "clothing", 3, 8, 0.5, 180, 0.25, 0.1, 0.1, 0, False),
    Good("611595", "clothing", 6, 2, 0.5, 50, 0.3, 3, 0.2, 0, False),
    Good("620240", "clothing", 2, 20, 0.55, 800, 0.28, 0, 0.4, 0, False),
    Good("620342", "clothing", 4, 15, 0.5, 550, 0.22, 0.1, 0.35, 0, False),
    Good("620443", "clothing", 5, 13, 0.55, 330, 0.25, 0.1, 0.15, 0, False),
    Good("620462", "clothing", 4, 15, 0.5, 500, 0.22, 0.1, 0.3, 0, False),
    Good("620640", "clothing", 5, 8, 0.5, 200, 0.22, 0.1, 0.1, 0, False),
    Good("621210", "clothing", 4, 6, 0.5, 100, 0.25, 0.3, 0.1, 0, False),
    Good("621430", "clothing", 3, 4, 0.5, 120, 0.3, 0.1, 0.45, 0, False),
    Good("650500", "clothing", 4, 4, 0.55, 100, 0.25, 0.2, 0.55, 0, False),
    Good("847160", "electronics", 3, 9, 0.6, 350, 0.4, 0.05, 0.2, 0.2, False),
    Good("850440", "electronics", 6, 6, 0.55, 150, 0.4, 0.2, 0.4, 0.8, False),
    Good("850650", "electronics", 1, 2, 0.4, 30, 0.3, 3, 0.3, 0.4, False),
    Good("850760", "electronics", 3, 15, 0.55, 350, 0.4, 0.05, 0.4, 0.7, False),
    Good("851310", "electronics", 3, 6, 0.55, 180, 0.4, 0.2, 0.1, 0.4, False),
    Good("851713", "electronics", 0.7, 120, 0.5, 350, 0.2, 0, 0.5, 0.3, False),
    Good("851762", "electronics", 5, 18, 0.65, 120, 0.4, 0.05, 0.55, 0.4, False),
    Good("851821", "electronics", 3, 14, 0.6, 500, 0.4, 0, 0.4, 0.3, False),
    Good("851830", "electronics", 7, 9, 0.65, 120, 0.35, 0.1, 0.7, 0.4, False),
    Good("852351", "electronics", 3, 7, 0.6, 20, 0.4, 0.3, 0.5, 0.1, False),
    Good("852589", "electronics", 2, 25, 0.6, 300, 0.4, 0, 0.2, 0.3, False),
    Good("852862", "electronics", 0.5, 45, 0.45, 1100, 0.3, 0, 0.1, 0.4, False),
    Good("853952", "electronics", 3, 4, 0.5, 80, 0.4, 1, 0.1, 0.7, False),
    Good("854442", "electronics", 8, 2.5, 0.5, 50, 0.35, 0.6, 0.35, 0.4, False),
    Good("950450", "electronics", 2, 22, 0.7, 450, 0.3, 0, 0.6, 0.2, False),
    Good("392690", "electronics", 12, 2.5, 0.55, 50, 0.4, 0.3, 0.4, 0.05, False),
    Good("391990", "electronics", 4, 2, 0.5, 30, 0.4, 0.8, 0.05, 0, False),
    Good("392410", "home", 6, 4, 0.55, 250, 0.45, 0.4, 0.05, 0.3, False),
    Good("392490", "home", 7, 4, 0.55, 300, 0.5, 0.3, 0, 0.1, False),
    Good("630140", "home", 1.2, 14, 0.45, 1100, 0.3, 0, 0.05, 0, False),
    Good("630232", "home", 1.2, 15, 0.45, 1000, 0.3, 0, 0.05, 0, False),
    Good("630392", "home", 1.2, 12, 0.45, 800, 0.3, 0.2, 0, 0, False),
    Good("630790", "home", 7, 4, 0.6, 200, 0.45, 0.4, 0.05, 0.15, False),
    Good("670210", "home", 3, 4, 0.5, 150, 0.45, 0.5, 0, 0, False),
    Good("691110", "home", 1, 10, 0.5, 600, 0.4, 0.2, 0, 0.1, False),
    Good("701337", "home", 1, 6, 0.5, 350, 0.35, 0.5, 0, 0.1, False),
    Good("732393", "home", 3, 7, 0.5, 500, 0.4, 0.2, 0.1, 0.2, False),
    Good("841451", "home", 2, 9, 0.5, 500, 0.4, 0, 0.1, 0.5, False),
    Good("850811", "home", 0.5, 30, 0.45, 1500, 0.3, 0, 0.2, 0.5, False),
    Good("850940", "home", 1, 15, 0.45, 900, 0.3, 0, 0.2, 0.5, False),
    Good("850980", "home", 1.5, 15, 0.55, 700, 0.4, 0, 0.2, 0.5, False),
    Good("940320", "home", 0.4, 25, 0.45, 4000, 0.35, 0, 0, 0.1, False),
    Good("940490", "home", 1.5, 10, 0.5, 900, 0.35, 0.1, 0, 0.1, False),
    Good("940542", "home", 5, 8, 0.55, 400, 0.45, 0.1, 0.05, 0.7, False),
    Good("660191", "home", 1.2, 6, 0.45, 350, 0.25, 0, 0.1, 0, False),
    Good("660110", "home", 0.15, 20, 0.4, 3000, 0.3, 0, 0, 0, False),
    Good("950300", "toys", 14, 6, 0.7, 300, 0.6, 0.15, 0.5, 0.9, False),
    Good("950510", "toys", 3, 3, 0.55, 200, 0.5, 0.6, 0, 0.3, False),
    Good("950590", "toys", 4, 3, 0.55, 120, 0.5, 0.6, 0.1, 0.4, False),
    Good("482010", "toys", 2, 3, 0.5, 200, 0.35, 0.3, 0.1, 0, False),
    Good("490199", "toys", 0.6, 9, 0.5, 350, 0.4, 0.1, 0.1, 0, False),
    Good("960810", "toys", 2.5, 1.5, 0.5, 30, 0.5, 2, 0.1, 0, False),
    Good("330410", "beauty", 3, 3, 0.5, 30, 0.35, 0.4, 0.4, 0.6, False),
    Good("330420", "beauty", 3, 3, 0.5, 30, 0.35, 0.3, 0.4, 0.6, False),
    Good("330430", "beauty", 4, 3, 0.45, 50, 0.4, 0.6, 0.1, 0.7, False),
    Good("330499", "beauty", 5, 5, 0.6, 120, 0.45, 0.3, 0.4, 0.6, False),
    Good("330510", "beauty", 1, 5, 0.5, 350, 0.35, 0.2, 0.2, 0.4, False),
    Good("330300", "beauty", 0.8, 18, 0.7, 250, 0.35, 0.1, 0.8, 0.4, False),
    Good("670411", "beauty", 2, 16, 0.6, 250, 0.3, 0, 0, 0, False),
    Good("851020", "beauty", 1.5, 12, 0.5, 300, 0.3, 0, 0.3, 0.5, False),
    Good("851631", "beauty", 0.7, 20, 0.6, 600, 0.3, 0, 0.6, 0.6, False),
    Good("851632", "beauty", 1.2, 15, 0.55, 400, 0.3, 0, 0.5, 0.6, False),
    Good("960321", "beauty", 1.5, 2, 0.5, 30, 0.4, 1.5, 0.1, 0.1, False),
    Good("960330", "beauty", 3, 3, 0.5, 40, 0.5, 0.6, 0.2, 0, False),
    Good("961511", "beauty", 5, 1.5, 0.5, 30, 0.4, 1.2, 0.05, 0, False),
    Good("901910", "beauty", 0.8, 18, 0.6, 800, 0.4, 0, 0.1, 0.4, False),
    Good("711311", "jewellery", 2, 12, 0.65, 10, 0.5, 0.1, 0.5, 0.1, False),
    Good("711719", "jewellery", 10, 2.5, 0.6, 20, 0.5, 0.4, 0.4, 0.3, False),
    Good("711790", "jewellery", 6, 1.8, 0.55, 20, 0.5, 0.5, 0.2, 0.2, False),
    Good("910211", "jewellery", 2, 12, 0.7, 80, 0.35, 0, 0.85, 0.1, False),
    Good("910212", "jewellery", 1.5, 9, 0.6, 70, 0.35, 0, 0.6, 0.1, False),
    Good("900410", "jewellery", 4, 4, 0.65, 60, 0.3, 0.2, 0.75, 0.3, False),
    Good("640299", "footwear", 5, 10, 0.5, 700, 0.25, 0, 0.4, 0.05, False),
    Good("640399", "footwear", 1, 28, 0.55, 950, 0.22, 0, 0.5, 0, False),
    Good("640411", "footwear", 4, 16, 0.6, 800, 0.2, 0, 0.95, 0, False),
    Good("640419", "footwear", 4, 11, 0.5, 650, 0.25, 0, 0.5, 0, False),
    Good("420100", "bags", 2, 4, 0.55, 120, 0.45, 0.1, 0, 0.05, False),
    Good("420221", "bags", 0.7, 30, 0.7, 600, 0.3, 0, 0.9, 0, False),
    Good("420222", "bags", 5, 9, 0.6, 450, 0.3, 0, 0.8, 0, False),
    Good("420232", "bags", 4, 4, 0.55, 120, 0.3, 0.1, 0.6, 0, False),
    Good("420292", "bags", 4, 12, 0.55, 600, 0.4, 0, 0.5, 0, False),
    Good("871499", "sports", 2, 8, 0.6, 250, 0.5, 0.1, 0.3, 0.2, False),
    Good("950691", "sports", 2, 10, 0.6, 900, 0.5, 0, 0.1, 0.2, False),
    Good("950699", "sports", 4, 8, 0.6, 600, 0.5, 0.1, 0.2, 0.2, False),
    Good("950730", "sports", 1, 15, 0.6, 350, 0.35, 0, 0.3, 0, False),
    Good("871160", "sports", 0.03, 140, 0.3, 9000, 0.3, 0, 0.2, 0.8, False),
    Good("820559", "tools", 4, 6, 0.6, 300, 0.5, 0.1, 0.1, 0, False),
    Good("846721", "tools", 0.6, 35, 0.45, 1600, 0.25, 0, 0.6, 0.5, False),
    Good("870899", "tools", 4, 12, 0.75, 600, 0.6, 0.1, 0.4, 0.3, False),
    Good("960719", "tools", 1, 1.5, 0.5, 50, 0.5, 1.5, 0.05, 0, False),
    Good("392620", "tools", 2, 2, 0.5, 50, 0.5, 0.6, 0, 0.05, False),
    Good("901890", "tools", 0.6, 12, 0.6, 200, 0.5, 0.1, 0.1, 0.5, False),
    Good("961310", "other", 2, 0.6, 0.4, 20, 0.25, 4, 0.1, 0.4, False),
    Good("961320", "other", 2, 3.5, 0.55, 50, 0.3, 0.3, 0.5, 0.3, False),
    Good("961380", "other", 2, 4, 0.5, 70, 0.3, 0.2, 0.1, 0.3, False),
    Good("901320", "other", 1, 6, 0.6, 80, 0.35, 0.1, 0, 0.9, False),
    Good("120930", "other", 0.8, 2, 0.6, 10, 0.5, 1, 0, 0.2, True),
    Good("210690", "other", 1, 12, 0.55, 250, 0.4, 0.3, 0.1, 0.6, True),
    Good("821193", "other", 1, 8, 0.6, 150, 0.35, 0.1, 0.1, 0.3, True),
    Good("240220", "other", 0, 6, 0.5, 250, 0.3, 5, 0.5, 0.3, True),
    Good("240412", "other", 0, 7, 0.5, 60, 0.3, 3, 0.1, 0.6, True),
    Good("293292", "other", 0, 150, 0.6, 1000, 0.3, 0, 0, 0.2, True),
    Good("300490", "other", 0.05, 9, 0.7, 50, 0.5, 1.5, 0.4, 0.6, True),
    Good("854340", "other", 0.1, 10, 0.5, 90, 0.3, 1, 0.4, 0.7, True),
    Good("930400", "other", 0.02, 25, 0.6, 800, 0.4, 0, 0.3, 0.6, True),
    Good("930700", "other", 0.02, 15, 0.6, 400, 0.4, 0, 0.1, 0.2, True),
)
# fmt: on

CATCH_ALL_CODES: Final[tuple[str, ...]] = ("392690", "392620", "630790", "950300", "960719")
"""Codes that forwarders put when they know no better (domain report 1.5 and T4)."""

COVER_CODES: Final[tuple[str, ...]] = (  # cheap, light, dull: estimate after the seed's "lighters"
    "961310", "961511", "611595", "391990", "392690", "960810", "630790", "711790",
    "392410", "392490", "670210", "482010", "960719", "950590", "621430", "960330",
)  # fmt: skip

DEAR_CODES: Final[tuple[str, ...]] = (  # what is worth hiding or splitting: estimate
    "851713", "851762", "851830", "910211", "420221", "640411", "640399", "620240",
    "846721", "852862", "852589", "850811", "950450", "851631", "611020", "330300",
    "870899", "854340",
)  # fmt: skip

VAGUE_TEXTS: Final[tuple[str, ...]] = (  # stop words and near misses (domain report 1.5)
    "accessories", "gift", "daily necessities", "parts", "sample", "clothes", "household goods",
    "electronics", "plastic goods", "toys", "articles", "case", "fashion items", "decoration",
    "Spare parts", "CLOTHING", "Other", "goods", "N/A", "merchandise", "for play", "for fun",
    "personal items", "craft", "various goods", "hardware", "supplies", "Home", "stuff",
)  # fmt: skip
