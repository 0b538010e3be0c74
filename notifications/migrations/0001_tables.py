"""The tables of this room, made at once. A database that is older takes the 5 steps which this replaces."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("notifications", "0001_initial"),
        ("notifications", "0002_preferences"),
        ("notifications", "0003_keys_by_person"),
        ("notifications", "0004_to_address"),
        ("notifications", "0005_relay"),
    ]

    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, unique=True)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Relay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, unique=True)),
                ("since", models.DateTimeField(blank=True, null=True)),
                ("trouble", models.CharField(blank=True, max_length=40)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("try_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("subject_type", models.CharField(max_length=40)),
                ("subject_code", models.UUIDField()),
                ("circle_code", models.UUIDField(blank=True, null=True)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("key", models.CharField(max_length=440, unique=True)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("due_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("sent", "sent"),
                            ("shown", "in the app only"),
                            ("bundled", "waits for the daily mail"),
                            ("dropped", "no longer needed"),
                            ("failed", "could not be delivered"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                ("claim_token", models.UUIDField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("heard_at", models.DateTimeField(blank=True, null=True)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("trouble", models.CharField(blank=True, max_length=40)),
                ("again_at", models.DateTimeField(blank=True, null=True)),
                ("held", models.BooleanField(default=False)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "due_at"], name="message_due"),
                    models.Index(
                        condition=models.Q(("heard_at__isnull", False)),
                        fields=["user", "-heard_at"],
                        name="message_heard",
                    ),
                    models.Index(fields=["subject_code"], name="message_about"),
                    models.Index(
                        condition=models.Q(("email", ""), _negated=True),
                        fields=["email", "created_at"],
                        name="message_to_address",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("email", ""), ("user__isnull", False)),
                            models.Q(("user", None), models.Q(("email", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="message_to_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("circle_code", models.UUIDField(default=uuid.UUID("00000000-0000-0000-0000-000000000000"))),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("mail", "by mail, at once"),
                            ("daily", "in one mail a day"),
                            ("bell", "only here, under the bell"),
                            ("off", "not at all"),
                        ],
                        max_length=5,
                    ),
                ),
                ("lead", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preferences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "kind", "circle_code"), name="preference_once")]
            },
        ),
    ]
