"""What becomes of a yes: sealed answers, withdrawing, the end of a programme, its mails and sentences."""

import re
from datetime import time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.refusals import Refused
from circles.models import Circle, Covenant, Membership
from notifications.models import Message
from notifications.outbox import turn
from programmes.asking_services import admin_add, admin_remove
from programmes.enrolment_services import (
    EnrolmentDetails,
    enrolment_make,
    enrolment_withdraw,
    over_tell_due,
    people_invite,
)
from programmes.enums import EnrolmentStatus
from programmes.forms import ProgrammeForm
from programmes.models import Enrolment, Programme, ProgrammeInvitation, Round, RoundCircle
from programmes.services import ProgrammeDetails, programme_end, programme_update, programmes_empty
from sessions.models import CircleSession
from tests.factories import NOW, Cast, make_circle, make_programme, make_session, make_user, signed_in
from tests.programmes.enrolling import YES, may_sign_up, page
from tests.programmes.test_figures import in_programme

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(dana: User, clock: Any) -> Programme:
    return make_programme(dana, is_open=False)


def test_answers_are_sealed_and_go_with_the_yes(programme: Programme, dana: User) -> None:
    row = enrolment_make(
        programme=make_programme(dana),
        user=make_user("Bob Baker"),
        yes=EnrolmentDetails(motive="CANARY", apart=("c@example.org",)),
        now=NOW,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT motive, apart, attributes FROM programmes_enrolment WHERE id = %s", [row.pk])
        held = b"".join(bytes(value) for value in cursor.fetchone())
    assert b"CANARY" not in held
    assert b"c@example.org" not in held


def test_nobody_but_its_writer_reads_a_wish_not_to_be_with_somebody(dana: User, clock: Any) -> None:
    programme = make_programme(dana)
    bob = make_user("Bob Baker")
    yes = EnrolmentDetails(motive="Bob writes why", apart=("secret-person@example.org",))
    enrolment_make(programme=programme, user=bob, yes=yes, now=NOW)
    admins = signed_in(dana)
    admins.post(page("forming", programme), {"first_on": "2027-02-01"})
    for name in ("people", "forming", "overview", "export", "report", "evaluation"):
        text = admins.get(page(name, programme)).content.decode()
        assert "secret-person" not in text, name
    assert "Bob writes why" in admins.get(page("people", programme)).content.decode()
    assert "secret-person" in signed_in(bob).get(page("join", programme)).content.decode()


def test_withdrawing_deletes_what_was_written_and_asks_no_reason(dana: User, clock: Any) -> None:
    """One press, no field; a circle one is in already stays theirs."""
    programme = make_programme(dana)
    bob = make_user("Bob Baker")
    row = enrolment_make(
        programme=programme, user=bob, yes=EnrolmentDetails(motive="A reason", apart=("x@example.org",)), now=NOW
    )
    circle = make_circle(make_user("Ann Archer"), [bob])
    made = Round.objects.create(programme=programme, number=1, first_on=NOW.date())
    RoundCircle.objects.create(round=made, circle=circle)
    client = signed_in(bob)
    mine = client.get(page("mine", programme)).content.decode()
    form = mine[mine.index(page("withdraw", programme)) :].split("</form>")[0]
    assert set(re.findall(r'name="(\w+)"', form)) == {"csrfmiddlewaretoken", "form_key"}
    client.post(page("withdraw", programme))
    row.refresh_from_db()
    assert (row.status, row.motive, row.apart, row.facts) == ("withdrawn", "", "", {})
    assert Membership.objects.get(circle=circle, user=bob).left_at is None


@pytest.mark.parametrize("when", ["before it begins", "while it runs", "once it has ended"])
def test_whoever_is_in_a_programme_withdraws_at_any_time(dana: User, clock: Any, when: str) -> None:
    first = (NOW + timedelta(days=9)).date()
    programme = make_programme(dana, starts_on=first, ends_on=first + timedelta(days=90))
    bob = make_user("Bob Baker")
    enrolment_make(programme=programme, user=bob, yes=EnrolmentDetails(motive="A reason"), now=NOW)
    if when != "before it begins":
        clock.move_to(NOW + timedelta(days=30))
    if when == "once it has ended":
        programme_end(programme=programme, now=NOW + timedelta(days=30))
    signed_in(bob).post(page("withdraw", programme))
    row = Enrolment.objects.get()
    assert (row.status, row.motive) == ("withdrawn", "")


def test_other_settings_leave_circles_that_were_made_as_they_are(dana: User, clock: Any) -> None:
    programme = make_programme(dana)
    circle = make_circle(dana)
    made = Round.objects.create(programme=programme, number=1, first_on=NOW.date())
    RoundCircle.objects.create(round=made, circle=circle)
    make_session(circle, dana)
    before = [list(model.objects.order_by("pk").values()) for model in (Circle, CircleSession, Covenant)]
    details = ProgrammeForm.of(programme) | {"sessions": 9, "min_size": 2, "max_size": 12, "minutes": 45}
    programme_update(programme=programme, details=ProgrammeDetails(**details), now=NOW)
    assert [list(model.objects.order_by("pk").values()) for model in (Circle, CircleSession, Covenant)] == before


def test_nothing_is_said_about_a_question_that_is_not_asked(dana: User, clock: Any) -> None:
    """With whom people would rather not be: said where it is asked, on every page of a programme."""
    for asks, said in ((["apart"], True), ([], False)):
        programme = make_programme(dana, name=f"Asks {len(asks)}", asks=asks)
        texts = [
            signed_in(dana).get(page("people", programme)),
            signed_in(make_user("Bob Baker" if said else "Ann Archer")).get(page("join", programme)),
        ]
        for text in (answer.content.decode() for answer in texts):
            assert ("Wishes with whom" in text or "with whom you would rather not be" in text) == said


def test_the_note_for_a_manager_names_hours_and_nothing_else(dana: User, clock: Any) -> None:
    programme = make_programme(dana, purpose="To lead well", practice=True)
    bob = make_user("Bob Baker")
    enrolment_make(programme=programme, user=bob, yes=EnrolmentDetails(motive="private"), now=NOW)
    text = " ".join(signed_in(bob).get(page("note", programme)).content.decode().split())
    assert "14 hours" in text  # six sessions of two hours, and the one to practise
    assert "6 and one before them, to practise" in text
    assert "What you will never be told" in text
    assert "ask those who administer it: Dana" in text
    assert "private" not in text


def test_the_note_for_a_manager_says_where_things_stand(dana: User, clock: Any) -> None:
    """Nobody takes part who is in line, or waits for a circle; a circle's dates name their zone."""
    programme = make_programme(dana, places=1, practice=False)
    first, second = make_user("Bob Baker"), make_user("Ann Archer")
    for user in (first, second):
        enrolment_make(programme=programme, user=user, yes=EnrolmentDetails(), now=NOW)
    text = signed_in(first).get(page("note", programme)).content.decode()
    assert "Bob Baker has asked to take part in" in text
    assert "12 hours" in text
    assert "to practise" not in text
    assert "Ann Archer is in line for a place in" in signed_in(second).get(page("note", programme)).content.decode()
    circle = make_circle(first)
    made = Round.objects.create(programme=programme, number=1, first_on=NOW.date())
    RoundCircle.objects.create(round=made, circle=circle)
    make_session(circle, first)
    text = signed_in(first).get(page("note", programme)).content.decode()
    assert "Bob Baker takes part in" in text
    assert "The dates, in London time:" in text


def test_a_programme_is_always_somebodys(programme: Programme, dana: User) -> None:
    with pytest.raises(Refused):
        admin_remove(programme=programme, user=dana, by=dana, now=NOW)
    bob = make_user("Bob Baker")
    admin_add(programme=programme, user=bob, now=NOW)
    admin_add(programme=programme, user=bob, now=NOW)
    admin_remove(programme=programme, user=dana, by=dana, now=NOW)
    assert [row.user for row in programme.admins.all()] == [bob]
    assert signed_in(dana).get(page("overview", programme)).status_code == 404


def test_an_ended_programme_takes_nobody_in(dana: User, clock: Any) -> None:
    programme = make_programme(dana)
    programme_end(programme=programme, now=NOW)
    programme.refresh_from_db()
    with pytest.raises(Refused, match="over"):
        enrolment_make(programme=programme, user=make_user("Bob Baker"), yes=EnrolmentDetails(), now=NOW)
    assert EnrolmentStatus.ENROLLED not in Enrolment.objects.values_list("status", flat=True)


def test_an_ended_programme_invites_nobody_and_tells_those_who_wait(dana: User, clock: Any, settings: Any) -> None:
    settings.REGISTRATION = "invite"
    programme = make_programme(dana, places=1)
    bob, carol, dave = (make_user(name) for name in ("Bob Baker", "Carol Cook", "Dave Dyer"))
    for at, user in enumerate((bob, carol)):
        enrolment_make(programme=programme, user=user, yes=EnrolmentDetails(), now=NOW + timedelta(seconds=at))
    people_invite(programme=programme, people={dave.email: {}}, by=dana, now=NOW)
    sent = ProgrammeInvitation.objects.get().secret
    assert signed_in(dana).post(page("end", programme)).status_code == 302
    programme.refresh_from_db()
    programme_end(programme=programme, now=NOW)
    turn()
    ended = [message for message in mail.outbox if message.subject == "Leading well has ended"]
    assert sorted(message.to[0] for message in ended) == [bob.email, carol.email]
    assert "none will come for you from this one" in str(ended[0].body)
    assert dave.email not in [message.to[0] for message in mail.outbox]
    # Whoever leads it is told at once, and nothing is said to be on its way.
    client = signed_in(dana)
    said = client.post(page("people", programme), {"people": "erin@example.org"}, follow=True).content.decode()
    assert "This programme is over." in said
    assert "on its way" not in said
    assert ProgrammeInvitation.objects.count() == 1
    assert b"nobody can be invited any more" in client.get(page("people", programme)).content
    # Whoever holds a link reads why it leads nowhere; nobody can make an account for it.
    visitor = Client()
    shown = visitor.get(reverse("programmes:invitation_open", args=[programme.code, sent]), follow=True).content
    assert b"This programme is over, so nobody can come in any more." in shown
    assert not may_sign_up(visitor)
    mine = signed_in(carol).get(page("mine", programme)).content.decode()
    assert "The programme has ended. No more circles are made in it." in " ".join(mine.split())


def test_a_programme_is_over_the_day_after_its_last_by_the_clock(dana: User, clock: Any) -> None:
    """Where it is: in Auckland the day after the last begins at eleven in the morning, UTC."""
    programme = make_programme(dana, ends_on=NOW.date(), time_zone="Pacific/Auckland")
    bob = make_user("Bob Baker")
    enrolment_make(programme=programme, user=bob, yes=EnrolmentDetails(), now=NOW)
    over = NOW.replace(hour=11)
    assert over_tell_due(now=over - timedelta(seconds=1)) == 0
    with pytest.raises(Refused, match="over"):
        people_invite(programme=programme, people={"erin@example.org": {}}, by=dana, now=over)
    assert over_tell_due(now=over) == 1
    over_tell_due(now=over + timedelta(hours=1))
    programme_end(programme=programme, now=over + timedelta(days=1))
    assert Message.objects.filter(kind="programme_over").count() == 1
    assert over_tell_due(now=over + timedelta(days=40)) == 0


def test_what_is_said_of_deleting_at_the_end_is_what_happens(dana: User, clock: Any) -> None:
    """180 days after somebody ended it; where nobody did, a year after its last day, and its circles are counted."""
    bob = make_user("Bob Baker")
    by_hand, by_clock = make_programme(dana), make_programme(dana, name="Another", ends_on=NOW.date())
    for programme in (by_hand, by_clock):
        enrolment_make(programme=programme, user=bob, yes=EnrolmentDetails(motive="w"), now=NOW)
    mail.outbox.clear()
    programme_end(programme=by_hand, now=NOW)
    clock.move_to(NOW + timedelta(days=1))
    over_tell_due(now=NOW + timedelta(days=1))
    turn()
    told = {message.subject: str(message.body) for message in mail.outbox if "has ended" in message.subject}
    assert "is deleted 180 days after the end" in told["Leading well has ended"]
    assert "is deleted a year after the last day at the latest" in told["Another has ended"]
    assert programmes_empty(now=NOW + timedelta(days=180)) == 1
    assert programmes_empty(now=NOW + timedelta(days=364)) == 0
    assert programmes_empty(now=NOW + timedelta(days=365)) == 1


def test_a_circle_of_an_ended_programme_goes_on_and_its_people_are_told_so(people: Cast, clock: Any) -> None:
    programme, _dana = in_programme(people.circle)
    Enrolment.objects.create(
        programme=programme, user=people.bob, vault=programme.vault, status=EnrolmentStatus.PLACED, asked_at=NOW
    )
    programme_end(programme=programme, now=NOW)
    turn()
    (told,) = mail.outbox
    assert "Your circle, Alder circle, goes on for as long as it likes." in str(told.body)


def test_an_invitation_to_a_full_programme_says_how_many_places_and_that_there_is_a_line(
    dana: User, clock: Any
) -> None:
    programme = make_programme(dana, places=2, enrol_until=(NOW + timedelta(days=9)).date())
    people_invite(programme=programme, people={"bob@example.org": {}}, by=dana, now=NOW)
    turn()
    assert "It has 2 places, for those who say yes first. Say so by 20 January 2027." in str(mail.outbox[-1].body)
    for name in ("Erin Else", "Fred Fox"):
        enrolment_make(programme=programme, user=make_user(name), yes=EnrolmentDetails(), now=NOW)
    people_invite(programme=programme, people={"carol@example.org": {}}, by=dana, now=NOW)
    turn()
    assert "All of its 2 places are taken at the moment: with your yes you are in line" in str(mail.outbox[-1].body)
    carol = signed_in(make_user("Carol Cook"))
    shown = carol.get(page("join", programme)).content.decode()
    assert "With your yes you are in line, and hear by mail as soon as one is free." in shown
    thanked = carol.post(page("join", programme), YES, follow=True).content.decode()
    assert "Thank you. All places are taken: you are in line" in thanked


def test_the_kick_off_is_in_the_mail_and_in_the_calendar_until_one_withdraws(dana: User, clock: Any) -> None:
    from accounts.services import feed_renew

    programme = make_programme(
        dana, kickoff_date=(NOW + timedelta(days=8)).date(), kickoff_time=time(14), kickoff_place="The hall"
    )
    bob = make_user("Bob Baker")
    row = enrolment_make(programme=programme, user=bob, yes=EnrolmentDetails(), now=NOW)
    turn()
    assert "Kick-off of everybody: Tuesday 19 January, 14:00, London time, The hall." in str(mail.outbox[-1].body)
    feed = reverse("pages:feed", args=[feed_renew(user=bob, now=NOW)])
    text = Client().get(feed).content.decode()
    assert "SUMMARY:Kick-off: Leading well" in text
    assert "DTSTART:20270119T140000Z" in text
    enrolment_withdraw(enrolment=row, now=NOW)
    assert "Kick-off" not in Client().get(feed).content.decode()


def test_erasing_takes_what_was_said_in_programmes_and_gives_the_place_to_others(dana: User, clock: Any) -> None:
    from pages.erasing_services import person_erase
    from programmes.enrolment_services import quote_offer
    from programmes.models import Quote

    programme = make_programme(dana, places=1)
    bob, erin = make_user("Bob Baker"), make_user("Erin Else")
    row = enrolment_make(
        programme=programme, user=bob, yes=EnrolmentDetails(motive="CANARY", facts={"function": "CANARY"}), now=NOW
    )
    waits = enrolment_make(programme=programme, user=erin, yes=EnrolmentDetails(), now=NOW)
    quote_offer(programme=programme, user=bob, text="CANARY", with_name=True, now=NOW)
    people_invite(programme=programme, people={"fay@example.org": {"function": "CANARY"}}, by=dana, now=NOW)
    with pytest.raises(Refused, match="Somebody has to look after"):
        person_erase(user=dana, now=NOW)
    person_erase(user=bob, now=NOW)
    fay = make_user("Fay Fox")
    person_erase(user=fay, now=NOW)
    row.refresh_from_db()
    waits.refresh_from_db()
    assert (row.status, row.motive, row.facts, waits.status) == ("withdrawn", "", {}, "enrolled")
    assert Quote.objects.count() == 0
    invitation = ProgrammeInvitation.objects.get()
    assert (invitation.email, invitation.facts) == (f"erased-{fay.code}@erased.invalid", {})


def test_a_sentence_is_shown_exactly_as_its_writer_saw_it_and_can_be_taken_back(dana: User, clock: Any) -> None:
    programme = make_programme(dana)
    bob = make_user("Bob Baker")
    enrolment_make(programme=programme, user=bob, yes=EnrolmentDetails(), now=NOW)
    client, admin = signed_in(bob), signed_in(dana)

    def figure(answer: Any) -> str:
        text = answer.content.decode()
        shown = text[text.index("<figure") : text.index("</figure>")] if "<figure" in text else ""
        return " ".join(shown.split())

    client.post(page("mine", programme), {"text": "It <b>helped</b>.", "with_name": "on"})
    shown = figure(client.get(page("mine", programme)))
    assert "It &lt;b&gt;helped&lt;/b&gt;." in shown
    assert "Bob Baker" in shown
    there = figure(admin.get(page("evaluation", programme)))
    assert there.split("<blockquote>")[1] == shown.split("<blockquote>")[1]
    client.post(page("mine", programme), {"text": ""})
    assert figure(admin.get(page("evaluation", programme))) == ""


def test_a_mail_that_is_older_than_a_withdrawal_leads_to_a_page_that_says_so(people: Cast, clock: Any) -> None:
    programme = make_programme(people.alice, is_open=True)
    enrolment_make(programme=programme, user=people.bob, yes=EnrolmentDetails(), now=NOW)
    bob, path = signed_in(people.bob), reverse("programmes:mine", args=[programme.code])
    bob.post(reverse("programmes:withdraw", args=[programme.code]))
    turn()
    assert [message.subject for message in mail.outbox] == ["You have withdrawn from Leading well"]
    shown = bob.get(path).content.decode()
    assert "You have withdrawn from Leading well" in shown
    assert "circle you are not a member of" not in shown
    assert signed_in(people.carol).get(path).status_code == 404
