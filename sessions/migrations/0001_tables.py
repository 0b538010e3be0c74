"""The tables of this room, made at once. A database that is older takes the 17 steps which this replaces."""

import circles.sealed
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("circle_sessions", "0001_initial"),
        ("circle_sessions", "0002_formats_engine"),
        ("circle_sessions", "0003_formats_fill"),
        ("circle_sessions", "0004_format_code"),
        ("circle_sessions", "0005_live_room"),
        ("circle_sessions", "0006_guests"),
        ("circle_sessions", "0007_rhythm"),
        ("circle_sessions", "0008_practice"),
        ("circle_sessions", "0009_clerk_and_leader"),
        ("circle_sessions", "0010_moved_from"),
        ("circle_sessions", "0011_issue_told"),
        ("circle_sessions", "0012_calendar_answers"),
        ("circle_sessions", "0013_journeys"),
        ("circle_sessions", "0014_coaching_pairs"),
        ("circle_sessions", "0015_shelf"),
        ("circle_sessions", "0016_busy_calendar"),
        ("circle_sessions", "0017_journeys_go_with_their_circle"),
    ]

    initial = True

    dependencies = [
        ("agreements", "0001_tables"),
        ("circles", "0001_tables"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AnswerMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("outcome", models.CharField(max_length=8)),
                ("why", models.CharField(blank=True, max_length=20)),
                ("read_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="PollOption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("local_date", models.DateField()),
                ("local_time", models.TimeField()),
                ("zone", models.CharField(max_length=64)),
                ("starts_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="BusyCalendar",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("address", circles.sealed.SealedTextField()),
                ("busy", circles.sealed.SealedTextField(null=True)),
                ("made_at", models.DateTimeField()),
                ("wanted_at", models.DateTimeField(blank=True, db_index=True, null=True)),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "trouble",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", ""),
                            ("nowhere", "There is nothing at this address that can be reached from here."),
                            ("slow", "It took longer than five seconds."),
                            ("large", "It is larger than two megabytes."),
                            (
                                "refused",
                                "The calendar’s server did not hand it out. The address may have been changed there.",
                            ),
                            ("certificate", "The certificate of the calendar’s server is not right."),
                            ("unreadable", "What lies there could not be read as a calendar."),
                        ],
                        default="",
                        max_length=11,
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="busy_calendar",
                        to=settings.AUTH_USER_MODEL,
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
            name="Format",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("library_key", models.CharField(blank=True, max_length=40, null=True, unique=True)),
                ("draft", models.JSONField(blank=True, null=True)),
                ("draft_seq", models.PositiveIntegerField(default=0)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "circle",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="formats",
                        to="circles.circle",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("circle", None), ("library_key__isnull", False)),
                            models.Q(("circle__isnull", False), ("library_key", None)),
                            _connector="OR",
                        ),
                        name="format_has_one_owner",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="FormatVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("definition", models.JSONField()),
                ("made_at", models.DateTimeField(blank=True, null=True)),
                (
                    "format",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="circle_sessions.format",
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("format", "number"), name="format_number_once")]},
        ),
        migrations.CreateModel(
            name="CircleSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("slot_on", models.DateField(blank=True, null=True)),
                ("local_date", models.DateField()),
                ("local_time", models.TimeField()),
                ("zone", models.CharField(max_length=64)),
                ("starts_at", models.DateTimeField()),
                ("minutes", models.PositiveSmallIntegerField()),
                (
                    "fit",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "ask at the start"),
                            ("without", "leave out what is optional"),
                            ("shorter", "shorter turns"),
                            ("fewer", "fewer people present"),
                            ("longer", "a longer session"),
                        ],
                        default="",
                        max_length=7,
                    ),
                ),
                ("stopped", models.BooleanField(default=False)),
                ("place", models.CharField(blank=True, max_length=200)),
                ("call_link", models.URLField(blank=True, max_length=500)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "planned"),
                            ("running", "in session"),
                            ("ended", "held"),
                            ("cancelled", "cancelled"),
                            ("not_held", "did not happen"),
                        ],
                        default="planned",
                        max_length=9,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                ("seq", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("finish_by", models.DateTimeField(blank=True, null=True)),
                ("came_count", models.PositiveSmallIntegerField(default=0)),
                ("expected_count", models.PositiveSmallIntegerField(default=0)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("roles_announced_at", models.DateTimeField(blank=True, null=True)),
                ("practice", models.BooleanField(default=False)),
                ("moves", models.PositiveSmallIntegerField(default=0)),
                ("dated_revision", models.PositiveIntegerField(default=0)),
                ("dated_at", models.DateTimeField(blank=True, null=True)),
                ("moved_from", models.DateTimeField(blank=True, null=True)),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sessions", to="circles.circle"
                    ),
                ),
                (
                    "stand_in",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "format_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="circle_sessions.formatversion",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["circle", "starts_at"], name="session_of_circle"),
                    models.Index(fields=["status", "starts_at"], name="session_coming"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("version__gte", models.F("seq"))), name="session_version_covers_seq"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 15), ("minutes__lte", 480)),
                        name="session_15_to_480_minutes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GuestPass",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=80)),
                ("email", models.EmailField(max_length=254)),
                ("created_at", models.DateTimeField()),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="guest_passes",
                        to="circle_sessions.circlesession",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="guest_passes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("session", "email"),
                        name="guest_once_a_session",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("used_at", None), ("user", None)),
                            models.Q(("used_at__isnull", False), ("user__isnull", False)),
                            _connector="OR",
                        ),
                        name="guest_used_by_somebody",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="Issue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("title", circles.sealed.SealedTextField()),
                ("text", circles.sealed.SealedTextField()),
                (
                    "ask",
                    models.CharField(
                        choices=[
                            ("listen", "Just listen"),
                            ("questions", "Ask me questions"),
                            ("experience", "Tell me your experience"),
                            ("options", "Help me find options"),
                        ],
                        default="questions",
                        max_length=10,
                    ),
                ),
                ("told", models.BooleanField(default=False)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="issues",
                        to="circle_sessions.circlesession",
                    ),
                ),
                (
                    "vault",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="circles.vault"
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("session", "owner"), name="issue_one_each")]},
        ),
        migrations.CreateModel(
            name="Journey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("library_key", models.CharField(blank=True, max_length=40, null=True, unique=True)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "circle",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="journeys",
                        to="circles.circle",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("circle", None), ("library_key__isnull", False)),
                            models.Q(("circle__isnull", False), ("library_key", None)),
                            _connector="OR",
                        ),
                        name="journey_has_one_owner",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="JourneyVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("definition", models.JSONField()),
                ("made_at", models.DateTimeField(blank=True, null=True)),
                (
                    "journey",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="circle_sessions.journey",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("journey", "number"), name="journey_number_once")]
            },
        ),
        migrations.CreateModel(
            name="JourneyTaken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("taken_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="journeys_taken", to="circles.circle"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="circle_sessions.journeyversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at", None)), fields=("circle",), name="journey_one_at_a_time"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="Leg",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.PositiveSmallIntegerField()),
                ("place", models.PositiveSmallIntegerField()),
                ("laid", models.CharField(blank=True, max_length=40)),
                ("skipped_at", models.DateTimeField(blank=True, null=True)),
                (
                    "session",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="leg",
                        to="circle_sessions.circlesession",
                    ),
                ),
                (
                    "taken",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="legs",
                        to="circle_sessions.journeytaken",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="circle_sessions.journeyversion",
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("taken", "number"), name="leg_once")]},
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("text", circles.sealed.SealedTextField()),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="circle_sessions.circlesession",
                    ),
                ),
                (
                    "vault",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="circles.vault"
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("session", "author"), name="note_one_each")]},
        ),
        migrations.CreateModel(
            name="PairRhythm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("every", models.PositiveSmallIntegerField()),
                ("chosen_at", models.DateTimeField()),
                (
                    "chosen_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "circle",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pair_rhythm", to="circles.circle"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("every__gte", 1), ("every__lte", 6)), name="pairs_every_1_to_6_sessions"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="PairRound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("held", models.PositiveSmallIntegerField()),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="pair_rounds", to="circles.circle"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("circle", "number"), name="pair_round_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("circle",), name="pair_round_one_now"
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="PairSeat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("group", models.PositiveSmallIntegerField()),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="seats",
                        to="circle_sessions.pairround",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("round", "user"), name="pair_seat_one_each")]},
        ),
        migrations.CreateModel(
            name="Participation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("member", "member"), ("facilitator", "facilitator from outside"), ("guest", "guest")],
                        default="member",
                        max_length=11,
                    ),
                ),
                ("seat", models.PositiveSmallIntegerField(blank=True, null=True)),
                (
                    "rsvp",
                    models.CharField(
                        blank=True,
                        choices=[("", "has not said"), ("yes", "comes"), ("maybe", "not sure"), ("no", "cannot come")],
                        default="",
                        max_length=5,
                    ),
                ),
                ("rsvp_at", models.DateTimeField(blank=True, null=True)),
                (
                    "rsvp_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("page", "on the page"),
                            ("calendar", "by calendar"),
                            ("link", "by the link in a mail"),
                        ],
                        default="page",
                        max_length=8,
                    ),
                ),
                (
                    "attendance",
                    models.CharField(
                        choices=[
                            ("expected", "expected"),
                            ("came", "came"),
                            ("excused", "said beforehand"),
                            ("missed", "did not come"),
                        ],
                        default="expected",
                        max_length=8,
                    ),
                ),
                ("last_seen_at", models.DateTimeField(blank=True, null=True)),
                ("presents", models.BooleanField(default=False)),
                ("hand_at", models.DateTimeField(blank=True, null=True)),
                ("away_at", models.DateTimeField(blank=True, null=True)),
                ("minutes", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("place", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("floor_seconds", models.PositiveIntegerField(default=0)),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="participations",
                        to="circle_sessions.circlesession",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("session", "user"), name="participation_once"),
                    models.UniqueConstraint(fields=("session", "seat"), name="seat_once"),
                ]
            },
        ),
        migrations.CreateModel(
            name="CheckOut",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("insight", circles.sealed.SealedTextField()),
                ("at", models.DateTimeField()),
                (
                    "commitment",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="check_out",
                        to="agreements.commitment",
                    ),
                ),
                (
                    "vault",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="circles.vault"
                    ),
                ),
                (
                    "participation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="check_out",
                        to="circle_sessions.participation",
                    ),
                ),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        migrations.CreateModel(
            name="PollAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(choices=[("good", "good"), ("possible", "possible"), ("no", "no")], max_length=8),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "option",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="circle_sessions.polloption",
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("option", "user"), name="poll_answer_one_each")]},
        ),
        migrations.CreateModel(
            name="Rehearsal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("people", models.PositiveSmallIntegerField()),
                ("speed", models.PositiveSmallIntegerField(default=1)),
                ("seq", models.PositiveIntegerField(default=0)),
                ("events", models.JSONField(default=list)),
                ("begun_at", models.DateTimeField()),
                (
                    "format_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="circle_sessions.formatversion",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rehearsals",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("speed__gte", 1), ("speed__lte", 60)), name="rehearsal_speed_1_to_60"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="ReminderNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("text", models.CharField(max_length=500)),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminder_notes",
                        to="circle_sessions.circlesession",
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("session", "kind"), name="reminder_note_once")]},
        ),
        migrations.CreateModel(
            name="RoleSwap",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "role_key",
                    models.CharField(
                        choices=[
                            ("host", "host"),
                            ("timekeeper", "timekeeper"),
                            ("scribe", "scribe"),
                            ("moderator", "moderator"),
                            ("clerk", "clerk"),
                            ("leader", "leader"),
                        ],
                        max_length=12,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("", "not answered"), ("yes", "takes it"), ("no", "not this time")],
                        default="",
                        max_length=3,
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="swaps",
                        to="circle_sessions.circlesession",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answer", "")),
                        fields=("session", "role_key"),
                        name="swap_asked_once_at_a_time",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="ScribeNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("text", circles.sealed.SealedTextField()),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scribe_notes",
                        to="circle_sessions.circlesession",
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
                "constraints": [models.UniqueConstraint(fields=("session", "reader"), name="scribe_note_one_each")]
            },
        ),
        migrations.CreateModel(
            name="Sentence",
            fields=[
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("text", circles.sealed.SealedTextField()),
                ("marks", models.JSONField(default=list)),
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
            name="SentenceKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("secret", circles.sealed.SealedTextField()),
                (
                    "user",
                    models.OneToOneField(
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
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        migrations.CreateModel(
            name="SentenceOffer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("text", circles.sealed.SealedTextField()),
                ("offered_at", models.DateTimeField()),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sentence_offers", to="circles.circle"
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
            options={
                "constraints": [models.UniqueConstraint(fields=("circle", "user"), name="sentence_offer_one_each")]
            },
        ),
        migrations.CreateModel(
            name="SentenceShelf",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(default=1, unique=True)),
                (
                    "vault",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="circles.vault"
                    ),
                ),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("number", 1)), name="sentence_shelf_is_one")]
            },
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "repeat",
                    models.CharField(
                        choices=[
                            ("weeks", "every so many weeks"),
                            ("month", "every month, on the same weekday of the month"),
                            ("month_last", "every month, on the last such weekday"),
                        ],
                        max_length=10,
                    ),
                ),
                ("weeks", models.PositiveSmallIntegerField(default=1)),
                ("times", models.JSONField()),
                ("zone", models.CharField(max_length=64)),
                ("first_on", models.DateField()),
                ("count", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("until", models.DateField(blank=True, null=True)),
                ("edits", models.PositiveIntegerField(default=0)),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="series", to="circles.circle"
                    ),
                ),
                (
                    "split_from",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="circle_sessions.series",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "series",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("count__gte", 1), ("count__lte", 60), ("until", None)),
                            models.Q(("count", None), ("until__gte", models.F("first_on"))),
                            _connector="OR",
                        ),
                        name="series_has_an_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weeks__gte", 1), ("weeks__lte", 12)), name="series_every_1_to_12_weeks"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="circlesession",
            name="series",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="sessions",
                to="circle_sessions.series",
            ),
        ),
        migrations.CreateModel(
            name="SessionEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.PositiveIntegerField()),
                ("kind", models.CharField(max_length=12)),
                ("by_seat", models.PositiveSmallIntegerField()),
                ("at", models.BigIntegerField()),
                ("payload", models.JSONField(default=dict)),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="circle_sessions.circlesession",
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("session", "seq"), name="event_seq_once")]},
        ),
        migrations.CreateModel(
            name="SessionRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role_key",
                    models.CharField(
                        choices=[
                            ("host", "host"),
                            ("timekeeper", "timekeeper"),
                            ("scribe", "scribe"),
                            ("moderator", "moderator"),
                            ("clerk", "clerk"),
                            ("leader", "leader"),
                        ],
                        max_length=12,
                    ),
                ),
                ("chosen", models.BooleanField(default=False)),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="roles",
                        to="circle_sessions.circlesession",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("session", "role_key"), name="role_held_once")]},
        ),
        migrations.CreateModel(
            name="SheetAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("question", models.PositiveSmallIntegerField()),
                ("text", circles.sealed.SealedTextField()),
                ("written_at", models.DateTimeField()),
                (
                    "leg",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="circle_sessions.leg"
                    ),
                ),
                (
                    "owner",
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
                "constraints": [models.UniqueConstraint(fields=("leg", "owner", "question"), name="sheet_answer_once")]
            },
        ),
        migrations.CreateModel(
            name="ShelfItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("format", "format"), ("journey", "journey"), ("clause", "clause of an agreement")],
                        max_length=7,
                    ),
                ),
                ("definition", models.JSONField(blank=True, null=True)),
                ("formats", models.JSONField(blank=True, default=dict)),
                (
                    "theme",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("confidentiality", "Confidentiality"),
                            ("respect", "Respect and compassion"),
                            ("conflict", "How we handle disagreement"),
                            ("responsibilities", "How responsibilities are given"),
                            ("accountability", "How we hold each other to account"),
                            ("scope", "What belongs here"),
                            ("feedback", "How we give feedback"),
                            ("attendance", "Coming, and coming on time"),
                            ("recording", "Recording"),
                            ("breach", "When we do not keep to this"),
                        ],
                        max_length=16,
                    ),
                ),
                ("text", circles.sealed.SealedTextField()),
                ("helped", circles.sealed.SealedTextField()),
                ("digest", models.CharField(max_length=64)),
                ("days", models.PositiveSmallIntegerField()),
                ("asked_at", models.DateTimeField()),
                ("talked_at", models.DateTimeField(blank=True, null=True)),
                ("lent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shelf", to="circles.circle"
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
                "indexes": [models.Index(fields=["lent_at"], name="shelf_lent")],
                "constraints": [
                    models.UniqueConstraint(fields=("circle", "digest"), name="shelf_the_same_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("definition", None), ("kind", "clause"), models.Q(("theme", ""), _negated=True)),
                            models.Q(
                                models.Q(("kind", "clause"), _negated=True),
                                ("definition__isnull", False),
                                ("theme", ""),
                            ),
                            _connector="OR",
                        ),
                        name="shelf_item_is_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShelfAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "stance",
                    models.CharField(
                        blank=True,
                        choices=[("", "has not said"), ("yes", "yes"), ("concern", "a concern")],
                        default="",
                        max_length=7,
                    ),
                ),
                ("comment", circles.sealed.SealedTextField()),
                ("was_there", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
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
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="circle_sessions.shelfitem",
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("item", "user"), name="shelf_answer_one_each")]},
        ),
        migrations.CreateModel(
            name="TimePoll",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("asked_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("nudged_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="polls", to="circles.circle"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)), fields=("circle",), name="poll_one_open"
                    )
                ]
            },
        ),
        migrations.AddField(
            model_name="polloption",
            name="poll",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="options", to="circle_sessions.timepoll"
            ),
        ),
        migrations.CreateModel(
            name="Turn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField()),
                ("presented", models.BooleanField(default=False)),
                ("seconds", models.PositiveIntegerField(default=0)),
                (
                    "participation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="turns",
                        to="circle_sessions.participation",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="turns",
                        to="circle_sessions.circlesession",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("session", "position"), name="turn_position_once")]
            },
        ),
        migrations.CreateModel(
            name="CardRead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("card_key", models.CharField(max_length=40)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cards_read",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("user", "card_key"), name="card_read_once")]},
        ),
        migrations.CreateModel(
            name="AnswerToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answer_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answer_tokens",
                        to="circle_sessions.circlesession",
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("user", "session"), name="answer_token_once")]},
        ),
        migrations.AddConstraint(
            model_name="circlesession",
            constraint=models.UniqueConstraint(fields=("series", "slot_on"), name="session_once_a_slot"),
        ),
        migrations.AddConstraint(
            model_name="polloption",
            constraint=models.UniqueConstraint(fields=("poll", "starts_at"), name="poll_option_once"),
        ),
    ]
