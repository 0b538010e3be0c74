"""Counting that something a screen of a session shows has changed."""

from django.db.models import F

from sessions.models import CircleSession


def version_raise(*, session: CircleSession) -> None:
    """Every open page of this session looks again."""
    CircleSession.objects.filter(pk=session.pk).update(version=F("version") + 1)
