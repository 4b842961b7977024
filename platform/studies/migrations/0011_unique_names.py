from django.db import migrations, models


# A migration of its own: PostgreSQL alters no table in a transaction that has changed its rows.
class Migration(migrations.Migration):

    dependencies = [
        ('studies', '0010_names_and_sessions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='user',
            name='username_key',
            field=models.CharField(editable=False, unique=True),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(condition=models.Q(('email_key', ''), _negated=True), fields=('email_key',), name='one_account_an_email'),
        ),
    ]
