"""What was written before its time was kept: a goal when its promise was made, a farewell when closing was decided.

That is the earliest it can have been, so that whoever came later reads none of it. Those who are in a circle on this
day could read its goals so far, and go on doing so: they count as told now.
"""

from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce, Now


def fill(apps, schema_editor):
    promises = apps.get_model("circles", "Covenant").objects
    opened = promises.filter(pk=OuterRef("covenant")).values("opened_at")
    goals = apps.get_model("circles", "Goal")._base_manager
    goals.filter(written_at=None).update(written_at=Subquery(opened[:1]), told_at=Now())
    decided = promises.filter(circle=OuterRef("circle"), decided_at__isnull=False).order_by("-number")
    circles = apps.get_model("circles", "Circle").objects.filter(pk=OuterRef("circle"))
    farewells = apps.get_model("circles", "Farewell")._base_manager
    farewells.filter(written_at=None).update(
        written_at=Coalesce(Subquery(decided.values("decided_at")[:1]), Subquery(circles.values("created_at")[:1]))
    )


class Migration(migrations.Migration):
    dependencies = [("circles", "0010_written_at")]

    # back: the step before takes both columns away.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
