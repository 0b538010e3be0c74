"""A journey in the room: on the shared screen, and where others came than were planned for."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from circles.enums import CircleStatus
from circles.models import Membership
from pages.ending_services import circle_leave
from sessions.enums import Ask
from sessions.formats.library import version_of
from sessions.journeys.library import journey_version_of
from sessions.live.presence_services import presence_arrive
from sessions.live.services import session_command
from sessions.live.starting_services import session_start
from sessions.models import CircleSession, Issue, Leg, SheetAnswer
from sessions.planning.bringing_services import issue_bring
from sessions.planning.journey_services import journey_take
from sessions.planning.preparation_services import sheet_write
from tests.factories import NOW, Cast, make_session, make_user, sign, signed_in

OPEN = "(open) "
THEME, QUESTION = "Who is here", "that was time well spent?"


def of_journey(people: Cast, number: int) -> CircleSession:
    """A session of the first journey, by its number."""
    for week in range(1, number + 1):
        session = make_session(people.circle, people.alice, in_=timedelta(days=7 * week))
    journey_take(circle=people.circle, version=journey_version_of("first_six"), by=people.alice, now=NOW)
    session.refresh_from_db()
    return session


def text_of(page: Any) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page.content.decode()).split())


@pytest.mark.parametrize("where", ["live", "shared"])
def test_a_room_without_a_journey_has_no_theme_and_keeps_the_look_one_chose(
    people: Cast, clock: Any, where: str
) -> None:
    client = signed_in(people.alice)
    client.cookies["theme"] = "dark"
    session = make_session(people.circle, people.alice)
    clock.move_to(session.starts_at)
    for themes in (0, 1):
        page = client.get(reverse(f"sessions:{where}", args=[session.code])).content.decode()
        assert page.count('data-key="theme"') == themes
        assert 'data-theme="dark"' in page
        if not themes:
            journey_take(circle=people.circle, version=journey_version_of("first_six"), by=people.alice, now=NOW)


@pytest.mark.parametrize("where", ["shared", "shared_room"])
def test_the_shared_screen_shows_the_theme_until_the_check_in_and_no_words_of_a_sheet(
    people: Cast, clock: Any, where: str
) -> None:
    session = of_journey(people, 1)
    sheet_write(session=session, leg=session.leg, owner=people.alice, texts={0: "canary sheet"}, now=NOW)
    client, path = signed_in(people.alice), reverse(f"sessions:{where}", args=[session.code])
    clock.move_to(session.starts_at)
    assert THEME in text_of(client.get(path))
    pks = [one.pk for one in (people.alice, people.bob, people.carol)]
    state = session_start(
        session=session, here=pks, presenting=pks, expected_seq=0, by=people.alice, now=session.starts_at
    )
    shown = [text_of(client.get(path))]
    while state.phase != "ended":
        state = session_command(
            session=session, kind="next", seat=min(state.steerers), expected_seq=state.seq, now=session.starts_at
        )
        shown.append(text_of(client.get(path)))
    assert "canary" not in " ".join(shown)
    said = [THEME in one and QUESTION in one for one in shown]
    # In the opening, and while each of the three checks in; then never again.
    assert said == [True] * 4 + [False] * (len(shown) - 4)


@pytest.mark.parametrize(("came", "planned", "held"), [(3, "forum", "Troika"), (9, "troika", "Hot seat")])
def test_the_lobby_says_what_those_who_came_will_do_instead(
    people: Cast, clock: Any, came: int, planned: str, held: str
) -> None:
    session = of_journey(people, 3)
    for n in range(5):
        Membership.objects.create(circle=people.circle, user=make_user(f"More{n} Person"), joined_at=NOW)
    members = [
        one.user for one in Membership.objects.filter(circle=people.circle).order_by("pk").select_related("user")[:came]
    ]
    sign(people.circle, people.alice)
    Leg.objects.filter(session=session).update(laid=planned)
    CircleSession.objects.filter(pk=session.pk).update(format_version=version_of(planned), minutes=60)
    clock.move_to(session.starts_at)
    presence_arrive(code=session.code, users={one.pk for one in members}, now=session.starts_at)
    page = text_of(signed_in(people.alice).get(reverse("sessions:live", args=[session.code])))
    name = version_of(planned).name
    assert re.search(rf"For the {came} who are here, your journey has .+ in place of {name}\.", page), page
    assert held in page


def test_what_is_typed_when_the_session_ends_comes_back(people: Cast, clock: Any) -> None:
    session = of_journey(people, 1)
    CircleSession.objects.filter(pk=session.pk).update(status="ended", ended_at=NOW)
    client, path = signed_in(people.bob), reverse("sessions:preparation", args=[session.code])
    page = client.post(path, {"answer_0": "half a page about my work"})
    assert "The session is over, so nothing is kept here any more." in page.content.decode()
    assert "half a page about my work" in page.content.decode()
    assert not SheetAnswer.objects.exists()
    assert client.get(path).url == reverse("sessions:session", args=[session.code])


def test_everybody_leaves_a_circle_on_a_journey(people: Cast, clock: Any) -> None:
    of_journey(people, 2)
    for one in (people.bob, people.carol, people.dave, people.alice):
        circle_leave(membership=Membership.objects.get(circle=people.circle, user=one), now=NOW)
    people.circle.refresh_from_db()
    assert people.circle.status == CircleStatus.CLOSED
    assert not Leg.objects.filter(session__status="planned").exists()


def walked(people: Cast, session: CircleSession, presenting: list[User], reader: User) -> list[tuple[str, bool, str]]:
    """What a session showed its reader: the part, whether the floor was theirs, the page; `OPEN` where the sheet is."""
    sheet_write(session=session, leg=session.leg, owner=reader, texts={0: "canary sheet"}, now=NOW)
    sign(people.circle, people.alice, people.bob, people.carol, people.dave)
    pks = [one.pk for one in (people.alice, people.bob, people.carol, people.dave)]
    state = session_start(
        session=session,
        here=pks,
        presenting=[one.pk for one in presenting],
        expected_seq=0,
        by=people.alice,
        now=session.starts_at,
    )
    client, path, seen = signed_in(reader), reverse("sessions:live", args=[session.code]), []
    while state.phase != "ended":
        page = client.get(path)
        opens = OPEN if 'data-key="sheet"' in page.content.decode() else ""
        seen.append((page.context["stage"].part, page.context["mine"], opens + text_of(page)))
        state = session_command(
            session=session, kind="next", seat=min(state.steerers), expected_seq=state.seq, now=session.starts_at
        )
    return seen


@pytest.mark.parametrize(
    ("key", "presenting", "shown"),
    [
        # Nobody presents: whenever the floor is theirs, but for the check-out, where one looks ahead.
        ("closing_session", "", True),
        # One case, and it is another's: they speak in rounds only.
        ("forum", "alice", True),
        # They present: in their turn, and in no round.
        ("forum", "bob", False),
    ],
)
def test_what_one_prepared_is_shown_when_one_speaks_also_where_one_does_not_present(
    people: Cast, clock: Any, key: str, presenting: str, shown: bool
) -> None:
    session = of_journey(people, 3)
    CircleSession.objects.filter(pk=session.pk).update(format_version=version_of(key), minutes=120)
    session = CircleSession.objects.get(pk=session.pk)
    clock.move_to(session.starts_at)
    who = [getattr(people, presenting)] if presenting else []
    seen = walked(people, session, who, people.bob)
    assert all("canary sheet" in page for _part, _mine, page in seen)
    sheets = [page.startswith(OPEN) for _part, _mine, page in seen]
    assert any(sheets)
    if shown:
        assert sheets == [mine and part != "check_out" for part, mine, _page in seen]
    else:
        assert not any(sheet for sheet, (part, _mine, _page) in zip(sheets, seen, strict=True) if part == "check_in")


@pytest.mark.parametrize(
    ("key", "shown"),
    # One presents; all who bring something do; all do in turn; it is chosen in the session, where the card stands too.
    [("forum", True), ("council", False), ("closing_session", False), ("incident_intervision", False)],
)
def test_the_lobby_says_how_to_choose_a_case_in_a_minute_where_not_all_present(
    people: Cast, clock: Any, key: str, shown: bool
) -> None:
    session = make_session(people.circle, people.alice, key=key)
    clock.move_to(session.starts_at)
    here = {one.pk for one in (people.alice, people.carol, people.dave)}
    presence_arrive(code=session.code, users=here, now=session.starts_at)
    for person in (people.alice, people.bob):
        page = text_of(signed_in(person).get(reverse("sessions:live", args=[session.code])))
        assert ("how urgent it is, how much of it is mine to change, how ready I am to share it" in page) is shown


def balint(people: Cast, clock: Any) -> CircleSession:
    """One tells, six reflect, and nobody else ever has a turn: Alice tells, Bob has prepared something."""
    session = of_journey(people, 2)
    for n in range(3):
        Membership.objects.create(circle=people.circle, user=make_user(f"More{n} Person"), joined_at=NOW)
    CircleSession.objects.filter(pk=session.pk).update(format_version=version_of("balint"), minutes=120)
    session = CircleSession.objects.get(pk=session.pk)
    sign(people.circle, people.alice, people.bob, people.carol)
    sheet_write(session=session, leg=session.leg, owner=people.bob, texts={0: "canary sheet"}, now=NOW)
    issue_bring(session=session, owner=people.alice, title="Her case", text="", ask=Ask.QUESTIONS)
    clock.move_to(session.starts_at)
    return session


def test_whoever_does_not_present_finds_their_sheet_from_the_lobby_to_the_end_and_nobody_else_does(
    people: Cast, clock: Any
) -> None:
    session = balint(people, clock)
    bob, carol = signed_in(people.bob), signed_in(people.carol)
    room, over = (reverse(f"sessions:{name}", args=[session.code]) for name in ("live", "session"))
    assert "canary sheet" in text_of(bob.get(room))
    ids = list(Membership.objects.filter(circle=people.circle).values_list("user", flat=True))
    state = session_start(
        session=session, here=ids, presenting=[people.alice.pk], expected_seq=0, by=people.alice, now=session.starts_at
    )
    while state.phase != "ended":
        page = bob.get(room)
        assert page.context["presenter"] != page.context["me"]
        assert "canary sheet" in text_of(page)
        assert "canary" not in text_of(carol.get(room))
        # What is brought at this moment is Alice's: Bob can bring his own, and take nothing back.
        assert "Bring this issue" in text_of(page)
        assert "Take it back" not in text_of(page)
        state = session_command(
            session=session, kind="next", seat=min(state.steerers), expected_seq=state.seq, now=session.starts_at
        )
    # Over, it stands beside the check-out, and on the page of the session.
    assert "What do you take with you?" in text_of(bob.get(room))
    for path in (room, over):
        assert "canary sheet" in text_of(bob.get(path))
    assert "canary" not in text_of(carol.get(over))
    bob.post(reverse("sessions:sharing", args=[session.code]), {"sharing": "on"})
    assert "canary" not in text_of(bob.get(over)) + text_of(bob.get(room, follow=True))


@pytest.mark.parametrize("runs", [False, True])
def test_one_press_in_the_room_brings_what_one_prepared(people: Cast, clock: Any, runs: bool) -> None:
    session = balint(people, clock)
    bob, room = signed_in(people.bob), reverse("sessions:live", args=[session.code])
    if runs:
        ids = list(Membership.objects.filter(circle=people.circle).values_list("user", flat=True))
        session_start(
            session=session,
            here=ids,
            presenting=[people.alice.pk],
            expected_seq=0,
            by=people.alice,
            now=session.starts_at,
        )
    assert "Bring what you prepared" in text_of(bob.get(room))
    pressed = bob.post(reverse("sessions:preparation_bring", args=[session.code]), {"next": "live"})
    assert pressed.url == room
    page = text_of(bob.get(room))
    assert "You bring this now." in page
    assert "Bring what you prepared" not in page
    assert Issue.objects.get(owner=people.bob).title == "canary sheet"


def test_where_nobody_brings_anything_a_sheet_is_no_issue(people: Cast, clock: Any) -> None:
    session = balint(people, clock)
    CircleSession.objects.filter(pk=session.pk).update(format_version=version_of("closing_session"))
    for name in ("preparation", "live"):
        page = text_of(signed_in(people.bob).get(reverse(f"sessions:{name}", args=[session.code])))
        assert "canary sheet" in page or name == "preparation"
        assert "Bring" not in page


@pytest.mark.parametrize(("key", "parts"), [("forum", {"check_out"}), ("troika", {"closing"})])
def test_what_to_promise_about_is_said_in_the_closing_where_there_is_no_check_out(
    people: Cast, clock: Any, key: str, parts: set[str]
) -> None:
    session = of_journey(people, 3)
    CircleSession.objects.filter(pk=session.pk).update(format_version=version_of(key), minutes=120)
    session = CircleSession.objects.get(pk=session.pk)
    clock.move_to(session.starts_at)
    promise = session.leg.step.text("promise")
    seen = walked(people, session, [people.bob], people.bob)
    assert {part for part, _mine, page in seen if promise in page} == parts
