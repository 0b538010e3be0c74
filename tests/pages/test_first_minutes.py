"""From the invitation to the first session: what the mail and the page say, and what there is to do after a yes."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from circles.invitation_services import members_invite
from circles.models import Invitation
from circles.tokens import token_for
from notifications.outbox import turn
from sessions.enums import Rsvp
from sessions.models import CircleSession, Participation
from sessions.rules.calendar_links import calendar_links
from tests.factories import NOW, Cast, make_session, sign, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(people: Cast, clock: Any) -> CircleSession:
    return make_session(people.circle, people.alice)


def invite(people: Cast, name: str = "Zoë Zander") -> Invitation:
    members_invite(
        circle=people.circle, emails=["zoe@example.org"], by=people.alice, now=NOW, names={"zoe@example.org": name}
    )
    return Invitation.objects.get(email="zoe@example.org")


def opened(invitation: Invitation) -> tuple[Client, str]:
    client = Client()
    page = client.get(reverse("pages:invitation_open", args=[token_for(invitation)]), follow=True)
    return client, " ".join(page.content.decode().split())


def test_the_mail_names_who_when_how_long_and_to_what_purpose(people: Cast, session: CircleSession) -> None:
    people.circle.purpose = "Leading people who were colleagues."
    people.circle.save(update_fields=["purpose"])
    invite(people)
    turn()
    (told,) = (one for one in mail.outbox if one.to == ["zoe@example.org"])
    html = " ".join(str(told.alternatives[0][0]).split())  # type: ignore[attr-defined]
    for said in (
        "Leading people who were colleagues.",
        "First: Thursday 14 January, 09:00–11:00 (London time).",
        "6 sessions, every three weeks; then all of you decide together.",
        "You get this mail because Alice Archer entered your address.",
    ):
        assert said in str(told.body)
        assert said in html
    assert "Zander" not in str(told.body) + html, "what somebody is called is sealed: it greets them on the page"
    assert told.subject == "Alice Archer invites you to Alder circle"


def test_the_mail_says_nothing_of_a_date_there_is_none_of(people: Cast, clock: Any) -> None:
    invite(people, name="")
    turn()
    body = str(mail.outbox[0].body)
    assert "First:" not in body


def test_the_page_begins_with_when_and_who_and_one_button(people: Cast, session: CircleSession) -> None:
    _client, page = opened(invite(people))
    main = page[page.index("<main") :]
    order = [
        main.index(said)
        for said in ("invites you to", "Thursday 14 January at 09:00", "Alice Archer (facilitator)", "Join the circle")
    ]
    assert order == sorted(order)
    assert main.index("Join the circle") < main.index("What you would say yes to")
    assert main.count("btn--main") == 1
    assert 'value="Zoë Zander"' in main, "the name that was typed with the address"


def test_times_are_the_readers_own(people: Cast, session: CircleSession) -> None:
    invitation = invite(people)
    _client, page = opened(invitation)
    assert re.search(r'<time datetime="2027-01-14T09:00:00\+00:00" data-own-zone="{day} at {hour}, {city} time"', page)
    assert re.search(r'<option value="Europe/London"[^>]*selected', page), "the circle’s, where the browser tells none"
    erin = signed_in(people.erin)
    people.erin.time_zone = "Asia/Tokyo"
    people.erin.email = "zoe@example.org"
    people.erin.save(update_fields=["time_zone", "email"])
    shown = erin.get(reverse("pages:invitation_open", args=[token_for(invitation)]), follow=True).content.decode()
    assert "Thursday 14 January at 18:00, Tokyo time" in shown
    assert "data-own-zone" not in shown


def test_after_a_yes_there_are_three_things_to_do_and_each_is_ticked(people: Cast, session: CircleSession) -> None:
    client, _page = opened(invite(people))
    answer = client.post(
        "/invitation/",
        {"yes": "1", "name": "Zoë", "time_zone": "Europe/Berlin", "password": "three plain words"},
    )
    here = reverse("pages:joined", args=[people.circle.code])
    assert answer["Location"] == here
    page = client.get(here).content.decode()
    assert "You are in. Welcome to Alder circle." in page
    assert "Read and sign our agreement" in page
    assert "Do you come on Thursday 14 January, 10:00?" in " ".join(page.split())
    assert page.count("bead--done") == 0
    back = f"{here}#coming"
    assert client.post(reverse("sessions:rsvp", args=[session.code]), {"answer": "yes", "next": back}).url == back
    member = Participation.objects.get(session=session, rsvp=Rsvp.YES).user
    page = client.get(here).content.decode()
    assert page.count("You come on Thursday 14 January.") == 1
    assert page.index("You come on Thursday 14 January.") > page.index('id="coming"')
    assert page.count("bead--done") == 1
    sign(people.circle, member)
    assert client.get(here).content.decode().count("bead--done") == 2


def test_without_a_date_there_is_the_agreement(people: Cast, clock: Any) -> None:
    page = signed_in(people.bob).get(reverse("pages:joined", args=[people.circle.code])).content.decode()
    assert "Before the first session" in page
    assert "Do you come" not in page


def test_signing_leads_back_to_what_is_left_to_do(people: Cast, session: CircleSession) -> None:
    bob = signed_in(people.bob)
    here = reverse("pages:joined", args=[people.circle.code])
    link = re.search(r'href="(/circles/[^"]+/agreement/\?next=[^"]+)"', bob.get(here).content.decode())
    assert link
    form = bob.get(link[1]).content.decode()
    sent = {
        name: str(re.search(rf'name="{name}" value="([^"]+)"', form)[1])  # type: ignore[index]
        for name in ("version", "digest", "next")
    }
    answer = bob.post(reverse("agreements:agreement_sign", args=[people.circle.code]), sent | {"read": "on"})
    assert answer["Location"] == here


# Into one's own calendar.


def test_web_calendars_are_told_the_circle_the_hours_the_place_and_the_page_alone() -> None:
    links = calendar_links(
        title="Alder & Birch",
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=2),
        place="Room 4",
        page="https://x.example/s/",
    )
    google, outlook = (parse_qs(urlsplit(link).query) for link in (links.google, links.outlook))
    assert google == {
        "action": ["TEMPLATE"], "text": ["Alder & Birch"], "dates": ["20270111T090000Z/20270111T110000Z"],
        "details": ["https://x.example/s/"], "location": ["Room 4"],
    }  # fmt: skip
    assert (outlook["startdt"], outlook["enddt"]) == (["2027-01-11T09:00:00Z"], ["2027-01-11T11:00:00Z"])
    assert (outlook["subject"], outlook["body"], outlook["location"]) == (google["text"], google["details"], ["Room 4"])
    assert urlsplit(links.google).netloc == "calendar.google.com"
    assert urlsplit(links.outlook).netloc == "outlook.office.com"


def test_after_a_yes_to_a_session_it_goes_into_ones_calendar_without_the_call(
    people: Cast, session: CircleSession
) -> None:
    CircleSession.objects.filter(pk=session.pk).update(call_link="https://call.example/secret-room")
    bob = signed_in(people.bob)
    path = reverse("sessions:session", args=[session.code])
    assert "calendar.google.com" not in bob.get(path).content.decode()
    page = bob.post(reverse("sessions:rsvp", args=[session.code]), {"answer": "yes"}, follow=True).content.decode()
    for host in ("calendar.google.com", "outlook.office.com"):
        link = re.search(rf'href="(https://{host}[^"]+)"', page)
        assert link
        assert "secret-room" not in link[1]
        assert "Alder" in link[1]
    assert f"/sessions/{session.code}/session.ics" in page
