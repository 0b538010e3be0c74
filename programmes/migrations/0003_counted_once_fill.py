from django.db import migrations

EXACT = 8
# The borders of the thirds of the scale from 1 to 5.
LOW, HIGH = 1 + 4 / 3, 5 - 4 / 3


def to_bands(apps, schema_editor):
    """Means of fewer than eight answers, and those that would tell one by difference, become bands."""
    Report = apps.get_model("programmes", "PulseReport")
    for report in Report.objects.order_by("pk"):
        if not is_exact(Report, report):
            report.figures = {name: banded(held) for name, held in report.figures.items()}
            report.save(update_fields=["figures"])


def is_exact(Report, report):
    if report.respondents < EXACT or report.circle_id:
        return report.respondents >= EXACT
    circles = Report.objects.filter(pulse=report.pulse_id, circle__isnull=False, respondents__gte=EXACT)
    left = report.respondents - sum(circles.values_list("respondents", flat=True))
    return left <= 0 or left >= EXACT


def banded(held):
    if "mean" not in held:
        return held
    mean = held["mean"]
    return {"n": held["n"], "band": "low" if mean < LOW else "high" if mean > HIGH else "middle"}


def to_count_again(apps, schema_editor):
    """What was counted at every press is counted anew, once its time has come; ended programmes stay as they are."""
    Week = apps.get_model("programmes", "WeekFigures")
    running = Week.objects.filter(of__round__programme__ended_at=None)
    running.update(made=None, due=None, kept=None)


def to_numbers(apps, schema_editor):
    Week = apps.get_model("programmes", "WeekFigures")
    for name in ("made", "due", "kept"):
        Week.objects.filter(**{name: None}).update(**{name: 0})


class Migration(migrations.Migration):
    dependencies = [("programmes", "0002_counted_once")]

    operations = [
        migrations.RunPython(to_count_again, to_numbers, elidable=True),
        # back: the means are gone, which was the purpose; reports with bands can be read by the version before.
        migrations.RunPython(to_bands, migrations.RunPython.noop, elidable=True),
    ]
