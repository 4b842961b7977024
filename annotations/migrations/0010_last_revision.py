import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotations', '0009_rating_designs'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='epochrevision',
            index=models.Index(fields=['scoring', '-id'], name='last_revision_of_a_scoring'),
        ),
        migrations.AlterField(
            model_name='epochrevision',
            name='scoring',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='annotations.scoring'),
        ),
    ]
