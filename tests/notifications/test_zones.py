"""Public reports 7: an hour goes with its zone, and a zone that nobody confirmed is nobody's."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import User
from agreements.appointment_services import appointment_set
from agreements.commitment_services import CommitmentDetails, commitment_make, partner_answer
from notifications.outbox import turn
from sessions.planning.services import SessionDetails, session_update
from tests.factories import NOW, Cast, make_session, make_user, signed_in

pytestmark = pytest.mark.django_db
MAILS = sorted((Path(__file__).resolve().parents[2] / "templates").glob("*/email/*.*"))


@pytest.mark.parametrize("path", MAILS, ids=lambda path: f"{path.parent.parent.name}-{path.name}")
def test_no_mail_says_an_hour_without_its_zone_nor_calls_one_yours(path: Path) -> None:
    source = path.read_text()
    assert "person.time_zone" not in source
    if re.search(r"\|hour|\|time", source):
        assert "|city" in source or "|in_words" in source or "|clock_in" in source or "|span_in" in source
    assert "in your time" not in source


def test_a_subject_that_names_an_hour_names_its_zone(people: Cast, clock: Any) -> None:
    """It stands alone in a list of mails, and in the first line on a telephone."""
    User.objects.filter(pk=people.carol.pk).update(time_zone="America/New_York")
    session = make_session(people.circle, people.alice)
    turn()
    details = SessionDetails(
        (session.starts_at + timedelta(hours=2)).replace(tzinfo=None), "UTC", session.format_version, 120
    )
    session_update(session=session, details=details, now=NOW)
    made = commitment_make(
        circle=people.circle,
        owner=people.bob,
        details=CommitmentDetails("a promise", NOW.date(), people.carol),
        now=NOW,
    )
    partner_answer(commitment=made, yes=True, now=NOW)
    talk = (NOW + timedelta(days=1)).replace(tzinfo=None)
    appointment_set(commitment=made, local_start=talk, zone="UTC", now=NOW)
    turn()
    session.refresh_from_db()
    clock.move_to(session.starts_at - timedelta(hours=1))
    turn()
    said = [one.subject for one in mail.outbox if one.to == [people.carol.email]]
    assert [subject for subject in said if re.search(r"\d\d:\d\d", subject)] == [
        "Alder circle meets on Thursday 14 January at 04:00, New York time",
        "Changed: Alder circle meets on Thursday 14 January at 06:00, New York time",
        "Alder circle: you and Bob talk on Tuesday 12 January at 04:00, New York time",
        "Alder circle meets today at 06:00, New York time",
    ]


def test_whoever_has_not_confirmed_a_zone_reads_the_hours_of_their_circle(people: Cast, clock: Any) -> None:
    people.circle.time_zone = "Europe/Berlin"
    people.circle.save(update_fields=["time_zone"])
    User.objects.filter(pk=people.bob.pk).update(time_zone="UTC", zone_confirmed=False)
    User.objects.filter(pk=people.carol.pk).update(time_zone="America/New_York")
    session = make_session(people.circle, people.alice)
    type(session).objects.filter(pk=session.pk).update(zone="Europe/Berlin")
    turn()
    said = {message.to[0]: str(message.body) for message in mail.outbox}
    assert "10:00–12:00 (Berlin time)." in said[people.bob.email]
    assert "04:00–06:00 (New York time)." in said[people.carol.email]


def test_somebody_without_a_name_or_a_zone_is_asked_before_they_meet_others(people: Cast, clock: Any) -> None:
    User.objects.filter(pk=people.bob.pk).update(name="", zone_confirmed=False)
    client = signed_in(people.bob)
    path = reverse("pages:circle", args=[people.circle.code])
    for asked in (path, "/commitments/", "/programmes/", "/invitation/"):
        answer = client.get(asked)
        assert answer.status_code == 302
        assert answer.url == f"/account/profile/?next={asked.replace('/', '%2F')}"
    # What is everybody's right needs neither.
    assert client.get(reverse("pages:help")).status_code == 200
    answer = client.post(
        answer.url.split("?")[0] + f"?next={path}", {"name": "Bob Baker", "time_zone": "Europe/Paris", "next": path}
    )
    assert answer.url == path
    assert client.get(path).status_code == 200
    assert make_user("Erin Else", email="e2@example.org").is_set_up
