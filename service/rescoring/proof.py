"""The proof of a rescoring: what came in, what came out, and that nothing got lost."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from engine.errors import StateError
from features.catalogue import fingerprint
from service.rescoring.places import Place
from service.rescoring.tasks import FileSeen, Flight, FlightDone, Job

NAME = "rescore.json"
"""File of the proof, in the folder of the scores."""


@dataclass(frozen=True)
class Proof:
    """What became of an archive.

    Attributes
    ----------
    file_count, received_count, rejected_count : files, their rows, and the rejected of them.
    flight_count, consignment_count : what was scored.
    left_over : files of scores in the folder that no flight of the archive stands for.
    """

    file_count: int
    received_count: int
    rejected_count: int
    flight_count: int
    consignment_count: int
    left_over: tuple[str, ...]


def prove(
    job: Job,
    engine: str,
    settings: str,
    files: Sequence[FileSeen],
    flights: Sequence[Flight],
    done: Mapping[tuple[date, str], FlightDone],
) -> Proof:
    """Compare what came in with what came out, and write it down.

    Raises
    ------
    StateError
        A flight was not scored, or has another number of scores than of consignments.
    """
    wanted = {flight.key for flight in flights}
    scored = [done[key] for key in sorted(wanted & set(done))]
    if len(scored) != len(wanted) or len(wanted) != len(flights):
        raise StateError(
            f"{len(flights)} flights came in, {len(scored)} were scored.", "Please report this."
        )
    for flight in scored:
        if flight.score_count != flight.consignment_count:
            raise StateError(
                f"Flight {flight.flight_number} of {flight.flight_date} has "
                f"{flight.consignment_count} consignments but {flight.score_count} scores.",
                "Please report this.",
            )
    totals = _totals(files, scored)
    told = {
        "model": job.model_version,
        "feature_fingerprint": fingerprint(),
        "settings": settings,
        "lists": None if job.lists is None else asdict(job.lists),
        "engine": engine,
        "totals": totals,
        "files": [_file(file) for file in files],
        "flights": [asdict(flight) for flight in scored],
    }
    job.out.at(NAME).write(json.dumps(told, indent=1, ensure_ascii=False).encode() + b"\n")
    return Proof(
        len(files),
        int(totals["received_rows"]),
        int(totals["rejected_rows"]),
        len(scored),
        int(totals["scores"]),
        _left_over(job.out, scored),
    )


def _totals(files: Sequence[FileSeen], flights: Sequence[FlightDone]) -> dict[str, float]:
    return {
        "files": len(files),
        "received_rows": sum(file.received_count for file in files),
        "rejected_rows": sum(file.rejected_count for file in files),
        "flights": len(flights),
        "items": sum(flight.item_count for flight in flights),
        "consignments": sum(flight.consignment_count for flight in flights),
        "scores": sum(flight.score_count for flight in flights),
        "risk_sum": math.fsum(flight.risk_sum for flight in flights),
        "revenue_sum_eur": math.fsum(flight.revenue_sum_eur for flight in flights),
    }


def _file(file: FileSeen) -> dict[str, object]:
    return {
        "name": file.name,
        "sha256": file.sha256,
        "received_rows": file.received_count,
        "rejected_rows": file.rejected_count,
        "rules": file.rules,
    }


def _left_over(out: Place, flights: Sequence[FlightDone]) -> tuple[str, ...]:
    told = {name for flight in flights for name in flight.files}
    found = (file.below(out) for file in out.files())
    return tuple(n for n in found if n.startswith("flight_date=") and n not in told)
