from django.db import migrations


def asked(apps, schema_editor):
    """Nobody knows what a programme asked before this was kept, so each counts as one that asked."""
    apps.get_model("programmes", "Programme").objects.update(in_confidence=True)


class Migration(migrations.Migration):
    dependencies = [("programmes", "0006_proposals")]
    # back: the step before takes the column away.
    operations = [migrations.RunPython(asked, migrations.RunPython.noop)]
