from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('rights', '0003_between_controllers'),
    ]

    operations = [
        migrations.AddField(
            model_name='datarequest',
            name='to_stop',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='datarequest',
            name='reopened_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='datarequest',
            name='first_replied_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
