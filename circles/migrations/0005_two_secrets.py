"""Room for the second secret of an invitation, the one that is shown."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("circles", "0004_arc_and_removal")]

    operations = [
        migrations.AddField(
            "invitation", "shown_hash", models.CharField(blank=True, max_length=64, null=True, unique=True)
        ),
        migrations.AddField("invitation", "taken_tries", models.PositiveSmallIntegerField(default=0)),
    ]
