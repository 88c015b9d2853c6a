"""A saved model tried out in a process of its own, before a process that serves reads it.

A damaged LightGBM text ends the process that reads it; no exception says so. Hence a child reads
the folder and scores a few invented parcels, and its parent looks how it ended:
`python -m service.trial FOLDER`.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from engine.errors import StateError, TriageError
from service.home import Home
from service.sealing import check_model

TRIAL_SECONDS = 180.0
"""A model that cannot be read and asked within this time is of no use (estimate: five seconds are
usual, thirty on a busy machine)."""

_REFUSED = 3
"""Exit status of a child that says in words why."""

_WAY_OUT = "The version before goes on. Train again with `triage train`."


def tried_out(folder: Path) -> None:
    """Try a saved model out; returns if it can be read and scores.

    Parameters
    ----------
    folder : a saved model; whoever serves has checked its seal before.

    Raises
    ------
    StateError
        It cannot be used, or it ended the process that tried it.
    """
    command = [sys.executable, "-m", "service.trial", str(folder)]
    try:
        ended = subprocess.run(command, capture_output=True, timeout=TRIAL_SECONDS, check=False)
    except subprocess.TimeoutExpired as late:
        raise StateError(
            f"The model in {folder} did not answer within {TRIAL_SECONDS:.0f} seconds.", _WAY_OUT
        ) from late
    if ended.returncode == 0:
        return
    if ended.returncode == _REFUSED:
        told = json.loads(ended.stdout.splitlines()[-1])
        raise StateError(told["message"], told["way_out"])
    how = f"exit status {ended.returncode}"
    if ended.returncode < 0:
        how = signal.Signals(-ended.returncode).name
    raise StateError(f"The model in {folder} ended the process that tried it ({how}).", _WAY_OUT)


def checked_and_tried(home: Home, folder: Path) -> str:
    """Check the seal of a model, and try it out unless these very bytes passed before.

    Returns
    -------
    The name of what was sealed (`models.seal.check_seal`).

    Raises
    ------
    StateError
        The seal is broken, or the model cannot be used.
    """
    sealed = check_model(home, folder)
    passed = home.root / "trials" / f"{sealed[:32]}-{_program()}"
    if not passed.exists():
        tried_out(folder)
        passed.parent.mkdir(exist_ok=True)
        passed.touch()
    return sealed


def _program() -> str:
    """Names the versions of what reads a model; another one has to try it anew."""
    from importlib.metadata import version

    from features.catalogue import fingerprint

    return f"{fingerprint()}-{version('lightgbm')}-{version('polars')}"


_PARCELS: tuple[dict[str, Any], ...] = (
    {"hawb": "TRIAL1", "hs6": "610910", "goods_description": "cotton t-shirt",
     "gross_mass_kg": "0.2", "intrinsic_value": "9.90", "importer_name": "Jan Voorbeeld"},
    {"hawb": "TRIAL2", "hs6": "851830", "goods_description": "wireless earphones",
     "gross_mass_kg": "0.1", "intrinsic_value": "19.00", "importer_name": "Marie Exemple"},
    {"hawb": "TRIAL3", "hs6": "851830", "goods_description": "accessories",
     "gross_mass_kg": "4.5", "intrinsic_value": "149.00", "importer_name": "Jan  Voorbeeld x1"},
)  # fmt: skip
"""Invented parcels: ordinary, ordinary, odd."""

_PAPERS: dict[str, Any] = {
    "flight_number": "XX100", "mawb": "784-00000011", "declarant_eori": "BE0000000001",
    "exporter_name": "Invented Trading", "exporter_country": "CN", "importer_country": "BE",
    "importer_postcode": "4000", "additional_procedure_codes": "C07", "goods_item_number": "1",
    "intrinsic_value_currency": "EUR",
}  # fmt: skip


def _try(folder: Path) -> None:
    """Read the model and score the invented parcels on the day after its last one."""
    import polars as pl

    from engine.intake import EuroOnly, take_in
    from models.artifact import load_artifact

    artifact = load_artifact(folder)
    day = (artifact.last_day or date(2026, 1, 1)) + timedelta(days=1)
    raw = pl.DataFrame([_PAPERS | parcel | {"flight_date": str(day)} for parcel in _PARCELS])
    raw = raw.with_row_index("row_number", offset=1)
    items = take_in(raw, rates=EuroOnly(), key=b"invented parcels").rows.drop("row_number")
    risks = artifact.scorer().score(items, artifact.history, artifact.ledger)
    told = pl.col("risk", "risk_fiscal", "risk_goods")
    good = risks.filter(pl.all_horizontal(told.is_between(0, 1)))
    if good.height != len(_PARCELS):
        raise StateError(f"The model in {folder} answers with no probabilities.", _WAY_OUT)


def main() -> int:
    """Try the folder that the command line names."""
    try:
        _try(Path(sys.argv[1]))
    except TriageError as refused:
        print(json.dumps({"message": refused.message, "way_out": refused.way_out}))
        return _REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
