"""A circle may keep its name out of calendars: others look into them."""

import pytest
import time_machine
from django.test import Client, override_settings
from django.urls import reverse

from accounts.services import feed_renew
from sessions.mails.inviting import invitation
from sessions.models import CircleSession
from tests.factories import NOW, Cast, make_session, signed_in

pytestmark = pytest.mark.django_db


@time_machine.travel(NOW, tick=False)
def test_what_stands_in_calendars_says_nothing_of_who_or_what_where_a_circle_chose_so(people: Cast) -> None:
    """Files, feeds and invitations alike."""
    alice, session = signed_in(people.alice), make_session(people.circle, people.alice)
    path = reverse("sessions:session_calendar", args=[session.code])
    assert f"SUMMARY:{people.circle.name}" in alice.get(path).content.decode()
    settings = reverse("circles:settings", args=[people.circle.code])
    data = {name: value for name, value in alice.get(settings).context["form"].initial.items() if value is not None}
    del data["name_in_calendar"]  # a box that is not ticked is not sent
    assert alice.post(settings, data).status_code == 302
    feed = reverse("pages:feed", args=[feed_renew(user=people.alice, now=NOW)])
    with override_settings(ANSWER_ADDRESS="calendar@circles.example"):
        invited = invitation(CircleSession.objects.get(pk=session.pk), user=people.bob, now=NOW)
    assert invited is not None
    for text in (alice.get(path).content.decode(), Client().get(feed).content.decode(), invited.content.decode()):
        assert "SUMMARY:Peer coaching" in text
        assert people.circle.name not in text
