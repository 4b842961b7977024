import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("recordings", "0006_epoch_candidates"),
    ]

    operations = [
        migrations.AlterField(
            model_name="recording",
            name="lights_off_s",
            field=models.FloatField(
                help_text="As the file or a lead marks it, from the start of the file", null=True
            ),
        ),
        migrations.CreateModel(
            name="RecordingLightsChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("before", models.JSONField()),
                ("after", models.JSONField()),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="lights_changes",
                        to="recordings.recording",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["recording", "pk"]},
        ),
    ]
