"""What could not be sent: told, sent again, shown on the page of the outbox."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.db import OperationalError
from django.urls import reverse

from circles.invitation_services import members_invite
from circles.membership_services import word_ask
from notifications import outbox
from notifications.enums import MessageState
from notifications.models import Message
from notifications.services import (
    About,
    messages_after_restore,
    messages_put,
    messages_try_again,
    messages_try_all_again,
)
from sessions.kinds import MOVED, SCHEDULED
from tests.factories import NOW, Cast, make_session, signed_in
from tests.notifications.changes import to


@pytest.fixture
def clock(db: None) -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


@pytest.fixture
def programme(db: None) -> Any:
    from tests.factories import make_programme, make_user

    return make_programme(make_user("Dana Administrator"), is_open=True)


# --- sending again


def failed(people: Cast, trouble: str = "refused 550") -> Message:
    if not people.circle.sessions.exists():
        make_session(people.circle, people.alice)
    outbox.turn()
    one = Message.objects.get(user=people.bob, kind=SCHEDULED)
    Message.objects.filter(pk=one.pk).update(state=MessageState.FAILED, trouble=trouble, attempts=8)
    mail.outbox.clear()
    return one


def test_what_could_not_be_sent_is_sent_again_by_kind_or_all(clock: Any, people: Cast) -> None:
    failed(people)
    assert messages_try_again(kind=SCHEDULED, trouble="refused 551") == 0
    assert messages_try_again(kind=SCHEDULED, trouble="refused 550") == 1
    outbox.turn()
    assert len(to(people.bob)) == 1
    failed(people)
    assert messages_try_all_again() == 1
    outbox.turn()
    assert len(to(people.bob)) == 1


def test_sending_again_drops_what_holds_no_more(clock: Any, people: Cast) -> None:
    one = failed(people)
    clock.shift(timedelta(days=4))
    messages_try_all_again()
    outbox.turn()
    one.refresh_from_db()
    assert (one.state, to(people.bob)) == (MessageState.DROPPED, [])


def test_a_restored_backup_sends_nothing_old_and_plans_what_comes(clock: Any, people: Cast) -> None:
    session = make_session(people.circle, people.alice)
    word_ask(membership=people.circle.memberships.get(user=people.bob), to=people.carol, now=NOW)
    restored = NOW + timedelta(hours=6)
    clock.move_to(restored)
    assert messages_after_restore(now=restored) == 5
    outbox.turn()
    assert mail.outbox == []
    clock.move_to(session.starts_at - timedelta(days=1))
    outbox.turn()
    assert len(to(people.bob, "meets tomorrow")) == 1
    assert messages_try_all_again() == 5, "on the outbox page, where somebody may decide otherwise"


# --- the pages


def test_the_outbox_page_says_trouble_and_its_buttons_work(clock: Any, people: Cast, settings: Any) -> None:
    people.alice.is_staff = True
    people.alice.save()
    alice = signed_in(people.alice)
    settings.EMAIL_BACKEND = "notifications.smtp.TimedRelay"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    make_session(people.circle, people.alice)
    outbox.turn()
    page = " ".join(alice.get(reverse("pages:outbox")).content.decode().split())
    for said in (
        "The mail server is in trouble",
        "there is no connection to the mail server",
        "4 mails wait.",
        "09:00",
    ):
        assert said in page, said
    assert "@example.org" not in page.split("<main", 1)[1]
    alice.post(reverse("pages:outbox_test"))
    assert "The test mail did not go: there is no connection" in alice.get(reverse("pages:outbox")).content.decode()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    alice.post(reverse("pages:outbox_test"))
    assert [m.subject for m in mail.outbox] == ["A test mail from Talking Piece"]
    page = alice.get(reverse("pages:outbox")).content.decode()
    assert "The mail server took the test mail to alice@example.org" in page
    assert "is in trouble" not in page
    outbox.turn()
    assert len(mail.outbox) == 5, "a test mail that went shows that the server is well"


def test_send_again_stands_beside_what_was_not_sent(clock: Any, people: Cast) -> None:
    failed(people)
    people.alice.is_staff = True
    people.alice.save()
    alice = signed_in(people.alice)
    page = alice.get(reverse("pages:outbox")).content.decode()
    assert "this address was refused (550)" in page
    alice.post(reverse("pages:outbox_again"), {"kind": SCHEDULED, "trouble": "refused 550"})
    assert "1 mail is tried again." in alice.get(reverse("pages:outbox")).content.decode()
    assert alice.post(reverse("pages:outbox_again"), {"kind": "nonsense"}).status_code == 404


def test_files_instead_of_a_mail_server_are_said(clock: Any, people: Cast, settings: Any, tmp_path: Any) -> None:
    settings.EMAIL_HOST, settings.EMAIL_FILE_PATH = "", tmp_path
    settings.EMAIL_BACKEND = "config.mail.ReadableFiles"
    people.alice.is_staff = True
    people.alice.save()
    alice = signed_in(people.alice)
    assert "mails are written to" in alice.get(reverse("pages:outbox")).content.decode()
    path = reverse("circles:people", args=[people.circle.code])
    page = alice.post(path, {"people": "new@example.org"}, follow=True).content.decode()
    assert "1 invitation was written to" in page
    assert "on its way" not in page
    assert f"There is no mail server here: the mails lie in {tmp_path} and reach nobody." in page
    outbox.turn()
    assert "new@example.org" in "".join(file.read_text() for file in tmp_path.iterdir())
    assert mail.outbox == []


def refuse_all(kind: str) -> None:
    Message.objects.filter(kind=kind).update(state=MessageState.FAILED, trouble="refused 550", heard_at=NOW)


def test_a_refused_invitation_is_told_where_it_can_be_mended(clock: Any, people: Cast, programme: Any) -> None:
    from programmes.enrolment_services import people_invite

    members_invite(circle=people.circle, emails=["wrong@example.org"], by=people.alice, now=NOW)
    refuse_all("invitation")
    said = "This address was refused by its mail server."
    page = signed_in(people.alice).get(reverse("circles:people", args=[people.circle.code])).content.decode()
    assert said in page
    dana = programme.admins.get().user
    people_invite(programme=programme, people={"wrong@example.org": {}}, by=dana, now=NOW)
    refuse_all("programme_invitation")
    assert said in signed_in(dana).get(reverse("programmes:people", args=[programme.code])).content.decode()


def test_a_person_whose_address_was_refused_reads_it_here(clock: Any, people: Cast) -> None:
    make_session(people.circle, people.alice)
    refuse_all(SCHEDULED)
    bob = signed_in(people.bob)
    account = reverse("accounts:account")
    assert "a mail to you was refused" in bob.get(account).content.decode()
    assert "A session was scheduled" in bob.get(reverse("pages:notices")).content.decode()
    clock.shift(timedelta(hours=1))
    messages_put(kind=MOVED, about=About("x", uuid4()), to=[people.bob], due_at=NOW, now=NOW)
    Message.objects.filter(kind=MOVED).update(state=MessageState.SENT, heard_at=NOW + timedelta(hours=1))
    assert "was refused" not in bob.get(account).content.decode(), "one that came since says that it works again"


def test_where_nothing_can_be_noted_down_a_later_turn_takes_the_mail(
    clock: Any, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database went away in the middle: neither a fault of the mail nor a try of its own, and no other is begun."""
    make_session(people.circle, people.alice)
    gone: list[Message] = []

    def away(self: outbox.Sender, message: Message, channels: Any) -> None:
        gone.append(message)
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(outbox.Sender, "_deliver", away)
        with pytest.raises(OperationalError):
            outbox.turn()
    waits = Message.objects.get(pk=gone[0].pk)
    assert (len(gone), waits.state, waits.trouble) == (1, MessageState.WAITING, "")
    assert mail.outbox == []
    clock.shift(timedelta(minutes=10))
    outbox.turn()
    waits.refresh_from_db()
    assert waits.state == MessageState.SENT


def test_a_shared_process_rests_after_each_mail(clock: Any, people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    monkeypatch.setattr("notifications.outbox.time.sleep", rests.append)
    make_session(people.circle, people.alice)
    done = outbox.turn(pause=0.25)
    assert done.sent > 1
    assert rests == [0.25] * len(mail.outbox)
    make_session(people.circle, people.alice, in_=timedelta(days=9))
    before = len(rests)
    assert outbox.turn().sent > 0
    assert len(rests) == before
