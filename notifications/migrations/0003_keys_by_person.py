from django.db import migrations


def by_person(apps, schema_editor):
    """A message's key names the person by their code: an address may change, and then a plan would be written twice."""
    Message = apps.get_model("notifications", "Message")
    rows = Message.objects.filter(user__isnull=False).select_related("user").only("key", "user__email", "user__code")
    for row in rows.iterator(chunk_size=1000):
        if row.key.endswith(f":{row.user.email}"):
            key = row.key.removesuffix(row.user.email) + str(row.user.code)
            Message.objects.filter(pk=row.pk).update(key=key)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_preferences"), ("accounts", "0004_has_left")]
    # back: a key is compared and never read. What was planned may be planned once more, as after every change of an
    # address.
    operations = [migrations.RunPython(by_person, migrations.RunPython.noop, elidable=True)]
