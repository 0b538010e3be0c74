"""Limits are counted in a table of their own; Django's table of the cache goes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_has_left")]

    operations = [
        migrations.CreateModel(
            name="CacheRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name_hash", models.CharField(max_length=64, unique=True)),
                ("value", models.JSONField()),
                ("expires_at", models.DateTimeField(blank=True, db_index=True, null=True)),
            ],
        ),
        # `createcachetable` made it beside the migrations, at each start. It held nothing that is missed.
        # back: the version before makes its table itself, at its next start.
        migrations.RunSQL("DROP TABLE IF EXISTS cache_rows", migrations.RunSQL.noop, elidable=True),
    ]
