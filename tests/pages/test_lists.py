"""A list that ends says how many there are, and leads on."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from agreements.commitment_services import CommitmentDetails, commitment_make, commitment_settle
from agreements.enums import CommitmentStatus
from notifications.enums import MessageState
from notifications.models import Message
from tests.factories import NOW, Cast, make_session, signed_in

pytestmark = pytest.mark.django_db


def test_what_was_done_is_all_there_page_by_page(people: Cast) -> None:
    for at in range(11):
        details = CommitmentDetails(f"Promise {at:02}", date(2027, 2, 1), None)
        made = commitment_make(circle=people.circle, owner=people.bob, details=details, now=NOW)
        commitment_settle(commitment=made, status=CommitmentStatus.KEPT, now=NOW + timedelta(minutes=at))
    bob, path = signed_in(people.bob), reverse("agreements:commitments")
    first = bob.get(path).content.decode()
    assert "1 to 10 of 11" in first
    assert 'href="?done=2#done"' in first
    assert "Promise 00" not in first
    assert "Promise 00" in bob.get(f"{path}?done=2").content.decode()


def test_the_bell_is_all_there_page_by_page(people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    Message.objects.bulk_create(
        Message(
            kind="session_scheduled", subject_type="session", subject_code=session.code, circle_code=people.circle.code,
            user=people.bob, key=f"k{at}", due_at=NOW, created_at=NOW, state=MessageState.SENT,
            heard_at=NOW + timedelta(minutes=at),
        )
        for at in range(61)
    )  # fmt: skip
    bob, path = signed_in(people.bob), reverse("pages:notices")
    assert "1 to 60 of 61" in bob.get(path).content.decode()
    assert "61 to 61 of 61" in bob.get(f"{path}?page=2").content.decode()
    oldest = Message.objects.get(key="k0")
    assert bob.post(reverse("pages:notice_open", args=[oldest.pk])).status_code == 302
    oldest.refresh_from_db()
    assert oldest.read_at is not None
    dave = signed_in(people.dave)
    assert dave.post(reverse("pages:notice_open", args=[oldest.pk])).status_code == 404
