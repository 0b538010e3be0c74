"""Whose turn began is kept with what they brought. Before, whoever was to present counted as having told it."""

from django.db import migrations, models
from django.db.models import Exists, OuterRef


def told(apps, schema_editor):
    turns = apps.get_model("circle_sessions", "Turn").objects.filter(
        session=OuterRef("session"), participation__user=OuterRef("owner"), presented=True
    )
    apps.get_model("circle_sessions", "Issue")._base_manager.filter(Exists(turns)).update(told=True)


class Migration(migrations.Migration):
    dependencies = [("circle_sessions", "0010_moved_from")]

    operations = [
        migrations.AddField("issue", "told", models.BooleanField(default=False)),
        # back: the column goes, and with it what stands there.
        migrations.RunPython(told, migrations.RunPython.noop, elidable=True),
    ]
