"""Addresses whose domain has letters beyond ASCII are kept as they are sent, which is how they are read from now on."""

from django.db import migrations

from accounts.rules.mailbox import as_address


def write_as_sent(apps, schema_editor):
    # Both tables hold a person's address; the second, the library's, knows it by the same words.
    for app, name in (("accounts", "User"), ("account", "EmailAddress")):
        try:
            model = apps.get_model(app, name)
        except LookupError:
            # The library's tables come after ours, and are not named below: the one step that replaces ours would have
            # to come after them as well. Where they are not there yet nobody has an address.
            continue
        for row in model.objects.only("pk", "email").iterator():
            sent = None if row.email.isascii() else as_address(row.email)
            if sent and not model.objects.filter(email__iexact=sent).exists():
                model.objects.filter(pk=row.pk).update(email=sent)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_unproved")]

    # back: an address reads the same in both ways, and mail goes to both; which rows were written otherwise is not
    # kept.
    operations = [migrations.RunPython(write_as_sent, migrations.RunPython.noop, elidable=True)]
