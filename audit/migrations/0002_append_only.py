"""Triggers that keep the record append-only, whoever writes and however.

Beyond PostgreSQL's reach is TRUNCATE (row triggers do not see it); beyond SQLite's, DELETE: Django empties tables by it
between tests, and whoever can write the file can drop a trigger too. `mailhold audit verify` finds what is gone.

On SQLite a later migration that rebuilds audit_event or audit_block drops the triggers with the old table: it must
create them again.
"""

from django.db import migrations

POSTGRESQL = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The sealer's change: the block of an event, once.
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit_event' THEN
        IF OLD.block_id IS NULL AND NEW.block_id IS NOT NULL THEN
            OLD.block_id := NEW.block_id;
            IF OLD IS NOT DISTINCT FROM NEW THEN
                RETURN NEW;
            END IF;
        END IF;
    END IF;
    RAISE EXCEPTION 'A row of the record is never changed or deleted.' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_block_append_only BEFORE UPDATE OR DELETE ON audit_block
    FOR EACH ROW EXECUTE FUNCTION audit_append_only();
"""
POSTGRESQL_BACK = """
DROP TRIGGER audit_event_append_only ON audit_event;
DROP TRIGGER audit_block_append_only ON audit_block;
DROP FUNCTION audit_append_only();
"""
SQLITE = (
    """
    CREATE TRIGGER audit_event_append_only BEFORE UPDATE ON audit_event
    WHEN OLD.block_id IS NOT NULL OR NEW.block_id IS NULL
        OR (OLD.id, OLD.tag, OLD.at, OLD.message_id, OLD.hold_id, OLD.actor, OLD.channel, OLD.ip_address,
            OLD.user_agent, OLD.details)
        IS NOT (NEW.id, NEW.tag, NEW.at, NEW.message_id, NEW.hold_id, NEW.actor, NEW.channel, NEW.ip_address,
            NEW.user_agent, NEW.details)
    BEGIN
        SELECT RAISE(ABORT, 'A row of the record is never changed or deleted.');
    END
    """,
    """
    CREATE TRIGGER audit_block_append_only BEFORE UPDATE ON audit_block
    BEGIN
        SELECT RAISE(ABORT, 'A row of the record is never changed or deleted.');
    END
    """,
)
SQLITE_BACK = ("DROP TRIGGER audit_event_append_only", "DROP TRIGGER audit_block_append_only")


def create(apps, schema_editor):
    for statement in _statements(schema_editor, POSTGRESQL, SQLITE):
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    for statement in _statements(schema_editor, POSTGRESQL_BACK, SQLITE_BACK):
        schema_editor.execute(statement)


def _statements(schema_editor, postgresql, sqlite):
    return {"postgresql": (postgresql,), "sqlite": sqlite}[schema_editor.connection.vendor]


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
