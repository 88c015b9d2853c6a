"""A registered version for those who use MLflow's own interface: `mlflow.pyfunc.load_model`.

The product itself does not score through here (`models.champion` finds the folder and
`models.artifact` reads it); this door is for notebooks and for MLflow's tools. What MLflow keeps
of a version is data alone; this module is what reads it.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from engine.acceptance import Accepted
from engine.declaration import CONSIGNMENT
from engine.intake import EuroOnly, take_in
from engine.pseudonym import key_from_hex
from models.artifact import load_artifact

if TYPE_CHECKING:
    import pandas as pd

    from models.artifact import Artifact

KEY_VARIABLE = "TRIAGE_PSEUDONYM_KEY"
"""Environment variable with the installation's pseudonym key, hexadecimal, 16 to 64 bytes."""

NO_INSTALLATION_KEY = b"no installation's key, constant."
"""Stands in for a missing key: the same rows get the same risks in every process. No secret: what
is made with it is never stored."""

PROMISES = ("risk", "risk_fiscal", "risk_goods", "expected_revenue_eur")
"""What is answered of each consignment, beside its key."""


class ServedModel:
    """A version that scores declarations in the contract's form.

    Parameters
    ----------
    artifact : the model folder, read.
    key : secret of the consignees' pseudonyms. Without the installation's own key, consignees
        are linked within one call, but not with what the model learned of them.
    """

    def __init__(self, artifact: Artifact, key: bytes) -> None:
        self._artifact = artifact
        self._scorer = artifact.scorer()
        self._key = key

    def predict(self, frame: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Risks of the consignments that the rows declare.

        Parameters
        ----------
        frame : declaration rows; amounts in EUR (there are no rates of exchange here).
        params : not used; MLflow's interface has it.

        Returns
        -------
        One row a consignment in order of first appearance: `hawb`, `flight_number`,
        `flight_date`, `risk`, `risk_fiscal`, `risk_goods` (probabilities) and
        `expected_revenue_eur`. A consignment of which no row was acceptable has no risks, and a
        warning says why.

        Raises
        ------
        InputError
            There are no rows, a required column is missing, or rows are of a day that the
            model's history includes: it answers for later days.
        """
        raw = pl.from_pandas(frame.reset_index(drop=True)).with_row_index("row_number", offset=1)
        accepted = take_in(raw, rates=EuroOnly(), key=self._key)
        if not accepted.rejections.is_empty():
            warnings.warn(_told(accepted), UserWarning, stacklevel=2)
        scored = self._scored(accepted.rows)
        answer = pl.concat([scored, _without_risk(raw, accepted)], how="diagonal")
        columns = ("hawb", "flight_number", "flight_date", *PROMISES)
        return answer.sort("row_number").select(columns).to_pandas()

    def _scored(self, rows: pl.DataFrame) -> pl.DataFrame:
        first = rows.group_by(CONSIGNMENT).agg(pl.col("row_number").min().cast(pl.Int64))
        if rows.is_empty():
            return first.with_columns(pl.lit(None, pl.Float64).alias(name) for name in PROMISES)
        items = rows.drop("row_number")
        scored = self._scorer.score(items, self._artifact.history, self._artifact.ledger)
        return first.join(scored.select(*CONSIGNMENT, *PROMISES), on=CONSIGNMENT)


def _load_pyfunc(data_path: str) -> ServedModel:
    """What MLflow calls: a version from its folder.

    The pseudonym key comes from the environment variable `TRIAGE_PSEUDONYM_KEY`; if there is
    none, a constant one stands in, and a warning says so once.
    """
    return ServedModel(load_artifact(Path(data_path)), pseudonym_key())


def pseudonym_key() -> bytes:
    """The installation's key from the environment, or the constant that stands in for it."""
    text = os.environ.get(KEY_VARIABLE, "")
    if text:
        return key_from_hex(text, KEY_VARIABLE)
    warnings.warn(
        f"{KEY_VARIABLE} is not set: consignees are linked within what is scored here, but not to "
        "the history of the installation that the model comes from.",
        UserWarning,
        stacklevel=2,
    )
    return NO_INSTALLATION_KEY


def _without_risk(raw: pl.DataFrame, accepted: Accepted) -> pl.DataFrame:
    """Consignments of which every row was rejected, by their key as it came."""
    rejected = raw.join(
        accepted.rejections.select("row_number").unique().cast(raw.schema["row_number"]),
        on="row_number",
        how="semi",
    )
    keys = rejected.select(
        pl.col("row_number").cast(pl.Int64),
        pl.col("flight_number", "hawb").cast(pl.String, strict=False),
        pl.col("flight_date")
        .cast(pl.String, strict=False)
        .str.slice(0, 10)
        .str.to_date(strict=False),
    )
    first = keys.group_by(CONSIGNMENT).agg(pl.col("row_number").min())
    return first.join(accepted.rows, on=CONSIGNMENT, how="anti", nulls_equal=True)


def _told(accepted: Accepted) -> str:
    first = accepted.rejections["message"][0]
    return f"{accepted.rejected_count} of {accepted.received_count} rows were rejected: {first}"
