"""The whole main journey without a browser and without script: every step is an ordinary form."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from circles.models import Circle, Invitation
from notifications import outbox
from sessions.models import CircleSession, SessionEvent
from tests.factories import NOW, make_user, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def invitation_link(message: mail.EmailMessage) -> str:
    found = re.search(r"http://testserver(/invitation/[0-9a-f]+/)", str(message.body))
    assert found
    return found.group(1)


def test_a_circle_meets_from_start_to_commitment() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        alice = make_user("Alice Archer")
        browser = signed_in(alice)
        page = browser.get("/circles/start/")
        assert page.status_code == 200
        answer = browser.post(
            "/circles/start/",
            {
                "name": "Alder circle",
                "people": "Bob <bob@example.org>, carol@example.org; not-an-address\nBOB@example.org",
                "date": "2027-01-14",
                "time": "16:00",
                "time_zone": "Europe/London",
                "cadence": "three_weeks",
                "sessions": "6",
                "min_size": "3",
                "max_size": "8",
                "takes_part": "on",
            },
        )
        circle = Circle.objects.get()
        assert answer.status_code == 302
        assert answer.url == reverse("circles:people", args=[circle.code])
        page = browser.get(answer.url)
        assert b"not-an-address" in page.content
        assert b"Entered more than once, sent once: bob@example.org" in page.content
        assert b"Links to copy" in page.content
        assert b"Links to copy" not in browser.get(answer.url).content  # shown once

        outbox.turn()
        sent = {message.to[0]: message for message in mail.outbox}
        assert sorted(sent) == ["alice@example.org", "bob@example.org", "carol@example.org"]
        for name in ("bob", "carol"):
            guest = Client()
            page = guest.get(invitation_link(sent[f"{name}@example.org"]), follow=True)
            assert b"Alice Archer invites you to Alder circle" in page.content
            assert b"Thursday 14 January" in page.content
            answer = guest.post(
                "/invitation/",
                {
                    "yes": "1",
                    "name": name.title(),
                    "time_zone": "Europe/Berlin",
                    "password": "three plain words",
                },
            )
            assert answer.url == reverse("pages:joined", args=[circle.code]), answer
            assert guest.get(answer.url).status_code == 200
        assert Invitation.objects.filter(answer="yes").count() == 2

        session = CircleSession.objects.get()
        users = {user.first.lower(): user for user in User.objects.all()}
        for user in users.values():
            client = signed_in(user)
            page = client.get(reverse("agreements:agreement", args=[circle.code]))
            digest = re.search(r'name="digest" value="([0-9a-f]+)"', page.content.decode()).group(1)  # type: ignore[union-attr]
            version = re.search(r'name="version" value="([0-9a-f-]+)"', page.content.decode()).group(1)  # type: ignore[union-attr]
            client.post(
                reverse("agreements:agreement_sign", args=[circle.code]),
                {"version": version, "digest": digest, "read": "on"},
            )
            client.post(reverse("sessions:rsvp", args=[session.code]), {"answer": "yes"})
            client.post(
                reverse("sessions:issue", args=[session.code]),
                {"title": f"What {user.first} brings", "text": "A few lines.", "ask": "questions"},
            )
        page = browser.get(reverse("sessions:session", args=[session.code]))
        assert b"What Alice brings" in page.content
        assert b"What Bob brings" not in page.content
        assert b"62 minutes for the 3 who come" in page.content  # 4 + 3 + 3 x 16 + 3 + 4

        clock.move_to(session.starts_at - timedelta(minutes=3))
        outbox.turn()
        room = reverse("sessions:live", args=[session.code])
        assert b"Who is here?" in browser.get(room).content
        codes = [str(user.code) for user in users.values()]
        answer = browser.post(
            reverse("sessions:start", args=[session.code]),
            {"expected_seq": "0", "here": codes, "presents": codes},
        )
        assert answer.status_code == 302
        session.refresh_from_db()
        assert session.status == "running"

        seen_titles = 0
        for seq in range(1, 40):
            for user in users.values():
                page = signed_in(user).get(room)
                assert page.status_code == 200, seq
                seen_titles += b"What Bob brings" in page.content
            clock.shift(timedelta(minutes=1))
            answer = browser.post(
                reverse("sessions:command", args=[session.code, "next"]), {"expected_seq": str(seq), "sure": "1"}
            )
            session.refresh_from_db()
            if session.status == "ended":
                break
        assert session.status == "ended"
        assert seen_titles == 9  # three stages of Bob's turn, on three screens
        assert session.came_count == 3
        assert SessionEvent.objects.filter(session=session).count() == session.seq

        bob = signed_in(users["bob"])
        assert b"What do you take with you?" in bob.get(room).content
        answer = bob.post(
            reverse("sessions:check_out", args=[session.code]),
            {
                "insight": "I talk too fast",
                "text": "Ask one open question on Monday",
                "due_on": "",
                "partner": "",
            },
        )
        carol = signed_in(users["carol"])
        carol.post(reverse("sessions:check_out", args=[session.code]), {"nothing": "1"})
        page = browser.get(reverse("sessions:session", args=[session.code]))
        assert b"I talk too fast" in page.content
        assert b"Ask one open question" in page.content
        home = bob.get("/")
        assert b"Ask one open question" in home.content
        page = browser.get(reverse("pages:circle", args=[circle.code]))
        assert b"Check out of the session of Thursday 14 January" in page.content
