"""The times that suit a circle: the worst-off member first, over a season, in turn where that is fairer."""

import html
import re
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.rules.zones import to_instant
from accounts.services import availability_add
from notifications import outbox
from sessions.models import PollAnswer, TimePoll
from sessions.rules.finding import COST, NamedHours, Season, Week, found, in_turn, level_at, ranked
from tests.factories import NOW, Cast, make_circle, make_user, signed_in
from tests.work import calls

OFFICE = tuple(NamedHours(day, 9 * 60, 17 * 60, "good") for day in range(5))
WINTER = Season(first=date(2027, 1, 18), number=6, weeks=1, zone="Europe/London", minutes=120)


def week(person: int, zone: str = "Europe/London", *stretches: NamedHours) -> Week:
    return Week(person, zone, stretches or OFFICE)


@pytest.mark.parametrize(
    ("hour", "minutes", "said"),
    [(9, 120, "good"), (15, 120, "good"), (16, 120, "no"), (8, 60, "no"), (18, 60, "possible"), (16, 60, "good")],
)
def test_the_worst_minute_of_a_session_decides(hour: int, minutes: int, said: str) -> None:
    mine = week(1, "Europe/London", *OFFICE, NamedHours(0, 18 * 60, 20 * 60, "possible"))
    starts_at = to_instant(NOW.replace(hour=hour, tzinfo=None), "Europe/London")
    assert level_at(mine, starts_at, minutes) == said


def test_a_session_over_midnight_is_judged_on_both_days() -> None:
    late = week(1, "UTC", NamedHours(0, 23 * 60, 24 * 60, "good"), NamedHours(1, 0, 60, "possible"))
    assert level_at(late, NOW.replace(hour=23), 120) == "possible"
    assert level_at(late, NOW.replace(hour=23), 121) == "no"


def test_the_best_time_is_good_for_everybody_where_there_is_one() -> None:
    best = ranked([week(1), week(2, "Europe/Warsaw"), week(3, "America/Toronto")], WINTER)[0]
    assert (best.worst, best.times) == (0, (time(14),))


def test_starts_that_are_as_good_are_one_range_and_what_suits_nobody_is_left_out() -> None:
    """Office hours of five days: any start from nine to three for two hours, and no weekend at midnight."""
    best = ranked([week(1), week(2)], WINTER)
    assert [(one.weekday, one.times, one.until) for one in best] == [
        (weekday, (time(9),), time(15)) for weekday in range(5)
    ]
    apart = ranked([week(1), week(2, "America/Toronto")], WINTER)
    assert {(one.times[0], one.until) for one in apart} == {(time(14), time(15))}
    assert ranked([week(1, "UTC", NamedHours(0, 600, 660, "good"))], WINTER) == []
    alone = ranked([week(1), week(2, "UTC", NamedHours(5, 600, 720, "good"))], WINTER)
    assert {one.weekday for one in alone} == {0, 1, 2, 3, 4, 5}, "what suits one of them is still said"


def test_the_page_offers_a_range_and_says_when_nothing_is_long_enough(alice: Client, people: Cast) -> None:
    path = reverse("sessions:find_time", args=[people.circle.code])
    availability_add(user=people.alice, weekdays=[0], start=600, end=900, level="good")
    shown = " ".join(alice.get(path).content.decode().split())
    assert "Monday, any start from 10:00 to 13:00" in shown
    assert "00:00" not in shown
    longer = alice.get(path, {"from": "2027-01-18", "number": "6", "weeks": "1", "minutes": "360"}).content.decode()
    assert "No start suits any of you" in longer


def test_a_change_of_clocks_within_the_season_counts() -> None:
    """From 14 March, when Toronto alone has changed its clocks, 13:00 in London is 09:00 there."""
    spring = Season(first=date(2027, 3, 1), number=4, weeks=1, zone="Europe/London", minutes=120)
    found = next(choice for choice in ranked([week(1, "America/Toronto", *OFFICE)], spring) if choice.weekday == 0)
    assert found.worst == 0
    early = [
        COST[
            level_at(
                week(1, "America/Toronto"),
                to_instant(NOW.replace(month=3, day=day, hour=13, tzinfo=None), "Europe/London"),
                120,
            )
        ]
        for day in (8, 15)
    ]
    assert early == [COST["no"], COST["good"]]


def test_where_nobody_can_always_come_turns_share_the_burden() -> None:
    auckland = week(2, "Pacific/Auckland")
    people = [week(1), auckland]
    best = ranked(people, WINTER)[0]
    turns = in_turn(people, WINTER)
    assert best.worst == COST["no"]
    assert turns is not None
    assert turns.worst == pytest.approx(COST["no"] / 2)
    assert len(turns.times) == 2


def test_turns_are_not_offered_for_a_small_gain() -> None:
    assert in_turn([week(1), week(2)], WINTER) is None
    assert in_turn([], WINTER) is None


def test_nobody_pays_for_what_nobody_said() -> None:
    assert ranked([], WINTER) == []


SPANS = st.tuples(st.integers(0, 6), st.integers(0, 20), st.integers(1, 4), st.sampled_from(["good", "possible"]))


@settings(max_examples=25)
@given(
    people=st.lists(
        st.tuples(st.sampled_from(["Europe/London", "Asia/Tokyo", "America/Toronto"]), SPANS), min_size=1, max_size=4
    )
)
def test_no_time_of_the_week_is_better_than_the_first_one(people: list[tuple[str, tuple[int, int, int, str]]]) -> None:
    short = Season(first=date(2027, 3, 1), number=3, weeks=2, zone="Europe/London", minutes=60)
    weeks = [
        Week(at, zone, (NamedHours(day, start * 60, (start + hours) * 60, level),))
        for at, (zone, (day, start, hours, level)) in enumerate(people)
    ]
    best = ranked(weeks, short)[0]
    for weekday in range(7):
        for hour in range(24):
            instants = [to_instant(_at(short.day(weekday, step), hour), short.zone) for step in range(3)]
            burdens = [sum(COST[level_at(one, at, 60)] for at in instants) / 3 for one in weeks]
            assert (round(max(burdens), 9), round(sum(burdens), 9)) >= best.rank[:2]


def _at(day: date, hour: int) -> Any:
    from datetime import datetime

    return datetime.combine(day, time(hour))


# --- pages


@pytest.fixture
def alice(people: Cast, clock: Any) -> Client:
    return signed_in(people.alice)


def test_the_page_ranks_names_who_pays_and_who_is_silent(alice: Client, people: Cast) -> None:
    for user in (people.alice, people.bob):
        availability_add(user=user, weekdays=range(5), start=9 * 60, end=17 * 60, level="good")
    availability_add(user=people.carol, weekdays=[2], start=9 * 60, end=12 * 60, level="possible")
    path = reverse("sessions:find_time", args=[people.circle.code])
    page = " ".join(alice.get(path).content.decode().split())
    assert page.index("Wednesday, any start from 09:00 to 10:00") < page.index("Monday, any start from 09:00")
    assert "Carol (possible)" in page
    assert "Have not said when they can meet: Dave Dyer." in page
    assert alice.post(reverse("sessions:times_ask", args=[people.circle.code])).status_code == 302
    alice.post(reverse("sessions:times_ask", args=[people.circle.code]))
    outbox.turn()
    assert [message.to for message in mail.outbox] == [["dave@example.org"]], "once"
    assert "Alice looks for a time that suits all of you." in str(mail.outbox[0].body)


def test_a_week_is_shown_to_nobody_else(alice: Client, people: Cast, clock: Any) -> None:
    """Whoever looks for a time reads what suits whom at the hours that are offered, and no stretch of anybody's week."""
    availability_add(user=people.bob, weekdays=[1], start=3 * 60 + 30, end=23 * 60 + 30, level="good")
    pages = [reverse("sessions:find_time", args=[people.circle.code])]
    pages += [
        reverse(name, args=[people.circle.code]) for name in ("pages:circle", "circles:people", "sessions:schedule")
    ]
    for path in pages:
        text = alice.get(path).content.decode()
        assert "23:30" not in text, path
    mine = signed_in(people.bob).get(reverse("pages:times")).content.decode()
    assert "03:30" in mine


def test_a_circle_without_a_humane_time_is_told_so(db: None, clock: Any) -> None:
    ann, zoe = make_user("Ann Lon"), make_user("Zoe Auck", zone="Pacific/Auckland")
    circle = make_circle(ann, [zoe])
    for user in (ann, zoe):
        availability_add(user=user, weekdays=range(5), start=9 * 60, end=13 * 60, level="good")
    page = signed_in(ann).get(reverse("sessions:find_time", args=[circle.code])).content.decode()
    assert "There is no time at which nobody has to come outside the times they named." in page
    assert "Fairer in turn" in page
    assert "mostly outside their times" in page


def test_what_is_looked_at_is_checked(alice: Client, people: Cast) -> None:
    path = reverse("sessions:find_time", args=[people.circle.code])
    for query in (
        "from=x&number=6&weeks=3&minutes=120",
        "from=2027-02-01&number=0&weeks=3&minutes=120",
        "from=0001-01-01&number=6&weeks=3&minutes=120",
        "from=9999-12-31&number=6&weeks=12&minutes=120",
    ):
        page = alice.get(f"{path}?{query}")
        assert page.status_code == 200
        assert "There is a problem" in page.content.decode(), query


def dates(**changes: str) -> dict[str, str]:
    return {"date0": "2027-02-04", "time0": "16:00", "date1": "2027-02-05", "time1": "09:00"} | changes


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"date0": "2027-01-10"}, "Choose a time that is still to come."),
        ({"time1": ""}, "Give both the day and the time, or neither."),
        ({"date1": "", "time1": ""}, "Ask about at least two times."),
        ({"date1": "2027-02-04", "time1": "16:00"}, "This time stands above already."),
        ({"date1": "2027-03-28", "time1": "01:30"}, "there is no such time"),
        ({"date1": "nonsense"}, "Enter a date such as"),
        ({"date1": "9999-12-31"}, "Choose a date within the next two years."),
    ],
)
def test_a_poll_with_bad_times_asks_nobody(alice: Client, people: Cast, changes: dict[str, str], said: str) -> None:
    page = alice.post(reverse("sessions:poll_start", args=[people.circle.code]), dates(**changes))
    assert said in page.content.decode()
    assert not TimePoll.objects.exists()


def test_a_poll_is_asked_answered_nudged_once_and_settled(alice: Client, people: Cast, clock: Any) -> None:
    alice.post(reverse("sessions:poll_start", args=[people.circle.code]), dates())
    poll = TimePoll.objects.get()
    outbox.turn()
    assert sorted(message.to[0] for message in mail.outbox) == [
        "bob@example.org",
        "carol@example.org",
        "dave@example.org",
    ]
    path = reverse("sessions:poll", args=[poll.code])
    first, second = poll.options.order_by("starts_at")
    for user, levels in ((people.bob, ("good", "no")), (people.carol, ("possible", "good"))):
        signed_in(user).post(path, {f"level-{first.code}": levels[0], f"level-{second.code}": levels[1]})
    page = alice.get(path).content.decode()
    assert page.index("Thursday 4 February") < page.index("Friday 5 February"), "whoever is worst off counts first"
    assert "not for Bob Baker" in page
    assert "Not answered yet: Alice Archer, Dave Dyer." in page
    mail.outbox.clear()
    clock.move_to(NOW + timedelta(days=2, seconds=-1))
    outbox.turn()
    assert mail.outbox == []
    clock.move_to(NOW + timedelta(days=2))
    outbox.turn()
    assert [message.to for message in mail.outbox] == [["dave@example.org"]]
    clock.move_to(NOW + timedelta(days=6))
    outbox.turn()
    assert [message.to for message in mail.outbox] == [["dave@example.org"]], "those who have not answered, once"
    client = signed_in(people.alice)
    client.post(
        reverse("sessions:schedule", args=[people.circle.code]),
        {
            "format": "council",
            "date": "2027-02-04",
            "time": "16:00",
            "zone": "Europe/London",
            "people": "4",
            "minutes": "120",
        },
    )
    poll.refresh_from_db()
    assert poll.closed_at is not None
    signed_in(people.dave).post(path, {f"level-{first.code}": "no"})
    assert not PollAnswer.objects.filter(user=people.dave).exists()


def test_a_poll_takes_no_nonsense(alice: Client, people: Cast) -> None:
    alice.post(reverse("sessions:poll_start", args=[people.circle.code]), dates())
    poll = TimePoll.objects.get()
    path = reverse("sessions:poll", args=[poll.code])
    answer = alice.post(path, {f"level-{poll.options.first().code}": "marvellous"}, follow=True)  # type: ignore[union-attr]
    assert "Say of at least one time whether it suits you." in answer.content.decode()
    assert not PollAnswer.objects.exists()


def test_an_hour_from_a_poll_stays_that_hour_when_the_circle_moves(alice: Client, people: Cast) -> None:
    """The circle corrected its zone after the poll was asked: 16:00 in London is not 16:00 in Istanbul."""
    alice.post(reverse("sessions:poll_start", args=[people.circle.code]), dates())
    poll = TimePoll.objects.get()
    people.circle.time_zone = "Europe/Istanbul"
    people.circle.save(update_fields=["time_zone"])
    page = alice.get(reverse("sessions:poll", args=[poll.code])).content.decode()
    onward = [html.unescape(found) for found in re.findall(r'href="([^"]*/schedule/\?[^"]*)"', page)]
    assert len(onward) == 2
    form = alice.get(onward[0]).context["form"]
    first = poll.options.order_by("starts_at").first()
    assert first is not None
    assert (form["date"].value(), form["time"].value(), form["zone"].value()) == ("2027-02-04", "16:00", first.zone)
    assert first.zone == "Europe/London"


def test_the_fullest_weeks_of_the_largest_circle_are_little_work() -> None:
    """Twelve people in twelve zones, each with forty-eight half hours a day, over the longest season."""
    far = ("Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "Pacific/Auckland", "Asia/Tokyo")
    weeks = [
        Week(
            person,
            far[person % 6],
            tuple(
                NamedHours(day, half * 30, half * 30 + 30, "good" if (half * 7 + person * 5) % 12 < 6 else "possible")
                for day in range(7)
                for half in range(48)
            ),
        )
        for person in range(12)
    ]
    season = Season(date(2027, 2, 1), 26, 12, "Europe/London", 15)
    assert calls(lambda: found(weeks, season)) < 2_000_000
