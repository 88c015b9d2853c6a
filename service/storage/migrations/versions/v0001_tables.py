"""The first tables, and the triggers that keep the audit log append only."""

from __future__ import annotations

from alembic import op

from service.storage.tables import METADATA

revision = "0001"
down_revision = None

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
    connection = op.get_bind()
    METADATA.create_all(connection)
    embedded = connection.dialect.name == "sqlite"
    for trigger in _SQLITE_TRIGGERS if embedded else _POSTGRES_TRIGGERS:
        op.execute(trigger)
