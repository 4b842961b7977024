from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inference', '0010_learning_and_additions'),
    ]

    operations = [
        migrations.AddField(
            model_name='prescorerun',
            name='best_of',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='Replies to each epoch, of which one is kept; 0: as the bundle sets'),
        ),
        migrations.AddField(
            model_name='reply',
            name='best_of',
            field=models.PositiveSmallIntegerField(db_default=1, default=1, help_text='Replies to the epoch, of which this one was kept'),
        ),
    ]
