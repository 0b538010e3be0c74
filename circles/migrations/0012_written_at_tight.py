"""Every goal and every farewell has the time it was written."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("circles", "0011_written_at_fill")]

    operations = [
        migrations.AlterField("goal", "written_at", models.DateTimeField()),
        migrations.AlterField("farewell", "written_at", models.DateTimeField()),
    ]
