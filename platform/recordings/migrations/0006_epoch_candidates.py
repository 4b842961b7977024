from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recordings", "0005_lights"),
    ]

    operations = [
        migrations.CreateModel(
            name="EpochCandidates",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("epoch", models.PositiveIntegerField()),
                ("detectors_version", models.PositiveSmallIntegerField()),
                (
                    "events",
                    models.JSONField(default=list, help_text="As scorings keep evidence"),
                ),
                (
                    "recording",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="candidates",
                        to="recordings.recording",
                    ),
                ),
            ],
            options={
                "ordering": ["recording", "epoch"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("recording", "epoch", "detectors_version"),
                        name="one_search_of_an_epoch",
                    )
                ],
            },
        ),
    ]
