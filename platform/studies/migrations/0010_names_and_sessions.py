from django.db import migrations, models

from studies.accounts.names import email_key, username_key


def fill_keys(apps, schema_editor):
    """Fill what names are compared by; the older of two accounts that look the same comes first.

    The other account gets a number after a space: it keeps its name and its sign-in, and no new
    account can be mistaken for either.
    """
    User = apps.get_model("studies", "User")
    usernames, emails = set(), set()
    for user in User.objects.order_by("date_joined", "pk"):
        user.username_key = _new(username_key(user.username), usernames, user, user.username)
        user.email_key = _new(email_key(user.email), emails, user, user.email) if user.email else ""
        user.save(update_fields=["username_key", "email_key"])


def _new(key, taken, user, name):
    if key in taken:
        print(f"\n  the account {user.username!r}: {name!r} looks like that of an older account")
        key = f"{key} {user.pk}"
    taken.add(key)
    return key


class Migration(migrations.Migration):

    dependencies = [
        ('studies', '0009_audit_events'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='username_key',
            field=models.CharField(default='', editable=False),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='user',
            name='email_key',
            field=models.CharField(blank=True, default='', editable=False),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='user',
            name='session_round',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.RunPython(fill_keys, migrations.RunPython.noop),
    ]
