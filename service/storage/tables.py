"""The tables of the database, one definition for SQLite and PostgreSQL.

What comes as a message lies here row by row; what comes as a file lies in a Parquet file beside the
database. Both get a number from `receipts`, which alone says what came before what: the order of
receipt, never a clock. Money is in cents, instants are microseconds since 1970 UTC, ends in
`_at_us`; texts that hold JSON end in `_json`. No column holds a consignee's name, street or number.
"""

from __future__ import annotations

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite's strict tables know one kind of whole number, and count up only that."""

_TRUTH = Boolean().with_variant(Integer(), "sqlite")
_REAL: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")

receipts = Table(
    "receipts",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("public_id", Text, nullable=False, unique=True),  # random, 128 bits
    Column("kind", Text, nullable=False),  # declarations | outcomes
    Column("form", Text, nullable=False),  # message | file
    Column("file", Text),  # path below the state folder, where form is file
    Column("source", Text, nullable=False),  # key id, person's pseudonym, or "command line"
    Column("received_at_us", _NUMBER, nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("stored_count", Integer, nullable=False),
    Column("repeated_count", Integer, nullable=False),
    Column("amended_count", Integer, nullable=False),
    Column("rejected_count", Integer, nullable=False, server_default="0"),
    Column("is_whole", _TRUTH, nullable=False),  # False: the file was announced, not yet kept
    Column("answer_json", Text),  # what a message was answered, without any score
    sqlite_autoincrement=True,
    sqlite_strict=True,
)

Index(
    "ix_receipts_outcome_files",
    receipts.c.id,
    sqlite_where=text("kind = 'outcomes' AND form = 'file'"),
    postgresql_where=text("kind = 'outcomes' AND form = 'file'"),
)

declarations = Table(
    "declarations",
    METADATA,
    Column("receipt_id", _NUMBER, ForeignKey("receipts.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True),
    Column("flight_date", Text, nullable=False),  # YYYY-MM-DD
    Column("flight_number", Text, nullable=False),
    Column("hawb", Text, nullable=False),
    Column("goods_item_number", Integer, nullable=False),
    Column("lodged_at_us", _NUMBER, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("content_json", Text, nullable=False),  # the canonical row, pseudonymised
    Index(None, "flight_date", "flight_number", "hawb", "goods_item_number"),
    sqlite_strict=True,
)

arrivals = Table(
    "arrivals",
    METADATA,
    Column("flight_date", Text, primary_key=True),
    Column("flight_number", Text, primary_key=True),
    Column("row_count", _NUMBER, nullable=False),  # rows kept of messages, amendments too
    Column("last_receipt_id", _NUMBER, nullable=False),  # of a message; 0: only files came
    Column("last_file_id", _NUMBER, nullable=False, server_default="0"),
    sqlite_strict=True,
)
"""What arrived for each flight: whether anything came since is asked at every list."""

outcomes = Table(
    "outcomes",
    METADATA,
    Column("receipt_id", _NUMBER, ForeignKey("receipts.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True),
    Column("control_id", Text, nullable=False),
    Column("status", Text, nullable=False),  # provisional | final: two events
    Column("recorded_at_us", _NUMBER, nullable=False),
    Column("flight_date", Text, nullable=False),
    Column("flight_number", Text, nullable=False),
    Column("hawb", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("content_json", Text, nullable=False),
    Index(None, "control_id", "status", "recorded_at_us"),
    Index(None, "flight_date", "flight_number", "hawb"),
    sqlite_strict=True,
)

scores = Table(
    "scores",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("receipt_id", _NUMBER, ForeignKey("receipts.id"), nullable=False),
    Column("flight_date", Text, nullable=False),
    Column("flight_number", Text, nullable=False),
    Column("hawb", Text, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("feature_fingerprint", Text, nullable=False),
    Column("is_degraded", _TRUTH, nullable=False),
    Column("risk", _REAL, nullable=False),
    Column("risk_fiscal", _REAL, nullable=False),
    Column("risk_goods", _REAL, nullable=False),
    Column("expected_revenue_cents", _NUMBER, nullable=False),
    Column("reasons_json", Text, nullable=False),
    Column("made_at_us", _NUMBER, nullable=False),
    Index(None, "receipt_id"),
    Index(None, "flight_date", "flight_number", "hawb"),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)
"""Scores told in answer to a message; those of whole flights lie in the folder of a scoring."""

scorings = Table(
    "scorings",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("flight_date", Text, nullable=False),
    Column("flight_number", Text, nullable=False),
    Column("rows_mark", Text, nullable=False),  # of everything received for the flight
    Column("past_mark", Text, nullable=False),  # of the history and the ledger it was seen with
    Column("model_version", Text, nullable=False),
    Column("feature_fingerprint", Text, nullable=False),
    Column("is_degraded", _TRUTH, nullable=False),
    Column("note", Text, nullable=False),
    Column("past_note", Text, nullable=False),
    Column("item_count", Integer, nullable=False),
    Column("consignment_count", Integer, nullable=False),
    Column("folder", Text, nullable=False),  # below the state folder: risks, features, sight
    Column("risks_sha256", Text, nullable=False),
    Column("made_at_us", _NUMBER, nullable=False),
    Index(None, "flight_date", "flight_number"),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)
"""A flight scored as a whole by one model at one state of what was known."""

lists = Table(
    "lists",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("public_id", Text, nullable=False, unique=True),
    Column("scoring_id", _NUMBER, ForeignKey("scorings.id"), nullable=False),
    Column("flight_date", Text, nullable=False),
    Column("flight_number", Text, nullable=False),
    Column("wish_json", Text, nullable=False),  # budget, policy, random share, times ...
    Column("about_json", Text, nullable=False),  # what the list tells about itself
    Column("rows_json", Text, nullable=False),  # the list as issued (contract section 3)
    Column("rows_sha256", Text, nullable=False),
    Column("evidence_json", Text, nullable=False),  # pictures and links of each row
    Column("issued_to", Text, nullable=False),
    Column("issued_at_us", _NUMBER, nullable=False),
    Index(None, "flight_date", "flight_number"),
    UniqueConstraint("scoring_id", "wish_json"),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)
"""Lists as issued. The same wish for the same scoring is the same list."""

decisions = Table(
    "decisions",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("list_id", _NUMBER, ForeignKey("lists.id"), nullable=False),
    Column("flight_date", Text, nullable=False),
    Column("flight_number", Text, nullable=False),
    Column("hawb", Text, nullable=False),
    Column("what", Text, nullable=False),  # skip | record | undo
    Column("undoes_id", _NUMBER, ForeignKey("decisions.id")),
    Column("reason", Text, nullable=False),  # of a skip; empty otherwise
    Column("control_id", Text, nullable=False),  # of the outcome recorded; empty otherwise
    Column("decided_by", Text, nullable=False),
    Column("decided_at_us", _NUMBER, nullable=False),
    Index(None, "flight_date", "flight_number", "hawb"),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)
"""What officers did with a row of a list; nothing is taken out, an undo is an event too."""

jobs = Table(
    "jobs",
    METADATA,
    Column("id", Text, primary_key=True),  # random, 128 bits
    Column("file_sha256", Text, nullable=False),
    Column("file_name", Text, nullable=False),  # only its ending is used
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),  # received | reading | storing | scoring | done | failed
    Column("done_count", Integer, nullable=False),
    Column("total_count", Integer, nullable=False),
    Column("received_count", Integer, nullable=False),
    Column("accepted_count", Integer, nullable=False),
    Column("rejected_count", Integer, nullable=False),
    Column("report_json", Text, nullable=False),  # counts, flights, notes, or the error
    Column("submitted_at_us", _NUMBER, nullable=False),
    Column("changed_at_us", _NUMBER, nullable=False),
    UniqueConstraint("file_sha256", "source"),
    sqlite_strict=True,
)
"""Manifests that came by HTTP. The same file from the same source is the same job."""

keys = Table(
    "keys",
    METADATA,
    Column("id", Text, primary_key=True),  # public prefix of the key
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("hash", Text, nullable=False),  # keyed hash of the whole key
    Column("made_at_us", _NUMBER, nullable=False),
    Column("expires_at_us", _NUMBER),
    Column("revoked_at_us", _NUMBER),
    sqlite_strict=True,
)

sessions = Table(
    "sessions",
    METADATA,
    Column("hash", Text, primary_key=True),  # of the cookie
    Column("actor", Text, nullable=False),  # key id or person's pseudonym
    Column("role", Text, nullable=False),
    Column("csrf", Text, nullable=False),
    Column("made_at_us", _NUMBER, nullable=False),
    Column("seen_at_us", _NUMBER, nullable=False),
    sqlite_strict=True,
)

erased_days = Table(
    "erased_days",
    METADATA,
    Column("flight_date", Text, primary_key=True),
    Column("mark", Text, nullable=False),  # of the receipts of the day at that time
    Column("erased_at_us", _NUMBER, nullable=False),
    sqlite_strict=True,
)
"""Days whose consignees were let go (`service.retention`); what arrives later changes the mark."""

audit = Table(
    "audit",
    METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=False),  # 1, 2, 3 without a gap
    Column("happened_at_us", _NUMBER, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail_json", Text, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    sqlite_strict=True,
)
"""Append only; each row holds the hash of the one before it (`service.storage.audit`)."""
