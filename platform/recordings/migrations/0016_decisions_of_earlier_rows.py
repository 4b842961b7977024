from importlib import import_module

from django.db import migrations

_rows = import_module("recordings.migrations.0012_decisions_and_intake")


class Migration(migrations.Migration):
    """Rows of earlier versions, one by one: nobody waits until all of them are written.

    It can be interrupted and run again, also on a database where 0012 did the same.
    """

    atomic = False

    dependencies = [
        ('recordings', '0015_inserts_of_earlier_versions'),
    ]

    operations = [
        migrations.RunPython(_rows.keep_what_was_said, migrations.RunPython.noop),
        migrations.RunPython(_rows.name_both_channels, migrations.RunPython.noop),
    ]
