"""The tables of this room, made at once. A database that is older takes the 6 steps which this replaces."""

import circles.sealed
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    replaces = [
        ("agreements", "0001_initial"),
        ("agreements", "0002_alive"),
        ("agreements", "0003_alive_fill"),
        ("agreements", "0002_plans"),
        ("agreements", "0003_mirror"),
        ("agreements", "0004_erased_plans"),
    ]

    initial = True

    dependencies = [("circles", "0001_tables"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "circle",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="agreement", to="circles.circle"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AgreementVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.PositiveSmallIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("adopt_days", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("adopted_at", models.DateTimeField()),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="agreements.agreement"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("agreement", "number"), name="version_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("adopt_days", None),
                            models.Q(("adopt_days__gte", 3), ("adopt_days__lte", 60)),
                            _connector="OR",
                        ),
                        name="adopt_3_to_60_days",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="Clause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("line", models.UUIDField(default=uuid.uuid4, editable=False)),
                (
                    "theme",
                    models.CharField(
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
                ("position", models.PositiveSmallIntegerField()),
                ("text", circles.sealed.SealedTextField()),
                (
                    "vault",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="circles.vault"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clauses",
                        to="agreements.agreementversion",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("version", "position"), name="clause_position_once")]
            },
        ),
        migrations.CreateModel(
            name="Commitment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "audience",
                    models.CharField(
                        choices=[("circle", "the circle"), ("partner", "my partner"), ("me", "only me")],
                        default="circle",
                        max_length=8,
                    ),
                ),
                ("text", circles.sealed.SealedTextField()),
                ("due_on", models.DateField()),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "open"), ("kept", "kept"), ("partly", "kept in part"), ("let_go", "let go")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("partner_yes_at", models.DateTimeField(blank=True, null=True)),
                ("remind_days", models.PositiveSmallIntegerField(blank=True, default=1, null=True)),
                ("plan", circles.sealed.SealedTextField(default=b"")),
                ("hurdle", circles.sealed.SealedTextField(default=b"")),
                ("cue_on", models.DateField(blank=True, null=True)),
                ("cue_at", models.TimeField(blank=True, null=True)),
                ("cue_zone", models.CharField(blank=True, max_length=64)),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="commitments", to="circles.circle"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
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
            options={
                "indexes": [
                    models.Index(fields=["owner", "status", "due_on"], name="commitment_mine"),
                    models.Index(fields=["status", "due_on"], name="commitment_due"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("partner", None), models.Q(("partner", models.F("owner")), _negated=True), _connector="OR"
                        ),
                        name="partner_is_somebody_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at", None), ("status", "open")),
                            models.Q(models.Q(("status", "open"), _negated=True), ("settled_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="commitment_settled_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cue_at", None), ("cue_on", None), ("cue_zone", "")),
                            models.Q(
                                ("cue_at__isnull", False),
                                ("cue_on__isnull", False),
                                models.Q(("cue_zone", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="commitment_cue_is_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Appointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("local_date", models.DateField()),
                ("local_time", models.TimeField()),
                ("zone", models.CharField(max_length=64)),
                ("starts_at", models.DateTimeField()),
                ("sequence", models.PositiveIntegerField(default=0)),
                ("changed_at", models.DateTimeField()),
                ("cancelled", models.BooleanField(default=False)),
                ("talked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "commitment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="appointments",
                        to="agreements.commitment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cancelled", False), ("talked_at", None)),
                        fields=("commitment",),
                        name="appointment_one_open",
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="CommitmentEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("progress", "progress"),
                            ("reworded", "earlier wording"),
                            ("let_go", "why it was let go"),
                        ],
                        max_length=8,
                    ),
                ),
                ("text", circles.sealed.SealedTextField()),
                ("at", models.DateTimeField()),
                (
                    "commitment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="entries", to="agreements.commitment"
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
            name="CommitmentStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("text", circles.sealed.SealedTextField()),
                ("done", models.BooleanField(default=False)),
                (
                    "commitment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="agreements.commitment"
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
            name="Mirror",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("sums", circles.sealed.SealedTextField()),
                ("widest", models.JSONField(default=list)),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mirrors", to="circles.circle"
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
                        condition=models.Q(("closed_at", None)), fields=("circle",), name="mirror_one_open"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="MirrorTicket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("answered", models.BooleanField(default=False)),
                (
                    "mirror",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tickets", to="agreements.mirror"
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
                "constraints": [models.UniqueConstraint(fields=("mirror", "user"), name="mirror_ticket_one_each")]
            },
        ),
        migrations.CreateModel(
            name="Nudge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "commitment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="nudge", to="agreements.commitment"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OneChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("text", circles.sealed.SealedTextField()),
                ("decided_at", models.DateTimeField()),
                ("told", models.PositiveSmallIntegerField(default=0)),
                (
                    "became",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "being tried"),
                            ("helped", "It helped: we keep it"),
                            ("not", "It did not help"),
                            ("not_done", "We did not get to it"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="changes_tried", to="circles.circle"
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
                        condition=models.Q(("became", "")), fields=("circle",), name="one_change_at_a_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("became", ""), ("settled_at", None)),
                            models.Q(models.Q(("became", ""), _negated=True), ("settled_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="one_change_settled_has_time",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "change",
                    models.CharField(
                        choices=[
                            ("add", "add a clause"),
                            ("reword", "change a clause"),
                            ("drop", "drop a clause"),
                            ("rule", "change how we change it"),
                        ],
                        max_length=6,
                    ),
                ),
                ("line", models.UUIDField(blank=True, null=True)),
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
                ("days", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("text", circles.sealed.SealedTextField()),
                ("why", circles.sealed.SealedTextField()),
                ("made_at", models.DateTimeField()),
                ("talked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("adopted", "adopted"),
                            ("declined", "not adopted"),
                            ("withdrawn", "withdrawn"),
                            ("overtaken", "overtaken by another change"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "adopted_as",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="agreements.agreementversion",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="proposals", to="agreements.agreement"
                    ),
                ),
                (
                    "base",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="agreements.agreementversion"
                    ),
                ),
                (
                    "by",
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
                "indexes": [models.Index(fields=["agreement", "status"], name="proposal_open")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at", None), ("status", "open")),
                            models.Q(models.Q(("status", "open"), _negated=True), ("settled_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="proposal_settled_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("adopted_as__isnull", False), ("status", "adopted")),
                            models.Q(models.Q(("status", "adopted"), _negated=True), ("adopted_as", None)),
                            _connector="OR",
                        ),
                        name="proposal_adopted_has_version",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProposalResponse",
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
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="responses", to="agreements.proposal"
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
            options={"constraints": [models.UniqueConstraint(fields=("proposal", "user"), name="response_one_each")]},
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("session", models.UUIDField(unique=True)),
                ("held_on", models.DateField()),
                ("answered", models.PositiveSmallIntegerField(default=0)),
                ("kept", models.PositiveSmallIntegerField(default=0)),
                ("asked", models.PositiveSmallIntegerField(default=0)),
                ("got", models.PositiveSmallIntegerField(default=0)),
                ("closed", models.BooleanField(default=False)),
                ("sentence", circles.sealed.SealedTextField()),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reviews", to="circles.circle"
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
                "indexes": [models.Index(fields=["circle", "held_on"], name="review_of_circle")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("got__lte", models.F("asked")), ("kept__lte", models.F("answered"))),
                        name="review_counts",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("signed_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signatures",
                        to="agreements.agreementversion",
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("version", "user"), name="signed_once")]},
        ),
        migrations.CreateModel(
            name="Slip",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "theme",
                    models.CharField(
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
                ("times", models.PositiveSmallIntegerField(default=0)),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="slips", to="agreements.review"
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("review", "theme"), name="slip_once_a_theme")]},
        ),
    ]
