"""A look at the agreement after each session: counted, of nobody in particular, never of fewer than five."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from accounts.models import User
from agreements.models import Review, Slip
from agreements.review_services import FEWEST, ReviewDetails, review_close, review_give
from agreements.selectors import review_shown, slips_recurring
from circles.models import Circle
from sessions.live import services, starting_services
from sessions.models import CircleSession, Participation
from tests.factories import NOW, Cast, make_circle, make_session, make_user, sign, signed_in

NAMES = ("Bob Baker", "Carol Cook", "Dave Dyer", "Eve East", "Finn Field")


@pytest.fixture
def six(db: None) -> list[User]:
    return [make_user("Alice Archer"), *(make_user(name) for name in NAMES)]


@pytest.fixture
def circle(six: list[User]) -> Circle:
    made = make_circle(six[0], six[1:])
    sign(made, *six)
    return made


def held(circle: Circle, people: list[User], *, ended: bool = True) -> CircleSession:
    """A session that these people came to."""
    session = make_session(circle, people[0], in_=timedelta(minutes=1))
    ids = [user.pk for user in people]
    with time_machine.travel(NOW, tick=False):
        starting_services.session_start(
            session=session, here=ids, presenting=ids, expected_seq=0, by=people[0], now=NOW
        )
        if ended:
            services.session_command(session=session, kind="end", seat=1, expected_seq=1, now=NOW + timedelta(hours=1))
    session.refresh_from_db()
    return session


def check_out(session: CircleSession, user: User, **form: Any) -> Any:
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        return signed_in(user).post(
            reverse("sessions:check_out", args=[session.code]), {"insight": "", "text": ""} | form, follow=True
        )


def page(session: CircleSession, user: User, *, after: timedelta = timedelta(hours=3)) -> str:
    with time_machine.travel(NOW + after, tick=False):
        return str(signed_in(user).get(reverse("sessions:session", args=[session.code])).content.decode())


def test_two_taps_are_counted_and_shown_when_everybody_has_checked_out(circle: Circle, six: list[User]) -> None:
    session = held(circle, six)
    for user in six[:4]:
        check_out(session, user, kept="yes", got="yes")
    check_out(session, six[4], kept="not_quite", slips=["confidentiality", "scope"], got="yes")
    assert "Our agreement that day" not in page(session, six[0]), "one is still missing"
    check_out(session, six[5], kept="not_quite", slips=["scope"], got="not_quite")
    told = page(session, six[0])
    assert "Our agreement that day" in told
    assert "4 of 6" in told
    assert "5 of 6" in told
    assert "Somebody said we slipped on: Confidentiality; What belongs here." in told
    assert dict(Slip.objects.filter(times__gt=0).values_list("theme", "times")) == {"confidentiality": 1, "scope": 2}


def test_after_two_days_what_was_answered_is_shown_from_five_on(circle: Circle, six: list[User]) -> None:
    session = held(circle, six)
    for user in six[:4]:
        check_out(session, user, kept="yes", got="yes")
    late = timedelta(days=2, hours=1)  # it ended at ten
    assert "Our agreement that day" not in page(session, six[0], after=late), "four answers are never shown"
    check_out(session, six[4], kept="yes")
    assert "Our agreement that day" not in page(session, six[0], after=late - timedelta(seconds=1))
    told = page(session, six[0], after=late)
    assert "5 of 5" in told
    assert "I got what I came for" not in told, "only four answered the second question"


def test_details_count_only_after_not_quite(circle: Circle, six: list[User]) -> None:
    session = held(circle, six)
    check_out(session, six[0], kept="yes", slips=["scope"])
    assert not Slip.objects.filter(times__gt=0).exists()
    assert check_out(session, six[1], kept="not_quite", slips=["nonsense"]).status_code == 200
    assert not Slip.objects.filter(times__gt=0).exists()


def test_nothing_this_time_still_counts_the_taps(circle: Circle, six: list[User]) -> None:
    session = held(circle, six)
    check_out(session, six[0], kept="yes", nothing="1")
    review = Review.objects.get()
    assert (review.answered, review.kept, review.asked) == (1, 1, 0)


def test_fewer_than_five_gather_nothing_but_a_sentence_all_agree_on(circle: Circle, six: list[User]) -> None:
    session = held(circle, six[:4])
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        asked = signed_in(six[0]).get(reverse("sessions:check_out", args=[session.code])).content.decode()
    assert "You are fewer than five" in asked
    assert 'name="kept"' not in asked
    check_out(session, six[0], kept="yes", got="yes", sentence="We kept to it, and spoke too long.")
    review = Review.objects.get()
    assert (review.answered, review.asked) == (0, 0)
    assert "We kept to it, and spoke too long." in page(session, six[1])
    check_out(session, six[1], sentence="We kept to it, and spoke too long.")
    assert Review.objects.get().sentence == "We kept to it, and spoke too long."


def test_no_row_says_who_answered_or_when() -> None:
    fields = {field.name for model in (Review, Slip) for field in model._meta.get_fields()}
    assert fields & {"user", "author", "owner", "at", "made_at", "participation"} == set()


def test_a_closed_review_takes_nothing_more(circle: Circle, six: list[User]) -> None:
    session = held(circle, six)
    give = {"circle": circle, "session": session.code, "held_on": NOW.date(), "present": 6}
    for _one in range(5):
        review_give(**give, looked=ReviewDetails(kept=True))  # type: ignore[arg-type]
    review_close(session=session.code)
    review_give(**give, looked=ReviewDetails(kept=False, slips=["scope"], got=False))  # type: ignore[arg-type]
    review = Review.objects.get()
    assert (review.answered, review.kept, review.asked) == (5, 5, 0)
    assert not Slip.objects.filter(times__gt=0).exists()
    assert review_shown(session.code, over=False, fewest=FEWEST) == review


def add_review(circle: Circle, day: int, theme: str = "", answered: int = 5) -> None:
    from uuid import uuid4

    for at in range(answered):
        looked = ReviewDetails(kept=not theme, slips=[theme] if theme and at == 0 else [])
        review_give(
            circle=circle,
            session=uuid4() if at == 0 else Review.objects.order_by("-pk").values_list("session", flat=True)[0],
            held_on=(NOW + timedelta(days=day)).date(),
            present=6,
            looked=looked,
        )


@pytest.mark.parametrize(
    ("slips", "recurs"),
    [
        (["scope", "", "scope"], ["scope"]),
        (["scope", "scope", ""], ["scope"]),
        (["scope", "scope", "", ""], []),
        (["scope", "", ""], []),
        (["scope", "respect", ""], []),
    ],
)
def test_a_slip_recurs_when_two_of_the_last_three_looks_had_it(
    circle: Circle, slips: list[str], recurs: list[str]
) -> None:
    for day, theme in enumerate(slips):
        add_review(circle, day, theme)
    today = (NOW + timedelta(days=30)).date()
    assert slips_recurring(circle, today=today, fewest=FEWEST) == recurs
    assert slips_recurring(circle, today=NOW.date(), fewest=FEWEST) == [], "answers may still come"


def test_looks_of_fewer_than_five_are_left_out(circle: Circle) -> None:
    for day in range(3):
        add_review(circle, day, "scope", answered=4)
    assert slips_recurring(circle, today=(NOW + timedelta(days=30)).date(), fewest=FEWEST) == []


def test_a_slip_that_recurs_is_offered_as_a_proposal(circle: Circle, six: list[User]) -> None:
    add_review(circle, 0, "scope")
    add_review(circle, 1, "scope")
    with time_machine.travel(NOW + timedelta(days=30), tick=False):
        told = signed_in(six[1]).get(reverse("agreements:agreement", args=[circle.code])).content.decode()
    assert "We slipped here more than once" in told
    assert "propose/add/?theme=scope" in told


def test_a_look_is_due_after_three_sessions_without_one(people: Cast, db: None) -> None:
    from sessions.enums import SessionStatus
    from sessions.planning.covenant_selectors import look_is_due

    sign(people.circle, people.alice)
    session = make_session(people.circle, people.alice, in_=timedelta(days=1))
    for at in range(1, 4):
        assert not look_is_due(people.circle)
        later = NOW + timedelta(days=at)
        CircleSession.objects.create(
            circle=people.circle, local_date=later.date(), local_time=later.time(), zone="UTC", starts_at=later,
            format_version=session.format_version, minutes=120, status=SessionStatus.ENDED, ended_at=later,
        )  # fmt: skip
    assert look_is_due(people.circle)
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        lobby = signed_in(people.alice).get(reverse("sessions:live", args=[session.code])).content.decode()
    assert "Three sessions have gone by without one" in lobby
    review_give(
        circle=people.circle, session=session.code, held_on=(NOW + timedelta(days=3)).date(), present=5,
        looked=ReviewDetails(kept=True),
    )  # fmt: skip
    assert not look_is_due(people.circle)


def test_everybody_present_is_counted_by_the_hosts_ticks(circle: Circle, six: list[User]) -> None:
    session = held(circle, six)
    Participation.objects.filter(session=session, user__in=six[4:]).update(attendance="missed")
    check_out(session, six[0], kept="yes")
    assert not Review.objects.filter(answered__gt=0).exists()
