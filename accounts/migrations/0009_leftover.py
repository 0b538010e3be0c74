from django.db import migrations, models

EVERYTHING = "*"  # accounts/leftover_services.py


def note_everything(apps, schema_editor):
    """A database that has grown already holds bytes of what was deleted before: all of it is written over once."""
    if apps.get_model("accounts", "User").objects.exists():
        apps.get_model("accounts", "Leftover").objects.create(table=EVERYTHING)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_nameless_form_keys")]

    operations = [
        migrations.CreateModel(
            name="Leftover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table", models.CharField(max_length=80)),
            ],
        ),
        # back: the table goes with its one row, and no sooner is there anything to sweep.
        migrations.RunPython(note_everything, migrations.RunPython.noop, elidable=True),
    ]
