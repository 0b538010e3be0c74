"""Answers that come from people's calendars: the tokens that they carry, and which mails were read."""

import uuid

from django.db import models

from accounts.models import User
from sessions.models.dates import CircleSession


class AnswerToken(models.Model):
    """What the answer address of one person and one session has in it. Only its hash is kept.

    The token is derived from `code` and the secret of the site: with another secret the ones before open nothing.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="answer_tokens")
    session = models.ForeignKey(CircleSession, on_delete=models.CASCADE, related_name="answer_tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "session"], name="answer_token_once")]

    def __str__(self) -> str:
        return f"answer token {self.pk}"


class AnswerMail(models.Model):
    """That a mail to the answer address, or one answer in it, was read: the same one again counts no second time.

    Nothing of the mail is kept but a digest, what it was and why it was put aside.
    """

    digest = models.CharField(max_length=64, unique=True)
    outcome = models.CharField(max_length=8)
    why = models.CharField(max_length=20, blank=True)
    read_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"answer mail {self.pk}"
