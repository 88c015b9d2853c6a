"""The duty rates behind `engine.tariff`: common e-commerce codes, and a default per chapter.

Rates are third-country ("conventional") ad valorem duties of the EU, in basis points (1200 = 12 %).
No preference, no anti-dumping duty, no specific duty is in them. One simplification is worth
knowing: watches (9102 11, 9102 12) pay 4.5 % within EUR 0.30 to 0.80 a piece; the ceiling is not
modelled, so that the duty on a dear watch comes out too high.

The table was not yet compared with TARIC: one pass is needed before it is reference data.
"""

from typing import Final, Literal, NamedTuple

Evidence = Literal["tariff 2021", "usual line", "analyst"]
"""How sure a rate is.

``tariff 2021``: the one rate of all lines of the code in the EU tariff of January 2021.
``usual line``: rates differ inside the code; that of the line usual in e-commerce, which lies
within the range of 2021. ``analyst``: the code is newer than that table (HS 2022) or its duty is
not purely ad valorem there; analyst knowledge.

The tariff of 2021 was read from the UK Global Tariff data set: contains public sector information
licensed under the Open Government Licence v3.0 (HS 2017 codes).
"""

TARIFF_2021: Final = "tariff 2021"
USUAL_LINE: Final = "usual line"
ANALYST: Final = "analyst"


class DutyRate(NamedTuple):
    """The third-country duty rate of one HS subheading."""

    hs6: str
    basis_points: int
    name: str
    evidence: Evidence


DUTY_RATES: Final[tuple[DutyRate, ...]] = (
    DutyRate("120930", 300, "flower seeds", TARIFF_2021),
    DutyRate("210690", 1280, "food supplements", TARIFF_2021),
    DutyRate("240220", 5760, "cigarettes", USUAL_LINE),
    DutyRate("240412", 650, "nicotine liquid without tobacco", ANALYST),
    DutyRate("293292", 650, "piperonyl methyl ketone", TARIFF_2021),
    DutyRate("300490", 0, "medicaments in doses", TARIFF_2021),
    DutyRate("330300", 0, "perfume and toilet water", TARIFF_2021),
    DutyRate("330410", 0, "lip make-up", TARIFF_2021),
    DutyRate("330420", 0, "eye make-up", TARIFF_2021),
    DutyRate("330430", 0, "manicure and pedicure preparations", TARIFF_2021),
    DutyRate("330499", 0, "skin care", TARIFF_2021),
    DutyRate("330510", 0, "shampoo", TARIFF_2021),
    DutyRate("391990", 650, "adhesive plastic film, stickers", USUAL_LINE),
    DutyRate("392410", 650, "plastic tableware and kitchenware", TARIFF_2021),
    DutyRate("392490", 650, "plastic household articles", TARIFF_2021),
    DutyRate("392620", 650, "plastic clothing accessories", TARIFF_2021),
    DutyRate("392690", 650, "plastic articles, phone cases", USUAL_LINE),
    DutyRate("420100", 270, "pet harness and leads", TARIFF_2021),
    DutyRate("420221", 300, "leather handbags", TARIFF_2021),
    DutyRate("420222", 970, "plastic or textile handbags", USUAL_LINE),
    DutyRate("420232", 970, "plastic or textile wallets", USUAL_LINE),
    DutyRate("420292", 270, "backpacks and travel bags", USUAL_LINE),
    DutyRate("482010", 0, "notebooks and diaries", TARIFF_2021),
    DutyRate("490199", 0, "printed books", TARIFF_2021),
    DutyRate("610443", 1200, "knitted synthetic dresses", TARIFF_2021),
    DutyRate("610463", 1200, "knitted synthetic trousers, women", TARIFF_2021),
    DutyRate("610822", 1200, "man-made briefs, women", TARIFF_2021),
    DutyRate("610910", 1200, "cotton T-shirts", TARIFF_2021),
    DutyRate("610990", 1200, "T-shirts of other fibres", TARIFF_2021),
    DutyRate("611020", 1200, "cotton sweaters", TARIFF_2021),
    DutyRate("611030", 1200, "man-made sweaters", TARIFF_2021),
    DutyRate("611120", 1200, "knitted cotton baby clothes", USUAL_LINE),
    DutyRate("611241", 1200, "synthetic swimwear, women", USUAL_LINE),
    DutyRate("611595", 1200, "cotton socks", TARIFF_2021),
    DutyRate("620240", 1200, "man-made coats, women", ANALYST),
    DutyRate("620342", 1200, "cotton trousers, men", TARIFF_2021),
    DutyRate("620443", 1200, "woven synthetic dresses", TARIFF_2021),
    DutyRate("620462", 1200, "cotton trousers, women", TARIFF_2021),
    DutyRate("620640", 1200, "man-made blouses", TARIFF_2021),
    DutyRate("621210", 650, "brassieres", TARIFF_2021),
    DutyRate("621430", 800, "synthetic scarves", TARIFF_2021),
    DutyRate("630140", 1200, "synthetic blankets", TARIFF_2021),
    DutyRate("630232", 1200, "man-made bed linen", USUAL_LINE),
    DutyRate("630392", 1200, "synthetic curtains", USUAL_LINE),
    DutyRate("630790", 630, "made-up textile articles", USUAL_LINE),
    DutyRate("640299", 1680, "rubber or plastic footwear", USUAL_LINE),
    DutyRate("640399", 800, "leather footwear", USUAL_LINE),
    DutyRate("640411", 1690, "textile sports footwear", TARIFF_2021),
    DutyRate("640419", 1690, "textile footwear", TARIFF_2021),
    DutyRate("650500", 270, "hats and caps", USUAL_LINE),
    DutyRate("660110", 470, "garden umbrellas", TARIFF_2021),
    DutyRate("660191", 470, "folding umbrellas", TARIFF_2021),
    DutyRate("670210", 470, "plastic flowers", TARIFF_2021),
    DutyRate("670411", 220, "synthetic wigs", TARIFF_2021),
    DutyRate("691110", 1200, "porcelain tableware", TARIFF_2021),
    DutyRate("701337", 1100, "drinking glasses", TARIFF_2021),
    DutyRate("711311", 250, "silver jewellery", TARIFF_2021),
    DutyRate("711719", 400, "imitation jewellery of base metal", TARIFF_2021),
    DutyRate("711790", 400, "imitation jewellery, other", TARIFF_2021),
    DutyRate("732393", 320, "stainless kitchenware", TARIFF_2021),
    DutyRate("820559", 270, "hand tools", USUAL_LINE),
    DutyRate("821193", 850, "folding knives", TARIFF_2021),
    DutyRate("841451", 320, "fans", USUAL_LINE),
    DutyRate("846721", 270, "electric drills", TARIFF_2021),
    DutyRate("847160", 0, "keyboards and mice", TARIFF_2021),
    DutyRate("850440", 0, "chargers and power adapters", TARIFF_2021),
    DutyRate("850650", 470, "lithium cells", TARIFF_2021),
    DutyRate("850760", 270, "power banks, lithium-ion batteries", USUAL_LINE),
    DutyRate("850811", 220, "vacuum cleaners", TARIFF_2021),
    DutyRate("850940", 220, "blenders and mixers", TARIFF_2021),
    DutyRate("850980", 220, "small domestic appliances", TARIFF_2021),
    DutyRate("851020", 220, "hair clippers", TARIFF_2021),
    DutyRate("851310", 570, "torches", TARIFF_2021),
    DutyRate("851631", 270, "hair dryers", TARIFF_2021),
    DutyRate("851632", 270, "hair stylers", TARIFF_2021),
    DutyRate("851713", 0, "smartphones", ANALYST),
    DutyRate("851762", 0, "smartwatches, network devices", TARIFF_2021),
    DutyRate("851821", 0, "loudspeakers", TARIFF_2021),
    DutyRate("851830", 0, "headphones", TARIFF_2021),
    DutyRate("852351", 0, "flash memory", TARIFF_2021),
    DutyRate("852589", 0, "action and web cameras", ANALYST),
    DutyRate("852862", 0, "projectors", TARIFF_2021),
    DutyRate("853952", 370, "LED lamps", ANALYST),
    DutyRate("854340", 370, "electronic cigarettes", ANALYST),
    DutyRate("854442", 330, "charging cables", USUAL_LINE),
    DutyRate("870899", 350, "motor-vehicle parts", USUAL_LINE),
    DutyRate("871160", 600, "electric bikes and scooters", TARIFF_2021),
    DutyRate("871499", 470, "bicycle parts", TARIFF_2021),
    DutyRate("900410", 290, "sunglasses", TARIFF_2021),
    DutyRate("901320", 0, "lasers, laser pointers", TARIFF_2021),
    DutyRate("901890", 0, "medical instruments", TARIFF_2021),
    DutyRate("901910", 0, "massage apparatus", TARIFF_2021),
    DutyRate("910211", 450, "quartz watches, hands", ANALYST),
    DutyRate("910212", 450, "quartz watches, digital", ANALYST),
    DutyRate("930400", 320, "air and spring guns", TARIFF_2021),
    DutyRate("930700", 170, "swords and daggers", TARIFF_2021),
    DutyRate("940320", 0, "metal furniture", TARIFF_2021),
    DutyRate("940490", 370, "pillows and cushions", TARIFF_2021),
    DutyRate("940542", 470, "LED luminaires", ANALYST),
    DutyRate("950300", 470, "toys", USUAL_LINE),
    DutyRate("950450", 0, "game consoles and controllers", TARIFF_2021),
    DutyRate("950510", 270, "Christmas articles", USUAL_LINE),
    DutyRate("950590", 270, "party articles", TARIFF_2021),
    DutyRate("950691", 270, "fitness equipment", TARIFF_2021),
    DutyRate("950699", 270, "sports and outdoor goods", USUAL_LINE),
    DutyRate("950730", 370, "fishing reels", TARIFF_2021),
    DutyRate("960321", 370, "toothbrushes", TARIFF_2021),
    DutyRate("960330", 370, "cosmetic and artists' brushes", TARIFF_2021),
    DutyRate("960719", 770, "slide fasteners", TARIFF_2021),
    DutyRate("960810", 370, "ball-point pens", TARIFF_2021),
    DutyRate("961310", 270, "gas lighters, not refillable", TARIFF_2021),
    DutyRate("961320", 270, "gas lighters, refillable", TARIFF_2021),
    DutyRate("961380", 270, "other lighters", TARIFF_2021),
    DutyRate("961511", 270, "combs and hair slides", TARIFF_2021),
)

# Means of the median rate per HS6, weighted by the number of ad valorem lines and rounded to
# 0.1 %; derived from the UK Global Tariff data set (OGL v3.0, HS 2017, EU rates of January 2021).
# Chapters of agriculture pay specific duties beside these, which are not in the mean.
CHAPTER_RATES: Final[dict[str, int]] = {
    "01": 130, "02": 510, "03": 1080, "04": 530, "05": 0, "06": 610, "07": 910, "08": 710,
    "09": 290, "10": 380, "11": 1180, "12": 110, "13": 280, "14": 0, "15": 640, "16": 1890,
    "17": 1140, "18": 610, "19": 1060, "20": 1720, "21": 890, "22": 130, "23": 100, "24": 4510,
    "25": 20, "26": 0, "27": 190, "28": 450, "29": 570, "30": 0, "31": 550, "32": 620,
    "33": 240, "34": 270, "35": 520, "36": 640, "37": 460, "38": 600, "39": 630, "40": 250,
    "41": 290, "42": 490, "43": 180, "44": 220, "45": 350, "46": 270, "47": 0, "48": 0,
    "49": 0, "50": 530, "51": 380, "52": 640, "53": 340, "54": 600, "55": 640, "56": 540,
    "57": 750, "58": 720, "59": 630, "60": 790, "61": 1160, "62": 1160, "63": 990, "64": 1010,
    "65": 250, "66": 430, "67": 280, "68": 120, "69": 490, "70": 540, "71": 60, "72": 30,
    "73": 170, "74": 330, "75": 60, "76": 640, "78": 220, "79": 300, "80": 0, "81": 390,
    "82": 310, "83": 250, "84": 200, "85": 230, "86": 180, "87": 570, "88": 260, "89": 110,
    "90": 120, "91": 410, "92": 320, "93": 230, "94": 230, "95": 150, "96": 300, "97": 0,
}  # fmt: skip

FALLBACK_BASIS_POINTS: Final = 500
"""Rate of a code in no known chapter: the same mean over all chapters."""

HS_2017_ORIGIN: Final[dict[str, str]] = {
    "240412": "382499",
    "620240": "620293",
    "851713": "851712",
    "851714": "851712",
    "852589": "852580",
    "853952": "853950",
    "854340": "854370",
    "940542": "940540",
}
"""For HS 2022 codes of this table: where most of the goods stood in HS 2017 (analyst, after the
WCO correlation tables), so that a tariff table of before 2022 still finds them."""
