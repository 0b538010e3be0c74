"""When a goal and a farewell were written: nothing from before somebody joined is theirs to read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("circles", "0009_invited_by_name")]

    operations = [
        migrations.AddField("goal", "written_at", models.DateTimeField(null=True)),
        migrations.AddField("goal", "told_at", models.DateTimeField(null=True, blank=True)),
        migrations.AddField("farewell", "written_at", models.DateTimeField(null=True)),
    ]
