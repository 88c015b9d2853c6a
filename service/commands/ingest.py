"""`triage ingest`: the user's own declarations into the state."""

from __future__ import annotations

from service.commands.options import Day, Paths, Rejects, day_of, finish


def ingest(paths: Paths, date: Day = None, rejects: Rejects = None) -> None:
    """Bring your declarations into the state.

    What is in the state is history: models learn from it, and the list of a flight covers all
    that was received for it. Rows already known are kept once; a changed row is an amendment,
    kept beside the first. Bad rows are named with their rule, good rows go on.

    Example: triage ingest manifests/2026-09/*.csv --rejects rejected.csv
    """
    from service.bringing_in import ingest as bring_in
    from service.composition import open_home, open_store
    from service.console import counting, show_account, stdout

    home = open_home()
    with counting("Reading declarations") as done:
        account = bring_in(home, open_store(home), paths, as_of=day_of(date), done=done)
    show_account(account, "declaration rows", stdout())
    finish(account, rejects)
