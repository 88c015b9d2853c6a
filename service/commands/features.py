"""`triage features`: what the models see."""

from __future__ import annotations


def features() -> None:
    """List every feature: its scope, its unit and what it means.

    A feature sees its consignment, its flight, or the days before; never its own outcome.

    Example: triage features | grep mass
    """
    from features.catalogue import catalogue
    from service.console import stdout, table

    rows = catalogue()
    stdout().print(table(rows.columns, rows.rows(), f"{rows.height} features"))
