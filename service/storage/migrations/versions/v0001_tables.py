"""The first tables, and the triggers that keep the audit log append only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TRUTH = sa.Boolean().with_variant(sa.Integer(), "sqlite")
_REAL: TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")

_SQLITE_TRIGGERS = (
    """CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END""",
    """CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END""",
    """CREATE TRIGGER audit_has_no_gap BEFORE INSERT ON audit
    WHEN NEW.id <> (SELECT COALESCE(MAX(id), 0) + 1 FROM audit)
    BEGIN SELECT RAISE(ABORT, 'the audit log has no gaps'); END""",
)
_POSTGRES_TRIGGERS = (
    """CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log is append only'; END $$""",
    """CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_refuses()""",
    """CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()""",
    """CREATE FUNCTION audit_goes_on() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF NEW.id <> (SELECT COALESCE(MAX(id), 0) + 1 FROM audit) THEN
            RAISE EXCEPTION 'the audit log has no gaps';
        END IF;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER audit_has_no_gap BEFORE INSERT ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_goes_on()""",
)


def upgrade() -> None:
    """Make the tables."""
    _arrivals()
    _audit()
    _erased_days()
    _jobs()
    _keys()
    _receipts()
    _scorings()
    _sessions()
    _declarations()
    _lists()
    _outcomes()
    _scores()
    _decisions()
    embedded = op.get_bind().dialect.name == "sqlite"
    for trigger in _SQLITE_TRIGGERS if embedded else _POSTGRES_TRIGGERS:
        op.execute(trigger)


def _arrivals() -> None:
    op.create_table(
        "arrivals",
        sa.Column("flight_date", sa.Text(), nullable=False),
        sa.Column("flight_number", sa.Text(), nullable=False),
        sa.Column("row_count", _NUMBER, nullable=False),
        sa.Column("last_receipt_id", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("flight_date", "flight_number", name=op.f("pk_arrivals")),
        sqlite_strict=True,
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("happened_at_us", _NUMBER, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail_json", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_strict=True,
    )


def _erased_days() -> None:
    op.create_table(
        "erased_days",
        sa.Column("flight_date", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("erased_at_us", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("flight_date", name=op.f("pk_erased_days")),
        sqlite_strict=True,
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("total_count", sa.Integer(), nullable=False),
        sa.Column("received_count", sa.Integer(), nullable=False),
        sa.Column("accepted_count", sa.Integer(), nullable=False),
        sa.Column("rejected_count", sa.Integer(), nullable=False),
        sa.Column("report_json", sa.Text(), nullable=False),
        sa.Column("submitted_at_us", _NUMBER, nullable=False),
        sa.Column("changed_at_us", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("file_sha256", "source", name=op.f("uq_jobs_file_sha256_source")),
        sqlite_strict=True,
    )


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("made_at_us", _NUMBER, nullable=False),
        sa.Column("expires_at_us", _NUMBER, nullable=True),
        sa.Column("revoked_at_us", _NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keys")),
        sqlite_strict=True,
    )


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("received_at_us", _NUMBER, nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("stored_count", sa.Integer(), nullable=False),
        sa.Column("repeated_count", sa.Integer(), nullable=False),
        sa.Column("amended_count", sa.Integer(), nullable=False),
        sa.Column("rejected_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_whole", _TRUTH, nullable=False),
        sa.Column("answer_json", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_receipts_public_id")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )


def _scorings() -> None:
    op.create_table(
        "scorings",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("flight_date", sa.Text(), nullable=False),
        sa.Column("flight_number", sa.Text(), nullable=False),
        sa.Column("rows_mark", sa.Text(), nullable=False),
        sa.Column("past_mark", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("feature_fingerprint", sa.Text(), nullable=False),
        sa.Column("is_degraded", _TRUTH, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("past_note", sa.Text(), nullable=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
        sa.Column("consignment_count", sa.Integer(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("risks_sha256", sa.Text(), nullable=False),
        sa.Column("made_at_us", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorings")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_scorings_flight_date_flight_number"),
        "scorings",
        ["flight_date", "flight_number"],
        unique=False,
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("made_at_us", _NUMBER, nullable=False),
        sa.Column("seen_at_us", _NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sessions")),
        sqlite_strict=True,
    )


def _declarations() -> None:
    op.create_table(
        "declarations",
        sa.Column("receipt_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("flight_date", sa.Text(), nullable=False),
        sa.Column("flight_number", sa.Text(), nullable=False),
        sa.Column("hawb", sa.Text(), nullable=False),
        sa.Column("goods_item_number", sa.Integer(), nullable=False),
        sa.Column("lodged_at_us", _NUMBER, nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("content_json", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipts.id"], name=op.f("fk_declarations_receipt_id")
        ),
        sa.PrimaryKeyConstraint("receipt_id", "position", name=op.f("pk_declarations")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_declarations_flight_date_flight_number_hawb_goods_item_number"),
        "declarations",
        ["flight_date", "flight_number", "hawb", "goods_item_number"],
        unique=False,
    )


def _lists() -> None:
    op.create_table(
        "lists",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("scoring_id", _NUMBER, nullable=False),
        sa.Column("flight_date", sa.Text(), nullable=False),
        sa.Column("flight_number", sa.Text(), nullable=False),
        sa.Column("wish_json", sa.Text(), nullable=False),
        sa.Column("about_json", sa.Text(), nullable=False),
        sa.Column("rows_json", sa.Text(), nullable=False),
        sa.Column("rows_sha256", sa.Text(), nullable=False),
        sa.Column("evidence_json", sa.Text(), nullable=False),
        sa.Column("issued_to", sa.Text(), nullable=False),
        sa.Column("issued_at_us", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["scoring_id"], ["scorings.id"], name=op.f("fk_lists_scoring_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists")),
        sa.UniqueConstraint("public_id", name=op.f("uq_lists_public_id")),
        sa.UniqueConstraint("scoring_id", "wish_json", name=op.f("uq_lists_scoring_id_wish_json")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_lists_flight_date_flight_number"),
        "lists",
        ["flight_date", "flight_number"],
        unique=False,
    )


def _outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("receipt_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("control_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("recorded_at_us", _NUMBER, nullable=False),
        sa.Column("flight_date", sa.Text(), nullable=False),
        sa.Column("flight_number", sa.Text(), nullable=False),
        sa.Column("hawb", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("content_json", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipts.id"], name=op.f("fk_outcomes_receipt_id")
        ),
        sa.PrimaryKeyConstraint("receipt_id", "position", name=op.f("pk_outcomes")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_outcomes_control_id_status_recorded_at_us"),
        "outcomes",
        ["control_id", "status", "recorded_at_us"],
        unique=False,
    )
    op.create_index(
        op.f("ix_outcomes_flight_date_flight_number_hawb"),
        "outcomes",
        ["flight_date", "flight_number", "hawb"],
        unique=False,
    )


def _scores() -> None:
    op.create_table(
        "scores",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("receipt_id", _NUMBER, nullable=False),
        sa.Column("flight_date", sa.Text(), nullable=False),
        sa.Column("flight_number", sa.Text(), nullable=False),
        sa.Column("hawb", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("feature_fingerprint", sa.Text(), nullable=False),
        sa.Column("is_degraded", _TRUTH, nullable=False),
        sa.Column("risk", _REAL, nullable=False),
        sa.Column("risk_fiscal", _REAL, nullable=False),
        sa.Column("risk_goods", _REAL, nullable=False),
        sa.Column("expected_revenue_cents", _NUMBER, nullable=False),
        sa.Column("reasons_json", sa.Text(), nullable=False),
        sa.Column("made_at_us", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts.id"], name=op.f("fk_scores_receipt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scores")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_scores_flight_date_flight_number_hawb"),
        "scores",
        ["flight_date", "flight_number", "hawb"],
        unique=False,
    )
    op.create_index(op.f("ix_scores_receipt_id"), "scores", ["receipt_id"], unique=False)


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("list_id", _NUMBER, nullable=False),
        sa.Column("flight_date", sa.Text(), nullable=False),
        sa.Column("flight_number", sa.Text(), nullable=False),
        sa.Column("hawb", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("undoes_id", _NUMBER, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("control_id", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at_us", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"], name=op.f("fk_decisions_list_id")),
        sa.ForeignKeyConstraint(
            ["undoes_id"], ["decisions.id"], name=op.f("fk_decisions_undoes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_decisions_flight_date_flight_number_hawb"),
        "decisions",
        ["flight_date", "flight_number", "hawb"],
        unique=False,
    )
