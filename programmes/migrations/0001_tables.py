"""The tables of this room, made at once. A database that is older takes the 12 steps which this replaces."""

import circles.sealed
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("programmes", "0001_initial"),
        ("programmes", "0002_counted_once"),
        ("programmes", "0003_counted_once_fill"),
        ("programmes", "0004_offered"),
        ("programmes", "0005_asked"),
        ("programmes", "0006_proposals"),
        ("programmes", "0007_confidence_fill"),
        ("programmes", "0008_reminded"),
        ("programmes", "0009_late_places"),
        ("programmes", "0010_plan_lot"),
        ("programmes", "0011_journeys"),
        ("programmes", "0012_hours_and_trail"),
    ]

    initial = True

    dependencies = [
        ("circle_sessions", "0001_tables"),
        ("circles", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Pulse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "moment",
                    models.CharField(
                        choices=[("start", "at the start"), ("middle", "in the middle"), ("end", "at the end")],
                        max_length=6,
                    ),
                ),
                ("opens_on", models.DateField()),
                ("closes_on", models.DateField()),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("frozen_at", models.DateTimeField(blank=True, null=True)),
                ("asked", models.PositiveIntegerField(default=0)),
                ("answered", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("closes_on__gt", models.F("opens_on"))), name="pulse_closes_after_it_opens"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("frozen_at", None), ("opened_at__isnull", False), _connector="OR"),
                        name="pulse_opened_before_frozen",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="DraftCircle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("first_on", models.DateField(blank=True, null=True)),
                ("first_at", models.TimeField(blank=True, null=True)),
                ("locked", models.BooleanField(default=False)),
                (
                    "facilitator",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Programme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("purpose", models.CharField(blank=True, max_length=600)),
                ("welcome", models.CharField(blank=True, max_length=2000)),
                ("is_pilot", models.BooleanField(default=True)),
                ("time_zone", models.CharField(max_length=64)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                ("sessions", models.PositiveSmallIntegerField(default=6)),
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
                ("min_size", models.PositiveSmallIntegerField(default=4)),
                ("max_size", models.PositiveSmallIntegerField(default=6)),
                (
                    "agreement",
                    models.CharField(
                        choices=[
                            ("circle", "a circle of equals"),
                            ("company", "a circle inside one company"),
                            ("pair", "a pair"),
                        ],
                        default="company",
                        max_length=10,
                    ),
                ),
                ("format_key", models.CharField(default="council", max_length=40)),
                ("minutes", models.PositiveSmallIntegerField(default=120)),
                ("practice", models.BooleanField(default=True)),
                ("cards", models.JSONField(default=list)),
                ("is_open", models.BooleanField(default=True)),
                ("enrol_until", models.DateField(blank=True, null=True)),
                ("places", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("asks", models.JSONField(default=list)),
                ("in_confidence", models.BooleanField(default=False)),
                ("forming", models.JSONField(default=dict)),
                ("kickoff_date", models.DateField(blank=True, null=True)),
                ("kickoff_time", models.TimeField(blank=True, null=True)),
                ("kickoff_place", models.CharField(blank=True, max_length=200)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "vault",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="programme", to="circles.vault"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("min_size__gte", 2), ("max_size__gte", models.F("min_size")), ("max_size__lte", 12)
                        ),
                        name="programme_sizes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                        name="programme_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sessions__gte", 1), ("sessions__lte", 24)),
                        name="programme_1_to_24_sessions",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 15), ("minutes__lte", 480)),
                        name="programme_session_minutes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kickoff_date", None), ("kickoff_time", None)),
                            models.Q(("kickoff_date__isnull", False), ("kickoff_time__isnull", False)),
                            _connector="OR",
                        ),
                        name="programme_kickoff_whole_or_none",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="PlanLot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seed", models.CharField(max_length=32)),
                ("drawn_at", models.DateTimeField()),
                ("counts_from", models.DateField()),
                (
                    "programme",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="plan_lot", to="programmes.programme"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PeopleToInvite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("people", circles.sealed.SealedTextField()),
                ("number", models.PositiveSmallIntegerField()),
                ("asked_at", models.DateTimeField()),
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
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="to_invite", to="programmes.programme"
                    ),
                ),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        migrations.CreateModel(
            name="Enrolment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("attributes", circles.sealed.SealedTextField(null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("enrolled", "has asked to take part"),
                            ("waiting", "on the waiting list"),
                            ("placed", "was offered a circle"),
                            ("withdrawn", "has withdrawn"),
                        ],
                        default="enrolled",
                        max_length=9,
                    ),
                ),
                ("may_facilitate", models.BooleanField(default=False)),
                ("stays_together", models.BooleanField(default=False)),
                ("asked_at", models.DateTimeField()),
                ("hours_asked_at", models.DateTimeField(blank=True, null=True)),
                ("motive", circles.sealed.SealedTextField(null=True)),
                ("offers", circles.sealed.SealedTextField(null=True)),
                ("together", circles.sealed.SealedTextField(null=True)),
                ("apart", circles.sealed.SealedTextField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="enrolments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "vault",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="circles.vault"
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="enrolments",
                        to="programmes.programme",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["programme", "status", "asked_at"], name="enrolment_in_turn")],
                "constraints": [models.UniqueConstraint(fields=("programme", "user"), name="enrolled_once")],
            },
        ),
        migrations.CreateModel(
            name="AdminInvitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("email", models.EmailField(max_length=254)),
                ("created_at", models.DateTimeField()),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="admin_invitations",
                        to="programmes.programme",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None), ("used_at", None)),
                        fields=("programme", "email"),
                        name="programme_admin_asked_once",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="AdminAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("verb", models.CharField(max_length=40)),
                ("number", models.PositiveIntegerField(default=0)),
                ("at", models.DateTimeField()),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="acts", to="programmes.programme"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["programme", "at"], name="admin_act_in_turn")]},
        ),
        migrations.CreateModel(
            name="ProgrammeAdmin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("told_at", models.DateTimeField(blank=True, null=True)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="admins", to="programmes.programme"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="programmes_led",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("programme", "user"), name="programme_admin_once")]
            },
        ),
        migrations.CreateModel(
            name="ProgrammeInvitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("attributes", circles.sealed.SealedTextField(null=True)),
                ("email", models.EmailField(max_length=254)),
                ("created_at", models.DateTimeField()),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="programmes.programme",
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
                        condition=models.Q(("revoked_at", None)),
                        fields=("programme", "email"),
                        name="programme_invited_once",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="ProgrammeJourney",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("told_at", models.DateTimeField()),
                ("begins_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="journeys", to="programmes.programme"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="circle_sessions.journeyversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("programme",), name="programme_one_journey"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="PulseAnswer",
            fields=[
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("scores", models.JSONField(default=dict)),
                ("helps", circles.sealed.SealedTextField(null=True)),
                ("change", circles.sealed.SealedTextField(null=True)),
                ("helps_released", models.BooleanField(default=False)),
                ("change_released", models.BooleanField(default=False)),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="circles.circle"
                    ),
                ),
                (
                    "pulse",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="programmes.pulse"
                    ),
                ),
                (
                    "vault",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="circles.vault"
                    ),
                ),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        migrations.CreateModel(
            name="PulseReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("respondents", models.PositiveIntegerField()),
                ("figures", models.JSONField()),
                ("shared", models.BooleanField(default=False)),
                (
                    "circle",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="circles.circle",
                    ),
                ),
                (
                    "pulse",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="programmes.pulse"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("pulse", "circle"), name="report_of_circle_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("circle", None)), fields=("pulse",), name="report_of_programme_once"
                    ),
                    models.CheckConstraint(condition=models.Q(("respondents__gte", 5)), name="report_of_five_at_least"),
                ]
            },
        ),
        migrations.CreateModel(
            name="PulseTicket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("answered", models.BooleanField(default=False)),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="circles.circle"
                    ),
                ),
                (
                    "pulse",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tickets", to="programmes.pulse"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pulse_tickets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("pulse", "user"), name="ticket_one_each")]},
        ),
        migrations.CreateModel(
            name="Quote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("text", circles.sealed.SealedTextField()),
                ("with_name", models.BooleanField(default=False)),
                ("offered_at", models.DateTimeField()),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="quotes", to="programmes.programme"
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
            options={"constraints": [models.UniqueConstraint(fields=("programme", "user"), name="quote_one_each")]},
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.PositiveSmallIntegerField()),
                ("first_on", models.DateField()),
                ("published_at", models.DateTimeField(blank=True, null=True)),
                ("again_asked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rounds", to="programmes.programme"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "number"), name="round_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("published_at", None)), fields=("programme",), name="round_one_open"
                    ),
                ]
            },
        ),
        migrations.AddField(
            model_name="pulse",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="pulses", to="programmes.round"
            ),
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("pinned", models.BooleanField(default=False)),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="placements",
                        to="programmes.draftcircle",
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="placements",
                        to="programmes.enrolment",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="placements", to="programmes.round"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("round", "enrolment"), name="placed_once_a_round")]
            },
        ),
        migrations.CreateModel(
            name="FormingRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("asked_at", models.DateTimeField()),
                (
                    "scope",
                    models.CharField(choices=[("all", "everybody"), ("waiting", "those who wait")], max_length=8),
                ),
                ("seconds", models.PositiveSmallIntegerField()),
                ("seed", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "about to begin"),
                            ("running", "being worked out"),
                            ("done", "worked out"),
                            ("lost", "ended without an answer"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("begun_at", models.DateTimeField(blank=True, null=True)),
                ("beat_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("stop_asked", models.BooleanField(default=False)),
                ("version", models.PositiveSmallIntegerField(default=0)),
                ("input_mark", models.CharField(blank=True, max_length=64)),
                ("progress", models.JSONField(default=dict)),
                ("choices", models.JSONField(default=list)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="runs", to="programmes.round"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=("round",),
                        name="forming_one_run_a_round",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="FacilitatorAsked",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("asked_at", models.DateTimeField()),
                ("yes", models.BooleanField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="circles.circle",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="asked", to="programmes.round"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("circle", None)),
                        fields=("round", "user"),
                        name="facilitator_asked_once_a_round",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("circle__isnull", False)),
                        fields=("circle", "user"),
                        name="facilitator_asked_once_a_circle",
                    ),
                ]
            },
        ),
        migrations.AddField(
            model_name="draftcircle",
            name="round",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="drafts", to="programmes.round"
            ),
        ),
        migrations.CreateModel(
            name="BoardStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("moves", models.JSONField()),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="programmes.round"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RoundCircle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seated", models.PositiveSmallIntegerField(default=0)),
                ("signed", models.PositiveSmallIntegerField(default=0)),
                ("made", models.PositiveIntegerField(default=0)),
                ("lately", models.JSONField(default=list)),
                ("last_at", models.DateTimeField(blank=True, null=True)),
                ("next_at", models.DateTimeField(blank=True, null=True)),
                ("cadence", models.CharField(default="not_yet", max_length=8)),
                ("signs", models.JSONField(default=list)),
                ("worth_a_call", models.BooleanField(default=False)),
                ("counted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "circle",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="circles.circle"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="circles", to="programmes.round"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanLotCircle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("offered", models.BooleanField()),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="circles", to="programmes.planlot"
                    ),
                ),
                (
                    "of",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="plan_lot",
                        to="programmes.roundcircle",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LatePlace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("asked_at", models.DateTimeField()),
                ("yes", models.BooleanField(blank=True, null=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="late", to="programmes.enrolment"
                    ),
                ),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="late", to="programmes.roundcircle"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("yes", None)), fields=("enrolment",), name="late_place_asked_of_one"
                    ),
                    models.UniqueConstraint(fields=("of", "enrolment"), name="late_place_asked_once"),
                ]
            },
        ),
        migrations.CreateModel(
            name="JourneyOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "journey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offers",
                        to="programmes.programmejourney",
                    ),
                ),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="journeys",
                        to="programmes.roundcircle",
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("journey", "of"), name="journey_offered_once")]},
        ),
        migrations.CreateModel(
            name="WeekFigures",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("week", models.DateField()),
                ("held", models.PositiveSmallIntegerField(default=0)),
                ("moved", models.PositiveSmallIntegerField(default=0)),
                ("cut_short", models.PositiveSmallIntegerField(default=0)),
                ("came", models.PositiveSmallIntegerField(default=0)),
                ("expected", models.PositiveSmallIntegerField(default=0)),
                ("made", models.PositiveSmallIntegerField(null=True)),
                ("due", models.PositiveSmallIntegerField(null=True)),
                ("kept", models.PositiveSmallIntegerField(null=True)),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="weeks", to="programmes.roundcircle"
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("of", "week"), name="week_of_circle_once")]},
        ),
        migrations.AddConstraint(
            model_name="pulse", constraint=models.UniqueConstraint(fields=("round", "moment"), name="pulse_moment_once")
        ),
        migrations.AddConstraint(
            model_name="draftcircle",
            constraint=models.UniqueConstraint(fields=("round", "name"), name="draft_name_once"),
        ),
    ]
