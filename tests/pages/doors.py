"""Ways into an account that stands as not proved, and proofs of its mailbox."""

import re

from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, Cast, signed_in

VICTIM = "victim@example.org"


def person(email: str = "", name: str = "Impostor", password: str = PASSWORD) -> dict[str, str]:
    form = {"yes": "1", "name": name, "time_zone": "Europe/London", "password": password}
    return form | ({"email": email} if email else {})


def shown_link(people: Cast, email: str = VICTIM) -> str:
    """What the people page shows to whoever invites."""
    page = signed_in(people.alice).post(
        reverse("circles:people", args=[people.circle.code]), {"people": email}, follow=True
    )
    found = re.search(r'value="http://testserver(/invitation/[^"]+)"', page.content.decode())
    assert found
    return found.group(1)


def by_shown_link(people: Cast) -> Client:
    impostor = Client()
    impostor.get(shown_link(people))
    impostor.post("/invitation/", person(VICTIM))
    return impostor


def last_code() -> str:
    found = re.search(r"^\s*([A-Z0-9]{3,4}-[A-Z0-9]{3,4}|[A-Z0-9]{6,8})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found.group(1)
