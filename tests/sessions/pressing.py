"""Somebody in a room that runs, pressing."""

from typing import Any

from django.test import Client
from django.urls import reverse

from sessions.live import log_selectors
from sessions.models import CircleSession
from sessions.rules.runner import State

QUIET = {"X-Requested-With": "fetch"}


def state(session: CircleSession) -> State:
    session.refresh_from_db()
    return log_selectors.state_of(session)


def press(client: Client, session: CircleSession, path: str, *, headers: Any = None, **form: object) -> Any:
    """A press on the page as it is now."""
    form = {"expected_seq": state(session).seq} | form
    return client.post(f"{reverse('sessions:live', args=[session.code])}{path}/", form, headers=headers)


def room(client: Client, session: CircleSession) -> str:
    return client.get(reverse("sessions:live", args=[session.code])).content.decode()
