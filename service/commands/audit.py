"""`triage audit`: whether the audit log is as it was written."""

from __future__ import annotations

import typer


def audit() -> None:
    """Check the audit log: that no row of it was changed, taken out, moved or cut off.

    Walks the whole chain and compares it with the heads that were written down beside the database
    (or where TRIAGE_AUDIT_ANCHOR says). A log that is whole gets its head written down once more;
    of one that is not, the first row that is wrong is named, and the status is 1.

    Example: triage audit
    """
    from service.composition import open_database, open_home
    from service.console import stdout

    verdict = open_database(open_home()).verify_audit()
    if not verdict.is_whole:
        stdout().print(
            f"The audit log is broken at row {verdict.broken_id:,}: {verdict.why}. "
            f"The {verdict.count:,} rows before it are as they were written.",
            soft_wrap=True,
        )
        raise typer.Exit(1)
    stdout().print(f"The audit log is whole: {verdict.count:,} rows. Head: {verdict.head}")
