"""`triage retention`: let go of what is older than it may be kept."""

from __future__ import annotations

from service.commands.options import Day, day_of


def retention(date: Day = None) -> None:
    """Let go of what is older than it may be kept; run it once a day.

    Consignees of parcels that nobody chose go after TRIAGE_KEEP_CONSIGNEES_DAYS (90), everything
    else after TRIAGE_KEEP_DAYS (1096: three years). The audit log says how much went.

    Example: triage retention
    """
    from datetime import UTC, datetime

    from service.composition import open_database, open_home
    from service.console import stdout
    from service.retention import let_go
    from service.settings import read_settings

    home, settings = open_home(), read_settings()
    database = open_database(home)
    gone = let_go(
        home,
        database,
        today=day_of(date) or datetime.now(UTC).date(),
        consignees_days=settings.keep_consignees_days,
        days=settings.keep_days,
    )
    database.write_head()
    stdout().print(
        f"Let go of the consignees of {gone.consignee_count:,} parcels, of {gone.day_count:,} "
        f"days with {gone.declaration_count:,} declared items, of {gone.outcome_count:,} control "
        f"results, {gone.receipt_count:,} receipts and {gone.folder_count:,} folders.",
        soft_wrap=True,
    )
