"""Journeys of a circle: taking, following its dates, skipping, swapping, leaving; who came; files and versions."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import RestrictedError
from django.test import Client
from django.urls import reverse

from accounts.refusals import Refused
from circles.models import Circle, Membership
from sessions.formats.files import write_file
from sessions.formats.library import version_of
from sessions.formats.services import format_copy, format_retire
from sessions.journeys.library import journey_version_of, shipped_definitions
from sessions.journeys.services import journey_change, journey_copy
from sessions.live.starting_services import session_start
from sessions.models import CircleSession, Issue, Journey, JourneyTaken, JourneyVersion, Leg, SheetAnswer
from sessions.planning.journey_services import journey_leave, journey_take, leg_skip, leg_swap
from sessions.planning.preparation_services import sheet_write
from sessions.planning.services import session_cancel, sessions_settle
from tests.factories import NOW, Cast, make_session, make_user, signed_in


def dates(people: Cast, count: int) -> list[CircleSession]:
    return [make_session(people.circle, people.alice, in_=timedelta(days=7 * n)) for n in range(1, count + 1)]


def take(people: Cast, key: str = "first_six") -> JourneyTaken:
    return journey_take(circle=people.circle, version=journey_version_of(key), by=people.alice, now=NOW)


def laid(taken: JourneyTaken) -> list[tuple[int, datetime | None]]:
    return [
        (leg.number, leg.session.starts_at if leg.session else None)
        for leg in taken.legs.select_related("session").order_by("place", "pk")
    ]


def test_a_journey_fills_the_dates_there_are_and_those_that_come(people: Cast) -> None:
    first, second = dates(people, 2)
    taken = take(people)
    assert laid(taken) == [(0, first.starts_at), (1, second.starts_at), *[(n, None) for n in range(2, 6)]]
    third = make_session(people.circle, people.alice, in_=timedelta(days=21))
    assert laid(taken)[2] == (2, third.starts_at)


def test_each_date_gets_the_format_for_those_who_take_part_until_somebody_chooses_another(people: Cast) -> None:
    third = dates(people, 3)[2]
    taken = take(people)
    third.refresh_from_db()
    assert third.format_version.format.ref == "troika"  # four people
    for name in ("Finn Five", "Sid Six"):
        Membership.objects.create(circle=people.circle, user=make_user(name), joined_at=NOW)
    leg_skip(leg=taken.legs.get(number=5), skip=True, now=NOW)  # whatever changes something about the dates
    third.refresh_from_db()
    assert third.format_version.format.ref == "forum"  # six
    CircleSession.objects.filter(pk=third.pk).update(format_version=version_of("hot_seat"))
    leg_skip(leg=taken.legs.get(number=5), skip=False, now=NOW)
    third.refresh_from_db()
    assert third.format_version.format.ref == "hot_seat"


def test_a_date_that_is_planned_on_the_way_keeps_the_format_it_was_planned_with(people: Cast) -> None:
    """Whoever plans one date with a format of their choice means it; the usual one is only what is offered."""
    take(people)
    later = NOW + timedelta(hours=1)
    chosen = make_session(people.circle, people.alice, now=later, key="forum")
    usual = make_session(people.circle, people.alice, now=later, key="council", in_=timedelta(days=60))
    sessions_settle(circle=people.circle, sessions=[], now=later)
    for one in (chosen, usual):
        one.refresh_from_db()
        assert one.leg.number == (0 if one == chosen else 1)
    assert chosen.format_version.format.ref == "forum"
    # The next session of the journey may be held in council, and is; one that may not be gets what it may.
    assert usual.format_version.format.ref in usual.leg.step.formats


def test_a_cancelled_date_hands_its_session_on(people: Cast) -> None:
    first, second = dates(people, 2)
    taken = take(people)
    session_cancel(session=first, now=NOW)
    assert laid(taken)[:2] == [(0, second.starts_at), (1, None)]


def test_one_is_skipped_taken_up_again_and_brought_forward(people: Cast) -> None:
    first, second = dates(people, 2)
    taken = take(people)
    leg = taken.legs.get(number=0)
    leg_skip(leg=leg, skip=True, now=NOW)
    assert laid(taken)[:3] == [(0, None), (1, first.starts_at), (2, second.starts_at)]
    leg_skip(leg=leg, skip=False, now=NOW)
    assert laid(taken)[:2] == [(0, first.starts_at), (1, second.starts_at)]
    leg_swap(leg=taken.legs.get(number=1), now=NOW)
    assert laid(taken)[:2] == [(1, first.starts_at), (0, second.starts_at)]
    with pytest.raises(Refused, match="It is the next one already"):
        leg_swap(leg=taken.legs.get(number=1), now=NOW)


def test_what_was_held_keeps_its_date_and_is_not_skipped(people: Cast) -> None:
    first, second = dates(people, 2)
    taken = take(people)
    CircleSession.objects.filter(pk=first.pk).update(status="ended", ended_at=NOW)
    with pytest.raises(Refused, match="has begun"):
        leg_skip(leg=taken.legs.get(number=0), skip=True, now=NOW)
    leg_skip(leg=taken.legs.get(number=1), skip=True, now=NOW)
    assert laid(taken)[:3] == [(0, first.starts_at), (1, None), (2, second.starts_at)]


def test_leaving_keeps_dates_and_what_was_held_and_lets_another_be_taken(people: Cast) -> None:
    first, second = dates(people, 2)
    taken = take(people)
    CircleSession.objects.filter(pk=first.pk).update(status="ended", ended_at=NOW)
    with pytest.raises(Refused, match="on a journey already"):
        take(people, "forum_year")
    journey_leave(circle=people.circle, by=people.alice, now=NOW)
    assert laid(taken)[:2] == [(0, first.starts_at), (1, None)]
    assert CircleSession.objects.filter(status="planned").get() == second
    with pytest.raises(Refused, match="on no journey"):
        journey_leave(circle=people.circle, by=people.alice, now=NOW)
    assert laid(take(people, "forum_year"))[0] == (0, second.starts_at)


def test_a_journey_that_is_changed_leaves_sessions_that_have_it_alone(people: Cast) -> None:
    [first] = dates(people, 1)
    own = journey_copy(circle=people.circle, definition=shipped_definitions()["first_six"], name="Our six", now=NOW)
    version = own.versions.get()
    taken = journey_take(circle=people.circle, version=version, by=people.alice, now=NOW)
    texts = {"theme": {"en": "Another"}, "question": {"en": "Why?"}}
    changed = {**version.definition, "sessions": [{"formats": ["council", "forum"], "texts": texts}]}
    newer = journey_change(journey=own, definition=changed, seen=1, now=NOW)
    assert (newer.number, newer.rule.steps[0].text("theme")) == (2, "Another")
    leg_skip(leg=taken.legs.get(number=5), skip=True, now=NOW)
    leg = Leg.objects.get(session=first)
    assert (leg.version, leg.theme) == (version, "Who is here")
    with pytest.raises(Refused, match="just changed this journey"):
        journey_change(journey=own, definition=version.definition, seen=1, now=NOW)
    assert journey_change(journey=own, definition=changed, seen=2, now=NOW) == newer


def _own_format(people: Cast) -> str:
    from sessions.formats.library import definitions

    made = format_copy(circle=people.circle, definition=definitions()["council"], name="Ours", now=NOW)
    return made.ref


def test_a_format_that_was_put_away_gives_way_to_the_next(people: Cast) -> None:
    ref = _own_format(people)
    definition: dict[str, Any] = dict(shipped_definitions()["first_six"])
    definition["sessions"] = [{**definition["sessions"][0], "formats": [ref, "council", "forum"]}]
    own = journey_copy(circle=people.circle, definition=definition, name="Ours", now=NOW)
    [first] = dates(people, 1)
    taken = journey_take(circle=people.circle, version=own.versions.get(), by=people.alice, now=NOW)
    first.refresh_from_db()
    assert first.format_version.format.ref == ref
    format_retire(format=first.format_version.format, now=NOW)
    leg_skip(leg=taken.legs.get(), skip=True, now=NOW)
    leg_skip(leg=taken.legs.get(), skip=False, now=NOW)
    first.refresh_from_db()
    assert first.format_version.format.ref == "council"


def start(circle: Circle, session: CircleSession, here: int) -> CircleSession:
    members = [
        one.user for one in Membership.objects.filter(circle=circle).order_by("pk").select_related("user")[:here]
    ]
    pks = [one.pk for one in members]
    session_start(session=session, here=pks, presenting=pks[:1], expected_seq=0, by=members[0], now=session.starts_at)
    session.refresh_from_db()
    return session


def test_a_session_planned_for_four_is_held_by_the_three_or_nine_who_came(people: Cast) -> None:
    third, later = dates(people, 4)[2:]
    CircleSession.objects.filter(pk__in=[third.pk, later.pk]).update(minutes=60)
    taken = take(people)
    leg = taken.legs.get(number=2)
    Leg.objects.filter(session=third).update(laid="forum")
    CircleSession.objects.filter(pk=third.pk).update(format_version=version_of("forum"))
    third.refresh_from_db()
    assert start(people.circle, third, 3).format_version.format.ref == "troika"
    leg.refresh_from_db()
    assert leg.session == third
    for n in range(5):
        Membership.objects.create(circle=people.circle, user=make_user(f"More{n} Person"), joined_at=NOW)
    later.refresh_from_db()
    held = start(people.circle, later, 9)
    assert held.format_version.rule.least <= 9 <= held.format_version.rule.most


# The pages.


def test_the_catalogue_and_a_page_say_what_there_is(people: Cast) -> None:
    client = signed_in(people.bob)
    listed = client.get(reverse("journeys:journeys")).content.decode()
    assert listed.count("<h2") == 8
    page = client.get(reverse("journeys:journey", args=["clinicians"]), {"people": "3", "minutes": "60"})
    said = page.content.decode()
    for words in ("The patient you dread", "Whose name on the list makes your heart sink?", "For whom not", "Troika"):
        assert words in said
    assert client.get(reverse("journeys:journey", args=["nothing"])).status_code == 404


@pytest.mark.parametrize("asked", [{"people": "99", "minutes": "x"}, {"people": "-1"}, {}])
def test_a_page_asked_for_nonsense_shows_the_usual(people: Cast, asked: dict[str, str]) -> None:
    page = signed_in(people.bob).get(reverse("journeys:journey", args=["first_six"]), asked)
    assert (page.context["people"], page.context["minutes"]) == (5, 90)


def test_a_circle_takes_skips_swaps_and_leaves_by_presses(people: Cast) -> None:
    dates(people, 2)
    client = signed_in(people.alice)
    take_it = reverse("sessions:journey_take", args=[people.circle.code])
    another = reverse("journeys:journey", args=["clinicians"])
    assert "Take it with them" in client.get(another).content.decode()
    page = client.post(take_it, {"journey": "first_six"}, follow=True)
    assert "Your circle is on this journey now." in page.content.decode()
    # It takes no other meanwhile, and nobody is offered what would be refused.
    assert "Take it with them" not in client.get(another).content.decode()
    assert "On a journey" in client.get(another).content.decode()
    taken = JourneyTaken.objects.get()
    legs = {leg.number: leg for leg in taken.legs.all()}
    swap = reverse("sessions:leg_swap", args=[people.circle.code, legs[1].code])
    assert client.post(swap).url.endswith("#leg-1")
    skip = reverse("sessions:leg_skip", args=[people.circle.code, legs[3].code])
    client.post(skip, {"skip": "yes"})
    assert [n for n, _at in laid(taken)] == [1, 0, 2, 3, 4, 5]
    assert taken.legs.get(number=3).skipped_at
    page = client.get(reverse("sessions:circle_journey", args=[people.circle.code]))
    assert page.content.decode().count("left out") == 1
    client.post(reverse("sessions:journey_leave", args=[people.circle.code]))
    taken.refresh_from_db()
    assert taken.left_at
    # A member who does not look after the circle reads and changes nothing.
    assert signed_in(people.bob).post(take_it, {"journey": "first_six"}).status_code == 404
    assert "not offered any more" in client.post(take_it, {"journey": "nothing"}, follow=True).content.decode()


def test_two_who_bring_it_forward_at_once_move_it_one_place(people: Cast) -> None:
    dates(people, 4)
    taken = take(people)
    Membership.objects.filter(circle=people.circle, user=people.bob).update(facilitates=True)
    leg = taken.legs.get(number=2)
    path = reverse("sessions:leg_swap", args=[people.circle.code, leg.code])
    page = signed_in(people.bob).get(reverse("sessions:circle_journey", args=[people.circle.code])).content.decode()
    assert f'name="place" value="{leg.place}"' in page
    first, second = (
        signed_in(one).post(path, {"place": "2"}, follow=True).content.decode() for one in (people.alice, people.bob)
    )
    said = "Somebody has just moved it. This is how it is now."
    assert (said in first, said in second) == (False, True)
    assert taken.legs.get(number=2).place == 1


def test_a_circle_is_deleted_with_the_journey_it_wrote_and_is_on(people: Cast) -> None:
    own = journey_copy(circle=people.circle, definition=shipped_definitions()["first_six"], name="Ours", now=NOW)
    dates(people, 2)
    journey_take(circle=people.circle, version=own.versions.get(), by=people.alice, now=NOW)
    with pytest.raises(RestrictedError), transaction.atomic():
        own.delete()  # a journey alone, while somebody is on it
    people.circle.delete()
    assert not Leg.objects.exists()
    assert not Journey.objects.filter(pk=own.pk).exists()


def test_the_page_of_a_session_shows_its_theme(people: Cast) -> None:
    first, _second = dates(people, 2)
    take(people)
    page = signed_in(people.bob).get(reverse("sessions:session", args=[first.code])).content.decode()
    assert "Who is here" in page
    assert "that was time well spent?" in page


def test_a_copy_is_changed_as_text_and_a_mistake_is_said_by_its_line(people: Cast) -> None:
    client = signed_in(people.alice)
    copied = client.post(
        reverse("journeys:copy", args=["first_six"]), {"circle": str(people.circle.code), "name": "Our six"}
    )
    own = Journey.objects.get(circle=people.circle)
    assert copied.url == reverse("journeys:edit", args=[own.ref])
    text = client.get(copied.url).context["form"].initial["text"]
    bad = client.post(copied.url, {"text": text.replace("council", "concil", 1), "seen": "1"})
    line = text.splitlines().index("      - council") + 1
    assert f"Line {line}: sessions › 1 › formats › 1: There is no format “concil” here" in bad.content.decode()
    assert "concil" in bad.context["form"]["text"].value()
    good = client.post(copied.url, {"text": text.replace("Who is here", "Who we are"), "seen": "1"}, follow=True)
    assert "Who we are" in good.content.decode()
    assert JourneyVersion.objects.filter(journey=own).count() == 2
    stale = client.post(copied.url, {"text": text, "seen": "1"})
    assert "Somebody else has just changed this journey." in stale.content.decode()
    client.post(reverse("journeys:retire", args=[own.ref]))
    assert client.get(copied.url).status_code == 404
    assert client.get(reverse("journeys:journey", args=[own.ref])).status_code == 200


def test_a_file_is_brought_and_a_bad_one_changes_nothing(people: Cast) -> None:
    client = signed_in(people.alice)
    path = reverse("journeys:import", args=[people.circle.code])
    fresh = client.get(reverse("journeys:file", args=["forum_year"]))
    assert fresh.headers["Content-Disposition"] == 'attachment; filename="forum_year.yaml"'
    definition = shipped_definitions()["forum_year"]
    thirteen = write_file({**definition, "key": "x"}) + fresh.content.decode().split("sessions:\n")[1].split("  - f")[
        1
    ].join(["  - f", ""])
    page = client.post(path, {"file": SimpleUploadedFile("a.yaml", thirteen.encode())})
    assert "These are 13 sessions; a journey can have 12." in page.content.decode()
    for bad in (b"\xff\xfe", b"x" * 100_001, b"a: &a [*a]", b"", b"- x\n" * 20_000):
        page = client.post(path, {"file": SimpleUploadedFile("a.yaml", bad)})
        assert page.status_code == 200
    assert not Journey.objects.filter(circle=people.circle).exists()
    client.post(path, {"file": SimpleUploadedFile("a.yaml", fresh.content)})
    own = Journey.objects.get(circle=people.circle)
    assert own.versions.get().rule.text("name") == "A forum year"


def test_pages_of_journeys_cost_the_same_with_one_and_with_three(
    people: Cast, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(people.alice)
    dates(people, 2)
    take(people)
    paths = (
        reverse("journeys:journeys"), reverse("journeys:journey", args=["first_six"]),
        reverse("sessions:circle_journey", args=[people.circle.code]),
    )  # fmt: skip
    for _times in range(2):
        for path in paths:
            with django_assert_max_num_queries(9):
                client.get(path)
        for n in range(3):
            journey_copy(circle=people.circle, definition=shipped_definitions()["first_six"], name=f"Ours {n}", now=NOW)
        dates_more = [make_session(people.circle, people.alice, in_=timedelta(days=50 + n)) for n in range(2)]
        assert dates_more
        CircleSession.objects.filter(pk__in=[one.pk for one in dates_more]).delete()


# The sheet to prepare with.


@pytest.fixture
def prepared(people: Cast, clock: Any) -> tuple[CircleSession, Client]:
    first, _second = dates(people, 2)
    take(people)
    first.refresh_from_db()
    return first, signed_in(people.bob)


ANSWERS = {"answer_0": "canary at work", "answer_1": "canary hope", "answer_2": ""}


def test_a_sheet_is_kept_for_its_writer_alone(prepared: tuple[CircleSession, Client], people: Cast) -> None:
    session, bob = prepared
    path = reverse("sessions:preparation", args=[session.code])
    page = bob.post(path, ANSWERS, follow=True).content.decode()
    assert "Saved. Nobody else can read it." in page
    assert "canary hope" in page
    assert {(a.question, str(a.text)) for a in SheetAnswer.objects.all()} == {(0, "canary at work"), (1, "canary hope")}
    for other in (people.alice, people.carol):
        client = signed_in(other)
        for where in ("preparation", "session", "live"):
            assert "canary" not in client.get(reverse(f"sessions:{where}", args=[session.code])).content.decode()
    bob.post(path, {**ANSWERS, "answer_0": ""})
    assert SheetAnswer.objects.get().question == 1
    long = bob.post(path, {"answer_0": "x" * 1001})
    assert long.status_code == 200
    assert "x" * 1001 in long.content.decode()
    assert SheetAnswer.objects.count() == 1


def test_one_press_makes_it_the_issue_one_brings(prepared: tuple[CircleSession, Client]) -> None:
    session, bob = prepared
    bring = reverse("sessions:preparation_bring", args=[session.code])
    assert "Nothing stands on your sheet yet." in bob.post(bring, follow=True).content.decode()
    bob.post(reverse("sessions:preparation", args=[session.code]), ANSWERS)
    bob.post(bring)
    issue = Issue.objects.get()
    assert (issue.title, issue.text, issue.told) == ("canary at work", "canary hope", False)
    assert SheetAnswer.objects.count() == 2  # the sheet stays
    assert "You bring something already." in bob.post(bring, follow=True).content.decode()


def test_a_first_answer_that_is_long_is_kept_whole_in_the_lines(prepared: tuple[CircleSession, Client]) -> None:
    session, bob = prepared
    told = "word " * 150
    bob.post(reverse("sessions:preparation", args=[session.code]), {"answer_0": told})
    bob.post(reverse("sessions:preparation_bring", args=[session.code]))
    issue = Issue.objects.get()
    assert len(issue.title) == 160
    assert issue.title.endswith("…")
    assert issue.text == told.strip()


def test_what_one_prepared_is_shown_in_ones_own_turn_and_to_oneself_alone(
    prepared: tuple[CircleSession, Client], people: Cast, clock: Any
) -> None:
    session, bob = prepared
    bob.post(reverse("sessions:preparation", args=[session.code]), ANSWERS)
    clock.move_to(session.starts_at)
    bob = signed_in(people.bob)
    here = [people.alice.pk, people.bob.pk, people.carol.pk]
    session_start(
        session=session, here=here, presenting=[people.bob.pk], expected_seq=0, by=people.alice, now=session.starts_at
    )
    room, seen = reverse("sessions:live", args=[session.code]), []
    alice = signed_in(people.alice)
    for seq in range(1, 12):
        page = bob.get(room)
        assert "canary hope" in page.content.decode()
        seen.append(('data-key="sheet"' in page.content.decode(), page.context["is_presenter"]))
        assert "canary" not in alice.get(room).content.decode()
        if bob.get(room).context["is_presenter"]:
            break
        alice.post(reverse("sessions:command", args=[session.code, "next"]), {"expected_seq": seq})
    assert seen[-1] == (True, True)
    assert not any(shown for shown, own in seen[:-1])
    # Written after the turn, or during it, it is kept and told nobody.
    bob.post(reverse("sessions:preparation", args=[session.code]), {**ANSWERS, "answer_2": "canary late"})
    assert SheetAnswer.objects.count() == 3
    CircleSession.objects.filter(pk=session.pk).update(status="ended", ended_at=NOW)
    session.refresh_from_db()
    late = bob.post(reverse("sessions:preparation", args=[session.code]), {"answer_0": "too late"})
    assert "too late" in late.content.decode()
    assert SheetAnswer.objects.count() == 3


def test_what_was_written_below_other_questions_is_given_back(
    prepared: tuple[CircleSession, Client], people: Cast
) -> None:
    """The page of the sheet is open while two sessions of the journey are swapped."""
    session, bob = prepared
    path = reverse("sessions:preparation", args=[session.code])
    shown = bob.get(path).context["form"]["leg"].value()
    leg_swap(leg=Leg.objects.get(number=1), now=NOW)
    typed = {**ANSWERS, "leg": shown, "answer_4": "canary below a question more"}
    page = bob.post(path, typed, follow=True)
    assert "these are other questions now" in str(page.context["form"].errors["answer_0"])
    assert not SheetAnswer.objects.exists()
    for words in ("canary at work", "canary hope", "canary below a question more"):
        assert words in page.content.decode()
    assert bob.post(path, {**ANSWERS, "leg": bob.get(path).context["form"]["leg"].value()}).status_code == 302
    assert {one.leg.number for one in SheetAnswer.objects.all()} == {1}


@pytest.mark.parametrize(
    ("status", "said"),
    [("running", "You bring this now."), ("ended", "The session is over."), ("cancelled", "The session is over.")],
)
def test_turning_a_sheet_into_an_issue_says_what_became_of_it_also_later(
    prepared: tuple[CircleSession, Client], people: Cast, status: str, said: str
) -> None:
    session, bob = prepared
    sheet_write(session=session, leg=session.leg, owner=people.bob, texts={0: "canary at work"}, now=NOW)
    over = {"ended_at": NOW} if status == "ended" else {}
    CircleSession.objects.filter(pk=session.pk).update(status=status, started_at=NOW, **over)
    page = bob.post(reverse("sessions:preparation_bring", args=[session.code]), follow=True)
    assert said in page.content.decode()
    assert Issue.objects.count() == (1 if status == "running" else 0)
    assert said not in bob.get(reverse("pages:today")).content.decode()


def test_a_sheet_is_closed_once_the_session_is_over(prepared: tuple[CircleSession, Client], people: Cast) -> None:
    session, _bob = prepared
    leg = Leg.objects.get(session=session)
    CircleSession.objects.filter(pk=session.pk).update(status="ended", ended_at=NOW)
    with pytest.raises(Refused, match="nothing is kept here"):
        sheet_write(session=session, leg=leg, owner=people.bob, texts={0: "late"}, now=NOW)
    assert not SheetAnswer.objects.exists()


def test_it_is_offered_two_days_before_to_whoever_comes_and_has_not_written(
    prepared: tuple[CircleSession, Client], people: Cast
) -> None:
    from notifications.models import Message
    from sessions.mails.reminders import sheet
    from sessions.planning.bringing_services import rsvp_set
    from sessions.planning.reminder_services import reminders_plan

    session, bob = prepared
    reminders_plan(now=NOW + timedelta(days=1))
    rows = {row.user: row for row in Message.objects.filter(kind="sheet_offered", subject_code=session.code)}
    assert set(rows) == {people.alice, people.bob, people.carol, people.dave}
    assert {row.due_at for row in rows.values()} == {session.starts_at - timedelta(days=2)}
    due = session.starts_at - timedelta(days=2)
    assert sheet(rows[people.carol], due)
    bob.post(reverse("sessions:preparation", args=[session.code]), ANSWERS)
    assert sheet(rows[people.bob], due) is None
    rsvp_set(session=session, user=people.dave, answer="no", now=NOW)  # type: ignore[arg-type]
    assert sheet(rows[people.dave], due) is None
    journey_leave(circle=people.circle, by=people.alice, now=NOW)
    assert sheet(rows[people.carol], due) is None
