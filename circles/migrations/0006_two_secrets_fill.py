"""What was mailed and shown so far proves nothing from now on."""

import hashlib

from django.db import migrations, models
from django.utils.crypto import salted_hmac


def mailed_hash(code: object) -> str:
    token = salted_hmac("circles.invitation.mail", str(code), algorithm="sha256").hexdigest()
    return hashlib.sha256(token.encode()).hexdigest()


def divide(apps, schema_editor):
    """The links that are out keep working, as ones that were shown; mails that go out from now on carry the new one."""
    Invitation = apps.get_model("circles", "Invitation")
    for invitation in Invitation.objects.exclude(email="").only("pk", "code", "token_hash").iterator():
        Invitation.objects.filter(pk=invitation.pk).update(
            shown_hash=invitation.token_hash, token_hash=mailed_hash(invitation.code)
        )


def join(apps, schema_editor):
    Invitation = apps.get_model("circles", "Invitation")
    Invitation.objects.exclude(shown_hash=None).update(token_hash=models.F("shown_hash"))


class Migration(migrations.Migration):
    dependencies = [("circles", "0005_two_secrets")]

    operations = [migrations.RunPython(divide, join, elidable=True)]
