"""`triage rescore`: score an archive, on one machine or on a cluster."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.rescoring.engines import Engine
    from service.rescoring.proof import Proof
    from service.rescoring.tasks import Job, Lists


class EngineName(StrEnum):
    """What carries a rescoring out."""

    local = "local"
    ray = "ray"


def rescore(
    archive: Annotated[
        str,
        typer.Argument(
            metavar="DIR",
            help="The archive: declarations in any accepted form, or those of a state "
            "(TRIAGE_HOME); with --engine ray also an address such as s3://bucket/archive.",
        ),
    ],
    out: Annotated[str, typer.Option(metavar="DIR", help="Where the scores go.")],
    engine: Annotated[EngineName, typer.Option(help="One machine, or a Ray cluster.")] = (
        EngineName.local
    ),
    model: Annotated[
        int | None, typer.Option(metavar="VERSION", help="Score with it; else the champion.")
    ] = None,
    outcomes: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH...", help="Control results; else those of the state."),
    ] = None,
    budget_controls: Annotated[
        int | None, typer.Option(metavar="N", help="Also write each flight's list of N controls.")
    ] = None,
    budget_minutes: Annotated[
        float | None, typer.Option(metavar="M", help="Also write each flight's list, M minutes.")
    ] = None,
    policy: Annotated[str, typer.Option(help="How to fill the budget.")] = "balanced",
    random_share: Annotated[float, typer.Option(help="Share of it drawn at random.")] = 0.1,
    list_form: Annotated[
        str, typer.Option(metavar="ENDING", help="Form of the lists: csv, xlsx, json or parquet.")
    ] = "csv",
    canonical: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Keep rows behind the door here, so that the next rescoring finds them; else "
            "below --out.",
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Processes; else one a core.")
    ] = None,
    ray_address: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Of the Ray cluster; else one here.")
    ] = None,
) -> None:
    """Score an archive with one model, each flight as of its own day.

    Every flight is scored with what was known before its day: profiles of the days before, control
    results recorded before. The scores of a flight are one Parquet file, DIR/flight_date=…/; what
    came in and out is proven in DIR/rescore.json. Killed at any point, the same command goes on.

    Example: triage rescore archive --out scores --budget-controls 50
    """
    from service.composition import open_home, open_store
    from service.console import say, steps
    from service.list_file import check_name
    from service.rescoring.opening import Rescoring
    from service.rescoring.places import Place
    from service.rescoring.run import rescore

    lists = _lists(budget_controls, budget_minutes, policy, random_share, list_form)
    if lists is not None:
        check_name(Path(f"list{lists.ending}"), "--list-form")
    home = open_home()
    asked = Rescoring(
        Place(archive),
        Place(out),
        None if canonical is None else Place(canonical),
        model,
        tuple(outcomes or ()),
        lists,
    )
    with steps("Rescoring") as step:
        proof = rescore(
            home,
            open_store(home),
            asked,
            _engine(engine, workers, ray_address),
            progress=step,
            say=say,
        )
    say(_told(proof, out))


def _lists(
    controls: int | None, minutes: float | None, policy: str, random_share: float, form: str
) -> Lists | None:
    """What is asked of the lists; None without a budget."""
    from service.rescoring.tasks import Lists

    if controls is None and minutes is None:
        return None
    if controls is not None and minutes is not None:
        raise typer.BadParameter("give at most one of --budget-controls N and --budget-minutes M")
    return Lists(controls, minutes, policy, random_share, f".{form.removeprefix('.').lower()}")


def _engine(
    name: EngineName, workers: int | None, ray_address: str | None
) -> Callable[[Job], Engine]:
    """Makes the engine; Ray is not looked for unless it was asked for."""
    if name is EngineName.ray:
        from service.rescoring.ray_engine import RayEngine

        return lambda job: RayEngine(job, ray_address)
    from service.rescoring.local_engine import LocalEngine

    return lambda job: LocalEngine(job, workers)


def _told(proof: Proof, out: str) -> str:
    told = (
        f"{proof.consignment_count:,} consignments of {proof.flight_count:,} flights scored, from "
        f"{proof.received_count:,} rows of {proof.file_count:,} files"
    )
    if proof.rejected_count:
        told += f"; {proof.rejected_count:,} rows were rejected, see {out}/rejected.parquet"
    if proof.left_over:
        told += (
            f". {len(proof.left_over):,} files there belong to no flight of the archive, such as "
            f"{proof.left_over[0]}"
        )
    return f"{told}. Proof in {out}/rescore.json."
