"""A series: laid out, previewed in everybody's time, changed from here on, left out, cancelled; and what goes wrong."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.refusals import Refused
from accounts.rules.zones import to_instant
from accounts.services import absence_add, feed_renew
from notifications import outbox
from notifications.models import Message
from sessions.enums import SessionStatus
from sessions.formats.library import version_of
from sessions.guests.services import guest_accept, guest_invite
from sessions.models import CircleSession, Series
from sessions.planning import series_services, services
from sessions.planning.roles_selectors import role_history
from sessions.planning.series_services import SeriesDetails, series_schedule, session_skip
from sessions.planning.services import SessionDetails, starts_recompute
from sessions.planning.taking_back_services import UNDO_WITHIN
from sessions.rules.recurrence import Rhythm
from tests.factories import NOW, Cast, make_session, make_user, signed_in
from tests.reading import Read, read_calendar


@pytest.fixture
def alice(people: Cast, clock: Any) -> Client:
    return signed_in(people.alice)


def form(**changes: str) -> dict[str, Any]:
    return {
        "format": "council", "date": "2027-02-04", "time": "16:00", "zone": "Europe/London", "people": "4",
        "minutes": "120", "place": "", "call_link": "", "repeat": "3", "count": "6", "until": "", "also": "",
    } | changes  # fmt: skip


def schedule(client: Client, cast: Cast, **changes: Any) -> Any:
    return client.post(reverse("sessions:schedule", args=[cast.circle.code]), form(**changes))


def make(people: Cast, **rhythm: Any) -> list[CircleSession]:
    details = SessionDetails(datetime(2027, 2, 4, 16, 0), "Europe/London", version_of("council"), 120)
    laid = {"first": date(2027, 2, 4), "times": (time(16),), "weeks": 3, "count": 4} | rhythm
    made = series_schedule(circle=people.circle, details=SeriesDetails(details, Rhythm(**laid)), now=NOW)
    return list(made.sessions.order_by("starts_at"))


def locals_of(series: Series | None = None) -> list[str]:
    rows = CircleSession.objects.filter(status=SessionStatus.PLANNED).order_by("starts_at")
    return [f"{one.local_date:%m-%d} {one.local_time:%H:%M}" for one in rows]


def test_six_sessions_are_planned_in_one_go_and_told_in_one_mail(alice: Client, people: Cast) -> None:
    people.carol.time_zone = "America/Toronto"
    people.carol.save()
    assert schedule(alice, people).status_code == 302
    assert locals_of() == [f"{day} 16:00" for day in ("02-04", "02-25", "03-18", "04-08", "04-29", "05-20")]
    outbox.turn()
    told = [m for m in mail.outbox if m.to == ["bob@example.org"]]
    assert [m.subject for m in told] == ["Alder circle: 6 sessions are planned"]
    assert str(told[0].body).count("16:00") == 6
    assert len(read_calendar(told[0].attachments[0].get_payload(decode=True))) == 6
    assert sorted(m.to[0].split("@")[0] for m in mail.outbox) == ["alice", "bob", "carol", "dave"]
    (hers,) = (str(m.body) for m in mail.outbox if m.to == ["carol@example.org"])
    assert (hers.count("11:00"), hers.count("12:00")) == (5, 1), "in her own time, whose clocks change on another day"


def test_the_preview_shows_each_date_in_everybodys_time_and_writes_nothing(alice: Client, people: Cast) -> None:
    people.carol.time_zone = "America/Toronto"
    people.carol.save()
    absence_add(user=people.dave, first_on=date(2027, 2, 20), last_on=date(2027, 2, 28))
    make_session(people.circle, people.alice, in_=timedelta(days=87, hours=7))  # 8 April 17:00 in London
    outbox.turn()
    mail.outbox.clear()
    page = schedule(alice, people, show="1").content.decode()
    assert CircleSession.objects.count() == 1
    outbox.turn()
    assert mail.outbox == [], "nothing is sent until the button at the end"
    assert "For Carol it is 1 h later on one of these dates (Thursday 18 March)" in re.sub(r"\s+", " ", page)
    assert "<b>12:00</b>" in page
    assert "Dave is away." in page
    assert "The circle has a session at 17:00 already." in page
    assert "Schedule 6 sessions" in page


def test_a_date_left_out_is_made_up_for_at_the_end(alice: Client, people: Cast) -> None:
    schedule(alice, people, skip=["2027-02-25", "nonsense", "9999-99-99"])
    assert locals_of()[1] == "03-18 16:00"
    assert len(locals_of()) == 6


def test_times_in_turn(alice: Client, people: Cast) -> None:
    schedule(alice, people, also="08:00, 20:30", count="4")
    assert [one[-5:] for one in locals_of()] == ["16:00", "08:00", "20:30", "16:00"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"count": ""}, "Say how many sessions, or until when."),
        ({"count": "61"}, "Ensure this value is less than or equal to 60."),
        ({"count": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"count": "40"}, "That goes on for more than two years."),
        ({"until": "2027-02-03"}, "The end must not come before the first session."),
        ({"until": "2035-01-01"}, "Choose a date within the next two years."),
        ({"until": "soon"}, "Enter a date such as 2027-01-31."),
        ({"repeat": "5"}, "Select a valid choice."),
        ({"repeat": "month_last"}, "This is not the last such weekday of its month."),
        ({"also": "8 o'clock"}, "Enter times such as 08:00, 20:00."),
        ({"also": "08:00 09:00 10:00"}, "At most two other times."),
        ({"also": "08:00:30"}, "Enter times such as 08:00, 20:00."),
        ({"date": "2027-03-28", "time": "01:30"}, "there is no such time"),
        ({"date": "2026-12-31"}, "The session must be in the future."),
    ],
)
def test_what_makes_no_series_is_said_beside_the_field_and_nothing_is_written(
    alice: Client, people: Cast, changes: dict[str, str], said: str
) -> None:
    page = schedule(alice, people, **changes)
    assert page.status_code == 200
    assert said in page.content.decode()
    assert not CircleSession.objects.exists()
    assert not Series.objects.exists()
    assert not Message.objects.exists()


def test_a_series_onto_another_session_is_refused_whole_and_keeps_what_was_typed(alice: Client, people: Cast) -> None:
    make_session(people.circle, people.alice, in_=timedelta(days=45, hours=8))  # 25 February 17:00
    page = schedule(alice, people, place="Room 9").content.decode()
    assert "The circle has a session then already: 25 February, 17:00. Choose another time." in page
    assert 'value="Room 9"' in page
    assert CircleSession.objects.count() == 1
    assert not Series.objects.exists()


def test_a_wall_time_that_is_skipped_starts_at_the_first_minute_after(alice: Client, people: Cast) -> None:
    page = schedule(alice, people, date="2027-03-21", time="01:30", repeat="1", count="2", show="1").content.decode()
    assert "The clocks skip this time; it starts at 02:00." in page
    schedule(alice, people, date="2027-03-21", time="01:30", repeat="1", count="2")
    last = CircleSession.objects.latest("starts_at")
    assert last.starts_at.isoformat() == "2027-03-28T01:00:00+00:00"


# --- changes


def change(client: Client, session: CircleSession, **changes: str) -> Any:
    session.refresh_from_db()
    kept = form(
        date=session.local_date.isoformat(), time=session.local_time.strftime("%H:%M"), scope="this",
        seen=str(session.revision), seen_series=str(session.series.edits) if session.series else "",
    )  # fmt: skip
    return client.post(reverse("sessions:session_edit", args=[session.code]), kept | changes)


def test_only_this_one_is_moved(alice: Client, people: Cast) -> None:
    sessions = make(people)
    outbox.turn()
    mail.outbox.clear()
    assert change(alice, sessions[1], time="17:00").status_code == 302
    assert locals_of() == ["02-04 16:00", "02-25 17:00", "03-18 16:00", "04-08 16:00"]
    outbox.turn()
    assert len([m for m in mail.outbox if m.to == ["bob@example.org"]]) == 1


def test_this_and_all_that_follow_are_moved_and_what_was_moved_by_itself_stays(alice: Client, people: Cast) -> None:
    sessions = make(people)
    change(alice, sessions[3], date="2027-04-10")
    outbox.turn()
    mail.outbox.clear()
    change(alice, sessions[1], date="2027-02-26", time="09:00", place="Room 2", scope="following")
    assert locals_of() == ["02-04 16:00", "02-26 09:00", "03-19 09:00", "04-10 16:00"]
    assert [one.place for one in CircleSession.objects.order_by("starts_at")] == ["", "Room 2", "Room 2", "Room 2"]
    first, second = Series.objects.order_by("pk")
    assert (second.split_from, first.until) == (first, date(2027, 2, 24))
    outbox.turn()
    told = [m for m in mail.outbox if m.to == ["bob@example.org"]]
    assert [m.subject for m in told] == ["Alder circle: new dates"]
    assert sorted(CircleSession.objects.filter(series=second).values_list("revision", flat=True)) == [1, 1, 2]


def test_a_date_that_was_cancelled_keeps_its_place_when_all_that_follow_are_moved(alice: Client, people: Cast) -> None:
    sessions = make(people)
    services.session_cancel(session=sessions[1], now=NOW)
    change(alice, sessions[0], time="17:00", scope="following")
    assert locals_of() == ["02-04 17:00", "03-18 17:00", "04-08 17:00"]
    preview = change(alice, sessions[0], date="2027-02-05", scope="following", show="1").content.decode()
    assert "Friday 19 March" in preview
    assert "Friday 26 February" not in preview
    change(alice, sessions[0], date="2027-02-05", scope="following")
    assert locals_of() == ["02-05 17:00", "03-19 17:00", "04-09 17:00"]


def test_one_that_was_moved_stands_where_it_is_put_when_all_that_follow_are_changed(
    alice: Client, people: Cast
) -> None:
    sessions = make(people)
    change(alice, sessions[1], date="2027-02-26")
    change(alice, sessions[1], time="09:00", scope="following")
    assert locals_of() == ["02-04 16:00", "02-26 09:00", "03-18 09:00", "04-08 09:00"]


def test_the_last_thursday_of_a_month_stays_the_last_one(alice: Client, people: Cast) -> None:
    """A series that began on a fifth Thursday goes on by the last ones, also from a month that has only four."""
    sessions = make(people, first=date(2027, 4, 29), repeat="month", weeks=1)
    assert locals_of() == ["04-29 16:00", "05-27 16:00", "06-24 16:00", "07-29 16:00"]
    change(alice, sessions[1], time="10:00", scope="following")
    assert locals_of() == ["04-29 16:00", "05-27 10:00", "06-24 10:00", "07-29 10:00"]
    change(alice, sessions[2], time="11:00", scope="following")
    assert locals_of() == ["04-29 16:00", "05-27 10:00", "06-24 11:00", "07-29 11:00"]


def test_times_in_turn_stay_with_their_sessions(alice: Client, people: Cast) -> None:
    sessions = make(people, times=(time(16), time(8)))
    change(alice, sessions[1], date="2027-02-26", scope="following")
    assert locals_of() == ["02-04 16:00", "02-26 08:00", "03-19 16:00", "04-09 08:00"]


def test_a_new_format_for_all_that_follow_moves_nothing_and_mails_nobody(alice: Client, people: Cast) -> None:
    sessions = make(people)
    before = locals_of()
    outbox.turn()
    mail.outbox.clear()
    change(alice, sessions[2], format="forum", scope="following")
    assert locals_of() == before
    refs = [one.format_version.format.ref for one in CircleSession.objects.order_by("starts_at")]
    assert refs == ["council", "council", "forum", "forum"]
    outbox.turn()
    assert mail.outbox == []


def test_two_facilitators_who_change_a_series_at_once_do_not_undo_each_other(alice: Client, people: Cast) -> None:
    sessions = make(people)
    stale = {"seen": "0", "seen_series": "0"}
    change(alice, sessions[2], time="18:00")
    page = change(alice, sessions[1], time="11:00", scope="following", **stale)
    assert page.status_code == 200
    assert "Somebody else has just changed this series. Look at it again." in page.content.decode()
    page = change(alice, sessions[2], time="12:00", **stale)
    assert "Somebody else has just changed this session. Look at it again." in page.content.decode()
    assert locals_of() == ["02-04 16:00", "02-25 16:00", "03-18 18:00", "04-08 16:00"]


def test_moving_onto_another_one_is_refused(alice: Client, people: Cast) -> None:
    sessions = make(people)
    page = change(alice, sessions[1], date="2027-03-18", time="15:00")
    assert "The circle has a session then already: 18 March, 16:00." in page.content.decode()
    page = change(alice, sessions[0], date="2027-02-18", scope="following")
    assert page.status_code == 302, "those that move along are not in the way"
    assert locals_of()[0] == "02-18 16:00"


def test_a_date_is_left_out_and_the_series_goes_on_one_longer(alice: Client, people: Cast, clock: Any) -> None:
    sessions = make(people)
    path = reverse("sessions:session_cancel", args=[sessions[1].code])
    answer = alice.post(path, {"scope": "skip", "reason": "Half-term"}, follow=True)
    assert "Left out. The series goes on to 29.04.2027 instead." in answer.content.decode()
    assert locals_of() == ["02-04 16:00", "03-18 16:00", "04-08 16:00", "04-29 16:00"]
    clock.shift(UNDO_WITHIN)
    outbox.turn()
    assert "Half-term" in str(next(m.body for m in mail.outbox if "Cancelled" in m.subject))


def test_a_series_with_an_end_by_date_is_not_made_longer(alice: Client, people: Cast) -> None:
    sessions = make(people, count=None, until=date(2027, 4, 8))
    assert session_skip(session=sessions[1], now=NOW) is None
    assert len(locals_of()) == 3


def test_all_that_follow_are_cancelled_in_one_mail(alice: Client, people: Cast, clock: Any) -> None:
    sessions = make(people)
    outbox.turn()
    mail.outbox.clear()
    alice.post(reverse("sessions:session_cancel", args=[sessions[1].code]), {"scope": "following", "reason": ""})
    assert locals_of() == ["02-04 16:00"]
    clock.shift(UNDO_WITHIN)
    outbox.turn()
    assert [m.subject for m in mail.outbox if m.to == ["bob@example.org"]] == ["Alder circle: 3 sessions are cancelled"]


def test_what_did_not_happen_is_marked_afterwards_and_counts_for_nothing(
    alice: Client, people: Cast, clock: Any
) -> None:
    session = make(people)[0]
    path = reverse("sessions:session_not_held", args=[session.code])
    assert "This session is still to come." in alice.post(path, follow=True).content.decode()
    clock.move_to(session.starts_at + timedelta(days=2))
    client = signed_in(people.alice)
    page = client.get(reverse("sessions:session", args=[session.code])).content.decode()
    assert "Was this session held?" in page
    outbox.turn()
    mail.outbox.clear()
    assert session.roles.exists()
    client.post(path)
    session.refresh_from_db()
    assert session.status == SessionStatus.NOT_HELD
    outbox.turn()
    assert mail.outbox == [], "nobody is written to"
    assert role_history(people.circle) == [], "no role counts"
    second = CircleSession.objects.get(slot_on=date(2027, 2, 25))
    page = client.get(reverse("sessions:session", args=[second.code])).content.decode()
    assert "<span> Session 1 of 6 </span>" in " ".join(page.split())
    assert not CircleSession.objects.filter(status=SessionStatus.ENDED).exists()


def test_a_zone_that_was_redefined_keeps_the_wall_time(people: Cast, clock: Any) -> None:
    session = make(people)[0]
    CircleSession.objects.filter(pk=session.pk).update(starts_at=session.starts_at + timedelta(hours=1))
    outbox.turn()
    mail.outbox.clear()
    assert starts_recompute(now=NOW) == 1
    assert starts_recompute(now=NOW) == 0
    moved = CircleSession.objects.get(pk=session.pk)
    assert (moved.starts_at, moved.revision) == (to_instant(datetime(2027, 2, 4, 16), "Europe/London"), 1)
    outbox.turn()
    assert [m.to for m in mail.outbox if "Changed" in m.subject][:1] == [["alice@example.org"]]


def test_a_zone_that_no_longer_exists_breaks_no_page(alice: Client, people: Cast) -> None:
    session = make(people)[0]
    CircleSession.objects.filter(pk=session.pk).update(zone="Europe/Atlantis")
    type(people.circle).objects.filter(pk=people.circle.pk).update(time_zone="Europe/Atlantis")
    for name, code in (
        ("pages:circle", people.circle.code), ("sessions:session", session.code), ("sessions:session_edit", session.code),
        ("sessions:schedule", people.circle.code), ("sessions:find_time", people.circle.code),
        ("sessions:session_calendar", session.code),
    ):  # fmt: skip
        assert alice.get(reverse(name, args=[code])).status_code == 200, name
    page = change(alice, session, zone="Europe/Atlantis")
    assert "Choose a city from the list." in page.content.decode()
    assert starts_recompute(now=NOW) in (0, 1)


# --- calendar: read by a reader that shares no code with the writer


def test_a_series_over_both_changes_of_clocks_reads_right_elsewhere(alice: Client, people: Cast, clock: Any) -> None:
    """Every four weeks from March to November, one of them moved and one cancelled."""
    sessions = make(people, first=date(2027, 3, 4), weeks=4, count=10)
    change(alice, sessions[3], date="2027-05-28", time="09:30")
    services.session_cancel(session=sessions[5], now=NOW + timedelta(hours=1))
    secret = feed_renew(user=people.bob, now=NOW)
    read = read_calendar(Client().get(reverse("pages:feed", args=[secret])).content)
    by_start = sorted(read, key=lambda one: one.start)
    assert len(by_start) == 10
    expected = {one.code: one for one in CircleSession.objects.all()}
    for entry in by_start:
        session = next(one for code, one in expected.items() if str(code) in entry.uid)
        assert (entry.start, entry.end) == (session.starts_at, session.plans_to_end_at)
        assert entry.sequence == session.revision
        assert entry.summary == ("Cancelled: Alder circle" if entry.status == "CANCELLED" else "Alder circle")
    assert [one.status for one in by_start].count("CANCELLED") == 1
    hours = {one.start.strftime("%H:%M") for one in by_start}
    assert hours == {"16:00", "15:00", "08:30"}, "winter, summer, and the one that was moved"
    assert len({one.uid for one in by_start}) == 10


def test_a_file_of_one_session_or_of_its_series_and_the_circles_choice_about_the_call(
    alice: Client, people: Cast
) -> None:
    sessions = make(people)
    CircleSession.objects.update(call_link="https://meet.example.org/alder")
    path = reverse("sessions:session_calendar", args=[sessions[0].code])
    one: list[Read] = read_calendar(alice.get(path).content)
    assert len(one) == 1
    assert "https://meet.example.org/alder" in one[0].description
    assert len(read_calendar(alice.get(path + "?all=1").content)) == 4
    people.circle.call_in_calendar = False
    people.circle.save()
    assert "meet.example.org" not in alice.get(path).content.decode()


def test_a_refused_change_of_a_series_writes_nothing(people: Cast, clock: Any) -> None:
    sessions = make(people)
    details = SessionDetails(datetime(2027, 1, 1, 9, 0), "Europe/London", version_of("council"), 120)
    before = locals_of()
    with pytest.raises(Refused, match="in the future"):
        series_services.series_update(session=sessions[1], details=details, now=NOW, seen=0)
    assert (locals_of(), Series.objects.count()) == (before, 1)


# --- all that follow, where the series was split before


@pytest.fixture
def split(alice: Client, people: Cast) -> list[CircleSession]:
    """Five dates; from the second on they are at nine, from the fourth on elsewhere: three series by now."""
    sessions = make(people, count=5)
    change(alice, sessions[1], time="09:00", scope="following")
    change(alice, sessions[3], place="Room 2", scope="following")
    assert len(set(CircleSession.objects.values_list("series", flat=True))) == 3
    outbox.turn()
    mail.outbox.clear()
    return sessions


def test_all_that_follow_are_cancelled_listed_before_and_told_in_one_mail(
    alice: Client, people: Cast, split: list[CircleSession], clock: Any
) -> None:
    guest = guest_invite(session=split[4], name="Gus", email="gus@example.org", by=people.alice, now=NOW)
    guest_accept(guest=guest, user=make_user("Gus Guest"), now=NOW)
    path = reverse("sessions:session_cancel", args=[split[0].code])
    alice.post(reverse("sessions:session_cancel", args=[split[2].code]), {"scope": "skip", "reason": ""})
    CircleSession.objects.filter(pk=split[2].pk).update(changed_at=NOW - timedelta(hours=1))  # told of by itself
    clock.shift(UNDO_WITHIN)
    outbox.turn()
    mail.outbox.clear()
    page = alice.get(path).content.decode()
    for day in ("Thursday 4 February", "Thursday 25 February", "Thursday 8 April", "Thursday 29 April"):
        assert day in page
    assert "4 dates" in page
    answer = alice.post(path, {"scope": "following", "reason": "", "listed": "4"}, follow=True)
    assert "4 sessions are cancelled." in answer.content.decode()
    assert locals_of() == []
    clock.shift(UNDO_WITHIN)
    outbox.turn()
    (told,) = [message for message in mail.outbox if message.to == ["bob@example.org"]]
    calendar = next(part for part in told.message().walk() if part.get_content_type() == "text/calendar")
    assert calendar.get_payload(decode=True).decode().count("BEGIN:VEVENT") == 4
    assert [message.subject for message in mail.outbox if message.to == ["gus@example.org"]] == [
        "Cancelled: Alder circle on Thursday 29 April"
    ]


def test_dates_that_were_added_since_the_page_are_not_cancelled_unseen(
    alice: Client, people: Cast, split: list[CircleSession]
) -> None:
    path = reverse("sessions:session_cancel", args=[split[0].code])
    answer = alice.post(path, {"scope": "following", "reason": "", "listed": "3"}, follow=True)
    assert "have just been changed. Look at them again." in answer.content.decode()
    assert len(locals_of()) == 5


def test_all_that_follow_are_moved_through_every_series_they_were_split_into(
    alice: Client, people: Cast, split: list[CircleSession]
) -> None:
    assert locals_of() == ["02-04 16:00", "02-25 09:00", "03-18 09:00", "04-08 09:00", "04-29 09:00"]
    page = alice.get(reverse("sessions:session_edit", args=[split[0].code])).content.decode()
    assert "This and all that follow: 5 dates" in page
    change(alice, split[0], date="2027-02-05", time="12:00", scope="following")
    assert locals_of() == ["02-05 12:00", "02-26 12:00", "03-19 12:00", "04-09 12:00", "04-30 12:00"]
    places = [one.place for one in CircleSession.objects.order_by("starts_at")]
    assert places == ["", "", "", "Room 2", "Room 2"]
    assert len(set(CircleSession.objects.values_list("series", flat=True))) == 1
    outbox.turn()
    assert [m.subject for m in mail.outbox if m.to == ["bob@example.org"]] == ["Alder circle: new dates"]


def test_a_guest_hears_that_their_session_moves_with_its_series(
    alice: Client, people: Cast, split: list[CircleSession], clock: Any
) -> None:
    guest = guest_invite(session=split[4], name="Gus", email="gus@example.org", by=people.alice, now=NOW)
    guest_accept(guest=guest, user=make_user("Gus Guest"), now=NOW)
    outbox.turn()
    mail.outbox.clear()
    change(alice, split[3], time="15:00", scope="following")
    outbox.turn()
    assert len([message for message in mail.outbox if message.to == ["gus@example.org"]]) == 1


def test_what_comes_before_and_another_series_stay(alice: Client, people: Cast, split: list[CircleSession]) -> None:
    make(people, first=date(2027, 2, 10), count=2)
    path = reverse("sessions:session_cancel", args=[split[2].code])
    alice.post(path, {"scope": "following", "reason": ""})
    assert locals_of() == ["02-04 16:00", "02-10 16:00", "02-25 09:00", "03-03 16:00"]
