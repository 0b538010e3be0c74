"""Whatever somebody presses again and again: nobody's mailbox is filled by it, and all of it stands under the bell."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from accounts.models import User
from agreements.commitment_services import CommitmentDetails, commitment_make
from agreements.mirror_services import mirror_close, mirror_open
from circles.models import Circle
from notifications.models import Message
from notifications.outbox import turn
from notifications.selectors import MAILED_A_DAY, notices_of
from pages.doors_services import second_step_lost
from sessions.enums import ShelfKind
from sessions.planning.pairs_services import pairs_choose
from sessions.planning.services import session_cancel
from sessions.shelf.lendable import Lendable
from sessions.shelf.sentence_services import offer_take_back, sentence_offer
from sessions.shelf.services import shelf_ask, shelf_take_back
from tests.factories import NOW, make_circle, make_session, make_user

pytestmark = pytest.mark.django_db

OFTEN = MAILED_A_DAY + 5
DAY = timedelta(days=1)
CLAUSE = Lendable(ShelfKind.CLAUSE, theme="feedback", text="t")


def look(circle: Circle, by: User, at: User) -> None:
    made = mirror_open(circle=circle, by=by, now=NOW)
    turn()
    mirror_close(mirror=made, now=NOW)


def ask_partner(circle: Circle, by: User, at: User) -> None:
    details = CommitmentDetails(text="w", due_on=NOW.date() + 60 * DAY, partner=at)
    commitment_make(circle=circle, owner=by, details=details, now=NOW)
    turn()


def lend(circle: Circle, by: User, at: User) -> None:
    made = shelf_ask(circle=circle, thing=CLAUSE, helped="h", by=by, now=NOW)
    turn()
    shelf_take_back(item=made, by=by, now=NOW)


def offer(circle: Circle, by: User, at: User) -> None:
    circle.covenants.update(number=2)
    if not circle.sessions.exists():
        session = make_session(circle, by)
        circle.sessions.update(status="ended", started_at=NOW, ended_at=NOW)
        Message.objects.filter(subject_code=session.code).delete()
    made = sentence_offer(circle=circle, user=by, text="t", now=NOW)
    turn()
    offer_take_back(offer=made)


def pair(circle: Circle, by: User, at: User) -> None:
    pairs_choose(circle=circle, every=1, by=by, now=NOW)
    turn()
    pairs_choose(circle=circle, every=0, by=by, now=NOW)


@pytest.mark.parametrize("press", [look, ask_partner, lend, offer, pair])
def test_presses_without_end_fill_nobodys_mailbox(
    press: Callable[[Circle, User, User], None], db: None, clock: Any
) -> None:
    alice, bob, *others = (make_user(f"{name} X") for name in ("Alice", "Bob", "Carol", "Dave", "Erin"))
    circle, other = (make_circle(alice, [bob, *others], name=name) for name in ("Alder circle", "Birch circle"))

    def mailed() -> int:
        return len([message for message in mail.outbox if message.to == [bob.email]])

    for _press in range(OFTEN):
        press(circle, alice, bob)
    assert mailed() == MAILED_A_DAY
    # What came no more by mail is heard of all the same.
    assert notices_of(bob).count() == OFTEN
    # From another circle, or on another day, is another matter.
    press(other, alice, bob)
    assert mailed() == MAILED_A_DAY + 1
    clock.move_to(NOW + DAY + timedelta(seconds=1))
    press(circle, alice, bob)
    assert mailed() == MAILED_A_DAY + 2


def test_dates_that_are_called_off_leave_every_calendar_however_many_they_are(db: None, clock: Any) -> None:
    """A mail that would not come would leave a date standing in somebody's calendar."""
    alice, bob = make_user("Alice Archer"), make_user("Bob Baker")
    circle = make_circle(alice, [bob, make_user("Carol Cook")])
    sessions = [make_session(circle, alice, in_=timedelta(days=3 + day)) for day in range(OFTEN)]
    Message.objects.all().delete()
    for session in sessions:
        session_cancel(session=session, now=NOW)
        turn()
    clock.move_to(NOW + timedelta(hours=1))
    turn()
    subjects = [message.subject for message in mail.outbox if message.to == [bob.email]]
    assert len(subjects) == OFTEN > MAILED_A_DAY


def test_whoever_has_lost_a_second_step_is_kept_out_by_no_flood(db: None, clock: Any) -> None:
    bob = make_user("Bob Baker")
    for hour in range(24):
        clock.move_to(NOW + timedelta(hours=hour))
        second_step_lost(user=bob, now=NOW + timedelta(hours=hour))
        turn()
    assert len(mail.outbox) == 24 > MAILED_A_DAY
