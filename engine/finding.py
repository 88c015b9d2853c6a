"""What an inspector records: finding types, results, ways of control (contract section 2)."""

from __future__ import annotations

FISCAL_FINDINGS: tuple[str, ...] = (
    "UNDERVALUATION",
    "SPLITTING",
    "MISDESCRIPTION",
    "MISCLASSIFICATION",
    "UNDECLARED_GOODS",
    "IOSS_MISUSE",
    "FALSE_GIFT",
    "FALSE_ORIGIN",
)
"""Findings about money: what was declared is not what is owed."""

GOODS_FINDINGS: tuple[str, ...] = (
    "IPR_INFRINGEMENT",
    "PRODUCT_SAFETY",
    "PROHIBITED_RESTRICTED",
)
"""Findings about the goods themselves: intellectual property, safety, prohibitions."""

FINDING_TYPES: tuple[str, ...] = FISCAL_FINDINGS + GOODS_FINDINGS
"""Every finding type of the contract; outcome rows join them with `|`."""

RESULT_CODES: tuple[str, ...] = ("A1", "A2", "A5", "B1")
"""A1 satisfactory, A2 considered satisfactory, A5 minor discrepancy, B1 not satisfactory."""

CONTROL_TYPES: tuple[str, ...] = ("documentary", "xray", "physical", "sampling")
"""How a consignment was controlled."""

SELECTED_BY: tuple[str, ...] = ("model", "rule", "random", "referral", "officer")
"""Why a consignment was controlled."""

STATUSES: tuple[str, ...] = ("provisional", "final")
"""Laboratory and right holder answer weeks later: two events of one control."""
