"""`triage outcomes`: the user's own control results into the state."""

from __future__ import annotations

from service.commands.options import Day, Paths, Rejects, day_of, finish


def outcomes(paths: Paths, date: Day = None, rejects: Rejects = None) -> None:
    """Bring your control results into the state.

    A result counts from the instant it was recorded, never earlier. Results of parcels that are
    not declared yet are kept too: they count once the declaration is there.

    Example: triage outcomes controls.xlsx
    """
    from service.bringing_in import record
    from service.composition import open_home, open_store
    from service.console import counting, show_account, stdout

    with counting("Reading outcomes") as done:
        account = record(open_store(open_home()), paths, as_of=day_of(date), done=done)
    show_account(account, "outcome rows", stdout())
    finish(account, rejects)
