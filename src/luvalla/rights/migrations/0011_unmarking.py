

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rights', '0010_rulings'),
    ]

    operations = [
        migrations.AlterField(
            model_name='task',
            name='kind',
            field=models.CharField(choices=[('paper', 'Paper'), ('identity', 'Identity'), ('redaction', 'Redaction'), ('opinion', 'Opinion'), ('notice', 'Notice'), ('post', 'Post'), ('hold', 'Hold'), ('transmission', 'Transmission'), ('fee', 'Fee'), ('destruction', 'Destruction'), ('correction', 'Correction'), ('marking', 'Marking'), ('unmarking', 'Unmarking')], max_length=14),
        ),
    ]
