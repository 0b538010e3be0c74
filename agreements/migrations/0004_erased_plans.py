"""Empties the plans of people who deleted their account before their plans went with their words."""

from django.db import migrations


def empty(apps, schema_editor):
    commitments = apps.get_model("agreements", "Commitment").objects.filter(owner__erased_at__isnull=False)
    if commitments.update(plan=b"", hurdle=b"", cue_on=None, cue_at=None, cue_zone=""):
        # What lay there goes from the files of the database too.
        apps.get_model("accounts", "Leftover").objects.create(table="agreements_commitment")


class Migration(migrations.Migration):
    dependencies = [("agreements", "0003_mirror"), ("accounts", "0010_calendar_by")]

    # back: nothing to do. The words are gone for good, and the version before reads a row without a plan.
    operations = [migrations.RunPython(empty, migrations.RunPython.noop, elidable=True)]
