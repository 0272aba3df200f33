from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def seal_reasons(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Seal the reasons that stand in plain words."""
    releases = apps.get_model('people', 'Release').objects.all()
    if not releases.exists():
        return
    from luvalla.ledger.vault import sealer

    for each in releases:
        each.reason_sealed = sealer().seal(
            each.reason.encode(), column='people.Release.reason_sealed', token=each.ref.bytes
        )
        each.save(update_fields=['reason_sealed'])


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0004_appointments_reviews_releases'),
    ]

    operations = [
        migrations.AddField(
            model_name='release',
            name='reason_sealed',
            field=models.BinaryField(default=b''),
            preserve_default=False,
        ),
        migrations.RunPython(seal_reasons, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='release',
            name='reason',
        ),
    ]
