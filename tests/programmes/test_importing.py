"""Large files of people: invited by a job, some at a time, and sealed until then."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import User
from notifications.models import Message
from programmes.enrolment_services import INVITED, people_invite, people_invite_kept, people_invite_soon
from programmes.enrolment_views import SALT, _kept
from programmes.models import PeopleToInvite, Programme, ProgrammeInvitation
from programmes.services import programme_end
from tests.factories import NOW, signed_in

pytestmark = pytest.mark.django_db


def test_a_large_file_is_invited_by_a_job_some_at_a_time(programme: Programme, dana: User, clock: Any) -> None:
    people = {f"p{at}@example.org": {"name": f"Person {at}"} for at in range(250)}
    people_invite(programme=programme, people={"p0@example.org": {}}, by=dana, now=NOW)
    client = signed_in(dana)
    rows = _kept(SALT, programme, [[email, facts] for email, facts in people.items()])
    answer = client.post(reverse("programmes:import", args=[programme.code]), {"rows": rows}, follow=True)
    assert "250 people are being invited" in str([str(one) for one in answer.context["messages"]])
    assert b"250 people of a file are being invited now" in answer.content
    assert b"p249@example.org" not in b"".join(bytes(row) for row in sealed_columns(PeopleToInvite, "people"))
    assert ProgrammeInvitation.objects.count() == 1
    assert people_invite_kept(now=NOW) == 3
    assert people_invite_kept(now=NOW) == 0
    assert ProgrammeInvitation.objects.count() == 250
    assert Message.objects.filter(kind=INVITED).count() == 250
    assert ProgrammeInvitation.objects.get(email="p249@example.org").called == "Person 249"


def sealed_columns(model: Any, name: str) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{name}" FROM "{model._meta.db_table}"')
        return [row[0] for row in cursor.fetchall()]


def test_what_waits_to_be_invited_waits_for_its_key_and_ends_with_its_programme(
    programme: Programme, dana: User, settings: Any
) -> None:
    people_invite_soon(programme=programme, people={"a@example.org": {}}, by=dana, now=NOW)
    keys = settings.CONTENT_KEYS
    settings.CONTENT_KEYS = ["other:" + urlsafe_b64encode(b"0" * 32).decode()]
    people_invite_kept(now=NOW)
    assert PeopleToInvite.objects.exists()
    settings.CONTENT_KEYS = keys
    programme_end(programme=programme, now=NOW)
    people_invite_kept(now=NOW)
    assert not PeopleToInvite.objects.exists()
    assert not ProgrammeInvitation.objects.exists()
