"""Calendars that people let be looked into: what of a file is kept, who is told what, and how it goes again."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Leftover, User
from accounts.services import availability_add
from circles.vault import Vault
from pages.departure_services import person_has_left
from pages.erasing_services import person_erase
from pages.own_words_services import export_make
from sessions.enums import CalendarTrouble
from sessions.models import BusyCalendar
from sessions.planning import busy_child, busy_fetching, busy_running
from sessions.planning.busy_calendars import NoCalendar, busy_in
from sessions.planning.busy_running import CalendarAsked, CalendarRead, calendars_read
from sessions.planning.busy_services import busy_calendar_remove, busy_calendar_set, busy_forget, busy_read, busy_want
from sessions.rules.busy import SPANS_AT_MOST, BusySpans
from tests.factories import NOW, Cast, signed_in

ADDRESS = "https://calendar.example.org/private-secretofbob/basic.ics"
FIRST, LAST = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 11, 1, tzinfo=UTC)


def ics(*events: str, name: str = "VEVENT", more: str = "") -> bytes:
    text = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n" + more
    for at, event in enumerate(events):
        uid = "" if "UID:" in event else f"UID:{at}\n"
        text += f"BEGIN:{name}\n{uid}DTSTAMP:20261101T000000Z\nSUMMARY:canaryofbob\n{event}\nEND:{name}\n"
    return (text + "END:VCALENDAR\n").replace("\n", "\r\n").encode()


def told(raw: bytes, zone: str = "Europe/Berlin") -> list[str]:
    """Begin and end of each busy time, in UTC."""
    spans = busy_in(raw, zone, FIRST, LAST).spans
    return ["–".join(datetime.fromtimestamp(60 * at, UTC).strftime("%d.%m. %H:%M") for at in span) for span in spans]


@pytest.mark.parametrize(
    ("event", "busy"),
    [
        ("DTSTART:20261202T090000Z\nDTEND:20261202T100000Z", ["02.12. 09:00–02.12. 10:00"]),
        ("DTSTART;TZID=America/New_York:20261202T090000\nDURATION:PT30M", ["02.12. 14:00–02.12. 14:30"]),
        # Without a zone, and whole days: where its owner is.
        ("DTSTART:20261202T090000\nDTEND:20261202T100000", ["02.12. 08:00–02.12. 09:00"]),
        ("DTSTART;VALUE=DATE:20261202\nDTEND;VALUE=DATE:20261204", ["01.12. 23:00–03.12. 23:00"]),
        ("DTSTART:20261202T090000Z\nDTEND:20261202T100000Z\nTRANSP:TRANSPARENT", []),
        ("DTSTART:20261202T090000Z\nDTEND:20261202T100000Z\nSTATUS:CANCELLED", []),
        ("DTSTART:20261202T090000Z\nDTEND:20261202T100000Z\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", []),
        ("DTSTART:20261202T090000Z\nDTEND:20261202T100000Z\nX-MICROSOFT-CDO-BUSYSTATUS:OOF", ["02.12. 09:00–02.12. 10:00"]),
        ("DTSTART:20261202T090000Z\nDTEND:20261202T090000Z", []),
        ("DTSTART:20200101T090000Z\nDTEND:20200101T100000Z", []),
        ("DTSTART:20200101T090000Z\nDTEND:20200101T100000Z\nRRULE:FREQ=YEARLY", ["01.01. 09:00–01.01. 10:00"]),
        # Across the change of clocks the hour on the wall stays.
        (
            "DTSTART;TZID=Europe/Berlin:20270322T090000\nDTEND;TZID=Europe/Berlin:20270322T100000\nRRULE:FREQ=WEEKLY;COUNT=2",
            ["22.03. 08:00–22.03. 09:00", "29.03. 07:00–29.03. 08:00"],
        ),
        (
            "DTSTART:20261202T090000Z\nDTEND:20261202T100000Z\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261203T090000Z",
            ["02.12. 09:00–02.12. 10:00", "04.12. 09:00–04.12. 10:00"],
        ),
        ("DTSTART:20261202T090000Z\nDTEND:20261202T100000Z\nRDATE:20261209T090000Z",
         ["02.12. 09:00–02.12. 10:00", "09.12. 09:00–09.12. 10:00"]),
    ],
)  # fmt: skip
def test_of_an_entry_only_its_hours_are_kept(event: str, busy: list[str]) -> None:
    assert told(ics(event)) == busy


def test_one_of_many_that_was_moved_and_one_that_was_cancelled() -> None:
    every = "UID:a\nDTSTART:20261202T090000Z\nDTEND:20261202T100000Z\nRRULE:FREQ=WEEKLY;COUNT=3"
    moved = "UID:a\nRECURRENCE-ID:20261209T090000Z\nDTSTART:20261210T110000Z\nDTEND:20261210T120000Z"
    off = "UID:a\nRECURRENCE-ID:20261216T090000Z\nDTSTART:20261216T090000Z\nDTEND:20261216T100000Z\nSTATUS:CANCELLED"
    assert told(ics(every, moved, off)) == ["02.12. 09:00–02.12. 10:00", "10.12. 11:00–10.12. 12:00"]


def test_free_and_busy_times_without_entries() -> None:
    lines = (
        "FREEBUSY:20261202T090000Z/PT1H,20261202T093000Z/20261202T110000Z\nFREEBUSY;FBTYPE=FREE:20261203T090000Z/PT1H"
    )
    lines += "\nFREEBUSY;FBTYPE=BUSY-TENTATIVE:20261204T090000Z/PT1H"
    assert told(ics(lines, name="VFREEBUSY")) == ["02.12. 09:00–02.12. 11:00", "04.12. 09:00–04.12. 10:00"]


def test_an_entry_that_makes_no_sense_takes_no_other_along() -> None:
    good = "DTSTART:20261202T090000Z\nDTEND:20261202T100000Z"
    bad = (
        "DTSTART:never",
        "RRULE:FREQ=SOMETIMES\n" + good,
        "DTEND:20261202T100000Z",
        "DTSTART;TZID=Nowhere/X:20261202T090000",
    )
    assert "02.12. 09:00–02.12. 10:00" in told(ics(*bad, good))


@pytest.mark.parametrize(
    "raw", [b"", b"<html>", b"\xff\xfe\x00", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", b"BEGIN:VCALENDAR"]
)
def test_what_is_no_calendar_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(NoCalendar):
        busy_in(raw, "UTC", FIRST, LAST)


def test_a_calendar_without_end_is_kept_up_to_a_bound() -> None:
    daily = [f"DTSTART:20261101T{hour:02}0000Z\nDTEND:20261101T{hour:02}3000Z\nRRULE:FREQ=DAILY" for hour in range(12)]
    assert len(busy_in(ics(*daily), "UTC", FIRST, LAST).spans) == SPANS_AT_MOST


TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))


@given(st.lists(st.tuples(TIMES, st.integers(0, 3000)), max_size=8), TIMES, st.integers(1, 300))
def test_spans_say_the_same_as_a_look_at_each(several: list[tuple[datetime, int]], at: datetime, minutes: int) -> None:
    spans = [(begin, begin + timedelta(minutes=length)) for begin, length in several]
    busy, end = BusySpans.of(spans), at + timedelta(minutes=minutes)
    assert BusySpans.read(busy.written()) == busy
    whole = [
        (datetime.fromtimestamp(begin.timestamp() // 60 * 60, UTC), datetime.fromtimestamp(-(-stop.timestamp() // 60) * 60, UTC))
        for begin, stop in spans
    ]  # fmt: skip
    assert busy.is_busy(at, minutes) == any(begin < end and at < stop and begin < stop for begin, stop in whole)


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[[1]]", "[[2,1]]", "{}", "[[1,2.5]]", "[[true,3]]", "[" * 9999, "null"]
)
def test_what_was_not_written_here_says_nothing(text: str) -> None:
    assert BusySpans.read(text).spans == ()


# The process of its own


def asked(address: str = ADDRESS) -> CalendarAsked:
    return CalendarAsked(address, "UTC", FIRST, LAST)


def test_a_process_of_its_own_answers_for_each() -> None:
    assert calendars_read([asked("https://localhost/"), asked("https://a.invalid/")]) == [
        CalendarRead(trouble="nowhere"), CalendarRead(trouble="nowhere"),
    ]  # fmt: skip


CHILD = """
import sys, time
from sessions.planning import busy_child, busy_fetching
busy_child.FETCHING_SECONDS = busy_child.READING_SECONDS = 2
busy_fetching.fetch = lambda address, network: {what}
busy_child.main()
"""
ENDLESS = ics("DTSTART:20261101T000000Z\nDTEND:20261101T000001Z\nRRULE:FREQ=SECONDLY")


@pytest.mark.parametrize(
    ("what", "trouble"),
    [
        ("time.sleep(60)", "slow"),
        (repr(ENDLESS), "unreadable"),
        ("bytes(3_000_000_000)", "unreadable"),
        ("sys.exit(3)", "unreadable"),
        ("1 / 0", "unreadable"),
        (repr(ics("DTSTART:20261202T090000Z\nDTEND:20261202T100000Z")), ""),
    ],
)
def test_whatever_lies_there_ends_in_time_and_memory(monkeypatch: pytest.MonkeyPatch, what: str, trouble: str) -> None:
    real = subprocess.run

    def run(_words: list[str], **how: Any) -> Any:
        return real([sys.executable, "-c", CHILD.format(what=what)], **how)

    monkeypatch.setattr(busy_running.subprocess, "run", run)
    (read,) = calendars_read([asked()])
    assert (read.trouble, bool(read.busy.spans)) == (trouble, not trouble)


def test_one_that_says_nothing_at_all_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busy_running, "TAKES_AT_MOST", 0.01)
    assert calendars_read([asked()]) == [CalendarRead(trouble="slow")]


def test_neither_address_nor_keys_are_for_the_machine_to_see(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setenv("SECRET_KEY", "secretofthesite")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setattr(
        busy_running.subprocess, "run", lambda words, **how: seen.append((words, how["env"])) or subprocess.CompletedProcess(words, 1, b"")
    )  # fmt: skip
    calendars_read([asked()])
    assert [word for word in ("secretofbob", "secretofthesite", "proxy") if word in repr(seen)] == []


def test_each_trouble_has_its_words() -> None:
    said = {busy_fetching.NOWHERE, busy_fetching.SLOW, busy_fetching.LARGE, busy_fetching.REFUSED, busy_fetching.UNSAFE}
    assert said | {busy_child.UNREADABLE, ""} == set(CalendarTrouble.values)


# Who lets theirs be looked into, and who is told what


@pytest.fixture
def clock(db: None) -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


def reads(*spans: tuple[datetime, int], trouble: str = "") -> Any:
    """A reader that finds these times busy, from a moment on for so many minutes."""
    found = BusySpans.of((begin, begin + timedelta(minutes=minutes)) for begin, minutes in spans)
    return lambda rows: [CalendarRead(found, trouble) for _row in rows]


def let(user: User, *spans: tuple[datetime, int]) -> None:
    """Somebody lets their calendar be looked into, and it has been."""
    busy_calendar_set(user=user, address=ADDRESS, now=NOW)
    assert busy_read(clock=lambda: NOW, reader=reads(*spans)) == 1


def page(client: Client, path: str, **query: str) -> str:
    return " ".join(client.get(path, query).content.decode().split())


def test_an_address_is_pasted_shown_by_its_host_and_taken_away(clock: Any, people: Cast) -> None:
    bob, path = signed_in(people.bob), reverse("pages:times")
    answer = bob.post(path, {"what": "calendar", "address": ADDRESS.replace("https", "webcal")})
    assert answer.status_code == 302
    row = BusyCalendar.objects.get()
    assert (row.user, row.address, row.wanted_at) == (people.bob, ADDRESS, NOW)
    shown = page(bob, path)
    assert "calendar.example.org" in shown
    assert "waits to be looked into" in shown
    assert "secretofbob" not in shown
    busy_read(clock=lambda: NOW, reader=reads(trouble="slow"))
    assert "It took longer than five seconds." in page(bob, path)
    busy_read(clock=lambda: NOW, reader=reads())
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM circle_sessions_busycalendar")
        assert b"secretofbob" not in b"".join(
            bytes(one) for one in cursor.fetchone() if isinstance(one, bytes | memoryview)
        )
    vaults = Vault.objects.count()
    signed_in(people.carol).post(reverse("pages:busy_remove"))
    assert BusyCalendar.objects.exists(), "only one's own"
    bob.post(reverse("pages:busy_remove"))
    assert (BusyCalendar.objects.count(), Vault.objects.count()) == (0, vaults - 1)
    assert {"circle_sessions_busycalendar", "circles_vault"} <= set(Leftover.objects.values_list("table", flat=True))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "Paste the address of your calendar."),
        ("http://calendar.example.org/a.ics", "begins with https://"),
        ("https://127.0.0.1/a.ics", "Paste an address on the internet"),
        ("https://" + "a" * 2000, "at most 2000 characters"),
        ("https://circles.example/feed.ics", "This is an address of this site."),
    ],
)
def test_what_is_no_such_address_is_said_beside_the_field(clock: Any, people: Cast, address: str, said: str) -> None:
    with override_settings(SITE_URL="https://circles.example"):
        answer = signed_in(people.bob).post(reverse("pages:times"), {"what": "calendar", "address": address})
    assert said in " ".join(answer.context["calendar"].errors.get("address", []))
    assert address in answer.content.decode()
    assert not BusyCalendar.objects.exists()


def test_another_address_takes_the_place_of_the_first(clock: Any, people: Cast) -> None:
    let(people.bob, (NOW, 60))
    signed_in(people.bob).post(reverse("pages:times"), {"what": "calendar", "address": ADDRESS + "?2"})
    row = BusyCalendar.objects.get()
    assert (row.address, row.read_at, row.spans.spans) == (ADDRESS + "?2", None, ())


def test_nobody_has_one_calendar_after_another_fetched_by_taking_each_away(clock: Any, people: Cast) -> None:
    path, bob = reverse("pages:times"), signed_in(people.bob)

    def pasted(at: int) -> bool:
        answer = bob.post(path, {"what": "calendar", "address": f"{ADDRESS}?{at}"})
        bob.post(reverse("pages:busy_remove"))
        assert answer.status_code == 302 or "Try again in a while." in answer.content.decode()
        return answer.status_code == 302

    assert [pasted(at) for at in range(3)] == [True, False, False]
    taken = 1
    for at in range(20):
        clock.shift(timedelta(seconds=30))
        taken += pasted(at)
    assert taken == 10
    clock.shift(timedelta(hours=1))
    assert pasted(0)


def test_in_a_poll_people_read_of_themselves_and_of_somebody(clock: Any, people: Cast) -> None:
    alice, bob = signed_in(people.alice), signed_in(people.bob)
    let(people.bob, (datetime(2027, 2, 1, 16, 30, tzinfo=UTC), 60))
    form = {"date0": "2027-02-01", "time0": "16:00", "date1": "2027-02-02", "time1": "16:00"}
    clock.shift(timedelta(minutes=6))
    poll = alice.post(reverse("sessions:poll_start", args=[people.circle.code]), form)["Location"]
    assert BusyCalendar.objects.get().wanted_at == NOW + timedelta(minutes=6), "and it is looked into once more"
    theirs, own = page(alice, poll), page(bob, poll)
    assert (theirs.count("Somebody has something then."), theirs.count("You have something then.")) == (1, 0)
    assert (own.count("Somebody has something then."), own.count("You have something then.")) == (0, 1)
    clock.shift(timedelta(days=1))
    assert "has something then" not in page(alice, poll), "what was read is a day old"


def test_where_a_time_is_looked_for_it_decides_between_times_that_are_as_good(clock: Any, people: Cast) -> None:
    alice, path = signed_in(people.alice), reverse("sessions:find_time", args=[people.circle.code])
    for one in (people.alice, people.bob, people.carol, people.dave):
        availability_add(user=one, weekdays=[0, 2], start=9 * 60, end=12 * 60, level="good")
    asked = {"from": "2027-02-01", "number": "3", "weeks": "1", "minutes": "60"}
    before = page(alice, path, **asked)
    assert "look into them now" not in before.lower()
    # On the first of three Mondays at nine; on all Wednesdays the whole morning.
    wednesdays = [(datetime(2027, 2, day, 9, tzinfo=UTC), 180) for day in (3, 10, 17)]
    let(people.bob, (datetime(2027, 2, 1, 9, 15, tzinfo=UTC), 30), *wednesdays)
    found = page(alice, path, **asked)
    assert "A start at 10:00 meets the fewest other appointments." in found
    assert "Somebody has something then: 3 February, 10 February, 17 February" in found
    assert found.index("Monday") < found.index("Wednesday")
    assert "time=10:00" in found.replace("%3A", ":")
    assert "Bob" not in found.split("The best times")[1].split("Not counted")[0]
    busy_calendar_remove(user=people.bob)
    let(people.carol, *((at - timedelta(days=2), minutes) for at, minutes in wednesdays))
    found = page(alice, path, **asked)
    assert found.index("Wednesday") < found.index("Monday"), "as good, and nothing in the way"


def test_the_preview_of_a_series_says_it_of_each_date(clock: Any, people: Cast) -> None:
    let(people.bob, (datetime(2027, 7, 14, 15, 30, tzinfo=UTC), 60))
    form = {
        "format": "council", "date": "2027-07-14", "time": "16:00", "zone": "Europe/London", "people": "4",
        "minutes": "120", "place": "", "call_link": "", "repeat": "1", "count": "2", "until": "", "also": "", "show": "1",
    }  # fmt: skip
    said = signed_in(people.alice).post(reverse("sessions:schedule", args=[people.circle.code]), form)
    assert said.content.decode().count("Somebody has something then.") == 1


def test_a_press_has_them_looked_into_and_not_again_within_minutes(clock: Any, people: Cast) -> None:
    let(people.bob)
    alice = signed_in(people.alice)
    look, find = (reverse(f"sessions:{name}", args=[people.circle.code]) for name in ("busy_look", "find_time"))
    assert "Last looked into" in page(alice, find)
    assert "a moment ago" in alice.post(look, follow=True).content.decode()
    clock.shift(timedelta(minutes=6))
    assert "being looked into" in alice.post(look, follow=True).content.decode()
    assert "Being looked into now" in page(alice, find)
    assert busy_want(people=[people.bob], now=NOW + timedelta(minutes=7)) == 0


def test_what_was_read_is_forgotten_after_a_day_to_the_second(clock: Any, people: Cast) -> None:
    let(people.bob, (NOW, 60))
    Leftover.objects.all().delete()
    assert busy_forget(now=NOW + timedelta(days=1, seconds=-1)) == 0
    assert busy_forget(now=NOW + timedelta(days=1)) == 1
    row = BusyCalendar.objects.get()
    assert (row.__dict__["busy"], row.read_at, row.address) == (None, None, ADDRESS)
    assert list(Leftover.objects.values_list("table", flat=True)) == ["circle_sessions_busycalendar"]


def test_one_that_cannot_be_read_keeps_what_was_known(clock: Any, people: Cast) -> None:
    let(people.bob, (NOW, 60))
    later = NOW + timedelta(hours=1)
    busy_want(people=[people.bob], now=later)
    busy_read(clock=lambda: later, reader=reads(trouble="refused"))
    row = BusyCalendar.objects.get()
    assert (row.trouble, row.tried_at, row.read_at, len(row.spans.spans)) == ("refused", later, NOW, 1)


def test_taken_away_while_it_is_read_it_stays_away(clock: Any, people: Cast) -> None:
    busy_calendar_set(user=people.bob, address=ADDRESS, now=NOW)

    def reader(rows: Any) -> Any:
        busy_calendar_remove(user=people.bob)
        return reads((NOW, 60))(rows)

    busy_read(clock=lambda: NOW, reader=reader)
    assert not BusyCalendar.objects.exists()


def test_two_workers_read_none_twice_and_one_that_died_is_read_later(clock: Any, people: Cast) -> None:
    busy_calendar_set(user=people.bob, address=ADDRESS, now=NOW)
    second: list[int] = []

    def reader(rows: Any) -> Any:
        second.append(busy_read(clock=lambda: NOW, reader=reads()))
        raise RuntimeError("killed here")

    with pytest.raises(RuntimeError):
        busy_read(clock=lambda: NOW, reader=reader)
    assert second == [0]
    assert busy_read(clock=lambda: NOW + timedelta(minutes=5), reader=reads((NOW, 60))) == 1
    assert len(BusyCalendar.objects.get().spans.spans) == 1


def test_a_key_that_is_missing_breaks_nothing(clock: Any, people: Cast) -> None:
    let(people.bob, (NOW, 60))
    Vault.objects.filter(pk=BusyCalendar.objects.get().vault_id).update(key_id="another")
    assert "has something then" not in page(
        signed_in(people.alice), reverse("sessions:find_time", args=[people.circle.code])
    )
    assert signed_in(people.bob).get(reverse("pages:times")).status_code == 200
    busy_want(people=[people.bob], now=NOW + timedelta(hours=1))
    assert busy_read(clock=lambda: NOW + timedelta(hours=1), reader=reads()) == 1
    assert BusyCalendar.objects.get().trouble == "unreadable"


def test_it_goes_with_the_account_and_with_the_organisation(clock: Any, people: Cast) -> None:
    let(people.bob)
    let(people.carol)
    with zipfile.ZipFile(io.BytesIO(export_make(user=people.bob, now=NOW))) as files:
        told = b"".join(files.read(name) for name in files.namelist())
    assert b"calendar looked into since" in told
    assert b"secretofbob" not in told
    person_erase(user=people.bob, now=NOW)
    person_has_left(user=people.carol, by=User.objects.create_superuser("sue@example.org"), now=NOW)
    assert not BusyCalendar.objects.exists()


def test_switched_off_nothing_is_asked_read_or_told(clock: Any, people: Cast) -> None:
    let(people.bob, (NOW, 60))
    with override_settings(BUSY_CALENDARS=False):
        bob = signed_in(people.bob)
        assert "Your own calendar" not in page(bob, reverse("pages:times"))
        clock.shift(timedelta(minutes=1))
        answer = bob.post(reverse("pages:times"), {"what": "calendar", "address": ADDRESS})
        assert "looks into nobody" in answer.content.decode()
        assert busy_want(people=[people.bob], now=NOW + timedelta(hours=1)) == 0
        assert busy_read(clock=lambda: NOW) == 0
        assert "Calendars" not in page(
            signed_in(people.alice), reverse("sessions:find_time", args=[people.circle.code])
        )


def test_the_tasks_do_it(clock: Any, people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from sessions.tasks import close_forgotten, read_busy

    busy_calendar_set(user=people.bob, address="https://a.invalid/", now=NOW)
    read_busy()
    assert BusyCalendar.objects.get().trouble == "nowhere"
    busy_read(clock=lambda: NOW + timedelta(hours=1), reader=reads((NOW, 60)))
    clock.shift(timedelta(days=1))
    BusyCalendar.objects.update(read_at=NOW)
    close_forgotten()
    assert BusyCalendar.objects.get().read_at is None
