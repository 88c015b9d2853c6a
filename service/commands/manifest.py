"""`triage manifest`: the main job, from a manifest to the inspection list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.commands.options import Day, Rejects, day_of, finish

if TYPE_CHECKING:
    from engine.budget import Budget

_FORMS = "by its ending .csv, .xlsx, .json or .parquet"


def manifest(
    file: Annotated[list[Path], typer.Argument(metavar="FILE", help="The manifest.")],
    budget_controls: Annotated[
        int | None, typer.Option(metavar="N", help="Budget: consignments to open.")
    ] = None,
    budget_minutes: Annotated[
        float | None, typer.Option(metavar="M", help="Budget: officer minutes to spend.")
    ] = None,
    policy: Annotated[
        str,
        typer.Option(help="How to fill the budget: balanced, top_risk, expected_yield or random."),
    ] = "balanced",
    random_share: Annotated[
        float, typer.Option(help="Share of the budget drawn at random: the honest measure.")
    ] = 0.1,
    harm_weight: Annotated[
        float, typer.Option(help="Euros of revenue that one euro of expected harm is worth.")
    ] = 1.0,
    harms: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="TOML file of your own harms beside the revenue lost, in euros a finding type, "
            "such as PRODUCT_SAFETY = 90; the usual ones stand for the others.",
        ),
    ] = None,
    max_per_uld: Annotated[
        int | None, typer.Option(metavar="N", help="At most N parcels of one ULD.")
    ] = None,
    max_per_shipper: Annotated[
        int | None, typer.Option(metavar="N", help="At most N parcels of one exporter.")
    ] = None,
    max_per_broker: Annotated[
        int | None, typer.Option(metavar="N", help="At most N parcels of one declarant.")
    ] = None,
    mandatory: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HAWB|FILE",
            help="House waybills that must be on the list, joined "
            "with commas, or a text file of them; may be given again.",
        ),
    ] = None,
    uld_minutes: Annotated[
        float, typer.Option(metavar="M", help="Break down a ULD, once for all its parcels.")
    ] = 90.0,
    bag_minutes: Annotated[
        float, typer.Option(metavar="M", help="Find and open a bag, once for all its parcels.")
    ] = 8.0,
    parcel_minutes: Annotated[
        float,
        typer.Option(
            metavar="M",
            help="Open an ordinary parcel; a disordered one or one "
            "of many items takes twice as long.",
        ),
    ] = 10.0,
    xray_first: Annotated[
        bool, typer.Option("--xray-first", help="X-ray every parcel, open it if a doubt is left.")
    ] = False,
    prove: Annotated[
        bool,
        typer.Option(
            "--prove",
            help="With --policy expected_yield: search until the list is proven the best.",
        ),
    ] = False,
    grouped: Annotated[
        bool, typer.Option("--grouped", help="List in the order an officer walks: by ULD and bag.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="LIST", help=f"Write the list, {_FORMS}.")
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=f"Write all consignments with their risks, {_FORMS}."),
    ] = None,
    store: Annotated[
        bool, typer.Option("--store/--no-store", help="Keep the manifest as tomorrow's history.")
    ] = True,
    date: Day = None,
    rejects: Rejects = None,
) -> None:
    """Score a flight's manifest and list what to open within the budget.

    The list covers everything received for the flights in the file, not this file alone. It never
    costs more than the budget, ULDs and bags to be opened included, says for each parcel why it is
    there, and is the same for the same declarations whatever their order. Without --out it is
    printed.

    Example: triage manifest XY123.csv --budget-controls 50 --out XY123-list.xlsx
    """
    from engine.caps import Caps
    from engine.times import InspectionTimes
    from service.composition import open_home, open_store
    from service.console import counting, say, show_account, stderr, stdout, steps
    from service.harms_file import harms_of
    from service.inspection import Wish, inspect, receive_manifest
    from service.list_file import check_name, write_table
    from service.list_table import show_list, summary
    from service.walk import in_walking_order
    from service.waybills import waybills_of

    as_of = day_of(date)
    budget = _budget(budget_controls, budget_minutes)
    wish = Wish(
        budget, policy, random_share, harm_weight, as_of,
        times=InspectionTimes.in_proportion(
            parcel=parcel_minutes, uld=uld_minutes, bag=bag_minutes, is_xray_first=xray_first
        ),
        caps=Caps(max_per_uld, max_per_shipper, max_per_broker),
        mandatory=waybills_of(mandatory or ()),
        proves=prove,
        harms_eur=harms_of(harms),
    )  # fmt: skip
    check_name(out, "--out")
    check_name(scores, "--scores")
    home = open_home()
    kept = open_store(home)
    with counting("Reading the manifest") as done:
        account, items = receive_manifest(home, kept, file, keeps=store, as_of=as_of, done=done)
    show_account(account, "manifest rows", stderr())
    if not account.accepted_count:
        finish(account, rejects)

    from service.scoring import score

    key = home.pseudonym_key() if store else home.key_without_a_trace()
    with steps("Scoring") as step:
        made = inspect(
            items,
            wish,
            lambda rows: score(home, kept, rows, as_of=as_of, keeps=store, progress=step),
            key,
        )
    if made.past_note:
        say(f"Note: {made.past_note}")
    if made.is_degraded:
        say(f"Rules rank, not a model: {made.note}")
    if scores is not None:
        write_table(made.scores, scores)
    if out is None:
        show_list(made, stdout(), is_grouped=grouped)
    else:
        write_table(in_walking_order(made.rows) if grouped else made.rows, out)
        say(f"{summary(made)} Written to {out}.")
    finish(account, rejects)


def _budget(controls: int | None, minutes: float | None) -> Budget:
    """The one budget that was given."""
    from engine.budget import Budget

    if controls is not None and minutes is None:
        return Budget.controls(controls)
    if minutes is not None and controls is None:
        return Budget.minutes(minutes)
    raise typer.BadParameter("give exactly one of --budget-controls N and --budget-minutes M")
