"""A user's own harms: a TOML file of finding types and euros."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from engine.errors import InputError, SettingError
from engine.harm import HARMS_EUR, checked_harms


def harms_of(path: Path | None) -> Mapping[str, float]:
    """The harms of all finding types, EUR: those of the file, the usual ones for the others.

    Parameters
    ----------
    path : lines such as `PRODUCT_SAFETY = 90`; None: the usual harms alone.

    Raises
    ------
    InputError
        The file cannot be read, or is no TOML.
    SettingError
        It names what is no finding type, or a harm that is no number of 0 or more.
    """
    if path is None:
        return HARMS_EUR
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(
            f"The harms in {path} cannot be read: {reason}.",
            "Give a TOML file with lines such as: PRODUCT_SAFETY = 90",
        ) from error
    try:
        return checked_harms(told)
    except SettingError as error:
        raise SettingError(f"--harms {path}: {error.message}", error.way_out) from error
