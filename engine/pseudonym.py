"""Consignees behind the door: enough to link altered names, and nothing to read.

Names, streets and identifiers of natural persons become keyed hashes of their normalised words
and a keyed Bloom filter of the name's letter pairs (privacy-preserving record linkage; Schnell,
Bachteler and Reiher 2009). The key stays with the service; without it no dictionary of names
can be tried. A few signs that need the clear text (a UUID as a name, a street without a number)
are read here, before it goes.
"""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

from engine.errors import SettingError

BLOOM_WORDS = 4
"""64-bit words of the name filter: 256 bits for some 15 letter pairs of 2 bits each keeps it
about one ninth full, so that unrelated names rarely agree (estimate, checked in the tests)."""

BITS_A_PAIR = 2
"""Hash functions of the filter."""

_UUID = r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
_PLACEHOLDER = (
    r"^(unknown|n ?a|none|null|nil|private|private person|customer|client|consignee|receiver|"
    r"recipient|test|name|no name|noname|xxx+|mickey mouse|buyer|user|guest|person)$"
)
_CODE_WORD = (
    r"(^| )([a-z]*[0-9]+[a-z]+[0-9a-z]*|[a-z]+[0-9]+[0-9a-z]*|[bcdfghjklmnpqrstvwxz]{4,})( |$)"
)
"""A word that mixes letters and digits, or has four consonants or more and no vowel."""

_CODE_ALONE = r"^([a-z]*[0-9]+[a-z]+[0-9a-z]*|[a-z]+[0-9]+[0-9a-z]*|[bcdfghjklmnpqrstvwxz]{4,})$"
"""The same, of one word."""

_TITLES = (
    "fam", "familie", "famille", "familia", "famiglia", "family", "mr", "mrs", "ms", "miss", "mme",
    "mlle", "monsieur", "madame", "herr", "frau", "dhr", "mevr", "mevrouw", "meneer", "sr", "sra",
    "senor", "senora", "sig", "signor", "signora", "dr", "prof", "pan", "pani",
)  # fmt: skip
"""Words before a name that are no part of it, in the languages of the destinations."""

SHORTEST_KEY_BYTES = 16
"""128 bits: below, a key can be searched (NIST SP 800-131A asks at least 112)."""

LONGEST_KEY_BYTES = 64
"""What keyed BLAKE2b takes (RFC 7693)."""


def key_from_hex(text: str, where: str) -> bytes:
    """A key from hexadecimal digits. The key itself is never part of a message.

    Parameters
    ----------
    text : the digits; blanks around them do not matter.
    where : what holds them, for the message.

    Raises
    ------
    SettingError
        They are not hexadecimal, too few or too many.
    """
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if not SHORTEST_KEY_BYTES <= len(key) <= LONGEST_KEY_BYTES:
        raise SettingError(
            f"{where} must hold {2 * SHORTEST_KEY_BYTES} to {2 * LONGEST_KEY_BYTES} hexadecimal "
            "digits and does not.",
            "Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'",
        )
    return key


def normalised(text: pl.Expr) -> pl.Expr:
    """Small letters without accents, digits, single spaces; the form in which texts are compared.

    `Müller-Straße 12B` becomes `muller strasse 12b`.
    """
    plain = (
        text.str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.to_lowercase()
        .str.replace_many(["ß", "æ", "ø", "œ", "ł", "đ"], ["ss", "ae", "o", "oe", "l", "d"])
        .str.replace_all(r"[^\p{L}\p{N}]+", " ")
    )
    return plain.str.strip_chars()


def keyed_hash(text: str, key: bytes, purpose: bytes) -> int:
    """64-bit keyed BLAKE2b of a text; `purpose` (16 bytes at most) keeps uses apart."""
    digest = hashlib.blake2b(text.encode(), digest_size=8, key=key, person=purpose)
    return int.from_bytes(digest.digest(), "little")


def pseudonymised(rows: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """Replace the consignee's name, street and identifier by tokens, bits and signs.

    Parameters
    ----------
    rows : accepted rows of `DeclarationRow`.
    key : secret of 16 to 64 bytes; the same key links consignees across files and days.

    Returns
    -------
    The rows with the `importer_*` columns of `Declaration`; `importer_name`, `importer_street`
    and `importer_id` are gone.
    """
    no_tokens = pl.lit([], dtype=pl.List(pl.UInt64))
    names = _distinct(rows, "importer_name", _name=normalised(pl.col("importer_name")))
    streets = _distinct(
        rows,
        "importer_street",
        _street=_filled(_spaced(normalised(pl.col("importer_street")))),
    )
    ids = _distinct(rows, "importer_id", _id=_filled(normalised(pl.col("importer_id"))))
    told = {
        "importer_name": names.join(_name_table(names, key), on="_name", how="left"),
        "importer_street": streets.join(
            _street_table(streets, key), on="_street", how="left"
        ).with_columns(pl.col("importer_street_tokens").fill_null(no_tokens)),
        "importer_id": ids.join(_id_table(ids, key), on="_id", how="left"),
    }
    for name, table in told.items():
        rows = rows.join(table, on=name, how="left", maintain_order="left", nulls_equal=True)
    return rows.drop("_name", "_street", "_id", *told)


def _distinct(rows: pl.DataFrame, name: str, **written: pl.Expr) -> pl.DataFrame:
    """The distinct texts of a column, and the form in which they are compared: few of a flight's
    consignees have one consignment with one line.
    """
    return rows.select(name).unique().with_columns(**written)


def _spaced(text: pl.Expr) -> pl.Expr:
    """`12b` and `12 b` are the same house, `Dorpsstraat12` is in the Dorpsstraat."""
    apart = text.str.replace_all(r"([0-9])([a-z])", "${1} ${2}")
    return apart.str.replace_all(r"(\p{L}{3,})([0-9])", "${1} ${2}")


def _person(name: pl.Expr) -> pl.Expr:
    """The words of a name that say who it is, unless none is left.

    Titles, initials, numbers, digits after a word and words drawn at random (`KX7RT`) are left out:
    they are what is added to make one person look like several (domain report 1.5, point 2).
    """
    word = pl.element()
    is_kept = (
        (word.str.len_chars() >= 2)
        & word.str.contains(r"\p{L}")
        & ~word.str.contains(_CODE_ALONE)
        & ~word.is_in(_TITLES)
    )
    words = name.str.replace_all(r"(\p{L}{2,})[0-9]{1,4}( |$)", "${1}${2}").str.split(" ")
    kept = words.list.eval(word.filter(is_kept))
    return pl.when(kept.list.len() > 0).then(kept.list.join(" ")).otherwise(name)


def _filled(text: pl.Expr) -> pl.Expr:
    """Null where nothing but punctuation was written: `-` links nobody."""
    return pl.when(text != "").then(text)


def _name_table(rows: pl.DataFrame, key: bytes) -> pl.DataFrame:
    names = rows.select("_name").unique().sort("_name")
    name = pl.col("_name")
    letters = name.str.replace_all(" ", "")
    persons = names.select(_person(name))["_name"]
    names = names.with_columns(
        importer_name_length=letters.str.len_chars().cast(pl.Int64),
        importer_name_has_digit=name.str.contains("[0-9]"),
        importer_name_has_code=name.str.contains(_CODE_WORD),
        importer_name_is_uuid=letters.str.contains(_UUID.replace("-?", "")),
        importer_name_is_placeholder=name.str.contains(_PLACEHOLDER) | (name == ""),
        importer_name_tokens=_tokens(persons, key, b"importer name"),
    )
    return names.hstack(_name_bits(persons, key))


def _street_table(rows: pl.DataFrame, key: bytes) -> pl.DataFrame:
    streets = rows.select("_street").drop_nulls().unique().sort("_street")
    street = pl.col("_street")
    return streets.with_columns(
        importer_street_tokens=_tokens(streets["_street"], key, b"importer street"),
        importer_street_has_number=street.str.contains("[0-9]"),
        importer_street_has_code=street.str.contains(r"(^| )[bcdfghjklmnpqrstvwxz]{4,}( |$)")
        | street.str.contains(r"(^| )[0-9]+ [a-z]{2,3} [0-9a-z]+( |$)"),
    )


def _id_table(rows: pl.DataFrame, key: bytes) -> pl.DataFrame:
    ids = rows.select("_id").drop_nulls().unique()
    return ids.with_columns(importer_key=_hashed(ids["_id"], key, b"importer id"))


def _hashed(texts: pl.Series, key: bytes, purpose: bytes) -> pl.Series:
    """Keyed hashes of distinct texts (BLAKE2b does some 1.5 million a second)."""
    return pl.Series([keyed_hash(text, key, purpose) for text in texts], dtype=pl.UInt64)


def _tokens(texts: pl.Series, key: bytes, purpose: bytes) -> pl.Series:
    """Sorted distinct keyed hashes of each text's words."""
    words = pl.DataFrame({"text": texts}).with_row_index("at")
    words = words.with_columns(word=pl.col("text").str.split(" ")).explode("word")
    distinct = words.select("word").unique()
    distinct = distinct.with_columns(token=_hashed(distinct["word"], key, purpose))
    is_word = pl.col("word") != ""
    tokens = (
        words.join(distinct, on="word")
        .group_by("at")
        .agg(pl.col("token").filter(is_word).unique().sort())
    )
    return tokens.sort("at")["token"]


def _name_bits(names: pl.Series, key: bytes) -> pl.DataFrame:
    """A keyed Bloom filter of the letter pairs of each name, as 64-bit words."""
    padded = pl.DataFrame({"name": names}).with_row_index("at")
    text = " " + pl.col("name") + " "
    pairs = padded.select(
        "at",
        pair=pl.concat_list(
            text.str.extract_all(r"(?s).."), text.str.slice(1).str.extract_all(r"(?s)..")
        ),
    ).explode("pair")
    distinct = pairs.select("pair").unique()
    words = _pair_words(distinct["pair"], key)
    filled = (
        pairs.join(distinct.hstack(words), on="pair", how="left")
        .group_by("at")
        .agg(pl.col(f"importer_name_bits_{word}").bitwise_or() for word in range(BLOOM_WORDS))
    )
    return filled.sort("at").drop("at").with_columns(pl.all().fill_null(0))


def _pair_words(pairs: pl.Series, key: bytes) -> pl.DataFrame:
    words = np.zeros((len(pairs), BLOOM_WORDS), dtype=np.uint64)
    for at, pair in enumerate(pairs):
        digest = keyed_hash(pair or "", key, b"importer pair")
        for part in range(BITS_A_PAIR):
            bit = (digest >> (16 * part)) % (64 * BLOOM_WORDS)
            words[at, bit // 64] |= np.uint64(1 << (bit % 64))
    return pl.DataFrame(
        {f"importer_name_bits_{word}": words[:, word] for word in range(BLOOM_WORDS)}
    )
