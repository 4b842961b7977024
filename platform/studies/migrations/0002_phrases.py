from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("studies", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="study",
            name="phrases",
            field=models.TextField(
                blank=True,
                default="",
                help_text="Wording for rationales, one a line; empty: the usual ones",
            ),
            preserve_default=False,
        ),
    ]
