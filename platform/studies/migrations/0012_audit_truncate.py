"""TRUNCATE passes no trigger of rows, so the audit trail needs one of its own against it."""

from django.db import migrations

REFUSE = """
CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON studies_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
"""


class Migration(migrations.Migration):

    dependencies = [("studies", "0011_unique_names")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP TRIGGER audit_is_never_emptied ON studies_auditevent;"),
    ]
