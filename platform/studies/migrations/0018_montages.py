from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    dependencies = [
        ('studies', '0017_notices'),
    ]

    operations = [
        migrations.CreateModel(
            name='StudyMontages',
            fields=[
                ('study', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='studies.study')),
                ('montages', models.JSONField(default=list)),
                ('version', models.PositiveIntegerField(default=0, help_text='Counts the changes')),
            ],
            options={
                'verbose_name_plural': 'montages of studies',
            },
        ),
    ]
