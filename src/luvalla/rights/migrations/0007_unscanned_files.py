from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("rights", "0006_posting")]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="is_unscanned",
            field=models.BooleanField(default=False),
        ),
    ]
