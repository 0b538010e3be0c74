"""What somebody does with their own commitments: from home, counted, taken back, after they left."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from agreements import appointment_services
from agreements import commitment_services as services
from agreements.commitment_selectors import settled_counts
from agreements.commitment_services import commitment_settle
from agreements.enums import CommitmentStatus
from agreements.models import Commitment
from circles.membership_services import member_leave
from circles.models import Membership
from notifications import outbox
from notifications.models import Message
from tests.agreements.committing import DUE, appointment, make, subjects
from tests.factories import NOW, Cast, signed_in


def test_two_fields_and_enter_from_home(people: Cast, clock: Any) -> None:
    client = signed_in(people.bob)
    assert b'name="next" value="/"' in client.get("/").content
    form = {"text": "One small thing", "due_on": DUE.isoformat(), "circle": str(people.circle.code), "next": "/"}
    assert client.post("/commitments/", form).url == "/"
    made = Commitment.objects.get()
    assert (made.text, made.partner, made.remind_days) == ("One small thing", None, 1)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"text": "", "due_on": DUE.isoformat()}, "Write what you will do."),
        ({"text": "t", "due_on": "2027-01-10"}, "Choose today or a later day."),
        ({"text": "t", "due_on": "2037-01-10"}, "Choose a day within a year"),
        ({"text": "word " * 5000, "due_on": DUE.isoformat()}, "Use at most 500 characters"),
        ({"text": "t", "due_on": DUE.isoformat(), "circle": "x"}, "Select a valid choice"),
    ],
)
def test_a_mistake_in_the_two_fields_keeps_what_was_typed(
    people: Cast, clock: Any, form: dict[str, str], words: str
) -> None:
    page = signed_in(people.bob).post("/commitments/", {"circle": str(people.circle.code)} | form)
    assert words in page.content.decode()
    assert not Commitment.objects.exists()


def test_how_many_were_kept_is_for_their_own_eyes(people: Cast, clock: Any) -> None:
    for status in (CommitmentStatus.KEPT, CommitmentStatus.KEPT, CommitmentStatus.LET_GO):
        commitment_settle(commitment=make(people), status=status, now=NOW)
    make(people)
    assert settled_counts(people.bob) == {"closed": 3, "kept": 2, "partly": 0, "let_go": 1}
    assert "2 kept" in signed_in(people.bob).get("/commitments/").content.decode()
    assert "2 kept" not in signed_in(people.carol).get("/commitments/").content.decode()
    gone = Commitment.objects.filter(status=CommitmentStatus.KEPT).first()
    signed_in(people.bob).post(reverse("agreements:commitment_delete", args=[gone.code]))  # type: ignore[union-attr]
    assert settled_counts(people.bob) == {"closed": 2, "kept": 1, "partly": 0, "let_go": 1}, (
        "what is deleted is counted no longer"
    )


def test_words_can_be_taken_back_altogether(people: Cast, clock: Any) -> None:
    made = make(people, partner=people.carol)
    services.step_add(commitment=made, text="s")
    appointment(made, people.bob, datetime(2027, 1, 13, 12), "Europe/London")
    signed_in(people.bob).post(reverse("agreements:commitment_delete", args=[made.code]))
    assert not Commitment.objects.exists()
    outbox.turn()
    assert subjects() == []


def test_somebody_who_left_neither_asks_nor_reads(people: Cast, clock: Any) -> None:
    made = make(people, partner=people.carol)
    member_leave(membership=Membership.objects.get(user=people.carol), now=NOW)
    page = reverse("agreements:commitment", args=[made.code])
    assert signed_in(people.carol).get(page).status_code == 404
    member_leave(membership=Membership.objects.get(user=people.bob, left_at=None), now=NOW)
    assert signed_in(people.bob).get(page).status_code == 200, "one's own words stay one's own"


def test_who_has_left_keeps_their_words_and_reaches_nobody(people: Cast) -> None:
    """A removed member's own commitment leads to no ring, no partner and no mail any more."""
    details = services.CommitmentDetails(
        text="Ring the school", due_on=NOW.date() + timedelta(days=9), partner=people.carol
    )
    made = services.commitment_make(circle=people.circle, owner=people.bob, details=details, now=NOW)
    services.partner_answer(commitment=made, yes=True, now=NOW)
    made.refresh_from_db()
    start = (NOW + timedelta(days=2)).replace(tzinfo=None)
    appointment_services.appointment_set(commitment=made, local_start=start, zone="UTC", now=NOW)
    Membership.objects.filter(circle=people.circle, user=people.bob).update(left_at=NOW)
    bob, carol = signed_in(people.bob), signed_in(people.carol)
    Message.objects.all().delete()
    page = bob.get(reverse("agreements:commitment", args=[made.code])).content.decode()
    assert "Ring the school" in page
    assert "You are no longer in this circle." in page
    assert "Carol" not in page
    for name in ("commitment_change", "appointment", "appointment_settle", "appointment_calendar"):
        path = reverse(f"agreements:{name}", args=[made.code])
        answer = bob.get(path) if name == "appointment_calendar" else bob.post(path, {"off": "1"})
        assert answer.status_code == 404, name
    for name in ("commitment", "appointment_calendar"):
        assert carol.get(reverse(f"agreements:{name}", args=[made.code])).status_code == 404, (
            "nor does a partner read on"
        )
    assert "Ring the school" not in carol.get(reverse("agreements:commitments")).content.decode()
    assert not Message.objects.exists()
    assert services.owners_gone(now=NOW) == 1
    assert services.owners_gone(now=NOW) == 0
    made.refresh_from_db()
    assert made.partner is None
    assert set(Message.objects.values_list("kind", flat=True)) == {"appointment_off"}
    bob.post(reverse("agreements:commitment_settle", args=[made.code]), {"status": "kept"})
    made.refresh_from_db()
    assert made.status == "kept"
