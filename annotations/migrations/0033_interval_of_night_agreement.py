from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("annotations", "0032_release_access_of_people_outside")]

    operations = [
        migrations.AddField(
            model_name="nightagreement",
            name="kappa_low",
            field=models.FloatField(null=True, help_text="Lower end of the 95 % interval of kappa"),
        ),
        migrations.AddField(
            model_name="nightagreement",
            name="kappa_high",
            field=models.FloatField(null=True, help_text="Upper end of the 95 % interval of kappa"),
        ),
        # A worker computes what is missing when a list is opened next, then with the interval.
        migrations.RunSQL("DELETE FROM annotations_nightagreement", migrations.RunSQL.noop),
    ]
