"""A programme takes a journey for its circles: told before, begun on its day, refused and left by circles alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import User
from accounts.refusals import Refused
from circles.models import AuditEntry, Circle, Invitation, Membership
from circles.tokens import token_for
from notifications.outbox import turn
from programmes import journey_services
from programmes.forming_services import round_publish
from programmes.journey_services import (
    TOLD_BEFORE,
    journey_refuse,
    journeys_begin,
    programme_journey_end,
    programme_journey_take,
)
from programmes.models import JourneyOffer, Programme, ProgrammeJourney
from programmes.services import programme_end
from sessions.journeys.library import journey_version_of, shipped_journeys
from sessions.models import CircleSession, JourneyTaken, Leg
from sessions.planning.journey_services import journey_leave, journey_take
from tests.factories import NOW, Cast, make_circle, make_session, make_user, signed_in
from tests.programmes.test_figures import in_programme
from tests.programmes.test_rounds import Ready

THEN = NOW + TOLD_BEFORE
SHORT = timedelta(seconds=1)


def take(programme: Programme, key: str = "new_managers") -> ProgrammeJourney:
    return programme_journey_take(programme=programme, version=journey_version_of(key), now=NOW)


def on(circle: Circle) -> str:
    """Which journey a circle is on."""
    found = JourneyTaken.objects.filter(circle=circle, left_at=None).select_related("version__journey").first()
    return found.version.journey.library_key or "" if found else ""


@pytest.fixture
def two(people: Cast, clock: Any) -> tuple[Programme, User, Circle, Circle]:
    other = make_circle(make_user("Uma Other"), [make_user("Vic Other")], name="Birch circle")
    programme, dana = in_programme(people.circle, other)
    programme.ends_on = (NOW + timedelta(days=300)).date()
    programme.save(update_fields=["ends_on"])
    return programme, dana, people.circle, other


Two = tuple[Programme, User, Circle, Circle]


def test_everybody_is_told_and_it_begins_three_days_later(two: Two, people: Cast) -> None:
    programme, _dana, alder, birch = two
    mail.outbox.clear()
    take(programme)
    turn(clock=lambda: NOW)
    told = {one.to[0] for one in mail.outbox if one.subject == f"A journey for {alder.name}"}
    assert told == {user.email for user in (people.alice, people.bob, people.carol, people.dave)}
    assert journeys_begin(now=THEN - SHORT) == 0
    assert (on(alder), on(birch)) == ("", "")
    assert journeys_begin(now=THEN) == 2
    assert (on(alder), on(birch)) == ("new_managers", "new_managers")
    assert journeys_begin(now=THEN + SHORT) == 0


def test_a_circle_that_says_no_is_left_alone_and_nobody_outside_hears_of_it(two: Two, people: Cast) -> None:
    programme, dana, alder, birch = two
    take(programme)
    page, no = (reverse(f"programmes:{name}", args=[alder.code]) for name in ("journey_offered", "journey_refuse"))
    shown = signed_in(people.bob).get(page).content.decode()
    assert "It begins in yours on Thursday" in " ".join(shown.split())
    assert "Not for our circle" not in shown
    assert signed_in(people.bob).post(no).status_code == 404
    assert "Not for our circle" in signed_in(people.alice).get(page).content.decode()
    before = signed_in(dana).get(reverse("programmes:journey", args=[programme.code])).content
    signed_in(people.alice).post(no)
    assert signed_in(people.bob).get(page).url == reverse("sessions:circle_journey", args=[alder.code])
    after = signed_in(dana).get(reverse("programmes:journey", args=[programme.code])).content
    assert _without_secrets(before) == _without_secrets(after)
    journeys_begin(now=THEN)
    assert (on(alder), on(birch)) == ("", "new_managers")


def _without_secrets(page: bytes) -> list[bytes]:
    return [line for line in page.splitlines() if b"csrf" not in line and b"form_key" not in line]


def test_a_mail_that_is_late_says_nothing_of_what_has_begun_or_was_refused(two: Two) -> None:
    programme, _dana, _alder, birch = two
    mail.outbox.clear()
    take(programme)
    offer = JourneyOffer.objects.get(of__circle=birch)
    journey_refuse(offer=offer, by=birch.memberships.earliest("pk").user, now=NOW)
    turn(clock=lambda: NOW)
    assert not [one for one in mail.outbox if birch.name in one.subject]
    with pytest.raises(Refused, match="somebody has answered"):
        journey_refuse(offer=offer, by=birch.memberships.earliest("pk").user, now=NOW)


def test_a_circle_on_a_journey_of_its_own_keeps_it_and_one_that_leaves_is_not_put_back(two: Two, people: Cast) -> None:
    programme, _dana, alder, birch = two
    journey_take(circle=alder, version=journey_version_of("forum_year"), by=people.alice, now=NOW)
    take(programme)
    assert [offer.of.circle for offer in JourneyOffer.objects.all()] == [birch]
    journeys_begin(now=THEN)
    journey_leave(circle=birch, by=birch.memberships.earliest("pk").user, now=THEN)
    journeys_begin(now=THEN + TOLD_BEFORE)
    assert (on(alder), on(birch)) == ("forum_year", "")


def test_one_taken_in_between_by_the_circle_itself_stays(two: Two, people: Cast) -> None:
    programme, _dana, alder, _birch = two
    take(programme)
    journey_take(circle=alder, version=journey_version_of("forum_year"), by=people.alice, now=NOW)
    assert journeys_begin(now=THEN) == 1
    assert on(alder) == "forum_year"


def test_another_takes_its_place_and_one_is_taken_back(two: Two) -> None:
    programme, _dana, alder, _birch = two
    take(programme)
    with pytest.raises(Refused, match="taken this journey already"):
        take(programme)
    take(programme, "intervision")
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgrammeJourney.objects.create(
            programme=programme, version=journey_version_of("forum_year"), told_at=NOW, begins_at=NOW
        )
    programme_journey_end(programme=programme, now=NOW)
    with pytest.raises(Refused, match="taken no journey"):
        programme_journey_end(programme=programme, now=NOW)
    assert journeys_begin(now=THEN) == 0
    assert on(alder) == ""


def test_circles_that_are_on_it_stay_on_it_when_it_is_taken_back(two: Two) -> None:
    programme, _dana, alder, birch = two
    take(programme)
    journeys_begin(now=THEN)
    programme_journey_end(programme=programme, now=THEN)
    assert (on(alder), on(birch)) == ("new_managers", "new_managers")


def test_nothing_begins_once_the_programme_has_ended(two: Two) -> None:
    programme, dana, alder, _birch = two
    take(programme)
    programme_end(programme=programme, now=NOW)
    assert journeys_begin(now=THEN) == 0
    with pytest.raises(Refused, match="is over"):
        take(programme)
    page = signed_in(dana).get(reverse("programmes:journey", args=[programme.code])).content.decode()
    assert "Take it for all circles" not in page
    assert on(alder) == ""


def test_one_bad_circle_keeps_the_others_from_nothing(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    programme, _dana, alder, birch = two
    take(programme)

    def breaks(*, circle: Circle, **rest: Any) -> JourneyTaken:
        if circle == alder:
            raise ValueError
        return journey_take(circle=circle, **rest)

    with monkeypatch.context() as patched:
        patched.setattr(journey_services, "journey_take", breaks)
        assert journeys_begin(now=THEN) == 1
    assert (on(alder), on(birch)) == ("", "new_managers")
    assert journeys_begin(now=THEN) == 1
    assert on(alder) == "new_managers"


def test_an_administrator_chooses_on_one_page_and_what_is_no_journey_is_said_beside_it(two: Two) -> None:
    programme, dana, _alder, _birch = two
    client, page = signed_in(dana), reverse("programmes:journey", args=[programme.code])
    for typed in ("", "nothing", "x" * 5000, "\x00"):
        answer = client.post(page, {"journey": typed})
        assert answer.context["form"].errors["journey"] == ["Choose a journey."]
    assert client.post(page, {"journey": "clinicians"}).url == page
    shown = " ".join(client.get(page).content.decode().split())
    assert "Everybody in them was told." in shown
    answer = client.post(page, {"journey": "clinicians"})
    assert answer.context["form"].errors["journey"] == ["The programme has taken this journey already."]
    client.post(reverse("programmes:journey_end", args=[programme.code]))
    assert not ProgrammeJourney.objects.filter(ended_at=None).exists()


def test_a_circle_that_is_made_later_begins_with_it_and_its_invitation_says_so(db: None, clock: Any) -> None:
    ready = Ready()
    take(ready.programme)
    round_publish(round_=ready.round, by=ready.dana, now=NOW)
    alder = Circle.objects.get(name="Alder")
    assert on(alder) == "new_managers"
    assert [
        leg.number for leg in Leg.objects.filter(taken__circle=alder, session__isnull=False).order_by("number")
    ] == [0, 1, 2]
    assert AuditEntry.objects.filter(circle=alder, verb="journey_of_programme").exists()
    invitation = Invitation.objects.filter(circle=alder).earliest("pk")
    client = signed_in(User.objects.get(email=invitation.email))
    client.get(reverse("pages:invitation_open", args=[token_for(invitation)]))
    shown = " ".join(client.get(reverse("pages:invitation")).content.decode().split())
    assert f"A journey: {shipped_journeys()['new_managers'].text('name')}" in shown


def test_whoever_was_told_of_one_that_is_taken_back_hears_that_nothing_begins(two: Two, people: Cast) -> None:
    programme, _dana, alder, birch = two
    make_session(alder, people.alice, in_=timedelta(days=9))
    take(programme)
    journey_refuse(offer=JourneyOffer.objects.get(of__circle=birch), by=birch.memberships.earliest("pk").user, now=NOW)
    turn(clock=lambda: NOW)
    Membership.objects.filter(circle=alder, user=people.dave).update(left_at=NOW)
    Membership.objects.create(circle=alder, user=people.erin, joined_at=NOW)
    mail.outbox.clear()
    dates = list(CircleSession.objects.values_list("starts_at", "status", "revision"))
    programme_journey_end(programme=programme, now=NOW + SHORT)
    turn(clock=lambda: NOW + SHORT)
    assert list(CircleSession.objects.values_list("starts_at", "status", "revision")) == dates
    told = {one.to[0]: one.subject for one in mail.outbox}
    said = f"No journey for {alder.name} after all"
    assert told == dict.fromkeys([user.email for user in (people.alice, people.bob, people.carol)], said)


def test_nobody_is_told_that_nothing_begins_who_had_heard_of_nothing_or_has_begun(two: Two) -> None:
    programme, _dana, _alder, _birch = two
    take(programme)
    turn(clock=lambda: NOW)
    journeys_begin(now=THEN)
    programme_journey_end(programme=programme, now=THEN)
    take(programme, "intervision")
    programme_journey_end(programme=programme, now=THEN)
    mail.outbox.clear()
    turn(clock=lambda: THEN)
    assert not mail.outbox


def test_a_mail_about_one_that_gave_way_to_another_does_not_go(two: Two, people: Cast) -> None:
    programme, _dana, _alder, _birch = two
    mail.outbox.clear()
    take(programme)
    take(programme, "intervision")
    turn(clock=lambda: NOW)
    assert len([one for one in mail.outbox if people.bob.email in one.to]) == 1
