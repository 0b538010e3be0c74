from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programmes", "0001_initial")]

    operations = [
        migrations.AlterField("weekfigures", name, models.PositiveSmallIntegerField(null=True))
        for name in ("made", "due", "kept")
    ]
