"""The one total order of consignments: risk, then expected yield, then a keyed hash.

Every list the product makes is in this order, so that the same input gives the same list whatever
the order of its rows. Ties are broken by a hash under a secret key: a shipper who could foresee
the hash could choose waybill numbers that lose every tie.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b

import numpy as np
import polars as pl

from engine.declaration import CONSIGNMENT
from engine.errors import SettingError

BY: tuple[str, ...] = ("risk", "expected_yield")
"""What decides first; highest first."""


def rank(frame: pl.DataFrame, *, by: Sequence[str] = BY, key: bytes) -> pl.DataFrame:
    """The rows in the total order: highest of `by` first, ties by `order_hash`.

    Parameters
    ----------
    frame
        One row a consignment: its key and the columns of `by`. Nulls come last.
    by
        Columns that decide, the first one first.
    key
        Secret of the installation, at least one byte.

    Raises
    ------
    SettingError
        The key is empty.
    """
    _check_key(key)
    is_tied = frame.select(pl.struct(by).is_duplicated()).to_series()
    # Only where it decides: of a flight of 300,000 few are tied, and a hash takes a microsecond.
    hashes = pl.zeros(frame.height, dtype=pl.UInt64, eager=True)
    columns = list(by)
    if is_tied.any():
        tied = order_hash(frame.filter(is_tied), key)
        hashes = hashes.scatter(is_tied.arg_true(), tied)
        # The consignment itself is the last word: two of them could share a hash.
        columns += ["_hash", *(CONSIGNMENT if tied.is_duplicated().any() else ())]
    return (
        frame.with_columns(hashes.alias("_hash"))
        .sort(columns, descending=[name in by for name in columns], nulls_last=True)
        .drop("_hash")
    )


def order_hash(frame: pl.DataFrame, key: bytes, *, purpose: str = "order") -> pl.Series:
    """A keyed hash of each consignment, the same in every process and version.

    Parameters
    ----------
    frame
        One row a consignment, with flight_number, flight_date and hawb.
    key
        Secret of the installation.
    purpose
        What the hash is for, at most 16 bytes; hashes for two purposes say nothing of each other.

    Returns
    -------
    Series
        UInt64, uniform over its range: 8 bytes of BLAKE2b (RFC 7693), big-endian.

    Raises
    ------
    SettingError
        The key is empty.
    """
    _check_key(key)
    identities = frame.select(
        pl.concat_str(
            [pl.col(name).cast(pl.String).fill_null("") for name in CONSIGNMENT], separator="|"
        )
    ).to_series()
    digests = b"".join(_digests(identities.cast(pl.Binary).to_list(), key, purpose))
    return pl.Series("order_hash", np.frombuffer(digests, ">u8").astype(np.uint64))


def _check_key(key: bytes) -> None:
    if not key:
        raise SettingError("The key of the ranking is empty.", "Give at least one secret byte.")


def _digests(identities: list[bytes], key: bytes, purpose: str) -> Iterator[bytes]:
    # The keyed state is made once and copied: a key costs a block of its own.
    secret = key if len(key) <= blake2b.MAX_KEY_SIZE else blake2b(key).digest()
    keyed = blake2b(key=secret, digest_size=8, person=purpose.encode())
    for identity in identities:
        state = keyed.copy()
        state.update(identity)
        yield state.digest()
