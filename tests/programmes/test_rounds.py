"""The board on which circles are made, and publishing it in one step."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.db.models.functions import Length
from django.urls import reverse

from accounts.enums import Level
from accounts.models import Availability, User
from accounts.refusals import Refused
from accounts.services import availability_add
from agreements.selectors import current_version
from circles.invitation_services import invitation_accept
from circles.membership_services import facilitator_appoint
from circles.models import AuditEntry, Circle, Invitation, Membership
from circles.tokens import token_for
from notifications.models import Message
from notifications.outbox import turn
from programmes.again_services import circle_wanted_again
from programmes.asking_services import admin_add, facilitator_answer, facilitators_ask
from programmes.board_services import person_place
from programmes.enrolment_services import EnrolmentDetails, enrolment_make, enrolment_withdraw
from programmes.forming_selectors import board_of
from programmes.forming_services import (
    draft_add,
    draft_change,
    draft_drop,
    round_begin,
    round_drop,
    round_publish,
)
from programmes.models import DraftCircle, Enrolment, FacilitatorAsked, Placement, Programme, Pulse, Round, RoundCircle
from sessions.models import CircleSession
from tests.factories import NEWER, NOW, make_circle, make_programme, make_user, signed_in

pytestmark = pytest.mark.django_db
FIRST_ON = (NOW + timedelta(days=14)).date()


def asking(programme: Programme, number: int, **yes: Any) -> list[Enrolment]:
    """People who asked for a place and can meet on Tuesday mornings."""
    rows = []
    for at in range(number):
        user = make_user(f"Person{at} Number{at}")
        availability_add(user=user, weekdays=[1], start=540, end=720, level=Level.GOOD)
        rows.append(
            enrolment_make(programme=programme, user=user, yes=EnrolmentDetails(**yes), now=NOW + timedelta(seconds=at))
        )
    return rows


class Ready:
    """A board with two circles of three, both ready."""

    def __init__(self, **details: Any) -> None:
        self.dana = make_user("Dana Diaz")
        self.programme = make_programme(self.dana, min_size=3, max_size=4, sessions=3, **details)
        self.people = asking(self.programme, 6)
        self.round = round_begin(programme=self.programme, first_on=FIRST_ON)
        self.drafts = list(self.round.drafts.order_by("name"))
        for at, row in enumerate(self.people):
            person_place(round_=self.round, enrolment=row, draft=self.drafts[at % 2])
        for draft, facilitator in zip(self.drafts, (self.people[0].user, self.dana), strict=True):
            draft_change(draft=draft, name=draft.name, facilitator=facilitator, first_on=None, first_at=None)
        facilitators_ask(round_=self.round, by=self.dana, now=NOW)
        for asked in FacilitatorAsked.objects.filter(round=self.round):
            facilitator_answer(asked=asked, yes=True, now=NOW)


def test_a_board_begins_with_the_circles_its_people_would_fill(clock: Any) -> None:
    ready = Ready()
    assert [draft.name for draft in ready.drafts] == ["Alder", "Birch"]
    with pytest.raises(Refused, match="already"):
        round_begin(programme=ready.programme, first_on=FIRST_ON)
    assert draft_add(round_=ready.round).name == "Cedar"
    draft_drop(draft=ready.round.drafts.get(name="Cedar"))
    board = board_of(ready.round)
    assert [(pot.draft.name, len(pot.people), pot.blocks) for pot in board.pots] == [("Alder", 3, []), ("Birch", 3, [])]
    assert str(board.pots[0].first) == "2027-01-26 09:00:00"


def test_somebody_is_in_one_circle_of_a_round_at_most(clock: Any) -> None:
    ready = Ready()
    one, other = ready.drafts
    person_place(round_=ready.round, enrolment=ready.people[0], draft=other)
    assert Placement.objects.get(enrolment=ready.people[0]).draft == other
    with pytest.raises(IntegrityError), transaction.atomic():
        Placement.objects.create(round=ready.round, draft=one, enrolment=ready.people[0])
    person_place(round_=ready.round, enrolment=ready.people[0], draft=None)
    assert [one.person.name for one in board_of(ready.round).unplaced] == ["Person0 Number0"]


def test_the_board_says_what_goes_out_and_that_goes_out(clock: Any) -> None:
    ready = Ready(practice=True)
    client = signed_in(ready.dana)
    shown = client.get(reverse("programmes:forming", args=[ready.programme.code]))
    told = shown.context["goes_out"]
    page = " ".join(shown.content.decode().split())
    for words in ("Invitations to 5 people,", "A mail to whoever looks after 1 circle", "8 dates of sessions are set."):
        assert words in page
    client.post(reverse("programmes:publish", args=[ready.round.code]))
    made = Message.objects.filter(kind="programme_circle_ready").count()
    assert (told.invited, told.led, told.dates, told.waiting) == (
        Invitation.objects.count(), made, CircleSession.objects.count(), 0,
    )  # fmt: skip


def test_publishing_makes_circles_agreements_dates_and_invitations(clock: Any) -> None:
    ready = Ready(practice=True, cadence="two_weeks")
    client = signed_in(ready.dana)
    answer = client.post(reverse("programmes:publish", args=[ready.round.code]))
    assert answer.url == reverse("programmes:overview", args=[ready.programme.code])
    alder, birch = Circle.objects.order_by("name")
    assert [(alder.name, alder.min_size, alder.max_size), (birch.name, birch.min_size, birch.max_size)] == [
        ("Alder", 3, 4), ("Birch", 3, 4),
    ]  # fmt: skip
    assert current_version(alder) is not None
    sessions = CircleSession.objects.filter(circle=alder).order_by("starts_at")
    assert [(str(one.local_date), one.practice, one.format_version.format.library_key) for one in sessions] == [
        ("2027-01-19", True, "triad"), ("2027-01-26", False, "council"), ("2027-02-09", False, "council"),
        ("2027-02-23", False, "council"),
    ]  # fmt: skip
    # The facilitator of Alder is one of its people; the one of Birch comes from outside.
    assert [(m.user.name, m.takes_part) for m in Membership.objects.order_by("circle__name")] == [
        ("Person0 Number0", True), ("Dana Diaz", False),
    ]  # fmt: skip
    invited = Invitation.objects.order_by("circle__name", "email").values_list("circle__name", "email")
    assert list(invited) == [
        ("Alder", "person2@example.org"), ("Alder", "person4@example.org"), ("Birch", "person1@example.org"),
        ("Birch", "person3@example.org"), ("Birch", "person5@example.org"),
    ]  # fmt: skip
    assert set(Enrolment.objects.values_list("status", flat=True)) == {"placed"}
    assert [pulse.moment for pulse in Pulse.objects.order_by("opens_on")] == ["start", "middle", "end"]
    turn()
    subjects = sorted({message.subject for message in mail.outbox})
    assert "Person0 Number0 invites you to Alder" in subjects
    assert AuditEntry.objects.filter(circle=birch, verb="administrator_added").count() == 1


def test_whoever_is_invited_reads_who_is_in_by_then(clock: Any) -> None:
    """Not who else is invited: their answer is theirs."""
    ready = Ready()
    round_publish(round_=ready.round, by=ready.dana, now=NOW)
    invitations = {one.email: one for one in Invitation.objects.filter(circle__name="Alder")}
    path = f"/invitation/{token_for(invitations['person4@example.org'])}/"

    def read() -> list[str]:
        shown = signed_in(ready.people[4].user).get(path, follow=True).content.decode()
        return re.findall(r"Person[02] Number[02]", shown.partition("Who is in")[2].partition("</section>")[0])

    assert set(read()) == {"Person0 Number0"}
    user = ready.people[2].user
    invitation_accept(invitation=invitations[user.email], user=user, now=NOW)
    assert set(read()) == {"Person0 Number0", "Person2 Number2"}


def test_nobody_is_told_of_anything_before_the_board_is_confirmed(clock: Any) -> None:
    ready = Ready()
    before = Message.objects.count()
    person_place(round_=ready.round, enrolment=ready.people[0], draft=ready.drafts[0])
    turn()
    mail.outbox.clear()
    assert (Message.objects.count(), Circle.objects.count(), Invitation.objects.count()) == (before, 0, 0)
    round_publish(round_=ready.round, by=ready.dana, now=NOW)
    turn()
    assert len(mail.outbox) >= 5


def test_publishing_twice_makes_nothing_twice_and_the_board_is_closed(clock: Any) -> None:
    ready = Ready()
    round_publish(round_=ready.round, by=ready.dana, now=NOW)
    with pytest.raises(Refused, match="made already"):
        round_publish(round_=ready.round, by=ready.dana, now=NOW)
    for act in (
        lambda: person_place(round_=ready.round, enrolment=ready.people[0], draft=None),
        lambda: draft_add(round_=ready.round),
        lambda: draft_drop(draft=ready.drafts[0]),
    ):
        with pytest.raises(Refused):
            act()
    round_drop(round_=ready.round)
    assert (Circle.objects.count(), Round.objects.count()) == (2, 1)


def test_nothing_is_made_while_one_circle_lacks_something(clock: Any) -> None:
    ready = Ready()
    draft_change(draft=ready.drafts[1], name="Birch", facilitator=None, first_on=None, first_at=None)
    with pytest.raises(Refused, match="Birch: Choose who looks after it"), transaction.atomic():
        round_publish(round_=ready.round, by=ready.dana, now=NOW)
    assert Circle.objects.count() == 0
    assert Round.objects.get().published_at is None
    page = signed_in(ready.dana).get(reverse("programmes:forming", args=[ready.programme.code])).content
    assert b"Confirm and invite" not in page


def test_a_date_in_the_past_is_refused_whole(clock: Any) -> None:
    ready = Ready()
    DraftCircle.objects.filter(pk=ready.drafts[1].pk).update(first_on=(NOW - timedelta(days=1)).date())
    with pytest.raises(Refused, match="future"), transaction.atomic():
        round_publish(round_=ready.round, by=ready.dana, now=NOW)
    assert (Circle.objects.count(), Invitation.objects.count()) == (0, 0)


TOKENS = re.compile(rb'name="(csrfmiddlewaretoken|form_key)" value="[^"]+"')


def seen(client: Any, path: str) -> bytes:
    return TOKENS.sub(b"", client.get(path).content)


@pytest.mark.parametrize("hours", ["shared", "none", "different"])
def test_a_wish_changes_nothing_that_anybody_else_sees(clock: Any, hours: str) -> None:
    ready = Ready()
    one, other = ready.people[0].user, ready.people[2].user
    if hours != "shared":
        Availability.objects.filter(user__in=[one, other]).delete()
    if hours == "different":
        availability_add(user=one, weekdays=[0], start=480, end=720, level=Level.GOOD)
        availability_add(user=other, weekdays=[0], start=480, end=840, level=Level.GOOD)
    client = signed_in(ready.dana)
    pages = [reverse(f"programmes:{name}", args=[ready.programme.code]) for name in ("forming", "people", "overview")]
    pages += [reverse("programmes:draft_change", args=[ready.round.code, one.code]) for one in ready.drafts]
    before = [seen(client, page) for page in pages]
    publish = reverse("programmes:publish", args=[ready.round.code])

    def published() -> tuple[list[Any], list[Any]]:
        with transaction.atomic():
            said = [str(one) for one in client.post(publish, follow=True).context["messages"]]
            invited = sorted(Invitation.objects.values_list("circle__name", "email"))
            transaction.set_rollback(True)
        return said, invited

    outcome = published()
    lengths = set(Enrolment.objects.values_list(Length("apart"), flat=True))
    enrolment_make(programme=ready.programme, user=one, yes=EnrolmentDetails(apart=(other.email,)), now=NOW)
    assert [seen(client, page) for page in pages] == before
    assert published() == outcome
    assert set(Enrolment.objects.values_list(Length("apart"), flat=True)) == lengths
    assert len(lengths) == 1, "the length of what is sealed would tell who has a wish"


def test_where_what_people_said_cannot_be_read_nothing_is_published(clock: Any, settings: Any) -> None:
    ready = Ready()
    settings.CONTENT_KEYS = [NEWER]
    client = signed_in(ready.dana)
    page = client.get(reverse("programmes:forming", args=[ready.programme.code])).content
    assert b"cannot be read at the moment" in page
    assert b"Confirm and invite" not in page
    with pytest.raises(Refused, match="cannot be read"), transaction.atomic():
        round_publish(round_=ready.round, by=ready.dana, now=NOW)
    assert not Circle.objects.exists()


def test_nobody_is_put_with_or_under_their_own_manager_and_nothing_is_said_that_nobody_said(clock: Any) -> None:
    ready = Ready()
    one, other = ready.people[0], ready.people[2]

    def says(enrolment: Enrolment, manager: str) -> None:
        enrolment_make(
            programme=ready.programme, user=enrolment.user, yes=EnrolmentDetails(facts={"manager": manager}), now=NOW
        )

    says(other, one.user.email)
    with pytest.raises(Refused, match="Person2 Number2 reports to Person0 Number0"), transaction.atomic():
        round_publish(round_=ready.round, by=ready.dana, now=NOW)
    # Dana looks after Birch from outside.
    says(other, "boss@example.org")
    says(ready.people[1], "dana@example.org")
    with pytest.raises(Refused, match="reports to Dana Diaz, who would look after it"), transaction.atomic():
        round_publish(round_=ready.round, by=ready.dana, now=NOW)
    for row in ready.people[::2]:
        says(row, "boss@example.org")
    says(ready.people[1], "")
    round_publish(round_=ready.round, by=ready.dana, now=NOW)
    said = dict(Circle.objects.values_list("name", "managers_here"))
    assert said == {"Alder": "Nobody, by what they all told the programme.", "Birch": ""}
    for name, words in (("Alder", b"Nobody, by what they all told the programme."), ("Birch", b"That was not said.")):
        invitation = Invitation.objects.filter(circle__name=name).first()
        assert invitation
        browser = signed_in(User.objects.get(email=invitation.email))
        assert words in browser.get(f"/invitation/{token_for(invitation)}/", follow=True).content


def test_whoever_withdraws_from_an_open_board_is_neither_placed_nor_invited(clock: Any) -> None:
    ready = Ready()
    gone, waits = ready.people[2], ready.people[3]
    enrolment_withdraw(enrolment=gone, now=NOW)
    with pytest.raises(Refused, match="not among those"):
        person_place(round_=ready.round, enrolment=gone, draft=ready.drafts[0])
    # A placement that somehow stayed counts for nothing either.
    Placement.objects.create(round=ready.round, draft=ready.drafts[0], enrolment=gone)
    Enrolment.objects.filter(pk=waits.pk).update(status="waiting")
    assert [len(pot.people) for pot in board_of(ready.round).pots] == [2, 2]
    round_publish(round_=ready.round, by=ready.dana, now=NOW)
    invited = set(Invitation.objects.values_list("email", flat=True))
    assert not invited & {gone.user.email, waits.user.email}
    status = dict(Enrolment.objects.values_list("pk", "status"))
    assert (status[gone.pk], status[waits.pk]) == ("withdrawn", "waiting")


def test_choosing_who_looks_after_a_circle_freezes_no_date(clock: Any) -> None:
    ready = Ready()
    client = signed_in(ready.dana)
    draft = ready.drafts[0]
    change = reverse("programmes:draft_change", args=[ready.round.code, draft.code])
    page = client.get(change)
    assert (page.context["form"].initial["first_on"], page.context["form"].initial["first_at"]) == (None, None)
    assert b"Left empty: Tuesday 26 January, 09:00, the first time that all of them can meet." in page.content
    sent = {one.html_name: one.value() or "" for one in page.context["form"]}
    client.post(change, sent | {"facilitator": str(ready.people[2].user.code)})
    Availability.objects.update(weekday=3)
    pot = board_of(ready.round).pots[0]
    assert (pot.draft.facilitator, str(pot.first)) == (ready.people[2].user, "2027-01-28 09:00:00")
    client.post(change, sent | {"first_on": "2027-02-01", "first_at": "10:00"})
    chosen = client.get(change)
    assert (str(board_of(ready.round).pots[0].first), b"Left empty" in chosen.content) == ("2027-02-01 10:00:00", False)


def test_the_board_by_select_and_button(clock: Any) -> None:
    ready = Ready()
    client = signed_in(ready.dana)
    board = reverse("programmes:forming", args=[ready.programme.code])
    place = reverse("programmes:place", args=[ready.round.code, ready.people[0].code])
    assert client.post(place, {"draft": str(ready.drafts[1].code)}).url.startswith(board)
    assert Placement.objects.get(enrolment=ready.people[0]).draft == ready.drafts[1]
    client.post(place, {"draft": "nothing"})
    assert Placement.objects.filter(enrolment=ready.people[0]).count() == 1
    change = reverse("programmes:draft_change", args=[ready.round.code, ready.drafts[0].code])
    assert client.get(change).status_code == 200
    wrong = client.post(change, {"name": "Birch", "first_on": "1999-01-01"})
    assert list(wrong.context["form"].errors) == ["first_on"]
    taken = client.post(change, {"name": "Birch"})
    assert taken.context["form"].errors["name"] == ["Another circle on this board has that name."]
    assert b"Confirm and invite 6 people" in client.get(board).content
    other = make_programme(make_user("Olga Other"), name="Another")
    foreign = enrolment_make(programme=other, user=ready.people[0].user, yes=EnrolmentDetails(), now=NOW)
    assert client.post(reverse("programmes:place", args=[ready.round.code, foreign.code])).status_code == 404


@pytest.mark.parametrize("people", [3, 12])
def test_the_board_costs_the_same_with_few_people_and_many(
    clock: Any, people: int, django_assert_num_queries: Any
) -> None:
    dana = make_user("Dana Diaz")
    programme = make_programme(dana)
    rows = asking(programme, people, facts={"function": "Data"}, together=("x@example.org",))
    made = round_begin(programme=programme, first_on=FIRST_ON)
    for row in rows[::2]:
        person_place(round_=made, enrolment=row, draft=made.drafts.first())
    client = signed_in(dana)
    path = reverse("programmes:forming", args=[programme.code])
    client.get(path)
    with django_assert_num_queries(16):
        client.get(path)


def test_the_next_round_is_made_of_those_who_want_another(clock: Any) -> None:
    ready = Ready()
    round_publish(round_=ready.round, by=ready.dana, now=NOW)
    circle_wanted_again(enrolment=ready.people[0], now=NOW)
    second = round_begin(programme=ready.programme, first_on=FIRST_ON)
    assert second.number == 2
    assert [one.enrolment.pk for one in board_of(second).unplaced] == [ready.people[0].pk]
    assert [draft.name for draft in second.drafts.all()] == ["Cedar"]


def test_a_circle_whose_facilitator_is_gone_gets_another_and_is_told(clock: Any) -> None:
    ready = Ready()
    round_publish(round_=ready.round, by=ready.dana, now=NOW)
    alder = Circle.objects.get(name="Alder")
    member = ready.people[2].user
    invitation_accept(invitation=Invitation.objects.get(email=member.email), user=member, now=NOW)
    page = reverse("programmes:circle", args=[ready.programme.code, alder.code])
    client = signed_in(ready.dana)
    assert b'id="appoint"' not in client.get(page).content
    appoint = reverse("programmes:appoint", args=[ready.programme.code, alder.code])
    client.post(appoint, {"person": str(ready.dana.code)})
    assert not Membership.objects.filter(circle=alder, user=ready.dana).exists()
    User.objects.filter(pk=ready.people[0].user_id).update(is_active=False)
    assert b'id="appoint"' in client.get(page).content
    client.post(appoint, {"person": str(member.code)})
    assert not Membership.objects.get(circle=alder, user=member).facilitates
    client.post(appoint, {"person": str(ready.dana.code)})
    seat = Membership.objects.get(circle=alder, user=ready.dana)
    assert (seat.facilitates, seat.takes_part) == (True, False)
    assert str(AuditEntry.objects.filter(circle=alder).latest("pk")) == (
        "Dana Diaz, an administrator of the programme, was added"
    )
    mail.outbox.clear()
    turn()
    told = [message for message in mail.outbox if message.subject == "Dana Diaz looks after Alder now"]
    assert [message.to for message in told] == [["person2@example.org"]]


@pytest.mark.parametrize("whom", ["somebody of the programme", "another administrator"])
def test_whoever_is_named_says_yes_first_and_the_circle_is_told_by_whom(clock: Any, whom: str) -> None:
    ready = Ready()
    round_publish(round_=ready.round, by=ready.dana, now=NOW)
    alder = Circle.objects.get(name="Alder")
    for at in (2, 4):
        user = ready.people[at].user
        invitation_accept(invitation=Invitation.objects.get(email=user.email), user=user, now=NOW)
    User.objects.filter(pk=ready.people[0].user_id).update(is_active=False)
    other = ready.people[2].user
    Enrolment.objects.filter(user=other).update(may_facilitate=True)
    if whom == "another administrator":
        other = make_user("Omar Other")
        admin_add(programme=ready.programme, user=other, now=NOW)
    told = signed_in(ready.dana).post(
        reverse("programmes:appoint", args=[ready.programme.code, alder.code]), {"person": str(other.code)}, follow=True
    )
    assert "then its members are told by mail" in told.content.decode()
    turn()
    mail.outbox.clear()
    assert not Membership.objects.filter(circle=alder, user=other, facilitates=True).exists()
    asked = FacilitatorAsked.objects.get(user=other, circle=alder)
    signed_in(other).post(reverse("programmes:look_after", args=[asked.code]), {"yes": "1"})
    assert Membership.objects.get(circle=alder, user=other).facilitates
    turn()
    subject = f"{other} looks after Alder now"
    members = {ready.people[at].user.email for at in (2, 4)} - {other.email}
    assert {message.to[0] for message in mail.outbox if message.subject == subject} == members
    assert any(message.to == [ready.dana.email] for message in mail.outbox), "whoever asked is told"
    administers = ", an administrator of the programme," if whom == "another administrator" else ""
    assert str(AuditEntry.objects.filter(circle=alder).latest("pk")) == (
        f"Dana Diaz appointed {other}{administers} to look after the circle"
    )


def test_an_administrator_does_not_get_into_other_circles(clock: Any) -> None:
    dana = make_user("Dana Diaz")
    programme = make_programme(dana)
    circle = make_circle(make_user("Alice Archer"), [dana])
    other = make_circle(make_user("Olga Other"), [], name="Theirs")
    made = round_begin(programme=programme, first_on=FIRST_ON)
    for one in (circle, other):
        RoundCircle.objects.create(round=made, circle=one)
    client = signed_in(dana)
    assert client.get(reverse("pages:circle", args=[circle.code])).status_code == 200
    assert client.get(reverse("pages:circle", args=[other.code])).status_code == 404
    with pytest.raises(Refused):
        facilitator_appoint(circle=other, user=dana, by=dana, administrator=True, now=NOW)
