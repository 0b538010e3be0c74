"""Gives each clause its own line, and takes it that partners of earlier commitments have said yes."""

from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    apps.get_model("agreements", "Clause").objects.update(line=F("code"))
    commitments = apps.get_model("agreements", "Commitment").objects
    commitments.filter(partner__isnull=False, partner_yes_at=None).update(partner_yes_at=F("made_at"))


class Migration(migrations.Migration):
    dependencies = [("agreements", "0002_alive")]

    # back: the step before takes the column of lines away, and what partners said goes with it.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
