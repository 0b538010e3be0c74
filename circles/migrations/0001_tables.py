"""The tables of this room, made at once. A database that is older takes the 15 steps which this replaces."""

import circles.sealed
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("circles", "0001_initial"),
        ("circles", "0002_goals"),
        ("circles", "0003_rhythm"),
        ("circles", "0004_arc_and_removal"),
        ("circles", "0005_two_secrets"),
        ("circles", "0006_two_secrets_fill"),
        ("circles", "0007_ended_with_account"),
        ("circles", "0008_changes"),
        ("circles", "0009_invited_by_name"),
        ("circles", "0010_written_at"),
        ("circles", "0011_written_at_fill"),
        ("circles", "0012_written_at_tight"),
        ("circles", "0013_closing_early"),
        ("circles", "0002_name_in_calendar"),
        ("circles", "0003_plans"),
    ]

    initial = True

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Circle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("purpose", models.CharField(blank=True, max_length=300, verbose_name="purpose")),
                ("time_zone", models.CharField(max_length=64, verbose_name="time zone")),
                ("language", models.CharField(default="en-gb", max_length=10)),
                (
                    "cadence",
                    models.CharField(
                        choices=[
                            ("weekly", "every week"),
                            ("two_weeks", "every two weeks"),
                            ("three_weeks", "every three weeks"),
                            ("monthly", "every month"),
                        ],
                        default="three_weeks",
                        max_length=12,
                    ),
                ),
                ("min_size", models.PositiveSmallIntegerField(default=3)),
                ("max_size", models.PositiveSmallIntegerField(default=8)),
                ("managers_here", models.CharField(blank=True, max_length=300)),
                ("self_run", models.BooleanField(default=False)),
                ("roles_days", models.PositiveSmallIntegerField(default=3)),
                ("call_in_calendar", models.BooleanField(default=True)),
                ("name_in_calendar", models.BooleanField(default=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "meeting"), ("on_hold", "on hold"), ("closed", "closed")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("contact_name", models.CharField(blank=True, max_length=80)),
                ("contact_email", models.EmailField(blank=True, max_length=254)),
                (
                    "retention_days",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "as soon as the session is over"),
                            (30, "30 days after the session"),
                            (90, "90 days after the session"),
                        ],
                        default=30,
                    ),
                ),
                ("offers_plans", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("min_size__gte", 2), ("max_size__gte", models.F("min_size")), ("max_size__lte", 12)
                        ),
                        name="circle_sizes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("roles_days__gte", 1), ("roles_days__lte", 14)),
                        name="roles_1_to_14_days_before",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("status", "closed")),
                            models.Q(models.Q(("status", "closed"), _negated=True), ("closed_at", None)),
                            _connector="OR",
                        ),
                        name="circle_closed_has_time",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("verb", models.CharField(max_length=40)),
                ("at", models.DateTimeField(db_index=True)),
                (
                    "about",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="audit",
                        to="circles.circle",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Covenant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(default=1)),
                ("sessions", models.PositiveSmallIntegerField(default=6)),
                ("opened_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("carry_on", "Carry on"), ("reform", "Change who is in it"), ("close", "Close well")],
                        max_length=8,
                    ),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="covenants", to="circles.circle"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at", None)), fields=("circle",), name="covenant_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sessions__gte", 1), ("sessions__lte", 24)),
                        name="covenant_one_to_24_sessions",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="CovenantVote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "choice",
                    models.CharField(
                        choices=[("carry_on", "Carry on"), ("reform", "Change who is in it"), ("close", "Close well")],
                        max_length=8,
                    ),
                ),
                (
                    "covenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="votes", to="circles.covenant"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("covenant", "user"), name="covenant_vote_one_each")]
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("facilitates", models.BooleanField(default=False)),
                ("takes_part", models.BooleanField(default=True)),
                ("joined_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                ("ended_with_account", models.BooleanField(default=False)),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="circles.circle"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at", None)), fields=("circle", "user"), name="member_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("facilitates", True), ("takes_part", True), _connector="OR"),
                        name="membership_means_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ended_with_account", False), ("left_at__isnull", False), _connector="OR"),
                        name="membership_ended_has_time",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="Announcement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("contact", "whom outside the circle you may all turn to"),
                            ("retention", "how long issues that were brought are kept"),
                            ("managers", "whether anyone here manages anyone else here"),
                            ("promise", "how many sessions you promise each other"),
                            ("facilitator", "who looks after the circle"),
                            ("hosting", "who hosts, and who may schedule and invite"),
                            ("closing", "whether the circle goes on"),
                        ],
                        max_length=12,
                    ),
                ),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("asked_at", models.DateTimeField()),
                ("takes_effect_at", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "announced"),
                            ("taken", "in force"),
                            ("objected", "objected to"),
                            ("withdrawn", "taken back"),
                            ("declined", "declined"),
                            ("fallen", "no longer asked"),
                        ],
                        default="",
                        max_length=9,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "objected_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="circles.circle"
                    ),
                ),
                (
                    "about",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="circles.membership",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("about", None), ("settled_at", None)),
                        fields=("circle", "what"),
                        name="change_open_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("about__isnull", False), ("settled_at", None)),
                        fields=("about", "what"),
                        name="change_about_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", ""), ("settled_at", None)),
                            models.Q(("settled_at__isnull", False), models.Q(("outcome", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="change_settled_says_how",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("takes_effect_at", None), ("takes_effect_at__gte", models.F("asked_at")), _connector="OR"
                        ),
                        name="change_not_backdated",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="RemovalRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("asked_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "agreed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="removals", to="circles.membership"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("settled_at", None)), fields=("membership",), name="removal_asked_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agreed_by", None),
                            models.Q(
                                models.Q(("agreed_by", models.F("asked_by")), _negated=True),
                                ("settled_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="removal_takes_two",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="SelfRunVoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("yes", models.BooleanField()),
                ("at", models.DateTimeField()),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="self_run_voices", to="circles.circle"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("circle", "user"), name="self_run_voice_one_each")]
            },
        ),
        migrations.CreateModel(
            name="Vault",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("wrapped_key", models.BinaryField(null=True)),
                ("key_id", models.CharField(blank=True, max_length=32)),
                ("destroyed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("destroyed_at", None), ("wrapped_key__isnull", False)),
                            models.Q(("destroyed_at__isnull", False), ("wrapped_key", None)),
                            _connector="OR",
                        ),
                        name="vault_destroyed_has_no_key",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("name", circles.sealed.SealedTextField(null=True)),
                ("shown_hash", models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ("taken_tries", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("", "not answered"), ("yes", "accepted"), ("no", "declined")],
                        default="",
                        max_length=3,
                    ),
                ),
                ("word", circles.sealed.SealedTextField(null=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="invitations", to="circles.circle"
                    ),
                ),
                (
                    "claimed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "vault",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="circles.vault"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("revoked_at", None), ("used_at", None), models.Q(("email", ""), _negated=True)
                        ),
                        fields=("circle", "email"),
                        name="invitation_open_once",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="Goal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("text", circles.sealed.SealedTextField()),
                ("written_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "covenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="goals", to="circles.covenant"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "vault",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="circles.vault"
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("covenant", "user"), name="goal_one_each")]},
        ),
        migrations.CreateModel(
            name="Farewell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("thanks", circles.sealed.SealedTextField()),
                ("takes", circles.sealed.SealedTextField()),
                ("written_at", models.DateTimeField()),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="farewells", to="circles.circle"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "vault",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="circles.vault"
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("circle", "user"), name="farewell_one_each")]},
        ),
        migrations.CreateModel(
            name="ComingPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("text", circles.sealed.SealedTextField()),
                ("written_at", models.DateTimeField()),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="coming_plans", to="circles.circle"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "vault",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="circles.vault"
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("circle", "user"), name="coming_plan_one_each")]},
        ),
        migrations.AddField(
            model_name="circle",
            name="vault",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="circle", to="circles.vault"
            ),
        ),
    ]
